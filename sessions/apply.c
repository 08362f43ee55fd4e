/* apply.c: a change made so: judged, journaled, shown.
 *
 * A change is refused when it brings an error in: one about the very statement it touches, or one before it that was
 * not there (a `split` behind a fitted stage is a fault of the split). What it breaks further down is shown as a
 * problem: that stage may be the next to be changed. */
#include "debugger.h"
#include "live.h"

#include <stdlib.h>

static int judge(const struct sl_session *session, const struct change *change, const struct binding *binding,
                 struct sl_error *err)
{
    const struct binding *before = &session->binding;
    if (!binding->broken || binding->incomplete || change->gentle)
        return SL_OK;
    bool fresh = !before->broken || before->incomplete;
    bool own = binding->stage == change->touched;
    if (!own && !(fresh && binding->stage != SIZE_MAX && binding->stage < change->touched))
        return SL_OK;
    if (err)
        *err = binding->problem;
    return binding->problem.status;
}

static void make_history(struct sl_session *session, const struct change *change)
{
    if (change->step < 0)
        session->history.at--;
    else if (change->step > 0)
        session->history.at++;
}

/* Edits of a recipe file wait until all are read: they are bound once, and journaled in one transaction. */
static int gather(struct sl_session *session, struct change *change, struct sl_error *err)
{
    sl_buf_add(&session->gathered, change->line.p, change->line.n + 1);
    if (session->gathered.failed)
        return sl_fail_memory(err, "the recipe");
    if (!change->step)
        return history_push(&session->history, change->recipe.at, change->recipe.n, err);
    make_history(session, change);
    return SL_OK;
}

int session_take(struct sl_session *session, struct change *change, struct sl_error *err)
{
    if (session->gathering)
        return gather(session, change, err);
    struct binding binding;
    int status = binding_make(&binding, session, &change->recipe, err);
    if (!status)
        status = judge(session, change, &binding, err);
    if (!status && change->starts)
        status = training_fits(&binding, err);
    if (!status && !change->step) {
        size_t n = session->history.n, at = session->history.at;
        (void)n;
        status = journal_add(session, change->line.p, err);
        if (!status)
            status = history_push(&session->history, change->recipe.at, change->recipe.n, err);
        if (status)
            session->history.at = at;
    } else if (!status) {
        status = journal_add(session, change->line.p, err);
        if (!status)
            make_history(session, change);
    }
    if (status) {
        binding_release(&binding);
        return status;
    }
    return session_show(session, &binding, err);
}

static int journal_gathered(struct sl_session *session, struct sl_error *err)
{
    int status = book_begin(session->book, err);
    if (status)
        return status;
    const char *p = session->gathered.p, *end = p + session->gathered.n;
    for (; p < end && !status; p += strlen(p) + 1)
        status = book_run(session->book, err, "INSERT INTO journal(time, line) VALUES(?,?)", "dt", book_time(), p);
    return book_end(session->book, status, err);
}

int session_gather_end(struct sl_session *session, size_t n, size_t at, struct sl_error *err)
{
    if (!session->gathered.n)
        return SL_OK;
    struct binding binding;
    const struct recipe *now = history_now(&session->history);
    int status = binding_make(&binding, session, now, err);
    if (!status && binding.broken && !binding.incomplete) {
        status = binding.problem.status;
        if (err) {
            *err = binding.problem;
            if (binding.stage < now->n && !err->file[0])
                err->line = now->at[binding.stage].line;
        }
    }
    if (!status)
        status = journal_gathered(session, err);
    session->gathered.n = 0;
    if (!status)
        return session_show(session, &binding, err);
    binding_release(&binding);
    history_cut(&session->history, n < session->history.n ? n : session->history.n, at);
    return status;
}

static void show_data(struct sl_session *session, struct binding *binding)
{
    char *sources = recipe_sources(history_now(&session->history), binding->shown);
    bool same = sources && session->browsed && strcmp(session->browsed, sources) == 0;
    if (session->browser && same) {
        sl_browser_cancel(session->browser);
        same = sl_browser_pipeline(session->browser, binding->shown, NULL) == SL_OK;
    }
    if (session->browser && !same) {
        sl_browser_free(session->browser);
        session->browser = NULL;
    }
    if (!same) {
        free(session->browsed);
        session->browsed = sources;
        sources = NULL;
    }
    free(sources);
}

int session_show(struct sl_session *session, struct binding *binding, struct sl_error *err)
{
    show_data(session, binding);
    debugger_rebind(session, binding->shown);
    binding_release(&session->binding);
    session->binding = *binding;
    session->changed = true;
    record_load_fitted(session, NULL);
    session_views(session);
    if (session->options.scan)
        sl_session_browser(session);
    session_scan(session); /* the change of pipeline held it */
    (void)err;
    return SL_OK;
}

int session_rebind(struct sl_session *session, struct sl_error *err)
{
    struct binding binding;
    int status = binding_make(&binding, session, history_now(&session->history), err);
    return status ? status : session_show(session, &binding, err);
}
