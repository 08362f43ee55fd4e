/* view_train.h: what the parts of the Train view share. */
#ifndef SL_TUI_VIEW_TRAIN_H
#define SL_TUI_VIEW_TRAIN_H

#include "chart.h"
#include "view.h"
#include "view_train_inside.h"

/* The first four always; the learning rate of a network where there is room. */
enum train_chart { TRAIN_LOSS, TRAIN_ACCURACY, TRAIN_GRADIENT, TRAIN_SPEED, TRAIN_RATE, TRAIN_CHARTS };

#define TRAIN_RESULT TRAIN_CHARTS /* the focus may also be on the figures */

/* The cell of the confusion matrix that Enter opens. */
struct train_cell {
    uint32_t truth, predicted;
    uint32_t n, columns; /* classes; columns shown, as last drawn */
    int row;             /* of the figures it stands in, as last drawn */
};

struct train_view {
    struct chart_data data;
    struct chart chart[TRAIN_CHARTS];
    int focus;         /* enum train_chart, or TRAIN_RESULT */
    bool zoomed;       /* what has the focus takes the whole pane */
    int shown;         /* charts in the last frame */
    bool result_shown; /* figures too */
    int columns;       /* of the chart that has the focus, in the last frame */
    enum glyphs glyphs;
    int scroll, scroll_most; /* of the figures */
    size_t marked;           /* events that have their mark, or need none */
    size_t marked_to;        /* points there were then */
    struct train_cell cell;
    bool cell_moved; /* scroll to where it is */
    /* How long each phase of preparing took, as far as this view saw it. */
    double spent[SL_PHASE_DONE + 1];
    struct train_inside inside; /* a network */
    bool network;
    uint64_t batches; /* of an epoch; 0: not known */
    enum sl_phase phase;
    double since;
    enum sl_job job;
};

/* Rows written one under the other, of which some may lie above the area. */
struct page {
    struct area area;
    int next; /* row of the area the next line goes to; negative: above it */
};

/* view_train_state.c: rows used from row y on. */
int train_draw_status(struct area area, int y, const struct sl_train_state *state);
int train_draw_figures(struct area area, int y, const struct sl_train_state *state, const struct sl_point *point);
/* Epoch, batch, and what the machine does: of networks. */
int train_draw_machine(struct area area, int y, const struct sl_train_state *state, const struct sl_epoch *epoch);
int train_draw_problem(struct area area, int y, const struct sl_error *error);
/* Busy time of each stage over all workers, in the last or the present run; nothing before there is one. */
int train_draw_stages(struct area area, int y, struct sl_session *session);
/* Phases whose time is known, and the present one. */
int train_draw_phases(const struct train_view *view, struct area area, int y, const struct sl_train_state *state);

/* view_train_empty.c: nothing trained yet: what is there and what is missing. */
void train_draw_empty(struct area area, struct sl_session *session);

/* view_train_result.c: all figures of the result, scrolled; returns the rows they would need. `cell` is marked, and
 * told where it is; NULL: none is. */
int train_draw_result(struct area area, int scroll, struct sl_session *session, const struct sl_result *result,
                      struct train_cell *cell);

/* view_train.c: note which phase runs now. */
void train_watch(struct train_view *view, const struct sl_train_state *state);
/* view_train_steer.c: marks of what happened, once each; and the command line for `tune`. */
int train_mark(struct train_view *view, const struct sl_session *session, struct sl_error *err);
void train_ask_tune(struct app *app);
/* view_train_draw.c */
void train_draw(struct app *app, void *state, struct area area);
/* view_train_keys.c */
extern const struct key_row train_keys[];
bool train_key(struct app *app, void *state, int key);

#endif
