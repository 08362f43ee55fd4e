/* step.h: debugging a pipeline as one debugs a program: the input is the program's input, a stage is a line, and a
 * sub-operation of it (one replacement, one tag) a call to step into.
 *
 * A stepper walks one record at a time through the code that training runs, as a chunk of one. Breakpoints stop a
 * parallel scan at the first hit in input order. Watches follow expressions from stage to stage. An audit counts, over
 * the whole input, what each stage does to the records, and finds duplicates that a model would learn by heart.
 *
 * A pipeline must not run, be fitted or be freed while any of these looks at it; after a run, make them anew. */
#ifndef SLUICE_STEP_H
#define SLUICE_STEP_H

#include "sluice/browse.h"
#include "sluice/expr.h"

#define SL_NO_STAGE SIZE_MAX

/* Shared with other threads while a scan or an audit goes on. */
struct sl_step_progress {
    _Atomic bool cancel;          /* set by anyone: it ends with SL_ECANCEL soon */
    _Atomic uint64_t done, total; /* bytes of the files; total 0: unknown */
    _Atomic uint64_t records;     /* looked at, those that could not be read included */
    _Atomic uint64_t hits;        /* of breakpoints; an audit's: unused */
};

/* Which records the stages that see all of them in order (drop_duplicates) drop. Zero it before first use. */
struct sl_verdicts {
    struct {
        uint64_t *record; /* rising */
        size_t n;
        bool known;
    } stage[SL_MAX_STAGES];
};
/* Find them in one pass over the input. Cheap when there is no such stage. */
int sl_verdicts_find(struct sl_verdicts *out, struct sl_pipeline *pipeline, struct sl_pool *pool,
                     struct sl_step_progress *progress, struct sl_error *err);
void sl_verdicts_release(struct sl_verdicts *verdicts);

/* ---- The stepper ---- */

struct sl_stepper;

/* Where it stands: what this stage did to this record; substep 0 is the stage as a whole, k its k-th sub-operation.
 * Stage 0 is the source. Places have one order: by record, stage, substep. */
struct sl_place {
    uint64_t record;
    uint32_t stage, substep;
};

/* How a stage of the record went, and what became of it. Bits. */
enum sl_step_mark {
    SL_MARK_CHANGED = 1,    /* a cell differs */
    SL_MARK_DROPPED = 2,    /* the record ends here */
    SL_MARK_MISSING = 4,    /* a cell lost its value (at the source: has none) */
    SL_MARK_EMPTY = 8,      /* a text became "" (at the source: is) */
    SL_MARK_NONFINITE = 16, /* a number or a feature that comes out is not finite, or became NaN */
    SL_MARK_ERROR = 32,     /* the stage failed on it (at the source: it could not be read) */
    SL_MARK_SKIPPED = 64,   /* the stage did not run: it is not fitted, or does nothing to single records */
    SL_MARK_UNDECIDED = 128 /* it depends on other records, and verdicts are not known: the record goes on */
};

/* Bytes from..from+taken of the text before became bytes to..to+put of the text after. On borders of characters. */
struct sl_text_edit {
    size_t from, taken, to, put;
};
struct sl_feature_change {
    uint32_t index;
    double before, after; /* NaN: it was not there, is not there any more */
    struct sl_str name;   /* "" when it has none */
};
enum sl_change_kind {
    SL_CHANGE_TEXT,     /* edits */
    SL_CHANGE_NUMBER,   /* from, to */
    SL_CHANGE_FEATURES, /* features: of sparse or dense columns; from another type all are new */
    SL_CHANGE_ADDED,    /* a column that was not there */
    SL_CHANGE_REMOVED,
    SL_CHANGE_OTHER /* of a type that has no finer account */
};
struct sl_change {
    enum sl_change_kind kind;
    const char *name;   /* of the column */
    long before, after; /* its index in the chunks; -1: not there */
    bool was_missing, is_missing;
    double from, to; /* NaN: missing */
    const struct sl_text_edit *edits;
    size_t n_edits;
    const struct sl_feature_change *features; /* by index */
    size_t n_features;
};

/* All there is to show at a place. Borrowed from the stepper until it moves. */
struct sl_step {
    struct sl_place place;
    uint32_t stages;   /* of the pipeline up to the learner: place.stage is below it */
    uint32_t substeps; /* of this stage on this record */
    const struct sl_stage *stage;
    const char *file; /* the record came from */
    struct sl_origin origin;
    unsigned marks;                        /* enum sl_step_mark */
    int role;                              /* enum sl_role; -1: not known, or in neither */
    const struct sl_chunk *before, *after; /* of one record each; NULL: there is none (source; dropped, failed) */
    const struct sl_change *changes;       /* at substep 0: columns that changed; inside: the one worked on */
    size_t n_changes;
    const struct sl_substep *sub_before,
        *sub;                /* inside: the operation before this one (NULL: the raw cell), this one */
    struct sl_str params;    /* the statement, canonical */
    struct sl_str explain;   /* lines: what the stage has learned that matters here */
    struct sl_error error;   /* SL_MARK_ERROR at a stage */
    struct sl_reject reject; /* SL_MARK_ERROR at the source */
};

