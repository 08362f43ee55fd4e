/* trim.c: text without the white space around it, as Python's str.strip() does it. No byte is copied: the cell becomes
 * a shorter span of the same text. */
#include "engine/stages/text_stage.h"
#include "sluice/text.h"

struct params {
    struct sl_names columns;
};

static const struct params defaults;

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT,
               .help = "text columns to change; without any, all text columns but the target"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "trim review", .in = "review,city\n\"  so so \",\" Rome\"\n", .out = "review,city\nso so, Rome\n" },
    { "trim", .in = "a,b\n\"\tx\n\",\" y z\"\n", .out = "a,b\nx,y z\n", .note = "every text column" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    return sl_bind_columns(stage, &p->columns, SL_TEXT, in, err);
}

static int trim_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    (void)ctx, (void)arena, (void)err;
    *cell = sl_text_strip(*cell);
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; k < bound->n && status == SL_OK; k++) {
        status = sl_map_text(chunk, bound->column[k], trim_cell, NULL, err);
    }
    return status;
}

const struct sl_stage_class sl_stage_trim = {
    .name = "trim",
    .summary = "remove white space at both ends of text",
    .details = "Blanks, tabs, line ends and the other white space of Unicode are taken off both ends, as Python's "
               "str.strip() does. White space within the text stays; to reduce it, use: replace COLUMN pattern='\\s+' "
               "with=' '.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = sl_unbind_columns,
    .apply = apply,
};
