/* loader_ring.c: threads that make batches ahead, in slots, handed on in the order of their numbers.
 *
 * A thread takes an unused slot and the next number; a slot that is ready waits under its number. What was begun is
 * always ended and handed on, so threads may be added and taken away at any time. */
#include "loader_private.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static void free_slot(struct loader_slot *slot)
{
    free(slot->batch.x);
    free(slot->batch.place);
    free(slot->batch.labels);
    free(slot->batch.target);
    free(slot->batch.record);
    free(slot->batch.soft);
    slot->batch = (struct sl_batch){ 0 };
}

static bool new_slot(const struct sl_loader *l, struct loader_slot *slot)
{
    size_t n = l->options.size;
    if (l->options.places)
        slot->batch.place = calloc(n, sizeof *slot->batch.place);
    else
        slot->batch.x = aligned_alloc(64, (n * l->source.width * sizeof(float) + 64) / 64 * 64);
    slot->batch.labels = malloc(n * sizeof(uint32_t));
    slot->batch.target = malloc(n * sizeof(float));
    slot->batch.record = malloc(n * sizeof(uint64_t));
    bool soft = l->options.mixer && l->options.mixer->classes;
    if (soft)
        slot->batch.soft = malloc(n * l->options.mixer->classes * sizeof *slot->batch.soft);
    if ((slot->batch.x || slot->batch.place) && slot->batch.labels && slot->batch.target && slot->batch.record &&
        (!soft || slot->batch.soft))
        return true;
    free_slot(slot);
    return false;
}

static void make(struct loader_worker *w, uint64_t number, struct loader_slot *slot)
{
    struct sl_loader *l = w->loader;
    uint64_t began = sl_now();
    slot->err = (struct sl_error)SL_ERROR_INIT;
    slot->batch.n = loader_list(l, &w->order, number);
    slot->status = l->source.fetch(l->source.ctx, l->pool_threads + w->number, loader_pass(l, number), w->order.row,
                                   slot->batch.n, &slot->batch, &slot->err);
    if (!slot->status)
        loader_mix(l, loader_pass(l, number), &w->order.mixing, &slot->batch);
    l->fetch_ns += sl_now() - began;
}

static bool may_claim(const struct sl_loader *l, const struct loader_worker *w)
{
    return !l->held && w->number < l->active && l->n_unused > 0 && !atomic_load(&l->cancelled);
}

static void *worker_main(void *ctx)
{
    struct loader_worker *w = ctx;
    struct sl_loader *l = w->loader;
    pthread_mutex_lock(&l->lock);
    for (;;) {
        while (!l->stop && !may_claim(l, w))
            pthread_cond_wait(&l->space, &l->lock);
        if (l->stop)
            break;
        uint64_t number = l->claim++;
        struct loader_slot *slot = l->unused[--l->n_unused];
        l->busy++;
        pthread_mutex_unlock(&l->lock);
        make(w, number, slot);
        pthread_mutex_lock(&l->lock);
        l->busy--;
        l->made[number % LOADER_DEPTH_MAX] = slot;
        l->n_made++;
        pthread_cond_broadcast(&l->ready);
    }
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* The lock is held. */
static bool start(struct sl_loader *l)
{
    struct loader_worker *w = &l->threads[l->started];
    sigset_t all, before;
    *w = (struct loader_worker){ .loader = l, .number = l->started };
    if (loader_order_new(l, &w->order, NULL)) {
        loader_order_release(&w->order);
        return false;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&w->thread, NULL, worker_main, w) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started)
        loader_order_release(&w->order);
    l->started += started;
    return started;
}

