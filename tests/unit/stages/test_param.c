/* Parameters: values in, text out, and what is said about a wrong one. */
#include "engine/stages/param_private.h"
#include "sluice/recipe.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct params {
    struct sl_names columns;
    struct sl_names words;
    bool flag;
    int64_t limit;
    int64_t free_integer;
    double rate;
    double above;
    struct sl_amount amount;
    struct sl_pair range;
    struct sl_amount shift;
    struct sl_range factor;
    struct sl_range factor_or_none;
    int mode;
    char *with;
    char *file;
    char *pattern;
    char *maybe;
    char *condition;
};

static const char *const modes[] = { "fast", "exact", "two words", NULL };

static const struct sl_param rows[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT | SL_NUMBER),
    SL_NAMES(struct params, words),
    SL_BOOL(struct params, flag),
    SL_INT(struct params, limit, .min = 1, .max = 100, .none_ok = true),
    SL_INT(struct params, free_integer),
    SL_REAL(struct params, rate, .min = 0, .max = 1),
    SL_REAL(struct params, above, .min = 1e-300, .none_ok = true),
    SL_AMOUNT(struct params, amount, .min = 1, .max = 1e6),
    SL_PAIR(struct params, range, .min = 1, .max = 9),
    SL_AMOUNT(struct params, shift, .min = 0, .max = 100, .over_one = true),
    SL_RANGE(struct params, factor, .min = 0, .max = 10),
    SL_RANGE(struct params, factor_or_none, .none_ok = true),
    SL_CHOICE(struct params, mode, .choices = modes),
    SL_STRING(struct params, with),
    SL_PATH(struct params, file),
    SL_REGEX(struct params, pattern),
    SL_STRING(struct params, maybe, .none_ok = true),
    SL_EXPR(struct params, condition, .positional = true, .rest = true),
    { 0 },
};

static const struct sl_param *row_of(const char *name)
{
    const struct sl_param *row = sl_param_find(rows, sl_str(name));
    assert_non_null(row);
    return row;
}

struct fixture {
    struct sl_arena arena;
    struct params params;
    struct sl_error err;
};

static int set(struct fixture *f, const char *name, const char *value)
{
    f->err = (struct sl_error)SL_ERROR_INIT;
    return sl_param_set(row_of(name), &f->params, sl_str(value), &f->arena, &f->err);
}

static void assert_set(struct fixture *f, const char *name, const char *value)
{
    if (set(f, name, value) != SL_OK)
        fail_msg("%s=%s: %s; %s", name, value, f->err.what, f->err.fix);
}

/* Refused, and message and fix together hold these words. */
static void assert_wrong(struct fixture *f, const char *name, const char *value, const char *words)
{
    struct params before = f->params;
    int status = set(f, name, value);
    char message[1024];
    sl_error_format(&f->err, message, sizeof message);
    if (status != SL_EPARAM || !strstr(message, words) || strcmp(f->err.param, name) != 0)
        fail_msg("%s=%s: status %d, \"%s\" lacks \"%s\"", name, value, status, message, words);
    assert_memory_equal(&before, &f->params, sizeof before);
}

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f ? 0 : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    sl_arena_release(&f->arena);
    free(f);
    return 0;
}

static void rows_are_found_by_their_whole_name(void **state)
{
    (void)state;
    assert_ptr_equal(sl_param_find(rows, SL_STR("rate")), row_of("rate"));
    assert_null(sl_param_find(rows, SL_STR("rat")));
    assert_null(sl_param_find(rows, SL_STR("")));
    assert_null(sl_param_find(NULL, SL_STR("rate")));
}

