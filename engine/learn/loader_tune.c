/* loader_tune.c: how many threads make batches ahead, and how many batches: AUTOTUNE.
 *
 * It begins with none: the trainer makes each batch itself, which is the quickest while that takes microseconds. The
 * time is cut into windows. When the trainer spent more of a window than a threshold in waiting (or in making batches),
 * another thread is tried, then twice the depth; the window after next shows whether that made the training faster by a
 * thirtieth. What did not is taken back, and left alone for a while. Where the trainer uses all cores no thread is
 * tried: it would take from the computing what it gives to the loading. A source whose rows cost something (decoding,
 * random changes) has one thread from the start, and keeps it: the trainer's loops have ends at which a core is idle.
 */
#include "loader_private.h"

#define WINDOW_NS      UINT64_C(100000000)
#define WINDOW_BATCHES 8u
#define GAIN           1.03
#define QUIET          50u
#define SHARE_SPARE    0.02

static uint32_t depth_for(int workers)
{
    return 2 * (uint32_t)workers + 2;
}

/* Threads there are at the least. */
static int least(const struct sl_loader *l)
{
    return l->source.costs && l->options.prefetch != 0 ? 1 : 0;
}

/* Threads that whoever trains leaves idle. */
static int spare(const struct sl_loader *l)
{
    return l->source.costs && l->options.spare < 1 ? 1 : l->options.spare;
}

void loader_tune_begin(struct sl_loader *l)
{
    const struct sl_loader_options *o = &l->options;
    struct loader_tuner *t = &l->tuner;
    int workers = o->workers > 0 ? o->workers : 0;
    if (o->workers == SL_LOADER_AUTO)
        workers = o->prefetch > 0 || least(l);
    t->workers = o->workers == SL_LOADER_AUTO && o->prefetch != 0;
    t->depth = o->prefetch == SL_LOADER_AUTO && o->workers != 0;
    loader_ring_set(l, workers, o->prefetch > 0 ? (uint32_t)o->prefetch : depth_for(workers));
}

static void forget(struct loader_tuner *t)
{
    t->step_ns = t->wait_ns = t->batches = 0;
}

static void settle(struct loader_tuner *t)
{
    t->settling = true;
    forget(t);
}

static uint32_t depth(const struct sl_loader *l, int workers)
{
    return l->tuner.depth ? depth_for(workers) : (uint32_t)(l->options.prefetch > 0 ? l->options.prefetch : 1);
}

/* What comes after `tried`, which did not help (TRY_NOTHING: nothing was tried, or it did). */
static void try_next(struct sl_loader *l, enum loader_try tried, double rate, double share)
{
    struct loader_tuner *t = &l->tuner;
    int most = spare(l) + l->pool_threads;
    most = most < LOADER_WORKERS_MAX ? most : LOADER_WORKERS_MAX;
    if (spare(l) <= 0 || share < SHARE_SPARE)
        return;
    t->rate = rate;
    if (tried == TRY_NOTHING && t->workers && l->active < most) {
        t->trying = TRY_WORKERS;
        loader_ring_set(l, l->active + 1, depth(l, l->active + 1));
    } else if (tried != TRY_DEPTH && t->depth && l->active && 2 * l->n_slots <= l->slots_max) {
        t->trying = TRY_DEPTH;
        loader_ring_set(l, l->active, 2 * l->n_slots);
    } else {
        t->quiet = QUIET;
        return;
    }
    settle(t);
}

/* A window is over: keep what is being tried, or take it back and try something else. */
static void judge(struct sl_loader *l)
{
    struct loader_tuner *t = &l->tuner;
    double all = (double)(t->step_ns + t->wait_ns), rate = (double)t->batches / all;
    double share = (double)t->wait_ns / all;
    forget(t);
    if (t->settling) {
        t->settling = false;
        return;
    }
    if (t->quiet) {
        t->quiet--;
        return;
    }
    enum loader_try tried = t->trying;
    t->trying = TRY_NOTHING;
    if (rate >= t->rate * GAIN)
        tried = TRY_NOTHING;
    if (tried == TRY_WORKERS && l->active > least(l))
        loader_ring_set(l, l->active - 1, 0);
    try_next(l, tried, rate, share);
}

void loader_tune(struct sl_loader *l, uint64_t began, uint64_t ended)
{
    struct loader_tuner *t = &l->tuner;
    if (!t->workers && !t->depth)
        return;
    if (t->left) {
        t->step_ns += began - t->left;
        t->wait_ns += ended - began;
        t->batches++;
    }
    t->left = ended;
    if (t->batches >= WINDOW_BATCHES && t->step_ns + t->wait_ns >= WINDOW_NS)
        judge(l);
}
