/* plot.c: the drawing of a chart, whatever it is drawn on. */
#include "plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEFT = 88, RIGHT = 28, TOP = 84, BOTTOM = 72, LETTERS = 14, TITLE = 21 };

const uint32_t plot_colours[PLOT_CURVE + PLOT_SERIES] = { 0xffffff, 0x222222, 0x444444, 0xe2e2e2, 0x0072b2,
                                                          0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00, 0x56b4e9 };
const double plot_dashes[PLOT_SERIES][5] = { { 0 }, { 12, 6 }, { 3, 4 }, { 12, 4, 3, 4 }, { 20, 6 }, { 6, 6 } };

struct frame {
    const struct plot *plot;
    const struct plot_canvas *canvas;
    double x0, x1, y0, y1; /* of the data, as shown */
    struct plot_point *points;
    size_t n;
};

double plot_text_width(const char *text, double height)
{
    size_t characters = 0;
    for (const char *p = text; *p; p++)
        characters += ((unsigned char)*p & 0xc0) != 0x80;
    /* Cells six dots wide, of letters seven dots high; the last gap is not seen. */
    return characters ? ((double)characters * 6 - 1) * height / 7 : 0;
}

static void find_range(struct frame *f)
{
    f->x0 = f->y0 = (double)INFINITY;
    f->x1 = f->y1 = -(double)INFINITY;
    for (size_t s = 0; s < f->plot->n; s++) {
        const struct plot_series *series = &f->plot->series[s];
        for (size_t i = 0; i < series->n; i++) {
            if (!isfinite(series->y[i]) || !isfinite(series->x[i]))
                continue;
            f->x0 = fmin(f->x0, series->x[i]);
            f->x1 = fmax(f->x1, series->x[i]);
            f->y0 = fmin(f->y0, series->y[i]);
            f->y1 = fmax(f->y1, series->y[i]);
        }
    }
    if (!(f->x0 <= f->x1)) /* nothing to show: an empty frame */
        f->x0 = f->y0 = 0, f->x1 = f->y1 = 1;
    if (f->x0 == f->x1)
        f->x0 -= 0.5, f->x1 += 0.5;
    double around = f->y1 > f->y0 ? 0.05 * (f->y1 - f->y0) : fmax(fabs(f->y1) * 0.1, 1e-3);
    f->y0 -= around;
    f->y1 += around;
}

static double place_x(const struct frame *f, double x)
{
    return LEFT + (x - f->x0) / (f->x1 - f->x0) * (PLOT_WIDTH - LEFT - RIGHT);
}

static double place_y(const struct frame *f, double y)
{
    return PLOT_HEIGHT - BOTTOM - (y - f->y0) / (f->y1 - f->y0) * (PLOT_HEIGHT - TOP - BOTTOM);
}

static void put_line(const struct frame *f, double x0, double y0, double x1, double y1, enum plot_ink ink, double width)
{
    const struct plot_point ends[] = { { x0, y0 }, { x1, y1 } };
    f->canvas->line(f->canvas->ctx, ends, 2, ink, width);
}

static void put_text(const struct frame *f, double x, double y, enum plot_anchor anchor, double height,
                     const char *text)
{
    f->canvas->text(f->canvas->ctx, (struct plot_point){ x, y }, anchor, false, height, text);
}

