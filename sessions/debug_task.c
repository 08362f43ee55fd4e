/* debug_task.c: what takes long, on a thread of its own: running on to a breakpoint, the audit, the list of a cell.
 *
 * The thread has the stepper, the breakpoint set and the debugger's browser to itself until it is joined; the session's
 * thread sees only atomic figures. What came of it is taken over by sl_session_poll()
 * (debug_taken.c). */
#include "debugger.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define AUDIT_EXAMPLES 1000u

bool debugger_busy(const struct sl_session *session)
{
    return session->debugger && session->debugger->task.kind != SL_DEBUG_IDLE;
}

/* --- on the thread --- */

/* Stages that drop by what came before need to know it: one pass, the first time. */
static int find_verdicts(struct debugger *d, struct sl_pool *pool, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    if (d->verdicts_known)
        return SL_OK;
    int status = sl_verdicts_find(&d->verdicts, d->session->binding.shown, pool, &t->progress, err);
    if (!status)
        status = sl_stepper_verdicts(d->stepper, &d->verdicts, err);
    d->verdicts_known = !status;
    t->progress.done = t->progress.records = 0;
    return status;
}

static int run_on(struct debugger *d, struct sl_pool *pool, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    int status = find_verdicts(d, pool, err);
    if (status)
        return status;
    if (!t->from_start)
        return sl_stepper_continue(d->stepper, d->set, t->backward, pool, &t->progress, &t->hit, err);
    struct sl_scan_options options = { .pool = pool, .verdicts = &d->verdicts, .progress = &t->progress };
    status = sl_breaks_scan(d->set, &options, &t->hit, err);
    return status ? status : sl_stepper_goto(d->stepper, &t->hit.place, err);
}

static int audit(struct debugger *d, struct sl_pool *pool, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    int status = SL_OK;
    if (!t->roles && t->recipe) {
        struct sl_error why = SL_ERROR_INIT; /* without roles leakage is not looked for; the rest is no less true */
        status = cell_roles(d, pool, &why);
        if (status)
            *err = why;
        if (status == SL_ECANCEL || status == SL_ENOMEM)
            return status;
    }
    t->audit = calloc(1, sizeof *t->audit);
    if (!t->audit)
        return sl_fail_memory(err, "an audit");
    struct sl_audit_options options = { .pool = pool,
                                        .examples = AUDIT_EXAMPLES,
                                        .distance = SL_AUDIT_DISTANCE,
                                        .run = t->roles   ? t->roles
                                               : t->found ? &t->found->result
                                                          : NULL,
                                        .progress = &t->progress };
    status = sl_audit_run(t->audit, d->session->binding.shown, &options, err);
    if (status) {
        free(t->audit);
        t->audit = NULL;
    }
    return status;
}

static void *task_main(void *ctx)
{
    struct debugger *d = ctx;
    struct debug_task *t = &d->task;
    struct sl_pool *pool = NULL;
    int wake = d->session->wake_fd;
    int status = sl_pool_new(&pool, d->session->options.threads, &t->error);
    if (!status && t->kind == SL_DEBUG_CONTINUE)
        status = run_on(d, pool, &t->error);
    else if (!status && t->kind == SL_DEBUG_AUDIT)
        status = audit(d, pool, &t->error);
    else if (!status)
        status = cell_run(d, pool, &t->error);
    sl_pool_free(pool);
    t->status = status;
    t->ended = true;
    eventfd_write(wake, 1);
    return NULL;
}

/* --- start --- */

int task_start(struct debugger *d, enum sl_debug_task kind, struct sl_error *err)
{
    struct debug_task *t = &d->task;
    sigset_t all, before;
    t->run = calloc(1, sizeof *t->run);
    if (!t->run) {
        task_release(t);
        return sl_fail_memory(err, "looking at the records");
    }
    t->error = (struct sl_error)SL_ERROR_INIT;
    t->kind = kind;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&t->thread, NULL, task_main, d);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    d->session->changed = true;
    if (!code)
        return SL_OK;
    task_release(t);
    return sl_fail(err, SL_EIO, "the system allows no further thread");
}

