/* test_runs.c: sessions of a folder at a glance, and names for new ones. */
#include "session_try.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <utime.h>

static void date(const char *path, long seconds)
{
    assert_int_equal(utime(path, &(struct utimbuf){ seconds, seconds }), 0);
}

static void a_folder_of_sessions_is_listed_newest_first(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    assert_int_equal(mkdir("runs", 0777), 0);
    struct sl_session *s = try_open("runs/done.session");
    try_lines(s, "read csv reviews.csv", "label verdict", "split random_state=1", "tfidf text", "logistic", "train",
              NULL);
    try_wait(s, SL_JOB_DONE);
    double accuracy = sl_session_result(s)->test.accuracy;
    size_t steps = sl_session_result(s)->steps;
    sl_session_close(s);
    s = try_open("runs/begun.session");
    try_lines(s, "read csv reviews.csv", NULL);
    sl_session_close(s);
    try_write("runs/broken.session",
              "SQLite format 3 this is not, however long it goes on, and it goes on for over a hundred bytes, see");
    try_write("runs/notes.txt", "nothing");
    date("runs/done.session", 2000000);
    date("runs/begun.session", 3000000);
    date("runs/broken.session", 1000000);
    struct sl_run_info *runs = NULL;
    size_t n = 0;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_runs_list("runs", &runs, &n, &err), SL_OK);
    assert_int_equal(n, 3);
    assert_string_equal(runs[0].path, "runs/begun.session");
    assert_int_equal(runs[0].job, SL_JOB_NONE);
    assert_true(isnan(runs[0].accuracy));
    assert_string_equal(runs[0].recipe_head, "reviews.csv");
    assert_string_equal(runs[1].path, "runs/done.session");
    assert_int_equal(runs[1].job, SL_JOB_DONE);
    assert_true(runs[1].accuracy == accuracy);
    assert_int_equal(runs[1].steps, steps);
    assert_int_equal(runs[1].records, 200);
    assert_true(runs[1].seconds > 0);
    assert_int_equal(runs[1].modified, 2000000);
    assert_string_equal(runs[1].recipe_head, "reviews.csv → tfidf → logistic");
    assert_string_equal(runs[2].path, "runs/broken.session");
    assert_holds(runs[2].error, "not a session");
    sl_runs_free(runs, n);
    assert_int_equal(sl_runs_list("nowhere", &runs, &n, &err), SL_EIO);
    sl_runs_free(NULL, 0);
}

static void a_session_in_use_is_listed_too(void **state)
{
    (void)state;
    struct sl_run_info *runs = NULL;
    size_t n = 0;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read csv reviews.csv", NULL);
    assert_int_equal(sl_runs_list(".", &runs, &n, NULL), SL_OK);
    assert_int_equal(n, 1);
    assert_null(runs[0].error);
    assert_string_equal(runs[0].recipe_head, "reviews.csv");
    sl_runs_free(runs, n);
    sl_session_close(s);
}

static void a_new_session_is_named_after_its_data(void **state)
{
    (void)state;
    char *path = sl_session_new_path(".", "some/where/reviews.csv.gz");
    assert_string_equal(path, "reviews.session");
    try_write(path, "");
    free(path);
    path = sl_session_new_path(".", "reviews.csv");
    assert_string_equal(path, "reviews-2.session");
    free(path);
    path = sl_session_new_path("folder", NULL);
    assert_string_equal(path, "folder/sluice.session");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_folder_of_sessions_is_listed_newest_first),
        TRY(a_session_in_use_is_listed_too),
        TRY(a_new_session_is_named_after_its_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
