/* run_command_wait.c: what is told while a job runs: a progress line on a terminal, or events. */
#include "run_command.h"

#include "sluice/pool.h"

#include <math.h>
#include <poll.h>

enum { TICK_MS = 100 };
#define EVENT_NS UINT64_C(100000000)

int runner_progress(struct runner *r, const struct sl_train_state *state, struct sl_error *err)
{
    if (!r->options->json) {
        const struct sl_point *points = NULL;
        size_t n = r->session ? sl_session_points(r->session, &points) : 0; /* none yet: a look before the run */
        bool training = n > 0 && state->job != SL_JOB_PREPARING;
        struct progress_view view = {
            .phase = batch_phase(state),
            .fraction = state->fraction,
            .rate = state->rows_per_second,
            .eta = state->eta,
            .step = training ? state->step : 0,
            .loss = training ? points[n - 1].loss : (double)NAN,
            .train_accuracy = training ? points[n - 1].train_accuracy : (double)NAN,
            .test_accuracy = training ? points[n - 1].test_accuracy : (double)NAN,
        };
        progress_bar_draw(&r->bar, &view);
        return SL_OK;
    }
    uint64_t now = sl_now();
    if (now < r->progress_due) {
        return SL_OK;
    }
    r->progress_due = now + EVENT_NS;
    batch_json_progress(state, &r->out);
    return batch_flush(&r->out, err);
}

/* Points that were committed since. */
static int report_points(struct runner *r, struct sl_error *err)
{
    const struct sl_point *points = NULL;
    size_t n = sl_session_points(r->session, &points);
    r->points = n < r->points ? 0 : r->points;
    for (; r->options->json && r->points < n; r->points++) {
        batch_json_point(&points[r->points], &r->out);
    }
    const struct sl_epoch *epochs = NULL;
    size_t n_epochs = sl_session_epochs(r->session, &epochs);
    r->epochs = n_epochs < r->epochs ? 0 : r->epochs;
    for (; r->options->json && r->epochs < n_epochs; r->epochs++) {
        batch_json_epoch(&epochs[r->epochs], &r->out);
    }
    return r->out.n ? batch_flush(&r->out, err) : SL_OK;
}

static int interrupted(struct runner *r, const struct sl_train_state *state, struct sl_error *err)
{
    r->step = state->step;
    return sl_fail(err, SL_ECANCEL, "interrupted");
}

/* What the caches of the recipe had to say, and which pictures lie on both sides of the split. */
static void report_notices(struct runner *r)
{
    const char *line;
    for (; (line = sl_session_log(r->session, r->said)); r->said++) {
        if (strncmp(line, "cache (", 7) == 0 || strncmp(line, "duplicates: ", 12) == 0) {
            progress_bar_clear(&r->bar);
            batch_note("%s", line);
        }
    }
}

int runner_wait(struct runner *r, struct sl_error *err)
{
    struct sl_train_state state;
    for (;;) {
        sl_session_poll(r->session);
        sl_session_train_state(r->session, &state);
        int status = report_points(r, err);
        bool busy = state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
        if (!status && busy) {
            status = runner_progress(r, &state, err);
        }
        if (!status && busy && batch_signal()) {
            status = interrupted(r, &state, err);
        }
        if (status) {
            return status;
        }
        if (!busy) {
            break;
        }
        struct pollfd fds[] = { { .fd = sl_session_fd(r->session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
    }
    report_notices(r);
    if (state.job == SL_JOB_FAILED) {
        *err = state.error;
        return state.error.status ? state.error.status : SL_EDATA;
    }
    return batch_signal() ? interrupted(r, &state, err) : SL_OK;
}
