/* test_view_step_lines.c: the lines a pane of the Step view is made of: a text before and after folded together by its
 * edits, and plain text folded or cut. */
#include "tui/view_step_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void begin(struct step_lines *lines, int width)
{
    memset(lines, 0, sizeof *lines);
    sl_arena_init(&lines->arena);
    step_lines_begin(lines, width);
}

/* Runs cover both texts without gaps, and what is called the same is. */
static void check_cover(const struct step_both *both)
{
    size_t a = 0, b = 0;
    for (size_t i = 0; i < both->diff.n; i++) {
        const struct diff_run *r = &both->diff.runs[i];
        assert_int_equal(r->a, a);
        assert_int_equal(r->b, b);
        if (r->kind == DIFF_SAME) {
            assert_int_equal(r->a_n, r->b_n);
            assert_memory_equal(both->a.p + a, both->b.p + b, r->a_n);
        }
        a += r->a_n;
        b += r->b_n;
    }
    if (!both->diff.cut) {
        assert_int_equal(a, both->a.n);
        assert_int_equal(b, both->b.n);
    }
}

static void an_edit_stands_before_and_after_and_the_rest_once(void **state)
{
    (void)state;
    struct step_lines lines;
    begin(&lines, 40);
    struct sl_text_edit edit = { 5, 6, 5, 0 };
    step_lines_both(&lines, SL_STR("good.<br />The end"), SL_STR("good.The end"), &edit, 1);
    assert_int_equal(lines.n, 2);
    assert_int_equal(lines.first, 0);
    assert_string_equal(lines.lines[0].label, "before");
    assert_string_equal(lines.lines[1].label, "after");
    assert_true(lines.lines[0].differs && lines.lines[1].differs);
    check_cover(lines.lines[0].both);
    step_lines_release(&lines);
}

static void lines_without_a_difference_stand_once_and_the_first_that_differs_is_known(void **state)
{
    (void)state;
    struct step_lines lines;
    begin(&lines, STEP_LABEL + 10);
    struct sl_text_edit edit = { 30, 1, 30, 1 };
    step_lines_both(&lines, SL_STR("aaaa aaaa aaaa aaaa aaaa aaaa Xaaa aaaa aaaa"),
                    SL_STR("aaaa aaaa aaaa aaaa aaaa aaaa xaaa aaaa aaaa"), &edit, 1);
    size_t differ = 0;
    for (size_t i = 0; i < lines.n; i++) {
        differ += lines.lines[i].differs;
    }
    assert_int_equal(differ, 2);
    assert_true(lines.first > 0 && lines.lines[lines.first].differs && !lines.lines[lines.first - 1].differs);
    step_lines_release(&lines);
}

static void before_and_after_stand_beside_each_other_where_there_is_room(void **state)
{
    (void)state;
    struct step_lines lines;
    begin(&lines, 120);
    struct sl_text_edit edit = { 0, 1, 0, 1 };
    step_lines_both(&lines, SL_STR("A film"), SL_STR("a film"), &edit, 1);
    assert_int_equal(lines.n, 1);
    assert_int_equal(lines.lines[0].side, 2);
    step_lines_release(&lines);
}

/* Edits that do not belong to these texts must not lead outside of them. */
static void edits_of_other_texts_are_survived(void **state)
{
    (void)state;
    static const struct sl_text_edit wrong[][2] = {
        { { 100, 5, 100, 5 }, { 0 } },      { { 3, 900, 3, 1 }, { 0 } },        { { 2, 1, 2, 900 }, { 4, 1, 4, 1 } },
        { { 4, 1, 4, 1 }, { 2, 1, 2, 1 } }, { { 0, 8, 0, 0 }, { 8, 1, 0, 1 } },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct step_lines lines;
        begin(&lines, 40);
        step_lines_both(&lines, SL_STR("abcdefgh"), SL_STR("abcdefgh"), wrong[i], 2);
        for (size_t k = 0; k < lines.n && lines.lines[k].both; k++) {
            const struct diff_run *last = &lines.lines[k].both->diff.runs[lines.lines[k].both->diff.n - 1];
            assert_true(last->a + last->a_n <= 8 && last->b + last->b_n <= 8);
        }
        step_lines_release(&lines);
    }
}

