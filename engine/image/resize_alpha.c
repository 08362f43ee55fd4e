/* resize_alpha.c: colours times alpha before a resize, and divided after it, so that the colour of what cannot be seen
 * does not bleed into what can. Rounding as Pillow's conversions between RGBA and RGBa. */
#include "engine/image/ops_private.h"

void sl_alpha_multiply(const struct sl_image *from, uint8_t *to)
{
    size_t n = (size_t)from->width * from->height, channels = from->channels;
    const uint8_t *p = from->pixels;
    for (size_t i = 0; i < n; i++, p += channels, to += channels) {
        unsigned alpha = p[channels - 1];
        for (size_t c = 0; c + 1 < channels; c++) {
            unsigned product = p[c] * alpha + 128;
            to[c] = (uint8_t)(((product >> 8) + product) >> 8);
        }
        to[channels - 1] = (uint8_t)alpha;
    }
}

void sl_alpha_divide(struct sl_image *image)
{
    size_t n = (size_t)image->width * image->height, channels = image->channels;
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < n; i++, p += channels) {
        unsigned alpha = p[channels - 1];
        for (size_t c = 0; alpha != 0 && alpha != 255 && c + 1 < channels; c++) {
            unsigned v = 255 * p[c] / alpha;
            p[c] = (uint8_t)(v > 255 ? 255 : v);
        }
    }
}
