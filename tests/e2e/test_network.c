/* test_network.c: neural networks at the terminal: curves, a look inside, single batches, another learning rate, what
 * is taken wrong; pictures with colours, without, and in every size. */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_recipe_of(const char *name, int epochs)
{
    char text[512];
    make_pictures("train", 600);
    make_pictures("other", 200);
    snprintf(text, sizeof text,
             "read idx train-images labels=train-labels\nread idx other-images labels=other-labels as=test\n"
             "rescale image scale=1/255\nbatch size=50 random_state=1\nmlp hidden=16\n"
             "train optimizer=adam learning_rate=0.01 epochs=%d device=cpu\n",
             epochs);
    make_file(name, text);
}

static struct term *start(int rows, int columns, const char *option, const char *const *env)
{
    static const char *const colours[] = { "TERM=xterm-256color", NULL };
    const char *const args[] = { "n.sluice", option, NULL };
    const struct term_options options = { .rows = rows, .columns = columns, .args = args, .env = env ? env : colours };
    struct term *term = term_start(&options);
    term_wait(term, "800 rec");
    term_type(term, "4");
    term_wait(term, "Nothing is trained yet.");
    return term;
}

static struct term *open_trained(int rows, int columns)
{
    make_recipe_of("n.sluice", 5);
    struct term *term = start(rows, columns, NULL, NULL);
    term_type(term, "t");
    term_wait(term, "Result");
    return term;
}

/* One that goes on for hours. */
static struct term *open_long(int rows, int columns, const char *option, const char *const *env)
{
    make_recipe_of("n.sluice", 1000000);
    return start(rows, columns, option, env);
}

static int half_cells(struct term *term)
{
    int n = 0;
    for (int y = 0; y < term->rows; y++)
        for (int x = 0; x < term->columns; x++)
            n += term_cell(term, y, x).chars[0] == 0x2580;
    return n;
}

static bool has_half_cells(struct term *term, long n)
{
    return half_cells(term) >= n;
}

static void wait_for_pictures(struct term *term, int cells)
{
    term_wait_that(term, has_half_cells, cells, "pictures of half cells");
}

static void a_network_trains_with_curves_and_a_result(void)
{
    struct term *term = open_trained(24, 80);
    term_wait(term, "done");
    term_wait(term, "epoch 5/5");
    term_wait(term, "cpu, ");
    term_wait(term, "step 60");
    term_wait(term, "accuracy");
    if (braille_cells(term) < 20)
        FAIL("only %d cells of curves", braille_cells(term));
    term_resize(term, 45, 160);
    term_wait(term, "learning rate");
    term_wait(term, "gradient norm");
    term_wait(term, "rows/s");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void a_dot_takes_one_batch_and_shows_it(void)
{
    struct term *term = open_long(24, 80, NULL, NULL);
    for (long step = 1; step <= 3; step++) {
        term_type(term, ".");
        wait_for_step(term, step);
        term_wait(term, "paused");
        term_settle(term, 200);
        CHECK(shown_step(term) == step);
    }
    term_type(term, "i");
    term_wait(term, " Batch ");
    wait_for_pictures(term, 10 * 4 * 8);
    term_wait(term, "record ");
    for (long step = 4; step <= 6; step++) {
        char text[32];
        term_type(term, ".");
        snprintf(text, sizeof text, "as of step %ld", step);
        term_wait(term, text);
        term_settle(term, 200);
        CHECK(shown_step(term) == step);
    }
    term_type(term, "i");
    term_wait(term, "batch 6/12");
    term_wait(term, "epoch 1/");
}

static void wrong_ones_of_a_batch_are_marked(void)
{
    struct term *term = open_long(24, 80, NULL, NULL);
    term_type(term, ".");
    wait_for_step(term, 1);
    term_type(term, "i");
    term_wait(term, "of the 50 shown are wrong"); /* weights are as good as random */
    term_wait(term, "→");
    int marks = 0;
    for (int y = 5; y < 22; y++)
        for (int x = 0; x < 80; x++)
            marks += term_cell(term, y, x).chars[0] == '!';
    CHECK(marks > 0);
    term_type(term, "l");
    term_settle(term, 200);
    term_type(term, "<Enter>");
    term_wait(term, "rescale image"); /* the Step view, at that record */
}

static void layers_and_weights_are_shown_inside(void)
{
    struct term *term = open_long(24, 80, NULL, NULL);
    term_type(term, ".");
    wait_for_step(term, 1);
    term_type(term, "i<Tab>");
    term_wait(term, "dense_1");
    term_wait(term, "dense_2");
    term_wait(term, "1,040"); /* 64 × 16 and 16 biases */
    term_wait(term, "zeros");
    term_wait(term, "outputs");
    term_wait(term, "gradients");
    term_type(term, "<Tab>");
    term_wait(term, "unit 1");
    wait_for_pictures(term, 10 * 4 * 8);
    int coloured = 0;
    for (int y = 5; y < 22; y++)
        for (int x = 0; x < 80; x++) {
            VTermScreenCell cell = term_cell(term, y, x);
            coloured += cell.chars[0] == 0x2580 && cell_coloured(&cell);
        }
    CHECK(coloured > 50);
    term_type(term, "<Esc>");
    term_wait_gone(term, "unit 1");
    CHECK(!term->ended);
}

static void a_learning_rate_is_tuned_and_counts(void)
{
    struct term *term = open_long(24, 80, NULL, NULL);
    term_type(term, ".");
    wait_for_step(term, 1);
    term_wait(term, "rate 0.01");
    term_type(term, "e");
    term_wait(term, ":tune learning_rate=0.01");
    term_type(term, "<BS>2<Enter>");
    term_wait(term, "counts from the next iteration");
    term_type(term, ".");
    wait_for_step(term, 2);
    term_wait(term, "rate 0.02");
    term_type(term, " ");
    term_wait(term, "● training");
    wait_for_step(term, 20);
    term_wait(term, "rate 0.02");
    term_type(term, " ");
    term_wait(term, "paused");
    term_settle(term, 400);
    long held = shown_step(term);
    term_settle(term, 600);
    CHECK(shown_step(term) == held);
    term_type(term, " ");
    wait_for_step(term, held + 1);
}

static void inside_pages_stand_every_size(void)
{
    static const int sizes[][2] = {
        { 24, 80 }, { 45, 160 }, { 12, 40 }, { 5, 20 }, { 1, 1 }, { 100, 300 }, { 24, 80 }
    };
    struct term *term = open_long(24, 80, NULL, NULL);
    term_type(term, "t");
    wait_for_step(term, 2);
    term_type(term, "i");
    for (int page = 0; page < 4; page++) {
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            term_resize(term, sizes[i][0], sizes[i][1]);
            term_settle(term, 100);
            term_type(term, "jlkh");
        }
        term_wait(term, " Weights ");
        term_type(term, "<Tab>");
        CHECK(!term->ended);
    }
    wait_for_pictures(term, 10 * 4 * 8); /* the first page again */
}

