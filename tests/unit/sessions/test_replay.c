/* test_replay.c: standing at a moment of the past shows what was there then; branching goes on from it to the bit. */
#include "session_try.h"

#include "sluice/replay.h"

#include <math.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sl_session *replay(const char *path)
{
    return try_open_with(&(struct sl_session_options){ .path = path, .threads = 2, .replay = true });
}

static void seek(struct sl_session *s, size_t moment)
{
    struct sl_error err = SL_ERROR_INIT;
    if (sl_replay_seek(s, moment, &err))
        fail_msg("moment %zu: %s", moment, err.what);
    assert_int_equal(sl_replay_at(s), moment);
}

/* The k-th moment of this name, from 0. */
static size_t find(struct sl_session *s, const char *name, size_t k)
{
    struct sl_moment m;
    for (size_t i = 0; sl_replay_moment(s, i, &m); i++)
        if (strcmp(m.name, name) == 0 && k-- == 0)
            return i;
    fail_msg("there is no moment \"%s\"", name);
    return 0;
}

/* All that a session shows, as text. */
static char *shown(struct sl_session *s)
{
    struct sl_buf out = { 0 };
    const struct sl_point *points;
    struct sl_train_state state;
    double weight = 0;
    struct sl_buf word = { 0 };
    sl_session_recipe_text(s, &out);
    sl_buf_printf(&out, "undo %d redo %d problem %s\n", sl_session_can_undo(s), sl_session_can_redo(s),
                  sl_session_problem(s) ? sl_session_problem(s)->what : "none");
    for (size_t i = 0; i < sl_session_stages(s); i++) {
        const struct sl_stage_view *v = sl_session_stage(s, i);
        sl_buf_printf(&out, "%s fitted %d counted %d in %llu out %llu changed %llu\n", v->text, v->fitted, v->counted,
                      (unsigned long long)v->in, (unsigned long long)v->out, (unsigned long long)v->changed);
    }
    sl_session_train_state(s, &state);
    size_t n = sl_session_points(s, &points);
    sl_buf_printf(&out, "%s step %llu points %zu", sl_job_name(state.job), (unsigned long long)state.step, n);
    if (n)
        sl_buf_printf(&out, " last %a", points[n - 1].loss);
    const struct sl_result *result = sl_session_result(s);
    if (result)
        sl_buf_printf(&out, " result %a of %llu", result->train.accuracy, (unsigned long long)result->n_train);
    if (sl_session_weight(s, 1, 0, &word, &weight))
        sl_buf_printf(&out, " strongest %s %a", word.p, weight);
    sl_buf_release(&word);
    assert_false(out.failed);
    return out.p;
}

static void pause_at(struct sl_session *s, uint64_t step)
{
    struct sl_train_state state;
    do {
        sl_session_poll(s);
        usleep(1000);
        sl_session_train_state(s, &state);
    } while (state.step < step && state.job != SL_JOB_DONE && state.job != SL_JOB_FAILED);
    try_lines(s, "pause", NULL);
    do {
        sl_session_poll(s);
        usleep(1000);
        sl_session_train_state(s, &state);
    } while (state.job != SL_JOB_PAUSED);
    sl_session_poll(s); /* its last points */
}

/* --- the live session and its replay --- */

enum { TAKES_MOST = 40 };
struct take {
    const char *moment; /* name, and which one */
    size_t k;
    char *text;
};
struct takes {
    struct take at[TAKES_MOST];
    size_t n;
};

static void take(struct takes *takes, struct sl_session *s, const char *moment, size_t k)
{
    assert_true(takes->n < TAKES_MOST);
    takes->at[takes->n++] = (struct take){ moment, k, shown(s) };
}

