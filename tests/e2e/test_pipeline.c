/* test_pipeline.c: assembling stages by keys, by prompt and in forms. */
#include "e2e.h"

#include <string.h>

static struct term *open_pipeline(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "I LOVED it!");
    term_type(term, "2");
    term_wait(term, "1  read csv reviews.csv");
    return term;
}

static void a_stage_is_added_by_keys_through_list_and_form(void)
{
    struct term *term = open_pipeline();
    term_type(term, "a");
    term_wait(term, "type to narrow");
    term_type(term, "lowerc");
    term_wait_gone(term, "strip_html");
    term_type(term, "<Enter>");
    term_wait(term, "columns");
    term_type(term, "<Enter>");
    term_wait(term, "2  lowercase");
    CHECK(strstr(term_row(term, term_find(term, "2  lowercase", NULL)), "=>"));
}

static void a_stage_is_added_at_the_prompt_and_shows_its_effect(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":strip_html review_text<Enter>");
    term_wait(term, "2  strip_html review_text");
    term_type(term, "j");
    term_wait(term, "I LOVED it!············Best film");
}

static void the_prompt_completes_stages_and_columns(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":lowerc<Tab>");
    term_wait(term, ":lowercase");
    term_type(term, "rev<Tab><Enter>");
    term_wait(term, "2  lowercase review_text");
}

static void the_prompt_remembers_and_can_be_left(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "2  lowercase review_text");
    term_type(term, ":<Up>");
    term_wait(term, ":lowercase review_text");
    term_type(term, "<Esc>");
    term_wait_gone(term, ":lowercase");
    term_wait(term, "2  lowercase review_text");
    CHECK(!term_has(term, "3  "));
}

static void a_form_edits_a_stage(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":strip_html review_text<Enter>");
    term_wait(term, "2  strip_html review_text");
    term_type(term, "je");
    term_wait(term, "mode");
    term_type(term, "<Down><Right><Enter>");
    term_wait(term, "2  strip_html review_text mode=clean");
}

static void undo_and_redo_step_through_changes(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "2  lowercase review_text");
    term_type(term, ":trim review_text<Enter>");
    term_wait(term, "3  trim review_text");
    term_type(term, "UU");
    term_wait_gone(term, "2  lowercase");
    term_type(term, "R");
    term_wait(term, "2  lowercase review_text");
    CHECK(!term_has(term, "3  trim"));
    term_type(term, "R");
    term_wait(term, "3  trim review_text");
}

static void stages_move_switch_off_and_go_by_key(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "2  lowercase review_text");
    term_type(term, ":trim review_text<Enter>");
    term_wait(term, "3  trim review_text");
    term_type(term, "kkkkjj");
    term_type(term, "K");
    term_wait(term, "2  trim review_text");
    term_wait(term, "3  lowercase review_text");
    term_type(term, "x");
    term_wait(term, "2  off trim review_text");
    term_type(term, "x");
    term_wait(term, "2  trim review_text");
    term_type(term, "d");
    term_wait(term, "2  lowercase review_text");
    term_wait_gone(term, "trim");
}

static void an_order_that_leaks_is_refused_with_the_fix(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":label sentiment<Enter>");
    term_wait(term, "2  label sentiment");
    term_type(term, ":tfidf review_text<Enter>");
    term_settle(term, 500);
    term_type(term, ":split<Enter>");
    term_settle(term, 500);
    char *text = term_text(term);
    const char *split = strstr(text, "  split"), *tfidf = strstr(text, "  tfidf review_text");
    if (split && tfidf && tfidf < split)
        FAIL("tfidf stands before split");
}

static void a_wrong_line_is_refused_with_reason_and_nothing_changes(void)
{
    struct term *term = open_pipeline();
    term_type(term, ":lowrcase review_text<Enter>");
    term_wait(term, "lowrcase");
    term_wait(term, "lowercase");
    CHECK(!term_has(term, "2  "));
    term_type(term, ":lowercase revew_text<Enter>");
    term_wait(term, "there is no column");
    CHECK(!term_has(term, "2  "));
}

const struct e2e_test e2e_pipeline_tests[] = {
    { "a stage is added by keys, through list and form", a_stage_is_added_by_keys_through_list_and_form },
    { "a stage is added at the prompt and shows its effect", a_stage_is_added_at_the_prompt_and_shows_its_effect },
    { "the prompt completes stages and columns", the_prompt_completes_stages_and_columns },
    { "the prompt remembers and can be left", the_prompt_remembers_and_can_be_left },
    { "a form edits a stage", a_form_edits_a_stage },
    { "undo and redo step through changes", undo_and_redo_step_through_changes },
    { "stages move, switch off and go, by key", stages_move_switch_off_and_go_by_key },
    { "an order that leaks is refused with the fix", an_order_that_leaks_is_refused_with_the_fix },
    { "a wrong line is refused with reason and nothing changes",
      a_wrong_line_is_refused_with_reason_and_nothing_changes },
    { 0 },
};
