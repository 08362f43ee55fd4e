/* encoding.c: what encoding a file is in, and its conversion to UTF-8.
 *
 * The guess trusts a byte order mark, then NULs: text in UTF-16 has many, nearly all in the same half of its units.
 * Text that is valid UTF-8 is UTF-8, for hardly anything else looks like it. The rest is Latin-1, read as Windows-1252
 * as browsers do, in which every byte means something. UTF-32, Mac Roman and the East Asian encodings are not
 * recognised.
 *
 * Source  the Encoding standard, index windows-1252; RFC 2781 for surrogates; Unicode 14.0, section 3.9: one U+FFFD for
 *         each maximal part of an ill-formed sequence, as Python's errors="replace" does. */
#include "engine/base/text_private.h"

enum { PIECE = 4096 }; /* code units converted between two appends */

/* Bytes 80 to 9f; the five without a meaning stay control characters. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008d, 0x017d, 0x008f, 0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178,
};

/* Bytes of the broken sequence at p that belong together; *cut: it is broken only because the bytes end. */
static size_t broken_part(const unsigned char *p, size_t n, bool *cut)
{
    unsigned lead = p[0];
    *cut = false;
    if (lead < 0xc2 || lead > 0xf4)
        return 1;
    size_t whole = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4, i = 1;
    unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    while (i < n && i < whole && p[i] >= low && p[i] <= high) {
        low = 0x80;
        high = 0xbf;
        i++;
    }
    *cut = i == n && i < whole;
    return i;
}

/* Is it UTF-8, but for a last sequence that may be incomplete? */
static bool looks_like_utf8(const char *p, size_t n)
{
    size_t bad = sl_utf8_invalid(p, n);
    bool cut = true;
    if (bad < n)
        broken_part((const unsigned char *)p + bad, n - bad, &cut);
    return cut;
}

/* A byte that text has no use for, but UTF-16 has as the upper half of a unit. */
static bool is_control(unsigned char c)
{
    return c < '\t' || (c > '\r' && c < ' ');
}

/* UTF-16, or SL_ENCODING_AUTO when it is not. Bytes that are valid UTF-8 are UTF-16 when half of all units have a
 * control byte in the same place: NUL in western text, 04 in Cyrillic. Those that are not valid can be UTF-16 of any
 * script, whose blanks and line ends then have the only NULs. */
static enum sl_encoding guess_utf16(const char *p, size_t n, bool utf8)
{
    size_t count[2] = { 0, 0 }, units = n / 2;
    for (size_t i = 0; i < 2 * units; i++)
        count[i & 1] += utf8 ? is_control((unsigned char)p[i]) : p[i] == '\0';
    size_t most = count[0] > count[1] ? count[0] : count[1], least = count[0] + count[1] - most;
    if (most < 2 || most < units / (utf8 ? 2 : 50) || least > most / 4)
        return SL_ENCODING_AUTO;
    return count[1] > count[0] ? SL_UTF16LE : SL_UTF16BE;
}

enum sl_encoding sl_encoding_guess(const char *p, size_t n, size_t *bom)
{
    *bom = 0;
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        *bom = 3;
        return SL_UTF8;
    }
    if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0)) {
        *bom = 2;
        return p[0] == '\xff' ? SL_UTF16LE : SL_UTF16BE;
    }
    bool utf8 = looks_like_utf8(p, n);
    enum sl_encoding wide = guess_utf16(p, n, utf8);
    if (wide != SL_ENCODING_AUTO)
        return wide;
    return utf8 ? SL_UTF8 : SL_LATIN1;
}

const char *sl_encoding_name(enum sl_encoding encoding)
{
    switch (encoding) {
    case SL_ENCODING_AUTO: return "auto";
    case SL_UTF8: return "utf-8";
    case SL_LATIN1: return "latin-1";
    case SL_UTF16LE: return "utf-16le";
    case SL_UTF16BE: return "utf-16be";
    }
    return "unknown";
}

/* Each converter returns the bytes consumed and adds to *bad. */

static size_t convert_utf8(const char *p, size_t n, struct sl_buf *out, uint64_t *bad)
{
    size_t i = 0;
    while (i < n) {
        size_t valid = sl_utf8_invalid(p + i, n - i);
        sl_buf_add(out, p + i, valid);
        i += valid;
        if (i == n)
            break;
        bool cut;
        size_t part = broken_part((const unsigned char *)p + i, n - i, &cut);
        if (cut)
            break;
        sl_buf_add(out, "\xef\xbf\xbd", 3);
        i += part;
        *bad += 1;
    }
    return i;
}

static size_t convert_latin1(const char *p, size_t n, struct sl_buf *out)
{
    size_t i = 0;
    while (i < n) {
        size_t ascii = sl_utf8_ascii(p + i, n - i), written = 0;
        sl_buf_add(out, p + i, ascii);
        i += ascii;
        char piece[64];
        while (i < n && (unsigned char)p[i] >= 0x80 && written <= sizeof piece - 4) {
            unsigned char byte = (unsigned char)p[i++];
            written += sl_utf8_encode(byte < 0xa0 ? windows_1252[byte - 0x80] : byte, piece + written);
        }
        sl_buf_add(out, piece, written);
    }
    return n;
}

static uint32_t unit_at(const unsigned char *p, bool big)
{
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static size_t convert_utf16(const char *text, size_t n, bool big, struct sl_buf *out, uint64_t *bad)
{
    const unsigned char *p = (const unsigned char *)text;
    char piece[PIECE * 3 + 4];
    size_t i = 0, written = 0;
    while (n - i >= 2) {
        uint32_t code = unit_at(p + i, big);
        size_t taken = 2;
        if (code >= 0xd800 && code < 0xdc00) {
            if (n - i < 4)
                break;
            uint32_t low = unit_at(p + i + 2, big);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                taken = 4;
            }
        }
        if (code >= 0xd800 && code < 0xe000) {
            code = 0xfffd;
            *bad += 1;
        }
        written += sl_utf8_encode(code, piece + written);
        i += taken;
        if (written >= PIECE * 3) {
            sl_buf_add(out, piece, written);
            written = 0;
        }
    }
    sl_buf_add(out, piece, written);
    return i;
}

void sl_encoding_convert(enum sl_encoding encoding, const char *p, size_t n, struct sl_buf *out, size_t *used,
                         uint64_t *bad)
{
    uint64_t wrong = 0;
    switch (encoding) {
    case SL_LATIN1: *used = convert_latin1(p, n, out); break;
    case SL_UTF16LE:
    case SL_UTF16BE: *used = convert_utf16(p, n, encoding == SL_UTF16BE, out, &wrong); break;
    default: *used = convert_utf8(p, n, out, &wrong); break;
    }
    if (bad)
        *bad += wrong;
}
