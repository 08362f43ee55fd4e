/* test_logistic.c: weights, probabilities and iterations against scikit-learn, on problems it was fitted on. */
#include "golden_rows.h"

#include "engine/learn/linear.h"

extern const struct sl_stage_class sl_stage_logistic;

static struct sl_stage stage_of(struct logistic_params *params)
{
    return (struct sl_stage){ .class = &sl_stage_logistic, .params = params };
}

static struct logistic_params defaults(void)
{
    return *(const struct logistic_params *)sl_stage_logistic.defaults;
}

static struct sl_learner *begin(const struct sl_stage *stage, const struct sl_dataset *data, struct sl_pool *pool)
{
    struct sl_learner *learner = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_learner_find(stage)->begin(&learner, NULL, stage, data, pool, 0, &err))
        fail_msg("%s", err.what);
    return learner;
}

/* Iterate to the end; returns the number of steps. */
static uint64_t train(struct sl_learner *learner, struct sl_point *point)
{
    struct sl_error err = SL_ERROR_INIT;
    int status;
    while (!(status = learner->class->step(learner, point, &err)))
        ;
    if (status != SL_EEND)
        fail_msg("%s", err.what);
    return point->step;
}

static void near(const char *what, double got, double wanted, double relative, double absolute)
{
    if (!(fabs(got - wanted) <= relative * fabs(wanted) + absolute))
        fail_msg("%s: got %.17g, the reference has %.17g", what, got, wanted);
}

/* Records of one fit up to the next, compared with the learner. */
static void compare(struct problem *p, const struct sl_learner *learner, double relative, double absolute)
{
    double probabilities[8];
    while (problem_next(p) && !field_is(&p->golden, 0, "fit")) {
        struct golden *g = &p->golden;
        if (field_is(g, 0, "coef")) {
            double intercept;
            const double *w = learner->class->weights(learner, (uint32_t)number_at(g->field[1], 0), &intercept);
            assert_non_null(w);
            for (uint32_t j = 0; j < p->features; j++)
                near("coefficient", w[j], number_at(g->field[2], j), relative, absolute);
        } else if (field_is(g, 0, "intercept")) {
            for (uint32_t k = p->classes == 2; k < p->classes; k++) {
                double intercept;
                learner->class->weights(learner, k, &intercept);
                near("intercept", intercept, number_at(g->field[1], p->classes == 2 ? 0 : k), relative, absolute);
            }
        } else if (field_is(g, 0, "proba")) {
            struct sl_rows rows = p->data.train.blocks[0];
            uint32_t row = (uint32_t)number_at(g->field[1], 0);
            rows.start += row;
            rows.n = 1;
            assert_int_equal(learner->class->predict(learner, &rows, probabilities, NULL), SL_OK);
            for (uint32_t k = 0; k < p->classes; k++)
                near("probability", probabilities[k], number_at(g->field[2], k), 20 * relative, absolute);
        }
    }
    p->more = p->golden.n > 0 && field_is(&p->golden, 0, "fit");
}

struct fit {
    char solver[24];
    double C, tol;
    uint64_t steps;
};

static bool next_fit(struct problem *p, struct fit *fit)
{
    if (!p->more && !problem_next(p))
        return false;
    p->more = false;
    struct golden *g = &p->golden;
    if (!field_is(g, 0, "fit"))
        return false;
    *fit = (struct fit){ .C = number_at(g->field[2], 0), .tol = number_at(g->field[3], 0) };
    snprintf(fit->solver, sizeof fit->solver, "%.*s", (int)g->field[1].n, g->field[1].p);
    const char *at = g->field[4].p;
    char *end;
    for (;; at = end) {
        unsigned long long n = strtoull(at, &end, 10);
        if (end == at)
            break;
        fit->steps = n > fit->steps ? n : fit->steps;
    }
    return true;
}

