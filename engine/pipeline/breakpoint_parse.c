/* breakpoint_parse.c: "[STAGE:] CONDITION" into its parts.
 *
 * A colon may also stand in an expression's text. What stands before the first colon is taken for a stage when it could
 * be the name of one (letters, digits, _, blanks, # and a number), so that a misspelt name is refused and not taken for
 * a piece of an expression. */
#include "step_private.h"

#include <ctype.h>
#include <stdlib.h>

static struct sl_str trimmed(struct sl_str s)
{
    while (s.n && isspace((unsigned char)s.p[0])) {
        s.p++;
        s.n--;
    }
    while (s.n && isspace((unsigned char)s.p[s.n - 1]))
        s.n--;
    return s;
}

static bool could_be_stage(struct sl_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (!isalnum(c) && c != '_' && c != ' ' && c != '#' && c != '*')
            return false;
    }
    return s.n > 0;
}

/* Whole string as a number without sign; false when it is none or too large. */
static bool whole_number(struct sl_str s, uint64_t *out)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        if (!isdigit((unsigned char)s.p[i]) || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(s.p[i] - '0'), &n))
            return false;
    *out = n;
    return s.n > 0;
}

static int refuse_stage(const struct sl_pipeline *p, struct sl_str name, struct sl_error *err)
{
    const char *names[SL_MAX_STAGES + 2] = { "any" };
    size_t n = 1;
    for (size_t s = 0; s < sl_pipeline_end(p) && n <= SL_MAX_STAGES; s++)
        names[n++] = p->stages[s].class->name;
    const char *near = sl_nearest(name, names);
    sl_fail(err, SL_EPARAM, "no stage \"%.*s\" is in this recipe", (int)(name.n < 60 ? name.n : 60), name.p);
    return near ? sl_fix(err, "did you mean \"%s\"?", near)
                : sl_fix(err, "give a stage's name, its line in the recipe, or any");
}

/* The stage that a name, a name with #N, or a line of the recipe stands for. */
static int find_stage(const struct sl_pipeline *p, struct sl_str ref, size_t *out, struct sl_error *err)
{
    if (sl_str_equal(ref, SL_STR("any")) || sl_str_equal(ref, SL_STR("*"))) {
        *out = SL_NO_STAGE;
        return SL_OK;
    }
    uint64_t number, which = 1;
    bool line = whole_number(ref, &number);
    struct sl_str name = ref;
    const char *hash = memchr(ref.p, '#', ref.n);
    if (hash) {
        name = trimmed((struct sl_str){ ref.p, (size_t)(hash - ref.p) });
        if (!whole_number((struct sl_str){ hash + 1, (size_t)(ref.p + ref.n - hash - 1) }, &which))
            return refuse_stage(p, ref, err);
    }
    for (size_t s = 0; s < sl_pipeline_end(p); s++) {
        bool named = sl_str_equal(name, sl_str(p->stages[s].class->name));
        if (line ? p->stages[s].line == number : named && --which == 0) {
            *out = s;
            return SL_OK;
        }
    }
    return refuse_stage(p, ref, err);
}

static int refuse_number(struct sl_str word, struct sl_str value, const char *wanted, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "\"%.*s\" of \"%.*s\" is not %s", (int)word.n, word.p, (int)(value.n < 60 ? value.n : 60),
            value.n ? value.p : "", wanted);
    return sl_fix(err, "write first 10, every 1000, or sample 0.01");
}

static int parse_share(struct sl_str word, struct sl_str value, double *share, struct sl_error *err)
{
    char text[64];
    bool percent = value.n && value.p[value.n - 1] == '%';
    size_t n = value.n - percent;
    char *end = text;
    if (n && n < sizeof text) {
        memcpy(text, value.p, n);
        text[n] = 0;
        *share = strtod(text, &end) / (percent ? 100 : 1);
    }
    if (end == text || *end || !(*share >= 0 && *share <= 1))
        return refuse_number(word, value, "a share between 0 and 1", err);
    return SL_OK;
}

/* "first 10" and the like. False: it is something else. */
static bool parse_counted(struct sl_str condition, struct sl_break *b, int *status, struct sl_error *err)
{
    static const struct {
        struct sl_str word;
        enum sl_break_kind kind;
    } counted[] = { { { "first", 5 }, SL_BREAK_FIRST },
                    { { "every", 5 }, SL_BREAK_EVERY },
                    { { "sample", 6 }, SL_BREAK_SAMPLE } };
    for (size_t k = 0; k < sizeof counted / sizeof *counted; k++) {
        struct sl_str word = counted[k].word;
        if (condition.n <= word.n || memcmp(condition.p, word.p, word.n) != 0 ||
            !isspace((unsigned char)condition.p[word.n]))
            continue;
        struct sl_str value = trimmed((struct sl_str){ condition.p + word.n, condition.n - word.n });
        if (!value.n || !(isdigit((unsigned char)value.p[0]) || value.p[0] == '.' || value.p[0] == '-'))
            return false; /* a column of that name */
        b->kind = counted[k].kind;
        if (b->kind == SL_BREAK_SAMPLE)
            *status = parse_share(word, value, &b->share, err);
        else if (!whole_number(value, &b->n) || (b->kind == SL_BREAK_EVERY && b->n == 0))
            *status = refuse_number(word, value, "a number of records, at least 1", err);
        return true;
    }
    return false;
}

static int parse_condition(struct sl_str condition, struct sl_breakpoint *out, struct sl_error *err)
{
    static const struct {
        const char *word;
        enum sl_break_kind kind;
    } words[] = { { "", SL_BREAK_ALWAYS },
                  { "changed", SL_BREAK_CHANGED },
                  { "dropped", SL_BREAK_DROPPED },
                  { "empty", SL_BREAK_EMPTY },
                  { "missing", SL_BREAK_MISSING },
                  { "error", SL_BREAK_ERROR },
                  { "nonfinite", SL_BREAK_NONFINITE } };
    int status = SL_OK;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (sl_str_equal(condition, sl_str(words[k].word))) {
            out->public.kind = words[k].kind;
            return SL_OK;
        }
    if (parse_counted(condition, &out->public, &status, err))
        return status;
    out->public.kind = SL_BREAK_EXPR;
    out->expr = strndup(condition.p, condition.n);
    return out->expr ? SL_OK : sl_fail_memory(err, "a breakpoint");
}

int sl_break_parse(const struct sl_breaks *breaks, const char *text, struct sl_breakpoint *out, struct sl_error *err)
{
    struct sl_str all = trimmed(sl_str(text)), condition = all;
    const char *colon = all.n ? memchr(all.p, ':', all.n) : NULL;
    struct sl_str ref = { all.p, colon ? (size_t)(colon - all.p) : all.n };
    ref = trimmed(ref);
    out->public.stage = SL_NO_STAGE;
    if (!all.n) {
        sl_fail(err, SL_EPARAM, "a breakpoint of \"\" would stop nowhere");
        return sl_fix(err, "write STAGE: CONDITION, as in strip_html: changed");
    }
    if (colon && could_be_stage(ref)) {
        int status = find_stage(breaks->pipeline, ref, &out->public.stage, err);
        if (status)
            return status;
        condition = trimmed((struct sl_str){ colon + 1, (size_t)(all.p + all.n - colon - 1) });
    } else if (!colon && could_be_stage(ref) && find_stage(breaks->pipeline, ref, &out->public.stage, NULL) == SL_OK) {
        condition = (struct sl_str){ all.p + all.n, 0 }; /* a stage alone */
    }
    return parse_condition(condition, out, err);
}
