/* expr_call.c: the functions of conditions: one table of names, operands and results. */
#include "engine/stages/expr_private.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANY_KIND = -1, MANY = 32 };

struct function {
    const char *name;
    const char *usage;
    enum sl_expr_op op;
    int at_least, at_most; /* arguments */
    int takes;             /* enum sl_value_kind of all of them, or ANY_KIND */
    enum sl_value_kind gives;
};

static const struct function functions[] = {
    { "len", "len(text)", SL_OP_LEN, 1, 1, SL_TEXTVALUE, SL_REALVALUE },
    { "lower", "lower(text)", SL_OP_LOWER, 1, 1, SL_TEXTVALUE, SL_TEXTVALUE },
    { "upper", "upper(text)", SL_OP_UPPER, 1, 1, SL_TEXTVALUE, SL_TEXTVALUE },
    { "trim", "trim(text)", SL_OP_TRIM, 1, 1, SL_TEXTVALUE, SL_TEXTVALUE },
    { "contains", "contains(text, part)", SL_OP_CONTAINS, 2, 2, SL_TEXTVALUE, SL_BOOLEAN },
    { "startswith", "startswith(text, start)", SL_OP_STARTSWITH, 2, 2, SL_TEXTVALUE, SL_BOOLEAN },
    { "endswith", "endswith(text, end)", SL_OP_ENDSWITH, 2, 2, SL_TEXTVALUE, SL_BOOLEAN },
    { "matches", "matches(text, \"regex\")", SL_OP_MATCHES, 2, 2, SL_TEXTVALUE, SL_BOOLEAN },
    { "missing", "missing(x)", SL_OP_MISSING, 1, 1, ANY_KIND, SL_BOOLEAN },
    { "empty", "empty(text)", SL_OP_EMPTY, 1, 1, SL_TEXTVALUE, SL_BOOLEAN },
    { "number", "number(x)", SL_OP_TO_NUMBER, 1, 1, ANY_KIND, SL_REALVALUE },
    { "text", "text(x)", SL_OP_TO_TEXT, 1, 1, ANY_KIND, SL_TEXTVALUE },
    { "abs", "abs(number)", SL_OP_ABS, 1, 1, SL_REALVALUE, SL_REALVALUE },
    { "min", "min(a, b)", SL_OP_MIN, 2, MANY, SL_REALVALUE, SL_REALVALUE },
    { "max", "max(a, b)", SL_OP_MAX, 2, MANY, SL_REALVALUE, SL_REALVALUE },
    { "round", "round(number), or round(number, digits 0 to 15)", SL_OP_ROUND, 1, 2, SL_REALVALUE, SL_REALVALUE },
    { "words", "words(text)", SL_OP_WORDS, 1, 1, SL_TEXTVALUE, SL_REALVALUE },
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const struct function *find_function(struct sl_str name)
{
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (sl_str_equal(name, sl_str(functions[i].name))) {
            return &functions[i];
        }
    }
    return NULL;
}

static int unknown_function(struct sl_expr_parser *parser)
{
    const char *names[FUNCTIONS + 1];
    for (size_t i = 0; i < FUNCTIONS; i++) {
        names[i] = functions[i].name;
    }
    names[FUNCTIONS] = NULL;
    struct sl_str name = parser->token.text;
    const char *near = sl_nearest(name, names);
    char fix[240] = "there are len lower upper trim contains startswith endswith matches missing empty number text abs "
                    "min max round words";
    if (near) {
        snprintf(fix, sizeof fix, "did you mean '%s'?", near);
    }
    return sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, fix, "there is no function '%.*s'",
                          (int)(name.n < 80 ? name.n : 80), name.p);
}

static int usage(struct sl_expr_parser *parser, const struct function *f, size_t at, const char *what)
{
    char fix[120];
    snprintf(fix, sizeof fix, "write %s", f->usage);
    return sl_expr_refuse(parser, SL_ESYNTAX, at, fix, "'%s' %s", f->name, what);
}

