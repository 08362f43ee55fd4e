/* dataset.c: encoded columns joined into the rows a learner takes: which columns, in which order, under which names. */
#include "dataset_private.h"

#include <stdlib.h>

/* Schema that the learner sees. */
static const struct sl_schema *final_schema(struct sl_pipeline *p)
{
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    return learner ? learner->in : &sl_pipeline_stage(p, sl_pipeline_stages(p) - 1)->out;
}

static uint32_t field_width(const struct sl_field *field)
{
    return field->type == SL_NUMBER ? 1 : field->width;
}

int sl_dataset_choose(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    unsigned types = SL_NUMBER | SL_VECTOR | SL_SPARSE;
    size_t n = 0;
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

/* Where each column's features begin; known once everything is fitted. */
int sl_dataset_lay_out(struct sl_dataset *d, struct sl_pipeline *p, struct sl_error *err)
{
    const struct sl_schema *schema = final_schema(p);
    uint64_t at = 0;
    for (uint32_t i = 0; i < d->n_columns; i++) {
        d->first[i] = (uint32_t)at;
        at += field_width(&schema->fields[d->columns[i]]);
        if (at >= UINT32_MAX)
            return sl_fail(err, SL_ELIMIT, "more than 2^32 features");
    }
    d->first[d->n_columns] = d->train.width = d->test.width = (uint32_t)at;
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

/* The label stage looks at its own column number; later stages may have moved the column. */
static uint32_t class_of(const struct sl_stage *label, const struct sl_chunk *chunk, const struct sl_column *target,
                         uint32_t i)
{
    enum { AT_MOST = 64 };
    struct sl_column columns[AT_MOST];
    size_t column = sl_label_column(label);
    if (!target)
        return UINT32_MAX;
    if (column < chunk->schema->n && &chunk->columns[column] == target)
        return sl_label_index(label, chunk, i);
    if (column >= AT_MOST)
        return UINT32_MAX;
    columns[column] = *target;
    struct sl_chunk view = *chunk;
    view.columns = columns;
    return sl_label_index(label, &view, i);
}

static const struct sl_column *find_target(const struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].target)
            return &chunk->columns[c];
    return NULL;
}

/* Features of cell i of one column; returns how many. With index NULL it only counts. */
static uint32_t put_cell(const struct sl_chunk *chunk, size_t c, uint32_t i, uint32_t first, uint32_t *index,
                         float *value)
{
    const struct sl_column *column = &chunk->columns[c];
    const struct sl_field *field = &chunk->schema->fields[c];
    uint32_t n = 0;
    if (field->type == SL_SPARSE) {
        uint64_t from = column->sparse.start[i];
        n = (uint32_t)(column->sparse.start[i + 1] - from);
        for (uint32_t k = 0; index && k < n; k++) {
            index[k] = first + column->sparse.index[from + k];
            value[k] = column->sparse.value[from + k];
        }
        return n;
    }
    uint32_t width = field_width(field);
    for (uint32_t k = 0; k < width; k++) {
        size_t at = (size_t)i * width + k;
        float x = field->type == SL_NUMBER ? (float)column->number[i]
                  : field->bytes           ? (float)column->bytes[at] * field->scale + field->offset
                                           : column->vector[at];
        if (x == 0)
            continue;
        if (index) {
            index[n] = first + k;
            value[n] = x;
        }
        n++;
    }
    return n;
}

static uint32_t put_row(const struct sl_dataset *shape, const struct sl_chunk *chunk, uint32_t i, uint32_t *index,
                        float *value)
{
    uint32_t n = 0;
    for (uint32_t c = 0; c < shape->n_columns; c++)
        n += put_cell(chunk, shape->columns[c], i, shape->first[c], index ? index + n : NULL, value ? value + n : NULL);
    return n;
}

int sl_dataset_refuse_missing(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_error *err)
{
    for (uint32_t c = 0; c < shape->n_columns; c++) {
        size_t column = shape->columns[c];
        if (chunk->schema->fields[column].type != SL_NUMBER)
            continue;
        for (uint32_t i = 0; i < chunk->n; i++)
            if (!sl_valid(&chunk->columns[column], i) ||
                chunk->columns[column].number[i] != chunk->columns[column].number[i]) {
                sl_fail(err, SL_EDATA,
                        "column \"%s\" is missing in record %llu (line %llu), and a learner cannot take that",
                        chunk->schema->fields[column].name, (unsigned long long)chunk->origin[i].record,
                        (unsigned long long)chunk->origin[i].line);
                return sl_fix(err, "add: impute %s, or: drop_missing %s", chunk->schema->fields[column].name,
                              chunk->schema->fields[column].name);
            }
    }
    return SL_OK;
}

int sl_dataset_rows(const struct sl_dataset *shape, const struct sl_stage *label, const struct sl_chunk *chunk,
                    struct sl_rows *out, struct sl_error *err)
{
    struct sl_arena *arena = chunk->arena;
    size_t total = 0;
    for (uint32_t i = 0; i < chunk->n; i++)
        total += put_row(shape, chunk, i, NULL, NULL);
    *out = (struct sl_rows){ .n = chunk->n,
                             .start = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->start),
                             .index = sl_arena_array(arena, total + 1, sizeof *out->index),
                             .value = sl_arena_array(arena, total + 1, sizeof *out->value),
                             .y = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->y),
                             .record = sl_arena_array(arena, (size_t)chunk->n + 1, sizeof *out->record) };
    if (!out->start || !out->index || !out->value || !out->y || !out->record)
        return sl_fail_memory(err, "rows of features");
    const struct sl_column *target = label ? find_target(chunk) : NULL;
    uint32_t at = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        out->start[i] = at;
        at += put_row(shape, chunk, i, out->index + at, out->value + at);
        out->y[i] = class_of(label, chunk, target, i);
        out->record[i] = chunk->origin[i].record;
    }
    out->start[chunk->n] = at;
    return SL_OK;
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
    sl_buf_printf(to, "%u", j - shape->first[c]);
}
