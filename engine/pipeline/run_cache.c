/* run_cache.c: where a run goes on from kept records, and what it keeps for the next.
 *
 * Before the first record is read, every `cache` of the recipe gets its key, and the last one that is found is where
 * the run begins; those behind it are filled. A cache in the READ phase keeps chunks as they come to it; one behind the
 * last encoder keeps encoded chunks, the split and the models, so that only the learner is left to run. One between
 * encoders that still learn is not used, and says so: its records would have to be split and learned from again.
 *
 * Nothing here can fail a run but memory: what cannot be kept or read back is a notice. */
#include "run_cache.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static void notice(struct sl_run_cache *cache, const struct sl_stage *stage, const struct sl_error *err)
{
    sl_buf_printf(&cache->notices, "cache (stage %u): %s%s%s%s%s\n", stage->line, err->what, err->fix[0] ? "; " : "",
                  err->fix, err->file[0] ? ": " : "", err->file);
}

/* ---- Where the points are ---- */

static bool learns(const struct sl_run *run, size_t i)
{
    const struct sl_stage *stage = &run->pipeline->stages[i];
    return sl_stage_fits(stage) || (stage->class->kind == SL_TARGET && i >= run->late);
}

/* False: this statement cannot be used here. */
static bool place_point(struct sl_run *run, size_t i, struct cache_point *point)
{
    struct sl_pipeline *p = run->pipeline;
    size_t before = 0, behind = 0, worked = 0;
    *point = (struct cache_point){ .stage = i, .at = i, .params = p->stages[i].params };
    if (i < run->late)
        return true;
    for (size_t k = run->late; k < i; k++) {
        before += learns(run, k);
        worked += sl_stage_maps(&p->stages[k]) && !sl_stage_is_cache(&p->stages[k]);
    }
    for (size_t k = i + 1; k < run->end; k++)
        behind += learns(run, k);
    point->late = before || worked;
    if (!point->late)
        point->at = run->late; /* the split moves no record */
    return !(point->late && behind);
}

static int add_point(struct sl_run *run, size_t i, struct sl_error *err)
{
    struct sl_run_cache *cache = run->cache;
    struct cache_point *point = &cache->points[cache->n];
    const struct sl_stage *stage = &run->pipeline->stages[i];
    if (!place_point(run, i, point)) {
        struct sl_error why = SL_ERROR_INIT;
        sl_fail(&why, SL_ESTATE, "not used, since a stage behind it still learns from the records");
        sl_fix(&why, "put it before the split, or behind the last encoder");
        notice(cache, stage, &why);
        return SL_OK;
    }
    bool disk = point->params->where == SL_CACHE_DISK;
    if (!disk && !run->options.cache)
        return SL_OK;
    uint64_t limit = (uint64_t)point->params->limit << 20;
    point->limit = limit ? limit : disk ? SL_CACHE_DISK_LIMIT : run->options.memory / 2;
    if (disk && !(point->folder = sl_cache_folder(point->params, run->pipeline->base)))
        return sl_fail_memory(err, "a cache");
    cache->n++;
    sl_buf_add(&point->key, cache->input.p, cache->input.n);
    sl_cache_statements(run->pipeline, point->at, point->late ? run->needed : NULL,
                        run->pipeline->stages[run->late - 1].out.n, &point->key);
    sl_buf_puts(&point->key, point->late ? "encoded\n" : "records\n");
    return point->key.failed ? sl_fail_memory(err, "a cache") : SL_OK;
}

static int list_points(struct sl_run *run, struct sl_error *err)
{
    struct sl_run_cache *cache = run->cache;
    struct sl_error why = SL_ERROR_INIT;
    int status = sl_cache_input(run->pipeline, &cache->input, &why);
    for (size_t i = 1; i < run->end; i++) {
        const struct sl_stage *stage = &run->pipeline->stages[i];
        if (!sl_stage_is_cache(stage))
            continue;
        if (status == SL_EEND)
            notice(cache, stage, &why);
        else if (status || (status = add_point(run, i, err)))
            return status;
    }
    return SL_OK;
}

/* ---- Going on from one ---- */

static const struct sl_schema *schema_at(const struct sl_run *run, const struct cache_point *point)
{
    return point->late ? &run->actual[point->at - 1] : &run->pipeline->stages[point->at - 1].out;
}

