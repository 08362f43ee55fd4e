/* view_compare.c: what is compared in the workbench, and how.
 *
 * Curves of several trainings have steps of their own: the chart gets every step that some training has, and "not
 * measured" where one has none. With more than a handful the chosen row's curve is drawn over the others. Only the test
 * of two single trainings reads their data. */
#include "view_compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- curves --- */

/* One curve: rising steps and their values. */
struct curve_points {
    const char *name;
    double *x, *y; /* owned */
    size_t n, at;
};

static int take_run(const struct compare_view *view, size_t i, struct curve_points *out, struct sl_error *err)
{
    const struct sl_compared *run = &view->comparison.runs[i];
    out->x = calloc(run->n_points + 1, sizeof *out->x);
    out->y = calloc(run->n_points + 1, sizeof *out->y);
    if (!out->x || !out->y)
        return sl_fail_memory(err, "the curves");
    for (size_t k = 0; k < run->n_points; k++) {
        out->x[k] = (double)run->points[k].step;
        out->y[k] = sl_metric_value(&run->points[k], view->metric);
    }
    out->n = run->n_points;
    return SL_OK;
}

/* The mean of a group, moved by `by` deviations. */
static int take_group(const struct compare_view *view, const struct sl_group *group, double by,
                      struct curve_points *out, struct sl_error *err)
{
    struct sl_band *band = NULL;
    size_t n = 0;
    int status = sl_group_band(&view->comparison, group, view->metric, &band, &n, err);
    if (status)
        return status;
    out->x = calloc(n + 1, sizeof *out->x);
    out->y = calloc(n + 1, sizeof *out->y);
    for (size_t k = 0; out->x && out->y && k < n; k++) {
        out->x[k] = (double)band[k].step;
        out->y[k] = band[k].mean + (isnan(band[k].sd) ? 0 : by * band[k].sd);
    }
    out->n = n;
    free(band);
    return out->x && out->y ? SL_OK : sl_fail_memory(err, "the curves");
}

static void name_group(const struct compare_view *view, const struct sl_group *group, const char *what, char out[64])
{
    struct sl_buf name = { 0 };
    compare_group_name(&view->comparison, group, !screen_ascii(), &name);
    snprintf(out, 64, "%.40s%s", name.p ? name.p : "", what);
    sl_buf_release(&name);
}

/* A curve of the comparison, and how it is drawn. */
struct drawn {
    struct curve_points points;
    bool border; /* of the one before */
};

struct drawing {
    struct drawn *at;
    size_t n;
};

static struct drawn *next_drawn(struct drawing *drawing, struct compare_view *view)
{
    struct drawn *d = &drawing->at[drawing->n];
    d->points.name = view->names[drawing->n++];
    return d;
}

/* A group's mean, between its deviations when it has more than one seed. */
static int add_group(struct compare_view *view, size_t g, struct drawing *drawing, struct sl_error *err)
{
    const struct sl_group *group = &view->groups[g];
    static const int by[] = { 0, 1, -1 };
    int status = SL_OK;
    for (size_t k = 0; k < (group->n > 1 ? 3 : 1) && !status; k++) {
        name_group(view, group, group->n > 1 ? " mean" : "", view->names[drawing->n]);
        struct drawn *d = next_drawn(drawing, view);
        d->border = k > 0;
        status = take_group(view, group, by[k], &d->points, err);
    }
    return status;
}

/* Which curves, by name: of the rows, or the groups' means. */
static int choose(struct compare_view *view, struct drawing *drawing, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t g = 0; view->bands && g < view->n_groups && drawing->n + 3 <= CHART_LINES && !status; g++)
        status = add_group(view, g, drawing, err);
    for (size_t i = 0; !view->bands && i < view->n && drawing->n < CHART_LINES && !status; i++) {
        size_t run = view->order[i];
        view->shown[drawing->n] = run;
        snprintf(view->names[drawing->n], sizeof view->names[0], "%.48s", view->comparison.runs[run].label);
        status = take_run(view, run, &next_drawn(drawing, view)->points, err);
        view->n_shown = drawing->n;
    }
    return status;
}

