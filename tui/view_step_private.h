/* view_step_private.h: what the parts of the Step view share. */
#ifndef SL_TUI_VIEW_STEP_PRIVATE_H
#define SL_TUI_VIEW_STEP_PRIVATE_H

#include "view.h"
#include "view_step.h"
#include "view_step_lines.h"

#include "sluice/debug.h"

/* What the stages did to the record at hand, for the list. */
struct step_overview {
    unsigned marks[SL_MAX_STAGES];
    size_t reached; /* stages the record gets to */
};

enum step_focus { STEP_ON_LIST, STEP_ON_RECORD, STEP_ON_DETAIL };

struct step_view {
    struct step_lines body, detail;
    uint64_t epoch, built; /* of the model; of the lines: they are made anew when these differ */
    int body_width, detail_width, body_rows;
    uint32_t draw;         /* first epoch of the random changes shown */
    struct sl_place place; /* the lines are of */
    bool at_model, stood;  /* stood: there is such a place */
    struct step_overview overview;
    size_t cursor; /* stage in the list that `t` runs to; step.stages: the model */
    size_t first;  /* first row of the list */
    int list_y, list_rows;
    int focus;             /* what the arrows move: enum step_focus */
    bool waited;           /* a task runs: say how it ended */
    bool quiet_audit;      /* the audit under way is for a list, not to be shown */
    char after_audit[160]; /* the command to give then; "" */
};

/* view_step.c: the place at hand, or why there is none. */
int step_place(struct app *app, struct sl_debug_place *out, struct sl_error *err);
/* Rows: stages of the recipe as far as they stand, in order; the last is the model. */
struct step_row {
    size_t shown; /* of the session's stages; SIZE_MAX: none (a model that is not in the recipe) */
    size_t stage; /* of the pipeline; SL_NO_STAGE: it is off, or not bound */
    bool is_model;
};
size_t step_rows(struct sl_session *session, struct step_row *rows, size_t most);
#define STEP_ROWS 128
/* How the recipe's language names a stage of the pipeline: its number as shown would move with `off`, so by name:
 * "trim", "trim#2", "model". */
const char *step_stage_name(struct sl_session *session, size_t stage, char *out, size_t size);
/* The marks there is something to say of: that a split does nothing to a record goes without saying. */
unsigned step_shown_marks(const struct sl_step *step);
/* "changed, missing"; "" for none. */
const char *step_marks_text(unsigned marks, bool source, char *out, size_t size);

/* view_step_list.c */
int step_list_height(struct app *app, const struct sl_debug_place *place);
void step_list_draw(struct app *app, struct step_view *view, const struct sl_debug_place *place, struct area area);

/* view_step_record.c, view_step_features.c, view_step_model.c: the record before and after; inside the model. */
void step_record_lines(struct step_lines *lines, const struct sl_debug_place *place);
void step_feature_lines(struct step_lines *lines, const struct sl_change *change);
void step_term_lines(struct step_lines *lines, const struct sl_substep *before, const struct sl_substep *now);
void step_model_lines(struct step_lines *lines, const struct sl_look *look);

/* view_step_draws.c: random changes of pictures, from this epoch on; how many epochs are shown. */
void step_draw_lines(struct step_lines *lines, const struct sl_debug_place *place, uint32_t first);
int step_draws_shown(const struct step_lines *lines);

/* view_step_detail.c: where it is, what the stage was told and has learned. */
void step_title_draw(struct app *app, const struct sl_debug_place *place, struct area area);
void step_where_lines(struct app *app, struct step_lines *lines, const struct sl_debug_place *place);
void step_learned_lines(struct step_lines *lines, const struct sl_debug_place *place);
/* Watches in a strip of at most area.h rows; how many it wants. */
int step_watch_rows(struct app *app);
void step_watch_draw(struct app *app, const struct sl_debug_place *place, struct area area);

/* view_step_pair.c: of a list of pairs: the other record and its label. */
void step_pair_lines(struct app *app, struct step_lines *lines, const struct sl_debug_place *place);

/* view_step_task.c: what takes long. */
bool step_task_runs(struct app *app);
void step_task_draw(struct app *app, struct area area);
/* A list was made: how many there are, where that is not seen. */
void step_list_say(struct app *app);
/* A command that may take long was given: wait a moment for it, so that a short one shows no progress. */
void step_task_begun(struct app *app, struct step_view *view);
/* Has one of ours ended? Then say how. */
void step_task_ended(struct app *app, struct step_view *view);

/* Layers. */
void step_breaks_show(struct app *app);
void step_lists_choose(struct app *app, struct step_view *view);
/* Show the audit, made when there is none; show it, made or not. */
void step_audit_show(struct app *app, struct step_view *view);
void step_audit_push(struct app *app, struct step_view *view);
/* The command `records WHICH`, after an audit where it needs one. */
void step_records(struct app *app, struct step_view *view, const char *which);

/* view_step_keys.c */
extern const struct key_row step_keys[];
bool step_key(struct app *app, void *state, int key);

#endif
