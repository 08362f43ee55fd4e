/* test_recipe.c: recipe files taken into a session: whole, or refused with the line. */
#include "session_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void take(struct sl_session *s, const char *text, bool commands)
{
    struct sl_error err = SL_ERROR_INIT;
    char message[900];
    try_write("r.sluice", text);
    if (sl_session_recipe(s, "r.sluice", commands, &err))
        fail_msg("%s", sl_error_format(&err, message, sizeof message));
}

static void refuse(struct sl_session *s, const char *text, const char *words)
{
    struct sl_error err = SL_ERROR_INIT;
    char message[900];
    try_write("r.sluice", text);
    assert_int_not_equal(sl_session_recipe(s, "r.sluice", true, &err), SL_OK);
    assert_holds(sl_error_format(&err, message, sizeof message), words);
}

static void a_recipe_is_taken_in_whole(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 200);
    struct sl_session *s = try_open("a.session");
    take(
        s,
        "# a recipe\n\nread reviews.csv\r\nlowercase text # all of it\nlabel verdict\nsplit \\\n  random_state=1 \\\n test_size=0.5\n"
        "tfidf text\nlogistic\ntrain\n",
        true);
    try_wait(s, SL_JOB_DONE);
    assert_int_equal(sl_session_result(s)->n_test, 100);
    const char *recipe =
        "read csv reviews.csv\nlowercase text\nlabel verdict\nsplit test_size=0.5 random_state=1\ntfidf text\nlogistic\n";
    try_recipe(s, recipe);
    sl_session_close(s);
    s = try_open("a.session");
    try_recipe(s, recipe);
    try_lines(s, "undo", NULL);
    assert_int_equal(sl_session_stages(s), 5);
    sl_session_close(s);
}

static void commands_may_be_left_out(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open(NULL);
    struct sl_train_state now;
    take(s, "read reviews.csv\nlabel verdict\ntfidf text\nlogistic\ntrain\nexport out.csv\n", false);
    sl_session_train_state(s, &now);
    assert_int_equal(now.job, SL_JOB_NONE);
    assert_int_equal(sl_session_stages(s), 4);
    assert_false(try_exists("out.csv"));
    sl_session_close(s);
}

static void an_error_names_the_file_and_its_line_and_changes_nothing(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open("a.session");
    refuse(s, "read reviews.csv\n\nlowercase txt\n", "r.sluice:3");
    refuse(s, "read reviews.csv\nlowercase text\nflurb text\n", "r.sluice:3");
    refuse(s, "read reviews.csv\ntrim text\nstrip_html text mode=x\ntrim text\n", "r.sluice:3");
    refuse(s, "read reviews.csv\n# a comment\nlabel verdict\ntfidf text\nsplit\nlogistic\ntrain\n", "r.sluice:4");
    refuse(s, "read nowhere.csv\n", "nowhere.csv");
    refuse(s, "read reviews.csv\nreplace text pattern='a\n", "never closed");
    refuse(s, "read reviews.csv\nlowercase text\ntrain\n", "r.sluice:3");
    assert_false(sl_session_can_redo(s));
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_session_recipe(s, "nowhere.sluice", true, &err), SL_EIO);
    sl_session_close(s);
    s = try_open("a.session");
    try_recipe(s, "read csv reviews.csv\nlowercase text\n"); /* `train` was reached with these two standing */
    sl_session_close(s);
}

static void a_learner_without_a_label_is_an_error_where_it_trains(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 100);
    struct sl_session *s = try_open(NULL);
    refuse(s, "read reviews.csv\ntfidf text\n\nlogistic\n\ntrain\n", "r.sluice:4");
    sl_session_close(s);
}

static void a_command_after_train_waits_for_it(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 300);
    struct sl_session *s = try_open(NULL);
    take(s, "read reviews.csv\nlabel verdict\nsplit\ntfidf text\nlogistic\ntrain\nexport m.json what=metrics\n", true);
    char *text = try_read("m.json");
    assert_holds(text, "\"event\":\"result\"");
    free(text);
    sl_session_close(s);
}

static void paths_are_relative_to_the_recipe(void **state)
{
    (void)state;
    assert_int_equal(mkdir("sub", 0777), 0);
    try_reviews("sub/reviews.csv", 50);
    try_write("sub/r.sluice", "read reviews.csv\nlowercase text\nexport out.csv\n");
    struct sl_session *s = try_open("a.session");
    assert_int_equal(sl_session_recipe(s, "sub/r.sluice", true, NULL), SL_OK);
    assert_true(try_exists("sub/out.csv"));
    sl_session_close(s);
    s = try_open("a.session");
    assert_null(sl_session_problem(s));
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(a_recipe_is_taken_in_whole),
        TRY(commands_may_be_left_out),
        TRY(an_error_names_the_file_and_its_line_and_changes_nothing),
        TRY(a_learner_without_a_label_is_an_error_where_it_trains),
        TRY(a_command_after_train_waits_for_it),
        TRY(paths_are_relative_to_the_recipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
