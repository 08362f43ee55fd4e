/* expr_parse.c: conditions into code.
 *
 * Method  precedence climbing (Pratt 1973): a prefix, then infix operators as long as they bind tightly enough. Kinds
 * are known for every part, so comparing text with a number is refused here and not at some record. Depth   brackets,
 * calls, `not` and signs count; between two of them the parser calls itself no more than once for each level of
 * binding, so SL_EXPR_DEPTH bounds its stack. */
#include "engine/stages/expr_private.h"

#include <stdio.h>
#include <stdlib.h>

enum { OR = 1, AND, NOT, COMPARE, SUM, PRODUCT, SIGN };

struct infix {
    const char *text;
    int binding;
    enum sl_expr_op op;
};

static const struct infix infixes[] = {
    { "or", OR, SL_OP_OR },           { "and", AND, SL_OP_AND },
    { "==", COMPARE, SL_OP_EQUAL },   { "!=", COMPARE, SL_OP_UNEQUAL },
    { "<", COMPARE, SL_OP_LESS },     { "<=", COMPARE, SL_OP_LESS_EQUAL },
    { ">", COMPARE, SL_OP_GREATER },  { ">=", COMPARE, SL_OP_GREATER_EQUAL },
    { "in", COMPARE, SL_OP_IN },      { "not", COMPARE, SL_OP_NOT }, /* not in */
    { "+", SUM, SL_OP_ADD },          { "-", SUM, SL_OP_SUBTRACT },
    { "*", PRODUCT, SL_OP_MULTIPLY }, { "/", PRODUCT, SL_OP_DIVIDE },
    { "%", PRODUCT, SL_OP_MODULO },
};

const char *sl_expr_kind_name(enum sl_value_kind kind)
{
    switch (kind) {
    case SL_BOOLEAN: return "a condition";
    case SL_REALVALUE: return "a number";
    case SL_TEXTVALUE: return "text";
    case SL_MISSING: break;
    }
    return "none";
}

int sl_expr_emit(struct sl_expr_parser *parser, struct sl_expr_code code, size_t pops)
{
    struct sl_expr *expr = parser->expr;
    if (expr->n == expr->capacity) {
        size_t capacity = expr->capacity ? expr->capacity * 2 : 16;
        struct sl_expr_code *grown = realloc(expr->code, capacity * sizeof *grown);
        if (!grown) {
            return sl_fail_memory(parser->err, "reading a condition");
        }
        expr->code = grown;
        expr->capacity = capacity;
    }
    expr->code[expr->n++] = code;
    parser->stack += 1 - pops;
    parser->stack_max = parser->stack > parser->stack_max ? parser->stack : parser->stack_max;
    if (parser->stack_max > SL_EXPR_STACK) {
        return sl_expr_refuse(parser, SL_ELIMIT, parser->token.start, "split it into several filters",
                              "the condition is nested too deeply");
    }
    return SL_OK;
}

static const struct infix *find_infix(const struct sl_expr_parser *parser)
{
    for (size_t i = 0; i < sizeof infixes / sizeof *infixes; i++) {
        if (sl_expr_is(parser, infixes[i].text)) {
            return &infixes[i];
        }
    }
    return NULL;
}

static int enter(struct sl_expr_parser *parser)
{
    if (++parser->depth > SL_EXPR_DEPTH) {
        return sl_expr_refuse(parser, SL_ELIMIT, parser->token.start, "split it into several filters",
                              "the condition is nested more than %d deep", SL_EXPR_DEPTH);
    }
    return SL_OK;
}

/* ---- Prefixes ---- */

static int parse_column(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    const struct sl_schema *schema = parser->expr->schema;
    struct sl_str name = parser->token.text;
    size_t start = parser->token.start;
    int shown = (int)(name.n < 80 ? name.n : 80);
    long column = sl_schema_find(schema, name);
    if (column < 0) {
        const char *near = sl_schema_nearest(schema, name);
        char fix[160];
        int n = near ? snprintf(fix, sizeof fix, "did you mean '%.60s'? text stands in quotes", near)
                     : snprintf(fix, sizeof fix, "text stands in quotes, a column's odd name in `backticks`");
        return sl_expr_refuse(parser, SL_ESCHEMA, start, n > 0 ? fix : NULL, "there is no column '%.*s'", shown,
                              name.p);
    }
    enum sl_type type = schema->fields[column].type;
    if (type != SL_TEXT && type != SL_NUMBER) {
        return sl_expr_refuse(parser, SL_ESCHEMA, start, "use it before the stage that encodes it",
                              "column '%.*s' is of type %s", shown, name.p, sl_type_name(type));
    }
    *kind = type == SL_TEXT ? SL_TEXTVALUE : SL_REALVALUE;
    int status = sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_COLUMN, .at = (uint32_t)column }, 0);
    return status ? status : sl_expr_next(parser);
}

static int parse_constant(struct sl_expr_parser *parser, struct sl_value value, enum sl_value_kind *kind)
{
    *kind = value.kind;
    int status = sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_CONSTANT, .value = value }, 0);
    return status ? status : sl_expr_next(parser);
}

