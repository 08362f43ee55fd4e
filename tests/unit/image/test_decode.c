/* test_decode.c: what a file is, what its name says, limits, and memory that is used again. */
#include "tests/unit/image/decode_try.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static struct sl_buf some_png(void)
{
    return try_png(&(struct try_png){ .width = 30, .height = 20, .color = PNG_COLOR_TYPE_RGB, .depth = 8 });
}

static struct sl_buf some_jpeg(void)
{
    return try_jpeg(&(struct try_jpeg){ .width = 30, .height = 20, .color = JCS_RGB });
}

static void other_kinds_are_named(void **state)
{
    (void)state;
    static const struct {
        struct sl_str bytes;
        const char *reason;
    } files[] = {
        { { "GIF89a..........", 16 }, "'a.png' is a GIF, which is not decoded here" },
        { { "RIFF\x10\0\0\0WEBPVP8 ", 16 }, "is a WebP" },
        { { "II*\0\x08\0\0\0", 8 }, "is a TIFF" },
        { { "BM......", 8 }, "is a BMP" },
        { { "\0\0\0\x1c"
            "ftypavif",
            12 },
          "is an AVIF" },
        { { "<!DOCTYPE html><p>404", 21 }, "is a web page" },
        { { "\x1f\x8b\x08\0\0\0\0\0", 8 }, "is a gzip file" },
        { { "\x89PNG\n\x1a\n\0\0", 9 }, "signature is damaged, as by a transfer in text mode" },
        { { "\x89PN", 3 }, "is cut off after 3 bytes" },
        { { "hello, world", 12 }, "is neither a PNG nor a JPEG: it begins with 68 65 6c 6c 6f 2c 20 77" },
        { { "", 0 }, "is empty" },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        try_refuses(files[i].bytes, "photos/a.png", NULL, SL_EDATA, files[i].reason);
        assert_int_equal(sl_image_kind_of(files[i].bytes), SL_IMAGE_UNKNOWN);
    }
}

static void a_name_that_promises_another_kind_is_refused_unless_any_will_do(void **state)
{
    (void)state;
    struct sl_buf png = some_png(), jpeg = some_jpeg();
    struct sl_image image = { 0 };
    static const char *const fine[] = { "a.jpg", "b.JPEG", "c.d/e", "x.jpg.part", NULL, "" };
    try_refuses(try_str(&jpeg), "a/b.png", NULL, SL_EDATA, "'b.png' is a JPEG by its contents");
    try_refuses(try_str(&jpeg), "b.GIF", NULL, SL_EDATA, "'b.GIF' is a JPEG by its contents");
    try_refuses(try_str(&png), "b.jpeg", NULL, SL_EDATA, "'b.jpeg' is a PNG by its contents");
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
        assert_int_equal(sl_image_decode(try_decoder(), try_str(&jpeg), fine[i], NULL, &image, NULL), SL_OK);
    }
    const struct sl_image_options any = { .any_name = true };
    assert_int_equal(sl_image_decode(try_decoder(), try_str(&jpeg), "b.png", &any, &image, NULL), SL_OK);
    assert_int_equal(image.width, 30);
    sl_image_release(&image);
    sl_buf_release(&png);
    sl_buf_release(&jpeg);
}

static void a_picture_over_a_limit_is_refused_and_at_it_decoded(void **state)
{
    (void)state;
    struct sl_buf files[] = { some_png(), some_jpeg() };
    for (size_t i = 0; i < 2; i++) {
        struct sl_image image = { 0 };
        try_decode(&files[i], &(struct sl_image_options){ .max_side = 30, .max_pixels = 600, .max_bytes = 64 * 1024 },
                   &image);
        assert_int_equal(image.height, 20);
        try_refuses(try_str(&files[i]), "big", &(struct sl_image_options){ .max_side = 29 }, SL_ELIMIT,
                    "'big' has 30×20 pixels: a side over the limit of 29");
        try_refuses(try_str(&files[i]), "big", &(struct sl_image_options){ .max_pixels = 599 }, SL_ELIMIT,
                    "'big' has 30×20 pixels, 600 together: over the limit of 599");
        sl_image_release(&image);
        sl_buf_release(&files[i]);
    }
}

