/* chart_plot.c: the curves themselves: from points in view to dots, columns of labels and marks.
 *
 * Each column of dots gets everything between the least and the greatest value of the points that fall into it, so a
 * spike of one sample is there at any zoom; columns are joined by straight lines, which break at values that are no
 * number. The logarithmic scale shows positive values only. */
#include "chart_plot.h"

#include <math.h>

#define HUGE_Y 4e307 /* the difference of two such is still a double */

/* A curve or its smoothed form. */
struct trace {
    const double *value;
    const struct pyramid *extents;
};

static struct trace trace_of(const struct chart *chart, size_t line, bool smooth)
{
    const struct curve *curve = &chart->data->curve[chart->line[line]];
    return smooth && curve->smooth ? (struct trace){ curve->smooth, &curve->smooth_extents }
                                   : (struct trace){ curve->value, &curve->extents };
}

static enum pyramid_kind kind_of(const struct plot *plot)
{
    return plot->chart->log_y ? PYRAMID_POSITIVE : PYRAMID_FINITE;
}

static double shown(const struct plot *plot, double value)
{
    return plot->chart->log_y ? log10(value) : fmin(fmax(value, -HUGE_Y), HUGE_Y);
}

static double x_at(const struct plot *plot, size_t point)
{
    return plot->chart->data->x[plot->chart->axis][point];
}

/* Are points a < b joined: nothing between them that cannot be drawn? */
static bool joined(const struct plot *plot, struct trace trace, size_t a, size_t b)
{
    struct extent between = pyramid_extent(trace.extents, trace.value, a + 1, b);
    return between.bad == 0 && (!plot->chart->log_y || between.not_positive == 0);
}

/* Where the line between the points around x crosses it; NaN when none does. */
static double crossing(const struct plot *plot, struct trace trace, double x)
{
    size_t i = chart_data_find(plot->chart->data, plot->chart->axis, x);
    size_t b = pyramid_next(trace.extents, trace.value, i, kind_of(plot));
    size_t a = pyramid_previous(trace.extents, trace.value, i, kind_of(plot));
    if (a == SIZE_MAX || b == SIZE_MAX || !joined(plot, trace, a, b) || !(x_at(plot, a) < x_at(plot, b)))
        return NAN;
    double share = (x - x_at(plot, a)) / (x_at(plot, b) - x_at(plot, a));
    double ya = shown(plot, trace.value[a]), yb = shown(plot, trace.value[b]);
    return ya * (1 - share) + yb * share;
}

static void widen(struct plot *plot, double y)
{
    if (isnan(y))
        return;
    plot->y0 = fmin(plot->y0, y);
    plot->y1 = fmax(plot->y1, y);
    plot->any = true;
}

/* Least and greatest y of the points first..end-1, raw and smoothed. */
static void look_at(struct plot *plot, size_t first, size_t end)
{
    const struct chart *chart = plot->chart;
    plot->y0 = INFINITY;
    plot->y1 = -INFINITY;
    for (size_t i = 0; i < chart->n_lines * 2; i++) {
        struct trace trace = trace_of(chart, i / 2, i % 2);
        struct extent extent = pyramid_extent(trace.extents, trace.value, first, end);
        double low = chart->log_y ? extent.min_positive : extent.min;
        if (isfinite(low)) {
            widen(plot, shown(plot, low));
            if (extent.max >= low)
                widen(plot, shown(plot, extent.max));
        }
    }
}

/* A steep beginning must not flatten what follows: when the points behind the first twentieth need less than half of
 * the height, they get it, and the beginning runs out of the picture. */
static void leave_out_beginning(struct plot *plot, size_t first, size_t end)
{
    enum { ENOUGH = 100, PART = 20 };
    double y0 = plot->y0, y1 = plot->y1, room;
    if (plot->chart->log_y || first >= end || end - first < ENOUGH)
        return;
    look_at(plot, first + (end - first) / PART, end);
    room = (plot->y1 - plot->y0) * 0.15;
    if (plot->y1 > plot->y0 && 2 * (plot->y1 - plot->y0) < y1 - y0) {
        plot->y0 = fmax(y0, plot->y0 - room);
        plot->y1 = fmin(y1, plot->y1 + room);
    } else {
        plot->y0 = y0;
        plot->y1 = y1;
    }
}

