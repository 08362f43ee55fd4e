/* decode_private.h: the parts of the decoders.
 *
 *   decode        options, limits, which library
 *   decode_kind   magic numbers, names that say something else
 *   decode_probe  the header alone; png_probe and jpeg_probe walk through chunks and markers, decode_exif finds the
 *                 orientation
 *   png, jpeg     the libraries: header, pixels. Their errors come by longjmp; setjmp stands in one small function each
 *                 (guard), everything that must survive lies in the decoder, and memory of ours is asked for outside
 *   decode_tone   grey from colours, alpha over a background, CMYK; in place
 *   decode_turn   EXIF orientation */
#ifndef SLUICE_ENGINE_IMAGE_DECODE_PRIVATE_H
#define SLUICE_ENGINE_IMAGE_DECODE_PRIVATE_H

#include "sluice/image.h"

/* One picture to decode: the options without zeros that mean a default, and what its header says. */
struct sl_decode {
    struct sl_str bytes;
    const char *name; /* for messages, never NULL */
    struct sl_image_options options;
    struct sl_image_info info;
    bool turns; /* the pixels will be turned into a second picture */
};

enum { SL_DECODE_REASON = 240 }; /* room for a library's message */

/* The last part of a path, as messages name it. */
const char *sl_decode_base(const char *name);
/* "'NAME' …" with the place and what to do; returns status. */
int sl_decode_fail(struct sl_error *err, int status, const char *name, uint64_t byte, const char *fix,
                   const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The library's `reason` why this picture of `kind` cannot be read. */
int sl_decode_damage(struct sl_error *err, const struct sl_decode *job, uint64_t byte, const char *reason);

/* May one decoding hold `image` as (h, w, channels) and `more` bytes? If so, make it that. */
int sl_decode_make(const struct sl_decode *job, struct sl_image *image, uint32_t width, uint32_t height,
                   uint32_t channels, uint64_t more, struct sl_error *err);

/* Neither PNG nor JPEG: say what it is. */
int sl_decode_refuse_kind(struct sl_str bytes, const char *name, struct sl_error *err);
/* Does the name's ending promise another kind? SL_EDATA then. */
int sl_decode_check_name(enum sl_image_kind kind, const char *name, struct sl_error *err);

int sl_png_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err);
int sl_jpeg_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err);
/* The orientation a TIFF header and its first directory hold, which is what EXIF is; 1 when none or damaged. */
uint32_t sl_exif_orientation(const uint8_t *p, size_t n);

/* Into `image`, not yet turned. */
struct sl_png;
int sl_png_new(struct sl_png **png, struct sl_error *err);
void sl_png_free(struct sl_png *png);
int sl_png_decode(struct sl_png *png, const struct sl_decode *job, struct sl_image *image, struct sl_error *err);
struct sl_jpeg;
int sl_jpeg_new(struct sl_jpeg **jpeg, struct sl_error *err);
void sl_jpeg_free(struct sl_jpeg *jpeg);
int sl_jpeg_decode(struct sl_jpeg *jpeg, const struct sl_decode *job, struct sl_image *image, struct sl_error *err);

/* In place; channels become fewer or stay. */
void sl_tone_cmyk(struct sl_image *image, uint32_t channels);           /* inverted CMYK to 1, 3 or 4 */
void sl_tone_grey(struct sl_image *image);                              /* RGB to grey */
void sl_tone_over(struct sl_image *image, const uint8_t background[3]); /* grey+alpha or RGBA: alpha goes */

/* `to` becomes `from` turned by an EXIF orientation. */
int sl_image_turn(const struct sl_image *from, uint32_t orientation, struct sl_image *to, struct sl_error *err);

static inline uint32_t sl_be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static inline uint32_t sl_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
