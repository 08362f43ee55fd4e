/* rename: names only. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_name_changes_and_nothing_else(void **state)
{
    (void)state;
    assert_stage("rename b text", "a,b\n1,x\n,\n", "a,text\n1,x\n,\n");
    assert_stage("rename \"a b\" c", "a b\nx\n", "c\nx\n");
    assert_stage("rename a a", "a,b\nx,y\n", "a,b\nx,y\n");
}

static void a_name_that_is_taken_or_unknown_is_refused(void **state)
{
    (void)state;
    assert_refused("rename a b", "a,b\nx,y\n", NULL, SL_ESCHEMA, "already");
    assert_refused("rename revew text", "review,b\nx,y\n", NULL, SL_ESCHEMA, "did you mean 'review'");
    assert_refused("rename a", "a,b\nx,y\n", NULL, SL_EPARAM, "to");
    assert_refused("rename a ''", "a,b\nx,y\n", NULL, SL_EPARAM, "new name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_changes_and_nothing_else),
        cmocka_unit_test(a_name_that_is_taken_or_unknown_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
