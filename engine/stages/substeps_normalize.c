/* substeps_normalize.c: `normalize` in its two parts: the Unicode form, then the accents. Texts in ASCII have none. */
#include "engine/stages/substeps.h"
#include "engine/stages/text_stage.h"

#include <stdlib.h>

/* The text with accents left on, or taken off too. */
static int text_after(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t column,
                      bool accents, struct sl_arena *arena, struct sl_str *out, struct sl_error *err)
{
    char *params = sl_substeps_params(stage, arena);
    const struct sl_param *row = sl_param_find(stage->class->params, SL_STR("strip_accents"));
    if (!params || !row) {
        return sl_fail_memory(err, "stepping into a stage");
    }
    memcpy(params + row->offset, &accents, sizeof accents);
    struct sl_stage shadow = sl_substeps_shadow(stage, params);
    return sl_substeps_run(&shadow, scratch, chunk, column, chunk->columns[column].text[0], arena, out, err);
}

/* The whole text is replaced. */
static int show(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t column, bool accents,
                struct sl_arena *arena, struct sl_substep *out, struct sl_error *err)
{
    static const char *const forms[] = { "to nfc", "to nfd", "to nfkc", "to nfkd" };
    const int *form = sl_substeps_param(stage, stage->params, "form");
    struct sl_str before = chunk->columns[column].text[0];
    int status = accents ? text_after(stage, scratch, chunk, column, false, arena, &before, err) : SL_OK;
    *out = (struct sl_substep){ .column = column, .taken = before.n };
    if (status == SL_OK) {
        status = text_after(stage, scratch, chunk, column, accents, arena, &out->text, err);
    }
    out->put = out->text.n;
    out->what = accents ? SL_STR("take accents off") : sl_str(forms[*form & 3]);
    return status;
}

static int at(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, uint32_t k,
              struct sl_arena *arena, struct sl_substep *out, uint32_t *n, struct sl_error *err)
{
    const bool *strip = sl_substeps_param(stage, stage->params, "strip_accents");
    size_t *columns = NULL, n_columns = 0;
    *out = (struct sl_substep){ 0 };
    *n = 0;
    int status = sl_substeps_columns(stage, &columns, &n_columns, err);
    for (size_t c = 0; c < n_columns && status == SL_OK; c++) {
        const struct sl_column *column = &chunk->columns[columns[c]];
        if (!sl_valid(column, 0) || sl_is_ascii(column->text[0])) {
            continue;
        }
        if (k == *n + 1 || (k == *n + 2 && *strip)) {
            status = show(stage, scratch, chunk, columns[c], k == *n + 2, arena, out, err);
        }
        *n += 1 + *strip;
    }
    free(columns);
    return status;
}

const struct sl_stage_substeps sl_substeps_normalize = { .at = at };
