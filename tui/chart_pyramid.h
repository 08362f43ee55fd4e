/* chart_pyramid.h: minima and maxima of any stretch of a growing series, in time that follows the logarithm of its
 * length.
 *
 * Level k holds one node for every 16 complete nodes of level k - 1; the values themselves are level 0 and belong to
 * the caller. Adding a value costs a constant on average; a stretch of a million values is answered from some 160
 * nodes. */
#ifndef SL_TUI_CHART_PYRAMID_H
#define SL_TUI_CHART_PYRAMID_H

#include "sluice/mem.h"

#define PYRAMID_FAN    16
#define PYRAMID_LEVELS 12

/* What a stretch of values holds. Missing values count nowhere. */
struct extent {
    double min, max;               /* of the finite ones; +inf, -inf when there is none */
    double min_positive;           /* +inf when there is none */
    uint64_t finite, not_positive; /* the latter among the finite ones */
    uint64_t bad;                  /* NaN and infinities */
};

struct pyramid {
    bool gaps; /* NaN means "not measured" */
    size_t n;  /* values seen */
    struct level {
        struct extent *nodes; /* owned */
        size_t n, capacity;
    } level[PYRAMID_LEVELS];
};

void pyramid_release(struct pyramid *pyramid);
/* Forget all values, keep the memory. */
void pyramid_clear(struct pyramid *pyramid);
/* Know the first n values only; those behind them are kept, and a greater n (of all ever added since the last clear,
 * when they have not changed) brings them back. */
void pyramid_show(struct pyramid *pyramid, size_t n);
/* First value equal to the least (or greatest) finite one of them all, given as `value`; SIZE_MAX: none. */
size_t pyramid_find(const struct pyramid *pyramid, const double *values, double value, bool greatest);
/* values[0..n] with n values known before: take in the next one. */
int pyramid_add(struct pyramid *pyramid, const double *values, struct sl_error *err);
/* Of values[first..end). */
struct extent pyramid_extent(const struct pyramid *pyramid, const double *values, size_t first, size_t end);

enum pyramid_kind { PYRAMID_FINITE, PYRAMID_POSITIVE, PYRAMID_BAD };
/* First value of this kind at or after i, and last one before i; SIZE_MAX when there is none. */
size_t pyramid_next(const struct pyramid *pyramid, const double *values, size_t i, enum pyramid_kind kind);
size_t pyramid_previous(const struct pyramid *pyramid, const double *values, size_t i, enum pyramid_kind kind);

#endif
