/* html.c: html.unescape(): character references of HTML5 become the characters they name.
 *
 * Only '&' matters, so everything between two of them is copied whole. A name is the longest one of the table that the
 * text begins with; only old names of at most six letters do without their ';', which keeps the search short. No
 * reference is shorter than 5/6 of what it stands for ("&nGt;" is two code points in six bytes), so 2 * n bytes
 * suffice. Numbers too long for CPython's int() count as too large; CPython itself raises there.
 *
 * Source  CPython's html/__init__.py; the HTML standard, "numeric character reference end state". */
#include "engine/base/text_private.h"

#include <assert.h>

/* What bytes 80 to 9f of Windows-1252 mean; 0: the number as it is. */
static const uint16_t c1_code[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

/* Controls and noncharacters, which a reference must not name. */
static bool code_is_dropped(uint32_t code)
{
    return (code >= 0x01 && code <= 0x08) || code == 0x0b || (code >= 0x0e && code <= 0x1f) || code == 0x7f ||
           (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

/* Write what reference number `code` stands for. */
static size_t number_value(uint32_t code, char *out)
{
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return sl_utf8_encode(0xfffd, out);
    if (code >= 0x80 && code <= 0x9f && c1_code[code - 0x80])
        code = c1_code[code - 0x80];
    return code_is_dropped(code) ? 0 : sl_utf8_encode(code, out);
}

static int digit_value(char c, bool hex)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char low = (char)(c | 32);
    return hex && low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* "&#…" at p: returns the bytes it takes, 0 when it is none. *written gets the bytes written. */
static size_t unescape_number(const char *p, size_t n, char *out, size_t *written)
{
    bool hex = n > 2 && (p[2] == 'x' || p[2] == 'X');
    size_t start = hex ? 3 : 2, i = start;
    uint32_t code = 0;
    for (int digit; i < n && (digit = digit_value(p[i], hex)) >= 0; i++) {
        code = code * (hex ? 16u : 10u) + (uint32_t)digit;
        if (code > 0x110000)
            code = 0x110000;
    }
    if (i == start)
        return 0;
    *written = number_value(code, out);
    return i < n && p[i] == ';' ? i + 1 : i;
}

static const struct sl_html_entity *entity_find(const char *name, size_t length)
{
    struct sl_str wanted = { name, length };
    size_t low = 0, high = SL_HTML_ENTITIES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sl_html_entity *entity = &sl_html_entities[middle];
        int order = sl_str_compare((struct sl_str){ entity->name, entity->name_length }, wanted);
        if (order == 0)
            return entity;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_name(char c)
{
    char low = (char)(c | 32);
    return (c >= '0' && c <= '9') || (low >= 'a' && low <= 'z');
}

/* "&name" at p: returns the bytes it takes, 0 when no name fits. */
static size_t unescape_name(const char *p, size_t n, char *out, size_t *written)
{
    size_t length = 0, limit = n - 1 < SL_HTML_NAME ? n - 1 : SL_HTML_NAME;
    while (length < limit && is_name(p[1 + length]))
        length++;
    const struct sl_html_entity *entity = NULL;
    if (length < limit && p[1 + length] == ';')
        entity = entity_find(p + 1, length + 1);
    if (length > SL_HTML_LOOSE)
        length = SL_HTML_LOOSE;
    for (; !entity && length >= 2; length--)
        entity = entity_find(p + 1, length);
    if (!entity)
        return 0;
    memcpy(out, entity->value, SL_HTML_VALUE);
    *written = entity->value_length;
    return entity->name_length + 1u;
}

size_t sl_html_unescape(const char *p, size_t n, char *out)
{
    size_t i = 0, written = 0;
    while (i < n) {
        const char *found = memchr(p + i, '&', n - i);
        size_t plain = found ? (size_t)(found - p) - i : n - i;
        memcpy(out + written, p + i, plain);
        i += plain;
        written += plain;
        if (!found)
            break;
        size_t wrote = 0, taken = 0, left = n - i;
        if (left >= 2)
            taken = p[i + 1] == '#' ? unescape_number(p + i, left, out + written, &wrote)
                                    : unescape_name(p + i, left, out + written, &wrote);
        if (taken == 0) {
            out[written] = '&';
            taken = wrote = 1;
        }
        i += taken;
        written += wrote;
        assert(written <= 2 * i);
    }
    return written;
}
