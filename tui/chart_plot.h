/* chart_plot.h: the field of a chart, below its title; and what its parts share. */
#ifndef SL_TUI_CHART_PLOT_H
#define SL_TUI_CHART_PLOT_H

#include "chart.h"
#include "chart_axis.h"

/* Curves, labels, axes and marks into the rows of cells from `top` on. */
int chart_plot(const struct chart *chart, struct cells *cells, int top, struct sl_error *err);

struct plot {
    const struct chart *chart;
    struct cells *cells;
    int top, left, rows, columns; /* of the field, in cells */
    int axis_row;                 /* where marks go */
    struct raster raster;
    double x0, x1, y0, y1; /* y as shown: the logarithm on a logarithmic scale */
    bool any;              /* something to show */
};

/* Dot of a place, y as shown. */
int plot_column(const struct plot *plot, double x);
int plot_row(const struct plot *plot, double y);

/* chart_labels.c */
uint32_t plot_glyph(const struct chart *chart, uint32_t unicode, char ascii);
/* Choose the ticks of y. Returns the columns their labels take, with the line beside them; 0: no room for any. */
int plot_label_y(const struct plot *plot, struct ticks *ticks, int most_width);
void plot_labels_y(const struct plot *plot, const struct ticks *ticks);
void plot_labels_x(const struct plot *plot, int label_row);
void plot_axis_x(const struct plot *plot);

#endif
