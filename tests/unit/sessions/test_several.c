/* test_several.c: sessions whose recipe has several sources, a label that a source brings along, or a number to
 * predict: edited, trained, predicted with and verified. */
#include "session_try.h"

#include "sluice/verify.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* n records of a line through noise. */
static void write_line(const char *path, int n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("x,z,price\n", file);
    for (int i = 0; i < n; i++)
        fprintf(file, "%d,%d,%.3f\n", i % 17 - 8, i % 5 - 2, 2.0 * (i % 17 - 8) - (i % 5 - 2) + 0.01 * (i % 7));
    assert_int_equal(fclose(file), 0);
}

/* n pictures of 4 × 4 bytes, bright above or below, and which of the two. */
static void write_pictures(const char *images, const char *labels, int n)
{
    FILE *file = fopen(images, "wb"), *answers = fopen(labels, "wb");
    assert_true(file && answers);
    const unsigned char head[16] = { 0, 0, 8, 3, 0, 0, 0, (unsigned char)n, 0, 0, 0, 4, 0, 0, 0, 4 };
    fwrite(head, 1, 16, file);
    fwrite((const unsigned char[]){ 0, 0, 8, 1, 0, 0, 0, (unsigned char)n }, 1, 8, answers);
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < 16; k++)
            fputc((k < 8) == (i % 2 == 0) ? 200 + i % 50 : i % 30, file);
        fputc(i % 2, answers);
    }
    assert_int_equal(fclose(file) | fclose(answers), 0);
}

static void statements_find_their_places(void **state)
{
    (void)state;
    try_reviews("a.csv", 60);
    try_reviews("b.csv", 30);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read a.csv", "label verdict", "mlp", "batch size=8", "hashing text n_features=64",
              "read b.csv as=test", NULL);
    try_recipe(
        s, "read csv a.csv\nread csv b.csv as=test\nlabel verdict\nhashing text n_features=64\nbatch size=8\nmlp\n");
    assert_null(sl_session_problem(s));
    try_refused(s, "insert 4 read csv b.csv", SL_ESCHEMA, "sources come first");
    try_lines(s, "open b.csv", NULL); /* the first source */
    try_recipe(
        s, "read csv b.csv\nread csv b.csv as=test\nlabel verdict\nhashing text n_features=64\nbatch size=8\nmlp\n");
    sl_session_close(s);
}

static void train(const char *path, const char *const *lines)
{
    struct sl_session *s = try_open(path);
    bool begun = false;
    for (; *lines; lines++) {
        begun = strncmp(*lines, "train", 5) == 0; /* the statement begins a training, too */
        try_lines(s, *lines, NULL);
    }
    if (!begun)
        try_lines(s, "train", NULL);
    try_wait(s, SL_JOB_DONE);
    sl_session_close(s);
}

static char *predict(const char *session, const char *data)
{
    const char *paths[] = { data, NULL };
    struct sl_predict_options options = { .session = session, .out = "out.csv", .paths = paths, .threads = 2 };
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    if (sl_predict(&options, NULL, &err))
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    return try_read("out.csv");
}

static void verified(const char *session, const char *const *paths)
{
    struct sl_verified *runs = NULL;
    size_t n = 0;
    struct sl_error err = SL_ERROR_INIT;
    char text[900];
    struct sl_verify_options options = { .session = session, .paths = paths, .threads = 1, .memory = 1 << 28 };
    if (sl_verify(&runs, &n, &options, &err))
        fail_msg("%s", sl_error_format(&err, text, sizeof text));
    assert_int_equal(n, 1);
    for (size_t i = 0; i < runs[0].n_rows; i++)
        if (runs[0].rows[i].agree != runs[0].rows[i].n)
            fail_msg("%s: %s", runs[0].rows[i].what, runs[0].rows[i].where ? runs[0].rows[i].where : "");
    assert_true(runs[0].executed && runs[0].agrees);
    sl_verified_free(runs, n);
}

