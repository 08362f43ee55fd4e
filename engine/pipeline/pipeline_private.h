/* pipeline_private.h: what assembly, runs and single applications of a pipeline share. */
#ifndef SL_PIPELINE_PRIVATE_H
#define SL_PIPELINE_PRIVATE_H

#include "sluice/pipeline.h"

#define NO_STAGE SIZE_MAX

struct sl_pipeline {
    struct sl_stage *stages;       /* the first n_sources are sources */
    size_t n, n_sources, n_opened; /* n_opened: sources that are read, the others being replaced by files given */
    size_t label, split, batch, learner, trainer; /* NO_STAGE when there is none */
    size_t random;                                /* the first SL_AUGMENT */
    struct sl_reader *reader;                     /* of all sources */
    size_t n_files;
    uint16_t *file_source;   /* per file of the reader: its source */
    uint8_t *source_role;    /* per source: enum sl_role, from `as=` */
    struct sl_schema source; /* what the stages see of the source: the reader's schema, or that of training */
    long *from;              /* for each column of `source`, the reader's column, or -1; NULL: one to one */
    struct sl_arena arena;   /* changed parameters */
    char *base;              /* folder the source's paths are relative to; NULL: the current one */
    struct sl_mark start;    /* where the records begin, once a run has read them */
    bool ran, predicting;
};

struct sl_scratch {
    struct sl_pipeline *pipeline;
    void **stage; /* one per stage */
};

/* Does the stage look at records at all? `split`, `batch` and sources behind the first let them pass. */
static inline bool sl_stage_maps(const struct sl_stage *stage)
{
    enum sl_stage_kind kind = stage->class->kind;
    return kind != SL_SOURCE && kind != SL_SPLIT && kind != SL_BATCH && kind != SL_LEARNER && kind != SL_TRAINER;
}
/* Which source a file of the reader belongs to. */
static inline size_t sl_file_source(const struct sl_pipeline *pipeline, uint32_t file)
{
    return file < pipeline->n_files ? pipeline->file_source[file] : 0;
}
/* Are there other records than those for training? */
bool sl_pipeline_divides(const struct sl_pipeline *pipeline);

/* order.c: places of the stages there can be one of; then what depends on which column is the label. */
int sl_order_check(struct sl_pipeline *pipeline, struct sl_error *err);
int sl_order_check_label(struct sl_pipeline *pipeline, struct sl_error *err);

/* sources.c: open what the sources name (or `paths`), as one reader. */
int sl_sources_open(struct sl_pipeline *pipeline, const struct sl_pipeline_options *options, struct sl_error *err);
/* sources_other.c: other files in place of the sources' own. */
int sl_sources_replace(struct sl_pipeline *pipeline, const char *const *paths, const char *base, struct sl_error *err);
/* A label of the column that the source marks as target, when no statement names one. */
int sl_sources_target(struct sl_pipeline *pipeline, struct sl_error *err);

/* Does the stage need a pass over the training records? */
bool sl_stage_fits(const struct sl_stage *stage);
/* First stage that is no part of the READ phase: behind the split, or the first that fits; at most the learner. */
size_t sl_pipeline_first_late(const struct sl_pipeline *pipeline);
/* The stage behind the last that maps records: the place of `batch`, of the learner, or the end. */
size_t sl_pipeline_end(const struct sl_pipeline *pipeline);

/* Every stage as freshly bound: a second run learns anew. */
int sl_pipeline_forget(struct sl_pipeline *pipeline, struct sl_error *err);
/* Widths that fitting settled flow on to the schemas behind. */
void sl_pipeline_settle(struct sl_pipeline *pipeline);

/* Another reader of the same sources, with the same types. */
int sl_pipeline_open_again(struct sl_pipeline *pipeline, struct sl_reader **out, struct sl_error *err);

/* Do two stages work on a common column, as far as their parameters tell (unknown: yes)? */
bool sl_stages_share_columns(const struct sl_stage *a, const struct sl_stage *b);
/* The column names a stage was given; NULL: it works on columns of its own choice. */
const struct sl_names *sl_stage_named_columns(const struct sl_stage *stage);

/* The reader's chunk as the stages see it. */
int sl_pipeline_adopt(const struct sl_pipeline *pipeline, struct sl_chunk *chunk, struct sl_error *err);

/* One stage on one chunk, counted in stats (may be NULL). digest_only: stop after the digest. */
enum sl_apply_mode { SL_APPLY_WHOLE, SL_APPLY_DIGEST, SL_APPLY_DIGESTED };
int sl_stage_apply(const struct sl_stage *stage, void *scratch, enum sl_apply_mode mode, struct sl_chunk *chunk,
                   struct sl_stage_stats *stats, struct sl_error *err);
/* Count what changed between two views of the same chunk, before and after a stage. */
void sl_stage_tally(const struct sl_chunk *before, const struct sl_chunk *after, struct sl_stage_stats *stats);
/* Can the stage run on this chunk by itself? Not before it has learned, nor behind an encoder that has not. */
bool sl_stage_applies(const struct sl_stage *stage, const struct sl_chunk *chunk);
/* What training records get of an SL_AUGMENT stage, instead of apply. */
int sl_stage_draw(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                  struct sl_error *err);
/* Put the stage's name and line into an error that has none. */
int sl_stage_blame(const struct sl_stage *stage, int status, struct sl_error *err);

#endif
