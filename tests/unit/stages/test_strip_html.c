/* strip_html: tags against Python's re.sub, clean against what a browser shows. */
#include "engine/stages/strip_html_private.h"
#include "stage_try.h"
#include "tests/unit/base/text_golden.h"

static struct sl_str strip_tags(const char *replacement, struct sl_str text, struct sl_arena *arena)
{
    assert_int_equal(sl_strip_tags(sl_str(replacement), arena, &text, NULL), SL_OK);
    return text;
}

static void assert_text(struct sl_str got, struct sl_str expected)
{
    if (!sl_str_equal(got, expected))
        fail_msg("made \"%.*s\", not \"%.*s\"", (int)got.n, got.p, (int)expected.n, expected.p);
}

static void tags_are_taken_out_as_by_re_sub(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/strip_html.tsv");
    size_t n = 0;
    while (golden_next(&golden)) {
        struct sl_arena arena;
        sl_arena_init(&arena);
        assert_text(strip_tags("", golden.field[1], &arena), golden.field[2]);
        sl_arena_release(&arena);
        n++;
    }
    golden_close(&golden);
    assert_true(n >= 20);
}

static void a_replacement_stands_for_each_tag(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    /* re.sub('<[^>]*>', '==', '<a><b>x<c') */
    assert_text(strip_tags("==", SL_STR("<a><b>x<c"), &arena), SL_STR("====x<c"));
    assert_text(strip_tags("long replacement", SL_STR("<>"), &arena), SL_STR("long replacement"));
    sl_arena_release(&arena);
}

static void text_without_a_tag_is_not_copied(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    static const char *const texts[] = { "", "plain", "a < b", "> <", "1 > 0" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sl_str text = sl_str(texts[i]);
        assert_ptr_equal(strip_tags("", text, &arena).p, text.p);
    }
    assert_int_equal(arena.bytes, 0);
    sl_arena_release(&arena);
}

static void many_open_brackets_cost_linear_time(void **state)
{
    (void)state;
    enum { N = 4 << 20 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    char *p = malloc(N);
    assert_non_null(p);
    memset(p, '<', N);
    struct sl_str text = { p, N };
    assert_ptr_equal(strip_tags("", text, &arena).p, p); /* quadratic would take hours */
    p[N - 1] = '>';
    assert_int_equal(strip_tags("", text, &arena).n, 0);
    assert_int_equal(sl_strip_clean(SL_STR(""), &arena, &text, NULL), SL_OK);
    memcpy(p, "<a b=\">\"", 8);
    for (size_t i = 8; i + 8 <= N; i += 8)
        memcpy(p + i, p, 8);
    text = (struct sl_str){ p, N };
    assert_int_equal(sl_strip_clean(SL_STR(""), &arena, &text, NULL), SL_OK);
    free(p);
    sl_arena_release(&arena);
}

static struct sl_str clean(const char *text, struct sl_arena *arena)
{
    struct sl_str cell = sl_str(text);
    assert_int_equal(sl_strip_clean(SL_STR(""), arena, &cell, NULL), SL_OK);
    return cell;
}

static void clean_reads_as_a_browser_does(void **state)
{
    (void)state;
    static const char *const facts[][2] = {
        { "<p>Fish &amp; chips</p>", "Fish & chips" },
        { "a<script>if (1 < 2) x('</b>');</script>b", "ab" },
        { "a<STYLE type='x'>p > a {}</sTyLe >b", "ab" },
        { "a<script src=x>", "a" },
        { "<scripted>x</scripted>", "x" },
        { "a<!-- > <b> -->b", "ab" },
        { "a<!-- never closed", "a" },
        { "a<!-->b<!--->c<!-- x --!>d", "abcd" },
        { "<a title=\"1 > 0\" href='>'>link</a>", "link" },
        { "it's <b>it's</b>", "it's it's" },
        { "1 < 2 and 3 > 2", "1 < 2 and 3 > 2" },
        { "<3 you", "<3 you" },
        { "&lt;b&gt; stays", "<b> stays" },
        { "<!DOCTYPE html><?xml?>x", "x" },
        { "unclosed <b", "unclosed <b" },
        { "<a b=\"never closed>x</a>", "x" },
        { "plain", "plain" },
        { "AT&T", "AT&T" },
        { "", "" },
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct sl_arena arena;
        sl_arena_init(&arena);
        assert_text(clean(facts[i][0], &arena), sl_str(facts[i][1]));
        sl_arena_release(&arena);
    }
}

static void the_stage_takes_modes_and_columns(void **state)
{
    (void)state;
    assert_stage("strip_html", "a,b\n<i>x</i>,<b>y\nNA,z\n", "a,b\nx,y\n,z\n");
    assert_stage("strip_html a mode=clean replacement=-", "a,b\n<i>&eacute;</i>,<b>y\n", "a,b\n-é-,<b>y\n");
    assert_refused("strip_html mode=clan", "a\nx\n", NULL, SL_EPARAM, "did you mean 'clean'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tags_are_taken_out_as_by_re_sub),  cmocka_unit_test(a_replacement_stands_for_each_tag),
        cmocka_unit_test(text_without_a_tag_is_not_copied), cmocka_unit_test(many_open_brackets_cost_linear_time),
        cmocka_unit_test(clean_reads_as_a_browser_does),    cmocka_unit_test(the_stage_takes_modes_and_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
