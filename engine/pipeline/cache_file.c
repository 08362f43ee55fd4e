/* cache_file.c: a cache point as a file: chunks, then the books with a table of the chunks, then where those begin.
 *
 * A file is written under another name, synced and renamed, so that it is whole or absent. Reading trusts nothing: the
 * books carry a checksum (XXH3), the table one for each chunk, and what both say is checked again where it is used. */
#include "cache_private.h"

#include "sluice/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORDER 0x01020304u /* numbers of another byte order are no match */
static const char head[8] = "SLCACHE", tail[8] = "SLCEND\n";
enum { TRAILER = 8 + 8 + 8, BOOKS_MOST = 1 << 30 };

struct chunk_place {
    uint64_t offset, bytes, hash, first;
    uint32_t n;
};

struct cache_file {
    int fd;
    struct sl_kept *kept;
    struct sl_schema schema; /* expected, with the file's widths */
    struct chunk_place *places;
    uint64_t n;
    _Atomic int wrong; /* status of the first chunk that does not load */
};

static char *file_of(const char *folder, struct sl_str key)
{
    char *path = NULL;
    uint64_t hash = sl_hash64(key.p, key.n);
    return asprintf(&path, "%s/%016llx.slcache", folder, (unsigned long long)hash) < 0 ? NULL : path;
}

