/* text_class.c: what kind of character a code point is, as Python's str and re see it.
 *
 * The answers sit in a table made from CPython (text_table.c), so that tokens agree with a pipeline written in Python
 * whatever version of the Unicode data the system has. */
#include "engine/base/text_private.h"

bool sl_is_word(uint32_t code)
{
    return code <= 0x10ffff && (sl_text_record(code)->flags & SL_TEXT_WORD);
}

bool sl_is_space(uint32_t code)
{
    return code <= 0x10ffff && (sl_text_record(code)->flags & SL_TEXT_SPACE);
}

/* Bytes of the white space at the start of s; 0 when there is none. */
static size_t space_first(struct sl_str s)
{
    size_t length;
    return sl_is_space(sl_utf8_decode(s.p, s.n, &length)) ? length : 0;
}

/* The same at its end: no white space takes more than three bytes. */
static size_t space_last(struct sl_str s)
{
    size_t length = 1;
    while (length < 3 && length < s.n && ((unsigned char)s.p[s.n - length] & 0xc0) == 0x80)
        length++;
    struct sl_str last = { s.p + s.n - length, length };
    return space_first(last) == length ? length : 0;
}

struct sl_str sl_text_strip(struct sl_str s)
{
    size_t length;
    while (s.n > 0 && (length = space_first(s)) > 0) {
        s.p += length;
        s.n -= length;
    }
    while (s.n > 0 && (length = space_last(s)) > 0)
        s.n -= length;
    return s;
}
