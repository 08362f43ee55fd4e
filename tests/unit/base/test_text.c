/* test_text.c: lower(), \w, isspace(), strip() and normal forms against CPython's answers and utf8proc's. */
#include "engine/base/text_private.h"
#include "tests/unit/base/text_golden.h"

#include <utf8proc.h>

enum { CODES = 0x110000 };

static bool is_surrogate(uint32_t code)
{
    return code >= 0xd800 && code <= 0xdfff;
}

static void words_and_spaces_are_those_of_cpython(void **state)
{
    (void)state;
    unsigned char *wanted = calloc(CODES, 1);
    assert_non_null(wanted);
    struct golden golden = golden_open("tests/golden/wordchars.txt");
    while (golden_next(&golden)) {
        int flag = sl_str_equal(golden.field[0], SL_STR("word"))    ? 1
                   : sl_str_equal(golden.field[0], SL_STR("space")) ? 2
                                                                    : 0;
        for (long long code = golden_number(&golden, 1, 16); code <= golden_number(&golden, 2, 16); code++)
            wanted[code] |= (unsigned char)flag;
    }
    golden_close(&golden);
    for (uint32_t code = 0; code < CODES; code++) {
        int found = (sl_is_word(code) ? 1 : 0) | (sl_is_space(code) ? 2 : 0);
        if (!is_surrogate(code) && found != wanted[code])
            fail_msg("U+%04X: word and space are %d, wanted %d", (unsigned)code, found, wanted[code]);
    }
    free(wanted);
    assert_false(sl_is_word(CODES));
    assert_false(sl_is_space(UINT32_MAX));
}

/* Lower in blocks of just the promised sizes, by both paths; the result in out. */
static size_t lower_both(const char *p, size_t n, char *out)
{
    char *in = malloc(n + 1), *fast = malloc(3 * n + 16), *plain = malloc(3 * n + 16);
    assert_non_null(in);
    assert_non_null(fast);
    assert_non_null(plain);
    char *exact = in + 1; /* so that a read past the end is seen */
    memcpy(exact, p, n);
    size_t length = sl_text_lower(exact, n, fast), same = sl_text_lower_plain(exact, n, plain);
    assert_int_equal(length, same);
    assert_memory_equal(fast, plain, length);
    assert_true(length <= n + n / 2);
    memcpy(out, fast, length);
    free(in);
    free(fast);
    free(plain);
    return length;
}

static void every_code_point_is_lowered_as_by_cpython(void **state)
{
    (void)state;
    int32_t *delta = calloc(CODES, sizeof *delta);
    assert_non_null(delta);
    struct golden golden = golden_open("tests/golden/lowercase.txt");
    uint64_t checksum = 0, sum = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("checksum")))
            checksum = strtoull(golden.field[1].p, NULL, 10);
        if (!sl_str_equal(golden.field[0], SL_STR("run")))
            continue;
        long long last = golden_number(&golden, 2, 16), step = golden_number(&golden, 3, 10);
        for (long long code = golden_number(&golden, 1, 16); code <= last; code += step ? step : 1)
            delta[code] = (int32_t)golden_number(&golden, 4, 10);
    }
    golden_close(&golden);
    for (uint32_t code = 0; code < CODES; code++) {
        if (is_surrogate(code))
            continue;
        char bytes[4], out[32];
        size_t n = lower_both(bytes, sl_utf8_encode(code, bytes), out), length = 0, k = 0;
        uint32_t first = sl_utf8_decode(out, n, &length);
        if (code != 0x130 && (length != n || first != (uint32_t)((int32_t)code + delta[code])))
            fail_msg("U+%04X became U+%04X, wanted U+%04X", (unsigned)code, (unsigned)first,
                     (unsigned)((int32_t)code + delta[code]));
        for (size_t i = 0; i < n; i += length)
            sum += (code + 1) * (uint64_t)++k * (sl_utf8_decode(out + i, n - i, &length) + 1);
    }
    assert_true(sum == checksum);
    free(delta);
}

static void texts_are_lowered_as_by_cpython(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/tokens.tsv");
    size_t checked = 0;
    while (golden_next(&golden)) {
        if (!sl_str_equal(golden.field[0], SL_STR("text")))
            continue;
        struct sl_str text = golden.field[1], wanted = golden.field[2];
        char *out = malloc(3 * text.n + 16);
        assert_non_null(out);
        size_t n = lower_both(text.p, text.n, out);
        if (!sl_str_equal((struct sl_str){ out, n }, wanted))
            fail_msg("\"%.*s\" became \"%.*s\", wanted \"%.*s\"", (int)text.n, text.p, (int)n, out, (int)wanted.n,
                     wanted.p);
        free(out);
        checked++;
    }
    golden_close(&golden);
    assert_true(checked > 20);
}

