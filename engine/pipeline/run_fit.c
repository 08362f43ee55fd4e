/* run_fit.c: the FIT and ENCODE phases.
 *
 * Encoders that do not work on each other's columns learn in one pass over the stored chunks; one that builds on
 * another waits for a pass of its own, in which the stages before it are applied again. Partial results are kept per
 * worker when merging them is exact, else per chunk, and merged in input order: the result never depends on the
 * threads. */
#include "cache_private.h"
#include "digest_private.h"
#include "run_private.h"

#include <stdlib.h>

struct fitting {
    struct sl_run *run;
    const struct sl_store *store; /* what this pass reads */
    size_t from, to;              /* stages applied to its chunks before fitting: from..to-1 */
    size_t batch[SL_MAX_STAGES];  /* stages that learn in this pass */
    size_t n;
    void **partials[SL_MAX_STAGES]; /* per batch member: per worker or per chunk */
    size_t n_partials[SL_MAX_STAGES];
    struct sl_store *digests; /* a digest pass puts chunks here instead */
    struct sl_verdict verdict;
};

int sl_run_late(struct sl_run *run, size_t k, size_t last, bool counted, struct worker *w, struct sl_chunk *chunk,
                struct sl_error *err)
{
    sl_arena_reset(&w->arena, 64u << 20);
    size_t first = run->encoded ? run->first : run->late;
    int status = sl_store_get(run->encoded ? sl_run_kept(run) : run->store, k, &w->arena, chunk, err);
    if (run->encoded)
        chunk->schema = &run->actual[first - 1];
    if (!status && run->remade)
        status = sl_run_put_back(run, w, chunk, err);
    for (size_t i = first; i < last && !status; i++) {
        const struct sl_stage *stage = &run->pipeline->stages[i];
        struct sl_stage_stats *stats = counted ? sl_run_stats(run, i) : NULL;
        uint64_t began = stats ? sl_now() : 0;
        if (counted && run->cache)
            sl_run_cache_keep(run, i, chunk);
        if (!sl_stage_maps(stage))
            continue;
        const struct sl_chunk before = *chunk;
        if (counted && run->options.before && i == run->pipeline->random)
            run->options.before(run->options.ctx, chunk, (int)(w - run->workers));
        status = sl_stage_apply(stage, w->scratch->stage[i], run->hoisted[i] ? SL_APPLY_DIGESTED : SL_APPLY_WHOLE,
                                chunk, stats, err);
        chunk->schema = &run->actual[i];
        if (!status && counted && run->options.digests)
            sl_digest_stage(run->options.digests, i, &before, chunk);
        if (stats)
            stats->encode_ns += sl_now() - began;
    }
    return status;
}

static void advance(struct sl_run *run)
{
    if (run->options.progress)
        run->options.progress->done++;
}

/* The chunk this pass is to learn from. */
static int fit_input(struct fitting *f, size_t k, struct worker *w, struct sl_chunk *chunk, struct sl_error *err)
{
    if (f->store == f->run->store)
        return sl_run_late(f->run, k, f->to, false, w, chunk, err);
    sl_arena_reset(&w->arena, 64u << 20);
    return sl_store_get(f->store, k, &w->arena, chunk, err);
}

static int learn(struct fitting *f, size_t member, size_t k, int worker, const struct sl_chunk *chunk,
                 const uint64_t *rows, struct sl_error *err)
{
    const struct sl_stage *stage = &f->run->pipeline->stages[f->batch[member]];
    const struct sl_fit *fit = &stage->class->fit;
    void **partial = &f->partials[member][fit->exact ? (size_t)worker : k];
    struct sl_stage_stats *stats = sl_run_stats(f->run, f->batch[member]);
    uint64_t began = stats ? sl_now() : 0;
    int status = *partial ? SL_OK : fit->begin(stage, partial, err);
    if (!status)
        status = fit->chunk(stage, *partial, chunk, stage->class->kind == SL_TARGET ? NULL : rows, err);
    if (stats) {
        uint64_t spent = sl_now() - began;
        stats->fit_ns += spent;
        stats->busy_ns += spent;
    }
    return sl_stage_blame(stage, status, err);
}

static int fit_one(struct fitting *f, size_t k, int worker, struct sl_error *err)
{
    struct sl_run *run = f->run;
    struct worker *w = &run->workers[worker];
    struct sl_chunk chunk;
    uint8_t role[SL_CHUNK_RECORDS];
    uint64_t rows[SL_CHUNK_RECORDS / 64] = { 0 };
    int status = fit_input(f, k, w, &chunk, err);
    if (status)
        return status;
    sl_run_roles(run, &chunk, role);
    for (uint32_t i = 0; i < chunk.n; i++)
        if (role[i] == SL_TRAIN)
            rows[i >> 6] |= UINT64_C(1) << (i & 63);
    for (size_t m = 0; m < f->n && !status; m++)
        status = learn(f, m, k, worker, &chunk, rows, err);
    advance(run);
    return status;
}

