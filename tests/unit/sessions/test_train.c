/* test_train.c: training in the background: curves, result, steering, reopening, failing. */
#include "session_try.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static void a_training_ends_in_a_result(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 400);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", "lowercase text", "label verdict", "split test_size=0.25 random_state=3",
              "tfidf text", "logistic", NULL);
    assert_null(sl_session_result(s));
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    const struct sl_point *points;
    size_t n = sl_session_points(s, &points);
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(points[i].step, i + 1);
    assert_true(points[n - 1].loss < points[0].loss);
    const struct sl_result *r = sl_session_result(s);
    assert_non_null(r);
    assert_true(r->have_test && r->converged);
    assert_int_equal(r->records, 400);
    assert_int_equal(r->n_train, 300);
    assert_int_equal(r->n_test, 100);
    assert_int_equal(r->test.n, 100);
    assert_int_equal(r->steps, n);
    assert_int_equal(r->n_test_head, 8);
    assert_true(r->test.accuracy > 0.6 && r->train.accuracy > 0.8);
    assert_true(points[n - 1].test_accuracy == r->test.accuracy);
    assert_string_equal(r->classes[0], "bad");
    assert_true(r->peak_rss > 0 && r->total_seconds > 0);
    assert_true(sl_session_stage(s, 4)->fitted && sl_session_stage(s, 5)->fitted);
    assert_int_equal(sl_session_stage(s, 1)->in, 400);
    sl_session_close(s);
}

