/* csv_number.c: numbers as people write them, and the spellings of "missing".
 *
 * A number is read correctly rounded, as strtod does, but mostly without it: when the digits fit a machine word and the
 * power of ten is exact, one multiplication or division gives the nearest double. What is left, about one number in a
 * thousand of real data, goes to strtod from a bounded copy; its syntax has been checked by then, so that neither
 * hexadecimal floats nor the locale matter. There are no thousands separators and no decimal commas.
 *
 * Method  Clinger, "How to read floating point numbers accurately", 1990: exact powers; the second step does the same
 * in the 64 bits of x87 and gives up when the result lies on the border between two doubles, where rounding twice could
 * go wrong. */
#include "engine/data/csv.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum { COPY_MAX = 1024, DIGITS_MAX = 19, EXPONENT_MAX = 99999 };

const char *const sl_csv_na_default[] = {
    "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null",   NULL,
};

struct decimal {
    uint64_t digits; /* as a whole number, when n_digits ≤ 19 */
    int n_digits;    /* without leading zeros; 20: too many */
    int exponent;    /* of ten, for `digits` as a whole number */
    bool negative;
    bool whole;  /* written without point and exponent */
    bool padded; /* begins with a zero that means nothing */
};

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

bool sl_csv_all_blank(const char *p, size_t n)
{
    while (n && (is_space(p[n - 1]) || p[n - 1] == '\n' || p[n - 1] == '\r')) {
        n--;
    }
    return n == 0;
}

static void trim(const char **p, const char **end)
{
    while (*p < *end && is_space(**p)) {
        ++*p;
    }
    while (*p < *end && is_space((*end)[-1])) {
        --*end;
    }
}

/* Digits from p on; returns what follows. Leading zeros do not count. */
static inline const char *read_digits(const char *p, const char *end, struct decimal *d, bool fraction)
{
    const char *start = p;
    uint64_t digits = d->digits;
    if (digits == 0) {
        while (p < end && *p == '0') {
            p++;
        }
    }
    const char *first = p;
    while (p < end && is_digit(*p)) {
        digits = 10 * digits + (unsigned)(*p++ - '0'); /* wraps around when there are too many: strtod's business */
    }
    size_t n = (size_t)(p - first) + (size_t)d->n_digits;
    d->n_digits = n <= DIGITS_MAX ? (int)n : DIGITS_MAX + 1;
    d->digits = digits;
    d->exponent -= fraction ? (int)(p - start < EXPONENT_MAX ? p - start : EXPONENT_MAX) : 0;
    return p;
}

static bool read_exponent(const char *p, const char *end, struct decimal *d)
{
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    int exponent = 0;
    if (p == end) {
        return false;
    }
    for (; p < end && is_digit(*p); p++) {
        exponent = exponent < EXPONENT_MAX ? 10 * exponent + (*p - '0') : exponent;
    }
    d->exponent += negative ? -exponent : exponent;
    return p == end;
}

/* [sign] digits [. digits] [e [sign] digits], all of p..end */
static bool read_decimal(const char *p, const char *end, struct decimal *d)
{
    *d = (struct decimal){ .negative = p < end && *p == '-', .whole = true };
    p += p < end && (*p == '-' || *p == '+');
    const char *start = p;
    p = read_digits(p, end, d, false);
    size_t seen = (size_t)(p - start);
    d->padded = seen > 1 && *start == '0';
    if (p < end && *p == '.') {
        start = ++p;
        p = read_digits(p, end, d, true);
        seen += (size_t)(p - start);
        d->whole = false;
    }
    if (seen == 0) {
        return false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        d->whole = false;
        return read_exponent(p + 1, end, d);
    }
    return p == end;
}

/* digits × 10^exponent when it can be had exactly rounded with little work. */
static bool convert_fast(const struct decimal *d, double *x)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    int exponent = d->exponent, power = exponent < 0 ? -exponent : exponent;
    if (d->n_digits > DIGITS_MAX) {
        return false;
    }
    if (d->digits == 0) {
        *x = 0;
        return true;
    }
    if (d->digits <= UINT64_C(1) << 53 && power <= 22) {
        *x = exponent < 0 ? (double)d->digits / powers[power] : (double)d->digits * powers[power];
        return true;
    }
