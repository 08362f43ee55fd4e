/* pipeline.h: statements bound to each other, run over whole inputs or applied to single chunks.
 *
 * A run has up to four phases: READ (source, record stages, digests; ends in a store), SPLIT, FIT (one pass over the
 * training records per group of encoders that depend on each other), ENCODE (every record through the encoders into a
 * sink). Without a fitted stage and a learner READ hands its chunks to the sink at once and nothing is stored. */
#ifndef SLUICE_PIPELINE_H
#define SLUICE_PIPELINE_H

#include "sluice/cache.h"
#include "sluice/pool.h"
#include "sluice/recipe.h"

#define SL_VERSION "0.1.0"

struct sl_pipeline;

struct sl_pipeline_options {
    const char *base;               /* folder of the recipe; NULL: current */
    bool predicting;                /* no split, no ordered stages, target optional */
    const char *const *paths;       /* NULL-terminated: read these files instead of the source's own; may be NULL */
    const struct sl_schema *schema; /* of the source in training: columns are matched by name, absent ones are missing,
                                     * extra ones ignored; NULL: as the source says */
};

/* Bind statements (those not off) in order, opening the sources to know their columns. Order rules: sources first, one
 * label, one split, nothing fitted before split, then `batch`, the learner, `train`. A column that the source itself
 * marks as target, and no label: a label of it stands right behind the sources, a stage without a statement. Errors
 * carry line, stage, parameter and the fix. */
int sl_pipeline_new(struct sl_pipeline **out, const struct sl_statement *statements, size_t n,
                    const struct sl_pipeline_options *options, struct sl_error *err);
void sl_pipeline_free(struct sl_pipeline *pipeline);

size_t sl_pipeline_stages(const struct sl_pipeline *pipeline); /* source, label, split, learner included */
struct sl_stage *sl_pipeline_stage(struct sl_pipeline *pipeline, size_t i);
/* First stage of a kind, or NULL. */
struct sl_stage *sl_pipeline_find(struct sl_pipeline *pipeline, enum sl_stage_kind kind);
/* Params of the recipe's `batch` or `train` statement (SL_BATCH, SL_TRAINER), or that stage's defaults when the recipe
 * has none; *class gets the stage. */
const void *sl_pipeline_settings(struct sl_pipeline *pipeline, enum sl_stage_kind kind,
                                 const struct sl_stage_class **class);
/* Folder the recipe's paths are relative to; NULL: the current one. Borrowed. */
const char *sl_pipeline_base(const struct sl_pipeline *pipeline);
/* Stage that the k-th statement (of those not off) became: implicit stages are passed over. SIZE_MAX: none. */
size_t sl_pipeline_bound(const struct sl_pipeline *pipeline, size_t k);
/* Statements of kind SL_SOURCE: stages 0 to that number less one. */
size_t sl_pipeline_sources(const struct sl_pipeline *pipeline);
/* The reader opened at assembly, of all sources; borrowed. */
struct sl_reader *sl_pipeline_reader(struct sl_pipeline *pipeline);

/* Live figures, read by any thread while a run goes on. */
enum sl_phase {
    SL_PHASE_IDLE,
    SL_PHASE_READ,
    SL_PHASE_SPLIT,
    SL_PHASE_FIT,
    SL_PHASE_ENCODE,
    SL_PHASE_TRAIN,
    SL_PHASE_DONE
};
const char *sl_phase_name(enum sl_phase phase);
struct sl_stage_stats {
    _Atomic uint64_t in, out, changed, dropped, missing, emptied; /* records; the last two: became so in some column */
    _Atomic uint64_t bytes;                                       /* of text that came in */
    _Atomic uint64_t busy_ns;                                     /* over all workers */
    _Atomic uint64_t fit_ns, encode_ns; /* of busy_ns: learning, and behind the split; the rest is of READ */
    _Atomic uint64_t hits, misses;      /* `cache`: records that came from it, that were made anew and kept */
};
struct sl_progress {
    _Atomic int phase;            /* enum sl_phase */
    _Atomic bool cancel;          /* set by anyone: the run ends with SL_ECANCEL soon */
    _Atomic uint64_t done, total; /* of the phase: bytes, or chunks */
    _Atomic uint64_t records, quarantined, dropped;
    _Atomic uint64_t wait_ns;                     /* workers waiting for input or their turn */
    _Atomic uint64_t input_wait_ns, turn_wait_ns; /* of it */
    _Atomic uint64_t input_ns, sink_ns; /* reading and cutting, one worker at a time; handing on to the learner, all */
    _Atomic uint32_t threads;
    _Atomic uint64_t phase_ns[SL_PHASE_DONE + 1];
    struct sl_stage_stats stages[64];
};
#define SL_MAX_STAGES 64

