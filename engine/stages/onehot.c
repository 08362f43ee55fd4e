/* onehot.c: a column of categories to one feature for each of them.
 *
 * As scikit-learn's OneHotEncoder: categories are the distinct values of the training records, numbers sorted by value
 * and text by code point; missing is a category of its own, the last, when a training record lacks the value. The
 * result is sparse: a record has one feature, or none when its category is dropped or was never seen
 * (handle_unknown=ignore). */
#include "engine/stages/onehot.h"
#include "engine/stages/label_values.h"
#include "engine/stages/substeps.h"
#include "engine/stages/text_stage.h"

static const char *const unknowns[] = { "error", "ignore", NULL };
static const char *const drops[] = { "none", "first", "if_binary", NULL };

static const struct sl_onehot_params defaults = { .handle_unknown = SL_UNKNOWN_ERROR, .drop = SL_DROP_NONE };

static const struct sl_param params[] = {
    SL_COLUMNS(struct sl_onehot_params, columns, .types = SL_TEXT | SL_NUMBER,
               .help = "text and number columns to encode; without any, all of them but the target"),
    SL_CHOICE(struct sl_onehot_params, handle_unknown, .choices = unknowns,
              .help = "a value that no training record has: stop with an error, or give it no feature"),
    SL_CHOICE(struct sl_onehot_params, drop, .choices = drops,
              .help = "leave out the first category, which the others imply: of every column, or of those with two"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "onehot color", .in = "color\nred\nblue\n\nred\n", .out = "color\n[1:1]\n[0:1]\n[2:1]\n[1:1]\n",
      .note = "blue, red, missing" },
    { "onehot size drop=first", .in = "size\n10\n9\n", .out = "size\n[0:1]\n[]\n" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct sl_onehot_params *p = stage->params;
    struct sl_onehot_state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding onehot");
    }
    stage->state = state;
    int status = sl_stage_columns(stage, &p->columns, SL_TEXT | SL_NUMBER, in, &state->columns, &state->n, err);
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        struct sl_field *field = &out->fields[state->columns[c]];
        field->type = SL_SPARSE;
        field->width = 0; /* known when fitted */
        field->encoded = true;
    }
    return status;
}

static void unbind(struct sl_stage *stage)
{
    struct sl_onehot_state *state = stage->state;
    if (state) {
        sl_onehot_categories_free(stage->model, state->n);
        free(state->columns);
        free(state);
    }
    stage->state = stage->model = NULL;
}

/* ---- Fit ---- */

static bool is_number(const struct sl_stage *stage, size_t c)
{
    const struct sl_onehot_state *state = stage->state;
    return stage->in->fields[state->columns[c]].type == SL_NUMBER;
}

static void fit_drop(const struct sl_stage *stage, void *partial)
{
    const struct sl_onehot_state *state = stage->state;
    sl_onehot_categories_free(partial, state->n);
}

static int fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    struct sl_onehot_categories *columns = sl_zalloc(state->n, sizeof *columns);
    int status = columns ? SL_OK : sl_fail_memory(err, "collecting categories");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        status = sl_values_init(&columns[c].values, is_number(stage, c), err);
    }
    if (status != SL_OK) {
        fit_drop(stage, columns);
        return status;
    }
    *partial = columns;
    return SL_OK;
}

static int check_added(const struct sl_stage *stage, size_t c, const struct sl_onehot_categories *column, uint32_t id,
                       struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    if (id == SL_NO_TERM) {
        return sl_fail_memory(err, "collecting categories");
    }
    if (sl_values_count(&column->values) <= SL_ONEHOT_MAX) {
        return SL_OK;
    }
    sl_fail(err, SL_ELIMIT, "column '%.80s' has more than %u different values",
            stage->out.fields[state->columns[c]].name, SL_ONEHOT_MAX);
    return sl_fix(err, "use 'hashing' for text, or numbers as they are"), SL_ELIMIT;
}

static int fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                     struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    struct sl_onehot_categories *columns = partial;
    for (size_t c = 0; c < state->n; c++) {
        const struct sl_column *column = &chunk->columns[state->columns[c]];
        for (uint32_t i = 0; i < chunk->n; i++) {
            if (!sl_row_taken(rows, i)) {
                continue;
            }
            if (!sl_values_there(&columns[c].values, column, i)) {
                columns[c].missing = true;
                continue;
            }
            int status = check_added(stage, c, &columns[c], sl_values_add(&columns[c].values, column, i), err);
            if (status != SL_OK) {
                return status;
            }
        }
    }
    return SL_OK;
}

