/* step_pass.c: all records through the stages, in parallel, with someone looking on at every stage.
 *
 * It is the READ phase of a run, and what lies behind it as far as it is fitted, without its books and its store:
 * workers take blocks from one reader; a stage that must see all chunks in order lets them through in turn. Unlike a
 * run, a stage that fails on a chunk is given its records one by one from there on, so that the guilty one is known and
 * the others go on. */
#include "step_private.h"

#include <stdlib.h>

int sl_pass_init(struct sl_pass *pass, size_t workers, struct sl_error *err)
{
    pthread_mutex_init(&pass->input, NULL);
    pthread_mutex_init(&pass->turn_lock, NULL);
    pthread_cond_init(&pass->turn_moved, NULL);
    pass->stop = UINT64_MAX;
    pass->n_workers = workers;
    pass->workers = calloc(workers, sizeof *pass->workers);
    int status = pass->workers ? sl_pipeline_open_again(pass->pipeline, &pass->reader, err)
                               : sl_fail_memory(err, "looking at the records");
    if (!status)
        pass->reader->block_bytes = pass->pipeline->reader->block_bytes;
    for (size_t i = 0; i < workers && !status; i++) {
        sl_arena_init(&pass->workers[i].arena);
        status = sl_scratch_new(&pass->workers[i].scratch, pass->pipeline, err);
    }
    if (!status && pass->mark)
        status = sl_reader_seek(pass->reader, pass->mark, err);
    if (!status && pass->progress)
        pass->progress->total = pass->reader->size;
    return status;
}

void sl_pass_release(struct sl_pass *pass)
{
    for (size_t i = 0; pass->workers && i < pass->n_workers; i++) {
        struct sl_pass_worker *w = &pass->workers[i];
        sl_block_release(&w->block);
        sl_arena_release(&w->arena);
        sl_quarantine_release(&w->rejects);
        sl_scratch_free(w->scratch);
    }
    free(pass->workers);
    if (pass->reader)
        sl_reader_close(pass->reader);
    pthread_mutex_destroy(&pass->input);
    pthread_mutex_destroy(&pass->turn_lock);
    pthread_cond_destroy(&pass->turn_moved);
}

/* ---- One block ---- */

struct block_walk {
    struct sl_pass *pass;
    struct sl_pass_worker *worker;
    struct sl_pass_view view;
    struct sl_error why;        /* of the record that failed */
    bool singly;                /* records go one by one: turns are passed at the block's end */
    bool passed[SL_MAX_STAGES]; /* the block has passed its turn there */
};

static int show(struct block_walk *b, enum sl_pass_event event, size_t stage, const struct sl_chunk *before,
                const struct sl_chunk *after, struct sl_error *err)
{
    b->view.event = event;
    b->view.stage = stage;
    b->view.before = before;
    b->view.after = after;
    return b->pass->visit(b->pass->ctx, &b->view, err);
}

static bool wait_turn(struct sl_pass *pass, size_t stage, uint64_t sequence)
{
    pthread_mutex_lock(&pass->turn_lock);
    while (pass->turn[stage] != sequence && !pass->status)
        pthread_cond_wait(&pass->turn_moved, &pass->turn_lock);
    bool mine = pass->turn[stage] == sequence && !pass->status;
    pthread_mutex_unlock(&pass->turn_lock);
    return mine;
}

static void pass_turn(struct sl_pass *pass, size_t stage)
{
    pthread_mutex_lock(&pass->turn_lock);
    pass->turn[stage]++;
    pthread_cond_broadcast(&pass->turn_moved);
    pthread_mutex_unlock(&pass->turn_lock);
}

static int ended_early(struct sl_error *err)
{
    return sl_fail(err, SL_ECANCEL, "the pass ended early");
}

static int run_ordered(struct block_walk *b, size_t s, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_stage *stage = &b->pass->pipeline->stages[s];
    if (!wait_turn(b->pass, s, b->view.sequence))
        return ended_early(err);
    struct sl_chunk after;
    int status = sl_chunk_share(&after, chunk, err);
    if (!status)
        status = stage->class->ordered(stage, b->pass->ordered_run[s], &after, err);
    after.schema = &stage->out;
    if (!b->singly) {
        pass_turn(b->pass, s);
        b->passed[s] = true;
    }
    if (!status)
        *chunk = after;
    return sl_stage_blame(stage, status, err);
}

/* *ran: the stage was asked, whatever it did. */
static int run_stage(struct block_walk *b, size_t s, struct sl_chunk *chunk, bool *ran, struct sl_error *err)
{
    struct sl_pass *pass = b->pass;
    const struct sl_stage *stage = &pass->pipeline->stages[s];
    if (stage->class->ordered) {
        *ran = pass->ordered || (pass->verdicts && pass->verdicts->stage[s].known);
        if (pass->ordered)
            return run_ordered(b, s, chunk, err);
        return *ran ? sl_verdicts_apply(pass->verdicts, s, chunk, err) : SL_OK;
    }
    *ran = sl_stage_applies(stage, chunk);
    return *ran ? sl_stage_apply(stage, b->worker->scratch->stage[s], SL_APPLY_WHOLE, chunk, NULL, err) : SL_OK;
}

/* Is it the record's fault? */
static bool is_failure(int status)
{
    return status && status != SL_ENOMEM && status != SL_ECANCEL;
}

