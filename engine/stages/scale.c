/* scale.c: stages that map columns by two figures each, vectors by two for each place or channel.
 *
 * The model is an array of struct sl_scale, column by column; it is saved with the columns' names, so that figures
 * never end up on another column. */
#include "engine/stages/scale.h"

enum { FORMAT = 1 };

/* How many pairs of figures a column gets. */
static int count_figures(const struct sl_stage *stage, const struct sl_field *field, bool by_channel, size_t *n,
                         struct sl_error *err)
{
    *n = field->type != SL_VECTOR ? 1 : by_channel && field->channels ? field->channels : field->width;
    if (*n) {
        return SL_OK;
    }
    sl_fail(err, SL_ESCHEMA, "how wide the vectors of column '%.80s' are is not known before training", field->name);
    return sl_fix(err, "put '%s' before the stage that makes them", stage->class->name), SL_ESCHEMA;
}

int sl_scale_bind(struct sl_stage *stage, const struct sl_names *names, unsigned types, bool by_channel,
                  const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    struct sl_scale_state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding a stage");
    }
    stage->state = state;
    int status = sl_stage_columns(stage, names, types, in, &state->columns, &state->n, err);
    state->first = status == SL_OK ? sl_zalloc(state->n + 1, sizeof *state->first) : NULL;
    if (status == SL_OK && !state->first) {
        status = sl_fail_memory(err, "binding a stage");
    }
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        struct sl_field *field = &out->fields[state->columns[c]];
        size_t figures = 0;
        status = count_figures(stage, field, by_channel, &figures, err);
        state->first[c + 1] = state->first[c] + figures;
        field->encoded = true;
        if (field->type == SL_VECTOR) {
            field->bytes = false;
            field->scale = field->offset = 0;
        }
    }
    return status;
}

void sl_scale_unbind(struct sl_stage *stage)
{
    struct sl_scale_state *state = stage->state;
    if (state) {
        free(state->columns);
        free(state->first);
        free(state);
    }
    free(stage->model);
    stage->state = stage->model = NULL;
}

int sl_scale_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_scale_partial *p = sl_zalloc(1, sizeof *p);
    size_t n = state->first[state->n];
    struct sl_moments *figure = sl_zalloc(n, sizeof *figure);
    if (!p || !figure) {
        free(p);
        free(figure);
        return sl_fail_memory(err, "learning from columns");
    }
    for (size_t k = 0; k < n; k++) {
        figure[k] = SL_MOMENTS_NONE;
    }
    *p = (struct sl_scale_partial){ figure, n };
    *partial = p;
    return SL_OK;
}

int sl_scale_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                       struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_scale_partial *p = partial;
    int status = SL_OK;
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        size_t column = state->columns[c], first = state->first[c];
        const struct sl_field *field = &stage->in->fields[column];
        status = field->type == SL_VECTOR ? sl_moments_add_vector(&p->figure[first], state->first[c + 1] - first, chunk,
                                                                  column, field, rows, err)
                                          : sl_moments_add(&p->figure[first], chunk, column, field->name, rows, err);
    }
    return status;
}

int sl_scale_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    (void)stage;
    (void)err;
    struct sl_scale_partial *a = into, *b = from;
    for (size_t k = 0; k < a->n; k++) {
        sl_moments_merge(&a->figure[k], &b->figure[k]);
    }
    return SL_OK;
}

void sl_scale_fit_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    struct sl_scale_partial *p = partial;
    if (p) {
        free(p->figure);
        free(p);
    }
}

/* The figures of one column. */
static int find_figures(const struct sl_stage *stage, const struct sl_scale_partial *partial, size_t c,
                        struct sl_scale (*figures)(const void *params, const struct sl_moments *moments),
                        struct sl_scale *model, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    const char *name = stage->out.fields[state->columns[c]].name;
    int status = SL_OK;
    for (size_t k = state->first[c]; status == SL_OK && k < state->first[c + 1]; k++) {
        status = sl_moments_check(&partial->figure[k], name, err);
        model[k] = figures(stage->params, &partial->figure[k]);
        if (status == SL_OK && (!isfinite(model[k].a) || !isfinite(model[k].b))) {
            sl_fail(err, SL_EDATA, "column '%.80s' has values too large to be scaled", name);
            sl_fix(err, "filter out what is not a sensible value");
            status = SL_EDATA;
        }
    }
    return status;
}

