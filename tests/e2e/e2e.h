/* e2e.h: the tests, and what several of them use. */
#ifndef SL_E2E_E2E_H
#define SL_E2E_E2E_H

#include "term.h"

struct e2e_test {
    const char *name; /* a sentence */
    void (*run)(void);
};
/* Each ends with a NULL name. */
extern const struct e2e_test e2e_data_tests[], e2e_pipeline_tests[], e2e_train_tests[], e2e_session_tests[],
    e2e_screen_tests[], e2e_text_tests[], e2e_signal_tests[], e2e_plain_tests[], e2e_compare_tests[],
    e2e_replay_tests[], e2e_kills_tests[], e2e_attach_tests[], e2e_step_tests[], e2e_network_tests[],
    e2e_picture_tests[];

/* Write a file in the current folder. */
void make_file(const char *name, const char *text);
/* reviews.csv: `n` messy reviews (columns review_text, sentiment), the same each time: mixed case, HTML, entities,
 * missing labels, duplicates, a few rows that cannot be read. Record 0 is "I LOVED it!<br /><br />Best film", positive.
 */
void make_reviews(const char *name, int n);
/* A recipe on reviews.csv that trains for a long time (thousands of iterations). */
void make_long_recipe(const char *name, int iterations);
/* A recipe on reviews.csv that trains at once. */
void make_recipe(const char *name);
/* Pictures of 8 × 8 in four classes (where a blob is), as IDX files NAME-images and NAME-labels; two in a hundred bear
 * another class's label. */
void make_pictures(const char *name, int n);
size_t file_size(const char *name);
/* Records of the CSV that could not be read, as make_reviews() wrote them. */
int reviews_bad(int n);

/* steps.c: until the row marked as current is that of record n. */
void wait_for_record(struct term *term, long n);
/* Of the Train view: the step it shows (0: none), and waiting for one at least as late. */
long shown_step(struct term *term);
void wait_for_step(struct term *term, long step);
/* Cells that hold dots of a curve. */
int braille_cells(struct term *term);
/* Open a recipe and go to the Train view. */
struct term *open_train_view(int rows, int columns, const char *recipe);

#endif
