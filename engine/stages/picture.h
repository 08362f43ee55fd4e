/* picture.h: what the stages on pictures share: which columns they work on, and the loop over cells.
 *
 * A picture column is of type SL_IMAGE (each picture has a size of its own) or a vector of bytes with an extent (all
 * have one size). Pixels are the bytes, whatever they stand for: a `rescale` before changes nothing here. */
#ifndef SLUICE_STAGES_PICTURE_H
#define SLUICE_STAGES_PICTURE_H

#include "engine/stages/encoder.h"
#include "engine/stages/text_stage.h"

#include "sluice/image_ops.h"

/* Does the column hold pictures of one size, as bytes? */
bool sl_is_fixed_picture(const struct sl_field *field);

/* bind() for a stage on picture columns; without names all of them. stage->state is a struct sl_bound_columns, freed by
 * sl_unbind_columns(). types: SL_IMAGE | SL_VECTOR, or SL_VECTOR alone, which refuses pictures of any size and says
 * that a resize is missing. */
int sl_bind_pictures(struct sl_stage *stage, const struct sl_names *names, unsigned types, const struct sl_schema *in,
                     struct sl_error *err);
/* Columns that leave as pictures of one size; what their bytes stand for stays. SL_ELIMIT when a cell is too large. */
int sl_picture_field(struct sl_field *field, uint32_t height, uint32_t width, uint32_t channels, struct sl_error *err);
/* A parameter over all bound columns' fields of `out`. */
int sl_picture_fields(const struct sl_stage *stage, struct sl_schema *out, uint32_t height, uint32_t width,
                      struct sl_error *err);

/* Cell i as a picture; its pixels are borrowed, and not to be written. false: missing. */
bool sl_picture_at(const struct sl_column *column, const struct sl_field *field, uint32_t i, struct sl_image *out);
/* n pixels' room for a picture of this shape at `at`: an image operation that asks for that shape writes there. */
struct sl_image sl_picture_room(uint8_t *at, const struct sl_field *field);

/* scratch_new() and scratch_free(): a struct sl_image_worker. */
int sl_picture_scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err);
void sl_picture_scratch_free(const struct sl_stage *stage, void *scratch);

/* One picture into another, which is of the outgoing field's size and lies where the cell does. It may come back lying
 * elsewhere, until the next call. */
typedef int sl_picture_function(const struct sl_stage *stage, struct sl_image_worker *worker,
                                const struct sl_image *from, struct sl_image *to, struct sl_error *err);
/* Every picture of the bound columns, for columns that leave with one size. Where all pictures have that size already
 * and `keeps_size` (the function then changes nothing), a column stays the very array it was. */
int sl_map_pictures(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, sl_picture_function *function,
                    bool keeps_size, struct sl_error *err);

/* ---- random changes (picture_augment.c) ---- */

#define SL_RANDOM_STATE(s, f)                   \
    SL_INT(s, f, .min = 0, .max = 4294967295.0, \
           .help = "another number, other draws; the same number, the same pictures again")

/* Draw for a picture and carry it out. *same: nothing was drawn that changes it, and `to` is not needed. */
typedef int sl_picture_change(const struct sl_stage *stage, void *scratch, const struct sl_image_key *key,
                              const struct sl_image *from, struct sl_image *to, bool *same, struct sl_error *err);
/* augment() for stages on pictures of one size. All picture columns of a record get the same draw. */
int sl_augment_pictures(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, int64_t random_state,
                        struct sl_chunk *chunk, sl_picture_change *change, struct sl_error *err);
/* Say what the key draws for a picture. */
typedef void sl_picture_words(const struct sl_stage *stage, const struct sl_image_key *key, const struct sl_image *from,
                              struct sl_buf *to);
/* drawn() for such stages: of the first column's picture; "missing" where there is none. */
void sl_picture_drawn(const struct sl_stage *stage, const struct sl_draw *draw, int64_t random_state,
                      const struct sl_chunk *chunk, uint32_t i, sl_picture_words *words, struct sl_buf *to);

#endif
