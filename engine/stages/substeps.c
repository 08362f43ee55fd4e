/* substeps.c: what the sub-operations of several stages share. */
#include "engine/stages/substeps.h"

#include <stdlib.h>

const void *sl_substeps_param(const struct sl_stage *stage, const void *params, const char *name)
{
    const struct sl_param *row = sl_param_find(stage->class->params, sl_str(name));
    return row ? (const char *)params + row->offset : NULL;
}

int sl_substeps_columns(const struct sl_stage *stage, size_t **columns, size_t *n, struct sl_error *err)
{
    const struct sl_names *names = sl_substeps_param(stage, stage->params, "columns");
    static const struct sl_names none;
    return sl_stage_columns(stage, names ? names : &none, SL_TEXT, stage->in, columns, n, err);
}

struct sl_stage sl_substeps_shadow(const struct sl_stage *stage, const void *params)
{
    struct sl_stage shadow = *stage;
    shadow.params = params;
    return shadow;
}

void *sl_substeps_params(const struct sl_stage *stage, struct sl_arena *arena)
{
    void *copy = sl_arena_array(arena, stage->class->params_size, 1);
    if (copy) {
        memcpy(copy, stage->params, stage->class->params_size);
    }
    return copy;
}

int sl_substeps_run(const struct sl_stage *stage, void *scratch, const struct sl_chunk *like, size_t column,
                    struct sl_str text, struct sl_arena *arena, struct sl_str *out, struct sl_error *err)
{
    struct sl_chunk chunk = *like;
    chunk.arena = arena;
    int status = sl_chunk_share(&chunk, &chunk, err);
    struct sl_str *cell = sl_arena_array(arena, 1, sizeof *cell);
    if (status == SL_OK && !cell) {
        status = sl_fail_memory(err, "stepping into a stage");
    }
    if (status != SL_OK) {
        return status;
    }
    *cell = text;
    chunk.columns[column] = (struct sl_column){ .text = cell };
    status = stage->class->apply(stage, scratch, &chunk, err);
    if (status == SL_OK) {
        *out = chunk.columns[column].text[0];
    }
    return status;
}

int sl_substeps_join(struct sl_arena *arena, struct sl_str head, struct sl_str tail, struct sl_str *out,
                     struct sl_error *err)
{
    size_t n;
    char *p = sl_add(head.n, tail.n, &n) ? sl_arena_array(arena, n, 1) : NULL;
    if (!p) {
        return sl_fail_memory(err, "stepping into a stage");
    }
    if (head.n) {
        memcpy(p, head.p, head.n);
    }
    if (tail.n) {
        memcpy(p + head.n, tail.p, tail.n);
    }
    *out = (struct sl_str){ p, n };
    return SL_OK;
}

struct sl_str sl_substeps_what(struct sl_arena *arena, const char *words, struct sl_str text)
{
    size_t n = text.n < 60 ? text.n : 60;
    while (n < text.n && n && ((unsigned char)text.p[n] & 0xc0) == 0x80) {
        n--; /* not in the middle of a character */
    }
    char *what = sl_arena_printf(arena, "%s %.*s%s", words, (int)n, n ? text.p : "", n < text.n ? "…" : "");
    return what ? sl_str(what) : SL_STR("");
}
