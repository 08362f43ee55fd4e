/* test_jsonl.c: the JSON Lines reader: columns, values, places of origin, and a reason for every record it rejects.
 *
 * Most tests compare a whole reading with a few lines of text: one for each record ("0:1:0 " is record, line, byte;
 * then the cells, ~ where missing), then one for each reject. Every such reading is done with blocks of the usual size
 * and with tiny ones, which must agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sluice/reader.h"

static char folder[64];

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/sluice-jsonl-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static const char *const file_names[] = { "a.jsonl", "b.jsonl", "c.jsonl" };

static int teardown(void **state)
{
    (void)state;
    char path[128];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, file_names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

static void write_file(int which, struct sl_str content)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, file_names[which]);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.p, 1, content.n, file), content.n);
    assert_int_equal(fclose(file), 0);
}

static struct sl_reader *opened(size_t files, const struct sl_jsonl_options *options)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    if (sl_jsonl_open(&reader, folder, file_names, files, options, &err)) {
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

/* All records and rejects as text, from where the reader stands; what was counted must come out. */
static void read_rest(struct sl_reader *reader, struct sl_buf *out)
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

static void assert_reads(size_t files, const struct sl_jsonl_options *options, const char *expected)
{
    static const uint64_t sizes[] = { SL_BLOCK_BYTES, 1, 2, 7, 30, 64, 100 };
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct sl_buf out = { 0 };
        struct sl_reader *reader = opened(files, options);
        reader->block_bytes = sizes[k];
        read_rest(reader, &out);
        assert_string_equal(out.p, expected);
        sl_reader_close(reader);
        sl_buf_release(&out);
    }
}

static void assert_text_reads(struct sl_str content, const struct sl_jsonl_options *options, const char *expected)
{
    write_file(0, content);
    assert_reads(1, options, expected);
}

static void assert_refused(struct sl_str content, const struct sl_jsonl_options *options, int status, const char *word)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char text[1200];
    write_file(0, content);
    int got = sl_jsonl_open(&reader, folder, file_names, 1, options, &err);
    sl_error_format(&err, text, sizeof text);
    if (got != status || !strstr(text, word) || !err.fix[0]) {
        fail_msg("status %d, \"%s\" instead of %d with \"%s\"", got, text, status, word);
    }
}

static void objects_become_records_and_keys_columns(void **state)
{
    (void)state;
    assert_text_reads(SL_STR("{\"text\": \"good\", \"stars\": 5, \"ok\": true}\n"
                             "{\"stars\":4.5,\"text\":\"Gr\\u00f6\\u00dfe\\n\\\"x\\\"\"}\n"
                             "{\"text\":null,\"ok\":false,\"stars\":-0.5e1}\n"
                             "{}\n"),
                      NULL,
                      "0:1:0 good|5|true\n"
                      "1:2:41 Größe\n\"x\"|4.5|~\n"
                      "2:3:87 ~|-5|false\n"
                      "3:4:127 ~|~|~\n");
}

static void nested_objects_become_columns_down_to_the_depth(void **state)
{
    (void)state;
    struct sl_str content =
        SL_STR("{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":1}}},\"x\":[1, {\"y\":2}]},\"z\":{}}\n{\"a\":null}\n");
    assert_text_reads(content, NULL, "0:1:0 {\"e\":1}|[1, {\"y\":2}]\n1:2:56 ~|~\n");
    struct sl_reader *reader = opened(1, NULL);
    assert_int_equal(reader->schema.n, 2);
    assert_string_equal(reader->schema.fields[0].name, "a.b.c.d");
    assert_string_equal(reader->schema.fields[1].name, "a.x");
    sl_reader_close(reader);
    struct sl_jsonl_options flat = { .depth = 1 };
    assert_text_reads(content, &flat, "0:1:0 {\"b\":{\"c\":{\"d\":{\"e\":1}}},\"x\":[1, {\"y\":2}]}|{}\n1:2:56 ~|~\n");
}

static void of_equal_keys_the_last_wins(void **state)
{
    (void)state;
    assert_text_reads(SL_STR("{\"a\":1,\"a\":2,\"b\":\"x\",\"b\":null}\n{\"a.b\":1,\"a\":{\"b\":3}}\n"), NULL,
                      "0:1:0 2|~|~\n1:2:31 ~|~|3\n");
}

