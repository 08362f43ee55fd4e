/* test_csv_detect.c: what the reader finds out by itself, and what it says of it. */
#include "test_csv_try.h"

static struct sl_reader *open_text(const char *text, const struct sl_csv_options *options)
{
    char path[40], message[1024];
    const char *paths[] = { path };
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    try_file(path, text, strlen(text));
    int status = sl_csv_open(&reader, NULL, paths, 1, options, &err);
    unlink(path);
    if (status) {
        fail_msg("the file does not open: %s", sl_error_format(&err, message, sizeof message));
    }
    return reader;
}

/* The note, and the columns as "name:t name:n". */
static void check(const char *text, const struct sl_csv_options *options, const char *note, const char *columns)
{
    static const struct sl_csv_options plain = { TRY_DEFAULTS };
    struct sl_reader *reader = open_text(text, options ? options : &plain);
    struct sl_buf found = { 0 };
    for (size_t c = 0; c < reader->schema.n; c++) {
        const struct sl_field *field = &reader->schema.fields[c];
        sl_buf_printf(&found, "%s%s:%c", c ? " " : "", field->name, field->type == SL_NUMBER ? 'n' : 't');
    }
    assert_string_equal(reader->note, note);
    assert_string_equal(found.p, columns);
    sl_buf_release(&found);
    sl_reader_close(reader);
}

static void test_the_delimiter_that_divides_most_evenly_is_taken(void **state)
{
    (void)state;
    check("a,b\n1,2\n", NULL, "utf-8, comma, header", "a:n b:n");
    check("a\tb\nx, y\t2\nz\t3\n", NULL, "utf-8, tab, header", "a:t b:n");
    check("a;b\n1,5;2,5\n1,25;3\n", NULL, "utf-8, semicolon, header", "a:t b:t");
    check("a|b|c\n1|2|x,y\n", NULL, "utf-8, bar, header", "a:n b:n c:t");
    check("a,b\n\"x;y;z\",1\n\"p;q;r\",2\n", NULL, "utf-8, comma, header", "a:t b:n");
}

static void test_lines_without_a_common_delimiter_are_one_column(void **state)
{
    (void)state;
    check("text\nthis is, well, a sentence\nanother one\nand more\nno\nyes\n", NULL, "utf-8, one column, header",
          "text:t");
    check("x\n1\n2\n", NULL, "utf-8, one column, header", "x:n");
}

static void test_tabs_with_stray_quotes_are_read_unquoted(void **state)
{
    (void)state;
    check("ham\t\"hello there\nspam\tWIN \"now\"\nham\tx\n", NULL, "utf-8, tab, no quotes, no header", "col1:t col2:t");
    check("a\tb\n\"x\ty\"\t2\n", NULL, "utf-8, tab, header", "a:t b:n");
}

static void test_one_broken_quote_does_not_unmake_a_csv_file(void **state)
{
    (void)state;
    check("a,b\n1,\"never closed\n2,x\n3,y\n", NULL, "utf-8, comma, header", "a:n b:t");
    check("a,b\n1,\"x\" y\n2,\"x\"\n", NULL, "utf-8, comma, header", "a:n b:t");
}

static void test_a_header_is_told_from_records(void **state)
{
    (void)state;
    check("39,State-gov,Bachelors\n50,Private,HS\n", NULL, "utf-8, comma, no header", "col1:n col2:t col3:t");
    check("good film\t1\nbad film\t0\n", NULL, "utf-8, tab, no header", "col1:t col2:n");
    check("review_text,sentiment\nfine,positive\nawful,negative\n", NULL, "utf-8, comma, header",
          "review_text:t sentiment:t");
    check("yes,no\nno,yes\nyes,no\n", NULL, "utf-8, comma, no header", "col1:t col2:t");
    check("It was great!,pos\nIt was bad!,neg\n", NULL, "utf-8, comma, no header", "col1:t col2:t");
    check("a,b,c\n", NULL, "utf-8, comma, header", "a:t b:t c:t");
    check("a title\nx,y,z\n1,2,3\n4,5,6\n", NULL, "utf-8, comma, no header", "col1:t col2:t col3:t");
}

