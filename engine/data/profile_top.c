/* profile_top.c: the most frequent values.
 *
 * Counters for up to `room` values, exact as long as there are no more. When a further one comes, the count of the one
 * in the middle is taken from all, and those that fall to 0 leave. This is the summary of Misra and Gries (1982), the
 * twin of space-saving (Metwally et al. 2005: same counters, counted from below instead of above; Agarwal et al.,
 * "Mergeable summaries", 2013), done in batches so that an update costs constant time. Then counts are lower bounds,
 * short by at most `dropped`, and every value that makes up more than 2/room of all is there.
 *
 * Values are told apart by hash; of each only a beginning is kept, to be shown. Approximate counts depend on the order
 * of the values; exact ones do not. */
#include "engine/data/profile_private.h"

#include <stdlib.h>

enum { ROOM_MIN = 16 };

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
    uint32_t mask = 2 * top->capacity - 1;
    for (uint32_t at = (uint32_t)(hash >> 20) & mask;; at = (at + 1) & mask) {
        uint16_t *slot = &top->slots[at];
        if (!*slot || top->values[*slot - 1].hash == hash) {
            return slot;
        }
    }
}

static bool grow(struct sl_top *top)
{
    uint32_t capacity = top->capacity ? 2 * top->capacity : ROOM_MIN;
    uint16_t *slots = calloc(2 * (size_t)capacity, sizeof *slots);
    struct sl_top_value *values = slots ? realloc(top->values, capacity * sizeof *values) : NULL;
    if (!values) {
        free(slots);
        return false;
    }
    free(top->slots);
    top->slots = slots;
    top->values = values;
    top->capacity = capacity;
    for (uint32_t i = 0; i < top->n; i++) {
        *find_slot(top, values[i].hash) = (uint16_t)(i + 1);
    }
    return true;
}

static int falling(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* Make room: take the middle count from all. */
static bool shrink(struct sl_top *top)
{
    uint64_t *counts = malloc(top->n * sizeof *counts);
    if (!counts) {
        return false;
    }
    for (uint32_t i = 0; i < top->n; i++) {
        counts[i] = top->values[i].n;
    }
    qsort(counts, top->n, sizeof *counts, falling);
    uint64_t taken = counts[top->n / 2];
    free(counts);
    uint32_t kept = 0;
    memset(top->slots, 0, 2 * (size_t)top->capacity * sizeof *top->slots);
    for (uint32_t i = 0; i < top->n; i++) {
        if (top->values[i].n > taken) {
            top->values[kept] = top->values[i];
            top->values[kept++].n -= taken;
            *find_slot(top, top->values[kept - 1].hash) = (uint16_t)kept;
        }
    }
    top->n = kept;
    top->dropped += taken;
    return true;
}

bool sl_top_add(struct sl_top *top, uint64_t hash, struct sl_str value, uint64_t n)
{
    uint16_t *slot = top->capacity ? find_slot(top, hash) : NULL;
    if (slot && *slot) {
        top->values[*slot - 1].n += n;
        return true;
    }
    if (top->n == top->room ? !shrink(top) : top->n == top->capacity && !grow(top)) {
        return false;
    }
    struct sl_top_value *new = &top->values[top->n++];
    new->hash = hash;
    new->n = n;
    new->length = value.n < UINT32_MAX ? (uint32_t)value.n : UINT32_MAX;
    if (value.n) {
        memcpy(new->prefix, value.p, value.n < SL_TOP_PREFIX ? value.n : SL_TOP_PREFIX);
    }
    *find_slot(top, hash) = (uint16_t)top->n;
    return true;
}

bool sl_top_merge(struct sl_top *into, const struct sl_top *from)
{
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
static bool before(const struct sl_top_value *a, const struct sl_top_value *b, bool numbers)
{
    if (a->n != b->n) {
        return a->n > b->n;
    }
    if (numbers) {
        double p, q;
        memcpy(&p, a->prefix, sizeof p);
        memcpy(&q, b->prefix, sizeof q);
        return p < q;
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
        if (n == most && !before(value, list[n - 1], top->numbers)) {
            continue;
        }
        size_t at = n < most ? n++ : n - 1;
        for (; at > 0 && before(value, list[at - 1], top->numbers); at--) {
            list[at] = list[at - 1];
        }
        list[at] = value;
    }
    return n;
}
