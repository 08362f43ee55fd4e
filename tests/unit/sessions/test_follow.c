/* test_follow.c: one process trains, another looks on through the session's file and has it steered.
 *
 * The owner is a child, forked before anything is opened here: SQLite's locks do not survive a fork. It is told what to
 * do by bytes in a pipe. Waiting has no limit but that of the whole test; time decides nothing. */
#include "session_try.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH "s.session"

struct owner {
    pid_t pid;
    int to, from;
};

/* --- the child --- */

/* Carry a session until told to quit: 't' trains, 'q' closes it. */
static void child_owns(int in, int out, int steps)
{
    struct sl_session *s = NULL;
    struct sl_session_options options = { .path = PATH, .threads = 2, .memory = 64 << 20 };
    if (sl_session_open(&s, &options, NULL))
        _exit(8);
    try_long_recipe(s, steps);
    if (write(out, "o", 1) != 1)
        _exit(7);
    for (;;) {
        struct pollfd fds[] = { { .fd = in, .events = POLLIN }, { .fd = sl_session_fd(s), .events = POLLIN } };
        poll(fds, 2, -1);
        char order = 0;
        if (fds[0].revents && read(in, &order, 1) <= 0)
            _exit(6);
        if (order == 't' && sl_session_command(s, "train", NULL, NULL))
            _exit(5);
        if (order == 'q')
            break;
        sl_session_poll(s);
    }
    sl_session_close(s);
    _exit(0);
}

static void tell(struct owner *owner, char order)
{
    assert_int_equal(write(owner->to, &order, 1), 1);
}

static void start_owner(struct owner *owner, int steps)
{
    int to[2], from[2];
    char ready;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    fflush(NULL);
    owner->pid = fork();
    assert_true(owner->pid >= 0);
    if (owner->pid == 0) {
        close(to[1]);
        close(from[0]);
        child_owns(to[0], from[1], steps);
    }
    close(to[0]);
    close(from[1]);
    owner->to = to[1];
    owner->from = from[0];
    assert_int_equal(read(owner->from, &ready, 1), 1);
}