/* The range of y: of what is in view, raw and smoothed, with a little room. */
static void find_range(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    size_t first = chart_data_find(chart->data, chart->axis, plot->x0);
    size_t end = chart_data_find(chart->data, chart->axis, nextafter(plot->x1, INFINITY));
    look_at(plot, first, end);
    for (size_t i = 0; i < chart->n_lines * 2; i++) {
        struct trace trace = trace_of(chart, i / 2, i % 2);
        widen(plot, crossing(plot, trace, plot->x0));
        widen(plot, crossing(plot, trace, plot->x1));
    }
    leave_out_beginning(plot, first, end);
    if (!plot->any)
        return;
    double room = (plot->y1 - plot->y0) * 0.04;
    if (!(plot->y1 > plot->y0))
        room = chart->log_y ? 0.1 : plot->y0 == 0 ? 1 : fabs(plot->y0) * 0.05;
    room = fmax(room, fmax(fabs(plot->y0), fabs(plot->y1)) * 4e-16);
    plot->y0 = fmax(plot->y0 - fmax(room, 1e-300), chart->log_y ? -323 : -HUGE_Y);
    plot->y1 = fmin(plot->y1 + fmax(room, 1e-300), chart->log_y ? 308.2 : HUGE_Y);
}

int plot_column(const struct plot *plot, double x)
{
    return (int)lround((x - plot->x0) / (plot->x1 - plot->x0) * (plot->raster.w - 1));
}

int plot_row(const struct plot *plot, double y)
{
    double row = (plot->y1 - y) / (plot->y1 - plot->y0) * (plot->raster.h - 1);
    return (int)lround(fmin(fmax(row, 0), plot->raster.h - 1));
}

/* First point that falls into a column of dots or right of it. */
static size_t column_start(const struct plot *plot, int column)
{
    const struct chart *chart = plot->chart;
    if (column <= 0)
        return chart_data_find(chart->data, chart->axis, plot->x0);
    if (column >= plot->raster.w)
        return chart_data_find(chart->data, chart->axis, nextafter(plot->x1, INFINITY));
    double x = plot->x0 + (column - 0.5) / (plot->raster.w - 1) * (plot->x1 - plot->x0);
    return chart_data_find(chart->data, chart->axis, x);
}

/* One curve, column by column; the cost follows the columns. */
static void draw_trace(struct plot *plot, struct trace trace, int pen)
{
    enum pyramid_kind kind = kind_of(plot);
    double y = crossing(plot, trace, plot->x0);
    bool before = !isnan(y);
    int last_column = 0, last_row = before ? plot_row(plot, y) : 0;
    size_t end, last = before ? pyramid_previous(trace.extents, trace.value, column_start(plot, 0), kind) : SIZE_MAX;
    for (int column = 0; column < plot->raster.w; column++) {
        size_t first = column_start(plot, column);
        end = column_start(plot, column + 1);
        size_t a = pyramid_next(trace.extents, trace.value, first, kind);
        if (a == SIZE_MAX || a >= end)
            continue;
        size_t b = pyramid_previous(trace.extents, trace.value, end, kind);
        struct extent extent = pyramid_extent(trace.extents, trace.value, first, end);
        double low = plot->chart->log_y ? extent.min_positive : extent.min;
        if (before && joined(plot, trace, last, a))
            raster_line(&plot->raster, pen, last_column, last_row, column, plot_row(plot, shown(plot, trace.value[a])));
        raster_line(&plot->raster, pen, column, plot_row(plot, shown(plot, low)), column,
                    plot_row(plot, shown(plot, extent.max)));
        before = true;
        last = b;
        last_column = column;
        last_row = plot_row(plot, shown(plot, trace.value[b]));
    }
    y = crossing(plot, trace, plot->x1);
    if (before && !isnan(y))
        raster_line(&plot->raster, pen, last_column, last_row, plot->raster.w - 1, plot_row(plot, y));
    else if (!before && !isnan(crossing(plot, trace, plot->x0)) && !isnan(y))
        raster_line(&plot->raster, pen, 0, plot_row(plot, crossing(plot, trace, plot->x0)), plot->raster.w - 1,
                    plot_row(plot, y));
}

static void draw_traces(struct plot *plot)
{
    const struct chart *chart = plot->chart;
    int faint = raster_pen(&plot->raster, (struct pen){ STYLE_SERIES_FAINT, false, '.', 1, 0 });
    for (size_t i = 0; i < chart->n_lines; i++)
        if (chart->data->curve[chart->line[i]].smooth)
            draw_trace(plot, trace_of(chart, i, false), faint);
    for (int quiet = 1; quiet >= 0; quiet--)
        for (size_t i = 0; i < chart->n_lines; i++)
            if (chart->quiet[i] == quiet && i != chart->bright)
                draw_trace(plot, trace_of(chart, i, true), raster_pen(&plot->raster, chart_pen(chart, i)));
    if (chart->bright < chart->n_lines)
        draw_trace(plot, trace_of(chart, chart->bright, true),
                   raster_pen(&plot->raster, chart_pen(chart, chart->bright)));
}

