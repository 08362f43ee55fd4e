/* select.c: keep some columns, in the order named. Cells are neither copied nor touched. */
#include "engine/stages/text_stage.h"

struct params {
    struct sl_names columns;
};

static const struct params defaults;

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .required = true, .help = "columns to keep, in this order"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "select review stars", .in = "id,stars,review\n7,5,good\n", .out = "review,stars\ngood,5\n" },
    { "select \"first name\"", .in = "first name,n\nAda,1\n", .out = "first name\nAda\n",
      .note = "a name with blanks stands in quotes" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    if (p->columns.n == 0) {
        sl_fail(err, SL_EPARAM, "'select' names no column");
        return sl_fix(err, "name the columns to keep"), SL_EPARAM;
    }
    int status = sl_bind_columns(stage, &p->columns, 0, in, err);
    const struct sl_bound_columns *bound = stage->state;
    struct sl_schema kept = { 0 };
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        const struct sl_field *field = &in->fields[bound->column[k]];
        status = sl_schema_add(&kept, sl_str(field->name), field->type, err);
        if (status == SL_OK) {
            char *name = kept.fields[k].name;
            kept.fields[k] = *field;
            kept.fields[k].name = name;
        }
    }
    if (status != SL_OK) {
        sl_schema_release(&kept);
        return status;
    }
    sl_schema_release(out);
    *out = kept;
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct sl_bound_columns *bound = stage->state;
    struct sl_column *columns = sl_arena_array(chunk->arena, bound->n, sizeof *columns);
    if (!columns) {
        return sl_fail_memory(err, "selecting columns");
    }
    for (size_t k = 0; k < bound->n; k++) {
        columns[k] = chunk->columns[bound->column[k]];
    }
    chunk->columns = columns;
    return SL_OK;
}

const struct sl_stage_class sl_stage_select = {
    .name = "select",
    .summary = "keep the named columns, drop all others",
    .details = "The columns come out in the order in which they are named. The target has to be among them when a "
               "later 'label' needs it.",
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
