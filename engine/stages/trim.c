/* trim.c: text without the white space around it, as Python's str.strip() does it. No byte is copied: the cell becomes
 * a shorter span of the same text. */
#include "engine/stages/text_stage.h"
#include "sluice/text.h"

static const struct sl_example examples[] = {
    { "trim review", .in = "review,city\n\"  so so \",\" Rome\"\n", .out = "review,city\nso so, Rome\n" },
    { "trim", .in = "a,b\n\"\tx\n\",\" y z\"\n", .out = "a,b\nx,y z\n", .note = "every text column" },
    { 0 },
};

static int trim_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    (void)ctx, (void)arena, (void)err;
    *cell = sl_text_strip(*cell);
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    return sl_apply_text(stage, chunk, trim_cell, err);
}

const struct sl_stage_class sl_stage_trim = {
    .name = "trim",
    .summary = "remove white space at both ends of text",
    .details = "Blanks, tabs, line ends and the other white space of Unicode are taken off both ends, as Python's "
               "str.strip() does. White space within the text stays; to reduce it, use: replace COLUMN pattern='\\s+' "
               "with=' '.",
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
