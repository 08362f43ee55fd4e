/* test_tune.c: parameters changed while it trains, iterations halted within, and records blamed for a bad loss. */
#include "golden_rows.h"

#include "engine/learn/linear.h"

extern const struct sl_stage_class sl_stage_logistic;

static struct logistic_params params_of(int solver, int64_t steps)
{
    struct logistic_params params = *(const struct logistic_params *)sl_stage_logistic.defaults;
    params.solver = solver;
    params.max_iter = steps;
    params.tol = 1e-14;
    params.batch_size = 16;
    return params;
}

static struct sl_learner *begin(const struct logistic_params *params, const struct sl_dataset *data)
{
    const struct sl_stage stage = { .class = &sl_stage_logistic, .params = params };
    struct sl_learner *learner = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_learner_find(&stage)->begin(&learner, NULL, &stage, data, NULL, 0, &err))
        fail_msg("%s", err.what);
    return learner;
}

static struct sl_point steps(struct sl_learner *learner, int n)
{
    struct sl_point point = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    for (int i = 0; i < n; i++)
        if (learner->class->step(learner, &point, &err))
            fail_msg("step %d: %s", i + 1, err.what);
    return point;
}

static void tune(struct sl_learner *learner, const char *parameter, const char *value)
{
    struct sl_error err = SL_ERROR_INIT;
    if (learner->class->tune(learner, parameter, value, &err))
        fail_msg("%s=%s: %s; %s", parameter, value, err.what, err.fix);
}

static void assert_same(const struct sl_learner *a, const struct sl_learner *b, uint32_t features)
{
    double x, y;
    for (uint32_t k = 0; k < 3; k++) {
        const double *wa = a->class->weights(a, k, &x), *wb = b->class->weights(b, k, &y);
        assert_true(!wa == !wb);
        if (wa)
            assert_memory_equal(wa, wb, (features + 1) * sizeof *wa);
    }
}

static struct sl_learner *copy(const struct sl_learner *learner, const struct logistic_params *params,
                               const struct sl_dataset *data)
{
    struct sl_buf saved = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_learner *other = begin(params, data);
    assert_int_equal(learner->class->save(learner, &saved, NULL), SL_OK);
    if (other->class->load(other, (struct sl_str){ saved.p, saved.n }, &err))
        fail_msg("%s", err.what);
    sl_buf_release(&saved);
    return other;
}

static void a_learning_rate_counts_from_the_next_iteration(void **state)
{
    (void)state;
    for (int solver = SOLVER_SGD; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_iris.tsv");
        struct logistic_params params = params_of(solver, 50);
        struct sl_learner *tuned = begin(&params, &p.data), *plain = begin(&params, &p.data);
        assert_true(tuned->class->setting(tuned, "learning_rate") == params.learning_rate);
        steps(tuned, 3);
        steps(plain, 3);
        assert_same(tuned, plain, p.features);
        tune(tuned, "learning_rate", "0.25");
        assert_true(tuned->class->setting(tuned, "learning_rate") == 0.25);
        assert_same(tuned, plain, p.features);
        /* From here on it is a learner that was begun with the new rate and given the weights. */
        struct logistic_params fast = params;
        fast.learning_rate = 0.25;
        struct sl_learner *begun = copy(plain, &fast, &p.data);
        assert_true(begun->class->setting(begun, "learning_rate") == params.learning_rate); /* what was saved counts */
        tune(begun, "learning_rate", "0.25");
        double loss = steps(tuned, 2).loss, same = steps(begun, 2).loss, other = steps(plain, 2).loss;
        assert_true(loss == same);
        assert_true(loss != other);
        assert_same(tuned, begun, p.features);
        tuned->class->free(tuned);
        plain->class->free(plain);
        begun->class->free(begun);
        problem_close(&p);
    }
}

