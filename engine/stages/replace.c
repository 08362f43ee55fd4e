/* replace.c: search and replace with regular expressions.
 *
 * Patterns are PCRE2's (UTF-8, Unicode classes, JIT); the way matches follow each other and the replacement's syntax
 * are those of Python 3.7's re.sub: an empty match is replaced too, unless it stands where an empty match has just
 * been. Each worker has its own match data and buffer. */
#include "engine/stages/encoder.h"
#include "engine/stages/regex_private.h"
#include "engine/stages/replace_private.h"
#include "engine/stages/substeps.h"
#include "engine/stages/text_stage.h"
#include "sluice/text.h"

struct params {
    struct sl_names columns;
    char *pattern;
    char *with;
    bool regex;
    bool ignore_case;
    int64_t count;
};

static const struct params defaults = { .regex = true };

static const struct sl_param params[] = {
    SL_COLUMNS(struct params, columns, .types = SL_TEXT,
               .help = "text columns to change; without any, all text columns but the target"),
    SL_REGEX(struct params, pattern, .required = true, .help = "what to look for: a PCRE2 regular expression"),
    SL_STRING(struct params, with, .help = "what to put there; \\1 and \\g<name> stand for groups of the pattern"),
    SL_BOOL(struct params, regex, .help = "false: pattern and with are plain text"),
    SL_BOOL(struct params, ignore_case, .help = "upper and lower case are the same"),
    SL_INT(struct params, count, .min = 0, .max = 1e9, .unit = "matches", .help = "replace so many a cell; 0: all"),
    { 0 },
};

static const struct sl_example examples[] = {
    { "replace review pattern='\\d+' with=N", .in = "review,n\n10 of 12,1\nall,2\n",
      .out = "review,n\nN of N,1\nall,2\n" },
    { "replace name pattern='(\\w+), (\\w+)' with='\\2 \\1'", .in = "name\n\"Lovelace, Ada\"\n",
      .out = "name\nAda Lovelace\n", .note = "groups change places" },
    { "replace pattern='(?P<c>.)\\g{c}{2,}' with='\\g<c>'", .in = "review\nsooooo goooood\n", .out = "review\nso god\n",
      .note = "three or more of the same character become one" },
    { "replace price pattern=$ regex=false count=1", .in = "price,n\n$5 or $6,1\n", .out = "price,n\n5 or $6,1\n",
      .note = "plain text, the first one only, replaced by nothing" },
    { 0 },
};

/* stage->state */
struct state {
    struct sl_bound_columns columns;
    pcre2_code *code;
    struct sl_template with;
};

static void unbind(struct sl_stage *stage)
{
    struct state *state = stage->state;
    if (state) {
        free(state->columns.column);
        pcre2_code_free(state->code);
        sl_template_release(&state->with);
        free(state);
        stage->state = NULL;
    }
}

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)out;
    const struct params *p = stage->params;
    struct state *state = calloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "assembling the pipeline");
    }
    stage->state = state;
    int status = sl_stage_columns(stage, &p->columns, SL_TEXT, in, &state->columns.column, &state->columns.n, err);
    if (status) {
        return status;
    }
    int flags = (p->ignore_case ? SL_REGEX_IGNORE_CASE : 0) | (p->regex ? 0 : SL_REGEX_LITERAL);
    status = sl_regex_compile(&state->code, sl_str(p->pattern), flags, err);
    if (status) {
        return sl_blame(err, status, "pattern");
    }
    status = sl_template_compile(&state->with, p->with ? p->with : "", !p->regex, state->code, err);
    return status ? sl_blame(err, status, "with") : SL_OK;
}

/* One worker's. */
struct scratch {
    struct sl_regex_scratch regex;
    struct sl_buf text;
};

static void scratch_free(const struct sl_stage *stage, void *scratch)
{
    (void)stage;
    struct scratch *s = scratch;
    if (s) {
        sl_regex_scratch_release(&s->regex);
        sl_buf_release(&s->text);
        free(s);
    }
}

