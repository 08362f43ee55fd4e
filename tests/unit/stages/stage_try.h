/* stage_try.h: run one stage statement on a small CSV text, as examples do, without readers and pipelines.
 *
 * The CSV has a header line; quotes as in RFC 4180; an empty field or NA is missing; a column is a number when all its
 * values are. What a source reads may be given as "hex: 00 1f …", and pictures for other stages so too, as an IDX file;
 * a random stage shows what training sees of them in the first epoch. The result comes back as CSV, its cells by
 * sl_cell_format(). */
#ifndef SLUICE_TESTS_STAGE_TRY_H
#define SLUICE_TESTS_STAGE_TRY_H

#include "sluice/recipe.h"

struct try_options {
    const char *target; /* of a `label` elsewhere in the recipe */
    bool predicting;
    bool fit_half;          /* fit on the first half of the records only */
    uint32_t chunk_records; /* cut the input into chunks of so many; 0: one chunk */
};

/* A CSV text as a schema and a chunk; release the schema, then the arena. */
int try_parse_csv(const char *csv, struct sl_arena *arena, struct sl_schema *schema, struct sl_chunk *chunk,
                  struct sl_error *err);
/* A chunk as CSV, header first. */
void try_print_csv(const struct sl_chunk *chunk, struct sl_buf *out);
/* Parse, bind, fit, apply, print. options may be NULL. The output's header is the stage's outgoing schema. */
int try_stage(const char *statement, const char *csv, const struct try_options *options, struct sl_buf *out,
              struct sl_error *err);

/* Assert (cmocka) that a statement makes `expected` of csv; print both when not. */
void assert_stage(const char *statement, const char *csv, const char *expected);
void assert_stage_with(const char *statement, const char *csv, const struct try_options *options, const char *expected);
/* Assert that it is refused with this status, and that the message and its fix together hold `words`. */
void assert_refused(const char *statement, const char *csv, const struct try_options *options, int status,
                    const char *words);

#endif
