/* test_screen.c: sizes, resizing, help, ASCII and colour. */
#include "e2e.h"

/* The key tables themselves: help must show all of them. */
#include "tui/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct term *open_trained(int rows, int columns)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = open_train_view(rows, columns, "r.sluice");
    term_type(term, "t");
    term_wait(term, "Result");
    return term;
}

static void check_size(int rows, int columns)
{
    struct term *term = term_open(rows, columns, "reviews.csv", NULL, NULL);
    if (rows >= 12 && columns >= 40) {
        term_wait(term, "I LOVED");
        CHECK(strstr(term_row(term, 0), "sluice"));
        for (int view = '1'; view <= '5'; view++) {
            char key[2] = { (char)view, '\0' };
            term_type(term, key);
            term_settle(term, 200);
            if (!strchr(term_row(term, rows - 1), '?'))
                FAIL("no help hint in the last row: %s", term_row(term, rows - 1));
        }
    } else {
        term_settle(term, 1000);
        for (const char *key = "1234"; *key; key++) {
            char keys[2] = { *key, '\0' };
            term_type(term, keys);
            term_settle(term, 200);
        }
        CHECK(!term->ended);
        CHECK(rows * columns == 1 || term_row(term, 0)[0]);
    }
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    CHECK(!term->alternate);
    term_free(term);
}

static void it_works_at_every_size(void)
{
    static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 45, 160 }, { 12, 40 }, { 11, 39 }, { 5, 20 },
                                    { 4, 19 },  { 1, 80 },   { 24, 1 },   { 2, 2 },   { 1, 1 } };
    make_reviews("reviews.csv", 300);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_size(sizes[i][0], sizes[i][1]);
}

static void the_train_view_works_at_every_size(void)
{
    static const int sizes[][2] = { { 24, 80 }, { 40, 120 }, { 45, 160 }, { 30, 60 },
                                    { 60, 80 }, { 14, 200 }, { 12, 40 } };
    struct term *term = open_trained(24, 80);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        term_resize(term, sizes[i][0], sizes[i][1]);
        term_settle(term, 300);
        term_wait(term, "done");
        term_wait(term, "loss");
        CHECK(braille_cells(term) > 5);
        term_type(term, "<Tab>z");
        term_settle(term, 200);
        term_type(term, "zjjjkkk");
        term_settle(term, 200);
    }
    term_resize(term, 5, 20);
    term_settle(term, 500);
    CHECK(term_has(term, "loss") || term_has(term, "r.sluice"));
    term_resize(term, 1, 1);
    term_settle(term, 500);
    CHECK(!term->ended);
}

/* Keys, that together change nothing, are typed between. */
static void storm(struct term *term, const char *keys)
{
    uint32_t x = 2463534242u;
    for (int i = 0; i < 200; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        if (i % 20 == 7)
            term_resize(term, 1, 1);
        else
            term_resize(term, 1 + (int)(x % 50), 1 + (int)(x / 64 % 180));
        if (i % 10 == 0)
            term_settle(term, 30);
        if (i % 25 == 0)
            term_type(term, keys);
    }
}

static void check_storm(struct term *term, const char *keys, const char *text)
{
    term_settle(term, 500);
    char *before = term_text(term);
    storm(term, keys);
    term_resize(term, 24, 80);
    term_wait(term, text);
    term_settle(term, 500);
    char *after = term_text(term);
    if (strcmp(before, after) != 0)
        FAIL("before the storm\n%s\nafter it\n%s", before, after);
    free(before);
    free(after);
}

static void a_storm_of_sizes_leaves_the_right_screen(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "300 rec");
    term_type(term, "jjjj");
    wait_for_record(term, 4);
    check_storm(term, "jk", "=>  4");
    term_free(term);
    term = open_trained(24, 80);
    check_storm(term, "+_", "Result");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

/* Every row of a table is somewhere in the text that help shows. */
static void check_help(struct term *term, const struct key_row *keys, const char *view)
{
    for (; keys->keys; keys++) {
        bool found = false;
        for (int y = 0; y < term->rows && !found; y++) {
            const char *row = term_row(term, y), *key = strstr(row, keys->keys);
            found = key && strstr(key + strlen(keys->keys), keys->help);
        }
        if (!found)
            FAIL("the help of %s does not list \"%s\": %s", view, keys->keys, keys->help);
    }
}

