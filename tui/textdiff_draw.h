/* textdiff_draw.h: two texts on the screen with their differences marked. */
#ifndef SL_TUI_TEXTDIFF_DRAW_H
#define SL_TUI_TEXTDIFF_DRAW_H

#include "screen.h"
#include "textdiff.h"

/* How a and b are shown one under the other: what answers to each other stands in the same columns, with dots where the
 * other side has more. Draws side 0 (a) or 1 (b) from column `from` of that alignment on. What does not fit is cut,
 * with a mark. Bytes found.from..+n of that side are shown as found. Returns columns used. */
struct diff_found {
    size_t from, n;
};
int diff_draw_aligned(struct area area, int y, int x, int width, const struct textdiff *diff, struct sl_str a,
                      struct sl_str b, int side, long from, struct diff_found found);
/* Column of the alignment at which this byte of a side stands. */
long diff_column(const struct textdiff *diff, struct sl_str a, struct sl_str b, int side, size_t byte);
/* Column of the alignment to start from so that the first difference is in sight within `width`. */
long diff_interesting(const struct textdiff *diff, struct sl_str a, struct sl_str b, int width);

/* A place of the alignment. Zero: its begin. */
struct diff_place {
    size_t run, at[2];
};

/* Break the alignment into lines: moves *place on by at most `width` columns, to after a blank where there is one, or
 * to after a line end that both have. *differs: something in this line does. False: *place was at the end. */
bool diff_line(const struct textdiff *diff, struct sl_str a, struct sl_str b, int width, struct diff_place *place,
               bool *differs);
/* One side of the line between two places. */
void diff_draw_line(struct area area, int y, int x, const struct textdiff *diff, struct sl_str a, struct sl_str b,
                    int side, const struct diff_place *from, const struct diff_place *to);

#endif
