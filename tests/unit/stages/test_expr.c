/* Conditions: values against CPython's, kinds, missing values, errors with their place, limits. */
#include "engine/stages/expr_private.h"
#include "stage_try.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* One record with every kind of cell: text t, number n, missing text and number, odd names. */
struct fixture {
    struct sl_arena arena;
    struct sl_schema schema;
    struct sl_chunk chunk;
    struct sl_error err;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f ? try_parse_csv("t,n,no_text,no_number,odd name,user.name,in,len\n"
                             "Good Film,2.5,NA,NA,odd,Ann,7,8\n"
                             "x,1,x,1,x,x,1,1\n",
                             &f->arena, &f->schema, &f->chunk, &f->err)
             : -1;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;
    sl_schema_release(&f->schema);
    sl_arena_release(&f->arena);
    free(f);
    return 0;
}

static struct sl_value evaluate(struct fixture *f, const char *text)
{
    struct sl_expr *expr = NULL;
    struct sl_value value = { .kind = SL_MISSING };
    f->err = (struct sl_error)SL_ERROR_INIT;
    if (sl_expr_compile(&expr, text, &f->schema, &f->err) != SL_OK)
        fail_msg("%s: %s; %s", text, f->err.what, f->err.fix);
    if (sl_expr_eval(expr, &f->chunk, 0, &f->arena, &value, &f->err) != SL_OK)
        fail_msg("%s: %s; %s", text, f->err.what, f->err.fix);
    if (value.kind != SL_MISSING && sl_expr_kind(expr) != value.kind)
        fail_msg("%s is of another kind than it was said to be", text);
    if (value.kind == SL_TEXTVALUE) { /* may lie in the expression */
        char *copy = sl_arena_strndup(&f->arena, value.text.p, value.text.n);
        assert_non_null(copy);
        value.text.p = copy;
    }
    sl_expr_free(expr);
    return value;
}

static void assert_number(struct fixture *f, const char *text, double expected)
{
    struct sl_value value = evaluate(f, text);
    bool same = value.kind == SL_REALVALUE && value.number <= expected && value.number >= expected;
    if (!same)
        fail_msg("%s gave %.17g (kind %d), not %.17g", text, value.number, value.kind, expected);
}

static void assert_text(struct fixture *f, const char *text, const char *expected)
{
    struct sl_value value = evaluate(f, text);
    if (value.kind != SL_TEXTVALUE || !sl_str_equal(value.text, sl_str(expected)))
        fail_msg("%s gave \"%.*s\" (kind %d), not \"%s\"", text, (int)value.text.n, value.text.p, value.kind, expected);
}

/* 't', 'f' or 'm' for every expression of the list. */
static void assert_truths(struct fixture *f, const char *const *list, char expected)
{
    for (; *list; list++) {
        struct sl_value value = evaluate(f, *list);
        char got = value.kind == SL_MISSING ? 'm' : value.kind != SL_BOOLEAN ? '?' : value.number > 0 ? 't' : 'f';
        if (got != expected)
            fail_msg("%s is '%c', not '%c'", *list, got, expected);
    }
}

static void arithmetic_is_pythons(void **state)
{
    struct fixture *f = *state;
    /* python3 -c "print(1 + 2 * 3, …)" */
    assert_number(f, "1 + 2 * 3", 7);
    assert_number(f, "(1 + 2) * 3", 9);
    assert_number(f, "10 - 4 - 3", 3);
    assert_number(f, "8 / 4 / 2", 1);
    assert_number(f, "7 / 2", 3.5);
    assert_number(f, "-7 % 3", 2);
    assert_number(f, "7 % -3", -2);
    assert_number(f, "-7.5 % 2", 0.5);
    assert_number(f, "5.5 % -2", -0.5);
    assert_number(f, "--3 + +2", 5);
    assert_number(f, "-2 * -n", 5);
    assert_number(f, ".5 + 1e2 + 1.5E-1", 100.65);
    assert_number(f, "abs(-3) + min(4, n, 3) + max(1, 2)", 7.5);
    assert_number(f, "round(2.5)", 2);
    assert_number(f, "round(0.5)", 0);
    assert_number(f, "round(-1.5)", -2);
    assert_number(f, "round(2.675, 2)", 2.67);
    assert_number(f, "round(0.125, 2)", 0.12);
    assert_number(f, "round(1e300, 3)", 1e300);
    assert_number(f, "round(n, 0)", 2);
}

