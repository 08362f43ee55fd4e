/* chart_axis.c: round numbers and labels that differ.
 *
 * Source  steps of 1, 2 and 5 times a power of ten: Heckbert, Nice Numbers for Graph Labels, Graphics Gems 1990. */
#include "chart_axis.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The least of 1, 2, 5 times a power of ten that is not below x > 0. */
static double round_up(double x)
{
    double power = pow(10, floor(log10(x)));
    if (!(power > 0)) /* below the smallest power that a double holds */
        return x;
    double share = x / power;
    return (share <= 1.0000001 ? 1 : share <= 2.0000001 ? 2 : share <= 5.0000001 ? 5 : 10) * power;
}

static bool labels_differ(const struct ticks *ticks)
{
    for (int i = 0; i < ticks->n; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(ticks->label[i], ticks->label[j]) == 0)
                return false;
    return true;
}

static void measure(struct ticks *ticks)
{
    ticks->width = 0;
    for (int i = 0; i < ticks->n; i++) {
        int width = (int)strlen(ticks->label[i]);
        ticks->width = width > ticks->width ? width : ticks->width;
    }
}

/* Does every label say its tick, to a hundredth of the least distance between two? The label counts in `unit`. */
static bool labels_true(const struct ticks *ticks, double unit)
{
    for (int i = 0; i < ticks->n; i++) {
        double near = INFINITY;
        if (i > 0)
            near = ticks->at[i] - ticks->at[i - 1];
        if (i + 1 < ticks->n)
            near = fmin(near, ticks->at[i + 1] - ticks->at[i]);
        if (isinf(near))
            near = fabs(ticks->at[i]);
        if (fabs(strtod(ticks->label[i], NULL) * unit - ticks->at[i]) > near / 100)
            return false;
    }
    return labels_differ(ticks);
}

/* The same number of decimals for all, when the numbers are of a common size: 0.25, 1200, 4.6M. */
static bool label_fixed(struct ticks *ticks, int width)
{
    static const char *const suffixes[] = { "", "k", "M", "G" };
    double most = 0, unit = 1;
    size_t suffix = 0;
    for (int i = 0; i < ticks->n; i++)
        most = fmax(most, fabs(ticks->at[i]));
    for (; most >= 1e5 && suffix < 3 && most / unit >= 1000; suffix++)
        unit *= 1000;
    if (most / unit >= 1e5)
        return false;
    for (int decimals = 0; decimals <= 6; decimals++) {
        for (int i = 0; i < ticks->n; i++) {
            double x = ticks->at[i] == 0 ? 0 : ticks->at[i] / unit;
            snprintf(ticks->label[i], sizeof ticks->label[i], "%.*f%s", decimals, x, suffixes[suffix]);
        }
        measure(ticks);
        if (labels_true(ticks, unit))
            return ticks->width <= width;
    }
    return false;
}

/* 1e6 for 1e+06. */
static void shorten(char *label)
{
    char *e = strchr(label, 'e');
    if (!e)
        return;
    char *from = e + 1, *to = e + 1;
    if (*from == '+')
        from++;
    else if (*from == '-')
        *to++ = *from++;
    while (*from == '0' && from[1])
        from++;
    memmove(to, from, strlen(from) + 1);
}

static bool label_general(struct ticks *ticks, int width)
{
    for (int digits = 1; digits <= 15; digits++) {
        for (int i = 0; i < ticks->n; i++) {
            snprintf(ticks->label[i], sizeof ticks->label[i], "%.*g", digits, ticks->at[i] == 0 ? 0 : ticks->at[i]);
            shorten(ticks->label[i]);
        }
        measure(ticks);
        if (ticks->width > width)
            return false;
        if (labels_true(ticks, 1))
            return true;
    }
    return false;
}

