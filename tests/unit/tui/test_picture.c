/* test_picture.c: pictures in terminal cells: their size, their colours. */
#include "tui/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void the_range_covers_all_finite_values(void **state)
{
    (void)state;
    const float at[] = { 3, NAN, -2, INFINITY, 5, 0 };
    struct picture p = { .height = 2, .breadth = 3, .channels = 1, .at = at };
    picture_range(&p);
    assert_float_equal(p.low, -2, 0);
    assert_float_equal(p.high, 5, 0);
    p.signs = true;
    picture_range(&p);
    assert_float_equal(p.low, -5, 0);
    assert_float_equal(p.high, 5, 0);
    const float flat[] = { 4, 4 };
    struct picture q = { .height = 1, .breadth = 2, .channels = 1, .at = flat };
    picture_range(&q);
    assert_true(q.low < q.high);
}

static void a_pixel_is_the_mean_of_what_it_covers(void **state)
{
    (void)state;
    float at[4 * 4];
    for (int i = 0; i < 16; i++)
        at[i] = (float)(i / 8 * 2 + i % 4 / 2); /* four blocks of 2 × 2: 0 1, 2 3 */
    struct picture p = { .height = 4, .breadth = 4, .channels = 1, .at = at, .low = 0, .high = 3 };
    for (int y = 0; y < 2; y++)
        for (int x = 0; x < 2; x++) {
            uint8_t rgb[3];
            picture_pixel(&p, 2, 2, y, x, rgb);
            assert_int_equal(rgb[0], 85 * (2 * y + x));
            assert_int_equal(rgb[0], rgb[1]);
            assert_int_equal(rgb[1], rgb[2]);
            uint8_t large[3];
            picture_pixel(&p, 8, 8, 4 * y + 3, 4 * x, large); /* drawn larger: the same blocks */
            assert_memory_equal(rgb, large, 3);
        }
}

static void three_channels_are_red_green_and_blue(void **state)
{
    (void)state;
    const float at[] = { 0, 0.5f, 1, 1, 0, 0 };
    struct picture p = { .height = 1, .breadth = 2, .channels = 3, .at = at, .low = 0, .high = 1 };
    uint8_t rgb[3];
    picture_pixel(&p, 1, 2, 0, 0, rgb);
    assert_int_equal(rgb[0], 0);
    assert_int_equal(rgb[1], 128);
    assert_int_equal(rgb[2], 255);
}

static void weights_below_and_above_zero_have_different_colours(void **state)
{
    (void)state;
    const float at[] = { -1, 0, 1, NAN };
    struct picture p = { .height = 1, .breadth = 4, .channels = 1, .at = at, .signs = true };
    picture_range(&p);
    uint8_t below[3], zero[3], above[3], lost[3];
    picture_pixel(&p, 1, 4, 0, 0, below);
    picture_pixel(&p, 1, 4, 0, 1, zero);
    picture_pixel(&p, 1, 4, 0, 2, above);
    picture_pixel(&p, 1, 4, 0, 3, lost);
    assert_true(below[2] > below[0] && above[0] > above[2]);
    assert_true(zero[0] + zero[1] + zero[2] == 0);
    assert_true(lost[0] == 255 && lost[1] == 0 && lost[2] == 255);
}

static void a_picture_fits_and_keeps_its_shape(void **state)
{
    (void)state;
    const uint32_t sizes[][2] = { { 28, 28 }, { 1, 1 }, { 100, 3 }, { 3, 100 }, { 1000, 1000 }, { 7, 5 } };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int rows = 0; rows < 40; rows++)
            for (int columns = 0; columns < 90; columns += 7) {
                struct picture p = { .height = sizes[i][0], .breadth = sizes[i][1], .channels = 1 };
                int h = -1, w = -1;
                picture_size(&p, rows, columns, &h, &w);
                if (!rows || !columns) {
                    assert_int_equal(h + w, 0);
                    continue;
                }
                assert_in_range(h, 1, rows);
                assert_in_range(w, 1, columns);
                if (h > 4 && w > 4) { /* rounding apart: as wide to high as it is */
                    double is = (double)w / (2 * h), wanted = (double)sizes[i][1] / sizes[i][0];
                    assert_true(is > wanted * 0.7 && is < wanted * 1.4);
                }
            }
}

