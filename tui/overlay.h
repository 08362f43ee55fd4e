/* overlay.h: boxes over the view, and text to read in them. */
#ifndef SL_TUI_OVERLAY_H
#define SL_TUI_OVERLAY_H

#include "screen.h"

/* A framed box of at most h × w inside, in the middle of area, emptied; returns its inside. A title NULL or "" is left
 * out. On an area too small for a frame the whole area is the inside. */
struct area overlay_box(struct area area, int h, int w, const char *title);

/* Move a selection among n items by a key; false: not such a key. `page` rows are on the screen. */
bool overlay_move(int key, size_t n, int page, size_t *selected);
/* First item to show so that `selected` is among `rows`. */
size_t overlay_scroll(size_t first, size_t selected, size_t n, int rows);

/* Text on one line of `width` columns (-1: to the edge), ending in a mark when it is cut. Returns the columns used. */
int overlay_text(struct area area, int y, int x, int width, enum style style, struct sl_str text);

/* Break text into lines of at most `width` columns at blanks; calls put for each with its span. Returns their number.
 * put may be NULL, to count. */
size_t overlay_wrap(struct sl_str text, int width, void (*put)(void *ctx, size_t line, struct sl_str span), void *ctx);

#endif
