/* test_profile.c: the facts of a column, exact or within the stated error, however the records are spread over parts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sluice/profile.h"

static struct sl_schema schema;

static int setup(void **state)
{
    (void)state;
    return sl_schema_add(&schema, SL_STR("text"), SL_TEXT, NULL) ||
           sl_schema_add(&schema, SL_STR("number"), SL_NUMBER, NULL);
}

static int teardown(void **state)
{
    (void)state;
    sl_schema_release(&schema);
    return 0;
}

static struct sl_profile *started(void)
{
    struct sl_profile *profile;
    assert_int_equal(sl_profile_new(&profile, &schema, NULL), SL_OK);
    return profile;
}

/* Feed n records; NULL text and NaN are missing. */
static void feed(struct sl_profile *profile, const char *const *text, const double *number, uint32_t n)
{
    struct sl_arena arena;
    struct sl_chunk chunk;
    sl_arena_init(&arena);
    assert_int_equal(sl_chunk_init(&chunk, &schema, n, &arena, NULL), SL_OK);
    for (uint32_t i = 0; i < n; i++) {
        chunk.columns[0].text[i] = sl_str(text ? text[i] : "");
        chunk.columns[1].number[i] = number ? number[i] : 0;
        if (text && !text[i]) {
            assert_int_equal(sl_chunk_set_missing(&chunk, 0, i, NULL), SL_OK);
        }
    }
    assert_int_equal(sl_profile_chunk(profile, &chunk, NULL), SL_OK);
    sl_arena_release(&arena);
}

static struct sl_column_profile facts(const struct sl_profile *profile, size_t column)
{
    struct sl_column_profile out;
    sl_profile_column(profile, column, &out);
    return out;
}

static void assert_near(double x, double y)
{
    if (!(fabs(x - y) <= 1e-12 * fabs(y))) {
        fail_msg("%.17g is not near %.17g", x, y);
    }
}

static void text_is_described_by_its_length_in_code_points(void **state)
{
    (void)state;
    static const char *const text[] = { "a",
                                        "überlänge",
                                        NULL,
                                        "",
                                        "\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
                                        "a text of more than thirty-two bytes, with ä, ö, ü and ß in it" };
    struct sl_profile *profile = started();
    feed(profile, text, NULL, 6);
    struct sl_column_profile f = facts(profile, 0);
    assert_string_equal(f.name, "text");
    assert_string_equal(f.kind, "text");
    assert_int_equal(f.n, 6);
    assert_int_equal(f.missing, 1);
    assert_int_equal(f.empty, 1);
    assert_true(f.distinct_exact && f.distinct >= 5 && f.distinct <= 5);
    assert_near(f.min, 0);
    assert_near(f.max, 62);
    assert_near(f.mean, (1 + 9 + 0 + 2 + 62) / 5.0);
    sl_profile_free(profile);
}

static void numbers_have_mean_and_deviation(void **state)
{
    (void)state;
    static const double number[] = { 2, 4, 4, 4, 5, 5, 7, 9, NAN };
    struct sl_profile *profile = started();
    feed(profile, NULL, number, 9);
    struct sl_column_profile f = facts(profile, 1);
    assert_int_equal(f.missing, 1);
    assert_near(f.mean, 5);
    assert_near(f.deviation, sqrt(32.0 / 7));
    assert_near(f.min, 2);
    assert_near(f.max, 9);
    assert_string_equal(f.kind, "integer");
    assert_true(f.top_exact);
    assert_string_equal(f.top[0].value, "4");
    assert_int_equal(f.top[0].n, 3);
    assert_string_equal(f.top[1].value, "5");
    assert_int_equal(f.n_top, 5);
    /* bins of whole width from 2 on */
    assert_near(f.histogram_low, 2);
    assert_near(f.histogram_width, 1);
    assert_int_equal(f.histogram[2], 3);
    assert_int_equal(f.histogram[7], 1);
    sl_profile_free(profile);
}

