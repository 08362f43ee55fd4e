/* test_colour.c: colours reduced to those of a terminal. */
#include "tui/colour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int apart(const uint8_t a[3], const uint8_t b[3])
{
    int sum = 0;
    for (int c = 0; c < 3; c++)
        sum += (a[c] - b[c]) * (a[c] - b[c]);
    return sum;
}

static void every_colour_of_the_256_is_its_own_nearest(void **state)
{
    (void)state;
    for (int i = 16; i < 256; i++) {
        uint8_t rgb[3], near[3];
        colour_rgb(i, rgb);
        colour_rgb(colour_of_256(rgb), near);
        assert_int_equal(apart(rgb, near), 0);
    }
}

static void no_colour_of_the_cube_or_the_greys_is_much_nearer(void **state)
{
    (void)state;
    for (int k = 0; k < 4096; k++) {
        uint8_t rgb[3] = { (uint8_t)(k % 16 * 17), (uint8_t)(k / 16 % 16 * 17), (uint8_t)(k / 256 * 17) }, at[3];
        colour_rgb(colour_of_256(rgb), at);
        int best = 1 << 30;
        for (int i = 16; i < 256; i++) {
            uint8_t other[3];
            colour_rgb(i, other);
            best = apart(rgb, other) < best ? apart(rgb, other) : best;
        }
        assert_int_equal(apart(rgb, at), best);
    }
}

static void sixteen_colours_take_the_nearest(void **state)
{
    (void)state;
    const struct {
        uint8_t rgb[3];
        int index;
    } cases[] = { { { 0, 0, 0 }, 0 },        { { 200, 10, 10 }, 1 }, { { 255, 0, 0 }, 9 },    { { 120, 130, 125 }, 8 },
                  { { 255, 255, 255 }, 15 }, { { 0, 0, 200 }, 4 },   { { 250, 250, 5 }, 11 }, { { 0, 190, 5 }, 2 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(colour_of_16(cases[i].rgb), cases[i].index);
}

static void a_dithered_area_keeps_its_mean(void **state)
{
    (void)state;
    const uint8_t grey[3] = { 100, 120, 140 };
    int sum[3] = { 0 }, low = 255, high = 0;
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++) {
            uint8_t out[3];
            colour_dither(grey, y, x, 96, out);
            for (int c = 0; c < 3; c++)
                sum[c] += out[c];
            low = out[0] < low ? out[0] : low;
            high = out[0] > high ? out[0] : high;
        }
    for (int c = 0; c < 3; c++)
        assert_int_equal(sum[c], 16 * grey[c]);
    assert_int_equal(high - low, 90);
}

static void dithering_stays_between_black_and_white(void **state)
{
    (void)state;
    const uint8_t black[3] = { 0, 3, 5 }, white[3] = { 255, 250, 254 };
    for (int at = 0; at < 16; at++) {
        uint8_t a[3], b[3];
        colour_dither(black, at / 4, at % 4, 96, a);
        colour_dither(white, at / 4, at % 4, 96, b);
        for (int c = 0; c < 3; c++)
            assert_true(a[c] <= 50 && b[c] >= 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_colour_of_the_256_is_its_own_nearest),
        cmocka_unit_test(no_colour_of_the_cube_or_the_greys_is_much_nearer),
        cmocka_unit_test(sixteen_colours_take_the_nearest),
        cmocka_unit_test(a_dithered_area_keeps_its_mean),
        cmocka_unit_test(dithering_stays_between_black_and_white),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
