/* test_html.c: html.unescape() against CPython's answers and a slow reading of its rules.
 *
 * Golden facts: python3 -c 'import html; print(ascii(html.unescape(TEXT)))', Python 3.11. */
#include "engine/base/text_private.h"
#include "tests/unit/base/text_golden.h"

/* Unescape into a block of just the promised size, and compare. */
static void check(const char *text, size_t n, const char *wanted, size_t wanted_n)
{
    char *out = malloc(2 * n + 16), *in = malloc(n + 1);
    assert_non_null(out);
    assert_non_null(in);
    memcpy(in, text, n);
    size_t length = sl_html_unescape(in, n, out);
    if (length != wanted_n || memcmp(out, wanted, length) != 0)
        fail_msg("\"%.*s\" became \"%.*s\", wanted \"%.*s\"", (int)n, text, (int)length, out, (int)wanted_n, wanted);
    free(in);
    free(out);
}

static void the_facts_of_cpython_hold(void **state)
{
    (void)state;
    static const char *facts[][2] = {
        { "", "" },
        { "no reference", "no reference" },
        { "&", "&" },
        { "&;", "&;" },
        { "a & b && c", "a & b && c" },
        { "&amp;", "&" },
        { "&amp", "&" },
        { "&amp;amp;", "&amp;" },
        { "&lt;br /&gt;", "<br />" },
        { "&AMP;&LT;&GT;&QUOT;", "&<>\"" },
        { "&Amp;", "&Amp;" },
        { "&eacute;t&eacute", "\u00e9t\u00e9" },
        { "&notit;", "\u00acit;" },
        { "&notin;", "\u2209" },
        { "&noti", "\u00aci" },
        { "&no", "&no" },
        { "&ampamp;", "&amp;" },
        { "&frac12x", "\u00bdx" },
        { "&thetasym", "&thetasym" },
        { "&thetasym;", "\u03d1" },
        { "&nGt;", "\u226b\u20d2" },
        { "&CounterClockwiseContourIntegral;", "\u2233" },
        { "&CounterClockwiseContourIntegral", "&CounterClockwiseContourIntegral" },
        { "&ThisNameIsFarLongerThanAnyOfTheTable;", "&ThisNameIsFarLongerThanAnyOfTheTable;" },
        { "&ltcaf\u00e9;", "<caf\u00e9;" },
        { "&lt &gt", "< >" },
        { "&#65;&#x41;&#X41;&#65&#x41", "AAAAA" },
        { "&#;&#x;&#xg;&#-1;&# 1;", "&#;&#x;&#xg;&#-1;&# 1;" },
        { "&#0;", "\ufffd" },
        { "&#00000;", "\ufffd" },
        { "&#1;x", "x" },
        { "&#9;&#10;&#12;&#13;", "\t\n\f\r" },
        { "&#11;&#14;&#31;&#127;|", "|" },
        { "&#128;&#150;&#159;", "\u20ac\u2013\u0178" },
        { "&#129;&#x8d;&#x9d;", "\xc2\x81\xc2\x8d\xc2\x9d" },
        { "&#160;", "\u00a0" },
        { "&#xD800;&#xdfff;", "\ufffd\ufffd" },
        { "&#xFDCF;&#xFDD0;&#xFDEF;&#xFDF0;", "\ufdcf\ufdf0" },
        { "&#xFFFD;&#xFFFE;&#xFFFF;", "\ufffd" },
        { "&#x1FFFE;&#x10FFFF;|", "|" },
        { "&#x10FFFD;", "\U0010fffd" },
        { "&#x110000;", "\ufffd" },
        { "&#99999999999999999999999;", "\ufffd" },
        { "&#xFFFFFFFFFFFFFFFFFFFFFFF;", "\ufffd" },
        { "&#4294967361;", "\ufffd" },
        { "&#128512;", "\U0001f600" },
        { "caf\u00e9 &amp; cr\u00e8me", "caf\u00e9 & cr\u00e8me" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        check(facts[i][0], strlen(facts[i][0]), facts[i][1], strlen(facts[i][1]));
}

static void the_golden_file_of_cpython_holds(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/html_unescape.tsv");
    size_t checked = 0;
    while (golden_next(&golden)) {
        if (!sl_str_equal(golden.field[0], SL_STR("text")))
            continue;
        assert_int_equal(golden.n, 3);
        check(golden.field[1].p, golden.field[1].n, golden.field[2].p, golden.field[2].n);
        checked++;
    }
    golden_close(&golden);
    assert_true(checked > 10);
}

static void a_nul_is_text_like_any_other(void **state)
{
    (void)state;
    check("&am\0p;&lt\0", 10, "&am\0p;<\0", 8);
}

static void every_name_of_the_table_is_found_in_just_the_promised_room(void **state)
{
    (void)state;
    size_t loose = 0;
    for (size_t i = 0; i < SL_HTML_ENTITIES; i++) {
        const struct sl_html_entity *entity = &sl_html_entities[i];
        char text[SL_HTML_NAME + 2] = "&";
        assert_int_equal(strlen(entity->name), entity->name_length);
        assert_int_equal(strlen(entity->value), entity->value_length);
        if (i > 0)
            assert_true(strcmp(entity[-1].name, entity->name) < 0);
        memcpy(text + 1, entity->name, entity->name_length);
        check(text, 1u + entity->name_length, entity->value, entity->value_length);
        if (entity->name[entity->name_length - 1] != ';') {
            assert_in_range(entity->name_length, 2, SL_HTML_LOOSE);
            loose++;
        }
    }
    assert_int_equal(loose, 106);
}

/* The longest name that the text begins with, by looking at all of them. */
static size_t reference_name(const char *p, size_t n, struct sl_str *value)
{
    size_t best = 0;
    for (size_t i = 0; i < SL_HTML_ENTITIES; i++) {
        size_t length = sl_html_entities[i].name_length;
        if (length > best && length < n && memcmp(sl_html_entities[i].name, p + 1, length) == 0) {
            best = length;
            *value = (struct sl_str){ sl_html_entities[i].value, sl_html_entities[i].value_length };
        }
    }
    return best ? best + 1 : 0;
}

static void mixed_and_broken_names_read_as_by_the_slow_rule(void **state)
{
    (void)state;
    static const char letters[] = "abcdefgltGTmpnoi;;;&&&&#x120 \t\xc3\xa9";
    uint64_t random = 7;
    for (int round = 0; round < 4000; round++) {
        char text[256], wanted[600];
        size_t n = 0, length = 0;
        for (uint32_t parts = golden_random(&random, 6); parts > 0; parts--) {
            const struct sl_html_entity *entity = &sl_html_entities[golden_random(&random, SL_HTML_ENTITIES)];
            size_t kept = 1 + golden_random(&random, entity->name_length);
            text[n++] = '&';
            memcpy(text + n, entity->name, kept);
            n += kept;
            text[n++] = letters[golden_random(&random, sizeof letters - 1)];
        }
        for (size_t i = 0; i < n;) {
            struct sl_str value = { text + i, 1 };
            size_t taken = text[i] == '&' ? reference_name(text + i, n - i, &value) : 0;
            memcpy(wanted + length, value.p, value.n);
            length += value.n;
            i += taken ? taken : 1;
        }
        if (!memmem(text, n, "&#", 2))
            check(text, n, wanted, length);
    }
}

static void any_bytes_stay_within_the_promised_room(void **state)
{
    (void)state;
    static const char *pieces[] = {
        "&", "#", "x", "0", "9", "f", ";", "&#0", "&#1", "&nGt;", "&lt", "\xff", "&#x80", ""
    };
    enum { PIECES = sizeof pieces / sizeof pieces[0] };
    uint64_t random = 99;
    for (int round = 0; round < 20000; round++) {
        char text[64];
        size_t n = 0;
        for (uint32_t parts = golden_random(&random, 10); parts > 0; parts--) {
            const char *piece = pieces[golden_random(&random, PIECES)];
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
        char *out = malloc(2 * n + 16), *in = malloc(n + 1);
        assert_non_null(out);
        assert_non_null(in);
        memcpy(in, text, n);
        size_t length = sl_html_unescape(in, n, out);
        assert_true(length <= 2 * n);
        if (!memchr(text, '&', n)) {
            assert_int_equal(length, n);
            assert_memory_equal(out, text, n);
        }
        free(in);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_facts_of_cpython_hold),
        cmocka_unit_test(the_golden_file_of_cpython_holds),
        cmocka_unit_test(a_nul_is_text_like_any_other),
        cmocka_unit_test(every_name_of_the_table_is_found_in_just_the_promised_room),
        cmocka_unit_test(mixed_and_broken_names_read_as_by_the_slow_rule),
        cmocka_unit_test(any_bytes_stay_within_the_promised_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
