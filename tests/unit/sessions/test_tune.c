/* test_tune.c: a training steered while it runs: parameters tuned, iterations taken one by one; what was done is done
 * again at the very same steps when a killed training goes on. */
#include "steer_try.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

enum { LONG = 3000 };

static struct sl_session *begin(const char *path, int steps)
{
    if (path)
        remove(path);
    struct sl_session *s = try_open(path);
    try_long_recipe(s, steps);
    return s;
}

/* One iteration, until it is held behind it. */
static void once(struct sl_session *s, size_t times)
{
    const struct sl_point *points;
    for (size_t i = 0; i < times; i++) {
        size_t n = sl_session_points(s, &points);
        try_lines(s, "once", NULL);
        await_points(s, n + 1);
        await(s, SL_JOB_PAUSED);
        assert_int_equal(sl_session_points(s, &points), n + 1);
    }
}

/* --- the journal --- */

static long journal_step(const char *path, const char *line)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    long step = -2;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT step FROM journal WHERE line = ? ORDER BY id DESC LIMIT 1", -1, &query, NULL),
        SQLITE_OK);
    sqlite3_bind_text(query, 1, line, -1, SQLITE_STATIC);
    if (sqlite3_step(query) == SQLITE_ROW)
        step = sqlite3_column_type(query, 0) == SQLITE_NULL ? -1 : (long)sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return step;
}

static void a_tuned_parameter_counts_from_the_step_the_journal_names(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = begin("a.session", 1000000);
    try_lines(s, "train", NULL);
    await_points(s, 3);
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
    uint64_t held = await_event(s, "paused", 0)->step;
    const struct sl_point *points;
    size_t shown = sl_session_points(s, &points);
    assert_int_equal(points[shown - 1].step, held);
    assert_true(sl_session_setting(s, "learning_rate", held) == 0.001);
    try_lines(s, "tune learning_rate=0.25 max_iter=2000000", NULL);
    const struct sl_event *tuned = await_event(s, "tuned", 1);
    assert_int_equal(tuned->step, held);
    assert_string_equal(strchr(tuned->json, ','), ",\"parameter\":\"max_iter\",\"before\":1000000,\"value\":2000000}");
    tuned = event(s, "tuned", 0);
    assert_string_equal(strchr(tuned->json, ','), ",\"parameter\":\"learning_rate\",\"before\":0.001,\"value\":0.25}");
    assert_true(sl_session_setting(s, "learning_rate", held) == 0.25);
    assert_true(sl_session_setting(s, "learning_rate", held - 1) == 0.001);
    assert_true(isnan(sl_session_setting(s, "nonsense", 0)));
    try_lines(s, "resume", NULL);
    uint64_t resumed = await_event(s, "resumed", 0)->step;
    assert_int_equal(resumed, held);
    await_points(s, (size_t)held + 2);
    try_lines(s, "tune tol=1e-13", NULL);
    uint64_t running = await_event(s, "tuned", 2)->step;
    assert_true(running > held);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    uint64_t stopped = await_event(s, "stopped", 0)->step;
    assert_int_equal(sl_session_result(s)->steps, stopped);
    sl_session_close(s);
    assert_int_equal(journal_step("a.session", "train"), 0);
    assert_int_equal(journal_step("a.session", "pause"), held);
    assert_int_equal(journal_step("a.session", "tune learning_rate=0.25 max_iter=2000000"), held);
    assert_int_equal(journal_step("a.session", "resume"), held);
    assert_int_equal(journal_step("a.session", "tune tol=1e-13"), running);
    assert_int_equal(journal_step("a.session", "stop"), stopped);
    s = try_open("a.session"); /* and all is there again */
    assert_int_equal(event(s, "tuned", 2)->step, running);
    assert_true(sl_session_setting(s, "learning_rate", UINT64_MAX) == 0.25);
    sl_session_close(s);
}