static void the_result_is_one_line_of_json(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open(NULL);
    struct sl_buf json = { 0 };
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    sl_result_json(sl_session_result(s), &json);
    assert_false(json.failed);
    assert_null(strchr(json.p, '\n'));
    static const char *const keys[] = { "\"event\":\"result\"",
                                        "\"accuracy\":0.",
                                        "\"train_accuracy\":",
                                        "\"log_loss\":",
                                        "\"roc_auc\":",
                                        "\"confusion\":[[",
                                        "\"classes\":[\"bad\",\"good\"]",
                                        "\"records\":200",
                                        "\"quarantined\":0",
                                        "\"seconds\":{\"read\":",
                                        "\"total\":",
                                        "\"peak_rss_bytes\":",
                                        "\"fingerprint\":\"",
                                        "\"converged\":true" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_holds(json.p, keys[i]);
    sl_buf_release(&json);
    sl_session_close(s);
}

static void without_a_split_there_is_no_test(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open(NULL);
    struct sl_buf json = { 0 };
    try_lines(s, "read csv reviews.csv", "label verdict", "tfidf text", "logistic", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_false(sl_session_result(s)->have_test);
    sl_result_json(sl_session_result(s), &json);
    assert_holds(json.p, "\"accuracy\":null");
    sl_buf_release(&json);
    sl_session_close(s);
}

/* Everything a reopened session shows of a training. */
struct shown {
    size_t n;
    double loss, accuracy, auc, weight;
    char word[64];
};

static struct shown show(struct sl_session *s)
{
    struct shown shown = { 0 };
    const struct sl_point *points;
    struct sl_buf name = { 0 };
    shown.n = sl_session_points(s, &points);
    shown.loss = points[shown.n - 1].loss;
    shown.accuracy = sl_session_result(s)->test.accuracy;
    shown.auc = sl_session_result(s)->test.roc_auc;
    assert_true(sl_session_weight(s, 1, 0, &name, &shown.weight));
    snprintf(shown.word, sizeof shown.word, "%s", name.p);
    sl_buf_release(&name);
    return shown;
}

static void reopening_brings_curves_result_and_model_back(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    struct shown before = show(s);
    sl_session_close(s);
    s = try_open("a.session");
    struct shown after = show(s);
    assert_int_equal(before.n, after.n);
    assert_true(before.loss == after.loss && before.accuracy == after.accuracy && before.auc == after.auc);
    assert_true(before.weight == after.weight);
    assert_string_equal(before.word, after.word);
    try_wait(s, SL_JOB_DONE);
    assert_true(sl_session_stage(s, 3)->fitted && sl_session_stage(s, 3)->counted);
    try_lines(s, "set tfidf.max_features=5", NULL);
    assert_false(sl_session_stage(s, 3)->fitted);
    assert_true(sl_session_stage(s, 1)->counted);
    assert_false(sl_session_stage(s, 3)->counted);
    try_lines(s, "undo", NULL);
    assert_true(sl_session_stage(s, 3)->fitted);
    sl_session_close(s);
}

static void weights_are_in_order_and_opposite_for_the_other_class(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open(NULL);
    double w, last = INFINITY, other = NAN;
    struct sl_buf a = { 0 }, b = { 0 };
    assert_false(sl_session_weight(s, 1, 0, NULL, &w));
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    for (int k = 0; k < 10; k++) {
        assert_true(sl_session_weight(s, 1, k, NULL, &w));
        assert_true(w <= last);
        last = w;
    }
    assert_true(sl_session_weight(s, 1, 0, &a, &w) && sl_session_weight(s, 0, -1, &b, &other));
    assert_string_equal(a.p, b.p);
    assert_true(w == -other && w > 0);
    assert_true(sl_session_weight(s, 1, -1, NULL, &w) && w < 0);
    assert_false(sl_session_weight(s, 1, 100000, NULL, &w));
    assert_false(sl_session_weight(s, 7, 0, NULL, &w));
    sl_buf_release(&a);
    sl_buf_release(&b);
    sl_session_close(s);
}

static enum sl_job state_of(struct sl_session *s)
{
    struct sl_train_state now;
    sl_session_poll(s);
    sl_session_train_state(s, &now);
    return now.job;
}

static void await(struct sl_session *s, enum sl_job wanted)
{
    while (state_of(s) != wanted) {
        struct pollfd fd = { .fd = sl_session_fd(s), .events = POLLIN };
        if (state_of(s) == SL_JOB_FAILED || state_of(s) == SL_JOB_DONE)
            fail_msg("the training is %s, not %s", sl_job_name(state_of(s)), sl_job_name(wanted));
        poll(&fd, 1, 20);
    }
}

static size_t await_points(struct sl_session *s, size_t n)
{
    const struct sl_point *points;
    while (sl_session_points(s, &points) < n) {
        struct pollfd fd = { .fd = sl_session_fd(s), .events = POLLIN };
        poll(&fd, 1, 20);
        sl_session_poll(s);
    }
    return sl_session_points(s, &points);
}

static void a_training_is_held_and_goes_on(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open("a.session");
    struct sl_train_state now;
    const struct sl_point *points;
    try_refused(s, "pause", SL_ESTATE, "no training");
    try_refused(s, "stop", SL_ESTATE, "no training");
    try_refused(s, "resume", SL_ESTATE, "no training");
    try_long_recipe(s, 100000);
    try_lines(s, "train", NULL);
    try_refused(s, "train", SL_ESTATE, "under way");
    try_refused(s, "resume", SL_ESTATE, "under way");
    await_points(s, 1);
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
    try_refused(s, "pause", SL_ESTATE, "held already");
    size_t n = sl_session_points(s, &points);
    assert_false(sl_session_wait(s, 30));
    assert_int_equal(sl_session_points(s, &points), n);
    sl_session_train_state(s, &now);
    assert_int_equal(now.step, points[n - 1].step);
    try_lines(s, "resume", NULL);
    await(s, SL_JOB_TRAINING);
    await_points(s, n + 1);
    sl_session_train_state(s, &now);
    assert_true(now.fraction > 0 && now.fraction < 1 && now.rows_per_second > 0);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    assert_non_null(sl_session_result(s));
    assert_false(sl_session_result(s)->converged);
    assert_true(sl_session_stage(s, 5)->fitted);
    sl_session_close(s);
}

static void closing_holds_a_training_that_resume_takes_up(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open("a.session");
    const struct sl_point *points;
    try_long_recipe(s, 100000);
    try_lines(s, "train", NULL);
    size_t n = await_points(s, 1);
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(state_of(s), SL_JOB_INTERRUPTED);
    size_t left = sl_session_points(s, &points);
    assert_true(left >= n);
    try_lines(s, "set logistic.max_iter=7", NULL);
    try_refused(s, "resume", SL_ESTATE, "recipe has changed");
    try_lines(s, "undo", "resume", NULL);
    await_points(s, left + 1);
    sl_session_points(s, &points);
    for (size_t i = 0; i < left + 1; i++)
        assert_int_equal(points[i].step, i + 1);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    sl_session_close(s);
}

static void a_change_of_data_stops_a_resume(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open("a.session");
    const struct sl_point *points;
    try_long_recipe(s, 100000);
    try_lines(s, "train", NULL);
    await_points(s, 1);
    sl_session_close(s);
    char *text = try_read("reviews.csv");
    char *word = strstr(text, "film");
    assert_non_null(word);
    memcpy(word, "FILM", 4); /* as long as before: only the content tells */
    try_write("reviews.csv", text);
    free(text);
    s = try_open("a.session");
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_FAILED);
    struct sl_train_state now;
    sl_session_train_state(s, &now);
    assert_holds(now.error.what, "the data have changed");
    assert_holds(now.error.fix, "force=true");
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(state_of(s), SL_JOB_INTERRUPTED);
    try_reviews("reviews.csv", 280); /* another length tells at once */
    try_refused(s, "resume", SL_ESTATE, "has changed since");
    try_lines(s, "resume force=true", NULL);
    await_points(s, sl_session_points(s, &points) + 1);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    sl_session_close(s);
}

static void a_training_that_cannot_begin_says_why(void **state)
{
    (void)state;
    try_write("one.csv", "text,verdict\na b,good\nc d,good\ne f,good\ng h,good\n");
    struct sl_session *s = try_open("a.session");
    struct sl_train_state now;
    try_lines(s, "read csv one.csv", "label verdict", "split", "tfidf text", "logistic", "train", NULL);
    try_wait(s, SL_JOB_FAILED);
    sl_session_train_state(s, &now);
    assert_holds(now.error.what, "verdict");
    assert_null(sl_session_result(s));
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(state_of(s), SL_JOB_FAILED);
    sl_session_close(s);
}

static void a_loss_beyond_all_numbers_ends_the_training_and_keeps_the_weights(void **state)
{
    (void)state;
    struct sl_buf text = { 0 };
    sl_buf_puts(&text, "x,y\n");
    for (int i = 0; i < 64; i++)
        sl_buf_printf(&text, "%de37,%s\n", i % 2 ? 2 : -3, i % 3 ? "a" : "b");
    try_write("huge.csv", text.p);
    sl_buf_release(&text);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv huge.csv", "label y", "split random_state=1",
              "logistic solver=sgd learning_rate=1e6 C=1e-12 max_iter=1000", "train", NULL);
    try_wait(s, SL_JOB_FAILED);
    struct sl_train_state now;
    const struct sl_point *points;
    double weight = NAN;
    sl_session_train_state(s, &now);
    assert_int_equal(now.error.status, SL_EDATA);
    assert_holds(now.error.what, "not finite");
    size_t n = sl_session_points(s, &points);
    assert_true(n > 0);
    assert_true(isfinite(points[n - 1].loss));
    sl_session_close(s);
    s = try_open("a.session");
    assert_int_equal(state_of(s), SL_JOB_FAILED);
    assert_int_equal(sl_session_points(s, &points), n);
    assert_true(sl_session_weight(s, 1, 0, NULL, &weight));
    assert_true(isfinite(weight));
    sl_session_close(s);
}