static void fit_body(void *ctx, size_t k, int worker)
{
    struct fitting *f = ctx;
    struct sl_error err = SL_ERROR_INIT;
    if (f->verdict.status)
        return;
    int status = sl_run_cancelled(f->run) ? sl_fail(&err, SL_ECANCEL, "the run was cancelled")
                                          : fit_one(f, k, worker, &err);
    if (status)
        sl_verdict_fail(&f->verdict, status, k, &err);
}

static void digest_body(void *ctx, size_t k, int worker)
{
    struct fitting *f = ctx;
    struct sl_run *run = f->run;
    struct worker *w = &run->workers[worker];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_chunk chunk;
    if (f->verdict.status)
        return;
    int status = sl_run_cancelled(run) ? sl_fail(&err, SL_ECANCEL, "the run was cancelled")
                                       : sl_run_late(run, k, f->to, false, w, &chunk, &err);
    if (!status)
        status = sl_stage_apply(&run->pipeline->stages[f->to], w->scratch->stage[f->to], SL_APPLY_DIGEST, &chunk, NULL,
                                &err);
    if (!status) {
        status = sl_store_put(f->digests, &chunk, &err);
    }
    if (status)
        sl_verdict_fail(&f->verdict, status, k, &err);
}

static int gather(struct sl_run *run, size_t i, struct sl_error *err)
{
    struct sl_stage *stage = &run->pipeline->stages[i];
    void *scratches[1024];
    size_t n = run->n_workers < 1024 ? run->n_workers : 1024;
    for (size_t w = 0; w < n; w++)
        scratches[w] = run->workers[w].scratch->stage[i];
    return stage->class->gather ? sl_stage_blame(stage, stage->class->gather(stage, scratches, n, err), err) : SL_OK;
}

/* Merge one member's partials in order and finish it. */
static int finish(struct fitting *f, size_t m, struct sl_error *err)
{
    struct sl_stage *stage = &f->run->pipeline->stages[f->batch[m]];
    const struct sl_fit *fit = &stage->class->fit;
    void *total = NULL;
    int status = SL_OK;
    for (size_t i = 0; i < f->n_partials[m] && !status; i++) {
        void *part = f->partials[m][i];
        if (!part)
            continue;
        if (!total) {
            total = part;
            f->partials[m][i] = NULL;
        } else {
            status = fit->merge(stage, total, part, err);
        }
    }
    if (!status && !total)
        status = fit->begin(stage, &total, err);
    if (!status)
        status = fit->end(stage, total, err);
    if (total)
        fit->drop(stage, total);
    return sl_stage_blame(stage, status, err);
}

static void drop_partials(struct fitting *f)
{
    for (size_t m = 0; m < f->n; m++) {
        const struct sl_stage *stage = &f->run->pipeline->stages[f->batch[m]];
        for (size_t i = 0; f->partials[m] && i < f->n_partials[m]; i++)
            if (f->partials[m][i])
                stage->class->fit.drop(stage, f->partials[m][i]);
        free(f->partials[m]);
    }
}

/* Digest of a stage that could not run in READ: a pass of its own. */
static int digest_pass(struct fitting *f, struct sl_error *err)
{
    struct sl_run *run = f->run;
    struct sl_schema schema = { 0 };
    run->hoisted[f->to] = true; /* so that the schema says SL_TOKENS */
    int status = sl_run_actual_schema(run, f->to - 1, &schema, err);
    run->hoisted[f->to] = false;
    if (!status)
        status = sl_store_new(&f->digests, &schema, run->options.memory / 4, err);
    if (!status) {
        sl_pool_for(run->options.pool, sl_store_chunks(run->store), digest_body, f);
        status = sl_verdict_take(&f->verdict, err);
    }
    if (!status)
        status = sl_store_seal(f->digests, err);
    f->store = f->digests;
    sl_schema_release(&schema);
    return status;
}

static int fit_pass(struct fitting *f, struct sl_error *err)
{
    struct sl_run *run = f->run;
    const struct sl_stage *first = &run->pipeline->stages[f->batch[0]];
    int status = SL_OK;
    if (first->class->digest && !run->hoisted[f->batch[0]])
        status = digest_pass(f, err);
    for (size_t m = 0; m < f->n && !status; m++)
        if (run->pipeline->stages[f->batch[m]].class->digest)
            status = gather(run, f->batch[m], err);
    size_t chunks = status ? 0 : sl_store_chunks(f->store);
    sl_run_phase(run, SL_PHASE_FIT, chunks);
    for (size_t m = 0; m < f->n && !status; m++) {
        f->n_partials[m] = run->pipeline->stages[f->batch[m]].class->fit.exact ? run->n_workers : chunks;
        f->partials[m] = calloc(f->n_partials[m] + 1, sizeof(void *));
        if (!f->partials[m])
            status = sl_fail_memory(err, "fitting");
    }
    if (!status) {
        sl_pool_for(run->options.pool, chunks, fit_body, f);
        status = sl_verdict_take(&f->verdict, err);
    }
    for (size_t m = 0; m < f->n && !status; m++)
        status = finish(f, m, err);
    drop_partials(f);
    sl_store_free(f->digests);
    return status;
}

