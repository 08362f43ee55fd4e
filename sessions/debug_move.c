/* debug_move.c: moves of a session's debugger: those of its stepper, with the model as one more place behind the last
 * stage, and through a list of records while there is one. */
#include "debugger.h"

#include <ctype.h>
#include <stdlib.h>

/* Does the record at hand come out of the last stage, and is there a model to take it? */
static bool reaches_model(struct debugger *d)
{
    const struct sl_step *here = sl_stepper_here(d->stepper);
    return here->place.stage + 1 == here->stages && here->after && !(here->marks & SL_MARK_ERROR) && look_possible(d);
}

/* To a place; and, from the last stage of a record that gets there, into the model. */
int debugger_goto(struct debugger *d, const struct sl_place *place, bool model, struct sl_error *err)
{
    struct sl_place to = *place;
    if (model)
        to = (struct sl_place){ to.record, UINT32_MAX, 0 };
    int status = sl_stepper_goto(d->stepper, &to, err);
    if (status)
        return status;
    d->looked = false;
    d->at_model = model && reaches_model(d);
    return SL_OK;
}

static int at_end(int status, bool forward, struct sl_error *err)
{
    if (status != SL_EEND)
        return status;
    return sl_fail(err, SL_EEND,
                   forward ? "there is nothing further: that was the last record"
                           : "there is nothing further back: this is the first record");
}

/* --- lists --- */

static int list_move(struct debugger *d, bool forward, struct sl_error *err)
{
    struct sl_record_list *list = &d->list.shown;
    if (forward ? list->at + 1 >= list->n : list->at == 0)
        return sl_fail(err, SL_EEND, "there is nothing further in this list of %zu records", list->n);
    return sl_debug_list_goto(d->session, forward ? list->at + 1 : list->at - 1, err);
}

int sl_debug_list_goto(struct sl_session *session, size_t i, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    if (!d->list.set)
        return sl_fail(err, SL_ESTATE, "there is no list of records to walk through");
    if (i >= d->list.shown.n)
        return sl_fail(err, SL_EPARAM, "the list has %zu records, and no number %zu", d->list.shown.n, i + 1);
    struct sl_place to = { d->list.item[i].record, sl_stepper_here(d->stepper)->place.stage, 0 };
    status = debugger_goto(d, &to, d->at_model, err);
    if (status == SL_EEND) {
        sl_fail(err, SL_EDATA, "record %llu of the list is not there any more", (unsigned long long)to.record);
        status = sl_fix(err, "make the list anew");
    }
    if (!status)
        d->list.shown.at = i;
    return status;
}

const struct sl_record_list *sl_debug_list(struct sl_session *session)
{
    const struct debugger *d = session->debugger;
    return d && d->list.set ? &d->list.shown : NULL;
}

/* --- moves --- */

/* From the model. */
static int move_out(struct debugger *d, enum sl_move move, struct sl_error *err)
{
    struct sl_place here = sl_stepper_here(d->stepper)->place, to = here;
    bool model = false;
    switch (move) {
    case SL_STEP_NEXT:
    case SL_STEP_INTO: to = (struct sl_place){ here.record + 1, 0, 0 }; break;
    case SL_STEP_BACK: to.substep = 0; break;
    case SL_STEP_BACK_INTO: to.substep = UINT32_MAX; break;
    case SL_STEP_BACK_FINISH: to = (struct sl_place){ here.record, 0, 0 }; break;
    case SL_STEP_FINISH: return SL_OK;
    case SL_STEP_NEXT_RECORD:
    case SL_STEP_PREVIOUS_RECORD:
        if (move == SL_STEP_PREVIOUS_RECORD && !here.record)
            return SL_EEND;
        to.record = move == SL_STEP_NEXT_RECORD ? here.record + 1 : here.record - 1;
        model = true;
    }
    return debugger_goto(d, &to, model, err);
}

static int move_on(struct debugger *d, enum sl_move move, struct sl_error *err)
{
    const struct sl_step *here = sl_stepper_here(d->stepper);
    struct sl_place from = here->place;
    bool within = (move == SL_STEP_INTO || from.substep) && from.substep < here->substeps;
    bool forward = move == SL_STEP_NEXT || move == SL_STEP_INTO;
    if (forward && !within && reaches_model(d))
        return debugger_goto(d, &from, true, err);
    bool back = move == SL_STEP_BACK || move == SL_STEP_BACK_INTO;
    if (back && from.stage == 0 && from.substep == 0 && from.record) { /* into the model of the record before */
        struct sl_place to = { from.record - 1, 0, 0 };
        int status = debugger_goto(d, &to, true, err);
        if (status || d->at_model)
            return status;
        status = sl_stepper_goto(d->stepper, &from, err);
        if (status)
            return status;
    }
    d->looked = false;
    return sl_stepper_move(d->stepper, move, err);
}