static int parse_word(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    const struct sl_token *token = &parser->token;
    if (sl_expr_is(parser, "true") || sl_expr_is(parser, "True")) {
        return parse_constant(parser, (struct sl_value){ .kind = SL_BOOLEAN, .number = 1 }, kind);
    }
    if (sl_expr_is(parser, "false") || sl_expr_is(parser, "False")) {
        return parse_constant(parser, (struct sl_value){ .kind = SL_BOOLEAN }, kind);
    }
    if (sl_expr_is(parser, "none") || sl_expr_is(parser, "None")) {
        return parse_constant(parser, (struct sl_value){ .kind = SL_MISSING }, kind);
    }
    if (find_infix(parser)) {
        return sl_expr_refuse(parser, SL_ESYNTAX, token->start, "put a column of that name in `backticks`",
                              "'%.*s' stands where a value is expected", (int)token->text.n, token->text.p);
    }
    size_t next = parser->at;
    while (next < parser->source.n && (parser->source.p[next] == ' ' || parser->source.p[next] == '\t')) {
        next++;
    }
    if (next < parser->source.n && parser->source.p[next] == '(') {
        int status = enter(parser);
        status = status ? status : sl_expr_call(parser, kind);
        parser->depth--;
        return status;
    }
    return parse_column(parser, kind);
}

static int want(struct sl_expr_parser *parser, size_t at, const char *what, enum sl_value_kind has,
                enum sl_value_kind wanted)
{
    if (has == wanted || has == SL_MISSING) {
        return SL_OK;
    }
    const char *fix = wanted == SL_BOOLEAN     ? "compare it with something"
                      : wanted == SL_REALVALUE ? "make a number of text with number(x)"
                                               : "make text of a number with text(x)";
    return sl_expr_refuse(parser, SL_ESCHEMA, at, fix, "'%s' works on %s, not on %s", what, sl_expr_kind_name(wanted),
                          sl_expr_kind_name(has));
}

/* `not x`, `-x`, `+x`, with the token on the operator. */
static int parse_prefix_operator(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    bool not = sl_expr_is(parser, "not"), minus = sl_expr_is(parser, "-");
    enum sl_value_kind wanted = not ? SL_BOOLEAN : SL_REALVALUE;
    size_t start = parser->token.start;
    int status = enter(parser);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, not ? NOT : SIGN, kind);
    status = status ? status : want(parser, start, not ? "not" : minus ? "-" : "+", *kind, wanted);
    if (status == SL_OK && (not || minus)) {
        status = sl_expr_emit(parser, (struct sl_expr_code){ .op = not ? SL_OP_NOT : SL_OP_NEGATE }, 1);
    }
    *kind = wanted;
    parser->depth--;
    return status;
}

static int parse_brackets(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    size_t start = parser->token.start;
    int status = enter(parser);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, 0, kind);
    if (status == SL_OK && !sl_expr_is(parser, ")")) {
        status = sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "close every bracket that opens",
                                "')' is expected for the '(' of byte %zu", start + 1);
    }
    parser->depth--;
    return status ? status : sl_expr_next(parser);
}

static int parse_prefix(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    const struct sl_token *token = &parser->token;
    switch (token->kind) {
    case SL_TOKEN_NUMBER:
        return parse_constant(parser, (struct sl_value){ .kind = SL_REALVALUE, .number = token->number }, kind);
    case SL_TOKEN_TEXT:
        return parse_constant(parser, (struct sl_value){ .kind = SL_TEXTVALUE, .text = token->text }, kind);
    case SL_TOKEN_COLUMN: return parse_column(parser, kind);
    case SL_TOKEN_END:
        return sl_expr_refuse(parser, SL_ESYNTAX, token->start, "write a column, a number or \"text\"",
                              "the condition ends where a value is expected");
    case SL_TOKEN_WORD:
    case SL_TOKEN_SIGN: break;
    }
    if (sl_expr_is(parser, "not") || sl_expr_is(parser, "-") || sl_expr_is(parser, "+")) {
        return parse_prefix_operator(parser, kind);
    }
    if (sl_expr_is(parser, "(")) {
        return parse_brackets(parser, kind);
    }
    if (token->kind == SL_TOKEN_WORD) {
        return parse_word(parser, kind);
    }
    return sl_expr_refuse(parser, SL_ESYNTAX, token->start, "write a column, a number or \"text\"",
                          "'%.*s' stands where a value is expected", (int)token->text.n, token->text.p);
}

/* ---- Infix operators ---- */

/* Both sides of a comparison, or an element of a list, have to be of one kind. */
static int check_comparison(struct sl_expr_parser *parser, size_t at, const char *what, enum sl_value_kind left,
                            enum sl_value_kind right)
{
    if (left == SL_MISSING || right == SL_MISSING) {
        return sl_expr_refuse(parser, SL_ESCHEMA, at, "write missing(x), or not missing(x)",
                              "'%s' with none is never true", what);
    }
    if (left != right) {
        bool text = left == SL_TEXTVALUE || right == SL_TEXTVALUE;
        bool number = left == SL_REALVALUE || right == SL_REALVALUE;
        const char *fix = text && number ? "convert one side, with number(x) or text(x)" : "compare like with like";
        return sl_expr_refuse(parser, SL_ESCHEMA, at, fix, "'%s' cannot compare %s with %s", what,
                              sl_expr_kind_name(left), sl_expr_kind_name(right));
    }
    if (left == SL_BOOLEAN && strcmp(what, "==") != 0 && strcmp(what, "!=") != 0 && strcmp(what, "in") != 0) {
        return sl_expr_refuse(parser, SL_ESCHEMA, at, "join conditions with and, or, not",
                              "'%s' cannot order conditions", what);
    }
    return SL_OK;
}

