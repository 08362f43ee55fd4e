/* drop_duplicates: first of equals, over chunks, exactly framed. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_first_of_equal_records_stays_however_chunks_are_cut(void **state)
{
    (void)state;
    const char *csv = "a,n\nx,1\ny,1\nx,1\nx,2\ny,1\nz,\nz,\n", *expected = "a,n\nx,1\ny,1\nx,2\nz,\n";
    for (uint32_t records = 0; records < 8; records++) {
        struct try_options options = { .chunk_records = records };
        assert_stage_with("drop_duplicates", csv, &options, expected);
    }
}

static void only_the_named_columns_count(void **state)
{
    (void)state;
    assert_stage("drop_duplicates a", "a,n\nx,1\nx,2\nX,3\n", "a,n\nx,1\nX,3\n");
    assert_refused("drop_duplicates b", "a,n\nx,1\n", NULL, SL_ESCHEMA, "'b'");
    assert_refused("drop_duplicates keep=last", "a,n\nx,1\n", NULL, SL_EPARAM, "first");
}

static void cells_do_not_run_into_each_other(void **state)
{
    (void)state;
    const char *csv = "a,b\nab,c\na,bc\nabc,\n,abc\n";
    assert_stage("drop_duplicates", csv, csv);
}

static void equal_numbers_are_equal_however_written(void **state)
{
    (void)state;
    assert_stage("drop_duplicates", "n,t\n1.0,x\n1,x\n-0.0,x\n0,x\n", "n,t\n1,x\n-0,x\n");
}

static void a_hundred_thousand_records_are_told_apart(void **state)
{
    (void)state;
    enum { N = 4096, CHUNKS = 25 };
    struct sl_schema schema = { 0 };
    assert_int_equal(sl_schema_add(&schema, SL_STR("n"), SL_NUMBER, NULL), SL_OK);
    struct {
        struct sl_names columns;
        int keep;
    } params = { .keep = 0 };
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("drop_duplicates")), .params = &params, .in = &schema };
    assert_true(stage.class->params_size == sizeof params);
    assert_int_equal(stage.class->bind(&stage, &schema, NULL, NULL), SL_OK);
    void *run = NULL;
    assert_int_equal(stage.class->run_begin(&stage, &run, NULL), SL_OK);
    size_t kept = 0;
    for (uint32_t k = 0; k < 2 * CHUNKS; k++) { /* every number comes twice */
        struct sl_arena arena;
        struct sl_chunk chunk;
        sl_arena_init(&arena);
        assert_int_equal(sl_chunk_init(&chunk, &schema, N, &arena, NULL), SL_OK);
        for (uint32_t i = 0; i < N; i++)
            chunk.columns[0].number[i] = (double)((k % CHUNKS) * N + i);
        assert_int_equal(stage.class->ordered(&stage, run, &chunk, NULL), SL_OK);
        assert_int_equal(chunk.n, k < CHUNKS ? N : 0);
        kept += chunk.n;
        sl_arena_release(&arena);
    }
    assert_int_equal(kept, N * CHUNKS);
    stage.class->run_end(&stage, run);
    stage.class->unbind(&stage);
    sl_schema_release(&schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_equal_records_stays_however_chunks_are_cut),
        cmocka_unit_test(only_the_named_columns_count),
        cmocka_unit_test(cells_do_not_run_into_each_other),
        cmocka_unit_test(equal_numbers_are_equal_however_written),
        cmocka_unit_test(a_hundred_thousand_records_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
