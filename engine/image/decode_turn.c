/* decode_turn.c: EXIF orientation, by moving pixels.
 *
 * Each orientation is a start and two strides in the source: where the pixel at (x, y) comes from moves evenly with x
 * and with y. Squares of 16 × 16 keep both sides in the cache when rows become columns. */
#include "engine/image/decode_private.h"

enum { SQUARE = 16 };

struct walk {
    const uint8_t *start;
    ptrdiff_t by_x, by_y; /* bytes in the source */
};

static struct walk walk_of(const struct sl_image *from, uint32_t orientation)
{
    ptrdiff_t pixel = (ptrdiff_t)from->channels, row = pixel * (ptrdiff_t)from->width;
    bool swaps = orientation >= 5;
    /* Where the source is gone through from its right side, and from its bottom. */
    bool right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t across = right ? -pixel : pixel, down = bottom ? -row : row;
    const uint8_t *start = from->pixels + (right ? row - pixel : 0) + (bottom ? row * (from->height - 1) : 0);
    return (struct walk){ start, swaps ? down : across, swaps ? across : down };
}

__attribute__((always_inline)) static inline void turn(const struct walk *walk, struct sl_image *to, uint32_t channels)
{
    uint32_t width = to->width, height = to->height;
    for (uint32_t top = 0; top < height; top += SQUARE) {
        uint32_t bottom = height - top < SQUARE ? height : top + SQUARE;
        for (uint32_t left = 0; left < width; left += SQUARE) {
            uint32_t right = width - left < SQUARE ? width : left + SQUARE;
            for (uint32_t y = top; y < bottom; y++) {
                const uint8_t *in = walk->start + (ptrdiff_t)left * walk->by_x + (ptrdiff_t)y * walk->by_y;
                uint8_t *out = to->pixels + ((size_t)y * width + left) * channels;
                for (uint32_t x = left; x < right; x++, in += walk->by_x, out += channels) {
                    memcpy(out, in, channels);
                }
            }
        }
    }
}

int sl_image_turn(const struct sl_image *from, uint32_t orientation, struct sl_image *to, struct sl_error *err)
{
    bool swaps = orientation >= 5;
    uint32_t width = swaps ? from->height : from->width, height = swaps ? from->width : from->height;
    int status = sl_image_make(to, width, height, from->channels, err);
    if (status) {
        return status;
    }
    struct walk walk = walk_of(from, orientation);
    switch (from->channels) {
    case 1: turn(&walk, to, 1); break;
    case 2: turn(&walk, to, 2); break;
    case 3: turn(&walk, to, 3); break;
    default: turn(&walk, to, 4); break;
    }
    return SL_OK;
}
