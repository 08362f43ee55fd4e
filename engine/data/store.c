/* store.c: chunks kept between passes, in memory while the budget lasts, then in a temporary file.
 *
 * Several threads put at once: the lock covers only bookkeeping (who gets memory, where in the file), not copying and
 * writing. Which chunk lands where depends on who came first; what get() returns does not. The file has no name, so
 * that nothing is left behind however the program ends; it is read with pread, so that it needs no memory while it
 * rests. */
#include "engine/data/store_private.h"

#include "sluice/input.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
    uint64_t sequence, first; /* first: record over the store, set by seal */
    char *memory;             /* NULL: in the file */
    uint64_t offset, bytes;
    uint32_t n;
};

struct sl_store {
    struct sl_schema schema;
    uint64_t budget;
    pthread_mutex_t lock; /* of all below, until sealed */
    struct entry *entries;
    uint64_t n, capacity;
    uint64_t in_memory, on_disk, records;
    int file; /* -1: none yet */
    bool sealed;
};

int sl_store_new(struct sl_store **out, const struct sl_schema *schema, uint64_t budget, struct sl_error *err)
{
    struct sl_store *store = calloc(1, sizeof *store);
    if (!store) {
        return sl_fail_memory(err, "making a store of records");
    }
    store->file = -1;
    store->budget = budget;
    pthread_mutex_init(&store->lock, NULL);
    int status = sl_schema_copy(&store->schema, schema, err);
    if (status) {
        sl_store_free(store);
        return status;
    }
    *out = store;
    return SL_OK;
}

void sl_store_free(struct sl_store *store)
{
    if (!store) {
        return;
    }
    for (size_t k = 0; k < store->n; k++) {
        free(store->entries[k].memory);
    }
    free(store->entries);
    if (store->file >= 0) {
        close(store->file);
    }
    sl_schema_release(&store->schema);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* Set aside room for one more chunk. The lock is held. */
static int reserve(struct sl_store *store, struct entry *entry, bool *to_disk, struct sl_error *err)
{
    if (store->sealed) {
        return sl_fail(err, SL_ESTATE, "the store of records is sealed and takes no more");
    }
    *to_disk = entry->bytes > store->budget || store->in_memory > store->budget - entry->bytes;
    if (!*to_disk) {
        store->in_memory += entry->bytes;
        return SL_OK;
    }
    if (store->file < 0) {
        int status = sl_temp_open(&store->file, err);
        if (status != SL_OK) {
            return status;
        }
    }
    entry->offset = store->on_disk;
    store->on_disk += entry->bytes;
    return SL_OK;
}

/* Note the chunk. The lock is held. */
static int append(struct sl_store *store, const struct entry *entry, struct sl_error *err)
{
    if (store->n == store->capacity) {
        uint64_t capacity = store->capacity ? 2 * store->capacity : 64;
        size_t bytes;
        struct entry *entries = sl_mul(capacity, sizeof *entries, &bytes) ? realloc(store->entries, bytes) : NULL;
        if (!entries) {
            return sl_fail_memory(err, "storing records");
        }
        store->entries = entries;
        store->capacity = capacity;
    }
    store->entries[store->n++] = *entry;
    store->records += entry->n;
    return SL_OK;
}

int sl_store_put(struct sl_store *store, const struct sl_chunk *chunk, struct sl_error *err)
{
    struct entry entry = { .sequence = chunk->sequence, .n = chunk->n };
    entry.bytes = sl_flat_size(&store->schema, chunk);
    bool to_disk = false;
    pthread_mutex_lock(&store->lock);
    int status = reserve(store, &entry, &to_disk, err);
    int file = store->file;
    pthread_mutex_unlock(&store->lock);
    if (status) {
        return status;
    }
    char *flat = malloc(entry.bytes);
    if (!flat) {
        status = sl_fail_memory(err, "storing records");
    } else {
        sl_flat_write(&store->schema, chunk, flat);
        if (to_disk) {
            status = sl_temp_write(file, flat, entry.bytes, entry.offset, err);
        } else {
            entry.memory = flat;
        }
    }
    pthread_mutex_lock(&store->lock);
    if (status == SL_OK) {
        status = append(store, &entry, err);
    }
    if (status && !to_disk) {
        store->in_memory -= entry.bytes;
    }
    pthread_mutex_unlock(&store->lock);
    if (to_disk || status) {
        free(flat);
    }
    return status;
}

static int by_sequence(const void *a, const void *b)
{
    uint64_t x = ((const struct entry *)a)->sequence, y = ((const struct entry *)b)->sequence;
    return (x > y) - (x < y);
}

int sl_store_seal(struct sl_store *store, struct sl_error *err)
{
    pthread_mutex_lock(&store->lock);
    if (store->n > 1) {
        qsort(store->entries, store->n, sizeof *store->entries, by_sequence);
    }
    int status = SL_OK;
    uint64_t first = 0;
    for (size_t k = 0; k < store->n; k++) {
        struct entry *entry = &store->entries[k];
        if (k && entry[-1].sequence == entry->sequence) {
            status =
                sl_fail(err, SL_ESTATE, "two chunks of number %llu were stored", (unsigned long long)entry->sequence);
        }
        entry->first = first;
        first += entry->n;
    }
    store->sealed = true;
    pthread_mutex_unlock(&store->lock);
    return status;
}

/* Counts may be asked for while others put. */
static uint64_t peek(const struct sl_store *store, const uint64_t *count)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&store->lock;
    pthread_mutex_lock(lock);
    uint64_t value = *count;
    pthread_mutex_unlock(lock);
    return value;
}

size_t sl_store_chunks(const struct sl_store *store)
{
    return (size_t)peek(store, &store->n);
}

uint64_t sl_store_records(const struct sl_store *store)
{
    return peek(store, &store->records);
}

uint64_t sl_store_first(const struct sl_store *store, size_t k)
{
    assert(store->sealed && k < store->n);
    return store->entries[k].first;
}

int sl_store_get(const struct sl_store *store, size_t k, struct sl_arena *arena, struct sl_chunk *out,
                 struct sl_error *err)
{
    assert(store->sealed && k < store->n);
    const struct entry *entry = &store->entries[k];
    const char *flat = entry->memory;
    if (!flat) {
        char *copy = sl_arena_take(arena, entry->bytes, 16);
        if (!copy) {
            return sl_fail_memory(err, "reading records back");
        }
        int status = sl_temp_read(store->file, copy, entry->bytes, entry->offset, err);
        if (status) {
            return status;
        }
        flat = copy;
    }
    return sl_flat_read(&store->schema, flat, arena, out, err);
}

void sl_store_drop(struct sl_store *store, size_t k)
{
    assert(store->sealed && k < store->n);
    free(store->entries[k].memory);
    store->entries[k].memory = NULL;
}

uint64_t sl_store_bytes(const struct sl_store *store, uint64_t *on_disk)
{
    if (on_disk) {
        *on_disk = peek(store, &store->on_disk);
    }
    return peek(store, &store->in_memory);
}
