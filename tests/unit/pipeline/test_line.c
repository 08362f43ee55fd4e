/* test_line.c: lines into words, words into parameters, statements and back. */
#include "sluice/recipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct sl_arena arena;

static int set_up(void **state)
{
    (void)state;
    sl_arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sl_arena_release(&arena);
    return 0;
}

static struct sl_line split(const char *source)
{
    struct sl_line line;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_line_split(sl_str(source), &arena, &line, &err))
        fail_msg("%s: %s", source, err.what);
    return line;
}

static void assert_word(const struct sl_word *word, const char *key, const char *value)
{
    char *k = sl_arena_strndup(&arena, word->key.p, word->key.n),
         *v = sl_arena_strndup(&arena, word->value.p, word->value.n);
    assert_string_equal(word->key.n ? k : "", key);
    assert_string_equal(v, value);
}

static void words_are_cut_at_blanks_and_keep_their_keys(void **state)
{
    (void)state;
    struct sl_line line = split("  split\ttest_size=0.2  random_state=42 # the usual\n");
    assert_int_equal(line.n, 3);
    assert_word(&line.words[0], "", "split");
    assert_word(&line.words[1], "test_size", "0.2");
    assert_word(&line.words[2], "random_state", "42");
    assert_int_equal(line.words[0].column, 3);
    assert_int_equal(line.words[1].column, 9);
    assert_string_equal(sl_arena_strndup(&arena, line.source.p, line.source.n),
                        "  split\ttest_size=0.2  random_state=42");
}

static void quotes_are_those_of_a_shell(void **state)
{
    (void)state;
    struct sl_line line = split("replace 'a b' with=\"x \\\"y\\\" \\n\" c\\ d '' e'#'f");
    assert_int_equal(line.n, 6);
    assert_word(&line.words[1], "", "a b");
    assert_word(&line.words[2], "with", "x \"y\" \n");
    assert_word(&line.words[3], "", "c d");
    assert_word(&line.words[4], "", "");
    assert_word(&line.words[5], "", "e#f");
}

static void comparisons_are_no_assignments(void **state)
{
    (void)state;
    struct sl_line line = split("filter a==1 and b>=2 and c<=3 and 3=x");
    assert_word(&line.words[1], "", "a==1");
    assert_word(&line.words[3], "", "b>=2");
    assert_word(&line.words[5], "", "c<=3");
    assert_word(&line.words[7], "", "3=x");
}

static void an_open_quote_is_refused_with_its_column(void **state)
{
    (void)state;
    struct sl_line line;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_line_split(SL_STR("label 'sent"), &arena, &line, &err), SL_ESYNTAX);
    assert_int_equal(err.column, 7);
    assert_true(err.fix[0] != 0);
}

static void empty_and_comment_lines_have_no_words(void **state)
{
    (void)state;
    assert_int_equal(split("").n, 0);
    assert_int_equal(split("  \t \r\n").n, 0);
    assert_int_equal(split(" # nothing 'here").n, 0);
}

static struct sl_statement parse(const char *source)
{
    struct sl_statement statement;
    struct sl_error err = SL_ERROR_INIT;
    int status = sl_statement_parse(sl_str(source), NULL, &arena, &statement, &err);
    if (status)
        fail_msg("%s: status %d: %s", source, status, err.what);
    return statement;
}

static void canonical_text_leaves_out_defaults_and_parses_to_itself(void **state)
{
    (void)state;
    static const char *const lines[][2] = {
        { "read csv  'my file.csv' header=auto", "read csv 'my file.csv'" },
        { "split  random_state=42   test_size=0.2", "split test_size=0.2 random_state=42" },
        { "tfidf a,b stop_words=english max_features=1000 norm=l2", "tfidf a b stop_words=english max_features=1000" },
        { "filter len(a) < 10 and b == \"x y\"   # short", "filter len(a) < 10 and b == \"x y\"" },
        { "filter \"len(a) < 10\"", "filter len(a) < 10" },
        { "logistic C=1.0", "logistic" },
        { "lowercase", "lowercase" },
        { "replace a pattern= with=x", "replace a pattern=\"\" with=x" },
        { "read reviews.jsonl.gz", "read jsonl reviews.jsonl.gz" },
        { "read x.tsv", "read tsv x.tsv" },
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sl_statement once = parse(lines[i][0]);
        assert_string_equal(once.text, lines[i][1]);
        assert_string_equal(parse(once.text).text, lines[i][1]);
    }
}

static void refuse(const char *source, int status, uint64_t column, const char *what)
{
    struct sl_statement statement;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_statement_parse(sl_str(source), NULL, &arena, &statement, &err), status);
    if (column)
        assert_int_equal(err.column, column);
    if (!strstr(err.what, what))
        fail_msg("\"%s\" does not say \"%s\"", err.what, what);
    assert_true(err.fix[0] != 0);
}

static void mistakes_are_named_with_their_column_and_the_fix(void **state)
{
    (void)state;
    refuse("split test_sise=0.2", SL_EPARAM, 7, "test_sise");
    refuse("split test_size=0.2 test_size=0.3", SL_EPARAM, 21, "twice");
    refuse("tfidf a stop_words=french", SL_EPARAM, 9, "french");
    refuse("split banana", SL_EPARAM, 7, "banana");
    refuse("read", SL_EPARAM, 0, "what to read");
    refuse("label", SL_EPARAM, 0, "missing");
    refuse("label ,", SL_EPARAM, 0, "missing");
}

static void unknown_names_are_left_to_the_commands(void **state)
{
    (void)state;
    struct sl_statement statement;
    assert_int_equal(sl_statement_parse(SL_STR("pause"), NULL, &arena, &statement, NULL), SL_EEND);
    assert_int_equal(sl_statement_parse(SL_STR("# only"), NULL, &arena, &statement, NULL), SL_EEND);
}

static void help_names_every_parameter_of_every_stage(void **state)
{
    (void)state;
    for (size_t i = 0; sl_stage_registry[i]; i++) {
        struct sl_buf help = { 0 };
        sl_help_stage(sl_stage_registry[i], 80, &help);
        assert_non_null(help.p);
        for (const struct sl_param *row = sl_stage_registry[i]->params; row && row->kind; row++)
            if (!strstr(help.p, row->name))
                fail_msg("help of \"%s\" does not name \"%s\"", sl_stage_registry[i]->name, row->name);
        sl_buf_release(&help);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_at_blanks_and_keep_their_keys),
        cmocka_unit_test(quotes_are_those_of_a_shell),
        cmocka_unit_test(comparisons_are_no_assignments),
        cmocka_unit_test(an_open_quote_is_refused_with_its_column),
        cmocka_unit_test(empty_and_comment_lines_have_no_words),
        cmocka_unit_test(canonical_text_leaves_out_defaults_and_parses_to_itself),
        cmocka_unit_test(mistakes_are_named_with_their_column_and_the_fix),
        cmocka_unit_test(unknown_names_are_left_to_the_commands),
        cmocka_unit_test(help_names_every_parameter_of_every_stage),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
