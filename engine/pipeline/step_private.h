/* step_private.h: what the stepper, breakpoints and the audit share: what a stage did to records, and the parallel pass
 * that shows every record at every stage. */
#ifndef SL_STEP_PRIVATE_H
#define SL_STEP_PRIVATE_H

#include "browse_private.h"

#include "sluice/step.h"

#include <stdatomic.h>

/* ---- What a stage did (step_flags.c) ---- */

/* For each column that comes out of a stage, the one of the same name that came in, or -1. */
struct sl_stage_map {
    long *from;
    size_t n;
};
/* One per stage up to the learner, [0] empty; free with sl_maps_free. NULL: out of memory. */
struct sl_stage_map *sl_maps_new(const struct sl_pipeline *pipeline);
void sl_maps_free(struct sl_stage_map *maps, const struct sl_pipeline *pipeline);

enum sl_flag { SL_FLAG_CHANGED, SL_FLAG_DROPPED, SL_FLAG_MISSING, SL_FLAG_EMPTY, SL_FLAG_NONFINITE, SL_FLAGS };
/* The mark of a flag is 1 << flag. */
struct sl_flags {
    uint64_t bit[SL_FLAGS][SL_CHUNK_RECORDS / 64]; /* by row of the chunk before (of the source: of the raw one) */
    uint16_t row[SL_CHUNK_RECORDS];                /* row before, of each row after */
};
/* `before` NULL: at the source. `want`: bits 1 << flag to fill in; the others stay 0. */
void sl_flags_find(const struct sl_stage_map *map, const struct sl_chunk *before, const struct sl_chunk *after,
                   unsigned want, struct sl_flags *flags);
static inline bool sl_flag_at(const struct sl_flags *flags, enum sl_flag flag, uint32_t i)
{
    return flags->bit[flag][i >> 6] >> (i & 63) & 1;
}

/* May an expression compiled for `schema` look at this chunk? */
bool sl_expr_fits(const struct sl_expr *expr, const struct sl_schema *schema, const struct sl_chunk *chunk);
/* Drop the records of a chunk that the stage's verdicts name. */
int sl_verdicts_apply(const struct sl_verdicts *verdicts, size_t stage, struct sl_chunk *chunk, struct sl_error *err);

/* ---- Train or test (step_roles.c) ---- */

/* Role of a record, or -1. */
int sl_role_of(const uint64_t *roles, size_t n, uint64_t record);
/* Roles of a run's records, sorted; free(). */
int sl_roles_new(uint64_t **out, size_t *n, const struct sl_run_result *run, struct sl_error *err);

/* ---- The pass (step_pass.c) ---- */

enum sl_pass_event { SL_PASS_SOURCE, SL_PASS_STAGE, SL_PASS_FAILED, SL_PASS_END };

/* What a visitor is shown. A block's events are: the source; its stages, each with the whole chunk or, where a stage
 * failed on the chunk, with one record after the other; the end. */
struct sl_pass_view {
    enum sl_pass_event event;
    size_t stage;
    int worker;
    uint64_t sequence;
    const struct sl_chunk *raw;            /* the block's chunk */
    const struct sl_chunk *before, *after; /* STAGE: the same when it did not run. FAILED: `before` has the record */
    const struct sl_quarantine *rejects;   /* SOURCE */
    const struct sl_error *err;            /* FAILED */
    struct sl_arena *arena;                /* lives until the block ends */
};

struct sl_pass_worker {
    struct sl_block block;
    struct sl_arena arena;
    struct sl_quarantine rejects;
    struct sl_scratch *scratch;
};

struct sl_pass {
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    const struct sl_mark *mark;         /* NULL: the start */
    size_t last;                        /* stages 1..last-1 run */
    const struct sl_verdicts *verdicts; /* for ordered stages; may be NULL */
    bool ordered;                       /* run ordered stages; only from the start of the input */
    struct sl_step_progress *progress;
    int (*visit)(void *ctx, const struct sl_pass_view *view, struct sl_error *err);
    void *ctx;
    _Atomic uint64_t stop; /* blocks behind this one are not begun; UINT64_MAX at first */
    /* Its own. */
    struct sl_reader *reader;
    struct sl_pass_worker *workers;
    size_t n_workers;
    pthread_mutex_t input, turn_lock;
    pthread_cond_t turn_moved;
    uint64_t turn[SL_MAX_STAGES];
    void *ordered_run[SL_MAX_STAGES]; /* state of ordered stages */
    bool ended;
    _Atomic int status; /* the first failure */
    struct sl_error err;
};
int sl_pass_init(struct sl_pass *pass, size_t workers, struct sl_error *err);
void sl_pass_release(struct sl_pass *pass);
/* From the mark to the end, or to `stop`. */
int sl_pass_run(struct sl_pass *pass, struct sl_error *err);
/* One block that the worker holds; for passes that choose their blocks. */
int sl_pass_block(struct sl_pass *pass, int worker, struct sl_error *err);

