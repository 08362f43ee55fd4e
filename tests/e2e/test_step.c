/* test_step.c: the Step view: walking a record there and back, breakpoints, watches, the audit, lists of records. */
#include "e2e.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Five films: tags in 0 and 3, capitals in 0, a text too short to be kept in 2, nothing to change in 1 and 4. */
static void make_films(void)
{
    make_file("films.csv", "text,price\n"
                           "\"GOOD.<br /><br />The End, <i>really</i>\",3\n"
                           "plain words here,4\n"
                           "x,5\n"
                           "nice <b>film</b> indeed,6\n"
                           "plain again and again,7\n");
    make_file("films.sluice", "read csv films.csv\nlowercase text\nstrip_html text\nfilter len(text) > 3\n");
}

static struct term *open_films(int rows, int columns)
{
    make_films();
    struct term *term = term_open(rows, columns, "films.sluice", NULL, NULL);
    term_wait(term, "plain again");
    term_type(term, "3");
    term_wait(term, "record 0");
    term_wait(term, "read csv films.csv");
    return term;
}

/* The place: "=> 3" in the list of stages. */
static bool is_at_stage(struct term *term, long stage)
{
    char mark[16];
    snprintf(mark, sizeof mark, "=> %ld ", stage);
    return term_has(term, mark);
}

static void wait_for_stage(struct term *term, long stage)
{
    term_wait_that(term, is_at_stage, stage, "the mark of the place is at the stage");
}

static void next_shows_what_a_stage_changes(void)
{
    struct term *term = open_films(24, 80);
    wait_for_stage(term, 1);
    term_wait(term, "films.csv:2");
    term_wait(term, "GOOD.<br /><br />The End");
    term_type(term, "n");
    wait_for_stage(term, 2);
    term_wait(term, "good.<br /><br />the end");
    int y = term_find(term, "before ~ GOOD.", NULL);
    CHECK(y >= 0 && strstr(term_row(term, y + 1), "after  ~ good."));
    term_type(term, "n");
    wait_for_stage(term, 3);
    term_wait(term, "after  ~ good.");
    CHECK(term_has(term, "~ strip_html") || term_has(term, "~ changed"));
}

static void stepping_back_restores_the_very_same_screens(void)
{
    enum { STEPS = 14 };
    struct term *term = open_films(24, 80);
    char *seen[STEPS + 1];
    for (int i = 0; i <= STEPS; i++) {
        term_settle(term, 150);
        seen[i] = term_text(term);
        if (i < STEPS)
            term_type(term, "s");
    }
    CHECK(strstr(seen[STEPS], "record 1 ") || strstr(seen[STEPS], "record 2 "));
    for (int i = STEPS; i-- > 0;) {
        term_type(term, "S");
        term_settle(term, 150);
        char *now = term_text(term);
        if (strcmp(now, seen[i]) != 0)
            FAIL("%d steps in it was\n%s\nand on the way back\n%s", i, seen[i], now);
        free(now);
    }
    for (int i = 0; i <= STEPS; i++)
        free(seen[i]);
}

static void stepping_into_a_stage_shows_its_operations_one_by_one(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "nn");
    wait_for_stage(term, 3);
    term_wait(term, " inside");
    term_type(term, "s");
    term_wait(term, "1 of ");
    term_wait(term, "<br />");
    term_type(term, "s");
    term_wait(term, "2 of ");
    term_type(term, "S");
    term_wait(term, "1 of ");
    term_type(term, "f");
    term_wait_gone(term, "1 of ");
    wait_for_stage(term, 3);
}

static void a_breakpoint_stops_at_the_first_record_it_is_about(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "jjb");
    term_wait(term, "break strip_html:");
    term_type(term, "changed<Enter>");
    term_wait(term, "*");
    term_type(term, "]");
    term_wait(term, "record 1 ");
    term_type(term, "c");
    term_wait(term, "record 3 ");
    wait_for_stage(term, 3);
    term_wait(term, "stopped by strip_html: changed");
    int y = term_find(term, "=> 3 ", NULL);
    CHECK(strstr(term_row(term, y), "*~"));
    term_type(term, "c");
    term_wait(term, "no hit");
    CHECK(term_has(term, "record 3 "));
    term_type(term, "C");
    term_wait(term, "record 0 ");
    wait_for_stage(term, 3);
    term_type(term, "B");
    term_wait(term, "2 hits");
    term_type(term, " ");
    term_wait(term, "o off");
    term_type(term, "x");
    term_wait(term, "There is none yet");
    term_type(term, "<Esc>c");
    term_wait_either(term, "no breakpoint", "breakpoint");
    CHECK(term_has(term, "record 0 "));
}