static void what_was_tuned_is_kept_with_the_state(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_iris.tsv");
        struct logistic_params params = params_of(solver, 4);
        struct sl_learner *learner = begin(&params, &p.data);
        steps(learner, 2);
        tune(learner, "max_iter", "9");
        tune(learner, "tol", "1e-13");
        if (solver >= SOLVER_SGD) {
            tune(learner, "learning_rate", "0.1");
            tune(learner, "batch_size", "7");
        }
        struct sl_learner *other = copy(learner, &params, &p.data);
        assert_true(other->class->setting(other, "max_iter") == 9);
        assert_true(other->class->setting(other, "tol") == 1e-13);
        struct sl_point a = steps(learner, 7), b = steps(other, 7);
        assert_int_equal(a.step, 9);
        assert_true(a.loss == b.loss);
        assert_same(learner, other, p.features);
        assert_int_equal(learner->class->step(learner, &a, NULL), SL_EEND);
        learner->class->free(learner);
        other->class->free(other);
        problem_close(&p);
    }
}

static void a_training_ends_sooner_or_later_when_told_so(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = params_of(solver, 6);
        struct sl_learner *learner = begin(&params, &p.data);
        struct sl_point point = steps(learner, 3);
        tune(learner, "max_iter", "2"); /* fewer than done */
        assert_int_equal(learner->class->step(learner, &point, NULL), SL_EEND);
        assert_int_equal(point.step, 3);
        tune(learner, "max_iter", "5");
        steps(learner, 1);
        tune(learner, "tol", "1"); /* anything will do */
        steps(learner, 1);
        assert_int_equal(learner->class->step(learner, &point, NULL), SL_EEND);
        assert_int_equal(point.step, 5);
        learner->class->free(learner);
        problem_close(&p);
    }
}

static void refused(int solver, const char *parameter, const char *value, const char *words)
{
    struct logistic_params params = params_of(solver, 5);
    const struct sl_stage stage = { .class = &sl_stage_logistic, .params = &params };
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    int status = sl_learner_find(&stage)->tunable(&stage, parameter, value, &err);
    if (!strstr(sl_error_format(&err, text, sizeof text), words))
        fail_msg("\"%s\" does not hold \"%s\"", text, words);
    assert_int_equal(status, SL_EPARAM);
}

static void what_may_not_change_is_refused_with_the_reason(void **state)
{
    (void)state;
    refused(SOLVER_SGD, "C", "2", "losses before and after would not compare");
    refused(SOLVER_SGD, "class_weight", "balanced", "train anew");
    refused(SOLVER_SGD, "random_state", "2", "settled when the training begins");
    refused(SOLVER_SGD, "solver", "adam", "settled when the training begins");
    refused(SOLVER_SGD, "learning_rat", "2", "did you mean \"learning_rate\"?");
    refused(SOLVER_LBFGS, "learning_rate", "2", "solver=lbfgs has no \"learning_rate\"");
    refused(SOLVER_LIBLINEAR, "batch_size", "2", "solver=liblinear has no \"batch_size\"");
    refused(SOLVER_ADAM, "learning_rate", "fast", "fast");
    refused(SOLVER_ADAM, "learning_rate", "-1", "-1");
    refused(SOLVER_ADAM, "batch_size", "0", "0");
    refused(SOLVER_ADAM, "max_iter", "1.5", "1.5");
    struct problem p = problem_open("tests/golden/logistic_iris.tsv");
    struct logistic_params params = params_of(SOLVER_LBFGS, 5);
    struct sl_learner *learner = begin(&params, &p.data);
    assert_true(isnan(learner->class->setting(learner, "learning_rate")));
    assert_true(isnan(learner->class->setting(learner, "nonsense")));
    assert_int_equal(learner->class->tune(learner, "C", "3", NULL), SL_EPARAM);
    assert_true(learner->class->setting(learner, "C") == params.C);
    learner->class->free(learner);
    problem_close(&p);
}

/* A state as it was saved before anything could be tuned: without the 32 bytes of tuned numbers behind the first 52,
 * and without the place within an epoch at the end. */
