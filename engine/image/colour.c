/* colour.c: grey from colour, colour from grey, and mirrored pictures. */
#include "engine/image/ops_private.h"

int sl_image_grey(const struct sl_image *from, struct sl_image *to, struct sl_error *err)
{
    uint32_t wanted = from->channels % 2 ? 1 : 2;
    int status = sl_image_make(to, from->width, from->height, wanted, err);
    if (status) {
        return status;
    }
    size_t n = (size_t)from->width * from->height;
    const uint8_t *p = from->pixels;
    uint8_t *q = to->pixels;
    if (from->channels == wanted) {
        memcpy(q, p, n * wanted);
        return SL_OK;
    }
    for (size_t i = 0; i < n; i++, p += from->channels, q += wanted) {
        q[0] = (uint8_t)((p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u) >> 16);
        if (wanted == 2) {
            q[1] = p[3];
        }
    }
    return SL_OK;
}

int sl_image_rgb(const struct sl_image *from, struct sl_image *to, struct sl_error *err)
{
    int status = sl_image_make(to, from->width, from->height, 3, err);
    if (status) {
        return status;
    }
    size_t n = (size_t)from->width * from->height, second = from->channels >= 3 ? 1 : 0;
    const uint8_t *p = from->pixels;
    uint8_t *q = to->pixels;
    for (size_t i = 0; i < n; i++, p += from->channels, q += 3) {
        q[0] = p[0];
        q[1] = p[second];
        q[2] = p[2 * second];
    }
    return SL_OK;
}

void sl_image_flip_horizontal(struct sl_image *image)
{
    size_t channels = image->channels;
    for (uint32_t y = 0; y < image->height; y++) {
        uint8_t *left = image->pixels + (size_t)y * image->width * channels;
        uint8_t *right = left + (size_t)image->width * channels;
        while (right - left >= (ptrdiff_t)(2 * channels)) {
            right -= channels;
            for (size_t c = 0; c < channels; c++) {
                uint8_t kept = left[c];
                left[c] = right[c];
                right[c] = kept;
            }
            left += channels;
        }
    }
}

void sl_image_flip_vertical(struct sl_image *image)
{
    size_t line = (size_t)image->width * image->channels;
    for (uint32_t y = 0; y < image->height / 2; y++) {
        uint8_t *top = image->pixels + y * line, *bottom = image->pixels + (image->height - 1 - y) * line;
        for (size_t i = 0; i < line; i++) {
            uint8_t kept = top[i];
            top[i] = bottom[i];
            bottom[i] = kept;
        }
    }
}
