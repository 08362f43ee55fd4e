/* json_number.c: JSON numbers: their grammar, their value, and whether a double holds a whole one exactly.
 *
 * Short numbers, which nearly all are, take one exact division (Clinger, "How to read floating point numbers
 * accurately", 1990); the others go to strtod, so the program keeps LC_NUMERIC at "C". */
#include "engine/data/json.h"

#include <stdlib.h>

static bool is_digit(const struct sl_json *json, const char *p)
{
    return p < json->end && *p >= '0' && *p <= '9';
}

static const char *skip_digits(const struct sl_json *json, const char *p)
{
    while (is_digit(json, p)) {
        p++;
    }
    return p;
}

bool sl_json_scan_number(struct sl_json *json, struct sl_json_value *value)
{
    const char *p = json->at + (*json->at == '-');
    *value = (struct sl_json_value){ .kind = SL_JSON_NUMBER, .whole = true };
    if (!is_digit(json, p)) {
        return sl_json_fail(json, p, "a minus sign needs a digit after it");
    }
    if (*p == '0' && is_digit(json, p + 1)) {
        return sl_json_fail(json, p, "a number does not begin with 0");
    }
    p = skip_digits(json, p);
    if (p < json->end && *p == '.') {
        value->whole = false;
        if (!is_digit(json, ++p)) {
            return sl_json_fail(json, p, "a decimal point needs a digit after it");
        }
        p = skip_digits(json, p);
    }
    if (p < json->end && (*p == 'e' || *p == 'E')) {
        value->whole = false;
        p++;
        p += p < json->end && (*p == '+' || *p == '-');
        if (!is_digit(json, p)) {
            return sl_json_fail(json, p, "an exponent needs a digit");
        }
        p = skip_digits(json, p);
    }
    value->raw = (struct sl_str){ json->at, (size_t)(p - json->at) };
    json->at = p;
    return true;
}

double sl_json_number(struct sl_str raw)
{
    bool minus = raw.p[0] == '-';
    uint64_t mantissa = 0;
    size_t i = minus;
    if (raw.n - i <= 18) {
        for (; i < raw.n && raw.p[i] >= '0' && raw.p[i] <= '9'; i++) {
            mantissa = mantissa * 10 + (uint64_t)(raw.p[i] - '0');
        }
        /* Few digits, at most a point among them: mantissa and power of ten are exact, so one division rounds once. */
        static const double ten[] = { 1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                                      1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17 };
        size_t decimals = 0;
        if (i < raw.n && raw.p[i] == '.') {
            for (i++; i < raw.n && raw.p[i] >= '0' && raw.p[i] <= '9'; i++, decimals++) {
                mantissa = mantissa * 10 + (uint64_t)(raw.p[i] - '0');
            }
        }
        if (i == raw.n && mantissa <= UINT64_C(1) << 53) {
            double x = (double)mantissa / ten[decimals];
            return minus ? -x : x;
        }
    }
    return strtod(raw.p, NULL);
}

bool sl_json_exact(struct sl_str raw)
{
    static const char limit[] = "9007199254740992";
    size_t minus = raw.n && raw.p[0] == '-';
    struct sl_str digits = { raw.p + minus, raw.n - minus };
    return digits.n < sizeof limit - 1 || (digits.n == sizeof limit - 1 && memcmp(digits.p, limit, digits.n) <= 0);
}
