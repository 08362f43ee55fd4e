/* browse_scan.c: the background walk through the input that learns marks, quarantine and column profile.
 *
 * Blocks are taken in rounds of one per worker; profiles are per worker and merged after every round, so what is shown
 * is always that of whole blocks from the start. A cancelled scan goes on behind the last whole round. */
#include "browse_private.h"

#include <signal.h>
#include <stdlib.h>

struct lane {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_quarantine rejects;
    struct sl_profile *profile;
    bool full;
    int status;
    struct sl_error err;
};

struct round {
    struct sl_browser *browser;
    struct lane *lanes;
    size_t n;
};

static void scan_lane(void *ctx, size_t i, int worker)
{
    struct round *round = ctx;
    struct lane *lane = &round->lanes[i];
    struct sl_chunk chunk;
    (void)worker;
    if (!lane->full)
        return;
    sl_arena_reset(&lane->arena, 8u << 20);
    lane->status =
        sl_reader_parse(round->browser->scan.reader, &lane->block, &lane->arena, &chunk, &lane->rejects, &lane->err);
    if (!lane->status)
        lane->status = sl_profile_chunk(lane->profile, &chunk, &lane->err);
}

/* Take over a round's findings, in input order. */
static int merge_round(struct sl_browser *b, struct round *round, struct sl_error *err)
{
    struct atlas *atlas = &b->atlas;
    int status = SL_OK;
    for (size_t i = 0; i < round->n && !status; i++) {
        struct lane *lane = &round->lanes[i];
        if (!lane->full)
            break;
        if (lane->status) {
            *err = lane->err;
            return lane->status;
        }
        status = sl_atlas_learn(atlas, &lane->block, err);
        struct sl_profile *fresh = NULL;
        if (!status)
            status = sl_profile_new(&fresh, &b->scan.reader->schema, err);
        pthread_mutex_lock(&atlas->lock);
        if (!status)
            status = sl_profile_merge(atlas->profile, lane->profile, err);
        if (!status && !atlas->adopted)
            status = sl_quarantine_merge(&atlas->rejects, &lane->rejects, err);
        sl_quarantine_release(&lane->rejects);
        atlas->size = b->scan.reader->size;
        atlas->consumed = b->scan.reader->consumed;
        pthread_mutex_unlock(&atlas->lock);
        if (fresh) {
            sl_profile_free(lane->profile);
            lane->profile = fresh;
        }
        b->scan.next = lane->block.mark.sequence + 1;
    }
    return status;
}

/* Fill the lanes with the next blocks. SL_EEND when the input is used up. */
static int fill_round(struct sl_browser *b, struct round *round, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < round->n; i++) {
        round->lanes[i].full = false;
        if (!status)
            status = sl_reader_next(b->scan.reader, &round->lanes[i].block, err);
        round->lanes[i].full = !status;
    }
    return status;
}

static int scan_rounds(struct sl_browser *b, struct round *round, struct sl_pool *pool, struct sl_error *err)
{
    uint64_t shown = 0;
    for (;;) {
        if (b->scan.cancel)
            return SL_ECANCEL;
        int filled = fill_round(b, round, err);
        if (filled && filled != SL_EEND)
            return filled;
        sl_pool_for(pool, round->n, scan_lane, round);
        int status = merge_round(b, round, err);
        if (status || filled)
            return status ? status : filled;
        uint64_t now = sl_now();
        if (b->scan.wake && now - shown > 30000000) {
            shown = now;
            b->scan.wake(b->scan.ctx);
        }
    }
}

/* A fresh reader before the first block not merged yet. */
static int prepare_reader(struct sl_browser *b, struct sl_error *err)
{
    struct atlas *atlas = &b->atlas;
    if (b->scan.reader)
        sl_reader_close(b->scan.reader);
    b->scan.reader = NULL;
    int status = sl_browser_open_reader(b, &b->scan.reader, err);
    if (status || !b->scan.next)
        return status;
    pthread_mutex_lock(&atlas->lock);
    bool known = b->scan.next < atlas->n;
    struct sl_mark mark = atlas->marks[known ? b->scan.next : atlas->n - 1];
    pthread_mutex_unlock(&atlas->lock);
    status = sl_reader_seek(b->scan.reader, &mark, err);
    if (!status && !known) {
        struct sl_block skipped = { 0 };
        status = sl_reader_next(b->scan.reader, &skipped, err);
        sl_block_release(&skipped);
    }
    return status == SL_EEND ? SL_OK : status;
}

static int run_scan(struct sl_browser *b, struct sl_error *err)
{
    struct round round = { .browser = b };
    struct sl_pool *pool = NULL;
    int status = sl_pool_new(&pool, b->scan.threads, err);
    round.n = status ? 0 : (size_t)sl_pool_threads(pool);
    round.lanes = calloc(round.n + 1, sizeof *round.lanes);
    if (!round.lanes)
        status = sl_fail_memory(err, "a scan");
    for (size_t i = 0; i < round.n && !status; i++) {
        sl_arena_init(&round.lanes[i].arena);
        status = sl_profile_new(&round.lanes[i].profile, &b->reader->schema, err);
    }
    if (!status)
        status = prepare_reader(b, err);
    if (!status)
        status = scan_rounds(b, &round, pool, err);
    for (size_t i = 0; round.lanes && i < round.n; i++) {
        sl_block_release(&round.lanes[i].block);
        sl_arena_release(&round.lanes[i].arena);
        sl_quarantine_release(&round.lanes[i].rejects);
        sl_profile_free(round.lanes[i].profile);
    }
    free(round.lanes);
    sl_pool_free(pool);
    return status;
}

static void *scan_main(void *ctx)
{
    struct sl_browser *b = ctx;
    struct sl_error err = SL_ERROR_INIT;
    int status = run_scan(b, &err);
    pthread_mutex_lock(&b->atlas.lock);
    b->atlas.complete = status == SL_EEND;
    if (status && status != SL_EEND && status != SL_ECANCEL)
        b->atlas.error = err;
    pthread_mutex_unlock(&b->atlas.lock);
    b->scan.running = false;
    if (b->scan.wake)
        b->scan.wake(b->scan.ctx);
    return NULL;
}

int sl_browser_scan(struct sl_browser *b, int threads, void (*wake)(void *ctx), void *ctx, struct sl_error *err)
{
    if (b->scan.running || b->atlas.complete)
        return SL_OK;
    sl_browser_cancel(b);
    b->scan.threads = threads;
    b->scan.wake = wake;
    b->scan.ctx = ctx;
    b->scan.cancel = false;
    b->scan.running = true;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    b->scan.started = pthread_create(&b->scan.thread, NULL, scan_main, b) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (b->scan.started)
        return SL_OK;
    b->scan.running = false;
    return sl_fail(err, SL_ENOMEM, "no thread could be started for the scan");
}

void sl_browser_cancel(struct sl_browser *b)
{
    if (!b->scan.started)
        return;
    b->scan.cancel = true;
    pthread_join(b->scan.thread, NULL);
    b->scan.started = false;
}
