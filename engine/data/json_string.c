/* json_string.c: JSON strings: where one ends, whether its escapes are JSON's, and what they stand for.
 *
 * A surrogate must be one of a pair, so that every string has a form in UTF-8. */
#include "engine/data/json.h"
#include "sluice/text.h"

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

/* Bytes that need no look: neither quote, backslash nor control. Eight at a time: a byte below 0x20 borrows into its
 * top bit, a byte equal to q becomes 0 by xor and then borrows likewise. False alarms (from a borrow next door, or a
 * byte ≥ 0x80) only end the fast loop early; they are cleared by looking at each byte. */
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

bool sl_json_scan_string(struct sl_json *json, struct sl_json_value *value)
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
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
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
