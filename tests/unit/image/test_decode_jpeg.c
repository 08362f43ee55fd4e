/* test_decode_jpeg.c: JPEG of every kind against a plain run of libjpeg: colours, sampling, scans, scaling, CMYK. */
#include "tests/unit/image/decode_try.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

static const uint32_t sizes[][2] = { { 1, 1 }, { 8, 8 }, { 50, 37 }, { 17, 90 } };

static void equals_libjpeg(const struct try_jpeg *shape)
{
    static const struct {
        uint32_t wanted, channels;
        int color;
    } outs[] = { { 3, 3, JCS_RGB }, { 1, 1, JCS_GRAYSCALE }, { 4, 4, JCS_EXT_RGBA } };
    struct sl_buf file = try_jpeg(shape);
    struct sl_image image = { 0 };
    struct sl_image_info info;
    uint32_t width, height;
    for (size_t i = 0; i < 3; i++) {
        uint8_t *expected = try_jpeg_reference(&file, outs[i].color, 8, &width, &height);
        try_decode(&file, &(struct sl_image_options){ .channels = outs[i].wanted }, &image);
        try_equal(&image, expected, shape->width, shape->height, outs[i].channels);
        if (outs[i].color == (shape->color == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB)) {
            try_decode(&file, NULL, &image);
            try_equal(&image, expected, shape->width, shape->height, outs[i].channels);
        }
        free(expected);
    }
    assert_int_equal(sl_image_probe(try_str(&file), NULL, &info, NULL), SL_OK);
    assert_int_equal(info.kind, SL_IMAGE_JPEG);
    assert_int_equal(info.width, shape->width);
    assert_int_equal(info.height, shape->height);
    assert_int_equal(info.channels, shape->color == JCS_GRAYSCALE ? 1 : 3);
    assert_int_equal(info.bits, 8);
    assert_int_equal(info.orientation, 1);
    assert_int_equal(info.interlaced, shape->progressive);
    sl_image_release(&image);
    sl_buf_release(&file);
}

static void every_jpeg_equals_what_libjpeg_makes_of_it(void **state)
{
    (void)state;
    for (int i = 0; i < 4 * 4 * 4; i++) {
        static const int sampling[][2] = { { 1, 1 }, { 2, 1 }, { 2, 2 }, { 1, 2 } };
        struct try_jpeg shape = { .width = sizes[i % 4][0],
                                  .height = sizes[i % 4][1],
                                  .color = JCS_RGB,
                                  .h = sampling[i / 4 % 4][0],
                                  .v = sampling[i / 4 % 4][1],
                                  .progressive = i / 16 % 2,
                                  .arithmetic = i / 32,
                                  .restart = i % 3 == 0 };
        equals_libjpeg(&shape);
        shape.color = JCS_GRAYSCALE;
        shape.h = shape.v = 1;
        equals_libjpeg(&shape);
        shape.color = shape.stored = JCS_RGB;
        equals_libjpeg(&shape);
    }
}

static unsigned least_scale(uint32_t width, uint32_t height, uint32_t w, uint32_t h)
{
    unsigned n = 1;
    while (n < 8 && ((width * n + 7) / 8 < w || (height * n + 7) / 8 < h)) {
        n *= 2;
    }
    return n;
}

static void scaled_decoding_takes_the_least_size_that_is_not_below(void **state)
{
    (void)state;
    struct sl_image image = { 0 };
    struct try_jpeg shape = { .width = 123, .height = 77, .color = JCS_RGB, .h = 2, .v = 2 };
    struct sl_buf upright = try_jpeg(&shape), lying = try_exif(&upright, 6, false);
    static const uint32_t targets[][2] = { { 1, 1 },   { 16, 10 },  { 17, 10 }, { 16, 11 }, { 31, 20 },
                                           { 32, 20 }, { 61, 0 },   { 0, 39 },  { 50, 50 }, { 62, 39 },
                                           { 100, 1 }, { 123, 77 }, { 500, 5 }, { 0, 0 } };
    unsigned seen = 0;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        uint32_t w = targets[i][0], h = targets[i][1], width, height;
        unsigned n = w || h ? least_scale(123, 77, w, h) : 8;
        uint8_t *expected = try_jpeg_reference(&upright, JCS_RGB, n, &width, &height);
        seen |= 1u << n;
        try_decode(&upright, &(struct sl_image_options){ .at_least_width = w, .at_least_height = h }, &image);
        try_equal(&image, expected, width, height, 3);
        assert_true(n == 8 || (width >= w && height >= h));
        /* A quarter turned, the two sides of the target change places. */
        try_decode(&lying, &(struct sl_image_options){ .at_least_width = h, .at_least_height = w }, &image);
        assert_int_equal(image.width, height);
        assert_int_equal(image.height, width);
        free(expected);
    }
    assert_int_equal(seen, 1 << 1 | 1 << 2 | 1 << 4 | 1 << 8);
    sl_image_release(&image);
    sl_buf_release(&upright);
    sl_buf_release(&lying);
}

