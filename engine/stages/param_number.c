/* param_number.c: integers and numbers of parameters: decimal, finite, nothing before or behind; and fractions.
 *
 * The other spellings that strtod knows (hexadecimal, nan, inf, blanks in front) are refused before it is called. A
 * fraction "1/255" is the quotient of its two numbers; written it is one where it is the reciprocal of an integer, to
 * the bit, and shorter than its digits. */
#include "engine/stages/param_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_LONGEST = 400 };

const char *sl_param_read_integer(struct sl_str s, int64_t *out)
{
    size_t i = s.n && (s.p[0] == '-' || s.p[0] == '+');
    bool negative = i && s.p[0] == '-';
    int64_t value = 0;
    if (i == s.n) {
        return "it is not an integer";
    }
    for (; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9') {
            return "it is not an integer";
        }
        int digit = s.p[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value)) {
            return "it is too large";
        }
    }
    if (value == SL_NONE) {
        return "it is too large";
    }
    *out = value;
    return NULL;
}

const char *sl_param_read_number(struct sl_str s, double *out)
{
    char text[NUMBER_LONGEST + 1];
    if (!s.n || s.n > NUMBER_LONGEST) {
        return "it is not a number";
    }
    for (size_t i = 0; i < s.n; i++) {
        if (!memchr("0123456789+-.eE", s.p[i], 15)) {
            return "it is not a number";
        }
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    char *end;
    double value = strtod(text, &end);
    if (end != text + s.n) {
        return "it is not a number";
    }
    if (!isfinite(value)) {
        return "it is too large";
    }
    *out = value;
    return NULL;
}

const char *sl_param_read_real(struct sl_str s, double *out)
{
    const char *bar = s.n ? memchr(s.p, '/', s.n) : NULL;
    if (!bar) {
        return sl_param_read_number(s, out);
    }
    size_t left = (size_t)(bar - s.p);
    double a = 0, b = 0;
    const char *why = sl_param_read_number((struct sl_str){ s.p, left }, &a);
    why = why ? why : sl_param_read_number((struct sl_str){ bar + 1, s.n - left - 1 }, &b);
    if (why) {
        return why;
    }
    if (fabs(b) <= 0) {
        return "it divides by 0";
    }
    if (!isfinite(a / b)) {
        return "it is too large";
    }
    *out = a / b;
    return NULL;
}

void sl_param_write_real(double x, struct sl_buf *out)
{
    enum { LARGEST = 1 << 30, LONG = 10 };
    size_t before = out->n;
    sl_buf_number(out, x);
    double n = round(1 / x);
    if (out->failed || out->n - before <= LONG || !(fabs(n) >= 2 && fabs(n) <= LARGEST) || 1 / n < x || 1 / n > x) {
        return;
    }
    char fraction[24];
    int length = snprintf(fraction, sizeof fraction, "%s1/%.0f", x < 0 ? "-" : "", fabs(n));
    if ((size_t)length < out->n - before) {
        out->n = before;
        sl_buf_puts(out, fraction);
    }
}
