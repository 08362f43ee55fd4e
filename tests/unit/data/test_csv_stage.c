/* test_csv_stage.c: what the parameters of `read csv` and `read tsv` do to the reader. */
#include "test_csv_try.h"

#include "sluice/recipe.h"

/* Open the file by a statement in which %s stands for its path. */
static int open_by(const char *format, const char *path, struct sl_reader **out, struct sl_error *err)
{
    char text[200];
    struct sl_arena arena;
    struct sl_statement statement;
    snprintf(text, sizeof text, format, path);
    sl_arena_init(&arena);
    int status = sl_statement_parse(sl_str(text), NULL, &arena, &statement, err);
    if (status == SL_OK) {
        struct sl_stage stage = { .class = statement.class, .params = statement.params };
        status = statement.class->open(&stage, NULL, out, err);
    }
    sl_arena_release(&arena);
    return status;
}

static void check(const char *format, const char *content, const char *note, const char *records)
{
    char path[40], message[1024];
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf out = { 0 };
    try_file(path, content, strlen(content));
    int status = open_by(format, path, &reader, &err);
    unlink(path);
    if (status) {
        fail_msg("%s: %s", format, sl_error_format(&err, message, sizeof message));
    }
    assert_string_equal(reader->note, note);
    assert_int_equal(try_read_on(reader, &out), SL_EEND);
    assert_string_equal(out.n ? out.p : "", records);
    sl_buf_release(&out);
    sl_reader_close(reader);
}

static void check_refused(const char *format, const char *param, const char *word)
{
    char path[40];
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    try_file(path, "a,b\n1,2\n", 8);
    assert_int_equal(open_by(format, path, &reader, &err), SL_EPARAM);
    unlink(path);
    assert_null(reader);
    assert_string_equal(err.param, param);
    assert_non_null(strstr(err.what, word));
    assert_string_not_equal(err.fix, "");
}

static void test_delimiters_are_given_by_name_or_character(void **state)
{
    (void)state;
    static const char *const statements[] = { "read csv %s delimiter=semicolon", "read csv %s delimiter=;" };
    for (size_t i = 0; i < 2; i++) {
        check(statements[i], "a;b\n1,2;3\n", "utf-8, semicolon, header", "2@4: \"1,2\"|3\n");
    }
    check("read tsv %s", "a\tb\n1\t2,5\n", "utf-8, tab, header", "2@4: 1|\"2,5\"\n");
    check("read tsv %s delimiter=comma", "a,b\n1,2\n", "utf-8, comma, header", "2@4: 1|2\n");
    check("read csv %s delimiter=tab", "a\tb\n1\t2\n", "utf-8, tab, header", "2@4: 1|2\n");
}

static void test_lines_can_be_read_undivided(void **state)
{
    (void)state;
    check("read csv %s delimiter=none quote=none header=false", "a,b\n\"1,2\n",
          "utf-8, one column, no quotes, no header", "1@0: \"a,b\"\n2@4: \"\\\"1,2\"\n");
}

static void test_another_quote_can_be_given(void **state)
{
    (void)state;
    check("read csv %s quote=\"'\"", "a,b\n'x,''y',\"\n", "utf-8, comma, quote ', header", "2@4: \"x,'y\"|\"\\\"\"\n");
}

static void test_spellings_of_missing_are_added_to_the_usual_ones(void **state)
{
    (void)state;
    check("read csv %s na=?,-1", "a,b\n?,1\nNA,-1\nx,2\n", "utf-8, comma, header",
          "2@4: ~|1\n3@8: ~|~\n4@14: \"x\"|2\n");
    check("read csv %s na=? keep_default_na=false", "a,b\n?,1\nNA,2\n,3\n", "utf-8, comma, header",
          "2@4: ~|1\n3@8: \"NA\"|2\n4@13: \"\"|3\n");
}

static void test_the_other_parameters_reach_the_reader(void **state)
{
    (void)state;
    check("read csv %s header=false names=x,y text=y", "1,2\n3,4\n", "utf-8, comma, no header",
          "1@0: 1|\"2\"\n2@4: 3|\"4\"\n");
    check("read csv %s skip=1 comment='#' ragged=true", "title\n# x\na,b\n1,2\n3\n", "utf-8, comma, header",
          "4@14: 1|2\n5@18: 3|~\n");
    check("read csv %s encoding=latin1 header=true", "\xe4,b\n1,2\n", "latin-1, comma, header", "2@4: 1|2\n");
    check("read csv %s max_record=4", "a,b\n1,2\n1,2345\n", "utf-8, comma, header",
          "2@4: 1|2\n! 3@8: the record is longer than 4 bytes; raise max_record\n");
}

static void test_parameters_that_make_no_sense_are_refused_by_name(void **state)
{
    (void)state;
    check_refused("read csv %s delimiter=ab", "delimiter", "\"ab\"");
    check_refused("read csv %s quote=ab", "quote", "\"ab\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delimiters_are_given_by_name_or_character),
        cmocka_unit_test(test_lines_can_be_read_undivided),
        cmocka_unit_test(test_another_quote_can_be_given),
        cmocka_unit_test(test_spellings_of_missing_are_added_to_the_usual_ones),
        cmocka_unit_test(test_the_other_parameters_reach_the_reader),
        cmocka_unit_test(test_parameters_that_make_no_sense_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