static void numbers_are_read_and_checked(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "limit", "100");
    assert_int_equal(f->params.limit, 100);
    assert_set(f, "limit", "none");
    assert_true(f->params.limit == SL_NONE);
    assert_set(f, "limit", "None");
    assert_wrong(f, "limit", "0", "integer 1..100 or none");
    assert_wrong(f, "limit", "101", "too large");
    assert_wrong(f, "limit", "1.5", "not an integer");
    assert_wrong(f, "limit", "", "not an integer");
    assert_wrong(f, "limit", "-", "not an integer");
    assert_wrong(f, "free_integer", "none", "not an integer");
    assert_set(f, "free_integer", "-9223372036854775807");
    assert_true(f->params.free_integer == -INT64_MAX);
    assert_wrong(f, "free_integer", "9223372036854775808", "too large");
    assert_wrong(f, "free_integer", "-9223372036854775808", "too large"); /* is SL_NONE */
    assert_set(f, "rate", "1e-3");
    assert_true(fabs(f->params.rate - 0.001) < 1e-18);
    assert_wrong(f, "rate", "1.01", "number 0..1");
    assert_wrong(f, "rate", "nan", "not a number");
    assert_wrong(f, "rate", "0x1", "not a number");
    assert_wrong(f, "rate", "1e999", "too large");
    assert_wrong(f, "rate", "1e", "not a number");
    assert_wrong(f, "above", "0", "number above 0 or none");
    assert_set(f, "above", "1e-5");
    assert_set(f, "above", "none");
    assert_true(isnan(f->params.above));
}

static void a_number_may_be_a_fraction(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "rate", "1/255");
    assert_true(f->params.rate >= 1.0 / 255 && f->params.rate <= 1.0 / 255);
    assert_set(f, "rate", "0.5/2.5e0");
    assert_true(f->params.rate >= 0.2 && f->params.rate <= 0.2);
    assert_wrong(f, "rate", "1/0", "it divides by 0");
    assert_wrong(f, "rate", "1/", "not a number");
    assert_wrong(f, "rate", "/2", "not a number");
    assert_wrong(f, "rate", "1/2/3", "not a number");
    assert_wrong(f, "rate", "1 / 2", "not a number");
    assert_wrong(f, "rate", "1e300/1e-300", "too large");
    assert_wrong(f, "rate", "3/2", "number 0..1");
    assert_wrong(f, "limit", "4/2", "not an integer");
    assert_wrong(f, "amount", "1/2", "not a number");
}

/* What is written for a number, and that it reads back to the bit. */
static void assert_written(struct fixture *f, double x, const char *text)
{
    static const struct sl_param row = { .name = "x", .kind = SL_PARAM_REAL };
    struct sl_buf out = { 0 };
    double back = 0;
    sl_param_format(&row, &x, &out);
    assert_string_equal(out.p, text);
    assert_int_equal(sl_param_set(&row, &back, (struct sl_str){ out.p, out.n }, &f->arena, &f->err), SL_OK);
    assert_memory_equal(&back, &x, sizeof x);
    sl_buf_release(&out);
}

static void a_number_is_written_as_a_fraction_where_that_is_shorter_and_exact(void **state)
{
    struct fixture *f = *state;
    assert_written(f, 1.0 / 255, "1/255");
    assert_written(f, -1.0 / 3, "-1/3");
    assert_written(f, 1.0 / 65535, "1/65535");
    assert_written(f, 0.001, "0.001");
    assert_written(f, 0.0078125, "0.0078125");
    assert_written(f, 2.0 / 255, "0.00784313725490196");
    assert_written(f, 1.0 / 255 + 1e-18, "0.003921568627450981");
    assert_written(f, 1e-7, "1e-07");
    assert_written(f, 3.14159265358979, "3.14159265358979");
    assert_written(f, 0, "0");
    for (int n = 2; n < 3000; n++) {
        struct sl_buf out = { 0 };
        double x = 1.0 / n, back = 0;
        sl_param_write_real(x, &out);
        assert_null(sl_param_read_real((struct sl_str){ out.p, out.n }, &back));
        assert_memory_equal(&back, &x, sizeof x);
        sl_buf_release(&out);
    }
}