/* Stand at the first record's source. `browser`: one over this very pipeline, whose knowledge of the input is shared
 * (same thread); NULL: a browser of its own. Errors: SL_EDATA when there is no record. */
int sl_stepper_new(struct sl_stepper **out, struct sl_pipeline *pipeline, struct sl_browser *browser,
                   struct sl_error *err);
void sl_stepper_free(struct sl_stepper *stepper);
/* Take over what a run found: marks, roles, number of training records. */
int sl_stepper_learn(struct sl_stepper *stepper, const struct sl_run_result *run, struct sl_error *err);
/* Use these verdicts (borrowed; NULL: none) from now on. */
int sl_stepper_verdicts(struct sl_stepper *stepper, const struct sl_verdicts *verdicts, struct sl_error *err);

const struct sl_step *sl_stepper_here(const struct sl_stepper *stepper);

enum sl_move {
    SL_STEP_NEXT,        /* next stage, or inside one its next sub-operation; behind the last stage the next record */
    SL_STEP_INTO,        /* next place of all: into the stage's sub-operations where it has any */
    SL_STEP_FINISH,      /* out of the sub-operations to the stage as a whole; else to the last stage it reaches */
    SL_STEP_BACK,        /* the way back of NEXT */
    SL_STEP_BACK_INTO,   /* the way back of INTO */
    SL_STEP_BACK_FINISH, /* out of the sub-operations; else to the source */
    SL_STEP_NEXT_RECORD, /* the same stage of the next record (the last it reaches, when it is dropped before) */
    SL_STEP_PREVIOUS_RECORD,
};
/* SL_EEND: there is nothing further that way; the place stays. After any error the place stays. */
int sl_stepper_move(struct sl_stepper *stepper, enum sl_move move, struct sl_error *err);
/* A stage the record does not reach becomes the last it does; a substep it has not, the stage as a whole. */
int sl_stepper_goto(struct sl_stepper *stepper, const struct sl_place *place, struct sl_error *err);
/* To the record that covers this line (1-based) of a file (index into the source's list), at its source. */
int sl_stepper_goto_line(struct sl_stepper *stepper, uint32_t file, uint64_t line, struct sl_error *err);
/* "N" (a record), "FILE:LINE" or ":LINE" (of the file at hand); FILE by its path or its name alone. */
int sl_stepper_goto_text(struct sl_stepper *stepper, const char *where, struct sl_error *err);

/* ---- Watches ---- */

/* Follow an expression; it must make sense at one stage at least. */
int sl_stepper_watch(struct sl_stepper *stepper, const char *expression, size_t *index, struct sl_error *err);
void sl_stepper_unwatch(struct sl_stepper *stepper, size_t index); /* those behind it move up */
size_t sl_stepper_watches(const struct sl_stepper *stepper);
const char *sl_stepper_watched(const struct sl_stepper *stepper, size_t index);
struct sl_watch_value {
    bool there;   /* the record gets so far, and the expression makes sense on the columns there */
    bool changed; /* against the last stage at which it was there */
    struct sl_value value;
};
/* Value of a watch after stage `stage` of the record at hand; text is borrowed until the stepper leaves the record. */
int sl_stepper_watch_value(struct sl_stepper *stepper, size_t index, size_t stage, struct sl_watch_value *out,
                           struct sl_error *err);

/* ---- Breakpoints ---- */

enum sl_break_kind {
    SL_BREAK_ALWAYS, /* every record that gets there */
    SL_BREAK_CHANGED,
    SL_BREAK_DROPPED,
    SL_BREAK_EMPTY,
    SL_BREAK_MISSING,
    SL_BREAK_ERROR,
    SL_BREAK_NONFINITE,
    SL_BREAK_FIRST,  /* record numbers below n */
    SL_BREAK_EVERY,  /* record numbers that n divides */
    SL_BREAK_SAMPLE, /* a share of the records, the same every time */
    SL_BREAK_EXPR    /* a condition over the columns as they come out of the stage */
};
struct sl_break {
    size_t stage; /* SL_NO_STAGE: any */
    enum sl_break_kind kind;
    uint64_t n;       /* FIRST, EVERY */
    double share;     /* SAMPLE */
    const char *expr; /* EXPR */
    const char *text; /* canonical: "strip_html: changed", "replace#2: first 10", "any: len(x) < 3" */
    bool on;
    uint64_t hits; /* of all scans */
};

#define SL_MAX_BREAKS 64

