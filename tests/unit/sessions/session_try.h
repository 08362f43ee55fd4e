/* session_try.h: a folder of its own, data in it, and a session on them, in a few words. */
#ifndef SLUICE_TESTS_SESSION_TRY_H
#define SLUICE_TESTS_SESSION_TRY_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sluice/session.h"

/* cmocka set-up and tear-down: a fresh folder, current while the test runs. */
int try_enter(void **state);
int try_leave(void **state);

void try_write(const char *path, const char *text);
/* The whole file; fails the test when there is none. Owned by the caller. */
char *try_read(const char *path);
bool try_exists(const char *path);
/* n records "text,verdict": two classes told apart by their words, not without error; some quoted, some in mixed case.
 */
void try_reviews(const char *path, int n);

struct sl_session *try_open(const char *path);
struct sl_session *try_open_with(const struct sl_session_options *options);
/* Carry out lines; the last argument is NULL. Fails the test with the message when one is refused. */
void try_lines(struct sl_session *session, ...);
/* Carry out a line that must be refused with this status, and whose message and fix hold `words`. */
void try_refused(struct sl_session *session, const char *line, int status, const char *words);
/* The recipe's text must be this. */
void try_recipe(struct sl_session *session, const char *expected);
/* Wait for the training; it must end in this state. */
void try_wait(struct sl_session *session, enum sl_job state);
/* A recipe over reviews.csv whose learner iterates `steps` times. */
void try_long_recipe(struct sl_session *session, int steps);

/* A text that holds another, or the test fails with both. */
void assert_holds(const char *text, const char *words);
#define assert_text(got, wanted) assert_string_equal(got, wanted)

#define TRY(test) cmocka_unit_test_setup_teardown(test, try_enter, try_leave)

#endif
