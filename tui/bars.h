/* bars.h: what took how long, as horizontal bars. */
#ifndef SL_TUI_BARS_H
#define SL_TUI_BARS_H

#include "screen.h"

struct bar {
    const char *name; /* borrowed */
    double value;     /* NaN: not known */
    const char *text; /* the value as people read it; borrowed */
    enum style style;
};

/* One row each from row y of area on: name, bar (the longest value fills the room), text. Returns the rows used,
 * whether they were in the area or not. */
int bars_draw(struct area area, int y, const struct bar *bars, size_t n);
/* 0.0012 → "1.2 ms", 0.0123 → "12 ms", 4.2 → "4.20 s", 90 → "1:30". NaN is "". Returns out. */
char *bars_seconds(double seconds, char *out, size_t size);

#endif
