/* picture.c: see picture.h.
 *
 * A cell shows two pixels, the upper half block in one colour on the other, so that a pixel is about as high as wide;
 * where there are fewer than 16 colours a cell is one pixel: a character of a ramp from dark to bright. */
#include "picture.h"

#include <math.h>
#include <stdlib.h>

/* Three times the root of the mean square: a few weights far out do not leave the others black. */
static float usual(const struct picture *p, size_t n)
{
    double squares = 0;
    size_t finite = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(p->at[i])) {
            squares += (double)p->at[i] * (double)p->at[i];
            finite++;
        }
    double size = finite ? 3 * sqrt(squares / (double)finite) : 0;
    return size > 0 ? (float)size : INFINITY;
}

void picture_range(struct picture *p)
{
    size_t n = (size_t)p->height * p->breadth * p->channels;
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (isfinite(p->at[i])) {
            low = p->at[i] < low ? p->at[i] : low;
            high = p->at[i] > high ? p->at[i] : high;
        }
    if (!(low <= high))
        low = 0, high = 1;
    if (p->signs) {
        high = fabsf(high) > fabsf(low) ? fabsf(high) : fabsf(low);
        high = fminf(high, usual(p, n));
        low = -high;
    }
    p->low = low;
    p->high = high > low ? high : low + 1;
}

/* Of about 4096 pixels: the shades that a fiftieth are darker and brighter than. */
void picture_spread(struct picture *p)
{
    size_t pixels = (size_t)p->height * p->breadth, step = pixels / 4096 + 1, counts[256] = { 0 }, n = 0;
    uint32_t colours = p->channels < 3 ? 1 : 3;
    for (size_t i = 0; p->pixels && i < pixels; i += step, n++) {
        const uint8_t *at = p->pixels + i * p->channels;
        counts[colours == 1 ? at[0] : (at[0] * 299 + at[1] * 587 + at[2] * 114) / 1000]++;
    }
    int dark = 0, bright = 255;
    for (size_t below = counts[0]; below < n / 50 && dark < 255; below += counts[dark])
        dark++;
    for (size_t above = counts[255]; above < n / 50 && bright > 0; above += counts[bright])
        bright--;
    if (n && bright - dark >= 16) {
        p->dark = (uint8_t)dark;
        p->bright = (uint8_t)bright;
    }
}

static bool few_shades(void)
{
    return screen_colours() < 256 || !screen_blocks();
}

void picture_size(const struct picture *p, int rows, int columns, int *h, int *w)
{
    int height = (int)p->height, breadth = (int)p->breadth;
    *h = *w = 0;
    if (rows < 1 || columns < 1 || height < 1 || breadth < 1)
        return;
    /* A cell is about twice as high as wide: `rows` of them are as high as 2·rows columns are wide. */
    double scale = fmin(2.0 * rows / height, (double)columns / breadth);
    double most = screen_blocks() ? 1 : 2; /* without half cells a pixel is a cell high, so two wide */
    scale = fmin(scale, most);
    *h = (int)lround(scale * height / 2);
    *w = (int)lround(scale * breadth);
    *h = *h < 1 ? 1 : *h > rows ? rows : *h;
    *w = *w < 1 ? 1 : *w > columns ? columns : *w;
}

/* The part of the picture that pixel (y, x) of h × w covers. */
struct part {
    uint32_t top, bottom, left, right;
};

static struct part part_of(const struct picture *p, int h, int w, int y, int x)
{
    struct part part = { (uint32_t)((uint64_t)y * p->height / (uint32_t)h),
                         (uint32_t)((uint64_t)(y + 1) * p->height / (uint32_t)h),
                         (uint32_t)((uint64_t)x * p->breadth / (uint32_t)w),
                         (uint32_t)((uint64_t)(x + 1) * p->breadth / (uint32_t)w) };
    part.bottom = part.bottom > part.top ? part.bottom : part.top + 1;
    part.right = part.right > part.left ? part.right : part.left + 1;
    return part;
}

/* Mean of a channel; NaN and infinity show as they are. */
static float mean(const struct picture *p, uint32_t channel, int h, int w, int y, int x)
{
    struct part part = part_of(p, h, w, y, x);
    double sum = 0;
    for (uint32_t i = part.top; i < part.bottom; i++)
        for (uint32_t j = part.left; j < part.right; j++)
            sum += p->at[((size_t)i * p->breadth + j) * p->channels + channel];
    return (float)(sum / ((double)(part.bottom - part.top) * (part.right - part.left)));
}

