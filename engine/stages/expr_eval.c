/* expr_eval.c: running a condition over one record.
 *
 * A missing operand gives missing, with these exceptions: missing(x) and empty(x) are true; `false and x` is false and
 * `true or x` is true whatever x is; an element of a list that is missing equals nothing. Dividing by zero gives
 * missing, and so does number(x) of a text that is no number. % has the sign of its right side, as Python's. */
#include "engine/stages/expr_private.h"
#include "engine/stages/text_stage.h"

#include <math.h>

struct machine {
    const struct sl_expr *expr;
    const struct sl_chunk *chunk;
    uint32_t record;
    struct sl_arena *arena;
    struct sl_error *err;
};

static struct sl_value missing(void)
{
    return (struct sl_value){ .kind = SL_MISSING };
}

static struct sl_value boolean(bool x)
{
    return (struct sl_value){ .kind = SL_BOOLEAN, .number = x };
}

/* NaN is not a value. */
static struct sl_value real(double x)
{
    return isnan(x) ? missing() : (struct sl_value){ .kind = SL_REALVALUE, .number = x };
}

static struct sl_value text(const char *p, size_t n)
{
    return (struct sl_value){ .kind = SL_TEXTVALUE, .text = { p, n } };
}

static bool is_true(struct sl_value x)
{
    return x.kind == SL_BOOLEAN && x.number > 0;
}

static bool is_false(struct sl_value x)
{
    return x.kind == SL_BOOLEAN && !(x.number > 0);
}

static struct sl_value load(const struct machine *m, size_t column)
{
    const struct sl_column *cells = &m->chunk->columns[column];
    if (!sl_valid(cells, m->record)) {
        return missing();
    }
    if (m->expr->types[column] == SL_NUMBER) {
        return real(cells->number[m->record]);
    }
    struct sl_str s = cells->text[m->record];
    return text(s.n ? s.p : "", s.n);
}

/* -1, 0, 1; both sides are of one kind. */
static int order(struct sl_value a, struct sl_value b)
{
    if (a.kind == SL_TEXTVALUE) {
        return sl_str_compare(a.text, b.text);
    }
    return (a.number > b.number) - (a.number < b.number);
}

static struct sl_value compare(enum sl_expr_op op, struct sl_value a, struct sl_value b)
{
    int sign = order(a, b);
    switch (op) {
    case SL_OP_EQUAL: return boolean(sign == 0);
    case SL_OP_UNEQUAL: return boolean(sign != 0);
    case SL_OP_LESS: return boolean(sign < 0);
    case SL_OP_LESS_EQUAL: return boolean(sign <= 0);
    case SL_OP_GREATER: return boolean(sign > 0);
    default: return boolean(sign >= 0);
    }
}

static struct sl_value modulo(double a, double b)
{
    if (!(b > 0 || b < 0)) {
        return missing();
    }
    double rest = fmod(a, b);
    if ((rest > 0 && b < 0) || (rest < 0 && b > 0)) {
        rest += b;
    }
    return real(rest);
}

static struct sl_value arithmetic(enum sl_expr_op op, double a, double b)
{
    switch (op) {
    case SL_OP_ADD: return real(a + b);
    case SL_OP_SUBTRACT: return real(a - b);
    case SL_OP_MULTIPLY: return real(a * b);
    case SL_OP_DIVIDE: return b > 0 || b < 0 ? real(a / b) : missing();
    case SL_OP_MIN: return real(a < b ? a : b);
    case SL_OP_MAX: return real(a > b ? a : b);
    default: return modulo(a, b);
    }
}

static int join(const struct machine *m, struct sl_str a, struct sl_str b, struct sl_value *out)
{
    size_t n;
    char *p = sl_add(a.n, b.n, &n) ? sl_arena_take(m->arena, n, 1) : NULL;
    if (!p) {
        return sl_fail_memory(m->err, "joining text");
    }
    memcpy(p, a.p, a.n);
    memcpy(p + a.n, b.p, b.n);
    *out = text(p, n);
    return SL_OK;
}

static bool starts_with(struct sl_str s, struct sl_str start)
{
    return s.n >= start.n && memcmp(s.p, start.p, start.n) == 0;
}

