/* profile_numbers.c: moments and histogram of numbers whose range is not known ahead.
 *
 * Mean and deviation: two passes over each chunk, joined as Chan, Golub and LeVeque (1979) do. Infinite numbers count
 * in min and max only.
 *
 * Histogram: cell k counts the numbers with floor(x / 2^e) = k. The exponent e is the smallest for which all numbers
 * seen fit into SL_HISTOGRAM_CELLS cells (and not so small that k leaves the whole numbers a double holds). When a
 * number falls outside, e grows and cells are joined: floor(floor(x / 2^e) / 2) = floor(x / 2^(e+1)) holds exactly. So
 * e and all counts depend on the numbers alone, not on their order nor on how they were spread over partial profiles.
 */
#include "engine/data/profile_private.h"

#include <math.h>

enum { CELLS = SL_HISTOGRAM_CELLS, EXPONENT_MIN = -1074 };

/* ---- Histogram ---- */

/* floor(x / 2^e); |x| / 2^e stays below 2^53. */
static int64_t cell_of(double x, int e)
{
    double scaled = ldexp(x, -e);
    return scaled < 0 || scaled > 0 ? (int64_t)floor(scaled) : -(x < 0); /* a small negative one may have become 0 */
}

/* The finest exponent for which x / 2^e is below 2^53. */
static int finest(double x)
{
    int e;
    if (x <= 0 && x >= 0) {
        return EXPONENT_MIN;
    }
    frexp(x, &e);
    return e - 53 < EXPONENT_MIN ? EXPONENT_MIN : e - 53;
}

/* Join cells until their width is 2^e and low..high lies within them. */
static void widen(struct sl_numbers *numbers, int e, int64_t low, int64_t high)
{
    uint64_t joined[CELLS] = { 0 };
    int shift = e - numbers->exponent;
    int64_t first = low; /* in the new width */
    if (numbers->n) {
        int64_t old_low = shift > 62 ? (numbers->low < 0 ? -1 : 0) : numbers->low >> shift;
        int64_t old_high = shift > 62 ? (numbers->high < 0 ? -1 : 0) : numbers->high >> shift;
        first = old_low < low ? old_low : low;
        high = old_high > high ? old_high : high;
        for (int64_t k = numbers->low; k <= numbers->high; k++) {
            int64_t to = shift > 62 ? (k < 0 ? -1 : 0) : k >> shift;
            joined[to - first] += numbers->cells[k - numbers->first];
        }
    }
    memcpy(numbers->cells, joined, sizeof joined);
    numbers->exponent = e;
    numbers->first = numbers->low = first;
    numbers->high = high;
}

/* Make cells for everything from min to max (finite). */
static void cover(struct sl_numbers *numbers, double min, double max, int at_least)
{
    int e = finest(min) > finest(max) ? finest(min) : finest(max);
    e = e > at_least ? e : at_least;
    if (numbers->n && e < numbers->exponent) {
        e = numbers->exponent;
    }
    for (;; e++) {
        int64_t low = cell_of(min, e), high = cell_of(max, e);
        if (numbers->n) {
            int shift = e - numbers->exponent > 62 ? 62 : e - numbers->exponent;
            int64_t old_low = numbers->low >> shift, old_high = numbers->high >> shift;
            int64_t all_low = old_low < low ? old_low : low, all_high = old_high > high ? old_high : high;
            if (all_high - all_low >= CELLS) {
                continue;
            }
            if (e == numbers->exponent && all_low >= numbers->first && all_high < numbers->first + CELLS) {
                numbers->low = all_low;
                numbers->high = all_high;
                return;
            }
        } else if (high - low >= CELLS) {
            continue;
        }
        widen(numbers, e, low, high);
        return;
    }
}