static void agree_with(const char *path, unsigned expected)
{
    struct problem p = problem_open(path);
    struct sl_pool *pool = NULL;
    struct fit fit;
    unsigned compared = 0;
    assert_int_equal(sl_pool_new(&pool, 2, NULL), SL_OK);
    while (next_fit(&p, &fit)) {
        bool liblinear = strcmp(fit.solver, "liblinear") == 0, exact = strcmp(fit.solver, "newton-cholesky") == 0;
        struct logistic_params params = defaults();
        params.C = fit.C;
        params.solver = liblinear ? SOLVER_LIBLINEAR : SOLVER_LBFGS;
        params.tol = liblinear ? fit.tol : 1e-11;
        params.max_iter = 20000;
        struct sl_stage stage = stage_of(&params);
        struct sl_learner *learner = begin(&stage, &p.data, pool);
        struct sl_point point;
        uint64_t steps = train(learner, &point);
        if (liblinear && fit.tol > 1e-8)
            assert_int_equal(steps, fit.steps);
        /* Features are kept in float32, 6e-8 apart; a fit stopped at 1e-4 magnifies that. */
        compare(&p, learner, liblinear ? fit.tol > 1e-8 ? 3e-4 : 3e-5 : exact ? 3e-5 : 1e-3, exact ? 2e-6 : 1e-4);
        learner->class->free(learner);
        compared++;
    }
    assert_int_equal(compared, expected);
    sl_pool_free(pool);
    problem_close(&p);
}

static unsigned fits_in(const char *path)
{
    struct golden g = golden_open(path);
    unsigned n = 0;
    while (golden_next(&g))
        n += field_is(&g, 0, "fit");
    golden_close(&g);
    assert_true(n > 3);
    return n;
}

static void breast_cancer_agrees_with_scikit_learn(void **state)
{
    (void)state;
    agree_with("tests/golden/logistic_cancer.tsv", fits_in("tests/golden/logistic_cancer.tsv"));
}

static void three_classes_of_iris_agree_with_scikit_learn(void **state)
{
    (void)state;
    agree_with("tests/golden/logistic_iris.tsv", fits_in("tests/golden/logistic_iris.tsv"));
}

static void an_imbalanced_problem_agrees_with_scikit_learn(void **state)
{
    (void)state;
    agree_with("tests/golden/logistic_imbalanced.tsv", fits_in("tests/golden/logistic_imbalanced.tsv"));
}

static void sparse_text_agrees_with_scikit_learn(void **state)
{
    (void)state;
    agree_with("tests/golden/logistic_sparse.tsv", fits_in("tests/golden/logistic_sparse.tsv"));
}

static void save_all(const struct sl_learner *learner, struct sl_buf *to)
{
    sl_buf_release(to);
    assert_int_equal(learner->class->save(learner, to, NULL), SL_OK);
}

static void weights_are_the_same_bits_for_any_number_of_threads(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        double first[64], intercept;
        for (int threads = 1; threads <= 4; threads++) {
            struct logistic_params params = defaults();
            params.solver = solver;
            params.max_iter = 12;
            struct sl_stage stage = stage_of(&params);
            struct sl_pool *pool = NULL;
            assert_int_equal(sl_pool_new(&pool, threads, NULL), SL_OK);
            struct sl_learner *learner = begin(&stage, &p.data, pool);
            struct sl_point point;
            train(learner, &point);
            const double *w = learner->class->weights(learner, 1, &intercept);
            if (threads == 1)
                memcpy(first, w, p.features * sizeof *w);
            assert_memory_equal(first, w, p.features * sizeof *w);
            learner->class->free(learner);
            sl_pool_free(pool);
        }
        problem_close(&p);
    }
}

