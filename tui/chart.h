/* chart.h: one pane of curves: what part of them is shown, how, and the picture of it.
 *
 * Pure: draws into cells. The cost of a frame follows the cells and the logarithm of the points. What the user set
 * (zoom, place, scales, smoothing, cursor) survives new points; the view follows the right edge until it is moved. */
#ifndef SL_TUI_CHART_H
#define SL_TUI_CHART_H

#include "chart_data.h"
#include "raster.h"

#define CHART_LINES 64

struct chart {
    const char *name;
    struct chart_data *data;  /* borrowed */
    size_t line[CHART_LINES]; /* curves of data, the one judged last: it gives the title its figures */
    size_t pen[CHART_LINES];  /* of each: lines of one pen belong together */
    bool quiet[CHART_LINES];  /* not in legend and title */
    size_t n_lines, n_pens;
    size_t bright; /* the line drawn solid over all others, and judged; SIZE_MAX: none */
    enum chart_axis axis;
    bool log_y;
    enum glyphs glyphs;
    int smoothing;
    bool follow;  /* the right edge is the newest point */
    double span;  /* of x; 0: all there is */
    double right; /* the right edge when not following */
    bool cursor;
    size_t cursor_at; /* a point */
    bool focused;     /* keys go here: its name is marked */
};

void chart_init(struct chart *chart, const char *name, struct chart_data *data);
void chart_add_line(struct chart *chart, size_t curve);
/* A border of the line added last, such as its mean less a deviation: quiet, and thinner. */
void chart_add_border(struct chart *chart, size_t curve);
/* After the data were cleared: show all again; scales, smoothing and glyphs stay. */
void chart_reset(struct chart *chart);

/* What keys do. */
void chart_zoom(struct chart *chart,
                double factor); /* below 1: closer; about the cursor, else the right edge or the middle */
void chart_fit(struct chart *chart);
void chart_follow(struct chart *chart);
/* Move the cursor, or else the view, by tenths of the width: to the left when negative. At least one point. */
void chart_move(struct chart *chart, int tenths, int columns);
void chart_axis(struct chart *chart, enum chart_axis axis);                 /* keeps what is in view */
int chart_smooth(struct chart *chart, int smoothing, struct sl_error *err); /* clamped */
void chart_cursor(struct chart *chart, bool on);
void chart_jump_extreme(struct chart *chart, bool highest); /* the judged curve's */
/* To the next mark, best or bad value, or the previous one; false when there is none. */
bool chart_jump_mark(struct chart *chart, bool forward);

/* Left and right edge of the view. They differ. */
void chart_window(const struct chart *chart, double *x0, double *x1);
/* The curve whose figures the title shows: the last one that has any value. */
const struct curve *chart_judged(const struct chart *chart);
/* Point of its best value, or SIZE_MAX. */
size_t chart_best(const struct curve *curve);

/* All of it: title, legend when there is height, labels, curves, marks. */
int chart_draw(const struct chart *chart, struct cells *cells, struct sl_error *err);
/* Title and legend alone: rows used. */
int chart_draw_title(const struct chart *chart, struct cells *cells);
struct pen chart_pen(const struct chart *chart, size_t line);
/* A figure with four significant digits or so, in at most 10 columns. */
void chart_number(double value, char out[24]);

#endif