static void cmyk_and_ycck_become_colours_as_adobe_means_them(void **state)
{
    (void)state;
    for (int ycck = 0; ycck < 2; ycck++) {
        struct try_jpeg shape = { .width = 40, .height = 33, .color = JCS_CMYK, .stored = ycck ? JCS_YCCK : JCS_CMYK };
        struct sl_buf file = try_jpeg(&shape);
        struct sl_image image = { 0 };
        uint32_t width, height;
        uint8_t *cmyk = try_jpeg_reference(&file, JCS_CMYK, 8, &width, &height), *rgb = malloc(40 * 33 * 3);
        assert_non_null(rgb);
        for (size_t i = 0; i < 40 * 33 * 3; i++) {
            double ink = 255 - cmyk[i / 3 * 4 + i % 3], k = cmyk[i / 3 * 4 + 3];
            rgb[i] = (uint8_t)(k - (int)(ink * k / 255 + 0.5));
        }
        try_decode(&file, NULL, &image);
        try_equal(&image, rgb, 40, 33, 3);
        try_decode(&file, &(struct sl_image_options){ .channels = 4 }, &image);
        for (size_t i = 0; i < 40 * 33; i++) {
            assert_memory_equal(image.pixels + 4 * i, rgb + 3 * i, 3);
            assert_int_equal(image.pixels[4 * i + 3], 255);
            rgb[i] = (uint8_t)((19595u * rgb[3 * i] + 38470u * rgb[3 * i + 1] + 7471u * rgb[3 * i + 2] + 32768u) >> 16);
        }
        try_decode(&file, &(struct sl_image_options){ .channels = 1 }, &image);
        try_equal(&image, rgb, 40, 33, 1);
        free(cmyk);
        free(rgb);
        sl_image_release(&image);
        sl_buf_release(&file);
    }
}

/* Where the pixel at (x, y) of the picture as it is to be seen lies in the file: what "row 0 is the visual top …" of
 * EXIF's table comes to, written out. */
static size_t stored_at(unsigned orientation, size_t x, size_t y, size_t w, size_t h)
{
    switch (orientation) {
    case 2: return y * w + (w - 1 - x);
    case 3: return (h - 1 - y) * w + (w - 1 - x);
    case 4: return (h - 1 - y) * w + x;
    case 5: return x * w + y;
    case 6: return (h - 1 - x) * w + y;
    case 7: return (h - 1 - x) * w + (w - 1 - y);
    case 8: return x * w + (w - 1 - y);
    default: return y * w + x;
    }
}

static void turned_as_exif_says(const struct sl_buf *plain, unsigned orientation, bool little, uint32_t channels)
{
    const size_t w = 37, h = 21, c = channels;
    struct sl_image flat = { 0 }, image = { 0 };
    struct sl_image_info info;
    struct sl_buf file = try_exif(plain, orientation, little);
    try_decode(plain, &(struct sl_image_options){ .channels = channels }, &flat);
    try_decode(&file, &(struct sl_image_options){ .channels = channels }, &image);
    uint8_t *expected = malloc(w * h * c);
    assert_non_null(expected);
    bool swaps = orientation >= 5 && orientation <= 8;
    size_t width = swaps ? h : w, height = swaps ? w : h;
    for (size_t i = 0; i < w * h; i++) {
        memcpy(expected + i * c, flat.pixels + stored_at(orientation, i % width, i / width, w, h) * c, c);
    }
    try_equal(&image, expected, (uint32_t)width, (uint32_t)height, channels);
    assert_int_equal(sl_image_probe(try_str(&file), NULL, &info, NULL), SL_OK);
    assert_int_equal(info.orientation, orientation >= 1 && orientation <= 8 ? orientation : 1);
    assert_int_equal(info.width, w);
    try_decode(&file, &(struct sl_image_options){ .channels = channels, .ignore_orientation = true }, &image);
    try_equal(&image, flat.pixels, (uint32_t)w, (uint32_t)h, channels);
    free(expected);
    sl_image_release(&flat);
    sl_image_release(&image);
    sl_buf_release(&file);
}

static void exif_orientation_turns_and_mirrors(void **state)
{
    (void)state;
    struct try_jpeg shape = { .width = 37, .height = 21, .color = JCS_RGB };
    struct sl_buf plain = try_jpeg(&shape);
    for (unsigned orientation = 0; orientation <= 9; orientation++) {
        turned_as_exif_says(&plain, orientation, orientation % 2, 3);
        turned_as_exif_says(&plain, orientation, orientation % 2 == 0, 1);
        turned_as_exif_says(&plain, orientation, true, 4);
    }
    sl_buf_release(&plain);
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
        cmocka_unit_test(every_jpeg_equals_what_libjpeg_makes_of_it),
        cmocka_unit_test(scaled_decoding_takes_the_least_size_that_is_not_below),
        cmocka_unit_test(cmyk_and_ycck_become_colours_as_adobe_means_them),
        cmocka_unit_test(exif_orientation_turns_and_mirrors),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