static void a_long_text_is_cut_between_characters_and_says_so(void **state)
{
    (void)state;
    struct step_lines lines;
    struct sl_buf text = { 0 };
    for (int i = 0; i < 40000; i++) {
        sl_buf_puts(&text, "é ");
    }
    begin(&lines, 60);
    struct sl_text_edit edit = { 0, 2, 0, 2 };
    struct sl_str whole = { text.p, text.n };
    step_lines_both(&lines, whole, whole, &edit, 1);
    const struct step_both *both = lines.lines[0].both;
    assert_non_null(both);
    assert_true(both->diff.cut);
    const struct diff_run *last = &both->diff.runs[both->diff.n - 1];
    assert_true(((unsigned char)text.p[last->a + last->a_n] & 0xc0) != 0x80);
    assert_null(lines.lines[lines.n - 1].both); /* the line that tells how much is left */
    step_lines_release(&lines);
    sl_buf_release(&text);
}

static void text_is_folded_and_cut_at_the_lines_asked_for(void **state)
{
    (void)state;
    struct step_lines lines;
    begin(&lines, 20);
    struct sl_str text = SL_STR("one two three four five six seven eight nine ten eleven twelve");
    step_lines_fold(&lines, 0, STYLE_NORMAL, NULL, text, 0);
    assert_int_equal(lines.n, 4);
    step_lines_begin(&lines, 20);
    step_lines_fold(&lines, 0, STYLE_NORMAL, "label", text, 2);
    assert_int_equal(lines.n, 2);
    assert_string_equal(lines.lines[0].label, "label");
    assert_null(lines.lines[1].label);
    assert_int_equal(lines.lines[1].pieces, 2); /* text, and the mark of being cut */
    step_lines_release(&lines);
}

static void tiles_stand_beside_each_other_with_their_words_under_them(void **state)
{
    (void)state;
    struct step_lines lines = { 0 };
    sl_arena_init(&lines.arena);
    const uint8_t pixels[3] = { 1, 2, 3 };
    const struct picture picture = { .height = 1, .breadth = 1, .channels = 3, .pixels = pixels };
    struct step_tile tiles[STEP_ABREAST];
    for (int i = 0; i < STEP_ABREAST; i++)
        tiles[i] = (struct step_tile){ &picture, "title", SL_STR("these words take more than one line of a tile") };
    for (int width = 1; width < 300; width += 7) {
        step_lines_begin(&lines, width);
        step_lines_tiles(&lines, tiles, STEP_ABREAST);
        int across = step_lines_abreast(&lines), right = 0;
        assert_in_range(across, 1, STEP_ABREAST);
        assert_true(lines.n > 2);
        assert_int_equal(lines.lines[0].pieces, across);
        for (int i = 0; i < STEP_ABREAST; i++) {
            const struct picture_row *row = &lines.lines[1].picture[i];
            assert_int_equal(row->of != NULL, i < across);
            if (row->of) {
                assert_true(row->x >= right && row->x + row->w <= lines.width);
                right = row->x + row->w;
            }
        }
        assert_true(lines.lines[lines.n - 1].pieces > 0);
        assert_null(lines.lines[lines.n - 1].picture[0].of);
    }
    step_lines_release(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_edit_stands_before_and_after_and_the_rest_once),
        cmocka_unit_test(lines_without_a_difference_stand_once_and_the_first_that_differs_is_known),
        cmocka_unit_test(before_and_after_stand_beside_each_other_where_there_is_room),
        cmocka_unit_test(edits_of_other_texts_are_survived),
        cmocka_unit_test(a_long_text_is_cut_between_characters_and_says_so),
        cmocka_unit_test(text_is_folded_and_cut_at_the_lines_asked_for),
        cmocka_unit_test(tiles_stand_beside_each_other_with_their_words_under_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