/* Squares of light and middle grey, a dozen over the shorter side. */
static uint8_t board(int h, int w, int y, int x)
{
    int side = (h < w ? h : w) / 12;
    side = side < 2 ? 2 : side;
    return (y / side + x / side) % 2 ? 153 : 204;
}

/* Of bytes: what is clear does not count towards the colour. */
static void mean_of_bytes(const struct picture *p, int h, int w, int y, int x, uint8_t rgb[3])
{
    struct part part = part_of(p, h, w, y, x);
    uint32_t colours = p->channels < 3 ? 1 : 3;
    bool clear = p->channels == 2 || p->channels == 4;
    uint64_t sum[3] = { 0 }, weight = 0, n = (uint64_t)(part.bottom - part.top) * (part.right - part.left) * 255;
    for (uint32_t i = part.top; i < part.bottom; i++) {
        const uint8_t *at = p->pixels + ((size_t)i * p->breadth + part.left) * p->channels;
        for (uint32_t j = part.left; j < part.right; j++, at += p->channels) {
            uint32_t alpha = clear ? at[colours] : 255;
            weight += alpha;
            for (uint32_t c = 0; c < colours; c++)
                sum[c] += (uint64_t)at[c] * alpha;
        }
    }
    for (uint32_t c = 0; c < 3; c++) {
        uint64_t shown = sum[c < colours ? c : 0] + (n - weight) * (n > weight ? board(h, w, y, x) : 0);
        rgb[c] = (uint8_t)((shown + n / 2) / n);
        if (p->bright > p->dark) {
            int v = (rgb[c] - p->dark) * 255 / (p->bright - p->dark);
            rgb[c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
    }
}

static uint8_t level(const struct picture *p, float value)
{
    double share = (value - p->low) / (p->high - p->low);
    return !(share > 0) ? 0 : share >= 1 ? 255 : (uint8_t)lround(share * 255);
}

/* From blue over black to red; brightness is the size. */
static void signed_colour(const struct picture *p, float value, uint8_t rgb[3])
{
    double share = value / p->high;
    double size = fmin(fabs(share), 1);
    rgb[0] = (uint8_t)lround(255 * (share > 0 ? size : size * size * 0.3));
    rgb[1] = (uint8_t)lround(255 * size * (share > 0 ? 0.35 : 0.55));
    rgb[2] = (uint8_t)lround(255 * (share > 0 ? size * size * 0.2 : size));
}

void picture_pixel(const struct picture *p, int h, int w, int y, int x, uint8_t rgb[3])
{
    if (p->pixels) {
        mean_of_bytes(p, h, w, y, x, rgb);
        return;
    }
    float first = mean(p, 0, h, w, y, x);
    if (!isfinite(first)) { /* nothing else is this colour */
        rgb[0] = 255, rgb[1] = 0, rgb[2] = 255;
    } else if (p->signs) {
        signed_colour(p, first, rgb);
    } else {
        for (uint32_t c = 0; c < 3; c++)
            rgb[c] = level(p, p->channels == 3 || p->channels == 4 ? mean(p, c, h, w, y, x) : first);
    }
}

static char ramp_of(const struct picture *p, const uint8_t rgb[3], float value)
{
    static const char ramp[] = " .:-=+*#%@", above[] = " .:+*#", below[] = " '~-=%";
    if (!isfinite(value))
        return '!';
    if (p->signs) {
        int k = (int)(fmin(fabs((double)value / p->high), 1) * 5.999);
        return value < 0 ? below[k] : above[k];
    }
    int grey = (rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114) / 1000; /* ITU-R BT.601 */
    return ramp[grey * ((int)sizeof ramp - 2) / 255];
}

const struct picture *picture_of_cell(const struct sl_chunk *chunk, size_t column, uint32_t i, struct sl_arena *arena)
{
    const struct sl_field *field = &chunk->schema->fields[column];
    const struct sl_column *cells = &chunk->columns[column];
    bool free_size = field->type == SL_IMAGE, fixed = field->type == SL_VECTOR && field->height;
    if ((!free_size && !fixed) || !sl_valid(cells, i))
        return NULL;
    struct picture *picture = sl_arena_zero(arena, 1, sizeof *picture);
    if (!picture)
        return NULL;
    *picture = (struct picture){ .height = field->height, .breadth = field->breadth, .channels = field->channels };
    if (free_size) {
        const struct sl_picture *cell = &cells->picture[i];
        picture->height = cell->height;
        picture->breadth = cell->width;
        picture->pixels = cell->pixels;
        if (!cell->pixels || !cell->height || !cell->width || !field->channels)
            return NULL;
    }
    if (fixed && field->bytes && field->scale > 0) { /* what bytes stand for is as bright as they are */
        picture->pixels = cells->bytes + (size_t)i * field->width;
    }
    if (picture->pixels) {
        if (few_shades())
            picture_spread(picture);
        return picture;
    }
    float *at = sl_arena_array(arena, field->width, sizeof *at);
    if (!at)
        return NULL;
    sl_cell_vector(chunk, column, i, at);
    picture->at = at;
    picture_range(picture);
    return picture;
}

bool picture_shrink(const struct picture *p, uint32_t most_h, uint32_t most_w, struct picture *out)
{
    double scale = fmin(1, fmin((double)most_h / p->height, (double)most_w / p->breadth));
    int h = (int)lround(scale * p->height), w = (int)lround(scale * p->breadth);
    h = h < 1 ? 1 : h;
    w = w < 1 ? 1 : w;
    uint8_t *pixels = malloc((size_t)h * (size_t)w * 3);
    if (!pixels)
        return false;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            picture_pixel(p, h, w, y, x, pixels + ((size_t)y * (size_t)w + (size_t)x) * 3);
    *out = (struct picture){ .height = (uint32_t)h, .breadth = (uint32_t)w, .channels = 3, .pixels = pixels };
    return true;
}

char picture_character(const struct picture *p, int h, int w, int y, int x)
{
    uint8_t rgb[3];
    picture_pixel(p, h, w, y, x, rgb);
    return ramp_of(p, rgb, p->at ? mean(p, 0, h, w, y, x) : 0);
}

/* The same in real pixels. */
static void draw_pixels(const struct picture_row *row, struct area area, int y, int h, int w)
{
    uint8_t *rgb = malloc((size_t)h * (size_t)w * (size_t)row->w * 3), *at = rgb;
    for (int i = 0; rgb && i < h; i++)
        for (int x = 0; x < row->w * w; x++, at += 3)
            picture_pixel(row->of, row->h * h, row->w * w, row->row * h + i, x, at);
    if (rgb)
        screen_pixel_row(area, y, row->x, row->w, rgb);
    free(rgb);
}

void picture_draw_row(const struct picture_row *row, struct area area, int y)
{
    const struct picture *p = row->of;
    bool two = screen_blocks();
    int cell_h, cell_w;
    if (two && screen_pixel_size(&cell_h, &cell_w))
        draw_pixels(row, area, y, cell_h, cell_w);
    for (int x = 0; x < row->w; x++) {
        uint8_t upper[3], lower[3];
        if (two) {
            picture_pixel(p, 2 * row->h, row->w, 2 * row->row, x, upper);
            picture_pixel(p, 2 * row->h, row->w, 2 * row->row + 1, x, lower);
            screen_pixels(area, y, row->x + x, upper, lower);
        } else {
            char c = picture_character(p, row->h, row->w, row->row, x);
            screen_text(area, y, row->x + x, 1, STYLE_NORMAL, (struct sl_str){ &c, 1 });
        }
    }
}

void picture_draw(const struct picture *p, struct area area)
{
    if (area.h < 1 || area.w < 1 || !p->height || !p->breadth || !p->channels)
        return;
    for (int y = 0; y < area.h; y++) {
        struct picture_row row = { p, 0, y, area.h, area.w };
        picture_draw_row(&row, area, y);
    }
}

void picture_fit(const struct picture *p, struct area area)
{
    int h, w;
    picture_size(p, area.h, area.w, &h, &w);
    picture_draw(p, (struct area){ area.y + (area.h - h) / 2, area.x + (area.w - w) / 2, h, w });
}
