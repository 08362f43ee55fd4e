/* impute: the fill values of scikit-learn's SimpleImputer. */
#include "encoder_numbers.h"
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void numbers_are_filled_as_by_scikit_learn(void **state)
{
    (void)state;
    assert_numbers_golden("impute", "tests/golden/impute.tsv", 0);
}

static void text_is_filled_with_the_most_frequent_or_a_constant(void **state)
{
    (void)state;
    assert_stage("impute c strategy=most_frequent", "c\nred\nblue\n\nred\n", "c\nred\nblue\nred\nred\n");
    assert_stage("impute c strategy=most_frequent", "c\nred\nblue\n\n", "c\nred\nblue\nblue\n"); /* tied: the least */
    assert_stage("impute c strategy=constant", "c,x\nred,1\n,\n", "c,x\nred,1\nmissing_value,\n");
    assert_stage("impute strategy=constant", "c,x\nred,1\n,\n", "c,x\nred,1\nmissing_value,0\n");
    assert_stage("impute c strategy=constant fill_value=''", "c,x\nred,1\n,2\n", "c,x\nred,1\n,2\n");
}

static void only_what_the_strategy_can_fill_is_taken_by_itself(void **state)
{
    (void)state;
    struct try_options target = { .target = "y" };
    assert_stage_with("impute", "c,x,y\nred,1,1\n,,\n,3,1\n", &target, "c,x,y\nred,1,1\n,2,\n,3,1\n");
    assert_stage("impute strategy=median", "x,y\n1,4\n,\n2,\n10,8\n", "x,y\n1,4\n2,6\n2,6\n10,8\n");
}

static void what_is_learnt_comes_from_the_training_records(void **state)
{
    (void)state;
    struct try_options half = { .fit_half = true };
    assert_stage_with("impute x", "x\n1\n3\n100\n\n", &half, "x\n1\n3\n100\n2\n");
    assert_stage_with("impute x strategy=most_frequent", "x\n1\n3\n3\n\n3\n\n", &half, "x\n1\n3\n3\n3\n3\n3\n");
}

static void a_saved_text_survives_damage(void **state)
{
    (void)state;
    struct encoder e;
    const char *statement = "impute strategy=most_frequent";
    encoder_must_open(&e, statement, "c:text x:number");
    e.chunk[0] = encoder_chunk(&e, 3);
    e.chunks = 1;
    encoder_set_text(&e, &e.chunk[0], 0, 0, "red");
    encoder_set_text(&e, &e.chunk[0], 0, 1, NULL);
    encoder_set_text(&e, &e.chunk[0], 0, 2, "red");
    assert_int_equal(encoder_fit(&e, 1, NULL), SL_OK);
    assert_int_equal(encoder_apply(&e, 1), SL_OK);
    assert_true(sl_str_equal(e.chunk[0].columns[0].text[1], SL_STR("red")));
    struct sl_buf blob = encoder_save(&e);
    encoder_check_damage(statement, "c:text x:number", (struct sl_str){ blob.p, blob.n });
    sl_buf_release(&blob);
    encoder_close(&e);
}

static void what_cannot_be_filled_is_refused(void **state)
{
    (void)state;
    assert_refused("impute c", "c\nred\n\n", NULL, SL_ESCHEMA, "strategy=most_frequent");
    assert_refused("impute strategy=constant fill_value=none_at_all", "x\n1\n\n", NULL, SL_EPARAM, "not a number");
    assert_refused("impute x fill_value=3", "x\n1\n\n", NULL, SL_EPARAM, "strategy=constant");
    struct try_options half = { .fit_half = true };
    assert_refused("impute x", "x,y\n,1\n,2\n3,3\n4,4\n", &half, SL_EDATA, "'x' has no value");
    assert_refused("impute x strategy=median", "x,y\n,1\n,2\n3,3\n4,4\n", &half, SL_EDATA, "'x' has no value");
    assert_refused("impute x strategy=most_frequent", "x,y\n,1\n,2\n3,3\n4,4\n", &half, SL_EDATA, "'x' has no value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_filled_as_by_scikit_learn),
        cmocka_unit_test(text_is_filled_with_the_most_frequent_or_a_constant),
        cmocka_unit_test(only_what_the_strategy_can_fill_is_taken_by_itself),
        cmocka_unit_test(what_is_learnt_comes_from_the_training_records),
        cmocka_unit_test(a_saved_text_survives_damage),
        cmocka_unit_test(what_cannot_be_filled_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
