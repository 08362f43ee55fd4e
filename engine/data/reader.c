/* reader.c: the public face of every reader, and the part all readers share.
 *
 * The promise that no record is lost silently is asserted here, once for all readers: a parsed block yields as many
 * records and rejects together as were counted when it was cut. */
#include "engine/data/reader_private.h"

#include <assert.h>
#include <stdlib.h>

void sl_block_release(struct sl_block *block)
{
    if (!block) {
        return;
    }
    sl_buf_release(&block->data);
    *block = (struct sl_block){ 0 };
}

static char *join(const char *base, const char *path)
{
    size_t nb = base ? strlen(base) : 0, np = strlen(path);
    if (nb == 0 || path[0] == '/' || strcmp(path, "-") == 0) {
        return strdup(path);
    }
    char *joined = malloc(nb + np + 2);
    if (joined) {
        memcpy(joined, base, nb);
        joined[nb] = '/';
        memcpy(joined + nb + (base[nb - 1] != '/'), path, np + 1);
    }
    return joined;
}

int sl_reader_init(struct sl_reader *reader, const struct sl_reader_class *class, const char *base,
                   const char *const *paths, size_t n, struct sl_error *err)
{
    assert(n >= 1);
    *reader = (struct sl_reader){ .class = class, .block_bytes = SL_BLOCK_BYTES };
    reader->paths = calloc(n, sizeof *reader->paths);
    if (!reader->paths) {
        return sl_fail_memory(err, "opening files");
    }
    for (reader->n_paths = 0; reader->n_paths < n; reader->n_paths++) {
        char *path = join(base, paths[reader->n_paths]);
        if (!path) {
            sl_reader_release(reader);
            return sl_fail_memory(err, "opening files");
        }
        reader->paths[reader->n_paths] = path;
    }
    return SL_OK;
}

void sl_reader_release(struct sl_reader *reader)
{
    sl_schema_release(&reader->schema);
    for (size_t i = 0; i < reader->n_paths; i++) {
        free(reader->paths[i]);
    }
    free(reader->paths);
    reader->paths = NULL;
    reader->n_paths = 0;
}

int sl_reader_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    block->data.n = 0;
    block->data.failed = false;
    block->records = 0;
    block->flags = 0;
    block->cut_bad = (struct sl_str){ NULL, 0 };
    int status = reader->class->next(reader, block, err);
    assert(status != SL_OK || block->records <= SL_CHUNK_RECORDS);
    return status;
}

int sl_reader_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                    struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    uint64_t before = rejects->total;
    int status = reader->class->parse(reader, block, arena, chunk, rejects, err);
    if (status == SL_OK) {
        chunk->sequence = block->mark.sequence;
        assert(chunk->n + (rejects->total - before) == block->records);
    }
    (void)before;
    return status;
}

int sl_reader_record(const struct sl_reader *reader, uint64_t number, struct sl_arena *arena, struct sl_chunk *chunk,
                     struct sl_quarantine *rejects, struct sl_error *err)
{
    if (!reader->class->record) {
        sl_fail(err, SL_ESTATE, "single records of '%.200s' cannot be read again", reader->paths[0]);
        return sl_fix(err, "read it from its beginning");
    }
    uint64_t before = rejects->total;
    int status = reader->class->record(reader, number, arena, chunk, rejects, err);
    assert(status != SL_OK || chunk->n + (rejects->total - before) == 1);
    (void)before;
    return status;
}

int sl_reader_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    if (mark->file >= reader->n_paths) {
        return sl_fail(err, SL_EPARAM, "the mark is of file %u, but there are %zu", (unsigned)mark->file + 1,
                       reader->n_paths);
    }
    return reader->class->seek(reader, mark, err);
}

void sl_reader_close(struct sl_reader *reader)
{
    if (reader) {
        reader->class->close(reader);
    }
}
