/* fuzz_jsonl.c: any bytes as a JSON Lines file.
 *
 * The first three bytes choose options, the rest is the file. It must be refused with a message and a fix, or read so
 * that records counted = records read + records rejected, each reject with a reason; all text must be valid UTF-8; and
 * tiny blocks must yield the same as large ones. The input is handed over as an anonymous file in memory. */
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

static void add_chunk(const struct sl_chunk *chunk, struct sl_hash *hash)
{
    struct sl_buf cell = { 0 };
    for (uint32_t i = 0; i < chunk->n; i++) {
        sl_hash_add(hash, &chunk->origin[i], offsetof(struct sl_origin, file) + sizeof(uint32_t));
        for (size_t c = 0; c < chunk->schema->n; c++) {
            const struct sl_column *column = &chunk->columns[c];
            bool valid = sl_valid(column, i);
            if (chunk->schema->fields[c].type == SL_TEXT) {
                MUST(sl_utf8_invalid(column->text[i].p, column->text[i].n) == column->text[i].n);
            } else {
                MUST(valid ? isfinite(column->number[i]) : isnan(column->number[i]));
            }
            cell.n = 0;
            sl_buf_putc(&cell, valid ? 'v' : 'm');
            sl_cell_format(chunk, c, i, &cell);
            sl_hash_add(hash, cell.p, cell.n);
        }
    }
    sl_buf_release(&cell);
}

/* A fingerprint of all records and rejects, in their order; it does not depend on the cuts between blocks. */
static uint64_t read_all(struct sl_reader *reader)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_hash *hash = NULL;
    uint64_t counted = 0, good = 0;
    int status;
    sl_arena_init(&arena);
    MUST(sl_hash_new(&hash, NULL) == SL_OK);
    while ((status = sl_reader_next(reader, &block, NULL)) == SL_OK) {
        struct sl_chunk chunk;
        MUST(block.records > 0 && block.mark.record == counted);
        MUST(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL) == SL_OK);
        add_chunk(&chunk, hash);
        counted += block.records;
        good += chunk.n;
        sl_arena_reset(&arena, 0);
    }
    MUST(status == SL_EEND || status == SL_EDATA); /* EDATA: damaged .gz or .zst */
    MUST(counted == good + rejects.total);
    for (size_t i = 0; i < rejects.n; i++) {
        MUST(rejects.entries[i].reason[0]);
        sl_hash_add(hash, &rejects.entries[i].origin.record, sizeof(uint64_t));
        sl_hash_add(hash, rejects.entries[i].reason, strlen(rejects.entries[i].reason));
    }
    uint64_t value = sl_hash_value(hash);
    sl_hash_free(hash);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
    return value + (status == SL_EDATA); /* what is read before damage does not depend on the block */
}

static bool read_file(const char *path, const struct sl_jsonl_options *options, uint64_t block_bytes, uint64_t *value)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const char *const paths[] = { path };
    if (sl_jsonl_open(&reader, NULL, paths, 1, options, &err)) {
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
    struct sl_jsonl_options options = { .depth = data[0] % 6,
                                        .sample = data[1] % 8,
                                        .max_record = data[2] % 4 ? 0 : data[2] };
    int file = memfd_create("jsonl", MFD_CLOEXEC);
    MUST(file >= 0 && write(file, data + 3, size - 3) == (ssize_t)(size - 3));
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    uint64_t large = 0, small = 0;
    bool opened = read_file(path, &options, SL_BLOCK_BYTES, &large);
    MUST(read_file(path, &options, 1 + data[2] / 4, &small) == opened);
    MUST(large == small);
    close(file);
    return 0;
}
