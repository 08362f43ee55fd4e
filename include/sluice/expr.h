/* expr.h: the small language of `filter` (and of breakpoints and watches): expressions over one record's columns.
 *
 *   or and not  == != < <= > >=  in (a, b)  + - * / %  ( )  "text" 'text' 12.5 true false none  column  `odd name`
 *   len(x) lower(x) upper(x) trim(x) contains(x, "s") startswith endswith matches(x, "regex") missing(x) empty(x)
 *   number(x) text(x) abs min max round  words(x)
 * A missing operand gives missing; a missing condition is not true. Comparing text with a number is refused at compile
 * time. Text compares by bytes. */
#ifndef SLUICE_EXPR_H
#define SLUICE_EXPR_H

#include "sluice/chunk.h"

enum sl_value_kind { SL_MISSING, SL_BOOLEAN, SL_REALVALUE, SL_TEXTVALUE };

struct sl_value {
    enum sl_value_kind kind;
    double number;      /* SL_BOOLEAN: 0 or 1 */
    struct sl_str text; /* borrowed from the chunk or the arena */
};

struct sl_expr;

/* Errors: SL_ESYNTAX with the column in `text` (err->column) and what was expected; SL_ESCHEMA for an unknown column
 * (with the nearest name) or operands of the wrong type. Depth and length are limited (64, 4096). */
int sl_expr_compile(struct sl_expr **out, const char *text, const struct sl_schema *schema, struct sl_error *err);
void sl_expr_free(struct sl_expr *expr);
/* Value for record i; text results live in arena. Thread-safe for one expr and different arenas. */
int sl_expr_eval(const struct sl_expr *expr, const struct sl_chunk *chunk, uint32_t i, struct sl_arena *arena,
                 struct sl_value *out, struct sl_error *err);
/* What kind it yields, as far as known before running: SL_BOOLEAN for a condition. */
enum sl_value_kind sl_expr_kind(const struct sl_expr *expr);
/* Does it mention this column? */
bool sl_expr_uses(const struct sl_expr *expr, size_t column);

#endif
