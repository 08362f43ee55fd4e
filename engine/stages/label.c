/* label.c: names the column to predict, and numbers its classes.
 *
 * Classes are sorted, numbers by value and text by code point (for UTF-8: by bytes), so that class 0 and 1 are those of
 * scikit-learn's LabelEncoder. A number is the same class as another when they are equal; -0 is 0. Records without a
 * target are dropped, except when predicting.
 *
 * Fitting keeps one entry a class, so a target of many different values (a price) is refused rather than learnt. */
#include "engine/stages/label_values.h"
#include "engine/stages/substeps.h"

#include <assert.h>

enum { FORMAT = 1 };
#define CLASSES_MAX 65536u

struct params {
    struct sl_names column;
    int task;
    struct sl_names names;
};

enum { CLASSIFICATION, REGRESSION };
static const char *const tasks[] = { "classification", "regression", NULL };

static const struct params defaults;

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, column, .types = SL_TEXT | SL_NUMBER, .required = true,
               .help = "the column whose values are to be predicted"),
    SL_CHOICE(struct params, task, .choices = tasks, .help = "tell its values apart, or predict it as a number"),
    SL_NAMES(
        struct params, names,
        .help = "what to call the classes, in sorted order: T-shirt,Trouser,...; else they are called as they are"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "label sentiment", .in = "review,sentiment\ngood,pos\nbad,neg\nwhat,\n",
      .out = "review,sentiment\ngood,pos\nbad,neg\n",
      .note = "a record without a label teaches nothing and is dropped" },
    { "label price task=regression", .in = "rooms,price\n3,250\n2,\n", .out = "rooms,price\n3,250\n",
      .note = "a number to be predicted" },
    { 0 },
};

struct state {
    size_t column;
    bool number;
};

struct model {
    struct sl_values values; /* sorted */
    char **name;             /* by rank */
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    if (p->column.n != 1) {
        sl_fail(err, SL_EPARAM, "one column is the label, not %zu", p->column.n);
        sl_fix(err, "write 'label COLUMN'");
        return sl_blame(err, SL_EPARAM, "columns");
    }
    size_t *columns = NULL, n;
    int status = sl_stage_columns(stage, &p->column, SL_TEXT | SL_NUMBER, in, &columns, &n, err);
    if (status == SL_OK && p->task == REGRESSION && in->fields[columns[0]].type != SL_NUMBER) {
        sl_fail(err, SL_ESCHEMA, "column '%.80s' is text, and a regression predicts a number",
                in->fields[columns[0]].name);
        sl_fix(err, "label a column of numbers, or leave out task=regression");
        status = sl_blame(err, SL_ESCHEMA, "task");
    }
    struct state *state = status == SL_OK ? sl_zalloc(1, sizeof *state) : NULL;
    if (status == SL_OK && !state) {
        status = sl_fail_memory(err, "binding the label");
    }
    if (status == SL_OK) {
        state->column = columns[0];
        state->number = in->fields[columns[0]].type == SL_NUMBER;
        out->fields[columns[0]].target = true;
        stage->state = state;
    }
    free(columns);
    return status;
}

static void model_free(struct model *model)
{
    if (!model) {
        return;
    }
    for (uint32_t k = 0; model->name && k < sl_values_count(&model->values); k++) {
        free(model->name[k]);
    }
    free(model->name);
    sl_values_release(&model->values);
    free(model);
}

static void unbind(struct sl_stage *stage)
{
    model_free(stage->model);
    free(stage->state);
    stage->model = stage->state = NULL;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct state *state = stage->state;
    if (stage->predicting) {
        return SL_OK;
    }
    const struct sl_column *column = &chunk->columns[state->column];
    size_t words = sl_bitmap_words(chunk->n);
    uint64_t *keep = sl_arena_zero(chunk->arena, words, sizeof *keep);
    if (!keep && words) {
        return sl_fail_memory(err, "dropping records without a label");
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < chunk->n; i++) {
        bool has = state->number ? sl_number_there(column, i) : sl_valid(column, i);
        keep[i >> 6] |= (uint64_t)has << (i & 63);
        kept += has;
    }
    return kept == chunk->n ? SL_OK : sl_chunk_keep(chunk, keep, err);
}

/* ---- Fit ---- */

static int fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct state *state = stage->state;
    struct sl_values *values = sl_zalloc(1, sizeof *values);
    int status = values ? sl_values_init(values, state->number, err) : sl_fail_memory(err, "collecting the classes");
    if (status != SL_OK) {
        free(values);
        return status;
    }
    *partial = values;
    return SL_OK;
}

static void fit_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    sl_values_release(partial);
    free(partial);
}

/* After an addition that returned this id. */
static int check_added(const struct sl_stage *stage, const struct sl_values *values, uint32_t id, struct sl_error *err)
{
    const struct state *state = stage->state;
    if (id == SL_NO_TERM) {
        return sl_fail_memory(err, "collecting the classes");
    }
    if (sl_values_count(values) <= CLASSES_MAX) {
        return SL_OK;
    }
    sl_fail(err, SL_ELIMIT, "column '%.80s' has more than %u different values: too many to be classes",
            stage->out.fields[state->column].name, CLASSES_MAX);
    return sl_fix(err, "label a column of classes, or predict it as a number: task=regression"), SL_ELIMIT;
}

static int fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                     struct sl_error *err)
{
    const struct state *state = stage->state;
    const struct sl_column *column = &chunk->columns[state->column];
    int status = SL_OK;
    for (uint32_t i = 0; status == SL_OK && i < chunk->n && !sl_label_is_number(stage); i++) {
        if (sl_row_taken(rows, i) && sl_values_there(partial, column, i)) {
            status = check_added(stage, partial, sl_values_add(partial, column, i), err);
        }
    }
    return status;
}

