/* test_compare.c: sessions marked in the Runs view and compared in a layer over it. */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void shell(const char *format, const char *a, const char *b)
{
    char line[4096];
    snprintf(line, sizeof line, format, a, b);
    if (system(line) != 0)
        FAIL("did not work: %s", line);
}

/* Trainings of the sessions a and b, which differ in C alone. */
static void make_sessions(void)
{
    make_reviews("reviews.csv", 400);
    make_recipe("r.sluice");
    shell("%s run r.sluice --set logistic.C=%s --session a.session >log 2>&1", e2e_program, "1");
    shell("%s run r.sluice --set logistic.C=%s --session b.session >log 2>&1", e2e_program, "0.001");
}

static struct term *compare_both(int rows, int columns)
{
    make_sessions();
    struct term *term = term_open(rows, columns, NULL, NULL, NULL);
    term_wait(term, "b.session");
    term_type(term, "<Space><Space>");
    term_settle(term, 300);
    term_type(term, "c");
    term_wait(term, "cannot tell");
    return term;
}

static void marked_sessions_are_compared_with_curves_table_and_judgement(void)
{
    struct term *term = compare_both(40, 120);
    CHECK(term_has(term, "test_accuracy"));
    CHECK(term_has(term, "training"));
    CHECK(term_has(term, "best"));
    CHECK(term_has(term, "one training each"));
    CHECK(braille_cells(term) > 20);
    int a = term_find(term, "a   ", NULL), b = term_find(term, "b   ", NULL);
    CHECK(a > 0 && b > 0 && a != b);
    term_type(term, "m");
    term_wait(term, "train_accuracy");
    term_type(term, "<Esc>");
    term_wait(term, "log loss");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void what_differs_is_one_key_away(void)
{
    struct term *term = compare_both(40, 120);
    term_type(term, "d");
    term_wait(term, "logistic.C");
    CHECK(term_has(term, "parameters"));
    CHECK(!term_has(term, "fingerprint"));
    term_type(term, "d");
    term_wait(term, "cannot tell");
}

static void two_trainings_are_judged_by_the_same_records(void)
{
    struct term *term = compare_both(40, 120);
    term_type(term, "jt");
    term_wait(term, "McNemar");
}

static void the_table_is_filtered_and_sorted(void)
{
    struct term *term = compare_both(30, 100);
    term_type(term, "/C=0.001<Enter>");
    term_wait(term, "only C=0.001");
    int y = term_find(term, "training ", NULL);
    CHECK(y > 0 && strstr(term_row(term, y + 1), " b "));
    CHECK(!strstr(term_row(term, y + 2), " a "));
    term_type(term, "s");
    term_wait(term, "by name");
}

static void a_small_screen_keeps_the_table(void)
{
    struct term *term = compare_both(12, 60);
    CHECK(term_has(term, "training"));
    term_resize(term, 5, 20);
    term_settle(term, 300);
    term_resize(term, 24, 80);
    term_wait(term, "training");
    term_type(term, "<Esc>q");
    CHECK(term_end(term) == 0);
}

const struct e2e_test e2e_compare_tests[] = {
    { "marked sessions are compared with curves, table and judgement",
      marked_sessions_are_compared_with_curves_table_and_judgement },
    { "compare: what differs is one key away", what_differs_is_one_key_away },
    { "compare: two trainings are judged by the same records", two_trainings_are_judged_by_the_same_records },
    { "compare: the table is filtered and sorted", the_table_is_filtered_and_sorted },
    { "compare: a small screen keeps the table", a_small_screen_keeps_the_table },
    { 0 },
};
