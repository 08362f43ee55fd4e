/* affine_row.c: one row of an affine transform in plain C; what the vector code must agree with, bit for bit.
 *
 * Coordinates are doubles, in SciPy's order of operations, so that a pixel falls inside or outside of the picture as it
 * does there; where a coordinate outside goes is SciPy's map_coordinate (1.17). After that it is cut to 0 … length − 1,
 * which is what SciPy's reading beyond the edge with weight 0, or of a mirrored pixel of the same value, comes to. */
#include "engine/image/ops_private.h"

#include <math.h>

/* length > 1 */
static double reflected(double v, double length)
{
    double period = 2 * length;
    if (v < 0) {
        v = v < -period ? period * trunc(-v / period) + v : v;
        return v < -length ? v + period : -v - 1;
    }
    if (v > length - 1) {
        v -= period * trunc(v / period);
        return v >= length ? period - v - 1 : v;
    }
    return v;
}

static double wrapped(double v, double length)
{
    double period = length - 1;
    if (v < 0) {
        return v + period * (trunc(-v / period) + 1);
    }
    return v > length - 1 ? v - period * trunc(v / period) : v;
}

/* The neighbour at or before a coordinate, and the way from there. */
static uint32_t placed(double v, uint32_t length, enum sl_fill_mode mode, float *way)
{
    if (length == 1) {
        *way = 0;
        return 0;
    }
    double n = (double)length;
    v = mode == SL_FILL_REFLECT ? reflected(v, n) : mode == SL_FILL_WRAP ? wrapped(v, n) : v;
    v = v > 0 ? v : 0;
    v = v < n - 1 ? v : n - 1;
    double at = trunc(v);
    at = at < n - 2 ? at : n - 2;
    *way = (float)(v - at);
    return (uint32_t)at;
}

void sl_affine_place_rest(const struct affine_map *map, const struct affine_picture *picture, uint32_t i,
                          uint32_t start, uint32_t end, const struct affine_row *row)
{
    uint32_t line = picture->width * picture->channels;
    for (uint32_t j = start; j < end; j++) {
        double x = map->first + map->step * j;
        double y0 = (i * map->down[0] + x * map->across[0]) + map->offset[0];
        double x0 = (i * map->down[1] + x * map->across[1]) + map->offset[1];
        uint32_t up = placed(y0, picture->height, map->fill_mode, &row->down[j]);
        row->at[j] = up * line + placed(x0, picture->width, map->fill_mode, &row->across[j]) * picture->channels;
    }
}

void sl_affine_place_portable(const struct affine_map *map, const struct affine_picture *picture, uint32_t i,
                              uint32_t start, uint32_t end, const struct affine_row *row)
{
    sl_affine_place_rest(map, picture, i, start, end, row);
}

void sl_affine_sample_one(const struct affine_picture *picture, const struct affine_row *row, uint32_t j, float *out)
{
    const uint8_t *upper = picture->pixels + row->at[j], *lower = upper + picture->below;
    float across = row->across[j], down = row->down[j];
    for (size_t c = 0; c < picture->channels; c++) {
        size_t r = c + picture->right;
        float left = (float)upper[c] + down * (float)(lower[c] - upper[c]);
        float right = (float)upper[r] + down * (float)(lower[r] - upper[r]);
        out[c] = left + across * (right - left);
    }
}

void sl_affine_sample_portable(const struct affine_picture *picture, const struct affine_row *row, uint32_t start,
                               uint32_t end, float *out)
{
    for (uint32_t j = start; j < end; j++) {
        sl_affine_sample_one(picture, row, j, out + (size_t)j * picture->channels);
    }
}
