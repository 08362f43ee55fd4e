/* batch_work.c: see batch_work.h. The thread blocks every signal, so that they reach the loop. */
#include "batch_work.h"

#include "sluice/pool.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TICK_MS = 100 };

struct task {
    const struct batch_work *work;
    struct sl_error *err;
    int status, done;
};

static void *task_main(void *ctx)
{
    struct task *task = ctx;
    task->status = task->work->work(task->work->ctx, task->err);
    eventfd_write(task->done, 1);
    return NULL;
}

static void watch(struct task *task)
{
    const struct batch_work *work = task->work;
    bool cancelled = false;
    for (;;) {
        struct pollfd fds[] = { { .fd = task->done, .events = POLLIN },
                                { .fd = cancelled ? -1 : batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
        if (fds[0].revents) {
            return;
        }
        bool tired = work->tick && !work->tick(work->ctx);
        if (!cancelled && (batch_signal() || tired)) {
            cancelled = true;
            if (work->progress) {
                atomic_store(&work->progress->cancel, true);
            }
        }
    }
}

int batch_work(const struct batch_work *work, struct sl_error *err)
{
    struct task task = { .work = work, .err = err, .done = eventfd(0, EFD_CLOEXEC) };
    pthread_t thread;
    sigset_t all, before;
    if (task.done < 0) {
        return sl_fail_errno(err, "start working", NULL);
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&thread, NULL, task_main, &task);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code) {
        errno = code;
        close(task.done);
        return sl_fail_errno(err, "start a thread", NULL);
    }
    watch(&task);
    pthread_join(thread, NULL);
    close(task.done);
    return task.status;
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
