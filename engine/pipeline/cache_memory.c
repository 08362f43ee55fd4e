/* cache_memory.c: cache points kept in memory, for the runs of one owner.
 *
 * A list: there are as many entries as a recipe has points and a user tries variants, not thousands. Entries never
 * change once here and are counted by their users, so an entry that has to make room lives on until the run that goes
 * on from it has ended. */
#include "cache_private.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct sl_cache {
    pthread_mutex_t lock;
    struct sl_kept **entries;
    size_t n, capacity;
    uint64_t limit, bytes, clock;
};

struct sl_kept *sl_kept_hold(struct sl_kept *kept)
{
    atomic_fetch_add(&kept->users, 1);
    return kept;
}

void sl_kept_drop(struct sl_kept *kept)
{
    if (!kept || atomic_fetch_sub(&kept->users, 1) > 1)
        return;
    sl_store_free(kept->store);
    sl_quarantine_release(&kept->quarantine);
    sl_buf_release(&kept->key);
    sl_buf_release(&kept->models);
    free(kept->marks);
    free(kept->hashes);
    free(kept->record);
    free(kept->role);
    free(kept->train);
    free(kept->test);
    free(kept->validation);
    free(kept);
}

uint64_t sl_kept_bytes(const struct sl_kept *kept)
{
    uint64_t on_disk = 0, bytes = sl_store_bytes(kept->store, &on_disk);
    return bytes + on_disk + kept->models.n + kept->key.n + kept->n_marks * (sizeof *kept->marks + 8) +
           kept->quarantine.n * sizeof *kept->quarantine.entries + kept->n * 9 +
           (kept->n_train + kept->n_test + kept->n_validation) * 8;
}

int sl_cache_new(struct sl_cache **out, uint64_t limit, struct sl_error *err)
{
    struct sl_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return sl_fail_memory(err, "a cache");
    cache->limit = limit;
    pthread_mutex_init(&cache->lock, NULL);
    *out = cache;
    return SL_OK;
}

/* The lock is held. */
static void take_out(struct sl_cache *cache, size_t i)
{
    cache->bytes -= sl_kept_bytes(cache->entries[i]);
    sl_kept_drop(cache->entries[i]);
    cache->entries[i] = cache->entries[--cache->n];
}

void sl_cache_clear(struct sl_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    while (cache->n)
        take_out(cache, cache->n - 1);
    pthread_mutex_unlock(&cache->lock);
}

void sl_cache_free(struct sl_cache *cache)
{
    if (!cache)
        return;
    sl_cache_clear(cache);
    pthread_mutex_destroy(&cache->lock);
    free(cache->entries);
    free(cache);
}

uint64_t sl_cache_bytes(struct sl_cache *cache, size_t *n)
{
    pthread_mutex_lock(&cache->lock);
    uint64_t bytes = cache->bytes;
    if (n)
        *n = cache->n;
    pthread_mutex_unlock(&cache->lock);
    return bytes;
}

/* Place of a key, or cache->n. The lock is held. */
static size_t place_of(const struct sl_cache *cache, struct sl_str key)
{
    size_t i = 0;
    while (i < cache->n && !sl_str_equal(key, (struct sl_str){ cache->entries[i]->key.p, cache->entries[i]->key.n }))
        i++;
    return i;
}

struct sl_kept *sl_cache_find(struct sl_cache *cache, struct sl_str key)
{
    struct sl_kept *found = NULL;
    pthread_mutex_lock(&cache->lock);
    size_t i = place_of(cache, key);
    if (i < cache->n) {
        found = sl_kept_hold(cache->entries[i]);
        found->used = ++cache->clock;
    }
    pthread_mutex_unlock(&cache->lock);
    return found;
}

static size_t oldest(const struct sl_cache *cache)
{
    size_t old = 0;
    for (size_t i = 1; i < cache->n; i++)
        if (cache->entries[i]->used < cache->entries[old]->used)
            old = i;
    return old;
}

bool sl_cache_put(struct sl_cache *cache, struct sl_kept *kept)
{
    uint64_t bytes = sl_kept_bytes(kept);
    if (bytes > cache->limit)
        return false;
    pthread_mutex_lock(&cache->lock);
    size_t same = place_of(cache, (struct sl_str){ kept->key.p, kept->key.n });
    if (same < cache->n)
        take_out(cache, same);
    while (cache->n && cache->bytes + bytes > cache->limit)
        take_out(cache, oldest(cache));
    bool room = cache->n < cache->capacity;
    if (!room) {
        size_t capacity = cache->capacity ? cache->capacity * 2 : 8;
        struct sl_kept **entries = realloc(cache->entries, capacity * sizeof *entries);
        room = entries != NULL;
        cache->entries = entries ? entries : cache->entries;
        cache->capacity = entries ? capacity : cache->capacity;
    }
    if (room) {
        cache->entries[cache->n++] = sl_kept_hold(kept);
        cache->bytes += bytes;
        kept->used = ++cache->clock;
    }
    pthread_mutex_unlock(&cache->lock);
    return room;
}
