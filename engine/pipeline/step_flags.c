/* step_flags.c: what a stage did to each record of a chunk: changed, dropped, emptied, made missing, not finite.
 *
 * Columns before and after are matched by name. A text cell that kept its span is known to be unchanged without being
 * read; a column that kept its array is not looked at, unless its bytes stand for other numbers now. Columns that come
 * or go change no value of the record; a column that becomes features does. */
#include "step_private.h"

#include <math.h>
#include <stdlib.h>

struct sl_stage_map *sl_maps_new(const struct sl_pipeline *p)
{
    struct sl_stage_map *maps = calloc(p->n + 1, sizeof *maps);
    bool ok = maps != NULL;
    for (size_t s = 1; ok && s < sl_pipeline_end(p); s++) {
        const struct sl_schema *in = &p->stages[s - 1].out, *out = &p->stages[s].out;
        maps[s].n = out->n;
        maps[s].from = calloc(out->n + 1, sizeof *maps[s].from);
        ok = maps[s].from != NULL;
        for (size_t c = 0; ok && c < out->n; c++)
            maps[s].from[c] = sl_schema_find(in, sl_str(out->fields[c].name));
    }
    if (ok)
        return maps;
    sl_maps_free(maps, p);
    return NULL;
}

void sl_maps_free(struct sl_stage_map *maps, const struct sl_pipeline *p)
{
    for (size_t s = 0; maps && s < p->n; s++)
        free(maps[s].from);
    free(maps);
}

bool sl_expr_fits(const struct sl_expr *expr, const struct sl_schema *schema, const struct sl_chunk *chunk)
{
    bool fits = expr && chunk->schema->n == schema->n;
    for (size_t c = 0; fits && c < schema->n; c++)
        if (sl_expr_uses(expr, c))
            fits = chunk->schema->fields[c].type == schema->fields[c].type &&
                   strcmp(chunk->schema->fields[c].name, schema->fields[c].name) == 0;
    return fits;
}

static bool has_value(const struct sl_column *column, enum sl_type type, uint32_t i)
{
    return sl_valid(column, i) && !(type == SL_NUMBER && isnan(column->number[i]));
}

static void set(struct sl_flags *flags, enum sl_flag flag, uint32_t i)
{
    flags->bit[flag][i >> 6] |= UINT64_C(1) << (i & 63);
}

/* Rows before of the rows after; what has none was dropped. */
static void match_rows(const struct sl_chunk *before, const struct sl_chunk *after, struct sl_flags *flags)
{
    if (before->n == after->n) {
        for (uint32_t i = 0; i < after->n; i++)
            flags->row[i] = (uint16_t)i;
        return;
    }
    uint32_t j = 0;
    for (uint32_t i = 0; i < before->n; i++) {
        if (j < after->n && after->origin[j].record == before->origin[i].record)
            flags->row[j++] = (uint16_t)i;
        else
            set(flags, SL_FLAG_DROPPED, i);
    }
}

/* A column that both have, of one type. */
static void compare_column(const struct sl_chunk *before, size_t b, const struct sl_chunk *after, size_t a,
                           struct sl_flags *flags)
{
    const struct sl_column *x = &before->columns[b], *y = &after->columns[a];
    enum sl_type type = after->schema->fields[a].type;
    if (before->n == after->n && x->text == y->text && x->valid == y->valid &&
        sl_field_alike(&before->schema->fields[b], &after->schema->fields[a]))
        return;
    for (uint32_t i = 0; i < after->n; i++) {
        uint32_t r = flags->row[i];
        bool was = has_value(x, type, r), is = has_value(y, type, i);
        if (type == SL_TEXT && was && is && x->text[r].p == y->text[i].p && x->text[r].n == y->text[i].n)
            continue;
        if (sl_cell_equal(before, b, r, after, a, i))
            continue;
        set(flags, SL_FLAG_CHANGED, r);
        if (was && !is)
            set(flags, SL_FLAG_MISSING, r);
        if (type == SL_TEXT && was && is && x->text[r].n && !y->text[i].n)
            set(flags, SL_FLAG_EMPTY, r);
    }
}

static bool all_finite(const float *value, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (!isfinite(value[k]))
            return false;
    return true;
}