static void an_amount_is_a_count_or_a_share(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "amount", "1");
    assert_false(f->params.amount.share);
    assert_set(f, "amount", "1.0");
    assert_true(f->params.amount.share);
    assert_set(f, "amount", "5e-1");
    assert_true(f->params.amount.share && f->params.amount.value > 0.49 && f->params.amount.value < 0.51);
    assert_wrong(f, "amount", "1.5", "a share is between 0.0 and 1.0");
    assert_wrong(f, "amount", "0", "too small");
    assert_wrong(f, "amount", "-3", "too small");
    assert_wrong(f, "amount", "half", "or share 0.0..1.0");
}

static void ranges_are_one_number_or_two(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "factor", "0.5,1/4e-1");
    assert_true(f->params.factor.low >= 0.5 && f->params.factor.low <= 0.5);
    assert_true(f->params.factor.high >= 2.5 && f->params.factor.high <= 2.5);
    assert_set(f, "factor", "[ 0.25 , 0.75 ]");
    assert_set(f, "factor", "3");
    assert_true(f->params.factor.low >= 3 && f->params.factor.low <= 3 && isnan(f->params.factor.high));
    assert_wrong(f, "factor", "3,2", "larger than the second");
    assert_wrong(f, "factor", "11", "too large");
    assert_wrong(f, "factor", "1,11", "too large");
    assert_wrong(f, "factor", "1,2,3", "not a number");
    assert_wrong(f, "factor", "", "not a number");
    assert_wrong(f, "factor", "none", "or two as");
    assert_set(f, "factor_or_none", "none");
    assert_true(isnan(f->params.factor_or_none.low));
}

static void an_amount_with_a_point_may_be_above_one_where_its_row_says_so(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "shift", "2.5");
    assert_true(f->params.shift.share && f->params.shift.value >= 2.5 && f->params.shift.value <= 2.5);
    assert_set(f, "shift", "2");
    assert_false(f->params.shift.share);
    assert_set(f, "shift", "2.0");
    assert_true(f->params.shift.share);
    assert_wrong(f, "shift", "100.5", "too large");
    assert_wrong(f, "shift", "-0.5", "between");
    assert_wrong(f, "amount", "2.5", "between");
}

static void pairs_choices_and_switches_are_checked(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "range", "1,2");
    assert_set(f, "range", "(2, 3)");
    assert_int_equal(f->params.range.low, 2);
    assert_int_equal(f->params.range.high, 3);
    assert_wrong(f, "range", "3,2", "larger than the second");
    assert_wrong(f, "range", "2", "as 1,2");
    assert_wrong(f, "range", "0,2", "too small");
    assert_wrong(f, "range", "1,2,3", "not an integer");
    assert_set(f, "mode", "exact");
    assert_int_equal(f->params.mode, 1);
    assert_wrong(f, "mode", "exat", "did you mean 'exact'");
    assert_wrong(f, "mode", "slow", "one of fast, exact, two words");
    assert_set(f, "flag", "True");
    assert_true(f->params.flag);
    assert_wrong(f, "flag", "1", "true or false");
}

static void strings_are_copied_and_checked(void **state)
{
    struct fixture *f = *state;
    char value[] = "abc";
    assert_set(f, "with", value);
    value[0] = 'X';
    assert_string_equal(f->params.with, "abc");
    assert_set(f, "with", "");
    assert_string_equal(f->params.with, "");
    assert_wrong(f, "file", "", "it is empty");
    assert_wrong(f, "condition", "a\nb", "one line");
    assert_int_equal(sl_param_set(row_of("with"), &f->params, (struct sl_str){ "a\0b", 3 }, &f->arena, &f->err),
                     SL_EPARAM);
    assert_set(f, "maybe", "none");
    assert_null(f->params.maybe);
}

static void lists_have_commas_between_names(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "columns", "a, b,c\\,d,e\\\\,\\f");
    static const char *const names[] = { "a", " b", "c,d", "e\\", "\\f" };
    assert_int_equal(f->params.columns.n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(f->params.columns.name[i], names[i]);
    assert_set(f, "columns", "x");
    assert_int_equal(f->params.columns.n, 1); /* replaced, not added */
    assert_wrong(f, "columns", "a,,b", "between the commas is empty");
    assert_wrong(f, "columns", "", "it is empty");
    assert_wrong(f, "words", "a,", "empty");
}