static bool wants_fit(const struct sl_run *run, size_t i)
{
    const struct sl_stage *stage = &run->pipeline->stages[i];
    return sl_stage_fits(stage) || (stage->class->kind == SL_TARGET && i >= run->late);
}

/* The first stage from `from` on that learns, and those behind it that can learn in the same pass. */
static void choose_batch(struct fitting *f, const bool *done)
{
    struct sl_run *run = f->run;
    const struct sl_stage *stages = run->pipeline->stages;
    f->n = 0;
    for (size_t i = run->late; i < run->end; i++) {
        if (!wants_fit(run, i) || done[i])
            continue;
        bool together = f->n == 0 ||
                        ((run->hoisted[i] || !stages[i].class->digest) && stages[i].class->kind != SL_TARGET &&
                         stages[f->batch[0]].class->kind != SL_TARGET);
        for (size_t j = f->n ? f->batch[0] : i; j < i && together; j++)
            together = sl_stage_is_cache(&stages[j]) ||
                       (stages[j].class->kind != SL_RECORD && !sl_stages_share_columns(&stages[j], &stages[i]));
        if (!together)
            continue;
        if (f->n == 0)
            f->to = i;
        f->batch[f->n++] = i;
        if (stages[i].class->digest && !run->hoisted[i])
            return;
    }
}

/* Widths are known only now. */
void sl_run_settle(struct sl_run *run)
{
    struct sl_pipeline *p = run->pipeline;
    sl_pipeline_settle(p);
    for (size_t k = run->late; k < run->end; k++)
        for (size_t c = 0; c < run->actual[k].n; c++)
            run->actual[k].fields[c].width = p->stages[k].out.fields[c].width;
}

int sl_run_fit(struct sl_run *run, struct sl_error *err)
{
    bool done[SL_MAX_STAGES + 1] = { false };
    for (;;) {
        struct fitting f = { .run = run, .store = run->store };
        choose_batch(&f, done);
        if (f.n == 0)
            return SL_OK;
        int status = fit_pass(&f, err);
        if (status)
            return status;
        for (size_t m = 0; m < f.n; m++)
            done[f.batch[m]] = true;
        sl_run_settle(run);
    }
}

static int encode_one(struct fitting *f, size_t k, int worker, struct sl_error *err)
{
    struct sl_run *run = f->run;
    struct sl_chunk chunk;
    uint8_t role[SL_CHUNK_RECORDS];
    int status = sl_run_late(run, k, run->end, true, &run->workers[worker], &chunk, err);
    if (status)
        return status;
    sl_run_roles(run, &chunk, role);
    advance(run);
    uint64_t began = sl_now();
    status = run->options.sink(run->options.ctx, &chunk, role, worker, err);
    if (run->options.progress)
        run->options.progress->sink_ns += sl_now() - began;
    if (!status && !run->encoded)
        sl_store_drop(run->store, k); /* this was the last pass: what the sink keeps of it is not there twice */
    return status;
}

static void encode_body(void *ctx, size_t k, int worker)
{
    struct fitting *f = ctx;
    struct sl_error err = SL_ERROR_INIT;
    if (f->verdict.status)
        return;
    int status = sl_run_cancelled(f->run) ? sl_fail(&err, SL_ECANCEL, "the run was cancelled")
                                          : encode_one(f, k, worker, &err);
    if (status)
        sl_verdict_fail(&f->verdict, status, k, &err);
}

int sl_run_encode(struct sl_run *run, struct sl_error *err)
{
    struct fitting f = { .run = run, .store = run->store };
    size_t chunks = sl_store_chunks(run->encoded ? sl_run_kept(run) : run->store);
    sl_run_phase(run, SL_PHASE_ENCODE, chunks);
    int status = run->encoded ? SL_OK : sl_run_cache_late(run, err);
    if (status)
        return status;
    if (run->options.encoding)
        run->options.encoding(run->options.ctx, run->result.kept);
    sl_pool_for(run->options.pool, chunks, encode_body, &f);
    status = sl_verdict_take(&f.verdict, err);
    if (!status)
        sl_run_cache_end(run, true);
    return status;
}
