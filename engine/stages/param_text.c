/* param_text.c: values of parameters as recipe text, and in words what a value may be.
 *
 * What sl_param_format() writes reads back to an equal value after the recipe's reader took the quotes off. Names of a
 * positional list stand apart with blanks, those of any other list have commas between, and backslashes before commas
 * that belong to a name. */
#include "engine/stages/param_private.h"

#include <inttypes.h>
#include <math.h>

/* A limit below this stands for "above 0". */
#define TINY 1e-100

static const void *field_of(const struct sl_param *row, const void *params)
{
    return (const char *)params + row->offset;
}

static void format_names(const struct sl_param *row, const struct sl_names *names, struct sl_buf *out)
{
    if (!names->n && row->none_ok) {
        sl_buf_puts(out, sl_param_none(row));
        return;
    }
    struct sl_buf list = { 0 };
    for (size_t i = 0; i < names->n; i++) {
        if (row->positional) {
            sl_buf_puts(out, i ? " " : "");
            sl_param_quote(sl_str(names->name[i]), true, out);
        } else {
            sl_buf_puts(&list, i ? "," : "");
            sl_param_escape_name(names->name[i], &list);
        }
    }
    if (!row->positional) {
        sl_param_quote((struct sl_str){ list.p, list.n }, false, out);
    }
    out->failed |= list.failed;
    sl_buf_release(&list);
}

static void format_amount(const struct sl_param *row, struct sl_amount amount, struct sl_buf *out)
{
    if (isnan(amount.value)) {
        sl_buf_puts(out, sl_param_none(row));
        return;
    }
    size_t before = out->n;
    sl_buf_number(out, amount.value);
    if (amount.share && !out->failed && !memchr(out->p + before, '.', out->n - before) &&
        !memchr(out->p + before, 'e', out->n - before)) {
        sl_buf_puts(out, ".0");
    }
}

static void format_string(const struct sl_param *row, const char *z, struct sl_buf *out)
{
    if (!z && row->none_ok) {
        sl_buf_puts(out, sl_param_none(row));
    } else if (row->rest) {
        sl_buf_puts(out, z ? z : "");
    } else {
        sl_param_quote(sl_str(z), false, out);
    }
}

static void format_range(const struct sl_param *row, const struct sl_range *range, struct sl_buf *out)
{
    if (isnan(range->low)) {
        sl_buf_puts(out, sl_param_none(row));
        return;
    }
    sl_param_write_real(range->low, out);
    if (!isnan(range->high)) {
        sl_buf_puts(out, ",");
        sl_param_write_real(range->high, out);
    }
}

void sl_param_format(const struct sl_param *row, const void *params, struct sl_buf *out)
{
    const void *field = field_of(row, params);
    switch (row->kind) {
    case SL_PARAM_COLUMNS:
    case SL_PARAM_NAMES: format_names(row, field, out); break;
    case SL_PARAM_BOOL: sl_buf_puts(out, *(const bool *)field ? "true" : "false"); break;
    case SL_PARAM_INT:
        if (row->none_ok && *(const int64_t *)field == SL_NONE) {
            sl_buf_puts(out, sl_param_none(row));
        } else {
            sl_buf_printf(out, "%" PRId64, *(const int64_t *)field);
        }
        break;
    case SL_PARAM_REAL:
        if (isnan(*(const double *)field)) {
            sl_buf_puts(out, sl_param_none(row));
        } else {
            sl_param_write_real(*(const double *)field, out);
        }
        break;
    case SL_PARAM_AMOUNT: format_amount(row, *(const struct sl_amount *)field, out); break;
    case SL_PARAM_PAIR: {
        const struct sl_pair *pair = field;
        sl_buf_printf(out, "%" PRId64 ",%" PRId64, pair->low, pair->high);
        break;
    }
    case SL_PARAM_RANGE: format_range(row, field, out); break;
    case SL_PARAM_CHOICE: sl_param_quote(sl_str(row->choices[*(const int *)field]), false, out); break;
    case SL_PARAM_STRING:
    case SL_PARAM_PATH:
    case SL_PARAM_REGEX:
    case SL_PARAM_EXPR: format_string(row, *(char *const *)field, out); break;
    case SL_PARAM_END: break;
    }
}

static bool same_names(const struct sl_names *a, const struct sl_names *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++) {
        same = strcmp(a->name[i], b->name[i]) == 0;
    }
    return same;
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_string(const char *a, const char *b, bool none_ok)
{
    if (none_ok && (!a || !b)) {
        return a == b;
    }
    return sl_str_equal(sl_str(a), sl_str(b));
}

