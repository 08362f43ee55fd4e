/* test_screen_cell.c: no text can disturb the screen: every byte sequence becomes cells of known width. */
#include "tui/screen_cell.h"

#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static struct cell first_cell(const char *text, bool ascii)
{
    struct cell cell;
    cell_next(sl_str(text), ascii, &cell);
    return cell;
}

static void plain_letters_are_shown_as_they_are(void **state)
{
    (void)state;
    struct cell cell = first_cell("a", false);
    assert_string_equal(cell.glyph, "a");
    assert_int_equal(cell.bytes, 1);
    assert_int_equal(cell.columns, 1);
    assert_false(cell.symbol);
    assert_string_equal(first_cell("éa", false).glyph, "é");
    assert_int_equal(first_cell("日本", false).columns, 2);
    assert_int_equal(cell_width(SL_STR("naïve 日本"), false), 10);
}

static void control_bytes_become_symbols_of_one_column(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        if ((c >= 0x20 && c < 0x7f) || c >= 0x80) {
            continue;
        }
        char byte = (char)c;
        struct cell cell;
        cell_next((struct sl_str){ &byte, 1 }, false, &cell);
        assert_true(cell.symbol);
        assert_int_equal(cell.columns, 1);
        assert_true((unsigned char)cell.glyph[0] >= 0x80);
        cell_next((struct sl_str){ &byte, 1 }, true, &cell);
        assert_string_equal(cell.glyph, ".");
    }
    assert_string_equal(first_cell("\033[2J", false).glyph, "␛");
    assert_string_equal(first_cell("\xc2\x9b"
                                   "2J",
                                   false)
                            .glyph,
                        "�"); /* the C1 form of the same */
    assert_string_equal(first_cell("\xc2\x9b", true).glyph, ".");
}

static void invalid_utf8_is_replaced_byte_by_byte(void **state)
{
    (void)state;
    static const char *const bad[] = { "\xff", "\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cell cell = first_cell(bad[i], false);
        assert_int_equal(cell.bytes, 1);
        assert_string_equal(cell.glyph, "�");
        assert_true(cell.symbol);
        assert_int_equal(cell_width(sl_str(bad[i]), false), (int)strlen(bad[i]));
    }
}

static void what_turns_or_hides_text_is_shown_as_a_dot(void **state)
{
    (void)state;
    /* Right-to-left override, zero-width joiner, byte order mark, soft hyphen's kin, variation selector, a tag, skin
     * tone. */
    static const char *const hidden[] = {
        "\u202e", "\u200d", "\ufeff", "\u2066", "\ufe0f", "\U000e0041", "\U0001f3fd"
    };
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        struct cell cell = first_cell(hidden[i], false);
        assert_string_equal(cell.glyph, "·");
        assert_int_equal(cell.columns, 1);
        assert_true(cell.symbol);
    }
}

static void a_letter_keeps_two_marks_and_no_more(void **state)
{
    (void)state;
    const char *zalgo = "e\u0301\u0302\u0303\u0304x";
    struct cell cell = first_cell(zalgo, false);
    assert_string_equal(cell.glyph, "e\u0301\u0302");
    assert_int_equal(cell.columns, 1);
    assert_int_equal(cell_width(sl_str(zalgo), false), 4); /* e, two dots, x */
    assert_string_equal(first_cell("\u0301a", false).glyph, "·");
}

static void flags_are_shown_as_their_letters(void **state)
{
    (void)state;
    assert_string_equal(first_cell("\U0001f1e9\U0001f1ea", false).glyph, "D");
    assert_int_equal(cell_width(SL_STR("\U0001f1e9\U0001f1ea"), false), 2);
}

static void ascii_mode_shows_nothing_but_ascii(void **state)
{
    (void)state;
    struct sl_str text = SL_STR("naïve 日本 \u202e\x01\xff€");
    while (text.n) {
        struct cell cell;
        cell_next(text, true, &cell);
        assert_int_equal(strlen(cell.glyph), 1);
        assert_true(cell.glyph[0] >= ' ' && cell.glyph[0] < 0x7f);
        assert_int_equal(cell.columns, 1);
        text.p += cell.bytes;
        text.n -= cell.bytes;
    }
}

static void any_bytes_are_consumed_whole_and_shown_as_valid_text(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        size_t n = 1 + (size_t)round % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            random = random * 1664525u + 1013904223u;
            /* Mostly lead bytes and continuations, where decoding can go wrong. */
            bytes[i] = (char)(random >> 24 & 1 ? random >> 16 : 0x80 | (random >> 16 & 0x7f));
        }
        struct sl_str rest = { bytes, n };
        while (rest.n) {
            struct cell cell;
            cell_next(rest, false, &cell);
            size_t length = strlen(cell.glyph);
            assert_in_range(cell.bytes, 1, rest.n);
            assert_in_range(cell.columns, 1, 2);
            assert_in_range(length, 1, sizeof cell.glyph - 1);
            assert_int_equal(sl_utf8_invalid(cell.glyph, length), length);
            assert_true((unsigned char)cell.glyph[0] >= 0x20 && cell.glyph[0] != 0x7f);
            rest.p += cell.bytes;
            rest.n -= cell.bytes;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_letters_are_shown_as_they_are),
        cmocka_unit_test(control_bytes_become_symbols_of_one_column),
        cmocka_unit_test(invalid_utf8_is_replaced_byte_by_byte),
        cmocka_unit_test(what_turns_or_hides_text_is_shown_as_a_dot),
        cmocka_unit_test(a_letter_keeps_two_marks_and_no_more),
        cmocka_unit_test(flags_are_shown_as_their_letters),
        cmocka_unit_test(ascii_mode_shows_nothing_but_ascii),
        cmocka_unit_test(any_bytes_are_consumed_whole_and_shown_as_valid_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