static void types_come_from_the_sample(void **state)
{
    (void)state;
    write_file(0, SL_STR("{\"n\":1,\"id\":570301031407624196,\"mix\":1,\"none\":null,\"huge\":1e999}\n"
                         "{\"n\":2.5,\"id\":7,\"mix\":\"x\",\"s\":\"1\"}\n"));
    struct sl_reader *reader = opened(1, NULL);
    static const struct {
        const char *name;
        enum sl_type type;
    } columns[] = { { "n", SL_NUMBER },  { "id", SL_TEXT },   { "mix", SL_TEXT },
                    { "none", SL_TEXT }, { "huge", SL_TEXT }, { "s", SL_TEXT } };
    assert_int_equal(reader->schema.n, 6);
    for (size_t c = 0; c < 6; c++) {
        assert_string_equal(reader->schema.fields[c].name, columns[c].name);
        assert_int_equal(reader->schema.fields[c].type, columns[c].type);
    }
    sl_reader_close(reader);
    assert_reads(1, NULL, "0:1:0 1|570301031407624196|1|~|1e999|~\n1:2:65 2.5|7|x|~|~|1\n");
}

static void text_columns_keep_numbers_as_written(void **state)
{
    (void)state;
    static const char *const text[] = { "id", NULL };
    struct sl_jsonl_options options = { .text = text };
    assert_text_reads(SL_STR("{\"id\":1.50,\"n\":1.50}\n{\"id\":-0}\n"), &options, "0:1:0 1.50|1.5\n1:2:21 -0|~\n");
    static const char *const typo[] = { "idd", NULL };
    options.text = typo;
    assert_refused(SL_STR("{\"ident\":1,\"id\":2}\n"), &options, SL_EPARAM, "did you mean 'id'");
}

static void values_that_do_not_fit_are_quarantined(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .sample = 1 };
    assert_text_reads(
        SL_STR(
            "{\"n\":1}\n{\"n\":\"two\"}\n{\"n\":9007199254740993}\n{\"n\":1e999}\n{\"n\":[1]}\n{\"n\":true}\n{\"n\":null}\n"),
        &options,
        "0:1:0 1\n6:7:76 ~\n"
        "bad 1:2:8 column 'n': 'two' is not a number like those before it; add text=n to read it as text\n"
        "bad 2:3:20 column 'n': '9007199254740993' has more digits than a number can hold; add text=n to read it as text\n"
        "bad 3:4:43 column 'n': '1e999' is too large for a number; add text=n to read it as text\n"
        "bad 4:5:55 column 'n': '[1]' is not a number like those before it; add text=n to read it as text\n"
        "bad 5:6:65 column 'n': 'true' is not a number like those before it; add text=n to read it as text\n");
}

static void keys_the_sample_did_not_have_are_quarantined_unless_null(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .sample = 2 };
    assert_text_reads(
        SL_STR("{\"a\":1}\n{\"b\":{\"c\":2}}\n{\"a\":3,\"late\":4}\n{\"a\":5,\"b\":{\"d\":6}}\n"
               "{\"a\":7,\"late\":null,\"b\":null}\n{\"a\":8,\"b\":9}\n"),
        &options,
        "0:1:0 1|~\n1:2:8 ~|2\n4:5:59 7|~\n"
        "bad 2:3:22 key 'late' is none of the 2 found in the first 2 records; give a larger sample= so that "
        "it becomes a column\n"
        "bad 3:4:39 key 'b.d' is none of the 2 found in the first 2 records; give a larger sample= so that "
        "it becomes a column\n"
        "bad 5:6:88 key 'b' is none of the 2 found in the first 2 records; give a larger sample= so that it "
        "becomes a column\n");
}

static void a_rejected_record_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_text_reads(SL_STR("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\",}\n{}\n{\"b\":\"z\"}\n"), NULL,
                      "0:1:0 1|x\n2:3:33 ~|~\n3:4:36 ~|z\n"
                      "bad 1:2:16 column 16: a key in double quotes is wanted, here is '}'; mend or remove the line\n");
}