static void the_kind_follows_from_the_values(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const char *text[N];
    static double number[N];
    static const char *const classes[] = { "yes", "no", "maybe" };
    struct sl_profile *profile = started();
    assert_string_equal(facts(profile, 0).kind, "empty");
    for (int i = 0; i < N; i++) {
        text[i] = NULL;
        number[i] = 7;
    }
    feed(profile, text, number, N);
    assert_string_equal(facts(profile, 0).kind, "empty");
    assert_string_equal(facts(profile, 1).kind, "constant");
    for (int i = 0; i < N; i++) {
        text[i] = classes[i % 3];
        number[i] = i / 2.0;
    }
    feed(profile, text, number, N);
    assert_string_equal(facts(profile, 0).kind, "category");
    assert_string_equal(facts(profile, 1).kind, "number");
    assert_string_equal(facts(profile, 0).top[0].value, "yes");
    assert_int_equal(facts(profile, 0).top[0].n, 334);
    assert_string_equal(facts(profile, 0).top[1].value, "maybe"); /* ties by value */
    sl_profile_free(profile);
}

static void infinite_numbers_show_in_the_range_only(void **state)
{
    (void)state;
    static const double number[] = { 1, INFINITY, 2, -INFINITY, 3 };
    struct sl_profile *profile = started();
    feed(profile, NULL, number, 5);
    struct sl_column_profile f = facts(profile, 1);
    assert_true(isinf(f.min) && f.min < 0 && isinf(f.max));
    assert_near(f.mean, 2);
    assert_near(f.deviation, 1);
    assert_int_equal(f.missing, 0);
    uint64_t counted = 0;
    for (int k = 0; k < SL_PROFILE_BINS; k++) {
        counted += f.histogram[k];
    }
    assert_int_equal(counted, 3);
    assert_string_equal(f.top[0].value, "-inf");
    sl_profile_free(profile);
}

/* A skewed stream of numbers over many magnitudes, both signs, and as text. */
static double sample(uint64_t i)
{
    uint64_t x = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    double magnitude = ldexp(1, (int)(x % 23) - 11);
    return ((double)(x >> 40) / (double)(1 << 24) - 0.3) * magnitude;
}

static void feed_range(struct sl_profile *profile, uint64_t from, uint64_t to, bool rare)
{
    enum { CHUNK = 500 };
    static char space[CHUNK][32];
    static const char *text[CHUNK];
    static double number[CHUNK];
    for (uint64_t i = from; i < to;) {
        uint32_t n = 0;
        for (; n < CHUNK && i < to; n++, i++) {
            number[n] = i % 11 == 0 ? NAN : sample(i);
            snprintf(space[n], sizeof space[n], "v%d", rare ? (int)i : (int)(sample(i) * 3));
            text[n] = i % 13 == 0 ? NULL : space[n];
        }
        feed(profile, text, number, n);
    }
}

static void assert_same_facts(const struct sl_column_profile *a, const struct sl_column_profile *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->missing, b->missing);
    assert_int_equal(a->empty, b->empty);
    assert_memory_equal(&a->distinct, &b->distinct, sizeof a->distinct);
    assert_int_equal(a->distinct_exact, b->distinct_exact);
    assert_memory_equal(&a->min, &b->min, sizeof a->min);
    assert_memory_equal(&a->max, &b->max, sizeof a->max);
    assert_near(a->mean, b->mean);
    assert_near(a->deviation, b->deviation);
    assert_memory_equal(a->histogram, b->histogram, sizeof a->histogram);
    assert_memory_equal(&a->histogram_low, &b->histogram_low, sizeof a->histogram_low);
    assert_memory_equal(&a->histogram_width, &b->histogram_width, sizeof a->histogram_width);
    assert_string_equal(a->kind, b->kind);
    assert_int_equal(a->top_exact, b->top_exact);
    for (size_t k = 0; a->top_exact && k < a->n_top; k++) {
        assert_string_equal(a->top[k].value, b->top[k].value);
        assert_int_equal(a->top[k].n, b->top[k].n);
    }
}

static void merged_parts_say_what_the_whole_says(void **state)
{
    (void)state;
    enum { N = 30000 };
    for (int rare = 0; rare < 2; rare++) {
        struct sl_profile *whole = started();
        feed_range(whole, 0, N, rare);
        for (uint64_t parts = 2; parts <= 7; parts += 5) {
            struct sl_profile *merged = started();
            for (uint64_t p = parts; p-- > 0;) { /* last first */
                struct sl_profile *part = started();
                feed_range(part, p * N / parts, (p + 1) * N / parts, rare);
                assert_int_equal(sl_profile_merge(merged, part, NULL), SL_OK);
                sl_profile_free(part);
            }
            for (size_t c = 0; c < 2; c++) {
                struct sl_column_profile a = facts(whole, c), b = facts(merged, c);
                assert_same_facts(&a, &b);
            }
            sl_profile_free(merged);
        }
        sl_profile_free(whole);
    }
}