/* Breakpoints of one pipeline. Texts outlive it: add them to the set of another.
 *
 * text: [STAGE:] CONDITION. STAGE: a stage's name, NAME#2 for the second of that name, a line of the recipe, or "any",
 * which it is when left out. CONDITION: changed, dropped, empty, missing, error, nonfinite, first N, every N, sample P
 * (0.01 or 1%), or an expression; none after a stage: every record. The marks are those of enum sl_step_mark. At "any"
 * an expression counts where its columns exist. */
struct sl_breaks;
int sl_breaks_new(struct sl_breaks **out, struct sl_pipeline *pipeline, struct sl_error *err);
void sl_breaks_free(struct sl_breaks *breaks);
/* Errors: SL_EPARAM unknown stage or number (with nearest); those of the expression. */
int sl_breaks_add(struct sl_breaks *breaks, const char *text, size_t *index, struct sl_error *err);
void sl_breaks_remove(struct sl_breaks *breaks, size_t index); /* those behind it move up */
void sl_breaks_switch(struct sl_breaks *breaks, size_t index, bool on);
size_t sl_breaks_count(const struct sl_breaks *breaks);
const struct sl_break *sl_breaks_get(const struct sl_breaks *breaks, size_t index);

struct sl_break_hit {
    struct sl_place place;
    uint64_t which; /* bit i: breakpoint i fired there */
};
struct sl_scan_options {
    struct sl_pool *pool;               /* NULL: the caller alone */
    struct sl_place from;               /* places at and behind it count */
    const struct sl_mark *mark;         /* of a block at or before that record; NULL: the start of the input */
    const struct sl_verdicts *verdicts; /* NULL: stages that need them let every record pass */
    struct sl_step_progress *progress;  /* zeroed by the caller; may be NULL */
    bool count;                         /* do not stop: count all hits up to the end */
};
/* Run on from a place to the first hit in input order, whatever the number of threads. SL_EEND: none up to the end.
 * Hits of the place (or, counting, of all places) are added to the breakpoints. Safe beside a stepper. */
int sl_breaks_scan(struct sl_breaks *breaks, const struct sl_scan_options *options, struct sl_break_hit *hit,
                   struct sl_error *err);
/* Run on from where the stepper stands (that place excluded), forward or backward, and stand at the hit. SL_EEND: none;
 * the place stays. May be called from a thread of its own while no other uses the stepper. */
int sl_stepper_continue(struct sl_stepper *stepper, struct sl_breaks *breaks, bool backward, struct sl_pool *pool,
                        struct sl_step_progress *progress, struct sl_break_hit *hit, struct sl_error *err);

/* ---- Audit ---- */

struct sl_examples {
    uint64_t n;             /* records in all */
    const uint64_t *record; /* the first of them */
    size_t kept;
};
struct sl_record_pair {
    uint64_t a, b;     /* conflicts: in input order; leakage: the test record, the training record */
    uint32_t distance; /* bits in which their fingerprints differ */
};
struct sl_pairs {
    uint64_t records; /* records concerned; leakage: of the test set */
    uint64_t groups;  /* of equal texts; near duplicates: 0 */
    const struct sl_record_pair *pair;
    size_t kept;
};
struct sl_audit_stage {
    struct sl_examples changed, dropped, emptied, missing, nonfinite, failed;
    uint64_t in;
};
struct sl_audit_options {
    struct sl_pool *pool;
    size_t examples;                 /* to keep of each; 0: 10 */
    unsigned distance;               /* near duplicates differ in at most so many of 64 bits, 0..7; SL_AUDIT_DISTANCE */
    const struct sl_run_result *run; /* tells train from test; NULL: leakage is not looked for */
    struct sl_step_progress *progress;
};
#define SL_AUDIT_DISTANCE 3u

/* What happened to all records. Texts compared are the text columns, target aside, as the record stages leave them. */
struct sl_audit {
    uint64_t records, rejected;
    size_t stages;
    struct sl_audit_stage *stage; /* per stage; [0]: the source, whose failed are the records that cannot be read */
    struct sl_examples untouched; /* read, kept to the end, and changed by no record stage */
    bool has_label, has_roles;
    struct sl_pairs conflicts; /* equal texts with different labels */
    struct sl_pairs exact;     /* test records whose text stands in the training set too */
    struct sl_pairs near;      /* the same within `distance`, equal ones included */
    struct sl_verdicts verdicts;
    struct sl_arena arena; /* of the arrays */
};

/* One pass over the input, then sorting. Fingerprints are simhashes of word pairs (Charikar 2002; Manku, Jain and Das
 * Sarma 2007), compared in distance + 1 bands, of which at least one is equal (pigeonhole). A failed or dropped record
 * has no text to compare. Errors: SL_ECANCEL; SL_EPARAM distance. */
int sl_audit_run(struct sl_audit *out, struct sl_pipeline *pipeline, const struct sl_audit_options *options,
                 struct sl_error *err);
void sl_audit_release(struct sl_audit *audit);

#endif
