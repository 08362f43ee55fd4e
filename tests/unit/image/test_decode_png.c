/* test_decode_png.c: PNG of every kind against libpng's simplified API, and what damage does to one. */
#include "tests/unit/image/decode_try.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    int color, depths[5];
    uint32_t channels;
    bool may_be_transparent;
} kinds[] = {
    { PNG_COLOR_TYPE_GRAY, { 1, 2, 4, 8, 16 }, 1, true }, { PNG_COLOR_TYPE_RGB, { 8, 16 }, 3, true },
    { PNG_COLOR_TYPE_PALETTE, { 1, 2, 4, 8 }, 3, true },  { PNG_COLOR_TYPE_GRAY_ALPHA, { 8, 16 }, 2, false },
    { PNG_COLOR_TYPE_RGB_ALPHA, { 8, 16 }, 4, false },
};

/* Call `look` with a file of each colour type, depth, interlace, transparency and some sizes; how many there were. */
static int for_each(void (*look)(const struct sl_buf *file, const struct try_png *shape, uint32_t channels))
{
    static const uint32_t sizes[][2] = { { 1, 1 }, { 7, 5 }, { 33, 18 } };
    int n = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int d = 0; d < 5 && kinds[k].depths[d]; d++) {
            for (int i = 0; i < 12; i++) {
                struct try_png shape = { .width = sizes[i % 3][0],
                                         .height = sizes[i % 3][1],
                                         .color = kinds[k].color,
                                         .depth = kinds[k].depths[d],
                                         .interlaced = i / 3 % 2,
                                         .transparent = i / 6 };
                if (shape.transparent && !kinds[k].may_be_transparent) {
                    continue;
                }
                struct sl_buf file = try_png(&shape);
                look(&file, &shape, kinds[k].channels + shape.transparent);
                sl_buf_release(&file);
                n++;
            }
        }
    }
    return n;
}

/* The simplified API mixes up rows of interlaced files with 16 bits in some releases (1.6.39 with the mending of
 * CVE-2025-65018), so there it is asked for the same pixels without interlace. */
static uint8_t *reference(const struct sl_buf *file, const struct try_png *shape, uint32_t channels)
{
    if (!shape->interlaced || shape->depth != 16) {
        return try_png_reference(file, channels);
    }
    struct try_png plain = *shape;
    plain.interlaced = false;
    struct sl_buf twin = try_png(&plain);
    uint8_t *pixels = try_png_reference(&twin, channels);
    sl_buf_release(&twin);
    return pixels;
}

static void look_as_stored(const struct sl_buf *file, const struct try_png *shape, uint32_t channels)
{
    struct sl_image image = { 0 };
    struct sl_image_info info;
    uint8_t *expected = reference(file, shape, channels), *rgba = reference(file, shape, 4);
    try_decode(file, NULL, &image);
    try_equal(&image, expected, shape->width, shape->height, channels);
    try_decode(file, &(struct sl_image_options){ .channels = 4 }, &image);
    try_equal(&image, rgba, shape->width, shape->height, 4);
    assert_int_equal(sl_image_probe(try_str(file), NULL, &info, NULL), SL_OK);
    assert_int_equal(info.kind, SL_IMAGE_PNG);
    assert_int_equal(info.width, shape->width);
    assert_int_equal(info.height, shape->height);
    assert_int_equal(info.channels, channels);
    assert_int_equal(info.interlaced, shape->interlaced);
    assert_int_equal(info.bits, shape->color == PNG_COLOR_TYPE_PALETTE ? 8 : shape->depth);
    free(expected);
    free(rgba);
    sl_image_release(&image);
}

static void every_png_equals_what_libpng_makes_of_it(void **state)
{
    (void)state;
    assert_int_equal(for_each(look_as_stored), 15 * 6 + 11 * 6);
}

static uint8_t grey_of(const uint8_t *p)
{
    return (uint8_t)((19595u * p[0] + 38470u * p[1] + 7471u * p[2] + 32768u) >> 16);
}

static void look_without_alpha(const struct sl_buf *file, const struct try_png *shape, uint32_t channels)
{
    struct sl_image image = { 0 };
    size_t n = (size_t)shape->width * shape->height;
    uint8_t *rgba = reference(file, shape, 4), *grey = malloc(n);
    assert_non_null(grey);
    for (size_t i = 0; i < n; i++) {
        memmove(rgba + 3 * i, rgba + 4 * i, 3);
        grey[i] = channels <= 2 ? rgba[3 * i] : grey_of(rgba + 3 * i);
    }
    try_decode(file, &(struct sl_image_options){ .channels = 3 }, &image);
    try_equal(&image, rgba, shape->width, shape->height, 3);
    try_decode(file, &(struct sl_image_options){ .channels = 1 }, &image);
    try_equal(&image, grey, shape->width, shape->height, 1);
    free(rgba);
    free(grey);
    sl_image_release(&image);
}

