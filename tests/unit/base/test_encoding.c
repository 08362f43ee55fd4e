/* test_encoding.c: guessing an encoding and converting it.
 *
 * Golden facts of Windows-1252: python3 -c 'bytes([B]).decode("cp1252")', with the five bytes it refuses as C1
 * controls. */
#include "engine/base/text_private.h"
#include "tests/unit/base/text_golden.h"

static void check_guess(const char *p, size_t n, enum sl_encoding wanted, size_t wanted_bom)
{
    size_t bom = 99;
    char *exact = malloc(n + 1);
    assert_non_null(exact);
    memcpy(exact, p, n);
    enum sl_encoding encoding = sl_encoding_guess(exact, n, &bom);
    if (encoding != wanted || bom != wanted_bom)
        fail_msg("%zu bytes \"%.*s\": %s with a mark of %zu, wanted %s with %zu", n, (int)n, p,
                 sl_encoding_name(encoding), bom, sl_encoding_name(wanted), wanted_bom);
    free(exact);
}
#define GUESS(literal, wanted, bom) check_guess(literal, sizeof(literal) - 1, wanted, bom)

static void check_convert(enum sl_encoding encoding, const char *p, size_t n, const char *wanted, size_t wanted_n,
                          size_t wanted_used, uint64_t wanted_bad)
{
    struct sl_buf out = { 0 };
    size_t used = 99;
    uint64_t bad = 5; /* counts are added */
    sl_encoding_convert(encoding, p, n, &out, &used, &bad);
    assert_false(out.failed);
    if (out.n != wanted_n || (wanted_n && memcmp(out.p, wanted, wanted_n) != 0))
        fail_msg("%s became \"%.*s\", wanted \"%.*s\"", sl_encoding_name(encoding), (int)out.n, out.n ? out.p : "",
                 (int)wanted_n, wanted);
    assert_int_equal(used, wanted_used);
    assert_int_equal(bad, wanted_bad + 5);
    sl_buf_release(&out);
}
#define CONVERT(encoding, in, wanted, used, bad) \
    check_convert(encoding, in, sizeof(in) - 1, wanted, sizeof(wanted) - 1, used, bad)

static void a_byte_order_mark_decides(void **state)
{
    (void)state;
    GUESS("\xef\xbb\xbfname\n", SL_UTF8, 3);
    GUESS("\xff\xfe"
          "a\0",
          SL_UTF16LE, 2);
    GUESS("\xfe\xff\0a", SL_UTF16BE, 2);
    GUESS("\xff\xfe", SL_UTF16LE, 2);
    GUESS("\xef\xbb\xbf\xff", SL_UTF8, 3);
}

static void without_a_mark_nuls_show_utf16(void **state)
{
    (void)state;
    GUESS("n\0a\0m\0e\0\n\0", SL_UTF16LE, 0);
    GUESS("\0n\0a\0m\0e\0\n", SL_UTF16BE, 0);
    /* Russian, whose units are pairs of ASCII bytes, and Chinese, where only comma and line end have a NUL */
    GUESS("\x34\x04\x30\x04,\0\x3d\x04\x35\x04\x42\x04\n\0", SL_UTF16LE, 0);
    GUESS("\x04\x34\x04\x30\0,\x04\x3d\x04\x35\x04\x42\0\n", SL_UTF16BE, 0);
    GUESS("\x2d\x4e\x87\x65,\0\x00\x4e\x8c\x4e\n\0,\0\n\0\x0b\x4e,\0\n\0", SL_UTF16LE, 0);
    GUESS("\x4e\x2d\x65\x87\0,\x4e\x8c\0\n\x4e\x0b\0,", SL_UTF16BE, 0);
}

static void a_few_nuls_in_utf8_do_not_make_it_utf16(void **state)
{
    (void)state;
    GUESS("a,b\n1,\0\n", SL_UTF8, 0);
    GUESS("name,value\nx,\0 1\ny,\0 2\nz,\0 3\n", SL_UTF8, 0);
    GUESS("\0\0\0\0\0\0\0\0", SL_UTF8, 0);
}

