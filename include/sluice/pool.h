/* pool.h: a fixed set of worker threads for loops whose iterations are independent.
 *
 * Determinism: results must be stored by index and reduced by the caller in index order; `worker` is for scratch only.
 */
#ifndef SLUICE_POOL_H
#define SLUICE_POOL_H

#include "sluice/error.h"

struct sl_pool;

/* threads ≤ 0: as many as the process may run on. The caller of sl_pool_for works too, so threads - 1 are started.
 * Workers block every signal. */
int sl_pool_new(struct sl_pool **out, int threads, struct sl_error *err);
void sl_pool_free(struct sl_pool *pool);
int sl_pool_threads(const struct sl_pool *pool);

/* Run body(ctx, i, worker) for every i in 0..n-1, worker in 0..threads-1, handed out in rising order of i; returns when
 * all are done. Not reentrant: one loop at a time per pool (a second caller waits). A NULL pool runs in the caller. */
void sl_pool_for(struct sl_pool *pool, size_t n, void (*body)(void *ctx, size_t i, int worker), void *ctx);

/* The same, but worker w begins with the w-th part of 0..n-1 and helps others only when through with it: what one
 * worker wrote in one loop is in its cache when the next loop comes to the same places. */
void sl_pool_share(struct sl_pool *pool, size_t n, void (*body)(void *ctx, size_t i, int worker), void *ctx);

/* Do something long on a thread of its own, which blocks every signal, and return what it returned. Meanwhile the
 * caller waits in wait(), again and again: it sleeps a tenth of a second or until `done` is readable, shows how far it
 * is, and may tell the work to stop, by whatever the work looks at. */
int sl_aside(int (*work)(void *ctx, struct sl_error *err), void *ctx, void (*wait)(void *ctx, int done), void *wait_ctx,
             struct sl_error *err);

/* Cores this process may use (affinity and cgroup quota), at least 1. */
int sl_cores(void);
/* Bytes of memory this process may use (RAM or cgroup limit). */
uint64_t sl_memory_total(void);
/* Peak resident bytes of this process so far. */
uint64_t sl_memory_peak(void);
/* Give freed memory back to the system, after something large has gone. */
void sl_memory_trim(void);
/* Monotonic nanoseconds. */
uint64_t sl_now(void);

#endif
