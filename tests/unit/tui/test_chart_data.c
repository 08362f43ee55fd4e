/* test_chart_data.c: the pyramid against plain loops, and smoothing. */
#include "tui/chart_data.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t seed = 88172645463325252u;
static uint32_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32);
}

static double odd_value(void)
{
    switch (next_random() % 12) {
    case 0: return NAN;
    case 1: return INFINITY;
    case 2: return -INFINITY;
    case 3: return 0;
    default: return (double)next_random() / 1e9 - 2;
    }
}

static struct extent plain_extent(const double *v, size_t first, size_t end, bool gaps)
{
    struct extent out = { .min = INFINITY, .max = -INFINITY, .min_positive = INFINITY };
    for (size_t i = first; i < end; i++) {
        if (!isfinite(v[i])) {
            out.bad += !(gaps && isnan(v[i]));
            continue;
        }
        out.finite++;
        out.min = v[i] < out.min ? v[i] : out.min;
        out.max = v[i] > out.max ? v[i] : out.max;
        out.not_positive += v[i] <= 0;
        if (v[i] > 0 && v[i] < out.min_positive)
            out.min_positive = v[i];
    }
    return out;
}

static bool is_kind(double v, enum pyramid_kind kind, bool gaps)
{
    return kind == PYRAMID_BAD ? !isfinite(v) && !(gaps && isnan(v)) : isfinite(v) && (kind == PYRAMID_FINITE || v > 0);
}

static void check_pyramid(size_t n, bool gaps, bool rare)
{
    double *v = calloc(n + 1, sizeof *v);
    struct pyramid pyramid = { .gaps = gaps };
    assert_non_null(v);
    for (size_t i = 0; i < n; i++) {
        v[i] = rare && next_random() % 700 ? (gaps ? NAN : -1) : odd_value();
        assert_int_equal(pyramid_add(&pyramid, v, NULL), SL_OK);
    }
    for (int round = 0; round < 400; round++) {
        size_t first = next_random() % (n + 1), end = next_random() % (n + 2);
        struct extent got = pyramid_extent(&pyramid, v, first, end),
                      wanted = plain_extent(v, first, end < n ? end : n, gaps);
        assert_int_equal(got.finite, wanted.finite);
        assert_int_equal(got.bad, wanted.bad);
        assert_int_equal(got.not_positive, wanted.not_positive);
        assert_true(got.min == wanted.min && got.max == wanted.max && got.min_positive == wanted.min_positive);
        for (int kind = PYRAMID_FINITE; kind <= PYRAMID_BAD; kind++) {
            size_t next = first, previous = first;
            while (next < n && !is_kind(v[next], (enum pyramid_kind)kind, gaps))
                next++;
            while (previous > 0 && !is_kind(v[previous - 1], (enum pyramid_kind)kind, gaps))
                previous--;
            size_t got_next = pyramid_next(&pyramid, v, first, (enum pyramid_kind)kind);
            size_t got_previous = pyramid_previous(&pyramid, v, first, (enum pyramid_kind)kind);
            assert_true(got_next == (next < n ? next : SIZE_MAX));
            assert_true(got_previous == (previous > 0 ? previous - 1 : SIZE_MAX));
        }
    }
    pyramid_release(&pyramid);
    free(v);
}

static void the_pyramid_answers_what_a_loop_would(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 4100, 20000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_pyramid(sizes[i], false, false);
        check_pyramid(sizes[i], true, false);
        check_pyramid(sizes[i], true, true);
        check_pyramid(sizes[i], false, true);
    }
}

static void fill(struct chart_data *data, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double x[CHART_AXES] = { (double)i, (double)i, (double)i };
        assert_int_equal(chart_data_add(data, x, &values[i], NULL), SL_OK);
    }
}

static void smoothing_is_the_debiased_exponential_average(void **state)
{
    (void)state;
    struct chart_data data = { 0 };
    double values[200];
    chart_data_curve(&data, "a", false, false);
    for (int i = 0; i < 200; i++)
        values[i] = (double)next_random() / 1e9;
    fill(&data, values, 100);
    assert_int_equal(chart_data_smooth(&data, 0, 3, NULL), SL_OK);
    for (size_t i = 100; i < 200; i++) { /* the rest comes one by one, as in training */
        double x[CHART_AXES] = { (double)i, (double)i, (double)i };
        assert_int_equal(chart_data_add(&data, x, &values[i], NULL), SL_OK);
    }
    double biased = 0, power = 1;
    for (int i = 0; i < 200; i++) {
        biased = 0.9 * biased + 0.1 * values[i];
        power *= 0.9;
        assert_true(fabs(data.curve[0].smooth[i] - biased / (1 - power)) < 1e-12);
    }
    assert_int_equal(chart_data_smooth(&data, 0, 0, NULL), SL_OK);
    assert_null(data.curve[0].smooth);
    chart_data_release(&data);
}

static void a_constant_stays_constant_to_the_last_bit(void **state)
{
    (void)state;
    for (int smoothing = 1; smoothing < CHART_SMOOTHINGS; smoothing++) {
        struct chart_data data = { 0 };
        double values[500];
        chart_data_curve(&data, "a", false, false);
        for (int i = 0; i < 500; i++)
            values[i] = 0.1;
        fill(&data, values, 500);
        assert_int_equal(chart_data_smooth(&data, 0, smoothing, NULL), SL_OK);
        for (int i = 0; i < 500; i++)
            assert_true(data.curve[0].smooth[i] == 0.1);
        chart_data_release(&data);
    }
}