static int fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    int status = SL_OK;
    for (uint32_t id = 0; status == SL_OK && id < sl_values_count(from); id++) {
        status = check_added(stage, into, sl_values_carry(into, from, id), err);
    }
    return status;
}

static char *class_name(const struct params *p, const struct sl_values *values, uint32_t rank)
{
    struct sl_buf buf = { 0 };
    if (p->names.n == sl_values_count(values)) {
        sl_buf_puts(&buf, p->names.name[rank]);
    } else {
        sl_values_format(values, rank, &buf);
    }
    sl_buf_putc(&buf, '\0');
    if (buf.failed) {
        sl_buf_release(&buf);
    }
    return buf.p;
}

/* Makes the stage's model of the values, sorted; takes them over, and leaves *values empty. */
static int set_model(struct sl_stage *stage, struct sl_values *values, struct sl_error *err)
{
    uint32_t n = sl_values_count(values);
    struct model *model = sl_zalloc(1, sizeof *model);
    char **name = sl_zalloc(n, sizeof *name);
    bool ok = model && name;
    for (uint32_t k = 0; ok && k < n; k++) {
        name[k] = class_name(stage->params, values, k);
        ok = name[k] != NULL;
    }
    if (!ok) {
        for (uint32_t k = 0; name && k < n; k++) {
            free(name[k]);
        }
        free(name);
        free(model);
        return sl_fail_memory(err, "numbering the classes");
    }
    *model = (struct model){ *values, name };
    *values = (struct sl_values){ 0 };
    model_free(stage->model);
    stage->model = model;
    return SL_OK;
}

static int fit_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    const struct state *state = stage->state;
    const char *name = stage->out.fields[state->column].name;
    const struct params *p = stage->params;
    struct sl_values *values = partial;
    uint32_t n = sl_values_count(values);
    if (sl_label_is_number(stage)) {
        return SL_OK; /* there is nothing to learn */
    }
    if (n < 2) {
        sl_fail(err, SL_EDATA,
                n ? "column '%.80s' has the same value in every record: there is nothing to tell apart"
                  : "column '%.80s' has no value in any record",
                name);
        return sl_fix(err, "label a column with at least two classes"), SL_EDATA;
    }
    if (p->names.n && p->names.n != n) {
        sl_fail(err, SL_EPARAM, "names gives %zu names, but column '%.80s' has %u classes", p->names.n, name, n);
        sl_fix(err, "give a name for each, in sorted order, or leave names out");
        return sl_blame(err, SL_EPARAM, "names");
    }
    int status = sl_values_sort(values, err);
    return status == SL_OK ? set_model(stage, values, err) : status;
}

static int save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err)
{
    const struct model *model = stage->model;
    if (!model) {
        return sl_fail(err, SL_ESTATE, "there is nothing to save: the label is not fitted");
    }
    sl_buf_u32(to, FORMAT);
    sl_values_save(&model->values, to);
    return to->failed ? sl_fail_memory(err, "saving the classes") : SL_OK;
}

static int load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    struct sl_values values = { 0 };
    uint32_t format = sl_blob_u32(&blob);
    if (blob.failed || format != FORMAT) {
        return sl_fail(err, SL_EFORMAT, "the saved classes are damaged, or of another version");
    }
    int status = sl_values_load(&values, state->number, CLASSES_MAX, &blob, err);
    if (status == SL_OK && (sl_values_count(&values) < 2 || blob.p != blob.end)) {
        status = sl_fail(err, SL_EFORMAT, "the saved classes are damaged");
    }
    status = status == SL_OK ? set_model(stage, &values, err) : status;
    sl_values_release(&values);
    return status;
}

/* ---- For others ---- */

size_t sl_label_column(const struct sl_stage *label)
{
    const struct state *state = label->state;
    return state->column;
}

bool sl_label_is_number(const struct sl_stage *label)
{
    const struct params *p = label->params;
    return p->task == REGRESSION;
}

uint32_t sl_label_classes(const struct sl_stage *label)
{
    const struct model *model = label->model;
    return model ? sl_values_count(&model->values) : 0;
}

const char *sl_label_class(const struct sl_stage *label, uint32_t k)
{
    const struct model *model = label->model;
    assert(model && k < sl_values_count(&model->values));
    return model->name[k];
}

uint32_t sl_label_index(const struct sl_stage *label, const struct sl_chunk *chunk, uint32_t i)
{
    const struct state *state = label->state;
    const struct model *model = label->model;
    const struct sl_column *column = &chunk->columns[state->column];
    return model && sl_values_there(&model->values, column, i) ? sl_values_rank(&model->values, column, i) : UINT32_MAX;
}

const struct sl_stage_class sl_stage_label = {
    .name = "label",
    .summary = "name the column to predict",
    .details =
        "Its values are the classes that a learner tells apart, in sorted order: numbers by value, text by code "
        "point. Records in which it is missing are dropped, except when predicting. No other stage takes it for "
        "a feature.\n\n"
        "With task=regression it is a column of numbers, and the number is predicted itself; that takes a learner "
        "that can, such as mlp. A source that brings its own labels (read idx labels=, read svmlight) needs no "
        "label statement.",
    .kind = SL_TARGET,
    .version = 1,
    .drops = true,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .apply = apply,
    .save = save,
    .load = load,
    .fit = { .exact = true,
             .begin = fit_begin,
             .chunk = fit_chunk,
             .merge = fit_merge,
             .end = fit_end,
             .drop = fit_drop },
    .substeps = &sl_substeps_label,
};