/* ---- Breakpoints (breakpoint.c, breakpoint_parse.c, breakpoint_test.c) ---- */

struct sl_breakpoint {
    struct sl_break public;
    struct sl_expr **exprs; /* EXPR: per stage, NULL where it makes no sense */
    char *text, *expr;
};
struct sl_breaks {
    struct sl_pipeline *pipeline;
    struct sl_stage_map *maps;
    struct sl_breakpoint *at[SL_MAX_BREAKS];
    size_t n;
};
/* Cut a text into stage and condition. */
int sl_break_parse(const struct sl_breaks *breaks, const char *text, struct sl_breakpoint *out, struct sl_error *err);
/* Compile an expression at every stage in first..end-1 where it makes sense; at least at one. */
int sl_exprs_compile(struct sl_expr ***out, const char *text, const struct sl_pipeline *pipeline, size_t first,
                     size_t end, struct sl_error *err);
void sl_exprs_free(struct sl_expr **exprs, const struct sl_pipeline *pipeline);

/* The best place found so far, and counts of hits; of one worker. */
struct sl_break_best {
    struct sl_place from, to; /* only places from <= place < to count */
    bool backward;            /* the last place is the best */
    bool found, count;
    struct sl_place place;
    uint64_t which;
    uint64_t hits[SL_MAX_BREAKS];
    struct sl_flags flags;
    struct sl_arena arena;
};
/* Last stage with a breakpoint that is on, plus one; 0: there is none. */
size_t sl_breaks_reach(const struct sl_breaks *breaks);
/* Look at one event of a pass. */
int sl_breaks_look(const struct sl_breaks *breaks, const struct sl_pass_view *view, struct sl_break_best *best,
                   struct sl_error *err);
/* Order of places: negative, 0, positive. */
int sl_place_compare(const struct sl_place *a, const struct sl_place *b);
/* a takes over what b found. */
void sl_best_merge(struct sl_break_best *a, const struct sl_break_best *b);

/* The last hit before a place. `marks`: of the blocks from the first to that of the place, without gaps. */
int sl_breaks_scan_back(struct sl_breaks *breaks, const struct sl_scan_options *options, const struct sl_place *to,
                        const struct sl_mark *marks, size_t n_marks, struct sl_break_hit *hit, struct sl_error *err);

/* ---- The stepper (step.c, step_walk.c, step_view.c, step_change.c, step_diff.c, step_watch.c) ---- */

/* A record and what every stage made of it. */
struct sl_walk {
    uint64_t record;
    bool loaded, rejected;
    struct sl_reject reject;
    struct sl_origin origin;
    struct held_block *held;
    struct sl_arena arena;
    struct sl_chunk *after; /* per stage 0..last; n == 0 where it was dropped */
    unsigned *marks;        /* per stage: SL_MARK_ERROR, SKIPPED, UNDECIDED, DROPPED */
    size_t last;            /* stage the record got to */
    struct sl_error err;    /* of that stage */
};

struct sl_watch {
    char *text;
    struct sl_expr **exprs;
};

struct sl_stepper {
    struct sl_pipeline *pipeline;
    struct sl_browser *browser;
    bool owns_browser;
    struct sl_scratch *scratch;
    struct sl_stage_map *maps;
    const struct sl_verdicts *verdicts;
    uint64_t *roles; /* record << 2 | role, sorted */
    size_t n_roles;
    uint64_t n_train;
    struct sl_walk walk;
    struct sl_flags flags;
    struct sl_step here;
    struct sl_arena view; /* of `here` */
    struct sl_watch *watches;
    size_t n_watches;
};

/* The record through all stages, into an empty walk. SL_EEND: there is no such record. */
int sl_walk_load(struct sl_stepper *stepper, uint64_t record, struct sl_walk *walk, struct sl_error *err);
void sl_walk_release(struct sl_walk *walk);
/* Sub-operations of a stage on the record at hand. */
int sl_walk_substeps(struct sl_stepper *stepper, const struct sl_walk *walk, size_t stage, uint32_t *n,
                     struct sl_error *err);
/* Fill `here` for a place of the record at hand. */
int sl_stepper_show(struct sl_stepper *stepper, const struct sl_place *place, struct sl_error *err);
/* Columns that differ between two chunks of one record; those of the stage at hand. */
int sl_changes_find(struct sl_stepper *stepper, size_t stage, const struct sl_chunk *before,
                    const struct sl_chunk *after, struct sl_step *out, struct sl_error *err);
/* What differs between two texts, in order, on borders of characters. */
int sl_text_diff(struct sl_str a, struct sl_str b, struct sl_arena *arena, const struct sl_text_edit **edits, size_t *n,
                 struct sl_error *err);

#endif
