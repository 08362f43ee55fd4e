/* chart.c: what part of the curves is in view, and what keys do to it.
 *
 * The view is kept as a width and a right edge in units of the axis, not as points, so that points which come do not
 * move it. */
#include "chart.h"

#include <math.h>
#include <stdio.h>

void chart_init(struct chart *chart, const char *name, struct chart_data *data)
{
    *chart = (struct chart){ .name = name, .data = data, .follow = true, .bright = SIZE_MAX };
}

void chart_add_line(struct chart *chart, size_t curve)
{
    if (chart->n_lines == CHART_LINES)
        return;
    chart->quiet[chart->n_lines] = false;
    chart->pen[chart->n_lines] = chart->n_pens++;
    chart->line[chart->n_lines++] = curve;
}

void chart_add_border(struct chart *chart, size_t curve)
{
    if (chart->n_lines == CHART_LINES || !chart->n_pens)
        return;
    chart->quiet[chart->n_lines] = true;
    chart->pen[chart->n_lines] = chart->n_pens - 1;
    chart->line[chart->n_lines++] = curve;
}

void chart_reset(struct chart *chart)
{
    chart->cursor = false;
    chart->cursor_at = 0;
    chart_fit(chart);
}

void chart_fit(struct chart *chart)
{
    chart->span = 0;
    chart->follow = true;
}

void chart_follow(struct chart *chart)
{
    chart->follow = true;
    chart->cursor = false;
}

static double x_of(const struct chart *chart, size_t point)
{
    return chart->data->x[chart->axis][point];
}

static double x_last(const struct chart *chart)
{
    return chart->data->n ? x_of(chart, chart->data->n - 1) : 0;
}

void chart_window(const struct chart *chart, double *x0, double *x1)
{
    *x0 = 0;
    *x1 = 1;
    if (!chart->data->n)
        return;
    *x1 = chart->follow || chart->span <= 0 ? x_last(chart) : chart->right;
    *x0 = chart->span > 0 ? *x1 - chart->span : x_of(chart, 0);
    if (!(*x0 < *x1)) { /* one place: in the middle of something */
        double half = fmax(0.5, fabs(*x1) * 1e-9);
        *x0 -= half;
        *x1 += half;
    }
}

/* Set a view whose right edge is x1; as wide as everything is the same as showing all. */
static void set_window(struct chart *chart, double x0, double x1)
{
    double first = x_of(chart, 0), last = x_last(chart), span = x1 - x0;
    if (span >= last - first) {
        chart_fit(chart);
        return;
    }
    x1 = fmin(fmax(x1, first + span), last);
    chart->span = span;
    chart->right = x1;
    chart->follow = x1 >= last;
}

void chart_zoom(struct chart *chart, double factor)
{
    if (chart->data->n < 2)
        return;
    double x0, x1;
    chart_window(chart, &x0, &x1);
    double least = fmax((x_last(chart) - x_of(chart, 0)) / (double)chart->data->n, (x1 - x0) * 1e-12);
    double span = fmax((x1 - x0) * factor, least);
    double about = chart->follow ? x1 : x0 + (x1 - x0) / 2;
    if (chart->cursor && x_of(chart, chart->cursor_at) >= x0 && x_of(chart, chart->cursor_at) <= x1)
        about = x_of(chart, chart->cursor_at);
    double left = about - (about - x0) * span / (x1 - x0);
    set_window(chart, left, left + span);
}

/* Bring the cursor into view, and keep it there while points come. */
static void reveal(struct chart *chart)
{
    double x0, x1, x = x_of(chart, chart->cursor_at);
    chart_window(chart, &x0, &x1);
    if (x < x0 || x > x1) {
        set_window(chart, x - chart->span / 2, x + chart->span / 2);
    } else if (chart->cursor_at + 1 < chart->data->n) {
        chart->follow = false;
        chart->right = x1;
    }
}

static void place_cursor(struct chart *chart, size_t point)
{
    chart->cursor = true;
    chart->cursor_at = point < chart->data->n ? point : chart->data->n - 1;
    if (chart->span > 0)
        reveal(chart);
}

/* The point nearest to x. */
static size_t nearest(const struct chart *chart, double x)
{
    size_t i = chart_data_find(chart->data, chart->axis, x);
    if (i == chart->data->n)
        return i - 1;
    return i > 0 && x - x_of(chart, i - 1) < x_of(chart, i) - x ? i - 1 : i;
}

void chart_move(struct chart *chart, int tenths, int columns)
{
    if (!chart->data->n || !tenths)
        return;
    double x0, x1;
    chart_window(chart, &x0, &x1);
    if (!chart->cursor) {
        if (chart->span > 0)
            set_window(chart, x0 + (x1 - x0) * tenths / 10, x1 + (x1 - x0) * tenths / 10);
        return;
    }
    double by = (x1 - x0) * tenths / (columns > 1 ? columns : 1);
    size_t at = chart->cursor_at, to = nearest(chart, x_of(chart, at) + by);
    if (tenths < 0 && to >= at)
        to = at > 0 ? at - 1 : 0;
    else if (tenths > 0 && to <= at)
        to = at + 1;
    place_cursor(chart, to);
}

void chart_axis(struct chart *chart, enum chart_axis axis)
{
    const struct chart_data *data = chart->data;
    if (chart->span > 0 && data->n > 1) {
        double x0, x1;
        chart_window(chart, &x0, &x1);
        size_t first = nearest(chart, x0), last = nearest(chart, x1);
        double left = data->x[axis][first], right = data->x[axis][last];
        chart->axis = axis;
        if (right > left)
            set_window(chart, left, right);
        else
            chart_fit(chart);
    }
    chart->axis = axis;
}