int sl_debug_move(struct sl_session *session, enum sl_move move, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    bool forward = move == SL_STEP_NEXT || move == SL_STEP_INTO || move == SL_STEP_FINISH ||
                   move == SL_STEP_NEXT_RECORD;
    bool record = move == SL_STEP_NEXT_RECORD || move == SL_STEP_PREVIOUS_RECORD;
    if (record && d->list.set)
        return list_move(d, forward, err);
    return at_end(d->at_model ? move_out(d, move, err) : move_on(d, move, err), forward, err);
}

int sl_debug_goto_place(struct sl_session *session, uint64_t record, size_t stage, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    struct sl_place to = { record, stage > UINT32_MAX ? UINT32_MAX : (uint32_t)stage, 0 };
    status = debugger_goto(d, &to, stage == SL_NO_STAGE, err);
    if (status == SL_EEND) {
        sl_fail(err, SL_EPARAM, "there is no record %llu", (unsigned long long)record);
        status = sl_fix(err, "records are counted from 0");
    }
    return status;
}

/* --- goto --- */

/* The bound stage that "strip_html#2", "3" or "model" means; SL_NO_STAGE: the model. */
static int read_stage(struct debugger *d, const char *name, size_t *stage, struct sl_error *err)
{
    const struct sl_session *session = d->session;
    size_t place = 0, on = 0;
    *stage = SL_NO_STAGE;
    if (strcmp(name, "model") == 0)
        return SL_OK;
    int status = edit_find(history_now(&session->history), name, &place, err);
    if (status)
        return status;
    const struct recipe *now = history_now(&session->history);
    for (size_t i = 0; i < place; i++)
        on += !now->at[i].off;
    size_t bound = sl_pipeline_bound(session->binding.shown, on);
    if (now->at[place].class->kind == SL_LEARNER)
        return SL_OK;
    if (now->at[place].off || bound >= sl_stepper_here(d->stepper)->stages)
        return sl_fail(err, SL_ESTATE, "stage \"%s\" is not part of the pipeline as it stands", name);
    *stage = bound;
    return SL_OK;
}

/* STAGE@RECORD, or STAGE@ for the record at hand. */
static int goto_stage(struct debugger *d, const char *where, const char *sign, struct sl_error *err)
{
    uint64_t record = sl_stepper_here(d->stepper)->place.record;
    size_t stage = 0;
    char *end = NULL, *name = strndup(where, (size_t)(sign - where));
    if (!name)
        return sl_fail_memory(err, "a place");
    int status = read_stage(d, name, &stage, err);
    free(name);
    if (!status && sign[1]) {
        record = isdigit((unsigned char)sign[1]) ? strtoull(sign + 1, &end, 10) : 0;
        if (!end || *end || record == UINT64_MAX) {
            sl_fail(err, SL_EPARAM, "\"%.60s\" is no record", sign + 1);
            status = sl_fix(err, "give its number, counted from 0");
        }
    }
    return status ? status : sl_debug_goto_place(d->session, record, stage, err);
}

/* A list goes on from the record stood at, when it has it; else it has been left. */
static void follow_list(struct debugger *d)
{
    uint64_t record = sl_stepper_here(d->stepper)->place.record;
    for (size_t i = 0; d->list.set && i < d->list.shown.n; i++)
        if (d->list.item[i].record == record) {
            d->list.shown.at = i;
            return;
        }
    list_drop(d);
}

int sl_debug_goto(struct sl_session *session, const char *where, struct sl_error *err)
{
    struct debugger *d = NULL;
    int status = debugger_ready(session, &d, err);
    if (status)
        return status;
    const char *sign = strrchr(where, '@');
    if (sign && !strchr(sign, ':')) {
        status = goto_stage(d, where, sign, err);
    } else {
        status = sl_stepper_goto_text(d->stepper, where, err);
        if (!status)
            d->at_model = d->looked = false;
    }
    if (!status)
        follow_list(d);
    return status;
}
