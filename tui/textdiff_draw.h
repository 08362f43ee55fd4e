/* textdiff_draw.h: two texts on the screen with their differences marked. */
#ifndef SL_TUI_TEXTDIFF_DRAW_H
#define SL_TUI_TEXTDIFF_DRAW_H

#include "screen.h"
#include "textdiff.h"

/* How a and b are shown one under the other: what answers to each other stands in the same columns, with dots where the
 * other side has more. Draws side 0 (a) or 1 (b) from column `from` of that alignment on. What does not fit is cut, with
 * a mark. Returns columns used. */
int diff_draw_aligned(struct area area, int y, int x, int width, const struct textdiff *diff, struct sl_str a,
                      struct sl_str b, int side, long from);
/* Column of the alignment to start from so that the first difference is in sight within `width`. */
long diff_interesting(const struct textdiff *diff, struct sl_str a, struct sl_str b, int width);

/* Bytes from..from+n of side a or b on one line, differing ones marked. diff may be NULL. Returns columns used. */
int diff_draw_span(struct area area, int y, int x, const struct textdiff *diff, int side, struct sl_str text, size_t from,
                   size_t n);
/* Is any of these bytes part of a difference, or next to what the other side has more? */
bool diff_touches(const struct textdiff *diff, int side, size_t from, size_t n);

#endif