/* All steps of all curves, each once. */
static int merge(struct compare_view *view, struct drawn *drawn, size_t n, struct sl_error *err)
{
    int status = SL_OK;
    for (;;) {
        double step = (double)INFINITY, values[CHART_CURVES];
        for (size_t c = 0; c < n; c++) {
            const struct curve_points *p = &drawn[c].points;
            if (p->at < p->n && p->x[p->at] < step)
                step = p->x[p->at];
        }
        if (isinf(step) || status)
            return status;
        for (size_t c = 0; c < n; c++) {
            struct curve_points *p = &drawn[c].points;
            bool here = p->at < p->n && p->x[p->at] == step;
            values[c] = here ? p->y[p->at++] : (double)NAN;
        }
        const double x[CHART_AXES] = { step, step, step };
        status = chart_data_add(&view->data, x, values, err);
    }
}

static int plot(struct compare_view *view, struct sl_error *err)
{
    struct drawing drawing = { .at = calloc(CHART_LINES, sizeof *drawing.at) };
    if (!drawing.at)
        return sl_fail_memory(err, "the curves");
    view->n_shown = 0;
    chart_data_release(&view->data);
    view->data = (struct chart_data){ 0 };
    bool log_y = view->chart.log_y;
    chart_init(&view->chart, sl_metric_names[view->metric], &view->data);
    view->chart.log_y = log_y;
    int status = choose(view, &drawing, err);
    for (size_t c = 0; c < drawing.n && !status; c++) {
        size_t curve = chart_data_curve(&view->data, view->names[c], true, sl_metric_rises(view->metric));
        (drawing.at[c].border ? chart_add_border : chart_add_line)(&view->chart, curve);
    }
    if (!status)
        status = merge(view, drawing.at, drawing.n, err);
    for (size_t c = 0; c < CHART_LINES; c++) {
        free(drawing.at[c].points.x);
        free(drawing.at[c].points.y);
    }
    free(drawing.at);
    return status;
}

/* --- table --- */

static bool passes(const struct compare_view *view, const struct sl_compared *run)
{
    return !view->filter[0] || strcasestr(run->label, view->filter) || strcasestr(run->recipe, view->filter);
}

int compare_view_refresh(struct compare_view *view, struct sl_error *err)
{
    compare_order(&view->comparison, view->metric, view->sort, view->order);
    view->n = 0;
    for (size_t i = 0; i < view->comparison.n; i++)
        if (passes(view, &view->comparison.runs[view->order[i]]))
            view->order[view->n++] = view->order[i];
    view->chosen = view->n && view->chosen >= view->n ? view->n - 1 : view->chosen;
    view->judgement.n = 0;
    for (size_t g = 1; g < view->n_groups; g++) {
        struct sl_judgement j;
        char first[64], second[64];
        int status = sl_compare_groups(&view->comparison, &view->groups[0], &view->groups[g], view->metric, &j, err);
        if (status)
            return status;
        name_group(view, &view->groups[0], "", first);
        name_group(view, &view->groups[g], "", second);
        compare_sentence(&j, first, second, &view->judgement);
    }
    return plot(view, err);
}

int compare_view_open(struct compare_view **out, const char *const *paths, size_t n, struct sl_error *err)
{
    struct compare_view *view = calloc(1, sizeof *view);
    if (!view)
        return sl_fail_memory(err, "the comparison");
    int status = sl_comparison_load(&view->comparison, paths, n, n == 1, err);
    if (!status)
        status = sl_comparison_groups(&view->comparison, &view->groups, &view->n_groups, err);
    view->order = status ? NULL : calloc(view->comparison.n + 1, sizeof *view->order);
    if (!status && !view->order)
        status = sl_fail_memory(err, "the comparison");
    if (!status)
        status = compare_view_refresh(view, err);
    if (status)
        compare_view_close(view);
    else
        *out = view;
    return status;
}

void compare_view_close(struct compare_view *view)
{
    if (!view)
        return;
    sl_groups_free(view->groups, view->n_groups);
    sl_comparison_release(&view->comparison);
    chart_data_release(&view->data);
    sl_buf_release(&view->judgement);
    sl_buf_release(&view->text);
    free(view->order);
    free(view);
}
