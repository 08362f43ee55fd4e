/* assemble.c: statements bound to each other, before any record is read. */
#include "pipeline_private.h"

#include <stdio.h>
#include <stdlib.h>

bool sl_stage_fits(const struct sl_stage *stage)
{
    const struct sl_stage_class *class = stage->class;
    return class->kind == SL_ENCODER && class->fit.begin && (!class->needs_fit || class->needs_fit(stage->params));
}

int sl_stage_blame(const struct sl_stage *stage, int status, struct sl_error *err)
{
    if (status && err && !err->stage[0]) {
        snprintf(err->stage, sizeof err->stage, "%s", stage->class->name);
        if (!err->line && !err->file[0])
            err->line = stage->line;
    }
    return status;
}

const struct sl_names *sl_stage_named_columns(const struct sl_stage *stage)
{
    for (const struct sl_param *row = stage->class->params; row && row->kind; row++)
        if (row->kind == SL_PARAM_COLUMNS) {
            const struct sl_names *names = (const void *)((const char *)stage->params + row->offset);
            return names->n ? names : NULL;
        }
    return NULL;
}

bool sl_stages_share_columns(const struct sl_stage *a, const struct sl_stage *b)
{
    const struct sl_names *x = sl_stage_named_columns(a), *y = sl_stage_named_columns(b);
    if (!x || !y)
        return true;
    for (size_t i = 0; i < x->n; i++)
        for (size_t j = 0; j < y->n; j++)
            if (strcmp(x->name[i], y->name[j]) == 0)
                return true;
    return false;
}

size_t sl_pipeline_end(const struct sl_pipeline *p)
{
    return p->batch != NO_STAGE     ? p->batch
           : p->learner != NO_STAGE ? p->learner
           : p->trainer != NO_STAGE ? p->trainer
                                    : p->n;
}

size_t sl_pipeline_first_late(const struct sl_pipeline *p)
{
    size_t end = sl_pipeline_end(p);
    if (p->split != NO_STAGE && !p->predicting)
        return p->split;
    for (size_t i = p->n_sources; i < end; i++)
        if (sl_stage_fits(&p->stages[i]) || p->stages[i].class->kind == SL_AUGMENT)
            return i;
    return end;
}

static int bind_stage(struct sl_stage *stage, const struct sl_schema *in, struct sl_error *err)
{
    stage->in = in;
    int status = sl_schema_copy(&stage->out, in, err);
    if (!status && stage->class->bind && stage->class->kind != SL_SOURCE)
        status = stage->class->bind(stage, in, &stage->out, err);
    return sl_stage_blame(stage, status, err);
}

int sl_pipeline_forget(struct sl_pipeline *p, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 1; i < p->n && !status; i++) {
        struct sl_stage *stage = &p->stages[i];
        if (stage->class->unbind)
            stage->class->unbind(stage);
        stage->state = stage->model = NULL;
        sl_schema_release(&stage->out);
        status = bind_stage(stage, &p->stages[i - 1].out, err);
    }
    return status;
}

static int check_target_survives(struct sl_pipeline *p, struct sl_error *err)
{
    if (p->learner == NO_STAGE)
        return SL_OK;
    struct sl_stage *label = &p->stages[p->label];
    for (size_t i = p->label + 1; i < p->learner; i++) {
        bool found = false;
        const struct sl_schema *out = &p->stages[i].out;
        for (size_t c = 0; c < out->n; c++)
            found |= out->fields[c].target;
        if (!found) {
            sl_fail(err, SL_ESCHEMA, "\"%s\" loses the column to predict, \"%s\"", p->stages[i].class->name,
                    label->target);
            sl_fix(err, "keep \"%s\" among its columns", label->target);
            return sl_stage_blame(&p->stages[i], SL_ESCHEMA, err);
        }
    }
    return SL_OK;
}