/* Fails with the first lines that differ. */
static void differ(const struct take *t, const char *now)
{
    const char *a = now, *b = t->text;
    while (strcspn(a, "\n") == strcspn(b, "\n") && strncmp(a, b, strcspn(a, "\n")) == 0) {
        a += strcspn(a, "\n") + 1;
        b += strcspn(b, "\n") + 1;
    }
    fail_msg("at \"%s\" %zu: %.*s; it was: %.*s", t->moment, t->k, (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
}

/* Edits, undo, two trainings, pauses, an end and another opening; a shot of each. */
static void live(struct takes *takes)
{
    try_reviews("reviews.csv", 2000);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", NULL);
    take(takes, s, "read", 0);
    try_lines(s, "lowercase text", "label verdict", NULL);
    take(takes, s, "label", 0);
    try_lines(s, "strip_html text", "undo", NULL);
    take(takes, s, "undo", 0);
    try_lines(s, "redo", NULL);
    take(takes, s, "redo", 0);
    try_lines(s, "undo", "trim text", NULL);
    take(takes, s, "trim", 0);
    try_lines(s, "split random_state=1", "tfidf text", "logistic", "train", NULL);
    try_wait(s, SL_JOB_DONE);
    take(takes, s, "done", 0);
    try_lines(s, "note all is well", NULL);
    take(takes, s, "note", 0);
    try_lines(s, "off trim", NULL);
    take(takes, s, "off", 0);
    try_lines(s, "on trim", NULL);
    take(takes, s, "on", 0);
    try_lines(s, "edit logistic logistic solver=adam learning_rate=0.001 batch_size=16 tol=1e-15 max_iter=30000", NULL);
    take(takes, s, "edit", 0);
    try_lines(s, "train", NULL);
    pause_at(s, 20);
    take(takes, s, "paused", 0);
    try_lines(s, "resume", NULL);
    pause_at(s, 60);
    take(takes, s, "paused", 1);
    sl_session_close(s);
    s = try_open("a.session");
    take(takes, s, "opened", 1);
    try_lines(s, "resume", NULL);
    pause_at(s, 120);
    take(takes, s, "paused", 2);
    try_lines(s, "resume", "stop", NULL);
    try_wait(s, SL_JOB_STOPPED);
    take(takes, s, "stopped", 0);
    sl_session_close(s);
}

static void every_moment_shows_what_the_live_session_showed(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    for (int round = 0; round < 3; round++) /* forward, backward, to and fro */
        for (size_t k = 0; k < takes.n; k++) {
            const struct take *t = &takes.at[round == 1 ? takes.n - 1 - k : round == 2 ? k * 7 % takes.n : k];
            seek(s, find(s, t->moment, t->k));
            char *now = shown(s);
            if (strcmp(now, t->text) != 0)
                differ(t, now);
            free(now);
        }
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
}

static void seeking_anywhere_is_the_same_as_going_there_from_the_start(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    size_t n = sl_replay_moments(s);
    assert_true(n > 100);
    uint32_t random = 7;
    for (int i = 0; i < 25; i++) {
        random = random * 1664525u + 1013904223u;
        size_t to = (random >> 8) % n;
        seek(s, to);
        char *here = shown(s);
        struct sl_session *fresh = replay("a.session");
        for (size_t k = 1; k <= to; k += k < to && to - k > 10 ? 10 : 1)
            seek(fresh, k);
        seek(fresh, to);
        char *there = shown(fresh);
        if (strcmp(here, there) != 0)
            fail_msg("moment %zu:\n%s\n--- from the start:\n%s", to, here, there);
        free(here);
        free(there);
        sl_session_close(fresh);
    }
    seek(s, n - 1);
    char *last = shown(s);
    struct sl_session *open = try_open_with(&(struct sl_session_options){ .path = "a.session", .read_only = true });
    char *now = shown(open);
    assert_string_equal(last, now);
    free(last);
    free(now);
    sl_session_close(open);
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
}

static void moments_are_in_order_and_points_lie_between_their_events(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    struct sl_moment m, before = { 0 };
    size_t points = 0, best = 0;
    for (size_t i = 0; sl_replay_moment(s, i, &m); i++) {
        struct sl_buf text = { 0 };
        sl_replay_describe(s, i, &text);
        assert_true(text.n > 0 && !text.failed);
        sl_buf_release(&text);
        assert_true(m.time >= before.time && m.played >= before.played && m.played - before.played <= 2.0000001);
        assert_true(m.run >= before.run);
        if (m.kind == SL_MOMENT_POINT) {
            assert_true(m.job == SL_JOB_TRAINING || m.job == SL_JOB_PAUSED);
            assert_true(m.step == (m.run == before.run ? before.step + 1 : 1));
        } else if (m.run == before.run) {
            assert_int_equal(m.step, before.step);
        }
        points += m.kind == SL_MOMENT_POINT;
        best += m.best;
        before = m;
    }
    assert_true(points > 120);
    assert_int_equal(best, 2);
    assert_true(fabs(sl_replay_length(s) - before.played) < 1e-9);
    for (double t = 0; t < before.played; t += before.played / 50) {
        size_t i = sl_replay_find(s, t);
        assert_true(sl_replay_moment(s, i, &m) && m.played <= t);
        assert_true(!sl_replay_moment(s, i + 1, &m) || m.played > t);
    }
    sl_replay_idle(s, 0.01);
    assert_true(sl_replay_length(s) <= 0.01 * (double)sl_replay_moments(s));
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
}

static void markers_stop_at_what_happened_and_at_the_best_point(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    struct sl_moment m;
    size_t seen = 0, at = 0, next;
    while ((next = sl_replay_marker(s, at, true)) != SIZE_MAX) {
        assert_true(next > at && sl_replay_moment(s, next, &m) && m.marker);
        assert_int_equal(sl_replay_marker(s, next, false), at && seen ? at : SIZE_MAX);
        assert_true(m.kind != SL_MOMENT_POINT || m.best);
        at = next;
        seen++;
    }
    assert_true(seen > 25);
    assert_int_equal(find(s, "stopped", 0), at);
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
}

static void nothing_can_be_changed_in_a_replay(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    size_t places[] = { 0, find(s, "done", 0), find(s, "paused", 1), sl_replay_moments(s) - 1 };
    static const char *const lines[] = { "lowercase text",
                                         "delete 1",
                                         "undo",
                                         "redo",
                                         "train",
                                         "pause",
                                         "resume",
                                         "stop",
                                         "note x",
                                         "set tfidf.max_features=3",
                                         "export x what=points",
                                         "off 2",
                                         "open x" };
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        seek(s, places[p]);
        char *before = shown(s);
        for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
            try_refused(s, lines[i], SL_ESTATE, "branch from here with: branch");
        try_refused(s, "frobnicate", SL_ESYNTAX, "there is no stage or command");
        try_lines(s, "help", NULL);
        char *after = shown(s);
        assert_string_equal(before, after);
        free(before);
        free(after);
    }
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
    s = try_open("a.session"); /* a live one has no moments */
    assert_int_equal(sl_replay_moments(s), 0);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_replay_seek(s, 0, &err), SL_ESTATE);
    assert_int_equal(sl_replay_branch(s, NULL, NULL, &err), SL_ESTATE);
    sl_session_close(s);
}

