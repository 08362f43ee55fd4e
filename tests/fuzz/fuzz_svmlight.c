/* fuzz_svmlight.c: any bytes as an svmlight file.
 *
 * The first three bytes choose options, the rest is the file. It must be refused with a message, or read so that
 * records counted = records read + records rejected, each reject with a reason; indices must rise below the width,
 * labels and values be finite; and tiny blocks must yield the same as large ones. */
#include "sluice/input.h"
#include "sluice/reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                    \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

static uint64_t check_record(const struct sl_chunk *chunk, uint32_t i)
{
    const struct sl_sparse *sparse = &chunk->columns[1].sparse;
    uint64_t from = sparse->start[i], to = sparse->start[i + 1], n = to - from;
    uint32_t width = chunk->schema->fields[1].width;
    MUST(from <= to && isfinite(chunk->columns[0].number[i]));
    for (uint64_t k = from; k < to; k++) {
        MUST(sparse->index[k] < width && (k == from || sparse->index[k] > sparse->index[k - 1]));
        MUST(isfinite(sparse->value[k]));
    }
    uint64_t h = sl_hash64(&chunk->origin[i], offsetof(struct sl_origin, file) + sizeof(uint32_t));
    h = h * 31 + sl_hash64(&chunk->columns[0].number[i], sizeof(double));
    h = h * 31 + sl_hash64(n ? sparse->index + from : NULL, n * sizeof *sparse->index);
    h = h * 31 + sl_hash64(n ? sparse->value + from : NULL, n * sizeof *sparse->value);
    for (size_t c = 2; c < chunk->schema->n; c++) {
        h = h * 31 + (sl_valid(&chunk->columns[c], i) ? sl_hash64(&chunk->columns[c].number[i], sizeof(double)) : 7);
    }
    return h;
}

static uint64_t read_all(struct sl_reader *reader)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    uint64_t counted = 0, good = 0, hash = reader->schema.fields[1].width;
    int status;
    sl_arena_init(&arena);
    while ((status = sl_reader_next(reader, &block, NULL)) == SL_OK) {
        struct sl_chunk chunk;
        MUST(block.records > 0 && block.mark.record == counted);
        MUST(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL) == SL_OK);
        for (uint32_t i = 0; i < chunk.n; i++) {
            hash += check_record(&chunk, i);
        }
        counted += block.records;
        good += chunk.n;
        sl_arena_reset(&arena, 0);
    }
    MUST(status == SL_EEND || status == SL_EDATA); /* EDATA: damaged .gz or .zst */
    MUST(counted == good + rejects.total);
    for (size_t i = 0; i < rejects.n; i++) {
        MUST(rejects.entries[i].reason[0]);
        hash += sl_hash64(rejects.entries[i].reason, strlen(rejects.entries[i].reason)) *
                (rejects.entries[i].origin.record + 1);
    }
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
    return hash + (status == SL_EDATA); /* what is read before damage does not depend on the block */
}

static bool read_file(const char *path, const struct sl_svmlight_options *options, uint64_t block_bytes,
                      uint64_t *value)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const char *const paths[] = { path };
    if (sl_svmlight_open(&reader, NULL, paths, 1, options, &err)) {
        MUST(err.status && err.what[0]);
        return false;
    }
    reader->block_bytes = block_bytes;
    *value = read_all(reader);
    sl_reader_close(reader);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3) {
        return 0;
    }
    const struct sl_svmlight_options options = { .zero_based = data[0] % 3,
                                                 .query_id = data[0] & 128,
                                                 .n_features = data[1] % 16,
                                                 .max_record = data[2] % 4 ? 0 : 1 + data[2] };
    char path[32];
    int file = memfd_create("svmlight", MFD_CLOEXEC);
    MUST(file >= 0 && write(file, data + 3, size - 3) == (ssize_t)(size - 3));
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    uint64_t large = 0, small = 0;
    bool opened = read_file(path, &options, SL_BLOCK_BYTES, &large);
    MUST(read_file(path, &options, 1 + data[2] / 4, &small) == opened);
    MUST(large == small);
    close(file);
    return 0;
}
