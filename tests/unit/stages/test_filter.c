/* filter: what stays, what is refused. The language itself is tested in test_expr.c. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void records_stay_when_the_condition_is_true(void **state)
{
    (void)state;
    assert_stage("filter n >= 2 and t != \"x y\"", "t,n\nx y,3\na,2\nb,1\nc,\n", "t,n\na,2\n");
    assert_stage("filter true", "t\na\n", "t\na\n");
    assert_stage("filter false", "t\na\n", "t\n");
}

static void a_missing_condition_is_not_true(void **state)
{
    (void)state;
    assert_stage("filter n != 1", "t,n\na,\nb,2\n", "t,n\nb,2\n");
    assert_stage("filter not n == 1", "t,n\na,\nb,2\n", "t,n\nb,2\n");
    assert_stage("filter missing(n) or n == 2", "t,n\na,\nb,2\nc,3\n", "t,n\na,\nb,2\n");
}

static void what_is_no_condition_is_refused(void **state)
{
    (void)state;
    assert_refused("filter n + 1", "t,n\na,1\n", NULL, SL_ESCHEMA, "not a condition");
    assert_refused("filter n > \"1\"", "t,n\na,1\n", NULL, SL_ESCHEMA, "number(x)");
    assert_refused("filter m > 1", "t,nn\na,1\n", NULL, SL_ESCHEMA, "there is no column 'm'");
    assert_refused("filter n = 1", "t,n\na,1\n", NULL, SL_ESYNTAX, "==");
    assert_refused("filter", "t,n\na,1\n", NULL, SL_EPARAM, "condition");
}

static void a_condition_on_the_target_keeps_all_when_predicting(void **state)
{
    (void)state;
    struct try_options training = { .target = "y" }, predicting = { .target = "y", .predicting = true };
    const char *csv = "t,y\na,1\nb,2\nc,\n";
    assert_stage_with("filter y == 2", csv, &training, "t,y\nb,2\n");
    assert_stage_with("filter y == 2", csv, &predicting, csv);
    assert_stage_with("filter t == \"b\"", csv, &predicting, "t,y\nb,2\n");
}

static void a_runaway_pattern_names_the_record(void **state)
{
    (void)state;
    assert_refused("filter matches(t, \"^(a|aa|a?)+$\")",
                   "t\nb\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX\n", NULL, SL_ELIMIT,
                   "record 1 (line 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_stay_when_the_condition_is_true),
        cmocka_unit_test(a_missing_condition_is_not_true),
        cmocka_unit_test(what_is_no_condition_is_refused),
        cmocka_unit_test(a_condition_on_the_target_keeps_all_when_predicting),
        cmocka_unit_test(a_runaway_pattern_names_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