static void broken_lines_get_column_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line, *reason;
    } cases[] = {
        { "[1]", "column 1: a record must be an object in braces, here is '[1]'" },
        { "\"a\"", "column 1: a record must be an object in braces" },
        { "{\"a\":1", "column 7: the line ends, but ',' or '}' is wanted" },
        { "{\"a\":", "column 6: the line ends, but it breaks off where a value should be" },
        { "{\"a\":\"x", "column 6: the string is not closed, here is '\"x'" },
        { "{\"a\":1}{\"a\":2}", "column 8: more follows after the object" },
        { "{\"a\":1} x", "column 9: more follows after the object; one object a line is wanted, here is 'x'" },
        { "{\"a\":\"\\ud83d\"}", "column 7: a high surrogate without its low one" },
        { "{\"a\":\"\x01\"}",
          "column 7: a control character in a string must be written as an escape, here is '?\"}'" },
        { "{\"a\":\"caf\xe9\"}", "column 10: byte 0xe9 is not UTF-8; convert the file" },
        { "{\"\\u0000\":1}", "a key with \\u0000 in it cannot name a column" },
        { "{'a':1}", "column 2: a key in double quotes is wanted" },
        { "{\"a\":01}", "column 6: a number does not begin with 0" },
        { "\xef\xbb\xbf{\"a\":1}", "column 1: a record must be an object in braces" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_buf content = { 0 }, out = { 0 };
        sl_buf_printf(&content, "{\"a\":1}\n%s\n{\"a\":2}", cases[i].line);
        write_file(0, (struct sl_str){ content.p, content.n });
        struct sl_reader *reader = opened(1, NULL);
        read_rest(reader, &out);
        const char *second = strstr(out.p, "bad 1:2:8 ");
        if (!second || !strstr(second, cases[i].reason) || !strstr(out.p, "2:3:")) {
            fail_msg("%s: %s", cases[i].line, out.p);
        }
        sl_reader_close(reader);
        sl_buf_release(&content);
        sl_buf_release(&out);
    }
}

static void a_hundred_thousand_brackets_are_one_reject(void **state)
{
    (void)state;
    struct sl_buf content = { 0 }, out = { 0 };
    sl_buf_puts(&content, "{\"a\":[1]}\n{\"a\":");
    for (int i = 0; i < 100000; i++) {
        sl_buf_putc(&content, '[');
    }
    sl_buf_putc(&content, '\n');
    for (int i = 0; i < 100000; i++) {
        sl_buf_puts(&content, "{\"a\":");
    }
    write_file(0, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = opened(1, NULL);
    read_rest(reader, &out);
    assert_non_null(strstr(out.p, "0:1:0 [1]\n"));
    assert_non_null(strstr(out.p, "bad 1:2:10 column 518: brackets are nested more than 512 deep"));
    assert_non_null(strstr(out.p, "bad 2:3:100016 column 2581: brackets are nested more than 512 deep"));
    sl_reader_close(reader);
    sl_buf_release(&content);
    sl_buf_release(&out);
}

static void all_line_ends_count_and_blank_lines_are_no_records(void **state)
{
    (void)state;
    assert_text_reads(SL_STR("\xef\xbb\xbf\n{\"a\":1}\r\n\r\n  \t\n{\"a\":2}\r{\"a\":3}\r\r\n\n {\"a\":4} "), NULL,
                      "0:2:4 1\n1:5:19 2\n2:6:27 3\n3:9:38 4\n");
    assert_text_reads(SL_STR("{\"a\":1}\r\n{\"a\":2}\r"), NULL, "0:1:0 1\n1:2:9 2\n");
}

static void a_record_over_the_limit_is_rejected_and_the_next_one_read(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .max_record = 12 };
    assert_text_reads(SL_STR("{\"a\":1}\n{\"a\":22222222}\r\n               \n{\"a\":3}\n"), &options,
                      "0:1:0 1\n2:4:40 3\n"
                      "bad 1:2:8 the record is longer than max_record=12 bytes; raise it or remove the line\n");
    struct sl_buf content = { 0 };
    sl_buf_puts(&content, "{\"a\":1}\n");
    for (int i = 0; i < 300000; i++) {
        sl_buf_putc(&content, i < 400 ? ' ' : 'x'); /* begins with more blanks than are kept of it */
    }
    sl_buf_puts(&content, "\r\n{\"a\":3}\n");
    for (int i = 0; i < 300000; i++) {
        sl_buf_putc(&content, ' ');
    }
    sl_buf_puts(&content, "\n{\"a\":4}");
    assert_text_reads((struct sl_str){ content.p, content.n }, &options,
                      "0:1:0 1\n2:3:300010 3\n3:5:600019 4\n"
                      "bad 1:2:8 the record is longer than max_record=12 bytes; raise it or remove the line\n");
    sl_buf_release(&content);
}

