/* run_read.c: the READ phase. One worker at a time takes the next block from the reader; parsing and record stages run
 * in parallel; ordered stages let chunks through in input order. */
#include "cache_private.h"
#include "digest_private.h"
#include "run_private.h"

#include "sluice/input.h"

#include <pthread.h>
#include <stdlib.h>

struct reading {
    struct sl_run *run;
    pthread_mutex_t input, turn_lock;
    pthread_cond_t turn_moved;
    uint64_t turn[SL_MAX_STAGES]; /* per ordered stage: sequence of the chunk that may pass */
    bool ended;
    struct sl_ahead *ahead; /* NULL: blocks are read when asked for */
    struct sl_verdict verdict;
};

static const struct sl_str no_text[SL_CHUNK_RECORDS];

static int remember_block(struct sl_run *run, const struct sl_block *block, struct sl_error *err)
{
    if (run->n_marks == run->marks_capacity) {
        size_t capacity = run->marks_capacity ? run->marks_capacity * 2 : 256;
        struct sl_mark *marks = realloc(run->marks, capacity * sizeof *marks);
        if (marks)
            run->marks = marks;
        uint64_t *hashes = realloc(run->hashes, capacity * sizeof *hashes);
        if (hashes)
            run->hashes = hashes;
        if (!marks || !hashes)
            return sl_fail_memory(err, "the index of blocks");
        run->marks_capacity = capacity;
    }
    if (block->mark.sequence == 0) {
        run->pipeline->start = block->mark;
        run->pipeline->ran = true;
    }
    run->marks[run->n_marks] = block->mark;
    run->hashes[run->n_marks++] = 0;
    return SL_OK;
}

/* Next block under the lock. SL_EEND at the end. */
static int take_block(struct reading *r, struct sl_block *block, struct sl_error *err)
{
    struct sl_run *run = r->run;
    uint64_t began = sl_now();
    pthread_mutex_lock(&r->input);
    uint64_t begun = sl_now();
    int status = r->ended   ? SL_EEND
                 : r->ahead ? sl_ahead_next(r->ahead, block, err)
                            : sl_reader_next(run->pipeline->reader, block, err);
    if (run->options.progress) {
        uint64_t done = sl_now(), waited = (r->ahead ? done : begun) - began;
        run->options.progress->wait_ns += waited;
        run->options.progress->input_wait_ns += waited;
        run->options.progress->input_ns += r->ahead ? 0 : done - begun;
    }
    if (!status)
        status = remember_block(run, block, err);
    if (!status)
        run->result.records += block->records;
    r->ended = status != SL_OK;
    pthread_mutex_unlock(&r->input);
    return status;
}

static uint64_t note_hash(struct reading *r, const struct sl_block *block)
{
    uint64_t hash = sl_hash64(block->data.p, block->data.n);
    pthread_mutex_lock(&r->input);
    r->run->hashes[block->mark.sequence] = hash;
    pthread_mutex_unlock(&r->input);
    return hash;
}

/* Wait for the chunk's turn at an ordered stage. False: the run is over. */
static bool wait_turn(struct reading *r, size_t stage, uint64_t sequence)
{
    uint64_t began = sl_now();
    pthread_mutex_lock(&r->turn_lock);
    while (r->turn[stage] != sequence && !r->verdict.status)
        pthread_cond_wait(&r->turn_moved, &r->turn_lock);
    bool mine = r->turn[stage] == sequence && !r->verdict.status;
    pthread_mutex_unlock(&r->turn_lock);
    if (r->run->options.progress) {
        uint64_t waited = sl_now() - began;
        r->run->options.progress->wait_ns += waited;
        r->run->options.progress->turn_wait_ns += waited;
    }
    return mine;
}

static void pass_turn(struct reading *r, size_t stage)
{
    pthread_mutex_lock(&r->turn_lock);
    r->turn[stage]++;
    pthread_cond_broadcast(&r->turn_moved);
    pthread_mutex_unlock(&r->turn_lock);
}

