/* run.c: a whole run: its phases in order, its books balanced. */
#include "cache_private.h"
#include "digest_private.h"
#include "run_private.h"

#include <assert.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

void sl_run_phase(struct sl_run *run, enum sl_phase phase, uint64_t total)
{
    struct sl_progress *progress = run->options.progress;
    if (!progress)
        return;
    uint64_t now = sl_now();
    int last = progress->phase;
    if (run->began[last])
        progress->phase_ns[last] += now - run->began[last];
    run->began[phase] = now;
    progress->done = 0;
    progress->total = total;
    progress->phase = (int)phase;
}

struct sl_stage_stats *sl_run_stats(struct sl_run *run, size_t stage)
{
    return run->options.progress && stage < SL_MAX_STAGES ? &run->options.progress->stages[stage] : NULL;
}

bool sl_run_cancelled(const struct sl_run *run)
{
    return run->options.progress && run->options.progress->cancel;
}

void sl_verdict_fail(struct sl_verdict *verdict, int status, uint64_t sequence, const struct sl_error *err)
{
    while (atomic_flag_test_and_set_explicit(&verdict->lock, memory_order_acquire))
        sched_yield();
    if (!verdict->status || sequence < verdict->sequence) {
        verdict->sequence = sequence;
        verdict->err = *err;
        verdict->status = status;
    }
    atomic_flag_clear_explicit(&verdict->lock, memory_order_release);
}

int sl_verdict_take(struct sl_verdict *verdict, struct sl_error *err)
{
    if (verdict->status && err)
        *err = verdict->err;
    return verdict->status;
}

int sl_run_actual_schema(const struct sl_run *run, size_t k, struct sl_schema *to, struct sl_error *err)
{
    const struct sl_pipeline *p = run->pipeline;
    const struct sl_schema *out = &p->stages[k].out;
    int status = sl_schema_copy(to, out, err);
    for (size_t i = k + 1; i < run->end && !status; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (!run->hoisted[i] || i < run->late)
            continue;
        for (size_t c = 0; c < stage->in->n; c++) {
            if (stage->in->fields[c].type != SL_TEXT || stage->out.fields[c].type == SL_TEXT)
                continue;
            long at = sl_schema_find(to, sl_str(stage->in->fields[c].name));
            if (at >= 0)
                to->fields[at].type = SL_TOKENS;
        }
    }
    return status;
}

/* A fitted encoder's digest may run in READ when no stage between works on its columns. */
static void find_hoisted(struct sl_run *run)
{
    struct sl_pipeline *p = run->pipeline;
    for (size_t i = run->late; i < run->end; i++) {
        bool free_before = p->stages[i].class->digest && sl_stage_fits(&p->stages[i]);
        for (size_t j = run->late; j < i && free_before; j++) {
            enum sl_stage_kind kind = p->stages[j].class->kind;
            free_before = kind == SL_SPLIT || kind == SL_BATCH || kind == SL_TARGET ||
                          sl_stage_is_cache(&p->stages[j]) || !sl_stages_share_columns(&p->stages[j], &p->stages[i]);
        }
        run->hoisted[i] = free_before;
    }
}

static int prepare(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    run->late = sl_pipeline_first_late(p);
    run->end = sl_pipeline_end(p);
    run->first = p->n_sources;
    /* A learner takes classes, which are known only when all records have been read. */
    run->stored = run->late < run->end || sl_pipeline_divides(p) || p->learner != NO_STAGE;
    run->n_workers = (size_t)(run->options.pool ? sl_pool_threads(run->options.pool) : 1);
    run->workers = calloc(run->n_workers, sizeof *run->workers);
    run->hoisted = calloc(p->n + 1, sizeof *run->hoisted);
    run->actual = calloc(p->n + 1, sizeof *run->actual);
    run->ordered = calloc(p->n + 1, sizeof *run->ordered);
    if (!run->workers || !run->hoisted || !run->actual || !run->ordered)
        return sl_fail_memory(err, "a run");
    if (run->options.progress)
        run->options.progress->threads = (uint32_t)run->n_workers;
    for (size_t i = 0; i < run->n_workers; i++)
        sl_arena_init(&run->workers[i].arena);
    int status = sl_run_find_needed(run, err);
    if (run->stored)
        find_hoisted(run);
    for (size_t k = run->late - 1; k < run->end && !status; k++)
        status = sl_run_actual_schema(run, k, &run->actual[k], err);
    run->remade = !status && sl_run_remakes(run);
    if (!status)
        status = sl_run_cache_begin(run, err);
    /* Only now: stages are bound again when what a cache held was of no use. */
    for (size_t i = 0; i < run->n_workers && !status; i++)
        status = sl_scratch_new(&run->workers[i].scratch, p, err);
    if (!status && run->stored)
        status = sl_store_new(&run->store, &run->actual[run->late - 1], run->options.memory / 2, err);
    return status;
}

