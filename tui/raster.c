/* raster.c: dots, lines and their three alphabets.
 *
 * A cell keeps eight bits, one a dot, and the pen that came last. A front pen wipes what a back pen left in the same
 * cell: a faint noisy curve behind a smooth one must not thicken it. Dots of two front pens are shown together, in the
 * style of the later one. */
#include "raster.h"

#include "sluice/text.h"

#include <stdlib.h>

#define NO_PEN 255

int cells_init(struct cells *cells, int h, int w, struct sl_error *err)
{
    *cells = (struct cells){ .h = h > 0 && w > 0 ? h : 0, .w = h > 0 && w > 0 ? w : 0 };
    if (!cells->h)
        return SL_OK;
    size_t n;
    if (sl_mul((size_t)h, (size_t)w, &n))
        cells->at = calloc(n, sizeof *cells->at);
    return cells->at ? SL_OK : sl_fail_memory(err, "drawing a chart");
}

void cells_release(struct cells *cells)
{
    if (!cells)
        return;
    free(cells->at);
    *cells = (struct cells){ 0 };
}

void cells_put(struct cells *cells, int y, int x, enum style style, uint32_t glyph)
{
    if (y < 0 || x < 0 || y >= cells->h || x >= cells->w)
        return;
    cells->at[(size_t)y * (size_t)cells->w + (size_t)x] = (struct cell){ glyph, (uint8_t)style };
}

int cells_text(struct cells *cells, int y, int x, int width, enum style style, const char *text)
{
    size_t left = strlen(text), length;
    int used = 0;
    for (const char *p = text; left; p += length, left -= length) {
        uint32_t code = sl_utf8_decode(p, left, &length);
        if ((width >= 0 && used >= width) || x + used >= cells->w)
            break;
        cells_put(cells, y, x + used++, style, code);
    }
    return used;
}

void cells_row(const struct cells *cells, int y, struct sl_buf *out)
{
    if (y < 0 || y >= cells->h)
        return;
    const struct cell *row = cells->at + (size_t)y * (size_t)cells->w;
    int end = cells->w;
    while (end > 0 && (row[end - 1].glyph == 0 || row[end - 1].glyph == ' '))
        end--;
    for (int x = 0; x < end; x++) {
        char utf8[4];
        sl_buf_add(out, utf8, sl_utf8_encode(row[x].glyph ? row[x].glyph : ' ', utf8));
    }
}

int raster_init(struct raster *raster, int rows, int columns, struct sl_error *err)
{
    *raster = (struct raster){ 0 };
    if (rows < 1 || columns < 1)
        return SL_OK;
    size_t n;
    if (rows > INT32_MAX / 4 || columns > INT32_MAX / 2 || !sl_mul((size_t)rows, (size_t)columns, &n))
        return sl_fail_memory(err, "drawing a chart");
    raster->dots = calloc(n, 1);
    raster->pens = malloc(n);
    if (!raster->dots || !raster->pens) {
        raster_release(raster);
        return sl_fail_memory(err, "drawing a chart");
    }
    memset(raster->pens, NO_PEN, n);
    raster->rows = rows;
    raster->columns = columns;
    raster->h = rows * 4;
    raster->w = columns * 2;
    return SL_OK;
}

void raster_release(struct raster *raster)
{
    if (!raster)
        return;
    free(raster->dots);
    free(raster->pens);
    *raster = (struct raster){ 0 };
}

int raster_pen(struct raster *raster, struct pen pen)
{
    if (raster->n_pens == RASTER_PENS)
        return RASTER_PENS - 1;
    raster->pen[raster->n_pens] = pen;
    return raster->n_pens++;
}

static unsigned dot_bit(int x, int y)
{
    return y < 3 ? 1u << (y + 3 * x) : 1u << (6 + x);
}