static int apply_ordered(struct reading *r, size_t i, struct sl_chunk *chunk, struct sl_error *err)
{
    struct sl_run *run = r->run;
    const struct sl_stage *stage = &run->pipeline->stages[i];
    if (!wait_turn(r, i, chunk->sequence))
        return sl_fail(err, SL_ECANCEL, "the run ended early");
    struct sl_stage_stats *stats = sl_run_stats(run, i);
    uint64_t began = sl_now();
    struct sl_chunk after;
    int status = sl_chunk_share(&after, chunk, err);
    if (!status)
        status = stage->class->ordered(stage, run->ordered[i], &after, err);
    pass_turn(r, i);
    if (status)
        return sl_stage_blame(stage, status, err);
    after.schema = &stage->out;
    if (stats) {
        stats->busy_ns += sl_now() - began;
        sl_stage_tally(chunk, &after, stats);
    }
    *chunk = after;
    return SL_OK;
}

static int fit_label(struct sl_run *run, struct worker *w, const struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_stage *label = &run->pipeline->stages[run->pipeline->label];
    return label->class->fit.chunk(label, w->label_partial, chunk, NULL, err);
}

static int apply_early(struct reading *r, struct worker *w, struct sl_chunk *chunk, struct sl_error *err)
{
    struct sl_run *run = r->run;
    struct sl_pipeline *p = run->pipeline;
    int status = SL_OK;
    for (size_t i = run->first; i < run->late && !status; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (run->cache)
            sl_run_cache_keep(run, i, chunk);
        const struct sl_chunk before = *chunk;
        if (stage->class->ordered)
            status = apply_ordered(r, i, chunk, err);
        else if (sl_stage_maps(stage))
            status = sl_stage_apply(stage, w->scratch->stage[i], SL_APPLY_WHOLE, chunk, sl_run_stats(run, i), err);
        if (!status && run->options.digests)
            sl_digest_stage(run->options.digests, i, &before, chunk);
        if (!status && i == p->label)
            status = fit_label(run, w, chunk, err);
    }
    if (!status && run->cache && run->late < run->end)
        sl_run_cache_keep(run, run->late, chunk);
    for (size_t i = run->late; i < run->end && !status; i++)
        if (run->hoisted[i])
            status =
                sl_stage_apply(&p->stages[i], w->scratch->stage[i], SL_APPLY_DIGEST, chunk, sl_run_stats(run, i), err);
    return status;
}

/* Text that no later stage looks at is not kept between passes. */
static void forget_columns(const struct sl_run *run, struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].type == SL_TEXT && !run->needed[c])
            chunk->columns[c] = (struct sl_column){ .text = (struct sl_str *)(uintptr_t)no_text };
}

static int finish_chunk(struct reading *r, struct worker *w, struct sl_chunk *chunk, int worker, struct sl_error *err)
{
    struct sl_run *run = r->run;
    if (run->stored) {
        chunk->schema = &run->actual[run->late - 1];
        forget_columns(run, chunk);
        if (run->remade)
            sl_run_leave_out(chunk);
        return sl_store_put(run->store, chunk, err);
    }
    (void)w;
    static const uint8_t all_train[SL_CHUNK_RECORDS];
    return run->options.sink ? run->options.sink(run->options.ctx, chunk, all_train, worker, err) : SL_OK;
}

static int one_block(struct reading *r, struct worker *w, int worker, struct sl_error *err)
{
    struct sl_run *run = r->run;
    struct sl_progress *progress = run->options.progress;
    struct sl_chunk chunk;
    sl_arena_reset(&w->arena, 64u << 20);
    uint64_t bad = w->rejects.total, began = sl_now();
    int status = sl_reader_parse(run->pipeline->reader, &w->block, &w->arena, &chunk, &w->rejects, err);
    size_t source = sl_file_source(run->pipeline, w->block.mark.file);
    if (status)
        return sl_stage_blame(&run->pipeline->stages[source], status, err);
    uint64_t hash = note_hash(r, &w->block);
    status = sl_pipeline_adopt(run->pipeline, &chunk, err);
    if (!status && run->options.digests)
        status = sl_digest_source(run->options.digests, &w->block, hash, &chunk, err);
    if (progress) {
        struct sl_stage_stats *stats = &progress->stages[source];
        stats->in += w->block.records;
        stats->out += chunk.n;
        stats->bytes += w->block.data.n;
        stats->busy_ns += sl_now() - began;
        progress->records += w->block.records;
        progress->quarantined += w->rejects.total - bad;
        progress->total = run->pipeline->reader->size;
        progress->done = run->pipeline->reader->consumed;
    }
    uint32_t n = chunk.n;
    if (!status)
        status = apply_early(r, w, &chunk, err);
    w->kept += chunk.n;
    w->dropped += n - chunk.n;
    if (!status && progress)
        progress->dropped += n - chunk.n;
    return status ? status : finish_chunk(r, w, &chunk, worker, err);
}