/* Cells of the batch page that the ramp fills. */
static int ramp_cells(struct term *term)
{
    int n = 0;
    for (int y = 5; y < term->rows - 2; y++)
        for (int x = 0; x < term->columns; x++) {
            uint32_t c = term_cell(term, y, x).chars[0];
            n += c && c < 0x80 && strchr(".:-=+*#%@", (int)c) != NULL;
        }
    return n;
}

static void check_without_colours(const char *option, const char *const *env, bool ascii)
{
    struct term *term = open_long(24, 80, option, env);
    term_type(term, ".");
    wait_for_step(term, 1);
    term_type(term, "i");
    term_wait(term, "record ");
    term_settle(term, 300);
    CHECK(ramp_cells(term) > 200);
    CHECK(half_cells(term) == 0);
    for (int y = 0; ascii && y < term->rows; y++)
        for (int x = 0; x < term->columns; x++)
            CHECK(term_cell(term, y, x).chars[0] < 0x7f);
    term_free(term);
}

static void without_colours_pictures_are_a_ramp_of_characters(void)
{
    static const char *const no_color[] = { "TERM=xterm-256color", "NO_COLOR=1", NULL };
    check_without_colours(NULL, no_color, false);
    check_without_colours("--ascii", NULL, true);
}

static void data_and_step_views_show_the_picture_of_a_record(void)
{
    make_recipe_of("n.sluice", 5);
    struct term *term = start(24, 80, NULL, NULL);
    term_type(term, "1");
    term_settle(term, 300);
    term_type(term, "<Enter>");
    wait_for_pictures(term, 4 * 8);
    term_type(term, "<Esc>3");
    term_wait(term, "rescale");
    wait_for_pictures(term, 4 * 8);
}

static void wrong_records_are_shown_as_pictures_most_wrong_first(void)
{
    struct term *term = open_trained(24, 80);
    term_type(term, "i<S-Tab>");
    term_wait(term, "records taken for another class");
    wait_for_pictures(term, 4 * 8);
    term_wait(term, "1 of ");
    term_type(term, "l");
    term_wait(term, "2 of ");
    term_type(term, "<Enter>");
    term_wait(term, "records taken for another class"); /* the Step view walks through the same list */
    term_wait_gone(term, " Wrong ");
}

static void a_cell_of_the_confusion_matrix_opens_its_records(void)
{
    struct term *term = open_trained(45, 160);
    term_type(term, ":records cell 1 0<Enter>");
    term_wait(term, "1 taken for 0");
    term_type(term, "4i<S-Tab>");
    term_wait(term, "1→0");
    wait_for_pictures(term, 4 * 8);
    term_type(term, "r");
    term_wait(term, "records taken for another class");
}

static void another_recipe_is_a_key_and_enter_away(void)
{
    make_reviews("reviews.csv", 300);
    make_recipe("reviews.sluice");
    make_recipe_of("n.sluice", 5);
    struct term *term = start(24, 80, NULL, NULL);
    term_type(term, "O");
    term_wait(term, "reviews.sluice");
    term_type(term, "reviews.sl<Enter>");
    term_wait(term, "I LOVED it!");
    CHECK(strstr(term_row(term, 0), "reviews.sluice") != NULL);
    term_type(term, "O<Esc>");
    term_wait(term, "I LOVED it!");
    CHECK(!term->ended);
}

const struct e2e_test e2e_network_tests[] = {
    { "a network trains with curves and a result", a_network_trains_with_curves_and_a_result },
    { "a dot takes one batch and shows it", a_dot_takes_one_batch_and_shows_it },
    { "wrong ones of a batch are marked", wrong_ones_of_a_batch_are_marked },
    { "layers and weights are shown inside a network", layers_and_weights_are_shown_inside },
    { "a network's learning rate is tuned and counts", a_learning_rate_is_tuned_and_counts },
    { "pages inside a network stand every size", inside_pages_stand_every_size },
    { "without colours pictures of a network are a ramp of characters",
      without_colours_pictures_are_a_ramp_of_characters },
    { "data and step views show the picture of a record", data_and_step_views_show_the_picture_of_a_record },
    { "a network's wrong records are shown as pictures, most wrong first",
      wrong_records_are_shown_as_pictures_most_wrong_first },
    { "a cell of a network's confusion matrix opens its records", a_cell_of_the_confusion_matrix_opens_its_records },
    { "another recipe is a key and Enter away", another_recipe_is_a_key_and_enter_away },
    { 0 },
};