static void a_few_weights_far_out_do_not_leave_the_others_black(void **state)
{
    (void)state;
    float at[400];
    for (int i = 0; i < 400; i++)
        at[i] = i % 2 ? 0.1f : -0.1f;
    at[7] = 5;
    struct picture p = { .height = 20, .breadth = 20, .channels = 1, .at = at, .signs = true };
    picture_range(&p);
    assert_true(p.high < 1 && p.high > 0.3f);
    assert_float_equal(p.low, -p.high, 0);
    uint8_t rgb[3];
    picture_pixel(&p, 20, 20, 0, 7, rgb); /* what is beyond is as bright as can be */
    assert_int_equal(rgb[0], 255);
    p.signs = false; /* brightness is never cut */
    picture_range(&p);
    assert_float_equal(p.high, 5, 0);
}

static void bytes_are_averaged_and_shown_as_they_are(void **state)
{
    (void)state;
    const uint8_t at[2 * 4 * 3] = {
        10, 20, 30, 30, 40, 50, 0, 0, 0, 0, 0, 0, 50, 60, 70, 70, 80, 90, 0, 0, 0, 0, 0, 255
    };
    struct picture p = { .height = 2, .breadth = 4, .channels = 3, .pixels = at };
    uint8_t rgb[3];
    picture_pixel(&p, 1, 2, 0, 0, rgb);
    assert_memory_equal(rgb, ((uint8_t[]){ 40, 50, 60 }), 3);
    picture_pixel(&p, 1, 2, 0, 1, rgb);
    assert_memory_equal(rgb, ((uint8_t[]){ 0, 0, 64 }), 3);
    picture_pixel(&p, 2, 4, 1, 0, rgb);
    assert_memory_equal(rgb, ((uint8_t[]){ 50, 60, 70 }), 3);
}

static void what_is_clear_shows_a_checkerboard_and_no_colour_of_its_own(void **state)
{
    (void)state;
    uint8_t at[24 * 24 * 4];
    for (size_t i = 0; i < 24 * 24; i++) { /* left half clear red, right half solid blue */
        bool clear = i % 24 < 12;
        memcpy(at + 4 * i, clear ? (uint8_t[]){ 255, 0, 0, 0 } : (uint8_t[]){ 0, 0, 200, 255 }, 4);
    }
    struct picture p = { .height = 24, .breadth = 24, .channels = 4, .pixels = at };
    int light = 0, dark = 0;
    for (int y = 0; y < 24; y++)
        for (int x = 0; x < 24; x++) {
            uint8_t rgb[3];
            picture_pixel(&p, 24, 24, y, x, rgb);
            if (x >= 12) {
                assert_memory_equal(rgb, ((uint8_t[]){ 0, 0, 200 }), 3);
                continue;
            }
            assert_true(rgb[0] == rgb[1] && rgb[1] == rgb[2]);
            light += rgb[0] == 204;
            dark += rgb[0] == 153;
        }
    assert_int_equal(light, 144);
    assert_int_equal(dark, 144);
    const uint8_t half[2] = { 100, 51 }; /* grey and alpha, a fifth */
    struct picture q = { .height = 1, .breadth = 1, .channels = 2, .pixels = half };
    uint8_t rgb[3];
    picture_pixel(&q, 1, 1, 0, 0, rgb);
    assert_int_equal(rgb[0], (100 * 51 + 204 * 204 + 127) / 255);
}

static void a_small_copy_keeps_shape_and_mean(void **state)
{
    (void)state;
    uint8_t at[40 * 60];
    for (int i = 0; i < 40 * 60; i++)
        at[i] = (uint8_t)(i % 60 < 30 ? 10 : 200);
    struct picture p = { .height = 40, .breadth = 60, .channels = 1, .pixels = at }, small;
    assert_true(picture_shrink(&p, 30, 30, &small));
    assert_int_equal(small.height, 20);
    assert_int_equal(small.breadth, 30);
    assert_int_equal(small.channels, 3);
    assert_int_equal(small.pixels[0], 10);
    assert_int_equal(small.pixels[20 * 30 * 3 - 1], 200);
    free((void *)small.pixels);
    assert_true(picture_shrink(&p, 100, 100, &small)); /* never larger */
    assert_int_equal(small.height, 40);
    free((void *)small.pixels);
}

