/* debug_taken.c: what came of a task, taken over by the session's thread: a place to stand at, an audit, a list, roles;
 * and told in the log. */
#include "debugger.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void tell_place(struct debugger *d)
{
    struct sl_buf text = { 0 };
    if (sl_debug_account(d->session, &text, NULL) == SL_OK && text.n && !text.failed)
        said_add(d->session, text.p, text.n);
    sl_buf_release(&text);
}

static void take_hit(struct debugger *d)
{
    struct sl_debug_state *s = &d->state;
    struct sl_break_hit hit = d->task.hit;
    s->hit = hit;
    d->at_model = d->looked = false;
    for (size_t i = 0; i < d->n_breaks; i++) {
        struct kept_break *b = &d->breaks[i];
        if (b->in_set < 0 || !(hit.which >> b->in_set & 1))
            continue;
        b->hits++;
        if (!s->stopped_by[0])
            snprintf(s->stopped_by, sizeof s->stopped_by, "%s", b->text);
    }
    sl_session_say(d->session, "stopped at record %llu by: %s", (unsigned long long)hit.place.record, s->stopped_by);
    tell_place(d);
}

static void take_failure(struct debugger *d)
{
    const struct sl_debug_state *s = &d->state;
    char text[900];
    if (s->error.status == SL_EEND)
        sl_session_say(d->session, "no breakpoint stops %s", d->task.backward ? "before here" : "any more");
    else if (s->error.status == SL_ECANCEL)
        sl_session_say(d->session, "cancelled after %llu records", (unsigned long long)s->records);
    else
        sl_session_say(d->session, "%s", sl_error_format(&s->error, text, sizeof text));
}

static void take_found(struct debugger *d)
{
    struct debug_task *t = &d->task;
    struct known *newest = d->learned ? d->learned : t->found;
    if (!newest)
        return;
    if (newest != t->found)
        known_free(t->found);
    known_free(d->known);
    d->known = newest;
    d->learned = t->found = NULL;
    if (d->stepper && known_fits(d))
        (void)sl_stepper_learn(d->stepper, &d->known->result, NULL); /* roles are an extra */
}

static void take_audit(struct debugger *d)
{
    struct sl_buf text = { 0 };
    d->audit = d->task.audit;
    d->task.audit = NULL;
    account_audit(d->audit, d->session->binding.shown, &text);
    if (text.n && !text.failed)
        said_add(d->session, text.p, text.n);
    sl_buf_release(&text);
}

static void take_list(struct debugger *d, struct debug_task *t)
{
    list_set(d, t->title, t->item, t->n, t->n, SL_NO_STAGE);
    d->list.shown.judged = true;
    t->item = NULL;
    sl_session_say(d->session, "%s: %zu records%s", t->title, t->n, t->n ? ", most wrong first" : "");
    if (t->n)
        tell_place(d);
}

void task_release(struct debug_task *t)
{
    if (t->audit)
        sl_audit_release(t->audit);
    free(t->audit);
    free(t->run);
    free(t->recipe);
    free(t->base);
    free(t->item);
    sl_buf_release(&t->weights);
    known_free(t->found);
    memset(t, 0, sizeof *t);
}

static void note_state(struct debugger *d, bool quiet)
{
    struct debug_task *t = &d->task;
    d->state = (struct sl_debug_state){ .fraction = (double)NAN, .error = t->error };
    d->state.records = t->kind == SL_DEBUG_LIST ? t->run->records : t->progress.records;
    d->state.hits = t->progress.hits;
    d->state.error.status = t->status;
    if (quiet && !t->status)
        sl_fail(&d->state.error, SL_ECANCEL, "the recipe has changed meanwhile");
    if (t->status == SL_EEND)
        sl_fail(&d->state.error, SL_EEND, "no breakpoint stops %s", t->backward ? "before here" : "any more");
}

void task_join(struct debugger *d, bool quiet)
{
    struct debug_task *t = &d->task;
    enum sl_debug_task kind = t->kind;
    if (kind == SL_DEBUG_IDLE)
        return;
    pthread_join(t->thread, NULL);
    note_state(d, quiet);
    t->kind = SL_DEBUG_IDLE;
    d->session->changed = true;
    if (kind == SL_DEBUG_CONTINUE)
        d->looked = false;
    if (!quiet)
        take_found(d);
    if (!quiet && t->status)
        take_failure(d);
    else if (!quiet && kind == SL_DEBUG_CONTINUE)
        take_hit(d);
    else if (!quiet && kind == SL_DEBUG_AUDIT)
        take_audit(d);
    else if (!quiet)
        take_list(d, t);
    task_release(t);
}