static void help_lists_every_key_of_each_view(void)
{
    static const struct view *const views[] = { &view_data, &view_pipeline, &view_step, &view_train, &view_runs };
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(60, 110, "reviews.csv", NULL, NULL);
    term_wait(term, "I LOVED it!");
    for (int i = 0; i < 5; i++) {
        char key[2] = { (char)('1' + i), '\0' };
        term_type(term, key);
        term_settle(term, 300);
        term_type(term, i % 2 ? "<F1>" : "?");
        term_wait(term, "Everywhere");
        check_help(term, views[i]->keys, views[i]->name);
        term_type(term, "<Esc>");
        term_wait_gone(term, "Everywhere");
    }
}

static struct term *start_with(const char *const *env, const char *option)
{
    const char *args[] = { "r.sluice", option, NULL };
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = term_start(&(struct term_options){ .args = args, .env = env });
    term_wait(term, "I LOVED it!");
    return term;
}

static void check_ascii(struct term *term)
{
    term_settle(term, 300);
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++)
            if (term_cell(term, y, x).chars[0] >= 0x7f)
                FAIL("row %d, column %d holds U+%04X: %s", y, x, term_cell(term, y, x).chars[0], term_row(term, y));
}

/* Every view, a layer over it, and a finished training. */
static void visit(struct term *term, void (*check)(struct term *term))
{
    check(term);
    term_type(term, "2");
    term_wait(term, "logistic");
    check(term);
    term_type(term, "a");
    term_wait(term, "type to narrow");
    check(term);
    term_type(term, "<Esc>3");
    term_wait(term, "record 0");
    check(term);
    term_type(term, "4");
    term_wait(term, "Nothing is trained yet.");
    check(term);
    term_type(term, "t");
    term_wait(term, "Result");
    check(term);
    term_type(term, "ssm?");
    term_wait(term, "Esc q close");
    check(term);
    term_type(term, "<Esc>5");
    term_wait(term, "r.session");
    check(term);
}

static void ascii_mode_shows_nothing_but_ascii(void)
{
    struct term *term = start_with(NULL, "--ascii");
    visit(term, check_ascii);
    term_free(term);
}

static void a_locale_without_utf8_and_a_linux_console_get_ascii(void)
{
    static const char *const locale[] = { "LC_ALL=C", NULL }, *const console[] = { "TERM=linux", NULL };
    make_file("u.csv", "text,n\n\"caf\xc3\xa9 \xe2\x9c\x93 \xe6\x97\xa5\",1\n");
    const char *args[] = { "u.csv", NULL };
    struct term *term = term_start(&(struct term_options){ .args = args, .env = locale });
    term_wait(term, "caf");
    check_ascii(term);
    term_free(term);
    term = start_with(console, NULL);
    check_ascii(term);
}

static void check_colourless(struct term *term)
{
    bool marked = false;
    term_settle(term, 300);
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++) {
            VTermScreenCell cell = term_cell(term, y, x);
            if (cell_coloured(&cell))
                FAIL("row %d, column %d has a colour: %s", y, x, term_row(term, y));
            marked |= cell.attrs.bold || cell.attrs.reverse || cell.attrs.underline;
        }
    CHECK(marked);
}

static void no_color_takes_all_colours_and_leaves_attributes(void)
{
    static const char *const env[] = { "NO_COLOR=1", NULL };
    struct term *term = start_with(env, NULL);
    visit(term, check_colourless);
}

static bool has_colour(struct term *term)
{
    bool coloured = false;
    term_settle(term, 300);
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++) {
            VTermScreenCell cell = term_cell(term, y, x);
            coloured |= cell_coloured(&cell);
        }
    return coloured;
}

static void the_option_has_the_last_word_on_colour(void)
{
    static const char *const env[] = { "NO_COLOR=1", NULL };
    struct term *term = start_with(env, "--color=always");
    CHECK(has_colour(term));
    term_free(term);
    term = start_with(NULL, "--color=never");
    check_colourless(term);
    term_free(term);
    term = start_with(NULL, NULL);
    CHECK(has_colour(term));
}

const struct e2e_test e2e_screen_tests[] = {
    { "it works at every size, 1 by 1 too", it_works_at_every_size },
    { "the Train view works at every size", the_train_view_works_at_every_size },
    { "a storm of sizes leaves the right screen", a_storm_of_sizes_leaves_the_right_screen },
    { "help lists every key of each view", help_lists_every_key_of_each_view },
    { "ASCII mode shows nothing but ASCII", ascii_mode_shows_nothing_but_ascii },
    { "a locale without UTF-8 and a Linux console get ASCII", a_locale_without_utf8_and_a_linux_console_get_ascii },
    { "NO_COLOR takes all colours and leaves attributes", no_color_takes_all_colours_and_leaves_attributes },
    { "the option has the last word on colour", the_option_has_the_last_word_on_colour },
    { 0 },
};
