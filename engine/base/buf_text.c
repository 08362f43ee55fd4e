/* buf_text.c: values as JSON, CSV and decimal text, appended to a buffer.
 *
 * JSON is RFC 8259, CSV is RFC 4180. Numbers are printed with the fewest of 15, 16 or 17 significant digits that read
 * back as the same bits, with '.' whatever the locale. Writing only: readers live with their formats. */
#include "sluice/mem.h"
#include "sluice/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The letter after a backslash, or 0 when the byte needs none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\': return (char)c;
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

static void add_json_valid(struct sl_buf *buf, const char *p, size_t n)
{
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        sl_buf_add(buf, p + done, i - done);
        done = i + 1;
        if (short_escape(c)) {
            sl_buf_add(buf, (const char[2]){ '\\', short_escape(c) }, 2);
        } else {
            sl_buf_printf(buf, "\\u%04x", c);
        }
    }
    sl_buf_add(buf, p + done, n - done);
}

void sl_buf_json(struct sl_buf *buf, struct sl_str s)
{
    sl_buf_putc(buf, '"');
    while (s.n) {
        size_t valid = sl_utf8_invalid(s.p, s.n);
        add_json_valid(buf, s.p, valid);
        if (valid == s.n) {
            break;
        }
        sl_buf_puts(buf, "\xef\xbf\xbd");
        s.p += valid + 1;
        s.n -= valid + 1;
    }
    sl_buf_putc(buf, '"');
}

/* Append what printf's %g wrote, in the locale's spelling, with '.' for its decimal point. */
static void add_decimal(struct sl_buf *buf, const char *z)
{
    bool point = false;
    for (; *z; z++) {
        if (strchr("0123456789+-e", *z)) {
            sl_buf_putc(buf, *z);
            point = false;
        } else if (!point) {
            sl_buf_putc(buf, '.');
            point = true;
        }
    }
}

void sl_buf_number(struct sl_buf *buf, double x)
{
    if (isnan(x)) {
        sl_buf_puts(buf, "\"NaN\"");
        return;
    }
    if (isinf(x)) {
        sl_buf_puts(buf, x > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        return;
    }
    char text[64];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (digits == 17 || strtod(text, NULL) == x) {
            break;
        }
    }
    add_decimal(buf, text);
}

void sl_buf_csv(struct sl_buf *buf, struct sl_str s)
{
    bool quote = false;
    for (size_t i = 0; i < s.n && !quote; i++) {
        char c = s.p[i];
        quote = c == ',' || c == '"' || c == '\n' || c == '\r';
    }
    if (!quote) {
        sl_buf_add(buf, s.p, s.n);
        return;
    }
    sl_buf_putc(buf, '"');
    while (s.n) {
        const char *mark = memchr(s.p, '"', s.n);
        size_t n = mark ? (size_t)(mark - s.p) + 1 : s.n;
        sl_buf_add(buf, s.p, n);
        if (mark) {
            sl_buf_putc(buf, '"');
        }
        s.p += n;
        s.n -= n;
    }
    sl_buf_putc(buf, '"');
}