static void test_options_override_what_would_be_found(void **state)
{
    (void)state;
    struct sl_csv_options no_header = { .header = 0 }, header = { .header = 1 };
    struct sl_csv_options semicolon = { .header = -1, .delimiter = ';' },
                          latin1 = { .header = -1, .encoding = SL_LATIN1 };
    check("a,b\n1,2\n", &no_header, "utf-8, comma, no header", "col1:t col2:t");
    check("1,2\n3,4\n", &header, "utf-8, comma, header", "1:n 2:n");
    check("a,b\nx,y\n", &semicolon, "utf-8, semicolon, no header", "col1:t");
    check("a,\xc3\xa9\n1,2\n", &latin1, "latin-1, comma, header", "a:n \xc3\x83\xc2\xa9:n");
}

static void test_names_and_text_columns_can_be_given(void **state)
{
    (void)state;
    const char *names[] = { "x", "y", NULL }, *text[] = { "y", NULL };
    struct sl_csv_options options = { .header = -1, .names = names, .text = text };
    check("1,2\n3,4\n", &options, "utf-8, comma, no header", "x:n y:t");
    check("a,b\n3,4\n", &options, "utf-8, comma, header", "x:n y:t");
    const char *unknown[] = { "z", NULL };
    options.text = unknown;
    try_refusal("a,b\n3,4\n", &options, SL_EPARAM, "\"z\"");
    options.text = NULL;
    try_refusal("a,b,c\n3,4,5\n", &options, SL_EPARAM, "names gives 2 names");
}

static void test_names_are_made_whole_and_unique(void **state)
{
    (void)state;
    check("a,,a, a ,col2,\n1,2,3,4,5,6\n", NULL, "utf-8, comma, header", "a:n col2:n a.1:n a.2:n col2.1:n col6:n");
    check("v1,v2,,,\nham,hi there.,,,\nspam,win.,,,\n", NULL, "utf-8, comma, header", "v1:t v2:t col3:t col4:t col5:t");
    check("a,a.1,a\n1,2,3\n", NULL, "utf-8, comma, header", "a:n a.1:n a.2:n");
}

static void test_rows_with_one_field_more_than_the_header_get_a_column(void **state)
{
    (void)state;
    check("a,b\nr1,1,2\nr2,3,4\nr3,5,6\n", NULL, "utf-8, comma, header", "col1:t a:n b:n");
    check("a,b\n1,2,\n3,4,\n5,6,\n", NULL, "utf-8, comma, header", "a:n b:n col3:t");
}

static void test_a_column_is_numbers_only_when_all_its_values_are(void **state)
{
    (void)state;
    check("id,zip,x,y,z\n570306133677760513,01234,1, ,\n5,12345,NA,2,\n", NULL, "utf-8, comma, header",
          "id:t zip:t x:n y:n z:t");
    check("a,b\n1,2\nERROR,3\n", NULL, "utf-8, comma, header", "a:t b:n");
}

static void test_encodings_are_found(void **state)
{
    (void)state;
    check("name,n\nM\xc3\xbcller,1\n", NULL, "utf-8, comma, header", "name:t n:n");
    check("name,n\nM\xfcller,1\n", NULL, "latin-1, comma, header", "name:t n:n");
    /* one bad byte among good UTF-8 is damage, not Latin-1 */
    check("name,n\n\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f,1\nM\xfcller,2\n", NULL, "utf-8, comma, header", "name:t n:n");
}

static void test_files_with_nothing_in_them_are_refused(void **state)
{
    (void)state;
    struct sl_csv_options plain = { TRY_DEFAULTS }, skip = { .header = -1, .skip = 3 };
    try_refusal("", &plain, SL_EDATA, "holds no records");
    try_refusal("\n \n\r\n", &plain, SL_EDATA, "holds no records");
    try_refusal("\xef\xbb\xbf", &plain, SL_EDATA, "holds no records");
    try_refusal("a,b\n1,2\n", &skip, SL_EDATA, "skip");
}