static int start_continue(struct sl_session *session, bool backward, bool from_start, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (!status)
        status = debugger_fit_breaks(d, err);
    if (status)
        return status;
    bool any = false;
    for (size_t i = 0; i < d->n_breaks; i++)
        any = any || (d->breaks[i].on && d->breaks[i].in_set >= 0);
    if (!any) {
        sl_fail(err, SL_ESTATE, d->n_breaks ? "no breakpoint is on that fits the recipe" : "there is no breakpoint");
        return sl_fix(err, "set one, for instance: break changed"), SL_ESTATE;
    }
    d->task.backward = backward;
    d->task.from_start = from_start;
    return task_start(d, SL_DEBUG_CONTINUE, err);
}

int sl_debug_continue(struct sl_session *session, bool backward, struct sl_error *err)
{
    return start_continue(session, backward, false, err);
}

int sl_debug_run(struct sl_session *session, struct sl_error *err)
{
    return start_continue(session, false, true, err);
}

int sl_debug_audit(struct sl_session *session, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    d->task.roles = known_fits(d) ? &d->known->result : NULL;
    struct sl_pipeline *pipeline = session->binding.shown;
    bool split = (sl_pipeline_find(pipeline, SL_SPLIT) || sl_pipeline_sources(pipeline) > 1) && session->binding.whole;
    if (!d->task.roles && split)
        status = cell_gather(d, false, err);
    return status ? status : task_start(d, SL_DEBUG_AUDIT, err);
}

const struct sl_audit *sl_debug_audited(struct sl_session *session)
{
    return session->debugger ? session->debugger->audit : NULL;
}

void sl_debug_cancel(struct sl_session *session)
{
    struct debugger *d = session->debugger;
    if (!debugger_busy(session))
        return;
    d->task.progress.cancel = true;
    d->task.run->cancel = true;
}

/* --- meanwhile --- */

bool debugger_poll(struct sl_session *session)
{
    struct debugger *d = session->debugger;
    if (!d || !debugger_busy(session))
        return false;
    if (d->task.ended) {
        task_join(d, false);
        return true;
    }
    uint64_t seen = d->task.progress.records + d->task.run->records;
    bool changed = seen != d->state.records;
    d->state.records = seen;
    return changed;
}

/* The reading of a whole run is most of it; then encoding. */
static double run_fraction(const struct sl_progress *run)
{
    double total = (double)run->total, within = total > 0 ? (double)run->done / total : 0;
    int phase = run->phase;
    within = within < 1 ? within : 1;
    return phase <= SL_PHASE_READ ? 0.7 * within : phase < SL_PHASE_ENCODE ? 0.7 : 0.7 + 0.3 * within;
}

void sl_debug_state(struct sl_session *session, struct sl_debug_state *out)
{
    struct debugger *d = session->debugger;
    if (!d) {
        *out = (struct sl_debug_state){ .fraction = (double)NAN, .error = SL_ERROR_INIT };
        return;
    }
    *out = d->state;
    struct debug_task *t = &d->task;
    if (t->kind == SL_DEBUG_IDLE)
        return;
    uint64_t done = t->progress.done, total = t->progress.total;
    *out = (struct sl_debug_state){ .task = t->kind, .fraction = (double)NAN, .error = SL_ERROR_INIT };
    out->records = t->progress.records + t->run->records;
    out->hits = t->progress.hits;
    if (t->kind == SL_DEBUG_LIST)
        out->fraction = run_fraction(t->run);
    else if (total)
        out->fraction = done < total ? (double)done / (double)total : 1;
}

bool sl_debug_wait(struct sl_session *session, int timeout_ms)
{
    uint64_t end = sl_now() + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0) * 1000000u;
    for (;;) {
        sl_session_poll(session);
        if (!debugger_busy(session))
            return true;
        uint64_t now = sl_now();
        if (timeout_ms >= 0 && now >= end)
            return false;
        int left = timeout_ms < 0 ? -1 : (int)((end - now + 999999) / 1000000u);
        struct pollfd fd = { .fd = sl_session_fd(session), .events = POLLIN };
        if (poll(&fd, 1, left) < 0 && errno == EINTR)
            return false;
    }
}
