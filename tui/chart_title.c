/* chart_title.c: the words over a chart.
 *
 * Pieces have a place and a rank: when the row is short, the least important go first, none is cut in two. */
#include "chart.h"
#include "chart_plot.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

struct piece {
    int rank; /* lower stays longer */
    enum style style;
    char text[64];
};

struct title {
    struct piece piece[12];
    int n;
};

static void add(struct title *title, int rank, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void add(struct title *title, int rank, enum style style, const char *format, ...)
{
    struct piece *piece = &title->piece[title->n++];
    piece->rank = rank;
    piece->style = style;
    va_list args;
    va_start(args, format);
    vsnprintf(piece->text, sizeof piece->text, format, args);
    va_end(args);
}

static int columns_of(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += (*text & 0xc0) != 0x80;
    return n;
}

/* Rank by rank into the width, then in order onto the row. */
static void put_title(const struct title *title, struct cells *cells, int y)
{
    bool in[12] = { false };
    int width = 0, x = 0;
    for (int rank = 0; rank < 12; rank++)
        for (int i = 0; i < title->n; i++) {
            int need = columns_of(title->piece[i].text) + (width > 0);
            if (title->piece[i].rank != rank || width + need > cells->w)
                continue;
            in[i] = true;
            width += need;
        }
    for (int i = 0; i < title->n; i++)
        if (in[i])
            x += cells_text(cells, y, x, -1, title->piece[i].style, title->piece[i].text) + 1;
}

/* Does it go up or down at the end? Of the smoothed values when there are such. */
static int trend(const struct curve *curve)
{
    if (curve->last == SIZE_MAX)
        return 0;
    const double *value = curve->smooth ? curve->smooth : curve->value;
    size_t before = pyramid_previous(&curve->extents, curve->value, curve->last, PYRAMID_FINITE);
    return before == SIZE_MAX ? 0 : (value[curve->last] > value[before]) - (value[curve->last] < value[before]);
}

/* The value under the cursor, or the last one measured, or NaN. */
static double value_shown(const struct chart *chart, const struct curve *curve, bool *measured)
{
    size_t at = chart->cursor ? chart->cursor_at : curve->last;
    *measured = at < chart->data->n && !(curve->gaps && isnan(curve->value[at]));
    return *measured ? curve->value[at] : NAN;
}

static const char *arrow_of(const struct chart *chart, const struct curve *curve)
{
    bool ascii = chart->glyphs == GLYPHS_ASCII;
    int way = chart->cursor ? 0 : trend(curve);
    return way == 0 ? "" : way > 0 ? (ascii ? " ^" : " \u25b4") : (ascii ? " v" : " \u25be");
}

/* The last value and the best; with a legend the values are there. */
static void add_figures(const struct chart *chart, const struct curve *curve, bool legend, struct title *title)
{
    bool measured;
    char number[24];
    double value = value_shown(chart, curve, &measured);
    chart_number(value, number);
    if (!legend)
        add(title, 0, STYLE_NORMAL, "%s%s%s%s", chart->n_lines > 1 ? curve->name : "", chart->n_lines > 1 ? " " : "",
            measured ? number : "-", arrow_of(chart, curve));
    if (chart->cursor && chart->cursor_at < chart->data->n) {
        double x = chart->data->x[chart->axis][chart->cursor_at];
        if (chart->axis == CHART_STEP)
            add(title, 2, STYLE_STRONG, "at step %.0f", x);
        else
            add(title, 2, STYLE_STRONG, chart->axis == CHART_EPOCH ? "at epoch %.2f" : "at %.2f s", x);
    }
    size_t best = chart_best(curve);
    if (best != SIZE_MAX) {
        chart_number(curve->value[best], number);
        add(title, chart->cursor ? 6 : 4, STYLE_DIM, "best %s @%.0f", number, chart->data->x[CHART_STEP][best]);
    }
}

/* Values that cannot be drawn, of all lines. */
static void add_warnings(const struct chart *chart, struct title *title)
{
    uint64_t bad = 0, not_positive = 0;
    for (size_t i = 0; i < chart->n_lines; i++) {
        const struct curve *curve = &chart->data->curve[chart->line[i]];
        struct extent all = pyramid_extent(&curve->extents, curve->value, 0, chart->data->n);
        bad += all.bad;
        not_positive += all.not_positive;
    }
    if (bad)
        add(title, 1, STYLE_ERROR, "! %llu NaN/Inf", (unsigned long long)bad);
    if (chart->log_y && not_positive)
        add(title, 5, STYLE_WARNING, chart->glyphs == GLYPHS_ASCII ? "%llu <= 0" : "%llu \u2264 0",
            (unsigned long long)not_positive);
}

/* A line's pen, name, value and trend, from column x on; returns where it ends. Into no cells: how wide it is. */
static int put_entry(const struct chart *chart, size_t line, struct cells *cells, int y, int x)
{
    const struct curve *curve = &chart->data->curve[chart->line[line]];
    struct pen pen = chart_pen(chart, line);
    bool measured;
    char number[24];
    const char *value, *arrow = arrow_of(chart, curve);
    chart_number(value_shown(chart, curve, &measured), number);
    value = measured ? number : "-";
    if (cells) {
        raster_sample(&pen, chart->glyphs, cells, y, x);
        cells_text(cells, y, x + 3, -1, pen.style, curve->name);
        cells_text(cells, y, x + 4 + columns_of(curve->name), -1, STYLE_NORMAL, value);
        cells_text(cells, y, x + 4 + columns_of(curve->name) + columns_of(value), -1, STYLE_NORMAL, arrow);
    }
    return x + 6 + columns_of(curve->name) + columns_of(value) + columns_of(arrow);
}

/* As many lines as there is room for, the bright one first; and how many more there are. */
static int draw_legend(const struct chart *chart, struct cells *cells, int y)
{
    enum { MORE = 9 };
    size_t left = 0;
    int x = 0;
    if (chart->bright < chart->n_lines)
        x = put_entry(chart, chart->bright, cells, y, x);
    for (size_t i = 0; i < chart->n_lines; i++)
        left += !chart->quiet[i] && i != chart->bright;
    for (size_t i = 0; i < chart->n_lines; i++) {
        if (chart->quiet[i] || i == chart->bright)
            continue;
        int end = put_entry(chart, i, NULL, y, x), room = cells->w - (left > 1 ? MORE : 0);
        if (x && end - 2 > room)
            break;
        x = put_entry(chart, i, cells, y, x);
        left--;
    }
    if (left) {
        char more[32];
        snprintf(more, sizeof more, "+%zu more", left);
        cells_text(cells, y, x, -1, STYLE_HINT, more);
    }
    return 1;
}

int chart_draw_title(const struct chart *chart, struct cells *cells)
{
    struct title title = { 0 };
    const struct curve *curve = chart_judged(chart);
    bool legend = chart->n_lines > 1 && cells->h >= 8;
    const char *focus = !chart->focused ? "" : chart->glyphs == GLYPHS_ASCII ? "> " : "\u25b8 ";
    add(&title, 3, chart->focused ? STYLE_TITLE : STYLE_STRONG, "%s%s", focus, chart->name);
    if (curve && chart->data->n)
        add_figures(chart, curve, legend, &title);
    add_warnings(chart, &title);
    if (chart->smoothing)
        add(&title, 7, STYLE_DIM, "~%g", chart_smoothing_weight(chart->smoothing));
    if (chart->log_y)
        add(&title, 8, STYLE_DIM, "log");
    if (!chart->follow)
        add(&title, 9, STYLE_HINT, "G follows");
    else if (chart->span > 0)
        add(&title, 9, STYLE_HINT, "zoomed");
    put_title(&title, cells, 0);
    return 1 + (legend ? draw_legend(chart, cells, 1) : 0);
}

int chart_draw(const struct chart *chart, struct cells *cells, struct sl_error *err)
{
    if (cells->h < 1)
        return SL_OK;
    return chart_plot(chart, cells, chart_draw_title(chart, cells), err);
}
