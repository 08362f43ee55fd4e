/* plot.h: a chart of a few curves with axes and legend, drawn once and put down as SVG or PNG. Private to this folder.
 *
 * Curves differ by colour (Okabe and Ito's palette, told apart by colour-blind eyes too) and by dashes (for print in
 * grey). */
#ifndef SL_SESSIONS_PLOT_H
#define SL_SESSIONS_PLOT_H

#include "sluice/mem.h"

enum { PLOT_WIDTH = 960, PLOT_HEIGHT = 600, PLOT_SERIES = 6 };

struct plot_series {
    const char *label;
    const double *x, *y; /* x rises; a y that is not finite leaves a gap */
    size_t n;
};
struct plot {
    const char *title, *x_label, *y_label;
    const struct plot_series *series;
    size_t n; /* at most PLOT_SERIES are drawn */
};

enum plot_ink { PLOT_BACK, PLOT_TEXT, PLOT_AXIS, PLOT_GRID, PLOT_CURVE /* + number of the series */ };
enum plot_anchor { PLOT_LEFT, PLOT_MIDDLE, PLOT_RIGHT };
struct plot_point {
    double x, y; /* pixels from the upper left corner */
};
extern const uint32_t plot_colours[PLOT_CURVE + PLOT_SERIES]; /* 0xrrggbb */
extern const double plot_dashes[PLOT_SERIES][5];              /* lengths drawn and left out in turn; ends with 0 */

/* Where a chart is drawn. `ink` is PLOT_CURVE + k for the k-th series, which is dashed as it is. */
struct plot_canvas {
    void *ctx;
    void (*line)(void *ctx, const struct plot_point *points, size_t n, enum plot_ink ink, double width);
    void (*dot)(void *ctx, struct plot_point at, enum plot_ink ink, double radius);
    /* y: of the letters' middle. Upright: from bottom to top, x of the middle. */
    void (*text)(void *ctx, struct plot_point at, enum plot_anchor anchor, bool upright, double height,
                 const char *text);
};
/* False: out of memory. */
bool plot_draw(const struct plot *plot, const struct plot_canvas *canvas);
/* Width in pixels of a text of this height: the same in both formats. */
double plot_text_width(const char *text, double height);

/* plot_svg.c, plot_png.c: the whole file appended to `out`. */
int plot_svg(const struct plot *plot, struct sl_buf *out, struct sl_error *err);
int plot_png(const struct plot *plot, struct sl_buf *out, struct sl_error *err);

/* plot_axis.c: round numbers over low..high, about `wanted` of them (Heckbert 1990). Returns how many, at most 16. */
size_t plot_ticks(double low, double high, int wanted, double ticks[16]);
/* A tick's text, with as many decimals as the step between ticks needs. */
void plot_tick_text(double value, double step, char out[32]);

/* plot_font.c: row y (0..6) of a character's 5 × 7 dots, leftmost in bit 4; characters beyond ASCII are boxes. */
unsigned plot_letter(uint32_t character, int y);

#endif