static void put_mark(const struct plot *plot, size_t point, char kind)
{
    double x = point < plot->chart->data->n ? x_at(plot, point) : NAN;
    if (!(x >= plot->x0 && x <= plot->x1))
        return;
    enum style style = kind == '!'   ? STYLE_ERROR
                       : kind == 'v' ? STYLE_GOOD
                       : kind == '^' ? STYLE_WARNING
                                     : STYLE_STRONG;
    cells_put(plot->cells, plot->axis_row, plot->left + plot_column(plot, x) / 2, style, (unsigned char)kind);
}

/* Marks on the axis; what is no number comes last, over all others. */
static void draw_marks(const struct plot *plot)
{
    const struct chart *chart = plot->chart;
    bool own_row = plot->axis_row >= plot->top + plot->rows; /* else only what must be seen may hide a curve */
    if (own_row)
        put_mark(plot, chart_best(chart_judged(chart)), 'v');
    for (size_t i = 0; own_row && i < chart->data->n_marks; i++)
        put_mark(plot, chart->data->marks[i].at, chart->data->marks[i].kind);
    for (int x = 0; x < plot->columns; x++) {
        size_t first = column_start(plot, x * 2), end = column_start(plot, x * 2 + 2);
        for (size_t i = 0; i < chart->n_lines; i++) {
            struct trace trace = trace_of(chart, i, false);
            if (pyramid_extent(trace.extents, trace.value, first, end).bad)
                cells_put(plot->cells, plot->axis_row, plot->left + x, STYLE_ERROR, '!');
        }
    }
}

static void draw_cursor(const struct plot *plot)
{
    const struct chart *chart = plot->chart;
    double x = chart->cursor && chart->cursor_at < chart->data->n ? x_at(plot, chart->cursor_at) : NAN;
    if (!(x >= plot->x0 && x <= plot->x1))
        return;
    int column = plot->left + plot_column(plot, x) / 2;
    for (int y = 0; y < plot->rows; y++)
        if (!plot->cells->at[(size_t)(plot->top + y) * (size_t)plot->cells->w + (size_t)column].glyph)
            cells_put(plot->cells, plot->top + y, column, STYLE_HINT, plot_glyph(chart, 0x250a, ':'));
}

static void draw_nothing(const struct plot *plot)
{
    const char *text = !plot->chart->data->n ? "no points yet"
                       : plot->chart->log_y  ? "no positive value here: y for a linear scale"
                                             : "no finite value here";
    int width = (int)strlen(text), x = plot->left + (plot->columns - width) / 2;
    cells_text(plot->cells, plot->top + plot->rows / 2, x > plot->left ? x : plot->left, -1, STYLE_HINT, text);
}

int chart_plot(const struct chart *chart, struct cells *cells, int top, struct sl_error *err)
{
    int rows = cells->h - top, axis = rows >= 4, labels = rows >= 5;
    struct plot plot = {
        .chart = chart, .cells = cells, .top = top, .rows = rows - axis - labels, .columns = cells->w
    };
    if (plot.rows < 1 || plot.columns < 1)
        return SL_OK;
    plot.axis_row = axis ? top + plot.rows : top + plot.rows - 1;
    chart_window(chart, &plot.x0, &plot.x1);
    find_range(&plot);
    struct ticks ticks = { 0 };
    if (cells->w >= 24)
        plot.left = plot_label_y(&plot, &ticks, cells->w / 4 < 9 ? cells->w / 4 : 9);
    plot.columns -= plot.left;
    int status = raster_init(&plot.raster, plot.rows, plot.columns, err);
    if (status != SL_OK)
        return status;
    plot_labels_y(&plot, &ticks);
    if (axis)
        plot_axis_x(&plot);
    if (labels && chart->data->n)
        plot_labels_x(&plot, cells->h - 1);
    if (plot.any)
        draw_traces(&plot);
    else
        draw_nothing(&plot);
    raster_render(&plot.raster, chart->glyphs, cells, plot.top, plot.left);
    draw_marks(&plot);
    draw_cursor(&plot);
    raster_release(&plot.raster);
    return SL_OK;
}
