/* filter.c: keep the records for which a condition is true. The language of conditions is in expr.h. */
#include "engine/stages/encoder.h"
#include "sluice/expr.h"

struct params {
    char *condition;
};

static const struct params defaults;

static const struct sl_param params[] = {
    SL_EXPR(struct params, condition, .positional = true, .required = true, .rest = true,
            .help = "keep a record when this is true"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "filter len(review) > 3 and stars != 3", .in = "review,stars\ngood,5\nmeh,3\nso-so,3\nbad,1\nawful,1\n",
      .out = "review,stars\ngood,5\nawful,1\n" },
    { "filter lang in (\"en\", \"fr\")", .in = "review,lang\ngood,en\ngut,de\nbon,fr\n?,\n",
      .out = "review,lang\ngood,en\nbon,fr\n", .note = "a record without a language is dropped" },
    { "filter not matches(review, \"(?i)\\bad\\b\")", .in = "review,n\nan AD here,1\nbad,2\n",
      .out = "review,n\nbad,2\n" },
    { "filter missing(`list price`) or `list price` < 10", .in = "list price,n\n5,1\n12,2\n,3\n",
      .out = "list price,n\n5,1\n,3\n", .note = "a column's odd name stands in backticks" },
    { 0 },
};

struct state {
    struct sl_expr *condition;
    bool keep_all;
};

static void unbind(struct sl_stage *stage)
{
    struct state *state = stage->state;
    if (state) {
        sl_expr_free(state->condition);
        free(state);
        stage->state = NULL;
    }
}

static bool uses_target(const struct sl_stage *stage, const struct sl_expr *condition, const struct sl_schema *in)
{
    for (size_t c = 0; c < in->n; c++) {
        bool target = in->fields[c].target || (stage->target && strcmp(stage->target, in->fields[c].name) == 0);
        if (target && sl_expr_uses(condition, c)) {
            return true;
        }
    }
    return false;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    struct state *state = calloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    stage->state = state;
    int status = sl_expr_compile(&state->condition, p->condition ? p->condition : "", in, err);
    if (status) {
        return sl_blame(err, status, "condition");
    }
    if (sl_expr_kind(state->condition) != SL_BOOLEAN) {
        sl_fail(err, SL_ESCHEMA, "'%.120s' is a value, not a condition", p->condition);
        sl_fix(err, "compare it with something, as in len(x) > 0 or x == \"yes\"");
        return sl_blame(err, SL_ESCHEMA, "condition");
    }
    state->keep_all = stage->predicting && uses_target(stage, state->condition, in);
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct state *state = stage->state;
    if (state->keep_all) {
        return SL_OK;
    }
    uint64_t *keep = sl_arena_zero(chunk->arena, sl_bitmap_words(chunk->n), sizeof *keep);
    if (!keep) {
        return sl_fail_memory(err, "filtering records");
    }
    struct sl_arena arena; /* for what the condition makes on its way */
    sl_arena_init(&arena);
    int status = SL_OK;
    for (uint32_t i = 0; i < chunk->n && status == SL_OK; i++) {
        struct sl_value value = { .kind = SL_MISSING };
        status = sl_expr_eval(state->condition, chunk, i, &arena, &value, err);
        if (status == SL_OK && value.kind == SL_BOOLEAN && value.number > 0) {
            keep[i >> 6] |= UINT64_C(1) << (i & 63);
        }
        sl_arena_reset(&arena, (size_t)1 << 20);
    }
    sl_arena_release(&arena);
    return status ? status : sl_chunk_keep(chunk, keep, err);
}

const struct sl_stage_class sl_stage_filter = {
    .name = "filter",
    .summary = "keep the records for which a condition is true",
    .details =
        "The condition takes the rest of the line: or, and, not; == != < <= > >=, in (a, b), not in; + - * / %; round "
        "brackets. Values are columns by name (`odd names` in backticks), numbers, \"text\" or 'text', true, false, "
        "none.\n\n"
        "Functions on text: len, words (between white space), lower, upper, trim, contains, startswith, endswith (text, "
        "part), matches(text, \"regex\"), empty (missing, or white space only). On numbers: abs, min, max, round(x, "
        "digits). Conversions: number(text), text(number). missing(x) is true when x has no value.\n\n"
        "Whatever is done with a missing value is missing, and a condition that is missing is not true; but 'false and "
        "x' is false and 'true or x' is true. Dividing by zero, and number() of a text that is none, give missing. Text is "
        "compared by bytes, and never with a number.\n\n"
        "When predicting, a condition on the target keeps every record.",
    .kind = SL_RECORD,
    .version = 1,
    .drops = true,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .apply = apply,
};
