/* test_replay.c: a session replayed shows, cell for cell, what its live run showed; and one can go on from any of it.
 */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* --- cells --- */

/* Tabs and main area: all rows but the header, which names the file, and the bottom line. */
struct shot {
    int rows, columns;
    VTermScreenCell *cells;
    long step;
};

static struct shot take(struct term *term)
{
    struct shot shot = { term->rows - 2, term->columns, NULL, 0 };
    shot.cells = malloc((size_t)(shot.rows * shot.columns) * sizeof *shot.cells);
    CHECK(shot.cells);
    term_settle(term, 400);
    for (int y = 0; y < shot.rows; y++)
        for (int x = 0; x < shot.columns; x++)
            shot.cells[y * shot.columns + x] = term_cell(term, y + 1, x);
    shot.step = shown_step(term);
    return shot;
}

static bool same_cell(const VTermScreenCell *a, const VTermScreenCell *b)
{
    return memcmp(a->chars, b->chars, sizeof a->chars) == 0 && a->attrs.bold == b->attrs.bold &&
           a->attrs.reverse == b->attrs.reverse && a->attrs.underline == b->attrs.underline &&
           vterm_color_is_equal(&a->fg, &b->fg) && vterm_color_is_equal(&a->bg, &b->bg);
}

static void check_same(struct term *term, const struct shot *live, const char *what)
{
    struct shot now = take(term);
    CHECK(now.rows == live->rows && now.columns == live->columns);
    for (int y = 0; y < now.rows; y++)
        for (int x = 0; x < now.columns; x++) {
            const VTermScreenCell *a = &live->cells[y * live->columns + x], *b = &now.cells[y * now.columns + x];
            if (same_cell(a, b))
                continue;
            printf("live, row %d: ", y + 1);
            for (int k = 0; k < live->columns; k++)
                printf("%lc", (wint_t)(live->cells[y * live->columns + k].chars[0]
                                           ? live->cells[y * live->columns + k].chars[0]
                                           : ' '));
            FAIL("\n%s, row %d, column %d: U+%04X live, U+%04X replayed", what, y + 1, x, a->chars[0], b->chars[0]);
        }
    free(now.cells);
}

/* --- a run, and its replay --- */

enum { PAUSES = 3 };
struct live {
    struct shot train[PAUSES], pipeline[PAUSES], stopped, edited;
};

