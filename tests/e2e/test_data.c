/* test_data.c: opening data and looking at them. */
#include "e2e.h"

#include <stdio.h>
#include <string.h>

static struct term *open_reviews(int n)
{
    make_reviews("reviews.csv", n);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "I LOVED it!<br /><br />Best film");
    return term;
}

static void a_csv_opens_and_shows_each_record_raw_and_clean(void)
{
    char header[64];
    struct term *term = open_reviews(300);
    snprintf(header, sizeof header, "300 rec · %d quarantined", reviews_bad(300));
    term_wait(term, header);
    CHECK(term->alternate);
    term_wait(term, "reviews.csv");
    CHECK(!term_has(term, "clean"));
    term_type(term, ":strip_html review_text<Enter>");
    term_wait(term, "I LOVED it!············Best film"); /* what was taken out keeps its place */
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "i loved it!");
    CHECK(strstr(term_row(term, term_find(term, "I LOVED it!<br", NULL)), "raw"));
    CHECK(strstr(term_row(term, term_find(term, "i loved it!", NULL)), "clean ~"));
}

static void the_quarantine_filter_shows_what_could_not_be_read_and_why(void)
{
    struct term *term = open_reviews(300);
    term_type(term, ":show quarantined<Enter>");
    term_wait(term, "4 fields, the header has 2");
    term_wait_gone(term, "I LOVED it!");
    term_wait(term, "quarantined only");
    term_wait(term, "one field,and,far,too many");
    term_type(term, ":show all<Enter>");
    term_wait(term, "I LOVED it!");
}

static void the_changed_filter_follows_the_stages(void)
{
    struct term *term = open_reviews(300);
    term_type(term, ":replace review_text pattern=\"I LOVED\" with=\"We liked\"<Enter>");
    term_wait(term, "We liked it!");
    term_type(term, ":show changed<Enter>");
    term_wait(term, "changed only");
    term_wait(term, "We liked it!");
    term_type(term, "U");
    term_wait(term, "no record is changed");
}

static void a_search_finds_text_whatever_its_case(void)
{
    make_reviews("reviews.csv", 300);
    FILE *file = fopen("reviews.csv", "a");
    CHECK(file && fputs("a ZEBRA crossing,positive\n", file) >= 0 && fclose(file) == 0);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "301 rec");
    term_type(term, "/zebra<Enter>");
    term_wait(term, "a ZEBRA crossing");
    int y = term_find(term, "a ZEBRA crossing", NULL);
    if (!strstr(term_row(term, y), "=>"))
        FAIL("the record found is not the current one: %s", term_row(term, y));
    CHECK(strstr(term_row(term, y), "300"));
    term_type(term, "/nothing like this<Enter>");
    term_wait_either(term, "not found", "nothing like this");
}

static void keys_move_by_record_page_end_and_number(void)
{
    struct term *term = open_reviews(300);
    term_wait(term, "300 rec");
    term_type(term, "G");
    wait_for_record(term, 299);
    term_type(term, "gg");
    wait_for_record(term, 0);
    term_type(term, "jj<Down>k");
    wait_for_record(term, 2);
    term_type(term, ":goto 250<Enter>");
    wait_for_record(term, 250);
}

static void two_hundred_thousand_rows_open_and_answer(void)
{
    struct term *term = open_reviews(200000);
    term_type(term, "jjj");
    term_wait(term, "I LOVED it!");
    term_wait(term, "200,000 rec");
    term_type(term, "G");
    wait_for_record(term, 199999);
    term_type(term, "gg");
    term_wait(term, "I LOVED it!");
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "i loved it!");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void the_profile_tells_of_columns(void)
{
    struct term *term = open_reviews(300);
    term_wait(term, "300 rec");
    term_type_until(term, "p", "distinct");
    term_wait(term, "review_text");
    term_wait(term, "sentiment");
    term_wait(term, "292"); /* different texts: record 0 stands there six times */
}

static void a_whole_record_is_shown_on_enter(void)
{
    make_file("long.csv",
              "id,text\n1,\"first line\nsecond line of the same field, which goes on and on so that no row of "
              "eighty columns could ever hold it up to this last WORD\"\n2,b\n");
    struct term *term = term_open(24, 80, "long.csv", NULL, NULL);
    term_wait(term, "first line");
    CHECK(!term_has(term, "WORD"));
    term_type(term, "<Enter>");
    term_wait(term, "WORD");
}

static void a_file_without_records_says_so(void)
{
    make_file("empty.csv", "a,b\n");
    struct term *term = term_open(24, 80, "empty.csv", NULL, NULL);
    term_wait(term, "there are no records");
    term_type(term, "jkGgg<PgDn>f31245q");
    CHECK(term_end(term) == 0);
}

static void a_missing_file_is_refused_before_the_screen_is_taken(void)
{
    struct term *term = term_open(24, 80, "nowhere.csv", NULL, NULL);
    int status = term_end(term);
    CHECK(status != 0);
    CHECK(!term->alternate);
    CHECK(strstr(term->raw, "nowhere.csv"));
}

const struct e2e_test e2e_data_tests[] = {
    { "a CSV opens and shows each record raw and clean", a_csv_opens_and_shows_each_record_raw_and_clean },
    { "the quarantine filter shows what could not be read and why",
      the_quarantine_filter_shows_what_could_not_be_read_and_why },
    { "the changed filter follows the stages", the_changed_filter_follows_the_stages },
    { "a search finds text whatever its case", a_search_finds_text_whatever_its_case },
    { "keys move by record, page, end and number", keys_move_by_record_page_end_and_number },
    { "two hundred thousand rows open and answer", two_hundred_thousand_rows_open_and_answer },
    { "the profile tells of columns", the_profile_tells_of_columns },
    { "a whole record is shown on Enter", a_whole_record_is_shown_on_enter },
    { "a file without records says so", a_file_without_records_says_so },
    { "a missing file is refused before the screen is taken", a_missing_file_is_refused_before_the_screen_is_taken },
    { 0 },
};