int sl_scale_fit_end(struct sl_stage *stage, const struct sl_scale_partial *partial,
                     struct sl_scale (*figures)(const void *params, const struct sl_moments *moments),
                     struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_scale *model = sl_zalloc(state->first[state->n], sizeof *model);
    int status = model ? SL_OK : sl_fail_memory(err, "learning from columns");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        status = find_figures(stage, partial, c, figures, model, err);
    }
    if (status != SL_OK) {
        free(model);
        return status;
    }
    free(stage->model);
    stage->model = model;
    return SL_OK;
}

static int apply_numbers(const struct sl_stage *stage, struct sl_chunk *chunk, struct sl_column *column,
                         struct sl_scale figures, sl_scale_map *map, struct sl_error *err)
{
    double *to = sl_arena_array(chunk->arena, chunk->n, sizeof *to);
    if (!to) {
        return sl_fail_memory(err, "scaling numbers");
    }
    map(stage->params, figures, column->number, to, chunk->n);
    for (uint32_t i = 0; column->valid && i < chunk->n; i++) {
        to[i] = sl_valid(column, i) ? to[i] : (double)NAN;
    }
    column->number = to;
    return SL_OK;
}

int sl_scale_apply(const struct sl_stage *stage, struct sl_chunk *chunk, sl_scale_map *map, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    const struct sl_scale *model = stage->model;
    int status = model ? SL_OK : sl_fail(err, SL_ESTATE, "the stage is not fitted");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        size_t column = state->columns[c], first = state->first[c], n = state->first[c + 1] - first;
        status = stage->in->fields[column].type == SL_VECTOR
                     ? sl_scale_apply_vector(stage, chunk, column, &model[first], n, map, err)
                     : apply_numbers(stage, chunk, &chunk->columns[column], model[first], map, err);
    }
    return status;
}

int sl_scale_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    const struct sl_scale *model = stage->model;
    if (!model) {
        return sl_fail(err, SL_ESTATE, "there is nothing to save: the stage is not fitted");
    }
    sl_buf_u32(to, FORMAT);
    sl_buf_blob(to, stage->class->name, strlen(stage->class->name));
    sl_buf_u32(to, (uint32_t)state->n);
    for (size_t c = 0; c < state->n; c++) {
        const char *name = stage->out.fields[state->columns[c]].name;
        sl_buf_blob(to, name, strlen(name));
        if (stage->in->fields[state->columns[c]].type == SL_VECTOR) {
            sl_buf_u64(to, state->first[c + 1] - state->first[c]);
        }
        for (size_t k = state->first[c]; k < state->first[c + 1]; k++) {
            sl_buf_f64(to, model[k].a);
            sl_buf_f64(to, model[k].b);
        }
    }
    return to->failed ? sl_fail_memory(err, "saving figures of columns") : SL_OK;
}

/* Every column's name as it is now, and figures that are numbers. */
static bool load_columns(const struct sl_stage *stage, struct sl_blob *blob, struct sl_scale *model)
{
    const struct sl_scale_state *state = stage->state;
    for (size_t c = 0; c < state->n; c++) {
        struct sl_str name = sl_blob_bytes(blob);
        const struct sl_field *field = &stage->in->fields[state->columns[c]];
        size_t n = state->first[c + 1] - state->first[c];
        if (blob->failed || !sl_str_equal(name, sl_str(field->name)) ||
            (field->type == SL_VECTOR && sl_blob_u64(blob) != n)) {
            return false;
        }
        for (size_t k = state->first[c]; k < state->first[c + 1]; k++) {
            model[k].a = sl_blob_f64(blob);
            model[k].b = sl_blob_f64(blob);
            if (blob->failed || !isfinite(model[k].a) || !isfinite(model[k].b)) {
                return false;
            }
        }
    }
    return blob->p == blob->end;
}

int sl_scale_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    struct sl_scale *model = sl_zalloc(state->first[state->n], sizeof *model);
    if (!model) {
        return sl_fail_memory(err, "loading figures of columns");
    }
    bool ok = sl_blob_u32(&blob) == FORMAT && sl_str_equal(sl_blob_bytes(&blob), sl_str(stage->class->name)) &&
              sl_blob_u32(&blob) == state->n && !blob.failed && load_columns(stage, &blob, model);
    if (!ok) {
        free(model);
        sl_fail(err, SL_EFORMAT, "the saved figures are damaged, or of other columns");
        return sl_fix(err, "fit the pipeline again"), SL_EFORMAT;
    }
    free(stage->model);
    stage->model = model;
    return SL_OK;
}
