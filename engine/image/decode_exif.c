/* decode_exif.c: the orientation out of an EXIF block.
 *
 * EXIF is a TIFF file without pixels (CIPA DC-008; TIFF 6.0): a byte order, the number 42, and a directory of tags.
 * Only tag 0x0112 of the first directory is looked for. A damaged block says nothing about the pixels, so it is no
 * error: the picture is upright then. XMP's copy of the tag is not looked at. */
#include "engine/image/decode_private.h"

enum { TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, TYPE_LONG = 4, ENTRY = 12 };

struct tiff {
    const uint8_t *p;
    size_t n;
    bool little;
};

static uint32_t get16(const struct tiff *tiff, size_t at)
{
    const uint8_t *p = tiff->p + at;
    return tiff->little ? (uint32_t)p[1] << 8 | p[0] : sl_be16(p);
}

static uint32_t get32(const struct tiff *tiff, size_t at)
{
    const uint8_t *p = tiff->p + at;
    return tiff->little ? __builtin_bswap32(sl_be32(p)) : sl_be32(p);
}

uint32_t sl_exif_orientation(const uint8_t *p, size_t n)
{
    struct tiff tiff = { p, n, n > 0 && p[0] == 'I' };
    if (n < 8 || p[0] != p[1] || (p[0] != 'I' && p[0] != 'M') || get16(&tiff, 2) != 42) {
        return 1;
    }
    size_t at = get32(&tiff, 4);
    if (at > n - 2) {
        return 1;
    }
    uint32_t entries = get16(&tiff, at);
    at += 2;
    for (uint32_t i = 0; i < entries && n - at >= ENTRY; i++, at += ENTRY) {
        if (get16(&tiff, at) != TAG_ORIENTATION) {
            continue;
        }
        uint32_t type = get16(&tiff, at + 2), value = 0;
        if (get32(&tiff, at + 4) == 1) {
            value = type == TYPE_SHORT ? get16(&tiff, at + 8) : type == TYPE_LONG ? get32(&tiff, at + 8) : 0;
        }
        return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
}