static void text_functions_are_pythons(void **state)
{
    struct fixture *f = *state;
    assert_number(f, "len(t)", 9);
    assert_number(f, "len('a é 中')", 5);
    assert_number(f, "words('a é  中 ')", 3);
    assert_number(f, "words('\xe3\x80\x80')", 0);
    assert_text(f, "lower(t)", "good film");
    assert_text(f, "upper(t + 'ß')", "GOOD FILMSS");
    assert_text(f, "trim('\xc2\xa0 x ')", "x");
    assert_text(f, "t + \"!\" + '\\n\\'\\\"\\\\\\d'", "Good Film!\n'\"\\\\d");
    assert_text(f, "text(n) + text(2) + text(1 > 2) + text('s')", "2.52falses");
    assert_text(f, "text(0.1 + 0.2)", "0.30000000000000004");
    assert_text(f, "text(1e400)", "inf");
    assert_number(f, "number(' 1e3 ')", 1000);
    assert_number(f, "number('.5') + number('5.') + number('+1')", 6.5);
    assert_number(f, "number('-Infinity')", -INFINITY);
    assert_number(f, "number(true) + number(n)", 3.5);
    assert_text(f, "`odd name` + user.name", "oddAnn");
    assert_number(f, "`in` + len", 15);
}

static void upper_case_is_pythons_for_every_character(void **state)
{
    (void)state;
    /* python3 -c "print('ǆßŉ ΐ ﬃ ᾳ և ı ÿ ա'.upper())" */
    const char *text = "ǆßŉ ΐ ﬃ ᾳ և ı ÿ ա a", *expected = "ǄSSʼN Ϊ́ FFI ΑΙ ԵՒ I Ÿ Ա A";
    char out[256];
    assert_true(strlen(text) * 3 <= sizeof out);
    size_t n = sl_expr_upper(sl_str(text), out);
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(out, expected, n);
    /* sum(b * (i + 1) * (c % 1009 + 1) for c in range(0x110000) if not 0xd800 <= c < 0xe000
     *     for i, b in enumerate(chr(c).upper().encode())), in Python 3.11 */
    uint64_t sum = 0;
    for (uint32_t code = 0; code < 0x110000; code++) {
        char one[4];
        if (code >= 0xd800 && code < 0xe000)
            continue;
        size_t length = sl_expr_upper((struct sl_str){ one, sl_utf8_encode(code, one) }, out);
        assert_true(length <= 12);
        for (size_t i = 0; i < length; i++)
            sum += (uint64_t)(unsigned char)out[i] * (i + 1) * (code % 1009 + 1);
    }
    assert_true(sum == UINT64_C(920558253524));
}

static void comparisons_and_lists(void **state)
{
    struct fixture *f = *state;
    static const char *const yes[] = { "1 < 2",
                                       "2 <= 2",
                                       "3 > 2.5",
                                       "n >= 2.5",
                                       "1 == 1.0",
                                       "1 != 2",
                                       "'a' < 'b'",
                                       "'Z' < 'a'",
                                       "'é' > 'z'",
                                       "'a' < 'ab'",
                                       "t == \"Good Film\"",
                                       "true == (1 < 2)",
                                       "false != true",
                                       "n in (1, 2.5)",
                                       "t in ('x', t)",
                                       "3 not in (1, 2)",
                                       "not 3 in (1, 2)",
                                       "1 + 1 == 2 and 2 * 2 == 4",
                                       "contains(t, 'Film')",
                                       "contains(t, '')",
                                       "startswith(t, 'Good')",
                                       "endswith(t, 'Film')",
                                       "matches(t, '^G.*m$')",
                                       "matches(t, \"\\bfilm|Film\\b\")",
                                       "matches('é', '^\\w$')",
                                       "not 1 > 2",
                                       "not not true",
                                       "True",
                                       NULL };
    static const char *const no[] = { "2 < 2",
                                      "'a' == 'A'",
                                      "n not in (2.5)",
                                      "contains(t, 'film')",
                                      "startswith('a', 'ab')",
                                      "endswith('b', 'ab')",
                                      "matches(t, '^Film')",
                                      "true and false",
                                      "not (true or false)",
                                      "false",
                                      NULL };
    assert_truths(f, yes, 't');
    assert_truths(f, no, 'f');
}

