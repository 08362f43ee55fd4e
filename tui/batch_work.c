/* batch_work.c: see batch_work.h. */
#include "batch_work.h"
#include "progress_bar.h"

#include "sluice/pool.h"

#include <math.h>
#include <poll.h>
#include <stdatomic.h>

enum { TICK_MS = 100 };

struct watching {
    const struct batch_work *work;
    bool cancelled;
};

static void wait_work(void *ctx, int done)
{
    struct watching *w = ctx;
    const struct batch_work *work = w->work;
    struct pollfd fds[] = { { .fd = done, .events = POLLIN },
                            { .fd = w->cancelled ? -1 : batch_signal_fd(), .events = POLLIN } };
    poll(fds, 2, TICK_MS);
    if (fds[0].revents) {
        return;
    }
    bool tired = work->tick && !work->tick(work->ctx);
    if (!w->cancelled && (batch_signal() || tired)) {
        w->cancelled = true;
        if (work->progress) {
            atomic_store(&work->progress->cancel, true);
        }
    }
}

int batch_work(const struct batch_work *work, struct sl_error *err)
{
    struct watching watching = { .work = work };
    return sl_aside(work->work, work->ctx, wait_work, &watching, err);
}

void batch_progress_state(const struct sl_progress *progress, uint64_t began, struct sl_train_state *out)
{
    double seconds = (double)(sl_now() - began) * 1e-9;
    uint64_t done = atomic_load(&progress->done), total = atomic_load(&progress->total);
    double fraction = total ? (double)done / (double)total : (double)NAN;
    *out = (struct sl_train_state){
        .job = SL_JOB_PREPARING,
        .phase = (enum sl_phase)atomic_load(&progress->phase),
        .fraction = fraction > 1 ? 1 : fraction,
        .rows_per_second = seconds > 0 ? (double)atomic_load(&progress->records) / seconds : 0,
        .eta = fraction > 0.01 ? seconds * (1 - fraction) / fraction : (double)NAN,
        .error = SL_ERROR_INIT,
    };
}

void batch_progress_draw(struct progress_bar *bar, const struct sl_progress *progress, uint64_t began,
                         const char *phase)
{
    struct sl_train_state state;
    batch_progress_state(progress, began, &state);
    bool training = state.phase == SL_PHASE_TRAIN; /* what is left of it is not known, and records are not read */
    const struct progress_view view = { .phase = phase ? phase : batch_phase(&state),
                                        .fraction = state.fraction,
                                        .rate = training ? 0 : state.rows_per_second,
                                        .eta = training ? (double)NAN : state.eta,
                                        .loss = (double)NAN,
                                        .train_accuracy = (double)NAN,
                                        .test_accuracy = (double)NAN };
    progress_bar_draw(bar, &view);
}
