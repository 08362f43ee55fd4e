/* test_jsonl_files.c: JSON Lines files: line ends, blocks, limits, several files, pipes, marks, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/data/jsonl_try.h"

static void all_line_ends_count_and_blank_lines_are_no_records(void **state)
{
    (void)state;
    jsonl_try_text(SL_STR("\xef\xbb\xbf\n{\"a\":1}\r\n\r\n  \t\n{\"a\":2}\r{\"a\":3}\r\r\n\n {\"a\":4} "), NULL,
                   "0:2:4 1\n1:5:19 2\n2:6:27 3\n3:9:38 4\n");
    jsonl_try_text(SL_STR("{\"a\":1}\r\n{\"a\":2}\r"), NULL, "0:1:0 1\n1:2:9 2\n");
}

static void a_record_over_the_limit_is_rejected_and_the_next_one_read(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .max_record = 12 };
    jsonl_try_text(SL_STR("{\"a\":1}\n{\"a\":22222222}\r\n               \n{\"a\":3}\n"), &options,
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
    jsonl_try_text((struct sl_str){ content.p, content.n }, &options,
                   "0:1:0 1\n2:3:300010 3\n3:5:600019 4\n"
                   "bad 1:2:8 the record is longer than max_record=12 bytes; raise it or remove the line\n");
    sl_buf_release(&content);
}

static void several_files_are_one_input(void **state)
{
    (void)state;
    jsonl_try_write(0, SL_STR("{\"a\":1}\n{\"a\":2}"));
    jsonl_try_write(1, SL_STR(""));
    jsonl_try_write(2, SL_STR("\xef\xbb\xbf{\"a\":3}\n{\"b\":4}\n"));
    jsonl_try_files(
        3, NULL,
        "0:1:0 1\n1:2:8 2\nf2 2:1:3 3\n"
        "bad 3:2:11 key 'b' is none of the 1 found in the first 2 records; give a larger sample= so that it becomes "
        "a column\n");
    struct sl_reader *reader = jsonl_try_open(3, NULL);
    struct sl_buf out = { 0 };
    assert_int_equal(reader->size, 15 + 0 + 19);
    jsonl_try_rest(reader, &out);
    assert_int_equal(reader->consumed, reader->size);
    sl_reader_close(reader);
    sl_buf_release(&out);
    char path[128];
    snprintf(path, sizeof path, "%s/%s", jsonl_try_folder, jsonl_try_names[1]);
    assert_int_equal(unlink(path), 0);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_jsonl_open(&reader, jsonl_try_folder, jsonl_try_names, 3, NULL, &err), SL_EIO);
    assert_non_null(strstr(err.what, "b.jsonl"));
}

static void reading_goes_on_from_any_mark(void **state)
{
    (void)state;
    struct sl_buf content = { 0 };
    for (int i = 0; i < 300; i++) {
        sl_buf_printf(&content, i % 7 ? "{\"a\":%d}\n" : i % 2 ? "oops %d\r\n" : "\n{\"a\":%d,\"b\":\"x\"}\r", i);
    }
    jsonl_try_write(0, (struct sl_str){ content.p, content.n });
    jsonl_try_write(1, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = jsonl_try_open(2, NULL);
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
    jsonl_try_write(0, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = jsonl_try_open(1, NULL);
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
    assert_int_equal(sl_jsonl_open(&reader, jsonl_try_folder, paths, 1, NULL, NULL), SL_OK);
    assert_int_equal(reader->size, 0);
    jsonl_try_rest(reader, &out);
    assert_string_equal(out.p, "0:1:0 1\n1:2:8 2\n");
    sl_reader_close(reader);
    sl_buf_release(&out);
    close(ends[0]);
}

static void what_is_no_json_lines_file_is_refused_with_a_way_out(void **state)
{
    (void)state;
    jsonl_try_refused(SL_STR(""), NULL, SL_EDATA, "holds no records");
    jsonl_try_refused(SL_STR("\xef\xbb\xbf \n\r\n"), NULL, SL_EDATA, "holds no records");
    jsonl_try_refused(SL_STR("{}\n{}\n"), NULL, SL_EDATA, "no record has a key");
    jsonl_try_refused(SL_STR("[{\"a\":1},{\"a\":2}]\n"), NULL, SL_EDATA, "jq -c '.[]'");
    jsonl_try_refused(SL_STR("\n[\n  {\"a\":1},\n  {\"a\":2}\n]\n"), NULL, SL_EDATA, "jq -c '.[]'");
    jsonl_try_refused(SL_STR("[{\"a\":1},\n{\"a\":2}]\n"), NULL, SL_EDATA, "a.jsonl:1:");
    jsonl_try_refused(SL_STR("{\n  \"a\": 1\n}\n"), NULL, SL_EDATA, "jq -c .");
    jsonl_try_refused(SL_STR("\xff\xfe{\0\"\0a\0"), NULL, SL_EDATA, "UTF-16");
    jsonl_try_refused(SL_STR("\0{\0\"\0a"), NULL, SL_EDATA, "UTF-16");
    jsonl_try_refused(SL_STR("a,b\n1,2\n"), NULL, SL_EDATA, "object in braces");
    jsonl_try_refused(SL_STR("{\"a\":1}\n"), &(struct sl_jsonl_options){ .depth = 65 }, SL_EPARAM, "depth=65");
    jsonl_try_refused(SL_STR("{\"a\":1}\n"), &(struct sl_jsonl_options){ .sample = -1 }, SL_EPARAM, "sample=-1");
    jsonl_try_refused(SL_STR("{\"a\":\"too long\"}\n"), &(struct sl_jsonl_options){ .max_record = 5 }, SL_EDATA,
                      "max_record=5");
    struct sl_buf content = { 0 };
    sl_buf_putc(&content, '{');
    for (int i = 0; i < 17000; i++) {
        sl_buf_printf(&content, "%s\"k%d\":1", i ? "," : "", i);
    }
    sl_buf_puts(&content, "}\n");
    jsonl_try_refused((struct sl_str){ content.p, content.n }, NULL, SL_ELIMIT, "16384");
    sl_buf_release(&content);
}

static void one_array_among_objects_is_only_a_bad_record(void **state)
{
    (void)state;
    jsonl_try_text(
        SL_STR("[1, 2]\n{\"a\":1}\n"), NULL,
        "1:2:7 1\nbad 0:1:0 column 1: a record must be an object in braces, here is '[1, 2]'; mend or remove the "
        "line\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_line_ends_count_and_blank_lines_are_no_records),
        cmocka_unit_test(a_record_over_the_limit_is_rejected_and_the_next_one_read),
        cmocka_unit_test(several_files_are_one_input),
        cmocka_unit_test(reading_goes_on_from_any_mark),
        cmocka_unit_test(a_block_has_no_more_records_than_a_chunk_may),
        cmocka_unit_test(a_pipe_is_read_without_opening_it_twice),
        cmocka_unit_test(what_is_no_json_lines_file_is_refused_with_a_way_out),
        cmocka_unit_test(one_array_among_objects_is_only_a_bad_record),
    };
    return cmocka_run_group_tests(tests, jsonl_try_setup, jsonl_try_teardown);
}
