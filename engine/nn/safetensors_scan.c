/* safetensors_scan.c: the words of a header: blanks, marks, strings and whole numbers, as RFC 8259 has them.
 *
 * Strings are decoded into the arena and must be UTF-8; numbers are those of sizes and places: from 0 up, without sign,
 * fraction or exponent. */
#include "engine/nn/safetensors_scan.h"

#include "sluice/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 4))) int sl_scan_fail(struct sl_scan *scan, const char *at, const char *format, ...)
{
    char why[200];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    sl_fail(scan->err, SL_EFORMAT, "the header is not what safetensors asks for: %s", why);
    sl_fix(scan->err, "write the file anew with the program it came from");
    sl_error_at(scan->err, NULL, 0, 0, (uint64_t)(at - scan->start));
    return SL_EFORMAT;
}

void sl_scan_blanks(struct sl_scan *scan)
{
    while (scan->p < scan->end && (*scan->p == ' ' || *scan->p == '\t' || *scan->p == '\n' || *scan->p == '\r')) {
        scan->p++;
    }
}

/* Take c, with blanks before it. */
bool sl_scan_take(struct sl_scan *scan, char c)
{
    sl_scan_blanks(scan);
    if (scan->p < scan->end && *scan->p == c) {
        scan->p++;
        return true;
    }
    return false;
}

int sl_scan_need(struct sl_scan *scan, char c, const char *where)
{
    if (sl_scan_take(scan, c)) {
        return SL_OK;
    }
    if (scan->p == scan->end) {
        return sl_scan_fail(scan, scan->p, "it ends where '%c' must follow %s", c, where);
    }
    return sl_scan_fail(scan, scan->p, "'%c' must follow %s", c, where);
}

/* Four hexadecimal digits at p, or -1. */
static long hex4(const char *p, const char *end)
{
    long code = 0;
    for (int i = 0; i < 4; i++, p++) {
        char c = p < end ? *p : '\0', lower = (char)(c | 0x20);
        int digit = c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code;
}

/* The escape at scan->p (a backslash) as UTF-8 into to; returns its bytes, 0 after an error. */
static size_t unescape(struct sl_scan *scan, char *to)
{
    static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    const char *at = scan->p;
    char c = '\0';
    if (scan->end - at > 1) {
        c = at[1];
    }
    const char *known = c ? strchr(from, c) : NULL;
    if (known) {
        scan->p += 2;
        to[0] = plain[known - from];
        return 1;
    }
    long code = c == 'u' ? hex4(at + 2, scan->end) : -1;
    if (code >= 0xd800 && code < 0xdc00 && scan->end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
        long low = hex4(at + 8, scan->end);
        code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : -1;
        scan->p += 6;
    }
    if (code < 0 || (code >= 0xd800 && code < 0xe000)) {
        sl_scan_fail(scan, at, "this escape is none of JSON's");
        return 0;
    }
    scan->p += 6;
    return sl_utf8_encode((uint32_t)code, to);
}

/* A string, decoded into the arena. */
int sl_scan_string(struct sl_scan *scan, const char *what, struct sl_str *out)
{
    sl_scan_blanks(scan);
    const char *start = scan->p;
    if (start == scan->end || *start != '"') {
        return sl_scan_fail(scan, start, "%s must be a string in double quotes", what);
    }
    const char *close = ++scan->p;
    while (close < scan->end && *close != '"') {
        close += *close == '\\' && scan->end - close > 1 ? 2 : 1;
    }
    if (close >= scan->end) {
        return sl_scan_fail(scan, start, "the string is not closed");
    }
    char *to = sl_arena_take(&scan->to->arena, (size_t)(close - scan->p) + 4, 1);
    if (!to) {
        return sl_fail_memory(scan->err, "reading a header");
    }
    size_t n = 0;
    while (scan->p < close) {
        if (*scan->p == '\\') {
            size_t made = unescape(scan, to + n);
            if (!made) {
                return SL_EFORMAT;
            }
            n += made;
        } else if ((unsigned char)*scan->p < 0x20) {
            return sl_scan_fail(scan, scan->p, "a control character in a string must be written as an escape");
        } else {
            to[n++] = *scan->p++;
        }
    }
    scan->p = close + 1;
    size_t valid = sl_utf8_invalid(to, n);
    if (valid < n) {
        return sl_scan_fail(scan, start, "the string is not UTF-8");
    }
    *out = (struct sl_str){ to, n };
    return SL_OK;
}

static int read_number(struct sl_scan *scan, const char *what, uint64_t *out)
{
    sl_scan_blanks(scan);
    const char *start = scan->p;
    uint64_t x = 0;
    while (scan->p < scan->end && *scan->p >= '0' && *scan->p <= '9') {
        if (__builtin_mul_overflow(x, 10, &x) || __builtin_add_overflow(x, (uint64_t)(*scan->p - '0'), &x)) {
            return sl_scan_fail(scan, start, "a number of %s is larger than 64 bits hold", what);
        }
        scan->p++;
    }
    bool padded = scan->p - start > 1 && *start == '0';
    bool other = scan->p < scan->end && memchr("+-.eE", *scan->p, 5);
    if (scan->p == start || padded || other) {
        return sl_scan_fail(scan, start, "%s must hold whole numbers from 0 up", what);
    }
    *out = x;
    return SL_OK;
}

/* [number, …]: at most `most` of them. */
int sl_scan_numbers(struct sl_scan *scan, const char *what, uint64_t *out, uint32_t most, uint32_t *n)
{
    int status = sl_scan_need(scan, '[', what);
    *n = 0;
    if (status != SL_OK || sl_scan_take(scan, ']')) {
        return status;
    }
    do {
        if (*n == most) {
            return sl_scan_fail(scan, scan->p, "%s has more than %" PRIu32 " numbers", what, most);
        }
        status = read_number(scan, what, &out[(*n)++]);
    } while (status == SL_OK && sl_scan_take(scan, ','));
    return status == SL_OK ? sl_scan_need(scan, ']', what) : status;
}