static bool read_at(int fd, void *to, size_t n, uint64_t offset)
{
    char *p = to;
    while (n) {
        ssize_t got = pread(fd, p, n, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

/* ---- Reading ---- */

static int damaged(struct sl_error *err, const char *what)
{
    return sl_fail(err, SL_EFORMAT, "%s", what);
}

/* Names and types must be those expected; widths are the file's. */
static bool load_schema(struct sl_blob *from, struct sl_schema *schema)
{
    bool same = sl_blob_u32(from) == schema->n;
    for (size_t c = 0; c < schema->n && same && !from->failed; c++) {
        struct sl_str name = sl_blob_bytes(from);
        same = sl_str_equal(name, sl_str(schema->fields[c].name)) && sl_blob_u32(from) == schema->fields[c].type;
        schema->fields[c].width = sl_blob_u32(from);
    }
    return same && !from->failed;
}

static bool load_places(struct sl_blob *from, struct cache_file *f, uint64_t room)
{
    uint64_t offset = sizeof head + 4, first = 0;
    f->n = sl_blob_u64(from);
    if (from->failed || f->n > (uint64_t)(from->end - from->p) / 20 ||
        !(f->places = calloc((size_t)f->n + 1, sizeof *f->places)))
        return false;
    for (uint64_t i = 0; i < f->n; i++) {
        struct chunk_place *place = &f->places[i];
        *place = (struct chunk_place){ .offset = offset, .bytes = sl_blob_u64(from), .first = first };
        place->hash = sl_blob_u64(from);
        place->n = sl_blob_u32(from);
        if (place->bytes > room - offset)
            return false;
        offset += place->bytes;
        first += place->n;
    }
    return !from->failed && from->p == from->end && offset == room && (!f->kept->late || first == f->kept->n);
}

static int load_books(struct cache_file *f, struct sl_str key, struct sl_error *err)
{
    char trailer[TRAILER], begin[sizeof head + 4];
    struct stat st;
    uint32_t order = ORDER;
    if (fstat(f->fd, &st) != 0 || (uint64_t)st.st_size < sizeof begin + TRAILER ||
        !read_at(f->fd, trailer, TRAILER, (uint64_t)st.st_size - TRAILER) || !read_at(f->fd, begin, sizeof begin, 0) ||
        memcmp(begin, head, sizeof head) != 0 || memcmp(begin + sizeof head, &order, 4) != 0 ||
        memcmp(trailer + 16, tail, sizeof tail) != 0)
        return damaged(err, "it does not begin and end as such a file does");
    struct sl_blob ends = { trailer, trailer + 16, false };
    uint64_t bytes = sl_blob_u64(&ends), hash = sl_blob_u64(&ends), rest = (uint64_t)st.st_size - TRAILER;
    if (bytes > BOOKS_MOST || bytes > rest - sizeof begin)
        return damaged(err, "its parts are longer than the file");
    struct sl_buf books = { 0 };
    if (!sl_buf_reserve(&books, (size_t)bytes + 1))
        return sl_fail_memory(err, "reading a cache file");
    int status = SL_OK;
    if (!read_at(f->fd, books.p, (size_t)bytes, rest - bytes) || sl_hash64(books.p, (size_t)bytes) != hash) {
        status = damaged(err, "its books do not have the checksum they should have");
    } else {
        struct sl_blob from = { books.p, books.p + bytes, false };
        status = sl_kept_load(f->kept, &from, err);
        if (!status && !sl_str_equal(key, (struct sl_str){ f->kept->key.p, f->kept->key.n }))
            status = SL_EEND; /* another key of the same hash */
        if (!status && (!load_schema(&from, &f->schema) || !load_places(&from, f, rest - bytes)))
            status = damaged(err, "its table of chunks is wrong");
    }
    sl_buf_release(&books);
    return status;
}

static bool origins_fit(const struct sl_kept *kept, const struct chunk_place *place, const struct sl_chunk *chunk)
{
    for (uint32_t i = 0; kept->late && i < chunk->n; i++)
        if (chunk->origin[i].record != kept->record[place->first + i])
            return false;
    return chunk->n == place->n;
}

static void load_one(void *ctx, size_t i, int worker)
{
    struct cache_file *f = ctx;
    const struct chunk_place *place = &f->places[i];
    struct sl_arena arena;
    struct sl_chunk chunk;
    (void)worker;
    if (f->wrong)
        return;
    sl_arena_init(&arena);
    char *bytes = malloc(place->bytes ? (size_t)place->bytes : 1);
    int status = bytes ? SL_OK : SL_ENOMEM;
    if (!status && (!read_at(f->fd, bytes, (size_t)place->bytes, place->offset) ||
                    sl_hash64(bytes, (size_t)place->bytes) != place->hash))
        status = SL_EFORMAT;
    if (!status)
        status = sl_chunk_load(&f->schema, (struct sl_str){ bytes, (size_t)place->bytes }, &arena, &chunk, NULL);
    if (!status && (chunk.sequence != i || !origins_fit(f->kept, place, &chunk)))
        status = SL_EFORMAT;
    if (!status)
        status = sl_store_put(f->kept->store, &chunk, NULL);
    if (status)
        f->wrong = status;
    free(bytes);
    sl_arena_release(&arena);
}

static int load_chunks(struct cache_file *f, uint64_t memory, struct sl_pool *pool, struct sl_error *err)
{
    int status = sl_store_new(&f->kept->store, &f->schema, memory, err);
    if (status)
        return status;
    sl_pool_for(pool, (size_t)f->n, load_one, f);
    if (f->wrong)
        return f->wrong == SL_EFORMAT ? damaged(err, "a chunk of it is damaged")
                                      : sl_fail(err, f->wrong, "its records could not be read back");
    return sl_store_seal(f->kept->store, err);
}

/* Do the books add up? */
static bool balanced(const struct sl_kept *kept)
{
    uint64_t n = sl_store_records(kept->store), roles[256] = { 0 };
    if (kept->quarantine.total > kept->records || n > kept->records - kept->quarantine.total)
        return false;
    for (uint64_t i = 0; i < kept->n; i++)
        roles[kept->role[i]]++;
    return !kept->late || (n == kept->n && roles[SL_TRAIN] == kept->n_train && roles[SL_TEST] == kept->n_test &&
                           roles[SL_VALIDATION] == kept->n_validation);
}

int sl_cache_read(struct sl_kept **out, const char *folder, struct sl_str key, const struct sl_schema *schema,
                  uint64_t memory, struct sl_pool *pool, struct sl_error *err)
{
    struct cache_file f = { .fd = -1, .kept = calloc(1, sizeof *f.kept) };
    char *path = file_of(folder, key);
    int status = f.kept && path ? sl_schema_copy(&f.schema, schema, err) : sl_fail_memory(err, "reading a cache file");
    if (f.kept)
        f.kept->users = 1;
    if (!status && (f.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
        status = errno == ENOENT ? SL_EEND : sl_fail_errno(err, "open", path);
    if (!status)
        status = load_books(&f, key, err);
    if (!status)
        status = load_chunks(&f, memory, pool, err);
    if (!status && !balanced(f.kept))
        status = damaged(err, "its counts do not add up");
    if (status && status != SL_EEND)
        sl_error_at(err, path, 0, 0, UINT64_MAX);
    if (!status)
        futimens(f.fd, NULL); /* used just now: the last to make room for others */
    if (f.fd >= 0)
        close(f.fd);
    if (status)
        sl_kept_drop(f.kept);
    else
        *out = f.kept;
    sl_schema_release(&f.schema);
    free(f.places);
    free(path);
    return status;
}