int chart_smooth(struct chart *chart, int smoothing, struct sl_error *err)
{
    smoothing = smoothing < 0 ? 0 : smoothing >= CHART_SMOOTHINGS ? CHART_SMOOTHINGS - 1 : smoothing;
    for (size_t i = 0; i < chart->n_lines; i++) {
        bool even = chart->data->curve[chart->line[i]].even;
        int status = chart_data_smooth(chart->data, chart->line[i], even ? 0 : smoothing, err);
        if (status != SL_OK)
            return status;
    }
    chart->smoothing = smoothing;
    return SL_OK;
}

void chart_cursor(struct chart *chart, bool on)
{
    if (!on || !chart->data->n) {
        chart->cursor = false;
        return;
    }
    double x0, x1;
    chart_window(chart, &x0, &x1);
    place_cursor(chart, chart->follow ? chart->data->n - 1 : nearest(chart, x0 + (x1 - x0) / 2));
}

const struct curve *chart_judged(const struct chart *chart)
{
    const struct curve *best = NULL;
    if (chart->bright < chart->n_lines)
        return &chart->data->curve[chart->line[chart->bright]];
    for (size_t i = 0; i < chart->n_lines; i++) {
        const struct curve *curve = &chart->data->curve[chart->line[i]];
        if (!chart->quiet[i] && (!best || curve->last != SIZE_MAX))
            best = curve;
    }
    return best;
}

size_t chart_best(const struct curve *curve)
{
    return !curve ? SIZE_MAX : curve->rising ? curve->highest : curve->lowest;
}

void chart_jump_extreme(struct chart *chart, bool highest)
{
    const struct curve *curve = chart_judged(chart);
    size_t at = !curve ? SIZE_MAX : highest ? curve->highest : curve->lowest;
    if (at != SIZE_MAX)
        place_cursor(chart, at);
}

/* Keep the nearer of two candidates on the wanted side of `from`. */
static void consider(size_t *best, size_t at, size_t from, bool forward)
{
    if (at == SIZE_MAX || (forward ? at <= from && from != SIZE_MAX : at >= from))
        return;
    if (*best == SIZE_MAX || (forward ? at < *best : at > *best))
        *best = at;
}

bool chart_jump_mark(struct chart *chart, bool forward)
{
    const struct chart_data *data = chart->data;
    size_t from = chart->cursor ? chart->cursor_at : forward ? SIZE_MAX : data->n, best = SIZE_MAX;
    for (size_t i = 0; i < data->n_marks; i++)
        consider(&best, data->marks[i].at, from, forward);
    consider(&best, chart_best(chart_judged(chart)), from, forward);
    for (size_t i = 0; i < chart->n_lines; i++) {
        const struct curve *curve = &data->curve[chart->line[i]];
        consider(&best,
                 forward ? pyramid_next(&curve->extents, curve->value, from + 1, PYRAMID_BAD)
                         : pyramid_previous(&curve->extents, curve->value, from, PYRAMID_BAD),
                 from, forward);
    }
    if (best == SIZE_MAX)
        return false;
    place_cursor(chart, best);
    return true;
}

/* The first four differ in style, dash and mark; those behind them repeat the styles with other dashes and marks. */
struct pen chart_pen(const struct chart *chart, size_t line)
{
    static const enum style styles[] = { STYLE_SERIES_0, STYLE_SERIES_1, STYLE_SERIES_2, STYLE_SERIES_3 };
    static const struct {
        int on, off;
    } dashes[] = { { 1, 0 }, { 2, 2 }, { 6, 2 }, { 1, 1 }, { 4, 1 }, { 3, 3 }, { 8, 3 }, { 1, 2 }, { 5, 5 } };
    static const char marks[] = "\0ox+*#@%abcdefghijkmnpqrstuwyz";
    enum { STYLES = 4, DASHES = sizeof dashes / sizeof *dashes, MARKS = sizeof marks - 1 };
    size_t pen = chart->pen[line];
    struct pen out = { .style = styles[pen % STYLES],
                       .front = chart->bright == SIZE_MAX,
                       .mark = marks[pen % MARKS],
                       .on = dashes[pen % DASHES].on,
                       .off = dashes[pen % DASHES].off };
    if (line == chart->bright) {
        out.style = STYLE_STRONG;
        out.front = true;
        out.on = 1;
        out.off = 0;
    } else if (chart->quiet[line]) {
        out = (struct pen){ .style = out.style, .mark = '.', .on = 1, .off = 3 };
    }
    return out;
}

void chart_number(double value, char out[24])
{
    double size = fabs(value);
    if (isnan(value))
        snprintf(out, 24, "NaN");
    else if (isinf(value))
        snprintf(out, 24, value < 0 ? "-inf" : "inf");
    else if (value == 0)
        snprintf(out, 24, "0");
    else if (size >= 0.01 && size < 9.99995)
        snprintf(out, 24, "%.4f", value);
    else if (size >= 0.01 && size < 99999.5)
        snprintf(out, 24, "%.*f", size < 99.995 ? 2 : size < 999.95 ? 1 : 0, value);
    else if (size >= 1 && size < 999.5e9)
        snprintf(out, 24, size < 999.5e6 ? "%.3gM" : "%.3gG", value / (size < 999.5e6 ? 1e6 : 1e9));
    else
        snprintf(out, 24, "%.3g", value);
}
