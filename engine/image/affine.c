/* affine.c: a whole picture through an affine transform, row by row.
 *
 * With fill mode constant only a stretch of each row lies inside the picture; where it begins and ends is searched in
 * the coordinates themselves, which grow or fall along a row, rounding included. The other modes give every pixel a
 * place. */
#include "engine/image/ops_private.h"

struct stretch {
    uint32_t start, end;
};

static double coordinate(const struct affine_map *map, int k, uint32_t i, uint32_t j)
{
    return (i * map->down[k] + (map->first + map->step * j) * map->across[k]) + map->offset[k];
}

/* The first j at which coordinate k has got over the edge it comes from (entered) or goes to. */
static uint32_t crossing(const struct affine_map *map, int k, uint32_t i, uint32_t n, double last, bool entered)
{
    bool grows = map->across[k] * map->step >= 0;
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        double v = coordinate(map, k, i, middle);
        bool over = grows ? (entered ? v >= 0 : v > last) : (entered ? v <= last : v < 0);
        if (over) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/* The pixels of row i that are read inside of the picture. */
static struct stretch inside(const struct affine_map *map, const struct affine_picture *picture, uint32_t i)
{
    struct stretch s = { 0, picture->width };
    for (int k = 0; k < 2; k++) {
        double last = (double)(k ? picture->width : picture->height) - 1;
        uint32_t start = crossing(map, k, i, picture->width, last, true);
        uint32_t end = crossing(map, k, i, picture->width, last, false);
        s.start = start > s.start ? start : s.start;
        s.end = end < s.end ? end : s.end;
    }
    s.end = s.end > s.start ? s.end : s.start;
    return s;
}

static void fill(float *out, size_t n, float value)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = value;
    }
}

/* Without a matrix: bytes into floats, mirrored where asked. */
static void copy_rows(const struct sl_image *from, const struct sl_image_transform *t, float *out)
{
    size_t channels = from->channels, line = from->width * channels;
    for (uint32_t i = 0; i < from->height; i++, out += line) {
        const uint8_t *row = from->pixels + (t->flip_vertical ? from->height - 1 - i : i) * line;
        if (!t->flip_horizontal) {
            sl_floats_from_bytes(row, line, out);
            continue;
        }
        for (size_t j = 0; j < from->width; j++) {
            for (size_t c = 0; c < channels; c++) {
                out[j * channels + c] = (float)row[line - (j + 1) * channels + c];
            }
        }
    }
}

static int row_room(struct sl_image_worker *worker, uint32_t width, struct affine_row *row, struct sl_error *err)
{
    int status = sl_worker_room(&worker->row, &worker->row_room, (size_t)width * 3 * sizeof(float), err);
    if (!status) {
        row->at = worker->row;
        row->across = (float *)(void *)(row->at + width);
        row->down = row->across + width;
    }
    return status;
}

int sl_affine_apply(struct sl_image_worker *worker, const struct sl_image *from, const struct sl_image_transform *t,
                    float *out, struct sl_error *err)
{
    struct affine_map map = { .fill_mode = t->fill_mode, .cval = (float)t->cval, .step = 1 };
    if (!sl_affine_matrix(t, from->width, from->height, &map)) {
        copy_rows(from, t, out);
        return SL_OK;
    }
    struct affine_row row;
    int status = row_room(worker, from->width, &row, err);
    if (status) {
        return status;
    }
    size_t line = (size_t)from->width * from->channels;
    struct affine_picture picture = { .pixels = from->pixels,
                                      .channels = from->channels,
                                      .width = from->width,
                                      .height = from->height,
                                      .right = from->width > 1 ? from->channels : 0,
                                      .below = from->height > 1 ? line : 0,
                                      .bytes = line * from->height };
    if (t->flip_horizontal) {
        map.first = from->width - 1;
        map.step = -1;
    }
    bool vectors = sl_worker_avx2(worker);
    affine_place_fn *place = vectors ? sl_affine_place_avx2 : sl_affine_place_portable;
    affine_sample_fn *sample = vectors ? sl_affine_sample_avx2 : sl_affine_sample_portable;
    for (uint32_t i = 0; i < from->height; i++, out += line) {
        uint32_t source = t->flip_vertical ? from->height - 1 - i : i;
        struct stretch s = { 0, from->width };
        if (map.fill_mode == SL_FILL_CONSTANT) {
            s = inside(&map, &picture, source);
            fill(out, s.start * from->channels, map.cval);
            fill(out + s.end * from->channels, (from->width - s.end) * from->channels, map.cval);
        }
        place(&map, &picture, source, s.start, s.end, &row);
        sample(&picture, &row, s.start, s.end, out);
    }
    return SL_OK;
}