bool sl_param_is_default(const struct sl_param *row, const void *params, const void *defaults)
{
    /* What stands for the defaults of a stage that gives none. */
    static const union {
        struct sl_names names;
        struct sl_amount amount;
        struct sl_pair pair;
        struct sl_range range;
    } zero;
    const void *a = field_of(row, params);
    const void *b = defaults ? field_of(row, defaults) : &zero;
    switch (row->kind) {
    case SL_PARAM_COLUMNS:
    case SL_PARAM_NAMES: return same_names(a, b);
    case SL_PARAM_BOOL: return *(const bool *)a == *(const bool *)b;
    case SL_PARAM_INT: return *(const int64_t *)a == *(const int64_t *)b;
    case SL_PARAM_REAL: return same_number(*(const double *)a, *(const double *)b);
    case SL_PARAM_AMOUNT:
        return same_number(((const struct sl_amount *)a)->value, ((const struct sl_amount *)b)->value) &&
               ((const struct sl_amount *)a)->share == ((const struct sl_amount *)b)->share;
    case SL_PARAM_RANGE:
        return same_number(((const struct sl_range *)a)->low, ((const struct sl_range *)b)->low) &&
               same_number(((const struct sl_range *)a)->high, ((const struct sl_range *)b)->high);
    case SL_PARAM_PAIR: return memcmp(a, b, sizeof(struct sl_pair)) == 0;
    case SL_PARAM_CHOICE: return *(const int *)a == *(const int *)b;
    case SL_PARAM_STRING:
    case SL_PARAM_PATH:
    case SL_PARAM_REGEX:
    case SL_PARAM_EXPR: return same_string(*(char *const *)a, *(char *const *)b, row->none_ok);
    case SL_PARAM_END: break;
    }
    return true;
}

/* "integer 1..10", "number above 0", "integer of at least 2" */
static void describe_range(const struct sl_param *row, const char *what, struct sl_buf *out)
{
    sl_buf_puts(out, what);
    if (!sl_param_has_range(row)) {
        return;
    }
    bool open = row->min > 0 && row->min < TINY;
    if (sl_param_has_max(row) && !open) {
        sl_buf_printf(out, " %.15g..%.15g", row->min, row->max);
    } else if (sl_param_has_max(row)) {
        sl_buf_printf(out, " above 0, at most %.15g", row->max);
    } else if (open) {
        sl_buf_puts(out, " above 0");
    } else {
        sl_buf_printf(out, " of at least %.15g", row->min);
    }
}

static void describe_columns(unsigned types, struct sl_buf *out)
{
    const char *separator = "";
    for (unsigned type = SL_TEXT; types && type <= SL_IMAGE; type <<= 1) {
        if ((types & type) && types != SL_ANY_TYPE) {
            sl_buf_printf(out, "%s%s", separator, sl_type_name((enum sl_type)type));
            separator = " or ";
        }
    }
    sl_buf_puts(out, separator[0] ? " columns" : "columns");
}

static void describe_choices(const struct sl_param *row, struct sl_buf *out)
{
    sl_buf_puts(out, row->choices && row->choices[0] && row->choices[1] ? "one of " : "");
    for (size_t i = 0; row->choices && row->choices[i]; i++) {
        sl_buf_printf(out, "%s%s", i ? ", " : "", row->choices[i]);
    }
}

void sl_param_describe(const struct sl_param *row, struct sl_buf *out)
{
    switch (row->kind) {
    case SL_PARAM_COLUMNS: describe_columns(row->types, out); break;
    case SL_PARAM_NAMES: sl_buf_puts(out, "names with commas between"); break;
    case SL_PARAM_BOOL: sl_buf_puts(out, "true or false"); break;
    case SL_PARAM_INT: describe_range(row, "integer", out); break;
    case SL_PARAM_REAL: describe_range(row, "number", out); break;
    case SL_PARAM_AMOUNT:
        describe_range(row, "integer", out);
        sl_buf_puts(out, row->over_one ? ", or number with a point" : ", or share 0.0..1.0");
        break;
    case SL_PARAM_PAIR:
        describe_range(row, "two integers", out);
        sl_buf_puts(out, ", as 1,2");
        break;
    case SL_PARAM_RANGE:
        describe_range(row, "number", out);
        sl_buf_puts(out, ", or two as 0.8,1.2");
        break;
    case SL_PARAM_CHOICE: describe_choices(row, out); break;
    case SL_PARAM_STRING: sl_buf_puts(out, "text"); break;
    case SL_PARAM_PATH: sl_buf_puts(out, "file"); break;
    case SL_PARAM_REGEX: sl_buf_puts(out, "regular expression"); break;
    case SL_PARAM_EXPR: sl_buf_puts(out, "condition"); break;
    case SL_PARAM_END: return;
    }
    if (row->none_ok) {
        sl_buf_printf(out, " or %s", sl_param_none(row));
    }
}
