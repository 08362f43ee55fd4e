/* select: columns and their order. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void columns_come_out_as_named(void **state)
{
    (void)state;
    assert_stage("select c a", "a,b,c\n1,x,\n2,y,z\n", "c,a\n,1\nz,2\n");
    assert_stage("select \"first, last\"", "\"first, last\",n\nAda,1\n", "\"first, last\"\nAda\n");
}

static void unknown_or_repeated_columns_are_refused(void **state)
{
    (void)state;
    assert_refused("select a d", "a,b,c\n1,x,\n", NULL, SL_ESCHEMA, "the columns are: a, b, c");
    assert_refused("select a a", "a,b\n1,x\n", NULL, SL_ESCHEMA, "named twice");
    assert_refused("select", "a,b\n1,x\n", NULL, SL_EPARAM, "columns");
}

static void what_is_known_of_a_column_goes_with_it(void **state)
{
    (void)state;
    struct sl_schema in = { 0 }, out = { 0 };
    assert_int_equal(sl_schema_add(&in, SL_STR("a"), SL_TEXT, NULL), SL_OK);
    assert_int_equal(sl_schema_add(&in, SL_STR("v"), SL_SPARSE, NULL), SL_OK);
    in.fields[1].width = 7;
    in.fields[1].encoded = true;
    assert_int_equal(sl_schema_copy(&out, &in, NULL), SL_OK);
    char *name = "v";
    struct sl_names names = { &name, 1 };
    struct sl_stage stage = { .class = sl_stage_find(SL_STR("select")), .params = &names, .in = &in };
    assert_int_equal(stage.class->bind(&stage, &in, &out, NULL), SL_OK);
    assert_int_equal(out.n, 1);
    assert_int_equal(out.fields[0].width, 7);
    assert_true(out.fields[0].encoded);
    stage.class->unbind(&stage);
    sl_schema_release(&in);
    sl_schema_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_come_out_as_named),
        cmocka_unit_test(unknown_or_repeated_columns_are_refused),
        cmocka_unit_test(what_is_known_of_a_column_goes_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
