/* impute.c: fill in missing values with something typical of the training records, or with a constant.
 *
 * As scikit-learn's SimpleImputer. What is filled in is learnt in impute_fit.c; a constant is not learnt, so the stage
 * may then stand before the split. A column without any value in training is refused rather than dropped. */
#include "engine/stages/impute.h"
#include "engine/stages/substeps.h"

enum { FORMAT = 1 };

static const char *const strategies[] = { "mean", "median", "most_frequent", "constant", NULL };

static const struct sl_impute_params defaults = { .strategy = SL_IMPUTE_MEAN };

static const struct sl_param params[] = {
    SL_COLUMNS(struct sl_impute_params, columns, .types = SL_TEXT | SL_NUMBER,
               .help = "columns to fill; without any, all but the target that the strategy can fill"),
    SL_CHOICE(
        struct sl_impute_params, strategy, .choices = strategies,
        .help = "mean and median are for numbers; most_frequent takes the least of several equally frequent values"),
    SL_STRING(struct sl_impute_params, fill_value, .none_ok = true,
              .help = "for strategy=constant: the value; none fills numbers with 0 and text with missing_value"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "impute x", .in = "x\n1\n\n3\n", .out = "x\n1\n2\n3\n" },
    { "impute city strategy=most_frequent", .in = "city,x\nRome,1\nOslo,2\nRome,\n,4\n",
      .out = "city,x\nRome,1\nOslo,2\nRome,\nRome,4\n" },
    { "impute strategy=constant fill_value=-1", .in = "city,x\n,1\nRome,\n", .out = "city,x\n-1,1\nRome,-1\n" },
    { 0 },
};

void sl_impute_fills_free(struct sl_impute_fill *fills, size_t n)
{
    for (size_t c = 0; fills && c < n; c++) {
        free(fills[c].text);
    }
    free(fills);
}

bool sl_impute_set_text(struct sl_impute_fill *fill, struct sl_str text)
{
    fill->text = malloc(text.n + 1);
    if (fill->text) {
        memcpy(fill->text, text.n ? text.p : "", text.n);
        fill->text[text.n] = '\0';
        fill->n = text.n;
    }
    return fill->text != NULL;
}

static bool needs_fit(const void *values)
{
    const struct sl_impute_params *p = values;
    return p->strategy != SL_IMPUTE_CONSTANT;
}

/* The mean of words is a mistake that deserves its own advice. */
static int check_types(const struct sl_impute_params *p, const struct sl_schema *in, struct sl_error *err)
{
    for (size_t k = 0; p->strategy <= SL_IMPUTE_MEDIAN && k < p->columns.n; k++) {
        long c = sl_schema_find(in, sl_str(p->columns.name[k]));
        if (c >= 0 && in->fields[c].type == SL_TEXT) {
            sl_fail(err, SL_ESCHEMA, "column '%.80s' is text, which has no %s", in->fields[c].name,
                    strategies[p->strategy]);
            sl_fix(err, "use strategy=most_frequent or strategy=constant");
            return sl_blame(err, SL_ESCHEMA, "strategy");
        }
    }
    if (p->fill_value && p->strategy != SL_IMPUTE_CONSTANT) {
        sl_fail(err, SL_EPARAM, "fill_value is for strategy=constant, not for %s", strategies[p->strategy]);
        sl_fix(err, "add strategy=constant, or leave fill_value out");
        return sl_blame(err, SL_EPARAM, "fill_value");
    }
    return SL_OK;
}

static int constant_number(const char *text, const char *column, double *number, struct sl_error *err)
{
    char *end = NULL;
    *number = text ? strtod(text, &end) : 0;
    if (!text || (end != text && *end == '\0' && isfinite(*number))) {
        return SL_OK;
    }
    sl_fail(err, SL_EPARAM, "fill_value '%.60s' is not a number, and column '%.60s' holds numbers", text, column);
    sl_fix(err, "give a number, or name the columns this value is for");
    return sl_blame(err, SL_EPARAM, "fill_value");
}

