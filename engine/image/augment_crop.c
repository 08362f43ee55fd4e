/* augment_crop.c: random parts: what is kept (random crop) and what is taken away (cutout, random erasing). */
#include "engine/image/ops_private.h"

#include <math.h>

int sl_random_crop_draw(const struct sl_image_key *key, const struct sl_image *from, uint32_t width, uint32_t height,
                        uint32_t padding, struct sl_image_box *box, struct sl_error *err)
{
    uint64_t wide = from->width + 2 * (uint64_t)padding, high = from->height + 2 * (uint64_t)padding;
    if (!width || !height || width > wide || height > high || wide > UINT32_MAX || high > UINT32_MAX) {
        sl_fail(err, SL_EPARAM, "a part of %u×%u does not fit into a picture of %u×%u with %u pixels around it", width,
                height, from->width, from->height, padding);
        return sl_fix(err, "take a smaller part, more padding, or resize before");
    }
    *box = (struct sl_image_box){ sl_key_below(key, 0, (uint32_t)wide - width + 1),
                                  sl_key_below(key, 1, (uint32_t)high - height + 1), width, height };
    return SL_OK;
}

/* The columns (or rows) of a box that come from the picture: to + i is from + i, n of them. */
struct overlap {
    uint32_t to, from, n;
};

static struct overlap overlap(uint32_t at, uint32_t size, uint32_t padding, uint32_t length)
{
    uint64_t start = at > padding ? at : padding, end = (uint64_t)at + size;
    uint64_t last = (uint64_t)padding + length;
    end = end < last ? end : last;
    if (end <= start) {
        return (struct overlap){ 0, 0, 0 };
    }
    return (struct overlap){ (uint32_t)(start - at), (uint32_t)(start - padding), (uint32_t)(end - start) };
}

int sl_random_crop_apply(const struct sl_image *from, const struct sl_image_box *box, uint32_t padding,
                         struct sl_image *to, struct sl_error *err)
{
    int status = sl_image_make(to, box->width, box->height, from->channels, err);
    if (status) {
        return status;
    }
    size_t channels = from->channels, line = (size_t)to->width * channels;
    memset(to->pixels, 0, line * to->height);
    struct overlap across = overlap(box->x, box->width, padding, from->width);
    struct overlap down = overlap(box->y, box->height, padding, from->height);
    for (uint32_t y = 0; y < down.n && across.n; y++) {
        const uint8_t *p = from->pixels + ((size_t)(down.from + y) * from->width + across.from) * channels;
        memcpy(to->pixels + (down.to + y) * line + across.to * channels, p, across.n * channels);
    }
    return SL_OK;
}

/* n pixels around `centre`, cut at 0 and length. */
static void around(uint32_t centre, uint32_t before, uint32_t after, uint32_t length, uint32_t *start, uint32_t *size)
{
    *start = centre > before ? centre - before : 0;
    uint64_t end = (uint64_t)centre + after;
    *size = (uint32_t)(end < length ? end : length) - *start;
}

void sl_cutout_draw(const struct sl_image_key *key, uint32_t width, uint32_t height, uint32_t size,
                    struct sl_image_box *box)
{
    uint32_t x = sl_key_below(key, 0, width), y = sl_key_below(key, 1, height);
    around(x, size / 2, size - size / 2, width, &box->x, &box->width);
    around(y, size / 2, size - size / 2, height, &box->y, &box->height);
}

bool sl_erasing_draw(const struct sl_erasing *erasing, const struct sl_image_key *key, uint32_t width, uint32_t height,
                     struct sl_image_box *box)
{
    enum { TRIES = 10, NUMBERS = 4 };
    if (sl_key_real(key, 0) >= erasing->probability) {
        return false;
    }
    double area = (double)width * height;
    for (uint32_t i = 0; i < TRIES; i++) {
        uint32_t k = 1 + i * NUMBERS;
        double share = sl_key_uniform(key, k, erasing->scale[0], erasing->scale[1]);
        double ratio = exp(sl_key_uniform(key, k + 1, log(erasing->ratio[0]), log(erasing->ratio[1])));
        double h = nearbyint(sqrt(area * share * ratio)), w = nearbyint(sqrt(area * share / ratio));
        if (h < height && w < width) {
            box->width = (uint32_t)w;
            box->height = (uint32_t)h;
            box->y = sl_key_below(key, k + 2, height - box->height + 1);
            box->x = sl_key_below(key, k + 3, width - box->width + 1);
            return true;
        }
    }
    return false;
}

double sl_cutmix_draw(const struct sl_image_key *key, double lambda, uint32_t width, uint32_t height,
                      struct sl_image_box *box)
{
    enum { FIRST = 4094 }; /* the numbers before these may have made lambda */
    uint32_t x = sl_key_below(key, FIRST, width), y = sl_key_below(key, FIRST + 1, height);
    double half = 0.5 * sqrt(lambda < 1 ? 1 - lambda : 0);
    uint32_t w = (uint32_t)(half * width), h = (uint32_t)(half * height);
    around(x, w, w, width, &box->x, &box->width);
    around(y, h, h, height, &box->y, &box->height);
    return 1 - (double)box->width * box->height / ((double)width * height);
}
