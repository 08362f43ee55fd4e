/* fuzz_csv.c: any bytes as a CSV file, under options taken from the first two of them.
 *
 * What must hold: every record comes out or is quarantined with a reason; cells, origins and reasons are the same for
 * every block size; seeking to any block's mark yields that block again; a file that is refused left a message. */
#include "sluice/input.h"
#include "sluice/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MARKS = 64 };

struct pass {
    struct sl_buf records, rejects;
    struct sl_mark marks[MARKS];
    uint64_t hashes[MARKS];
    size_t n_marks;
    uint64_t blocks;
};

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static void print_chunk(const struct sl_chunk *chunk, struct sl_buf *out)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_origin *o = &chunk->origin[i];
        sl_buf_printf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 ":", o->record, o->line, o->byte);
        for (size_t c = 0; c < chunk->schema->n; c++) {
            const struct sl_column *column = &chunk->columns[c];
            sl_buf_putc(out, ' ');
            if (!sl_valid(column, i)) {
                sl_buf_puts(out, "missing");
            } else if (chunk->schema->fields[c].type == SL_TEXT) {
                struct sl_str text = column->text[i];
                require(sl_utf8_invalid(text.p, text.n) == text.n, "text is UTF-8");
                sl_buf_json(out, text);
            } else {
                sl_buf_number(out, column->number[i]);
            }
        }
        sl_buf_putc(out, '\n');
    }
}

static void print_rejects(const struct sl_quarantine *rejects, struct sl_buf *out)
{
    for (size_t i = 0; i < rejects->n; i++) {
        const struct sl_reject *r = &rejects->entries[i];
        require(r->reason[0] != '\0', "a rejected record has a reason");
        sl_buf_printf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 ": %s [%s]\n", r->origin.record, r->origin.line,
                      r->origin.byte, r->reason, r->excerpt);
    }
}

static void read_all(struct sl_reader *reader, uint64_t block_bytes, struct pass *pass)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    uint64_t counted = 0, came = 0;
    sl_arena_init(&arena);
    reader->block_bytes = block_bytes;
    while (sl_reader_next(reader, &block, NULL) == SL_OK) {
        struct sl_chunk chunk;
        require(block.mark.record == counted && block.mark.sequence == pass->blocks, "marks count on");
        if (pass->blocks < MARKS) {
            pass->marks[pass->n_marks] = block.mark;
            pass->hashes[pass->n_marks++] = sl_hash64(block.data.p, block.data.n);
        }
        pass->blocks++;
        counted += block.records;
        require(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL) == SL_OK, "a block parses");
        came += chunk.n;
        print_chunk(&chunk, &pass->records);
        sl_arena_reset(&arena, 1 << 16);
    }
    require(counted == came + rejects.total, "in = out + quarantined");
    print_rejects(&rejects, &pass->rejects);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    sl_block_release(&block);
}

static void seek_back(struct sl_reader *reader, const struct pass *pass, size_t k)
{
    struct sl_block block = { 0 };
    require(sl_reader_seek(reader, &pass->marks[k], NULL) == SL_OK, "seeking works");
    for (; k < pass->n_marks; k++) {
        require(sl_reader_next(reader, &block, NULL) == SL_OK, "the block is there again");
        require(memcmp(&block.mark, &pass->marks[k], sizeof block.mark) == 0, "it has the same mark");
        require(sl_hash64(block.data.p, block.data.n) == pass->hashes[k], "it has the same bytes");
    }
    sl_block_release(&block);
}

static void release(struct pass *pass)
{
    sl_buf_release(&pass->records);
    sl_buf_release(&pass->rejects);
}

static void require_same(const struct sl_buf *a, const struct sl_buf *b, const char *what)
{
    size_t n = a->n < b->n ? a->n : b->n, i = 0;
    while (i < n && a->p[i] == b->p[i]) {
        i++;
    }
    if (i < a->n || i < b->n) {
        while (i && a->p[i - 1] != '\n') {
            i--;
        }
        fprintf(stderr, "whole:  %.400s\npieces: %.400s\n", a->n ? a->p + i : "", b->n ? b->p + i : "");
        require(false, what);
    }
}

static void compare(const char *path, const struct sl_csv_options *options, uint64_t small)
{
    struct pass whole = { 0 }, pieces = { 0 };
    struct sl_reader *reader;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_csv_open(&reader, NULL, &path, 1, options, &err) != SL_OK) {
        require(err.what[0] != '\0', "a refused file left a message");
        return;
    }
    read_all(reader, 70000, &whole);
    sl_reader_close(reader);
    require(sl_csv_open(&reader, NULL, &path, 1, options, NULL) == SL_OK, "the file opens again");
    read_all(reader, small, &pieces);
    require_same(&whole.records, &pieces.records, "cells do not depend on the block size");
    require_same(&whole.rejects, &pieces.rejects, "rejects do not depend on the block size");
    if (pieces.n_marks) {
        seek_back(reader, &pieces, small % pieces.n_marks);
    }
    sl_reader_close(reader);
    release(&whole);
    release(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = { 0, ',', '\t', ';' };
    static const uint64_t lengths[] = { 0, 5, 33, 300 };
    if (size < 2) {
        return 0;
    }
    struct sl_csv_options options = {
        .delimiter = delimiters[data[0] & 3],
        .quote = data[0] & 4   ? 0
                 : data[0] & 8 ? -1
                               : '"',
        .header = (data[0] >> 4) % 3 - 1,
        .ragged = data[0] & 64,
        .encoding = data[0] & 128 ? (enum sl_encoding)(data[1] >> 5) % 5 : SL_ENCODING_AUTO,
        .comment = data[1] & 64 ? "//" : NULL,
        .skip = data[1] & 128 ? 2 : 0,
        .max_record = lengths[size & 3],
        .max_columns = 2000,
    };
    uint64_t small = 1 + (data[1] & 63);
    data += 2;
    size -= 2;
    if (size >= 4 && (memcmp(data, "\x1f\x8b", 2) == 0 || memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0)) {
        return 0; /* compressed: a few bytes would become many records */
    }
    int fd = memfd_create("csv", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "the input is written");
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    compare(path, &options, small);
    close(fd);
    return 0;
}
