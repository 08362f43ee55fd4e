/* chart_plot.h: the field of a chart, below its title. */
#ifndef SL_TUI_CHART_PLOT_H
#define SL_TUI_CHART_PLOT_H

#include "chart.h"

/* Curves, labels, axes and marks into the rows of cells from `top` on. */
int chart_plot(const struct chart *chart, struct cells *cells, int top, struct sl_error *err);

#endif
