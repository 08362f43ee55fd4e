/* test_signal.c: the terminal is given back on every way out. */
#include "e2e.h"

#include <signal.h>
#include <stdio.h>

static struct term *open_reviews(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "300 rec");
    CHECK(term->alternate);
    return term;
}

static void check_restored(struct term *term)
{
    if (term->alternate)
        FAIL("the alternate screen was not left");
    if (!term->cursor_visible)
        FAIL("the cursor is still hidden");
}

static void control_c_cancels_and_only_then_offers_to_leave(void)
{
    struct term *term = open_reviews();
    term_settle(term, 300);
    term_type(term, "<C-c>");
    term_wait(term, "^C again to leave");
    CHECK(!term->ended);
    term_type(term, "<C-c>");
    term_wait(term, "Leave the workbench?");
    term_type(term, "n");
    term_wait_gone(term, "Leave the workbench?");
    term_type(term, "j");
    wait_for_record(term, 1);
    CHECK(!term->ended);
}

static void control_c_stops_a_training(void)
{
    make_reviews("reviews.csv", 3000);
    make_long_recipe("r.sluice", 1000000);
    struct term *term = open_train_view(24, 80, "r.sluice");
    term_type(term, "t");
    wait_for_step(term, 1);
    term_type(term, "<C-c>");
    term_wait(term, "stopped");
    CHECK(!term->ended);
}

static void sigint_from_outside_is_the_same_as_control_c(void)
{
    struct term *term = open_reviews();
    term_settle(term, 300);
    term_signal(term, SIGINT);
    term_wait(term, "^C again to leave");
    CHECK(!term->ended);
}

static void end_signals_restore_the_terminal_and_keep_the_session(void)
{
    static const int signals[] = { SIGTERM, SIGHUP };
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct term *term = open_reviews();
        term_type(term, ":lowercase review_text<Enter>");
        term_wait(term, "i loved it!");
        term_signal(term, signals[i]);
        term_end(term);
        check_restored(term);
        term_free(term);
        term = term_open(24, 80, i ? "reviews-2.session" : "reviews.session", NULL, NULL);
        term_wait(term, "i loved it!");
        term_type(term, "q");
        CHECK(term_end(term) == 0);
        check_restored(term);
        term_free(term);
    }
}

static void a_signal_like_a_hang_up_restores_the_terminal_and_a_training_goes_on(void)
{
    make_reviews("reviews.csv", 1000);
    make_long_recipe("r.sluice", 100000000);
    struct term *term = open_train_view(24, 80, "r.sluice");
    term_type(term, "t");
    wait_for_step(term, 1);
    term_signal(term, SIGHUP);
    term_wait(term, "the training goes on in process");
    check_restored(term);
    CHECK(kill(term->pid, 0) == 0);
    struct term *watch = term_open(24, 80, "attach", "r.session", NULL);
    wait_for_step(watch, 1);
    wait_for_step(watch, shown_step(watch) + 20);
    term_signal(term, SIGHUP); /* no more than the first */
    wait_for_step(watch, shown_step(watch) + 20);
    term_signal(term, SIGTERM);
    term_end(term);
    term_wait(watch, "interrupted");
    term_type(watch, "q");
    CHECK(term_end(watch) == 0);
}

static void a_crash_restores_the_terminal(void)
{
    struct term *term = open_reviews();
    term_signal(term, SIGABRT);
    int status = term_end(term);
    CHECK(status != 0);
    check_restored(term);
}

static void a_terminal_that_goes_away_ends_the_program(void)
{
    make_reviews("reviews.csv", 300);
    struct term *term = term_open(24, 80, "reviews.csv", NULL, NULL);
    term_wait(term, "300 rec");
    term_hang_up(term);
    term_end(term);
    CHECK(term->ended);
}

static void it_suspends_and_comes_back_clean(void)
{
    make_reviews("reviews.csv", 300);
    char line[4200];
    const char *args[] = { "--norc", "--noprofile", "-i", NULL };
    const char *env[] = { "PS1=READY> ", "HISTFILE=", NULL };
    struct term *term = term_start(&(struct term_options){ .program = "bash", .args = args, .env = env });
    term_wait(term, "READY>");
    snprintf(line, sizeof line, "clear; %s reviews.csv<Enter>", e2e_program);
    term_type(term, line);
    term_wait(term, "300 rec");
    term_type(term, "jj");
    wait_for_record(term, 2);
    CHECK(term->alternate);
    term_type(term, "<C-z>");
    term_wait(term, "Stopped");
    check_restored(term);
    term_type(term, "echo shell$((40+2))<Enter>");
    term_wait(term, "shell42");
    term_type(term, "fg<Enter>");
    wait_for_record(term, 2);
    CHECK(term->alternate);
    CHECK(!term_has(term, "shell42"));
    term_type(term, "j");
    wait_for_record(term, 3);
    term_type(term, "q");
    term_wait(term, "READY>");
    term_type(term, "echo over$((1+1))<Enter>");
    term_wait(term, "over2");
    check_restored(term);
}

static void control_l_draws_a_spoilt_screen_anew(void)
{
    struct term *term = open_reviews();
    term_settle(term, 300);
    vterm_input_write(term->vt, "\x1b[2J\x1b[Hgarbage", 14);
    term_wait(term, "garbage");
    term_type(term, "<C-l>");
    term_wait(term, "I LOVED it!");
    CHECK(!term_has(term, "garbage"));
}

const struct e2e_test e2e_signal_tests[] = {
    { "^C cancels, and only then offers to leave", control_c_cancels_and_only_then_offers_to_leave },
    { "^C stops a training", control_c_stops_a_training },
    { "SIGINT from outside is the same as ^C", sigint_from_outside_is_the_same_as_control_c },
    { "SIGTERM and SIGHUP restore the terminal and keep the session",
      end_signals_restore_the_terminal_and_keep_the_session },
    { "a signal like a hang-up restores the terminal, and a training goes on",
      a_signal_like_a_hang_up_restores_the_terminal_and_a_training_goes_on },
    { "a crash restores the terminal", a_crash_restores_the_terminal },
    { "a terminal that goes away ends the program", a_terminal_that_goes_away_ends_the_program },
    { "^Z suspends and fg comes back clean", it_suspends_and_comes_back_clean },
    { "^L draws a spoilt screen anew", control_l_draws_a_spoilt_screen_anew },
    { 0 },
};
