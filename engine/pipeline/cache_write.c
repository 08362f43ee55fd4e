/* cache_write.c: a cache point into its file, and room for it in its folder: the files used longest ago go first. */
#include "cache_private.h"

#include "sluice/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ORDER  0x01020304u
#define END    ".slcache"
#define UNDONE ".slcache-new"
#define OLD    3600 /* seconds after which a file that was never finished is taken away */

char *sl_cache_folder(const struct sl_cache_params *params, const char *base)
{
    const char *given = params->path, *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    int n = 0;
    if (given && given[0])
        n = given[0] == '/' || !base ? asprintf(&path, "%s", given) : asprintf(&path, "%s/%s", base, given);
    else if (xdg && xdg[0] == '/')
        n = asprintf(&path, "%s/sluice", xdg);
    else
        n = asprintf(&path, "%s/.cache/sluice", home && home[0] ? home : "/tmp");
    return n < 0 ? NULL : path;
}

static int make_folders(const char *folder, struct sl_error *err)
{
    char *path = strdup(folder);
    if (!path)
        return sl_fail_memory(err, "a cache file");
    for (char *p = path + 1;; p++) {
        char c = *p;
        if (c != '/' && c)
            continue;
        *p = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            int status = sl_fail_errno(err, "make the folder", path);
            free(path);
            return status;
        }
        *p = c;
        if (!c)
            break;
    }
    free(path);
    return SL_OK;
}

/* ---- Room ---- */

struct old_file {
    char *path;
    uint64_t bytes;
    struct timespec used;
};

struct listing {
    struct old_file *files;
    size_t n, capacity;
    uint64_t bytes;
};

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

static void note_file(struct listing *list, const char *folder, const char *name)
{
    struct stat st;
    char *path = NULL;
    bool whole = ends_with(name, END), undone = ends_with(name, UNDONE);
    if ((!whole && !undone) || asprintf(&path, "%s/%s", folder, name) < 0)
        return;
    if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
        free(path);
        return;
    }
    if (undone) {
        if (time(NULL) - st.st_mtim.tv_sec > OLD)
            unlink(path);
        free(path);
        return;
    }
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 32;
        struct old_file *files = reallocarray(list->files, capacity, sizeof *files);
        if (!files) {
            free(path);
            return;
        }
        list->files = files;
        list->capacity = capacity;
    }
    list->files[list->n++] = (struct old_file){ path, (uint64_t)st.st_size, st.st_mtim };
    list->bytes += (uint64_t)st.st_size;
}

static int by_use(const void *a, const void *b)
{
    const struct timespec *x = &((const struct old_file *)a)->used, *y = &((const struct old_file *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

static void make_room(const char *folder, uint64_t bytes, uint64_t limit)
{
    struct listing list = { 0 };
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));)
        note_file(&list, folder, entry->d_name);
    if (dir)
        closedir(dir);
    if (list.n)
        qsort(list.files, list.n, sizeof *list.files, by_use);
    for (size_t i = 0; i < list.n; i++) {
        if (list.bytes > limit - bytes && unlink(list.files[i].path) == 0)
            list.bytes -= list.files[i].bytes;
        free(list.files[i].path);
    }
    free(list.files);
}

/* ---- Writing ---- */

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* All chunks, one after the other; their rows of the table go to places. */
static int write_chunks(int fd, const struct sl_kept *kept, const struct sl_schema *schema, const char *path,
                        struct sl_buf *places, struct sl_error *err)
{
    struct sl_arena arena;
    struct sl_buf bytes = { 0 };
    int status = SL_OK;
    sl_arena_init(&arena);
    for (size_t i = 0; i < sl_store_chunks(kept->store) && !status; i++) {
        struct sl_chunk chunk;
        sl_arena_reset(&arena, 64u << 20);
        bytes.n = 0;
        status = sl_store_get(kept->store, i, &arena, &chunk, err);
        if (status)
            break;
        chunk.sequence = i;
        sl_chunk_save(schema, &chunk, &bytes);
        sl_buf_u64(places, bytes.n);
        sl_buf_u64(places, sl_hash64(bytes.p, bytes.n));
        sl_buf_u32(places, chunk.n);
        if (bytes.failed)
            status = sl_fail_memory(err, "writing a cache file");
        else if (!write_all(fd, bytes.p, bytes.n))
            status = sl_fail_errno(err, "write", path);
    }
    sl_buf_release(&bytes);
    sl_arena_release(&arena);
    return status;
}

