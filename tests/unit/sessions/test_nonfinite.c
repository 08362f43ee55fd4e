/* test_nonfinite.c: a loss that is no number ends a training before it spoils the weights, and names the records. */
#include "session_try.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct sl_event *last_event(struct sl_session *s, const char *kind)
{
    const struct sl_event *events;
    for (size_t n = sl_session_events(s, &events); n-- > 0;)
        if (strcmp(events[n].kind, kind) == 0)
            return &events[n];
    return NULL;
}

/* Two numbers and a class; those of `bad` records (record, 1000 + record …) are replaced. */
static void write_numbers(const char *path, int n, const int *bad, size_t n_bad, const char *number)
{
    struct sl_buf text = { 0 };
    uint32_t random = 7;
    sl_buf_puts(&text, "a,b,y\n");
    for (int i = 0; i < n; i++) {
        random = random * 1664525u + 1013904223u;
        double a = (double)(random >> 8) / (1 << 24) - 0.5, b = (double)(i * 37 % 101) / 100;
        bool is_bad = false;
        for (size_t k = 0; k < n_bad; k++)
            is_bad |= bad[k] == i;
        sl_buf_printf(&text, "%.6f,", a);
        if (is_bad)
            sl_buf_puts(&text, number);
        else
            sl_buf_printf(&text, "%.2f", b);
        sl_buf_printf(&text, ",%s\n", a + b > 0.5 ? "yes" : "no");
    }
    assert_false(text.failed);
    try_write(path, text.p);
    sl_buf_release(&text);
}

/* Train with this learner; it must fail with a loss that is no number. */
static struct sl_session *fails(const char *learner, struct sl_train_state *now)
{
    remove("a.session");
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv n.csv", "label y", "split test_size=0.2 shuffle=false", learner, "train", NULL);
    try_wait(s, SL_JOB_FAILED);
    sl_session_train_state(s, now);
    assert_holds(now->error.what, "the loss is not finite");
    assert_holds(now->error.fix, "records guilty");
    return s;
}

static void assert_weights_are_good(struct sl_session *s)
{
    double w;
    for (int k = 0; k < 2; k++)
        if (sl_session_weight(s, 1, k, NULL, &w))
            assert_true(isfinite(w));
}

static void a_number_too_large_for_a_feature_is_blamed(void **state)
{
    (void)state;
    static const char *const learners[] = { "logistic", "logistic solver=lbfgs", "logistic solver=sgd batch_size=10000",
                                            "logistic solver=adam batch_size=10000" };
    static const int bad[] = { 5, 61, 62 };
    struct sl_train_state now;
    const uint64_t *guilty;
    uint64_t total;
    write_numbers("n.csv", 200, bad, 3, "1e39"); /* beyond float32 */
    for (size_t i = 0; i < sizeof learners / sizeof *learners; i++) {
        struct sl_session *s = fails(learners[i], &now);
        assert_holds(now.error.what, "3 records are to blame");
        for (int opened = 0; opened < 2; opened++) {
            assert_int_equal(sl_session_guilty(s, &guilty, &total), 3);
            assert_int_equal(total, 3);
            uint64_t sum = guilty[0] + guilty[1] + guilty[2];
            assert_int_equal(sum, 5 + 61 + 62);
            assert_true(i > 1 || (guilty[0] == 5 && guilty[1] == 61)); /* input order, all at once */
            assert_non_null(last_event(s, "nonfinite"));
            assert_int_equal(last_event(s, "failed")->step, 0);
            assert_weights_are_good(s);
            sl_session_close(s);
            s = try_open("a.session");
        }
        sl_session_train_state(s, &now);
        assert_holds(now.error.what, "record");
        sl_session_close(s);
    }
}

/* With weights learned already an infinite number may stand on the right side, where there is no loss. */
static void one_on_the_right_side_is_blamed_as_well(void **state)
{
    (void)state;
    static const char *const learners[] = { "logistic solver=sgd batch_size=4", "logistic solver=adam batch_size=4" };
    static const char *const numbers[] = { "1e39", "-1e39" };
    static const int bad[] = { 150 };
    struct sl_train_state now;
    const uint64_t *guilty;
    uint64_t total;
    for (size_t i = 0; i < 4; i++) {
        write_numbers("n.csv", 200, bad, 1, numbers[i % 2]);
        struct sl_session *s = fails(learners[i / 2], &now);
        assert_int_equal(sl_session_guilty(s, &guilty, &total), 1);
        assert_int_equal(guilty[0], 150);
        assert_int_equal(total, 1);
        assert_holds(now.error.what, "1 record is to blame, the first is record 150");
        assert_weights_are_good(s);
        sl_session_close(s);
    }
}

static void a_step_far_too_long_stops_before_it_spoils_the_weights(void **state)
{
    (void)state;
    static const char learner[] = "logistic solver=sgd learning_rate=1e6 C=1e-6 batch_size=8 max_iter=1000 tol=1e-15";
    struct sl_train_state now;
    const struct sl_point *points;
    const uint64_t *guilty;
    uint64_t total;
    write_numbers("n.csv", 200, NULL, 0, "");
    struct sl_session *s = fails(learner, &now);
    size_t n = sl_session_points(s, &points);
    for (size_t i = 0; i < n; i++)
        assert_true(isfinite(points[i].loss));
    const struct sl_event *e = last_event(s, "nonfinite");
    assert_int_equal(e->step, n ? points[n - 1].step : 0);
    size_t kept = sl_session_guilty(s, &guilty, &total);
    assert_true(kept > 0 && kept <= 8);
    assert_int_equal(total, kept);
    for (size_t i = 0; i < kept; i++)
        assert_true(guilty[i] < 200);
    assert_weights_are_good(s);
    /* Begun again with a bearable rate nobody is to blame any more. */
    try_lines(s, "set logistic.learning_rate=0.01", "set logistic.C=1", "set logistic.max_iter=3", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_guilty(s, &guilty, &total), 0);
    assert_int_equal(total, 0);
    sl_session_close(s);
}

static void more_records_than_are_kept_are_counted(void **state)
{
    (void)state;
    int bad[150];
    struct sl_train_state now;
    const uint64_t *guilty;
    uint64_t total;
    for (int i = 0; i < 150; i++)
        bad[i] = i;
    write_numbers("n.csv", 200, bad, 150, "-2e300");
    struct sl_session *s = fails("logistic", &now);
    assert_int_equal(sl_session_guilty(s, &guilty, &total), 64);
    assert_int_equal(total, 150);
    for (uint64_t i = 0; i < 64; i++)
        assert_int_equal(guilty[i], i);
    assert_holds(now.error.what, "the first is record 0");
    sl_session_close(s);
}

static void large_numbers_that_fit_are_no_reason_to_fail(void **state)
{
    (void)state;
    static const int bad[] = { 5, 61 };
    write_numbers("n.csv", 200, bad, 2, "3e38");
    struct sl_session *s = try_open(NULL);
    const struct sl_point *points;
    try_lines(s, "read csv n.csv", "label y", "split test_size=0.2 shuffle=false", "logistic solver=sgd max_iter=3",
              "train", NULL);
    try_wait(s, SL_JOB_DONE);
    for (size_t i = 0, n = sl_session_points(s, &points); i < n; i++)
        assert_true(isfinite(points[i].loss));
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_number_too_large_for_a_feature_is_blamed),
        TRY(one_on_the_right_side_is_blamed_as_well),
        TRY(a_step_far_too_long_stops_before_it_spoils_the_weights),
        TRY(more_records_than_are_kept_are_counted),
        TRY(large_numbers_that_fit_are_no_reason_to_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