static void states_saved_by_older_programs_still_load(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_iris.tsv");
        struct logistic_params params = params_of(solver, 20);
        struct sl_learner *learner = begin(&params, &p.data), *other = begin(&params, &p.data);
        struct sl_buf saved = { 0 }, old = { 0 };
        struct sl_error err = SL_ERROR_INIT;
        steps(learner, 4);
        assert_int_equal(learner->class->save(learner, &saved, NULL), SL_OK);
        sl_buf_puts(&old, "LOG1");
        sl_buf_add(&old, saved.p + 4, 48);
        sl_buf_add(&old, saved.p + 84, saved.n - 84 - (solver >= SOLVER_SGD ? 8 : 0));
        if (other->class->load(other, (struct sl_str){ old.p, old.n }, &err))
            fail_msg("solver %d: %s", solver, err.what);
        assert_true(steps(learner, 3).loss == steps(other, 3).loss);
        assert_same(learner, other, p.features);
        sl_buf_release(&saved);
        sl_buf_release(&old);
        learner->class->free(learner);
        other->class->free(other);
        problem_close(&p);
    }
}

/* --- halting --- */

struct halting {
    unsigned asked, every;
};

static bool now_and_then(void *ctx)
{
    struct halting *h = ctx;
    return ++h->asked % h->every == 0;
}

static void an_epoch_halted_anywhere_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    for (int solver = SOLVER_SGD; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = params_of(solver, 100);
        struct sl_learner *whole = begin(&params, &p.data), *pieces = begin(&params, &p.data);
        struct halting h = { .every = 7 };
        struct sl_point point = { 0 }, wanted = steps(whole, 5);
        unsigned halts = 0;
        pieces->class->halt(pieces, now_and_then, &h);
        while (point.step < 5) {
            int status = pieces->class->step(pieces, &point, NULL);
            assert_true(status == SL_OK || status == SL_ECANCEL);
            assert_int_equal(pieces->class->within(pieces), status == SL_ECANCEL);
            if (!status)
                continue;
            assert_int_equal(pieces->class->tune(pieces, "learning_rate", "0.5", NULL), SL_ESTATE);
            if (halts++ % 2) { /* as a process that begins where another one ended */
                struct sl_learner *other = copy(pieces, &params, &p.data);
                assert_true(other->class->within(other));
                pieces->class->free(pieces);
                pieces = other;
                pieces->class->halt(pieces, now_and_then, &h);
            }
        }
        assert_true(halts > 10);
        assert_memory_equal(&point.loss, &wanted.loss, sizeof point.loss);
        assert_memory_equal(&point.gradient_norm, &wanted.gradient_norm, sizeof point.loss);
        assert_memory_equal(&point.train_accuracy, &wanted.train_accuracy, sizeof point.loss);
        assert_same(whole, pieces, p.features);
        whole->class->free(whole);
        pieces->class->free(pieces);
        problem_close(&p);
    }
}

static void a_halted_epoch_is_taken_back_whole(void **state)
{
    (void)state;
    for (int solver = SOLVER_SGD; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = params_of(solver, 100);
        struct sl_learner *whole = begin(&params, &p.data), *halted = begin(&params, &p.data);
        struct halting h = { .every = 5 };
        struct sl_point point;
        steps(whole, 2);
        steps(halted, 2);
        halted->class->halt(halted, now_and_then, &h);
        assert_int_equal(halted->class->step(halted, &point, NULL), SL_ECANCEL);
        struct sl_learner *again = copy(halted, &params, &p.data);
        halted->class->settle(halted);
        again->class->settle(again);
        assert_false(halted->class->within(halted));
        assert_same(whole, halted, p.features);
        assert_same(whole, again, p.features);
        halted->class->halt(halted, NULL, NULL);
        double wanted = steps(whole, 2).loss;
        assert_true(steps(halted, 2).loss == wanted);
        assert_true(steps(again, 2).loss == wanted);
        whole->class->free(whole);
        halted->class->free(halted);
        again->class->free(again);
        problem_close(&p);
    }
}

