/* token_pattern.c: words by any regular expression, as re.findall() of Python finds them.
 *
 * PCRE2 with Unicode character classes, compiled once and shared by the workers. One group at most: when there is one,
 * the group is the token, and an unmatched group is an empty token. An empty match is allowed where the match before
 * ended, not where the one before was itself empty.
 *
 * Limits: what PCRE2's syntax and Python's differ in follows PCRE2; a match that needs more than MATCH_LIMIT steps is
 * an error of the record. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "engine/stages/encoder.h"
#include "engine/stages/token.h"

enum { MATCH_LIMIT = 10 * 1000 * 1000, STACK_MIN = 32 << 10, STACK_MAX = 4 << 20 };

struct sl_token_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static bool is_default(struct sl_str pattern)
{
    return sl_str_equal(pattern, SL_STR(SL_TOKEN_PATTERN)) || sl_str_equal(pattern, SL_STR("\\b\\w\\w+\\b"));
}

static int fail_pattern(struct sl_error *err, const char *pattern, const char *why, const char *fix)
{
    sl_fail(err, SL_EPARAM, "token_pattern '%.120s' %s", pattern, why);
    sl_fix(err, "%s", fix);
    return sl_blame(err, SL_EPARAM, "token_pattern");
}

int sl_token_pattern_compile(struct sl_token_rules *rules, const char *pattern, struct sl_error *err)
{
    struct sl_str text = sl_str(pattern);
    if (is_default(text)) {
        return SL_OK;
    }
    if (text.n >= 4 && memcmp(text.p, "(?u)", 4) == 0) {
        text = (struct sl_str){ text.p + 4, text.n - 4 }; /* Python's way to ask for what is on here anyway */
    }
    int code;
    size_t at;
    uint32_t groups = 0;
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)text.p, text.n, PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!compiled) {
        char why[160] = "does not compile: ";
        size_t used = strlen(why);
        pcre2_get_error_message(code, (PCRE2_UCHAR *)why + used, sizeof why - used);
        return fail_pattern(err, pattern, why, "correct it, or leave it out for words of two characters or more");
    }
    pcre2_pattern_info(compiled, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups > 1) {
        pcre2_code_free(compiled);
        return fail_pattern(err, pattern, "has more than one group", "write the groups that are no token as (?:…)");
    }
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE); /* without it matching is slower, that is all */
    rules->code = compiled;
    rules->group = groups;
    return SL_OK;
}

void sl_token_pattern_release(struct sl_token_rules *rules)
{
    pcre2_code_free(rules->code);
    rules->code = NULL;
}

void sl_token_pattern_end(struct sl_tokenizer *t)
{
    struct sl_token_matcher *m = t->matcher;
    if (m) {
        pcre2_match_data_free(m->data);
        pcre2_match_context_free(m->context);
        pcre2_jit_stack_free(m->stack);
        free(m);
        t->matcher = NULL;
    }
}

static int begin(struct sl_tokenizer *t, struct sl_error *err)
{
    struct sl_token_matcher *m = calloc(1, sizeof *m);
    if (!m) {
        return sl_fail_memory(err, "preparing token_pattern");
    }
    t->matcher = m;
    m->data = pcre2_match_data_create_from_pattern(t->rules->code, NULL);
    m->context = pcre2_match_context_create(NULL);
    m->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
    if (!m->data || !m->context) {
        sl_token_pattern_end(t);
        return sl_fail_memory(err, "preparing token_pattern");
    }
    pcre2_set_match_limit(m->context, MATCH_LIMIT);
    if (m->stack) {
        pcre2_jit_stack_assign(m->context, NULL, m->stack);
    }
    return SL_OK;
}

static int fail_match(int code, struct sl_error *err)
{
    char why[128] = "";
    pcre2_get_error_message(code, (PCRE2_UCHAR *)why, sizeof why);
    sl_fail(err, SL_EDATA, "token_pattern failed on a text: %s", why);
    return sl_fix(err,
                  code == PCRE2_ERROR_MATCHLIMIT ? "use a pattern that backtracks less" : "simplify token_pattern");
}

/* One match; its token into spans. Returns 1, or 0 at the end, or a status below 0 negated. */
static int match_one(struct sl_tokenizer *t, uint32_t *span, struct sl_error *err)
{
    struct sl_token_matcher *m = t->matcher;
    uint32_t options = (t->checked ? PCRE2_NO_UTF_CHECK : 0) | (t->nonempty ? PCRE2_NOTEMPTY_ATSTART : 0);
    int code = pcre2_match(t->rules->code, (PCRE2_SPTR)t->text, t->n, t->at, options, m->data, m->context);
    t->checked = true;
    if (code == PCRE2_ERROR_NOMATCH) {
        t->at = t->n + 1;
        return 0;
    }
    if (code < 0) {
        return -fail_match(code, err);
    }
    const PCRE2_SIZE *place = pcre2_get_ovector_pointer(m->data);
    if (place[0] < t->at || place[1] < place[0]) {
        sl_fail(err, SL_EPARAM, "token_pattern moves the start of a match out of its order");
        sl_fix(err, "take the \\K out of it");
        return -sl_blame(err, SL_EPARAM, "token_pattern");
    }
    t->nonempty = place[0] == place[1];
    t->at = place[1];
    PCRE2_SIZE begins = place[2 * t->rules->group], ends = place[2 * t->rules->group + 1];
    bool there = begins != PCRE2_UNSET && begins <= ends;
    span[0] = there ? (uint32_t)begins : 0;
    span[1] = there ? (uint32_t)ends : 0;
    return 1;
}

int sl_token_pattern_next(struct sl_tokenizer *t, size_t *n, struct sl_error *err)
{
    *n = 0;
    int status = t->matcher ? SL_OK : begin(t, err);
    while (status == SL_OK && t->at <= t->n && *n < SL_TOKEN_BATCH / 2) {
        int found = match_one(t, t->spans + 2 * *n, err);
        if (found < 0) {
            status = -found;
        } else {
            *n += (size_t)found;
        }
    }
    return status;
}

int sl_token_rules_init(struct sl_token_rules *rules, const struct sl_token_options *options, struct sl_error *err)
{
    *rules = (struct sl_token_rules){ .lowercase = options->lowercase, .strip_accents = options->strip_accents };
    return sl_token_pattern_compile(rules, options->pattern ? options->pattern : SL_TOKEN_PATTERN, err);
}

void sl_token_rules_release(struct sl_token_rules *rules)
{
    if (rules->code) {
        sl_token_pattern_release(rules);
    }
}
