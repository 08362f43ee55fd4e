/* test_csv_try.h: read bytes as a CSV file and print all that comes of them, for the tests to compare.
 *
 * One line a record, "line@byte: cell|cell", text in quotes, ~ for a missing value; then one line a rejected record,
 * "! line@byte: reason". */
#ifndef SLUICE_TESTS_UNIT_DATA_TEST_CSV_TRY_H
#define SLUICE_TESTS_UNIT_DATA_TEST_CSV_TRY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sluice/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TRY_DEFAULTS .header = -1

/* A temporary file that holds these bytes. */
static inline void try_file(char path[40], const void *bytes, size_t n)
{
    snprintf(path, 40, "/tmp/sluice-csv-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static inline void try_print_chunk(const struct sl_chunk *chunk, struct sl_buf *out)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        sl_buf_printf(out, "%" PRIu64 "@%" PRIu64 ": ", chunk->origin[i].line, chunk->origin[i].byte);
        for (size_t c = 0; c < chunk->schema->n; c++) {
            const struct sl_column *column = &chunk->columns[c];
            sl_buf_puts(out, c ? "|" : "");
            if (!sl_valid(column, i)) {
                sl_buf_puts(out, "~");
            } else if (chunk->schema->fields[c].type == SL_TEXT) {
                sl_buf_json(out, column->text[i]);
            } else {
                sl_buf_number(out, column->number[i]);
            }
        }
        sl_buf_puts(out, "\n");
    }
}

static inline void try_print_rejects(const struct sl_quarantine *rejects, struct sl_buf *out)
{
    for (size_t i = 0; i < rejects->n; i++) {
        const struct sl_origin *o = &rejects->entries[i].origin;
        sl_buf_printf(out, "! %" PRIu64 "@%" PRIu64 ": %s\n", o->line, o->byte, rejects->entries[i].reason);
    }
}

/* Everything from where the reader stands on. Returns the status next() ended with. */
static inline int try_read_on(struct sl_reader *reader, struct sl_buf *out)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    uint64_t counted = 0, came = 0;
    int status;
    sl_arena_init(&arena);
    while ((status = sl_reader_next(reader, &block, &err)) == SL_OK) {
        struct sl_chunk chunk;
        assert_in_range(block.records, 1, SL_CHUNK_RECORDS);
        assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
        counted += block.records;
        came += chunk.n;
        try_print_chunk(&chunk, out);
        sl_arena_reset(&arena, 1 << 16);
    }
    assert_int_equal(counted, came + rejects.total);
    try_print_rejects(&rejects, out);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    sl_block_release(&block);
    assert_false(out->failed);
    return status;
}

/* The whole file; block_bytes 0: the default. The caller releases *out. */
static inline void try_read(const void *bytes, size_t n, const struct sl_csv_options *options, uint64_t block_bytes,
                            struct sl_buf *out)
{
    char path[40], message[1024];
    const char *paths[] = { path };
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    try_file(path, bytes, n);
    int status = sl_csv_open(&reader, NULL, paths, 1, options, &err);
    unlink(path);
    if (status) {
        fail_msg("the file does not open: %s", sl_error_format(&err, message, sizeof message));
    }
    reader->block_bytes = block_bytes ? block_bytes : reader->block_bytes;
    assert_int_equal(try_read_on(reader, out), SL_EEND);
    sl_reader_close(reader);
}

/* Bytes in, printed records out; the same for small blocks. */
static inline void try_bytes(const void *bytes, size_t n, const struct sl_csv_options *options, const char *expected)
{
    static const uint64_t sizes[] = { 0, 1, 2, 3, 7, 16, 64 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sl_buf out = { 0 };
        try_read(bytes, n, options, sizes[i], &out);
        assert_string_equal(out.n ? out.p : "", expected);
        sl_buf_release(&out);
    }
}

static inline void try_text(const char *text, const struct sl_csv_options *options, const char *expected)
{
    try_bytes(text, strlen(text), options, expected);
}

/* The file is refused; the message holds `word`. */
static inline void try_refusal(const char *text, const struct sl_csv_options *options, int status, const char *word)
{
    char path[40], message[1024];
    const char *paths[] = { path };
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    try_file(path, text, strlen(text));
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, options, &err), status);
    unlink(path);
    assert_null(reader);
    sl_error_format(&err, message, sizeof message);
    if (!strstr(message, word)) {
        fail_msg("'%s' is not in the message: %s", word, message);
    }
    assert_string_not_equal(err.fix, "");
}

#endif