void loader_ring_set(struct sl_loader *l, int workers, uint32_t depth)
{
    workers = workers < LOADER_WORKERS_MAX ? workers : LOADER_WORKERS_MAX;
    depth = depth < (uint32_t)workers ? (uint32_t)workers : depth;
    depth = depth < l->slots_max ? depth : l->slots_max;
    pthread_mutex_lock(&l->lock);
    while (workers && l->n_slots < depth && new_slot(l, &l->slots[l->n_slots]))
        l->unused[l->n_unused++] = &l->slots[l->n_slots++];
    if (!l->n_slots)
        workers = 0;
    while (l->started < workers && start(l))
        ;
    l->active = workers < l->started ? workers : l->started;
    if (l->claim < l->next) /* batches were made by the caller meanwhile */
        l->claim = l->next;
    pthread_cond_broadcast(&l->space);
    pthread_mutex_unlock(&l->lock);
}

bool loader_ring_has(struct sl_loader *l)
{
    if (!l->started) /* only the caller starts threads */
        return false;
    pthread_mutex_lock(&l->lock);
    bool has = l->active || l->claim > l->next;
    pthread_mutex_unlock(&l->lock);
    return has;
}

static void copy(const struct sl_loader *l, const struct sl_batch *from, struct sl_batch *to)
{
    size_t n = from->n;
    to->n = from->n;
    if (l->options.places)
        memcpy(to->place, from->place, n * sizeof *to->place);
    else
        memcpy(to->x, from->x, n * l->source.width * sizeof *to->x);
    if (to->labels)
        memcpy(to->labels, from->labels, n * sizeof *to->labels);
    if (to->target)
        memcpy(to->target, from->target, n * sizeof *to->target);
    if (to->soft)
        memcpy(to->soft, from->soft, n * l->options.mixer->classes * sizeof *to->soft);
    if (to->record)
        memcpy(to->record, from->record, n * sizeof *to->record);
}

int loader_ring_take(struct sl_loader *l, struct sl_batch *into, struct sl_error *err)
{
    size_t place = l->next % LOADER_DEPTH_MAX;
    pthread_mutex_lock(&l->lock);
    while (!l->made[place] && !atomic_load(&l->cancelled))
        pthread_cond_wait(&l->ready, &l->lock);
    struct loader_slot *slot = l->made[place];
    pthread_mutex_unlock(&l->lock);
    if (atomic_load(&l->cancelled))
        return sl_fail(err, SL_ECANCEL, "loading was cancelled");
    if (slot->status) { /* stays: the stream stands here */
        if (err)
            *err = slot->err;
        return slot->status;
    }
    copy(l, &slot->batch, into);
    pthread_mutex_lock(&l->lock);
    l->made[place] = NULL;
    l->n_made--;
    l->unused[l->n_unused++] = slot;
    pthread_cond_broadcast(&l->space); /* to all: one that is not to work now must not swallow it */
    pthread_mutex_unlock(&l->lock);
    return SL_OK;
}

static void quiet(struct sl_loader *l)
{
    while (l->busy)
        pthread_cond_wait(&l->ready, &l->lock);
    for (size_t i = 0; i < LOADER_DEPTH_MAX; i++)
        if (l->made[i]) {
            l->unused[l->n_unused++] = l->made[i];
            l->made[i] = NULL;
        }
    l->n_made = 0;
}

void loader_ring_seek(struct sl_loader *l, uint64_t number)
{
    pthread_mutex_lock(&l->lock);
    l->held = true;
    quiet(l);
    l->next = l->claim = number;
    l->held = false;
    atomic_store(&l->cancelled, false);
    pthread_cond_broadcast(&l->space);
    pthread_mutex_unlock(&l->lock);
}

void loader_ring_stop(struct sl_loader *l)
{
    pthread_mutex_lock(&l->lock);
    l->stop = true;
    pthread_cond_broadcast(&l->space);
    pthread_mutex_unlock(&l->lock);
    for (int i = 0; i < l->started; i++) {
        pthread_join(l->threads[i].thread, NULL);
        loader_order_release(&l->threads[i].order);
    }
    for (uint32_t i = 0; i < l->n_slots; i++)
        free_slot(&l->slots[i]);
}
