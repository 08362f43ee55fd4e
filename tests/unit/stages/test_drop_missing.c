/* drop_missing: any, all, and the target when predicting. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void records_with_any_value_missing_are_dropped(void **state)
{
    (void)state;
    assert_stage("drop_missing", "a,n\nx,1\n,2\ny,\n,\nz,3\n", "a,n\nx,1\nz,3\n");
    assert_stage("drop_missing n", "a,n\nx,1\n,2\ny,\n", "a,n\nx,1\n,2\n");
}

static void how_all_drops_only_records_without_any_value(void **state)
{
    (void)state;
    assert_stage("drop_missing how=all", "a,n\nx,\n,2\n,\n", "a,n\nx,\n,2\n");
    assert_stage("drop_missing a b how=all", "a,b,n\n,y,1\n,,2\n", "a,b,n\n,y,1\n");
}

static void the_target_counts_in_training_and_not_when_predicting(void **state)
{
    (void)state;
    struct try_options training = { .target = "label" }, predicting = { .target = "label", .predicting = true };
    const char *csv = "a,label\nx,pos\ny,\n,neg\n";
    assert_stage_with("drop_missing", csv, &training, "a,label\nx,pos\n");
    assert_stage_with("drop_missing", csv, &predicting, "a,label\nx,pos\ny,\n");
    assert_stage_with("drop_missing label", csv, &predicting, csv);
}

static void bitmaps_longer_than_a_word_are_combined(void **state)
{
    (void)state;
    enum { N = 150 };
    struct sl_arena arena;
    struct sl_schema schema = { 0 };
    struct sl_chunk chunk;
    sl_arena_init(&arena);
    assert_int_equal(sl_schema_add(&schema, SL_STR("a"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&schema, SL_STR("b"), SL_NUMBER, NULL), SL_OK);
    assert_int_equal(sl_chunk_init(&chunk, &schema, N, &arena, NULL), SL_OK);
    size_t kept = 0;
    for (uint32_t i = 0; i < N; i++) {
        chunk.origin[i].record = i;
        if (i % 3 == 0)
            assert_int_equal(sl_chunk_set_missing(&chunk, 0, i, NULL), SL_OK);
        if (i % 5 == 0)
            chunk.columns[1].number[i] = __builtin_nan(""); /* missing by value alone */
        kept += i % 3 && i % 5;
    }
    struct {
        struct sl_names columns;
        int how;
    } params = { .how = 0 };
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("drop_missing")), .params = &params, .in = &schema };
    assert_true(stage.class->params_size == sizeof params);
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    assert_int_equal(stage.class->apply(&stage, NULL, &chunk, NULL), SL_OK);
    assert_int_equal(chunk.n, kept);
    for (uint32_t i = 0; i < chunk.n; i++)
        assert_true(chunk.origin[i].record % 3 && chunk.origin[i].record % 5);
    stage.class->unbind(&stage);
    sl_schema_release(&schema);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_with_any_value_missing_are_dropped),
        cmocka_unit_test(how_all_drops_only_records_without_any_value),
        cmocka_unit_test(the_target_counts_in_training_and_not_when_predicting),
        cmocka_unit_test(bitmaps_longer_than_a_word_are_combined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
