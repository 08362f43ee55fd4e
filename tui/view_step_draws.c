/* view_step_draws.c: a stage that changes pictures at random, on the record at hand: what training will see of it,
 * epoch by epoch beside each other, each with its numbers.
 *
 * The draws are made here and now by the stage itself: they follow from seed, epoch and record, so that training makes
 * the same. */
#include "view_step_private.h"

#include <stdio.h>

#define TALL 34 /* rows from which on there are two rows of them */

static long picture_column(const struct sl_chunk *chunk)
{
    for (size_t c = 0; c < chunk->schema->n; c++)
        if (chunk->schema->fields[c].type == SL_IMAGE || chunk->schema->fields[c].height)
            return (long)c;
    return -1;
}

/* The record as this draw makes it, in the arena. NULL: it cannot be drawn. */
static const struct picture *draw_picture(struct step_lines *lines, const struct sl_step *step, void *scratch,
                                          const struct sl_draw *draw, long column)
{
    struct sl_chunk in = *step->before, out;
    in.arena = &lines->arena;
    if (sl_chunk_share(&out, &in, NULL) != SL_OK ||
        step->stage->class->augment(step->stage, scratch, draw, &out, NULL) != SL_OK)
        return NULL;
    out.schema = &step->stage->out;
    return picture_of_cell(&out, (size_t)column, 0, &lines->arena);
}

static struct sl_str words_of(struct step_lines *lines, const struct sl_step *step, const struct sl_draw *draw)
{
    struct sl_buf text = { 0 };
    if (step->stage->class->drawn)
        step->stage->class->drawn(step->stage, draw, step->before, 0, &text);
    const char *kept = text.failed ? NULL : step_lines_keep(lines, (struct sl_str){ text.p, text.n });
    sl_buf_release(&text);
    return sl_str(kept ? kept : "");
}

/* One row of them; returns the epoch behind the last. */
static uint32_t put_row(struct step_lines *lines, const struct sl_step *step, void *scratch, uint32_t epoch, bool first)
{
    long column = picture_column(step->before);
    struct step_tile tiles[STEP_ABREAST];
    int across = step_lines_abreast(lines), n = 0;
    const struct picture *before = picture_of_cell(step->before, (size_t)column, 0, &lines->arena);
    if (first && before && across > 2)
        tiles[n++] = (struct step_tile){ before, "as it came in", SL_STR("") };
    for (; n < across; epoch++) {
        const struct sl_draw draw = { .epoch = epoch };
        char title[40];
        snprintf(title, sizeof title, "epoch %u", (unsigned)epoch + 1);
        const char *kept = step_lines_keep(lines, sl_str(title));
        const struct picture *picture = draw_picture(lines, step, scratch, &draw, column);
        if (!picture || !kept)
            break;
        tiles[n++] = (struct step_tile){ picture, kept, words_of(lines, step, &draw) };
    }
    step_lines_tiles(lines, tiles, n);
    return epoch;
}

static int rows_of(const struct step_lines *lines)
{
    return lines->rows >= TALL ? 2 : 1;
}

int step_draws_shown(const struct step_lines *lines)
{
    int n = step_lines_abreast(lines);
    return rows_of(lines) * n - (n > 2);
}

void step_draw_lines(struct step_lines *lines, const struct sl_debug_place *place, uint32_t first)
{
    const struct sl_step *step = place->step;
    const struct sl_stage_class *class = step->stage->class;
    void *scratch = NULL;
    if (place->at_model || step->sub || !step->before || class->kind != SL_AUGMENT)
        return;
    if (!class->augment) {
        step_lines_printf(lines, 0, STYLE_DIM, "records of a batch are mixed in pairs when it is made");
    } else if (picture_column(step->before) >= 0 &&
               (!class->scratch_new || class->scratch_new(step->stage, &scratch, NULL) == SL_OK)) {
        step_lines_printf(lines, 0, STYLE_HINT, "what training sees of it (d other epochs, D back)%s",
                          step->role == SL_TEST || step->role == SL_VALIDATION
                              ? "; this record is not for training: it stays as it is"
                              : "");
        for (int row = 0; row < rows_of(lines); row++)
            first = put_row(lines, step, scratch, first, row == 0);
        if (class->scratch_free)
            class->scratch_free(step->stage, scratch);
    }
    step_line_add(lines);
}
