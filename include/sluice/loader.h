/* loader.h: rows as an endless stream of batches, made ahead of whoever trains on them.
 *
 * Terms are tf.data's: shuffle, batch, prefetch, parallel map, AUTOTUNE. Batches are numbered from 0 over all passes:
 * the state of the stream is (seed, number), and any place in it is reached at once.
 *
 * Same    what a batch holds follows from source, seed and number alone: never from workers, depth, time or threads
 * Threads sl_loader_next and the rest are for one thread; sl_loader_cancel and sl_loader_counts for any
 * Source  shuffle: a keyed permutation by a Feistel network (Luby and Rackoff 1988) with cycle walking (Black and
 *         Rogaway 2002), keys from Philox; Fisher–Yates where there are few rows */
#ifndef SLUICE_LOADER_H
#define SLUICE_LOADER_H

#include "sluice/device.h"
#include "sluice/learn.h"

/* --- order --- */
#define SL_PERMUTATION_TABLE 1024u
/* The order of one pass over n rows. Every number below n is at exactly one place. */
struct sl_permutation {
    uint64_t n;
    uint32_t low, high; /* bits of the two halves; 0: the table counts */
    uint64_t key[12];
    uint16_t table[SL_PERMUTATION_TABLE];
};
void sl_permutation_init(struct sl_permutation *out, uint64_t n, uint64_t seed, uint32_t pass);
/* The row at a place below n. */
uint64_t sl_permutation_at(const struct sl_permutation *permutation, uint64_t place);
/* Those at n places from `first` on. */
void sl_permutation_run(const struct sl_permutation *permutation, uint64_t first, size_t n, uint64_t *row);

/* --- where rows come from --- */
/* Arrays of the caller's for n rows. */
struct sl_batch {
    uint32_t n;
    float *x;           /* n × width; NULL: not wanted */
    const void **place; /* where each row lies, of sources that say so; NULL: not wanted */
    uint32_t *labels;   /* classes; NULL: not wanted */
    float *target;      /* numbers to predict; NULL: not wanted */
    float *soft;        /* n × classes: shares of them, of a loader that mixes rows; NULL: not wanted */
    uint64_t *record;   /* their numbers in the input; NULL: not wanted */
};
struct sl_row_source {
    uint64_t n; /* rows */
    uint32_t width;
    bool costs;            /* making a row is work worth a thread, also where training uses all cores */
    bool stays;            /* its rows lie in memory for as long as it lives: places can be had of them … */
    struct sl_places form; /* … in this form */
    void *ctx;
    /* Make n rows of a pass: at out's arrays, whose n is not looked at. Called for different rows by several threads at
     * once, each with a worker number of its own, so that what decodes or augments has scratch memory. An augmentation
     * is keyed by (seed, pass, row). */
    int (*fetch)(void *ctx, int worker, uint32_t pass, const uint64_t *row, uint32_t n, const struct sl_batch *out,
                 struct sl_error *err);
    /* There will be at most n workers. May be NULL. */
    int (*workers)(void *ctx, int n, struct sl_error *err);
    void (*free)(void *ctx);
};
/* Rows of a matrix that have a label below n_classes (regression: a target), in input order. The matrix is borrowed. */
int sl_row_source_matrix(struct sl_row_source *out, const struct sl_matrix *matrix, uint32_t n_classes,
                         struct sl_error *err);
/* The training rows of a dataset: as above, or each epoch others where stages change them at random. */
int sl_row_source_dataset(struct sl_row_source *out, const struct sl_dataset *data, struct sl_error *err);
/* Those of a dataset that keeps none. */
int sl_row_source_remade(struct sl_row_source *out, const struct sl_dataset *data, struct sl_error *err);
void sl_row_source_release(struct sl_row_source *source);
/* Where rows first..first+n-1 of a block lie, and in what form; false: a sparse block has no such places. */
bool sl_rows_places(const struct sl_matrix *matrix, const struct sl_rows *rows, uint32_t first, uint32_t n,
                    const void **place, struct sl_places *form);