static void count_cells(struct sl_numbers *numbers, const double *x, size_t n)
{
    int e = numbers->exponent;
    if (e > -1000 && e < 1000) {
        double scale = ldexp(1, -e);
        for (size_t i = 0; i < n; i++) {
            double scaled = x[i] * scale;
            if (isfinite(x[i])) {
                int64_t k = (int64_t)scaled;
                k -= (double)k > scaled || (k == 0 && x[i] < 0);
                numbers->cells[k - numbers->first]++;
            }
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (isfinite(x[i])) {
            numbers->cells[cell_of(x[i], e) - numbers->first]++;
        }
    }
}

/* ---- Moments ---- */

static void join_moments(struct sl_numbers *numbers, uint64_t n, double mean, double m2)
{
    double a = (double)numbers->n, b = (double)n, delta = mean - numbers->mean;
    double share = b / (a + b);
    numbers->mean = a > 0 ? numbers->mean + delta * share : mean;
    numbers->m2 = a > 0 ? numbers->m2 + m2 + delta * delta * a * share : m2;
    numbers->n += n;
}

static void join_range(struct sl_numbers *numbers, double min, double max)
{
    numbers->min = numbers->any && numbers->min < min ? numbers->min : min;
    numbers->max = numbers->any && numbers->max > max ? numbers->max : max;
    numbers->any = true;
}

void sl_numbers_add(struct sl_numbers *numbers, const double *x, size_t n)
{
    double min = HUGE_VAL, max = -HUGE_VAL, sum = 0;
    size_t finite = 0;
    bool fractions = false;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            if (!isnan(x[i])) {
                join_range(numbers, x[i], x[i]);
            }
            continue;
        }
        min = x[i] < min ? x[i] : min;
        max = x[i] > max ? x[i] : max;
        sum += x[i];
        finite++;
        if (fabs(x[i]) < 4503599627370496.0 && (double)(int64_t)x[i] - x[i] != 0) {
            fractions = true;
        }
    }
    if (!finite) {
        return;
    }
    double mean = sum / (double)finite, m2 = 0;
    if (!isfinite(mean)) { /* the sum overflowed */
        mean = 0;
        for (size_t i = 0, k = 0; i < n; i++) {
            if (isfinite(x[i])) {
                k++;
                mean += x[i] / (double)k - mean / (double)k;
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (isfinite(x[i])) {
            m2 += (x[i] - mean) * (x[i] - mean);
        }
    }
    numbers->fractions |= fractions;
    cover(numbers, min, max, EXPONENT_MIN);
    count_cells(numbers, x, n);
    join_range(numbers, min, max);
    join_moments(numbers, finite, mean, m2);
}

void sl_numbers_merge(struct sl_numbers *into, const struct sl_numbers *from)
{
    if (from->any) {
        join_range(into, from->min, from->max);
    }
    into->fractions |= from->fractions;
    if (!from->n) {
        return;
    }
    double low = ldexp((double)from->low, from->exponent), high = ldexp((double)from->high, from->exponent);
    cover(into, low, high, from->exponent);
    int shift = into->exponent - from->exponent;
    for (int64_t k = from->low; k <= from->high; k++) {
        int64_t to = shift > 62 ? (k < 0 ? -1 : 0) : k >> shift;
        into->cells[to - into->first] += from->cells[k - from->first];
    }
    join_moments(into, from->n, from->mean, from->m2);
}

/* Join cells into at most SL_PROFILE_BINS bins; bins of whole numbers have whole widths. */
void sl_numbers_histogram(const struct sl_numbers *numbers, struct sl_column_profile *out)
{
    memset(out->histogram, 0, sizeof out->histogram);
    out->histogram_low = out->histogram_width = 0;
    if (!numbers->n) {
        return;
    }
    int e = numbers->exponent;
    int64_t low = numbers->low, span = numbers->high - low + 1;
    int64_t step = (span + SL_PROFILE_BINS - 1) / SL_PROFILE_BINS;
    if (!numbers->fractions && e < 0) {
        int64_t one = e < -62 ? INT64_MAX : (int64_t)1 << -e;
        if (one == INT64_MAX) { /* only 0 was seen */
            step = span;
        } else {
            low = low / one * one - (low % one < 0 ? one : 0);
            span = numbers->high - low + 1;
            step = (span + SL_PROFILE_BINS - 1) / SL_PROFILE_BINS;
            step = (step + one - 1) / one * one;
        }
    }
    for (int64_t k = numbers->low; k <= numbers->high; k++) {
        out->histogram[(k - low) / step] += numbers->cells[k - numbers->first];
    }
    out->histogram_low = ldexp((double)low, e);
    out->histogram_width = ldexp((double)step, e);
    if (!numbers->fractions && out->histogram_width < 1) {
        out->histogram_width = 1;
    }
}
