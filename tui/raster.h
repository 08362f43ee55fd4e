/* raster.h: a canvas of dots, 2 by 4 to a terminal cell, turned into characters; and the cells they end up in.
 *
 * Pure: nothing here knows a terminal, so tests compare text. Every glyph is one column wide.
 * Source  Braille patterns: Unicode 15, block U+2800, bit i is dot i + 1; lines: Bresenham 1965. */
#ifndef SL_TUI_RASTER_H
#define SL_TUI_RASTER_H

#include "screen.h"

struct cell {
    uint32_t glyph; /* a code point; 0: nothing was put here */
    uint8_t style;  /* enum style */
};

struct cells {
    struct cell *at; /* h * w, row by row; owned */
    int h, w;
};

/* All empty. Sizes below 1 give a buffer without cells. */
int cells_init(struct cells *cells, int h, int w, struct sl_error *err);
void cells_release(struct cells *cells);
/* Outside is ignored. */
void cells_put(struct cells *cells, int y, int x, enum style style, uint32_t glyph);
/* Valid UTF-8 of one-column characters, at most `width` columns (-1: to the edge). Returns the columns used. */
int cells_text(struct cells *cells, int y, int x, int width, enum style style, const char *text);
/* Row y as UTF-8, empty cells as spaces, trailing ones left out. */
void cells_row(const struct cells *cells, int y, struct sl_buf *out);

/* How dots become characters: all three show the same raster. */
enum glyphs { GLYPHS_BRAILLE, GLYPHS_BLOCKS, GLYPHS_ASCII, GLYPHS_N };

/* How a line is drawn. Curves that share a canvas are told apart by dash or, in ASCII, by mark: never by style alone.
 */
struct pen {
    enum style style;
    bool front;  /* over all that is not; a cell shows the dots of its front pens only */
    char mark;   /* its character in ASCII; 0: one that follows the dots */
    int on, off; /* dots drawn and skipped along x; off 0: solid */
};

#define RASTER_PENS 72 /* fits in a byte */

struct raster {
    int h, w;          /* in dots */
    int rows, columns; /* in cells */
    uint8_t *dots;     /* of each cell, Braille bits; owned */
    uint8_t *pens;     /* of each cell: pen last used; owned */
    struct pen pen[RASTER_PENS];
    int n_pens;
};

int raster_init(struct raster *raster, int rows, int columns, struct sl_error *err);
void raster_release(struct raster *raster);
/* Add a pen; returns its number, for the calls below. At most RASTER_PENS. */
int raster_pen(struct raster *raster, struct pen pen);
/* Dots outside the canvas are ignored. */
void raster_dot(struct raster *raster, int pen, int x, int y);
/* A straight line, ends included. Dashes skip only where the line is flat (at most `flat` dots high), so that what
 * stands out is never skipped. */
void raster_line(struct raster *raster, int pen, int x0, int y0, int x1, int y1);
/* Into cells with the top left corner at (y, x); cells without dots stay as they are. */
void raster_render(const struct raster *raster, enum glyphs glyphs, struct cells *cells, int y, int x);
/* A short sample of a pen, two columns wide, for legends. */
void raster_sample(const struct pen *pen, enum glyphs glyphs, struct cells *cells, int y, int x);

#endif