/* The list behind `x in`, with x on the stack and the token on its '('. */
static int parse_list(struct sl_expr_parser *parser, enum sl_value_kind left)
{
    if (!sl_expr_is(parser, "(")) {
        return sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start,
                              "write x in (a, b); for a part of a text, contains(x, \"part\")",
                              "'in' expects a list in round brackets");
    }
    int status = enter(parser);
    struct sl_value no = { .kind = SL_BOOLEAN };
    status = status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_CONSTANT, .value = no }, 0);
    do {
        enum sl_value_kind kind = SL_MISSING;
        status = status ? status : sl_expr_next(parser);
        size_t start = parser->token.start;
        status = status ? status : sl_expr_parse(parser, 0, &kind);
        status = status ? status : check_comparison(parser, start, "in", left, kind);
        status = status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_IN }, 2);
    } while (status == SL_OK && sl_expr_is(parser, ","));
    if (status == SL_OK && !sl_expr_is(parser, ")")) {
        status = sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "write x in (a, b)",
                                "the list of 'in' expects ',' or ')'");
    }
    parser->depth--;
    status = status ? status : sl_expr_next(parser);
    return status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_IN_END }, 2);
}

/* `in` or `not in`, with the token on its first word. */
static int parse_in(struct sl_expr_parser *parser, enum sl_value_kind *kind)
{
    bool not = sl_expr_is(parser, "not");
    int status = sl_expr_next(parser);
    if (status == SL_OK && not &&!sl_expr_is(parser, "in")) {
        return sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "write x not in (a, b), or and not x",
                              "'in' is expected behind 'not'");
    }
    status = status || !not ? status : sl_expr_next(parser);
    status = status ? status : parse_list(parser, *kind);
    if (status == SL_OK && not ) {
        status = sl_expr_emit(parser, (struct sl_expr_code){ .op = SL_OP_NOT }, 1);
    }
    *kind = SL_BOOLEAN;
    return status;
}

/* `and`, `or`: the right side is skipped when the left one settles it. */
static int parse_logic(struct sl_expr_parser *parser, const struct infix *infix, enum sl_value_kind *kind)
{
    size_t at = parser->token.start, skip = parser->expr->n;
    enum sl_expr_op op = infix->op == SL_OP_AND ? SL_OP_SKIP_FALSE : SL_OP_SKIP_TRUE;
    enum sl_value_kind right = SL_MISSING;
    int status = want(parser, at, infix->text, *kind, SL_BOOLEAN);
    status = status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = op }, 1);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, infix->binding + 1, &right);
    status = status ? status : want(parser, at, infix->text, right, SL_BOOLEAN);
    status = status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = infix->op }, 2);
    if (status == SL_OK) {
        parser->expr->code[skip].at = (uint32_t)parser->expr->n;
    }
    *kind = SL_BOOLEAN;
    return status;
}

static int parse_binary(struct sl_expr_parser *parser, const struct infix *infix, enum sl_value_kind *kind)
{
    size_t at = parser->token.start;
    enum sl_value_kind left = *kind, right = SL_MISSING;
    int status = sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, infix->binding + 1, &right);
    if (status) {
        return status;
    }
    if (infix->binding == COMPARE) {
        status = check_comparison(parser, at, infix->text, left, right);
        *kind = SL_BOOLEAN;
    } else {
        bool texts = infix->op == SL_OP_ADD && (left == SL_TEXTVALUE || (left == SL_MISSING && right == SL_TEXTVALUE));
        *kind = texts ? SL_TEXTVALUE : SL_REALVALUE;
        status = want(parser, at, infix->text, left, *kind);
        status = status ? status : want(parser, at, infix->text, right, *kind);
    }
    return status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = infix->op }, 2);
}

int sl_expr_parse(struct sl_expr_parser *parser, int binding, enum sl_value_kind *kind)
{
    int status = parse_prefix(parser, kind);
    bool compared = false;
    while (status == SL_OK) {
        const struct infix *infix = find_infix(parser);
        if (!infix || infix->binding < binding) {
            break;
        }
        if (infix->binding == COMPARE && compared) {
            return sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "write a < b and b < c",
                                  "comparisons do not follow each other");
        }
        compared = infix->binding == COMPARE;
        if (infix->binding <= AND) {
            status = parse_logic(parser, infix, kind);
        } else if (infix->op == SL_OP_IN || infix->op == SL_OP_NOT) {
            status = parse_in(parser, kind);
        } else {
            status = parse_binary(parser, infix, kind);
        }
    }
    return status;
}