struct sl_run;
struct sl_digests;

#define SL_PREFETCH_AUTO 0        /* a few when the input is compressed: that pays; else none */
#define SL_PREFETCH_NONE SIZE_MAX /* read when asked for */

struct sl_run_options {
    struct sl_pool *pool;
    uint64_t memory;              /* budget in bytes */
    size_t prefetch;              /* blocks to read ahead, by a thread of its own; or one of these */
    struct sl_progress *progress; /* zeroed by the caller */
    /* Chunks that left the last stage before the learner, with each record's role (enum sl_role), from any worker,
     * in any order; sequence orders them. May be NULL. */
    int (*sink)(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err);
    /* A chunk as it comes to the first SL_AUGMENT stage, before the same worker hands it to sink; its cells live until
     * then. May be NULL. */
    void (*before)(void *ctx, const struct sl_chunk *chunk, int worker);
    /* So many records will come to sink, the first of them soon; everything is fitted. Only where records are stored
     * between phases. May be NULL. */
    void (*encoding)(void *ctx, uint64_t records);
    void *ctx;                  /* of all three */
    struct sl_cache *cache;     /* what earlier runs kept in memory; NULL: nothing is kept there */
    bool anew;                  /* nothing is taken from a cache, nor kept */
    struct sl_digests *digests; /* to be filled (digest.h); NULL: none are wanted */
};
enum sl_role { SL_TRAIN = 0, SL_TEST = 1, SL_VALIDATION = 2 };

/* Run. On return of SL_OK the stages hold their models, and in = out + quarantined + dropped (asserted). */
int sl_pipeline_run(struct sl_run **out, struct sl_pipeline *pipeline, const struct sl_run_options *options,
                    struct sl_error *err);
void sl_run_free(struct sl_run *run);

/* What the run found; borrowed from it. */
struct sl_run_result {
    uint64_t records, quarantined, dropped; /* in = records */
    uint64_t kept, n_train, n_test, n_validation;
    const struct sl_quarantine *quarantine;
    uint64_t fingerprint;        /* of the source's bytes, block by block */
    const struct sl_mark *marks; /* one per block, in order */
    size_t n_marks;
    const uint64_t *test_records;  /* original record numbers of the test split, in the split's order */
    const uint64_t *train_records; /* NULL, like the others: everything is for training */
    const uint64_t *validation_records;
    uint64_t cache_hits, cache_misses; /* records */
    uint64_t stored, stored_on_disk;   /* bytes that the run kept between its phases, in memory and in a file */
    const char *notices;               /* lines about caches that could not be used; NULL: none */
};
const struct sl_run_result *sl_run_result(const struct sl_run *run);

/* Apply stages first..last-1 to a chunk (any number of records), as predicting and stepping do: digest and apply in
 * one, unfitted encoders and ordered stages leave the chunk as it is. Scratch is per caller thread. */
struct sl_scratch;
int sl_scratch_new(struct sl_scratch **out, struct sl_pipeline *pipeline, struct sl_error *err);
void sl_scratch_free(struct sl_scratch *scratch);
int sl_pipeline_apply(struct sl_pipeline *pipeline, size_t first, size_t last, struct sl_scratch *scratch,
                      const struct sl_chunk *in, struct sl_chunk *out, struct sl_error *err);

/* Can any record be made again from its number, with the same cells? The source must be one that reads single records,
 * and no cache may have stood in for it. */
bool sl_pipeline_remakes(const struct sl_pipeline *pipeline);
/* Record `number` once more, through stages up to last-1, as everything but training sees it (sl_pipeline_apply), as a
 * chunk of one in the arena. After a run has read the source to its end.
 *
 * Errors  SL_EIO  it cannot be read any more, or has become another: err says why */
int sl_pipeline_remake(struct sl_pipeline *pipeline, uint64_t number, size_t last, struct sl_scratch *scratch,
                       struct sl_arena *arena, struct sl_chunk *out, struct sl_error *err);

/* The first stage that changes training records at random (SL_AUGMENT); SIZE_MAX: none does. */
size_t sl_pipeline_random(const struct sl_pipeline *pipeline);
/* As sl_pipeline_apply, from there on and as training sees it: SL_AUGMENT stages augment, with this draw. */
int sl_pipeline_draw(struct sl_pipeline *pipeline, struct sl_scratch *scratch, const struct sl_draw *draw,
                     const struct sl_chunk *in, struct sl_chunk *out, struct sl_error *err);

/* Models of all fitted stages, as one blob, and back (onto a pipeline of the same statements). */
int sl_pipeline_save(struct sl_pipeline *pipeline, struct sl_buf *to, struct sl_error *err);
int sl_pipeline_load(struct sl_pipeline *pipeline, struct sl_str from, struct sl_error *err);

#endif
