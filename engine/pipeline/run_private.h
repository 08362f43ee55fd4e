/* run_private.h: a run of a pipeline, shared by its phases. */
#ifndef SL_RUN_PRIVATE_H
#define SL_RUN_PRIVATE_H

#include "pipeline_private.h"

#include <stdatomic.h>

struct worker {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_quarantine rejects;
    struct sl_scratch *scratch;
    void *label_partial;
    uint64_t kept, dropped; /* records that left READ, and that its stages dropped */
};

struct sl_run {
    struct sl_pipeline *pipeline;
    struct sl_run_options options;
    struct worker *workers;
    size_t n_workers;
    size_t late, end;           /* stages behind READ are late..end-1 */
    size_t first;               /* first stage that runs: 1, or where kept records come in */
    bool encoded;               /* kept records come in behind the encoders: no READ, SPLIT, FIT */
    bool *needed;               /* per column of the store's schema: its text is kept between the phases */
    struct sl_run_cache *cache; /* NULL: the recipe has none */
    struct sl_progress *own_progress;
    bool stored;              /* chunks go to the store between phases */
    bool remade;              /* large cells of them do not: they are made again */
    bool *hoisted;            /* per stage: its digest ran in READ */
    struct sl_schema *actual; /* per stage: types of its cells as they are, digests included; [late-1] is the store's */
    struct sl_store *store;
    struct sl_mark *marks;
    uint64_t *hashes; /* one per block */
    size_t n_marks, marks_capacity;
    uint64_t *kept; /* record numbers in the store, rising */
    uint8_t *role;  /* of each */
    struct sl_quarantine quarantine;
    struct sl_run_result result;
    uint64_t *test_records, *train_records, *validation_records;
    void **ordered; /* per stage: state of an ordered stage */
    uint64_t began[SL_PHASE_DONE + 1];
};

void sl_run_phase(struct sl_run *run, enum sl_phase phase, uint64_t total);
struct sl_stage_stats *sl_run_stats(struct sl_run *run, size_t stage);
bool sl_run_cancelled(const struct sl_run *run);
/* First error of several threads: that of the earliest chunk. */
struct sl_verdict {
    _Atomic int status;
    uint64_t sequence;
    struct sl_error err;
    atomic_flag lock;
};
void sl_verdict_fail(struct sl_verdict *verdict, int status, uint64_t sequence, const struct sl_error *err);
int sl_verdict_take(struct sl_verdict *verdict, struct sl_error *err);

/* Caches (run_cache.c). Begin: look up what earlier runs kept. Late: before ENCODE. Keep: a chunk as it comes to stage
 * `at`. End: the chunks of READ, or of ENCODE, are complete. Kept: the chunks to go on from; NULL: none. */
int sl_run_cache_begin(struct sl_run *run, struct sl_error *err);
int sl_run_cache_late(struct sl_run *run, struct sl_error *err);
void sl_run_cache_keep(struct sl_run *run, size_t at, const struct sl_chunk *chunk);
void sl_run_cache_end(struct sl_run *run, bool late);
const struct sl_store *sl_run_kept(const struct sl_run *run);
const char *sl_run_cache_notices(const struct sl_run *run);
bool sl_run_has_cache(const struct sl_run *run);
void sl_run_cache_free(struct sl_run *run);

/* Which columns' text a late stage, the label or the learner may look at. */
int sl_run_find_needed(struct sl_run *run, struct sl_error *err);
/* Widths that models settled, into the pipeline's schemas and the run's. */
void sl_run_settle(struct sl_run *run);

/* Up to `depth` blocks read before they are asked for (run_ahead.c). next as sl_reader_next(), by one thread at a time;
 * until stop the reader is not to be touched. stop: nanoseconds spent reading. */
struct sl_ahead;
int sl_ahead_start(struct sl_ahead **out, struct sl_reader *reader, size_t depth, struct sl_error *err);
int sl_ahead_next(struct sl_ahead *ahead, struct sl_block *block, struct sl_error *err);
uint64_t sl_ahead_stop(struct sl_ahead *ahead);

int sl_run_read(struct sl_run *run, struct sl_error *err);
/* What the phases before left of the books, as the result. */
int sl_run_books(struct sl_run *run, struct sl_error *err);
int sl_run_split(struct sl_run *run, struct sl_error *err);
/* The split, `batch`, the learner and `train` saw n records and changed none. */
void sl_run_pass_through(struct sl_run *run, uint64_t n);
int sl_run_fit(struct sl_run *run, struct sl_error *err);
int sl_run_encode(struct sl_run *run, struct sl_error *err);
/* Roles of a chunk's records. */
void sl_run_roles(const struct sl_run *run, const struct sl_chunk *chunk, uint8_t *role);
/* Stored chunk k through stages late..last-1. */
int sl_run_late(struct sl_run *run, size_t k, size_t last, bool counted, struct worker *worker, struct sl_chunk *chunk,
                struct sl_error *err);
/* remake.c: pictures and vectors are not stored where records can be made again: does this run do so; out of a chunk
 * before it is stored; and back into it, from the files. */
bool sl_run_remakes(const struct sl_run *run);
void sl_run_leave_out(struct sl_chunk *chunk);
int sl_run_put_back(struct sl_run *run, struct worker *worker, struct sl_chunk *chunk, struct sl_error *err);
/* Pending digests' columns keep type SL_TOKENS in `to`, a copy of stage k's out. */
int sl_run_actual_schema(const struct sl_run *run, size_t k, struct sl_schema *to, struct sl_error *err);

#endif