/* Pause three times, look at two views each time, stop, edit. */
static void run_live(struct live *live, int rows, int columns)
{
    make_reviews("reviews.csv", 2000);
    make_long_recipe("r.sluice", 1000000);
    struct term *term = open_train_view(rows, columns, "r.sluice");
    term_type(term, "t");
    term_wait(term, "● training");
    for (int i = 0; i < PAUSES; i++) {
        wait_for_step(term, i ? live->train[i - 1].step + 5 : 5);
        term_type(term, " ");
        term_wait(term, "‖ paused");
        live->train[i] = take(term);
        term_type(term, "2");
        term_wait(term, "lowercase review_text");
        live->pipeline[i] = take(term);
        term_type(term, "4 ");
        term_wait(term, "● training");
    }
    term_type(term, "K");
    term_wait(term, "○ stopped");
    live->stopped = take(term);
    term_type(term, "2:insert 3 trim review_text<Enter>");
    term_wait(term, "trim review_text");
    term_type(term, "<Esc>");
    live->edited = take(term);
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

/* "paused at step 1,234" */
static void paused_text(long step, char out[64])
{
    if (step >= 1000000)
        snprintf(out, 64, "paused at step %ld,%03ld,%03ld", step / 1000000, step / 1000 % 1000, step % 1000);
    else if (step >= 1000)
        snprintf(out, 64, "paused at step %ld,%03ld", step / 1000, step % 1000);
    else
        snprintf(out, 64, "paused at step %ld", step);
}

static void check_pause(struct term *term, const struct live *live, int i)
{
    term_wait(term, "‖ paused");
    check_same(term, &live->train[i], "the Train view");
    term_type(term, "<S-Tab><S-Tab>");
    term_wait(term, "lowercase review_text");
    check_same(term, &live->pipeline[i], "the Pipeline view");
    term_type(term, "V");
    term_wait(term, "‖ paused");
}

static void shows_the_same(int rows, int columns)
{
    struct live live;
    char text[64];
    run_live(&live, rows, columns);
    struct term *term = term_open(rows, columns, "replay", "r.session", NULL);
    term_wait(term, "? help");
    term_type(term, " <Home>");
    for (int i = 0; i < PAUSES; i++) { /* forward, marker by marker */
        paused_text(live.train[i].step, text);
        term_type_until(term, "]", text);
        check_pause(term, &live, i);
    }
    term_type(term, "<End>");
    check_same(term, &live.edited, "the Pipeline view at the end");
    term_type(term, "[");
    term_wait(term, "stopped at step");
    check_same(term, &live.stopped, "the Train view when stopped");
    for (int i = PAUSES; i-- > 0;) { /* backward */
        paused_text(live.train[i].step, text);
        term_type_until(term, "[", text);
        check_pause(term, &live, i);
    }
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void a_replay_shows_the_same_cells_as_the_live_run_did(void)
{
    shows_the_same(24, 80);
}

static void a_replay_shows_the_same_cells_on_a_large_screen(void)
{
    shows_the_same(45, 160);
}

/* --- the player --- */

static struct term *open_replay(int rows, int columns)
{
    make_reviews("reviews.csv", 600);
    make_recipe("r.sluice");
    struct term *term = open_train_view(rows, columns, "r.sluice");
    term_type(term, "t");
    term_wait(term, "Result");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(term);
    term = term_open(rows, columns, "replay", "r.session", NULL);
    term_wait(term, "? help");
    return term;
}

static void playing_runs_to_the_end_through_the_views(void)
{
    struct term *term = open_replay(24, 100);
    term_type(term, "F"); /* as fast as it can be drawn */
    term_wait(term, "done at step");
    term_wait(term, "Result");
    term_wait(term, "‖ max");
    term_type(term, "<Space>"); /* from the start again */
    term_wait(term, "▶ max");
    term_wait(term, "‖ max");
    term_type(term, "F+");
    term_wait(term, "‖ 2×");
    term_type(term, "----------");
    term_wait(term, "‖ 0.1×");
    term_type(term, "+++++++++++");
    term_wait(term, "‖ 100×");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void moments_are_stepped_through_and_sought(void)
{
    struct term *term = open_replay(24, 100);
    term_type(term, " <Home>");
    term_wait(term, "the session was made");
    term_wait(term, " 1/");
    term_type(term, ".");
    term_wait(term, "read csv reviews.csv");
    term_type(term, "..");
    term_wait(term, "strip_html review_text");
    term_type(term, ",");
    term_wait(term, "lowercase review_text");
    term_type(term, "]");
    term_wait(term, "strip_html review_text");
    term_type(term, "<Right>");
    term_wait(term, " 14/");
    term_type(term, "<Left>");
    term_wait(term, " 4/");
    term_type(term, "<End>]");
    term_wait(term, "no further marker");
    term_type(term, "0");
    term_wait(term, " 1/");
    term_type(term, "[");
    term_wait(term, "no earlier marker");
    term_type(term, "<Tab>");
    term_wait(term, "the session was made");
    term_type(term, "?");
    term_wait(term, "Replay: these keys come first");
    term_type(term, "<Esc>q");
    CHECK(term_end(term) == 0);
}

static void what_was_is_not_changed_but_branched_from(void)
{
    struct term *term = open_replay(24, 100);
    term_type(term, " <Home>");
    term_wait(term, "the session was made");
    term_type(term, "]]]]]]]");
    term_wait(term, "  logistic");
    term_type(term, ":trim review_text<Enter>");
    term_wait(term, "branch from here with: branch");
    term_type(term, "b");
    term_wait(term, "\"r-2.session\" stands where the replay stood");
    term_type(term, "4t");
    term_wait(term, "Result");
    term_type(term, ":replay<Enter>");
    term_wait(term, "Tab view");
    term_type(term, " 9");
    term_type(term, "q");
    term_wait(term, "the replay is over");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    CHECK(file_size("r-2.session") > 0);
}

static void a_branch_of_a_held_training_trains_on(void)
{
    struct live live;
    char text[64];
    run_live(&live, 24, 100);
    struct term *term = term_open(24, 100, "replay", "r.session", NULL);
    term_wait(term, "? help");
    term_type(term, " <Home>");
    paused_text(live.train[1].step, text);
    term_type_until(term, "]", text);
    term_type(term, "b");
    term_wait(term, "Space trains on");
    term_wait(term, "interrupted");
    CHECK(shown_step(term) == live.train[1].step);
    term_type(term, " ");
    term_wait(term, "● training");
    wait_for_step(term, live.train[1].step + 3);
    term_type(term, "K");
    term_wait(term, "○ stopped");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void the_runs_view_plays_a_session(void)
{
    struct term *term = open_replay(24, 100);
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(term);
    term = term_open(24, 100, NULL, NULL, NULL);
    term_wait(term, "r.session");
    term_type(term, "p");
    term_wait(term, "the session was made");
    term_type(term, "F");
    term_wait(term, "done at step");
    term_type(term, "q");
    CHECK(term_end(term) == 0);
}

static void without_a_screen_every_moment_is_a_line(void)
{
    struct term *term = open_replay(24, 100);
    term_type(term, "q");
    CHECK(term_end(term) == 0);
    term_free(term);
    const char *const args[] = { "replay", "r.session", "--plain", NULL };
    term = term_start(&(struct term_options){ .rows = 200, .columns = 100, .args = args });
    CHECK(term_end(term) == 0);
    CHECK(term_has(term, "session  the session was made"));
    CHECK(term_has(term, "command  strip_html review_text"));
    CHECK(term_has(term, "event    prepared: "));
    CHECK(term_has(term, "point    step 1, loss 0."));
    CHECK(term_has(term, "event    done at step"));
    const char *const wrong[] = { "replay", "r.session", "--speed", "7up", NULL };
    term = term_start(&(struct term_options){ .args = wrong });
    CHECK(term_end(term) == 2 << 8);
    CHECK(term_has(term, "give a number from 0.1 to 100, or max"));
}

const struct e2e_test e2e_replay_tests[] = {
    { "a replay shows the same cells as the live run did", a_replay_shows_the_same_cells_as_the_live_run_did },
    { "a replay shows the same cells on a large screen", a_replay_shows_the_same_cells_on_a_large_screen },
    { "a replay plays to the end through the views", playing_runs_to_the_end_through_the_views },
    { "a replay is stepped through and sought in", moments_are_stepped_through_and_sought },
    { "a replay changes nothing, but is branched from", what_was_is_not_changed_but_branched_from },
    { "a replay's branch of a held training trains on", a_branch_of_a_held_training_trains_on },
    { "a replay is begun in the Runs view", the_runs_view_plays_a_session },
    { "a replay without a screen prints every moment", without_a_screen_every_moment_is_a_line },
    { 0 },
};
