/* param.h: one table for each fact about a parameter.
 *
 * A stage's parameters are rows of this table and fields of its struct; parser, checks, completion, form, help, man
 * page and the tests' random recipes all read the rows. */
#ifndef SLUICE_PARAM_H
#define SLUICE_PARAM_H

#include "sluice/mem.h"

enum sl_param_kind {
    SL_PARAM_END = 0,
    SL_PARAM_COLUMNS, /* struct sl_names; positional */
    SL_PARAM_NAMES,   /* struct sl_names: words with commas between; positional when .positional */
    SL_PARAM_BOOL,    /* bool */
    SL_PARAM_INT,     /* int64_t */
    SL_PARAM_REAL,    /* double */
    SL_PARAM_AMOUNT,  /* struct sl_amount: a count (integer) or a share (has a point or exponent) */
    SL_PARAM_PAIR,    /* struct sl_pair: "1,2" */
    SL_PARAM_RANGE,   /* struct sl_range: "0.8,1.2", or one number */
    SL_PARAM_CHOICE,  /* int: index into .choices */
    SL_PARAM_STRING,  /* char * */
    SL_PARAM_PATH,    /* char *, relative to the recipe's folder */
    SL_PARAM_REGEX,   /* char *, PCRE2 */
    SL_PARAM_EXPR,    /* char *, expr.h */
};

struct sl_names {
    char **name;
    size_t n;
};

struct sl_amount {
    double value;
    bool share; /* value is in 0..1 of all records, else a number of records */
};

struct sl_pair {
    int64_t low, high;
};

/* Written as one number: low alone, high is NaN. With .none_ok and none: both are NaN. */
struct sl_range {
    double low, high;
};

#define SL_NONE INT64_MIN /* an SL_PARAM_INT with .none_ok that says "none" (or its .none_word) */

struct sl_param {
    const char *name;
    enum sl_param_kind kind;
    size_t offset; /* in the params struct */
    const char *help;
    const char *unit;
    double min, max;            /* numbers; both 0: unchecked */
    const char *const *choices; /* NULL-terminated */
    unsigned types;             /* SL_PARAM_COLUMNS: enum sl_type bits a column may have; 0: any */
    bool required;
    bool positional; /* may be given without "name=" , in table order */
    bool none_ok;
    const char *none_word; /* what says so, instead of "none": "auto" */
    const char *cheaper;   /* a value that costs less time, for advice; NULL: none does */
    bool over_one;         /* SL_PARAM_AMOUNT: with a point it may be above 1, and is then no share */
    bool rest;             /* SL_PARAM_EXPR, SL_PARAM_STRING: a positional that takes the rest of the line */
};

/* The macros check the field's type at compile time. */
#define SL_FIELD_IS(type, s, f) \
    (offsetof(s, f) + 0 * sizeof(char[__builtin_types_compatible_p(type, __typeof__(((s *)0)->f)) ? 1 : -1]))
#define SL_COLUMNS(s, f, ...)                                                                                          \
    {                                                                                                                  \
        .name = "columns", .kind = SL_PARAM_COLUMNS, .offset = SL_FIELD_IS(struct sl_names, s, f), .positional = true, \
        __VA_ARGS__                                                                                                    \
    }
#define SL_NAMES(s, f, ...)                                                                           \
    {                                                                                                 \
        .name = #f, .kind = SL_PARAM_NAMES, .offset = SL_FIELD_IS(struct sl_names, s, f), __VA_ARGS__ \
    }
#define SL_BOOL(s, f, ...)                                                                \
    {                                                                                     \
        .name = #f, .kind = SL_PARAM_BOOL, .offset = SL_FIELD_IS(bool, s, f), __VA_ARGS__ \
    }
#define SL_INT(s, f, ...)                                                                   \
    {                                                                                       \
        .name = #f, .kind = SL_PARAM_INT, .offset = SL_FIELD_IS(int64_t, s, f), __VA_ARGS__ \
    }
#define SL_REAL(s, f, ...)                                                                  \
    {                                                                                       \
        .name = #f, .kind = SL_PARAM_REAL, .offset = SL_FIELD_IS(double, s, f), __VA_ARGS__ \
    }
#define SL_AMOUNT(s, f, ...)                                                                            \
    {                                                                                                   \
        .name = #f, .kind = SL_PARAM_AMOUNT, .offset = SL_FIELD_IS(struct sl_amount, s, f), __VA_ARGS__ \
    }
#define SL_PAIR(s, f, ...)                                                                          \
    {                                                                                               \
        .name = #f, .kind = SL_PARAM_PAIR, .offset = SL_FIELD_IS(struct sl_pair, s, f), __VA_ARGS__ \
    }
#define SL_RANGE(s, f, ...)                                                                           \
    {                                                                                                 \
        .name = #f, .kind = SL_PARAM_RANGE, .offset = SL_FIELD_IS(struct sl_range, s, f), __VA_ARGS__ \
    }
#define SL_CHOICE(s, f, ...)                                                               \
    {                                                                                      \
        .name = #f, .kind = SL_PARAM_CHOICE, .offset = SL_FIELD_IS(int, s, f), __VA_ARGS__ \
    }
#define SL_STRING(s, f, ...)                                                                  \
    {                                                                                         \
        .name = #f, .kind = SL_PARAM_STRING, .offset = SL_FIELD_IS(char *, s, f), __VA_ARGS__ \
    }
#define SL_PATH(s, f, ...)                                                                  \
    {                                                                                       \
        .name = #f, .kind = SL_PARAM_PATH, .offset = SL_FIELD_IS(char *, s, f), __VA_ARGS__ \
    }
#define SL_REGEX(s, f, ...)                                                                  \
    {                                                                                        \
        .name = #f, .kind = SL_PARAM_REGEX, .offset = SL_FIELD_IS(char *, s, f), __VA_ARGS__ \
    }
#define SL_EXPR(s, f, ...)                                                                  \
    {                                                                                       \
        .name = #f, .kind = SL_PARAM_EXPR, .offset = SL_FIELD_IS(char *, s, f), __VA_ARGS__ \
    }

/* The word that stands for no value, where a row takes it. */
static inline const char *sl_param_none(const struct sl_param *row)
{
    return row->none_word ? row->none_word : "none";
}

/* Row of a name, or NULL. */
const struct sl_param *sl_param_find(const struct sl_param *rows, struct sl_str name);
/* Parse one value into params (a struct whose layout rows describe), checking kind, range and choices. Strings are
 * copied into arena. Errors: SL_EPARAM says the value, what is allowed, and the nearest choice. */
int sl_param_set(const struct sl_param *row, void *params, struct sl_str value, struct sl_arena *arena,
                 struct sl_error *err);
/* The value as recipe text (quoted when it must be). */
void sl_param_format(const struct sl_param *row, const void *params, struct sl_buf *out);
/* Is the value the default's? */
bool sl_param_is_default(const struct sl_param *row, const void *params, const void *defaults);
/* "integer 1..1000000 or none", "true or false", "one of a, b, c". */
void sl_param_describe(const struct sl_param *row, struct sl_buf *out);

#endif
