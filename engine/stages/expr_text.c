/* expr_text.c: what the functions of conditions do with text and numbers. The reference is CPython's str and float. */
#include "engine/stages/expr_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_LONGEST = 500, DIGITS_LARGEST = 15 };

size_t sl_expr_words(struct sl_str s)
{
    size_t words = 0;
    bool within = false;
    for (size_t i = 0, length = 1; i < s.n; i += length) {
        uint32_t code = sl_utf8_decode(s.p + i, s.n - i, &length);
        bool space = sl_is_space(code);
        words += !space && !within;
        within = !space;
    }
    return words;
}

bool sl_expr_contains(struct sl_str s, struct sl_str sub)
{
    return sub.n == 0 || (s.n >= sub.n && memmem(s.p, s.n, sub.p, sub.n) != NULL);
}

static bool same_word(const char *s, size_t n, const char *word)
{
    if (strlen(word) != n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if ((s[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return true;
}

bool sl_expr_number(struct sl_str s, double *out)
{
    s = sl_text_strip(s);
    if (!s.n || s.n > NUMBER_LONGEST) {
        return false;
    }
    size_t sign = s.p[0] == '-' || s.p[0] == '+';
    if (same_word(s.p + sign, s.n - sign, "inf") || same_word(s.p + sign, s.n - sign, "infinity")) {
        *out = s.p[0] == '-' ? -INFINITY : INFINITY;
        return true;
    }
    char text[NUMBER_LONGEST + 1];
    for (size_t i = 0; i < s.n; i++) {
        if (!memchr("0123456789+-.eE", s.p[i], 15)) {
            return false;
        }
    }
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    char *end;
    *out = strtod(text, &end);
    return end == text + s.n;
}

double sl_expr_round(double x, int digits)
{
    if (!isfinite(x) || digits > DIGITS_LARGEST) {
        return x;
    }
    if (digits <= 0) {
        return rint(x); /* half to even, as CPython */
    }
    /* The decimal that printf rounds to is the exact one, half to even; Python rounds so, too. */
    char text[400];
    snprintf(text, sizeof text, "%.*f", digits, x);
    return strtod(text, NULL);
}

size_t sl_expr_number_text(double x, char *out)
{
    enum { ROOM = 40 };
    if (isinf(x)) {
        return (size_t)snprintf(out, ROOM, x < 0 ? "-inf" : "inf");
    }
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, ROOM, "%.*g", digits, x);
        double back = strtod(out, NULL);
        if (back <= x && back >= x) {
            break;
        }
    }
    return n > 0 ? (size_t)n : 0;
}
