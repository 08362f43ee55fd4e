/* test_edit.c: the recipe through commands: added, changed, moved, taken back; what makes no sense is refused. */
#include "session_try.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static void statements_are_put_where_their_order_demands(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "lowercase text", "read reviews.csv", "logistic", "label verdict", "split", "tfidf text", NULL);
    try_recipe(s, "read csv reviews.csv\nlowercase text\nlabel verdict\nsplit\ntfidf text\nlogistic\n");
    assert_null(sl_session_problem(s));
    assert_non_null(sl_session_pipeline(s));
    sl_session_close(s);
}

static void commands_change_the_recipe_and_undo_takes_them_back(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read reviews.csv", "lowercase text", "trim text", NULL);
    try_lines(s, "insert 2 strip_html text", "move trim 2", "set strip_html.mode=clean", "off lowercase", NULL);
    try_recipe(s, "read csv reviews.csv\ntrim text\nstrip_html text mode=clean\n# off: lowercase text\n");
    try_lines(s, "on 4", "edit 4 normalize text", "delete trim", NULL);
    try_recipe(s, "read csv reviews.csv\nstrip_html text mode=clean\nnormalize text\n");
    try_lines(s, "undo", "undo", "undo", NULL);
    try_recipe(s, "read csv reviews.csv\ntrim text\nstrip_html text mode=clean\n# off: lowercase text\n");
    assert_true(sl_session_can_redo(s));
    try_lines(s, "redo", NULL);
    try_recipe(s, "read csv reviews.csv\ntrim text\nstrip_html text mode=clean\nlowercase text\n");
    try_lines(s, "set strip_html.mode=tags", NULL);
    assert_false(sl_session_can_redo(s));
    try_refused(s, "redo", SL_ESTATE, "no change");
    for (int i = 0; i < 9; i++)
        try_lines(s, "undo", NULL);
    try_recipe(s, "");
    try_refused(s, "undo", SL_ESTATE, "no change to take back");
    sl_session_close(s);
}

static void stages_are_named_by_number_or_name(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read reviews.csv", "lowercase text", "strip_html text", "lowercase verdict", NULL);
    try_lines(s, "off lowercase#2", "set read.delimiter=comma 3.mode=clean", "set lowercase#2.columns=text,verdict",
              NULL);
    try_recipe(s, "read csv reviews.csv delimiter=comma\nlowercase text\nstrip_html text mode=clean\n"
                  "# off: lowercase text verdict\n");
    try_refused(s, "off 9", SL_EPARAM, "the recipe has 4");
    try_refused(s, "off lowercas", SL_EPARAM, "did you mean \"lowercase\"?");
    try_refused(s, "off lowercase#3", SL_EPARAM, "it has 2");
    try_refused(s, "off 4", SL_ESTATE, "off already");
    try_refused(s, "set lowercase", SL_ESYNTAX, "set STAGE.PARAMETER=VALUE");
    try_refused(s, "set strip_html.mod=clean", SL_EPARAM, "did you mean \"mode\"?");
    try_refused(s, "set strip_html.mode=cleann", SL_EPARAM, "clean");
    sl_session_close(s);
}

static void what_makes_no_sense_is_refused_at_once(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_refused(s, "read csv nowhere.csv", SL_EIO, "nowhere.csv");
    try_refused(s, "read csv -", SL_EPARAM, "only once");
    try_lines(s, "read reviews.csv", NULL);
    try_refused(s, "lowercase txt", SL_ESCHEMA, "did you mean 'text'?");
    try_refused(s, "lowercas text", SL_ESYNTAX, "did you mean \"lowercase\"?");
    try_refused(s, "lowercase text flavour=sweet", SL_EPARAM, "flavour");
    try_refused(s, "move 1 2", SL_EPARAM, "no place 2");
    try_recipe(s, "read csv reviews.csv\n");
    try_lines(s, "label verdict", "tfidf text", NULL);
    try_refused(s, "split", SL_ESCHEMA, "leak");
    try_lines(s, "insert 3 split", NULL);
    try_refused(s, "move 4 2", SL_ESCHEMA, "leak");
    try_refused(s, "insert 9 trim", SL_EPARAM, "from 1 to 5");
    try_refused(s, "insert 2 nonsense", SL_ESYNTAX, "nonsense");
    try_recipe(s, "read csv reviews.csv\nlabel verdict\nsplit\ntfidf text\n");
    sl_session_close(s);
}

static void what_a_change_breaks_further_down_is_shown_as_a_problem(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read reviews.csv", "rename text body", "lowercase body", "trim body", NULL);
    assert_null(sl_session_problem(s));
    try_lines(s, "delete rename", NULL);
    const struct sl_error *problem = sl_session_problem(s);
    assert_non_null(problem);
    assert_holds(problem->what, "body");
    assert_int_equal(problem->line, 2);
    assert_null(sl_session_pipeline(s));
    assert_int_equal(sl_session_stage(s, 0)->bound, 0);
    assert_int_equal(sl_session_stage(s, 1)->bound, -1);
    try_refused(s, "train", SL_ESCHEMA, "body");
    try_lines(s, "undo", NULL);
    assert_null(sl_session_problem(s));
    sl_session_close(s);
}

