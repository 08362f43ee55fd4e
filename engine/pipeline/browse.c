/* browse.c: a browser's life, its blocks, and what it knows of the input. */
#include "browse_private.h"

#include <stdlib.h>

int sl_browser_open_reader(struct sl_browser *b, struct sl_reader **out, struct sl_error *err)
{
    return sl_pipeline_open_again(b->pipeline, out, err);
}

int sl_browser_new(struct sl_browser **out, struct sl_pipeline *pipeline, const struct sl_pipeline_options *options,
                   struct sl_error *err)
{
    struct sl_browser *b = calloc(1, sizeof *b);
    (void)options;
    if (!b)
        return sl_fail_memory(err, "a browser");
    pthread_mutex_init(&b->atlas.lock, NULL);
    b->pipeline = pipeline;
    int status = sl_browser_open_reader(b, &b->reader, err);
    if (!status)
        status = sl_scratch_new(&b->scratch, pipeline, err);
    if (!status)
        status = sl_profile_new(&b->atlas.profile, &pipeline->source, err);
    if (status) {
        sl_browser_free(b);
        return status;
    }
    b->atlas.size = b->reader->size;
    *out = b;
    return SL_OK;
}

void sl_held_block_drop(struct held_block *held)
{
    if (!held || --held->users > 0)
        return;
    sl_block_release(&held->block);
    sl_arena_release(&held->arena);
    sl_quarantine_release(&held->rejects);
    free(held);
}

void sl_browser_free(struct sl_browser *b)
{
    if (!b)
        return;
    sl_browser_cancel(b);
    for (size_t i = 0; i < CACHED_BLOCKS; i++)
        sl_held_block_drop(b->cache[i]);
    if (b->reader)
        sl_reader_close(b->reader);
    if (b->scan.reader)
        sl_reader_close(b->scan.reader);
    sl_scratch_free(b->scratch);
    sl_profile_free(b->atlas.profile);
    sl_quarantine_release(&b->atlas.rejects);
    free(b->atlas.marks);
    pthread_mutex_destroy(&b->atlas.lock);
    free(b);
}

int sl_browser_pipeline(struct sl_browser *b, struct sl_pipeline *pipeline, struct sl_error *err)
{
    struct sl_scratch *scratch = NULL;
    int status = sl_scratch_new(&scratch, pipeline, err);
    if (status)
        return status;
    sl_scratch_free(b->scratch);
    b->scratch = scratch;
    b->pipeline = pipeline;
    for (size_t i = 0; i < CACHED_BLOCKS; i++) {
        sl_held_block_drop(b->cache[i]); /* its chunk has the old pipeline's schema */
        b->cache[i] = NULL;
    }
    return SL_OK;
}

static int atlas_push(struct atlas *atlas, const struct sl_mark *mark, struct sl_error *err)
{
    if (atlas->n == atlas->capacity) {
        size_t capacity = atlas->capacity ? atlas->capacity * 2 : 256;
        struct sl_mark *marks = realloc(atlas->marks, capacity * sizeof *marks);
        if (!marks)
            return sl_fail_memory(err, "the index of blocks");
        atlas->marks = marks;
        atlas->capacity = capacity;
    }
    atlas->marks[atlas->n++] = *mark;
    return SL_OK;
}

int sl_atlas_learn(struct atlas *atlas, const struct sl_block *block, struct sl_error *err)
{
    int status = SL_OK;
    pthread_mutex_lock(&atlas->lock);
    if (block->mark.sequence == atlas->n) {
        status = atlas_push(atlas, &block->mark, err);
        atlas->records = block->mark.record + block->records;
    }
    pthread_mutex_unlock(&atlas->lock);
    return status;
}

/* A copy of everything the run rejected, in place of what a scan has found so far. */
static int adopt_rejects(struct atlas *atlas, const struct sl_quarantine *from, struct sl_error *err)
{
    struct sl_quarantine copy = { 0 };
    int status = SL_OK;
    for (size_t i = 0; from && i < from->n && !status; i++)
        status = sl_quarantine_add(&copy, &from->entries[i], err);
    if (status) {
        sl_quarantine_release(&copy);
        return status;
    }
    copy.total = from ? from->total : 0;
    sl_quarantine_release(&atlas->rejects);
    atlas->rejects = copy;
    atlas->adopted = true;
    return SL_OK;
}

int sl_browser_adopt(struct sl_browser *b, const struct sl_run_result *run, struct sl_error *err)
{
    struct atlas *atlas = &b->atlas;
    int status = SL_OK;
    sl_browser_cancel(b);
    pthread_mutex_lock(&atlas->lock);
    for (size_t k = atlas->n; k < run->n_marks && !status; k++)
        status = atlas_push(atlas, &run->marks[k], err);
    if (!status && !atlas->complete)
        status = adopt_rejects(atlas, run->quarantine, err);
    atlas->records = run->records;
    pthread_mutex_unlock(&atlas->lock);
    return status;
}

