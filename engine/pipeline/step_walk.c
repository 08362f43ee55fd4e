/* step_walk.c: one record through all stages, as a chunk of one.
 *
 * What every stage made of it is kept while the stepper stands at the record, so that a step within it costs nothing
 * and a step back shows the very same thing. Another record is computed anew from its raw cells, which gives the same
 * bits again: stages do not remember records. */
#include "step_private.h"

#include <stdlib.h>

void sl_walk_release(struct sl_walk *walk)
{
    if (walk->loaded) {
        sl_held_block_drop(walk->held);
        sl_arena_release(&walk->arena);
    }
    *walk = (struct sl_walk){ 0 };
}

/* The block that holds a record, with a use of it taken. SL_EEND: there is none. */
static int find_block(struct sl_browser *b, uint64_t record, struct held_block **out, struct sl_error *err)
{
    struct held_block *held = NULL;
    size_t k = sl_browser_block_of(b, record);
    int status = sl_browser_block(b, k, &held, err);
    while (!status && record >= held->block.mark.record + held->block.records) {
        sl_held_block_drop(held);
        held = NULL;
        status = sl_browser_block(b, ++k, &held, err);
    }
    if (!status)
        *out = held;
    return status;
}

static bool find_row(const struct sl_chunk *chunk, uint64_t record, uint32_t *row)
{
    uint32_t low = 0, high = chunk->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (chunk->origin[middle].record < record)
            low = middle + 1;
        else
            high = middle;
    }
    *row = low;
    return low < chunk->n && chunk->origin[low].record == record;
}

static bool find_reject(struct sl_walk *walk, uint64_t record)
{
    const struct sl_quarantine *rejects = &walk->held->rejects;
    for (size_t i = 0; i < rejects->n && !walk->rejected; i++) {
        if (rejects->entries[i].origin.record != record)
            continue;
        walk->rejected = true;
        walk->reject = rejects->entries[i];
        walk->origin = walk->reject.origin;
        walk->marks[0] = SL_MARK_ERROR;
    }
    return walk->rejected;
}

/* One stage on the record as the stage before left it. */
static int take_stage(struct sl_stepper *st, struct sl_walk *walk, size_t s, struct sl_error *err)
{
    const struct sl_stage *stage = &st->pipeline->stages[s];
    struct sl_chunk *chunk = &walk->after[s];
    bool decided = stage->class->ordered && st->verdicts && st->verdicts->stage[s].known;
    struct sl_error why = SL_ERROR_INIT;
    int status = SL_OK;
    *chunk = walk->after[s - 1];
    if (decided)
        status = sl_verdicts_apply(st->verdicts, s, chunk, &why);
    else if (stage->class->ordered)
        walk->marks[s] = SL_MARK_UNDECIDED;
    else if (sl_stage_applies(stage, chunk))
        status = sl_stage_apply(stage, st->scratch->stage[s], SL_APPLY_WHOLE, chunk, NULL, &why);
    else
        walk->marks[s] = SL_MARK_SKIPPED;
    walk->last = s;
    if (status == SL_ENOMEM) {
        if (err)
            *err = why;
        return status;
    }
    if (status) {
        walk->marks[s] = SL_MARK_ERROR;
        walk->err = why;
        chunk->n = 0;
    } else if (chunk->n == 0) {
        walk->marks[s] = SL_MARK_DROPPED;
    }
    return SL_OK;
}

static int take_stages(struct sl_stepper *st, struct sl_walk *walk, uint32_t row, struct sl_error *err)
{
    struct sl_chunk whole = walk->held->chunk;
    whole.arena = &walk->arena; /* the block's arena is for its parsing alone */
    int status = sl_chunk_slice(&walk->after[0], &whole, row, 1, err);
    if (status)
        return status;
    walk->origin = walk->after[0].origin[0];
    for (size_t s = 1; s < sl_pipeline_end(st->pipeline) && walk->after[s - 1].n && !status; s++)
        status = take_stage(st, walk, s, err);
    return status;
}

int sl_walk_load(struct sl_stepper *st, uint64_t record, struct sl_walk *walk, struct sl_error *err)
{
    *walk = (struct sl_walk){ .record = record };
    int status = find_block(st->browser, record, &walk->held, err);
    if (status)
        return status;
    walk->loaded = true;
    sl_arena_init(&walk->arena);
    size_t n = sl_pipeline_end(st->pipeline);
    walk->after = sl_arena_zero(&walk->arena, n, sizeof *walk->after);
    walk->marks = sl_arena_zero(&walk->arena, n, sizeof *walk->marks);
    uint32_t row = 0;
    if (!walk->after || !walk->marks)
        status = sl_fail_memory(err, "stepping through a record");
    else if (find_row(&walk->held->chunk, record, &row))
        status = take_stages(st, walk, row, err);
    else if (!find_reject(walk, record))
        status = sl_fail(err, SL_EDATA, "record %llu could not be read", (unsigned long long)record);
    if (status)
        sl_walk_release(walk);
    return status;
}

int sl_walk_substeps(struct sl_stepper *st, const struct sl_walk *walk, size_t s, uint32_t *n, struct sl_error *err)
{
    const struct sl_stage *stage = &st->pipeline->stages[s];
    *n = 0;
    if (s == 0 || walk->rejected || s > walk->last || !stage->class->substeps || !stage->class->substeps->at ||
        !sl_stage_applies(stage, &walk->after[s - 1]) || (walk->marks[s] & SL_MARK_ERROR))
        return SL_OK;
    struct sl_arena arena;
    struct sl_substep unused;
    sl_arena_init(&arena);
    struct sl_chunk chunk = walk->after[s - 1];
    chunk.arena = &arena;
    int status = stage->class->substeps->at(stage, st->scratch->stage[s], &chunk, 0, &arena, &unused, n, err);
    sl_arena_release(&arena);
    return status;
}
