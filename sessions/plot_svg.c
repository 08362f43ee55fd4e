/* plot_svg.c: charts as SVG 1.1: plain text, one element a line, numbers rounded, so that versions differ where curves
 * do. */
#include "plot.h"

#include <math.h>

static void put_colour(struct sl_buf *out, const char *attribute, enum plot_ink ink)
{
    sl_buf_printf(out, " %s=\"#%06x\"", attribute, plot_colours[ink]);
}

/* A coordinate in hundredths, without a tail of zeros. */
static void put_number(struct sl_buf *out, double x)
{
    double hundredths = round(x * 100);
    long whole = (long)hundredths;
    if (whole % 100 == 0)
        sl_buf_printf(out, "%ld", whole / 100);
    else
        sl_buf_printf(out, whole % 10 ? "%.2f" : "%.1f", hundredths / 100);
}

/* Text of an element; what XML cannot hold becomes '?'. */
static void put_escaped(struct sl_buf *out, const char *text)
{
    for (const char *p = text; *p; p++) {
        if (*p == '<')
            sl_buf_puts(out, "&lt;");
        else if (*p == '>')
            sl_buf_puts(out, "&gt;");
        else if (*p == '&')
            sl_buf_puts(out, "&amp;");
        else
            sl_buf_putc(out, (unsigned char)*p < 0x20 || *p == 0x7f ? '?' : *p);
    }
}

static void line(void *ctx, const struct plot_point *points, size_t n, enum plot_ink ink, double width)
{
    struct sl_buf *out = ctx;
    sl_buf_puts(out, "<polyline points=\"");
    for (size_t i = 0; i < n; i++) {
        sl_buf_puts(out, i ? " " : "");
        put_number(out, points[i].x);
        sl_buf_putc(out, ',');
        put_number(out, points[i].y);
    }
    sl_buf_puts(out, "\" fill=\"none\"");
    put_colour(out, "stroke", ink);
    sl_buf_puts(out, " stroke-width=\"");
    put_number(out, width);
    sl_buf_putc(out, '"');
    const double *dash = ink >= PLOT_CURVE ? plot_dashes[ink - PLOT_CURVE] : plot_dashes[0];
    for (int i = 0; dash[i] > 0; i++) {
        sl_buf_puts(out, i ? " " : " stroke-dasharray=\"");
        put_number(out, dash[i]);
        sl_buf_puts(out, dash[i + 1] > 0 ? "" : "\"");
    }
    sl_buf_puts(out, "/>\n");
}

static void dot(void *ctx, struct plot_point at, enum plot_ink ink, double radius)
{
    struct sl_buf *out = ctx;
    sl_buf_puts(out, "<circle cx=\"");
    put_number(out, at.x);
    sl_buf_puts(out, "\" cy=\"");
    put_number(out, at.y);
    sl_buf_puts(out, "\" r=\"");
    put_number(out, radius);
    sl_buf_putc(out, '"');
    put_colour(out, "fill", ink);
    sl_buf_puts(out, "/>\n");
}

static void text(void *ctx, struct plot_point at, enum plot_anchor anchor, bool upright, double height,
                 const char *words)
{
    static const char *const anchors[] = { "start", "middle", "end" };
    struct sl_buf *out = ctx;
    /* Capitals are about 0.72 of a font's size; y is their middle. */
    double size = height / 0.8, across = upright ? height / 2 : 0, down = upright ? 0 : height / 2;
    sl_buf_puts(out, "<text x=\"");
    put_number(out, at.x + across);
    sl_buf_puts(out, "\" y=\"");
    put_number(out, at.y + down);
    sl_buf_printf(out, "\" font-size=\"%.4g\" text-anchor=\"%s\"", size, anchors[anchor]);
    if (upright) {
        sl_buf_puts(out, " transform=\"rotate(-90 ");
        put_number(out, at.x + across);
        sl_buf_putc(out, ' ');
        put_number(out, at.y);
        sl_buf_puts(out, ")\"");
    }
    put_colour(out, "fill", PLOT_TEXT);
    sl_buf_putc(out, '>');
    put_escaped(out, words);
    sl_buf_puts(out, "</text>\n");
}

int plot_svg(const struct plot *plot, struct sl_buf *out, struct sl_error *err)
{
    const struct plot_canvas canvas = { out, line, dot, text };
    sl_buf_printf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\"",
                  PLOT_WIDTH, PLOT_HEIGHT, PLOT_WIDTH, PLOT_HEIGHT);
    sl_buf_puts(out, " font-family=\"sans-serif\">\n<title>");
    put_escaped(out, plot->title);
    sl_buf_printf(out, "</title>\n<rect width=\"%d\" height=\"%d\"", PLOT_WIDTH, PLOT_HEIGHT);
    put_colour(out, "fill", PLOT_BACK);
    sl_buf_puts(out, "/>\n");
    bool drawn = plot_draw(plot, &canvas);
    sl_buf_puts(out, "</svg>\n");
    return drawn && !out->failed ? SL_OK : sl_fail_memory(err, "a chart");
}