static void a_long_value_is_quoted_in_part(void **state)
{
    struct fixture *f = *state;
    char value[201];
    memset(value, 'x', 200);
    value[200] = '\0';
    memcpy(value + 59, "é", 2); /* cut in its middle otherwise */
    assert_wrong(f, "limit", value, "xxx'...: it is not an integer");
    assert_int_equal(sl_utf8_invalid(f->err.what, strlen(f->err.what)), strlen(f->err.what));
}

/* The value as it stands in a recipe, read again by the recipe's own reader, is equal to the value. */
static void assert_round_trip(struct fixture *f, const char *name, const char *value)
{
    const struct sl_param *row = row_of(name);
    assert_set(f, name, value);
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "x %s=", name);
    sl_param_format(row, &f->params, &text);
    assert_false(text.failed);
    struct sl_line line;
    assert_int_equal(sl_line_split((struct sl_str){ text.p, text.n }, &f->arena, &line, &f->err), SL_OK);
    assert_int_equal(line.n, 2);
    struct params again = { 0 };
    if (sl_param_set(row, &again, line.words[1].value, &f->arena, &f->err) != SL_OK)
        fail_msg("%s: %s", text.p, f->err.what);
    if (!sl_param_is_default(row, &again, &f->params))
        fail_msg("\"%s\" of %s does not give the value \"%s\" back", text.p, name, value);
    sl_buf_release(&text);
}