/* Infinite numbers and features; a number that is NaN though it has a value and was not NaN before. */
static bool nonfinite(const struct sl_chunk *after, size_t a, uint32_t i, const struct sl_chunk *before, long b,
                      uint32_t r)
{
    const struct sl_column *column = &after->columns[a];
    const struct sl_field *field = &after->schema->fields[a];
    switch (field->type) {
    case SL_NUMBER:
        if (isnan(column->number[i]))
            return before && b >= 0 && before->schema->fields[b].type == SL_NUMBER &&
                   has_value(&before->columns[b], SL_NUMBER, r);
        return sl_valid(column, i) && isinf(column->number[i]);
    case SL_VECTOR:
        return field->bytes ? !isfinite(255.0f * field->scale + field->offset) || !isfinite(field->offset)
                            : !all_finite(column->vector + (size_t)i * field->width, field->width);
    case SL_SPARSE:
        return !all_finite(column->sparse.value + column->sparse.start[i],
                           column->sparse.start[i + 1] - column->sparse.start[i]);
    default: return false;
    }
}

static void find_nonfinite(const struct sl_chunk *before, long b, const struct sl_chunk *after, size_t a,
                           struct sl_flags *flags)
{
    if (!(after->schema->fields[a].type & (SL_NUMBER | SL_VECTOR | SL_SPARSE)))
        return;
    for (uint32_t i = 0; i < after->n; i++)
        if (nonfinite(after, a, i, before, b, flags->row[i]))
            set(flags, SL_FLAG_NONFINITE, flags->row[i]);
}

/* The source: what is missing, empty or not finite as read. */
static void find_raw(const struct sl_chunk *raw, unsigned want, struct sl_flags *flags)
{
    for (uint32_t i = 0; i < raw->n; i++)
        flags->row[i] = (uint16_t)i;
    for (size_t c = 0; c < raw->schema->n; c++) {
        enum sl_type type = raw->schema->fields[c].type;
        const struct sl_column *column = &raw->columns[c];
        if (want & (SL_MARK_MISSING | SL_MARK_EMPTY))
            for (uint32_t i = 0; i < raw->n; i++) {
                if (!has_value(column, type, i))
                    set(flags, SL_FLAG_MISSING, i);
                else if (type == SL_TEXT && !column->text[i].n)
                    set(flags, SL_FLAG_EMPTY, i);
            }
        if (want & SL_MARK_NONFINITE)
            find_nonfinite(NULL, -1, raw, c, flags);
    }
}

void sl_flags_find(const struct sl_stage_map *map, const struct sl_chunk *before, const struct sl_chunk *after,
                   unsigned want, struct sl_flags *flags)
{
    size_t bytes = sl_bitmap_words(before ? before->n : after->n) * sizeof(uint64_t);
    for (int f = 0; f < SL_FLAGS; f++)
        memset(flags->bit[f], 0, bytes);
    if (!before) {
        find_raw(after, want, flags);
        return;
    }
    match_rows(before, after, flags);
    for (size_t c = 0; c < map->n; c++) {
        long b = map->from[c];
        enum sl_type type = after->schema->fields[c].type;
        if (b >= 0 && before->schema->fields[b].type == type) {
            if (want & (SL_MARK_CHANGED | SL_MARK_MISSING | SL_MARK_EMPTY))
                compare_column(before, (size_t)b, after, c, flags);
        } else if (b >= 0) {
            for (uint32_t i = 0; i < after->n; i++)
                set(flags, SL_FLAG_CHANGED, flags->row[i]);
        }
        if (want & SL_MARK_NONFINITE)
            find_nonfinite(before, b, after, c, flags);
    }
}

/* ---- Verdicts ---- */

int sl_verdicts_apply(const struct sl_verdicts *verdicts, size_t stage, struct sl_chunk *chunk, struct sl_error *err)
{
    if (!chunk->n || !verdicts->stage[stage].n)
        return SL_OK;
    const uint64_t *list = verdicts->stage[stage].record;
    size_t low = 0, high = verdicts->stage[stage].n, n = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle] < chunk->origin[0].record)
            low = middle + 1;
        else
            high = middle;
    }
    uint64_t *keep = sl_arena_zero(chunk->arena, sl_bitmap_words(chunk->n), sizeof *keep);
    if (!keep)
        return sl_fail_memory(err, "dropping records");
    for (uint32_t i = 0; i < chunk->n; i++) {
        while (low < n && list[low] < chunk->origin[i].record)
            low++;
        if (low == n || list[low] != chunk->origin[i].record)
            keep[i >> 6] |= UINT64_C(1) << (i & 63);
    }
    return sl_chunk_keep(chunk, keep, err);
}
