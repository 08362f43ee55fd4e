/* replace: the reference is Python's re.sub. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* pattern, with, text, what re.sub makes of it */
struct fact {
    const char *pattern, *with, *text, *expected;
};

/* python3 -c "import re; print(repr(re.sub(PATTERN, WITH, TEXT)))" */
static const struct fact facts[] = {
    { "x*", "-", "abxd", "-a-b--d-" },
    { "", "-", "abc", "-a-b-c-" },
    { "a|", "-", "banana", "-b--n--n--" },
    { "\\b", "|", "hé lo", "|hé| |lo|" },
    { "(a)|(b)", "[\\1\\2]", "abc", "[a][b]c" },
    { "a", "\\g<0>\\g<0>", "aXa", "aaXaa" },
    { "a", "\\n\\t\\\\\\101", "a", "\n\t\\A" },
    { "$", "!", "a\nb\n", "a\nb!\n!" },
    { "(?m)^", "> ", "a\nb", "> a\n> b" },
    { "é*", "-", "éaé", "--a--" },
    { "(?P<y>\\d{4})-(?P<m>\\d\\d)", "\\g<m>/\\g<y>", "on 2024-05 and 2023-11", "on 05/2024 and 11/2023" },
    { "a", "\\é", "a", "\\é" },
    { ".", "x", "a\r\n", "xx\n" },
    { "(a)(b)?", "\\2\\1", "aab", "aba" },
    { "a", "\\300", "a", "À" },
    { "\\d", "N", "\xd9\xa3 3", "N N" },
    { "(?<=a)b", "c", "abb", "acb" },
    { "nothing", "x", "plain", "plain" },
    { "(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)", "\\11\\1", "abcdefghijk", "ka" },
};

static char *run(const struct fact *fact, bool regex, int64_t count, bool ignore_case, struct sl_arena *arena)
{
    struct {
        struct sl_names columns;
        char *pattern, *with;
        bool regex, ignore_case;
        int64_t count;
    } params = { { 0 }, (char *)(uintptr_t)fact->pattern, (char *)(uintptr_t)fact->with, regex, ignore_case, count };
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk;
    void *scratch = NULL;
    assert_int_equal(sl_schema_add(&schema, SL_STR("t"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_chunk_init(&chunk, &schema, 1, arena, NULL), SL_OK);
    chunk.columns[0].text[0] = sl_str(fact->text);
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("replace")), .params = &params, .in = &schema };
    assert_true(stage.class->params_size == sizeof params);
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    assert_int_equal(stage.class->scratch_new(&stage, &scratch, NULL), SL_OK);
    assert_int_equal(stage.class->apply(&stage, scratch, &chunk, NULL), SL_OK);
    stage.class->scratch_free(&stage, scratch);
    stage.class->unbind(&stage);
    struct sl_str cell = chunk.columns[0].text[0];
    if (strcmp(fact->text, fact->expected) == 0) {
        assert_ptr_equal(cell.p, fact->text); /* an unchanged cell is not copied */
    }
    sl_schema_release(&schema);
    return sl_arena_strndup(arena, cell.p, cell.n);
}

static void matches_are_replaced_as_by_re_sub(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct sl_arena arena;
        sl_arena_init(&arena);
        assert_string_equal(run(&facts[i], true, 0, false, &arena), facts[i].expected);
        sl_arena_release(&arena);
    }
}

static void count_limits_the_replacements_of_a_cell(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    /* re.sub('a', 'b', 'aaa', count=2), re.sub('', '-', 'ab', count=2) */
    assert_string_equal(run(&(struct fact){ "a", "b", "aaa", "bba" }, true, 2, false, &arena), "bba");
    assert_string_equal(run(&(struct fact){ "", "-", "ab", "-a-b" }, true, 2, false, &arena), "-a-b");
    sl_arena_release(&arena);
}

static void plain_text_has_no_special_characters(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    /* 'a.c abc'.replace('a.c', '\\1'), and with re.escape and re.IGNORECASE */
    assert_string_equal(run(&(struct fact){ "a.c", "\\1", "a.c abc", "" }, false, 0, false, &arena), "\\1 abc");
    assert_string_equal(run(&(struct fact){ "É(", "x", "é( É(", "" }, false, 0, true, &arena), "x x");
    sl_arena_release(&arena);
}

static void case_may_be_ignored(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    /* re.sub('straße', 'x', 'STRASSE STRAẞE Straße', flags=re.I) */
    assert_string_equal(run(&(struct fact){ "straße", "x", "STRASSE STRAẞE Straße", "" }, true, 0, true, &arena),
                        "STRASSE x x");
    sl_arena_release(&arena);
}

static void a_wrong_pattern_or_replacement_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("replace t pattern='a(b' with=x", "t\nx\n", NULL, SL_EPARAM,
                   "wrong at byte 4: missing closing paren");
    assert_refused("replace t pattern='*' with=x", "t\nx\n", NULL, SL_EPARAM, "pattern");
    assert_refused("replace t pattern=a with='\\1'", "t\nx\n", NULL, SL_EPARAM, "a group that the pattern lacks");
    assert_refused("replace t pattern=a with='\\g<n>'", "t\nx\n", NULL, SL_EPARAM,
                   "a group name that the pattern lacks");
    assert_refused("replace t pattern=a with='x\\q'", "t\nx\n", NULL, SL_EPARAM, "unknown escape at byte 2");
    assert_refused("replace t pattern=a with='\\g<1'", "t\nx\n", NULL, SL_EPARAM, "\\g without a group");
    assert_refused("replace t pattern=a with='\\477'", "t\nx\n", NULL, SL_EPARAM, "octal");
    assert_refused("replace t pattern=a with='\\'", "t\nx\n", NULL, SL_EPARAM, "nothing behind it");
    assert_refused("replace t with=x", "t\nx\n", NULL, SL_EPARAM, "pattern");
    assert_refused("replace n pattern=a", "t,n\nx,1\n", NULL, SL_ESCHEMA, "text=");
}

static void a_runaway_pattern_stops_and_names_the_record(void **state)
{
    (void)state;
    assert_refused("replace t pattern='^(a|aa|a?)+$' with=x",
                   "t\nok\nfine\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX\n", NULL, SL_ELIMIT,
                   "record 2 (line 4");
}

static void a_deep_match_does_not_overflow_a_stack(void **state)
{
    (void)state;
    enum { N = 300000 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    char *text = malloc(N + 1);
    assert_non_null(text);
    memset(text, 'a', N);
    text[N] = '\0';
    /* re.sub('^(?:a|b)*$', '', 'a' * 300000) is '' */
    assert_string_equal(run(&(struct fact){ "^(?:a|b)*$", "", text, "" }, true, 0, false, &arena), "");
    free(text);
    sl_arena_release(&arena);
}

static void missing_cells_stay_missing(void **state)
{
    (void)state;
    assert_stage("replace pattern='^$' with=x", "t,u\n,a\n", "t,u\n,a\n");
    assert_stage("replace t pattern=a with=b", "t,u\na,a\n", "t,u\nb,a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_are_replaced_as_by_re_sub),
        cmocka_unit_test(count_limits_the_replacements_of_a_cell),
        cmocka_unit_test(plain_text_has_no_special_characters),
        cmocka_unit_test(case_may_be_ignored),
        cmocka_unit_test(a_wrong_pattern_or_replacement_is_refused_with_its_place),
        cmocka_unit_test(a_runaway_pattern_stops_and_names_the_record),
        cmocka_unit_test(a_deep_match_does_not_overflow_a_stack),
        cmocka_unit_test(missing_cells_stay_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
