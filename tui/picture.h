/* picture.h: pictures made of terminal cells: two pixels to a cell where there are colours, a ramp of characters where
 * there are none. Knows no terminal but through screen.h. */
#ifndef SL_TUI_PICTURE_H
#define SL_TUI_PICTURE_H

#include "screen.h"
#include "sluice/chunk.h"

/* height × breadth × channels, row-major; channels: 1 grey, 2 grey and alpha, 3 red, green, blue, 4 these and alpha;
 * others: the first is shown. What alpha leaves clear shows a checkerboard. */
struct picture {
    uint32_t height, breadth, channels;
    const uint8_t *pixels; /* NULL: floats, `at` */
    uint8_t dark, bright;  /* of pixels: shown as black and white; equal: 0 and 255 */
    const float *at;
    float low, high; /* of `at`, shown as black and white; low < high */
    bool signs;      /* weights: 0 is the middle, below it blue, above it red; without colours + and − */
};

/* The least and greatest value, as low and high; the same both ways around 0 when signs, and there at
 * most three times the root of the mean square. Never equal. */
void picture_range(struct picture *picture);
/* Spread what is dark and bright in it over all there is: for screens that show few shades. */
void picture_spread(struct picture *picture);
/* Cells a picture takes when no more than so many: its own shape kept, a pixel at most two columns wide. */
void picture_size(const struct picture *picture, int rows, int columns, int *h, int *w);
/* Cell i of a column that holds pictures. Bytes are the chunk's, floats are copied to the arena. NULL: it is no
 * picture, or missing, or there is no memory. */
const struct picture *picture_of_cell(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_arena *arena);
/* Row `row` of cells of a picture drawn h cells high and w wide. */
struct picture_row {
    const struct picture *of; /* NULL: none */
    int x, row, h, w;
};
void picture_draw_row(const struct picture_row *row, struct area area, int y);
/* A copy of at most most_h × most_w pixels, averaged, of 3 channels; its pixels are the caller's to free. false: no
 * memory. */
bool picture_shrink(const struct picture *picture, uint32_t most_h, uint32_t most_w, struct picture *out);
/* Fill the area with it; larger pictures are averaged, smaller ones repeated. */
void picture_draw(const struct picture *picture, struct area area);
/* Draw it into the area in its own shape, in the middle. */
void picture_fit(const struct picture *picture, struct area area);
/* Colour of pixel (y, x) of the picture drawn with h × w pixels: for tests. */
void picture_pixel(const struct picture *picture, int h, int w, int y, int x, uint8_t rgb[3]);
/* The same without colours: a character as bright, or + and - where it has signs. */
char picture_character(const struct picture *picture, int h, int w, int y, int x);

#endif