static void bad_values_and_gaps_do_not_reach_the_average(void **state)
{
    (void)state;
    struct chart_data data = { 0 };
    const double values[] = { 1, NAN, 1, INFINITY, 1, 1.7e308, -1.7e308 };
    chart_data_curve(&data, "a", false, false);
    assert_int_equal(chart_data_smooth(&data, 0, 2, NULL), SL_OK);
    fill(&data, values, 7);
    const double *smooth = data.curve[0].smooth;
    assert_true(isnan(smooth[1]) && isinf(smooth[3]));
    assert_true(smooth[2] == 1 && smooth[4] == 1);
    assert_true(isfinite(smooth[5]) && isfinite(smooth[6]));
    assert_int_equal(data.curve[0].lowest, 6);
    assert_int_equal(data.curve[0].highest, 5);
    assert_int_equal(pyramid_extent(&data.curve[0].smooth_extents, smooth, 0, 7).bad, 2);
    chart_data_release(&data);
}

static void axes_never_fall_and_places_are_found(void **state)
{
    (void)state;
    struct chart_data data = { 0 };
    chart_data_curve(&data, "a", false, false);
    const double steps[] = { 1, 2, 1.5, NAN, 7 };
    for (int i = 0; i < 5; i++) {
        double x[CHART_AXES] = { steps[i], steps[i], steps[i] }, value = 0;
        assert_int_equal(chart_data_add(&data, x, &value, NULL), SL_OK);
    }
    const double *x = data.x[CHART_STEP];
    assert_true(x[2] == 2 && x[3] == 2 && x[4] == 7);
    assert_int_equal(chart_data_find(&data, CHART_STEP, -1), 0);
    assert_int_equal(chart_data_find(&data, CHART_STEP, 2), 1);
    assert_int_equal(chart_data_find(&data, CHART_STEP, 3), 4);
    assert_int_equal(chart_data_find(&data, CHART_STEP, 8), 5);
    chart_data_release(&data);
}

static void marks_are_kept_by_place(void **state)
{
    (void)state;
    struct chart_data data = { 0 };
    const size_t places[] = { 5, 1, 9, 5 };
    for (int i = 0; i < 4; i++)
        assert_int_equal(chart_data_mark(&data, places[i], '|', NULL), SL_OK);
    assert_int_equal(data.n_marks, 4);
    for (size_t i = 1; i < 4; i++)
        assert_true(data.marks[i - 1].at <= data.marks[i].at);
    chart_data_clear(&data);
    assert_int_equal(data.n_marks, 0);
    chart_data_release(&data);
}

/* Points 0..n-1 of a fixed odd series, with one smoothed curve and one plain. */
static void refill(struct chart_data *data, const double *values, size_t n)
{
    for (size_t i = data->n; i < n; i++) {
        const double x[CHART_AXES] = { (double)i, (double)i, (double)i }, v[2] = { values[i], -values[i] };
        assert_int_equal(chart_data_add(data, x, v, NULL), SL_OK);
    }
}

static void check_same(const struct chart_data *a, const struct chart_data *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t k = 0; k < 2; k++) {
        const struct curve *x = &a->curve[k], *y = &b->curve[k];
        assert_int_equal(x->last, y->last);
        assert_int_equal(x->lowest, y->lowest);
        assert_int_equal(x->highest, y->highest);
        for (size_t from = 0; from < a->n; from += 1 + a->n / 7) {
            struct extent e = pyramid_extent(&x->extents, x->value, from, a->n),
                          f = pyramid_extent(&y->extents, y->value, from, b->n);
            assert_memory_equal(&e, &f, sizeof e);
        }
    }
    for (size_t i = 0; i < a->n; i++)
        assert_memory_equal(&a->curve[0].smooth[i], &b->curve[0].smooth[i], sizeof(double));
}

static void showing_fewer_points_and_more_again_is_as_if_they_had_just_come(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double values[N];
    for (size_t i = 0; i < N; i++)
        values[i] = odd_value();
    struct chart_data data = { 0 };
    chart_data_curve(&data, "a", false, true);
    chart_data_curve(&data, "b", true, false);
    assert_int_equal(chart_data_smooth(&data, 0, 3, NULL), SL_OK);
    refill(&data, values, N);
    for (int round = 0; round < 60; round++) {
        size_t n = round == 7 ? 0 : next_random() % (N + 1);
        struct chart_data fresh = { 0 };
        chart_data_curve(&fresh, "a", false, true);
        chart_data_curve(&fresh, "b", true, false);
        assert_int_equal(chart_data_smooth(&fresh, 0, 3, NULL), SL_OK);
        refill(&fresh, values, n);
        chart_data_show(&data, n);
        check_same(&data, &fresh);
        if (round % 10 == 9) { /* and going on from there */
            size_t more = n + 40 < N ? n + 40 : N;
            refill(&data, values, more);
            refill(&fresh, values, more);
            check_same(&data, &fresh);
            assert_int_equal(data.kept, data.n);
            refill(&data, values, N);
        }
        chart_data_release(&fresh);
    }
    chart_data_release(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pyramid_answers_what_a_loop_would),
        cmocka_unit_test(smoothing_is_the_debiased_exponential_average),
        cmocka_unit_test(a_constant_stays_constant_to_the_last_bit),
        cmocka_unit_test(bad_values_and_gaps_do_not_reach_the_average),
        cmocka_unit_test(axes_never_fall_and_places_are_found),
        cmocka_unit_test(marks_are_kept_by_place),
        cmocka_unit_test(showing_fewer_points_and_more_again_is_as_if_they_had_just_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
