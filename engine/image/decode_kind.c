/* decode_kind.c: what a file is by its first bytes, and whether its name says the same.
 *
 * Kinds that are not decoded are known by name all the same: "is a GIF" helps more than "is not a PNG". A name without
 * a picture's ending promises nothing. */
#include "engine/image/decode_private.h"

#include <stdio.h>
#include <strings.h>

static const char png_signature[] = "\x89PNG\r\n\x1a\n";

/* In the order of trial. `at` is where `magic` stands. */
static const struct {
    const char *name; /* with its article */
    size_t at, n;
    const char *magic;
} others[] = {
    { "a GIF", 0, 4, "GIF8" },
    { "a WebP", 8, 4, "WEBP" },
    { "a TIFF", 0, 4, "II*\0" },
    { "a TIFF", 0, 4, "MM\0*" },
    { "an AVIF", 4, 8, "ftypavif" },
    { "a HEIC", 4, 8, "ftypheic" },
    { "a HEIF", 4, 8, "ftypmif1" },
    { "a JPEG 2000", 4, 8, "jP  \r\n\x87\n" },
    { "a JPEG 2000", 0, 4, "\xff\x4f\xff\x51" },
    { "a JPEG XL", 0, 2, "\xff\x0a" },
    { "a JPEG XL", 4, 4, "JXL " },
    { "a Photoshop file", 0, 4, "8BPS" },
    { "an icon", 0, 4, "\0\0\1\0" },
    { "a PDF", 0, 5, "%PDF-" },
    { "a gzip file", 0, 2, "\x1f\x8b" },
    { "a zip archive", 0, 4, "PK\3\4" },
    { "an MNG", 0, 8, "\x8aMNG\r\n\x1a\n" },
    { "a PBM, PGM or PPM", 0, 2, "P6" },
    { "a PBM, PGM or PPM", 0, 2, "P5" },
    { "an SVG", 0, 4, "<svg" },
    { "a web page", 0, 9, "<!DOCTYPE" },
    { "a web page", 0, 5, "<html" },
    { "XML", 0, 5, "<?xml" },
    { "a BMP", 0, 2, "BM" },
};

static const struct {
    const char *ending;
    enum sl_image_kind kind;
} endings[] = {
    { "png", SL_IMAGE_PNG },      { "apng", SL_IMAGE_PNG },     { "jpg", SL_IMAGE_JPEG },
    { "jpeg", SL_IMAGE_JPEG },    { "jpe", SL_IMAGE_JPEG },     { "jfif", SL_IMAGE_JPEG },
    { "mpo", SL_IMAGE_JPEG },     { "gif", SL_IMAGE_UNKNOWN },  { "bmp", SL_IMAGE_UNKNOWN },
    { "webp", SL_IMAGE_UNKNOWN }, { "tif", SL_IMAGE_UNKNOWN },  { "tiff", SL_IMAGE_UNKNOWN },
    { "heic", SL_IMAGE_UNKNOWN }, { "avif", SL_IMAGE_UNKNOWN }, { "jp2", SL_IMAGE_UNKNOWN },
    { "ppm", SL_IMAGE_UNKNOWN },
};

static bool begins(struct sl_str bytes, size_t at, const char *magic, size_t n)
{
    return bytes.n >= at + n && memcmp(bytes.p + at, magic, n) == 0;
}

enum sl_image_kind sl_image_kind_of(struct sl_str bytes)
{
    if (begins(bytes, 0, png_signature, 8)) {
        return SL_IMAGE_PNG;
    }
    return begins(bytes, 0, "\xff\xd8\xff", 3) ? SL_IMAGE_JPEG : SL_IMAGE_UNKNOWN;
}

const char *sl_image_kind_name(enum sl_image_kind kind)
{
    return kind == SL_IMAGE_PNG ? "PNG" : kind == SL_IMAGE_JPEG ? "JPEG" : "unknown";
}

static int refuse_unknown(struct sl_str bytes, const char *name, struct sl_error *err)
{
    char shown[3 * 8 + 1] = "";
    for (size_t i = 0; i < bytes.n && i < 8; i++) {
        snprintf(shown + 3 * i, 4, " %02x", (unsigned char)bytes.p[i]);
    }
    return sl_decode_fail(err, SL_EDATA, name, 0, "give PNG or JPEG pictures, or leave this file out",
                          "is neither a PNG nor a JPEG: it begins with%s", shown);
}

int sl_decode_refuse_kind(struct sl_str bytes, const char *name, struct sl_error *err)
{
    const char *again = "copy or download the file again";
    if (bytes.n == 0) {
        return sl_decode_fail(err, SL_EDATA, name, 0, again, "is empty");
    }
    if (bytes.n < 8 && (memcmp(bytes.p, png_signature, bytes.n) == 0 ||
                        memcmp(bytes.p, "\xff\xd8\xff", bytes.n < 3 ? bytes.n : 3) == 0)) {
        return sl_decode_fail(err, SL_EDATA, name, bytes.n, again, "is cut off after %zu bytes", bytes.n);
    }
    if (begins(bytes, 1, "PNG", 3) || begins(bytes, 0, "PNG", 3)) {
        return sl_decode_fail(err, SL_EDATA, name, 0, "copy or download it again, as binary",
                              "is a PNG whose signature is damaged, as by a transfer in text mode");
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (begins(bytes, others[i].at, others[i].magic, others[i].n)) {
            return sl_decode_fail(err, SL_EDATA, name, 0, "convert it to PNG or JPEG, or leave it out",
                                  "is %s, which is not decoded here", others[i].name);
        }
    }
    return refuse_unknown(bytes, name, err);
}

int sl_decode_check_name(enum sl_image_kind kind, const char *name, struct sl_error *err)
{
    const char *dot = strrchr(sl_decode_base(name), '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot + 1, endings[i].ending) == 0 && endings[i].kind != kind) {
            return sl_decode_fail(err, SL_EDATA, name, 0, "rename it to what it is", "is a %s by its contents",
                                  sl_image_kind_name(kind));
        }
    }
    return SL_OK;
}