/* Stages from s on. *failed: the stage at which the chunk as a whole failed; 0: none. */
static int run_stages(struct block_walk *b, size_t s, struct sl_chunk *chunk, size_t *failed, struct sl_error *err)
{
    *failed = 0;
    for (; s < b->pass->last && chunk->n; s++) {
        struct sl_chunk before = *chunk;
        b->why = (struct sl_error)SL_ERROR_INIT;
        bool ran = false;
        int status = run_stage(b, s, chunk, &ran, &b->why);
        if (is_failure(status)) {
            *failed = s;
            *chunk = before;
            b->view.err = &b->why;
            return before.n == 1 ? show(b, SL_PASS_FAILED, s, &before, NULL, err) : SL_OK;
        }
        if (status) {
            if (err)
                *err = b->why;
            return status;
        }
        status = show(b, SL_PASS_STAGE, s, &before, ran ? chunk : &before, err);
        if (status)
            return status;
    }
    return SL_OK;
}

static int run_singly(struct block_walk *b, size_t s, const struct sl_chunk *chunk, struct sl_error *err)
{
    int status = SL_OK;
    b->singly = true;
    for (uint32_t i = 0; i < chunk->n && !status; i++) {
        struct sl_chunk one;
        size_t failed;
        status = sl_chunk_slice(&one, chunk, i, 1, err);
        if (!status)
            status = run_stages(b, s, &one, &failed, err);
    }
    return status;
}

/* Whatever became of the block, those behind it must get their turn. */
static int pass_turns(struct block_walk *b, struct sl_error *err)
{
    for (size_t s = 1; b->pass->ordered && s < b->pass->last; s++) {
        if (!b->pass->pipeline->stages[s].class->ordered || b->passed[s])
            continue;
        if (!wait_turn(b->pass, s, b->view.sequence))
            return ended_early(err);
        pass_turn(b->pass, s);
    }
    return SL_OK;
}

int sl_pass_block(struct sl_pass *pass, int worker, struct sl_error *err)
{
    struct sl_pass_worker *w = &pass->workers[worker];
    struct block_walk b = { .pass = pass, .worker = w };
    struct sl_chunk raw, chunk;
    sl_arena_reset(&w->arena, 64u << 20);
    w->rejects.n = 0;
    w->rejects.total = 0;
    int status = sl_reader_parse(pass->reader, &w->block, &w->arena, &raw, &w->rejects, err);
    if (!status)
        status = sl_pipeline_adopt(pass->pipeline, &raw, err);
    if (status)
        return sl_stage_blame(&pass->pipeline->stages[0], status, err);
    b.view = (struct sl_pass_view){
        .worker = worker, .sequence = w->block.mark.sequence, .raw = &raw, .rejects = &w->rejects, .arena = &w->arena
    };
    status = show(&b, SL_PASS_SOURCE, 0, NULL, &raw, err);
    size_t failed = 0;
    chunk = raw;
    if (!status)
        status = run_stages(&b, 1, &chunk, &failed, err);
    if (!status && failed && chunk.n > 1)
        status = run_singly(&b, failed, &chunk, err);
    if (!status)
        status = pass_turns(&b, err);
    if (!status)
        status = show(&b, SL_PASS_END, pass->last, NULL, NULL, err);
    if (pass->progress)
        pass->progress->records += w->block.records;
    return status;
}

/* ---- All blocks ---- */

static void fail_pass(struct sl_pass *pass, int status, const struct sl_error *err)
{
    pthread_mutex_lock(&pass->turn_lock);
    if (!pass->status) {
        pass->err = *err;
        pass->status = status;
    }
    pthread_cond_broadcast(&pass->turn_moved);
    pthread_mutex_unlock(&pass->turn_lock);
}

static int take_block(struct sl_pass *pass, struct sl_block *block, struct sl_error *err)
{
    pthread_mutex_lock(&pass->input);
    int status = pass->ended ? SL_EEND : sl_reader_next(pass->reader, block, err);
    if (!status && block->mark.sequence > pass->stop)
        status = SL_EEND;
    pass->ended = status != SL_OK;
    if (pass->progress) {
        pass->progress->total = pass->reader->size;
        pass->progress->done = pass->reader->consumed;
    }
    pthread_mutex_unlock(&pass->input);
    return status;
}

static void pass_body(void *ctx, size_t i, int worker)
{
    struct sl_pass *pass = ctx;
    (void)i;
    while (!pass->status) {
        struct sl_error err = SL_ERROR_INIT;
        int status = pass->progress && pass->progress->cancel ? sl_fail(&err, SL_ECANCEL, "it was cancelled")
                                                              : take_block(pass, &pass->workers[worker].block, &err);
        if (status == SL_EEND)
            return;
        if (!status)
            status = sl_pass_block(pass, worker, &err);
        if (status)
            fail_pass(pass, status, &err);
    }
}

static void end_ordered(struct sl_pass *pass)
{
    for (size_t s = 1; s < pass->last; s++)
        if (pass->ordered_run[s])
            pass->pipeline->stages[s].class->run_end(&pass->pipeline->stages[s], pass->ordered_run[s]);
}

int sl_pass_run(struct sl_pass *pass, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t s = 1; pass->ordered && s < pass->last && !status; s++) {
        const struct sl_stage *stage = &pass->pipeline->stages[s];
        if (stage->class->ordered)
            status = sl_stage_blame(stage, stage->class->run_begin(stage, &pass->ordered_run[s], err), err);
    }
    if (!status) {
        sl_pool_for(pass->pool, pass->n_workers, pass_body, pass);
        status = pass->status;
        if (status && err)
            *err = pass->err;
    }
    end_ordered(pass);
    return status;
}
