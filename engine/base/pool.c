/* pool.c: worker threads that share the iterations of a loop.
 *
 * A loop is opened and closed under the lock; iterations are claimed from an atomic counter. Workers that notice an
 * open loop join it; the caller works too, then closes it and waits for those that joined, so a worker that wakes late
 * delays nobody. Waiting starts with a short spin, because a loop often follows the last one at once and a sleep costs
 * more than a small loop; with more threads than cores there is no spin.
 *
 * A loop started from inside a body of the same pool runs in that thread, under its worker number: it cannot deadlock.
 */
#include "sluice/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#define SPIN_NANOSECONDS 20000u
enum { THREADS_MAX = 4096, SPINS_PER_CLOCK = 64 };

struct worker {
    struct sl_pool *pool;
    pthread_t thread;
    int number;
};

/* A worker's own part of a shared loop. */
struct part {
    _Alignas(64) atomic_size_t next;
    size_t end;
};

struct sl_pool {
    pthread_mutex_t turn; /* held for a whole loop: a second caller waits here */
    pthread_mutex_t lock; /* guards what follows, the atomics' changes but for `next` included */
    pthread_cond_t opened, left;
    void (*body)(void *ctx, size_t i, int worker);
    void *ctx;
    size_t n;
    bool open, stop;
    size_t sleeping;
    atomic_uint loop; /* number of the newest loop; changes wake spinning workers */
    atomic_int joined;
    atomic_size_t next;
    int threads, started;
    bool spin;
    bool parted;        /* this loop is one of sl_pool_share */
    struct part *parts; /* threads */
    struct worker workers[];
};

static _Thread_local struct {
    const struct sl_pool *pool;
    int worker;
} inside;

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Claim what is left of a part, in rising order. */
static void work_part(struct part *part, void (*body)(void *, size_t, int), void *ctx, int worker)
{
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&part->next, 1, memory_order_relaxed);
        if (i >= part->end)
            break;
        body(ctx, i, worker);
    }
}

/* Run iterations until none is left to claim: the worker's own part first when there are parts. */
static void work(struct sl_pool *pool, void (*body)(void *, size_t, int), void *ctx, size_t n, int worker)
{
    const struct sl_pool *outer_pool = inside.pool;
    int outer_worker = inside.worker;
    inside.pool = pool;
    inside.worker = worker;
    if (pool->parted) {
        for (int k = 0; k < pool->threads; k++)
            work_part(&pool->parts[(worker + k) % pool->threads], body, ctx, worker);
    } else {
        for (;;) {
            size_t i = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
            if (i >= n) {
                break;
            }
            body(ctx, i, worker);
        }
    }
    inside.pool = outer_pool;
    inside.worker = outer_worker;
}

static void spin_for_loop(struct sl_pool *pool, unsigned seen)
{
    uint64_t end = sl_now() + SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < SPINS_PER_CLOCK; i++) {
            if (atomic_load_explicit(&pool->loop, memory_order_acquire) != seen) {
                return;
            }
            relax();
        }
    } while (sl_now() < end);
}

