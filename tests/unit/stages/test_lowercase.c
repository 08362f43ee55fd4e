/* lowercase: the reference is Python's str.lower(). */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void letters_of_all_scripts_become_lower_case(void **state)
{
    (void)state;
    /* python3 -c "print('ÄÖÜ ΣΊΣΥΦΟΣ İ ДА'.lower())" */
    assert_stage("lowercase t", "t\nÄÖÜ ΣΊΣΥΦΟΣ İ ДА\n", "t\näöü σίσυφος i̇ да\n");
}

static void without_columns_all_text_but_the_target_changes(void **state)
{
    (void)state;
    struct try_options options = { .target = "label" };
    assert_stage_with("lowercase", "a,n,b,label\nX,1,Y,POS\n", &options, "a,n,b,label\nx,1,y,POS\n");
    assert_stage_with("lowercase label", "a,label\nX,POS\n", &options, "a,label\nX,pos\n");
}

static void an_unchanged_cell_keeps_its_very_span(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk, after;
    sl_arena_init(&arena);
    assert_int_equal(try_parse_csv("a,b\nsame é,done\nDone,done\nNA,done\n", &arena, &schema, &chunk, NULL), SL_OK);
    struct sl_names none = { 0 };
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("lowercase")), .params = &none, .in = &schema };
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    assert_int_equal(sl_chunk_share(&after, &chunk, NULL), SL_OK);
    assert_int_equal(stage.class->apply(&stage, NULL, &after, NULL), SL_OK);
    assert_ptr_equal(after.columns[0].text[0].p, chunk.columns[0].text[0].p);
    assert_ptr_not_equal(after.columns[0].text[1].p, chunk.columns[0].text[1].p);
    assert_memory_equal(chunk.columns[0].text[1].p, "Done", 4);
    assert_memory_equal(after.columns[0].text[1].p, "done", 4);
    assert_ptr_equal(after.columns[1].text, chunk.columns[1].text);
    stage.class->unbind(&stage);
    sl_schema_release(&schema);
    sl_arena_release(&arena);
}

static void a_wrong_column_is_refused_with_what_to_do(void **state)
{
    (void)state;
    assert_refused("lowercase revew", "review,n\nx,1\n", NULL, SL_ESCHEMA, "did you mean 'review'");
    assert_refused("lowercase n", "review,n\nx,1\n", NULL, SL_ESCHEMA, "text=");
    assert_refused("lowercase", "n\n1\n", NULL, SL_ESCHEMA, "no text column");
    assert_refused("lowercase a a", "a\nx\n", NULL, SL_ESCHEMA, "named twice");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_of_all_scripts_become_lower_case),
        cmocka_unit_test(without_columns_all_text_but_the_target_changes),
        cmocka_unit_test(an_unchanged_cell_keeps_its_very_span),
        cmocka_unit_test(a_wrong_column_is_refused_with_what_to_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
