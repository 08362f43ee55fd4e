/* graph_place.c: where buffers whose lives are known lie in one piece of memory.
 *
 * Largest first, each into the smallest gap that its contemporaries leave, else behind them: the "greedy by size"
 * heuristic of Pisarchyk and Lee 2020 (Efficient memory management for deep neural net inference), which comes within a
 * few per cent of the lower bound on networks. Optimal placement is NP-hard. n² in the number of buffers. */
#include "engine/nn/graph_private.h"

#include <stdlib.h>

static int by_size(const void *left, const void *right)
{
    const struct interval *const *a = left, *const *b = right;
    if ((*a)->bytes != (*b)->bytes) {
        return (*a)->bytes < (*b)->bytes ? 1 : -1;
    }
    return (*a > *b) - (*a < *b); /* the same plan for the same list */
}

/* The smallest gap that holds `it` between those of placed (by offset) that live when it does. */
static size_t best_offset(struct interval *const *placed, size_t n, const struct interval *it)
{
    size_t at = 0, best = SIZE_MAX, best_gap = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        const struct interval *other = placed[i];
        if (other->end < it->begin || it->end < other->begin) {
            continue;
        }
        size_t gap = other->offset > at ? other->offset - at : 0;
        if (gap >= it->bytes && gap < best_gap) {
            best = at;
            best_gap = gap;
        }
        size_t end = other->offset + other->bytes;
        at = end > at ? end : at;
    }
    return best == SIZE_MAX ? at : best;
}

int place_intervals(struct interval *list, size_t n, size_t *total, struct sl_error *err)
{
    *total = 0;
    if (n == 0) {
        return SL_OK;
    }
    struct interval **order = calloc(n, 2 * sizeof(struct interval *));
    if (!order) {
        return sl_fail_memory(err, "a graph's memory plan");
    }
    struct interval **placed = order + n;
    for (size_t i = 0; i < n; i++) {
        list[i].bytes = (list[i].bytes + GRAPH_ALIGN - 1) / GRAPH_ALIGN * GRAPH_ALIGN;
        order[i] = &list[i];
    }
    qsort(order, n, sizeof(struct interval *), by_size);
    for (size_t i = 0; i < n; i++) {
        struct interval *it = order[i];
        it->offset = best_offset(placed, i, it);
        size_t at = i;
        while (at > 0 && placed[at - 1]->offset > it->offset) {
            placed[at] = placed[at - 1];
            at--;
        }
        placed[at] = it;
        *total = it->offset + it->bytes > *total ? it->offset + it->bytes : *total;
    }
    free(order);
    return SL_OK;
}
