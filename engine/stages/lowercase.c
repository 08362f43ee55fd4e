/* lowercase.c: text in lower case, as Python's str.lower() does it.
 *
 * Each cell is written once, straight into the arena, and what was not used of the room is given back. A cell that was
 * in lower case already stays where it was. Folding for comparison (ß as ss) is not done. */
#include "engine/stages/text_stage.h"
#include "sluice/text.h"

static const struct sl_example examples[] = {
    { "lowercase review", .in = "review,stars\nI LOVED it!,5\n", .out = "review,stars\ni loved it!,5\n" },
    { "lowercase", .in = "a,b\nÀ LA CARTE,ΟΔΟΣ\n", .out = "a,b\nà la carte,οδος\n", .note = "every text column" },
    { "lowercase b", .in = "a,b\nSame,\nSame,X\n", .out = "a,b\nSame,\nSame,x\n",
      .note = "missing values stay missing" },
    { 0 },
};

static int lower_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    (void)ctx;
    size_t room;
    char *to = sl_mul(cell->n, 3, &room) && sl_add(room, 16, &room) ? sl_arena_take(arena, room, 1) : NULL;
    if (!to) {
        return sl_fail_memory(err, "writing text in lower case");
    }
    struct sl_str lower = { to, sl_text_lower(cell->p, cell->n, to) };
    if (sl_str_equal(lower, *cell)) {
        sl_arena_trim(arena, to);
        return SL_OK;
    }
    sl_arena_trim(arena, to + lower.n);
    *cell = lower;
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    return sl_apply_text(stage, chunk, lower_cell, err);
}

const struct sl_stage_class sl_stage_lowercase = {
    .name = "lowercase",
    .summary = "write text in lower case",
    .details = "Every letter is replaced by its lower-case form, in all scripts, as Python's str.lower() does: À "
               "becomes à, and Σ at the end of a word becomes ς. The encoders for text lower-case by themselves unless "
               "told otherwise; the stage is for seeing it, and for the stages in between.",
    .kind = SL_RECORD,
    .version = 1,
    .params = sl_text_params,
    .params_size = sizeof(struct sl_text_params),
    .defaults = &sl_text_defaults,
    .examples = examples,
    .bind = sl_bind_text,
    .unbind = sl_unbind_columns,
    .apply = apply,
};