static void whatever_is_done_with_a_missing_value_is_missing(void **state)
{
    struct fixture *f = *state;
    static const char *const unknown[] = { "no_number > 1",
                                           "no_number == no_number",
                                           "no_text == ''",
                                           "not no_number > 1",
                                           "no_number in (1, 2)",
                                           "no_number not in (1, 2)",
                                           "contains(no_text, 'x')",
                                           "matches(no_text, 'x')",
                                           "true and no_number > 1",
                                           "false or no_number > 1",
                                           "no_number > 1 and no_number < 1",
                                           "number('abc') > 1",
                                           "number('') == 1",
                                           "number('0x10') == 16",
                                           "number('1_000') > 1",
                                           "number('nan') > 0",
                                           "1 / 0 > 1",
                                           "1 % 0 == 0",
                                           "0 / 0 == 1",
                                           "none",
                                           "none and true",
                                           "not none",
                                           "missing(t) or no_number == 1",
                                           "min(1, no_number) == 1",
                                           "1e400 - 1e400 == 0",
                                           "contains(t, no_text)",
                                           "none + 1 > 0",
                                           NULL };
    static const char *const yes[] = { "missing(no_text)",
                                       "missing(no_number + 1)",
                                       "missing(none)",
                                       "empty(no_text)",
                                       "empty('')",
                                       "empty('  \\t')",
                                       "no_number > 1 or true",
                                       "true or no_number > 1",
                                       "missing(1 / 0)",
                                       "n in (no_number, 2.5)",
                                       "missing(upper(no_text) + 'x')",
                                       NULL };
    static const char *const no[] = { "missing(t)",
                                      "empty(t)",
                                      "no_number > 1 and false",
                                      "false and no_number > 1",
                                      "n in (no_number, 1)",
                                      "not missing(no_number)",
                                      NULL };
    assert_truths(f, unknown, 'm');
    assert_truths(f, yes, 't');
    assert_truths(f, no, 'f');
}

static void the_right_side_is_skipped_when_the_left_one_settles_it(void **state)
{
    struct fixture *f = *state;
    /* The pattern would be stopped with an error. */
    const char *slow = "matches('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX', '^(a|aa|a?)+$')";
    char text[256];
    snprintf(text, sizeof text, "false and %s", slow);
    assert_int_equal(evaluate(f, text).kind, SL_BOOLEAN);
    snprintf(text, sizeof text, "true or %s", slow);
    assert_int_equal(evaluate(f, text).kind, SL_BOOLEAN);
    struct sl_expr *expr = NULL;
    struct sl_value value;
    assert_int_equal(sl_expr_compile(&expr, slow, &f->schema, NULL), SL_OK);
    assert_int_equal(sl_expr_eval(expr, &f->chunk, 0, &f->arena, &value, &f->err), SL_ELIMIT);
    assert_non_null(strstr(f->err.what, "record 0 (line 2"));
    sl_expr_free(expr);
}

struct wrong {
    const char *text;
    int status;
    uint64_t column; /* 1-based byte */
    const char *says;
};