static void valid_utf8_is_utf8_even_when_cut(void **state)
{
    (void)state;
    GUESS("", SL_UTF8, 0);
    GUESS("plain", SL_UTF8, 0);
    GUESS("caf\xc3\xa9", SL_UTF8, 0);
    GUESS("caf\xc3", SL_UTF8, 0);
    GUESS("\xf0\x9f\x98", SL_UTF8, 0);
    GUESS("\xe2\x82", SL_UTF8, 0);
}

static void everything_else_is_latin1(void **state)
{
    (void)state;
    GUESS("caf\xe9 au lait", SL_LATIN1, 0);
    GUESS("caf\xc3( au", SL_LATIN1, 0);
    GUESS("price \xa3", SL_LATIN1, 0);
    GUESS("\xed\xa0\x80 surrogate", SL_LATIN1, 0);
    GUESS("\xf5", SL_LATIN1, 0);
}

static void every_byte_of_latin1_reads_as_windows_1252(void **state)
{
    (void)state;
    static const char *high = "\u20ac\xc2\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\xc2\x8d"
                              "\u017d\xc2\x8f\xc2\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a"
                              "\u0153\xc2\x9d\u017e\u0178";
    char all[256], wanted[512];
    size_t n = 0;
    for (unsigned i = 0; i < 256; i++)
        all[i] = (char)i;
    memcpy(wanted, all, 128);
    n = 128;
    memcpy(wanted + n, high, strlen(high));
    n += strlen(high);
    for (unsigned i = 0xa0; i < 256; i++) {
        wanted[n++] = i < 0xc0 ? '\xc2' : '\xc3';
        wanted[n++] = (char)(0x80 | (i & 63));
    }
    check_convert(SL_LATIN1, all, 256, wanted, n, 256, 0);
    CONVERT(SL_LATIN1, "", "", 0, 0);
}

static void utf16_is_read_in_either_order(void **state)
{
    (void)state;
    CONVERT(SL_UTF16LE, "A\0\xe9\0\xac\x20\x3d\xd8\x00\xde", "A\u00e9\u20ac\U0001f600", 10, 0);
    CONVERT(SL_UTF16BE, "\0A\0\xe9\x20\xac\xd8\x3d\xde\x00", "A\u00e9\u20ac\U0001f600", 10, 0);
    CONVERT(SL_UTF16LE, "\xff\xdb\xff\xdf", "\U0010ffff", 4, 0);
    CONVERT(SL_UTF16LE, "\0\xd8\0\xdc", "\U00010000", 4, 0);
    CONVERT(SL_UTF16LE, "\0\0", "\0", 2, 0);
}

static void a_lone_surrogate_is_replaced_and_counted(void **state)
{
    (void)state;
    CONVERT(SL_UTF16LE, "\0\xdc", "\ufffd", 2, 1);
    CONVERT(SL_UTF16LE, "\0\xd8x\0", "\ufffdx", 4, 1);
    CONVERT(SL_UTF16LE, "\0\xd8\0\xd8\0\xdc", "\ufffd\U00010000", 6, 1);
    CONVERT(SL_UTF16BE, "\xdc\0\xdc\0", "\ufffd\ufffd", 4, 2);
    size_t used = 0;
    struct sl_buf out = { 0 };
    sl_encoding_convert(SL_UTF16LE, "\0\xdc", 2, &out, &used, NULL);
    assert_int_equal(out.n, 3);
    sl_buf_release(&out);
}

static void half_units_are_left_for_the_next_call(void **state)
{
    (void)state;
    CONVERT(SL_UTF16LE, "a", "", 0, 0);
    CONVERT(SL_UTF16LE, "a\0b", "a", 2, 0);
    CONVERT(SL_UTF16LE, "a\0\x3d\xd8", "a", 2, 0);
    CONVERT(SL_UTF16LE, "a\0\x3d\xd8\x00", "a", 2, 0);
    CONVERT(SL_UTF8, "a\xe2\x82", "a", 1, 0);
    CONVERT(SL_UTF8, "\xf0\x9f\x98", "", 0, 0);
}

