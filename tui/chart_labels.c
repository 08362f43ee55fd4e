/* chart_labels.c: the axes of a chart: lines, ticks and what they say. */
#include "chart_axis.h"
#include "chart_plot.h"

#include <math.h>

uint32_t plot_glyph(const struct chart *chart, uint32_t unicode, char ascii)
{
    return chart->glyphs == GLYPHS_ASCII ? (unsigned char)ascii : unicode;
}

int plot_label_y(const struct plot *plot, struct ticks *ticks, int most_width)
{
    *ticks = (struct ticks){ 0 };
    if (!plot->any || plot->rows < 2 || most_width < 3)
        return 0;
    int most = plot->rows < 4 ? 2 : plot->rows / 3 + 2;
    if (plot->chart->log_y)
        ticks_log(ticks, pow(10, plot->y0), pow(10, plot->y1), most, most_width);
    else
        ticks_linear(ticks, plot->y0, plot->y1, most, most_width, false);
    if (ticks->width > most_width) /* still too wide: none is better than one cut */
        *ticks = (struct ticks){ 0 };
    return ticks->width + 1;
}

void plot_labels_y(const struct plot *plot, const struct ticks *ticks)
{
    int bar = plot->left - 1;
    if (bar < 0)
        return;
    for (int y = 0; y < plot->rows; y++)
        cells_put(plot->cells, plot->top + y, bar, STYLE_DIM, plot_glyph(plot->chart, 0x2502, '|'));
    int last = plot->rows; /* the lowest first: when labels are distances, it is what they are from */
    for (int i = 0; i < ticks->n; i++) {
        double y = plot->chart->log_y ? log10(ticks->at[i]) : ticks->at[i];
        int row = plot_row(plot, y) / 4;
        if (row >= last)
            continue;
        cells_text(plot->cells, plot->top + row, bar - (int)strlen(ticks->label[i]), -1, STYLE_DIM, ticks->label[i]);
        cells_put(plot->cells, plot->top + row, bar, STYLE_DIM, plot_glyph(plot->chart, 0x2524, '+'));
        last = row;
    }
}

void plot_labels_x(const struct plot *plot, int label_row)
{
    static const char *const names[CHART_AXES] = { "step", "epoch", "time" };
    struct ticks ticks;
    int most = plot->columns / 9 < 2 ? 2 : plot->columns / 9;
    if (plot->chart->axis == CHART_TIME)
        ticks_time(&ticks, plot->x0, plot->x1, most, 9);
    else
        ticks_linear(&ticks, plot->x0, plot->x1, most, 9, plot->chart->axis == CHART_STEP);
    const char *name = names[plot->chart->axis];
    int edge = plot->left + plot->columns, length = (int)strlen(name), free_from = plot->left;
    int name_at = plot->left > length ? plot->left - length - 1 : plot->columns >= 30 ? edge - length : edge + 2;
    cells_text(plot->cells, label_row, name_at, -1, STYLE_DIM, name);
    for (int i = 0; i < ticks.n; i++) {
        int width = (int)strlen(ticks.label[i]), middle = plot->left + plot_column(plot, ticks.at[i]) / 2;
        int x = middle - width / 2;
        x = x < plot->left ? plot->left : x + width > edge ? edge - width : x;
        cells_put(plot->cells, plot->axis_row, middle, STYLE_DIM, plot_glyph(plot->chart, 0x252c, '+'));
        if (x < free_from || (name_at >= plot->left && name_at < edge && x + width >= name_at))
            continue;
        cells_text(plot->cells, label_row, x, -1, STYLE_DIM, ticks.label[i]);
        free_from = x + width + 1;
    }
}

void plot_axis_x(const struct plot *plot)
{
    for (int x = 0; x < plot->columns; x++)
        cells_put(plot->cells, plot->axis_row, plot->left + x, STYLE_DIM, plot_glyph(plot->chart, 0x2500, '-'));
    if (plot->left > 0)
        cells_put(plot->cells, plot->axis_row, plot->left - 1, STYLE_DIM, plot_glyph(plot->chart, 0x2514, '+'));
}
