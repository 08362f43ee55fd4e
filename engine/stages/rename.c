/* rename.c: another name for a column. Only the schema changes. */
#include "engine/stages/encoder.h"

struct params {
    char *column;
    char *to;
};

static const struct params defaults;

static const struct sl_param params[] = {
    SL_STRING(struct params, column, .positional = true, .required = true, .help = "the column's name now"),
    SL_STRING(struct params, to, .positional = true, .required = true, .help = "its new name"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "rename txt review", .in = "txt,n\ngood,1\n", .out = "review,n\ngood,1\n" },
    { "rename \"Customer Review\" review", .in = "Customer Review\ngood\n", .out = "review\ngood\n",
      .note = "a name with blanks stands in quotes" },
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    char *from = p->column;
    size_t *column, n;
    int status = sl_stage_columns(stage, &(struct sl_names){ &from, from ? 1 : 0 }, 0, in, &column, &n, err);
    if (status != SL_OK) {
        return sl_blame(err, status, "column");
    }
    size_t at = column[0];
    free(column);
    if (!p->to || !p->to[0]) {
        sl_fail(err, SL_EPARAM, "column '%.80s' is to be renamed to nothing", p->column);
        sl_fix(err, "give the new name");
        return sl_blame(err, SL_EPARAM, "to");
    }
    long taken = sl_schema_find(in, sl_str(p->to));
    if (taken >= 0 && (size_t)taken != at) {
        sl_fail(err, SL_ESCHEMA, "there is a column '%.80s' already", p->to);
        sl_fix(err, "choose another name, or drop that column with 'select' first");
        return sl_blame(err, SL_ESCHEMA, "to");
    }
    char *name = strdup(p->to);
    if (!name) {
        return sl_fail_memory(err, "renaming a column");
    }
    free(out->fields[at].name);
    out->fields[at].name = name;
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)stage, (void)scratch, (void)chunk, (void)err;
    return SL_OK; /* the caller gives the chunk its new schema */
}

const struct sl_stage_class sl_stage_rename = {
    .name = "rename",
    .summary = "give a column another name",
    .details = "Stages before this one know the column by its old name, stages after it by the new one.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .apply = apply,
};