static void events_come_in_order_with_their_steps(void **state)
{
    (void)state;
    static const char *const kinds[] = { "prepared", "training", "paused", "resumed", "paused", "resumed", "done" };
    static const uint64_t steps[] = { 0, 0, 1, 1, 2, 2, 5 };
    try_reviews("reviews.csv", 300);
    struct sl_session *s = begin("a.session", 5);
    const struct sl_event *events;
    once(s, 2);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    for (int opened = 0; opened < 2; opened++) {
        size_t n = sl_session_events(s, &events), at = 0;
        for (size_t i = 0; i < n; i++) {
            assert_true(i == 0 || events[i].time >= events[i - 1].time);
            if (strcmp(events[i].kind, "checkpoint") == 0)
                continue;
            assert_true(at < sizeof steps / sizeof *steps);
            assert_string_equal(events[i].kind, kinds[at]);
            assert_int_equal(events[i].step, steps[at++]);
        }
        assert_int_equal(at, sizeof steps / sizeof *steps);
        assert_non_null(strstr(events[0].json, "\"seconds\":"));
        sl_session_close(s);
        s = try_open("a.session");
    }
    sl_session_close(s);
}

static void what_cannot_be_tuned_is_refused_and_leaves_no_trace(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = begin("a.session", 1000000);
    try_refused(s, "tune learning_rate=0.1", SL_ESTATE, "no training is under way");
    try_lines(s, "train", NULL);
    await_points(s, 1);
    try_refused(s, "tune C=2", SL_EPARAM, "cannot change while it trains");
    try_refused(s, "tune learning_rat=2", SL_EPARAM, "did you mean \"learning_rate\"?");
    try_refused(s, "tune learning_rate=0.5 batch_size=-3", SL_EPARAM, "-3"); /* neither of the two */
    try_refused(s, "tune learning_rate", SL_ESYNTAX, "PARAMETER=VALUE");
    try_refused(s, "tune", SL_EPARAM, "change");
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
    assert_null(event(s, "tuned", 0));
    assert_int_equal(journal_step("a.session", "tune learning_rate=0.5 batch_size=-3"), -2);
    sl_session_close(s);
}

static void once_takes_one_iteration_from_wherever_it_is(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = begin("a.session", 100000);
    const struct sl_point *points;
    once(s, 3); /* the first begins the training */
    assert_int_equal(sl_session_points(s, &points), 3);
    try_lines(s, "resume", NULL);
    await(s, SL_JOB_TRAINING);
    await_points(s, 5);
    try_lines(s, "once", NULL); /* under way: it holds */
    await(s, SL_JOB_PAUSED);
    size_t n = sl_session_points(s, &points);
    assert_false(sl_session_wait(s, 30));
    assert_int_equal(sl_session_points(s, &points), n);
    sl_session_close(s);
    s = try_open("a.session"); /* left off: it goes on */
    once(s, 1);
    assert_int_equal(sl_session_points(s, &points), n + 1);
    assert_int_equal(points[n].step, points[n - 1].step + 1);
    try_lines(s, "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    once(s, 1);
    assert_int_equal(sl_session_points(s, &points), n + 2);
    char line[64];
    snprintf(line, sizeof line, "tune max_iter=%zu", n + 3);
    try_lines(s, line, "once", NULL);
    await_points(s, n + 3);
    try_lines(s, "once", NULL); /* none is left */
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_points(s, &points), n + 3);
    sl_session_close(s);
}

/* --- kills --- */

static void three_then_tune(struct sl_session *s)
{
    once(s, 3);
    try_lines(s, "tune learning_rate=0.02 batch_size=5", NULL);
    await_event(s, "tuned", 1);
}

static void three_tune_and_run(struct sl_session *s)
{
    three_then_tune(s);
    try_lines(s, "resume", NULL);
    await_points(s, 30);
}

static void steer_to_the_end(struct sl_session *s)
{
    three_then_tune(s);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
}

static void a_kill_behind_an_intervention_changes_nothing(void **state)
{
    (void)state;
    static void (*const ways[])(struct sl_session *) = { three_then_tune, three_tune_and_run };
    try_reviews("reviews.csv", 300);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct sl_session *s = begin(NULL, 400);
        steer_to_the_end(s);
        struct outcome whole = outcome_of(s);
        sl_session_close(s);
        killed_after(ways[i], begin, "pieces.session", 400);
        s = try_open("pieces.session");
        if (state_of(s) == SL_JOB_INTERRUPTED)
            try_lines(s, "resume", NULL);
        try_wait(s, SL_JOB_DONE);
        assert_null(event(s, "tuned", 2)); /* done again, but told once */
        assert_same(whole, outcome_of(s));
        sl_session_close(s);
    }
}

