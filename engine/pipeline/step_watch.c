/* step_watch.c: expressions followed from stage to stage. They are compiled for every stage whose columns they make
 * sense on, and evaluated when asked for. */
#include "step_private.h"

#include <stdlib.h>

int sl_stepper_watch(struct sl_stepper *st, const char *expression, size_t *index, struct sl_error *err)
{
    struct sl_watch *watches = realloc(st->watches, (st->n_watches + 1) * sizeof *watches);
    if (!watches)
        return sl_fail_memory(err, "a watch");
    st->watches = watches;
    struct sl_watch *w = &watches[st->n_watches];
    *w = (struct sl_watch){ .text = strdup(expression) };
    int status = w->text ? sl_exprs_compile(&w->exprs, expression, st->pipeline, 0, sl_pipeline_end(st->pipeline), err)
                         : sl_fail_memory(err, "a watch");
    if (status) {
        free(w->text);
        return status;
    }
    if (index)
        *index = st->n_watches;
    st->n_watches++;
    return SL_OK;
}

void sl_stepper_unwatch(struct sl_stepper *st, size_t index)
{
    if (index >= st->n_watches)
        return;
    free(st->watches[index].text);
    sl_exprs_free(st->watches[index].exprs, st->pipeline);
    st->n_watches--;
    memmove(st->watches + index, st->watches + index + 1, (st->n_watches - index) * sizeof *st->watches);
}

size_t sl_stepper_watches(const struct sl_stepper *st)
{
    return st->n_watches;
}

const char *sl_stepper_watched(const struct sl_stepper *st, size_t index)
{
    return index < st->n_watches ? st->watches[index].text : NULL;
}

static int value_at(struct sl_stepper *st, const struct sl_watch *w, size_t stage, bool *there, struct sl_value *value,
                    struct sl_error *err)
{
    struct sl_walk *walk = &st->walk;
    *there = false;
    if (walk->rejected || stage > walk->last || !walk->after[stage].n ||
        !sl_expr_fits(w->exprs[stage], &st->pipeline->stages[stage].out, &walk->after[stage]))
        return SL_OK;
    *there = true;
    return sl_expr_eval(w->exprs[stage], &walk->after[stage], 0, &walk->arena, value, err);
}

static bool same_value(const struct sl_value *a, const struct sl_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case SL_MISSING: return true;
    case SL_TEXTVALUE: return sl_str_equal(a->text, b->text);
    default: return a->number <= b->number && a->number >= b->number;
    }
}

int sl_stepper_watch_value(struct sl_stepper *st, size_t index, size_t stage, struct sl_watch_value *out,
                           struct sl_error *err)
{
    *out = (struct sl_watch_value){ 0 };
    if (index >= st->n_watches || stage >= sl_pipeline_end(st->pipeline))
        return sl_fail(err, SL_EPARAM, "there is no watch %zu at stage %zu", index, stage);
    const struct sl_watch *w = &st->watches[index];
    int status = value_at(st, w, stage, &out->there, &out->value, err);
    struct sl_value before = { 0 };
    bool there = false;
    for (size_t s = stage; out->there && s-- > 0 && !status && !there;)
        status = value_at(st, w, s, &there, &before, err);
    out->changed = there && !status && !same_value(&before, &out->value);
    return status;
}