size_t sl_browser_block_of(struct sl_browser *b, uint64_t record)
{
    struct atlas *atlas = &b->atlas;
    pthread_mutex_lock(&atlas->lock);
    size_t low = 0, high = atlas->n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (atlas->marks[middle].record <= record)
            low = middle;
        else
            high = middle;
    }
    pthread_mutex_unlock(&atlas->lock);
    return low;
}

/* Stand before block k: seek to it, or to the last known one before it. */
static int stand_before(struct sl_browser *b, size_t k, struct sl_error *err)
{
    struct atlas *atlas = &b->atlas;
    struct sl_mark mark = { 0 };
    bool known = false;
    pthread_mutex_lock(&atlas->lock);
    if (atlas->n) {
        mark = atlas->marks[k < atlas->n ? k : atlas->n - 1];
        known = true;
    }
    pthread_mutex_unlock(&atlas->lock);
    return known ? sl_reader_seek(b->reader, &mark, err) : SL_OK;
}

static int read_block(struct sl_browser *b, size_t k, struct held_block *held, struct sl_error *err)
{
    int status = stand_before(b, k, err);
    while (!status) {
        status = sl_reader_next(b->reader, &held->block, err);
        if (!status)
            status = sl_atlas_learn(&b->atlas, &held->block, err);
        if (!status && held->block.mark.sequence == k)
            break;
        if (!status && held->block.mark.sequence > k)
            status = SL_EEND;
    }
    if (!status)
        status = sl_reader_parse(b->reader, &held->block, &held->arena, &held->chunk, &held->rejects, err);
    if (!status)
        status = sl_pipeline_adopt(b->pipeline, &held->chunk, err);
    return status;
}

static void cache_front(struct sl_browser *b, size_t i)
{
    struct held_block *held = b->cache[i];
    memmove(b->cache + 1, b->cache, i * sizeof *b->cache);
    b->cache[0] = held;
}

int sl_browser_block(struct sl_browser *b, size_t k, struct held_block **out, struct sl_error *err)
{
    for (size_t i = 0; i < CACHED_BLOCKS; i++)
        if (b->cache[i] && b->cache[i]->block.mark.sequence == k) {
            cache_front(b, i);
            b->cache[0]->users++;
            *out = b->cache[0];
            return SL_OK;
        }
    struct held_block *held = calloc(1, sizeof *held);
    if (!held)
        return sl_fail_memory(err, "a block");
    held->users = 1;
    sl_arena_init(&held->arena);
    int status = read_block(b, k, held, err);
    if (status) {
        sl_held_block_drop(held);
        return status;
    }
    sl_held_block_drop(b->cache[CACHED_BLOCKS - 1]);
    b->cache[CACHED_BLOCKS - 1] = held;
    cache_front(b, CACHED_BLOCKS - 1);
    held->users++;
    *out = held;
    return SL_OK;
}

void sl_browser_state(struct sl_browser *b, struct sl_scan_state *out)
{
    struct atlas *atlas = &b->atlas;
    pthread_mutex_lock(&atlas->lock);
    *out = (struct sl_scan_state){ .running = b->scan.running,
                                   .complete = atlas->complete,
                                   .records = atlas->records,
                                   .quarantined = atlas->rejects.total,
                                   .error = atlas->error,
                                   .fraction = atlas->complete ? 1
                                               : atlas->size   ? (double)atlas->consumed / (double)atlas->size
                                                               : __builtin_nan("") };
    pthread_mutex_unlock(&atlas->lock);
}

bool sl_browser_profile(struct sl_browser *b, size_t column, struct sl_column_profile *out)
{
    bool found = false;
    pthread_mutex_lock(&b->atlas.lock);
    if (column < sl_profile_columns(b->atlas.profile)) {
        sl_profile_column(b->atlas.profile, column, out);
        found = true;
    }
    pthread_mutex_unlock(&b->atlas.lock);
    return found;
}

size_t sl_browser_rejects(struct sl_browser *b, size_t first, struct sl_reject *out, size_t n)
{
    size_t got = 0;
    pthread_mutex_lock(&b->atlas.lock);
    const struct sl_quarantine *rejects = &b->atlas.rejects;
    for (; got < n && first + got < rejects->n; got++)
        out[got] = rejects->entries[first + got];
    pthread_mutex_unlock(&b->atlas.lock);
    return got;
}
