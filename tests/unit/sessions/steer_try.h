/* steer_try.h: waiting for a training, what must come out the same, and processes that are killed. */
#ifndef SLUICE_TESTS_STEER_TRY_H
#define SLUICE_TESTS_STEER_TRY_H

#include "session_try.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WEIGHTS = 10 };

static inline enum sl_job state_of(struct sl_session *s)
{
    struct sl_train_state now;
    sl_session_poll(s);
    sl_session_train_state(s, &now);
    return now.job;
}

static inline void nap(struct sl_session *s)
{
    struct pollfd fd = { .fd = sl_session_fd(s), .events = POLLIN };
    poll(&fd, 1, 20);
}

static inline void await(struct sl_session *s, enum sl_job wanted)
{
    for (enum sl_job now; (now = state_of(s)) != wanted; nap(s))
        if (now == SL_JOB_FAILED || now == SL_JOB_DONE)
            fail_msg("the training is %s, not %s", sl_job_name(now), sl_job_name(wanted));
}

static inline size_t await_points(struct sl_session *s, size_t n)
{
    const struct sl_point *points;
    for (; sl_session_points(s, &points) < n; sl_session_poll(s))
        nap(s);
    return sl_session_points(s, &points);
}

static inline const struct sl_event *event(struct sl_session *s, const char *kind, size_t which)
{
    const struct sl_event *events;
    size_t n = sl_session_events(s, &events);
    for (size_t i = 0; i < n; i++)
        if (strcmp(events[i].kind, kind) == 0 && which-- == 0)
            return &events[i];
    return NULL;
}

static inline const struct sl_event *await_event(struct sl_session *s, const char *kind, size_t which)
{
    const struct sl_event *found;
    for (; !(found = event(s, kind, which)); sl_session_poll(s))
        nap(s);
    return found;
}

/* --- what must come out the same --- */

struct outcome {
    size_t n;
    struct sl_point *points;
    double weights[2 * WEIGHTS], log_loss;
};

static inline struct outcome outcome_of(struct sl_session *s)
{
    struct outcome out = { 0 };
    const struct sl_point *points;
    out.n = sl_session_points(s, &points);
    out.points = calloc(out.n + 1, sizeof *points);
    assert_non_null(out.points);
    memcpy(out.points, points, out.n * sizeof *points);
    for (int k = 0; k < 2 * WEIGHTS; k++)
        assert_true(sl_session_weight(s, 1, k - WEIGHTS, NULL, &out.weights[k]));
    assert_non_null(sl_session_result(s));
    out.log_loss = sl_session_result(s)->test.log_loss;
    return out;
}

static inline void assert_same(struct outcome a, struct outcome b)
{
    assert_int_equal(a.n, b.n);
    for (size_t i = 0; i < a.n; i++) {
        a.points[i].seconds = b.points[i].seconds = 0;
        if (memcmp(&a.points[i], &b.points[i], sizeof *a.points) != 0)
            fail_msg("point %zu: loss %.17g and %.17g", i + 1, a.points[i].loss, b.points[i].loss);
    }
    assert_memory_equal(a.weights, b.weights, sizeof a.weights);
    assert_true(a.log_loss == b.log_loss);
    free(a.points);
    free(b.points);
}

/* --- in a process of its own, which is then killed --- */

/* What the process is to do: a test of its own, so that a failure ends in it. */
static struct {
    void (*work)(struct sl_session *s);
    struct sl_session *(*begin)(const char *path, int steps);
    const char *path;
    int steps;
} task;

static inline void do_task_and_die(void **state)
{
    (void)state;
    task.work(task.begin(task.path, task.steps));
    kill(getpid(), SIGKILL);
}

/* Begin a session, do something with it, and be killed at once. */
static inline void killed_after(void (*work)(struct sl_session *s),
                                struct sl_session *(*begin)(const char *path, int steps), const char *path, int steps)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(do_task_and_die) };
    task.work = work;
    task.begin = begin;
    task.path = path;
    task.steps = steps;
    fflush(NULL);
    pid_t pid = fork();
    int status;
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(120);
        _exit(cmocka_run_group_tests(tests, NULL, NULL));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

#endif
