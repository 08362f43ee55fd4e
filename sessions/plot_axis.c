/* plot_axis.c: round numbers for an axis: steps of 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph
 * labels", 1990). */
#include "plot.h"

#include <math.h>
#include <stdio.h>

size_t plot_ticks(double low, double high, int wanted, double ticks[16])
{
    double rough = (high - low) / (wanted > 1 ? wanted : 1);
    if (!(rough > 0) || !isfinite(rough))
        return 0;
    double power = pow(10, floor(log10(rough))), share = rough / power;
    double step = power * (share < 1.5 ? 1 : share < 3.5 ? 2 : share < 7.5 ? 5 : 10);
    size_t n = 0;
    /* By number, not by adding up, so that errors do not add up; 0 is 0. */
    for (double k = ceil(low / step - 1e-9); k * step <= high + step * 1e-9 && n < 16; k++)
        ticks[n++] = k * step;
    return n;
}

void plot_tick_text(double value, double step, char out[32])
{
    if (fabs(value) >= 1e6 || (value != 0 && fabs(step) < 1e-6)) {
        snprintf(out, 32, "%.3g", value);
        return;
    }
    int decimals = step < 1 ? (int)ceil(-log10(step) - 1e-9) : 0;
    snprintf(out, 32, "%.*f", decimals, value == 0 ? 0.0 : value);
}
