/* jpeg_probe.c: what a JPEG says of itself before its pixels.
 *
 * The markers are walked up to the first scan (ITU-T T.81, annex B): the frame header has the sizes, an APP1 of EXIF
 * the orientation. Bytes that are no marker where one should be are passed over as libjpeg does; whether they are
 * damage is decided when decoding. */
#include "engine/image/decode_private.h"

enum { SOS = 0xda, EOI = 0xd9, APP1 = 0xe1, FRAME = 8, EXIF = 6 };

/* The next marker's code, and *at behind it; 0 where the bytes end. */
static uint8_t next_marker(const uint8_t *p, size_t n, size_t *at)
{
    while (*at < n) {
        const uint8_t *ff = memchr(p + *at, 0xff, n - *at);
        if (!ff) {
            break;
        }
        *at = (size_t)(ff - p);
        while (*at < n && p[*at] == 0xff) {
            ++*at;
        }
        if (*at < n && p[*at] != 0) {
            return p[(*at)++];
        }
    }
    *at = n;
    return 0;
}

/* Markers that stand alone: TEM, RST0…RST7, SOI. */
static bool stands_alone(uint8_t code)
{
    return code == 0x01 || (code >= 0xd0 && code <= 0xd8);
}

static bool is_frame(uint8_t code)
{
    return code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;
}

static int take_frame(const uint8_t *p, uint8_t code, uint64_t byte, const char *name, struct sl_image_info *info,
                      struct sl_error *err)
{
    uint32_t bits = p[0], height = sl_be16(p + 1), width = sl_be16(p + 3), components = p[5];
    const char *fix = "save it again as an ordinary JPEG, or leave it out";
    if (!width || !height) {
        return sl_decode_fail(err, SL_EDATA, name, byte, fix, "is a JPEG of %u×%u pixels, which cannot be decoded",
                              width, height);
    }
    if (components != 1 && components != 3 && components != 4) {
        return sl_decode_fail(err, SL_EDATA, name, byte, fix, "is a JPEG with %u components; 1, 3 and 4 are decoded",
                              components);
    }
    info->width = width;
    info->height = height;
    info->channels = components == 1 ? 1 : 3;
    info->bits = bits;
    info->interlaced = code == 0xc2 || code == 0xca;
    return SL_OK;
}

int sl_jpeg_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err)
{
    struct sl_image_info found = { .kind = SL_IMAGE_JPEG, .orientation = 1 };
    const uint8_t *p = (const uint8_t *)bytes.p;
    size_t at = 2;
    bool turned = false;
    for (uint8_t code; (code = next_marker(p, bytes.n, &at)) != 0 && code != SOS && code != EOI;) {
        if (stands_alone(code)) {
            continue;
        }
        uint32_t length = bytes.n - at >= 2 ? sl_be16(p + at) : 0;
        if (length < 2 || length > bytes.n - at) {
            break;
        }
        if (is_frame(code) && length >= FRAME && !found.width) {
            int status = take_frame(p + at + 2, code, at, name, &found, err);
            if (status) {
                return status;
            }
        } else if (code == APP1 && !turned && length >= 2 + EXIF && memcmp(p + at + 2, "Exif\0", 5) == 0) {
            found.orientation = sl_exif_orientation(p + at + 2 + EXIF, length - 2 - EXIF);
            turned = true;
        }
        at += length;
    }
    if (!found.width) {
        return sl_decode_fail(err, SL_EDATA, name, at, "copy or download the file again, or leave it out",
                              "is a JPEG that has no whole frame header in its %zu bytes", bytes.n);
    }
    *info = found;
    return SL_OK;
}
