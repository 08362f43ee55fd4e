/* view_compare.h: trainings side by side, as a layer over the Runs view. */
#ifndef SL_TUI_VIEW_COMPARE_H
#define SL_TUI_VIEW_COMPARE_H

#include "chart.h"
#include "compare_report.h"
#include "view.h"

struct compare_view {
    struct sl_comparison comparison;
    struct sl_group *groups;
    size_t n_groups;
    enum sl_metric metric;
    enum compare_sort sort;
    char filter[64];
    bool bands;       /* curves: means over seeds instead of trainings */
    size_t *order, n; /* rows as shown; order: room for all */
    size_t chosen, top;
    int page;
    struct chart_data data;
    struct chart chart;
    char names[CHART_LINES][64]; /* of its curves */
    size_t shown[CHART_LINES];   /* trainings of its curves, when not bands */
    size_t n_shown;
    struct sl_buf judgement;
    bool diff; /* the differences fill the view */
    struct sl_buf text;
    size_t scroll;
};

/* Owned by the caller. Errors: as sl_comparison_load(). */
int compare_view_open(struct compare_view **out, const char *const *paths, size_t n, struct sl_error *err);
void compare_view_close(struct compare_view *view);
/* Sort, filter, and draw anew what follows from it. */
int compare_view_refresh(struct compare_view *view, struct sl_error *err);
/* Its key tables by number, and the one that counts now. */
const struct inner_keys *compare_view_keys(size_t i);
const struct inner_keys *compare_view_inside(const struct compare_view *view);
void compare_view_draw(struct compare_view *view, struct area area);
/* False: not one of its keys. *closed: it asks to be closed. */
bool compare_view_key(struct app *app, struct compare_view *view, int key, bool *closed);

#endif
