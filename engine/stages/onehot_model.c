/* onehot_model.c: the categories a fitted `onehot` knows: which feature is which, saving and loading. */
#include "engine/stages/onehot.h"

enum { FORMAT = 1 };

void sl_onehot_categories_free(struct sl_onehot_categories *columns, size_t n)
{
    for (size_t c = 0; columns && c < n; c++) {
        sl_values_release(&columns[c].values);
    }
    free(columns);
}

uint32_t sl_onehot_category(const struct sl_onehot_categories *categories, const struct sl_column *column, uint32_t i)
{
    if (sl_values_there(&categories->values, column, i)) {
        return sl_values_rank(&categories->values, column, i);
    }
    return categories->missing ? sl_values_count(&categories->values) : SL_NO_TERM;
}

int sl_onehot_set_model(struct sl_stage *stage, struct sl_onehot_categories *columns, struct sl_error *err)
{
    const struct sl_onehot_params *p = stage->params;
    const struct sl_onehot_state *state = stage->state;
    for (size_t c = 0; c < state->n; c++) {
        uint32_t n = sl_values_count(&columns[c].values) + columns[c].missing;
        if (n == 0) {
            sl_fail(err, SL_EDATA, "there are no training records to take the categories of column '%.80s' from",
                    stage->out.fields[state->columns[c]].name);
            return sl_fix(err, "look at the stages before, and at the split"), SL_EDATA;
        }
        columns[c].dropped = p->drop == SL_DROP_FIRST || (p->drop == SL_DROP_IF_BINARY && n == 2);
        stage->out.fields[state->columns[c]].width = n - columns[c].dropped;
    }
    sl_onehot_categories_free(stage->model, state->n);
    stage->model = columns;
    return SL_OK;
}

void sl_onehot_feature_name(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to)
{
    const struct sl_onehot_state *state = stage->state;
    const struct sl_onehot_categories *columns = stage->model;
    for (size_t c = 0; columns && c < state->n; c++) {
        uint32_t category = j + columns[c].dropped, n = sl_values_count(&columns[c].values);
        if (state->columns[c] != column) {
            continue;
        }
        if (category < n) {
            sl_values_format(&columns[c].values, category, to);
        } else if (category == n && columns[c].missing) {
            sl_buf_puts(to, "(missing)");
        }
    }
}

int sl_onehot_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err)
{
    const struct sl_onehot_params *p = stage->params;
    const struct sl_onehot_state *state = stage->state;
    const struct sl_onehot_categories *columns = stage->model;
    if (!columns) {
        return sl_fail(err, SL_ESTATE, "there is nothing to save: the encoder is not fitted");
    }
    sl_buf_u32(to, FORMAT);
    sl_buf_u32(to, (uint32_t)p->drop);
    sl_buf_u32(to, (uint32_t)state->n);
    for (size_t c = 0; c < state->n; c++) {
        const char *name = stage->out.fields[state->columns[c]].name;
        sl_buf_blob(to, name, strlen(name));
        sl_buf_u32(to, columns[c].missing);
        sl_values_save(&columns[c].values, to);
    }
    return to->failed ? sl_fail_memory(err, "saving categories") : SL_OK;
}

static int damaged(struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "the saved categories are damaged, or of other columns");
    return sl_fix(err, "fit the pipeline again"), SL_EFORMAT;
}

static int load_column(const struct sl_stage *stage, size_t c, struct sl_onehot_categories *column,
                       struct sl_blob *blob, struct sl_error *err)
{
    const struct sl_onehot_state *state = stage->state;
    const struct sl_field *now = &stage->in->fields[state->columns[c]];
    struct sl_str name = sl_blob_bytes(blob);
    uint32_t missing = sl_blob_u32(blob);
    if (blob->failed || missing > 1 || !sl_str_equal(name, sl_str(now->name))) {
        return damaged(err);
    }
    column->missing = missing;
    return sl_values_load(&column->values, now->type == SL_NUMBER, SL_ONEHOT_MAX, blob, err);
}

int sl_onehot_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err)
{
    const struct sl_onehot_params *p = stage->params;
    const struct sl_onehot_state *state = stage->state;
    struct sl_blob blob = { from.p, from.n ? from.p + from.n : from.p, false };
    uint32_t format = sl_blob_u32(&blob), drop = sl_blob_u32(&blob), n = sl_blob_u32(&blob);
    if (blob.failed || format != FORMAT || drop != (uint32_t)p->drop || n != state->n) {
        return damaged(err);
    }
    struct sl_onehot_categories *columns = sl_zalloc(n, sizeof *columns);
    int status = columns ? SL_OK : sl_fail_memory(err, "loading categories");
    for (size_t c = 0; status == SL_OK && c < n; c++) {
        status = load_column(stage, c, &columns[c], &blob, err);
    }
    if (status == SL_OK && blob.p != blob.end) {
        status = damaged(err);
    }
    status = status == SL_OK ? sl_onehot_set_model(stage, columns, err) : status;
    if (status != SL_OK) {
        sl_onehot_categories_free(columns, n);
    }
    return status;
}