static void several_files_are_one_input(void **state)
{
    (void)state;
    write_file(0, SL_STR("{\"a\":1}\n{\"a\":2}"));
    write_file(1, SL_STR(""));
    write_file(2, SL_STR("\xef\xbb\xbf{\"a\":3}\n{\"b\":4}\n"));
    assert_reads(
        3, NULL,
        "0:1:0 1\n1:2:8 2\nf2 2:1:3 3\n"
        "bad 3:2:11 key 'b' is none of the 1 found in the first 2 records; give a larger sample= so that it becomes "
        "a column\n");
    struct sl_reader *reader = opened(3, NULL);
    struct sl_buf out = { 0 };
    assert_int_equal(reader->size, 15 + 0 + 19);
    read_rest(reader, &out);
    assert_int_equal(reader->consumed, reader->size);
    sl_reader_close(reader);
    sl_buf_release(&out);
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, file_names[1]);
    assert_int_equal(unlink(path), 0);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_jsonl_open(&reader, folder, file_names, 3, NULL, &err), SL_EIO);
    assert_non_null(strstr(err.what, "b.jsonl"));
}

static void reading_goes_on_from_any_mark(void **state)
{
    (void)state;
    struct sl_buf content = { 0 };
    for (int i = 0; i < 300; i++) {
        sl_buf_printf(&content, i % 7 ? "{\"a\":%d}\n" : i % 2 ? "oops %d\r\n" : "\n{\"a\":%d,\"b\":\"x\"}\r", i);
    }
    write_file(0, (struct sl_str){ content.p, content.n });
    write_file(1, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = opened(2, NULL);
    reader->block_bytes = 100;
    struct sl_mark marks[200];
    struct sl_block block = { 0 };
    size_t n = 0;
    while (sl_reader_next(reader, &block, NULL) == SL_OK) {
        assert_true(n < 200);
        assert_int_equal(block.mark.sequence, n);
        marks[n++] = block.mark;
    }
    assert_true(n > 50);
    for (size_t k = 0; k < n; k++) { /* to and fro */
        size_t to = k * 37 % n;
        assert_int_equal(sl_reader_seek(reader, &marks[to], NULL), SL_OK);
        for (size_t i = to; i < n && i < to + 3; i++) {
            assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
            assert_memory_equal(&block.mark, &marks[i], offsetof(struct sl_mark, file) + sizeof(uint32_t));
        }
    }
    assert_int_equal(sl_reader_seek(reader, &(struct sl_mark){ .line = 1 }, NULL), SL_OK);
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
    assert_int_equal(block.mark.record, 0);
    sl_block_release(&block);
    sl_reader_close(reader);
    sl_buf_release(&content);
}

static void a_block_has_no_more_records_than_a_chunk_may(void **state)
{
    (void)state;
    struct sl_buf content = { 0 }, out = { 0 };
    for (int i = 0; i < 10000; i++) {
        sl_buf_printf(&content, "{\"a\":%d}\n", i);
    }
    write_file(0, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = opened(1, NULL);
    struct sl_block block = { 0 };
    static const uint32_t records[] = { SL_CHUNK_RECORDS, SL_CHUNK_RECORDS, 10000 - 2 * SL_CHUNK_RECORDS };
    for (int k = 0; k < 3; k++) {
        assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
        assert_int_equal(block.records, records[k]);
    }
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_EEND);
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_EEND);
    sl_block_release(&block);
    sl_reader_close(reader);
    sl_buf_release(&content);
    sl_buf_release(&out);
}

static void a_pipe_is_read_without_opening_it_twice(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    static const char content[] = "{\"a\":1}\n{\"a\":2}\n";
    assert_int_equal(write(ends[1], content, sizeof content - 1), sizeof content - 1);
    close(ends[1]);
    char path[32];
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    const char *const paths[] = { path };
    struct sl_reader *reader = NULL;
    struct sl_buf out = { 0 };
    assert_int_equal(sl_jsonl_open(&reader, folder, paths, 1, NULL, NULL), SL_OK);
    assert_int_equal(reader->size, 0);
    read_rest(reader, &out);
    assert_string_equal(out.p, "0:1:0 1\n1:2:8 2\n");
    sl_reader_close(reader);
    sl_buf_release(&out);
    close(ends[0]);
}

