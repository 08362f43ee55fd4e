/* debugger.h: the inside of a session's debugger, shared by the files debug*.c.
 *
 * Breakpoints and watches are kept as text and outlive every pipeline. Stepper and breakpoint set belong to the
 * pipeline shown and are made anew when it goes; its browser stays as long as the source does, with what it knows of
 * the input. While a task runs, its thread has stepper, set and browser for itself. */
#ifndef SL_SESSIONS_DEBUGGER_H
#define SL_SESSIONS_DEBUGGER_H

#include "live.h"

#include "sluice/debug.h"

#define DEBUG_WATCHES 64u

struct kept_break {
    char *text; /* canonical once it has fitted */
    bool on;
    uint64_t hits;
    long in_set; /* index in the set; -1: it does not fit */
    size_t stage;
    char *problem;
};
struct kept_watch {
    char *text;
    long in_stepper;
    char *problem;
};

/* What a run found out about the records. */
struct known {
    char *recipe; /* of the run */
    struct sl_run_result result;
    struct sl_quarantine none;
};

#define ALL_WRONG UINT32_MAX
struct debug_task {
    enum sl_debug_task kind; /* SL_DEBUG_IDLE: none */
    pthread_t thread;
    _Atomic bool ended;
    struct sl_step_progress progress;
    struct sl_progress *run; /* of a pass over a pipeline of its own */
    int status;
    struct sl_error error;
    /* continue */
    bool backward, from_start;
    struct sl_break_hit hit;
    /* audit */
    struct sl_audit *audit;
    const struct sl_run_result *roles; /* NULL: a run of its own must tell */
    /* a cell, and the roles an audit lacks */
    char *recipe, *base;
    struct sl_buf weights;
    struct known *found; /* to be taken over */
    bool expects;        /* the data must have this fingerprint */
    uint64_t fingerprint;
    uint32_t truth, predicted; /* both ALL_WRONG: every cell off the diagonal */
    char title[160];
    struct sl_listed *item;
    size_t n;
};

struct debug_list {
    struct sl_record_list shown;
    struct sl_listed *item; /* owned */
    bool set;
};

struct debugger {
    struct sl_session *session;
    struct kept_break breaks[SL_MAX_BREAKS];
    struct kept_watch watches[DEBUG_WATCHES];
    size_t n_breaks, n_watches;
    struct sl_debug_break shown_break;
    /* Of the pipeline shown. */
    struct sl_stepper *stepper;
    struct sl_breaks *set;
    bool set_made;
    struct sl_verdicts verdicts;
    bool verdicts_known;
    struct sl_browser *browser;
    char *browsed; /* the source statements it reads */
    /* Where it stands; kept here while there is no stepper. */
    struct sl_place place;
    char *statement; /* of the stage */
    bool at_model;
    struct sl_look look;
    bool looked;
    struct sl_arena look_arena;
    struct known *known, *learned; /* learned: while a task might look at known */
    struct sl_audit *audit;
    struct debug_list list;
    struct debug_task task;
    struct sl_debug_state state; /* of the last task */
};

/* debug.c */
/* The session's debugger, made when there is none. */
struct debugger *debugger_get(struct sl_session *session, struct sl_error *err);
/* It, with a stepper, and nobody else at it. */
int debugger_ready(struct sl_session *session, struct debugger **out, struct sl_error *err);
/* The pipeline shown goes (it still lives), `next` comes or NULL: end what runs, keep the place. */
void debugger_rebind(struct sl_session *session, struct sl_pipeline *next);
/* The models of the pipeline shown are about to change. */
void debugger_forget(struct sl_session *session);
bool debugger_poll(struct sl_session *session);
bool debugger_busy(const struct sl_session *session);
void debugger_close(struct sl_session *session);
/* debug_move.c: to a place; `model`: into the model, when the record gets there. */
int debugger_goto(struct debugger *d, const struct sl_place *place, bool model, struct sl_error *err);
/* debug_known.c */
/* A run of `recipe` has found this; copied. */
void debugger_learn(struct sl_session *session, const struct sl_run_result *found, const char *recipe);
struct known *known_copy(const struct sl_run_result *found, const char *recipe);
void known_free(struct known *known);
/* Was it of the recipe as it stands? */
bool known_fits(const struct debugger *d);

/* debug_keep.c */
/* `break`, `unbreak`, `switch`, `watch` or `unwatch` carried out on what is kept, without a look at the recipe. */
int debugger_keep(struct sl_session *session, const char *name, const void *params, struct sl_error *err);
bool debugger_keeps(const char *name);
/* Could it be carried out? */
int debugger_check(struct sl_session *session, const char *name, const char *text, struct sl_error *err);
/* A line of the journal that is no edit. */
int debugger_fold(struct sl_session *session, const struct sl_line *line, struct sl_error *err);
/* Text and place of a breakpoint, and whether it fits. */
int debugger_fit_breaks(struct debugger *d, struct sl_error *err);
int debugger_fit_watches(struct debugger *d, struct sl_error *err);
void debugger_unfit(struct debugger *d);
void debugger_release_kept(struct debugger *d);

/* debug_look.c */
bool look_possible(struct debugger *d);
int look_make(struct debugger *d, struct sl_error *err);
double look_loss(double probability);

/* debug_task.c, debug_taken.c */
int task_start(struct debugger *d, enum sl_debug_task kind, struct sl_error *err);
/* Wait for its thread and take over what came of it; `quiet`: throw that away. */
void task_join(struct debugger *d, bool quiet);
void task_release(struct debug_task *task);

/* debug_list.c, debug_cell.c */
/* Takes `item`, and stands at the first: at this stage, or in the model (SL_NO_STAGE). An empty list moves nothing. */
void list_set(struct debugger *d, const char *title, struct sl_listed *item, size_t n, uint64_t total, size_t stage);
void list_drop(struct debugger *d);
struct records_params;
int list_command(struct sl_session *session, const struct records_params *p, struct sl_buf *reply,
                 struct sl_error *err);
/* On the task's thread: the records of the cell; the roles of all records. */
int cell_run(struct debugger *d, struct sl_pool *pool, struct sl_error *err);
int cell_roles(struct debugger *d, struct sl_pool *pool, struct sl_error *err);
/* Before: what they need of the session. */
int cell_gather(struct debugger *d, bool weights, struct sl_error *err);

/* debug_command.c */
bool debug_commands(const char *name);
int debug_command(struct sl_session *session, const char *name, const void *params, struct sl_buf *reply,
                  struct sl_error *err);
/* debug_account.c, debug_account_more.c, debug_account_audit.c */
void account_breaks(struct sl_session *session, struct sl_buf *out);
void account_watches(struct sl_session *session, struct sl_buf *out);
void account_watch_values(struct sl_session *session, struct sl_buf *out);
void account_model(const struct sl_look *look, struct sl_buf *out);
void account_audit(const struct sl_audit *audit, struct sl_pipeline *pipeline, struct sl_buf *out);
/* At most so many bytes of a text, on one line. */
void account_clip(struct sl_str text, size_t most, struct sl_buf *out);
void account_value(const struct sl_value *value, size_t most, struct sl_buf *out);
/* Names of the marks, with `between` between. */
void account_marks(unsigned marks, const char *between, struct sl_buf *out);

#endif
