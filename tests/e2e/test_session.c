/* test_session.c: what a session keeps: over leaving, over kill -9; and the list of sessions. */
#include "e2e.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct term *train_and_look(const char *recipe)
{
    struct term *term = open_train_view(24, 80, recipe);
    term_type(term, "t");
    return term;
}

/* The pane of the view: what lies between tabs and hints. */
static char *pane_text(struct term *term)
{
    char *text = term_text(term), *from = text, *last;
    for (int i = 0; i < 2; i++)
        from = strchr(from, '\n') + 1;
    memmove(text, from, strlen(from) + 1);
    text[strlen(text) - 1] = '\0';
    last = strrchr(text, '\n');
    *last = '\0';
    return text;
}

static void leaving_and_opening_again_shows_the_same_curves(void)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = train_and_look("r.sluice");
    term_wait(term, "Result");
    term_settle(term, 500);
    char *before = pane_text(term);
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(term);
    term = term_open(24, 80, "r.session", NULL, NULL);
    term_wait(term, "i loved it!");
    term_type(term, "4");
    term_wait(term, "Result");
    term_settle(term, 500);
    char *after = pane_text(term);
    if (strcmp(before, after) != 0)
        FAIL("before leaving it was\n%s\nand then\n%s", before, after);
    free(before);
    free(after);
}

static void a_session_killed_while_training_opens_with_its_curves_and_trains_on(void)
{
    make_reviews("reviews.csv", 3000);
    make_long_recipe("r.sluice", 1000000);
    struct term *term = train_and_look("r.sluice");
    wait_for_step(term, 20);
    long shown = shown_step(term);
    term_signal(term, SIGKILL);
    CHECK(WIFSIGNALED(term_end(term)));
    term_free(term);

    term = term_open(24, 80, "r.session", NULL, NULL);
    term_wait(term, "i loved it!");
    term_type(term, "4");
    term_wait(term, "interrupted");
    term_settle(term, 300);
    long kept = shown_step(term);
    if (kept < shown)
        FAIL("the screen had shown step %ld, but only %ld came back", shown, kept);
    term_type(term, " ");
    term_wait(term, "● training");
    wait_for_step(term, kept + 1);
    term_type(term, "K");
    term_wait(term, "stopped");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void edits_are_kept_without_saving(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "I LOVED it!");
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "i loved it!");
    term_signal(term, SIGKILL);
    term_end(term);
    term_free(term);
    term = term_open(24, 80, "reviews.session", NULL, NULL);
    term_wait(term, "i loved it!");
    term_type(term, "2");
    term_wait(term, "2  lowercase review_text");
    term_type(term, "U");
    term_wait_gone(term, "2  lowercase");
}

static void the_list_of_sessions_marks_the_open_one_and_opens_another(void)
{
    make_reviews("reviews.csv", 600);
    make_recipe("one.sluice");
    make_recipe("two.sluice");
    struct term *term = train_and_look("one.sluice");
    term_wait(term, "Result");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(term);
    make_file("broken.session", "this is no session");

    term = term_open(24, 120, "two.sluice", NULL, NULL);
    term_wait(term, "I LOVED it!");
    term_type(term, "5");
    term_wait(term, "one.session");
    CHECK(strstr(term_row(term, term_find(term, "two.session", NULL)), "=>"));
    CHECK(strstr(term_row(term, term_find(term, "one.session", NULL)), "done"));
    int broken = term_find(term, "broken.session", NULL);
    CHECK(broken < 0 || strstr(term_row(term, broken), "!"));
    term_wait(term, "accuracy");
    term_type(term, "sssSSSr<PgDn>gg");
    /* Down until the row of one.session is the chosen one: it is then drawn in reverse, or in another colour. */
    term_type(term, "SS");
    term_settle(term, 300);
    for (int i = 0; i < 4; i++) {
        int y = term_find(term, "one.session", NULL);
        VTermScreenCell cell = term_cell(term, y, 5);
        if (cell.attrs.reverse || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg))
            break;
        term_type(term, "j");
        term_settle(term, 300);
    }
    term_type(term, "<Enter>");
    term_wait(term, "i loved it!");
    CHECK(strstr(term_row(term, 0), "one.session"));
}

static void an_empty_folder_says_how_to_begin(void)
{
    struct term *term = term_open(24, 80, NULL, NULL, NULL);
    term_wait(term, "No session in this folder yet.");
    make_reviews("reviews.csv", 300);
    term_type(term, ":open reviews.csv<Enter>");
    term_wait(term, "I LOVED it!");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void a_session_in_use_is_refused_with_the_reason(void)
{
    make_reviews("reviews.csv", 300);
    struct term *first = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(first, "I LOVED it!");
    struct term *second = term_open(24, 80, "reviews.session", NULL, NULL);
    int status = term_end(second);
    char pid[32];
    snprintf(pid, sizeof pid, "%d", first->pid);
    CHECK(status != 0);
    CHECK(!second->alternate);
    if (!strstr(second->raw, pid))
        FAIL("the message does not name process %s", pid);
    CHECK(!first->ended);
    term_type(first, "j");
    wait_for_record(first, 1);
}

const struct e2e_test e2e_session_tests[] = {
    { "leaving and opening again shows the same curves", leaving_and_opening_again_shows_the_same_curves },
    { "a session killed while training opens with its curves and trains on",
      a_session_killed_while_training_opens_with_its_curves_and_trains_on },
    { "edits are kept without saving", edits_are_kept_without_saving },
    { "the list of sessions marks the open one and opens another",
      the_list_of_sessions_marks_the_open_one_and_opens_another },
    { "an empty folder says how to begin", an_empty_folder_says_how_to_begin },
    { "a session in use is refused with the reason", a_session_in_use_is_refused_with_the_reason },
    { 0 },
};
