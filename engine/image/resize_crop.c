/* resize_crop.c: a rectangle of a picture; one colour into a rectangle. */
#include "engine/image/ops_private.h"

#include <assert.h>

int sl_image_crop(const struct sl_image *from, const struct sl_image_box *box, struct sl_image *to,
                  struct sl_error *err)
{
    if (!box->width || !box->height || (uint64_t)box->x + box->width > from->width ||
        (uint64_t)box->y + box->height > from->height) {
        sl_fail(err, SL_EPARAM, "a part of %u×%u at (%u, %u) does not lie in a picture of %u×%u", box->width,
                box->height, box->x, box->y, from->width, from->height);
        return sl_fix(err, "take a smaller part, or resize before");
    }
    int status = sl_image_make(to, box->width, box->height, from->channels, err);
    size_t line = (size_t)box->width * from->channels;
    for (uint32_t y = 0; !status && y < box->height; y++) {
        size_t at = ((size_t)(box->y + y) * from->width + box->x) * from->channels;
        memcpy(to->pixels + y * line, from->pixels + at, line);
    }
    return status;
}

int sl_image_crop_centre(const struct sl_image *from, uint32_t width, uint32_t height, struct sl_image *to,
                         struct sl_error *err)
{
    struct sl_image_box box = { 0, 0, width, height };
    box.x = width < from->width ? (from->width - width) / 2 : 0;
    box.y = height < from->height ? (from->height - height) / 2 : 0;
    return sl_image_crop(from, &box, to, err);
}

void sl_image_fill(struct sl_image *image, const struct sl_image_box *box, const uint8_t colour[4])
{
    assert((uint64_t)box->x + box->width <= image->width && (uint64_t)box->y + box->height <= image->height);
    for (uint32_t y = box->y; y < box->y + box->height; y++) {
        uint8_t *p = image->pixels + ((size_t)y * image->width + box->x) * image->channels;
        for (uint32_t x = 0; x < box->width; x++, p += image->channels) {
            memcpy(p, colour, image->channels);
        }
    }
}