static void an_unfinished_recipe_is_no_error_until_it_is_to_train(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    assert_holds(sl_session_problem(s)->what, "nothing says what to read");
    try_lines(s, "read reviews.csv", NULL);
    try_refused(s, "train", SL_ESCHEMA, "no learner");
    try_lines(s, "logistic", NULL);
    try_refused(s, "train", SL_ESCHEMA, "label");
    try_refused(s, "lowercase txt", SL_ESCHEMA, "txt");
    try_lines(s, "label verdict", NULL);
    assert_null(sl_session_problem(s));
    sl_session_close(s);
}

static void columns_between_stages_are_known(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open(NULL);
    try_lines(s, "read reviews.csv", "rename text body", "trim body", NULL);
    assert_null(sl_session_schema(s, 0));
    assert_string_equal(sl_session_schema(s, 1)->fields[0].name, "text");
    assert_string_equal(sl_session_schema(s, 2)->fields[0].name, "body");
    assert_non_null(sl_session_schema(s, 3));
    assert_null(sl_session_schema(s, 4));
    sl_session_close(s);
}

static void a_session_reopened_is_as_it_was_left(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read reviews.csv", "lowercase text", "filter stars > 1 and verdict == \"good\"",
              "replace text pattern='a b' with=\"c'd\"", "off 2", "note begun \"on\" a Monday", "trim text", "undo",
              NULL);
    struct sl_buf left = { 0 };
    sl_session_recipe_text(s, &left);
    sl_session_close(s);
    s = try_open("a.session");
    try_recipe(s, left.p);
    sl_buf_release(&left);
    assert_true(sl_session_can_redo(s));
    try_lines(s, "redo", NULL);
    assert_int_equal(sl_session_stages(s), 5);
    assert_string_equal(sl_session_stage(s, 4)->text, "trim text");
    sl_session_close(s);
    assert_false(try_exists("a.session.lock"));
    assert_false(try_exists("a.session-wal"));
}

static void a_session_whose_data_are_gone_still_opens(void **state)
{
    (void)state;
    try_reviews("reviews.csv", 50);
    struct sl_session *s = try_open("a.session");
    try_lines(s, "read reviews.csv", "lowercase text", NULL);
    sl_session_close(s);
    assert_int_equal(rename("reviews.csv", "gone.csv"), 0);
    s = try_open("a.session");
    assert_int_equal(sl_session_stages(s), 2);
    assert_holds(sl_session_problem(s)->what, "reviews.csv");
    assert_null(sl_session_browser(s));
    try_lines(s, "open gone.csv", NULL);
    assert_null(sl_session_problem(s));
    try_recipe(s, "read csv gone.csv\nlowercase text\n");
    sl_session_close(s);
}

static void session_and_data_may_move_together(void **state)
{
    (void)state;
    assert_int_equal(mkdir("one", 0777), 0);
    assert_int_equal(mkdir("one/data", 0777), 0);
    try_reviews("one/data/reviews.csv", 50);
    struct sl_session *s =
        try_open_with(&(struct sl_session_options){ .path = "one/a.session", .base = "one/data", .threads = 1 });
    try_lines(s, "read reviews.csv", NULL);
    sl_session_close(s);
    assert_int_equal(rename("one", "two"), 0);
    s = try_open("two/a.session");
    assert_null(sl_session_problem(s));
    sl_session_close(s);
    /* The session alone: the data are found where they were. */
    assert_int_equal(rename("two/a.session", "a.session"), 0);
    s = try_open("a.session");
    assert_null(sl_session_problem(s));
    sl_session_close(s);
}

static void help_knows_stages_and_commands(void **state)
{
    (void)state;
    struct sl_session *s = try_open(NULL);
    struct sl_buf reply = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_session_command(s, "help tfidf", &reply, &err), SL_OK);
    assert_holds(reply.p, "max_features");
    assert_int_equal(sl_session_command(s, "help export", &reply, &err), SL_OK);
    assert_holds(reply.p, "quarantine");
    assert_int_equal(sl_session_command(s, "help read", &reply, &err), SL_OK);
    assert_holds(reply.p, "read jsonl");
    assert_int_equal(sl_session_command(s, "help", &reply, &err), SL_OK);
    assert_holds(reply.p, "undo");
    assert_true(sl_session_log_lines(s) > 10);
    assert_non_null(sl_session_log(s, 0));
    assert_null(sl_session_log(s, sl_session_log_lines(s)));
    try_refused(s, "help nothing", SL_EPARAM, "no help");
    sl_buf_release(&reply);
    sl_session_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TRY(statements_are_put_where_their_order_demands),
        TRY(commands_change_the_recipe_and_undo_takes_them_back),
        TRY(stages_are_named_by_number_or_name),
        TRY(what_makes_no_sense_is_refused_at_once),
        TRY(what_a_change_breaks_further_down_is_shown_as_a_problem),
        TRY(an_unfinished_recipe_is_no_error_until_it_is_to_train),
        TRY(columns_between_stages_are_known),
        TRY(a_session_reopened_is_as_it_was_left),
        TRY(a_session_whose_data_are_gone_still_opens),
        TRY(session_and_data_may_move_together),
        TRY(help_knows_stages_and_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
