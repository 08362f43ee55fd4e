/* view_runs.h: what the parts of the Runs view share. */
#ifndef SL_TUI_VIEW_RUNS_H
#define SL_TUI_VIEW_RUNS_H

#include "view.h"

struct compare_view;

enum runs_column { RUNS_NAME, RUNS_WHEN, RUNS_STATE, RUNS_RECORDS, RUNS_ACCURACY, RUNS_LOSS, RUNS_TIME, RUNS_COLUMNS };

struct runs_view {
    struct sl_run_info *runs; /* owned */
    size_t n, *order;         /* order: rows as shown, indices of runs; owned */
    size_t chosen, top;       /* rows */
    int page;                 /* rows in the last frame */
    enum runs_column sort;
    bool reversed;
    struct sl_error error;            /* status: the folder could not be read */
    enum sl_job job;                  /* when the list was read */
    const struct sl_session *session; /* the same; never looked into */
    char **marked;                    /* paths; owned */
    size_t n_marked;
    struct compare_view *compare; /* the layer over the list; NULL: none */
};

/* view_runs_draw.c */
void runs_draw(struct app *app, void *state, struct area area);
const char *runs_column_name(enum runs_column column);
/* Is this the session that is open? */
bool runs_current(struct app *app, const struct sl_run_info *run);

/* view_runs_mark.c: mark the chosen session, or take its mark back; and compare those that are. */
void runs_mark(struct app *app, struct runs_view *view);
bool runs_marked(const struct runs_view *view, const char *path);
void runs_compare(struct app *app, struct runs_view *view);
const struct inner_keys *runs_inside(void *state);
bool runs_layer_key(struct app *app, struct runs_view *view, int key);
void runs_forget_marks(struct runs_view *view);

/* view_runs.c */
void runs_sort(struct runs_view *view);

#endif
