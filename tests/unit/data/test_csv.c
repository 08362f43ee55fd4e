/* test_csv.c: what the CSV reader makes of records, good and bad. */
#include "test_csv_try.h"

#include <stdatomic.h>

static const struct sl_csv_options plain = { TRY_DEFAULTS };
static const struct sl_csv_options headed = { .header = 1, .delimiter = ',', .quote = '"' };

static void test_fields_and_numbers_are_read(void **state)
{
    (void)state;
    try_text("name,n\nann,1\nbob,2.5\n", &plain, "2@7: \"ann\"|1\n3@13: \"bob\"|2.5\n");
}

static void test_quotes_hold_delimiters_line_ends_and_doubled_quotes(void **state)
{
    (void)state;
    try_text("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\"\"\n", &headed,
             "2@4: \"x,y\"|\"say \\\"hi\\\"\"\n3@23: \"two\\nlines\"|\"\\\"\"\n");
}

static void test_a_quote_inside_an_unquoted_field_is_text(void **state)
{
    (void)state;
    try_text("a,b\n5\" tape,x\"\nz\"\"z, \"q\"\n", &headed,
             "2@4: \"5\\\" tape\"|\"x\\\"\"\n3@15: \"z\\\"\\\"z\"|\" \\\"q\\\"\"\n");
}

static void test_all_line_ends_end_records_also_mixed(void **state)
{
    (void)state;
    try_text("a,b\r\nx,1\ny,2\rz,3\r\nw,4", &headed, "2@5: \"x\"|1\n3@9: \"y\"|2\n4@13: \"z\"|3\n5@18: \"w\"|4\n");
    try_text("a,b\r\"x\r\",1\r\"y\r\n\",2\r\r\n\rz,3\r", &headed,
             "2@4: \"x\\r\"|1\n4@11: \"y\\r\\n\"|2\n8@22: \"z\"|3\n");
}

static void test_blank_lines_are_passed_over_but_counted(void **state)
{
    (void)state;
    try_text("\n \na,b\n\n\t \r\nx,y\n\n\n\"\",y\n  \n", &headed, "6@12: \"x\"|\"y\"\n9@18: ~|\"y\"\n");
    try_text("a\n\n\"\"\nx\n", &headed, "3@3: ~\n4@6: \"x\"\n");
}

static void test_an_empty_quoted_field_and_the_usual_spellings_are_missing(void **state)
{
    (void)state;
    try_text("a,b\nNA,1\n\"null\",\nNaN,nan\nx,N/A\nnot NA, 4 \n", &headed,
             "2@4: ~|1\n3@9: ~|~\n4@17: ~|~\n5@25: \"x\"|~\n6@31: \"not NA\"|4\n");
}

static void test_given_spellings_replace_the_usual_ones(void **state)
{
    (void)state;
    const char *na[] = { "?", "-9", NULL };
    struct sl_csv_options options = { .header = 1, .na = na };
    try_text("a,b\n?,1\nNA,-9\nx,\n", &options, "2@4: ~|1\n3@8: \"NA\"|~\n4@14: \"x\"|~\n");
}

static void test_a_record_with_too_many_or_too_few_fields_is_quarantined(void **state)
{
    (void)state;
    try_text("a,b,c\n1,2,3\n4,5\n6,7,8,9\n1,2,3\n", &headed,
             "2@6: 1|2|3\n5@24: 1|2|3\n"
             "! 3@12: 2 fields, the header has 3; complete the record, or read short ones with ragged=true\n"
             "! 4@16: 4 fields, the header has 3; quote the fields that hold the delimiter\n");
}

static void test_ragged_fills_up_short_records_only(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .ragged = true };
    try_text("a,b,c\nx\ny,1,2\nz,1,2,3\n", &options,
             "2@6: \"x\"|~|~\n3@8: \"y\"|1|2\n"
             "! 4@14: 4 fields, the header has 3; quote the fields that hold the delimiter\n");
}

static void test_text_behind_a_closing_quote_is_quarantined_with_its_place(void **state)
{
    (void)state;
    try_text(
        "a,b\n\"x\ny\" z,1\nok,2\n\"q\"\"\"r,3\n", &headed,
        "4@14: \"ok\"|2\n"
        "! 2@4: text after the closing quote at line 3, column 3: \" z,1\"; double the quotes inside a field, or read "
        "with quote=none\n"
        "! 5@19: text after the closing quote at line 5, column 6: \"r,3\"; double the quotes inside a field, or read "
        "with quote=none\n");
}

static void test_text_in_a_number_column_is_quarantined_with_the_fix(void **state)
{
    (void)state;
    struct sl_buf csv = { 0 };
    sl_buf_puts(&csv, "item,price\n");
    while (csv.n < 300 * 1024) { /* beyond what is looked at for the types */
        sl_buf_puts(&csv, "tea,2.5\n");
    }
    size_t good = csv.n;
    sl_buf_puts(&csv, "milk,ERROR\n");
    struct sl_buf out = { 0 };
    try_read(csv.p, csv.n, &plain, 0, &out);
    char expected[200];
    snprintf(expected, sizeof expected,
             "! %zu@%zu: column \"price\": \"ERROR\" is not a number; add it to na=, or read the column as text with "
             "text=price\n",
             2 + (good - 11) / 8, good);
    assert_non_null(strstr(out.p, expected));
    sl_buf_release(&out);
    sl_buf_release(&csv);
}