static void a_watch_shows_its_value_and_where_it_changed(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "wlen(text)<Enter>");
    term_wait(term, "watch len(text)");
    int y = term_find(term, "watch len(text)", NULL);
    CHECK(!strstr(term_row(term, y), "~ 38"));
    term_type(term, "nn");
    wait_for_stage(term, 3);
    term_settle(term, 200);
    y = term_find(term, "watch len(text)", NULL);
    CHECK(y >= 0 && strstr(term_row(term, y), "~ "));
    term_type(term, "W");
    term_wait_gone(term, "watch len(text)");
}

static void the_cursor_runs_to_a_stage_and_goto_to_a_line(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "jjt");
    wait_for_stage(term, 3);
    term_type(term, "gfilms.csv:5<Enter>");
    term_wait(term, "record 3 ");
    term_type(term, ":goto 4<Enter>");
    term_wait(term, "record 4 ");
    term_type(term, ":goto strip_html@0<Enter>");
    term_wait(term, "record 0 ");
    wait_for_stage(term, 3);
    term_type(term, ":goto 99<Enter>");
    term_wait(term, "99");
    CHECK(term_has(term, "record 0 "));
}

static void a_dropped_record_ends_where_it_is_dropped(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "g2<Enter>");
    term_wait(term, "record 2 ");
    term_type(term, "f");
    wait_for_stage(term, 4);
    term_wait(term, "x dropped here");
    int y = term_find(term, "=> 4 ", NULL);
    CHECK(strstr(term_row(term, y), "x filter"));
}

static void the_audit_counts_and_opens_the_records_behind_a_count(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "A");
    term_wait(term, "Audit of 5 records");
    term_wait(term, "strip_html text");
    int y = term_find(term, "strip_html", NULL);
    CHECK(y > 0 && strstr(term_row(term, y), " 2  "));
    term_type(term, "j");
    term_wait(term, "[2]");
    term_type(term, "<Enter>");
    term_wait(term, "1 of 2  changed by strip_html");
    term_wait(term, "record 0 ");
    term_type(term, "]");
    term_wait(term, "2 of 2  changed by strip_html");
    term_wait(term, "record 3 ");
    term_type(term, "Ljj");
    term_wait(term, "walk through");
    term_type(term, "<Esc>L");
    term_wait(term, "leave the list");
    term_type(term, "none<Enter>");
    term_wait_gone(term, "of 2  changed");
}

static void a_list_asked_for_before_the_audit_makes_it_first(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, "L");
    term_wait(term, "walk through");
    term_type(term, "dropped filter<Enter>");
    term_wait(term, "1 of 1  dropped by filter");
    term_wait(term, "record 2 ");
}

static void a_confusion_cell_opens_its_records_in_the_model(void)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = open_train_view(24, 80, "r.sluice");
    term_type(term, "t");
    term_wait(term, "Result");
    term_settle(term, 300);
    term_type(term, "<S-Tab>");
    term_settle(term, 200);
    term_type(term, "<Right>");
    term_wait(term, "]");
    term_type(term, "<Enter>");
    term_wait(term, "1 of ");
    term_wait(term, "taken for");
    term_wait(term, "predicted");
    term_wait(term, "wrong");
    term_wait(term, "intercept");
    wait_for_stage(term, 7);
    term_type(term, "N");
    term_wait(term, "tfidf");
    term_type(term, "n");
    term_wait(term, "intercept");
}

static void the_view_holds_at_every_size_and_keeps_its_place(void)
{
    static const int sizes[][2] = { { 45, 160 }, { 12, 40 }, { 11, 39 }, { 5, 20 }, { 1, 1 }, { 3, 200 }, { 60, 20 } };
    struct term *term = open_films(24, 80);
    term_type(term, "wlen(text)<Enter>");
    term_wait(term, "watch len(text)");
    term_type(term, "nn");
    wait_for_stage(term, 3);
    term_settle(term, 200);
    char *before = term_text(term);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        term_resize(term, sizes[i][0], sizes[i][1]);
        term_settle(term, 150);
        term_type(term, "nNsSjkjk");
        term_settle(term, 150);
        CHECK(!term->ended);
        if (sizes[i][1] == 160)
            CHECK(is_at_stage(term, 3) && term_has(term, "strip_html"));
    }
    term_resize(term, 24, 80);
    wait_for_stage(term, 3);
    term_settle(term, 300);
    char *after = term_text(term);
    if (strcmp(before, after) != 0)
        FAIL("before it was\n%s\nand after resizing\n%s", before, after);
    free(before);
    free(after);
}

static void the_other_views_lead_here_and_follow(void)
{
    make_films();
    struct term *term = term_open(24, 80, "films.sluice", NULL, NULL);
    term_wait(term, "plain again");
    term_type(term, "jjji");
    term_wait(term, "record 3 ");
    wait_for_stage(term, 1);
    term_type(term, "]1");
    wait_for_record(term, 4);
    term_type(term, "2");
    term_wait(term, "a add after");
    term_type(term, "jji");
    term_wait(term, "record 4 ");
    wait_for_stage(term, 3);
}

