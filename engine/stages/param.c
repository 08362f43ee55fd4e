/* param.c: values of parameters, from the text of a recipe into a stage's struct.
 *
 * The text comes unquoted. A value is checked against its row alone (kind, range, choices); whether columns exist is
 * for the stage's bind. Setting replaces the value that was there, also a whole list.
 *
 * Lists have commas between names; a comma or backslash that belongs to a name has a backslash before it. "none" (or
 * the word a row has instead) is SL_NONE for integers, NaN for numbers and amounts, NULL for strings, an empty list for
 * names. */
#include "engine/stages/param_private.h"

#include <ctype.h>
#include <math.h>

/* So much of an offending value is quoted. */
enum { VALUE_SHOWN = 60 };

const struct sl_param *sl_param_find(const struct sl_param *rows, struct sl_str name)
{
    for (const struct sl_param *row = rows; row && row->kind != SL_PARAM_END; row++) {
        if (sl_str_equal(name, sl_str(row->name))) {
            return row;
        }
    }
    return NULL;
}

bool sl_param_has_range(const struct sl_param *row)
{
    return row->min != 0 || row->max != 0;
}

bool sl_param_has_max(const struct sl_param *row)
{
    return sl_param_has_range(row) && row->max >= row->min;
}

static void name_param(struct sl_error *err, const struct sl_param *row)
{
    if (err) {
        size_t n = strlen(row->name);
        n = n < sizeof err->param ? n : sizeof err->param - 1;
        memcpy(err->param, row->name, n);
        err->param[n] = '\0';
    }
}

/* Length of the start of s that is quoted in a message: whole UTF-8 sequences. */
static int shown(struct sl_str s)
{
    size_t n = s.n < VALUE_SHOWN ? s.n : VALUE_SHOWN;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80) {
        n--;
    }
    return (int)n;
}

static int refuse(const struct sl_param *row, struct sl_str value, const char *why, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "'%s' cannot be '%.*s'%s: %s", row->name, shown(value), value.n ? value.p : "",
            (size_t)shown(value) < value.n ? "..." : "", why);
    struct sl_buf allowed = { 0 };
    sl_param_describe(row, &allowed);
    if (!allowed.failed && allowed.n) {
        sl_fix(err, "give %s", allowed.p);
    }
    sl_buf_release(&allowed);
    name_param(err, row);
    return SL_EPARAM;
}

static int no_memory(const struct sl_param *row, struct sl_error *err)
{
    int status = sl_fail_memory(err, "reading a parameter");
    name_param(err, row);
    return status;
}

