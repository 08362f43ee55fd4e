/* decode_tone.c: channels into fewer channels, in place, in Pillow's integer arithmetic.
 *
 * A pixel is written where it, or one before it, was read, so going forward is safe. Not done here: what libpng and
 * libjpeg do themselves. */
#include "engine/image/decode_private.h"

/* round(a · b / 255), exact for a, b ≤ 255 (Blinn 1995). */
static inline uint32_t share(uint32_t a, uint32_t b)
{
    uint32_t t = a * b + 128;
    return ((t >> 8) + t) >> 8;
}

/* round((a · alpha + b · (255 − alpha)) / 255), rounded once. */
static inline uint8_t mix(uint32_t a, uint32_t b, uint32_t alpha)
{
    uint32_t t = a * alpha + b * (255 - alpha) + 128;
    return (uint8_t)(((t >> 8) + t) >> 8);
}

static inline uint8_t grey(uint32_t r, uint32_t g, uint32_t b)
{
    return (uint8_t)((19595 * r + 38470 * g + 7471 * b + 32768) >> 16);
}

static size_t count(const struct sl_image *image)
{
    return (size_t)image->width * image->height;
}

void sl_tone_cmyk(struct sl_image *image, uint32_t channels)
{
    const uint8_t *in = image->pixels;
    uint8_t *out = image->pixels;
    for (size_t i = 0, n = count(image); i < n; i++, in += 4, out += channels) {
        uint32_t k = in[3];
        uint8_t r = (uint8_t)(k - share(255u - in[0], k)), g = (uint8_t)(k - share(255u - in[1], k)),
                b = (uint8_t)(k - share(255u - in[2], k));
        if (channels == 1) {
            out[0] = grey(r, g, b);
            continue;
        }
        out[0] = r;
        out[1] = g;
        out[2] = b;
        if (channels == 4) {
            out[3] = 255;
        }
    }
    image->channels = channels;
}

void sl_tone_grey(struct sl_image *image)
{
    const uint8_t *in = image->pixels;
    uint8_t *out = image->pixels;
    for (size_t i = 0, n = count(image); i < n; i++, in += 3) {
        out[i] = grey(in[0], in[1], in[2]);
    }
    image->channels = 1;
}

void sl_tone_over(struct sl_image *image, const uint8_t background[3])
{
    const uint8_t *in = image->pixels;
    uint8_t *out = image->pixels;
    size_t n = count(image);
    if (image->channels == 2) {
        uint8_t ground = grey(background[0], background[1], background[2]);
        for (size_t i = 0; i < n; i++, in += 2) {
            out[i] = mix(in[0], ground, in[1]);
        }
        image->channels = 1;
        return;
    }
    for (size_t i = 0; i < n; i++, in += 4, out += 3) {
        uint8_t alpha = in[3];
        out[0] = mix(in[0], background[0], alpha);
        out[1] = mix(in[1], background[1], alpha);
        out[2] = mix(in[2], background[2], alpha);
    }
    image->channels = 3;
}