/* The lowest as well as the width allows, the others by their distance from it. */
static void label_offset(struct ticks *ticks, int width)
{
    for (int digits = 12; digits >= 1; digits--) {
        snprintf(ticks->label[0], sizeof ticks->label[0], "%.*g", digits, ticks->at[0]);
        shorten(ticks->label[0]);
        if ((int)strlen(ticks->label[0]) <= width)
            break;
    }
    for (int digits = 1; digits <= 17; digits++) {
        for (int i = 1; i < ticks->n; i++) {
            snprintf(ticks->label[i], sizeof ticks->label[i], "+%.*g", digits, ticks->at[i] - ticks->at[0]);
            shorten(ticks->label[i]);
        }
        if (labels_differ(ticks))
            break;
    }
    measure(ticks);
}

static void label(struct ticks *ticks, int width)
{
    if (ticks->n > 0 && !label_fixed(ticks, width) && !label_general(ticks, width))
        label_offset(ticks, width);
}

/* Ticks that rounding has put on each other or outside are left out. */
static void tick(struct ticks *ticks, double at, double low, double high)
{
    if (ticks->n < TICKS_MAX && at >= low && at <= high && (ticks->n == 0 || at > ticks->at[ticks->n - 1]))
        ticks->at[ticks->n++] = at;
}

static void place_linear(struct ticks *out, double low, double high, int most, bool whole)
{
    *out = (struct ticks){ 0 };
    if (most < 1 || !(low < high) || !isfinite(high - low))
        return;
    if (most > TICKS_MAX)
        most = TICKS_MAX;
    double step = round_up((high - low) / most / 4); /* surely too many: then the first that fit */
    if (whole && step < 1)
        step = 1;
    for (int round = 0; round < 24 && step > 0 && isfinite(step); round++) {
        double first = ceil(low / step), count = floor(high / step) - first + 1;
        if (count <= most) {
            for (int i = 0; i < (int)count; i++)
                tick(out, (first + i) * step, low, high);
            return;
        }
        step = round_up(step * 1.5);
    }
}

void ticks_linear(struct ticks *out, double low, double high, int most, int width, bool whole)
{
    place_linear(out, low, high, most, whole);
    label(out, width);
}

void ticks_log(struct ticks *out, double low, double high, int most, int width)
{
    *out = (struct ticks){ 0 };
    if (most < 1 || !(low > 0 && low < high && isfinite(high)))
        return;
    if (most > TICKS_MAX)
        most = TICKS_MAX;
    int first = (int)ceil(log10(low) - 1e-9), last = (int)floor(log10(high) + 1e-9), powers = last - first + 1;
    if (powers < 2) {
        ticks_linear(out, low, high, most, width, false);
        return;
    }
    int every = (powers + most - 1) / most;
    bool between = powers * 3 <= most;
    for (int e = first - 1; e <= last; e++) {
        if (e >= first && (e - first) % every == 0)
            tick(out, pow(10, e), low * (1 - 1e-9), high * (1 + 1e-9));
        for (int i = 0; between && i < 2; i++)
            tick(out, (i ? 5 : 2) * pow(10, e), low, high);
    }
    bool fit = true;
    for (int i = 0; i < out->n; i++) { /* each as it is best known: 0.01, 100, 1e6 */
        snprintf(out->label[i], sizeof out->label[i], "%g", out->at[i]);
        shorten(out->label[i]);
        fit = fit && (int)strlen(out->label[i]) <= width;
    }
    measure(out);
    if (!fit || !labels_differ(out))
        label(out, width);
}

void ticks_time(struct ticks *out, double low, double high, int most, int width)
{
    double range = high - low;
    double unit = range >= 3 * 3600 ? 3600 : range >= 180 ? 60 : 1;
    place_linear(out, low / unit, high / unit, most, false);
    label(out, width > 2 ? width - 1 : 1);
    for (int i = 0; i < out->n; i++) {
        size_t n = strlen(out->label[i]);
        if (n + 1 < sizeof out->label[i]) {
            out->label[i][n] = unit > 60 ? 'h' : unit > 1 ? 'm' : 's';
            out->label[i][n + 1] = 0;
        }
        out->at[i] *= unit;
    }
    measure(out);
}
