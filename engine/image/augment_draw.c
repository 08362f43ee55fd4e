/* augment_draw.c: the numbers of a random change, from a key alone.
 *
 * Every number has a place of its own in the key's stream, so switching one parameter on changes no other number.
 * Ranges and distributions are those of Keras's get_random_transform; its stream of random numbers is not. */
#include "engine/image/ops_private.h"

#include "sluice/random.h"

#include <assert.h>

enum { KEY_PLACE = 24, KEY_DRAW = 12 };

enum number {
    ROTATION,
    ACROSS,
    ACROSS_SIGN,
    DOWN,
    DOWN_SIGN,
    SHEAR,
    ZOOM_ACROSS,
    ZOOM_DOWN,
    FLIP_HORIZONTAL,
    FLIP_VERTICAL,
    CHANNELS,
    BRIGHTNESS,
};

double sl_key_real(const struct sl_image_key *key, uint32_t k)
{
    assert(key->place < 256 && key->draw < 1u << KEY_DRAW && k < 1u << KEY_DRAW);
    uint32_t index = key->place << KEY_PLACE | key->draw << KEY_DRAW | k;
    return sl_philox_real(key->seed, SL_RANDOM_AUGMENT, key->epoch, key->record, index);
}

double sl_key_uniform(const struct sl_image_key *key, uint32_t k, double a, double b)
{
    return a + (b - a) * sl_key_real(key, k);
}

uint32_t sl_key_below(const struct sl_image_key *key, uint32_t k, uint32_t n)
{
    return (uint32_t)(sl_key_real(key, k) * n); /* below n: the greatest real is 1 − 2^−53 */
}

static double shift(const struct sl_image_key *key, uint32_t k, double range, bool whole, uint32_t length)
{
    if (range == 0) {
        return 0;
    }
    double by;
    if (whole) {
        uint32_t n = range > 1 ? (uint32_t)(range < UINT32_MAX ? range : UINT32_MAX) : 1;
        by = sl_key_below(key, k, n) * (sl_key_real(key, k + 1) < 0.5 ? -1.0 : 1.0);
    } else {
        by = sl_key_uniform(key, k, -range, range);
    }
    return (range < 1 ? by * length : by) + 0.0; /* no −0 */
}

static double within(const struct sl_image_key *key, uint32_t k, double range)
{
    return range != 0 ? sl_key_uniform(key, k, -range, range) : 0;
}

void sl_augment_draw(const struct sl_augment *a, const struct sl_image_key *key, uint32_t width, uint32_t height,
                     struct sl_image_transform *t)
{
    *t = (struct sl_image_transform){ .zx = 1, .zy = 1, .fill_mode = a->fill_mode, .cval = a->cval };
    t->keras_centre = a->keras_centre;
    t->theta = within(key, ROTATION, a->rotation_range);
    t->tx = shift(key, ACROSS, a->width_shift_range, a->width_shift_whole, width);
    t->ty = shift(key, DOWN, a->height_shift_range, a->height_shift_whole, height);
    t->shear = within(key, SHEAR, a->shear_range);
    if (a->zoom_low != 1 || a->zoom_high != 1) {
        t->zx = sl_key_uniform(key, ZOOM_ACROSS, a->zoom_low, a->zoom_high);
        t->zy = sl_key_uniform(key, ZOOM_DOWN, a->zoom_low, a->zoom_high);
    }
    t->flip_horizontal = a->horizontal_flip && sl_key_real(key, FLIP_HORIZONTAL) < 0.5;
    t->flip_vertical = a->vertical_flip && sl_key_real(key, FLIP_VERTICAL) < 0.5;
    t->has_channel_shift = a->channel_shift_range != 0;
    t->channel_shift = within(key, CHANNELS, a->channel_shift_range);
    t->has_brightness = a->brightness;
    t->brightness = a->brightness ? sl_key_uniform(key, BRIGHTNESS, a->brightness_low, a->brightness_high) : 1;
}
