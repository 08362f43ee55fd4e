/* attach_command.c: sluice attach: watch a training of another process, on the screen or line by line.
 *
 * On a terminal it is the workbench on a session that is followed (app_attach.c). Line by line the last few points are
 * printed, then each as it comes; as JSON all of them, as run prints them. It ends with the training, or with the
 * process that carried it out. */
#include "batch.h"
#include "workbench_command.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHOWN_BEFORE = 10, TICK_MS = 500 };

struct watcher {
    const struct options *options;
    struct sl_session *session;
    struct sl_buf out;
    size_t points;
    enum sl_job job;
};

static void put_figure(struct sl_buf *out, const char *name, double x)
{
    if (isfinite(x)) {
        sl_buf_printf(out, ", %s %.4f", name, x);
    }
}

static void put_point(struct watcher *w, const struct sl_point *point)
{
    if (w->options->json) {
        batch_json_point(point, &w->out);
        return;
    }
    sl_buf_printf(&w->out, "step %llu, loss %.6f", (unsigned long long)point->step, point->loss);
    put_figure(&w->out, "train accuracy", point->train_accuracy);
    put_figure(&w->out, "test accuracy", point->test_accuracy);
    put_figure(&w->out, "test loss", point->test_loss);
    sl_buf_putc(&w->out, '\n');
}

static bool busy(enum sl_job job)
{
    return job == SL_JOB_PREPARING || job == SL_JOB_TRAINING || job == SL_JOB_PAUSED;
}

static int put_news(struct watcher *w, const struct sl_train_state *state, struct sl_error *err)
{
    const struct sl_point *points = NULL;
    size_t n = sl_session_points(w->session, &points);
    if (n < w->points) { /* made anew */
        w->points = 0;
    }
    if (state->job != w->job && busy(state->job) && !w->options->json) {
        sl_buf_printf(&w->out, "%s\n", sl_job_name(state->job));
    }
    w->job = state->job;
    for (; w->points < n; w->points++) {
        put_point(w, &points[w->points]);
    }
    return batch_flush(&w->out, err);
}

static int put_end(struct watcher *w, const struct sl_train_state *state, struct sl_error *err)
{
    const char *path = w->options->operands.word[0];
    const struct sl_result *result = sl_session_result(w->session);
    if (state->job == SL_JOB_FAILED) {
        *err = state->error;
        return err->status ? err->status : SL_EDATA;
    }
    if (state->job == SL_JOB_INTERRUPTED) {
        sl_fail(err, SL_ESTATE, "the training in \"%s\" is interrupted at step %llu, and nobody carries it on", path,
                (unsigned long long)state->step);
        return sl_fix(err, "go on with it: sluice resume %s", path);
    }
    if (state->job == SL_JOB_NONE || !result) {
        sl_fail(err, SL_ESTATE, "nothing is trained in \"%s\" yet", path);
        return sl_fix(err, "train with: echo train | sluice shell %s", path);
    }
    if (w->options->json) {
        sl_result_json(result, &w->out);
        sl_buf_putc(&w->out, '\n');
    } else {
        sl_buf_printf(&w->out, "%s\n", sl_job_name(state->job));
        batch_report_result(result, batch_colour(w->options, STDOUT_FILENO), &w->out);
    }
    return batch_flush(&w->out, err);
}

static int watch(struct watcher *w, struct sl_error *err)
{
    const struct sl_point *points = NULL;
    struct sl_train_state state;
    size_t n = sl_session_points(w->session, &points);
    w->points = w->options->json || n < SHOWN_BEFORE ? 0 : n - SHOWN_BEFORE;
    for (;;) {
        sl_session_poll(w->session);
        sl_session_train_state(w->session, &state);
        int status = put_news(w, &state, err);
        if (status || !busy(state.job)) {
            return status ? status : put_end(w, &state, err);
        }
        if (batch_signal()) {
            return sl_fail(err, SL_ECANCEL, "interrupted");
        }
        struct pollfd fds[] = { { .fd = sl_session_fd(w->session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
    }
}

static int attach_plain(const struct options *options)
{
    struct watcher w = { .options = options };
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_session_options wanted = {
        .path = options->operands.word[0], .threads = options->threads, .memory = options->memory, .follow = true
    };
    int status = batch_signals_open(&err);
    if (!status) {
        status = sl_session_open(&w.session, &wanted, &err);
    }
    if (!status) {
        status = watch(&w, &err);
    }
    if (status && status != SL_ECANCEL && options->json) {
        batch_json_error(&err, &w.out);
        batch_flush(&w.out, NULL);
    }
    sl_session_close(w.session);
    sl_buf_release(&w.out);
    return status ? batch_failed(&err) : EXIT_DONE;
}

int command_attach(const struct options *options)
{
    const char *path = options->operands.word[0];
    struct sl_error err = SL_ERROR_INIT;
    if (access(path, F_OK) != 0) {
        sl_fail_errno(&err, "open", path);
        return batch_failed(&err);
    }
    if (!sl_is_session(path)) {
        sl_fail(&err, SL_EFORMAT, "\"%s\" is not a session", path);
        sl_fix(&err, "give a file that sluice has saved (*.session)");
        return batch_failed(&err);
    }
    if (options->plain || options->json || !workbench_terminal()) {
        return attach_plain(options);
    }
    return workbench_run(options, WORKBENCH_ATTACH);
}