static void cells_of_any_kind_of_picture_are_found(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    struct sl_field fields[] = {
        { .name = "photo", .type = SL_IMAGE, .channels = 3 },
        { .name = "bytes",
          .type = SL_VECTOR,
          .width = 4,
          .height = 2,
          .breadth = 2,
          .channels = 1,
          .bytes = true,
          .scale = 1 / 255.0f },
        { .name = "floats", .type = SL_VECTOR, .width = 4, .height = 2, .breadth = 2, .channels = 1 },
        { .name = "flat", .type = SL_VECTOR, .width = 4 },
    };
    struct sl_schema schema = { fields, 4 };
    const uint8_t photo[] = { 1, 2, 3, 4, 5, 6 };
    struct sl_picture cells[1] = { { photo, 1, 2 } };
    uint8_t bytes[] = { 0, 85, 170, 255 };
    float floats[] = { -1, 0, 1, 3 };
    struct sl_column columns[4] = {
        { .picture = cells }, { .bytes = bytes }, { .vector = floats }, { .vector = floats }
    };
    struct sl_chunk chunk = { .schema = &schema, .n = 1, .columns = columns };
    const struct picture *p = picture_of_cell(&chunk, 0, 0, &arena);
    assert_true(p && p->height == 1 && p->breadth == 2 && p->channels == 3 && p->pixels == photo);
    p = picture_of_cell(&chunk, 1, 0, &arena);
    assert_true(p && p->pixels == bytes && p->height == 2);
    p = picture_of_cell(&chunk, 2, 0, &arena);
    assert_true(p && !p->pixels && p->at);
    assert_float_equal(p->low, -1, 0);
    assert_float_equal(p->high, 3, 0);
    assert_null(picture_of_cell(&chunk, 3, 0, &arena));
    uint64_t none = 0;
    columns[0].valid = &none;
    assert_null(picture_of_cell(&chunk, 0, 0, &arena));
    sl_arena_release(&arena);
}

static void few_shades_are_spread_over_what_is_in_a_picture(void **state)
{
    (void)state;
    uint8_t at[100 * 100];
    for (int i = 0; i < 100 * 100; i++)
        at[i] = (uint8_t)(100 + i % 100 / 2); /* 100 to 149 */
    at[0] = 0;                                /* one pixel far out changes nothing */
    struct picture p = { .height = 100, .breadth = 100, .channels = 1, .pixels = at };
    picture_spread(&p);
    assert_in_range(p.dark, 100, 102);
    assert_in_range(p.bright, 147, 149);
    uint8_t rgb[3];
    picture_pixel(&p, 100, 100, 50, 0, rgb);
    assert_int_equal(rgb[0], 0);
    picture_pixel(&p, 100, 100, 50, 99, rgb);
    assert_int_equal(rgb[0], 255);
    memset(at, 77, sizeof at); /* an even one stays as it is */
    struct picture q = { .height = 100, .breadth = 100, .channels = 1, .pixels = at };
    picture_spread(&q);
    picture_pixel(&q, 10, 10, 5, 5, rgb);
    assert_int_equal(rgb[0], 77);
}

static void the_ramp_goes_from_dark_to_bright(void **state)
{
    (void)state;
    static const char ramp[] = " .:-=+*#%@";
    uint8_t at[256];
    for (int i = 0; i < 256; i++)
        at[i] = (uint8_t)i;
    struct picture p = { .height = 1, .breadth = 256, .channels = 1, .pixels = at };
    size_t last = 0;
    for (int x = 0; x < 256; x++) {
        const char *c = strchr(ramp, picture_character(&p, 1, 256, 0, x));
        assert_non_null(c);
        assert_true((size_t)(c - ramp) >= last);
        last = (size_t)(c - ramp);
    }
    assert_int_equal(last, sizeof ramp - 2);
    assert_int_equal(picture_character(&p, 1, 256, 0, 0), ' ');
    const float weights[] = { -1, 0, 1, NAN };
    struct picture w = { .height = 1, .breadth = 4, .channels = 1, .at = weights, .signs = true };
    picture_range(&w);
    assert_int_equal(picture_character(&w, 1, 4, 0, 0), '%');
    assert_int_equal(picture_character(&w, 1, 4, 0, 1), ' ');
    assert_int_equal(picture_character(&w, 1, 4, 0, 2), '#');
    assert_int_equal(picture_character(&w, 1, 4, 0, 3), '!');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_covers_all_finite_values),
        cmocka_unit_test(a_pixel_is_the_mean_of_what_it_covers),
        cmocka_unit_test(three_channels_are_red_green_and_blue),
        cmocka_unit_test(weights_below_and_above_zero_have_different_colours),
        cmocka_unit_test(a_few_weights_far_out_do_not_leave_the_others_black),
        cmocka_unit_test(a_picture_fits_and_keeps_its_shape),
        cmocka_unit_test(bytes_are_averaged_and_shown_as_they_are),
        cmocka_unit_test(what_is_clear_shows_a_checkerboard_and_no_colour_of_its_own),
        cmocka_unit_test(a_small_copy_keeps_shape_and_mean),
        cmocka_unit_test(cells_of_any_kind_of_picture_are_found),
        cmocka_unit_test(few_shades_are_spread_over_what_is_in_a_picture),
        cmocka_unit_test(the_ramp_goes_from_dark_to_bright),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
