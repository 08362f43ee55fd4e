/* augment_rand.c: RandAugment: which changes, how strong, and the ones that move pixels. The magnitudes are
 * torchvision's, in its float32. */
#include "engine/image/ops_private.h"

#include <assert.h>
#include <math.h>

/* Element i of torch.linspace(from, to, n). */
static double spaced(float from, float to, uint32_t n, uint32_t i)
{
    float step = (to - from) / (float)(n - 1);
    return (double)(i < n / 2 ? from + step * (float)i : to - step * (float)(n - 1 - i));
}

static double magnitude_of(enum sl_rand_kind kind, uint32_t bin, uint32_t bins, uint32_t width, uint32_t height)
{
    switch (kind) {
    case SL_RAND_SHEAR_X:
    case SL_RAND_SHEAR_Y: return spaced(0, 0.3f, bins, bin);
    case SL_RAND_TRANSLATE_X: return trunc(spaced(0, (float)(150.0 / 331.0 * width), bins, bin));
    case SL_RAND_TRANSLATE_Y: return trunc(spaced(0, (float)(150.0 / 331.0 * height), bins, bin));
    case SL_RAND_ROTATE: return spaced(0, 30, bins, bin);
    case SL_RAND_BRIGHTNESS:
    case SL_RAND_COLOUR:
    case SL_RAND_CONTRAST:
    case SL_RAND_SHARPNESS: return spaced(0, 0.9f, bins, bin);
    case SL_RAND_POSTERIZE: return 8 - nearbyint((double)((float)bin / ((float)(bins - 1) / 4)));
    case SL_RAND_SOLARIZE: return spaced(255, 0, bins, bin);
    default: return 0;
    }
}

static bool has_sign(enum sl_rand_kind kind)
{
    return kind >= SL_RAND_SHEAR_X && kind <= SL_RAND_SHARPNESS;
}

void sl_rand_ops_draw(uint32_t num_ops, uint32_t magnitude, uint32_t bins, const struct sl_image_key *key,
                      uint32_t width, uint32_t height, struct sl_rand_ops *ops)
{
    assert(num_ops <= SL_RAND_MOST && bins >= 2 && magnitude < bins);
    *ops = (struct sl_rand_ops){ .n = num_ops };
    for (uint32_t i = 0; i < num_ops; i++) {
        struct sl_rand_op *op = &ops->op[i];
        op->kind = (enum sl_rand_kind)sl_key_below(key, 2 * i, SL_RAND_KINDS);
        op->magnitude = magnitude_of(op->kind, magnitude, bins, width, height);
        if (has_sign(op->kind) && sl_key_real(key, 2 * i + 1) < 0.5) {
            op->magnitude = 0.0 - op->magnitude;
        }
    }
}

static int64_t fixed(double v)
{
    return (int64_t)floor(v * 65536 + 0.5);
}

void sl_rand_move(const struct sl_image *from, const double a[6], const uint8_t fill[4], struct sl_image *to)
{
    size_t channels = from->channels;
    int64_t step[2] = { fixed(a[0]), fixed(a[3]) }, next[2] = { fixed(a[1]), fixed(a[4]) };
    int64_t x = fixed(a[2] + a[0] * 0.5 + a[1] * 0.5), y = fixed(a[5] + a[3] * 0.5 + a[4] * 0.5);
    uint8_t *out = to->pixels;
    for (uint32_t i = 0; i < to->height; i++, x += next[0], y += next[1]) {
        int64_t column = x, row = y;
        for (uint32_t j = 0; j < to->width; j++, out += channels, column += step[0], row += step[1]) {
            bool inside = column >= 0 && column >> 16 < from->width && row >= 0 && row >> 16 < from->height;
            const uint8_t *p = fill;
            if (inside) {
                p = from->pixels + ((size_t)(row >> 16) * from->width + (size_t)(column >> 16)) * channels;
            }
            for (size_t c = 0; c < channels; c++) {
                out[c] = p[c];
            }
        }
    }
}

/* Python's round(v, 15), which Pillow's rotate does. */
static double to_15_places(double v)
{
    return nearbyint(v * 1e15) / 1e15;
}

/* The matrix of an op that moves pixels; false for one that does not. */
static bool matrix_of(const struct sl_rand_op *op, double width, double height, double a[6])
{
    double m = op->magnitude;
    const double same[6] = { 1, 0, 0, 0, 1, 0 };
    memcpy(a, same, sizeof same);
    switch (op->kind) {
    case SL_RAND_SHEAR_X: a[1] = tan(atan(m)); return true;
    case SL_RAND_SHEAR_Y: a[3] = tan(atan(m)); return true;
    case SL_RAND_TRANSLATE_X: a[2] = -trunc(m); return true;
    case SL_RAND_TRANSLATE_Y: a[5] = -trunc(m); return true;
    case SL_RAND_ROTATE: {
        double angle = -m * (M_PI / 180), x = width / 2, y = height / 2;
        a[0] = a[4] = to_15_places(cos(angle));
        a[1] = to_15_places(sin(angle));
        a[3] = to_15_places(-sin(angle));
        a[2] = a[0] * -x + a[1] * -y + x;
        a[5] = a[3] * -x + a[4] * -y + y;
        return true;
    }
    default: return false;
    }
}

static void carry_out(struct sl_image_worker *worker, const struct sl_rand_op *op, struct sl_image *image)
{
    float factor = (float)(1 + op->magnitude);
    switch (op->kind) {
    case SL_RAND_BRIGHTNESS: sl_rand_blend(image, NULL, factor); break;
    case SL_RAND_COLOUR: sl_rand_colour(image, factor); break;
    case SL_RAND_CONTRAST: sl_rand_contrast(image, factor); break;
    case SL_RAND_SHARPNESS: sl_rand_sharpness(image, worker->temp.pixels, factor); break;
    case SL_RAND_POSTERIZE:
    case SL_RAND_SOLARIZE:
    case SL_RAND_AUTOCONTRAST:
    case SL_RAND_EQUALIZE: sl_rand_tones(image, op); break;
    default: break;
    }
}

int sl_rand_ops_apply(struct sl_image_worker *worker, const struct sl_rand_ops *ops, const uint8_t fill[4],
                      struct sl_image *image, struct sl_error *err)
{
    if (!image->width || !image->height) {
        return sl_fail(err, SL_EDATA, "a picture without pixels cannot be changed");
    }
    for (uint32_t i = 0; i < ops->n; i++) {
        int status = sl_image_make(&worker->temp, image->width, image->height, image->channels, err);
        if (status) {
            return status;
        }
        double a[6];
        if (matrix_of(&ops->op[i], image->width, image->height, a)) {
            sl_rand_move(image, a, fill, &worker->temp);
            struct sl_image moved = worker->temp;
            worker->temp = *image;
            *image = moved;
        } else {
            carry_out(worker, &ops->op[i], image);
        }
    }
    return SL_OK;
}
