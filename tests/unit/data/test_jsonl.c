/* test_jsonl.c: JSON Lines to columns and values, and a reason for every record that cannot be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/data/jsonl_try.h"

static void objects_become_records_and_keys_columns(void **state)
{
    (void)state;
    jsonl_try_text(SL_STR("{\"text\": \"good\", \"stars\": 5, \"ok\": true}\n"
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
    jsonl_try_text(content, NULL, "0:1:0 {\"e\":1}|[1, {\"y\":2}]\n1:2:56 ~|~\n");
    struct sl_reader *reader = jsonl_try_open(1, NULL);
    assert_int_equal(reader->schema.n, 2);
    assert_string_equal(reader->schema.fields[0].name, "a.b.c.d");
    assert_string_equal(reader->schema.fields[1].name, "a.x");
    sl_reader_close(reader);
    struct sl_jsonl_options flat = { .depth = 1 };
    jsonl_try_text(content, &flat, "0:1:0 {\"b\":{\"c\":{\"d\":{\"e\":1}}},\"x\":[1, {\"y\":2}]}|{}\n1:2:56 ~|~\n");
}

static void of_equal_keys_the_last_wins(void **state)
{
    (void)state;
    jsonl_try_text(SL_STR("{\"a\":1,\"a\":2,\"b\":\"x\",\"b\":null}\n{\"a.b\":1,\"a\":{\"b\":3}}\n"), NULL,
                   "0:1:0 2|~|~\n1:2:31 ~|~|3\n");
}

static void types_come_from_the_sample(void **state)
{
    (void)state;
    jsonl_try_write(0, SL_STR("{\"n\":1,\"id\":570301031407624196,\"mix\":1,\"none\":null,\"huge\":1e999}\n"
                              "{\"n\":2.5,\"id\":7,\"mix\":\"x\",\"s\":\"1\"}\n"));
    struct sl_reader *reader = jsonl_try_open(1, NULL);
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
    jsonl_try_files(1, NULL, "0:1:0 1|570301031407624196|1|~|1e999|~\n1:2:65 2.5|7|x|~|~|1\n");
}

static void text_columns_keep_numbers_as_written(void **state)
{
    (void)state;
    static const char *const text[] = { "id", NULL };
    struct sl_jsonl_options options = { .text = text };
    jsonl_try_text(SL_STR("{\"id\":1.50,\"n\":1.50}\n{\"id\":-0}\n"), &options, "0:1:0 1.50|1.5\n1:2:21 -0|~\n");
    static const char *const typo[] = { "idd", NULL };
    options.text = typo;
    jsonl_try_refused(SL_STR("{\"ident\":1,\"id\":2}\n"), &options, SL_EPARAM, "did you mean 'id'");
}

static void values_that_do_not_fit_are_quarantined(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .sample = 1 };
    jsonl_try_text(
        SL_STR("{\"n\":1}\n{\"n\":\"two\"}\n{\"n\":9007199254740993}\n"
               "{\"n\":1e999}\n{\"n\":[1]}\n{\"n\":true}\n{\"n\":null}\n"),
        &options,
        "0:1:0 1\n6:7:76 ~\n"
        "bad 1:2:8 column 'n': 'two' is not a number like those before it; add text=n to read it as text\n"
        "bad 2:3:20 column 'n': '9007199254740993' has more digits than a number can hold; add "
        "text=n to read it as text\n"
        "bad 3:4:43 column 'n': '1e999' is too large for a number; add text=n to read it as text\n"
        "bad 4:5:55 column 'n': '[1]' is not a number like those before it; add text=n to read it as text\n"
        "bad 5:6:65 column 'n': 'true' is not a number like those before it; add text=n to read it as text\n");
}

static void keys_the_sample_did_not_have_are_quarantined_unless_null(void **state)
{
    (void)state;
    struct sl_jsonl_options options = { .sample = 2 };
    jsonl_try_text(SL_STR("{\"a\":1}\n{\"b\":{\"c\":2}}\n{\"a\":3,\"late\":4}\n{\"a\":5,\"b\":{\"d\":6}}\n"
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
    jsonl_try_text(SL_STR("{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\",}\n{}\n{\"b\":\"z\"}\n"), NULL,
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
        jsonl_try_write(0, (struct sl_str){ content.p, content.n });
        struct sl_reader *reader = jsonl_try_open(1, NULL);
        jsonl_try_rest(reader, &out);
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
    jsonl_try_write(0, (struct sl_str){ content.p, content.n });
    struct sl_reader *reader = jsonl_try_open(1, NULL);
    jsonl_try_rest(reader, &out);
    assert_non_null(strstr(out.p, "0:1:0 [1]\n"));
    assert_non_null(strstr(out.p, "bad 1:2:10 column 518: brackets are nested more than 512 deep"));
    assert_non_null(strstr(out.p, "bad 2:3:100016 column 2581: brackets are nested more than 512 deep"));
    sl_reader_close(reader);
    sl_buf_release(&content);
    sl_buf_release(&out);
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
    };
    return cmocka_run_group_tests(tests, jsonl_try_setup, jsonl_try_teardown);
}