static void what_is_no_json_lines_file_is_refused_with_a_way_out(void **state)
{
    (void)state;
    assert_refused(SL_STR(""), NULL, SL_EDATA, "holds no records");
    assert_refused(SL_STR("\xef\xbb\xbf \n\r\n"), NULL, SL_EDATA, "holds no records");
    assert_refused(SL_STR("{}\n{}\n"), NULL, SL_EDATA, "no record has a key");
    assert_refused(SL_STR("[{\"a\":1},{\"a\":2}]\n"), NULL, SL_EDATA, "jq -c '.[]'");
    assert_refused(SL_STR("\n[\n  {\"a\":1},\n  {\"a\":2}\n]\n"), NULL, SL_EDATA, "jq -c '.[]'");
    assert_refused(SL_STR("[{\"a\":1},\n{\"a\":2}]\n"), NULL, SL_EDATA, "a.jsonl:1:");
    assert_refused(SL_STR("{\n  \"a\": 1\n}\n"), NULL, SL_EDATA, "jq -c .");
    assert_refused(SL_STR("\xff\xfe{\0\"\0a\0"), NULL, SL_EDATA, "UTF-16");
    assert_refused(SL_STR("\0{\0\"\0a"), NULL, SL_EDATA, "UTF-16");
    assert_refused(SL_STR("a,b\n1,2\n"), NULL, SL_EDATA, "object in braces");
    assert_refused(SL_STR("{\"a\":1}\n"), &(struct sl_jsonl_options){ .depth = 65 }, SL_EPARAM, "depth=65");
    assert_refused(SL_STR("{\"a\":1}\n"), &(struct sl_jsonl_options){ .sample = -1 }, SL_EPARAM, "sample=-1");
    assert_refused(SL_STR("{\"a\":\"too long\"}\n"), &(struct sl_jsonl_options){ .max_record = 5 }, SL_EDATA,
                   "max_record=5");
    struct sl_buf content = { 0 };
    sl_buf_putc(&content, '{');
    for (int i = 0; i < 17000; i++) {
        sl_buf_printf(&content, "%s\"k%d\":1", i ? "," : "", i);
    }
    sl_buf_puts(&content, "}\n");
    assert_refused((struct sl_str){ content.p, content.n }, NULL, SL_ELIMIT, "16384");
    sl_buf_release(&content);
}

static void one_array_among_objects_is_only_a_bad_record(void **state)
{
    (void)state;
    assert_text_reads(
        SL_STR("[1, 2]\n{\"a\":1}\n"), NULL,
        "1:2:7 1\nbad 0:1:0 column 1: a record must be an object in braces, here is '[1, 2]'; mend or remove the "
        "line\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_become_records_and_keys_columns),
        cmocka_unit_test(nested_objects_become_columns_down_to_the_depth),
        cmocka_unit_test(of_equal_keys_the_last_wins),
        cmocka_unit_test(types_come_from_the_sample),
        cmocka_unit_test(text_columns_keep_numbers_as_written),
        cmocka_unit_test(values_that_do_not_fit_are_quarantined),
        cmocka_unit_test(keys_the_sample_did_not_have_are_quarantined_unless_null),
        cmocka_unit_test(a_rejected_record_leaves_nothing_behind),
        cmocka_unit_test(broken_lines_get_column_and_reason),
        cmocka_unit_test(a_hundred_thousand_brackets_are_one_reject),
        cmocka_unit_test(all_line_ends_count_and_blank_lines_are_no_records),
        cmocka_unit_test(a_record_over_the_limit_is_rejected_and_the_next_one_read),
        cmocka_unit_test(several_files_are_one_input),
        cmocka_unit_test(reading_goes_on_from_any_mark),
        cmocka_unit_test(a_block_has_no_more_records_than_a_chunk_may),
        cmocka_unit_test(a_pipe_is_read_without_opening_it_twice),
        cmocka_unit_test(what_is_no_json_lines_file_is_refused_with_a_way_out),
        cmocka_unit_test(one_array_among_objects_is_only_a_bad_record),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