static int write_file(int fd, const struct sl_kept *kept, const struct sl_schema *schema, const char *path,
                      struct sl_error *err)
{
    struct sl_buf begin = { 0 }, books = { 0 }, places = { 0 };
    uint32_t order = ORDER;
    sl_buf_add(&begin, "SLCACHE", 8);
    sl_buf_add(&begin, &order, 4);
    int status = begin.failed ? sl_fail_memory(err, "writing a cache file") : SL_OK;
    if (!status && !write_all(fd, begin.p, begin.n))
        status = sl_fail_errno(err, "write", path);
    if (!status)
        status = write_chunks(fd, kept, schema, path, &places, err);
    sl_kept_save(kept, &books);
    sl_buf_u32(&books, (uint32_t)schema->n);
    for (size_t c = 0; c < schema->n; c++) {
        sl_buf_blob(&books, schema->fields[c].name, strlen(schema->fields[c].name));
        sl_buf_u32(&books, (uint32_t)schema->fields[c].type);
        sl_buf_u32(&books, schema->fields[c].width);
    }
    sl_buf_u64(&books, sl_store_chunks(kept->store));
    sl_buf_add(&books, places.n ? places.p : "", places.n);
    size_t n = books.n;
    uint64_t hash = n ? sl_hash64(books.p, n) : 0;
    sl_buf_u64(&books, n);
    sl_buf_u64(&books, hash);
    sl_buf_add(&books, "SLCEND\n", 8);
    if (!status && (books.failed || places.failed))
        status = sl_fail_memory(err, "writing a cache file");
    if (!status && (!write_all(fd, books.p, books.n) || fsync(fd) != 0))
        status = sl_fail_errno(err, "write", path);
    sl_buf_release(&begin);
    sl_buf_release(&books);
    sl_buf_release(&places);
    return status;
}

int sl_cache_write(const struct sl_kept *kept, const char *folder, const struct sl_schema *schema, uint64_t limit,
                   struct sl_error *err)
{
    static atomic_uint serial;
    uint64_t bytes = sl_kept_bytes(kept), hash = sl_hash64(kept->key.p, kept->key.n);
    char *path = NULL, *undone = NULL;
    if (bytes > limit) {
        sl_fail(err, SL_ELIMIT, "the records take %llu MiB, more than the limit of %llu MiB",
                (unsigned long long)(bytes >> 20), (unsigned long long)(limit >> 20));
        return sl_fix(err, "give a higher limit=, or put the cache where less is left of the records");
    }
    int status = make_folders(folder, err);
    if (status)
        return status;
    make_room(folder, bytes, limit);
    if (asprintf(&path, "%s/%016llx" END, folder, (unsigned long long)hash) < 0)
        path = NULL;
    if (asprintf(&undone, "%s/.%ld-%u" UNDONE, folder, (long)getpid(), atomic_fetch_add(&serial, 1)) < 0)
        undone = NULL;
    int fd = path && undone ? open(undone, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    if (fd < 0) {
        status = path && undone ? sl_fail_errno(err, "make a file in", folder) : sl_fail_memory(err, "a cache file");
    } else {
        status = write_file(fd, kept, schema, folder, err);
        if (close(fd) != 0 && !status)
            status = sl_fail_errno(err, "write", folder);
        if (!status && rename(undone, path) != 0)
            status = sl_fail_errno(err, "write", path);
        if (status)
            unlink(undone);
    }
    free(path);
    free(undone);
    return status;
}
