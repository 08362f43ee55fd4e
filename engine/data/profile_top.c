/* profile_top.c: the most frequent values.
 *
 * Counters for up to SL_TOP_ROOM values, exact as long as there are no more. When a further one comes, the count of the
 * SL_TOP_KEPT-th is taken from all, and those that fall to 0 leave. This is the summary of Misra and Gries (1982), the
 * twin of space-saving (Metwally et al. 2005: same counters, counted from below instead of above; Agarwal et al.,
 * "Mergeable summaries", 2013), done in batches so that an update costs constant time. Then counts are lower bounds, short
 * by at most `dropped`, and every value that makes up more than 1/SL_TOP_KEPT of all is there.
 *
 * Values are told apart by hash; of each only a beginning is kept, to be shown. Approximate counts depend on the order of
 * the values; exact ones do not. */
#include "engine/data/profile_private.h"

#include <stdlib.h>

enum { SLOTS = 2 * SL_TOP_ROOM };

static bool start(struct sl_top *top)
{
    if (top->values) {
        return true;
    }
    top->values = malloc(SL_TOP_ROOM * sizeof *top->values);
    top->slots = calloc(SLOTS, sizeof *top->slots);
    if (!top->values || !top->slots) {
        sl_top_release(top);
        return false;
    }
    return true;
}

void sl_top_release(struct sl_top *top)
{
    free(top->values);
    free(top->slots);
    top->values = NULL;
    top->slots = NULL;
}

/* The slot of the value with this hash, or the free one where it belongs. */
static uint16_t *find_slot(const struct sl_top *top, uint64_t hash)
{
    for (uint32_t at = (uint32_t)(hash >> 20) % SLOTS;; at = (at + 1) % SLOTS) {
        uint16_t *slot = &top->slots[at];
        if (!*slot || top->values[*slot - 1].hash == hash) {
            return slot;
        }
    }
}

static int falling(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* Make room: take the SL_TOP_KEPT-th count from all. */
static void shrink(struct sl_top *top)
{
    uint64_t counts[SL_TOP_ROOM];
    for (uint32_t i = 0; i < top->n; i++) {
        counts[i] = top->values[i].n;
    }
    qsort(counts, top->n, sizeof *counts, falling);
    uint64_t taken = counts[SL_TOP_KEPT - 1];
    uint32_t kept = 0;
    memset(top->slots, 0, SLOTS * sizeof *top->slots);
    for (uint32_t i = 0; i < top->n; i++) {
        if (top->values[i].n <= taken) {
            continue;
        }
        top->values[kept] = top->values[i];
        top->values[kept].n -= taken;
        kept++;
        *find_slot(top, top->values[kept - 1].hash) = (uint16_t)kept;
    }
    top->n = kept;
    top->dropped += taken;
}

static void insert(struct sl_top *top, uint64_t hash, const char *prefix, size_t length, uint64_t n)
{
    if (top->n == SL_TOP_ROOM) {
        shrink(top);
    }
    struct sl_top_value *value = &top->values[top->n++];
    value->hash = hash;
    value->n = n;
    value->length = length < UINT32_MAX ? (uint32_t)length : UINT32_MAX;
    if (length) {
        memcpy(value->prefix, prefix, length < SL_TOP_PREFIX ? length : SL_TOP_PREFIX);
    }
    *find_slot(top, hash) = (uint16_t)top->n;
}

bool sl_top_add(struct sl_top *top, uint64_t hash, struct sl_str value, uint64_t n)
{
    if (!start(top)) {
        return false;
    }
    uint16_t slot = *find_slot(top, hash);
    if (slot) {
        top->values[slot - 1].n += n;
    } else {
        insert(top, hash, value.p, value.n, n);
    }
    return true;
}

bool sl_top_merge(struct sl_top *into, const struct sl_top *from)
{
    if (!from->values) {
        return true;
    }
    for (uint32_t i = 0; i < from->n; i++) {
        const struct sl_top_value *value = &from->values[i];
        if (!sl_top_add(into, value->hash, (struct sl_str){ value->prefix, value->length }, value->n)) {
            return false;
        }
    }
    into->dropped += from->dropped;
    return true;
}

/* More frequent first, then by value, then by hash (equal beginnings of long values). */
static bool before(const struct sl_top_value *a, const struct sl_top_value *b)
{
    if (a->n != b->n) {
        return a->n > b->n;
    }
    struct sl_str x = { a->prefix, a->length < SL_TOP_PREFIX ? a->length : SL_TOP_PREFIX };
    struct sl_str y = { b->prefix, b->length < SL_TOP_PREFIX ? b->length : SL_TOP_PREFIX };
    int order = sl_str_compare(x, y);
    if (order) {
        return order < 0;
    }
    return a->length != b->length ? a->length < b->length : a->hash < b->hash;
}

size_t sl_top_list(const struct sl_top *top, const struct sl_top_value **list, size_t most)
{
    size_t n = 0;
    for (uint32_t i = 0; i < top->n; i++) {
        const struct sl_top_value *value = &top->values[i];
        if (n == most && !before(value, list[n - 1])) {
            continue;
        }
        size_t at = n < most ? n++ : n - 1;
        for (; at > 0 && before(value, list[at - 1]); at--) {
            list[at] = list[at - 1];
        }
        list[at] = value;
    }
    return n;
}
