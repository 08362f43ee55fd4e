/* substeps_replace.c: `replace` one match at a time.
 *
 * The text after k matches is what the stage makes with count=k. Where the k-th match lies is found by matching here
 * once more, by the same rules (those of Python 3.7's re.sub, see replace.c). */
#include "engine/stages/regex_private.h"
#include "engine/stages/substeps.h"

#include <stdlib.h>

/* Begin and end of match k (from 1) of a text, at most `most` (0: all); *n: how many there are. */
static int find_matches(const pcre2_code *code, struct sl_regex_scratch *regex, struct sl_str text, int64_t most,
                        uint32_t k, size_t span_out[2], uint32_t *n, struct sl_error *err)
{
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(regex->data);
    size_t from = 0;
    uint32_t options = 0;
    *n = 0;
    while (from <= text.n && (most == 0 || *n < most)) {
        bool found;
        int status = sl_regex_match(code, text, from, options, regex, &found, err);
        if (status != SL_OK || !found) {
            return status;
        }
        if (span[1] < span[0] || span[0] < from || span[1] > text.n) {
            return SL_OK; /* apply refuses it */
        }
        if (++*n == k) {
            span_out[0] = span[0];
            span_out[1] = span[1];
        }
        from = span[1];
        options = span[1] == span[0] ? PCRE2_NOTEMPTY_ATSTART : 0;
    }
    return SL_OK;
}

/* The column's text after its first k matches. */
static int text_after(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t column,
                      uint32_t k, struct sl_arena *arena, struct sl_str *out, struct sl_error *err)
{
    struct sl_str text = chunk->columns[column].text[0];
    *out = text;
    if (k == 0) {
        return SL_OK;
    }
    char *params = sl_substeps_params(stage, arena);
    const struct sl_param *row = sl_param_find(stage->class->params, SL_STR("count"));
    if (!params || !row) {
        return sl_fail_memory(err, "stepping into a stage");
    }
    int64_t count = k;
    memcpy(params + row->offset, &count, sizeof count);
    struct sl_stage shadow = sl_substeps_shadow(stage, params);
    return sl_substeps_run(&shadow, scratch, chunk, column, text, arena, out, err);
}

static int show(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, size_t column, uint32_t k,
                const size_t span[2], struct sl_arena *arena, struct sl_substep *out, struct sl_error *err)
{
    struct sl_str text = chunk->columns[column].text[0], before, after;
    int status = text_after(stage, scratch, chunk, column, k - 1, arena, &before, err);
    if (status == SL_OK) {
        status = text_after(stage, scratch, chunk, column, k, arena, &after, err);
    }
    if (status != SL_OK) {
        return status;
    }
    size_t rest = text.n - span[1], taken = span[1] - span[0];
    *out = (struct sl_substep){ .column = column, .text = after, .taken = taken };
    out->at = before.n - rest - taken;
    out->put = after.n - rest - out->at;
    out->what = sl_substeps_what(arena, "replace", (struct sl_str){ text.p + span[0], taken });
    return SL_OK;
}

static int open_regex(const struct sl_stage *stage, pcre2_code **code, struct sl_regex_scratch *regex,
                      struct sl_error *err)
{
    char *const *pattern = sl_substeps_param(stage, stage->params, "pattern");
    const bool *is_regex = sl_substeps_param(stage, stage->params, "regex");
    const bool *ignore_case = sl_substeps_param(stage, stage->params, "ignore_case");
    int flags = (*ignore_case ? SL_REGEX_IGNORE_CASE : 0) | (*is_regex ? 0 : SL_REGEX_LITERAL);
    int status = sl_regex_compile(code, sl_str(*pattern), flags, err);
    return status == SL_OK ? sl_regex_scratch_init(regex, *code, true, err) : status;
}

static int at(const struct sl_stage *stage, void *scratch, const struct sl_chunk *chunk, uint32_t k,
              struct sl_arena *arena, struct sl_substep *out, uint32_t *n, struct sl_error *err)
{
    const int64_t *count = sl_substeps_param(stage, stage->params, "count");
    size_t *columns = NULL, n_columns = 0;
    pcre2_code *code = NULL;
    struct sl_regex_scratch regex = { 0 };
    *out = (struct sl_substep){ 0 };
    *n = 0;
    int status = open_regex(stage, &code, &regex, err);
    if (status == SL_OK) {
        status = sl_substeps_columns(stage, &columns, &n_columns, err);
    }
    for (size_t c = 0; c < n_columns && status == SL_OK; c++) {
        const struct sl_column *column = &chunk->columns[columns[c]];
        size_t span[2] = { 0, 0 };
        uint32_t matches = 0, inner = k > *n ? k - *n : 0;
        if (!sl_valid(column, 0)) {
            continue;
        }
        struct sl_str text = column->text[0].n ? column->text[0] : SL_STR("");
        status = find_matches(code, &regex, text, *count, inner, span, &matches, err);
        if (status == SL_OK && inner && inner <= matches) {
            status = show(stage, scratch, chunk, columns[c], inner, span, arena, out, err);
        }
        *n += matches;
    }
    free(columns);
    sl_regex_scratch_release(&regex);
    pcre2_code_free(code);
    return status;
}

const struct sl_stage_substeps sl_substeps_replace = { .at = at };
