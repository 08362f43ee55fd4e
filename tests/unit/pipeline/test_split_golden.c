/* test_split_golden.c: training, validation and test records of a run, stratified or not, against scikit-learn. */
#include "recipe_try.h"
#include "tests/unit/base/text_golden.h"

static char path[] = "/tmp/sluice-split-XXXXXX.csv";

/* A column y: the labels, a digit each. */
static void write_labels(struct sl_str labels)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("x,y\n", file);
    for (size_t i = 0; i < labels.n; i++)
        fprintf(file, "%zu,class %c\n", i, labels.p[i]);
    assert_int_equal(fclose(file), 0);
}

static void check_list(const char *statement, const char *what, const uint64_t *got, uint64_t n, struct sl_str wanted)
{
    const char *p = wanted.p, *rest = wanted.p + wanted.n;
    for (uint64_t i = 0; i < n; i++) {
        char *end;
        unsigned long long row = strtoull(p, &end, 10);
        if (end == p || end > rest || row != got[i])
            fail_msg("%s: %s record %llu is %llu, not %llu", statement, what, (unsigned long long)i,
                     (unsigned long long)got[i], row);
        p = end;
    }
    if (p != rest)
        fail_msg("%s: there are more %s records than %llu", statement, what, (unsigned long long)n);
}

static void check_refused(const struct golden *g, const char *statement, int status, const struct sl_error *err)
{
    bool test = sl_str_equal(g->field[8], SL_STR("test"));
    if (status == SL_OK)
        fail_msg("%s should be refused", statement);
    assert_true(err->what[0] && err->fix[0]);
    assert_int_equal(strstr(err->what, "validation") || strstr(err->fix, "validation") || strstr(err->what, "none"),
                     !test);
    /* which of the two sizes is to blame, unless the classes are */
    if (err->param[0] && strcmp(err->param, "stratify") != 0)
        assert_string_equal(err->param, test ? "test_size" : "validation_size");
}

static bool check_record(const struct golden *g)
{
    char text[300];
    struct recipe recipe;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    bool ok = sl_str_equal(g->field[7], SL_STR("ok"));
    snprintf(text, sizeof text,
             "read csv %s\nlabel y\nsplit test_size=%.*s validation_size=%.*s random_state=%lld shuffle=%s stratify=%s",
             path, (int)g->field[1].n, g->field[1].p, (int)g->field[2].n, g->field[2].p, golden_number(g, 3, 10),
             golden_number(g, 4, 10) ? "true" : "false", golden_number(g, 5, 10) ? "true" : "false");
    write_labels(g->field[6]);
    recipe_parse(&recipe, text);
    const struct sl_run_options options = { .memory = 1 << 24 };
    int status = sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &(struct sl_pipeline_options){ 0 }, &err);
    assert_int_equal(status, SL_OK);
    status = sl_pipeline_run(&run, pipeline, &options, &err);
    if (ok && status)
        fail_msg("%s: %s", text, err.what);
    if (ok) {
        const struct sl_run_result *r = sl_run_result(run);
        check_list(text, "training", r->train_records, r->n_train, g->field[8]);
        check_list(text, "validation", r->validation_records, r->n_validation, g->field[9]);
        check_list(text, "test", r->test_records, r->n_test, g->field[10]);
    } else {
        check_refused(g, text, status, &err);
    }
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
    return ok;
}

static void training_validation_and_test_records_are_those_of_scikit_learn(void **state)
{
    (void)state;
    size_t right = 0, refused = 0;
    struct golden g = golden_open("tests/golden/split_validation.tsv");
    int fd = mkstemps(path, 4);
    assert_true(fd >= 0);
    close(fd);
    while (golden_next(&g))
        *(check_record(&g) ? &right : &refused) += 1;
    golden_close(&g);
    unlink(path);
    assert_true(right >= 60 && refused >= 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(training_validation_and_test_records_are_those_of_scikit_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