static void the_histogram_counts_every_number_in_its_bin(void **state)
{
    (void)state;
    enum { N = 20000 };
    struct sl_profile *profile = started();
    feed_range(profile, 0, N, false);
    struct sl_column_profile f = facts(profile, 1);
    uint64_t expected[SL_PROFILE_BINS] = { 0 };
    for (uint64_t i = 0; i < N; i++) {
        if (i % 11) {
            double bin = floor((sample(i) - f.histogram_low) / f.histogram_width);
            assert_true(bin >= 0 && bin < SL_PROFILE_BINS);
            expected[(int)bin]++;
        }
    }
    assert_memory_equal(f.histogram, expected, sizeof expected);
    assert_true(f.histogram_low <= f.min && f.max < f.histogram_low + SL_PROFILE_BINS * f.histogram_width);
    sl_profile_free(profile);
}

static void extreme_numbers_fit_into_a_histogram(void **state)
{
    (void)state;
    static const double sets[][3] = { { 0, 0, 0 },           { 5e-324, 0, -5e-324 }, { 1.7e308, -1.7e308, 0 },
                                      { 1e300, 1e-300, -1 }, { 1e16, 1e16 + 2, 7 },  { -1e-320, 1e10, 0.5 } };
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        struct sl_profile *profile = started();
        for (int i = 0; i < 3; i++) { /* one at a time, so that the range grows */
            feed(profile, NULL, &sets[s][i], 1);
        }
        struct sl_column_profile f = facts(profile, 1);
        uint64_t counted = 0;
        for (int k = 0; k < SL_PROFILE_BINS; k++) {
            counted += f.histogram[k];
        }
        assert_int_equal(counted, 3);
        assert_true(f.histogram_width > 0);
        sl_profile_free(profile);
    }
}

static void distinct_values_are_exact_while_few_and_near_when_many(void **state)
{
    (void)state;
    static const uint64_t counts[] = { 1, 60000, 65536, 65537, 300000 };
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        enum { CHUNK = 4000 };
        static double number[CHUNK];
        struct sl_profile *profile = started();
        for (uint64_t i = 0; i < counts[k] + CHUNK;) { /* the first CHUNK values come twice */
            uint32_t n = 0;
            for (; n < CHUNK && i < counts[k] + CHUNK; i++) {
                number[n++] = (double)(i % counts[k]);
            }
            feed(profile, NULL, number, n);
        }
        struct sl_column_profile f = facts(profile, 1);
        assert_int_equal(f.distinct_exact, counts[k] <= 65536);
        double error = f.distinct / (double)counts[k] - 1;
        if (!(fabs(error) <= (f.distinct_exact ? 0 : 0.05))) {
            fail_msg("%g distinct values counted as %g", (double)counts[k], f.distinct);
        }
        sl_profile_free(profile);
    }
}

static void frequent_values_stand_out_of_a_crowd_of_rare_ones(void **state)
{
    (void)state;
    enum { N = 100000, CHUNK = 2500 };
    static double number[CHUNK];
    struct sl_profile *profile = started();
    for (int i = 0; i < N;) {
        for (int n = 0; n < CHUNK; n++, i++) {
            number[n] = i % 50 == 0 ? -1 : i % 100 == 1 ? -2 : i;
        }
        feed(profile, NULL, number, CHUNK);
    }
    struct sl_column_profile f = facts(profile, 1);
    assert_false(f.top_exact);
    assert_string_equal(f.top[0].value, "-1");
    assert_string_equal(f.top[1].value, "-2");
    assert_in_range(f.top[0].n, N / 50 - N / 2048, N / 50); /* from below, by at most 2/4096 of all */
    assert_in_range(f.top[1].n, N / 100 - N / 2048, N / 100);
    sl_profile_free(profile);
    sl_profile_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_described_by_its_length_in_code_points),
        cmocka_unit_test(numbers_have_mean_and_deviation),
        cmocka_unit_test(the_kind_follows_from_the_values),
        cmocka_unit_test(infinite_numbers_show_in_the_range_only),
        cmocka_unit_test(merged_parts_say_what_the_whole_says),
        cmocka_unit_test(the_histogram_counts_every_number_in_its_bin),
        cmocka_unit_test(extreme_numbers_fit_into_a_histogram),
        cmocka_unit_test(distinct_values_are_exact_while_few_and_near_when_many),
        cmocka_unit_test(frequent_values_stand_out_of_a_crowd_of_rare_ones),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
