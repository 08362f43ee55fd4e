/* cache_key.c: what decides how the records look at a cache point, written down as text.
 *
 * The whole text is kept and compared, so that no two keys can be taken for one another. A file is known by its path,
 * its size, its inode, its times of change to the nanosecond and a hash of its first and last 64 KiB: reading all of it
 * would cost what the cache is to save. The time the inode changed is part of it, because that of the content can be
 * set by anyone. */
#include "cache_private.h"

#include "sluice/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENDS = 64 << 10 };

static uint64_t hash_part(int file, char *buffer, size_t n, uint64_t offset)
{
    size_t got = 0;
    while (got < n) {
        ssize_t more = pread(file, buffer + got, n - got, (off_t)(offset + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    return sl_hash64(buffer, got);
}

static int add_file(const char *path, char *buffer, struct sl_buf *to, struct sl_error *err)
{
    struct stat st;
    int file = strcmp(path, "-") == 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 || fstat(file, &st) != 0 || !S_ISREG(st.st_mode)) {
        if (file >= 0)
            close(file);
        return sl_fail(err, SL_EEND, "\"%s\" is no file that can be known again", path);
    }
    uint64_t size = (uint64_t)st.st_size, last = size > ENDS ? size - ENDS : 0;
    char *whole = realpath(path, NULL);
    sl_buf_printf(to, "file %llu %llu %lld.%09ld %lld.%09ld %016llx %016llx %s\n", (unsigned long long)size,
                  (unsigned long long)st.st_ino, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                  (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec,
                  (unsigned long long)hash_part(file, buffer, ENDS, 0),
                  (unsigned long long)hash_part(file, buffer, ENDS, last), whole ? whole : path);
    free(whole);
    close(file);
    return SL_OK;
}

int sl_cache_input(const struct sl_pipeline *p, struct sl_buf *to, struct sl_error *err)
{
    if (p->reader->refers)
        return sl_fail(err, SL_EEND, "\"%s\" leads to other files, which may change", p->reader->paths[0]);
    char *buffer = malloc(ENDS);
    if (!buffer)
        return sl_fail_memory(err, "looking at the input");
    int status = SL_OK;
    for (size_t i = 0; i < p->reader->n_paths && !status; i++)
        status = add_file(p->reader->paths[i], buffer, to, err);
    free(buffer);
    if (!status && to->failed)
        status = sl_fail_memory(err, "looking at the input");
    return status;
}

void sl_cache_statements(const struct sl_pipeline *p, size_t point, const bool *needed, size_t n, struct sl_buf *to)
{
    sl_buf_printf(to, "sluice " SL_VERSION " cache %d\nblock %llu target %s\n", SL_CACHE_FORMAT,
                  (unsigned long long)p->reader->block_bytes, p->stages[0].target ? p->stages[0].target : "");
    for (size_t c = 0; c < p->source.n; c++)
        sl_buf_printf(to, "column %d %s\n", (int)p->source.fields[c].type, p->source.fields[c].name);
    for (size_t i = 0; i < point; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (sl_stage_is_cache(stage))
            continue;
        sl_buf_printf(to, "stage %d ", stage->class->version);
        sl_statement_format(stage->class, stage->params, to);
        sl_buf_putc(to, '\n');
    }
    for (size_t c = 0; needed && c < n; c++)
        sl_buf_printf(to, "%d", needed[c]);
}