static void test_a_nul_and_a_byte_that_is_not_utf8_are_quarantined(void **state)
{
    (void)state;
    static const char nul[] = "a,b\nx\0y,1\nz,2\n";
    try_bytes(nul, sizeof nul - 1, &headed,
              "3@10: \"z\"|2\n"
              "! 2@4: NUL at line 2, column 2 (byte 5); remove it, or give the file's encoding, for example "
              "encoding=utf16le\n");
    struct sl_csv_options utf8 = { .header = 1, .encoding = SL_UTF8 };
    try_text("a,b\nM\xc3\xbcller,1\n\"x\n\xe9t\xe9\",2\nz,3\n", &utf8,
             "2@4: \"M\xc3\xbcller\"|1\n5@24: \"z\"|3\n"
             "! 3@14: byte 0xe9 at line 4, column 1 (byte 17) is not UTF-8; read with encoding=latin1\n");
}

static void test_a_quote_never_closed_costs_only_its_line(void **state)
{
    (void)state;
    try_text("a,b\nx,1\n\"y\nz\",\"oops\n2,two\n3,three\n", &headed,
             "2@4: \"x\"|\"1\"\n5@20: \"2\"|\"two\"\n6@26: \"3\"|\"three\"\n"
             "! 3@8: quote opened at line 4, column 4 is never closed; close it, or read with quote=none\n");
}

static void test_many_quotes_never_closed_are_each_told(void **state)
{
    (void)state;
    /* doubled quotes keep the first field open to the end, and open and close the later ones */
    try_text("a\n\"\n\"\"\nx\"\"\n\"\"\n", &headed,
             "3@4: ~\n4@7: \"x\\\"\\\"\"\n5@11: ~\n"
             "! 2@2: quote opened at line 2, column 1 is never closed; close it, or read with quote=none\n");
}

static void test_a_record_longer_than_the_limit_is_quarantined(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .delimiter = ',', .quote = '"', .max_record = 8 };
    try_text("a,b\nx,1\n12345678\n123456,8\n123456,89\r\n1,2\r\n", &options,
             "2@4: \"x\"|1\n4@17: \"123456\"|8\n6@37: \"1\"|2\n"
             "! 3@8: 1 field, the header has 2; complete the record, or read short ones with ragged=true\n"
             "! 5@26: the record is longer than 8 bytes; raise max_record\n");
    /* 8 bytes and CR LF still fit; 9 do not */
    try_text("a,b\r\n12345,78\r\n123456,89\r", &options,
             "2@5: 12345|78\n! 3@15: the record is longer than 8 bytes; raise max_record\n");
}

static void test_a_long_record_with_quotes_is_passed_over_whole(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .delimiter = ',', .quote = '"', .max_record = 12 };
    try_text("a,b\n123456789012,\"x\ny\"\nz,1\n", &options,
             "4@23: \"z\"|\"1\"\n! 2@4: the record is longer than 12 bytes; raise max_record\n");
}

static void test_a_quote_open_beyond_the_limit_costs_only_its_line(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .delimiter = ',', .quote = '"', .max_record = 12 };
    try_text(
        "a,b\nx,\"y\n1,2\n3,4\n5,6\n", &options,
        "3@9: 1|2\n4@13: 3|4\n5@17: 5|6\n"
        "! 2@4: quote opened at line 2, column 3 is not closed within 12 bytes; close it, raise max_record, or read with "
        "quote=none\n");
}

static void test_comments_and_skipped_lines_are_passed_over_but_counted(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .comment = "//", .skip = 2 };
    try_text("a title \"\nb\r\n// \"one\na,b\n//\n1,/\n// two, \"\n/,4\n", &options,
             "6@28: \"1\"|\"/\"\n8@42: \"/\"|\"4\"\n");
    struct sl_csv_options small = { .header = 1, .comment = "//", .max_record = 8 };
    try_text("a,b\n//a comment of more than the limit, \"\n1,2\n", &small, "3@42: 1|2\n");
}

static void test_quoting_can_be_switched_off(void **state)
{
    (void)state;
    struct sl_csv_options options = { .header = 1, .delimiter = '\t', .quote = -1 };
    try_text("a\tb\n\"x\t1\n\"y\"\t2\n", &options, "2@4: \"\\\"x\"|1\n3@9: \"\\\"y\\\"\"|2\n");
}

