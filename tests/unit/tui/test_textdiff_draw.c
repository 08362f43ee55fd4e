/* test_textdiff_draw.c: where aligned texts are broken into lines, and where they are shown from. */
#include "tui/textdiff_draw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* Break a and b into lines of `width`; checks that nothing is lost, and returns the number of lines. */
static size_t count_lines(const char *a, const char *b, int width, size_t *different)
{
    struct textdiff diff;
    struct diff_place at = { 0 }, from = { 0 };
    size_t lines = 0;
    bool differs;
    assert_int_equal(textdiff_new(&diff, sl_str(a), sl_str(b), NULL), SL_OK);
    *different = 0;
    while (diff_line(&diff, sl_str(a), sl_str(b), width, &at, &differs)) {
        assert_true(at.at[0] > from.at[0] || at.at[1] > from.at[1]);
        assert_true(at.at[0] - from.at[0] <= (size_t)width);
        assert_true(at.at[1] - from.at[1] <= (size_t)width);
        bool equal = at.at[0] - from.at[0] == at.at[1] - from.at[1] &&
                     memcmp(a + from.at[0], b + from.at[1], at.at[0] - from.at[0]) == 0;
        assert_int_equal(equal, !differs);
        *different += differs;
        from = at;
        lines++;
    }
    assert_int_equal(at.at[0], strlen(a));
    assert_int_equal(at.at[1], strlen(b));
    textdiff_release(&diff);
    return lines;
}

static void lines_break_after_blanks(void **state)
{
    (void)state;
    size_t different;
    assert_int_equal(count_lines("one two three four", "one two three four", 9, &different), 3);
    assert_int_equal(different, 0);
    assert_int_equal(count_lines("unbreakable", "unbreakable", 4, &different), 3);
    assert_int_equal(count_lines("", "", 4, &different), 0);
}

static void only_lines_that_differ_say_so(void **state)
{
    (void)state;
    size_t different;
    assert_int_equal(
        count_lines("same words here THEN same words again", "same words here then same words again", 16, &different),
        3);
    assert_int_equal(different, 1);
    count_lines("a<br /><br />b and the rest of it", "ab and the rest of it", 20, &different);
    assert_int_equal(different, 1);
}

static void any_width_loses_nothing(void **state)
{
    (void)state;
    const char *raw = "I LOVED it!<br /><br />Best <b>film</b> of the year, really & truly.\nAgain  and again.";
    const char *clean = "i loved it!best film of the year, really & truly.\nagain  and again.";
    size_t different;
    for (int width = 1; width < 100; width++) {
        assert_true(count_lines(raw, clean, width, &different) >= 2);
        assert_true(different >= 1);
    }
}

static void a_long_text_is_shown_from_its_first_difference(void **state)
{
    (void)state;
    char a[600], b[600];
    struct textdiff diff;
    memset(a, 'x', sizeof a);
    a[599] = '\0';
    memcpy(b, a, sizeof b);
    b[400] = 'y';
    assert_int_equal(textdiff_new(&diff, sl_str(a), sl_str(b), NULL), SL_OK);
    long from = diff_interesting(&diff, sl_str(a), sl_str(b), 40);
    assert_true(from <= 400 && from > 400 - 40);
    assert_int_equal(diff_interesting(&diff, sl_str(a), sl_str(b), 600), 0); /* all of it fits */
    textdiff_release(&diff);
    assert_int_equal(textdiff_new(&diff, sl_str(a), sl_str(a), NULL), SL_OK);
    assert_int_equal(diff_interesting(&diff, sl_str(a), sl_str(a), 40), 0);
    textdiff_release(&diff);
}

static void columns_of_the_alignment_count_the_gaps(void **state)
{
    (void)state;
    struct textdiff diff;
    const char *a = "x<i>word</i>", *b = "xword";
    assert_int_equal(textdiff_new(&diff, sl_str(a), sl_str(b), NULL), SL_OK);
    assert_int_equal(diff_column(&diff, sl_str(a), sl_str(b), 0, 4), 4);
    assert_int_equal(diff_column(&diff, sl_str(a), sl_str(b), 1, 1), 4); /* the w, behind the gap of <i> */
    assert_int_equal(diff_column(&diff, sl_str(a), sl_str(b), 1, 0), 0);
    textdiff_release(&diff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_after_blanks),
        cmocka_unit_test(only_lines_that_differ_say_so),
        cmocka_unit_test(any_width_loses_nothing),
        cmocka_unit_test(a_long_text_is_shown_from_its_first_difference),
        cmocka_unit_test(columns_of_the_alignment_count_the_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
