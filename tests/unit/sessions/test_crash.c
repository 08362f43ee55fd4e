/* test_crash.c: a process killed at any moment loses nothing it had shown, and a training taken up again ends in the
 * same bits as one that was never interrupted.
 *
 * The child tells over a pipe what it has been shown; the parent kills it, opens the file and compares. */
#include "session_try.h"

#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS_LEAST = 200, STEPS_MOST = 40000, WEIGHTS = 20, TRIES = 20 };

/* All that must come out the same. */
struct outcome {
    size_t n;
    struct sl_point points[STEPS_MOST];
    double weights[2 * WEIGHTS], accuracy, log_loss;
};

static void collect(struct sl_session *s, struct outcome *out)
{
    const struct sl_point *points;
    out->n = sl_session_points(s, &points);
    assert_true(out->n <= STEPS_MOST);
    memcpy(out->points, points, out->n * sizeof *points);
    for (int k = 0; k < 2 * WEIGHTS; k++)
        assert_true(sl_session_weight(s, 1, k - WEIGHTS, NULL, &out->weights[k]));
    out->accuracy = sl_session_result(s)->test.accuracy;
    out->log_loss = sl_session_result(s)->test.log_loss;
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        struct sl_point x = a->points[i], y = b->points[i];
        x.seconds = y.seconds = 0;
        if (memcmp(&x, &y, sizeof x) != 0)
            fail_msg("point %zu: loss %.17g and %.17g, test loss %.17g and %.17g", i + 1, x.loss, y.loss, x.test_loss,
                     y.test_loss);
    }
    for (int k = 0; k < 2 * WEIGHTS; k++)
        assert_true(a->weights[k] == b->weights[k]);
    assert_true(a->accuracy == b->accuracy && a->log_loss == b->log_loss);
}

static void tell(int fd, uint32_t number)
{
    if (write(fd, &number, sizeof number) != sizeof number)
        _exit(9);
}

/* Train (or go on) and tell how many points have been shown, until killed or done. */
static void child_trains(int fd, const char *path, bool resume)
{
    struct sl_session *s = NULL;
    struct sl_session_options options = { .path = path, .threads = 2, .memory = 64 << 20 };
    if (sl_session_open(&s, &options, NULL) || sl_session_command(s, resume ? "resume" : "train", NULL, NULL))
        _exit(8);
    for (bool done = false; !done;) {
        const struct sl_point *points;
        done = sl_session_wait(s, 5);
        tell(fd, (uint32_t)sl_session_points(s, &points));
    }
    sl_session_close(s);
    _exit(0);
}

/* Run child(fd) and kill it when it has told `until`, or after `ms`. Returns the last number told. */
static uint32_t kill_child(pid_t pid, int fd, uint32_t until, int ms)
{
    uint32_t told = 0, number;
    uint64_t end = sl_now() + (uint64_t)ms * 1000000u;
    while (told < until) {
        uint64_t now = sl_now();
        struct pollfd p = { .fd = fd, .events = POLLIN };
        if (now >= end || poll(&p, 1, (int)((end - now) / 1000000u) + 1) < 0)
            break;
        if (p.revents && read(fd, &number, sizeof number) != sizeof number)
            break;
        told = p.revents ? number : told;
    }
    kill(pid, SIGKILL);
    while (read(fd, &number, sizeof number) == sizeof number)
        told = number;
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status))
        assert_int_equal(WEXITSTATUS(status), 0);
    close(fd);
    return told;
}

static uint32_t train_and_kill(const char *path, bool resume, uint32_t until, int ms)
{
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fds[0]);
        child_trains(fds[1], path, resume);
    }
    close(fds[1]);
    return kill_child(pid, fds[0], until, ms);
}

static void make(const char *path, int steps)
{
    remove(path);
    struct sl_session *s = try_open(path);
    try_long_recipe(s, steps);
    sl_session_close(s);
}

/* Iterations that take a second and a half here: many commits, whatever the machine. */
static int enough_steps(void)
{
    const struct sl_point *points;
    make("short.session", STEPS_LEAST);
    struct sl_session *s = try_open("short.session");
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    size_t n = sl_session_points(s, &points);
    double seconds = points[n - 1].seconds;
    sl_session_close(s);
    double steps = 1.5 * STEPS_LEAST / (seconds > 1e-6 ? seconds : 1e-6);
    return steps < STEPS_LEAST ? STEPS_LEAST : steps > STEPS_MOST ? STEPS_MOST : (int)steps;
}

