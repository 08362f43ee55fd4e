/* drop_missing.c: drop records that lack values. Bitmaps of the columns are combined a word at a time. */
#include "engine/stages/text_stage.h"

#include <math.h>

enum { ANY, ALL };

struct params {
    struct sl_names columns;
    int how;
};

static const char *const hows[] = { "any", "all", NULL };

static const struct params defaults = { .how = ANY };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .help = "columns to look at; without any, all columns"),
    SL_CHOICE(struct params, how, .choices = hows, .help = "drop a record when any, or only when all, are missing"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "drop_missing", .in = "review,stars\ngood,5\n,3\nbad,\n", .out = "review,stars\ngood,5\n" },
    { "drop_missing review", .in = "review,stars\ngood,5\n,3\nbad,\n", .out = "review,stars\ngood,5\nbad,\n" },
    { "drop_missing how=all", .in = "review,stars\n,3\nNA,NA\nbad,\n", .out = "review,stars\n,3\nbad,\n" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    int status = p->columns.n ? sl_bind_columns(stage, &p->columns, 0, in, err)
                              : sl_bind_all(stage, SL_ANY_TYPE, in, err);
    if (status != SL_OK || !stage->predicting) {
        return status;
    }
    /* What is to be predicted need not be there. */
    struct sl_bound_columns *bound = stage->state;
    size_t kept = 0;
    for (size_t k = 0; k < bound->n; k++) {
        const struct sl_field *field = &in->fields[bound->column[k]];
        if (!field->target && !(stage->target && strcmp(stage->target, field->name) == 0)) {
            bound->column[kept++] = bound->column[k];
        }
    }
    bound->n = kept;
    return SL_OK;
}

/* Bit w of word: record has a value. A number that is NaN is missing, whatever the bitmap says. */
static uint64_t present(const struct sl_column *column, enum sl_type type, uint32_t n, size_t word)
{
    uint64_t bits = column->valid ? column->valid[word] : UINT64_MAX;
    if (type == SL_NUMBER) {
        for (uint32_t i = (uint32_t)word * 64; i < n && i < (uint32_t)word * 64 + 64; i++) {
            bits &= ~((uint64_t)(isnan(column->number[i]) != 0) << (i & 63));
        }
    }
    return bits;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct params *p = stage->params;
    const struct sl_bound_columns *bound = stage->state;
    if (!bound->n || !chunk->n) {
        return SL_OK;
    }
    size_t words = sl_bitmap_words(chunk->n);
    uint64_t *keep = sl_arena_array(chunk->arena, words, sizeof *keep);
    if (!keep) {
        return sl_fail_memory(err, "dropping records with missing values");
    }
    for (size_t w = 0; w < words; w++) {
        uint64_t bits = p->how == ANY ? UINT64_MAX : 0;
        for (size_t k = 0; k < bound->n; k++) {
            size_t c = bound->column[k];
            uint64_t has = present(&chunk->columns[c], stage->in->fields[c].type, chunk->n, w);
            bits = p->how == ANY ? bits & has : bits | has;
        }
        keep[w] = bits;
    }
    return sl_chunk_keep(chunk, keep, err);
}

const struct sl_stage_class sl_stage_drop_missing = {
    .name = "drop_missing",
    .summary = "drop records in which values are missing",
    .details = "A value is missing when the reader found it empty or spelt as one of its na= words. Text of blanks "
               "only is not missing. When predicting, the target's absence drops no record. To fill in values instead, "
               "see 'impute'.",
    .kind = SL_RECORD,
    .version = 1,
    .drops = true,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .apply = apply,
};