/* A header that lies: 60,000 × 60,000 in a file of a hundred bytes must not cost memory. */
static void a_bomb_is_refused_by_the_defaults(void **state)
{
    (void)state;
    struct sl_buf jpeg = some_jpeg();
    for (size_t i = 0; i + 9 < jpeg.n; i++) {
        if ((unsigned char)jpeg.p[i] == 0xff && (unsigned char)jpeg.p[i + 1] == 0xc0) {
            memcpy(jpeg.p + i + 5, "\xea\x60\xea\x60", 4);
        }
    }
    try_refuses(try_str(&jpeg), "bomb.jpg", NULL, SL_ELIMIT,
                "'bomb.jpg' has 60000×60000 pixels, 3600000000 together: over the limit of 178956970");
    sl_buf_release(&jpeg);
}

static void two_channels_cannot_be_asked_for(void **state)
{
    (void)state;
    struct sl_buf png = some_png();
    try_refuses(try_str(&png), NULL, &(struct sl_image_options){ .channels = 2 }, SL_EPARAM, "2 channels");
    try_refuses(try_str(&png), NULL, &(struct sl_image_options){ .channels = 5 }, SL_EPARAM, "5 channels");
    sl_buf_release(&png);
}

static void memory_of_a_picture_is_used_again(void **state)
{
    (void)state;
    struct sl_image image = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_image_make(&image, 100, 50, 4, &err), SL_OK);
    uint8_t *pixels = image.pixels;
    assert_int_equal(image.room, 20000);
    memset(pixels, 7, 20000);
    assert_int_equal(sl_image_make(&image, 200, 33, 3, &err), SL_OK);
    assert_ptr_equal(image.pixels, pixels);
    assert_int_equal(image.room, 20000);
    struct sl_buf png = some_png();
    try_decode(&png, NULL, &image);
    assert_ptr_equal(image.pixels, pixels);
    assert_int_equal(sl_image_make(&image, 0, 1, 1, &err), SL_EPARAM);
    assert_int_equal(sl_image_make(&image, 1, 0, 1, &err), SL_EPARAM);
    assert_int_equal(sl_image_make(&image, 1, 1, 0, &err), SL_EPARAM);
    assert_int_equal(sl_image_make(&image, 1, 1, 5, &err), SL_EPARAM);
    assert_int_equal(sl_image_make(&image, UINT32_MAX, UINT32_MAX, 4, &err), SL_ELIMIT);
    assert_int_equal(image.width, 30);
    assert_ptr_equal(image.pixels, pixels);
    sl_image_release(&image);
    assert_null(image.pixels);
    sl_image_release(&image);
    sl_image_release(NULL);
    sl_image_decoder_free(NULL);
    sl_buf_release(&png);
}

static void a_decoder_goes_on_after_any_failure(void **state)
{
    (void)state;
    struct sl_buf png = some_png(), jpeg = some_jpeg();
    uint32_t width, height;
    uint8_t *colors = try_png_reference(&png, 3), *photo = try_jpeg_reference(&jpeg, JCS_RGB, 8, &width, &height);
    struct sl_image image = { 0 };
    for (size_t n = 0; n < jpeg.n; n += 7) {
        try_refuses((struct sl_str){ jpeg.p, n }, NULL, NULL, SL_EDATA, "");
        try_refuses((struct sl_str){ png.p, n < png.n ? n : png.n - 1 }, NULL, NULL, SL_EDATA, "");
        try_decode(&png, NULL, &image);
        try_equal(&image, colors, 30, 20, 3);
        try_decode(&jpeg, NULL, &image);
        try_equal(&image, photo, 30, 20, 3);
    }
    free(colors);
    free(photo);
    sl_image_release(&image);
    sl_buf_release(&png);
    sl_buf_release(&jpeg);
}

static int end(void **state)
{
    (void)state;
    try_decoder_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kinds_are_named),
        cmocka_unit_test(a_name_that_promises_another_kind_is_refused_unless_any_will_do),
        cmocka_unit_test(a_picture_over_a_limit_is_refused_and_at_it_decoded),
        cmocka_unit_test(a_bomb_is_refused_by_the_defaults),
        cmocka_unit_test(two_channels_cannot_be_asked_for),
        cmocka_unit_test(memory_of_a_picture_is_used_again),
        cmocka_unit_test(a_decoder_goes_on_after_any_failure),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