static int fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    struct sl_onehot_categories *a = into, *b = from;
    for (size_t c = 0; c < state->n; c++) {
        a[c].missing = a[c].missing || b[c].missing;
        for (uint32_t id = 0; id < sl_values_count(&b[c].values); id++) {
            int status = check_added(stage, c, &a[c], sl_values_carry(&a[c].values, &b[c].values, id), err);
            if (status != SL_OK) {
                return status;
            }
        }
    }
    return SL_OK;
}

static int fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    struct sl_onehot_categories *columns = partial, *model = sl_zalloc(state->n, sizeof *model);
    int status = model ? SL_OK : sl_fail_memory(err, "sorting categories");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        status = sl_values_sort(&columns[c].values, err);
        model[c] = columns[c];
        columns[c].values = (struct sl_values){ 0 };
    }
    status = status == SL_OK ? sl_onehot_set_model(stage, model, err) : status;
    if (status != SL_OK) {
        sl_onehot_categories_free(model, state->n);
    }
    return status;
}

/* ---- Apply ---- */

static int refuse_unknown(const struct sl_stage *stage, size_t c, const struct sl_chunk *chunk, uint32_t i,
                          struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    const struct sl_column *column = &chunk->columns[state->columns[c]];
    const char *name = stage->out.fields[state->columns[c]].name;
    if (!(is_number(stage, c) ? sl_number_there(column, i) : sl_valid(column, i))) {
        sl_fail(err, SL_EDATA, "column '%.60s' has no value here, as in no training record", name);
    } else if (is_number(stage, c)) {
        sl_fail(err, SL_EDATA, "column '%.60s' holds %.17g, as in no training record", name, column->number[i]);
    } else {
        struct sl_str text = column->text[i];
        int shown = text.n < 60 ? (int)text.n : 60;
        sl_fail(err, SL_EDATA, "column '%.60s' holds '%.*s', as in no training record", name, shown,
                text.n ? text.p : "");
    }
    sl_fix(err, "give handle_unknown=ignore to have such values without a feature");
    sl_blame(err, SL_EDATA, "handle_unknown");
    return sl_error_record(err, SL_EDATA, &chunk->origin[i]);
}

static int encode_column(const struct sl_stage *stage, size_t c, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct sl_onehot_params *p = stage->params;
    const struct sl_onehot_state *state = stage->state;
    const struct sl_onehot_categories *categories = (const struct sl_onehot_categories *)stage->model + c;
    struct sl_column *column = &chunk->columns[state->columns[c]];
    uint64_t *start = sl_arena_array(chunk->arena, (size_t)chunk->n + 1, sizeof *start);
    uint32_t *index = sl_arena_array(chunk->arena, chunk->n, sizeof *index);
    float *value = sl_arena_array(chunk->arena, chunk->n, sizeof *value);
    if (!start || !index || !value) {
        return sl_fail_memory(err, "encoding categories");
    }
    uint64_t n = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        start[i] = n;
        uint32_t category = sl_onehot_category(categories, column, i);
        if (category == SL_NO_TERM && p->handle_unknown == SL_UNKNOWN_ERROR) {
            return refuse_unknown(stage, c, chunk, i, err);
        }
        if (category != SL_NO_TERM && category >= categories->dropped) {
            index[n] = category - categories->dropped;
            value[n++] = 1;
        }
    }
    start[chunk->n] = n;
    *column = (struct sl_column){ .sparse = { start, index, value } };
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_onehot_state *state = stage->state;
    int status = stage->model ? SL_OK : sl_fail(err, SL_ESTATE, "the encoder is not fitted");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        status = encode_column(stage, c, chunk, err);
    }
    return status;
}

const struct sl_stage_class sl_stage_onehot = {
    .name = "onehot",
    .summary = "turn categories into one feature each",
    .details =
        "Each column becomes a sparse column of the same name with one feature for each value that a training record has: "
        "1 for the value of the record, 0 for all others. Numbers are sorted by value, text by code point; missing counts "
        "as a value of its own, the last.\n\n"
        "Names, defaults and results are those of scikit-learn's OneHotEncoder, without its limits on rare categories.",
    .kind = SL_ENCODER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct sl_onehot_params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .apply = apply,
    .save = sl_onehot_save,
    .load = sl_onehot_load,
    .feature_name = sl_onehot_feature_name,
    .fit = { .exact = true,
             .begin = fit_begin,
             .chunk = fit_chunk,
             .merge = fit_merge,
             .end = fit_end,
             .drop = fit_drop },
    .substeps = &sl_substeps_onehot,
};
