/* png_probe.c: what a PNG says of itself before its pixels.
 *
 * The chunks are walked by their lengths (ISO/IEC 15948): the first must be a whole IHDR; tRNS, which must come before
 * the pixels, adds an alpha; eXIf, which may come after them, holds the orientation. What is wrong with later chunks is
 * libpng's to say. */
#include "engine/image/decode_private.h"

#include <zlib.h>

enum { SIGNATURE = 8, HEAD = 8, CRC = 4, IHDR_DATA = 13 };

struct chunk {
    const uint8_t *type, *data;
    uint32_t n;
    bool whole; /* its CRC is there and right */
};

/* The chunk at *at, and *at behind it; false where the bytes end. */
static bool next_chunk(struct sl_str bytes, size_t *at, struct chunk *chunk)
{
    const uint8_t *p = (const uint8_t *)bytes.p + *at;
    size_t left = bytes.n - *at;
    if (left < HEAD + CRC || sl_be32(p) > left - HEAD - CRC) {
        return false;
    }
    chunk->n = sl_be32(p);
    chunk->type = p + 4;
    chunk->data = p + HEAD;
    *at += HEAD + CRC + (size_t)chunk->n;
    return true;
}

static bool is(const struct chunk *chunk, const char *type)
{
    return memcmp(chunk->type, type, 4) == 0;
}

static bool has_crc(const struct chunk *chunk)
{
    return crc32_z(0, chunk->type, (size_t)chunk->n + 4) == sl_be32(chunk->data + chunk->n);
}

static bool depth_exists(uint32_t color, uint32_t bits)
{
    bool power = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    switch (color) {
    case 0: return power;
    case 3: return power && bits <= 8;
    case 2:
    case 4:
    case 6: return bits == 8 || bits == 16;
    default: return false;
    }
}

static int check_header(const struct chunk *chunk, const char *name, struct sl_image_info *info, struct sl_error *err)
{
    static const uint8_t channels[] = { 1, 0, 3, 3, 2, 0, 4 };
    const char *again = "copy or download the file again, or leave it out";
    const uint8_t *p = chunk->data;
    if (is(chunk, "CgBI")) {
        return sl_decode_fail(err, SL_EDATA, name, SIGNATURE, "convert it with Xcode's pngcrush, or leave it out",
                              "is a PNG in Apple's own variant (CgBI), which is not decoded here");
    }
    if (!is(chunk, "IHDR") || chunk->n != IHDR_DATA) {
        return sl_decode_fail(err, SL_EDATA, name, SIGNATURE, again, "is a PNG that does not begin with its header");
    }
    if (!has_crc(chunk)) {
        return sl_decode_fail(err, SL_EDATA, name, SIGNATURE, again,
                              "is a PNG whose header is damaged: IHDR: CRC error");
    }
    uint32_t width = sl_be32(p), height = sl_be32(p + 4), bits = p[8], color = p[9];
    if (!width || !height || width > INT32_MAX || height > INT32_MAX) {
        return sl_decode_fail(err, SL_EDATA, name, SIGNATURE + HEAD, again, "is a PNG of %u×%u pixels, which cannot be",
                              width, height);
    }
    if (!depth_exists(color, bits)) {
        return sl_decode_fail(err, SL_EDATA, name, SIGNATURE + HEAD + 8, again,
                              "is a PNG of colour type %u with %u bits, which does not exist", color, bits);
    }
    *info = (struct sl_image_info){ .kind = SL_IMAGE_PNG,
                                    .width = width,
                                    .height = height,
                                    .channels = channels[color],
                                    .bits = color == 3 ? 8 : bits,
                                    .orientation = 1,
                                    .interlaced = p[12] == 1 };
    return SL_OK;
}

/* Would libpng take this tRNS? */
static bool transparency_counts(const struct chunk *chunk, uint32_t color, uint32_t colors)
{
    uint32_t n = chunk->n;
    return (color == 0 && n == 2) || (color == 2 && n == 6) || (color == 3 && n >= 1 && n <= colors);
}

int sl_png_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err)
{
    struct sl_image_info found;
    struct chunk chunk;
    size_t at = SIGNATURE;
    if (!next_chunk(bytes, &at, &chunk)) {
        return sl_decode_fail(err, SL_EDATA, name, bytes.n, "copy or download the file again, or leave it out",
                              "is a PNG that is cut off in its header, after %zu bytes", bytes.n);
    }
    int status = check_header(&chunk, name, &found, err);
    if (status) {
        return status;
    }
    uint32_t color = chunk.data[9], colors = 0;
    bool pixels = false, alpha = false, turned = false;
    while (next_chunk(bytes, &at, &chunk) && !is(&chunk, "IEND")) {
        if (is(&chunk, "IDAT")) {
            pixels = true;
        } else if (is(&chunk, "PLTE")) {
            colors = chunk.n / 3;
        } else if (is(&chunk, "tRNS") && !pixels && !alpha) {
            alpha = transparency_counts(&chunk, color, colors) && has_crc(&chunk);
        } else if (is(&chunk, "eXIf") && !turned && has_crc(&chunk)) {
            found.orientation = sl_exif_orientation(chunk.data, chunk.n);
            turned = true;
        }
    }
    found.channels += alpha;
    *info = found;
    return SL_OK;
}
