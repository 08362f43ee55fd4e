/* text_private.h: what the text files of this folder share: tables, UTF-8 one character at a time, and the portable
 * paths, which the tests hold against the vector ones. */
#ifndef SLUICE_BASE_TEXT_PRIVATE_H
#define SLUICE_BASE_TEXT_PRIVATE_H

#include "sluice/text.h"

enum {
    SL_TEXT_WORD = 1,      /* \w */
    SL_TEXT_SPACE = 2,     /* str.isspace() */
    SL_TEXT_CASED = 4,     /* Unicode's Cased, and not Case_Ignorable */
    SL_TEXT_IGNORABLE = 8, /* Unicode's Case_Ignorable */
    SL_TEXT_SPECIAL = 16,  /* lowered by rule: U+0130 and U+03A3 */
    SL_TEXT_NFC = 32,      /* is that form of itself, no mark, and never joins what is before it */
    SL_TEXT_NFD = 64,
    SL_TEXT_NFKC = 128,
    SL_TEXT_NFKD = 256,
};

struct sl_text_record {
    int32_t lower;  /* add to the code point */
    uint16_t flags; /* SL_TEXT_* */
};

/* A table in two stages: blocks of 128 code points, equal blocks stored once. */
extern const struct sl_text_record sl_text_records[];
extern const uint8_t sl_text_blocks[0x110000 / 128];
extern const uint8_t sl_text_index[];

/* code ≤ 0x10ffff */
static inline const struct sl_text_record *sl_text_record(uint32_t code)
{
    return &sl_text_records[sl_text_index[(size_t)sl_text_blocks[code >> 7] * 128 + (code & 127)]];
}

enum { SL_HTML_ENTITIES = 2231, SL_HTML_NAME = 32, SL_HTML_LOOSE = 6, SL_HTML_VALUE = 6 };

struct sl_html_entity {
    uint8_t name_length, value_length;
    char name[SL_HTML_NAME + 1]; /* without '&', with ';' where it is part of the name */
    char value[SL_HTML_VALUE + 1];
};

extern const struct sl_html_entity sl_html_entities[SL_HTML_ENTITIES]; /* by name, in byte order */

/* Bytes of the well-formed sequence at p, 0 when there is none. n ≥ 1 bytes are left. (Unicode 14.0, table 3-7.) */
static inline size_t sl_utf8_sequence(const unsigned char *p, size_t n)
{
    unsigned lead = p[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || n < 2)
        return 0;
    if (lead < 0xe0)
        return (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (lead < 0xf0) {
        unsigned low = lead == 0xe0 ? 0xa0 : 0x80, high = lead == 0xed ? 0x9f : 0xbf;
        return n >= 3 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 ? 3 : 0;
    }
    unsigned low = lead == 0xf0 ? 0x90 : 0x80, high = lead == 0xf4 ? 0x8f : 0xbf;
    return lead <= 0xf4 && n >= 4 && p[1] >= low && p[1] <= high && (p[2] & 0xc0) == 0x80 && (p[3] & 0xc0) == 0x80 ? 4
                                                                                                                   : 0;
}

/* The code point of the well-formed sequence of `length` bytes at p. */
static inline uint32_t sl_utf8_code(const unsigned char *p, size_t length)
{
    switch (length) {
    case 1: return p[0];
    case 2: return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    case 3: return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    default: return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
    }
}

/* Bytes from p that are ASCII. */
size_t sl_utf8_ascii(const char *p, size_t n);

/* The portable paths. */
size_t sl_utf8_invalid_plain(const char *p, size_t n);
size_t sl_text_lower_plain(const char *p, size_t n, char *out);

#endif
