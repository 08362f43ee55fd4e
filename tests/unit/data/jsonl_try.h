/* jsonl_try.h: JSON Lines files of a test, and a whole reading of them as text.
 *
 * The text has a line for each record ("0:1:0 " is record, line and byte, with "f1 " before it in the second file; then
 * the cells, ~ where missing), then one for each reject ("bad 1:2:8 reason"). */
#ifndef SLUICE_TESTS_UNIT_DATA_JSONL_TRY_H
#define SLUICE_TESTS_UNIT_DATA_JSONL_TRY_H

#include "sluice/reader.h"

/* A folder for the test's files, and their names in it. */
extern char jsonl_try_folder[64];
extern const char *const jsonl_try_names[3];

/* cmocka's set-up and tear-down of a group. */
int jsonl_try_setup(void **state);
int jsonl_try_teardown(void **state);

void jsonl_try_write(int which, struct sl_str content);
/* Open the first `files` files; the test fails when that does. */
struct sl_reader *jsonl_try_open(size_t files, const struct sl_jsonl_options *options);
/* All records and rejects as text, from where the reader stands; what was counted must come out. */
void jsonl_try_rest(struct sl_reader *reader, struct sl_buf *out);

/* The files (or one with this content) must read as expected, in blocks of the usual size and in tiny ones. */
void jsonl_try_files(size_t files, const struct sl_jsonl_options *options, const char *expected);
void jsonl_try_text(struct sl_str content, const struct sl_jsonl_options *options, const char *expected);
/* A file with this content must be refused with this status, a fix, and a message with this word in it. */
void jsonl_try_refused(struct sl_str content, const struct sl_jsonl_options *options, int status, const char *word);

#endif
