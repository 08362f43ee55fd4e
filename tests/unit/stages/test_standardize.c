/* standardize: the numbers of scikit-learn's StandardScaler. */
#include "encoder_numbers.h"
#include "picture_trial.h"
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

/* Mean and deviation of values[n], the plain way. */
static void two_pass(const double *values, size_t n, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        sum += values[k];
    }
    *mean = sum / (double)n;
    for (size_t k = 0; k < n; k++) {
        squares += (values[k] - *mean) * (values[k] - *mean);
    }
    *deviation = sqrt(squares / (double)n);
}

enum { SIDE = 5, HIGH = 4, CHANNELS = 3, CELL = SIDE * HIGH * CHANNELS };

/* Learn from the chunk in two parts, merged. */
static void fit(struct picture_trial *t)
{
    const struct sl_fit *how = &t->stage.class->fit;
    void *a = NULL, *b = NULL;
    const uint64_t first = 0x15, rest = 0x2a;
    assert_int_equal(how->begin(&t->stage, &a, &t->err), SL_OK);
    assert_int_equal(how->begin(&t->stage, &b, &t->err), SL_OK);
    assert_int_equal(how->chunk(&t->stage, a, &t->chunk, &first, &t->err), SL_OK);
    assert_int_equal(how->chunk(&t->stage, b, &t->chunk, &rest, &t->err), SL_OK);
    assert_int_equal(how->merge(&t->stage, a, b, &t->err), SL_OK);
    assert_int_equal(how->end(&t->stage, a, &t->err), SL_OK);
    how->drop(&t->stage, a);
    how->drop(&t->stage, b);
}

/* Save, forget, load. */
static void carry_over(struct picture_trial *t)
{
    struct sl_buf saved = { 0 };
    assert_int_equal(t->stage.class->save(&t->stage, &saved, &t->err), SL_OK);
    free(t->stage.model);
    t->stage.model = NULL;
    for (size_t n = 0; n < saved.n; n++) {
        assert_int_equal(t->stage.class->load(&t->stage, (struct sl_str){ saved.p, n }, &t->err), SL_EFORMAT);
    }
    assert_int_equal(t->stage.class->load(&t->stage, (struct sl_str){ saved.p, saved.n }, &t->err), SL_OK);
    sl_buf_release(&saved);
}

/* Bytes stand for byte / 2 - 3; record 3 is missing. */
static void assert_standardized(const char *statement, size_t figures, bool floats)
{
    struct picture_trial t;
    double values[TRIAL_RECORDS * CELL];
    assert_int_equal(trial_fixed(&t, statement, SIDE, HIGH, CHANNELS, true), SL_OK);
    if (floats) {
        float *cells = sl_arena_array(&t.arena, TRIAL_RECORDS * CELL, sizeof *cells);
        for (size_t k = 0; k < TRIAL_RECORDS * CELL; k++) {
            cells[k] = (float)t.chunk.columns[1].bytes[k] * 0.5f - 3;
        }
        t.chunk.columns[1].vector = cells;
        t.schema.fields[1].bytes = false;
    }
    fit(&t);
    carry_over(&t);
    trial_apply(&t);
    assert_false(t.stage.out.fields[1].bytes);
    assert_true(t.stage.out.fields[1].encoded);
    assert_int_equal(t.stage.out.fields[1].height, HIGH);
    assert_false(sl_valid(&t.chunk.columns[1], 3));
    for (size_t k = 0; k < figures; k++) {
        size_t n = 0;
        double mean, deviation;
        for (size_t j = k; j < TRIAL_RECORDS * CELL; j += figures) {
            if (j / CELL != 3) {
                values[n++] = t.picture[j / CELL].pixels[j % CELL] * 0.5 - 3;
            }
        }
        two_pass(values, n, &mean, &deviation);
        for (size_t j = k; j < TRIAL_RECORDS * CELL; j += figures) {
            double expected = (t.picture[j / CELL].pixels[j % CELL] * 0.5 - 3 - mean) / deviation;
            assert_true(j / CELL == 3 || fabs((double)t.chunk.columns[1].vector[j] - expected) < 1e-6);
        }
    }
    trial_release(&t);
}

static void pictures_are_scaled_by_channel_or_by_pixel(void **state)
{
    (void)state;
    assert_standardized("standardize image", CHANNELS, false);
    assert_standardized("standardize image per=pixel", CELL, false);
    assert_standardized("standardize image", CHANNELS, true);
    assert_standardized("standardize image per=pixel", CELL, true);
}

static void pictures_of_any_size_cannot_be_scaled(void **state)
{
    (void)state;
    struct picture_trial t;
    assert_int_equal(trial_sizes(&t, "standardize image", 4, 4, 1, false), SL_ESCHEMA);
    assert_non_null(strstr(t.err.fix, "resize"));
    trial_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_scaled_as_by_scikit_learn),
        cmocka_unit_test(statistics_come_from_the_training_records_alone),
        cmocka_unit_test(a_column_without_values_or_with_infinite_ones_is_refused),
        cmocka_unit_test(pictures_are_scaled_by_channel_or_by_pixel),
        cmocka_unit_test(pictures_of_any_size_cannot_be_scaled),
        cmocka_unit_test(moments_lose_nothing_to_the_order_or_the_offset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
