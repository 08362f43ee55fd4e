/* decode_try.h: PNG and JPEG files made in memory, and what the libraries themselves make of them.
 *
 * The encoders are libpng's and libjpeg's; the reference decoders are libpng's simplified API and a plain run of
 * libjpeg, each with nothing of the code under test in it. */
#ifndef SLUICE_TESTS_UNIT_IMAGE_DECODE_TRY_H
#define SLUICE_TESTS_UNIT_IMAGE_DECODE_TRY_H

#include "sluice/image.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct try_png {
    uint32_t width, height;
    int color, depth; /* PNG_COLOR_TYPE_…, bits */
    bool interlaced, transparent;
    double gamma; /* 0: none */
    const uint8_t *exif;
    unsigned exif_n;
};

struct try_jpeg {
    uint32_t width, height;
    int color;  /* J_COLOR_SPACE of the samples given: grey, RGB or CMYK */
    int stored; /* J_COLOR_SPACE in the file; 0: libjpeg's choice */
    int h, v;   /* sampling of the first component */
    bool progressive, arithmetic;
    unsigned restart;
};

/* Pixels from a fixed sequence of numbers, so that every value comes up. Release what they return. */
struct sl_buf try_png(const struct try_png *shape);
struct sl_buf try_jpeg(const struct try_jpeg *shape);
/* A copy of the JPEG with an APP1 of EXIF that says `orientation`, behind its SOI. */
struct sl_buf try_exif(const struct sl_buf *jpeg, unsigned orientation, bool little);
/* The EXIF block alone, without "Exif\0\0"; out has room for 26 bytes. */
unsigned try_exif_block(uint8_t *out, unsigned orientation, bool little);
struct sl_buf try_copy(const struct sl_buf *buf);

/* `channels` as the simplified API has them; malloc'ed. gamma: let it apply the file's. */
uint8_t *try_png_reference(const struct sl_buf *png, uint32_t channels);
/* color: J_COLOR_SPACE; size comes back. malloc'ed. */
uint8_t *try_jpeg_reference(const struct sl_buf *jpeg, int color, unsigned n, uint32_t *width, uint32_t *height);

static inline struct sl_str try_str(const struct sl_buf *buf)
{
    return (struct sl_str){ buf->p, buf->n };
}

/* Decode; must succeed. A decoder of the tests' own is kept by try_decoder(). */
struct sl_image_decoder *try_decoder(void);
void try_decoder_free(void);
void try_decode(const struct sl_buf *file, const struct sl_image_options *options, struct sl_image *image);
/* Decode; must fail with this status, and its message must hold `reason`. */
void try_refuses(struct sl_str bytes, const char *name, const struct sl_image_options *options, int status,
                 const char *reason);
/* The same size and the same bytes, else says where not. */
void try_equal(const struct sl_image *image, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels);

#endif