static int make_constants(struct sl_stage *stage, const struct sl_schema *in, struct sl_error *err)
{
    const struct sl_impute_params *p = stage->params;
    struct sl_impute_state *state = stage->state;
    state->constant = sl_zalloc(state->n, sizeof *state->constant);
    int status = state->constant ? SL_OK : sl_fail_memory(err, "binding impute");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        struct sl_impute_fill *fill = &state->constant[c];
        const struct sl_field *field = &in->fields[state->columns[c]];
        fill->is_number = field->type == SL_NUMBER;
        if (fill->is_number) {
            status = constant_number(p->fill_value, field->name, &fill->number, err);
        } else if (!sl_impute_set_text(fill, sl_str(p->fill_value ? p->fill_value : "missing_value"))) {
            status = sl_fail_memory(err, "binding impute");
        }
    }
    return status;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct sl_impute_params *p = stage->params;
    struct sl_impute_state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding impute");
    }
    stage->state = state;
    unsigned types = p->strategy <= SL_IMPUTE_MEDIAN ? SL_NUMBER : SL_TEXT | SL_NUMBER;
    int status = check_types(p, in, err);
    status = status == SL_OK ? sl_stage_columns(stage, &p->columns, types, in, &state->columns, &state->n, err)
                             : status;
    return status == SL_OK && p->strategy == SL_IMPUTE_CONSTANT ? make_constants(stage, in, err) : status;
}

static void unbind(struct sl_stage *stage)
{
    struct sl_impute_state *state = stage->state;
    if (state) {
        sl_impute_fills_free(stage->model, state->n);
        sl_impute_fills_free(state->constant, state->n);
        free(state->columns);
        free(state);
    }
    stage->state = stage->model = NULL;
}

static int fill_numbers(struct sl_column *column, double fill, uint32_t n, struct sl_arena *arena, struct sl_error *err)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < n; i++) {
        missing += !sl_number_there(column, i);
    }
    if (!missing) {
        return SL_OK;
    }
    double *to = sl_arena_array(arena, n, sizeof *to);
    if (!to) {
        return sl_fail_memory(err, "filling in missing values");
    }
    for (uint32_t i = 0; i < n; i++) {
        to[i] = sl_number_there(column, i) ? column->number[i] : fill;
    }
    *column = (struct sl_column){ .number = to };
    return SL_OK;
}

static int fill_texts(struct sl_column *column, const struct sl_impute_fill *fill, uint32_t n, struct sl_arena *arena,
                      struct sl_error *err)
{
    uint32_t missing = 0;
    for (uint32_t i = 0; i < n; i++) {
        missing += !sl_valid(column, i);
    }
    if (!missing) {
        return SL_OK;
    }
    struct sl_str *to = sl_arena_array(arena, n, sizeof *to);
    struct sl_str text = { sl_arena_strndup(arena, fill->text, fill->n), fill->n };
    if (!to || !text.p) {
        return sl_fail_memory(err, "filling in missing values");
    }
    for (uint32_t i = 0; i < n; i++) {
        to[i] = sl_valid(column, i) ? column->text[i] : text;
    }
    *column = (struct sl_column){ .text = to };
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_impute_state *state = stage->state;
    const struct sl_impute_fill *fills = state->constant ? state->constant : stage->model;
    int status = fills ? SL_OK : sl_fail(err, SL_ESTATE, "the stage is not fitted");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        struct sl_column *column = &chunk->columns[state->columns[c]];
        status = fills[c].is_number ? fill_numbers(column, fills[c].number, chunk->n, chunk->arena, err)
                                    : fill_texts(column, &fills[c], chunk->n, chunk->arena, err);
    }
    return status;
}

