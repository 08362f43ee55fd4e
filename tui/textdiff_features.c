/* textdiff_features.c: what an encoder made of a record, said in names instead of numbers of columns. */
#include "textdiff_record.h"

#include "human.h"

#include <math.h>
#include <stdlib.h>

#define SHOWN_MOST 200

struct feature {
    uint32_t index;
    float value;
};

static int by_weight(const void *a, const void *b)
{
    const struct feature *x = a, *y = b;
    float p = fabsf(x->value), q = fabsf(y->value);
    return p != q ? (p < q) - (p > q) : (x->index > y->index) - (x->index < y->index);
}

/* The cell's entries that are not 0, in the arena. */
static size_t take_features(const struct sl_chunk *chunk, size_t column, struct sl_arena *arena, struct feature **out)
{
    const struct sl_field *field = &chunk->schema->fields[column];
    const struct sl_column *c = &chunk->columns[column];
    bool sparse = field->type == SL_SPARSE;
    uint64_t start = sparse ? c->sparse.start[0] : 0, n = sparse ? c->sparse.start[1] - start : field->width;
    struct feature *features = sl_arena_array(arena, n + 1, sizeof *features);
    float *dense = sparse ? NULL : sl_arena_array(arena, n + 1, sizeof *dense);
    size_t kept = 0;
    if (dense) {
        sl_cell_vector(chunk, column, 0, dense);
    }
    for (uint64_t i = 0; features && (sparse || dense) && i < n; i++) {
        struct feature f = { sparse ? c->sparse.index[start + i] : (uint32_t)i,
                             sparse ? c->sparse.value[start + i] : dense[i] };
        if (f.value > 0 || f.value < 0) {
            features[kept++] = f;
        }
    }
    *out = features;
    return kept;
}

struct sl_str record_features(const struct sl_chunk *chunk, size_t column, const struct sl_stage *stage,
                              struct sl_arena *arena, bool *missing)
{
    const struct sl_field *field = &chunk->schema->fields[column];
    bool encoded = field->type == SL_SPARSE || field->type == SL_VECTOR;
    if (!encoded || !stage || !stage->class->feature_name || !stage->model || !sl_valid(&chunk->columns[column], 0)) {
        return record_cell(chunk, column, 0, arena, missing);
    }
    struct feature *features;
    size_t n = take_features(chunk, column, arena, &features);
    struct sl_buf text = { 0 };
    char count[32], of[32];
    sl_buf_printf(&text, "%s of %s features: ", human_count(n, count, sizeof count),
                  human_count(field->width, of, sizeof of));
    qsort(features, n, sizeof *features, by_weight);
    for (size_t i = 0; i < n && i < SHOWN_MOST; i++) {
        sl_buf_puts(&text, i ? ", " : "");
        stage->class->feature_name(stage, column, features[i].index, &text);
        sl_buf_printf(&text, " %.4g", (double)features[i].value);
    }
    char *copy = text.failed ? NULL : sl_arena_strndup(arena, text.p, text.n);
    struct sl_str out = { copy, copy ? text.n : 0 };
    *missing = !copy;
    sl_buf_release(&text);
    return out;
}