static struct sl_kept *find(struct sl_run *run, struct cache_point *point)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_kept *kept = NULL;
    struct sl_str key = { point->key.p, point->key.n };
    if (!point->folder)
        return sl_cache_find(run->options.cache, key);
    int status = sl_cache_read(&kept, point->folder, key, schema_at(run, point), run->options.memory / 4,
                               run->options.pool, &err);
    if (status && status != SL_EEND) {
        sl_fix(&err, "it is ignored, and the records are made anew");
        notice(run->cache, &run->pipeline->stages[point->stage], &err);
    }
    return status ? NULL : kept;
}

/* Widths that the models say and those of the chunks are the same? */
static bool widths_fit(const struct sl_run *run, const struct cache_point *point, const struct sl_kept *kept)
{
    struct sl_arena arena;
    struct sl_chunk chunk;
    const struct sl_schema *schema = schema_at(run, point);
    if (!sl_store_chunks(kept->store))
        return true;
    sl_arena_init(&arena);
    bool fit = sl_store_get(kept->store, 0, &arena, &chunk, NULL) == SL_OK && chunk.schema->n == schema->n;
    for (size_t c = 0; c < schema->n && fit; c++)
        fit = chunk.schema->fields[c].type == schema->fields[c].type &&
              chunk.schema->fields[c].width == schema->fields[c].width;
    sl_arena_release(&arena);
    return fit;
}

/* False: it is not what it seems; the pipeline is as before. */
static bool begin_from(struct sl_run *run, size_t k, struct sl_kept *kept, struct sl_error *err)
{
    struct cache_point *point = &run->cache->points[k];
    int status = sl_kept_belongs(kept, point, run) ? sl_kept_models(kept, point, run, err)
                                                   : sl_fail(err, SL_EFORMAT, "it is of another recipe");
    if (!status && kept->late)
        sl_run_settle(run);
    if (!status && !widths_fit(run, point, kept))
        status = sl_fail(err, SL_EFORMAT, "the features in it have another width than the models");
    if (!status)
        status = sl_kept_give(kept, point, run, err);
    if (status)
        return false;
    run->cache->kept = kept;
    run->cache->hit = k;
    run->first = point->at;
    run->encoded = kept->late;
    struct sl_stage_stats *stats = sl_run_stats(run, point->stage);
    stats->hits = sl_store_records(kept->store);
    run->result.cache_hits = stats->hits;
    return true;
}

static int look_up(struct sl_run *run, struct sl_error *err)
{
    struct sl_run_cache *cache = run->cache;
    for (size_t k = cache->n; k-- > 0;) {
        struct sl_error why = SL_ERROR_INIT;
        struct sl_kept *kept = find(run, &cache->points[k]);
        if (!kept || begin_from(run, k, kept, &why)) {
            if (kept)
                return SL_OK;
            continue;
        }
        sl_kept_drop(kept);
        if (why.status == SL_ENOMEM) {
            *err = why;
            return SL_ENOMEM;
        }
        notice(cache, &run->pipeline->stages[cache->points[k].stage], &why);
        int status = sl_pipeline_forget(run->pipeline, err);
        if (status)
            return status;
    }
    return SL_OK;
}

/* ---- Filling ---- */

static int begin_fill(struct sl_run *run, struct cache_point *point, struct sl_error *err)
{
    const struct sl_schema *schema = schema_at(run, point);
    for (size_t c = 0; c < schema->n; c++)
        if (schema->fields[c].type == SL_TOKENS)
            return SL_OK;
    uint64_t memory = point->folder ? run->options.memory / 8 : UINT64_MAX;
    return sl_store_new(&point->fill, schema, memory, err);
}

static int begin_fills(struct sl_run *run, bool late, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t k = 0; run->cache && k < run->cache->n && !status; k++) {
        struct cache_point *point = &run->cache->points[k];
        if (point->late == late && (!run->cache->kept || k > run->cache->hit) && point->key.n)
            status = begin_fill(run, point, err);
    }
    return status;
}

