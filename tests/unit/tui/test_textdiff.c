/* test_textdiff.c: differences of texts: they cover both, say the truth, and are no longer than they must be. */
#include "tui/textdiff.h"

#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

static void compare(struct textdiff *diff, const char *a, const char *b)
{
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(textdiff_new(diff, sl_str(a), sl_str(b), &err), SL_OK);
}

/* Runs follow each other over both texts, neighbours differ in kind, and equal ones are equal. */
static void check_runs(const struct textdiff *diff, struct sl_str a, struct sl_str b)
{
    size_t at_a = 0, at_b = 0;
    for (size_t i = 0; i < diff->n; i++) {
        const struct diff_run *run = &diff->runs[i];
        assert_int_equal(run->a, at_a);
        assert_int_equal(run->b, at_b);
        assert_true(run->a_n + run->b_n > 0);
        assert_true(i == 0 || diff->runs[i - 1].kind != run->kind);
        if (run->kind == DIFF_SAME) {
            assert_int_equal(run->a_n, run->b_n);
            assert_memory_equal(a.p + run->a, b.p + run->b, run->a_n);
        }
        at_a += run->a_n;
        at_b += run->b_n;
    }
    assert_int_equal(at_a, a.n);
    assert_int_equal(at_b, b.n);
}

static void equal_texts_have_no_difference(void **state)
{
    (void)state;
    struct textdiff diff;
    size_t a, b;
    compare(&diff, "the same", "the same");
    assert_int_equal(diff.n, 1);
    assert_int_equal(diff.runs[0].kind, DIFF_SAME);
    assert_false(textdiff_first(&diff, &a, &b));
    textdiff_release(&diff);
    compare(&diff, "", "");
    assert_int_equal(diff.n, 0);
    textdiff_release(&diff);
}

static void removed_tags_are_one_run_each(void **state)
{
    (void)state;
    struct textdiff diff;
    const char *raw = "great!<br /><br />Watch <i>it</i>", *clean = "great!Watch it";
    compare(&diff, raw, clean);
    check_runs(&diff, sl_str(raw), sl_str(clean));
    assert_int_equal(diff.n, 6);
    assert_int_equal(diff.runs[1].kind, DIFF_OTHER);
    assert_int_equal(diff.runs[1].a, 6);
    assert_int_equal(diff.runs[1].a_n, 12);
    assert_int_equal(diff.runs[1].b_n, 0);
    size_t a = 0, b = 0;
    assert_true(textdiff_first(&diff, &a, &b));
    assert_int_equal(a, 6);
    assert_int_equal(b, 6);
    textdiff_release(&diff);
}

static void letters_that_changed_case_answer_to_each_other(void **state)
{
    (void)state;
    struct textdiff diff;
    const char *raw = "I LOVED it. Ünder ΟΔΟΣ", *clean = "i loved it. ünder οδος";
    compare(&diff, raw, clean);
    check_runs(&diff, sl_str(raw), sl_str(clean));
    for (size_t i = 0; i < diff.n; i++) {
        assert_int_not_equal(diff.runs[i].kind, DIFF_OTHER);
    }
    assert_int_equal(diff.runs[0].kind, DIFF_CASE);
    assert_int_equal(diff.runs[0].a_n, 1);
    assert_int_equal(diff.runs[2].a_n, 5); /* LOVED */
    textdiff_release(&diff);
}

static void one_empty_text_is_one_difference(void **state)
{
    (void)state;
    struct textdiff diff;
    compare(&diff, "gone", "");
    assert_int_equal(diff.n, 1);
    assert_int_equal(diff.runs[0].kind, DIFF_OTHER);
    assert_int_equal(diff.runs[0].a_n, 4);
    textdiff_release(&diff);
    compare(&diff, "", "new");
    assert_int_equal(diff.runs[0].b_n, 3);
    textdiff_release(&diff);
}

/* A boundary of runs lies before a whole character that is no mark. */
static void check_boundary(struct sl_str s, size_t at)
{
    if (at < s.n && (unsigned char)s.p[at] >= 0x80) {
        size_t length;
        assert_true(((unsigned char)s.p[at] & 0xc0) != 0x80);
        assert_true(sl_utf8_width(sl_utf8_decode(s.p + at, s.n - at, &length)) != 0);
    }
}

