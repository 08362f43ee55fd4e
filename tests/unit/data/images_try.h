/* images_try.h: folders of pictures made by a test, and whole readings of them as text.
 *
 * The text has a line for each record ("0:1 " is record and line, with "f1 " before it in the second path; then the
 * path, size and mean of the picture, and the label, ~ where missing), then one for each reject ("bad 1:2 reason"). */
#ifndef SLUICE_TESTS_UNIT_DATA_IMAGES_TRY_H
#define SLUICE_TESTS_UNIT_DATA_IMAGES_TRY_H

#include "sluice/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* cmocka's set-up and tear-down of a test: a new folder for each. */
int images_set_up(void **state);
int images_tear_down(void **state);
/* A path in it, of four at a time. */
const char *images_path(const char *name);

/* Files, with the folders they need. A picture is width × height, all of one grey. */
void images_store(const char *name, const void *p, size_t n);
void images_png(const char *name, uint32_t width, uint32_t height, unsigned grey);
void images_jpeg(const char *name, uint32_t width, uint32_t height, unsigned grey);
struct sl_buf images_png_bytes(uint32_t width, uint32_t height, unsigned grey);
struct sl_buf images_jpeg_bytes(uint32_t width, uint32_t height, unsigned grey);
/* A PNG of a few bytes that says it is this large. */
void images_bomb(const char *name, uint32_t width, uint32_t height);

/* Names in the folder with blanks between. options NULL: rgb. */
int images_try(const char *paths, const struct sl_images_options *options, struct sl_reader **out,
               struct sl_error *err);
struct sl_reader *images_open(const char *paths, const struct sl_images_options *options);
/* All that comes from where the reader stands; what was counted must come out. */
void images_rest(struct sl_reader *reader, struct sl_buf *out);
void images_show(const struct sl_chunk *chunk, struct sl_buf *out);
void images_show_rejects(struct sl_quarantine *rejects, struct sl_buf *out);
/* They must read as expected, in blocks of any size. */
void images_read(const char *paths, const struct sl_images_options *options, const char *expected);
/* They must be refused with this status, a fix, and a message that holds `words`. */
void images_refused(const char *paths, const struct sl_images_options *options, int status, const char *words);

#endif
