/* chart_data.h: the curves of a run: three x axes shared by all, and a value a point for each curve.
 *
 * Points are only ever added; what a frame needs is kept up as they come, so that drawing never walks all of them. */
#ifndef SL_TUI_CHART_DATA_H
#define SL_TUI_CHART_DATA_H

#include "chart_pyramid.h"

enum chart_axis { CHART_STEP, CHART_EPOCH, CHART_TIME, CHART_AXES };

#define CHART_CURVES     64
#define CHART_SMOOTHINGS 9

/* A curve: as measured, and smoothed. */
struct curve {
    const char *name; /* borrowed; in the legend */
    bool gaps;        /* NaN means "not measured", not "not a number" */
    bool rising;      /* higher is better */
    bool even;        /* never smoothed: measured seldom, or a setting */
    double *value;    /* data->n; owned */
    struct pyramid extents;
    int smoothing;  /* 0 none … CHART_SMOOTHINGS - 1 */
    double *smooth; /* data->n, when smoothing; owned */
    struct pyramid smooth_extents;
    double average; /* of the smoothed values, and how many went in */
    uint64_t averaged;
    size_t lowest, highest, last; /* points: of the finite values, SIZE_MAX when there is none */
};

/* Something that happened at a point. */
struct chart_mark {
    size_t at;
    char kind; /* '|' checkpoint, '^' changed parameter, 'v' best, '!' not a number */
};

struct chart_data {
    size_t n, capacity;
    size_t kept;           /* points, of which the first n are shown */
    double *x[CHART_AXES]; /* never falling; owned */
    struct curve curve[CHART_CURVES];
    size_t n_curves;
    struct chart_mark *marks; /* by place; owned */
    size_t n_marks, marks_capacity;
};

/* Add a curve before the first point; returns its number. */
size_t chart_data_curve(struct chart_data *data, const char *name, bool gaps, bool rising);
/* A point: its place on each axis, and a value for each curve. An x that falls, or is no number, is taken as the one
 * before. */
int chart_data_add(struct chart_data *data, const double x[CHART_AXES], const double *values, struct sl_error *err);
int chart_data_mark(struct chart_data *data, size_t at, char kind, struct sl_error *err);
/* Show the first n points of those kept, be that fewer or more than before; adding a point forgets those behind it.
 * Marks behind them go. Costs a logarithm of the points. */
void chart_data_show(struct chart_data *data, size_t n);
/* Forget points and marks; curves and their smoothing stay. */
void chart_data_clear(struct chart_data *data);
void chart_data_release(struct chart_data *data);

/* Weight of the past in the average: 0, 0.5 … 0.999. */
double chart_smoothing_weight(int smoothing);
/* Debiased exponential average of every point, without gaps or bad values; a constant stays constant, bit by bit. */
int chart_data_smooth(struct chart_data *data, size_t curve, int smoothing, struct sl_error *err);

/* First point at or right of x on an axis; data->n when there is none. */
size_t chart_data_find(const struct chart_data *data, enum chart_axis axis, double x);

#endif