void sl_run_cache_keep(struct sl_run *run, size_t at, const struct sl_chunk *chunk)
{
    for (size_t k = 0; k < run->cache->n; k++) {
        struct cache_point *point = &run->cache->points[k];
        if (point->at != at || !point->fill || point->broken)
            continue;
        int status = sl_store_put(point->fill, chunk, NULL);
        uint64_t on_disk = 0, bytes = sl_store_bytes(point->fill, &on_disk);
        if (!status && bytes + on_disk > point->limit)
            status = SL_ELIMIT;
        if (status)
            point->broken = status;
        sl_run_stats(run, point->stage)->misses += chunk->n;
    }
}

/* The whole is there: to where it is kept. */
static int put_away(struct sl_run *run, struct cache_point *point, struct sl_error *err)
{
    struct sl_kept *kept = NULL;
    struct sl_buf input = { 0 };
    const struct sl_schema *schema = schema_at(run, point);
    int status = sl_cache_input(run->pipeline, &input, err);
    if (!status &&
        !sl_str_equal((struct sl_str){ input.p, input.n }, (struct sl_str){ run->cache->input.p, run->cache->input.n }))
        status = sl_fail(err, SL_ESTATE, "not kept: the input changed while it was read");
    sl_buf_release(&input);
    if (!status)
        status = sl_kept_take(&kept, run, point, err);
    if (!status && point->folder)
        status = sl_cache_write(kept, point->folder, schema, point->limit, err);
    else if (!status && !sl_cache_put(run->options.cache, kept))
        status = sl_fail(err, SL_ELIMIT, "not kept: the caches in memory may hold no more");
    sl_kept_drop(kept);
    return status;
}

void sl_run_cache_end(struct sl_run *run, bool late)
{
    for (size_t k = 0; run->cache && k < run->cache->n; k++) {
        struct cache_point *point = &run->cache->points[k];
        struct sl_error err = SL_ERROR_INIT;
        if (point->late != late || !point->fill)
            continue;
        int status = point->broken;
        run->result.cache_misses += sl_store_records(point->fill);
        if (status == SL_ELIMIT) {
            sl_fail(&err, status, "not kept: more than its limit of %llu MiB",
                    (unsigned long long)(point->limit >> 20));
            sl_fix(&err, point->folder ? "give a higher limit=" : "give a higher limit=, or where=disk");
        } else if (status) {
            sl_fail(&err, status, "not kept: no room for the records while they were gathered");
        } else {
            status = put_away(run, point, &err);
        }
        if (status)
            notice(run->cache, &run->pipeline->stages[point->stage], &err);
        sl_store_free(point->fill);
        point->fill = NULL;
    }
}

int sl_run_cache_late(struct sl_run *run, struct sl_error *err)
{
    return begin_fills(run, true, err);
}

/* ---- Beginning and end ---- */

bool sl_run_has_cache(const struct sl_run *run)
{
    const struct sl_pipeline *p = run->pipeline;
    bool any = false;
    for (size_t i = 1; i < run->end; i++)
        any |= sl_stage_is_cache(&p->stages[i]);
    return any && !p->predicting && !p->from && !run->options.anew;
}

int sl_run_cache_begin(struct sl_run *run, struct sl_error *err)
{
    if (!sl_run_has_cache(run))
        return SL_OK;
    run->cache = calloc(1, sizeof *run->cache);
    if (run->cache && !run->options.progress)
        run->options.progress = run->own_progress = calloc(1, sizeof *run->own_progress);
    if (!run->cache || !run->options.progress)
        return sl_fail_memory(err, "the caches of a run");
    int status = list_points(run, err);
    if (!status)
        status = look_up(run, err);
    return status ? status : begin_fills(run, false, err);
}

const struct sl_store *sl_run_kept(const struct sl_run *run)
{
    return run->cache && run->cache->kept ? run->cache->kept->store : NULL;
}

const char *sl_run_cache_notices(const struct sl_run *run)
{
    return run->cache && run->cache->notices.n && !run->cache->notices.failed ? run->cache->notices.p : NULL;
}

void sl_run_cache_free(struct sl_run *run)
{
    struct sl_run_cache *cache = run->cache;
    for (size_t k = 0; cache && k < cache->n; k++) {
        free(cache->points[k].folder);
        sl_buf_release(&cache->points[k].key);
        sl_store_free(cache->points[k].fill);
    }
    if (cache) {
        sl_kept_drop(cache->kept);
        sl_buf_release(&cache->input);
        sl_buf_release(&cache->notices);
    }
    free(cache);
    free(run->own_progress);
}
