/* standardize: the numbers of scikit-learn's StandardScaler. */
#include "encoder_numbers.h"
#include "stage_try.h"

#include "engine/stages/scale.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void columns_are_scaled_as_by_scikit_learn(void **state)
{
    (void)state;
    assert_numbers_golden("standardize", "tests/golden/standardize.tsv", 1e-13);
}

static void statistics_come_from_the_training_records_alone(void **state)
{
    (void)state;
    struct try_options half = { .fit_half = true };
    assert_stage_with("standardize x", "x\n1\n3\n100\n\n", &half, "x\n-1\n1\n98\n\n");
}

static void a_column_without_values_or_with_infinite_ones_is_refused(void **state)
{
    (void)state;
    struct try_options half = { .fit_half = true };
    assert_refused("standardize x", "x,y\n,1\n,2\n3,3\n4,4\n", &half, SL_EDATA, "'x' has no value");
    assert_refused("standardize c", "c\nred\n", NULL, SL_ESCHEMA, "type text");
    struct encoder e;
    encoder_must_open(&e, "standardize x", "x:number");
    e.chunk[0] = encoder_chunk(&e, 2);
    e.chunks = 1;
    encoder_set_number(&e, &e.chunk[0], 0, 1, (double)INFINITY);
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_EDATA);
    assert_non_null(strstr(e.err.what, "record 1"));
    encoder_close(&e);
}

/* Moments of 10,000 numbers far from zero, in chunks of any size: nearest to what exact arithmetic gives. */
static void moments_lose_nothing_to_the_order_or_the_offset(void **state)
{
    (void)state;
    struct encoder e;
    encoder_must_open(&e, "standardize x", "x:number");
    for (uint32_t most = 1; most <= 10000; most *= 10) {
        struct sl_moments all = SL_MOMENTS_NONE;
        for (uint32_t first = 0; first < 10000; first += most) {
            struct sl_chunk chunk = encoder_chunk(&e, most);
            struct sl_moments part = SL_MOMENTS_NONE;
            for (uint32_t i = 0; i < most; i++) {
                encoder_set_number(&e, &chunk, 0, i, 1e9 + (first + i) % 100);
            }
            assert_int_equal(sl_moments_add(&part, &chunk, 0, "x", NULL, &e.err), SL_OK);
            sl_moments_merge(&all, &part);
        }
        assert_int_equal(all.n, 10000);
        assert_true(fabs(sl_moments_mean(&all) - (1e9 + 49.5)) <= 0);
        assert_true(fabs(all.squares / 10000 - 833.25) < 1e-8); /* (100² - 1) / 12 */
        assert_true(fabs(all.min - 1e9) <= 0 && fabs(all.max - (1e9 + 99)) <= 0);
    }
    encoder_close(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_scaled_as_by_scikit_learn),
        cmocka_unit_test(statistics_come_from_the_training_records_alone),
        cmocka_unit_test(a_column_without_values_or_with_infinite_ones_is_refused),
        cmocka_unit_test(moments_lose_nothing_to_the_order_or_the_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
