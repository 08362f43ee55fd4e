/* augment_enhance.c: changes of tone: brightness, colour, contrast and sharpness as Pillow's ImageEnhance, posterize,
 * solarize, autocontrast and equalize as its ImageOps. Alpha is left alone. */
#include "engine/image/ops_private.h"

static uint32_t colours(const struct sl_image *image)
{
    return image->channels % 2 ? image->channels : image->channels - 1;
}

static size_t pixels(const struct sl_image *image)
{
    return (size_t)image->width * image->height;
}

static uint8_t blended(uint8_t degenerate, uint8_t v, float factor)
{
    float out = (float)degenerate + factor * (float)(v - degenerate);
    return (uint8_t)(out <= 0 ? 0 : out >= 255 ? 255 : out);
}

void sl_rand_blend(struct sl_image *image, const uint8_t *degenerate, float factor)
{
    size_t n = pixels(image), channels = image->channels, used = colours(image);
    for (size_t i = 0; i < n * channels; i += channels) {
        for (size_t c = i; c < i + used; c++) {
            image->pixels[c] = blended(degenerate ? degenerate[c] : 0, image->pixels[c], factor);
        }
    }
}

static uint8_t grey(const uint8_t *p, uint32_t used)
{
    return used == 1 ? p[0] : (uint8_t)((p[0] * 19595u + p[1] * 38470u + p[2] * 7471u + 0x8000u) >> 16);
}

void sl_rand_colour(struct sl_image *image, float factor)
{
    uint32_t used = colours(image);
    uint8_t *p = image->pixels;
    for (size_t i = pixels(image); i > 0; i--, p += image->channels) {
        uint8_t level = grey(p, used);
        for (uint32_t c = 0; c < used; c++) {
            p[c] = blended(level, p[c], factor);
        }
    }
}

void sl_rand_contrast(struct sl_image *image, float factor)
{
    uint32_t used = colours(image);
    uint64_t sum = 0, n = pixels(image);
    for (size_t i = 0; i < n; i++) {
        sum += grey(image->pixels + i * image->channels, used);
    }
    uint8_t mean = (uint8_t)((double)sum / (double)n + 0.5), table[256];
    for (int v = 0; v < 256; v++) {
        table[v] = blended(mean, (uint8_t)v, factor);
    }
    uint8_t *p = image->pixels;
    for (size_t i = 0; i < n; i++, p += image->channels) {
        for (uint32_t c = 0; c < used; c++) {
            p[c] = table[p[c]];
        }
    }
}

/* Pillow's SMOOTH: 5 of 13 the pixel, 1 each neighbour; the edges as they are. */
void sl_rand_sharpness(struct sl_image *image, uint8_t *smooth, float factor)
{
    size_t channels = image->channels, line = image->width * channels;
    memcpy(smooth, image->pixels, line * image->height);
    for (uint32_t y = 1; image->width >= 3 && y + 1 < image->height; y++) {
        const uint8_t *p = image->pixels + y * line;
        for (size_t x = channels; x < line - channels; x++) {
            unsigned sum = 4u * p[x];
            for (const uint8_t *q = p + x - line; q <= p + x + line; q += line) {
                sum += q[0] + (unsigned)*(q - channels) + q[channels];
            }
            smooth[y * line + x] = (uint8_t)((2 * sum + 13) / 26);
        }
    }
    sl_rand_blend(image, smooth, factor);
}

static void same(uint8_t table[256])
{
    for (int v = 0; v < 256; v++) {
        table[v] = (uint8_t)v;
    }
}

static void stretched(const uint32_t count[256], uint8_t table[256])
{
    int low = 0, high = 255;
    while (low < 255 && !count[low]) {
        low++;
    }
    while (high > 0 && !count[high]) {
        high--;
    }
    if (high <= low) {
        same(table);
        return;
    }
    double scale = 255.0 / (high - low), offset = -low * scale;
    for (int v = 0; v < 256; v++) {
        double to = v * scale + offset;
        table[v] = (uint8_t)(to < 0 ? 0 : to > 255 ? 255 : to);
    }
}

static void equalized(const uint32_t count[256], uint8_t table[256])
{
    uint64_t sum = 0;
    uint32_t last = 0, levels = 0;
    for (int v = 0; v < 256; v++) {
        sum += count[v];
        last = count[v] ? count[v] : last;
        levels += count[v] != 0;
    }
    uint64_t step = (sum - last) / 255, n = step / 2;
    if (levels <= 1 || !step) {
        same(table);
        return;
    }
    for (int v = 0; v < 256; n += count[v], v++) {
        uint64_t to = n / step;
        table[v] = (uint8_t)(to > 255 ? 255 : to);
    }
}

static void make_table(const struct sl_image *image, uint32_t c, const struct sl_rand_op *op, uint8_t table[256])
{
    uint32_t count[256] = { 0 };
    size_t n = pixels(image) * image->channels;
    for (size_t i = c; i < n; i += image->channels) {
        count[image->pixels[i]]++;
    }
    same(table);
    if (op->kind == SL_RAND_AUTOCONTRAST) {
        stretched(count, table);
    } else if (op->kind == SL_RAND_EQUALIZE) {
        equalized(count, table);
    }
    for (int v = 0; v < 256; v++) {
        if (op->kind == SL_RAND_POSTERIZE) {
            table[v] = (uint8_t)(v & ~((1 << (8 - (int)op->magnitude)) - 1));
        } else if (op->kind == SL_RAND_SOLARIZE && v >= op->magnitude) {
            table[v] = (uint8_t)(255 - v);
        }
    }
}

void sl_rand_tones(struct sl_image *image, const struct sl_rand_op *op)
{
    size_t n = pixels(image) * image->channels;
    for (uint32_t c = 0; c < colours(image); c++) {
        uint8_t table[256];
        make_table(image, c, op, table);
        for (size_t i = c; i < n; i += image->channels) {
            image->pixels[i] = table[image->pixels[i]];
        }
    }
}