/* Kill a training at `until` points, and once more when it goes on. False: it was done before the second kill. */
static bool leave_in_pieces(const char *path, int steps, uint32_t until)
{
    struct sl_train_state now;
    const struct sl_point *points;
    make(path, steps);
    uint32_t told = train_and_kill(path, false, until, 60000);
    if (told < (uint32_t)steps)
        told = train_and_kill(path, true, told + 1, 60000);
    struct sl_session *s = try_open(path);
    sl_session_train_state(s, &now);
    assert_true(sl_session_points(s, &points) >= told);
    assert_true(now.job == SL_JOB_INTERRUPTED || now.job == SL_JOB_DONE);
    sl_session_close(s);
    return now.job == SL_JOB_INTERRUPTED;
}

static void a_killed_training_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    static struct outcome whole, pieces;
    try_reviews("reviews.csv", 2000);
    int steps = enough_steps();
    make("whole.session", steps);
    struct sl_session *s = try_open("whole.session");
    try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    collect(s, &whole);
    sl_session_close(s);
    assert_int_equal(whole.n, steps);
    static const double at[] = { 0, 0.2, 0.5 };
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        bool interrupted = false;
        for (int tries = 0; tries < TRIES && !interrupted; tries++)
            interrupted = leave_in_pieces("pieces.session", steps, 1 + (uint32_t)(at[i] * steps));
        assert_true(interrupted);
        s = try_open("pieces.session");
        try_lines(s, "resume", NULL);
        try_wait(s, SL_JOB_DONE);
        collect(s, &pieces);
        compare(&whole, &pieces);
        sl_session_close(s);
        s = try_open("pieces.session");
        collect(s, &pieces);
        compare(&whole, &pieces);
        sl_session_close(s);
    }
}

/* Add and take back stages for ever, telling after each command that has returned. */
static void child_edits(int fd, const char *path)
{
    struct sl_session *s = NULL;
    if (sl_session_open(&s, &(struct sl_session_options){ .path = path, .threads = 1 }, NULL))
        _exit(8);
    if (!sl_session_stages(s) && sl_session_command(s, "read csv reviews.csv", NULL, NULL))
        _exit(7);
    for (uint32_t i = 1;; i++) {
        char line[64];
        snprintf(line, sizeof line, i % 10 ? "note %u" : "set read.max_record=%u", i);
        if (sl_session_command(s, line, NULL, NULL))
            _exit(6);
        tell(fd, i);
    }
}

/* The number in the journal's last line; opening mends what the killed process left. */
static uint32_t last_note(const char *path)
{
    struct sl_session *s = try_open(path);
    sl_session_close(s);
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    uint32_t number = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT line FROM journal ORDER BY id DESC LIMIT 1", -1, &query, NULL),
                     SQLITE_OK);
    if (sqlite3_step(query) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(query, 0);
        number = (uint32_t)strtoul(line + strcspn(line, "123456789"), NULL, 10);
    }
    sqlite3_finalize(query);
    sqlite3_close(db);
    return number;
}

static void a_command_that_returned_is_never_lost(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 20);
    uint32_t random = 99;
    for (int round = 0; round < 12; round++) {
        int fds[2];
        char path[32];
        snprintf(path, sizeof path, "r%d.session", round);
        assert_int_equal(pipe(fds), 0);
        fflush(NULL);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            close(fds[0]);
            child_edits(fds[1], path);
        }
        close(fds[1]);
        random = random * 1664525u + 1013904223u;
        uint32_t told = kill_child(pid, fds[0], UINT32_MAX, 3 + (int)(random >> 24) / 3);
        if (!try_exists(path))
            continue; /* killed before it had made anything */
        uint32_t kept = last_note(path);
        if (kept < told || kept > told + 1)
            fail_msg("told of %u commands, the journal has %u", told, kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_killed_training_goes_on_to_the_same_bits),
        TRY(a_command_that_returned_is_never_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