static void without_alpha_the_colours_stay_as_stored(void **state)
{
    (void)state;
    assert_int_equal(for_each(look_without_alpha), 15 * 6 + 11 * 6);
}

static uint8_t laid_over(uint8_t above, uint8_t below, uint8_t alpha)
{
    return (uint8_t)((above * alpha + below * (255 - alpha)) / 255.0 + 0.5);
}

static void look_over_background(const struct sl_buf *file, const struct try_png *shape, uint32_t channels)
{
    static const uint8_t ground[3] = { 200, 10, 90 };
    struct sl_image_options options = { .over_background = true, .background = { 200, 10, 90 }, .channels = 3 };
    struct sl_image image = { 0 };
    size_t n = (size_t)shape->width * shape->height;
    uint8_t *rgba = reference(file, shape, 4), *grey = malloc(n);
    assert_non_null(grey);
    for (size_t i = 0; i < n; i++) {
        uint8_t alpha = rgba[4 * i + 3], first = rgba[4 * i];
        for (size_t c = 0; c < 3; c++) {
            rgba[3 * i + c] = laid_over(rgba[4 * i + c], ground[c], alpha);
        }
        grey[i] = channels <= 2 ? laid_over(first, grey_of(ground), alpha) : grey_of(rgba + 3 * i);
    }
    try_decode(file, &options, &image);
    try_equal(&image, rgba, shape->width, shape->height, 3);
    options.channels = 1;
    try_decode(file, &options, &image);
    try_equal(&image, grey, shape->width, shape->height, 1);
    free(rgba);
    free(grey);
    sl_image_release(&image);
}

static void over_a_background_what_is_transparent_takes_its_colour(void **state)
{
    (void)state;
    assert_int_equal(for_each(look_over_background), 15 * 6 + 11 * 6);
}

static void gamma_changes_pixels_only_when_asked_for(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct try_png shape = { .width = 21, .height = 9, .color = kinds[k].color, .depth = 8 };
        struct sl_image image = { 0 };
        struct sl_buf plain = try_png(&shape);
        shape.gamma = 1.0;
        struct sl_buf linear = try_png(&shape);
        uint8_t *same = try_png_reference(&plain, kinds[k].channels);
        uint8_t *brighter = try_png_reference(&linear, kinds[k].channels);
        assert_memory_not_equal(same, brighter, 21 * 9);
        try_decode(&linear, NULL, &image);
        try_equal(&image, same, 21, 9, kinds[k].channels);
        try_decode(&linear, &(struct sl_image_options){ .apply_gamma = true }, &image);
        try_equal(&image, brighter, 21, 9, kinds[k].channels);
        free(same);
        free(brighter);
        sl_image_release(&image);
        sl_buf_release(&plain);
        sl_buf_release(&linear);
    }
}

/* A gamma chunk alone changes no pixel, whatever the kind. */
static void look_past_gamma(const struct sl_buf *file, const struct try_png *shape, uint32_t channels)
{
    struct try_png with = *shape;
    struct sl_image image = { 0 }, other = { 0 };
    with.gamma = 0.7;
    struct sl_buf told = try_png(&with);
    assert_true(told.n > file->n);
    try_decode(file, NULL, &image);
    try_decode(&told, NULL, &other);
    try_equal(&other, image.pixels, shape->width, shape->height, channels);
    try_decode(file, &(struct sl_image_options){ .apply_gamma = true }, &other);
    try_equal(&other, image.pixels, shape->width, shape->height, channels);
    sl_image_release(&image);
    sl_image_release(&other);
    sl_buf_release(&told);
}

static void gamma_is_passed_over_in_every_kind_of_png(void **state)
{
    (void)state;
    assert_int_equal(for_each(look_past_gamma), 15 * 6 + 11 * 6);
}

static const struct try_png small = { .width = 9, .height = 6, .color = PNG_COLOR_TYPE_RGB, .depth = 8 };

