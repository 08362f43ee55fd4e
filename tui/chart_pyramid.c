/* chart_pyramid.c: a min/max tree kept as arrays, one a level, filled as values come.
 *
 * Only complete nodes are stored, so nothing is ever rewritten; the ragged ends of a stretch are answered a level
 * below. */
#include "chart_pyramid.h"

#include <math.h>
#include <stdlib.h>

static const struct extent nothing = { .min = INFINITY, .max = -INFINITY, .min_positive = INFINITY };

void pyramid_release(struct pyramid *pyramid)
{
    for (int k = 0; k < PYRAMID_LEVELS; k++)
        free(pyramid->level[k].nodes);
    *pyramid = (struct pyramid){ .gaps = pyramid->gaps };
}

void pyramid_clear(struct pyramid *pyramid)
{
    pyramid->n = 0;
    for (int k = 0; k < PYRAMID_LEVELS; k++)
        pyramid->level[k].n = 0;
}

void pyramid_show(struct pyramid *pyramid, size_t n)
{
    pyramid->n = n;
    for (int k = 0; k < PYRAMID_LEVELS; k++)
        pyramid->level[k].n = n /= PYRAMID_FAN;
}

static void add_value(struct extent *to, double value, bool gaps)
{
    if (!isfinite(value)) {
        to->bad += !(gaps && isnan(value));
        return;
    }
    to->finite++;
    to->min = fmin(to->min, value);
    to->max = fmax(to->max, value);
    if (value > 0)
        to->min_positive = fmin(to->min_positive, value);
    else
        to->not_positive++;
}

static void add_extent(struct extent *to, const struct extent *from)
{
    to->min = fmin(to->min, from->min);
    to->max = fmax(to->max, from->max);
    to->min_positive = fmin(to->min_positive, from->min_positive);
    to->finite += from->finite;
    to->not_positive += from->not_positive;
    to->bad += from->bad;
}

static bool level_push(struct level *level, struct extent node)
{
    if (level->n == level->capacity) {
        size_t capacity = level->capacity ? level->capacity * 2 : 16, bytes;
        struct extent *more = sl_mul(capacity, sizeof node, &bytes) ? realloc(level->nodes, bytes) : NULL;
        if (!more)
            return false;
        level->nodes = more;
        level->capacity = capacity;
    }
    level->nodes[level->n++] = node;
    return true;
}

/* Nodes of level k - 1, complete ones. */
static size_t nodes_below(const struct pyramid *pyramid, int k)
{
    return k == 0 ? pyramid->n : pyramid->level[k - 1].n;
}

static void add_node(struct extent *to, const struct pyramid *pyramid, const double *values, int k, size_t i)
{
    if (k == 0)
        add_value(to, values[i], pyramid->gaps);
    else
        add_extent(to, &pyramid->level[k - 1].nodes[i]);
}

int pyramid_add(struct pyramid *pyramid, const double *values, struct sl_error *err)
{
    pyramid->n++;
    for (int k = 0; k < PYRAMID_LEVELS; k++) {
        size_t below = nodes_below(pyramid, k);
        if (below % PYRAMID_FAN || below / PYRAMID_FAN <= pyramid->level[k].n)
            break;
        struct extent node = nothing;
        for (size_t i = below - PYRAMID_FAN; i < below; i++)
            add_node(&node, pyramid, values, k, i);
        if (!level_push(&pyramid->level[k], node)) {
            pyramid->n--;
            return sl_fail_memory(err, "keeping a curve");
        }
    }
    return SL_OK;
}

struct extent pyramid_extent(const struct pyramid *pyramid, const double *values, size_t first, size_t end)
{
    struct extent out = nothing;
    if (end > pyramid->n)
        end = pyramid->n;
    for (int k = 0; first < end; k++) {
        size_t up = k < PYRAMID_LEVELS ? pyramid->level[k].n * PYRAMID_FAN : 0; /* nodes here that have a parent */
        while (first < end && (first % PYRAMID_FAN || first >= up))
            add_node(&out, pyramid, values, k, first++);
        while (first < end && (end % PYRAMID_FAN || end > up))
            add_node(&out, pyramid, values, k, --end);
        first /= PYRAMID_FAN;
        end /= PYRAMID_FAN;
    }
    return out;
}

/* From node i at height k to the one behind it, as high as there is one that begins there. */
static void step_right(const struct pyramid *pyramid, int *k, size_t *i)
{
    ++*i;
    while (*k < PYRAMID_LEVELS && *i % PYRAMID_FAN == 0 && *i / PYRAMID_FAN < pyramid->level[*k].n) {
        *i /= PYRAMID_FAN;
        ++*k;
    }
    while (*k > 0 && *i >= nodes_below(pyramid, *k)) { /* the tail has no node at this height */
        *i *= PYRAMID_FAN;
        --*k;
    }
}

size_t pyramid_find(const struct pyramid *pyramid, const double *values, double value, bool greatest)
{
    size_t i = 0;
    int k = 0;
    while (i < nodes_below(pyramid, k)) {
        struct extent node = nothing;
        add_node(&node, pyramid, values, k, i);
        if (node.finite && (greatest ? node.max : node.min) == value) {
            if (k == 0)
                return i;
            k--;
            i *= PYRAMID_FAN;
            continue;
        }
        step_right(pyramid, &k, &i);
    }
    return SIZE_MAX;
}

static bool node_has(const struct pyramid *pyramid, const double *values, int k, size_t i, enum pyramid_kind kind)
{
    struct extent node = nothing;
    add_node(&node, pyramid, values, k, i);
    return kind == PYRAMID_FINITE     ? node.finite > 0
           : kind == PYRAMID_POSITIVE ? node.finite > node.not_positive
                                      : node.bad > 0;
}

size_t pyramid_next(const struct pyramid *pyramid, const double *values, size_t i, enum pyramid_kind kind)
{
    int k = 0;
    while (i < nodes_below(pyramid, k)) {
        if (node_has(pyramid, values, k, i, kind)) {
            if (k == 0)
                return i;
            k--;
            i *= PYRAMID_FAN;
            continue;
        }
        step_right(pyramid, &k, &i);
    }
    return SIZE_MAX;
}

size_t pyramid_previous(const struct pyramid *pyramid, const double *values, size_t i, enum pyramid_kind kind)
{
    int k = 0;
    if (i > pyramid->n)
        i = pyramid->n;
    while (i > 0) { /* nodes before i at height k are still to be looked at */
        while (k < PYRAMID_LEVELS && i % PYRAMID_FAN == 0 && i / PYRAMID_FAN <= pyramid->level[k].n) {
            i /= PYRAMID_FAN;
            k++;
        }
        if (!node_has(pyramid, values, k, i - 1, kind)) {
            i--;
            continue;
        }
        while (k > 0) { /* down to the last child that has it */
            i *= PYRAMID_FAN;
            k--;
            while (!node_has(pyramid, values, k, i - 1, kind))
                i--;
        }
        return i - 1;
    }
    return SIZE_MAX;
}
