/* expr_private.h: conditions inside: the code that the parser writes and the evaluator runs.
 *
 * An expression is a flat list of instructions over a stack of values (postfix order), so that evaluation knows no
 * recursion. Kinds are settled while parsing: an instruction's operands are of the kind it expects, or missing. */
#ifndef SLUICE_STAGES_EXPR_PRIVATE_H
#define SLUICE_STAGES_EXPR_PRIVATE_H

#include "engine/stages/regex_private.h"
#include "sluice/expr.h"
#include "sluice/text.h"

enum { SL_EXPR_LENGTH = 4096, SL_EXPR_DEPTH = 64, SL_EXPR_STACK = 512 };

enum sl_expr_op {
    SL_OP_CONSTANT, /* push .value */
    SL_OP_COLUMN,   /* push column .at */
    SL_OP_NOT,
    SL_OP_AND,
    SL_OP_OR,
    SL_OP_SKIP_FALSE, /* go to .at when the top is false, keeping it */
    SL_OP_SKIP_TRUE,
    SL_OP_NEGATE,
    SL_OP_ADD, /* numbers, or texts one behind the other */
    SL_OP_SUBTRACT,
    SL_OP_MULTIPLY,
    SL_OP_DIVIDE,
    SL_OP_MODULO,
    SL_OP_EQUAL,
    SL_OP_UNEQUAL,
    SL_OP_LESS,
    SL_OP_LESS_EQUAL,
    SL_OP_GREATER,
    SL_OP_GREATER_EQUAL,
    SL_OP_IN,     /* x, so far, element: so far = so far or x == element */
    SL_OP_IN_END, /* x, so far: its value */
    SL_OP_LEN,
    SL_OP_LOWER,
    SL_OP_UPPER,
    SL_OP_TRIM,
    SL_OP_CONTAINS,
    SL_OP_STARTSWITH,
    SL_OP_ENDSWITH,
    SL_OP_MATCHES, /* pattern .at */
    SL_OP_MISSING,
    SL_OP_EMPTY,
    SL_OP_TO_NUMBER,
    SL_OP_TO_TEXT,
    SL_OP_ABS,
    SL_OP_MIN,
    SL_OP_MAX,
    SL_OP_ROUND, /* to .at digits behind the point */
    SL_OP_WORDS,
};

struct sl_expr_code {
    enum sl_expr_op op;
    uint32_t at;
    struct sl_value value;
};

struct sl_expr {
    struct sl_arena arena; /* constants */
    struct sl_expr_code *code;
    size_t n, capacity;
    pcre2_code **patterns;
    size_t n_patterns;
    const struct sl_schema *schema; /* while compiling only */
    enum sl_type *types;            /* of the schema's columns */
    enum sl_value_kind kind;
};

enum sl_token_kind {
    SL_TOKEN_END,
    SL_TOKEN_NUMBER,
    SL_TOKEN_TEXT,
    SL_TOKEN_WORD,   /* keyword, function or column */
    SL_TOKEN_COLUMN, /* `in backticks` */
    SL_TOKEN_SIGN,   /* operator or bracket */
};

struct sl_token {
    enum sl_token_kind kind;
    size_t start, end;  /* bytes in the source */
    struct sl_str text; /* WORD, SIGN: as written; TEXT, COLUMN: without quotes and escapes, in the arena */
    double number;
};

struct sl_expr_parser {
    struct sl_expr *expr;
    struct sl_str source;
    struct sl_token token; /* the one looked at */
    size_t at;             /* behind it */
    size_t stack, stack_max;
    int depth;
    struct sl_error *err;
};

/* ---- expr_lex.c ---- */

/* Read the next token into parser->token. */
int sl_expr_next(struct sl_expr_parser *parser);
bool sl_expr_is(const struct sl_expr_parser *parser, const char *text); /* keyword or sign */
/* Refuse at byte `at` of the source; the fix may be NULL. */
int sl_expr_refuse(struct sl_expr_parser *parser, int status, size_t at, const char *fix, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* ---- expr_parse.c ---- */

/* How tightly operators bind, loosest first. */
enum { SL_BIND_OR = 1, SL_BIND_AND, SL_BIND_NOT, SL_BIND_COMPARE, SL_BIND_SUM, SL_BIND_PRODUCT, SL_BIND_SIGN };

/* Parse what binds at least as tightly as `binding` (0: all), emitting its code; *kind is what it yields. */
int sl_expr_parse(struct sl_expr_parser *parser, int binding, enum sl_value_kind *kind);
/* Append an instruction that takes `pops` values and leaves one. */
int sl_expr_emit(struct sl_expr_parser *parser, struct sl_expr_code code, size_t pops);
bool sl_expr_is_infix(const struct sl_expr_parser *parser);
const char *sl_expr_kind_name(enum sl_value_kind kind);

/* ---- expr_prefix.c ---- */

/* Parse one operand: all that may stand before an infix operator. */
int sl_expr_prefix(struct sl_expr_parser *parser, enum sl_value_kind *kind);
/* One level deeper; whoever calls it counts parser->depth down again, also after an error. */
int sl_expr_enter(struct sl_expr_parser *parser);
/* Refuse an operand of `what` that is not of the wanted kind (nor none). */
int sl_expr_want(struct sl_expr_parser *parser, size_t at, const char *what, enum sl_value_kind has,
                 enum sl_value_kind wanted);

/* ---- expr_call.c ---- */

/* A call, with the token on the function's name and '(' behind it. */
int sl_expr_call(struct sl_expr_parser *parser, enum sl_value_kind *kind);

/* ---- expr_text.c, expr_upper.c: the functions on text ---- */

/* str.upper(): at most 3*n bytes to out (disjoint); returns the length. */
size_t sl_expr_upper(struct sl_str s, char *out);
/* len(str.split()) */
size_t sl_expr_words(struct sl_str s);
/* Is sub within s? */
bool sl_expr_contains(struct sl_str s, struct sl_str sub);
/* As Python's float(), without underscores: false when s is no number. */
bool sl_expr_number(struct sl_str s, double *out);
/* As Python's round(x, digits). */
double sl_expr_round(double x, int digits);
/* The shortest text that reads back as x; out has room for 40. */
size_t sl_expr_number_text(double x, char *out);

#endif
