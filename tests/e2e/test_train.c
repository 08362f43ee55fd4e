/* test_train.c: training: what is seen before, meanwhile and after, and the keys of the charts. */
#include "e2e.h"

static struct term *open_train(int rows, int columns, bool trained)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = open_train_view(rows, columns, "r.sluice");
    if (trained) {
        term_type(term, "t");
        term_wait(term, "Result");
        term_settle(term, 300);
    }
    return term;
}

static struct term *open_long(int rows, int columns)
{
    make_reviews("reviews.csv", 3000);
    make_long_recipe("r.sluice", 1000000);
    struct term *term = open_train_view(rows, columns, "r.sluice");
    term_type(term, "t");
    term_wait(term, "training");
    term_wait(term, "step ");
    return term;
}

static void training_draws_curves_and_shows_the_result(void)
{
    struct term *term = open_train(24, 80, true);
    term_wait(term, "done");
    term_wait(term, "loss");
    term_wait(term, "accuracy");
    term_wait(term, "precision");
    term_wait(term, "ROC AUC");
    term_wait(term, "Strongest features");
    term_wait(term, "negative");
    if (braille_cells(term) < 20)
        FAIL("only %d cells of curves", braille_cells(term));
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void without_a_label_the_train_view_says_what_is_missing(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "I LOVED it!");
    term_type(term, "4");
    term_wait(term, "Nothing is trained yet.");
    term_wait(term, "! label");
    term_wait(term, "! learner");
    term_type(term, "t");
    term_wait(term, "the recipe has no learner");
    term_type(term, ":label sentiment<Enter>");
    term_wait(term, "✓ label");
    CHECK(!term_has(term, "Result"));
}

static void a_training_that_fails_says_why_and_what_to_do(void)
{
    make_file("one.csv", "a,y\none word,x\ntwo words,x\nthree,x\nfour,x\nfive,x\n");
    make_file("r.sluice", "read csv one.csv\nlabel y\nsplit\ntfidf a\nlogistic\n");
    struct term *term = term_open(24, 80, "r.sluice", "--train", NULL);
    term_wait(term, "! failed");
    term_wait(term, "the same value in every record");
    term_wait(term, "label a column with at least two classes");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void chart_keys_do_what_the_table_says(void)
{
    struct term *term = open_train(24, 80, true);
    term_type(term, "m");
    term_wait(term, "at step ");
    term_type(term, "x");
    term_wait(term, "at epoch ");
    term_type(term, "xxm");
    term_wait_gone(term, "at epoch ");
    term_type(term, "y");
    term_wait(term, " log");
    term_type(term, "y<Esc>");
    term_wait_gone(term, "@1 log");
    term_type(term, "ss");
    term_wait(term, "~0.8");
    term_type(term, "SS");
    term_wait_gone(term, "~0.");
    term_type(term, "<lt>");
    term_wait(term, "at step ");
    term_type(term, "m+");
    term_wait_either(term, "zoomed", "G follows");
    term_type(term, "_");
    term_wait_gone(term, "zoomed");
    term_type(term, "ggg");
    term_wait(term, "drawn with Braille");
    CHECK(braille_cells(term) > 10);
}

static void focus_moves_and_enter_gives_a_chart_the_whole_pane(void)
{
    struct term *term = open_train(24, 80, true);
    term_wait(term, "▸ loss");
    term_type(term, "<Tab>");
    term_wait(term, "▸ accuracy");
    term_type(term, "<Enter>");
    term_wait_gone(term, "loss");
    term_wait(term, "▸ accuracy");
    term_type(term, "<Esc>");
    term_wait(term, "Result");
    term_type(term, "<Tab>z");
    term_wait_gone(term, "▸ accuracy");
    term_wait(term, "Busy, by stage");
    term_type(term, "q");
    term_wait(term, "loss");
    CHECK(!term->ended);
}

static void pausing_holds_the_step_and_going_on_moves_it(void)
{
    struct term *term = open_long(24, 80);
    wait_for_step(term, 2);
    term_type(term, " ");
    term_wait(term, "paused");
    term_settle(term, 400);
    long held = shown_step(term);
    term_settle(term, 700);
    if (shown_step(term) != held)
        FAIL("paused at %ld, then at %ld", held, shown_step(term));
    term_type(term, " ");
    term_wait(term, "● training");
    wait_for_step(term, held + 1);
    term_type(term, "K");
    term_wait(term, "stopped");
}

static void a_dot_takes_one_iteration_and_holds(void)
{
    make_reviews("reviews.csv", 600);
    make_long_recipe("r.sluice", 1000000);
    struct term *term = open_train_view(24, 80, "r.sluice");
    for (long step = 1; step <= 3; step++) { /* the first begins the training */
        term_type(term, ".");
        wait_for_step(term, step);
        term_wait(term, "paused");
        term_settle(term, 300);
        if (shown_step(term) != step)
            FAIL("step %ld is shown, not %ld", shown_step(term), step);
    }
    term_type(term, " ");
    term_wait(term, "● training");
    wait_for_step(term, 5);
    term_type(term, ".");
    term_wait(term, "paused");
}

static void a_learning_rate_is_tuned_by_key_and_marked_on_the_curves(void)
{
    struct term *term = open_long(45, 160);
    wait_for_step(term, 2);
    term_type(term, " ");
    term_wait(term, "paused");
    term_wait(term, "rate 0.01");
    term_type(term, "e");
    term_wait(term, ":tune learning_rate=0.01");
    term_type(term, "<BS>2<Enter>");
    term_wait(term, "rate 0.02");
    term_wait(term, "^");
    term_type(term, "e<C-U>tune learning_rates=3<Enter>");
    term_wait(term, "has no parameter");
    term_type(term, " ");
    term_wait(term, "● training");
    term_wait(term, "rate 0.02");
}

static void every_view_answers_while_training(void)
{
    struct term *term = open_long(24, 80);
    for (int i = 0; i < 3; i++) {
        term_type(term, "1");
        term_wait(term, "I LOVED it!");
        term_type(term, "2");
        term_wait(term, "tfidf review_text");
        term_type(term, "3");
        term_wait(term, "record 0 ");
        term_type(term, "5");
        term_wait(term, "session");
        term_type(term, "4");
        term_wait(term, "loss");
    }
    term_type(term, "K");
    term_wait(term, "stopped");
}

static void zoom_survives_new_points(void)
{
    struct term *term = open_long(24, 80);
    wait_for_step(term, 30);
    term_type(term, "++");
    term_wait(term, "zoomed");
    long step = shown_step(term);
    wait_for_step(term, step + 5);
    term_wait(term, "zoomed");
    term_type(term, "h");
    term_wait(term, "G follows");
    term_type(term, "G");
    term_wait_gone(term, "G follows");
    term_type(term, "K");
    term_wait(term, "stopped");
}

static void a_wide_screen_shows_everything_at_once(void)
{
    struct term *term = open_train(45, 160, true);
    static const char *const parts[] = { "loss",      "accuracy",           "gradient norm",  "rows/s", "Result",
                                         "precision", "Strongest features", "Busy, by stage", "read",   "fit",
                                         "encode" };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!term_has(term, parts[i]))
            FAIL("no \"%s\" on a screen of 160 by 45", parts[i]);
    CHECK(braille_cells(term) > 100);
}

