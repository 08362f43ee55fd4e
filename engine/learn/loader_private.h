/* loader_private.h: a loader's parts: the ring of batches made ahead, its threads, and what tunes them. */
#ifndef SL_LOADER_PRIVATE_H
#define SL_LOADER_PRIVATE_H

#include "sluice/loader.h"

#include <pthread.h>
#include <stdatomic.h>

#define LOADER_DEPTH_MAX   64
#define LOADER_WORKERS_MAX 32

struct loader_slot {
    struct sl_batch batch;
    int status;
    struct sl_error err;
};

/* What mixing a batch needs beside it; all NULL where nothing is mixed. */
struct loader_mixing {
    float *row, *share; /* the first row's, and its classes' */
    uint32_t *labels;
    uint64_t *record;
};

/* The order of the pass a thread is in, and room for the rows of a batch. */
struct loader_order {
    bool set;
    uint32_t pass;
    struct sl_permutation permutation;
    uint64_t *row;
    struct loader_mixing mixing;
};

struct loader_worker {
    struct sl_loader *loader;
    pthread_t thread;
    int number; /* among the ring's threads */
    struct loader_order order;
};

enum loader_try { TRY_NOTHING, TRY_WORKERS, TRY_DEPTH };

/* What the tuner knows; see loader_tune.c. */
struct loader_tuner {
    bool workers, depth;                /* what it may change */
    uint64_t left;                      /* when next() last returned; 0: nobody trained since */
    uint64_t step_ns, wait_ns, batches; /* of this window */
    bool settling;                      /* the window after a change tells nothing */
    enum loader_try trying;
    double rate;    /* before what is tried */
    uint32_t quiet; /* windows to leave it alone */
};

struct sl_loader {
    struct sl_row_source source;
    struct sl_loader_options options;
    uint64_t batches; /* of a pass */
    uint64_t next;    /* number of the batch next() gives */
    struct loader_order own;
    int pool_threads;
    uint32_t slots_max; /* that memory has room for; 0: nothing is made ahead */
    size_t slot_bytes;
    struct loader_tuner tuner;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t space, ready;
    struct loader_slot slots[LOADER_DEPTH_MAX];
    uint32_t n_slots;
    struct loader_slot *unused[LOADER_DEPTH_MAX];
    uint32_t n_unused;
    struct loader_slot *made[LOADER_DEPTH_MAX]; /* by number; NULL: not there yet */
    uint32_t n_made;
    uint64_t claim; /* the next number to be made; = next: nothing is under way */
    uint32_t busy;
    bool held, stop;
    int active, started;
    struct loader_worker threads[LOADER_WORKERS_MAX];

    atomic_bool cancelled;
    _Atomic uint64_t delivered, rows, wait_ns, fetch_ns;
};

/* Rows of a batch, by this order. */
uint32_t loader_list(const struct sl_loader *loader, struct loader_order *order, uint64_t number);
int loader_order_new(const struct sl_loader *loader, struct loader_order *order, struct sl_error *err);
void loader_order_release(struct loader_order *order);
/* Pass of a batch. */
static inline uint32_t loader_pass(const struct sl_loader *loader, uint64_t number)
{
    return (uint32_t)(number / loader->batches);
}

/* loader_mix.c. Memory for it; what is asked of the source for such a batch; mixing it. */
int loader_mix_room(const struct sl_loader *loader, struct loader_mixing *room, struct sl_error *err);
void loader_mix_release(struct loader_mixing *room);
struct sl_batch loader_mix_wants(const struct sl_loader *loader, const struct loader_mixing *room,
                                 const struct sl_batch *into);
void loader_mix(const struct sl_loader *loader, uint32_t pass, const struct loader_mixing *room,
                const struct sl_batch *batch);

/* What making a row writes of it. */
static inline size_t loader_row_bytes(const struct sl_loader *loader)
{
    return loader->options.places ? sizeof(void *) : loader->source.width * sizeof(float);
}

/* loader_ring.c. So many threads and slots from now on; fewer when the system or the memory has no more. */
void loader_ring_set(struct sl_loader *loader, int workers, uint32_t depth);
/* The next batch from the ring. */
int loader_ring_take(struct sl_loader *loader, struct sl_batch *into, struct sl_error *err);
/* Is the next batch in the ring, or on its way there? */
bool loader_ring_has(struct sl_loader *loader);
void loader_ring_seek(struct sl_loader *loader, uint64_t number);
void loader_ring_stop(struct sl_loader *loader);

/* loader_tune.c */
void loader_tune_begin(struct sl_loader *loader);
/* A call of next() from `began` to `ended` is over. */
void loader_tune(struct sl_loader *loader, uint64_t began, uint64_t ended);

#endif