static void draw_axes(const struct frame *f)
{
    double ticks[16], bottom = PLOT_HEIGHT - BOTTOM;
    char text[32];
    size_t n = plot_ticks(f->y0, f->y1, 6, ticks);
    for (size_t i = 0; i < n; i++) {
        double y = place_y(f, ticks[i]);
        put_line(f, LEFT, y, PLOT_WIDTH - RIGHT, y, PLOT_GRID, 1);
        plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : 1, text);
        put_text(f, LEFT - 8, y, PLOT_RIGHT, LETTERS, text);
    }
    /* Steps are counted: no ticks between whole numbers. */
    n = plot_ticks(f->x0, f->x1, f->x1 - f->x0 < 8 ? (int)(f->x1 - f->x0) : 8, ticks);
    for (size_t i = 0; i < n; i++) {
        double x = place_x(f, ticks[i]);
        put_line(f, x, bottom, x, bottom + 6, PLOT_AXIS, 1);
        plot_tick_text(ticks[i], n > 1 ? ticks[1] - ticks[0] : 1, text);
        put_text(f, x, bottom + 18, PLOT_MIDDLE, LETTERS, text);
    }
    put_line(f, LEFT, TOP, LEFT, bottom, PLOT_AXIS, 1);
    put_line(f, LEFT, bottom, PLOT_WIDTH - RIGHT, bottom, PLOT_AXIS, 1);
    put_text(f, (LEFT + PLOT_WIDTH - RIGHT) / 2.0, PLOT_HEIGHT - 22, PLOT_MIDDLE, LETTERS, f->plot->x_label);
    f->canvas->text(f->canvas->ctx, (struct plot_point){ 18, (TOP + bottom) / 2.0 }, PLOT_MIDDLE, true, LETTERS,
                    f->plot->y_label);
    put_text(f, LEFT, 26, PLOT_LEFT, TITLE, f->plot->title);
}

static void draw_legend(const struct frame *f)
{
    double x = LEFT;
    for (size_t s = 0; s < f->plot->n && s < PLOT_SERIES; s++) {
        const char *label = f->plot->series[s].label;
        put_line(f, x, 60, x + 48, 60, (enum plot_ink)(PLOT_CURVE + s), 2.5);
        put_text(f, x + 58, 60, PLOT_LEFT, LETTERS, label);
        x += 58 + plot_text_width(label, LETTERS) + 32;
    }
}

static void end_piece(struct frame *f, enum plot_ink ink)
{
    if (f->n == 1)
        f->canvas->dot(f->canvas->ctx, f->points[0], ink, 3.5);
    else if (f->n > 1)
        f->canvas->line(f->canvas->ctx, f->points, f->n, ink, 2.5);
    f->n = 0;
}

/* Points that fall on one pixel's column leave four: first, lowest, highest, last; no more can be seen. */
static size_t thin(struct plot_point *p, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i, low = i, high = i;
        for (; end < n && floor(p[end].x) == floor(p[i].x); end++) {
            low = p[end].y < p[low].y ? end : low;
            high = p[end].y > p[high].y ? end : high;
        }
        const size_t chosen[4] = { i, low < high ? low : high, low < high ? high : low, end - 1 };
        for (int k = 0; k < 4; k++)
            if (k == 0 || chosen[k] != chosen[k - 1])
                p[kept++] = p[chosen[k]];
        i = end;
    }
    return kept;
}

static void draw_curve(struct frame *f, size_t s)
{
    const struct plot_series *series = &f->plot->series[s];
    enum plot_ink ink = (enum plot_ink)(PLOT_CURVE + s);
    for (size_t i = 0; i <= series->n; i++) {
        if (i < series->n && isfinite(series->y[i]) && isfinite(series->x[i])) {
            f->points[f->n++] = (struct plot_point){ place_x(f, series->x[i]), place_y(f, series->y[i]) };
            continue;
        }
        if (f->n > 2 * PLOT_WIDTH)
            f->n = thin(f->points, f->n);
        end_piece(f, ink);
    }
}

bool plot_draw(const struct plot *plot, const struct plot_canvas *canvas)
{
    struct frame f = { .plot = plot, .canvas = canvas };
    size_t most = 0, bytes;
    for (size_t s = 0; s < plot->n; s++)
        most = plot->series[s].n > most ? plot->series[s].n : most;
    if (!sl_mul(most + 1, sizeof *f.points, &bytes) || !(f.points = malloc(bytes)))
        return false;
    find_range(&f);
    draw_axes(&f);
    draw_legend(&f);
    for (size_t s = 0; s < plot->n && s < PLOT_SERIES; s++)
        draw_curve(&f, s);
    free(f.points);
    return true;
}