static void what_is_wrong_is_said_with_its_place(void **state)
{
    struct fixture *f = *state;
    static const struct wrong wrongs[] = {
        { "", SL_ESYNTAX, 1, "ends where a value is expected" },
        { "n >", SL_ESYNTAX, 4, "ends where a value is expected" },
        { "n = 1", SL_ESYNTAX, 3, "compare with ==" },
        { "n && t", SL_ESYNTAX, 3, "write and, or, not" },
        { "(n > 1", SL_ESYNTAX, 7, "')' is expected for the '(' of byte 1" },
        { "n > 1)", SL_ESYNTAX, 6, "before ')'" },
        { "n > 1 t", SL_ESYNTAX, 7, "before 't'" },
        { "1 < n < 3", SL_ESYNTAX, 7, "a < b and b < c" },
        { "t == 'abc", SL_ESYNTAX, 6, "never closed" },
        { "`odd", SL_ESYNTAX, 1, "backtick" },
        { "n ? 1", SL_ESYNTAX, 3, "'?' means nothing" },
        { "12abc", SL_ESYNTAX, 1, "backticks" },
        { "and n > 1", SL_ESYNTAX, 1, "'and' stands where a value" },
        { "n in 1", SL_ESYNTAX, 6, "round brackets" },
        { "n in ()", SL_ESYNTAX, 7, "')' stands where a value" },
        { "n in (1", SL_ESYNTAX, 8, "expects ',' or ')'" },
        { "n not 1", SL_ESYNTAX, 7, "'in' is expected" },
        { "lenn(t)", SL_ESYNTAX, 1, "did you mean 'len'" },
        { "foobar(t)", SL_ESYNTAX, 1, "there is no function" },
        { "len()", SL_ESYNTAX, 1, "lacks an argument" },
        { "len(t, t)", SL_ESYNTAX, 1, "too many arguments" },
        { "len(t", SL_ESYNTAX, 6, "expects ',' or ')'" },
        { "contains(t,)", SL_ESYNTAX, 12, "behind the comma" },
        { "matches(t, t)", SL_ESYNTAX, 12, "in quotes" },
        { "matches(t, '(')", SL_EPARAM, 12, "missing closing parenthesis" },
        { "round(n, 1.5)", SL_ESYNTAX, 10, "integer from 0 to 15" },
        { "m > 1", SL_ESCHEMA, 1, "there is no column 'm'" },
        { "usr.name == 'x'", SL_ESCHEMA, 1, "did you mean 'user.name'" },
        { "n == '1'", SL_ESCHEMA, 3, "cannot compare a number with text" },
        { "t + 1 == 'x'", SL_ESCHEMA, 3, "text(x)" },
        { "t * 2 > 1", SL_ESCHEMA, 3, "number(x)" },
        { "n == none", SL_ESCHEMA, 3, "missing(x)" },
        { "n in (1, 'a')", SL_ESCHEMA, 10, "cannot compare" },
        { "true < false", SL_ESCHEMA, 6, "cannot order conditions" },
        { "n and true", SL_ESCHEMA, 3, "works on a condition, not on a number" },
        { "true or t", SL_ESCHEMA, 6, "works on a condition, not on text" },
        { "not n", SL_ESCHEMA, 1, "works on a condition" },
        { "-t > 1", SL_ESCHEMA, 1, "works on a number, not on text" },
        { "len(n)", SL_ESCHEMA, 5, "text(x)" },
        { "abs(t)", SL_ESCHEMA, 5, "number(x)" },
        { "t == '\xff'", SL_ESYNTAX, 7, "UTF-8" },
    };
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        const struct wrong *w = &wrongs[i];
        struct sl_expr *expr = NULL;
        struct sl_error err = SL_ERROR_INIT;
        int status = sl_expr_compile(&expr, w->text, &f->schema, &err);
        bool said = strstr(err.what, w->says) || strstr(err.fix, w->says);
        if (status != w->status || err.column != w->column || !said || !err.fix[0] || expr)
            fail_msg("%s: status %d at %d: %s; %s", w->text, status, (int)err.column, err.what, err.fix);
        assert_int_equal(sl_expr_compile(&expr, w->text, &f->schema, NULL), w->status);
    }
}

