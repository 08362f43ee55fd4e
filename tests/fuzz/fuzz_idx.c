/* fuzz_idx.c: any bytes as IDX files, with labels or without.
 *
 * The first two bytes say how large blocks are and how much of the rest is a file of labels. The files must be refused
 * with a message and a fix, or read so that records counted = records read + records rejected, each reject with a
 * reason; tiny blocks must yield the same as large ones, and from a mark in the middle the same must follow. */
#include "sluice/input.h"
#include "sluice/reader.h"

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

enum { RECORDS_MOST = 20000 }; /* of an input that announces more, as many are looked at */

/* Sums that do not depend on the cuts between blocks. */
struct sums {
    uint64_t records, good, rejected, hash;
    int status;
};

static void add_chunk(const struct sl_chunk *chunk, struct sums *sums)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        uint64_t h = chunk->origin[i].record * 31 + chunk->origin[i].byte + chunk->origin[i].file;
        for (size_t c = 0; c < chunk->schema->n; c++) {
            const struct sl_field *field = &chunk->schema->fields[c];
            const struct sl_column *column = &chunk->columns[c];
            MUST(sl_valid(column, i));
            if (field->type == SL_NUMBER) {
                h = h * 31 + sl_hash64(&column->number[i], sizeof(double));
            } else {
                size_t n = sl_vector_bytes(field);
                MUST(field->type == SL_VECTOR && n > 0);
                h = h * 31 + sl_hash64((const char *)(const void *)column->bytes + i * n, n);
            }
        }
        sums->hash += h * UINT64_C(0x9e3779b97f4a7c15);
    }
}

static void read_all(struct sl_reader *reader, const struct sl_mark *from, struct sl_mark *middle, struct sums *sums)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    *sums = (struct sums){ .records = from ? from->record : 0 };
    while (sums->records < RECORDS_MOST && (sums->status = sl_reader_next(reader, &block, &err)) == SL_OK) {
        struct sl_chunk chunk;
        MUST(block.records > 0 && block.mark.record == sums->records);
        if (middle && (block.mark.sequence == 0 || block.mark.sequence == 3)) {
            *middle = block.mark;
        }
        MUST(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL) == SL_OK);
        add_chunk(&chunk, sums);
        sums->records += block.records;
        sums->good += chunk.n;
        sl_arena_reset(&arena, 0);
    }
    MUST(sums->status == SL_OK || sums->status == SL_EEND || (err.what[0] && err.fix[0]));
    for (size_t i = 0; i < rejects.n; i++) {
        MUST(rejects.entries[i].reason[0]);
        sums->hash += sl_hash64(rejects.entries[i].reason, strlen(rejects.entries[i].reason));
    }
    sums->rejected = rejects.total;
    MUST(sums->records - (from ? from->record : 0) == sums->good + sums->rejected);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
}

static bool same(const struct sums *a, const struct sums *b)
{
    return a->records == b->records && a->good == b->good && a->rejected == b->rejected && a->hash == b->hash &&
           a->status == b->status;
}

static int make_file(const uint8_t *p, size_t n, char path[32])
{
    int file = memfd_create("idx", MFD_CLOEXEC);
    MUST(file >= 0 && write(file, p, n) == (ssize_t)n);
    snprintf(path, 32, "/proc/self/fd/%d", file);
    return file;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    char paths[2][32];
    size_t n_labels = data[1] * (size - 2) / 512;
    int files[2] = { make_file(data + 2 + n_labels, size - 2 - n_labels, paths[0]),
                     make_file(data + 2, n_labels, paths[1]) };
    const char *const names[] = { paths[0] }, *const labels[] = { paths[1] };
    const struct sl_idx_options options = { .labels = labels, .n_labels = data[1] > 0 };
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_idx_open(&reader, NULL, names, 1, &options, &err)) {
        MUST(err.status && err.what[0] && err.fix[0]);
    } else {
        struct sums large, small, rest, again;
        struct sl_mark middle = { 0 };
        read_all(reader, NULL, NULL, &large);
        sl_reader_close(reader);
        MUST(sl_idx_open(&reader, NULL, names, 1, &options, &err) == SL_OK);
        reader->block_bytes = 1 + data[0];
        read_all(reader, NULL, &middle, &small);
        MUST(large.status == SL_OK || small.status == SL_OK || same(&large, &small));
        for (int k = 0; k < 2 && small.records; k++) {
            MUST(sl_reader_seek(reader, &middle, &err) == SL_OK);
            read_all(reader, &middle, NULL, k ? &again : &rest);
        }
        MUST(!small.records || same(&rest, &again));
        sl_reader_close(reader);
    }
    close(files[0]);
    close(files[1]);
    return 0;
}