static void training_anew_begins_new_curves(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open("a.session");
    const struct sl_point *points;
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    size_t n = sl_session_points(s, &points);
    double loss = points[n - 1].loss;
    try_lines(s, "set logistic.C=0.01", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    n = sl_session_points(s, &points);
    assert_int_equal(points[0].step, 1);
    assert_true(points[n - 1].loss != loss);
    sl_session_close(s);
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 500);
    struct shown shown[3];
    for (int i = 0; i < 3; i++) {
        struct sl_session *s = try_open_with(&(struct sl_session_options){ .threads = i + 1, .memory = 64 << 20 });
        try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
                  NULL);
        try_wait(s, SL_JOB_DONE);
        shown[i] = show(s);
        sl_session_close(s);
    }
    for (int i = 1; i < 3; i++) {
        assert_int_equal(shown[i].n, shown[0].n);
        assert_true(shown[i].loss == shown[0].loss && shown[i].auc == shown[0].auc &&
                    shown[i].weight == shown[0].weight);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_training_ends_in_a_result),
        TRY(the_result_is_one_line_of_json),
        TRY(without_a_split_there_is_no_test),
        TRY(reopening_brings_curves_result_and_model_back),
        TRY(weights_are_in_order_and_opposite_for_the_other_class),
        TRY(a_training_is_held_and_goes_on),
        TRY(closing_holds_a_training_that_resume_takes_up),
        TRY(a_change_of_data_stops_a_resume),
        TRY(a_training_that_cannot_begin_says_why),
        TRY(a_loss_beyond_all_numbers_ends_the_training_and_keeps_the_weights),
        TRY(training_anew_begins_new_curves),
        TRY(threads_do_not_change_a_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
