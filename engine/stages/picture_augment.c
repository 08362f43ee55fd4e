/* picture_augment.c: what the stages share that change training pictures at random.
 *
 * A draw depends on the statement's random_state, the epoch, the number of the record and the statement's place among
 * the random ones; never on threads, chunks, the order of records, or what else stands in the recipe. */
#include "engine/stages/picture.h"

enum { PLACES = 256, DRAWS = 4096 };

static struct sl_image_key key_of(const struct sl_stage *stage, int64_t random_state, const struct sl_draw *draw,
                                  const struct sl_origin *origin)
{
    return (struct sl_image_key){ .seed = (uint64_t)random_state,
                                  .epoch = draw->epoch,
                                  .record = origin->record,
                                  .place = stage->place % PLACES,
                                  .draw = draw->draw % DRAWS };
}

/* One record's draw, for a column. */
struct drawing {
    const struct sl_stage *stage;
    void *scratch;
    const struct sl_draw *draw;
    int64_t random_state;
    sl_picture_change *change;
    const struct sl_field *in, *out;
};

/* What stands in a cell that has no picture: what stood there, or zeros where the size is another. */
static void keep_missing(const struct drawing *d, const struct sl_column *column, uint32_t i, uint8_t *cell)
{
    if (d->in->width == d->out->width) {
        memcpy(cell, column->bytes + (size_t)i * d->in->width, d->out->width);
    } else {
        memset(cell, 0, d->out->width);
    }
}

/* Cell i into `cell`, copied where nothing was drawn. */
static int draw_cell(const struct drawing *d, const struct sl_chunk *chunk, const struct sl_column *column, uint32_t i,
                     uint8_t *cell, bool *same, struct sl_error *err)
{
    struct sl_image from, to = sl_picture_room(cell, d->out);
    *same = true;
    if (!sl_picture_at(column, d->in, i, &from)) {
        keep_missing(d, column, i, cell);
        return SL_OK;
    }
    struct sl_image_key key = key_of(d->stage, d->random_state, d->draw, &chunk->origin[i]);
    int status = d->change(d->stage, d->scratch, &key, &from, &to, same, err);
    if (status) {
        return sl_error_record(err, status, &chunk->origin[i]);
    }
    if (*same) {
        memcpy(cell, from.pixels, d->out->width);
    } else if (to.pixels != cell) {
        memcpy(cell, to.pixels, d->out->width);
    }
    return SL_OK;
}

static int draw_column(const struct drawing *d, struct sl_chunk *chunk, struct sl_column *column, struct sl_error *err)
{
    size_t bytes;
    uint8_t *cells = sl_mul(chunk->n, d->out->width, &bytes) ? sl_arena_array(chunk->arena, bytes, 1) : NULL;
    bool any = d->in->width != d->out->width;
    if (!cells) {
        return sl_fail_memory(err, "changing pictures");
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        bool same;
        int status = draw_cell(d, chunk, column, i, cells + (size_t)i * d->out->width, &same, err);
        if (status) {
            return status;
        }
        any |= !same;
    }
    if (any) {
        column->bytes = cells;
    }
    return SL_OK;
}

int sl_augment_pictures(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, int64_t random_state,
                        struct sl_chunk *chunk, sl_picture_change *change, struct sl_error *err)
{
    const struct sl_bound_columns *bound = stage->state;
    struct drawing d = { stage, scratch, draw, random_state, change, NULL, NULL };
    int status = SL_OK;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        d.in = &stage->in->fields[bound->column[k]];
        d.out = &stage->out.fields[bound->column[k]];
        status = draw_column(&d, chunk, &chunk->columns[bound->column[k]], err);
    }
    return status;
}

void sl_picture_drawn(const struct sl_stage *stage, const struct sl_draw *draw, int64_t random_state,
                      const struct sl_chunk *chunk, uint32_t i, sl_picture_words *words, struct sl_buf *to)
{
    const struct sl_bound_columns *bound = stage->state;
    size_t c = bound->column[0];
    struct sl_image from;
    if (!sl_picture_at(&chunk->columns[c], &stage->in->fields[c], i, &from)) {
        sl_buf_puts(to, "missing");
        return;
    }
    struct sl_image_key key = key_of(stage, random_state, draw, &chunk->origin[i]);
    words(stage, &key, &from, to);
}