static void what_is_formatted_reads_back(void **state)
{
    struct fixture *f = *state;
    static const char *const strings[] = { "plain",         "two words",   "",     "it's",        "say \"hi\"",
                                           "both ' and \"", "a=b",         "#1",   "back\\slash", "tab\there",
                                           "line\nend",     "'",           "\"",   "\\",          "<[^>]*>",
                                           "é ü",           "\\d+(?=\\s)", "none", "a\\nb",       "$HOME",
                                           "a\rb",          "\\'\n" };
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        assert_round_trip(f, "with", strings[i]);
        if (strings[i][0])
            assert_round_trip(f, "words", strings[i]);
    }
    assert_round_trip(f, "words", "a,b\\,c,d\\\\, e'f,g\"h,=,\\x");
    static const char *const others[][2] = {
        { "flag", "true" },      { "limit", "none" },    { "limit", "7" },
        { "rate", "0.1" },       { "above", "1e-7" },    { "above", "none" },
        { "amount", "1.0" },     { "amount", "1" },      { "amount", "0.25" },
        { "range", "1,3" },      { "shift", "3.0" },     { "shift", "2.5" },
        { "factor", "0.8,1.2" }, { "factor", "2" },      { "factor_or_none", "none" },
        { "mode", "two words" }, { "maybe", "none" },    { "amount", "0.0" },
        { "rate", "1" },         { "amount", "1e-300" }, { "above", "12345678901234567" },
        { "amount", "1000000" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_round_trip(f, others[i][0], others[i][1]);
}

static void values_are_quoted_only_when_they_must_be(void **state)
{
    struct fixture *f = *state;
    static const char *const facts[][2] = {
        { "plain", "plain" },         { "", "\"\"" },     { "a b", "'a b'" },
        { "it's", "\"it's\"" },       { "a=b", "'a=b'" }, { "#1", "'#1'" },
        { "\\s+", "'\\s+'" },         { "a,b", "a,b" },   { "x\ny", "\"x\\ny\"" },
        { "'\\\"", "\"'\\\\\\\"\"" }, { "é", "é" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct sl_buf text = { 0 };
        assert_set(f, "with", facts[i][0]);
        sl_param_format(row_of("with"), &f->params, &text);
        assert_string_equal(text.p, facts[i][1]);
        sl_buf_release(&text);
    }
}

static void positional_names_stand_apart_with_blanks(void **state)
{
    struct fixture *f = *state;
    assert_set(f, "columns", "a,b c,d\\,e");
    struct sl_buf text = { 0 };
    sl_param_format(row_of("columns"), &f->params, &text);
    assert_string_equal(text.p, "a 'b c' 'd,e'");
    sl_buf_release(&text);
}

static void defaults_are_recognised(void **state)
{
    struct fixture *f = *state;
    struct params defaults = { .limit = SL_NONE, .rate = 0.5, .above = NAN, .with = (char[]){ "x" } };
    f->params = defaults;
    for (const struct sl_param *row = rows; row->kind; row++)
        assert_true(sl_param_is_default(row, &f->params, &defaults));
    assert_set(f, "with", "x");
    assert_true(sl_param_is_default(row_of("with"), &f->params, &defaults));
    assert_set(f, "with", "y");
    assert_false(sl_param_is_default(row_of("with"), &f->params, &defaults));
    assert_set(f, "columns", "a");
    assert_false(sl_param_is_default(row_of("columns"), &f->params, &defaults));
    assert_set(f, "amount", "1");
    assert_false(sl_param_is_default(row_of("amount"), &f->params, &defaults));
    /* Without defaults everything is zero. */
    assert_false(sl_param_is_default(row_of("rate"), &f->params, NULL));
    assert_true(sl_param_is_default(row_of("range"), &f->params, NULL));
    assert_set(f, "maybe", "");
    assert_false(sl_param_is_default(row_of("maybe"), &f->params, NULL)); /* "" is not none */
    assert_set(f, "pattern", "");
    assert_true(sl_param_is_default(row_of("pattern"), &f->params, NULL));
}

static void each_kind_is_described(void **state)
{
    (void)state;
    static const char *const facts[][2] = {
        { "columns", "text or number columns" },
        { "words", "names with commas between" },
        { "flag", "true or false" },
        { "limit", "integer 1..100 or none" },
        { "free_integer", "integer" },
        { "rate", "number 0..1" },
        { "above", "number above 0 or none" },
        { "amount", "integer 1..1000000, or share 0.0..1.0" },
        { "range", "two integers 1..9, as 1,2" },
        { "factor", "number 0..10, or two as 0.8,1.2" },
        { "shift", "integer 0..100, or number with a point" },
        { "mode", "one of fast, exact, two words" },
        { "with", "text" },
        { "file", "file" },
        { "pattern", "regular expression" },
        { "maybe", "text or none" },
        { "condition", "condition" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct sl_buf text = { 0 };
        sl_param_describe(row_of(facts[i][0]), &text);
        assert_string_equal(text.p, facts[i][1]);
        sl_buf_release(&text);
    }
    struct sl_buf text = { 0 };
    sl_param_describe(&(struct sl_param){ .kind = SL_PARAM_INT, .min = 2 }, &text);
    assert_string_equal(text.p, "integer of at least 2");
    sl_buf_release(&text);
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(rows_are_found_by_their_whole_name),
        WITH_FIXTURE(numbers_are_read_and_checked),
        WITH_FIXTURE(a_number_may_be_a_fraction),
        WITH_FIXTURE(a_number_is_written_as_a_fraction_where_that_is_shorter_and_exact),
        WITH_FIXTURE(an_amount_is_a_count_or_a_share),
        WITH_FIXTURE(ranges_are_one_number_or_two),
        WITH_FIXTURE(an_amount_with_a_point_may_be_above_one_where_its_row_says_so),
        WITH_FIXTURE(pairs_choices_and_switches_are_checked),
        WITH_FIXTURE(strings_are_copied_and_checked),
        WITH_FIXTURE(lists_have_commas_between_names),
        WITH_FIXTURE(a_long_value_is_quoted_in_part),
        WITH_FIXTURE(what_is_formatted_reads_back),
        WITH_FIXTURE(values_are_quoted_only_when_they_must_be),
        WITH_FIXTURE(positional_names_stand_apart_with_blanks),
        WITH_FIXTURE(defaults_are_recognised),
        WITH_FIXTURE(each_kind_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
