/* rescale.c: every value times a factor, plus an offset, as Keras's Rescaling layer has it.
 *
 * A vector kept as bytes stays as it is: only what a byte stands for changes, in the column's field, so that sixty
 * thousand pictures cost nothing here and a quarter of the room later. Who needs floats computes byte × scale + offset,
 * each step rounded to float, which gives the bits that computing them here would give. Behind another rescale of bytes
 * the two are made one, rounded once: that may differ in the last bit from doing one after the other.
 *
 * Numbers are computed in double precision, vectors of floats in single. What is missing stays missing. */
#include "engine/stages/encoder.h"
#include "engine/stages/text_stage.h"

#include <float.h>

struct params {
    struct sl_names columns;
    double scale, offset;
};

static const struct params defaults = { .scale = 1 };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_NUMBER | SL_VECTOR,
               .help = "columns to rescale; without any, all vectors and numbers but the target"),
    SL_REAL(struct params, scale, .required = true, .min = -FLT_MAX, .max = FLT_MAX,
            .help = "every value is multiplied by this; fractions such as 1/255 are understood"),
    SL_REAL(struct params, offset, .min = -FLT_MAX, .max = FLT_MAX, .help = "then this is added"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "rescale x scale=1/4", .in = "x,y\n1,1\n8,2\n,3\n", .out = "x,y\n0.25,1\n2,2\n,3\n",
      .note = "a missing value stays missing" },
    { "rescale scale=2 offset=-1", .in = "x,name\n0,a\n0.5,b\n1,c\n", .out = "x,name\n-1,a\n0,b\n1,c\n" },
    { 0 },
};

static int refuse(const char *param, double value, const char *why, const char *fix, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "%s=%.15g %s", param, value, why);
    sl_fix(err, "%s", fix);
    return sl_blame(err, SL_EPARAM, param);
}

/* What the column's bytes stand for from here on. */
static int rescale_field(const struct params *p, struct sl_field *field, struct sl_error *err)
{
    double scale = (double)field->scale * p->scale, offset = (double)field->offset * p->scale + p->offset;
    if (fabs(scale) * 255 + fabs(offset) > FLT_MAX) {
        return refuse("scale", p->scale, "makes numbers that are too large for a float", "give a smaller factor", err);
    }
    field->scale = (float)scale;
    field->offset = (float)offset;
    return SL_OK;
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct params *p = stage->params;
    if (fabs(p->scale) < (double)FLT_MIN) {
        return refuse("scale", p->scale, "would make all values the same", "give a factor other than 0", err);
    }
    int status = sl_bind_columns(stage, &p->columns, SL_NUMBER | SL_VECTOR, in, err);
    const struct sl_bound_columns *bound = stage->state;
    for (size_t k = 0; status == SL_OK && k < bound->n; k++) {
        struct sl_field *field = &out->fields[bound->column[k]];
        status = field->type == SL_VECTOR && field->bytes ? rescale_field(p, field, err) : SL_OK;
    }
    return status;
}

static bool rescale_vectors(const struct params *p, const struct sl_field *field, struct sl_chunk *chunk,
                            struct sl_column *column)
{
    size_t n = 0;
    float *to = sl_mul(chunk->n, field->width, &n) ? sl_arena_array(chunk->arena, n, sizeof *to) : NULL;
    float scale = (float)p->scale, offset = (float)p->offset;
    for (size_t k = 0; to && k < n; k++) {
        to[k] = column->vector[k] * scale + offset;
    }
    column->vector = to;
    return to != NULL;
}

static bool rescale_numbers(const struct params *p, struct sl_chunk *chunk, struct sl_column *column)
{
    double *to = sl_arena_array(chunk->arena, chunk->n, sizeof *to);
    for (uint32_t i = 0; to && i < chunk->n; i++) {
        to[i] = sl_number_there(column, i) ? column->number[i] * p->scale + p->offset : (double)NAN;
    }
    column->number = to;
    return to != NULL;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    (void)scratch;
    const struct params *p = stage->params;
    const struct sl_bound_columns *bound = stage->state;
    bool ok = true;
    for (size_t k = 0; k < bound->n && ok; k++) {
        struct sl_column *column = &chunk->columns[bound->column[k]];
        const struct sl_field *field = &stage->out.fields[bound->column[k]];
        if (field->type == SL_NUMBER) {
            ok = rescale_numbers(p, chunk, column);
        } else if (!field->bytes && column->vector) {
            ok = rescale_vectors(p, field, chunk, column);
        }
    }
    return ok ? SL_OK : sl_fail_memory(err, "rescaling");
}

const struct sl_stage_class sl_stage_rescale = {
    .name = "rescale",
    .summary = "multiply values by a factor, and add an offset",
    .details = "Nothing is learned from the records: the same factor holds for all. scale=1/255 takes the bytes of "
               "pictures to 0..1, scale=1/127.5 offset=-1 to -1..1. Pictures kept as bytes stay bytes, and cost "
               "nothing here: only what a byte stands for changes.\n\nThe values are those of Keras's Rescaling layer. "
               "To scale by what the training records hold, see 'standardize' and 'minmax'.",
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