static void damaged_places_within_an_epoch_are_refused(void **state)
{
    (void)state;
    struct problem p = problem_open("tests/golden/logistic_iris.tsv");
    struct logistic_params params = params_of(SOLVER_ADAM, 100);
    struct sl_learner *learner = begin(&params, &p.data), *other = begin(&params, &p.data);
    struct halting h = { .every = 3 };
    struct sl_point point;
    struct sl_buf saved = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    learner->class->halt(learner, now_and_then, &h);
    assert_int_equal(learner->class->step(learner, &point, NULL), SL_ECANCEL);
    assert_int_equal(learner->class->save(learner, &saved, NULL), SL_OK);
    for (size_t n = 0; n < saved.n; n++)
        assert_int_equal(other->class->load(other, (struct sl_str){ saved.p, n }, &err), SL_EFORMAT);
    assert_int_equal(other->class->load(other, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
    learner->class->free(learner);
    other->class->free(other);
    sl_buf_release(&saved);
    problem_close(&p);
}

/* --- blame --- */

static void number_records(struct problem *p)
{
    uint64_t record = 1000;
    for (size_t b = 0; b < p->data.train.n_blocks; b++)
        for (uint32_t i = 0; i < p->data.train.blocks[b].n; i++)
            p->data.train.blocks[b].record[i] = record++;
}

/* The first value of row i of block b. */
static float *value_of(struct problem *p, size_t b, uint32_t i)
{
    return &p->data.train.blocks[b].value[p->data.train.blocks[b].start[i]];
}

static void the_records_that_spoil_the_loss_are_named(void **state)
{
    (void)state;
    for (int solver = SOLVER_LIBLINEAR; solver <= SOLVER_ADAM; solver++) {
        struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
        struct logistic_params params = params_of(solver, 10);
        uint64_t found[4] = { 0 };
        struct sl_point point;
        struct sl_error err = SL_ERROR_INIT;
        double intercept;
        params.batch_size = 1000000;
        number_records(&p);
        *value_of(&p, 1, 3) = INFINITY;
        *value_of(&p, 2, 0) = NAN;
        struct sl_learner *learner = begin(&params, &p.data);
        assert_int_equal(learner->class->step(learner, &point, &err), SL_EDATA);
        assert_int_equal(learner->class->guilty(learner, found, 4), 2);
        uint64_t a = 1000 + ROWS_A_BLOCK + 3, b = 1000 + 2 * ROWS_A_BLOCK;
        assert_true(found[0] == a || (solver >= SOLVER_SGD && found[0] == b));
        assert_int_equal(found[0] + found[1], a + b);
        const double *w = learner->class->weights(learner, 1, &intercept);
        for (uint32_t j = 0; j <= p.features; j++)
            assert_true(w[j] == 0);
        learner->class->free(learner);
        problem_close(&p);
    }
}

static void only_the_batch_at_hand_is_blamed(void **state)
{
    (void)state;
    struct problem p = problem_open("tests/golden/logistic_cancer.tsv");
    struct logistic_params params = params_of(SOLVER_SGD, 1000);
    uint64_t found[64] = { 0 };
    struct sl_point point;
    struct sl_error err = SL_ERROR_INIT;
    int status;
    params.learning_rate = 1e6;
    params.C = 1e-6; /* the penalty's step overshoots a thousandfold each time */
    number_records(&p);
    struct sl_learner *learner = begin(&params, &p.data);
    while (!(status = learner->class->step(learner, &point, &err)))
        assert_true(isfinite(point.loss));
    assert_int_equal(status, SL_EDATA);
    size_t n = learner->class->guilty(learner, found, 64);
    assert_true(n > 0 && n <= 16);
    for (size_t i = 0; i < n; i++)
        assert_true(found[i] >= 1000 && found[i] < 1000 + p.n);
    double intercept;
    const double *w = learner->class->weights(learner, 1, &intercept);
    for (uint32_t j = 0; j <= p.features; j++)
        assert_true(isfinite(w[j]));
    learner->class->free(learner);
    problem_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_learning_rate_counts_from_the_next_iteration),
        cmocka_unit_test(what_was_tuned_is_kept_with_the_state),
        cmocka_unit_test(a_training_ends_sooner_or_later_when_told_so),
        cmocka_unit_test(what_may_not_change_is_refused_with_the_reason),
        cmocka_unit_test(states_saved_by_older_programs_still_load),
        cmocka_unit_test(an_epoch_halted_anywhere_goes_on_to_the_same_bits),
        cmocka_unit_test(a_halted_epoch_is_taken_back_whole),
        cmocka_unit_test(damaged_places_within_an_epoch_are_refused),
        cmocka_unit_test(the_records_that_spoil_the_loss_are_named),
        cmocka_unit_test(only_the_batch_at_hand_is_blamed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