static bool ends_with(struct sl_str s, struct sl_str end)
{
    return s.n >= end.n && memcmp(s.p + (s.n - end.n), end.p, end.n) == 0;
}

/* An operator or function of two operands that are both there. */
static int binary(const struct machine *m, enum sl_expr_op op, struct sl_value a, struct sl_value b,
                  struct sl_value *out)
{
    switch (op) {
    case SL_OP_CONTAINS: *out = boolean(sl_expr_contains(a.text, b.text)); return SL_OK;
    case SL_OP_STARTSWITH: *out = boolean(starts_with(a.text, b.text)); return SL_OK;
    case SL_OP_ENDSWITH: *out = boolean(ends_with(a.text, b.text)); return SL_OK;
    case SL_OP_ADD:
        if (a.kind == SL_TEXTVALUE) {
            return join(m, a.text, b.text, out);
        }
        break;
    case SL_OP_EQUAL:
    case SL_OP_UNEQUAL:
    case SL_OP_LESS:
    case SL_OP_LESS_EQUAL:
    case SL_OP_GREATER:
    case SL_OP_GREATER_EQUAL: *out = compare(op, a, b); return SL_OK;
    default: break;
    }
    *out = arithmetic(op, a.number, b.number);
    return SL_OK;
}

static int change_case(const struct machine *m, enum sl_expr_op op, struct sl_str s, struct sl_value *out)
{
    size_t room;
    char *p = sl_mul(s.n, 3, &room) && sl_add(room, 16, &room) ? sl_arena_take(m->arena, room, 1) : NULL;
    if (!p) {
        return sl_fail_memory(m->err, "changing the case of text");
    }
    size_t n = op == SL_OP_LOWER ? sl_text_lower(s.p, s.n, p) : sl_expr_upper(s, p);
    sl_arena_trim(m->arena, p + n);
    *out = text(p, n);
    return SL_OK;
}

static int match(const struct machine *m, uint32_t pattern, struct sl_str s, struct sl_value *out)
{
    const pcre2_code *code = m->expr->patterns[pattern];
    struct sl_regex_scratch scratch;
    if (sl_utf8_invalid(s.p, s.n) != s.n) {
        *out = missing();
        return SL_OK;
    }
    int status = sl_regex_scratch_init(&scratch, code, false, m->err);
    if (status) {
        return status;
    }
    bool found = false;
    status = sl_regex_match(code, s, 0, 0, &scratch, &found, m->err);
    sl_regex_scratch_release(&scratch);
    *out = boolean(found);
    if (status && status != SL_ENOMEM && m->chunk->origin) {
        return sl_error_record(m->err, status, &m->chunk->origin[m->record]);
    }
    return status;
}

static struct sl_value to_number(struct sl_value x)
{
    double number;
    if (x.kind != SL_TEXTVALUE) {
        return real(x.number);
    }
    return sl_expr_number(x.text, &number) ? real(number) : missing();
}

static int to_text(const struct machine *m, struct sl_value x, struct sl_value *out)
{
    if (x.kind == SL_TEXTVALUE) {
        *out = x;
        return SL_OK;
    }
    char number[40];
    size_t n = sl_expr_number_text(x.number, number);
    const char *word = is_true(x) ? "true" : "false";
    struct sl_str written = x.kind == SL_BOOLEAN ? sl_str(word) : (struct sl_str){ number, n };
    char *copy = sl_arena_strndup(m->arena, written.p, written.n);
    if (!copy) {
        return sl_fail_memory(m->err, "writing a number as text");
    }
    *out = text(copy, written.n);
    return SL_OK;
}

/* An operator or function of one operand that is there. */
static int unary(const struct machine *m, const struct sl_expr_code *code, struct sl_value x, struct sl_value *out)
{
    switch (code->op) {
    case SL_OP_NOT: *out = boolean(is_false(x)); return SL_OK;
    case SL_OP_NEGATE: *out = real(-x.number); return SL_OK;
    case SL_OP_LEN: *out = real((double)sl_utf8_length(x.text.p, x.text.n)); return SL_OK;
    case SL_OP_TRIM:
        x.text = sl_text_strip(x.text);
        *out = x;
        return SL_OK;
    case SL_OP_LOWER:
    case SL_OP_UPPER: return change_case(m, code->op, x.text, out);
    case SL_OP_MATCHES: return match(m, code->at, x.text, out);
    case SL_OP_TO_NUMBER: *out = to_number(x); return SL_OK;
    case SL_OP_TO_TEXT: return to_text(m, x, out);
    case SL_OP_ABS: *out = real(fabs(x.number)); return SL_OK;
    case SL_OP_ROUND: *out = real(sl_expr_round(x.number, (int)code->at)); return SL_OK;
    default: /* SL_OP_WORDS */ *out = real((double)sl_expr_words(x.text)); return SL_OK;
    }
}