static void test_utf16_is_converted_and_bytes_count_in_the_file(void **state)
{
    (void)state;
    static const char le[] = "\xff\xfe"
                             "a\0,\0b\0\r\0\n\0"
                             "\xfc\0,\0"
                             "1\0\n\0"
                             "\x3d\xd8\x00\xde,\0"
                             "2\0\n\0"
                             "z\0,\0"
                             "3\0";
    try_bytes(le, sizeof le - 1, &plain, "2@12: \"\xc3\xbc\"|1\n3@20: \"\xf0\x9f\x98\x80\"|2\n4@30: \"z\"|3\n");
    struct sl_csv_options be = { .header = 0, .encoding = SL_UTF16BE };
    try_bytes("\0x\0,\0y\0\n\0z\0,\0w", 14, &be, "1@0: \"x\"|\"y\"\n2@8: \"z\"|\"w\"\n");
}

static void test_latin1_is_found_and_converted(void **state)
{
    (void)state;
    try_text("name,n\nM\xfcller,1\nJos\xe9,2\nx,3\n", &plain,
             "2@7: \"M\xc3\xbcller\"|1\n3@16: \"Jos\xc3\xa9\"|2\n4@23: \"x\"|3\n");
}

static void test_a_byte_order_mark_is_no_part_of_the_header(void **state)
{
    (void)state;
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    try_file(path, "\xef\xbb\xbfname,n\nx,1\n", 14);
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &plain, NULL), SL_OK);
    assert_string_equal(reader->schema.fields[0].name, "name");
    struct sl_buf out = { 0 };
    assert_int_equal(try_read_on(reader, &out), SL_EEND);
    assert_string_equal(out.p, "2@10: \"x\"|1\n");
    sl_buf_release(&out);
    sl_reader_close(reader);
    unlink(path);
}

static void test_a_header_alone_gives_no_records(void **state)
{
    (void)state;
    try_text("name,price\n", &plain, "");
    try_text("name,price", &plain, "");
}

static void test_blocks_hold_at_most_a_chunk_of_records(void **state)
{
    (void)state;
    struct sl_buf csv = { 0 };
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    struct sl_block block = { 0 };
    for (unsigned i = 0; i < 10000; i++) {
        sl_buf_printf(&csv, "%u\n", i % 7);
    }
    try_file(path, csv.p, csv.n);
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &plain, NULL), SL_OK);
    uint32_t sizes[3];
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
        assert_int_equal(block.mark.record, i * SL_CHUNK_RECORDS);
        assert_int_equal(block.mark.sequence, i);
        sizes[i] = block.records;
    }
    assert_int_equal(sizes[0], SL_CHUNK_RECORDS);
    assert_int_equal(sizes[1], SL_CHUNK_RECORDS);
    assert_int_equal(sizes[2], 10000 - 2 * SL_CHUNK_RECORDS);
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_EEND);
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_EEND);
    assert_int_equal(atomic_load(&reader->consumed), reader->size);
    assert_int_equal(reader->size, csv.n);
    sl_block_release(&block);
    sl_reader_close(reader);
    sl_buf_release(&csv);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_and_numbers_are_read),
        cmocka_unit_test(test_quotes_hold_delimiters_line_ends_and_doubled_quotes),
        cmocka_unit_test(test_a_quote_inside_an_unquoted_field_is_text),
        cmocka_unit_test(test_all_line_ends_end_records_also_mixed),
        cmocka_unit_test(test_blank_lines_are_passed_over_but_counted),
        cmocka_unit_test(test_an_empty_quoted_field_and_the_usual_spellings_are_missing),
        cmocka_unit_test(test_given_spellings_replace_the_usual_ones),
        cmocka_unit_test(test_a_record_with_too_many_or_too_few_fields_is_quarantined),
        cmocka_unit_test(test_ragged_fills_up_short_records_only),
        cmocka_unit_test(test_text_behind_a_closing_quote_is_quarantined_with_its_place),
        cmocka_unit_test(test_text_in_a_number_column_is_quarantined_with_the_fix),
        cmocka_unit_test(test_a_nul_and_a_byte_that_is_not_utf8_are_quarantined),
        cmocka_unit_test(test_a_quote_never_closed_costs_only_its_line),
        cmocka_unit_test(test_many_quotes_never_closed_are_each_told),
        cmocka_unit_test(test_a_record_longer_than_the_limit_is_quarantined),
        cmocka_unit_test(test_a_long_record_with_quotes_is_passed_over_whole),
        cmocka_unit_test(test_a_quote_open_beyond_the_limit_costs_only_its_line),
        cmocka_unit_test(test_comments_and_skipped_lines_are_passed_over_but_counted),
        cmocka_unit_test(test_quoting_can_be_switched_off),
        cmocka_unit_test(test_utf16_is_converted_and_bytes_count_in_the_file),
        cmocka_unit_test(test_latin1_is_found_and_converted),
        cmocka_unit_test(test_a_byte_order_mark_is_no_part_of_the_header),
        cmocka_unit_test(test_a_header_alone_gives_no_records),
        cmocka_unit_test(test_blocks_hold_at_most_a_chunk_of_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
