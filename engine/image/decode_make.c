/* decode_make.c: memory of a picture.
 *
 * Contents are never carried over, so growing is free and malloc, not realloc: nothing is copied that nobody reads. */
#include "sluice/image.h"

#include <stdlib.h>

int sl_image_make(struct sl_image *image, uint32_t width, uint32_t height, uint32_t channels, struct sl_error *err)
{
    if (!width || !height || channels < 1 || channels > 4) {
        return sl_fail(err, SL_EPARAM, "a picture of %u×%u pixels with %u channels cannot be", width, height, channels);
    }
    size_t bytes;
    if (!sl_mul((size_t)width * channels, height, &bytes) || bytes > PTRDIFF_MAX) {
        sl_fail(err, SL_ELIMIT, "a picture of %u×%u pixels with %u channels does not fit into memory", width, height,
                channels);
        return SL_ELIMIT;
    }
    if (bytes > image->room) {
        uint8_t *pixels = malloc(bytes);
        if (!pixels) {
            return sl_fail_memory(err, "making room for a picture");
        }
        free(image->pixels);
        image->pixels = pixels;
        image->room = bytes;
    }
    image->width = width;
    image->height = height;
    image->channels = channels;
    return SL_OK;
}

void sl_image_release(struct sl_image *image)
{
    if (image) {
        free(image->pixels);
        *image = (struct sl_image){ 0 };
    }
}