static void end_owner(struct owner *owner, bool killed)
{
    int status;
    if (killed)
        kill(owner->pid, SIGKILL);
    else
        tell(owner, 'q');
    assert_int_equal(waitpid(owner->pid, &status, 0), owner->pid);
    assert_true(killed ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(owner->to);
    close(owner->from);
}

/* --- the follower --- */

static struct sl_session *follow(void)
{
    return try_open_with(
        &(struct sl_session_options){ .path = PATH, .threads = 2, .memory = 64 << 20, .follow = true });
}

static enum sl_job job_of(struct sl_session *s)
{
    struct sl_train_state state;
    sl_session_train_state(s, &state);
    return state.job;
}

static void wait_a_little(struct sl_session *s)
{
    struct pollfd fd = { .fd = sl_session_fd(s), .events = POLLIN };
    poll(&fd, 1, -1);
    sl_session_poll(s);
}

static void wait_for_job(struct sl_session *s, enum sl_job job)
{
    while (job_of(s) != job)
        wait_a_little(s);
}

static size_t points_of(struct sl_session *s)
{
    const struct sl_point *points;
    return sl_session_points(s, &points);
}

static void wait_for_points(struct sl_session *s, size_t n)
{
    while (points_of(s) < n)
        wait_a_little(s);
}

static bool said(struct sl_session *s, const char *words)
{
    bool found = false;
    for (size_t i = 0; i < sl_session_log_lines(s); i++)
        found = found || strstr(sl_session_log(s, i), words);
    return found;
}

/* The first column of the first row, as text. */
static char *ask(const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    char *text = NULL;
    assert_int_equal(sqlite3_open_v2(PATH, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (sqlite3_prepare_v2(db, sql, -1, &query, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    int code = sqlite3_step(query);
    if (code == SQLITE_ROW && sqlite3_column_text(query, 0))
        text = strdup((const char *)sqlite3_column_text(query, 0));
    assert_true(code == SQLITE_ROW || code == SQLITE_DONE);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return text ? text : strdup("");
}

static void assert_answer(const char *sql, const char *expected)
{
    char *got = ask(sql);
    assert_string_equal(got, expected);
    free(got);
}

static void assert_same_points(struct sl_session *a, struct sl_session *b)
{
    const struct sl_point *x, *y;
    size_t n = sl_session_points(a, &x);
    assert_int_equal(n, sl_session_points(b, &y));
    for (size_t i = 0; i < n; i++)
        assert_memory_equal(&x[i], &y[i], sizeof *x);
}

/* Ask the owner for something: done (SL_OK), or refused with this status and these words. The answer may come late. */
static void ask_owner(struct sl_session *s, const char *line, int status, const char *words)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf reply = { 0 };
    char text[900];
    size_t before = sl_session_log_lines(s);
    int got = sl_session_command(s, line, &reply, &err);
    sl_buf_putc(&reply, '\0');
    assert_false(reply.failed);
    if (!got && strstr(reply.p, "answers when it can")) {
        const char *late = NULL;
        while (!late || (strncmp(late, "done: ", 6) != 0 && strncmp(late, "refused: ", 9) != 0)) {
            wait_a_little(s);
            late = sl_session_log(s, before);
            before += late != NULL;
        }
        got = late[0] == 'd' ? SL_OK : status ? status : SL_EDATA;
        snprintf(text, sizeof text, "%s", late);
    } else {
        sl_error_format(&err, text, sizeof text);
    }
    if (got != status)
        fail_msg("\"%s\": %s", line, text);
    if (status)
        assert_holds(text, words);
    sl_buf_release(&reply);
}

/* --- tests --- */

static void what_is_seen_is_what_the_owner_has_made(void **state)
{
    (void)state;
    struct owner owner;
    long pid;
    try_reviews("reviews.csv", 600);
    start_owner(&owner, 400);
    struct sl_session *s = follow(), *after;
    assert_true(sl_session_followed(s, &pid));
    assert_int_equal(pid, owner.pid);
    assert_int_equal(sl_session_owner(PATH), owner.pid);
    assert_int_equal(sl_session_stages(s), 7);
    assert_int_equal(job_of(s), SL_JOB_NONE);
    assert_null(sl_session_result(s));
    tell(&owner, 't');
    wait_for_points(s, 1);
    wait_for_job(s, SL_JOB_DONE);
    assert_int_equal(points_of(s), 400);
    assert_true(sl_session_stage(s, 1)->counted);
    assert_int_equal(sl_session_stage(s, 0)->in, 600);
    assert_true(sl_session_stage(s, 6)->fitted);
    end_owner(&owner, false);
    while (sl_session_followed(s, &pid) && pid)
        wait_a_little(s);
    assert_true(said(s, "has closed the session"));
    assert_int_equal(job_of(s), SL_JOB_DONE);
    after = try_open_with(&(struct sl_session_options){ .path = PATH, .read_only = true });
    assert_same_points(s, after);
    assert_true(sl_session_result(s)->test.log_loss == sl_session_result(after)->test.log_loss);
    for (int k = -5; k < 5; k++) {
        double x, y;
        assert_true(sl_session_weight(s, 1, k, NULL, &x) && sl_session_weight(after, 1, k, NULL, &y));
        assert_true(x == y);
    }
    sl_session_close(after);
    sl_session_close(s);
    assert_false(try_exists(PATH "-wal"));
    assert_false(try_exists(PATH ".lock"));
}

static void what_is_asked_for_is_done_and_journaled_by_the_owner(void **state)
{
    (void)state;
    struct owner owner;
    try_reviews("reviews.csv", 600);
    start_owner(&owner, 1000000000);
    struct sl_session *s = follow();
    tell(&owner, 't');
    wait_for_points(s, 5);
    ask_owner(s, "pause", SL_OK, NULL);
    wait_for_job(s, SL_JOB_PAUSED);
    size_t n = points_of(s);
    ask_owner(s, "pause", SL_ESTATE, "held already; go on with: resume");
    ask_owner(s, "note seen from afar", SL_OK, NULL);
    assert_int_equal(points_of(s), n);
    ask_owner(s, "resume", SL_OK, NULL);
    wait_for_points(s, n + 5);
    ask_owner(s, "stop", SL_OK, NULL);
    wait_for_job(s, SL_JOB_STOPPED);
    assert_non_null(sl_session_result(s));
    assert_answer("SELECT group_concat(line, '; ') FROM (SELECT line FROM journal WHERE run = 1 ORDER BY id)",
                  "train; pause; note seen from afar; resume; stop");
    assert_answer("SELECT group_concat(coalesce(status, 'waiting')) FROM request", "0,10,0,0,0");
    sl_session_close(s);
    end_owner(&owner, false);
}

static void an_idle_owner_hears_the_bell(void **state)
{
    (void)state;
    struct owner owner;
    try_reviews("reviews.csv", 100);
    start_owner(&owner, 50);
    struct sl_session *s = follow();
    ask_owner(s, "note knock", SL_OK, NULL);
    ask_owner(s, "resume", SL_ESTATE, "there is no training to go on with");
    assert_answer("SELECT line FROM journal ORDER BY id DESC LIMIT 1", "note knock");
    sl_session_close(s);
    end_owner(&owner, false);
}

static void only_what_steers_may_be_asked_for(void **state)
{
    (void)state;
    struct owner owner;
    try_reviews("reviews.csv", 100);
    start_owner(&owner, 50);
    struct sl_session *s = follow();
    try_refused(s, "lowercase text", SL_ESTATE, "to look at only");
    try_refused(s, "train", SL_ESTATE, "to look at only");
    free(ask("INSERT INTO request(time, line) VALUES(0, 'export stolen.csv'), (0, 'train')"));
    ask_owner(s, "note after", SL_OK, NULL); /* the ones before it were answered too */
    assert_answer("SELECT group_concat(status) FROM request", "6,6,0");
    assert_false(try_exists("stolen.csv"));
    assert_answer("SELECT count(*) FROM run", "0");
    sl_session_close(s);
    end_owner(&owner, false);
}

static void an_owner_that_was_killed_is_missed(void **state)
{
    (void)state;
    struct owner owner;
    long pid;
    try_reviews("reviews.csv", 600);
    start_owner(&owner, 1000000000);
    struct sl_session *s = follow(), *next;
    tell(&owner, 't');
    wait_for_points(s, 5);
    assert_int_equal(job_of(s), SL_JOB_TRAINING);
    end_owner(&owner, true);
    wait_for_job(s, SL_JOB_INTERRUPTED);
    assert_true(sl_session_followed(s, &pid));
    assert_int_equal(pid, 0);
    assert_true(said(s, "sluice resume " PATH " does"));
    try_refused(s, "pause", SL_ESTATE, "nobody has the session \"" PATH "\" open");
    try_refused(s, "resume", SL_ESTATE, "sluice resume " PATH);
    /* Another one takes it on. */
    next = try_open(PATH);
    assert_same_points(s, next);
    while (sl_session_followed(s, &pid) && !pid)
        wait_a_little(s);
    assert_int_equal(pid, getpid());
    sl_session_close(next);
    sl_session_close(s);
}

static void what_a_dead_owner_was_asked_for_is_not_done_later(void **state)
{
    (void)state;
    struct owner owner;
    try_reviews("reviews.csv", 600);
    start_owner(&owner, 1000000000);
    struct sl_session *s = follow(), *next;
    struct sl_buf reply = { 0 };
    tell(&owner, 't');
    wait_for_points(s, 5);
    ask_owner(s, "pause", SL_OK, NULL); /* nothing is being written then */
    wait_for_job(s, SL_JOB_PAUSED);
    kill(owner.pid, SIGSTOP);
    assert_int_equal(sl_session_command(s, "note from the past", &reply, NULL), SL_OK);
    sl_buf_putc(&reply, '\0');
    assert_holds(reply.p, "answers when it can");
    try_refused(s, "stop", SL_ESTATE, "not answered yet");
    end_owner(&owner, true);
    while (!said(s, "is withdrawn"))
        wait_a_little(s);
    assert_answer("SELECT count(*) FROM request WHERE line <> 'pause'", "0");
    free(ask("INSERT INTO request(time, line) VALUES(0, 'note from the dead')"));
    next = try_open(PATH);
    sl_session_poll(next);
    assert_answer("SELECT status || reply FROM request WHERE line <> 'pause'",
                  "10the process it was asked of has ended");
    assert_answer("SELECT count(*) FROM journal WHERE line LIKE '%from the%'", "0");
    sl_session_close(next);
    sl_session_close(s);
    sl_buf_release(&reply);
}

static void a_changed_recipe_is_taken_over(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *owner = try_open(PATH);
    try_lines(owner, "read csv reviews.csv", "lowercase text", NULL);
    struct sl_session *s = follow();
    try_recipe(s, "read csv reviews.csv\nlowercase text\n");
    try_lines(owner, "strip_html text", "off 2", NULL);
    while (sl_session_stages(s) != 3 || !sl_session_stage(s, 1)->off)
        wait_a_little(s);
    try_recipe(s, "read csv reviews.csv\n# off: lowercase text\nstrip_html text\n");
    try_lines(owner, "undo", "undo", NULL);
    while (sl_session_stages(s) != 2)
        wait_a_little(s);
    assert_true(sl_session_can_redo(s));
    sl_session_close(s);
    sl_session_close(owner);
}

/* What was read already is not read again: a change far behind is not noticed, one of the last point is. */
static void of_many_points_only_the_new_ones_are_read(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    const struct sl_point *points;
    try_reviews("reviews.csv", 60);
    struct sl_session *owner = try_open(PATH);
    try_long_recipe(owner, 3);
    try_lines(owner, "train", NULL);
    try_wait(owner, SL_JOB_DONE);
    sl_session_close(owner);
    free(ask("WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
             " INSERT INTO point SELECT 1, i, i * 10, 1.0 / i, 0.5, 0.25, 0.75, 2.0, i / 1000.0, NULL FROM n"));
    struct sl_session *s = follow();
    assert_int_equal(points_of(s), MANY);
    free(ask("UPDATE point SET loss = 77 WHERE step = 5000"));
    free(ask("INSERT INTO point VALUES(1, 100001, 9, 0.125, NULL, NULL, NULL, NULL, 200, NULL)"));
    wait_for_points(s, MANY + 1);
    sl_session_points(s, &points);
    assert_true(points[MANY].loss == 0.125 && isnan(points[MANY].gradient_norm));
    assert_true(points[4999].loss == 1.0 / 5000);
    free(ask("UPDATE point SET loss = 78 WHERE step = 100001"));
    do {
        wait_a_little(s);
        sl_session_points(s, &points);
    } while (points[MANY].loss == 0.125);
    assert_int_equal(points_of(s), MANY + 1);
    assert_true(points[4999].loss == 77 && points[MANY].loss == 78);
    free(ask("DELETE FROM point WHERE step > 500")); /* resume force=true does that */
    while (points_of(s) != 500)
        wait_a_little(s);
    sl_session_close(s);
}

static void asking_for_the_owner_takes_nothing_away(void **state)
{
    (void)state;
    int stop[2];
    assert_int_equal(sl_session_owner(PATH), 0);
    assert_int_equal(pipe(stop), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct pollfd fd = { .fd = stop[0], .events = POLLIN };
        close(stop[1]);
        while (poll(&fd, 1, 0) == 0)
            sl_session_owner(PATH);
        _exit(0);
    }
    for (int i = 0; i < 100; i++) {
        struct sl_session *s = try_open(PATH);
        assert_int_equal(sl_session_owner(PATH), getpid());
        sl_session_close(s);
        assert_true(sl_session_owner(PATH) != getpid());
    }
    close(stop[0]);
    close(stop[1]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* Another program opens and closes the file, as the sqlite3 shell would. */
static void child_looks(int in, int out)
{
    char byte;
    if (read(in, &byte, 1) != 1)
        _exit(1);
    sqlite3 *db = NULL;
    bool fine = sqlite3_open(PATH, &db) == SQLITE_OK &&
                sqlite3_exec(db, "SELECT count(*) FROM journal", NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_close(db);
    _exit(fine && write(out, "x", 1) == 1 ? 0 : 2);
}

static void looking_at_the_folder_does_not_give_up_the_locks(void **state)
{
    (void)state;
    int to[2], from[2], status;
    char byte;
    struct sl_run_info *runs = NULL;
    size_t n = 0;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        child_looks(to[0], from[1]);
    struct sl_session *s = try_open(PATH);
    try_lines(s, "note before", NULL);
    assert_true(sl_is_session(PATH));
    assert_int_equal(sl_runs_list(".", &runs, &n, NULL), SL_OK);
    assert_int_equal(n, 1);
    sl_runs_free(runs, n);
    assert_int_equal(write(to[1], "g", 1), 1);
    assert_int_equal(read(from[0], &byte, 1), 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(try_exists(PATH "-wal")); /* it is the owner's to remove */
    ask_owner(s, "note after", SL_OK, NULL);
    sl_session_close(s);
    assert_answer("SELECT group_concat(line) FROM journal", "note before,note after");
    for (int i = 0; i < 2; i++) {
        close(to[i]);
        close(from[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(what_is_seen_is_what_the_owner_has_made),
        TRY(what_is_asked_for_is_done_and_journaled_by_the_owner),
        TRY(an_idle_owner_hears_the_bell),
        TRY(only_what_steers_may_be_asked_for),
        TRY(an_owner_that_was_killed_is_missed),
        TRY(what_a_dead_owner_was_asked_for_is_not_done_later),
        TRY(a_changed_recipe_is_taken_over),
        TRY(of_many_points_only_the_new_ones_are_read),
        TRY(asking_for_the_owner_takes_nothing_away),
        TRY(looking_at_the_folder_does_not_give_up_the_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