static void a_test_source_is_trained_beside_and_verified_where_it_is_now(void **state)
{
    (void)state;
    try_reviews("a.csv", 300);
    try_reviews("b.csv", 80);
    train("two.session",
          (const char *const[]){ "read a.csv", "read b.csv as=test", "label verdict", "tfidf text", "logistic", NULL });
    struct sl_session *s = try_open("two.session");
    const struct sl_result *result = sl_session_result(s);
    assert_non_null(result);
    assert_int_equal(result->n_train, 300);
    assert_int_equal(result->n_test, 80);
    assert_true(result->have_test);
    assert_int_equal(sl_session_stage(s, 0)->in, 300);
    assert_int_equal(sl_session_stage(s, 1)->out, 80);
    assert_int_equal(sl_session_stage(s, 2)->in, 380);
    sl_session_close(s);
    verified("two.session", NULL);
    assert_int_equal(rename("a.csv", "moved_a.csv") | rename("b.csv", "moved_b.csv"), 0);
    verified("two.session", (const char *const[]){ "moved_a.csv", "moved_b.csv", NULL });
    char *predictions = predict("two.session", "moved_b.csv");
    assert_int_equal(strncmp(predictions, "record,verdict,p_", 17), 0);
    free(predictions);
}

static void a_label_of_the_source_needs_no_statement(void **state)
{
    (void)state;
    write_pictures("images", "labels", 90);
    write_pictures("more", "more_labels", 20);
    train("p.session",
          (const char *const[]){ "read idx images labels=labels", "read idx more labels=more_labels as=test",
                                 "rescale image scale=1/255", "batch size=10", "mlp hidden=8",
                                 "train epochs=8 learning_rate=0.01 random_state=1", NULL });
    struct sl_session *s = try_open("p.session");
    const struct sl_result *result = sl_session_result(s);
    assert_non_null(result);
    assert_string_equal(result->classes[1], "1");
    assert_int_equal(result->n_test, 20);
    assert_true(result->test.accuracy > 0.9);
    static const int bound[] = { 0, 1, 3, 4, 5, 6 }; /* 2 is the label's */
    for (size_t i = 0; i < 6; i++) {
        const struct sl_stage_view *stage = sl_session_stage(s, i);
        assert_int_equal(stage->bound, bound[i]);
        assert_int_equal(stage->in, i == 0 ? 90 : i == 1 ? 20 : 110);
    }
    assert_true(sl_schema_find(sl_session_schema(s, 3), SL_STR("image")) >= 0);
    try_lines(s, "break rescale", "goto rescale@95", NULL);
    sl_session_close(s);
    char *predictions = predict("p.session", "more");
    assert_int_equal(strncmp(predictions, "record,label,p_0,p_1,note\n0,", 28), 0);
    free(predictions);
    verified("p.session", NULL);
}

static void a_number_is_predicted_and_told_by_its_errors(void **state)
{
    (void)state;
    write_line("line.csv", 400);
    train("n.session", (const char *const[]){ "read line.csv", "label price task=regression",
                                              "split test_size=0.2 validation_size=40", "mlp hidden=none",
                                              "train epochs=60 learning_rate=0.01 optimizer=sgd", NULL });
    struct sl_session *s = try_open("n.session");
    const struct sl_result *result = sl_session_result(s);
    struct sl_buf json = { 0 };
    assert_non_null(result);
    assert_true(result->regression);
    assert_int_equal(result->n_train, 280);
    assert_int_equal(result->n_validation, 40);
    assert_int_equal(result->fit_test.n, 80);
    assert_true(result->fit_test.r2 > 0.99 && result->fit_test.mae < 0.5);
    assert_true(isnan(result->test.accuracy) && isnan(result->train.accuracy));
    sl_result_json(result, &json);
    assert_holds(json.p, "\"r2\":0.99");
    assert_holds(json.p, "\"accuracy\":null");
    assert_null(strstr(json.p, "nan"));
    sl_buf_release(&json);
    sl_session_close(s);
    char *predictions = predict("n.session", "line.csv");
    assert_int_equal(strncmp(predictions, "record,prediction,note\n0,", 25), 0);
    double first = strtod(predictions + 25, NULL);
    assert_true(first > -14.5 && first < -13.5); /* 2 × -8 - -2 */
    free(predictions);
    struct sl_run_info *runs = NULL;
    struct sl_error err = SL_ERROR_INIT;
    size_t n = 0;
    assert_int_equal(sl_runs_list(".", &runs, &n, &err), SL_OK);
    assert_int_equal(n, 1);
    assert_true(runs[0].r2 > 0.99 && isnan(runs[0].accuracy));
    sl_runs_free(runs, n);
    verified("n.session", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(statements_find_their_places),
        TRY(a_test_source_is_trained_beside_and_verified_where_it_is_now),
        TRY(a_label_of_the_source_needs_no_statement),
        TRY(a_number_is_predicted_and_told_by_its_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
