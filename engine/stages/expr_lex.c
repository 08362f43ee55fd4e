/* expr_lex.c: the words and signs of a condition.
 *
 * Names are letters, digits, '_' and any character above ASCII, not beginning with a digit; a point may join names, as
 * in the columns that JSONL makes of nested objects. In quoted text \\ \" \' \n \t \r are escapes, any other backslash
 * stays, so that a pattern may be written as it is. */
#include "engine/stages/expr_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_LONGEST = 64 };

int sl_expr_refuse(struct sl_expr_parser *parser, int status, size_t at, const char *fix, const char *format, ...)
{
    if (!parser->err) {
        return status;
    }
    char what[sizeof parser->err->what];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    sl_fail(parser->err, status, "%s, at byte %zu of the condition", what, at + 1);
    parser->err->column = at + 1;
    if (fix) {
        sl_fix(parser->err, "%s", fix);
    }
    return status;
}

bool sl_expr_is(const struct sl_expr_parser *parser, const char *text)
{
    const struct sl_token *token = &parser->token;
    return (token->kind == SL_TOKEN_WORD || token->kind == SL_TOKEN_SIGN) && sl_str_equal(token->text, sl_str(text));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_name_start(c) || is_digit(c);
}

/* The byte at i, or NUL behind the end. */
static char peek(const struct sl_expr_parser *parser, size_t i)
{
    return i < parser->source.n ? parser->source.p[i] : '\0';
}

static int read_number(struct sl_expr_parser *parser)
{
    size_t start = parser->token.start, i = start;
    while (is_digit(peek(parser, i))) {
        i++;
    }
    if (peek(parser, i) == '.') {
        i++;
        while (is_digit(peek(parser, i))) {
            i++;
        }
    }
    char e = peek(parser, i), sign = peek(parser, i + 1);
    size_t digits = sign == '+' || sign == '-' ? i + 2 : i + 1;
    if ((e == 'e' || e == 'E') && is_digit(peek(parser, digits))) {
        for (i = digits; is_digit(peek(parser, i));) {
            i++;
        }
    }
    char text[NUMBER_LONGEST + 1];
    if (i - start > NUMBER_LONGEST) {
        return sl_expr_refuse(parser, SL_ESYNTAX, start, "write it with fewer digits", "a number is too long");
    }
    if (is_name(peek(parser, i))) {
        return sl_expr_refuse(parser, SL_ESYNTAX, start, "put a column's name that begins with a digit in `backticks`",
                              "a number runs into a name");
    }
    memcpy(text, parser->source.p + start, i - start);
    text[i - start] = '\0';
    parser->token.kind = SL_TOKEN_NUMBER;
    parser->token.number = strtod(text, NULL);
    parser->token.end = i;
    return SL_OK;
}

/* What the escape \c stands for, or NUL when it is none. */
static char escape(char c)
{
    switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '\\':
    case '"':
    case '\'': return c;
    default: return '\0';
    }
}

static int read_quoted(struct sl_expr_parser *parser)
{
    size_t start = parser->token.start, i = start + 1;
    char quote = parser->source.p[start];
    char *out = sl_arena_take(&parser->expr->arena, parser->source.n - start + 1, 1);
    size_t n = 0;
    if (!out) {
        return sl_fail_memory(parser->err, "reading a condition");
    }
    for (;; i++) {
        if (i >= parser->source.n) {
            return sl_expr_refuse(parser, SL_ESYNTAX, start, "close it", "the %s %c that opens here is never closed",
                                  quote == '`' ? "backtick" : "quote", quote);
        }
        char c = parser->source.p[i];
        if (c == quote && quote == '`' && peek(parser, i + 1) == '`') {
            i++;
        } else if (c == quote) {
            break;
        } else if (c == '\\' && quote != '`' && i + 1 < parser->source.n && escape(parser->source.p[i + 1])) {
            c = escape(parser->source.p[++i]);
        }
        out[n++] = c;
    }
    sl_arena_trim(&parser->expr->arena, out + n);
    parser->token.kind = quote == '`' ? SL_TOKEN_COLUMN : SL_TOKEN_TEXT;
    parser->token.text = (struct sl_str){ out, n };
    parser->token.end = i + 1;
    return SL_OK;
}

static void read_word(struct sl_expr_parser *parser)
{
    size_t start = parser->token.start, i = start;
    while (is_name(peek(parser, i)) || (peek(parser, i) == '.' && is_name_start(peek(parser, i + 1)))) {
        i++;
    }
    parser->token.kind = SL_TOKEN_WORD;
    parser->token.text = (struct sl_str){ parser->source.p + start, i - start };
    parser->token.end = i;
}

static int read_sign(struct sl_expr_parser *parser)
{
    static const char *const doubles[] = { "==", "!=", "<=", ">=", NULL };
    size_t start = parser->token.start;
    char c = parser->source.p[start], next = peek(parser, start + 1);
    size_t n = 0;
    for (int k = 0; doubles[k]; k++) {
        n = c == doubles[k][0] && next == doubles[k][1] ? 2 : n;
    }
    if (!n && strchr("<>+-*/%(),", c) && c) {
        n = 1;
    }
    if (!n && c == '=') {
        return sl_expr_refuse(parser, SL_ESYNTAX, start, "compare with ==", "'=' is no operator");
    }
    if (!n && (c == '&' || c == '|' || c == '!')) {
        return sl_expr_refuse(parser, SL_ESYNTAX, start, "write and, or, not", "'%c' is no operator", c);
    }
    if (!n) {
        return sl_expr_refuse(parser, SL_ESYNTAX, start, "put a column's odd name in `backticks`, and text in quotes",
                              c > ' ' && c < 0x7f ? "'%c' means nothing here" : "this character means nothing here", c);
    }
    parser->token.kind = SL_TOKEN_SIGN;
    parser->token.text = (struct sl_str){ parser->source.p + start, n };
    parser->token.end = start + n;
    return SL_OK;
}

int sl_expr_next(struct sl_expr_parser *parser)
{
    size_t i = parser->at;
    while (i < parser->source.n && strchr(" \t\r\n", parser->source.p[i]) && parser->source.p[i]) {
        i++;
    }
    parser->token = (struct sl_token){ .kind = SL_TOKEN_END, .start = i, .end = i };
    char c = peek(parser, i);
    int status = SL_OK;
    if (i >= parser->source.n) {
        status = SL_OK;
    } else if (is_digit(c) || (c == '.' && is_digit(peek(parser, i + 1)))) {
        status = read_number(parser);
    } else if (c == '"' || c == '\'' || c == '`') {
        status = read_quoted(parser);
    } else if (is_name_start(c)) {
        read_word(parser);
    } else {
        status = read_sign(parser);
    }
    parser->at = parser->token.end;
    return status;
}