/* --- killed --- */

static void train_until_killed(bool resume)
{
    struct sl_session *s = try_open("k.session");
    try_lines(s, resume ? "resume" : "train", NULL);
    for (;;) {
        sl_session_poll(s);
        usleep(1000);
    }
}

static int count(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    int n = -1;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, sql, -1, &query, NULL) == SQLITE_OK && sqlite3_step(query) == SQLITE_ROW)
        n = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return n;
}

/* Returns how many points the file has then. */
static int kill_behind(bool resume, int points)
{
    pid_t child = fork();
    if (child == 0)
        train_until_killed(resume);
    int before = count("k.session", "SELECT count(*) FROM point");
    while (count("k.session", "SELECT count(*) FROM point") < before + points)
        usleep(2000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return count("k.session", "SELECT count(*) FROM point");
}

static void a_killed_and_resumed_training_shows_each_point_once(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 2000);
    struct sl_session *s = try_open("k.session");
    try_long_recipe(s, 100000);
    sl_session_close(s);
    int first = kill_behind(false, 40), second = kill_behind(true, 40);
    s = try_open("k.session");
    const struct sl_point *points;
    size_t n = sl_session_points(s, &points);
    sl_session_close(s);
    s = replay("k.session");
    struct sl_moment m;
    uint64_t last = 0;
    for (size_t i = 0; sl_replay_moment(s, i, &m); i++) {
        if (m.kind == SL_MOMENT_POINT)
            assert_int_equal(m.step, ++last);
        if (m.kind == SL_MOMENT_OPENED && last)
            assert_int_equal(m.job, SL_JOB_INTERRUPTED);
        if (strcmp(m.name, "resume") == 0)
            assert_int_equal(m.step, last);
    }
    assert_int_equal(last, n);
    assert_int_equal(n, second);
    sl_replay_moment(s, find(s, "opened", 2), &m);
    assert_int_equal(m.step, first);
    sl_replay_moment(s, find(s, "opened", 3), &m);
    assert_int_equal(m.step, second);
    seek(s, find(s, "resume", 0));
    assert_true(sl_session_points(s, &points) >= 40);
    sl_session_close(s);
}