static void tune_while_it_runs(struct sl_session *s)
{
    try_lines(s, "train", NULL);
    await_points(s, 10);
    try_lines(s, "tune learning_rate=0.05", NULL);
    uint64_t at = await_event(s, "tuned", 0)->step;
    try_lines(s, "tune learning_rate=0.002", NULL);
    await_event(s, "tuned", 1);
    await_points(s, (size_t)at + 3);
}

/* The interventions of one session made in another, one iteration at a time. */
static void made_again(struct sl_session *s, const uint64_t steps[2])
{
    once(s, (size_t)steps[0]);
    try_lines(s, "tune learning_rate=0.05", NULL);
    await_event(s, "tuned", 0);
    once(s, (size_t)(steps[1] - steps[0]));
    try_lines(s, "tune learning_rate=0.002", NULL);
    await_event(s, "tuned", 1);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
}

static void interventions_on_the_run_survive_a_kill_at_their_steps(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 1500);
    for (int round = 0; round < 2; round++) {
        killed_after(tune_while_it_runs, begin, "pieces.session", LONG);
        struct sl_session *s = try_open("pieces.session");
        uint64_t steps[2] = { event(s, "tuned", 0)->step, event(s, "tuned", 1)->step };
        if (state_of(s) == SL_JOB_INTERRUPTED)
            try_lines(s, "resume", NULL);
        try_wait(s, SL_JOB_DONE);
        struct outcome pieces = outcome_of(s);
        sl_session_close(s);
        s = begin(NULL, LONG);
        made_again(s, steps);
        assert_same(pieces, outcome_of(s));
        sl_session_close(s);
    }
}

static void ask_and_die(struct sl_session *s)
{
    try_lines(s, "train", "tune learning_rate=0.05", NULL);
}

static void what_was_asked_for_but_not_yet_done_is_done_later(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    killed_after(ask_and_die, begin, "a.session", 60);
    struct sl_session *s = try_open("a.session");
    if (state_of(s) == SL_JOB_INTERRUPTED)
        try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    assert_non_null(event(s, "tuned", 0));
    assert_null(event(s, "tuned", 1));
    assert_int_equal(journal_step("a.session", "tune learning_rate=0.05"), event(s, "tuned", 0)->step);
    assert_true(sl_session_setting(s, "learning_rate", UINT64_MAX) == 0.05);
    sl_session_close(s);
}

/* --- figures of one that is held --- */

static void a_held_training_says_the_same_live_and_opened_again(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = begin("a.session", 100000);
    struct sl_train_state live, later, back;
    try_lines(s, "train", NULL);
    await_points(s, 5);
    try_lines(s, "pause", NULL);
    await(s, SL_JOB_PAUSED);
    sl_session_train_state(s, &live);
    assert_false(sl_session_wait(s, 30));
    sl_session_train_state(s, &later);
    sl_session_close(s);
    s = try_open("a.session");
    sl_session_train_state(s, &back);
    assert_int_equal(back.job, SL_JOB_INTERRUPTED);
    assert_true(live.fraction > 0 && live.fraction < 1 && live.wait_share > 0 && live.wait_share < 1);
    assert_true(live.rows_per_second > 0 && isnan(live.eta));
    const struct sl_train_state *others[] = { &later, &back };
    for (int i = 0; i < 2; i++) {
        assert_true(live.fraction == others[i]->fraction && live.wait_share == others[i]->wait_share);
        assert_true(live.rows_per_second == others[i]->rows_per_second && isnan(others[i]->eta));
        assert_int_equal(live.step, others[i]->step);
    }
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_tuned_parameter_counts_from_the_step_the_journal_names),
        TRY(events_come_in_order_with_their_steps),
        TRY(what_cannot_be_tuned_is_refused_and_leaves_no_trace),
        TRY(once_takes_one_iteration_from_wherever_it_is),
        TRY(a_kill_behind_an_intervention_changes_nothing),
        TRY(interventions_on_the_run_survive_a_kill_at_their_steps),
        TRY(what_was_asked_for_but_not_yet_done_is_done_later),
        TRY(a_held_training_says_the_same_live_and_opened_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
