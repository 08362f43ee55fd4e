/* digest.h: what a run came to, as hashes: to see later whether another run comes to the same, and where not.
 *
 * Sums of 64-bit hashes bound to record numbers, so that they do not depend on threads, budget or the order in which
 * workers finish; those of records, of stages that leave text and numbers, and of the split not on the size of blocks
 * either. A stage's digest is over the cells it made anew (see chunk.h): two runs with the same data and equal digests
 * of every stage up to k put out the same cells there. Not proof against somebody who forges them. */
#ifndef SLUICE_DIGEST_H
#define SLUICE_DIGEST_H

#include "sluice/pipeline.h"

#include <pthread.h>

#define SL_BLOCK_CHECKS 512u /* groups of a block's records at most; the first blocks have each record by itself */
#define SL_EXACT_BLOCKS 16u

/* A block of the source. */
struct sl_block_digest {
    uint64_t hash; /* of its bytes */
    struct sl_mark mark;
    uint32_t records; /* bad ones included */
    /* Of its good records, in n_checks groups of equal size but for the last: a byte each, to find the place where two
     * blocks differ. */
    uint32_t good, n_checks;
    uint8_t *checks;
};

/* Filled by a run that is given one (sl_run_options.digests), which must be fresh. */
struct sl_digests {
    struct sl_block_digest *blocks; /* in order; none when a cache brought the records back */
    size_t n_blocks, capacity;
    _Atomic uint64_t records; /* of the source's good records, in whatever order they come */
    _Atomic uint64_t stage[SL_MAX_STAGES];
    bool known[SL_MAX_STAGES];              /* the stage ran; else a cache took its place, or it changes no record */
    uint64_t n_train, n_test, train, test;  /* the split: which records, in which order */
    _Atomic uint64_t train_rows, test_rows; /* what the learner gets */
    pthread_mutex_t lock;
};

int sl_digests_new(struct sl_digests **out, struct sl_error *err);
void sl_digests_free(struct sl_digests *digests);

/* Good records in a group of block `sequence`, which has `good` of them. */
uint32_t sl_digest_group(uint64_t sequence, uint32_t good);

/* --- for the phases of a run --- */
int sl_digest_source(struct sl_digests *digests, const struct sl_block *block, uint64_t hash,
                     const struct sl_chunk *chunk, struct sl_error *err);
/* What stage i made of a chunk. */
void sl_digest_stage(struct sl_digests *digests, size_t i, const struct sl_chunk *before, const struct sl_chunk *after);

/* --- of features and of what was learned (engine/learn) --- */
struct sl_rows;
struct sl_matrix;
struct sl_learner;
/* layout: of the matrix whose rows they are. test: rows for validation, too. */
void sl_digest_rows(struct sl_digests *digests, const struct sl_matrix *layout, const struct sl_rows *rows, bool test);
/* The models in a blob of sl_pipeline_save(): hash[i] of stage i, where has[i]. False: the blob is damaged. */
bool sl_digest_models(struct sl_str saved, uint64_t hash[SL_MAX_STAGES], bool has[SL_MAX_STAGES]);
/* Weights and intercepts of a linear model of `width` features. False: it is none. */
bool sl_digest_weights(const struct sl_learner *learner, uint32_t n_classes, uint32_t width, uint64_t *hash);

/* The hash everything here is made of; the second takes no vectors, to be compared with. */
uint64_t sl_digest_bytes(const void *p, size_t n);
uint64_t sl_digest_bytes_portable(const void *p, size_t n);

#endif
