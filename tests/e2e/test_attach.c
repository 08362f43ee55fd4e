/* test_attach.c: one terminal trains, another watches and steers it; the first may go away. */
#include "e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const char *const attached_mark = "attached to process";

/* A training of the workbench that never ends, kept in r.session. */
static struct term *train_in_workbench(void)
{
    make_reviews("reviews.csv", 1000);
    make_long_recipe("r.sluice", 100000000);
    struct term *term = open_train_view(24, 80, "r.sluice");
    term_type(term, "t");
    wait_for_step(term, 1);
    return term;
}

static struct term *attach(const char *session)
{
    struct term *term = term_open(24, 80, "attach", session, NULL);
    term_wait(term, attached_mark);
    wait_for_step(term, 2);
    return term;
}

static void wait_for_more_steps(struct term *term)
{
    wait_for_step(term, shown_step(term) + 20);
}

static void an_attached_terminal_shows_the_curves_and_steers(void)
{
    struct term *owner = train_in_workbench(), *term = attach("r.session");
    wait_for_more_steps(term);
    CHECK(braille_cells(term) > 10);
    term_type(term, "<Space>");
    term_wait(owner, "paused");
    term_wait(term, "paused");
    term_type(term, ":pause<Enter>");
    term_wait(term, "held already");
    term_type(term, "<Space>");
    term_wait_gone(owner, "paused");
    term_wait_gone(term, "paused");
    wait_for_more_steps(term);
    term_type(term, "1");
    term_wait(term, "I LOVED it!");
    term_type(term, ":lowercase review_text<Enter>");
    term_wait(term, "to look at only");
    term_type(term, "<C-c>");
    term_wait(term, "goes on; :stop ends its training");
    term_type(term, ":view train<Enter>");
    wait_for_more_steps(term);
    term_type(term, "K");
    term_wait(term, "stopped");
    term_wait(owner, "stopped");
    term_type(owner, "q");
    CHECK(term_end(owner) == 0);
    term_wait(term, "nobody runs it");
    term_type(term, "<Space>");
    term_wait(term, "sluice resume");
    term_type(term, "<Esc>q");
    CHECK(term_end(term) == 0);
}

static void a_training_outlives_the_terminal_of_its_workbench(void)
{
    struct term *owner = train_in_workbench(), *term = attach("r.session");
    term_hang_up(owner);
    wait_for_more_steps(term);
    wait_for_more_steps(term);
    CHECK(term_has(term, attached_mark));
    CHECK(kill(owner->pid, 0) == 0);
    term_type(term, ":stop<Enter>");
    term_wait(term, "stopped");
    term_end(owner);
    term_wait(term, "nobody runs it");
    CHECK(term_has(term, "stopped"));
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void a_batch_run_outlives_its_terminal_and_sigterm_saves_it(void)
{
    make_reviews("reviews.csv", 1000);
    make_long_recipe("r.sluice", 100000000);
    const char *args[] = { "run", "r.sluice", "--session", "b.session", NULL };
    struct term *owner = term_start(&(struct term_options){ .args = args });
    term_wait(owner, "step ");
    struct term *term = attach("b.session");
    term_hang_up(owner);
    wait_for_more_steps(term);
    wait_for_more_steps(term);
    kill(owner->pid, SIGTERM);
    term_end(owner);
    term_wait(term, "interrupted");
    term_wait(term, "nobody runs it");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(owner);
    term_free(term);
    owner = term_open(24, 80, "resume", "b.session", NULL);
    term_wait(owner, "step ");
    term_type(owner, "<C-c>");
    term_wait(owner, "the session is saved");
    term_end(owner);
}

static void a_killed_owner_is_missed(void)
{
    struct term *owner = train_in_workbench(), *term = attach("r.session");
    kill(owner->pid, SIGKILL);
    term_end(owner);
    term_wait(term, "interrupted");
    term_wait(term, "nobody runs it");
    term_type(term, "<Space>");
    term_wait(term, "there is nobody to ask");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void plain_attach_prints_points_as_they_come(void)
{
    struct term *owner = train_in_workbench();
    struct term *term = term_open(24, 80, "attach", "--plain", "r.session");
    term_wait(term, "step ");
    term_wait(term, ", loss ");
    CHECK(!term->alternate);
    uint64_t bytes = term->bytes;
    while (term->bytes < bytes + 2000)
        term_wait(term, ", loss ");
    term_type(owner, "K");
    term_wait(owner, "stopped");
    term_wait(term, "peak memory"); /* the report's last line: what is above it may have left the screen */
    CHECK(term_end(term) == 0);
    term_type(owner, "q");
    CHECK(term_end(owner) == 0);
}

const struct e2e_test e2e_attach_tests[] = {
    { "an attached terminal shows the curves and steers", an_attached_terminal_shows_the_curves_and_steers },
    { "a training outlives the terminal of its workbench", a_training_outlives_the_terminal_of_its_workbench },
    { "a batch run outlives its terminal, and SIGTERM saves it",
      a_batch_run_outlives_its_terminal_and_sigterm_saves_it },
    { "a killed owner is missed by who is attached", a_killed_owner_is_missed },
    { "attach --plain prints points as they come", plain_attach_prints_points_as_they_come },
    { 0 },
};
