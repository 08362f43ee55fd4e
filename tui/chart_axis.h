/* chart_axis.h: where an axis gets its ticks, and what they say.
 *
 * Labels of one axis always differ from each other, and each says its tick to a hundredth of the distance between two.
 * When that takes more room than there is, the lowest tick is written out and the others say how far they are above it.
 */
#ifndef SL_TUI_CHART_AXIS_H
#define SL_TUI_CHART_AXIS_H

#include <stdbool.h>

#define TICKS_MAX 24

struct ticks {
    int n;
    double at[TICKS_MAX];
    char label[TICKS_MAX][32];
    int width; /* of the longest label */
};

/* At most `most` round numbers in [low, high], low < high; whole ones only if `whole`. */
void ticks_linear(struct ticks *out, double low, double high, int most, int width, bool whole);
/* Powers of ten in [low, high], 0 < low < high, with 2 and 5 between when there is room; linear ones below two powers.
 */
void ticks_log(struct ticks *out, double low, double high, int most, int width);
/* Seconds, in the unit that suits the range: s, m, h. */
void ticks_time(struct ticks *out, double low, double high, int most, int width);

#endif