/* Facts: python3 -c 'print(ascii(TEXT.lower()))', Python 3.11 */
static void sigma_is_final_by_its_neighbours(void **state)
{
    (void)state;
    static const char *facts[][2] = {
        { "\u03a3", "\u03c3" },
        { "A\u03a3", "a\u03c2" },
        { "A\u03a3B", "a\u03c3b" },
        { "A\u03a3 B", "a\u03c2 b" },
        { " \u03a3", " \u03c3" },
        { "1\u03a3", "1\u03c3" },
        { "A.\u03a3", "a.\u03c2" },
        { "A'\u03a3.", "a'\u03c2." },
        { "A\u03a3.B", "a\u03c3.b" },
        { "A\u03a3-B", "a\u03c2-b" },
        { "A\u00ad\u03a3", "a\u00ad\u03c2" },
        { "\u00ad\u03a3", "\u00ad\u03c3" },
        { "A\u0301\u03a3\u0301", "a\u0301\u03c2\u0301" },
        { "A\u03a3\u0345B", "a\u03c3\u0345b" },
        { "\u02b0\u03a3", "\u02b0\u03c3" },
        { "\u03a3\u03a3", "\u03c3\u03c2" },
        { "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3", "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2" },
        { "\U0001d5a0\u03a3", "\U0001d5a0\u03c2" },
        { "A\U0001d165\u03a3", "a\U0001d165\u03c3" },
        { "A\U0001d167\u03a3", "a\U0001d167\u03c2" },
        { "\u4e00\u03a3", "\u4e00\u03c3" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        char out[128];
        size_t n = lower_both(facts[i][0], strlen(facts[i][0]), out);
        if (!sl_str_equal((struct sl_str){ out, n }, sl_str(facts[i][1])))
            fail_msg("fact %zu: \"%s\" became \"%.*s\", wanted \"%s\"", i, facts[i][0], (int)n, out, facts[i][1]);
    }
}

static void special_letters_change_their_length(void **state)
{
    (void)state;
    char out[64];
    size_t n = lower_both("\u0130STANBUL \u023a\u1e9e\u212a", 18, out);
    assert_int_equal(n, 17);
    assert_memory_equal(out, "i\u0307stanbul \u2c65\u00dfk", 17);
}

/* Letters at every distance from the 8- and 32-byte steps, and invalid bytes, which pass through. */
static void lowering_does_not_depend_on_where_a_letter_stands(void **state)
{
    (void)state;
    static const char *others[][2] = { { "\u00c9", "\u00e9" },
                                       { "\u20ac", "\u20ac" },
                                       { "\u023a", "\u2c65" },
                                       { "\xff", "\xff" },
                                       { "\xe2\x82", "\xe2\x82" } };
    for (size_t which = 0; which < sizeof others / sizeof others[0]; which++) {
        for (size_t at = 0; at < 100; at++) {
            char text[160], wanted[160], out[480];
            size_t n = strlen(others[which][0]), w = strlen(others[which][1]);
            for (size_t i = 0; i < at; i++) {
                text[i] = (char)('@' + i % 28); /* both neighbours of A to Z, too */
                wanted[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
            }
            memcpy(text + at, others[which][0], n);
            memcpy(wanted + at, others[which][1], w);
            memset(text + at + n, 'Q', 40);
            memset(wanted + at + w, 'q', 40);
            assert_int_equal(lower_both(text, at + n + 40, out), at + w + 40);
            assert_memory_equal(out, wanted, at + w + 40);
            assert_int_equal(lower_both(text, at + n, out), at + w);
            assert_memory_equal(out, wanted, at + w);
        }
    }
}

static void both_paths_agree_on_any_bytes(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (int round = 0; round < 20000; round++) {
        char text[200], out[700];
        size_t n = golden_random(&random, sizeof text);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)golden_random(&random, round % 2 ? 256 : 140);
        lower_both(text, n, out);
    }
}

/* Facts: str.strip() */
static void strip_takes_white_space_off_both_ends(void **state)
{
    (void)state;
    static const char *facts[][2] = {
        { "", "" },
        { "a", "a" },
        { " \t\n\v\f\r\x1c\x1d\x1e\x1f", "" },
        { "\u00a0\u2003 a b \u3000\xc2\x85", "a b" },
        { "\u200ba\u200b", "\u200ba\u200b" },
        { "\ufeff a", "\ufeff a" },
        { "\u00e9 ", "\u00e9" },
        { "\u1680\u2028\u2029\u202f\u205f", "" },
        { " \xff ", "\xff" },
        { "a\x80\x80 ", "a\x80\x80" },
        { "\u4e20", "\u4e20" },
        { "\U0001f600 ", "\U0001f600" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        struct sl_str found = sl_text_strip(sl_str(facts[i][0]));
        if (!sl_str_equal(found, sl_str(facts[i][1])))
            fail_msg("fact %zu: \"%.*s\", wanted \"%s\"", i, (int)found.n, found.p, facts[i][1]);
    }
    assert_int_equal(sl_text_strip((struct sl_str){ NULL, 0 }).n, 0);
}

static void check_normal(struct sl_str text, enum sl_normal_form form, bool strip, struct sl_str wanted)
{
    struct sl_arena arena;
    sl_arena_init(&arena);
    struct sl_str out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_text_normalize(text, form, strip, &arena, &out, &err), SL_OK);
    if (!sl_str_equal(out, wanted))
        fail_msg("form %d of \"%.*s\" is \"%.*s\", wanted \"%.*s\"", (int)form, (int)text.n, text.p, (int)out.n, out.p,
                 (int)wanted.n, wanted.p);
    sl_arena_release(&arena);
}

/* Facts: unicodedata.normalize(FORM, TEXT) and scikit-learn's strip_accents_unicode(TEXT) */
static void normal_forms_are_those_of_cpython(void **state)
{
    (void)state;
    static const struct {
        const char *text, *form[4], *stripped;
    } facts[] = {
        { "", { "", "", "", "" }, "" },
        { "plain", { "plain", "plain", "plain", "plain" }, "plain" },
        { "caf\u00e9", { "caf\u00e9", "cafe\u0301", "caf\u00e9", "cafe\u0301" }, "cafe" },
        { "cafe\u0301!", { "caf\u00e9!", "cafe\u0301!", "caf\u00e9!", "cafe\u0301!" }, "cafe!" },
        { "\ufb01x\u00b2", { "\ufb01x\u00b2", "\ufb01x\u00b2", "fix2", "fix2" }, "fix2" },
        { "\u212b", { "\u00c5", "A\u030a", "\u00c5", "A\u030a" }, "A" },
        { "\uac01", { "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8" }, "\u1100\u1161\u11a8" },
        { "\u1100\u1161\u11a8",
          { "\uac01", "\u1100\u1161\u11a8", "\uac01", "\u1100\u1161\u11a8" },
          "\u1100\u1161\u11a8" },
        { "a\u0323\u0307", { "\u1ea1\u0307", "a\u0323\u0307", "\u1ea1\u0307", "a\u0323\u0307" }, "a" },
        { "a\u0307\u0323", { "\u1ea1\u0307", "a\u0323\u0307", "\u1ea1\u0307", "a\u0323\u0307" }, "a" },
        { "\u0958", { "\u0915\u093c", "\u0915\u093c", "\u0915\u093c", "\u0915\u093c" }, "\u0915" },
        { "\u00f8\u0142", { "\u00f8\u0142", "\u00f8\u0142", "\u00f8\u0142", "\u00f8\u0142" }, "\u00f8\u0142" },
        { "\u0301", { "\u0301", "\u0301", "\u0301", "\u0301" }, "" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        for (int form = SL_NFC; form <= SL_NFKD; form++) {
            check_normal(sl_str(facts[i].text), (enum sl_normal_form)form, false, sl_str(facts[i].form[form]));
            check_normal(sl_str(facts[i].text), (enum sl_normal_form)form, true, sl_str(facts[i].stripped));
        }
    }
    check_normal((struct sl_str){ NULL, 0 }, SL_NFC, false, SL_STR(""));
    check_normal(SL_STR("a\xff\xc3"), SL_NFC, false, SL_STR("a\ufffd\ufffd"));
}

static void normal_forms_are_those_of_the_golden_file(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/normalize.tsv");
    size_t checked = 0;
    while (golden_next(&golden)) {
        if (!sl_str_equal(golden.field[0], SL_STR("text")))
            continue;
        assert_int_equal(golden.n, 7);
        for (int form = SL_NFC; form <= SL_NFKD; form++) {
            check_normal(golden.field[1], (enum sl_normal_form)form, false, golden.field[2 + form]);
            check_normal(golden.field[1], (enum sl_normal_form)form, true, golden.field[6]);
        }
        checked++;
    }
    golden_close(&golden);
    assert_true(checked > 10);
}

/* What utf8proc makes of the whole text at once. */
static void check_by_library(struct sl_str text)
{
    static const utf8proc_option_t options[4] = { UTF8PROC_COMPOSE, UTF8PROC_DECOMPOSE,
                                                  UTF8PROC_COMPOSE | UTF8PROC_COMPAT,
                                                  UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT };
    for (int form = SL_NFC; form <= SL_NFKD; form++) {
        utf8proc_uint8_t *wanted = NULL;
        utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text.p, (utf8proc_ssize_t)text.n, &wanted,
                                          options[form] | UTF8PROC_STABLE);
        assert_true(n >= 0);
        check_normal(text, (enum sl_normal_form)form, false, (struct sl_str){ (char *)wanted, (size_t)n });
        free(wanted);
    }
}

static void random_texts_are_normalised_as_by_the_library(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = { { 0x20, 0x7f },       { 0xc0, 0x250 },    { 0x300, 0x370 },
                                          { 0x380, 0x400 },     { 0x900, 0x980 },   { 0x1100, 0x1200 },
                                          { 0x1e00, 0x1f00 },   { 0xac00, 0xac80 }, { 0xf900, 0xfb50 },
                                          { 0x1d15e, 0x1d1c0 }, { 0x3040, 0x30ff } };
    enum { RANGES = sizeof ranges / sizeof ranges[0] };
    uint64_t random = 5;
    for (int round = 0; round < 5000; round++) {
        char text[400];
        size_t n = 0;
        for (uint32_t count = golden_random(&random, 60); count > 0; count--) {
            const uint32_t *range = ranges[golden_random(&random, round % 2 ? RANGES : 3)];
            uint32_t code = range[0] + golden_random(&random, range[1] - range[0]);
            if (utf8proc_category((utf8proc_int32_t)code) != UTF8PROC_CATEGORY_CN)
                n += sl_utf8_encode(code, text + n);
        }
        check_by_library((struct sl_str){ text, n });
    }
}

static void many_marks_are_sorted_by_class_and_stay_in_order(void **state)
{
    (void)state;
    enum { MARKS = 200000 };
    char *text = malloc(1 + 2 * MARKS), *wanted = malloc(1 + 2 * MARKS);
    assert_non_null(text);
    assert_non_null(wanted);
    text[0] = wanted[0] = 'q';
    static const char marks[4][3] = { "\u0301", "\u0300", "\u0323", "\u0331" }; /* the last two are of a lower class */
    uint64_t random = 8;
    size_t n = 1;
    for (size_t i = 0; i < MARKS; i++)
        memcpy(text + 1 + 2 * i, marks[golden_random(&random, 4)], 2);
    for (int low = 1; low >= 0; low--) {
        for (size_t i = 0; i < MARKS; i++) {
            const char *mark = text + 1 + 2 * i;
            bool below = memcmp(mark, marks[2], 2) == 0 || memcmp(mark, marks[3], 2) == 0;
            if (below == low) {
                memcpy(wanted + n, mark, 2);
                n += 2;
            }
        }
    }
    check_normal((struct sl_str){ text, 1 + 2 * MARKS }, SL_NFD, false, (struct sl_str){ wanted, n });
    free(text);
    free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_spaces_are_those_of_cpython),
        cmocka_unit_test(every_code_point_is_lowered_as_by_cpython),
        cmocka_unit_test(texts_are_lowered_as_by_cpython),
        cmocka_unit_test(sigma_is_final_by_its_neighbours),
        cmocka_unit_test(special_letters_change_their_length),
        cmocka_unit_test(lowering_does_not_depend_on_where_a_letter_stands),
        cmocka_unit_test(both_paths_agree_on_any_bytes),
        cmocka_unit_test(strip_takes_white_space_off_both_ends),
        cmocka_unit_test(normal_forms_are_those_of_cpython),
        cmocka_unit_test(normal_forms_are_those_of_the_golden_file),
        cmocka_unit_test(random_texts_are_normalised_as_by_the_library),
        cmocka_unit_test(many_marks_are_sorted_by_class_and_stay_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