static int compile_repeated(struct fixture *f, const char *before, const char *middle, const char *after, size_t n)
{
    struct sl_buf text = { 0 };
    for (size_t i = 0; i < n; i++)
        sl_buf_puts(&text, before);
    sl_buf_puts(&text, middle);
    for (size_t i = 0; i < n; i++)
        sl_buf_puts(&text, after);
    struct sl_expr *expr = NULL;
    int status = sl_expr_compile(&expr, text.p, &f->schema, &f->err);
    struct sl_value value;
    if (status == SL_OK)
        assert_int_equal(sl_expr_eval(expr, &f->chunk, 0, &f->arena, &value, &f->err), SL_OK);
    sl_expr_free(expr);
    sl_buf_release(&text);
    return status;
}

static void depth_and_length_are_limited(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(compile_repeated(f, "(", "n", ")", 64), SL_OK);
    assert_int_equal(compile_repeated(f, "(", "n", ")", 65), SL_ELIMIT);
    assert_int_equal(compile_repeated(f, "not ", "true", "", 64), SL_OK);
    assert_int_equal(compile_repeated(f, "not ", "true", "", 65), SL_ELIMIT);
    assert_int_equal(compile_repeated(f, "-", "n", "", 1000), SL_ELIMIT);
    assert_int_equal(compile_repeated(f, "lower(", "t", ")", 65), SL_ELIMIT);
    assert_int_equal(compile_repeated(f, "true or false and 1 < 1 + 2 * (", "1", ")", 64), SL_ESCHEMA);
    assert_int_equal(compile_repeated(f, "false or true and 1 in (0 + 1 * number(", "1", "))", 40), SL_ELIMIT);
    assert_int_equal(compile_repeated(f, "false or true and 1 in (0 + 1 * number(", "1", "))", 30), SL_OK);
    assert_int_equal(compile_repeated(f, "n+", "n", "", 2000), SL_OK); /* not deep: one behind the other */
    assert_int_equal(compile_repeated(f, "n in (1", "", ",2", 1), SL_ESYNTAX);
    assert_int_equal(compile_repeated(f, "", "n in (1", ",2", 2000), SL_ESYNTAX);
    assert_int_equal(compile_repeated(f, "n+", "n", "", 2100), SL_ELIMIT);
}

static void columns_that_are_used_are_known(void **state)
{
    struct fixture *f = *state;
    struct sl_expr *expr = NULL;
    assert_int_equal(sl_expr_compile(&expr, "len(t) > 3 or n in (1, `in`)", &f->schema, NULL), SL_OK);
    static const bool used[] = { true, true, false, false, false, false, true, false };
    for (size_t c = 0; c < f->schema.n; c++)
        assert_int_equal(sl_expr_uses(expr, c), used[c]);
    sl_expr_free(expr);
    sl_expr_free(NULL);
}

static void encoded_columns_are_refused(void **state)
{
    struct fixture *f = *state;
    struct sl_expr *expr = NULL;
    f->schema.fields[0].type = SL_SPARSE;
    assert_int_equal(sl_expr_compile(&expr, "missing(t)", &f->schema, &f->err), SL_ESCHEMA);
    assert_non_null(strstr(f->err.what, "sparse"));
    f->schema.fields[0].type = SL_TEXT;
}

#define WITH_FIXTURE(test) cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(arithmetic_is_pythons),
        WITH_FIXTURE(text_functions_are_pythons),
        WITH_FIXTURE(upper_case_is_pythons_for_every_character),
        WITH_FIXTURE(comparisons_and_lists),
        WITH_FIXTURE(whatever_is_done_with_a_missing_value_is_missing),
        WITH_FIXTURE(the_right_side_is_skipped_when_the_left_one_settles_it),
        WITH_FIXTURE(what_is_wrong_is_said_with_its_place),
        WITH_FIXTURE(depth_and_length_are_limited),
        WITH_FIXTURE(columns_that_are_used_are_known),
        WITH_FIXTURE(encoded_columns_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