/* --- many --- */

static void a_million_points_are_sought_through(void **state)
{
    (void)state;
    enum { MILLION = 1000000 };
    try_reviews("reviews.csv", 60);
    struct sl_session *s = try_open("m.session");
    try_long_recipe(s, 5);
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open("m.session", &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "PRAGMA synchronous=OFF; DELETE FROM point; WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL"
                     " SELECT i + 1 FROM k WHERE i < 1000000) INSERT INTO point SELECT 1, i, i * 60,"
                     " 1.0 / i, 0.5, 0.5, 0.5, 0.5, i * 0.001, 0.01 FROM k",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    s = replay("m.session");
    size_t n = sl_replay_moments(s), first = find(s, "point", 0);
    assert_true(n >= MILLION);
    uint32_t random = 3;
    uint64_t began = sl_now(), slowest = 0;
    for (int i = 0; i < 300; i++) {
        random = random * 1664525u + 1013904223u;
        uint64_t step = (uint64_t)(random >> 8) % MILLION, start = sl_now();
        const struct sl_point *points;
        struct sl_moment m;
        seek(s, i % 50 == 49 ? 0 : first + step);
        uint64_t took = sl_now() - start;
        slowest = took > slowest ? took : slowest;
        if (i % 50 == 49)
            continue;
        size_t shown_points = sl_session_points(s, &points);
        assert_true(sl_replay_moment(s, first + step, &m) && shown_points == m.step);
        assert_true(shown_points && points[shown_points - 1].loss == 1.0 / (double)shown_points);
    }
    print_message("             300 seeks in %.1f ms, the slowest %.2f ms\n", (double)(sl_now() - began) / 1e6,
                  (double)slowest / 1e6);
    sl_session_close(s);
}

/* --- branching --- */

/* The learner's state without the seconds it has trained, and the points without theirs, as text. */
static char *weights_of(const char *path)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    struct sl_buf out = { 0 };
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT learner FROM fitted ORDER BY run DESC LIMIT 1", -1, &query, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    const unsigned char *p = sqlite3_column_blob(query, 0);
    int n = sqlite3_column_bytes(query, 0);
    for (int i = 0; i < n; i++)
        if (i < 44 || i > 51)
            sl_buf_printf(&out, "%02x", p[i]);
    sqlite3_finalize(query);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT step, rows, loss, gradient_norm, train_accuracy, test_accuracy,"
                                        " test_loss FROM point WHERE run = (SELECT max(id) FROM run) ORDER BY step",
                                        -1, &query, NULL),
                     SQLITE_OK);
    while (sqlite3_step(query) == SQLITE_ROW)
        for (int c = 0; c < 7; c++)
            sl_buf_printf(&out, c ? " %a" : "\n%.0f", sqlite3_column_double(query, c));
    sqlite3_finalize(query);
    sqlite3_close(db);
    assert_false(out.failed);
    return out.p;
}

static char *branch(struct sl_session *s, size_t moment, const char *path)
{
    struct sl_error err = SL_ERROR_INIT;
    char *made = NULL;
    seek(s, moment);
    if (sl_replay_branch(s, path, &made, &err))
        fail_msg("%s", err.what);
    return made;
}

static void same_model(const char *a, const char *b)
{
    char *x = weights_of(a), *y = weights_of(b);
    if (strcmp(x, y) != 0)
        fail_msg("%s and %s differ", a, b);
    free(x);
    free(y);
}

static void a_branch_of_a_finished_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 2000);
    struct sl_session *s = try_open("a.session");
    try_long_recipe(s, 3000);
    try_lines(s, "train", NULL);
    pause_at(s, 70);
    try_lines(s, "resume", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
    s = replay("a.session");
    size_t moments[] = { find(s, "paused", 0), find(s, "point", 0), find(s, "point", 150), find(s, "prepared", 0) };
    size_t points[] = { 0, 1, 151, 0 };
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char *made = branch(s, moments[i], NULL);
        const struct sl_point *p;
        points[0] = points[0] ? points[0] : sl_session_points(s, &p);
        struct sl_session *b = try_open(made);
        assert_int_equal(sl_session_points(b, &p), points[i]);
        assert_null(sl_session_result(b));
        try_wait(b, SL_JOB_INTERRUPTED);
        try_lines(b, "resume", NULL);
        try_wait(b, SL_JOB_DONE);
        assert_int_equal(sl_session_points(b, &p), 3000);
        assert_non_null(sl_session_result(b));
        sl_session_close(b);
        same_model("a.session", made);
        free(made);
    }
    assert_true(try_exists("a-2.session") && try_exists("a-5.session"));
    sl_session_close(s);
}

