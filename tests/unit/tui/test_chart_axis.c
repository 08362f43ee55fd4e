/* test_chart_axis.c: round ticks, and labels that always differ. */
#include "tui/chart_axis.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_distinct(const struct ticks *ticks, double low, double high)
{
    for (int i = 0; i < ticks->n; i++) {
        if (i > 0 && !(ticks->at[i] > ticks->at[i - 1]))
            fail_msg("[%.17g, %.17g]: tick %d is at %.17g, not above %.17g", low, high, i, ticks->at[i],
                     ticks->at[i - 1]);
        for (int j = 0; j < i; j++)
            if (strcmp(ticks->label[i], ticks->label[j]) == 0)
                fail_msg("[%.17g, %.17g]: two labels \"%s\"", low, high, ticks->label[i]);
        assert_true(strlen(ticks->label[i]) > 0);
        assert_true((int)strlen(ticks->label[i]) <= ticks->width);
    }
}

static void check_labels(const struct ticks *ticks, const char *wanted)
{
    char all[512] = "";
    size_t n = 0;
    for (int i = 0; i < ticks->n; i++)
        n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", i ? " " : "", ticks->label[i]);
    assert_string_equal(all, wanted);
}

static void ticks_are_round_numbers_with_the_decimals_they_need(void **state)
{
    (void)state;
    struct ticks t;
    ticks_linear(&t, 0.28, 0.71, 5, 9, false);
    check_labels(&t, "0.3 0.4 0.5 0.6 0.7");
    ticks_linear(&t, 0.8601, 0.8612, 3, 9, false);
    check_labels(&t, "0.8605 0.8610");
    ticks_linear(&t, -3, 3, 4, 9, false);
    check_labels(&t, "-2 0 2");
    ticks_linear(&t, 0, 5e7, 6, 9, false);
    check_labels(&t, "0M 10M 20M 30M 40M 50M");
    ticks_linear(&t, 1, 3, 9, 9, true);
    check_labels(&t, "1 2 3");
}

static void a_small_range_far_from_zero_is_labelled_by_distances(void **state)
{
    (void)state;
    struct ticks t;
    ticks_linear(&t, 1e9, 1e9 + 0.004, 4, 8, false);
    check_distinct(&t, 1e9, 1e9 + 0.004);
    check_labels(&t, "1e9 +0.001 +0.002 +0.003");
    assert_true(t.width <= 8);
}

static void labels_differ_and_ticks_rise_whatever_the_range(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        double r[3];
        for (int i = 0; i < 3; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            r[i] = (double)(x >> 11) / 9007199254740992.0;
        }
        double low = (r[0] - 0.5) * pow(10, r[1] * 40 - 20), high = low + fabs(low) * pow(10, r[2] * 30 - 16) + 1e-300;
        int most = 1 + (int)(r[2] * 20), width = 3 + (int)(r[0] * 9);
        if (!(low < high))
            continue;
        struct ticks t;
        ticks_linear(&t, low, high, most, width, round % 5 == 0);
        assert_true(t.n <= most);
        check_distinct(&t, low, high);
        for (int i = 0; i < t.n; i++)
            assert_true(t.at[i] >= low && t.at[i] <= high);
        if (low > 0) {
            ticks_log(&t, low, high, most, width);
            check_distinct(&t, low, high);
        }
        ticks_time(&t, fabs(low), fabs(low) + (high - low), most, width);
        check_distinct(&t, low, high);
    }
}

static void logarithmic_ticks_are_powers_of_ten(void **state)
{
    (void)state;
    struct ticks t;
    ticks_log(&t, 0.5, 2000, 5, 9);
    check_labels(&t, "1 10 100 1000");
    ticks_log(&t, 1e-8, 1e3, 4, 9);
    check_labels(&t, "1e-8 1e-5 0.01 10");
    ticks_log(&t, 1, 120, 10, 9);
    check_labels(&t, "1 2 5 10 20 50 100");
    ticks_log(&t, 0.3, 0.69, 4, 9);
    check_labels(&t, "0.3 0.4 0.5 0.6");
}

static void impossible_ranges_have_no_ticks(void **state)
{
    (void)state;
    struct ticks t;
    ticks_linear(&t, 1, 1, 5, 9, false);
    assert_int_equal(t.n, 0);
    ticks_linear(&t, NAN, 1, 5, 9, false);
    assert_int_equal(t.n, 0);
    ticks_linear(&t, 0, INFINITY, 5, 9, false);
    assert_int_equal(t.n, 0);
    ticks_log(&t, -1, 1, 5, 9);
    assert_int_equal(t.n, 0);
    ticks_linear(&t, 0, 5e-324, 5, 9, false);
    check_distinct(&t, 0, 5e-324);
}

static void time_is_told_in_the_unit_that_suits(void **state)
{
    (void)state;
    struct ticks t;
    ticks_time(&t, 0, 60, 4, 9);
    check_labels(&t, "0s 20s 40s 60s");
    ticks_time(&t, 0, 1200, 5, 9);
    check_labels(&t, "0m 5m 10m 15m 20m");
    ticks_time(&t, 0, 36000, 3, 9);
    check_labels(&t, "0h 5h 10h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_numbers_with_the_decimals_they_need),
        cmocka_unit_test(a_small_range_far_from_zero_is_labelled_by_distances),
        cmocka_unit_test(labels_differ_and_ticks_rise_whatever_the_range),
        cmocka_unit_test(logarithmic_ticks_are_powers_of_ten),
        cmocka_unit_test(impossible_ranges_have_no_ticks),
        cmocka_unit_test(time_is_told_in_the_unit_that_suits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
