/* test_picture.c: pictures in terminal cells: their size, their colours. */
#include "tui/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_range_covers_all_finite_values),
        cmocka_unit_test(a_pixel_is_the_mean_of_what_it_covers),
        cmocka_unit_test(three_channels_are_red_green_and_blue),
        cmocka_unit_test(weights_below_and_above_zero_have_different_colours),
        cmocka_unit_test(a_few_weights_far_out_do_not_leave_the_others_black),
        cmocka_unit_test(a_picture_fits_and_keeps_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
