/* images_same.c: pictures that are the same byte for byte, found by the hash of their files (XXH3, 64 bits).
 *
 * The hash is taken when a file is read, so that nothing is read twice. Of a million pictures two different ones share
 * one with a chance of about 3 in 100 million. What it does not find: the same picture saved another way. */
#include "engine/data/images_private.h"

#include <stdlib.h>

uint64_t sl_images_hash(const struct sl_reader *reader, uint64_t number)
{
    const struct sl_reader *own = sl_chain_holding(reader, &number);
    if (!own || own->class != &sl_images_class) {
        return 0;
    }
    struct sl_images *images = (struct sl_images *)(uintptr_t)own;
    pthread_mutex_lock(&images->lock);
    uint64_t hash = number < images->list.n ? images->list.hash[number] : 0;
    pthread_mutex_unlock(&images->lock);
    return hash;
}

struct one {
    uint64_t hash, record;
    uint8_t role;
};

static int by_hash(const void *a, const void *b)
{
    const struct one *x = a, *y = b;
    if (x->hash != y->hash) {
        return x->hash < y->hash ? -1 : 1;
    }
    return (x->record > y->record) - (x->record < y->record);
}

static int by_record(const void *a, const void *b)
{
    const struct sl_images_pair *x = a, *y = b;
    return (x->record > y->record) - (x->record < y->record);
}

/* Those of [first, end), all of one hash, whose role is not that of the first. */
static void add_pairs(const struct one *first, const struct one *end, struct sl_images_pair *pairs, size_t room,
                      uint64_t *total)
{
    for (const struct one *one = first + 1; one < end; one++) {
        if (one->role == first->role) {
            continue;
        }
        if (*total < room) {
            pairs[*total] = (struct sl_images_pair){ one->record, first->record, one->role, first->role };
        }
        ++*total;
    }
}

int sl_images_duplicates(const struct sl_reader *reader, const uint64_t *record, const uint8_t *role, size_t n,
                         struct sl_images_pair *pairs, size_t room, uint64_t *total, struct sl_error *err)
{
    size_t bytes, known = 0;
    struct one *all = sl_mul(n ? n : 1, sizeof *all, &bytes) ? malloc(bytes) : NULL;
    if (!all) {
        return sl_fail_memory(err, "comparing pictures");
    }
    for (size_t i = 0; i < n; i++) {
        all[known] = (struct one){ sl_images_hash(reader, record[i]), record[i], role[i] };
        known += all[known].hash != 0;
    }
    qsort(all, known, sizeof *all, by_hash);
    *total = 0;
    for (size_t first = 0, end; first < known; first = end) {
        for (end = first + 1; end < known && all[end].hash == all[first].hash; end++) {}
        add_pairs(all + first, all + end, pairs, room, total);
    }
    free(all);
    size_t kept = *total < room ? (size_t)*total : room;
    if (kept > 1) {
        qsort(pairs, kept, sizeof *pairs, by_record);
    }
    return SL_OK;
}