static int assemble(struct sl_pipeline *p, const struct sl_statement *statements, size_t n,
                    const struct sl_pipeline_options *options, struct sl_error *err)
{
    p->stages = calloc(n + 1, sizeof *p->stages); /* one more: the label that a source may bring along */
    if (!p->stages)
        return sl_fail_memory(err, "a pipeline");
    uint32_t random = 0;
    for (size_t i = 0; i < n; i++)
        if (!statements[i].off)
            p->stages[p->n++] = (struct sl_stage){ .class = statements[i].class,
                                                   .place = statements[i].class->kind == SL_AUGMENT ? random++ : 0,
                                                   .params = statements[i].params,
                                                   .line = statements[i].line ? statements[i].line : (uint32_t)i + 1,
                                                   .predicting = options->predicting };
    if (p->n > SL_MAX_STAGES) {
        sl_fail(err, SL_ELIMIT, "the recipe has %zu stages, more than %d", p->n, SL_MAX_STAGES);
        return sl_fix(err, "split it into two recipes with an export between");
    }
    int status = sl_order_check(p, err);
    if (!status && p->label != NO_STAGE)
        status = sl_order_check_label(p, err);
    if (!status)
        status = sl_sources_open(p, options, err);
    if (!status)
        status = sl_sources_target(p, err);
    if (!status)
        status = sl_order_check_label(p, err);
    for (size_t i = 0; !status && i < p->n; i++)
        status = bind_stage(&p->stages[i], i ? &p->stages[i - 1].out : &p->source, err);
    return status ? status : check_target_survives(p, err);
}

int sl_pipeline_new(struct sl_pipeline **out, const struct sl_statement *statements, size_t n,
                    const struct sl_pipeline_options *options, struct sl_error *err)
{
    struct sl_pipeline *p = calloc(1, sizeof *p);
    if (!p)
        return sl_fail_memory(err, "a pipeline");
    sl_arena_init(&p->arena);
    p->predicting = options->predicting;
    int status = assemble(p, statements, n, options, err);
    if (status)
        sl_pipeline_free(p);
    else
        *out = p;
    return status;
}

void sl_pipeline_free(struct sl_pipeline *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n; i++) {
        if (p->stages[i].class->unbind && p->stages[i].in)
            p->stages[i].class->unbind(&p->stages[i]);
        sl_schema_release(&p->stages[i].out);
    }
    if (p->reader)
        sl_reader_close(p->reader);
    sl_schema_release(&p->source);
    sl_arena_release(&p->arena);
    free(p->from);
    free(p->stages);
    free(p);
}

void sl_pipeline_settle(struct sl_pipeline *p)
{
    for (size_t i = 1; i < p->n; i++) {
        const struct sl_schema *before = &p->stages[i - 1].out;
        struct sl_schema *out = &p->stages[i].out;
        for (size_t c = 0; c < out->n; c++) {
            long at = out->fields[c].width ? -1 : sl_schema_find(before, sl_str(out->fields[c].name));
            if (at >= 0 && before->fields[at].type == out->fields[c].type)
                out->fields[c].width = before->fields[at].width;
        }
    }
}

size_t sl_pipeline_bound(const struct sl_pipeline *p, size_t k)
{
    for (size_t i = 0; i < p->n; i++)
        if (!p->stages[i].implicit && k-- == 0)
            return i;
    return SIZE_MAX;
}

size_t sl_pipeline_sources(const struct sl_pipeline *p)
{
    return p->n_sources;
}

const char *sl_pipeline_base(const struct sl_pipeline *p)
{
    return p->base;
}

const void *sl_pipeline_settings(struct sl_pipeline *p, enum sl_stage_kind kind, const struct sl_stage_class **class)
{
    const struct sl_stage *stage = sl_pipeline_find(p, kind);
    *class = stage ? stage->class : NULL;
    for (size_t i = 0; !*class && sl_stage_registry[i]; i++)
        if (sl_stage_registry[i]->kind == kind)
            *class = sl_stage_registry[i];
    return stage ? stage->params : *class ? (*class)->defaults : NULL;
}

size_t sl_pipeline_stages(const struct sl_pipeline *p)
{
    return p->n;
}

struct sl_stage *sl_pipeline_stage(struct sl_pipeline *p, size_t i)
{
    return i < p->n ? &p->stages[i] : NULL;
}

struct sl_stage *sl_pipeline_find(struct sl_pipeline *p, enum sl_stage_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->stages[i].class->kind == kind)
            return &p->stages[i];
    return NULL;
}

struct sl_reader *sl_pipeline_reader(struct sl_pipeline *p)
{
    return p->reader;
}

const char *sl_phase_name(enum sl_phase phase)
{
    static const char *const names[] = { "idle", "read", "split", "fit", "encode", "train", "done" };
    return names[phase];
}
