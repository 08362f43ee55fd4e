/* param_number.c: integers and numbers of parameters: decimal, finite, nothing before or behind.
 *
 * The other spellings that strtod knows (hexadecimal, nan, inf, blanks in front) are refused before it is called. */
#include "engine/stages/param_private.h"

#include <math.h>
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