static void breakpoints_and_watches_outlive_a_killed_program(void)
{
    struct term *term = open_films(24, 80);
    term_type(term, ":break strip_html: changed<Enter>");
    term_settle(term, 200);
    term_type(term, ":watch len(text)<Enter>");
    term_wait(term, "watch len(text)");
    term_signal(term, SIGKILL);
    CHECK(WIFSIGNALED(term_end(term)));
    term_free(term);
    term = term_open(24, 80, "films.session", NULL, NULL);
    term_wait(term, "plain again");
    term_type(term, "3");
    term_wait(term, "watch len(text)");
    term_type(term, "B");
    term_wait(term, "strip_html: changed");
}

static void a_loss_that_is_no_number_opens_the_guilty_records(void)
{
    char text[4096] = "x,y\n";
    for (int i = 0; i < 64; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%de37,%s\n", i % 2 ? 2 : -3, i % 3 ? "a" : "b");
    }
    make_file("huge.csv", text);
    make_file("huge.sluice", "read csv huge.csv\nlabel y\nsplit random_state=1\n"
                             "logistic solver=sgd learning_rate=1e6 C=1e-12 max_iter=1000\n");
    struct term *term = term_open(24, 80, "huge.sluice", NULL, NULL);
    term_wait(term, "e+37");
    term_type(term, "4");
    term_wait(term, "Nothing is trained yet.");
    term_type(term, "t");
    term_wait(term, "the loss was not finite");
    term_wait(term, "1 of 48");
    term_wait(term, "! failed");
    term_wait(term, "in the model");
    term_type(term, "]");
    term_wait(term, "2 of 48");
}

static void what_takes_long_is_cancelled_and_the_place_stays(void)
{
    FILE *file = fopen("long.csv", "w");
    CHECK(file);
    fputs("text\n", file);
    for (int i = 0; i < 400000; i++)
        fprintf(file, "some words of record %d that are no mark\n", i);
    CHECK(fclose(file) == 0);
#define SEARCH "replace text pattern=\"(some|words|mark)+x\" with=\"y\"\n"
    make_file("long.sluice", "read csv long.csv\n" SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH
                                 SEARCH SEARCH SEARCH SEARCH SEARCH SEARCH);
#undef SEARCH
    struct term *term = term_open(24, 80, "long.sluice", NULL, NULL);
    term_wait(term, "record 0 that");
    term_type(term, "3");
    term_wait(term, "record 0");
    term_type(term, ":break any: len(text) == 0<Enter>");
    term_wait(term, "breakpoint set");
    term_type_until(term, "c<Esc>", "cancelled"); /* again where the run was over before the key was read */
    term_wait(term, "record 0");
    term_type(term, "c");
    term_type(term, "<C-c>");
    term_wait_either(term, "cancelled", "^C again");
    term_wait_gone(term, "running on");
    term_wait(term, "record 0");
    term_type(term, "]");
    term_wait(term, "record 1 ");
}

static void the_screen_is_ascii_where_it_must_be(void)
{
    make_films();
    struct term *term = term_open(24, 80, "films.sluice", "--ascii", NULL);
    term_wait(term, "plain again");
    term_type(term, "3nns");
    term_wait(term, "1 of ");
    term_settle(term, 200);
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++)
            CHECK(term_cell(term, y, x).chars[0] < 0x7f);
}

const struct e2e_test e2e_step_tests[] = {
    { "next shows what a stage changes", next_shows_what_a_stage_changes },
    { "stepping back restores the very same screens", stepping_back_restores_the_very_same_screens },
    { "stepping into a stage shows its operations one by one", stepping_into_a_stage_shows_its_operations_one_by_one },
    { "a breakpoint stops at the first record it is about", a_breakpoint_stops_at_the_first_record_it_is_about },
    { "a watch shows its value and where it changed", a_watch_shows_its_value_and_where_it_changed },
    { "the cursor runs to a stage, and goto to a line", the_cursor_runs_to_a_stage_and_goto_to_a_line },
    { "a dropped record ends where it is dropped", a_dropped_record_ends_where_it_is_dropped },
    { "the audit counts, and opens the records behind a count", the_audit_counts_and_opens_the_records_behind_a_count },
    { "a loss that is no number opens the guilty records", a_loss_that_is_no_number_opens_the_guilty_records },
    { "what takes long is cancelled, and the place stays", what_takes_long_is_cancelled_and_the_place_stays },
    { "the screen is ASCII where it must be", the_screen_is_ascii_where_it_must_be },
    { "a list asked for before the audit makes it first", a_list_asked_for_before_the_audit_makes_it_first },
    { "a confusion cell opens its records in the model", a_confusion_cell_opens_its_records_in_the_model },
    { "the view holds at every size and keeps its place", the_view_holds_at_every_size_and_keeps_its_place },
    { "the other views lead here and follow", the_other_views_lead_here_and_follow },
    { "breakpoints and watches outlive a killed program", breakpoints_and_watches_outlive_a_killed_program },
    { 0 },
};
