/* resize_nearest.c: nearest neighbour: the source pixel under the centre of each result pixel.
 *
 * Positions are summed up step by step in double, as Pillow does, so that the same rounding errors choose the same
 * pixels. */
#include "engine/image/ops_private.h"

static void positions(float from, float to, uint32_t in, uint32_t out, uint32_t *at)
{
    double step = (double)(to - from) / out, place = (double)from + step * 0.5;
    for (uint32_t i = 0; i < out; i++, place += step) {
        at[i] = place < in ? (uint32_t)place : in - 1;
    }
}

static void copy_row(const uint8_t *row, size_t channels, const uint32_t *at, uint32_t n, uint8_t *to)
{
    for (uint32_t x = 0; x < n; x++, to += channels) {
        const uint8_t *p = row + at[x] * channels;
        for (size_t c = 0; c < channels; c++) {
            to[c] = p[c];
        }
    }
}

int sl_resize_nearest(struct sl_image_worker *worker, const struct sl_image *from, const float box[4],
                      struct sl_image *to, struct sl_error *err)
{
    size_t numbers = (size_t)to->width + to->height;
    void *memory = worker->rows;
    int status = sl_worker_room(&memory, &worker->rows_room, numbers * sizeof(uint32_t), err);
    worker->rows = memory;
    if (status) {
        return status;
    }
    uint32_t *across = memory, *down = across + to->width;
    positions(box[0], box[2], from->width, to->width, across);
    positions(box[1], box[3], from->height, to->height, down);
    size_t stride = (size_t)to->width * to->channels;
    for (uint32_t y = 0; y < to->height; y++) {
        uint8_t *out = to->pixels + y * stride;
        if (y > 0 && down[y] == down[y - 1]) {
            memcpy(out, out - stride, stride);
        } else {
            copy_row(from->pixels + (size_t)down[y] * from->width * from->channels, from->channels, across, to->width,
                     out);
        }
    }
    return SL_OK;
}