/* The pattern of matches(): a constant, compiled here. *at is its number. */
static int read_pattern(struct sl_expr_parser *parser, const struct function *f, uint32_t *at)
{
    struct sl_expr *expr = parser->expr;
    size_t start = parser->token.start;
    if (parser->token.kind != SL_TOKEN_TEXT) {
        return usage(parser, f, start, "expects its pattern in quotes");
    }
    pcre2_code **patterns = realloc(expr->patterns, (expr->n_patterns + 1) * sizeof *patterns);
    if (!patterns) {
        return sl_fail_memory(parser->err, "reading a condition");
    }
    expr->patterns = patterns;
    int status = sl_regex_compile(&patterns[expr->n_patterns], parser->token.text, 0, parser->err);
    if (status) {
        if (parser->err) {
            parser->err->column = start + 1;
        }
        return status;
    }
    *at = (uint32_t)expr->n_patterns++;
    return sl_expr_next(parser);
}

/* The digits of round(): a constant. */
static int read_digits(struct sl_expr_parser *parser, const struct function *f, uint32_t *at)
{
    const struct sl_token *token = &parser->token;
    bool whole = token->kind == SL_TOKEN_NUMBER && token->number >= 0 && token->number <= 15;
    uint32_t digits = whole ? (uint32_t)token->number : 0;
    if (!whole || (double)digits < token->number) {
        return usage(parser, f, token->start, "expects its digits as an integer from 0 to 15");
    }
    *at = digits;
    return sl_expr_next(parser);
}

static int read_argument(struct sl_expr_parser *parser, const struct function *f, int k, struct sl_expr_code *code)
{
    if (k == 1 && f->op == SL_OP_MATCHES) {
        return read_pattern(parser, f, &code->at);
    }
    if (k == 1 && f->op == SL_OP_ROUND) {
        return read_digits(parser, f, &code->at);
    }
    enum sl_value_kind kind = SL_MISSING;
    size_t start = parser->token.start;
    int status = sl_expr_parse(parser, 0, &kind);
    if (status) {
        return status;
    }
    if (f->takes != ANY_KIND && kind != SL_MISSING && (int)kind != f->takes) {
        const char *fix = f->takes == SL_TEXTVALUE ? "make text of it with text(x)"
                          : kind == SL_TEXTVALUE   ? "make a number of it with number(x)"
                                                   : "give it a number";
        return sl_expr_refuse(parser, SL_ESCHEMA, start, fix, "'%s' works on %s, not on %s", f->name,
                              sl_expr_kind_name((enum sl_value_kind)f->takes), sl_expr_kind_name(kind));
    }
    /* min and max of many are taken two at a time, so that the stack does not grow with their number */
    return k > 0 && f->at_most == MANY ? sl_expr_emit(parser, *code, 2) : SL_OK;
}

int sl_expr_call(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    const struct function *f = find_function(parser->token.text);
    if (!f) {
        return unknown_function(parser);
    }
    size_t start = parser->token.start;
    struct sl_expr_code code = { .op = f->op };
    int status = sl_expr_next(parser); /* '(' */
    status = status ? status : sl_expr_next(parser);
    int n = 0;
    for (; status == SL_OK && n < f->at_most && !sl_expr_is(parser, ")"); n++) {
        status = read_argument(parser, f, n, &code);
        if (status == SL_OK && sl_expr_is(parser, ",")) {
            status = sl_expr_next(parser);
            if (status == SL_OK && sl_expr_is(parser, ")")) {
                return usage(parser, f, parser->token.start, "expects a value behind the comma");
            }
        } else if (status == SL_OK && !sl_expr_is(parser, ")")) {
            return usage(parser, f, parser->token.start, "expects ',' or ')'");
        }
    }
    if (status) {
        return status;
    }
    if (n < f->at_least || !sl_expr_is(parser, ")")) {
        return usage(parser, f, start, n < f->at_least ? "lacks an argument" : "has too many arguments");
    }
    *kind = f->gives;
    if (f->at_most != MANY) {
        bool constant = f->op == SL_OP_MATCHES || f->op == SL_OP_ROUND;
        status = sl_expr_emit(parser, code, constant ? 1 : (size_t)n);
    }
    return status ? status : sl_expr_next(parser);
}
