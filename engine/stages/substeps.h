/* substeps.h: what a stage shows to someone who steps into it: its sub-operations on a record, and what it has learned.
 * A stage's file names one of these; the work is in substeps_*.c, so that stages stay small.
 *
 * Wherever it can be, a text after k sub-operations is made by the stage's own apply: on a part of the text, or with
 * parameters that end it sooner. What is shown is then what training does. */
#ifndef SLUICE_STAGES_SUBSTEPS_H
#define SLUICE_STAGES_SUBSTEPS_H

#include "sluice/stage.h"

extern const struct sl_stage_substeps sl_substeps_strip_html, sl_substeps_replace, sl_substeps_normalize,
    sl_substeps_vectorize, sl_substeps_scale, sl_substeps_impute, sl_substeps_onehot, sl_substeps_label;

/* A parameter's place in a params struct. */
const void *sl_substeps_param(const struct sl_stage *stage, const void *params, const char *name);
/* The text columns a stage of text works on; free(). */
int sl_substeps_columns(const struct sl_stage *stage, size_t **columns, size_t *n, struct sl_error *err);
/* A stage like this one but for its params. */
struct sl_stage sl_substeps_shadow(const struct sl_stage *stage, const void *params);
/* A copy of the params in the arena; NULL: out of memory. */
void *sl_substeps_params(const struct sl_stage *stage, struct sl_arena *arena);
/* One text of a column through a stage's apply. */
int sl_substeps_run(const struct sl_stage *stage, void *scratch, const struct sl_chunk *like, size_t column,
                    struct sl_str text, struct sl_arena *arena, struct sl_str *out, struct sl_error *err);
/* head + tail in the arena. */
int sl_substeps_join(struct sl_arena *arena, struct sl_str head, struct sl_str tail, struct sl_str *out,
                     struct sl_error *err);
/* "WORDS TEXT", the text cut where it is long. */
struct sl_str sl_substeps_what(struct sl_arena *arena, const char *words, struct sl_str text);

#endif