static void leaving_while_training_asks_first(void)
{
    struct term *term = open_long(24, 80);
    term_type(term, "q");
    term_wait(term, "Leave?");
    term_type(term, "n");
    term_wait_gone(term, "Leave?");
    CHECK(!term->ended);
    term_type(term, "q");
    term_wait(term, "Leave?");
    term_type(term, "y");
    CHECK(term_end(term) == 0);
    CHECK(!term->alternate);
}

static void starting_with_train_shows_the_curves_at_once(void)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = term_open(24, 80, "r.sluice", "--train", NULL);
    term_wait(term, "Result");
    CHECK(braille_cells(term) > 20);
}

const struct e2e_test e2e_train_tests[] = {
    { "training draws curves and shows the result", training_draws_curves_and_shows_the_result },
    { "without a label the Train view says what is missing", without_a_label_the_train_view_says_what_is_missing },
    { "a training that fails says why and what to do", a_training_that_fails_says_why_and_what_to_do },
    { "chart keys do what the table says", chart_keys_do_what_the_table_says },
    { "focus moves, and Enter gives a chart the whole pane", focus_moves_and_enter_gives_a_chart_the_whole_pane },
    { "pausing holds the step, going on moves it", pausing_holds_the_step_and_going_on_moves_it },
    { "a dot takes one iteration and holds", a_dot_takes_one_iteration_and_holds },
    { "a learning rate is tuned by key and marked on the curves",
      a_learning_rate_is_tuned_by_key_and_marked_on_the_curves },
    { "every view answers while training", every_view_answers_while_training },
    { "zoom survives new points", zoom_survives_new_points },
    { "a wide screen shows everything at once", a_wide_screen_shows_everything_at_once },
    { "leaving while training asks first", leaving_while_training_asks_first },
    { "starting with --train shows the curves at once", starting_with_train_shows_the_curves_at_once },
    { 0 },
};