static void test_options_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct sl_csv_options same = { .header = -1, .delimiter = '"', .quote = '"' },
                          lf = { .header = -1, .delimiter = '\n' };
    struct sl_csv_options skip = { .header = -1, .skip = -1 }, comment = { .header = -1, .comment = "#\n" };
    struct sl_csv_options columns = { .header = -1, .max_columns = 2 };
    try_refusal("a,b\n", &same, SL_EPARAM, "delimiter");
    try_refusal("a,b\n", &lf, SL_EPARAM, "delimiter");
    try_refusal("a,b\n", &skip, SL_EPARAM, "skip");
    try_refusal("a,b\n", &comment, SL_EPARAM, "comment");
    try_refusal("a,b,c\n1,2,3\n", &columns, SL_ELIMIT, "3 columns");
    struct sl_csv_options header = { .header = 1 };
    try_refusal("a,\"b\n1,2\n3,4\n", &header, SL_EDATA, "header");
}

static void test_thousands_of_equal_names_are_made_unique_fast(void **state)
{
    (void)state;
    struct sl_buf csv = { 0 };
    for (int row = 0; row < 2; row++) {
        for (int c = 0; c < 16000; c++) {
            sl_buf_puts(&csv, c ? row ? ",1" : ",x" : row ? "1" : "x");
        }
        sl_buf_puts(&csv, "\n");
    }
    struct sl_csv_options header = { .header = 1 };
    struct sl_reader *reader = open_text(csv.p, &header);
    assert_int_equal(reader->schema.n, 16000);
    assert_string_equal(reader->schema.fields[0].name, "x");
    assert_string_equal(reader->schema.fields[15999].name, "x.15999");
    sl_reader_close(reader);
    sl_buf_release(&csv);
}

static void test_a_header_longer_than_the_first_look_is_read_whole(void **state)
{
    (void)state;
    struct sl_buf csv = { 0 };
    for (int c = 0; c < 9000; c++) {
        sl_buf_printf(&csv, "%sa_column_with_quite_a_long_name_%d", c ? "," : "", c);
    }
    sl_buf_puts(&csv, "\n");
    assert_true(csv.n > 256 * 1024);
    struct sl_csv_options plain = { TRY_DEFAULTS };
    struct sl_reader *reader = open_text(csv.p, &plain);
    assert_int_equal(reader->schema.n, 9000);
    assert_string_equal(reader->schema.fields[8999].name, "a_column_with_quite_a_long_name_8999");
    sl_reader_close(reader);
    sl_buf_release(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_delimiter_that_divides_most_evenly_is_taken),
        cmocka_unit_test(test_lines_without_a_common_delimiter_are_one_column),
        cmocka_unit_test(test_tabs_with_stray_quotes_are_read_unquoted),
        cmocka_unit_test(test_one_broken_quote_does_not_unmake_a_csv_file),
        cmocka_unit_test(test_a_header_is_told_from_records),
        cmocka_unit_test(test_options_override_what_would_be_found),
        cmocka_unit_test(test_names_and_text_columns_can_be_given),
        cmocka_unit_test(test_names_are_made_whole_and_unique),
        cmocka_unit_test(test_rows_with_one_field_more_than_the_header_get_a_column),
        cmocka_unit_test(test_a_column_is_numbers_only_when_all_its_values_are),
        cmocka_unit_test(test_encodings_are_found),
        cmocka_unit_test(test_files_with_nothing_in_them_are_refused),
        cmocka_unit_test(test_options_that_make_no_sense_are_refused),
        cmocka_unit_test(test_thousands_of_equal_names_are_made_unique_fast),
        cmocka_unit_test(test_a_header_longer_than_the_first_look_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
