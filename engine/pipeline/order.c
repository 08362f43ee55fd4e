/* order.c: orders of statements that make no sense are refused, before any record is read. */
#include "cache_private.h"

#include <stdio.h>

static int refuse(const struct sl_stage *stage, struct sl_error *err, const char *what, const char *fix)
{
    sl_fail(err, SL_ESCHEMA, "\"%s\" %s", stage->class->name, what);
    sl_fix(err, "%s", fix);
    return sl_stage_blame(stage, SL_ESCHEMA, err);
}

static int second_of_a_kind(const struct sl_stage *stage, size_t first, struct sl_error *err)
{
    sl_fail(err, SL_ESCHEMA, "\"%s\" stands here a second time; line %zu has it already", stage->class->name, first);
    sl_fix(err, "delete one of the two \"%s\"", stage->class->name);
    return sl_stage_blame(stage, SL_ESCHEMA, err);
}

static size_t *place_of_kind(struct sl_pipeline *p, enum sl_stage_kind kind)
{
    switch (kind) {
    case SL_TARGET: return &p->label;
    case SL_SPLIT: return &p->split;
    case SL_BATCH: return &p->batch;
    case SL_LEARNER: return &p->learner;
    case SL_TRAINER: return &p->trainer;
    default: return NULL;
    }
}

/* What may not stand behind `batch`, the learner or `train`. */
static int check_behind(const struct sl_pipeline *p, const struct sl_stage *stage, struct sl_error *err)
{
    enum sl_stage_kind kind = stage->class->kind;
    if (p->trainer != NO_STAGE && kind != SL_TRAINER)
        return refuse(stage, err, "stands behind \"train\", which ends the recipe", "move it before \"train\"");
    if (p->learner != NO_STAGE && kind != SL_LEARNER && kind != SL_TRAINER)
        return refuse(stage, err, "stands behind the learner, which takes nothing further",
                      "move it before the learner");
    if (p->batch != NO_STAGE && kind < SL_BATCH)
        return refuse(stage, err, "stands behind \"batch\", which takes records as the learner gets them",
                      "move it before \"batch\"");
    return SL_OK;
}

/* Places of the stages there can be one of, and the order among them. */
int sl_order_check(struct sl_pipeline *p, struct sl_error *err)
{
    p->label = p->split = p->batch = p->learner = p->trainer = p->random = NO_STAGE;
    if (p->n == 0 || p->stages[0].class->kind != SL_SOURCE) {
        sl_fail(err, SL_ESCHEMA, "nothing says what to read");
        sl_fix(err, "begin with: read FILE");
        return p->n ? sl_stage_blame(&p->stages[0], SL_ESCHEMA, err) : SL_ESCHEMA;
    }
    while (p->n_sources < p->n && p->stages[p->n_sources].class->kind == SL_SOURCE)
        p->n_sources++;
    for (size_t i = p->n_sources; i < p->n; i++) {
        struct sl_stage *stage = &p->stages[i];
        size_t *place = place_of_kind(p, stage->class->kind);
        if (stage->class->kind == SL_SOURCE)
            return refuse(stage, err, "stands behind other stages; sources come first",
                          "move it up, behind the source before it, or name all files in one statement");
        int status = check_behind(p, stage, err);
        if (status)
            return status;
        if (place && *place != NO_STAGE)
            return second_of_a_kind(stage, p->stages[*place].line, err);
        if (place)
            *place = i;
        if (stage->class->kind == SL_AUGMENT && p->random == NO_STAGE)
            p->random = i;
    }
    return SL_OK;
}

/* What is random is made anew for each epoch from the rows as they come to it: nothing behind it may take records away
 * or keep them, and it must be known before it who learns from what. */
static int check_random(const struct sl_pipeline *p, struct sl_error *err)
{
    if (p->random == NO_STAGE)
        return SL_OK;
    const struct sl_stage *first = &p->stages[p->random],
                          *learner = &p->stages[p->learner == NO_STAGE ? 0 : p->learner];
    if (p->split != NO_STAGE && p->split > p->random)
        return refuse(first, err, "stands before \"split\": it changes training records alone",
                      "move it behind the split");
    if (p->label != NO_STAGE && p->label > p->random)
        return refuse(&p->stages[p->label], err, "stands behind a stage that changes records at random",
                      "move it up, behind the source");
    if (p->learner != NO_STAGE && !learner->class->network)
        return refuse(first, err, "changes records in another way each epoch, which only networks learn from",
                      "take a network: mlp, or delete it");
    for (size_t i = p->random + 1; i < p->n; i++) {
        if (sl_stage_is_cache(&p->stages[i]))
            return refuse(&p->stages[i], err, "stands behind a stage that changes records at random",
                          "move it before that stage");
        if (p->stages[i].class->drops)
            return refuse(&p->stages[i], err, "may drop records, behind a stage that changes them at random",
                          "move it before that stage");
    }
    return SL_OK;
}

