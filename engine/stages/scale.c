/* scale.c: stages that map number columns by two figures each.
 *
 * The model is an array of struct sl_scale, one for each column; it is saved with the columns' names, so that figures
 * never end up on another column. */
#include "engine/stages/scale.h"

enum { FORMAT = 1 };

int sl_scale_bind(struct sl_stage *stage, const struct sl_names *names, const struct sl_schema *in,
                  struct sl_schema *out, struct sl_error *err)
{
    struct sl_scale_state *state = sl_zalloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "binding a stage");
    }
    stage->state = state;
    int status = sl_stage_columns(stage, names, SL_NUMBER, in, &state->columns, &state->n, err);
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        out->fields[state->columns[c]].encoded = true;
    }
    return status;
}

void sl_scale_unbind(struct sl_stage *stage)
{
    struct sl_scale_state *state = stage->state;
    if (state) {
        free(state->columns);
        free(state);
    }
    free(stage->model);
    stage->state = stage->model = NULL;
}

int sl_scale_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_scale_partial *p = sl_zalloc(1, sizeof *p);
    struct sl_moments *column = sl_zalloc(state->n, sizeof *column);
    if (!p || !column) {
        free(p);
        free(column);
        return sl_fail_memory(err, "learning from number columns");
    }
    for (size_t c = 0; c < state->n; c++) {
        column[c] = SL_MOMENTS_NONE;
    }
    *p = (struct sl_scale_partial){ column, state->n };
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
        const char *name = stage->out.fields[state->columns[c]].name;
        status = sl_moments_add(&p->column[c], chunk, state->columns[c], name, rows, err);
    }
    return status;
}

int sl_scale_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    (void)stage;
    (void)err;
    struct sl_scale_partial *a = into, *b = from;
    for (size_t c = 0; c < a->n; c++) {
        sl_moments_merge(&a->column[c], &b->column[c]);
    }
    return SL_OK;
}

void sl_scale_fit_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    struct sl_scale_partial *p = partial;
    if (p) {
        free(p->column);
        free(p);
    }
}

int sl_scale_fit_end(struct sl_stage *stage, const struct sl_scale_partial *partial,
                     struct sl_scale (*figures)(const void *params, const struct sl_moments *moments),
                     struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_scale *model = sl_zalloc(state->n, sizeof *model);
    int status = model ? SL_OK : sl_fail_memory(err, "learning from number columns");
    for (size_t c = 0; status == SL_OK && c < state->n; c++) {
        const char *name = stage->out.fields[state->columns[c]].name;
        status = sl_moments_check(&partial->column[c], name, err);
        model[c] = figures(stage->params, &partial->column[c]);
        if (status == SL_OK && (!isfinite(model[c].a) || !isfinite(model[c].b))) {
            sl_fail(err, SL_EDATA, "column '%.80s' has values too large to be scaled", name);
            sl_fix(err, "filter out what is not a sensible value");
            status = SL_EDATA;
        }
    }
    if (status != SL_OK) {
        free(model);
        return status;
    }
    free(stage->model);
    stage->model = model;
    return SL_OK;
}

int sl_scale_apply(const struct sl_stage *stage, struct sl_chunk *chunk,
                   void (*map)(const void *params, struct sl_scale scale, const double *from, double *to, uint32_t n),
                   struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    const struct sl_scale *model = stage->model;
    if (!model) {
        return sl_fail(err, SL_ESTATE, "the stage is not fitted");
    }
    for (size_t c = 0; c < state->n; c++) {
        struct sl_column *column = &chunk->columns[state->columns[c]];
        double *to = sl_arena_array(chunk->arena, chunk->n, sizeof *to);
        if (!to) {
            return sl_fail_memory(err, "scaling numbers");
        }
        map(stage->params, model[c], column->number, to, chunk->n);
        for (uint32_t i = 0; column->valid && i < chunk->n; i++) {
            to[i] = sl_valid(column, i) ? to[i] : (double)NAN;
        }
        column->number = to;
    }
    return SL_OK;
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
        sl_buf_f64(to, model[c].a);
        sl_buf_f64(to, model[c].b);
    }
    return to->failed ? sl_fail_memory(err, "saving figures of columns") : SL_OK;
}

/* Every column's name as it is now, and figures that are numbers. */
static bool load_columns(const struct sl_stage *stage, struct sl_blob *blob, struct sl_scale *model)
{
    const struct sl_scale_state *state = stage->state;
    for (size_t c = 0; c < state->n; c++) {
        struct sl_str name = sl_blob_bytes(blob);
        model[c].a = sl_blob_f64(blob);
        model[c].b = sl_blob_f64(blob);
        if (blob->failed || !isfinite(model[c].a) || !isfinite(model[c].b) ||
            !sl_str_equal(name, sl_str(stage->out.fields[state->columns[c]].name))) {
            return false;
        }
    }
    return blob->p == blob->end;
}

int sl_scale_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct sl_scale_state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    struct sl_scale *model = sl_zalloc(state->n, sizeof *model);
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
