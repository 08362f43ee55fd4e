/* encoder_numbers.h: stages on number columns against the golden files of tests/golden/make_scaling.py. */
#ifndef SLUICE_TESTS_ENCODER_NUMBERS_H
#define SLUICE_TESTS_ENCODER_NUMBERS_H

#include "encoder_try.h"

/* Assert that a stage gives what the file says for each of its settings, chunk by chunk, within a relative error; and
 * that what it saves survives damage. */
void assert_numbers_golden(const char *stage, const char *path, double tolerance);

#endif
