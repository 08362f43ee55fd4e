/* test_text.c: no text of the data disturbs the screen.
 *
 * Each record holds something that terminals have tripped over; the next column's value must start in the same cell in
 * every row, and what is outside the table must be as with harmless data. */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const naughty[] = {
    "\x1b[31mred\x1b[2J\x1b[H home",
    "\x1b]0;title\x07 osc",
    "\x1bPdcs\x1b\\ dcs",
    "tab\tstop",
    "bell\x07 back\x08\x08\x08 feed\x0c vertical\x0b",
    "delete\x7f",
    "c1 \xc2\x9b"
    "31m csi",
    "\xe2\x80\xae"
    "desrever \xe2\x80\xac bidi",
    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 rtl",
    "Z\xcc\xb6\xcc\x8e\xcd\x91"
    "a\xcc\xb7l\xcc\xb4g\xcc\xb8o",
    "\xcc\x81 combining first",
    "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e wide",
    "\xef\xbd\xb6\xef\xbe\x9e half width",
    "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 family",
    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa flag",
    "\xe2\x9d\xa4\xef\xb8\x8f heart \xe2\x98\xba\xef\xb8\x8e text",
    "\xf0\x9f\x8f\xbd skin alone",
    "zero\xe2\x80\x8bwidth\xe2\x80\x8c\xe2\x80\x8d\xef\xbb\xbf",
    "soft\xc2\xadhyphen",
    "\xe2\x80\xa8line\xe2\x80\xa9paragraph",
    "\xef\xb7\xbd ligature",
    "\xf0\x92\x90\xab\xf0\x92\x88\x99 cuneiform",
    "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8 jamo",
    "\xef\xbf\xbf\xef\xbf\xbe\xef\xbf\xbd not characters",
    "\xee\x80\x80\xf3\xb0\x80\x80 private",
    "%s%n%x format",
    "\"\"quoted\"\" 'and' `ticks`",
};

#define ROWS (sizeof naughty / sizeof *naughty)

/* The same shape twice: harmless, and not. */
static void make_files(void)
{
    FILE *plain = fopen("plain.csv", "w"), *odd = fopen("naughty.csv", "w");
    CHECK(plain && odd);
    fputs("n,text,mark\n", plain);
    fputs("n,text,mark\n", odd);
    for (size_t i = 0; i < ROWS; i++) {
        fprintf(plain, "%zu,\"a line of text\",MARK\n", i);
        fprintf(odd, "%zu,\"%s\",MARK\n", i, naughty[i]);
    }
    CHECK(fclose(plain) == 0 && fclose(odd) == 0);
}

static char *frame(struct term *term, int y)
{
    char *row = strdup(term_row(term, y));
    CHECK(row);
    return row;
}

static void check_marks(struct term *term)
{
    int column = -1, rows = 0;
    for (int y = 3; y + 1 < term->rows; y++) {
        int x;
        const char *row = term_row(term, y);
        if (!row[0])
            continue;
        if (!strstr(row, "MARK"))
            FAIL("the next column is gone from row %d: %s", y, row);
        for (x = 0; x + 3 < term->columns; x++)
            if (term_cell(term, y, x).chars[0] == 'M' && term_cell(term, y, x + 1).chars[0] == 'A' &&
                term_cell(term, y, x + 2).chars[0] == 'R')
                break;
        if (column >= 0 && x != column)
            FAIL("the next column starts in cell %d of row %d, in %d of the others: %s", x, y, column, row);
        column = x;
        rows++;
    }
    if (rows < (int)ROWS)
        FAIL("%d rows of %zu are shown", rows, ROWS);
}

static void naughty_strings_do_not_disturb_their_neighbours(void)
{
    make_files();
    for (int ascii = 0; ascii < 2; ascii++) {
        struct term *plain = term_open(40, 100, "plain.csv", ascii ? "--ascii" : NULL, NULL);
        struct term *odd = term_open(40, 100, "naughty.csv", ascii ? "--ascii" : NULL, NULL);
        term_wait(plain, "MARK");
        term_wait(odd, "MARK");
        term_settle(plain, 500);
        term_settle(odd, 500);
        check_marks(odd);
        for (int i = 0; i < 2; i++) {
            int y = i ? 39 : 1;
            char *a = frame(plain, y), *b = frame(odd, y);
            if (strcmp(a, b) != 0)
                FAIL("row %d is \"%s\" with harmless text, but \"%s\"", y, a, b);
            free(a);
            free(b);
        }
        term_free(plain);
        term_free(odd);
    }
}

static void no_text_reaches_the_terminal_as_a_command(void)
{
    make_files();
    struct term *term = term_open(40, 100, "naughty.csv", NULL, NULL);
    term_wait(term, "MARK");
    term_settle(term, 500);
    CHECK(!memmem(term->raw, term->bytes, "\x1b]0;title", 9));
    CHECK(!memmem(term->raw, term->bytes, "\x1bPdcs", 5));
    CHECK(!memmem(term->raw, term->bytes, "\xc2\x9b", 2));
    CHECK(!memmem(term->raw, term->bytes, "\xe2\x80\xae", 3));
    CHECK(!memmem(term->raw, term->bytes, "\x1b[31mred", 8));
}

static void the_whole_record_and_the_pipeline_show_them_safely_too(void)
{
    make_files();
    struct term *term = term_open(40, 100, "naughty.csv", NULL, NULL);
    term_wait(term, "MARK");
    for (size_t i = 0; i < ROWS; i++) {
        term_type(term, "<Enter>");
        term_settle(term, 60);
        term_type(term, "q");
        term_settle(term, 60);
        CHECK(strstr(term_row(term, 0), "naughty.csv"));
        term_type(term, "j");
    }
    term_type(term, "2");
    term_wait(term, "1  read csv");
    CHECK(strstr(term_row(term, 0), "naughty.csv"));
    CHECK(!term->ended);
}

const struct e2e_test e2e_text_tests[] = {
    { "naughty strings do not disturb their neighbours", naughty_strings_do_not_disturb_their_neighbours },
    { "no text reaches the terminal as a command", no_text_reaches_the_terminal_as_a_command },
    { "the whole record and the pipeline show them safely too",
      the_whole_record_and_the_pipeline_show_them_safely_too },
    { 0 },
};