static void check_books(const struct sl_run *run)
{
    const struct sl_run_result *r = &run->result;
    assert(r->records == r->kept + r->quarantined + r->dropped);
    assert(!run->stored || run->encoded || sl_store_records(run->store) == r->kept);
}

/* The reader stands anywhere after an earlier run, and stages hold what they learned in it. */
static int begin_again(struct sl_pipeline *pipeline, struct sl_error *err)
{
    int status = sl_reader_seek(pipeline->reader, &pipeline->start, err);
    return status ? status : sl_pipeline_forget(pipeline, err);
}

int sl_pipeline_run(struct sl_run **out, struct sl_pipeline *pipeline, const struct sl_run_options *options,
                    struct sl_error *err)
{
    struct sl_run *run = calloc(1, sizeof *run);
    if (!run)
        return sl_fail_memory(err, "a run");
    run->pipeline = pipeline;
    run->options = *options;
    int status = pipeline->ran ? begin_again(pipeline, err) : SL_OK;
    if (!status)
        status = prepare(run, err);
    if (!status)
        status = run->encoded ? sl_run_books(run, err) : sl_run_read(run, err);
    if (!status && run->stored && !run->encoded)
        status = sl_run_split(run, err);
    if (!status && run->stored && !run->encoded)
        status = sl_run_fit(run, err);
    if (!status && run->stored && run->options.sink)
        status = sl_run_encode(run, err);
    if (!status && !run->stored)
        run->result.n_train = run->result.kept;
    sl_run_phase(run, SL_PHASE_DONE, 0);
    run->result.notices = sl_run_cache_notices(run);
    if (status) {
        sl_run_free(run);
        return status;
    }
    check_books(run);
    sl_digest_end(run);
    sl_store_free(run->store); /* what training needs has left through the sink */
    run->store = NULL;
    for (size_t i = 0; i < run->n_workers; i++)
        sl_arena_reset(&run->workers[i].arena, 0);
    sl_memory_trim();
    *out = run;
    return SL_OK;
}

void sl_run_free(struct sl_run *run)
{
    if (!run)
        return;
    struct sl_pipeline *p = run->pipeline;
    for (size_t i = 0; run->workers && i < run->n_workers; i++) {
        struct worker *w = &run->workers[i];
        if (w->label_partial)
            p->stages[p->label].class->fit.drop(&p->stages[p->label], w->label_partial);
        sl_block_release(&w->block);
        sl_arena_release(&w->arena);
        sl_quarantine_release(&w->rejects);
        sl_scratch_free(w->scratch);
    }
    for (size_t i = 0; run->ordered && i < p->n; i++)
        if (run->ordered[i])
            p->stages[i].class->run_end(&p->stages[i], run->ordered[i]);
    for (size_t i = 0; run->actual && i < p->n; i++)
        sl_schema_release(&run->actual[i]);
    sl_run_cache_free(run);
    sl_store_free(run->store);
    sl_quarantine_release(&run->quarantine);
    free(run->ordered);
    free(run->actual);
    free(run->hoisted);
    free(run->needed);
    free(run->workers);
    free(run->marks);
    free(run->hashes);
    free(run->kept);
    free(run->role);
    free(run->test_records);
    free(run->train_records);
    free(run->validation_records);
    free(run);
}

const struct sl_run_result *sl_run_result(const struct sl_run *run)
{
    return &run->result;
}
