/* minmax: the numbers of scikit-learn's MinMaxScaler. */
#include "encoder_numbers.h"
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void columns_are_mapped_as_by_scikit_learn(void **state)
{
    (void)state;
    assert_numbers_golden("minmax", "tests/golden/minmax.tsv", 0);
}

static void the_range_comes_from_the_training_records_alone(void **state)
{
    (void)state;
    struct try_options half = { .fit_half = true };
    assert_stage_with("minmax x", "x\n0\n10\n20\n\n", &half, "x\n0\n1\n2\n\n");
    assert_stage_with("minmax x clip=true", "x\n0\n10\n20\n-5\n", &half, "x\n0\n1\n1\n0\n");
}

static void an_empty_range_is_refused(void **state)
{
    (void)state;
    assert_refused("minmax x feature_range=1,1", "x\n1\n", NULL, SL_EPARAM, "feature_range");
    assert_refused("minmax x", "x,y\n,1\n,2\n", NULL, SL_ESCHEMA, "'x'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_mapped_as_by_scikit_learn),
        cmocka_unit_test(the_range_comes_from_the_training_records_alone),
        cmocka_unit_test(an_empty_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
