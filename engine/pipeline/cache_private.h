/* cache_private.h: what is kept at one cache point, and where it is kept. */
#ifndef SL_CACHE_PRIVATE_H
#define SL_CACHE_PRIVATE_H

#include "pipeline_private.h"
#include "sluice/cache.h"

#define SL_CACHE_FORMAT 2 /* raised when the files or what is in them change */

/* Figures of a stage, as counted when the records were made. */
enum { KEPT_IN, KEPT_OUT, KEPT_CHANGED, KEPT_DROPPED, KEPT_MISSING, KEPT_EMPTIED, KEPT_BYTES, KEPT_COUNTS };

/* Everything a run needs to go on from the cache: immutable once shared. */
struct sl_kept {
    _Atomic unsigned users;
    struct sl_buf key;
    struct sl_store *store; /* chunks; sealed */
    bool late;              /* behind the encoders: with split and roles */
    uint64_t records;       /* of the input */
    struct sl_quarantine quarantine;
    struct sl_mark *marks;
    uint64_t *hashes;
    size_t n_marks;
    uint64_t counts[SL_MAX_STAGES][KEPT_COUNTS]; /* of the stages before, caches left out */
    size_t n_counts;
    struct sl_buf models; /* of the stages before: place among them, blob */
    /* Late ones only. */
    uint64_t n, n_train, n_test, n_validation;
    uint64_t *record; /* n: numbers of the kept records */
    uint8_t *role;
    uint64_t *train, *test, *validation; /* NULL: all are for training */
    uint64_t used;                       /* when last; in memory only */
};

struct sl_kept *sl_kept_hold(struct sl_kept *kept);
void sl_kept_drop(struct sl_kept *kept);
uint64_t sl_kept_bytes(const struct sl_kept *kept);

/* cache_memory.c. Found: held for the caller. Put: takes a hold of its own; false: larger than the cache may be. */
struct sl_kept *sl_cache_find(struct sl_cache *cache, struct sl_str key);
bool sl_cache_put(struct sl_cache *cache, struct sl_kept *kept);

/* cache_key.c: the input's part of a key; empty: it cannot be known again (a pipe). */
int sl_cache_input(const struct sl_pipeline *pipeline, struct sl_buf *to, struct sl_error *err);
/* Source, statements 0..point-1 and what else decides how the records look there. needed: which of n columns keep
 * their text behind the first pass; NULL when the point is in it. */
void sl_cache_statements(const struct sl_pipeline *pipeline, size_t point, const bool *needed, size_t n,
                         struct sl_buf *to);

/* cache_chunk.c: a chunk as bytes that stand by themselves, and back, whatever the bytes. */
void sl_chunk_save(const struct sl_schema *schema, const struct sl_chunk *chunk, struct sl_buf *to);
int sl_chunk_load(const struct sl_schema *schema, struct sl_str from, struct sl_arena *arena, struct sl_chunk *out,
                  struct sl_error *err);

/* cache_books.c: all of it but the chunks. */
void sl_kept_save(const struct sl_kept *kept, struct sl_buf *to);
int sl_kept_load(struct sl_kept *kept, struct sl_blob *from, struct sl_error *err);

/* cache_file.c: one file a key. SL_EEND: there is none of this key. SL_EFORMAT: there is one, but damaged. */
int sl_cache_read(struct sl_kept **out, const char *folder, struct sl_str key, const struct sl_schema *schema,
                  uint64_t memory, struct sl_pool *pool, struct sl_error *err);
int sl_cache_write(const struct sl_kept *kept, const char *folder, const struct sl_schema *schema, uint64_t limit,
                   struct sl_error *err);
/* The folder of a cache statement, owned by the caller. */
char *sl_cache_folder(const struct sl_cache_params *params, const char *base);

static inline bool sl_stage_is_cache(const struct sl_stage *stage)
{
    return stage->class == &sl_stage_cache;
}

#endif