/* Facts: bytes.decode("utf-8", "replace") */
static void broken_utf8_is_replaced_by_maximal_parts(void **state)
{
    (void)state;
    CONVERT(SL_UTF8, "caf\xc3\xa9", "caf\u00e9", 5, 0);
    CONVERT(SL_UTF8,
            "a\xff"
            "b\x80",
            "a\ufffd"
            "b\ufffd",
            4, 2);
    CONVERT(SL_UTF8, "\xe2\x82x", "\ufffdx", 3, 1);
    CONVERT(SL_UTF8, "\xf0\x9f\x98x", "\ufffdx", 4, 1);
    CONVERT(SL_UTF8, "\xed\xa0\x80.", "\ufffd\ufffd\ufffd.", 4, 3);
    CONVERT(SL_UTF8, "\xf4\x90\x80\x80.", "\ufffd\ufffd\ufffd\ufffd.", 5, 4);
    CONVERT(SL_UTF8, "\xe0\x80.", "\ufffd\ufffd.", 3, 2);
    CONVERT(SL_UTF8, "\xc0\xaf.", "\ufffd\ufffd.", 3, 2);
    CONVERT(SL_ENCODING_AUTO, "ok", "ok", 2, 0);
}

/* However the bytes are cut into calls, the outcome is the same. */
static void text_in_pieces_converts_as_text_in_one(void **state)
{
    (void)state;
    enum { UNITS = 20000 };
    uint64_t random = 3;
    for (int encoding = SL_UTF8; encoding <= SL_UTF16BE; encoding++) {
        char *text = malloc(2 * UNITS);
        assert_non_null(text);
        for (size_t i = 0; i < 2 * UNITS; i += 2) {
            uint32_t unit = golden_random(&random, 3) ? 32 + golden_random(&random, 96)
                                                      : 0xd700 + golden_random(&random, 0xa00);
            text[i + (encoding == SL_UTF16BE)] = (char)unit;
            text[i + (encoding != SL_UTF16BE)] = (char)(unit >> 8);
        }
        struct sl_buf whole = { 0 }, pieces = { 0 };
        uint64_t bad[2] = { 0, 0 };
        size_t used, at = 0, end = 0;
        sl_encoding_convert((enum sl_encoding)encoding, text, 2 * UNITS, &whole, &used, &bad[0]);
        assert_true(used > 2 * UNITS - 4);
        while (end < 2 * UNITS) {
            end += 1 + golden_random(&random, 50);
            end = end < 2 * UNITS ? end : 2 * UNITS;
            size_t taken = 0;
            sl_encoding_convert((enum sl_encoding)encoding, text + at, end - at, &pieces, &taken, &bad[1]);
            assert_true(end - at - taken < 4);
            at += taken;
        }
        assert_int_equal(at, used);
        assert_int_equal(bad[0], bad[1]);
        assert_int_equal(whole.n, pieces.n);
        assert_memory_equal(whole.p, pieces.p, whole.n);
        assert_int_equal(sl_utf8_invalid(whole.p, whole.n), whole.n);
        sl_buf_release(&whole);
        sl_buf_release(&pieces);
        free(text);
    }
}

static void every_encoding_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(sl_encoding_name(SL_ENCODING_AUTO), "auto");
    assert_string_equal(sl_encoding_name(SL_UTF8), "utf-8");
    assert_string_equal(sl_encoding_name(SL_LATIN1), "latin-1");
    assert_string_equal(sl_encoding_name(SL_UTF16LE), "utf-16le");
    assert_string_equal(sl_encoding_name(SL_UTF16BE), "utf-16be");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_byte_order_mark_decides),
        cmocka_unit_test(without_a_mark_nuls_show_utf16),
        cmocka_unit_test(a_few_nuls_in_utf8_do_not_make_it_utf16),
        cmocka_unit_test(valid_utf8_is_utf8_even_when_cut),
        cmocka_unit_test(everything_else_is_latin1),
        cmocka_unit_test(every_byte_of_latin1_reads_as_windows_1252),
        cmocka_unit_test(utf16_is_read_in_either_order),
        cmocka_unit_test(a_lone_surrogate_is_replaced_and_counted),
        cmocka_unit_test(half_units_are_left_for_the_next_call),
        cmocka_unit_test(broken_utf8_is_replaced_by_maximal_parts),
        cmocka_unit_test(text_in_pieces_converts_as_text_in_one),
        cmocka_unit_test(every_encoding_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
