/* debug.h: the debugger of a session: one record walked through the recipe as it stands and into the trained model;
 * breakpoints and watches that the session keeps; lists of records worth a look.
 *
 * Commands (rows of sl_commands, so that prompt, shell, keys and pipes do the same):
 *   break [STAGE:] CONDITION · unbreak N|all · switch N|all · watch EXPRESSION · unwatch N|all   journaled, see step.h;
 *                          break and watch alone list what there is
 *   step WAY [N]           WAY: next into finish continue, and back-next back-into back-finish back-continue,
 *                          next-record previous-record; N times
 *   goto RECORD|FILE:LINE|STAGE@RECORD
 *   audit                  what the stages do to the whole set; duplicates, label conflicts
 *   records WHICH          a list to walk through: changed STAGE, dropped STAGE, emptied STAGE, missing STAGE,
 * untouched, conflicts, leakage, cell TRUE PREDICTED, wrong (both most wrong first), guilty, none Walking changes no
 * state that lasts, so it is not journaled. Replies are an account of the place in lines of text.
 *
 * What takes long (continue, audit, a cell's list) runs on a thread of its own; sl_session_poll() takes over what came
 * of it. Until then the stepper is not to be touched: sl_debug_place() gives SL_ESTATE. One at a time. */
#ifndef SLUICE_DEBUG_H
#define SLUICE_DEBUG_H

#include "sluice/session.h"
#include "sluice/step.h"

/* --- where it stands --- */

/* One feature's part in a linear model's decision, for the class predicted against the other (two classes), or for it
 * alone. */
struct sl_push {
    uint32_t feature;
    struct sl_str name;         /* "review_text: boring" */
    double value, weight, push; /* push = value × weight; > 0 for the class */
};
/* The record in the model. Borrowed until the next command or poll. */
struct sl_look {
    uint64_t record;
    uint32_t n_classes, truth, predicted; /* truth: UINT32_MAX unknown */
    const char *const *classes;
    const double *probability; /* n_classes; NaN when a feature is missing: predicted is UINT32_MAX then */
    double loss;               /* log loss of this record; NaN without truth */
    double intercept;
    bool linear;                /* the pushes are known */
    const struct sl_push *push; /* by falling |push|; n_push = non-zero features of the record */
    size_t n_push;
    size_t nonzeros;
};

struct sl_debug_place {
    const struct sl_step *step; /* as in step.h; the last stage when at_model */
    bool at_model;              /* behind the last stage: look is set */
    const struct sl_look *look; /* NULL before the model */
};
/* The place at hand, over the recipe as it stands now; made at record 0's source when first asked for, and kept (record
 * and stage, as far as there is one) when the recipe changes or a training has ended. Borrowed until the next command
 * or poll. Errors: SL_ESTATE the recipe does not stand, or something runs; SL_EDATA there is no record. */
int sl_debug_place(struct sl_session *session, struct sl_debug_place *out, struct sl_error *err);
/* The stepper behind it, for watches' values; same errors, same lifetime. */
int sl_debug_stepper(struct sl_session *session, struct sl_stepper **out, struct sl_error *err);
/* As `step`: SL_EEND when there is nothing further that way. From the last stage NEXT and INTO lead into the model when
 * there is one; from there to the next record's source. */
int sl_debug_move(struct sl_session *session, enum sl_move move, struct sl_error *err);
/* As `goto`. Ends a list that does not hold the record. */
int sl_debug_goto(struct sl_session *session, const char *where, struct sl_error *err);
/* A stage of a record: SL_NO_STAGE for the model. Does not end a list. */
int sl_debug_goto_place(struct sl_session *session, uint64_t record, size_t stage, struct sl_error *err);

/* The place as lines of text: what `step` replies. */
int sl_debug_account(struct sl_session *session, struct sl_buf *out, struct sl_error *err);
/* The same as one JSON object, cells whole. */
int sl_debug_json(struct sl_session *session, struct sl_buf *out, struct sl_error *err);

/* --- breakpoints and watches, as the session keeps them --- */

struct sl_debug_break {
    const char *text; /* canonical where it fits, else as typed */
    bool on;
    uint64_t hits;
    const char *problem; /* why it does not fit the recipe as it stands; NULL: it does */
    size_t stage;        /* SL_NO_STAGE: any, or it does not fit */
};
size_t sl_debug_breaks(struct sl_session *session);
const struct sl_debug_break *sl_debug_break(struct sl_session *session, size_t i);
/* The expression of a watch; its index in the stepper, or -1 with why it does not fit. */
size_t sl_debug_watches(struct sl_session *session);
const char *sl_debug_watch(struct sl_session *session, size_t i, long *in_stepper, const char **problem);

/* --- what takes long --- */

enum sl_debug_task { SL_DEBUG_IDLE, SL_DEBUG_CONTINUE, SL_DEBUG_AUDIT, SL_DEBUG_LIST };
struct sl_debug_state {
    enum sl_debug_task task;
    double fraction; /* NaN unknown */
    uint64_t records, hits;
    struct sl_error error;   /* how the last one ended; status SL_OK, SL_EEND (no hit), SL_ECANCEL … */
    struct sl_break_hit hit; /* of the last continue that hit */
    char stopped_by[200];    /* the breakpoint's text; "" */
};
void sl_debug_state(struct sl_session *session, struct sl_debug_state *out);
int sl_debug_continue(struct sl_session *session, bool backward, struct sl_error *err);
/* From the very first record, that place included. */
int sl_debug_run(struct sl_session *session, struct sl_error *err);
int sl_debug_audit(struct sl_session *session, struct sl_error *err);
void sl_debug_cancel(struct sl_session *session);
/* Wait for it; false when `timeout_ms` went by. */
bool sl_debug_wait(struct sl_session *session, int timeout_ms);
/* Of the recipe as it stands, or NULL: not made yet, or no longer true. */
const struct sl_audit *sl_debug_audited(struct sl_session *session);

/* --- lists of records --- */

struct sl_listed {
    uint64_t record, other;    /* other: of a pair; UINT64_MAX: none */
    double score;              /* cells: loss, which is what they are ordered by; NaN */
    uint32_t truth, predicted; /* of a judged list */
};
struct sl_record_list {
    char title[160];
    size_t n, at;   /* at: the one at hand */
    uint64_t total; /* ≥ n: not all need be listed */
    bool judged;    /* what a model said of test records: classes and losses are known */
    const struct sl_listed *item;
};
/* The list walked through by next-record and previous-record while there is one; NULL: all records. Borrowed until the
 * next command or poll. */
const struct sl_record_list *sl_debug_list(struct sl_session *session);
/* Stand at item i of it. */
int sl_debug_list_goto(struct sl_session *session, size_t i, struct sl_error *err);
/* Test records of a class that the model of the last training takes for another, most wrong first: a task. Classes by
 * number. Errors: SL_ESTATE no model of this recipe. */
int sl_debug_cell(struct sl_session *session, uint32_t truth, uint32_t predicted, struct sl_error *err);
/* The same of all test records that are taken for another class. */
int sl_debug_wrong(struct sl_session *session, struct sl_error *err);

#endif