static struct sl_value logic(enum sl_expr_op op, struct sl_value a, struct sl_value b)
{
    if (op == SL_OP_AND && (is_false(a) || is_false(b))) {
        return boolean(false);
    }
    if (op == SL_OP_OR && (is_true(a) || is_true(b))) {
        return boolean(true);
    }
    return a.kind == SL_MISSING || b.kind == SL_MISSING ? missing() : boolean(op == SL_OP_AND);
}

/* One step of `x in (…)`: stack x, found, element. */
static struct sl_value element(const struct sl_value *top)
{
    struct sl_value x = top[-2], found = top[-1], y = *top;
    if (x.kind == SL_MISSING) {
        return missing();
    }
    return is_true(found) || y.kind == SL_MISSING ? found : boolean(order(x, y) == 0);
}

/* Run an instruction that takes operands from the stack, whose top it is given; returns the new top by *top. */
static int operate(const struct machine *m, const struct sl_expr_code *code, struct sl_value **top)
{
    struct sl_value *x = *top;
    switch (code->op) {
    case SL_OP_AND:
    case SL_OP_OR:
        x[-1] = logic(code->op, x[-1], x[0]);
        *top = x - 1;
        return SL_OK;
    case SL_OP_IN:
        x[-1] = element(x);
        *top = x - 1;
        return SL_OK;
    case SL_OP_IN_END:
        x[-1] = x[0];
        *top = x - 1;
        return SL_OK;
    case SL_OP_MISSING: *x = boolean(x->kind == SL_MISSING); return SL_OK;
    case SL_OP_EMPTY: *x = boolean(x->kind == SL_MISSING || sl_text_strip(x->text).n == 0); return SL_OK;
    case SL_OP_NOT:
    case SL_OP_NEGATE:
    case SL_OP_LEN:
    case SL_OP_LOWER:
    case SL_OP_UPPER:
    case SL_OP_TRIM:
    case SL_OP_MATCHES:
    case SL_OP_TO_NUMBER:
    case SL_OP_TO_TEXT:
    case SL_OP_ABS:
    case SL_OP_ROUND:
    case SL_OP_WORDS: return x->kind == SL_MISSING ? SL_OK : unary(m, code, *x, x);
    default:
        *top = x - 1;
        if (x[-1].kind == SL_MISSING || x[0].kind == SL_MISSING) {
            x[-1] = missing();
            return SL_OK;
        }
        return binary(m, code->op, x[-1], x[0], &x[-1]);
    }
}

int sl_expr_eval(const struct sl_expr *expr, const struct sl_chunk *chunk, uint32_t i, struct sl_arena *arena,
                 struct sl_value *out, struct sl_error *err)
{
    struct machine m = { expr, chunk, i, arena, err };
    struct sl_value stack[SL_EXPR_STACK + 1]; /* the first is below the bottom */
    struct sl_value *top = stack;
    for (size_t k = 0; k < expr->n; k++) {
        const struct sl_expr_code *code = &expr->code[k];
        int status = SL_OK;
        if (code->op == SL_OP_CONSTANT) {
            *++top = code->value;
        } else if (code->op == SL_OP_COLUMN) {
            *++top = load(&m, code->at);
        } else if (code->op == SL_OP_SKIP_FALSE || code->op == SL_OP_SKIP_TRUE) {
            bool skip = code->op == SL_OP_SKIP_FALSE ? is_false(*top) : is_true(*top);
            k = skip ? code->at - 1 : k;
        } else {
            status = operate(&m, code, &top);
        }
        if (status) {
            return status;
        }
    }
    *out = *top;
    return SL_OK;
}
