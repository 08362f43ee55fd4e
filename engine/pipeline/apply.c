/* apply.c: one stage on one chunk, and what it changed; a range of stages on a chunk, as predicting and stepping use
 * it. */
#include "pipeline_private.h"

#include <stdlib.h>

static uint64_t text_bytes(const struct sl_column *column, uint32_t n)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < n; i++)
        bytes += column->text[i].n;
    return bytes;
}

struct tally {
    uint64_t changed[SL_CHUNK_RECORDS / 64], missing[SL_CHUNK_RECORDS / 64], emptied[SL_CHUNK_RECORDS / 64];
};

static void count_cells(const struct sl_chunk *before, const struct sl_chunk *after, size_t c, struct tally *tally)
{
    const struct sl_column *a = &before->columns[c], *b = &after->columns[c];
    bool text = before->schema->fields[c].type == SL_TEXT;
    for (uint32_t i = 0; i < after->n; i++) {
        bool was = sl_valid(a, i), is = sl_valid(b, i);
        bool same = text && was && is && a->text[i].p == b->text[i].p && a->text[i].n == b->text[i].n;
        if (same || sl_cell_equal(before, c, i, after, c, i))
            continue;
        uint64_t bit = UINT64_C(1) << (i & 63);
        tally->changed[i >> 6] |= bit;
        if (was && !is)
            tally->missing[i >> 6] |= bit;
        if (text && is && b->text[i].n == 0 && was && a->text[i].n)
            tally->emptied[i >> 6] |= bit;
    }
}

static uint64_t bits(const uint64_t *words, uint32_t n)
{
    uint64_t count = 0;
    for (size_t w = 0; w < sl_bitmap_words(n); w++)
        count += (uint64_t)__builtin_popcountll(words[w]);
    return count;
}

void sl_stage_tally(const struct sl_chunk *before, const struct sl_chunk *after, struct sl_stage_stats *stats)
{
    stats->in += before->n;
    stats->out += after->n;
    stats->dropped += before->n - after->n;
    if (before->schema->n != after->schema->n || before->n != after->n || after->n > SL_CHUNK_RECORDS)
        return;
    struct tally tally = { 0 };
    bool encoded = false, any = false;
    for (size_t c = 0; c < after->schema->n; c++) {
        const struct sl_column *a = &before->columns[c], *b = &after->columns[c];
        if (before->schema->fields[c].type != after->schema->fields[c].type) {
            encoded = true;
            continue;
        }
        if (a->text == b->text && a->valid == b->valid &&
            sl_field_alike(&before->schema->fields[c], &after->schema->fields[c]))
            continue;
        any = true;
        if (before->schema->fields[c].type == SL_TEXT)
            stats->bytes += text_bytes(a, before->n);
        count_cells(before, after, c, &tally);
    }
    if (encoded)
        stats->changed += after->n;
    else if (any)
        stats->changed += bits(tally.changed, after->n);
    if (any) {
        stats->missing += bits(tally.missing, after->n);
        stats->emptied += bits(tally.emptied, after->n);
    }
}

int sl_stage_apply(const struct sl_stage *stage, void *scratch, enum sl_apply_mode mode, struct sl_chunk *chunk,
                   struct sl_stage_stats *stats, struct sl_error *err)
{
    const struct sl_stage_class *class = stage->class;
    uint64_t began = stats ? sl_now() : 0;
    struct sl_chunk after;
    int status = sl_chunk_share(&after, chunk, err);
    if (!status && class->digest && mode != SL_APPLY_DIGESTED)
        status = class->digest(stage, scratch, &after, err);
    if (!status && class->apply && mode != SL_APPLY_DIGEST) {
        status = class->apply(stage, scratch, &after, err);
        after.schema = &stage->out;
    }
    if (status)
        return sl_stage_blame(stage, status, err);
    if (stats) {
        stats->busy_ns += sl_now() - began;
        if (mode != SL_APPLY_DIGEST)
            sl_stage_tally(chunk, &after, stats);
    }
    *chunk = after;
    return SL_OK;
}

int sl_scratch_new(struct sl_scratch **out, struct sl_pipeline *pipeline, struct sl_error *err)
{
    struct sl_scratch *scratch = calloc(1, sizeof *scratch);
    void **stage = calloc(pipeline->n + 1, sizeof *stage);
    if (!scratch || !stage) {
        free(scratch);
        free(stage);
        return sl_fail_memory(err, "stage scratch");
    }
    *scratch = (struct sl_scratch){ pipeline, stage };
    for (size_t i = 0; i < pipeline->n; i++) {
        const struct sl_stage *s = &pipeline->stages[i];
        int status = s->class->scratch_new ? s->class->scratch_new(s, &stage[i], err) : SL_OK;
        if (status) {
            sl_scratch_free(scratch);
            return sl_stage_blame(s, status, err);
        }
    }
    *out = scratch;
    return SL_OK;
}

void sl_scratch_free(struct sl_scratch *scratch)
{
    if (!scratch)
        return;
    for (size_t i = 0; i < scratch->pipeline->n; i++)
        if (scratch->stage[i] && scratch->pipeline->stages[i].class->scratch_free)
            scratch->pipeline->stages[i].class->scratch_free(&scratch->pipeline->stages[i], scratch->stage[i]);
    free(scratch->stage);
    free(scratch);
}

int sl_pipeline_adopt(const struct sl_pipeline *p, struct sl_chunk *chunk, struct sl_error *err)
{
    if (!p->from) {
        chunk->schema = &p->source;
        return SL_OK;
    }
    struct sl_chunk mapped;
    int status = sl_chunk_init(&mapped, &p->source, chunk->n, chunk->arena, err);
    if (status)
        return status;
    mapped.sequence = chunk->sequence;
    mapped.origin = chunk->origin;
    for (size_t c = 0; c < p->source.n; c++) {
        if (p->from[c] >= 0) {
            mapped.columns[c] = chunk->columns[p->from[c]];
            continue;
        }
        for (uint32_t i = 0; i < chunk->n && !status; i++)
            status = sl_chunk_set_missing(&mapped, c, i, err);
        for (uint32_t i = 0; i < chunk->n && p->source.fields[c].type == SL_NUMBER; i++)
            mapped.columns[c].number[i] = __builtin_nan("");
    }
    *chunk = mapped;
    return status;
}

bool sl_stage_applies(const struct sl_stage *stage, const struct sl_chunk *chunk)
{
    bool passes = stage->class->kind == SL_AUGMENT; /* without apply: what is not trained on stays as it is */
    if ((!stage->class->apply && !passes) || (sl_stage_fits(stage) && !stage->model) || stage->class->kind == SL_SOURCE)
        return false;
    bool same = chunk->schema->n == stage->in->n;
    for (size_t c = 0; same && c < stage->in->n; c++)
        same = chunk->schema->fields[c].type == stage->in->fields[c].type;
    return same;
}

int sl_pipeline_apply(struct sl_pipeline *p, size_t first, size_t last, struct sl_scratch *scratch,
                      const struct sl_chunk *in, struct sl_chunk *out, struct sl_error *err)
{
    struct sl_chunk chunk = *in;
    size_t end = sl_pipeline_end(p);
    for (size_t i = first; i < last && i < end; i++) {
        if (i == 0) {
            int status = sl_pipeline_adopt(p, &chunk, err);
            if (status)
                return status;
        } else if (sl_stage_applies(&p->stages[i], &chunk)) {
            int status = sl_stage_apply(&p->stages[i], scratch->stage[i], SL_APPLY_WHOLE, &chunk, NULL, err);
            if (status)
                return status;
        }
    }
    *out = chunk;
    return SL_OK;
}
