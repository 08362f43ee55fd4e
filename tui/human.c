/* human.c: figures as people read them. */
#include "human.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

char *human_count(uint64_t n, char *out, size_t size)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, n);
    size_t at = 0;
    for (int i = 0; i < length && at + 2 < size; i++) {
        if (i && (length - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at < size ? at : size - 1] = '\0';
    return out;
}

char *human_short(double x, char *out, size_t size)
{
    static const char units[] = " kMGTPE";
    size_t unit = 0;
    while (fabs(x) >= 999.5 && unit + 2 < sizeof units) {
        x /= 1000;
        unit++;
    }
    int decimals = unit == 0 || fabs(x) >= 99.95 ? 0 : fabs(x) >= 9.995 ? 1 : 2;
    if (unit) {
        snprintf(out, size, "%.*f%c", decimals, x, units[unit]);
    } else {
        snprintf(out, size, "%.0f", x);
    }
    return out;
}

char *human_time(double seconds, char *out, size_t size)
{
    if (!(seconds >= 0) || seconds > 1e9) {
        out[0] = '\0';
        return out;
    }
    unsigned long s = (unsigned long)(seconds + 0.5);
    if (s >= 3600) {
        snprintf(out, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(out, size, "%lu:%02lu", s / 60, s % 60);
    }
    return out;
}

char *human_number(double x, int digits, char *out, size_t size)
{
    if (isnan(x)) {
        out[0] = '\0';
        return out;
    }
    snprintf(out, size, "%.*g", digits, x);
    return out;
}
