/* trim: the reference is Python's str.strip(). */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void white_space_of_unicode_is_taken_off_both_ends(void **state)
{
    (void)state;
    /* python3 -c "print(repr('\u3000\u00a0 a  b\t\x1c'.strip()))" */
    assert_stage("trim", "t,u\n\"\xe3\x80\x80\xc2\xa0 a  b\t\x1c\",x \n", "t,u\na  b,x\n");
    assert_stage("trim u", "t,u\n x , x \n", "t,u\n x ,x\n");
}

static void text_of_blanks_becomes_empty_and_is_not_missing(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk;
    sl_arena_init(&arena);
    assert_int_equal(try_parse_csv("a,b\n  ,x\n", &arena, &schema, &chunk, NULL), SL_OK);
    struct sl_names none = { 0 };
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("trim")), .params = &none, .in = &schema };
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    assert_int_equal(stage.class->apply(&stage, NULL, &chunk, NULL), SL_OK);
    assert_int_equal(chunk.columns[0].text[0].n, 0);
    assert_true(sl_valid(&chunk.columns[0], 0));
    stage.class->unbind(&stage);
    sl_schema_release(&schema);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(white_space_of_unicode_is_taken_off_both_ends),
        cmocka_unit_test(text_of_blanks_becomes_empty_and_is_not_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
