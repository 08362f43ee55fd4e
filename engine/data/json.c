/* json.c: a strict scanner of JSON (RFC 8259).
 *
 * Strict: no comments, no trailing commas, no leading zeros or '+', no bare control characters in strings, no lone
 * surrogates. Nesting is followed on a stack of bits, one a level (array or object), so that a hundred thousand brackets
 * cost an error and not the call stack.
 *
 * What it does not do: check UTF-8, build a tree, notice duplicate keys. */
#include "engine/data/json.h"
#include "sluice/text.h"

#include <stdlib.h>

bool sl_json_fail(struct sl_json *json, const char *at, const char *why)
{
    json->at = at;
    json->why = why;
    return false;
}

char sl_json_peek(struct sl_json *json)
{
    while (json->at < json->end && (*json->at == ' ' || *json->at == '\t' || *json->at == '\n' || *json->at == '\r')) {
        json->at++;
    }
    return json->at < json->end ? *json->at : '\0';
}

bool sl_json_expect(struct sl_json *json, char c, const char *why)
{
    if (sl_json_peek(json) != c || json->at == json->end) {
        return sl_json_fail(json, json->at, why);
    }
    json->at++;
    return true;
}

/* ---- Strings ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The four digits at p as a number, or -1. */
static long hex4(const char *p, const char *end)
{
    long code = 0;
    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

static bool is_high(long code)
{
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low(long code)
{
    return code >= 0xdc00 && code < 0xe000;
}

/* p is at a backslash; returns the byte after the escape, or NULL after noting what is wrong. */
static const char *scan_escape(struct sl_json *json, const char *p)
{
    if (p + 1 >= json->end) {
        sl_json_fail(json, p, "the string is not closed");
        return NULL;
    }
    char c = p[1];
    if (c != 'u') {
        if (c != '\0' && strchr("\"\\/bfnrt", c)) {
            return p + 2;
        }
        sl_json_fail(json, p, "this escape is none of JSON's");
        return NULL;
    }
    long code = hex4(p + 2, json->end);
    if (code < 0) {
        sl_json_fail(json, p, "\\u needs four hexadecimal digits");
        return NULL;
    }
    if (is_low(code)) {
        sl_json_fail(json, p, "a low surrogate without its high one");
        return NULL;
    }
    if (is_high(code)) {
        if (json->end - p < 12 || p[6] != '\\' || p[7] != 'u' || !is_low(hex4(p + 8, json->end))) {
            sl_json_fail(json, p, "a high surrogate without its low one");
            return NULL;
        }
        return p + 12;
    }
    return p + 6;
}

/* Bytes that need no look: neither quote, backslash nor control. Eight at a time: a byte below 0x20 borrows into its top
 * bit, a byte equal to q becomes 0 by xor and then borrows likewise. False alarms (from a borrow next door, or a byte
 * ≥ 0x80) only end the fast loop early; they are cleared by looking at each byte. */
static const char *skip_plain(const char *p, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    for (;;) {
        for (; end - p >= 8; p += 8) {
            uint64_t word;
            memcpy(&word, p, sizeof word);
            uint64_t quote = word ^ ones * '"', back = word ^ ones * '\\';
            uint64_t low = (word - ones * 0x20) & ~word;
            if ((low | ((quote - ones) & ~quote) | ((back - ones) & ~back)) & tops) {
                break;
            }
        }
        for (int i = 0; i < 8; i++, p++) {
            if (p == end || *p == '"' || *p == '\\' || (unsigned char)*p < 0x20) {
                return p;
            }
        }
    }
}

/* json->at is at the opening quote. */
static bool scan_string(struct sl_json *json, struct sl_json_value *value)
{
    const char *p = json->at + 1;
    *value = (struct sl_json_value){ .kind = SL_JSON_STRING };
    for (;;) {
        p = skip_plain(p, json->end);
        if (p == json->end) {
            return sl_json_fail(json, json->at, "the string is not closed");
        }
        if (*p == '"') {
            break;
        }
        if (*p != '\\') {
            return sl_json_fail(json, p, "a control character in a string must be written as an escape");
        }
        value->escaped = true;
        p = scan_escape(json, p);
        if (!p) {
            return false;
        }
    }
    value->raw = (struct sl_str){ json->at + 1, (size_t)(p - json->at - 1) };
    json->at = p + 1;
    return true;
}

static char plain_escape(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

size_t sl_json_unescape(struct sl_str raw, char *to)
{
    const char *p = raw.p, *end = raw.p + raw.n;
    char *out = to;
    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((escape ? escape : end) - p);
        memcpy(out, p, plain);
        out += plain;
        if (!escape) {
            break;
        }
        p = escape + 2;
        if (escape[1] != 'u') {
            *out++ = plain_escape(escape[1]);
            continue;
        }
        long code = hex4(p, end);
        p += 4;
        if (is_high(code)) {
            code = 0x10000 + ((code - 0xd800) << 10) + (hex4(p + 2, end) - 0xdc00);
            p += 6;
        }
        out += sl_utf8_encode((uint32_t)code, out);
    }
    return (size_t)(out - to);
}

/* ---- Numbers and words ---- */

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

static bool scan_number(struct sl_json *json, struct sl_json_value *value)
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
        static const double ten[] = { 1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
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

static bool scan_word(struct sl_json *json, const char *word, enum sl_json_kind kind, struct sl_json_value *value)
{
    size_t n = strlen(word);
    if ((size_t)(json->end - json->at) < n || memcmp(json->at, word, n) != 0) {
        return sl_json_fail(json, json->at, "this is no value (text needs double quotes)");
    }
    *value = (struct sl_json_value){ .kind = kind, .raw = { json->at, n } };
    json->at += n;
    return true;
}

/* ---- Values ---- */

static bool scan_scalar(struct sl_json *json, char c, struct sl_json_value *value)
{
    switch (c) {
    case '"':
        return scan_string(json, value);
    case 't':
        return scan_word(json, "true", SL_JSON_BOOL, value);
    case 'f':
        return scan_word(json, "false", SL_JSON_BOOL, value);
    case 'n':
        return scan_word(json, "null", SL_JSON_NULL, value);
    default:
        break;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return scan_number(json, value);
    }
    if (json->at == json->end) {
        return sl_json_fail(json, json->at, "it breaks off where a value should be");
    }
    return sl_json_fail(json, json->at, "this is no value (text needs double quotes)");
}

static bool scan_key(struct sl_json *json)
{
    struct sl_json_value key;
    if (sl_json_peek(json) != '"') {
        return sl_json_fail(json, json->at, "a key in double quotes is wanted");
    }
    return scan_string(json, &key) && sl_json_expect(json, ':', "':' is wanted after a key");
}

/* json->at is after the opening bracket of an array or object; go on to its end. */
static bool scan_nested(struct sl_json *json, bool object)
{
    uint64_t is_object[SL_JSON_DEPTH / 64] = { 0 };
    unsigned depth = 1;
    is_object[0] = object;
    bool fresh = true; /* just opened: may be closed at once */
    while (depth) {
        unsigned level = depth - 1;
        bool in_object = is_object[level / 64] >> (level % 64) & 1;
        char c = sl_json_peek(json), close = in_object ? '}' : ']';
        if (json->at == json->end) {
            return sl_json_fail(json, json->at, in_object ? "it breaks off in an object" : "it breaks off in an array");
        }
        if (c == close && fresh) {
            json->at++;
            depth--;
            fresh = false;
            continue;
        }
        if (!fresh) {
            if (c == close) {
                json->at++;
                depth--;
                continue;
            }
            if (!sl_json_expect(json, ',', in_object ? "',' or '}' is wanted" : "',' or ']' is wanted")) {
                return false;
            }
        }
        if (in_object && !scan_key(json)) {
            return false;
        }
        c = sl_json_peek(json);
        struct sl_json_value ignored;
        fresh = c == '{' || c == '[';
        if (!fresh) {
            if (!scan_scalar(json, c, &ignored)) {
                return false;
            }
            continue;
        }
        if (depth == SL_JSON_DEPTH) {
            return sl_json_fail(json, json->at, "brackets are nested more than 512 deep");
        }
        uint64_t bit = UINT64_C(1) << (depth % 64);
        is_object[depth / 64] = (is_object[depth / 64] & ~bit) | (c == '{' ? bit : 0);
        depth++;
        json->at++;
    }
    return true;
}

bool sl_json_scan(struct sl_json *json, struct sl_json_value *value)
{
    char c = sl_json_peek(json);
    if (c != '{' && c != '[') {
        return scan_scalar(json, c, value);
    }
    const char *start = json->at++;
    if (!scan_nested(json, c == '{')) {
        return false;
    }
    *value = (struct sl_json_value){ .kind = c == '{' ? SL_JSON_OBJECT : SL_JSON_ARRAY,
                                     .raw = { start, (size_t)(json->at - start) } };
    return true;
}
