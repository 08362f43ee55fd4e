/* plot_png.c: charts as PNG: lines with soft edges, letters of dots, twice as many pixels each way as the chart has
 * units. */
#include "plot.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>

enum { SCALE = 2, W = PLOT_WIDTH * SCALE, H = PLOT_HEIGHT * SCALE };

struct picture {
    uint8_t *rgb; /* W × H × 3 */
};

static void blend(struct picture *p, int x, int y, uint32_t colour, double share)
{
    if (x < 0 || y < 0 || x >= W || y >= H || share <= 0)
        return;
    uint8_t *at = p->rgb + ((size_t)y * W + (size_t)x) * 3;
    double s = share > 1 ? 1 : share;
    for (int k = 0; k < 3; k++) {
        double old = at[k], new = colour >> (16 - 8 * k) & 0xff;
        at[k] = (uint8_t)lround(old + (new - old) * s);
    }
}

static double distance(double px, double py, struct plot_point a, struct plot_point b)
{
    double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double t = length > 0 ? ((px - a.x) * dx + (py - a.y) * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return hypot(px - a.x - t * dx, py - a.y - t * dy);
}

static int clamp(double x, int most)
{
    return x < 0 ? 0 : x > most ? most : (int)x;
}

/* A stroke between two places, in pixels. */
static void stroke(struct picture *p, struct plot_point a, struct plot_point b, uint32_t colour, double width)
{
    double r = width / 2 + 1;
    int x0 = clamp(floor(fmin(a.x, b.x) - r), W - 1), x1 = clamp(ceil(fmax(a.x, b.x) + r), W - 1);
    int y0 = clamp(floor(fmin(a.y, b.y) - r), H - 1), y1 = clamp(ceil(fmax(a.y, b.y) + r), H - 1);
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++)
            blend(p, x, y, colour, width / 2 + 0.5 - distance(x + 0.5, y + 0.5, a, b));
}

struct dashing {
    const double *dash; /* NULL: none */
    int at;
    double left; /* of the present dash or gap */
};

/* One segment of a curve, cut into its dashes; where it stopped is kept for the next. */
static void dashed(struct picture *p, struct dashing *d, struct plot_point a, struct plot_point b, uint32_t colour,
                   double width)
{
    double length = hypot(b.x - a.x, b.y - a.y), done = 0;
    while (done < length) {
        double step = fmin(d->left, length - done);
        struct plot_point from = { a.x + (b.x - a.x) * done / length, a.y + (b.y - a.y) * done / length };
        struct plot_point to = { a.x + (b.x - a.x) * (done + step) / length,
                                 a.y + (b.y - a.y) * (done + step) / length };
        if (d->at % 2 == 0)
            stroke(p, from, to, colour, width);
        done += step;
        d->left -= step;
        if (d->left <= 1e-9) {
            d->at = d->dash[d->at + 1] > 0 ? d->at + 1 : 0;
            d->left = d->dash[d->at] * SCALE;
        }
    }
}

static void line(void *ctx, const struct plot_point *points, size_t n, enum plot_ink ink, double width)
{
    const double *dash = ink >= PLOT_CURVE ? plot_dashes[ink - PLOT_CURVE] : plot_dashes[0];
    struct dashing d = { dash, 0, dash[0] * SCALE };
    for (size_t i = 0; i + 1 < n; i++) {
        struct plot_point a = { points[i].x * SCALE, points[i].y * SCALE };
        struct plot_point b = { points[i + 1].x * SCALE, points[i + 1].y * SCALE };
        if (dash[0] > 0)
            dashed(ctx, &d, a, b, plot_colours[ink], width * SCALE);
        else
            stroke(ctx, a, b, plot_colours[ink], width * SCALE);
    }
}

static void dot(void *ctx, struct plot_point at, enum plot_ink ink, double radius)
{
    struct plot_point middle = { at.x * SCALE, at.y * SCALE };
    stroke(ctx, middle, middle, plot_colours[ink], 2 * radius * SCALE);
}

/* The next character of UTF-8 text; bytes that are none count as one each. */
static uint32_t next_character(const char **p)
{
    uint32_t c = (unsigned char)*(*p)++;
    while (c >= 0xc0 && ((unsigned char)**p & 0xc0) == 0x80)
        ++*p;
    return c;
}

static void text(void *ctx, struct plot_point at, enum plot_anchor anchor, bool upright, double height,
                 const char *words)
{
    int size = (int)(height * SCALE / 7); /* of a dot */
    double width = plot_text_width(words, height) * SCALE, back = anchor == PLOT_LEFT     ? 0
                                                                  : anchor == PLOT_MIDDLE ? width / 2
                                                                                          : width;
    int x0 = (int)(at.x * SCALE - (upright ? 3.5 * size : back)),
        y0 = (int)(at.y * SCALE + (upright ? back : -3.5 * size));
    for (int cell = 0; *words; cell += 6 * size) {
        uint32_t c = next_character(&words);
        for (int dot_at = 0; dot_at < 35; dot_at++) {
            int column = dot_at % 5, row = dot_at / 5;
            if (!(plot_letter(c, row) >> (4 - column) & 1))
                continue;
            int along = cell + column * size, across = row * size;
            for (int k = 0; k < size * size; k++)
                blend(ctx, upright ? x0 + across + k / size : x0 + along + k / size,
                      upright ? y0 - along - k % size : y0 + across + k % size, plot_colours[PLOT_TEXT], 1);
        }
    }
}

static int encode(const struct picture *p, struct sl_buf *out, struct sl_error *err)
{
    png_image image = { .version = PNG_IMAGE_VERSION, .width = W, .height = H, .format = PNG_FORMAT_RGB };
    png_alloc_size_t bytes = 0;
    int status = SL_OK;
    if (!png_image_write_to_memory(&image, NULL, &bytes, 0, p->rgb, 0, NULL)) {
        status = sl_fail(err, SL_EIO, "the picture cannot be encoded: %s", image.message);
    } else if (!sl_buf_reserve(out, bytes)) {
        status = sl_fail_memory(err, "a chart");
    } else if (!png_image_write_to_memory(&image, out->p + out->n, &bytes, 0, p->rgb, 0, NULL)) {
        status = sl_fail(err, SL_EIO, "the picture cannot be encoded: %s", image.message);
    } else {
        out->n += bytes;
    }
    png_image_free(&image);
    return status;
}

int plot_png(const struct plot *plot, struct sl_buf *out, struct sl_error *err)
{
    struct picture picture = { malloc((size_t)W * H * 3) };
    const struct plot_canvas canvas = { &picture, line, dot, text };
    if (!picture.rgb)
        return sl_fail_memory(err, "a chart");
    memset(picture.rgb, 0xff, (size_t)W * H * 3);
    int status = plot_draw(plot, &canvas) ? encode(&picture, out, err) : sl_fail_memory(err, "a chart");
    free(picture.rgb);
    return status;
}