void raster_dot(struct raster *raster, int pen, int x, int y)
{
    if (x < 0 || y < 0 || x >= raster->w || y >= raster->h)
        return;
    size_t at = (size_t)(y / 4) * (size_t)raster->columns + (size_t)(x / 2);
    bool front = raster->pen[pen].front;
    bool old_front = raster->pens[at] != NO_PEN && raster->pen[raster->pens[at]].front;
    if (old_front && !front)
        return;
    if (front && !old_front)
        raster->dots[at] = 0;
    raster->dots[at] |= (uint8_t)dot_bit(x & 1, y & 3);
    raster->pens[at] = (uint8_t)pen;
}

void raster_line(struct raster *raster, int pen, int x0, int y0, int x1, int y1)
{
    const struct pen *how = &raster->pen[pen];
    int dx = abs(x1 - x0), dy = -abs(y1 - y0);
    int sx = x0 < x1 ? 1 : -1, sy = y0 < y1 ? 1 : -1;
    bool dashed = how->off > 0 && -dy <= (dx > 3 ? dx : 3);
    for (int slope = dx + dy;;) {
        if (!dashed || (x0 >= 0 && x0 % (how->on + how->off) < how->on))
            raster_dot(raster, pen, x0, y0);
        if (x0 == x1 && y0 == y1)
            break;
        int twice = 2 * slope;
        if (twice >= dy) {
            slope += dy;
            x0 += sx;
        }
        if (twice <= dx) {
            slope += dx;
            y0 += sy;
        }
    }
}

/* The rows of a cell that have a dot, as four bits; x: 0 left, 1 right. */
static unsigned dot_rows(unsigned dots, int x)
{
    unsigned rows = 0;
    for (int y = 0; y < 4; y++)
        if (dots & dot_bit(x, y))
            rows |= 1u << y;
    return rows;
}

/* Twice the mean row: 0 top … 6 bottom. */
static int twice_mean(unsigned rows)
{
    int sum = 0, n = 0;
    for (int y = 0; y < 4; y++)
        if (rows & 1u << y) {
            sum += y;
            n++;
        }
    return n ? 2 * sum / n : -1;
}

/* The ASCII character nearest in shape: a slope, an upright, or one at its height. */
static uint32_t ascii_glyph(unsigned dots)
{
    unsigned left = dot_rows(dots, 0), right = dot_rows(dots, 1), both = left | right;
    int l = twice_mean(left), r = twice_mean(right), mean = twice_mean(both);
    if (left && right && l - r >= 3)
        return '/';
    if (left && right && r - l >= 3)
        return '\\';
    if (__builtin_popcount(both) >= 3)
        return '|';
    return mean <= 1 ? '\'' : mean <= 4 ? '-' : '.';
}

static uint32_t glyph_of(unsigned dots, const struct pen *pen, enum glyphs glyphs)
{
    if (glyphs == GLYPHS_BRAILLE)
        return 0x2800u | dots;
    if (glyphs == GLYPHS_ASCII)
        return pen->mark ? (unsigned char)pen->mark : ascii_glyph(dots);
    bool top = dots & 0x1bu, bottom = dots & 0xe4u;
    return top && bottom ? 0x2588 : top ? 0x2580 : 0x2584;
}

void raster_render(const struct raster *raster, enum glyphs glyphs, struct cells *cells, int y, int x)
{
    for (int row = 0; row < raster->rows; row++)
        for (int column = 0; column < raster->columns; column++) {
            size_t at = (size_t)row * (size_t)raster->columns + (size_t)column;
            if (!raster->dots[at])
                continue;
            const struct pen *pen = &raster->pen[raster->pens[at]];
            cells_put(cells, y + row, x + column, pen->style, glyph_of(raster->dots[at], pen, glyphs));
        }
}

void raster_sample(const struct pen *pen, enum glyphs glyphs, struct cells *cells, int y, int x)
{
    for (int column = 0; column < 2; column++) {
        unsigned dots = 0;
        for (int dot = 0; dot < 2; dot++)
            if (!pen->off || (column * 2 + dot) % (pen->on + pen->off) < pen->on)
                dots |= dot_bit(dot, 2);
        if (dots)
            cells_put(cells, y, x + column, pen->style, glyph_of(dots, pen, glyphs));
    }
}