static void a_branch_uses_the_checkpoint_that_is_kept(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 2000);
    struct sl_session *s = try_open("a.session");
    try_long_recipe(s, 3000);
    try_lines(s, "train", NULL);
    pause_at(s, 60);
    sl_session_close(s);
    s = replay("a.session");
    char *made = branch(s, sl_replay_moments(s) - 1, "b.session");
    assert_string_equal(made, "b.session");
    assert_true(count("b.session", "SELECT count(*) FROM checkpoint") > 0);
    free(made);
    made = branch(s, find(s, "point", 0), "c.session");
    assert_int_equal(count("c.session", "SELECT count(*) FROM checkpoint WHERE step > 1"), 0);
    free(made);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_replay_branch(s, "c.session", NULL, &err), SL_ESTATE);
    assert_holds(err.what, "is there already");
    sl_session_close(s);
    const char *const names[] = { "a.session", "b.session", "c.session" };
    for (size_t i = 0; i < 3; i++) {
        s = try_open(names[i]);
        try_lines(s, "resume", NULL);
        try_wait(s, SL_JOB_DONE);
        sl_session_close(s);
    }
    same_model("a.session", "b.session");
    same_model("a.session", "c.session");
}

static void a_branch_takes_another_way(void **state)
{
    (void)state;
    struct takes takes = { 0 };
    live(&takes);
    struct sl_session *s = replay("a.session");
    char *before = branch(s, find(s, "trim", 0), "before.session");
    struct sl_session *b = try_open(before);
    try_recipe(b, "read csv reviews.csv\nlowercase text\nlabel verdict\ntrim text\n");
    assert_true(sl_session_can_undo(b));
    try_lines(b, "split random_state=2", "tfidf text", "logistic", "train", NULL);
    try_wait(b, SL_JOB_DONE);
    sl_session_close(b);
    free(before);
    char *middle = branch(s, find(s, "paused", 1), "middle.session");
    b = try_open(middle);
    try_lines(b, "set logistic.max_iter=50", NULL);
    try_refused(b, "resume", SL_ESTATE, "the recipe has changed");
    try_lines(b, "train", NULL);
    try_wait(b, SL_JOB_DONE);
    sl_session_close(b);
    free(middle);
    char *over = branch(s, find(s, "done", 0), "over.session");
    char *then = shown(s);
    b = try_open(over);
    char *now = shown(b);
    assert_string_equal(then, now);
    sl_session_close(b);
    free(then);
    free(now);
    free(over);
    sl_session_close(s);
    s = replay("middle.session"); /* a branch has a past, too */
    seek(s, sl_replay_moments(s) - 1);
    assert_non_null(sl_session_result(s));
    sl_session_close(s);
    for (size_t k = 0; k < takes.n; k++)
        free(takes.at[k].text);
}

static void a_branch_in_another_folder_finds_its_data(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", "lowercase text", NULL);
    sl_session_close(s);
    assert_int_equal(system("mkdir elsewhere"), 0);
    s = replay("a.session");
    free(branch(s, sl_replay_moments(s) - 1, "elsewhere/b.session"));
    sl_session_close(s);
    s = try_open("elsewhere/b.session");
    assert_null(sl_session_problem(s));
    try_recipe(s, "read csv reviews.csv\nlowercase text\n");
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(every_moment_shows_what_the_live_session_showed),
        TRY(seeking_anywhere_is_the_same_as_going_there_from_the_start),
        TRY(moments_are_in_order_and_points_lie_between_their_events),
        TRY(markers_stop_at_what_happened_and_at_the_best_point),
        TRY(nothing_can_be_changed_in_a_replay),
        TRY(a_killed_and_resumed_training_shows_each_point_once),
        TRY(a_million_points_are_sought_through),
        TRY(a_branch_of_a_finished_training_goes_on_to_the_same_bits),
        TRY(a_branch_uses_the_checkpoint_that_is_kept),
        TRY(a_branch_takes_another_way),
        TRY(a_branch_in_another_folder_finds_its_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
