/* idx_try.h: IDX files of a test, made byte by byte, and whole readings of them as text (see jsonl_try_rest). */
#ifndef SLUICE_TESTS_UNIT_DATA_IDX_TRY_H
#define SLUICE_TESTS_UNIT_DATA_IDX_TRY_H

#include "tests/unit/data/jsonl_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* cmocka's set-up and tear-down of a group, and a path in the group's folder. */
int idx_set_up(void **state);
int idx_tear_down(void **state);
const char *idx_path(const char *name);
/* n bytes that hardly compress, appended. */
void idx_add_noise(struct sl_buf *to, size_t n);

/* A file's bytes: type, then `rank` sizes, then what is added to it. */
struct sl_buf idx_begin(unsigned type, unsigned rank, const uint32_t *sizes);
/* Append the n numbers as big-endian elements of a type. */
void idx_add(struct sl_buf *to, unsigned type, const double *numbers, size_t n);
/* count bytes first, first + 1, …, wrapping. */
void idx_add_bytes(struct sl_buf *to, unsigned first, size_t count);
/* Store under a name in the test's folder; the buffer is released. packed: as gzip. */
void idx_store(const char *name, struct sl_buf *bytes, bool packed);

/* Names in the folder with blanks between; labels may be NULL. */
int idx_open(const char *files, const char *labels, struct sl_reader **out, struct sl_error *err);
/* They must read as expected, in blocks of any size. */
void idx_reads(const char *files, const char *labels, const char *expected);
/* They must be refused with this status, a fix, and a message that holds `words`. */
void idx_refused(const char *files, const char *labels, int status, const char *words);

#endif