/* Does any stage's table say that a number is to be predicted? */
static bool is_regression(const struct sl_stage *label)
{
    const struct sl_param *row = sl_param_find(label->class->params, SL_STR("task"));
    int choice = 0;
    if (!row || row->kind != SL_PARAM_CHOICE)
        return false;
    memcpy(&choice, (const char *)label->params + row->offset, sizeof choice);
    return strcmp(row->choices[choice], "regression") == 0;
}

/* `batch` and `train` are a network's, and so is a number as target. */
static int check_learner(const struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_stage *learner = p->learner == NO_STAGE ? NULL : &p->stages[p->learner];
    size_t extra = p->batch != NO_STAGE ? p->batch : p->trainer;
    if (!learner)
        return SL_OK;
    if (p->label == NO_STAGE)
        return refuse(learner, err, "does not know what to predict", "add before it: label COLUMN");
    if (extra != NO_STAGE && !learner->class->network) {
        const struct sl_stage *stage = &p->stages[extra];
        sl_fail(err, SL_ESCHEMA, "\"%s\" is for networks; \"%s\" has parameters of its own for that",
                stage->class->name, learner->class->name);
        sl_fix(err, "delete \"%s\", or take a network: mlp", stage->class->name);
        return sl_stage_blame(stage, SL_ESCHEMA, err);
    }
    if (is_regression(&p->stages[p->label]) && !learner->class->regresses)
        return refuse(learner, err, "tells classes apart and cannot predict a number",
                      "take a learner that can: mlp, or leave out task=regression");
    return SL_OK;
}

/* What depends on where the label stands. */
static int check_split(const struct sl_pipeline *p, struct sl_error *err)
{
    for (size_t i = 1; p->split != NO_STAGE && i < p->split; i++)
        if (sl_stage_fits(&p->stages[i])) {
            sl_fail(err, SL_ESCHEMA,
                    "\"%s\" learns from the records and stands before \"split\": it would leak the test records",
                    p->stages[i].class->name);
            sl_fix(err, "move it behind the split (line %u)", p->stages[p->split].line);
            return sl_stage_blame(&p->stages[i], SL_ESCHEMA, err);
        }
    if (p->split != NO_STAGE && (p->label == NO_STAGE || p->label > p->split)) {
        const struct sl_stage *split = &p->stages[p->split];
        if (split->class->stratifies && split->class->stratifies(split->params))
            return refuse(split, err, "is to keep the classes' shares, but no label stands before it",
                          "put before it: label COLUMN, or leave stratify out");
    }
    return SL_OK;
}

/* The label's column, by its table: its first positional. */
static const char *target_name(const struct sl_stage *label)
{
    const struct sl_names *names = sl_stage_named_columns(label);
    if (names)
        return names->name[0];
    for (const struct sl_param *row = label->class->params; row && row->kind; row++)
        if (row->positional && row->kind == SL_PARAM_STRING)
            return *(char *const *)(const void *)((const char *)label->params + row->offset);
    return NULL;
}

/* Features made of the answer would give it away. */
static int check_target_untouched(struct sl_pipeline *p, struct sl_error *err)
{
    for (size_t i = 1; p->label != NO_STAGE && i < p->n; i++) {
        const struct sl_stage *stage = &p->stages[i];
        const struct sl_names *names = stage->class->kind == SL_ENCODER ? sl_stage_named_columns(stage) : NULL;
        for (size_t k = 0; names && k < names->n; k++)
            if (strcmp(names->name[k], stage->target) == 0) {
                sl_fail(err, SL_ESCHEMA, "\"%s\" works on \"%s\", the column to predict", stage->class->name,
                        stage->target);
                sl_fix(err, "leave \"%s\" out of its columns", stage->target);
                if (err)
                    snprintf(err->param, sizeof err->param, "columns");
                return sl_stage_blame(stage, SL_ESCHEMA, err);
            }
    }
    return SL_OK;
}

/* All that can be said of the order once it is known which column is the label. */
int sl_order_check_label(struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_stage *label = p->label == NO_STAGE ? NULL : &p->stages[p->label];
    for (size_t i = 0; i < p->n; i++)
        p->stages[i].target = label ? target_name(label) : NULL;
    int status = check_split(p, err);
    if (!status)
        status = check_learner(p, err);
    if (!status)
        status = check_random(p, err);
    return status ? status : check_target_untouched(p, err);
}
