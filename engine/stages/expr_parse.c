/* expr_parse.c: conditions into code.
 *
 * Precedence climbing (Pratt 1973): a prefix, then infix operators as long as they bind tightly enough. Kinds are known
 * for every part, so comparing text with a number is refused here and not at some record.
 *
 * Brackets, calls, `not` and signs count as depth; between two of them the parser calls itself no more than once for
 * each level of binding, so SL_EXPR_DEPTH bounds its stack. */
#include "engine/stages/expr_private.h"

#include <stdlib.h>

struct infix {
    const char *text;
    int binding;
    enum sl_expr_op op;
};

static const struct infix infixes[] = {
    { "or", SL_BIND_OR, SL_OP_OR },           { "and", SL_BIND_AND, SL_OP_AND },
    { "==", SL_BIND_COMPARE, SL_OP_EQUAL },   { "!=", SL_BIND_COMPARE, SL_OP_UNEQUAL },
    { "<", SL_BIND_COMPARE, SL_OP_LESS },     { "<=", SL_BIND_COMPARE, SL_OP_LESS_EQUAL },
    { ">", SL_BIND_COMPARE, SL_OP_GREATER },  { ">=", SL_BIND_COMPARE, SL_OP_GREATER_EQUAL },
    { "in", SL_BIND_COMPARE, SL_OP_IN },      { "not", SL_BIND_COMPARE, SL_OP_NOT }, /* not in */
    { "+", SL_BIND_SUM, SL_OP_ADD },          { "-", SL_BIND_SUM, SL_OP_SUBTRACT },
    { "*", SL_BIND_PRODUCT, SL_OP_MULTIPLY }, { "/", SL_BIND_PRODUCT, SL_OP_DIVIDE },
    { "%", SL_BIND_PRODUCT, SL_OP_MODULO },
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

bool sl_expr_is_infix(const struct sl_expr_parser *parser)
{
    return find_infix(parser) != NULL;
}

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
    int status = sl_expr_enter(parser);
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
    int status = sl_expr_want(parser, at, infix->text, *kind, SL_BOOLEAN);
    status = status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = op }, 1);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, infix->binding + 1, &right);
    status = status ? status : sl_expr_want(parser, at, infix->text, right, SL_BOOLEAN);
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
    if (infix->binding == SL_BIND_COMPARE) {
        status = check_comparison(parser, at, infix->text, left, right);
        *kind = SL_BOOLEAN;
    } else {
        bool texts = infix->op == SL_OP_ADD && (left == SL_TEXTVALUE || (left == SL_MISSING && right == SL_TEXTVALUE));
        *kind = texts ? SL_TEXTVALUE : SL_REALVALUE;
        status = sl_expr_want(parser, at, infix->text, left, *kind);
        status = status ? status : sl_expr_want(parser, at, infix->text, right, *kind);
    }
    return status ? status : sl_expr_emit(parser, (struct sl_expr_code){ .op = infix->op }, 2);
}

int sl_expr_parse(struct sl_expr_parser *parser, int binding, enum sl_value_kind *kind)
{
    int status = sl_expr_prefix(parser, kind);
    bool compared = false;
    while (status == SL_OK) {
        const struct infix *infix = find_infix(parser);
        if (!infix || infix->binding < binding) {
            break;
        }
        if (infix->binding == SL_BIND_COMPARE && compared) {
            return sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "write a < b and b < c",
                                  "comparisons do not follow each other");
        }
        compared = infix->binding == SL_BIND_COMPARE;
        if (infix->binding <= SL_BIND_AND) {
            status = parse_logic(parser, infix, kind);
        } else if (infix->op == SL_OP_IN || infix->op == SL_OP_NOT) {
            status = parse_in(parser, kind);
        } else {
            status = parse_binary(parser, infix, kind);
        }
    }
    return status;
}
