/* test_predict.c: what is predicted from a session is, byte for byte, what its training saw and said of the same
 * records. */
#include "session_try.h"

#include <stdio.h>
#include <stdlib.h>

#define RECIPE                                                                                         \
    "read csv reviews.csv", "lowercase text", "strip_html text", "drop_missing text", "label verdict", \
        "split test_size=0.3 random_state=5", "tfidf text max_features=30", "standardize stars", "logistic"

static void train(const char *path)
{
    struct sl_session *s = try_open(path);
    try_lines(s, RECIPE, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
}

/* The same training by the engine alone: its test rows and their probabilities. */
struct reference {
    struct sl_arena arena;
    struct sl_pipeline *pipeline;
    struct sl_run *run;
    struct sl_dataset *data;
    struct sl_learner *learner;
    double *probabilities;
    uint32_t *y;
};

static void refer(struct reference *r)
{
    static const char *const lines[] = { RECIPE };
    struct sl_statement statements[16] = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_progress *progress = calloc(1, sizeof *progress);
    size_t n = sizeof lines / sizeof *lines;
    assert_non_null(progress);
    sl_arena_init(&r->arena);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sl_statement_parse(sl_str(lines[i]), NULL, &r->arena, &statements[i], &err), SL_OK);
    if (sl_pipeline_new(&r->pipeline, statements, n, &(struct sl_pipeline_options){ 0 }, &err))
        fail_msg("%s", err.what);
    struct sl_run_options options = { .memory = 64 << 20, .progress = progress };
    if (sl_dataset_new(&r->data, &r->run, r->pipeline, &options, &err))
        fail_msg("%s", err.what);
    struct sl_stage *stage = sl_pipeline_find(r->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    assert_int_equal(class->begin(&r->learner, NULL, stage, r->data, NULL, 0, &err), SL_OK);
    struct sl_point point;
    int status;
    while (!(status = class->step(r->learner, &point, &err)))
        ;
    assert_int_equal(status, SL_EEND);
    assert_int_equal(sl_learner_evaluate(r->learner, &r->data->test, 2, NULL, &r->probabilities, &r->y, &err), SL_OK);
    free(progress);
}

static void forget(struct reference *r)
{
    r->learner->class->free(r->learner);
    sl_dataset_free(r->data);
    sl_run_free(r->run);
    sl_pipeline_free(r->pipeline);
    sl_arena_release(&r->arena);
    free(r->probabilities);
    free(r->y);
}

/* Line number `wanted` (0: the header) of a text. */
static struct sl_str line_of(const char *text, uint64_t wanted)
{
    while (wanted--) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
    }
    return (struct sl_str){ text, strcspn(text, "\n") };
}

/* The test records alone, in the order of the matrix. */
static void write_test_records(const struct reference *r, const char *path)
{
    char *all = try_read("reviews.csv");
    struct sl_buf text = { 0 };
    struct sl_str line = line_of(all, 0);
    sl_buf_add(&text, line.p, line.n);
    for (size_t b = 0; b < r->data->test.n_blocks; b++)
        for (uint32_t i = 0; i < r->data->test.blocks[b].n; i++) {
            line = line_of(all, r->data->test.blocks[b].record[i] + 1);
            sl_buf_putc(&text, '\n');
            sl_buf_add(&text, line.p, line.n);
        }
    sl_buf_putc(&text, '\n');
    try_write(path, text.p);
    sl_buf_release(&text);
    free(all);
}

static char *predict(const char *data, bool features, int threads)
{
    const char *paths[] = { data, NULL };
    struct sl_predict_options options = {
        .session = "a.session", .out = "out.csv", .paths = paths, .threads = threads, .features = features
    };
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    if (sl_predict(&options, NULL, &err))
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    return try_read("out.csv");
}

static void expect_predictions(const struct reference *r, struct sl_buf *out)
{
    sl_buf_puts(out, "record,verdict,p_bad,p_good,note\n");
    for (uint64_t i = 0; i < r->data->test.n; i++) {
        const double *p = r->probabilities + 2 * i;
        sl_buf_printf(out, "%llu,%s,", (unsigned long long)i, p[1] > p[0] ? "good" : "bad");
        sl_buf_number(out, p[0]);
        sl_buf_putc(out, ',');
        sl_buf_number(out, p[1]);
        sl_buf_puts(out, ",\n");
    }
}