static int save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err)
{
    const struct sl_impute_params *p = stage->params;
    const struct sl_impute_state *state = stage->state;
    const struct sl_impute_fill *fills = stage->model;
    if (!fills && needs_fit(p)) {
        return sl_fail(err, SL_ESTATE, "there is nothing to save: the stage is not fitted");
    }
    sl_buf_u32(to, FORMAT);
    sl_buf_u32(to, (uint32_t)p->strategy);
    sl_buf_u32(to, fills ? (uint32_t)state->n : 0);
    for (size_t c = 0; fills && c < state->n; c++) {
        const char *name = stage->out.fields[state->columns[c]].name;
        sl_buf_blob(to, name, strlen(name));
        sl_buf_u32(to, fills[c].is_number);
        sl_buf_f64(to, fills[c].number);
        sl_buf_blob(to, fills[c].is_number ? "" : fills[c].text, fills[c].n);
    }
    return to->failed ? sl_fail_memory(err, "saving fill values") : SL_OK;
}

/* Is it sound? *memory: there was room for it. */
static bool load_fill(const struct sl_stage *stage, size_t c, struct sl_blob *blob, struct sl_impute_fill *fill,
                      bool *memory)
{
    const struct sl_impute_state *state = stage->state;
    const struct sl_field *now = &stage->in->fields[state->columns[c]];
    struct sl_str name = sl_blob_bytes(blob);
    uint32_t number = sl_blob_u32(blob);
    fill->number = sl_blob_f64(blob);
    struct sl_str text = sl_blob_bytes(blob);
    fill->is_number = number;
    *memory = number || sl_impute_set_text(fill, text);
    return !blob->failed && sl_str_equal(name, sl_str(now->name)) && number == (now->type == SL_NUMBER) &&
           isfinite(fill->number) && (!number || text.n == 0);
}

static int load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct sl_impute_params *p = stage->params;
    const struct sl_impute_state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    struct sl_impute_fill *fills = sl_zalloc(state->n, sizeof *fills);
    if (!fills) {
        return sl_fail_memory(err, "loading fill values");
    }
    size_t n = needs_fit(p) ? state->n : 0;
    bool ok = sl_blob_u32(&blob) == FORMAT && sl_blob_u32(&blob) == (uint32_t)p->strategy && sl_blob_u32(&blob) == n;
    bool memory = true;
    for (size_t c = 0; ok && memory && c < n; c++) {
        ok = load_fill(stage, c, &blob, &fills[c], &memory);
    }
    if (!memory) {
        sl_impute_fills_free(fills, state->n);
        return sl_fail_memory(err, "loading fill values");
    }
    if (!ok || blob.failed || blob.p != blob.end) {
        sl_impute_fills_free(fills, state->n);
        sl_fail(err, SL_EFORMAT, "the saved fill values are damaged, or of other columns");
        return sl_fix(err, "fit the pipeline again"), SL_EFORMAT;
    }
    sl_impute_fills_free(stage->model, state->n);
    stage->model = fills;
    if (!n) {
        sl_impute_fills_free(fills, state->n);
        stage->model = NULL;
    }
    return SL_OK;
}

const struct sl_stage_class sl_stage_impute = {
    .name = "impute",
    .summary = "fill in missing values",
    .details =
        "A missing value becomes the mean, the median or the most frequent value of its column in the training records, or "
        "a constant. Filled columns keep their type. With strategy=constant nothing is learnt, and the stage may stand "
        "before the split.\n\n"
        "Names, defaults and results are those of scikit-learn's SimpleImputer; only a column without a single value in "
        "training is refused here, where that drops it. For the median, the values of the column are kept in memory "
        "while it is learnt.",
    .kind = SL_ENCODER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct sl_impute_params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .apply = apply,
    .needs_fit = needs_fit,
    .save = save,
    .load = load,
    .fit = { .begin = sl_impute_fit_begin,
             .chunk = sl_impute_fit_chunk,
             .merge = sl_impute_fit_merge,
             .end = sl_impute_fit_end,
             .drop = sl_impute_fit_drop },
    .substeps = &sl_substeps_impute,
};