/* Rows as floats, n × width, from a block in any layout: rows first..first+n-1. */
void sl_rows_dense(const struct sl_matrix *matrix, const struct sl_rows *rows, uint32_t first, uint32_t n, float *x);

/* --- the stream --- */
/* Rows of a batch that are mixed with each other (mixup, cutmix): by the SL_AUGMENT stages that say so. */
#define SL_MIXES_MOST 8u
struct sl_mixer {
    uint32_t n;
    struct sl_mix mix[SL_MIXES_MOST];
    uint32_t place[SL_MIXES_MOST];      /* of the stages' random numbers */
    uint32_t classes;                   /* 0: numbers to predict are mixed */
    uint32_t width;                     /* of a row */
    uint32_t height, breadth, channels; /* of the picture it is; 0: none, and only SL_MIX_BLEND */
};
/* What a dataset's stages say; n 0: nothing is mixed. SL_ESCHEMA: of another column than the learner's. */
int sl_mixer_init(struct sl_mixer *out, const struct sl_dataset *data, struct sl_error *err);

#define SL_LOADER_AUTO (-1)
struct sl_loader_options {
    uint32_t size; /* rows of a batch */
    bool shuffle, drop_remainder;
    bool places; /* batches are wanted as places, not as x; sources whose rows stay */
    uint64_t seed;
    int workers;                  /* threads of its own; 0: next() makes batches itself; SL_LOADER_AUTO */
    int prefetch;                 /* batches ahead; 0: none; SL_LOADER_AUTO */
    int spare;                    /* of the threads allowed, those that whoever trains leaves idle */
    uint64_t memory;              /* for batches ahead; 0: 64 MiB */
    struct sl_pool *pool;         /* that next() may use for large batches; NULL: none */
    const struct sl_mixer *mixer; /* borrowed; NULL: rows stay as they are. Mixed ones cannot be had as places */
};
struct sl_loader;
/* source is borrowed. Errors: SL_EDATA no rows, or fewer than a batch with drop_remainder. */
int sl_loader_new(struct sl_loader **out, const struct sl_row_source *source, const struct sl_loader_options *options,
                  struct sl_error *err);
void sl_loader_free(struct sl_loader *loader);
/* Batches of a pass. */
uint64_t sl_loader_batches(const struct sl_loader *loader);
/* Rows of batch `number`, and their places in the source into row (options.size) unless NULL. */
uint32_t sl_loader_rows(const struct sl_loader *loader, uint64_t number, uint64_t *row);
/* Record numbers of batch `number` (options.size; *n of them), without making it: those who train do not need them. */
int sl_loader_records(const struct sl_loader *loader, uint64_t number, uint64_t *record, uint32_t *n,
                      struct sl_error *err);
/* next() goes on with this batch. */
void sl_loader_seek(struct sl_loader *loader, uint64_t number);
/* The next batch into the caller's arrays (room for options.size rows); sets n. Blocks until it is there.
 *
 * Errors  those of fetch, as long as the stream stands there; SL_ECANCEL was cancelled */
int sl_loader_next(struct sl_loader *loader, struct sl_batch *into, struct sl_error *err);
/* The time until the next call is no part of training: it does not count when the loader tunes itself. */
void sl_loader_rest(struct sl_loader *loader);
/* A next() that waits returns SL_ECANCEL, and so do all that follow, until a seek. */
void sl_loader_cancel(struct sl_loader *loader);

struct sl_loader_counts {
    uint64_t batches, rows, bytes; /* delivered */
    uint64_t wait_ns;              /* in next(): waiting, copying, or making a batch there */
    uint64_t fetch_ns;             /* making batches, over all threads */
    uint32_t workers, depth;       /* now; 0, 0: next() makes batches itself */
    uint32_t ready;                /* batches that wait to be taken */
    uint64_t held;                 /* bytes of batches ahead: at most the memory given */
};
void sl_loader_counts(struct sl_loader *loader, struct sl_loader_counts *out);

#endif
