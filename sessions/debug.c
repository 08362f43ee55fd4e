/* debug.c: a debugger's life: the stepper over the pipeline shown, made when asked for, given up when that pipeline or
 * its models change, and made again at the same record and stage. */
#include "debugger.h"

#include <stdlib.h>

/* --- life --- */

struct debugger *debugger_get(struct sl_session *session, struct sl_error *err)
{
    if (session->debugger)
        return session->debugger;
    struct debugger *d = calloc(1, sizeof *d);
    if (!d) {
        sl_fail_memory(err, "the debugger");
        return NULL;
    }
    d->session = session;
    sl_arena_init(&d->look_arena);
    d->state = (struct sl_debug_state){ .fraction = (double)__builtin_nan(""), .error = SL_ERROR_INIT };
    session->debugger = d;
    return d;
}

/* The place at hand, kept as record, stage and the stage's statement. */
static void keep_place(struct debugger *d)
{
    if (!d->stepper)
        return;
    const struct sl_step *here = sl_stepper_here(d->stepper);
    d->place = here->place;
    free(d->statement);
    d->statement = strndup(here->params.p, here->params.n);
}

static void drop_stepper(struct debugger *d)
{
    keep_place(d);
    debugger_unfit(d);
    sl_stepper_free(d->stepper);
    sl_breaks_free(d->set);
    sl_verdicts_release(&d->verdicts);
    d->stepper = NULL;
    d->set = NULL;
    d->set_made = d->verdicts_known = d->looked = false;
    if (d->audit)
        sl_audit_release(d->audit);
    free(d->audit);
    d->audit = NULL;
}

void debugger_forget(struct sl_session *session)
{
    struct debugger *d = session->debugger;
    if (!d)
        return;
    sl_debug_cancel(session);
    task_join(d, true);
    drop_stepper(d);
}

void debugger_rebind(struct sl_session *session, struct sl_pipeline *next)
{
    struct debugger *d = session->debugger;
    if (!d)
        return;
    debugger_forget(session);
    char *source = recipe_sources(history_now(&session->history), next);
    bool same = d->browser && source && d->browsed && strcmp(d->browsed, source) == 0;
    bool other = source && d->browsed && strcmp(d->browsed, source) != 0;
    free(source);
    if (same && sl_browser_pipeline(d->browser, next, NULL) == SL_OK)
        return;
    sl_browser_free(d->browser);
    d->browser = NULL;
    if (other) { /* other records: what is known of these says nothing */
        known_free(d->known);
        d->known = NULL;
        list_drop(d);
        d->place = (struct sl_place){ 0 };
        d->at_model = false;
    }
}

void debugger_close(struct sl_session *session)
{
    struct debugger *d = session->debugger;
    if (!d)
        return;
    debugger_forget(session);
    sl_browser_free(d->browser);
    free(d->browsed);
    free(d->statement);
    known_free(d->known);
    known_free(d->learned);
    list_drop(d);
    debugger_release_kept(d);
    sl_arena_release(&d->look_arena);
    free(d);
    session->debugger = NULL;
}

/* --- the stepper --- */

static bool same_statement(struct sl_pipeline *pipeline, size_t i, const char *text)
{
    const struct sl_stage *stage = sl_pipeline_stage(pipeline, i);
    struct sl_buf own = { 0 };
    sl_statement_format(stage->class, stage->params, &own);
    bool same = !own.failed && strcmp(own.p ? own.p : "", text) == 0;
    sl_buf_release(&own);
    return same;
}

/* The stage that was stood at, wherever it is now: the one of the same statement nearest to its old place. */
static uint32_t find_stage(const struct debugger *d, struct sl_pipeline *pipeline)
{
    size_t n = sl_pipeline_stages(pipeline), at = d->place.stage < n ? d->place.stage : n - 1;
    for (size_t away = 0; d->statement && away < n; away++) {
        if (at + away < n && same_statement(pipeline, at + away, d->statement))
            return (uint32_t)(at + away);
        if (away <= at && same_statement(pipeline, at - away, d->statement))
            return (uint32_t)(at - away);
    }
    return (uint32_t)at;
}

static int open_browser(struct debugger *d, struct sl_pipeline *pipeline, struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = d->session->base };
    if (d->browser)
        return SL_OK;
    free(d->browsed);
    d->browsed = recipe_sources(history_now(&d->session->history), d->session->binding.shown);
    return sl_browser_new(&d->browser, pipeline, &options, err);
}

/* Roles when the run that is known was of this recipe; else the number of training records, which explanations need. */
static int teach(struct debugger *d, struct sl_error *err)
{
    static const struct sl_quarantine none;
    const struct sl_session *session = d->session;
    if (known_fits(d))
        return sl_stepper_learn(d->stepper, &d->known->result, err);
    if (!session->fitted || !session->result)
        return SL_OK;
    struct sl_run_result little = { .records = session->result->records,
                                    .n_train = session->result->n_train,
                                    .quarantine = &none };
    return sl_stepper_learn(d->stepper, &little, err);
}

static int make_stepper(struct debugger *d, struct sl_error *err)
{
    struct sl_pipeline *pipeline = d->session->binding.shown;
    int status = open_browser(d, pipeline, err);
    if (!status)
        status = sl_stepper_new(&d->stepper, pipeline, d->browser, err);
    if (status) {
        d->stepper = NULL;
        return status;
    }
    status = teach(d, err);
    if (!status)
        status = debugger_fit_watches(d, err);
    struct sl_place to = d->place;
    uint32_t stage = find_stage(d, pipeline);
    to.substep = stage == to.stage && d->statement && same_statement(pipeline, stage, d->statement) ? to.substep : 0;
    to.stage = stage;
    bool model = d->at_model;
    if (!status) {
        status = debugger_goto(d, &to, model, err);
        status = status == SL_EEND ? SL_OK : status; /* fewer records than there were: at the first */
    }
    if (status)
        drop_stepper(d);
    return status;
}

int debugger_ready(struct sl_session *session, struct debugger **out, struct sl_error *err)
{
    struct debugger *d = debugger_get(session, err);
    if (!d)
        return SL_ENOMEM;
    *out = d;
    if (debugger_busy(session)) {
        sl_fail(err, SL_ESTATE, "the records are being gone through");
        return sl_fix(err, "wait until that is done, or cancel it"), SL_ESTATE;
    }
    if (!session->binding.shown) {
        sl_fail(err, SL_ESTATE, "there is nothing to step through: %s", session->binding.problem.what);
        return sl_fix(err, "%s",
                      session->binding.problem.fix[0] ? session->binding.problem.fix : "begin with: read FILE"),
               SL_ESTATE;
    }
    return d->stepper ? SL_OK : make_stepper(d, err);
}

int sl_debug_place(struct sl_session *session, struct sl_debug_place *out, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    if (d->at_model && !d->looked)
        status = look_make(d, err);
    *out = (struct sl_debug_place){ .step = sl_stepper_here(d->stepper),
                                    .at_model = d->at_model,
                                    .look = d->at_model && d->looked ? &d->look : NULL };
    return status;
}

int sl_debug_stepper(struct sl_session *session, struct sl_stepper **out, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (!status)
        *out = d->stepper;
    return status;
}
