/* step_change.c: what changed in one record, column by column: stretches of text, numbers, features with names. */
#include "step_private.h"

#include <math.h>

static bool there(const struct sl_chunk *chunk, long c)
{
    if (c < 0)
        return false;
    const struct sl_column *column = &chunk->columns[c];
    return sl_valid(column, 0) && !(chunk->schema->fields[c].type == SL_NUMBER && isnan(column->number[0]));
}

/* Features of a cell, whatever its type; of others there are none. */
struct features {
    const uint32_t *index; /* NULL: 0, 1, 2, … */
    const float *value;
    size_t n;
};

static struct features features_of(const struct sl_chunk *chunk, long c, struct sl_arena *arena)
{
    struct features f = { 0 };
    if (c < 0)
        return f;
    const struct sl_column *column = &chunk->columns[c];
    const struct sl_field *field = &chunk->schema->fields[c];
    if (field->type == SL_SPARSE) {
        uint64_t first = column->sparse.start[0];
        f = (struct features){ column->sparse.index + first, column->sparse.value + first,
                               (size_t)(column->sparse.start[1] - first) };
    } else if (field->type == SL_VECTOR && field->bytes) {
        float *value = sl_arena_array(arena, field->width, sizeof *value);
        if (value)
            sl_cell_vector(chunk, (size_t)c, 0, value);
        f = (struct features){ NULL, value, field->width };
    } else if (field->type == SL_VECTOR) {
        f = (struct features){ NULL, column->vector, field->width };
    }
    return f;
}

static uint32_t index_at(const struct features *f, size_t k)
{
    return f->index ? f->index[k] : (uint32_t)k;
}

/* The name of a feature: that of the last encoder up to this stage that made the column. */
static struct sl_str feature_name(struct sl_stepper *st, size_t stage, const char *column, uint32_t j)
{
    struct sl_buf name = { 0 };
    struct sl_str out = { "", 0 };
    for (size_t s = stage; s > 0 && !name.n; s--) {
        const struct sl_stage *maker = &st->pipeline->stages[s];
        long c = maker->class->feature_name && maker->model ? sl_schema_find(&maker->out, sl_str(column)) : -1;
        if (c >= 0)
            maker->class->feature_name(maker, (size_t)c, j, &name);
    }
    long own = sl_schema_find(&st->pipeline->stages[stage].out, sl_str(column));
    if (!name.n && own >= 0)
        sl_cell_place(&st->pipeline->stages[stage].out.fields[own], j, &name);
    char *copy = name.n && !name.failed ? sl_arena_strndup(&st->view, name.p, name.n) : NULL;
    if (copy)
        out = (struct sl_str){ copy, name.n };
    sl_buf_release(&name);
    return out;
}

static int change_features(struct sl_stepper *st, size_t stage, const struct features *x, const struct features *y,
                           struct sl_change *change, struct sl_error *err)
{
    struct sl_feature_change *list = sl_arena_array(&st->view, x->n + y->n, sizeof *list);
    size_t i = 0, j = 0, n = 0;
    if (!list)
        return sl_fail_memory(err, "comparing features");
    while (i < x->n || j < y->n) {
        uint32_t a = i < x->n ? index_at(x, i) : UINT32_MAX, b = j < y->n ? index_at(y, j) : UINT32_MAX;
        struct sl_feature_change *f = &list[n];
        *f = (struct sl_feature_change){ .index = a < b ? a : b, .before = (double)NAN, .after = (double)NAN };
        if (a <= b)
            f->before = (double)x->value[i++];
        if (b <= a)
            f->after = (double)y->value[j++];
        bool same = (f->before <= f->after && f->before >= f->after) || (a == b && isnan(f->before) && isnan(f->after));
        if (same)
            continue;
        f->name = feature_name(st, stage, change->name, f->index);
        n++;
    }
    change->kind = SL_CHANGE_FEATURES;
    change->features = list;
    change->n_features = n;
    return SL_OK;
}

static int change_text(struct sl_stepper *st, const struct sl_chunk *before, const struct sl_chunk *after,
                       struct sl_change *change, struct sl_error *err)
{
    struct sl_str a = change->was_missing ? SL_STR("") : before->columns[change->before].text[0];
    struct sl_str b = change->is_missing ? SL_STR("") : after->columns[change->after].text[0];
    change->kind = SL_CHANGE_TEXT;
    return sl_text_diff(a, b, &st->view, &change->edits, &change->n_edits, err);
}

/* Fill in what a pair of columns (one may be -1) changed to. */
static int describe(struct sl_stepper *st, size_t stage, const struct sl_chunk *before, const struct sl_chunk *after,
                    struct sl_change *change, struct sl_error *err)
{
    long a = change->before, b = change->after;
    change->was_missing = !there(before, a);
    change->is_missing = !there(after, b);
    change->from = change->to = (double)NAN;
    if (a < 0 || b < 0) {
        change->kind = a < 0 ? SL_CHANGE_ADDED : SL_CHANGE_REMOVED;
        return SL_OK;
    }
    enum sl_type was = before->schema->fields[a].type, is = after->schema->fields[b].type;
    if (is == SL_SPARSE || is == SL_VECTOR) {
        struct features x = features_of(before, a, &st->view), y = features_of(after, b, &st->view);
        if ((x.n && !x.value) || (y.n && !y.value))
            return sl_fail_memory(err, "comparing features");
        return change_features(st, stage, &x, &y, change, err);
    }
    if (was == SL_TEXT && is == SL_TEXT)
        return change_text(st, before, after, change, err);
    change->kind = SL_CHANGE_OTHER;
    if (was == SL_NUMBER && is == SL_NUMBER) {
        change->kind = SL_CHANGE_NUMBER;
        change->from = change->was_missing ? (double)NAN : before->columns[a].number[0];
        change->to = change->is_missing ? (double)NAN : after->columns[b].number[0];
    }
    return SL_OK;
}

int sl_changes_find(struct sl_stepper *st, size_t stage, const struct sl_chunk *before, const struct sl_chunk *after,
                    struct sl_step *out, struct sl_error *err)
{
    size_t n = 0;
    struct sl_change *list = sl_arena_zero(&st->view, before->schema->n + after->schema->n + 1, sizeof *list);
    if (!list)
        return sl_fail_memory(err, "comparing records");
    int status = SL_OK;
    for (size_t c = 0; c < after->schema->n && !status; c++) {
        long b = sl_schema_find(before->schema, sl_str(after->schema->fields[c].name));
        if (b >= 0 && before->schema->fields[b].type == after->schema->fields[c].type &&
            sl_cell_equal(before, (size_t)b, 0, after, c, 0))
            continue;
        list[n] = (struct sl_change){ .name = after->schema->fields[c].name, .before = b, .after = (long)c };
        status = describe(st, stage, before, after, &list[n++], err);
    }
    for (size_t c = 0; c < before->schema->n && !status; c++) {
        if (sl_schema_find(after->schema, sl_str(before->schema->fields[c].name)) >= 0)
            continue;
        list[n] = (struct sl_change){ .name = before->schema->fields[c].name, .before = (long)c, .after = -1 };
        status = describe(st, stage, before, after, &list[n++], err);
    }
    out->changes = list;
    out->n_changes = n;
    return status;
}
