/* jsonl_try.c: see jsonl_try.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/data/jsonl_try.h"

char jsonl_try_folder[64];

int jsonl_try_setup(void **state)
{
    (void)state;
    snprintf(jsonl_try_folder, sizeof jsonl_try_folder, "/tmp/sluice-jsonl-XXXXXX");
    return mkdtemp(jsonl_try_folder) ? 0 : -1;
}

const char *const jsonl_try_names[] = { "a.jsonl", "b.jsonl", "c.jsonl" };

int jsonl_try_teardown(void **state)
{
    (void)state;
    char path[128];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", jsonl_try_folder, jsonl_try_names[i]);
        unlink(path);
    }
    return rmdir(jsonl_try_folder);
}

void jsonl_try_write(int which, struct sl_str content)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", jsonl_try_folder, jsonl_try_names[which]);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.p, 1, content.n, file), content.n);
    assert_int_equal(fclose(file), 0);
}

struct sl_reader *jsonl_try_open(size_t files, const struct sl_jsonl_options *options)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    if (sl_jsonl_open(&reader, jsonl_try_folder, jsonl_try_names, files, options, &err)) {
        fail_msg("cannot open: %s", sl_error_format(&err, text, sizeof text));
    }
    return reader;
}

static void show_chunk(const struct sl_chunk *chunk, struct sl_buf *out)
{
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_origin *at = &chunk->origin[i];
        if (at->file) {
            sl_buf_printf(out, "f%u ", at->file);
        }
        sl_buf_printf(out, "%" PRIu64 ":%" PRIu64 ":%" PRIu64, at->record, at->line, at->byte);
        for (size_t c = 0; c < chunk->schema->n; c++) {
            sl_buf_putc(out, c ? '|' : ' ');
            sl_buf_puts(out, sl_valid(&chunk->columns[c], i) ? "" : "~");
            sl_cell_format(chunk, c, i, out);
        }
        sl_buf_putc(out, '\n');
    }
}

static void show_rejects(struct sl_quarantine *rejects, struct sl_buf *out)
{
    sl_quarantine_sort(rejects);
    for (size_t i = 0; i < rejects->n; i++) {
        const struct sl_reject *reject = &rejects->entries[i];
        sl_buf_printf(out, "bad %" PRIu64 ":%" PRIu64 ":%" PRIu64 " %s\n", reject->origin.record, reject->origin.line,
                      reject->origin.byte, reject->reason);
    }
}

void jsonl_try_rest(struct sl_reader *reader, struct sl_buf *out)
{
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    uint64_t counted = 0, good = 0;
    int status;
    sl_arena_init(&arena);
    sl_buf_reserve(out, 1);
    while ((status = sl_reader_next(reader, &block, &err)) == SL_OK) {
        struct sl_chunk chunk;
        assert_in_range(block.records, 1, SL_CHUNK_RECORDS);
        assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
        show_chunk(&chunk, out);
        counted += block.records;
        good += chunk.n;
        sl_arena_reset(&arena, 1 << 20);
    }
    assert_int_equal(status, SL_EEND);
    assert_int_equal(counted, good + rejects.total);
    show_rejects(&rejects, out);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
}

void jsonl_try_files(size_t files, const struct sl_jsonl_options *options, const char *expected)
{
    static const uint64_t sizes[] = { SL_BLOCK_BYTES, 1, 2, 7, 30, 64, 100 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct sl_buf out = { 0 };
        struct sl_reader *reader = jsonl_try_open(files, options);
        reader->block_bytes = sizes[k];
        jsonl_try_rest(reader, &out);
        assert_string_equal(out.p, expected);
        sl_reader_close(reader);
        sl_buf_release(&out);
    }
}

void jsonl_try_text(struct sl_str content, const struct sl_jsonl_options *options, const char *expected)
{
    jsonl_try_write(0, content);
    jsonl_try_files(1, options, expected);
}

void jsonl_try_refused(struct sl_str content, const struct sl_jsonl_options *options, int status, const char *word)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    jsonl_try_write(0, content);
    int got = sl_jsonl_open(&reader, jsonl_try_folder, jsonl_try_names, 1, options, &err);
    sl_error_format(&err, text, sizeof text);
    if (got != status || !strstr(text, word) || !err.fix[0]) {
        fail_msg("status %d, \"%s\" instead of %d with \"%s\"", got, text, status, word);
    }
}
