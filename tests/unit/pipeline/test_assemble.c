/* test_assemble.c: recipes that make no sense are refused, with line, stage and the fix. */
#include "recipe_try.h"

static char path[] = "/tmp/sluice-assemble-XXXXXX.csv";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_reviews(path, 200);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static char *with_read(const char *stages)
{
    static char text[2000];
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    return text;
}

static int assemble(const char *text, struct sl_error *err)
{
    struct recipe recipe;
    struct sl_pipeline *pipeline = NULL;
    struct sl_pipeline_options options = { 0 };
    recipe_parse(&recipe, text);
    *err = (struct sl_error)SL_ERROR_INIT;
    int status = sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, err);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
    return status;
}

static void refuse(const char *text, uint64_t line, const char *stage, const char *what)
{
    struct sl_error err;
    if (!assemble(text, &err))
        fail_msg("accepted:\n%s", text);
    if (!strstr(err.what, what))
        fail_msg("\"%s\" does not say \"%s\"", err.what, what);
    assert_int_equal(err.line, line);
    assert_string_equal(err.stage, stage);
    if (!err.fix[0])
        fail_msg("no fix for: %s", err.what);
}

static void a_fitted_stage_before_the_split_is_refused(void **state)
{
    (void)state;
    refuse(with_read("label mark\ntfidf text\nsplit\nlogistic\n"), 3, "tfidf", "leak");
    refuse(with_read("standardize score\nlabel mark\nsplit\n"), 2, "standardize", "leak");
    refuse(with_read("impute score\nsplit\n"), 2, "impute", "leak");
}

static void a_stage_that_learns_nothing_may_stand_before_the_split(void **state)
{
    (void)state;
    struct sl_error err;
    int status =
        assemble(with_read("impute score strategy=constant fill_value=0\nhashing text n_features=64\nlabel mark\n"
                           "split\nlogistic\n"),
                 &err);
    if (status)
        fail_msg("%s", err.what);
}

static void orders_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    refuse("lowercase text\n", 1, "lowercase", "what to read");
    refuse(with_read("logistic\n"), 2, "logistic", "what to predict");
    refuse(with_read("label mark\nsplit\nsplit\n"), 4, "split", "second time");
    refuse(with_read("label mark\nsplit\ntfidf text\nlogistic\nrandaugment\n"), 6, "randaugment", "behind the learner");
    refuse(with_read("label mark\nlabel text\n"), 3, "label", "second time");
    refuse(with_read("split stratify=true\nlabel mark\n"), 2, "split", "no label");
    refuse(with_read("label mark\nsplit\ntfidf text\nlogistic\nlowercase\n"), 6, "lowercase", "behind the learner");
    refuse(with_read("label mark\nsplit stratify=true\ncount mark text\nlogistic\n"), 4, "count", "column to predict");
    refuse(with_read("label mark\nsplit\nselect text score\ntfidf text\nlogistic\n"), 4, "select", "mark");
}

static void columns_that_do_not_exist_or_fit_are_refused(void **state)
{
    (void)state;
    refuse(with_read("lowercase txt\n"), 2, "lowercase", "txt");
    refuse(with_read("lowercase score\n"), 2, "lowercase", "score");
    refuse(with_read("label mark\nsplit\ntfidf text\nlowercase text\n"), 5, "lowercase", "text");
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct sl_error err;
    assert_int_not_equal(assemble("read csv /nowhere/at/all.csv\n", &err), SL_OK);
    assert_non_null(strstr(err.what, "/nowhere/at/all.csv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fitted_stage_before_the_split_is_refused),
        cmocka_unit_test(a_stage_that_learns_nothing_may_stand_before_the_split),
        cmocka_unit_test(orders_that_make_no_sense_are_refused),
        cmocka_unit_test(columns_that_do_not_exist_or_fit_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
