/* dataset.c: encoded columns joined into the rows a learner takes: which columns, in which order and layout, under
 * which names. */
#include "dataset_private.h"

#include <stdlib.h>

/* Schema that the learner sees. */
static const struct sl_schema *final_schema(struct sl_pipeline *p)
{
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    return learner ? learner->in : &sl_pipeline_stage(p, sl_pipeline_stages(p) - 1)->out;
}

int sl_dataset_choose(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    struct sl_stage *label = sl_pipeline_find(p, SL_TARGET);
    unsigned types = SL_NUMBER | SL_VECTOR | SL_SPARSE;
    size_t n = 0;
    d->regression = label && sl_label_is_number(label); /* rows are taken before the label's classes are known */
    if (learner && learner->class->params && learner->class->params->kind == SL_PARAM_COLUMNS &&
        ((const struct sl_names *)(const void *)((const char *)learner->params + learner->class->params->offset))->n) {
        const struct sl_names *names = (const void *)((const char *)learner->params + learner->class->params->offset);
        int status = sl_stage_columns(learner, names, types, schema, &d->columns, &n, err);
        if (status)
            return status;
    } else {
        bool encoded = false;
        d->columns = calloc(schema->n + 1, sizeof *d->columns);
        if (!d->columns)
            return sl_fail_memory(err, "a dataset");
        for (size_t c = 0; c < schema->n; c++)
            encoded |= schema->fields[c].encoded;
        for (size_t c = 0; c < schema->n; c++)
            if ((schema->fields[c].type & types) && !schema->fields[c].target &&
                (schema->fields[c].encoded || !encoded))
                d->columns[n++] = c;
    }
    if (!n) {
        sl_fail(err, SL_ESCHEMA, "no column holds features a learner can take");
        return sl_fix(err, "encode text with tfidf, count, hashing or onehot, or keep a number column");
    }
    d->n_columns = (uint32_t)n;
    return SL_OK;
}

static unsigned layouts_of(const struct sl_stage *learner)
{
    const struct sl_learner_class *class = sl_learner_find(learner);
    if (class && class->layouts)
        return class->layouts;
    return learner && learner->class->network ? SL_LAYOUT_SPARSE | SL_LAYOUT_DENSE | SL_LAYOUT_BYTES : SL_LAYOUT_SPARSE;
}

static void set_layout(struct sl_matrix *matrix, enum sl_layout layout, uint32_t width, const struct sl_field *field)
{
    bool bytes = layout == SL_LAYOUT_BYTES;
    matrix->layout = layout;
    matrix->width = width;
    matrix->scale = bytes ? field->scale : 1;
    matrix->offset = bytes ? field->offset : 0;
}

/* One column of bytes stays bytes; numbers and vectors, and sparse columns of few features, become dense; what is wide
 * and sparse stays so. */
static void choose_layout(struct sl_dataset *d, const struct sl_schema *schema, unsigned allowed)
{
    enum { NARROW = 1024 };
    const struct sl_field *field = &schema->fields[d->columns[0]];
    uint32_t width = d->first[d->n_columns];
    bool sparse = false;
    for (uint32_t c = 0; c < d->n_columns; c++)
        sparse |= schema->fields[d->columns[c]].type == SL_SPARSE;
    enum sl_layout layout = SL_LAYOUT_SPARSE;
    if (d->n_columns == 1 && field->type == SL_VECTOR && field->bytes && (allowed & SL_LAYOUT_BYTES))
        layout = SL_LAYOUT_BYTES;
    else if ((allowed & SL_LAYOUT_DENSE) && (!sparse || width <= NARROW || !(allowed & SL_LAYOUT_SPARSE)))
        layout = SL_LAYOUT_DENSE;
    set_layout(&d->train, layout, width, field);
    set_layout(&d->test, layout, width, field);
    set_layout(&d->validation, layout, width, field);
    d->height = d->breadth = d->channels = 0;
    if (d->n_columns == 1 && field->type == SL_VECTOR && field->height) {
        d->height = field->height;
        d->breadth = field->breadth;
        d->channels = field->channels;
    }
}

/* Where each column's features begin, and how they are kept; known once everything is fitted. */
int sl_dataset_lay_out(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    uint64_t at = 0;
    for (uint32_t i = 0; i < d->n_columns; i++) {
        d->first[i] = (uint32_t)at;
        at += sl_dataset_field_width(&schema->fields[d->columns[i]]);
        if (at >= UINT32_MAX)
            return sl_fail(err, SL_ELIMIT, "more than 2^32 features");
    }
    d->first[d->n_columns] = (uint32_t)at;
    choose_layout(d, schema, layouts_of(sl_pipeline_find(p, SL_LEARNER)));
    return SL_OK;
}

int sl_dataset_list_classes(struct sl_dataset *d, const struct sl_stage *label, struct sl_error *err)
{
    uint32_t n = label && label->model ? sl_label_classes(label) : 0;
    d->classes = calloc((size_t)n + 1, sizeof *d->classes);
    if (!d->classes)
        return sl_fail_memory(err, "the classes");
    for (; d->n_classes < n; d->n_classes++)
        if (!(d->classes[d->n_classes] = strdup(sl_label_class(label, d->n_classes))))
            return sl_fail_memory(err, "the classes");
    return SL_OK;
}

int sl_dataset_shape(struct sl_dataset **out, struct sl_pipeline *pipeline, struct sl_error *err)
{
    struct sl_dataset *d = calloc(1, sizeof *d);
    if (!d)
        return sl_fail_memory(err, "a dataset");
    int status = sl_dataset_choose(d, pipeline, err);
    if (!status && !(d->first = calloc((size_t)d->n_columns + 1, sizeof *d->first)))
        status = sl_fail_memory(err, "a dataset");
    if (!status)
        status = sl_dataset_lay_out(d, pipeline, err);
    if (!status)
        status = sl_dataset_list_classes(d, sl_pipeline_find(pipeline, SL_TARGET), err);
    if (status)
        sl_dataset_free(d);
    else
        *out = d;
    return status;
}

void sl_dataset_feature(const struct sl_dataset *shape, struct sl_pipeline *p, uint32_t j, struct sl_buf *to)
{
    const struct sl_schema *schema = final_schema(p);
    uint32_t c = 0;
    while (c + 1 < shape->n_columns && shape->first[c + 1] <= j)
        c++;
    const struct sl_field *field = &schema->fields[shape->columns[c]];
    if (shape->n_columns > 1 || field->type == SL_NUMBER)
        sl_buf_printf(to, field->type == SL_NUMBER ? "%s" : "%s: ", field->name);
    if (field->type == SL_NUMBER)
        return;
    for (size_t i = sl_pipeline_stages(p); i-- > 1;) {
        const struct sl_stage *stage = sl_pipeline_stage(p, i);
        long at = stage->class->feature_name ? sl_schema_find(&stage->out, sl_str(field->name)) : -1;
        if (at >= 0 && stage->in->n > (size_t)at && stage->in->fields[at].type != stage->out.fields[at].type) {
            stage->class->feature_name(stage, (size_t)at, j - shape->first[c], to);
            return;
        }
    }
    if (field->height)
        sl_cell_place(field, j - shape->first[c], to);
    else
        sl_buf_printf(to, "%u", j - shape->first[c]);
}
