/* test_fit_figures.c: figures of a predicted number against sklearn.metrics. */
#include "sessions/fit_figures.h"
#include "tests/unit/learn/golden_rows.h"

/* A learner that predicts what stands in the rows. */
static int as_told(const struct sl_learner *learner, const struct sl_rows *rows, double *out, struct sl_error *err)
{
    (void)learner, (void)err;
    memcpy(out, rows->dense, rows->n * sizeof(double));
    return SL_OK;
}

static const struct sl_learner_class teller = { .predict = as_told };

/* Rows in blocks of `size`. guess is lent to them as bytes. */
static struct sl_fit_figures figures(float *target, double *guess, uint32_t n, uint32_t size, struct sl_pool *pool)
{
    struct sl_rows blocks[64] = { 0 };
    struct sl_matrix matrix = { .blocks = blocks, .n = n };
    const struct sl_learner learner = { &teller };
    struct sl_fit_figures out;
    for (uint32_t first = 0; first < n; first += size)
        blocks[matrix.n_blocks++] = (struct sl_rows){ .n = n - first < size ? n - first : size,
                                                      .target = target + first,
                                                      .dense = (float *)(void *)(guess + first) };
    assert_int_equal(fit_figures(&learner, &matrix, pool, &out, NULL), SL_OK);
    return out;
}

static void near(const char *name, const char *what, double got, double wanted)
{
    bool same = isnan(wanted) ? isnan(got) : fabs(got - wanted) <= 1e-13 * fabs(wanted);
    if (!same)
        fail_msg("%s: %s is %.17g, the reference has %.17g", name, what, got, wanted);
}

static void all_figures_agree_with_scikit_learn(void **state)
{
    (void)state;
    struct golden g = golden_open("tests/golden/regression.tsv");
    struct sl_pool *pool = NULL;
    unsigned cases = 0;
    assert_int_equal(sl_pool_new(&pool, 2, NULL), SL_OK);
    for (; golden_next(&g); cases++) {
        float target[64];
        double guess[64];
        char name[80];
        uint32_t n = (uint32_t)number_at(g.field[1], 0);
        assert_true(n <= 64);
        snprintf(name, sizeof name, "%.*s", (int)g.field[0].n, g.field[0].p);
        for (uint32_t i = 0; i < n; i++) {
            target[i] = (float)number_at(g.field[2], i);
            guess[i] = number_at(g.field[3], i);
        }
        struct sl_fit_figures whole = figures(target, guess, n, n, pool), ones = figures(target, guess, n, 1, pool);
        assert_memory_equal(&whole, &ones, sizeof whole); /* blocks make no difference, not of a bit */
        assert_int_equal(whole.n, n);
        near(name, "mean squared error", whole.mse, number_at(g.field[4], 0));
        near(name, "mean absolute error", whole.mae, number_at(g.field[5], 0));
        near(name, "R2", whole.r2, number_at(g.field[6], 0));
    }
    assert_true(cases >= 20);
    sl_pool_free(pool);
    golden_close(&g);
}

static void rows_without_a_target_are_left_out(void **state)
{
    (void)state;
    float target[] = { NAN, 1, 2, NAN, 4 };
    double guess[] = { 1e9, 1, 2, NAN, 3 };
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, 1, NULL), SL_OK);
    struct sl_fit_figures f = figures(target, guess, 5, 2, pool);
    assert_int_equal(f.n, 3);
    near("three of five", "mean squared error", f.mse, 1.0 / 3);
    near("three of five", "mean absolute error", f.mae, 1.0 / 3);
    f = figures(target, guess, 1, 1, pool);
    assert_int_equal(f.n, 0);
    assert_true(isnan(f.mse) && isnan(f.mae) && isnan(f.r2));
    f = figures(target, guess, 0, 1, pool);
    assert_true(f.n == 0 && isnan(f.mse) && isnan(f.mae) && isnan(f.r2));
    sl_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_figures_agree_with_scikit_learn),
        cmocka_unit_test(rows_without_a_target_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
