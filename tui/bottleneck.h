/* bottleneck.h: the pane that says what holds the training up, what it would gain without it, and what to do. */
#ifndef SL_TUI_BOTTLENECK_H
#define SL_TUI_BOTTLENECK_H

#include "screen.h"

#include "sluice/bottleneck.h"

/* Rows it would take, at most `most`, in an area of this width. */
int bottleneck_rows(const struct sl_bottleneck *b, int width, int most);
/* Draw it from row y of the area on, in at most `most` rows; returns the rows used. */
int bottleneck_draw(struct area area, int y, int most, const struct sl_bottleneck *b);

#endif