#if LDBL_MANT_DIG == 64
    if (power <= 27) {
        long double scale = power <= 19 ? powers[power > 19 ? 0 : power] : 1e19L * powers[power - 19];
        long double y = exponent < 0 ? (long double)d->digits / scale : (long double)d->digits * scale;
        uint64_t significand;
        memcpy(&significand, &y, sizeof significand);
        if ((significand & 0x7ff) != 0x400) {
            *x = (double)y;
            return true;
        }
    }
#endif
    return false;
}

static bool convert_slow(const char *p, size_t n, double *x)
{
    char copy[COPY_MAX];
    if (n >= sizeof copy) {
        return false;
    }
    memcpy(copy, p, n);
    copy[n] = '\0';
    char *rest;
    *x = strtod(copy, &rest);
    return rest == copy + n;
}

/* inf, infinity, nan, with a sign before them, in any case. */
static bool read_special(const char *p, size_t n, double *x)
{
    bool negative = n && p[0] == '-';
    if (n && (p[0] == '-' || p[0] == '+')) {
        p++;
        n--;
    }
    if ((n == 3 && strncasecmp(p, "inf", 3) == 0) || (n == 8 && strncasecmp(p, "infinity", 8) == 0)) {
        *x = negative ? -INFINITY : INFINITY;
        return true;
    }
    if (n == 3 && strncasecmp(p, "nan", 3) == 0) {
        *x = NAN;
        return true;
    }
    return false;
}

bool sl_csv_number(const char *p, size_t n, double *x)
{
    const char *end = p + n;
    struct decimal d;
    trim(&p, &end);
    if (!read_decimal(p, end, &d)) {
        return read_special(p, (size_t)(end - p), x);
    }
    if (!convert_fast(&d, x)) {
        return convert_slow(p, (size_t)(end - p), x);
    }
    if (d.negative) {
        *x = -*x;
    }
    return true;
}

bool sl_csv_number_rounds(const char *p, size_t n)
{
    const char *end = p + n;
    struct decimal d;
    trim(&p, &end);
    return end - p >= 16 && read_decimal(p, end, &d) && d.whole && d.digits > UINT64_C(1) << 53;
}

bool sl_csv_number_fits(const char *p, size_t n)
{
    const char *end = p + n;
    struct decimal d;
    double x;
    trim(&p, &end);
    if (read_decimal(p, end, &d) && d.whole && (d.padded || d.n_digits > 16 || d.digits > UINT64_C(1) << 53)) {
        return false;
    }
    return sl_csv_number(p, (size_t)(end - p), &x);
}

static int by_bytes(const void *a, const void *b)
{
    return sl_str_compare(*(const struct sl_str *)a, *(const struct sl_str *)b);
}

int sl_csv_na_init(struct sl_csv_na *na, const char *const *words, struct sl_error *err)
{
    size_t n = 0;
    while (words[n]) {
        n++;
    }
    *na = (struct sl_csv_na){ 0 };
    na->words = calloc(n + 1, sizeof *na->words);
    if (!na->words) {
        return sl_fail_memory(err, "keeping the spellings of missing values");
    }
    for (size_t i = 0; i < n; i++) {
        char *copy = strdup(words[i]);
        if (!copy) {
            sl_csv_na_release(na);
            return sl_fail_memory(err, "keeping the spellings of missing values");
        }
        struct sl_str word = sl_str(copy);
        na->words[na->n++] = word;
        na->empty |= word.n == 0;
        na->longest = word.n > na->longest ? word.n : na->longest;
    }
    qsort(na->words, na->n, sizeof *na->words, by_bytes);
    uint32_t at = 0;
    for (unsigned b = 0; b <= 256; b++) {
        while (at < na->n && (na->words[at].n == 0 || (unsigned char)na->words[at].p[0] < b)) {
            at++;
        }
        na->first[b] = at;
    }
    return SL_OK;
}

void sl_csv_na_release(struct sl_csv_na *na)
{
    for (size_t i = 0; i < na->n; i++) {
        free((char *)na->words[i].p);
    }
    free(na->words);
    *na = (struct sl_csv_na){ 0 };
}
