/* image.h: a picture in memory, and how PNG and JPEG bytes become one.
 *
 * What a file is, its first bytes say, not its name. Decoding is libpng's and libjpeg's own arithmetic, bit for bit;
 * samples are brought to 8 bits, and nothing else is done to them unless an option asks for it:
 *   PNG   16 bits become 8 by libpng's png_set_scale_16, round(v / 257); fewer than 8 are spread over 0…255; a palette
 *         becomes its colours; a transparent colour (tRNS) becomes alpha; gamma is left alone
 *   JPEG  the accurate integer transform and smooth chroma, libjpeg's defaults; CMYK is taken as Adobe writes it
 *         (inverted) and becomes R = K − round((255 − C) · K / 255) of the stored numbers, as in Pillow */
#ifndef SLUICE_IMAGE_H
#define SLUICE_IMAGE_H

#include "sluice/mem.h"

struct sl_image {
    uint32_t width, height;
    uint32_t channels; /* 1 grey, 2 grey+alpha, 3 RGB, 4 RGBA */
    uint8_t *pixels;   /* (height, width, channels), rows without gaps */
    size_t room;       /* bytes allocated, reused */
};

/* Give the picture this shape; the pixels are undefined. Memory only grows, so that a picture that is filled again and
 * again stops asking for any.
 *
 * Errors  SL_EPARAM  a size is 0, or channels is none of 1, 2, 3, 4
 *         SL_ELIMIT  width × height × channels does not fit a size_t
 *         SL_ENOMEM  the picture is then as it was */
int sl_image_make(struct sl_image *image, uint32_t width, uint32_t height, uint32_t channels, struct sl_error *err);
/* Leaves an empty picture. NULL and { 0 } are fine. */
void sl_image_release(struct sl_image *image);

enum sl_image_kind {
    SL_IMAGE_UNKNOWN,
    SL_IMAGE_PNG,
    SL_IMAGE_JPEG,
};

/* What the first bytes say; SL_IMAGE_UNKNOWN for everything that is not decoded here. */
enum sl_image_kind sl_image_kind_of(struct sl_str bytes);
/* "PNG", "JPEG", "unknown". */
const char *sl_image_kind_name(enum sl_image_kind kind);

struct sl_image_info {
    enum sl_image_kind kind;
    uint32_t width, height; /* as stored; orientation 5 to 8 swaps them when the picture is turned */
    uint32_t channels;      /* of the pixels with wanted channels 0: 1 to 4. CMYK counts as 3 */
    uint32_t bits;          /* of a sample in the file: 1, 2, 4, 8, 12, 16; of a palette's colour 8 */
    uint32_t orientation;   /* EXIF, 1 to 8; 1 where nothing is said */
    bool interlaced;        /* interlaced PNG, progressive JPEG */
};

/* Read the header alone, without decoding and without limits. A file that is a PNG or JPEG under the name of another
 * kind is no error here.
 *
 * Errors  SL_EDATA    not a PNG or JPEG, or its header is damaged or cut off; err says what it is, and the byte */
int sl_image_probe(struct sl_str bytes, const char *name, struct sl_image_info *info, struct sl_error *err);

/* The limits stand against "decompression bombs": small files that announce huge pictures. They are checked on the
 * header, before anything is allocated. 0 anywhere is the default. */
struct sl_image_options {
    uint64_t max_pixels; /* width × height as stored; default 178,956,970, where Pillow refuses as well */
    uint32_t max_side;   /* the longer side as stored; default 65,535 */
    uint64_t max_bytes;  /* that one decoding may hold at once: pixels, a second copy while they are turned, and what a
                            progressive JPEG keeps until its last scan; default 512 MiB */

    uint32_t channels;        /* 0 as stored, 1, 3, 4 */
    bool over_background;     /* channels 1 and 3: lay what is transparent over `background`; else drop the alpha,
                                 which leaves the colours as stored (Keras, Pillow's convert) */
    uint8_t background[3];    /* red, green, blue */
    bool apply_gamma;         /* PNG: from the file's gAMA to sRGB's 1/2.2 */
    bool ignore_orientation;  /* leave the pixels as stored; else EXIF orientation turns and mirrors them */
    bool any_name;            /* take a PNG named .jpg and a JPEG named .png; else they are refused */
    bool lenient;             /* take what the library could make of a damaged file; else damage is an error:
                                 libjpeg's warnings about corrupt data (premature end, extraneous bytes, bad codes),
                                 libpng's about IDAT and palette indices, and a missing end */
    uint32_t at_least_width;  /* JPEG: decode at the smallest of 1/8, 1/4, 1/2 and 1 of the size that is not below */
    uint32_t at_least_height; /* this on either side, after turning; 0 does not bind, both 0 decodes at full size */
};

struct sl_image_decoder; /* what is kept between pictures; one for each thread that decodes */

int sl_image_decoder_new(struct sl_image_decoder **decoder, struct sl_error *err);
void sl_image_decoder_free(struct sl_image_decoder *decoder);

/* Decode a whole file that lies in memory.
 *
 * Shapes  image (H, W, channels), made as large as needed, in the memory it has where that is enough
 * Units   options NULL: the defaults. name is for messages and for the check of its ending; may be NULL
 * Owner   bytes are not kept. On failure the image keeps its memory and is 0 × 0
 * Errors  SL_EDATA   not a PNG or JPEG, misnamed, damaged, or of a sort the library does not decode (12-bit JPEG);
 *                    err.what has the library's reason, err.byte how far it had read
 *         SL_ELIMIT  over a limit of the options
 *         SL_EPARAM  channels is none of 0, 1, 3, 4
 *         SL_ENOMEM
 * Source  grey from RGB: (19595 R + 38470 G + 7471 B + 32768) >> 16 (ITU-R BT.601 as in Pillow); grey from a JPEG in
 *         YCbCr is its Y */
int sl_image_decode(struct sl_image_decoder *decoder, struct sl_str bytes, const char *name,
                    const struct sl_image_options *options, struct sl_image *image, struct sl_error *err);

#endif
