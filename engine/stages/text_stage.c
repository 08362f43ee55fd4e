/* text_stage.c: the loop over text cells that the cleaning stages share.
 *
 * A column's array of spans is copied when its first changed cell is met, so a column in which nothing changes costs
 * neither memory nor, later, a comparison. */
#include "engine/stages/text_stage.h"

#include <inttypes.h>
#include <stdlib.h>

int sl_bind_columns(struct sl_stage *stage, const struct sl_names *names, unsigned types, const struct sl_schema *in,
                    struct sl_error *err)
{
    struct sl_bound_columns *bound = calloc(1, sizeof *bound);
    if (!bound) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    stage->state = bound;
    return sl_stage_columns(stage, names, types, in, &bound->column, &bound->n, err);
}

int sl_bind_all(struct sl_stage *stage, unsigned types, const struct sl_schema *in, struct sl_error *err)
{
    struct sl_bound_columns *bound = calloc(1, sizeof *bound);
    stage->state = bound;
    if (bound) {
        bound->column = calloc(in->n ? in->n : 1, sizeof *bound->column);
    }
    if (!bound || !bound->column) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    for (size_t c = 0; c < in->n; c++) {
        if (!(in->fields[c].type & types)) {
            sl_fail(err, SL_ESCHEMA, "column '%.80s' is of type %s, which '%s' cannot look at", in->fields[c].name,
                    sl_type_name(in->fields[c].type), stage->class->name);
            return sl_fix(err, "put this stage before the encoders, or name the columns to look at"), SL_ESCHEMA;
        }
        bound->column[c] = c;
    }
    bound->n = in->n;
    return SL_OK;
}

void sl_unbind_columns(struct sl_stage *stage)
{
    struct sl_bound_columns *bound = stage->state;
    if (bound) {
        free(bound->column);
        free(bound);
        stage->state = NULL;
    }
}

bool sl_is_ascii(struct sl_str s)
{
    uint64_t high = 0;
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t word;
        memcpy(&word, s.p + i, sizeof word);
        high |= word;
    }
    unsigned char rest = 0;
    for (; i < s.n; i++) {
        rest |= (unsigned char)s.p[i];
    }
    return !(high & UINT64_C(0x8080808080808080)) && rest < 0x80;
}

int sl_error_record(struct sl_error *err, int status, const struct sl_origin *origin)
{
    if (!err) {
        return status;
    }
    char what[sizeof err->what];
    memcpy(what, err->what, sizeof what);
    char fix[sizeof err->fix];
    memcpy(fix, err->fix, sizeof fix);
    sl_fail(err, status, "record %" PRIu64 " (line %" PRIu64 " of its file): %.240s", origin->record, origin->line,
            what);
    if (fix[0]) {
        sl_fix(err, "%s", fix);
    }
    return status;
}

int sl_map_text(struct sl_chunk *chunk, size_t column, sl_text_function *function, const void *ctx,
                struct sl_error *err)
{
    const struct sl_column *old = &chunk->columns[column];
    struct sl_str *cells = NULL;
    for (uint32_t i = 0; i < chunk->n; i++) {
        if (!sl_valid(old, i)) {
            continue;
        }
        struct sl_str cell = old->text[i];
        int status = function(ctx, chunk->arena, &cell, err);
        if (status == SL_ENOMEM) {
            return status;
        }
        if (status) {
            return sl_error_record(err, status, &chunk->origin[i]);
        }
        if (cell.p == old->text[i].p && cell.n == old->text[i].n) {
            continue;
        }
        if (!cells) {
            cells = sl_arena_array(chunk->arena, chunk->n, sizeof *cells);
            if (!cells) {
                return sl_fail_memory(err, "changing text");
            }
            memcpy(cells, old->text, chunk->n * sizeof *cells);
        }
        cells[i] = cell;
    }
    if (cells) {
        chunk->columns[column].text = cells;
    }
    return SL_OK;
}

const struct sl_text_params sl_text_defaults;

const struct sl_param sl_text_params[] = {
    SL_COLUMNS(struct sl_text_params, columns, .types = SL_TEXT,
               .help = "text columns to change; without any, all text columns but the target"),
    { 0 },
};

int sl_bind_text(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct sl_text_params *p = stage->params;
    return sl_bind_columns(stage, &p->columns, SL_TEXT, in, err);
}

int sl_apply_text(const struct sl_stage *stage, struct sl_chunk *chunk, sl_text_function *function,
                  struct sl_error *err)
{
    const struct sl_bound_columns *bound = stage->state;
    int status = SL_OK;
    for (size_t k = 0; k < bound->n && status == SL_OK; k++) {
        status = sl_map_text(chunk, bound->column[k], function, NULL, err);
    }
    return status;
}