static void characters_are_not_torn_from_their_accents(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        { "re\u0301sume\u0301", "resume" }, { "caf\u00e9", "caf\u00e8" },       { "日本語", "日木語" },
        { "e\u0301", "e\u0300" },           { "x\U0001f600y", "x\U0001f601y" }, { "a\u0301b", "a\u0301c" },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct textdiff diff;
        struct sl_str a = sl_str(pairs[i][0]), b = sl_str(pairs[i][1]);
        compare(&diff, pairs[i][0], pairs[i][1]);
        check_runs(&diff, a, b);
        for (size_t k = 0; k < diff.n; k++) {
            check_boundary(a, diff.runs[k].a);
            check_boundary(b, diff.runs[k].b);
        }
        textdiff_release(&diff);
    }
}

/* Length of the longest common subsequence, by the table. */
static size_t longest_common(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[65] = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t diagonal = 0;
        for (size_t j = 0; j < m; j++) {
            size_t above = row[j + 1];
            row[j + 1] = a[i] == b[j] ? diagonal + 1 : row[j + 1] > row[j] ? row[j + 1] : row[j];
            diagonal = above;
        }
    }
    return row[m];
}

static void short_texts_get_a_shortest_script(void **state)
{
    (void)state;
    uint32_t random = 7;
    for (int round = 0; round < 3000; round++) {
        char a[64], b[64];
        size_t n = (size_t)(round % 60), m = (size_t)(round * 7 % 60);
        for (size_t i = 0; i < 64; i++) {
            random = random * 1664525u + 1013904223u;
            a[i] = (char)('a' + (random >> 20) % 4);
            b[i] = (char)('a' + (random >> 26) % 4);
        }
        struct textdiff diff;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_str sa = { a, n }, sb = { b, m };
        assert_int_equal(textdiff_new(&diff, sa, sb, &err), SL_OK);
        check_runs(&diff, sa, sb);
        size_t same = 0;
        for (size_t k = 0; k < diff.n; k++) {
            same += diff.runs[k].kind == DIFF_SAME ? diff.runs[k].a_n : 0;
        }
        assert_int_equal(same, longest_common(a, n, b, m));
        textdiff_release(&diff);
    }
}

static void long_unlike_texts_are_compared_within_the_bound(void **state)
{
    (void)state;
    enum { N = 300000 };
    char *a = malloc(N), *b = malloc(N);
    assert_non_null(a);
    assert_non_null(b);
    uint32_t random = 3;
    for (size_t i = 0; i < N; i++) {
        random = random * 1664525u + 1013904223u;
        a[i] = (char)('a' + (random >> 20) % 26);
        b[i] = (char)('a' + (random >> 26) % 26);
    }
    struct textdiff diff;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_str sa = { a, N }, sb = { b, N };
    assert_int_equal(textdiff_new(&diff, sa, sb, &err), SL_OK);
    check_runs(&diff, sa, sb);
    assert_true(diff.cut);
    textdiff_release(&diff);
    /* The same but for one place far inside: found whatever the length. */
    memcpy(b, a, N);
    b[N / 2] = '!';
    assert_int_equal(textdiff_new(&diff, sa, sb, &err), SL_OK);
    check_runs(&diff, sa, sb);
    assert_false(diff.cut);
    assert_int_equal(diff.n, 3);
    assert_int_equal(diff.runs[1].a, N / 2);
    textdiff_release(&diff);
    free(a);
    free(b);
}

static void any_bytes_can_be_compared(void **state)
{
    (void)state;
    uint32_t random = 11;
    for (int round = 0; round < 2000; round++) {
        char a[80], b[80];
        for (size_t i = 0; i < sizeof a; i++) {
            random = random * 1664525u + 1013904223u;
            a[i] = (char)(random >> 24);
            b[i] = random & 0x3000 ? a[i] : (char)(random >> 16);
        }
        struct textdiff diff;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_str sa = { a, (size_t)(round % 80) }, sb = { b, (size_t)(round * 3 % 80) };
        assert_int_equal(textdiff_new(&diff, sa, sb, &err), SL_OK);
        check_runs(&diff, sa, sb);
        textdiff_release(&diff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_texts_have_no_difference),
        cmocka_unit_test(removed_tags_are_one_run_each),
        cmocka_unit_test(letters_that_changed_case_answer_to_each_other),
        cmocka_unit_test(one_empty_text_is_one_difference),
        cmocka_unit_test(characters_are_not_torn_from_their_accents),
        cmocka_unit_test(short_texts_get_a_shortest_script),
        cmocka_unit_test(long_unlike_texts_are_compared_within_the_bound),
        cmocka_unit_test(any_bytes_can_be_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