static int scratch_new(const struct sl_stage *stage, void **scratch, struct sl_error *err)
{
    const struct state *state = stage->state;
    struct scratch *s = calloc(1, sizeof *s);
    if (!s) {
        return sl_fail_memory(err, "starting a worker");
    }
    int status = sl_regex_scratch_init(&s->regex, state->code, true, err);
    if (status) {
        scratch_free(stage, s);
        return status;
    }
    *scratch = s;
    return SL_OK;
}

struct job {
    const struct params *params;
    const struct state *state;
    struct scratch *scratch;
};

/* All replacements of one text into scratch->text; *changed when there was any. */
static int substitute(const struct job *job, struct sl_str text, bool *changed, struct sl_error *err)
{
    struct sl_buf *out = &job->scratch->text;
    pcre2_match_data *data = job->scratch->regex.data;
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(data);
    uint32_t pairs = pcre2_get_ovector_count(data), options = 0;
    size_t done = 0, from = 0;
    *changed = false;
    for (int64_t k = 0; from <= text.n && (job->params->count == 0 || k < job->params->count); k++) {
        bool found;
        int status = sl_regex_match(job->state->code, text, from, options, &job->scratch->regex, &found, err);
        if (status || !found) {
            if (status) {
                return status;
            }
            break;
        }
        if (span[0] < done || span[1] < span[0] || span[1] > text.n) {
            sl_fail(err, SL_EDATA, "the pattern's match begins behind its end");
            return sl_fix(err, "do not use \\K within a lookaround"), SL_EDATA;
        }
        sl_buf_add(out, text.p + done, span[0] - done);
        sl_template_expand(&job->state->with, text.p, span, pairs, out);
        *changed = true;
        done = from = span[1];
        options = span[1] == span[0] ? PCRE2_NOTEMPTY_ATSTART : 0;
    }
    sl_buf_add(out, text.n ? text.p + done : "", text.n - done);
    return out->failed ? sl_fail_memory(err, "replacing text") : SL_OK;
}

static int replace_cell(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err)
{
    const struct job *job = ctx;
    struct sl_buf *out = &job->scratch->text;
    if (cell->n && sl_utf8_invalid(cell->p, cell->n) != cell->n) {
        sl_fail(err, SL_EDATA, "the text is not valid UTF-8");
        return sl_fix(err, "name the file's encoding in the read stage"), SL_EDATA;
    }
    out->n = 0;
    bool changed;
    int status = substitute(job, *cell, &changed, err);
    if (status || !changed || sl_str_equal((struct sl_str){ out->p, out->n }, *cell)) {
        return status;
    }
    char *to = sl_arena_take(arena, out->n, 1);
    if (!to) {
        return sl_fail_memory(err, "replacing text");
    }
    if (out->n) {
        memcpy(to, out->p, out->n);
    }
    *cell = (struct sl_str){ to, out->n };
    return SL_OK;
}

static int apply(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    const struct state *state = stage->state;
    struct job job = { stage->params, state, scratch };
    int status = SL_OK;
    for (size_t k = 0; k < state->columns.n && status == SL_OK; k++) {
        status = sl_map_text(chunk, state->columns.column[k], replace_cell, &job, err);
    }
    return status;
}

const struct sl_stage_class sl_stage_replace = {
    .name = "replace",
    .summary = "search and replace in text, with regular expressions",
    .details =
        "The pattern is a PCRE2 regular expression with Unicode classes: \\w is any letter or digit in any "
        "script. Put it in single quotes, so that backslashes and blanks come through. In the replacement \\1 to "
        "\\99 and \\g<name> stand for groups, \\g<0> for the whole match, \\n and \\t for line end and tab. Matches "
        "follow each other as in Python's re.sub.\n\n"
        "A pattern that would try more than five million ways from one place is stopped, and the record "
        "is named.",
    .kind = SL_RECORD,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct params),
    .defaults = &defaults,
    .examples = examples,
    .bind = bind,
    .unbind = unbind,
    .scratch_new = scratch_new,
    .scratch_free = scratch_free,
    .apply = apply,
    .substeps = &sl_substeps_replace,
};
