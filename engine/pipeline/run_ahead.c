/* run_ahead.c: blocks read before they are asked for, by a thread of their own, so that reading and decompressing go on
 * while every worker is busy with what it has.
 *
 * A ring of blocks: the thread fills, workers take, both in the reader's order. A block taken is exchanged for the
 * worker's last one, so that buffers are used again and none is copied. Which blocks there are does not depend on it.
 */
#include "run_private.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct sl_ahead {
    struct sl_reader *reader;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled, freed;
    struct sl_block *ring;
    size_t depth, first, n; /* n blocks from ring[first] on are ready */
    bool stop;
    uint64_t busy_ns; /* reading */
    int status;       /* of the read behind the ready ones: SL_OK while it goes on */
    struct sl_error err;
};

/* A place to fill, or NULL when it is over. */
static struct sl_block *wait_place(struct sl_ahead *ahead)
{
    pthread_mutex_lock(&ahead->lock);
    while (ahead->n == ahead->depth && !ahead->stop)
        pthread_cond_wait(&ahead->freed, &ahead->lock);
    struct sl_block *place = ahead->stop ? NULL : &ahead->ring[(ahead->first + ahead->n) % ahead->depth];
    pthread_mutex_unlock(&ahead->lock);
    return place;
}

static void *read_ahead(void *ctx)
{
    struct sl_ahead *ahead = ctx;
    struct sl_block *place;
    int status = SL_OK;
    while (!status && (place = wait_place(ahead))) {
        struct sl_error err = SL_ERROR_INIT;
        uint64_t began = sl_now();
        status = sl_reader_next(ahead->reader, place, &err);
        pthread_mutex_lock(&ahead->lock);
        ahead->busy_ns += sl_now() - began;
        ahead->n += !status;
        ahead->status = status;
        ahead->err = err;
        pthread_cond_signal(&ahead->filled);
        pthread_mutex_unlock(&ahead->lock);
    }
    return NULL;
}

int sl_ahead_start(struct sl_ahead **out, struct sl_reader *reader, size_t depth, struct sl_error *err)
{
    struct sl_ahead *ahead = calloc(1, sizeof *ahead);
    struct sl_block *ring = calloc(depth, sizeof *ring);
    if (!ahead || !ring) {
        free(ahead);
        free(ring);
        return sl_fail_memory(err, "reading ahead");
    }
    ahead->reader = reader;
    ahead->ring = ring;
    ahead->depth = depth;
    pthread_mutex_init(&ahead->lock, NULL);
    pthread_cond_init(&ahead->filled, NULL);
    pthread_cond_init(&ahead->freed, NULL);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&ahead->thread, NULL, read_ahead, ahead);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code) {
        ahead->depth = 0;
        sl_ahead_stop(ahead);
        return sl_fail(err, SL_EIO, "the system allows no further thread");
    }
    *out = ahead;
    return SL_OK;
}

int sl_ahead_next(struct sl_ahead *ahead, struct sl_block *block, struct sl_error *err)
{
    pthread_mutex_lock(&ahead->lock);
    while (!ahead->n && !ahead->status)
        pthread_cond_wait(&ahead->filled, &ahead->lock);
    int status = ahead->n ? SL_OK : ahead->status;
    if (!status) {
        struct sl_block spent = *block;
        *block = ahead->ring[ahead->first];
        ahead->ring[ahead->first] = spent;
        ahead->first = (ahead->first + 1) % ahead->depth;
        ahead->n--;
        pthread_cond_signal(&ahead->freed);
    } else if (err && status != SL_EEND) {
        *err = ahead->err;
    }
    pthread_mutex_unlock(&ahead->lock);
    return status;
}

uint64_t sl_ahead_stop(struct sl_ahead *ahead)
{
    if (!ahead)
        return 0;
    if (ahead->depth) {
        pthread_mutex_lock(&ahead->lock);
        ahead->stop = true;
        pthread_cond_broadcast(&ahead->freed);
        pthread_mutex_unlock(&ahead->lock);
        pthread_join(ahead->thread, NULL);
    }
    for (size_t i = 0; i < ahead->depth; i++)
        sl_block_release(&ahead->ring[i]);
    uint64_t busy = ahead->busy_ns;
    pthread_mutex_destroy(&ahead->lock);
    pthread_cond_destroy(&ahead->filled);
    pthread_cond_destroy(&ahead->freed);
    free(ahead->ring);
    free(ahead);
    return busy;
}
