/* expr_prefix.c: what a condition's parts begin with: columns, constants, calls, brackets, `not` and signs. */
#include "engine/stages/expr_private.h"

#include <stdio.h>

int sl_expr_enter(struct sl_expr_parser *parser)
{
    if (++parser->depth > SL_EXPR_DEPTH) {
        return sl_expr_refuse(parser, SL_ELIMIT, parser->token.start, "split it into several filters",
                              "the condition is nested more than %d deep", SL_EXPR_DEPTH);
    }
    return SL_OK;
}

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
    if (sl_expr_is_infix(parser)) {
        return sl_expr_refuse(parser, SL_ESYNTAX, token->start, "put a column of that name in `backticks`",
                              "'%.*s' stands where a value is expected", (int)token->text.n, token->text.p);
    }
    size_t next = parser->at;
    while (next < parser->source.n && (parser->source.p[next] == ' ' || parser->source.p[next] == '\t')) {
        next++;
    }
    if (next < parser->source.n && parser->source.p[next] == '(') {
        int status = sl_expr_enter(parser);
        status = status ? status : sl_expr_call(parser, kind);
        parser->depth--;
        return status;
    }
    return parse_column(parser, kind);
}

int sl_expr_want(struct sl_expr_parser *parser, size_t at, const char *what, enum sl_value_kind has,
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
    int status = sl_expr_enter(parser);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, not ? SL_BIND_NOT : SL_BIND_SIGN, kind);
    status = status ? status : sl_expr_want(parser, start, not ? "not" : minus ? "-" : "+", *kind, wanted);
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
    int status = sl_expr_enter(parser);
    status = status ? status : sl_expr_next(parser);
    status = status ? status : sl_expr_parse(parser, 0, kind);
    if (status == SL_OK && !sl_expr_is(parser, ")")) {
        status = sl_expr_refuse(parser, SL_ESYNTAX, parser->token.start, "close every bracket that opens",
                                "')' is expected for the '(' of byte %zu", start + 1);
    }
    parser->depth--;
    return status ? status : sl_expr_next(parser);
}

int sl_expr_prefix(struct sl_expr_parser *parser, enum sl_value_kind *kind)
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
