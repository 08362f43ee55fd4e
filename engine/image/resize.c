/* resize.c: pictures of another size: Pillow's two passes, and the three ways to fit a picture into a shape.
 *
 * First across, then down, with a rounding to 8 bits between; a pass that would change nothing is left out, and the
 * first makes only the rows that the second reads. */
#include "engine/image/ops_private.h"

#include <math.h>

enum { MOST_SIDE = 65535 };

/* Across into the worker's rows; *rows says where they are. */
static int pass_across(struct sl_image_worker *worker, const struct resize_table *table, uint32_t channels, uint32_t n,
                       struct resize_rows *rows, struct sl_error *err)
{
    size_t stride = (size_t)table->out * channels + RESIZE_SLACK, bytes;
    if (!sl_mul(stride, n, &bytes)) {
        return sl_fail_memory(err, "resizing a picture");
    }
    void *memory = worker->rows;
    int status = sl_worker_room(&memory, &worker->rows_room, bytes, err);
    worker->rows = memory;
    if (status) {
        return status;
    }
    resize_across_fn *across = sl_worker_avx2(worker) ? sl_resize_across_avx2 : sl_resize_across_portable;
    across(table, channels, rows, n, worker->rows, stride);
    *rows = (struct resize_rows){ worker->rows, worker->rows + bytes, stride };
    return SL_OK;
}

/* The part `box` (left, top, right, bottom) of `from` into all of `to`, which has its shape. */
static int two_passes(struct sl_image_worker *worker, const struct sl_image *from, const float box[4],
                      enum sl_resize_filter filter, struct sl_image *to, struct sl_error *err)
{
    const struct resize_table *across, *down;
    int status = sl_resize_table(worker, from->width, box[0], box[2], to->width, filter, &across, err);
    if (!status) {
        status = sl_resize_table(worker, from->height, box[1], box[3], to->height, filter, &down, err);
    }
    if (status) {
        return status;
    }
    bool need_across = to->width != from->width || box[0] > 0 || box[2] < (float)to->width;
    bool need_down = to->height != from->height || box[1] > 0 || box[3] < (float)to->height;
    size_t line = (size_t)to->width * to->channels, from_line = (size_t)from->width * from->channels;
    uint32_t base = need_down ? down->first[0] : 0;
    uint32_t last = need_down ? down->first[to->height - 1] + down->count[to->height - 1] : from->height;
    struct resize_rows rows = { from->pixels + base * from_line, from->pixels + from->height * from_line, from_line };
    if (need_across) {
        status = pass_across(worker, across, from->channels, last - base, &rows, err);
    }
    resize_down_fn *make_row = sl_worker_avx2(worker) ? sl_resize_down_avx2 : sl_resize_down_portable;
    for (uint32_t y = 0; !status && y < to->height; y++) {
        uint8_t *out = to->pixels + y * line;
        if (need_down) {
            make_row(down, y, &rows, base, line, out);
        } else {
            memcpy(out, rows.bytes + y * rows.stride, line);
        }
    }
    return status;
}

static int with_alpha(struct sl_image_worker *worker, const struct sl_image *from, const float box[4],
                      enum sl_resize_filter filter, struct sl_image *to, struct sl_error *err)
{
    struct sl_image *product = &worker->temp;
    int status = sl_image_make(product, from->width, from->height, from->channels, err);
    if (status) {
        return status;
    }
    sl_alpha_multiply(from, product->pixels);
    status = two_passes(worker, product, box, filter, to, err);
    if (!status) {
        sl_alpha_divide(to);
    }
    return status;
}

static int resize_part(struct sl_image_worker *worker, const struct sl_image *from, const float box[4],
                       enum sl_resize_filter filter, uint32_t width, uint32_t height, struct sl_image *to,
                       struct sl_error *err)
{
    int status = sl_image_make(to, width, height, from->channels, err);
    if (status) {
        return status;
    }
    bool whole = box[0] <= 0 && box[1] <= 0 && box[2] >= (float)from->width && box[3] >= (float)from->height;
    if (whole && width == from->width && height == from->height) {
        memcpy(to->pixels, from->pixels, (size_t)width * height * from->channels);
        return SL_OK;
    }
    if (filter == SL_RESIZE_NEAREST) {
        return sl_resize_nearest(worker, from, box, to, err);
    }
    return (from->channels % 2 ? two_passes : with_alpha)(worker, from, box, filter, to, err);
}

/* The largest centred part of the wanted shape, in whole pixels: Keras's load_img with keep_aspect_ratio. */
static void centred_part(const struct sl_image *from, const struct sl_resize *how, float box[4])
{
    uint64_t w = from->width, h = from->height;
    uint64_t height = w * how->height / how->width, width = h * how->width / how->height;
    height = height < h ? height : h;
    width = width < w ? width : w;
    height = height ? height : 1;
    width = width ? width : 1;
    uint64_t left = (w - width) / 2, top = (h - height) / 2;
    box[0] = (float)left;
    box[1] = (float)top;
    box[2] = (float)(left + width);
    box[3] = (float)(top + height);
}

/* The size that fits inside: Pillow's ImageOps.contain. */
static void contained(const struct sl_image *from, const struct sl_resize *how, uint32_t *width, uint32_t *height)
{
    double ratio = (double)from->width / from->height, wanted = (double)how->width / how->height;
    *width = how->width;
    *height = how->height;
    if (ratio > wanted) {
        *height = (uint32_t)nearbyint((double)from->height / from->width * how->width);
    } else if (ratio < wanted) {
        *width = (uint32_t)nearbyint((double)from->width / from->height * how->height);
    }
    *width = *width ? *width : 1;
    *height = *height ? *height : 1;
}

static void lay_inside(const struct sl_image *part, const uint8_t colour[4], struct sl_image *to)
{
    struct sl_image_box all = { 0, 0, to->width, to->height };
    sl_image_fill(to, &all, colour);
    size_t left = (size_t)nearbyint((to->width - part->width) * 0.5);
    size_t top = (size_t)nearbyint((to->height - part->height) * 0.5);
    size_t line = (size_t)part->width * part->channels;
    for (uint32_t y = 0; y < part->height; y++) {
        memcpy(to->pixels + ((top + y) * to->width + left) * to->channels, part->pixels + y * line, line);
    }
}

int sl_image_resize(struct sl_image_worker *worker, const struct sl_image *from, const struct sl_resize *how,
                    struct sl_image *to, struct sl_error *err)
{
    if (!how->width || !how->height || how->width > MOST_SIDE || how->height > MOST_SIDE) {
        sl_fail(err, SL_EPARAM, "a picture cannot be resized to %u×%u", how->width, how->height);
        return sl_fix(err, "give a width and a height from 1 to %d", MOST_SIDE);
    }
    if (!from->width || !from->height) {
        return sl_fail(err, SL_EDATA, "a picture without pixels cannot be resized");
    }
    float box[4] = { 0, 0, (float)from->width, (float)from->height };
    if (how->fit == SL_FIT_PAD) {
        uint32_t width, height;
        contained(from, how, &width, &height);
        int status = resize_part(worker, from, box, how->filter, width, height, &worker->second, err);
        if (!status) {
            status = sl_image_make(to, how->width, how->height, from->channels, err);
        }
        if (!status) {
            lay_inside(&worker->second, how->pad, to);
        }
        return status;
    }
    if (how->fit == SL_FIT_CROP) {
        centred_part(from, how, box);
    }
    return resize_part(worker, from, box, how->filter, how->width, how->height, to, err);
}