static void expect_features(const struct reference *r, struct sl_buf *out)
{
    uint64_t record = 0;
    sl_buf_puts(out, "record,features,note\n");
    for (size_t b = 0; b < r->data->test.n_blocks; b++) {
        const struct sl_rows *rows = &r->data->test.blocks[b];
        for (uint32_t i = 0; i < rows->n; i++, record++) {
            sl_buf_printf(out, "%llu,", (unsigned long long)record);
            for (uint32_t k = rows->start[i]; k < rows->start[i + 1]; k++)
                sl_buf_printf(out, "%s%u:%.9g", k > rows->start[i] ? " " : "", rows->index[k], (double)rows->value[k]);
            sl_buf_puts(out, ",\n");
        }
    }
}

static void predictions_are_those_of_training_to_the_byte(void **state)
{
    (void)state;
    struct reference r = { 0 };
    struct sl_buf expected = { 0 };
    try_reviews("reviews.csv", 900);
    train("a.session");
    refer(&r);
    assert_true(r.data->test.n == 270);
    write_test_records(&r, "test.csv");
    expect_predictions(&r, &expected);
    for (int threads = 1; threads <= 3; threads++) {
        char *got = predict("test.csv", false, threads);
        assert_string_equal(got, expected.p);
        free(got);
    }
    expected.n = 0;
    expect_features(&r, &expected);
    char *got = predict("test.csv", true, 2);
    assert_string_equal(got, expected.p);
    free(got);
    sl_buf_release(&expected);
    forget(&r);
}

static void every_record_has_a_line_that_says_why_it_has_no_prediction(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    train("a.session");
    /* No label, another order of columns, one too many; a record too long, one that is dropped, one without stars. */
    try_write("new.csv", "stars,extra,text\n1,x,great film\n1,x,too,long\n2,x,\n,x,dull story\n3,x,awful film\n");
    char *got = predict("new.csv", false, 1);
    assert_holds(got, "record,verdict,p_bad,p_good,note\n0,good,0.");
    assert_holds(line_of(got, 2).p, "1,,,,");
    assert_holds(line_of(got, 2).p, "4 fields");
    assert_holds(line_of(got, 3).p, "2,,,,dropped by drop_missing\n");
    assert_holds(line_of(got, 4).p, "3,,,,a feature is missing");
    assert_holds(line_of(got, 5).p, "4,bad,0.");
    assert_int_equal(line_of(got, 6).n, 0);
    free(got);
}

static void rejected_records_are_handed_to_the_caller(void **state)
{
    (void)state;
    struct sl_quarantine rejects = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    try_reviews("reviews.csv", 300);
    train("a.session");
    try_write("new.csv", "text,stars\ngreat,1\na,b,c\ndull,2\nd,e,f\n");
    const char *paths[] = { "new.csv", NULL };
    struct sl_predict_options options = { .session = "a.session", .out = "out.csv", .paths = paths };
    assert_int_equal(sl_predict(&options, &rejects, &err), SL_OK);
    assert_int_equal(rejects.total, 2);
    assert_int_equal(rejects.entries[0].origin.record, 1);
    assert_int_equal(rejects.entries[1].origin.line, 5);
    sl_quarantine_release(&rejects);
}

static void prediction_needs_a_model_and_columns_it_knows(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    const char *paths[] = { "reviews.csv", NULL };
    struct sl_predict_options options = { .session = "a.session", .out = "out.csv", .paths = paths };
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", NULL);
    sl_session_close(s);
    assert_int_equal(sl_predict(&options, NULL, &err), SL_ESTATE);
    assert_holds(err.what, "no trained model");
    remove("a.session");
    train("a.session");
    try_write("other.csv", "p,q\n1,2\n");
    paths[0] = "other.csv";
    assert_int_equal(sl_predict(&options, NULL, &err), SL_ESCHEMA);
    assert_holds(err.what, "none of the columns");
    paths[0] = "nowhere.csv";
    assert_int_equal(sl_predict(&options, NULL, &err), SL_EIO);
    options.session = "reviews.csv";
    assert_int_equal(sl_predict(&options, NULL, &err), SL_EFORMAT);
    assert_false(try_exists("out.csv"));
}

static void the_training_data_are_not_needed(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    train("a.session");
    try_write("new.csv", "text,stars\nlovely music,1\n");
    assert_int_equal(remove("reviews.csv"), 0);
    char *got = predict("new.csv", false, 1);
    assert_holds(got, "\n0,good,");
    free(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(predictions_are_those_of_training_to_the_byte),
        TRY(every_record_has_a_line_that_says_why_it_has_no_prediction),
        TRY(rejected_records_are_handed_to_the_caller),
        TRY(prediction_needs_a_model_and_columns_it_knows),
        TRY(the_training_data_are_not_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