/* A chunk that an earlier run kept, from there on. */
static int one_kept(struct reading *r, struct worker *w, size_t k, int worker, struct sl_error *err)
{
    struct sl_run *run = r->run;
    struct sl_chunk chunk;
    sl_arena_reset(&w->arena, 64u << 20);
    int status = sl_store_get(sl_run_kept(run), k, &w->arena, &chunk, err);
    if (status)
        return status;
    chunk.schema = &run->pipeline->stages[run->first - 1].out;
    uint32_t n = chunk.n;
    status = apply_early(r, w, &chunk, err);
    w->kept += chunk.n;
    w->dropped += n - chunk.n;
    if (!status) {
        run->options.progress->dropped += n - chunk.n;
        run->options.progress->done++;
    }
    return status ? status : finish_chunk(r, w, &chunk, worker, err);
}

static void stop_reading(struct reading *r, int status, uint64_t sequence, const struct sl_error *err)
{
    pthread_mutex_lock(&r->turn_lock);
    sl_verdict_fail(&r->verdict, status, sequence, err);
    pthread_cond_broadcast(&r->turn_moved);
    pthread_mutex_unlock(&r->turn_lock);
}

static void read_blocks(void *ctx, size_t i, int worker)
{
    struct reading *r = ctx;
    struct worker *w = &r->run->workers[worker];
    (void)i;
    while (!r->verdict.status) {
        struct sl_error err = SL_ERROR_INIT;
        int status = sl_run_cancelled(r->run) ? sl_fail(&err, SL_ECANCEL, "the run was cancelled")
                                              : take_block(r, &w->block, &err);
        if (status == SL_EEND)
            return;
        uint64_t sequence = status ? UINT64_MAX - 1 : w->block.mark.sequence;
        if (!status)
            status = one_block(r, w, worker, &err);
        if (status)
            stop_reading(r, status, sequence, &err);
    }
}

static void read_kept(void *ctx, size_t k, int worker)
{
    struct reading *r = ctx;
    struct sl_error err = SL_ERROR_INIT;
    if (r->verdict.status)
        return;
    int status = sl_run_cancelled(r->run) ? sl_fail(&err, SL_ECANCEL, "the run was cancelled")
                                          : one_kept(r, &r->run->workers[worker], k, worker, &err);
    if (status)
        stop_reading(r, status, k, &err);
}

int sl_run_find_needed(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    const struct sl_schema *schema = &p->stages[run->late - 1].out;
    run->needed = calloc(schema->n + 1, sizeof *run->needed);
    if (!run->needed)
        return sl_fail_memory(err, "a run");
    for (size_t c = 0; c < schema->n; c++) {
        const char *target = p->stages[0].target;
        run->needed[c] = schema->fields[c].target || (target && strcmp(schema->fields[c].name, target) == 0) ||
                         p->learner == NO_STAGE;
        for (size_t i = run->late; i < run->end && !run->needed[c]; i++) {
            if (sl_stage_is_cache(&p->stages[i]))
                continue;
            enum sl_stage_kind kind = p->stages[i].class->kind;
            const struct sl_names *names = sl_stage_named_columns(&p->stages[i]);
            run->needed[c] = !names && kind != SL_SPLIT && kind != SL_TARGET && kind != SL_BATCH;
            for (size_t k = 0; names && k < names->n; k++)
                run->needed[c] |= strcmp(names->name[k], schema->fields[c].name) == 0;
        }
    }
    return SL_OK;
}