/* Steps k, saves, loads into a fresh learner, goes on: compared with never having stopped. */
static void resumed_training_gives_the_same_bits(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_iris.tsv");
        struct logistic_params params = defaults();
        params.solver = solver;
        params.max_iter = 9;
        params.tol = 1e-12;
        struct sl_stage stage = stage_of(&params);
        struct sl_point whole, part;
        struct sl_learner *straight = begin(&stage, &p.data, NULL), *stopped = begin(&stage, &p.data, NULL);
        train(straight, &whole);
        for (int i = 0; i < 4; i++)
            assert_int_equal(stopped->class->step(stopped, &part, NULL), SL_OK);
        struct sl_buf saved = { 0 };
        save_all(stopped, &saved);
        struct sl_learner *resumed = begin(&stage, &p.data, NULL);
        assert_int_equal(resumed->class->load(resumed, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
        train(resumed, &part);
        assert_int_equal(part.step, whole.step);
        assert_memory_equal(&part.loss, &whole.loss, sizeof part.loss);
        for (uint32_t k = 0; k < 3; k++) {
            double a, b;
            const double *wa = straight->class->weights(straight, k, &a), *wb = resumed->class->weights(resumed, k, &b);
            assert_memory_equal(wa, wb, (p.features + 1) * sizeof *wa);
        }
        straight->class->free(straight);
        stopped->class->free(stopped);
        resumed->class->free(resumed);
        sl_buf_release(&saved);
        problem_close(&p);
    }
}

static void damaged_weights_are_refused(void **state)
{
    (void)state;
    struct problem p = problem_open("tests/golden/logistic_iris.tsv");
    struct logistic_params params = defaults();
    struct sl_stage stage = stage_of(&params);
    struct sl_learner *learner = begin(&stage, &p.data, NULL);
    struct sl_buf saved = { 0 };
    save_all(learner, &saved);
    for (size_t n = 0; n < saved.n; n++)
        assert_int_not_equal(learner->class->load(learner, (struct sl_str){ saved.p, n }, NULL), SL_OK);
    struct sl_error err = SL_ERROR_INIT;
    saved.p[0] ^= 1;
    assert_int_equal(learner->class->load(learner, (struct sl_str){ saved.p, saved.n }, &err), SL_EFORMAT);
    learner->class->free(learner);
    sl_buf_release(&saved);
    problem_close(&p);
}

static void a_non_finite_loss_stops_before_the_update(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = defaults();
        params.solver = solver;
        struct sl_stage stage = stage_of(&params);
        p.data.train.blocks[1].value[3] = NAN;
        struct sl_learner *learner = begin(&stage, &p.data, NULL);
        struct sl_point point;
        struct sl_error err = SL_ERROR_INIT;
        double intercept;
        assert_int_equal(learner->class->step(learner, &point, &err), SL_EDATA);
        assert_non_null(strstr(err.what, "not finite"));
        const double *w = learner->class->weights(learner, 1, &intercept);
        for (uint32_t j = 0; j <= p.features; j++)
            assert_true(w[j] == 0);
        learner->class->free(learner);
        problem_close(&p);
    }
}

static void mini_batches_come_near_the_minimum(void **state)
{
    (void)state;
    for (int solver = SOLVER_SGD; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = defaults();
        params.solver = SOLVER_LBFGS;
        struct sl_stage stage = stage_of(&params);
        struct sl_point best, point;
        struct sl_learner *learner = begin(&stage, &p.data, NULL);
        train(learner, &best);
        learner->class->free(learner);
        params.solver = solver;
        params.max_iter = 400;
        params.tol = 1e-9;
        params.learning_rate = solver == SOLVER_SGD ? 0.05 : 0.003;
        learner = begin(&stage, &p.data, NULL);
        train(learner, &point);
        near("loss", point.loss, best.loss, 0.05, 0);
        assert_true(point.train_accuracy > 0.97);
        learner->class->free(learner);
        problem_close(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(breast_cancer_agrees_with_scikit_learn),
        cmocka_unit_test(three_classes_of_iris_agree_with_scikit_learn),
        cmocka_unit_test(an_imbalanced_problem_agrees_with_scikit_learn),
        cmocka_unit_test(sparse_text_agrees_with_scikit_learn),
        cmocka_unit_test(weights_are_the_same_bits_for_any_number_of_threads),
        cmocka_unit_test(resumed_training_gives_the_same_bits),
        cmocka_unit_test(damaged_weights_are_refused),
        cmocka_unit_test(a_non_finite_loss_stops_before_the_update),
        cmocka_unit_test(mini_batches_come_near_the_minimum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