static bool same_word(struct sl_str s, const char *word)
{
    size_t n = strlen(word);
    if (s.n != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (tolower((unsigned char)s.p[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

static struct sl_str strip(struct sl_str s)
{
    while (s.n && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t')) {
        s.n--;
    }
    return s;
}

static int parse_bool(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    if (same_word(value, "true") || same_word(value, "false")) {
        *(bool *)field = value.n == 4;
        return SL_OK;
    }
    return refuse(row, value, "it is a switch", err);
}

static const char *check_range(const struct sl_param *row, double x)
{
    if (!sl_param_has_range(row)) {
        return NULL;
    }
    if (x < row->min) {
        return "it is too small";
    }
    return sl_param_has_max(row) && x > row->max ? "it is too large" : NULL;
}

static int parse_int(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    int64_t x = 0;
    const char *why = sl_param_read_integer(value, &x);
    why = why ? why : check_range(row, (double)x);
    if (why) {
        return refuse(row, value, why, err);
    }
    *(int64_t *)field = x;
    return SL_OK;
}

static int parse_real(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    double x = 0;
    const char *why = sl_param_read_real(value, &x);
    why = why ? why : check_range(row, x);
    if (why) {
        return refuse(row, value, why, err);
    }
    *(double *)field = x;
    return SL_OK;
}

static int parse_amount(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    struct sl_amount amount = { 0 };
    int64_t count;
    const char *why = NULL;
    if (!sl_param_read_integer(value, &count)) {
        amount.value = (double)count;
        why = count < 0 ? "it is too small" : check_range(row, amount.value);
    } else {
        amount.share = true;
        why = sl_param_read_number(value, &amount.value);
        if (!why && (amount.value < 0 || (amount.value > 1 && !row->over_one))) {
            why = "a share is between 0.0 and 1.0";
        }
        why = why || amount.value <= 1 ? why : check_range(row, amount.value);
    }
    if (why) {
        return refuse(row, value, why, err);
    }
    *(struct sl_amount *)field = amount;
    return SL_OK;
}

static int parse_pair(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    struct sl_str s = strip(value);
    if (s.n >= 2 && s.p[0] == '(' && s.p[s.n - 1] == ')') {
        s = (struct sl_str){ s.p + 1, s.n - 2 };
    }
    const char *comma = s.n ? memchr(s.p, ',', s.n) : NULL;
    if (!comma) {
        return refuse(row, value, "two integers are needed", err);
    }
    struct sl_pair pair = { 0 };
    size_t left = (size_t)(comma - s.p);
    const char *why = sl_param_read_integer(strip((struct sl_str){ s.p, left }), &pair.low);
    why = why ? why : sl_param_read_integer(strip((struct sl_str){ comma + 1, s.n - left - 1 }), &pair.high);
    why = why ? why : check_range(row, (double)pair.low);
    why = why ? why : check_range(row, (double)pair.high);
    if (!why && pair.low > pair.high) {
        why = "the first number is larger than the second";
    }
    if (why) {
        return refuse(row, value, why, err);
    }
    *(struct sl_pair *)field = pair;
    return SL_OK;
}

/* "0.8,1.2", or one number, which is the stage's to read. */
static int parse_range(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    struct sl_str s = strip(value);
    if (s.n >= 2 && ((s.p[0] == '(' && s.p[s.n - 1] == ')') || (s.p[0] == '[' && s.p[s.n - 1] == ']'))) {
        s = (struct sl_str){ s.p + 1, s.n - 2 };
    }
    const char *comma = s.n ? memchr(s.p, ',', s.n) : NULL;
    size_t left = comma ? (size_t)(comma - s.p) : s.n;
    struct sl_range range = { 0, (double)NAN };
    const char *why = sl_param_read_real(strip((struct sl_str){ s.p, left }), &range.low);
    why = why ? why : check_range(row, range.low);
    if (!why && comma) {
        why = sl_param_read_real(strip((struct sl_str){ comma + 1, s.n - left - 1 }), &range.high);
        why = why ? why : check_range(row, range.high);
        why = why || range.low <= range.high ? why : "the first number is larger than the second";
    }
    if (why) {
        return refuse(row, value, why, err);
    }
    *(struct sl_range *)field = range;
    return SL_OK;
}

static int parse_choice(const struct sl_param *row, void *field, struct sl_str value, struct sl_error *err)
{
    for (int i = 0; row->choices && row->choices[i]; i++) {
        if (sl_str_equal(value, sl_str(row->choices[i]))) {
            *(int *)field = i;
            return SL_OK;
        }
    }
    refuse(row, value, "there is no such choice", err);
    const char *near = row->choices ? sl_nearest(value, row->choices) : NULL;
    if (near && err) {
        char allowed[sizeof err->fix];
        memcpy(allowed, err->fix, sizeof allowed);
        sl_fix(err, "did you mean '%s'? %.200s", near, allowed);
    }
    return SL_EPARAM;
}

static int parse_string(const struct sl_param *row, void *field, struct sl_str value, struct sl_arena *arena,
                        struct sl_error *err)
{
    if (value.n && memchr(value.p, '\0', value.n)) {
        return refuse(row, value, "it holds a zero byte", err);
    }
    if (row->rest && value.n && (memchr(value.p, '\n', value.n) || memchr(value.p, '\r', value.n))) {
        return refuse(row, value, "it has to stand on one line", err);
    }
    if (!value.n && (row->kind == SL_PARAM_PATH || row->kind == SL_PARAM_EXPR)) {
        return refuse(row, value, "it is empty", err);
    }
    char *copy = sl_arena_strndup(arena, value.p, value.n);
    if (!copy) {
        return no_memory(row, err);
    }
    *(char **)field = copy;
    return SL_OK;
}

static int set_none(const struct sl_param *row, void *field)
{
    switch (row->kind) {
    case SL_PARAM_INT: *(int64_t *)field = SL_NONE; break;
    case SL_PARAM_REAL: *(double *)field = NAN; break;
    case SL_PARAM_AMOUNT: *(struct sl_amount *)field = (struct sl_amount){ .value = NAN }; break;
    case SL_PARAM_RANGE: *(struct sl_range *)field = (struct sl_range){ (double)NAN, (double)NAN }; break;
    case SL_PARAM_NAMES:
    case SL_PARAM_COLUMNS: *(struct sl_names *)field = (struct sl_names){ 0 }; break;
    case SL_PARAM_STRING:
    case SL_PARAM_PATH:
    case SL_PARAM_REGEX:
    case SL_PARAM_EXPR: *(char **)field = NULL; break;
    case SL_PARAM_END:
    case SL_PARAM_BOOL:
    case SL_PARAM_PAIR:
    case SL_PARAM_CHOICE: return SL_EPARAM;
    }
    return SL_OK;
}

int sl_param_set(const struct sl_param *row, void *params, struct sl_str value, struct sl_arena *arena,
                 struct sl_error *err)
{
    void *field = (char *)params + row->offset;
    if (row->none_ok && same_word(value, sl_param_none(row)) && set_none(row, field) == SL_OK) {
        return SL_OK;
    }
    switch (row->kind) {
    case SL_PARAM_COLUMNS:
    case SL_PARAM_NAMES: {
        const char *why = NULL;
        int status = sl_param_split_names(value, arena, field, &why);
        return status == SL_OK ? SL_OK : status == SL_ENOMEM ? no_memory(row, err) : refuse(row, value, why, err);
    }
    case SL_PARAM_BOOL: return parse_bool(row, field, value, err);
    case SL_PARAM_INT: return parse_int(row, field, value, err);
    case SL_PARAM_REAL: return parse_real(row, field, value, err);
    case SL_PARAM_AMOUNT: return parse_amount(row, field, value, err);
    case SL_PARAM_PAIR: return parse_pair(row, field, value, err);
    case SL_PARAM_RANGE: return parse_range(row, field, value, err);
    case SL_PARAM_CHOICE: return parse_choice(row, field, value, err);
    case SL_PARAM_STRING:
    case SL_PARAM_PATH:
    case SL_PARAM_REGEX:
    case SL_PARAM_EXPR: return parse_string(row, field, value, arena, err);
    case SL_PARAM_END: break;
    }
    return sl_fail(err, SL_EPARAM, "there is no parameter here to give a value");
}