static int begin_ordered(struct sl_run *run, struct sl_error *err)
{
    for (size_t i = run->first; i < run->late; i++) {
        const struct sl_stage *stage = &run->pipeline->stages[i];
        int status = stage->class->ordered ? stage->class->run_begin(stage, &run->ordered[i], err) : SL_OK;
        if (status)
            return sl_stage_blame(stage, status, err);
    }
    return SL_OK;
}

static int begin_label(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    if (p->label == NO_STAGE || p->label >= run->late || p->label < run->first)
        return SL_OK;
    const struct sl_stage *label = &p->stages[p->label];
    for (size_t i = 0; i < run->n_workers; i++) {
        int status = label->class->fit.begin(label, &run->workers[i].label_partial, err);
        if (status)
            return sl_stage_blame(label, status, err);
    }
    return SL_OK;
}

static int end_label(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    if (!run->workers[0].label_partial)
        return SL_OK;
    struct sl_stage *label = &p->stages[p->label];
    int status = SL_OK;
    for (size_t i = 1; i < run->n_workers && !status; i++)
        status = label->class->fit.merge(label, run->workers[0].label_partial, run->workers[i].label_partial, err);
    if (!status)
        status = label->class->fit.end(label, run->workers[0].label_partial, err);
    return sl_stage_blame(label, status, err);
}

int sl_run_books(struct sl_run *run, struct sl_error *err)
{
    if (run->encoded)
        sl_run_pass_through(run, run->result.kept);
    for (size_t i = 0; i < run->n_workers; i++) {
        run->result.kept += run->workers[i].kept;
        run->result.dropped += run->workers[i].dropped;
        int status = sl_quarantine_merge(&run->quarantine, &run->workers[i].rejects, err);
        if (status)
            return status;
    }
    sl_quarantine_sort(&run->quarantine);
    run->result.quarantine = &run->quarantine;
    run->result.quarantined = run->quarantine.total;
    run->result.marks = run->marks;
    run->result.n_marks = run->n_marks;
    run->result.fingerprint = sl_hash64(run->hashes, run->n_marks * sizeof *run->hashes);
    return SL_OK;
}

static size_t prefetch_depth(const struct sl_run *run)
{
    enum { FEW = 4 };
    size_t asked = run->options.prefetch;
    if (asked == SL_PREFETCH_AUTO)
        return run->pipeline->reader->packed ? FEW : 0;
    return asked == SL_PREFETCH_NONE ? 0 : asked;
}

int sl_run_read(struct sl_run *run, struct sl_error *err)
{
    struct reading r = { .run = run,
                         .input = PTHREAD_MUTEX_INITIALIZER,
                         .turn_lock = PTHREAD_MUTEX_INITIALIZER,
                         .turn_moved = PTHREAD_COND_INITIALIZER };
    const struct sl_store *kept = sl_run_kept(run);
    sl_run_phase(run, SL_PHASE_READ, kept ? sl_store_chunks(kept) : run->pipeline->reader->size);
    if (kept)
        run->result.dropped = run->result.records - run->quarantine.total - sl_store_records(kept);
    int status = begin_ordered(run, err);
    if (!status)
        status = begin_label(run, err);
    size_t depth = prefetch_depth(run);
    if (!status && !kept && depth)
        status = sl_ahead_start(&r.ahead, run->pipeline->reader, depth, err);
    if (!status) {
        sl_pool_for(run->options.pool, kept ? sl_store_chunks(kept) : run->n_workers, kept ? read_kept : read_blocks,
                    &r);
        status = sl_verdict_take(&r.verdict, err);
    }
    uint64_t reading = sl_ahead_stop(r.ahead);
    if (run->options.progress)
        run->options.progress->input_ns += reading;
    if (!status)
        status = end_label(run, err);
    if (!status)
        status = sl_run_books(run, err);
    if (!status)
        sl_run_cache_end(run, false);
    if (!status && run->stored)
        status = sl_store_seal(run->store, err);
    if (!status && run->stored)
        run->result.stored = sl_store_bytes(run->store, &run->result.stored_on_disk);
    return status;
}
