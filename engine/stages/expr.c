/* expr.c: compiling and freeing conditions, and questions about them. The language is in expr.h; reading it is in
 * expr_lex.c, expr_parse.c, expr_prefix.c and expr_call.c, running it in expr_eval.c. */
#include "engine/stages/expr_private.h"

#include <stdlib.h>

void sl_expr_free(struct sl_expr *expr)
{
    if (!expr) {
        return;
    }
    for (size_t i = 0; i < expr->n_patterns; i++) {
        pcre2_code_free(expr->patterns[i]);
    }
    free(expr->patterns);
    free(expr->code);
    free(expr->types);
    sl_arena_release(&expr->arena);
    free(expr);
}

static int compile(struct sl_expr *expr, struct sl_str source, struct sl_error *err)
{
    struct sl_expr_parser parser = { .expr = expr, .source = source, .err = err };
    if (source.n > SL_EXPR_LENGTH) {
        return sl_expr_refuse(&parser, SL_ELIMIT, SL_EXPR_LENGTH, "split it into several filters",
                              "the condition is longer than %d bytes", SL_EXPR_LENGTH);
    }
    size_t invalid = sl_utf8_invalid(source.p, source.n);
    if (invalid < source.n) {
        return sl_expr_refuse(&parser, SL_ESYNTAX, invalid, "save the recipe as UTF-8", "a byte is not valid UTF-8");
    }
    for (size_t c = 0; c < expr->schema->n; c++) {
        expr->types[c] = expr->schema->fields[c].type;
    }
    int status = sl_expr_next(&parser);
    status = status ? status : sl_expr_parse(&parser, 0, &expr->kind);
    if (status == SL_OK && parser.token.kind != SL_TOKEN_END) {
        status = sl_expr_refuse(
            &parser, SL_ESYNTAX, parser.token.start, "join conditions with and, or",
            "an operator is expected before '%.*s'",
            (int)(parser.token.end - parser.token.start > 40 ? 40 : parser.token.end - parser.token.start),
            source.p + parser.token.start);
    }
    expr->schema = NULL;
    return status;
}

int sl_expr_compile(struct sl_expr **out, const char *text, const struct sl_schema *schema, struct sl_error *err)
{
    struct sl_expr *expr = calloc(1, sizeof *expr);
    if (!expr) {
        return sl_fail_memory(err, "reading a condition");
    }
    sl_arena_init(&expr->arena);
    expr->schema = schema;
    expr->types = calloc(schema->n ? schema->n : 1, sizeof *expr->types);
    int status = expr->types ? compile(expr, sl_str(text), err) : sl_fail_memory(err, "reading a condition");
    if (status) {
        sl_expr_free(expr);
        return status;
    }
    *out = expr;
    return SL_OK;
}

enum sl_value_kind sl_expr_kind(const struct sl_expr *expr)
{
    return expr->kind;
}

bool sl_expr_uses(const struct sl_expr *expr, size_t column)
{
    for (size_t k = 0; k < expr->n; k++) {
        if (expr->code[k].op == SL_OP_COLUMN && expr->code[k].at == column) {
            return true;
        }
    }
    return false;
}