static void spin_for_leavers(struct sl_pool *pool)
{
    uint64_t end = sl_now() + SPIN_NANOSECONDS;
    do {
        for (int i = 0; i < SPINS_PER_CLOCK; i++) {
            if (atomic_load_explicit(&pool->joined, memory_order_acquire) == 0) {
                return;
            }
            relax();
        }
    } while (sl_now() < end);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct sl_pool *pool = worker->pool;
    unsigned seen = 0;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        if (!pool->stop && atomic_load(&pool->loop) == seen && pool->spin) {
            pthread_mutex_unlock(&pool->lock);
            spin_for_loop(pool, seen);
            pthread_mutex_lock(&pool->lock);
        }
        while (!pool->stop && atomic_load(&pool->loop) == seen) {
            pool->sleeping++;
            pthread_cond_wait(&pool->opened, &pool->lock);
            pool->sleeping--;
        }
        if (pool->stop) {
            break;
        }
        seen = atomic_load(&pool->loop);
        if (!pool->open) {
            continue;
        }
        void (*body)(void *, size_t, int) = pool->body;
        void *ctx = pool->ctx;
        size_t n = pool->n;
        atomic_fetch_add(&pool->joined, 1);
        pthread_mutex_unlock(&pool->lock);
        work(pool, body, ctx, n, worker->number);
        pthread_mutex_lock(&pool->lock);
        if (atomic_fetch_sub(&pool->joined, 1) == 1) {
            pthread_cond_signal(&pool->left);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static int start_workers(struct sl_pool *pool)
{
    sigset_t all, before;
    sigfillset(&all);
    int refused = pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 1; i < pool->threads && !refused; i++) {
        struct worker *worker = &pool->workers[i - 1];
        *worker = (struct worker){ .pool = pool, .number = i };
        refused = pthread_create(&worker->thread, NULL, worker_main, worker);
        pool->started += !refused;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return refused;
}

int sl_pool_new(struct sl_pool **out, int threads, struct sl_error *err)
{
    int cores = sl_cores();
    if (threads <= 0) {
        threads = cores < THREADS_MAX ? cores : THREADS_MAX;
    }
    if (threads > THREADS_MAX) {
        sl_fail(err, SL_EPARAM, "%d threads are too many", threads);
        sl_fix(err, "ask for at most %d; this machine has %d cores for the program", THREADS_MAX, cores);
        return SL_EPARAM;
    }
    struct sl_pool *pool = calloc(1, sizeof *pool + (size_t)threads * sizeof pool->workers[0]);
    if (!pool) {
        return sl_fail_memory(err, "starting worker threads");
    }
    pool->parts = aligned_alloc(64, (size_t)threads * sizeof *pool->parts);
    if (!pool->parts) {
        free(pool);
        return sl_fail_memory(err, "starting worker threads");
    }
    pool->threads = threads;
    pool->spin = threads <= cores;
    pthread_mutex_init(&pool->turn, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->opened, NULL);
    pthread_cond_init(&pool->left, NULL);
    if (start_workers(pool)) {
        int started = pool->started + 1;
        sl_pool_free(pool);
        sl_fail(err, SL_EIO, "the system allows %d of %d threads", started, threads);
        sl_fix(err, "ask for fewer with --threads, or raise the limit with ulimit -u");
        return SL_EIO;
    }
    *out = pool;
    return SL_OK;
}

void sl_pool_free(struct sl_pool *pool)
{
    if (!pool) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    atomic_fetch_add(&pool->loop, 1);
    pthread_cond_broadcast(&pool->opened);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++) {
        pthread_join(pool->workers[i].thread, NULL);
    }
    pthread_cond_destroy(&pool->left);
    pthread_cond_destroy(&pool->opened);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->turn);
    free(pool->parts);
    free(pool);
}

int sl_pool_threads(const struct sl_pool *pool)
{
    return pool ? pool->threads : 1;
}

static void open_loop(struct sl_pool *pool, size_t n, void (*body)(void *, size_t, int), void *ctx)
{
    pthread_mutex_lock(&pool->lock);
    pool->body = body;
    pool->ctx = ctx;
    pool->n = n;
    pool->open = true;
    atomic_store(&pool->next, 0);
    atomic_fetch_add(&pool->loop, 1);
    size_t wake = n - 1 < pool->sleeping ? n - 1 : pool->sleeping;
    if (wake == pool->sleeping) {
        pthread_cond_broadcast(&pool->opened);
    } else {
        for (size_t i = 0; i < wake; i++) {
            pthread_cond_signal(&pool->opened);
        }
    }
    pthread_mutex_unlock(&pool->lock);
}

static void close_loop(struct sl_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    if (pool->spin && atomic_load(&pool->joined)) {
        pthread_mutex_unlock(&pool->lock);
        spin_for_leavers(pool);
        pthread_mutex_lock(&pool->lock);
    }
    while (atomic_load(&pool->joined)) {
        pthread_cond_wait(&pool->left, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void loop(struct sl_pool *pool, size_t n, bool parted, void (*body)(void *ctx, size_t i, int worker), void *ctx)
{
    if (!pool || inside.pool == pool) {
        for (size_t i = 0; i < n; i++) {
            body(ctx, i, pool ? inside.worker : 0);
        }
        return;
    }
    if (!n) {
        return;
    }
    pthread_mutex_lock(&pool->turn);
    bool alone = n == 1 || pool->threads == 1;
    pool->parted = parted && !alone;
    size_t threads = (size_t)pool->threads;
    for (size_t w = 0; pool->parted && w < threads; w++) {
        atomic_store_explicit(&pool->parts[w].next, n * w / threads, memory_order_relaxed);
        pool->parts[w].end = n * (w + 1) / threads;
    }
    if (alone) {
        atomic_store(&pool->next, 0);
        work(pool, body, ctx, n, 0);
    } else {
        open_loop(pool, n, body, ctx);
        work(pool, body, ctx, n, 0);
        close_loop(pool);
    }
    pthread_mutex_unlock(&pool->turn);
}

void sl_pool_for(struct sl_pool *pool, size_t n, void (*body)(void *ctx, size_t i, int worker), void *ctx)
{
    loop(pool, n, false, body, ctx);
}

void sl_pool_share(struct sl_pool *pool, size_t n, void (*body)(void *ctx, size_t i, int worker), void *ctx)
{
    loop(pool, n, true, body, ctx);
}
