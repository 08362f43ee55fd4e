/* test_json.c: the JSON scanner accepts what RFC 8259 does, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/data/json.h"

/* One whole value and nothing else? The text is given in memory of its very size, so that a byte read past it is seen.
 */
static bool is_json(struct sl_str text)
{
    char *copy = malloc(text.n ? text.n : 1);
    assert_non_null(copy);
    memcpy(copy, text.p, text.n);
    struct sl_json json;
    struct sl_json_value value;
    sl_json_init(&json, (struct sl_str){ copy, text.n });
    bool ok = sl_json_scan(&json, &value);
    if (!ok) {
        assert_non_null(json.why);
        assert_true(json.at >= copy && json.at <= copy + text.n);
    }
    ok = ok && (sl_json_peek(&json), json.at == json.end);
    free(copy);
    return ok;
}

static void valid_values_are_accepted(void **state)
{
    (void)state;
    static const char *const good[] = {
        "null",
        " true\t",
        "\r\nfalse",
        "0",
        "-0",
        "-0.5e+07",
        "1E-2",
        "123456789012345678901234567890",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "[]",
        "[ ]",
        "{}",
        "[[],{}]",
        "{\"a\":[1,{\"b\":null}],\"a\":2}",
        "[1 , 2]",
        "{\"\":0}",
        "\"a long enough text, with ä and \xf4\x8f\xbf\xbf, to be seen\"",
        "\"\x7f\"",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!is_json(sl_str(good[i]))) {
            fail_msg("refused: %s", good[i]);
        }
    }
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "nul",
        "True",
        "truefalse",
        "NaN",
        "Infinity",
        "-",
        "+1",
        ".5",
        "5.",
        "01",
        "-01",
        "1e",
        "1e+",
        "0x1",
        "1 2",
        "\"",
        "\"abc",
        "\"\\\"",
        "\"\\",
        "\"\\x41\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\ud800\\n\"",
        "\"tab\there\"",
        "\"line\nend\"",
        "'single'",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{",
        "}",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{1:1}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "[1]]",
        "{}}",
        "// no\n1",
        "[1]/**/",
        ("\xef\xbb\xbf"
         "1"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (is_json(sl_str(bad[i]))) {
            fail_msg("accepted: %s", bad[i]);
        }
    }
    assert_false(is_json(SL_STR("1\0")));
    assert_false(is_json(SL_STR("\0")));
    assert_false(is_json(SL_STR("\"a\0b\"")));
}

static void nesting_has_an_explicit_limit(void **state)
{
    (void)state;
    enum { FAR = 100000 };
    char *text = malloc(2 * FAR);
    assert_non_null(text);
    static const unsigned depths[] = { 1, 63, 64, 65, 511, 512, 513, FAR };
    for (size_t k = 0; k < sizeof depths / sizeof *depths; k++) {
        size_t n = depths[k];
        memset(text, '[', n);
        memset(text + n, ']', n);
        assert_int_equal(is_json((struct sl_str){ text, 2 * n }), n <= SL_JSON_DEPTH);
        assert_false(is_json((struct sl_str){ text, n }));
        text[2 * n - 1] = '}';
        assert_false(is_json((struct sl_str){ text, 2 * n }));
    }
    free(text);
}

static void quotes_are_found_wherever_they_stand(void **state)
{
    (void)state;
    static const char odd[] = { '"', '\\', '\n', '\x1f', '\0' };
    char text[64];
    for (size_t n = 0; n < 40; n++) {
        for (size_t at = 0; at < n; at++) {
            for (size_t k = 0; k < sizeof odd; k++) {
                memset(text, (int)(0x20 + at % 2 * 0xa0), sizeof text);
                text[0] = '"';
                text[1 + at] = odd[k];
                text[2 + n] = '"';
                struct sl_json json;
                struct sl_json_value value;
                sl_json_init(&json, (struct sl_str){ text, n + 3 });
                bool ok = sl_json_scan(&json, &value);
                assert_int_equal(ok, odd[k] == '"'); /* ends there; the others are no good here */
                assert_int_equal(json.at - text, odd[k] == '"' ? at + 2 : at + 1);
            }
        }
    }
}

static void escapes_become_the_bytes_they_stand_for(void **state)
{
    (void)state;
    static const struct {
        struct sl_str raw, text;
    } cases[] = {
        { SL_STR("plain"), SL_STR("plain") },
        { SL_STR("\\\"\\\\\\/\\b\\f\\n\\r\\t"), SL_STR("\"\\/\b\f\n\r\t") },
        { SL_STR("\\u0041\\u00e4\\u20AC\\ud83d\\uDE00!"), SL_STR("Aä€😀!") },
        { SL_STR("a\\u0000b"), SL_STR("a\0b") },
        { SL_STR("\\udbff\\udfff"), SL_STR("\xf4\x8f\xbf\xbf") },
        { SL_STR(""), SL_STR("") },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *to = malloc(cases[i].raw.n ? cases[i].raw.n : 1);
        assert_non_null(to);
        size_t n = sl_json_unescape(cases[i].raw, to);
        assert_int_equal(n, cases[i].text.n);
        assert_memory_equal(to, cases[i].text.p, n);
        free(to);
    }
}

static void numbers_read_as_strtod_reads_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "-17",
        "0.1",
        "3.141592653589793",
        "9007199254740992",
        "9007199254740993",
        "123456789.123456789",
        "1e308",
        "1e309",
        "-1e400",
        "1e-400",
        "4.9e-324",
        "2.2250738585072011e-308",
        "0.000000000000000001",
        "1E5",
        "-2.5e-3",
        "100000000000000000000",
        "0.30000000000000004",
        "99999999999999999",
        "1.7976931348623157e308",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double x = sl_json_number(sl_str(texts[i])), y = strtod(texts[i], NULL);
        assert_memory_equal(&x, &y, sizeof x);
    }
    for (unsigned i = 0; i < 100000; i += 7) {
        char text[32];
        int n = snprintf(text, sizeof text, "%u.%03u", i * 31, i % 1000);
        double x = sl_json_number((struct sl_str){ text, (size_t)n }), y = strtod(text, NULL);
        assert_memory_equal(&x, &y, sizeof x);
    }
}

static void whole_numbers_are_exact_up_to_two_to_the_53rd(void **state)
{
    (void)state;
    assert_true(sl_json_exact(SL_STR("0")));
    assert_true(sl_json_exact(SL_STR("-9007199254740992")));
    assert_true(sl_json_exact(SL_STR("9007199254740991")));
    assert_false(sl_json_exact(SL_STR("9007199254740993")));
    assert_false(sl_json_exact(SL_STR("-570301031407624196")));
    struct sl_json json;
    struct sl_json_value value;
    sl_json_init(&json, SL_STR("1.5"));
    assert_true(sl_json_scan(&json, &value) && value.kind == SL_JSON_NUMBER && !value.whole);
    sl_json_init(&json, SL_STR("15"));
    assert_true(sl_json_scan(&json, &value) && value.kind == SL_JSON_NUMBER && value.whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_values_are_accepted),
        cmocka_unit_test(everything_else_is_refused),
        cmocka_unit_test(nesting_has_an_explicit_limit),
        cmocka_unit_test(quotes_are_found_wherever_they_stand),
        cmocka_unit_test(escapes_become_the_bytes_they_stand_for),
        cmocka_unit_test(numbers_read_as_strtod_reads_them),
        cmocka_unit_test(whole_numbers_are_exact_up_to_two_to_the_53rd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
