/* dataset_rows.c: the features of a chunk's records as rows, in the dataset's layout.
 *
 * A column that already lies as the layout wants it is borrowed, not copied. */
#include "dataset_private.h"

#include <math.h>

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

/* What is to be predicted of each record, and the records' numbers. */
static int put_targets(const struct sl_dataset *shape, const struct sl_stage *label, const struct sl_chunk *chunk,
                       struct sl_rows *out, struct sl_error *err)
{
    const struct sl_column *target = label ? find_target(chunk) : NULL;
    out->record = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *out->record);
    if (shape->regression)
        out->target = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *out->target);
    else
        out->y = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *out->y);
    if (!out->record || (!out->target && !out->y))
        return sl_fail_memory(err, "rows of features");
    for (uint32_t i = 0; i < chunk->n; i++) {
        out->record[i] = chunk->origin[i].record;
        if (out->y)
            out->y[i] = class_of(label, chunk, target, i);
        else
            out->target[i] = target && sl_valid(target, i) ? (float)target->number[i] : NAN;
    }
    return SL_OK;
}

/* ---- Sparse ---- */

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
    uint32_t width = sl_dataset_field_width(field);
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

static int put_sparse(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_rows *out,
                      struct sl_error *err)
{
    size_t total = 0;
    for (uint32_t i = 0; i < chunk->n; i++)
        total += put_row(shape, chunk, i, NULL, NULL);
    if (total > UINT32_MAX)
        return sl_fail(err, SL_ELIMIT, "a block of records has more than 2^32 features");
    out->start = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *out->start);
    out->index = sl_arena_array(chunk->arena, total + 1, sizeof *out->index);
    out->value = sl_arena_array(chunk->arena, total + 1, sizeof *out->value);
    if (!out->start || !out->index || !out->value)
        return sl_fail_memory(err, "rows of features");
    uint32_t at = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        out->start[i] = at;
        at += put_row(shape, chunk, i, out->index + at, out->value + at);
    }
    out->start[chunk->n] = at;
    return SL_OK;
}

/* ---- Dense ---- */

/* A vector that is missing is NaN throughout. */
static void put_dense_cell(const struct sl_chunk *chunk, size_t c, uint32_t i, float *out)
{
    const struct sl_field *field = &chunk->schema->fields[c];
    const struct sl_column *column = &chunk->columns[c];
    if (field->type == SL_VECTOR && sl_valid(column, i)) {
        sl_cell_vector(chunk, c, i, out);
    } else if (field->type == SL_VECTOR) {
        for (uint32_t k = 0; k < field->width; k++)
            out[k] = NAN;
    } else if (field->type == SL_NUMBER) {
        *out = (float)column->number[i];
    } else {
        memset(out, 0, field->width * sizeof *out);
        for (uint64_t k = column->sparse.start[i]; k < column->sparse.start[i + 1]; k++)
            out[column->sparse.index[k]] = column->sparse.value[k];
    }
}

static int put_dense(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_rows *out,
                     struct sl_error *err)
{
    size_t width = shape->train.width, n = 0;
    const struct sl_field *field = &chunk->schema->fields[shape->columns[0]];
    if (shape->n_columns == 1 && field->type == SL_VECTOR && !field->bytes &&
        !chunk->columns[shape->columns[0]].valid) {
        out->dense = chunk->columns[shape->columns[0]].vector;
        return SL_OK;
    }
    out->dense = sl_mul(width, chunk->n, &n) ? sl_arena_array(chunk->arena, n + 1, sizeof *out->dense) : NULL;
    if (!out->dense)
        return sl_fail_memory(err, "rows of features");
    for (uint32_t i = 0; i < chunk->n; i++)
        for (uint32_t c = 0; c < shape->n_columns; c++)
            put_dense_cell(chunk, shape->columns[c], i, out->dense + i * width + shape->first[c]);
    return SL_OK;
}

/* ---- All ---- */

static bool is_missing(const struct sl_chunk *chunk, size_t c, uint32_t i)
{
    const struct sl_column *column = &chunk->columns[c];
    bool number = chunk->schema->fields[c].type == SL_NUMBER;
    return !sl_valid(column, i) || (number && column->number[i] != column->number[i]);
}

int sl_dataset_refuse_missing(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_error *err)
{
    for (uint32_t c = 0; c < shape->n_columns; c++) {
        size_t column = shape->columns[c];
        const struct sl_field *field = &chunk->schema->fields[column];
        if (field->type != SL_NUMBER && field->type != SL_VECTOR)
            continue;
        for (uint32_t i = 0; i < chunk->n; i++)
            if (is_missing(chunk, column, i)) {
                sl_fail(err, SL_EDATA,
                        "column \"%s\" is missing in record %llu (line %llu), and a learner cannot take that",
                        field->name, (unsigned long long)chunk->origin[i].record,
                        (unsigned long long)chunk->origin[i].line);
                return field->type == SL_NUMBER
                           ? sl_fix(err, "add: impute %s, or: drop_missing %s", field->name, field->name)
                           : sl_fix(err, "add: drop_missing %s", field->name);
            }
    }
    return SL_OK;
}

int sl_dataset_rows(const struct sl_dataset *shape, const struct sl_stage *label, const struct sl_chunk *chunk,
                    struct sl_rows *out, struct sl_error *err)
{
    *out = (struct sl_rows){ .n = chunk->n };
    int status = put_targets(shape, label, chunk, out, err);
    if (status)
        return status;
    switch (shape->train.layout) {
    case SL_LAYOUT_BYTES: out->bytes = chunk->columns[shape->columns[0]].bytes; return SL_OK;
    case SL_LAYOUT_DENSE: return put_dense(shape, chunk, out, err);
    default: return put_sparse(shape, chunk, out, err);
    }
}

static float feature_at(const struct sl_matrix *layout, const struct sl_rows *rows, size_t at)
{
    return rows->bytes ? (float)rows->bytes[at] * layout->scale + layout->offset : rows->dense[at];
}

uint32_t sl_row_features(const struct sl_matrix *layout, const struct sl_rows *rows, uint32_t i, uint32_t *index,
                         float *value)
{
    uint32_t n = 0, first = rows->start ? rows->start[i] : 0;
    uint32_t end = rows->start ? rows->start[i + 1] : layout->width;
    for (uint32_t k = first; k < end; k++) {
        float x = rows->start ? rows->value[k] : feature_at(layout, rows, (size_t)i * layout->width + k);
        if (x == 0 && !rows->start)
            continue;
        if (index) {
            index[n] = rows->start ? rows->index[k] : k;
            value[n] = x;
        }
        n++;
    }
    return n;
}

bool sl_row_complete(const struct sl_matrix *layout, const struct sl_rows *rows, uint32_t i)
{
    bool whole = true;
    for (uint32_t k = rows->start ? rows->start[i] : 0; rows->start && k < rows->start[i + 1]; k++)
        whole = whole && !isnan(rows->value[k]);
    for (uint32_t k = 0; rows->dense && k < layout->width; k++)
        whole = whole && !isnan(rows->dense[(size_t)i * layout->width + k]);
    return whole;
}