static void a_png_cut_anywhere_is_refused_with_a_reason(void **state)
{
    (void)state;
    for (int interlaced = 0; interlaced < 2; interlaced++) {
        struct try_png shape = small;
        shape.interlaced = interlaced;
        struct sl_buf file = try_png(&shape);
        for (size_t n = 0; n < file.n; n++) {
            try_refuses((struct sl_str){ file.p, n }, "cut.png", NULL, SL_EDATA, "'cut.png' is ");
        }
        sl_buf_release(&file);
    }
}

static void each_bit_of_a_png_that_turned_over_is_noticed(void **state)
{
    (void)state;
    struct sl_buf file = try_png(&small);
    for (size_t bit = 0; bit < 8 * file.n; bit++) {
        file.p[bit / 8] ^= (char)(1 << bit % 8);
        try_refuses(try_str(&file), "turned.png", NULL, SL_EDATA, "'turned.png' is ");
        file.p[bit / 8] ^= (char)(1 << bit % 8);
    }
    sl_buf_release(&file);
}

static void a_lost_end_is_damage_unless_lenient(void **state)
{
    (void)state;
    struct sl_buf file = try_png(&small);
    struct sl_image image = { 0 };
    uint8_t *expected = try_png_reference(&file, 3);
    file.n -= 12;
    try_refuses(try_str(&file), NULL, NULL, SL_EDATA, "the file ends too early");
    try_decode(&file, &(struct sl_image_options){ .lenient = true }, &image);
    try_equal(&image, expected, 9, 6, 3);
    free(expected);
    sl_image_release(&image);
    sl_buf_release(&file);
}

/* The picture alone would fit; what libpng and zlib need to unpack it does not. */
static void a_png_that_takes_more_memory_than_allowed_is_over_a_limit(void **state)
{
    (void)state;
    struct sl_buf file = try_png(&small);
    struct sl_image image = { 0 };
    size_t refused = 0;
    for (uint64_t most = 256; most <= 128 << 10; most *= 2) {
        const struct sl_image_options tight = { .max_bytes = most };
        struct sl_error err = SL_ERROR_INIT;
        int status = sl_image_decode(try_decoder(), try_str(&file), "a.png", &tight, &image, &err);
        if (status) {
            char limit[40];
            snprintf(limit, sizeof limit, "the limit of %u bytes", (unsigned)most);
            try_refuses(try_str(&file), "a.png", &tight, SL_ELIMIT, limit);
            refused++;
        }
    }
    assert_in_range(refused, 4, 9); /* 48 KiB or so are enough */
    assert_int_equal(image.width, 9);
    sl_image_release(&image);
    sl_buf_release(&file);
}

static void exif_in_a_png_turns_it(void **state)
{
    (void)state;
    uint8_t exif[26];
    struct try_png shape = small;
    struct sl_buf upright = try_png(&small);
    uint8_t *expected = try_png_reference(&upright, 3);
    struct sl_image image = { 0 };
    shape.exif = exif;
    shape.exif_n = try_exif_block(exif, 3, true);
    struct sl_buf file = try_png(&shape);
    try_decode(&file, &(struct sl_image_options){ .ignore_orientation = true }, &image);
    try_equal(&image, expected, 9, 6, 3);
    for (size_t i = 0, j = 53; i < j; i++, j--) {
        uint8_t kept[3];
        memcpy(kept, expected + 3 * i, 3);
        memcpy(expected + 3 * i, expected + 3 * j, 3);
        memcpy(expected + 3 * j, kept, 3);
    }
    try_decode(&file, NULL, &image);
    try_equal(&image, expected, 9, 6, 3);
    free(expected);
    sl_image_release(&image);
    sl_buf_release(&file);
    sl_buf_release(&upright);
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
        cmocka_unit_test(every_png_equals_what_libpng_makes_of_it),
        cmocka_unit_test(without_alpha_the_colours_stay_as_stored),
        cmocka_unit_test(over_a_background_what_is_transparent_takes_its_colour),
        cmocka_unit_test(gamma_changes_pixels_only_when_asked_for),
        cmocka_unit_test(gamma_is_passed_over_in_every_kind_of_png),
        cmocka_unit_test(a_png_cut_anywhere_is_refused_with_a_reason),
        cmocka_unit_test(each_bit_of_a_png_that_turned_over_is_noticed),
        cmocka_unit_test(a_lost_end_is_damage_unless_lenient),
        cmocka_unit_test(a_png_that_takes_more_memory_than_allowed_is_over_a_limit),
        cmocka_unit_test(exif_in_a_png_turns_it),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
