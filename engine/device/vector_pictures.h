/* vector_pictures.h: tiles of batch norm and of max pooling.
 *
 * Columns are channels. A strip of columns is taken at a time, down all rows of a group, so that sums stay in
 * registers; groups of rows are put together by cpu_batch_norm.c. */
#ifndef SLUICE_DEVICE_VECTOR_PICTURES_H
#define SLUICE_DEVICE_VECTOR_PICTURES_H

#include "engine/device/vector_learn.h"

/* Mean and Σ (x − mean)² of each column, by two passes over rows that the cache still holds. */
V_INLINE void moments_strip(size_t n, size_t rows, size_t stride, const float *x, float *mean, float *square)
{
    vf total = v_set(0), group = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        group = group + v_get(x + r * stride, n);
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            total = total + group;
            group = v_set(0);
        }
    }
    const vf middle = (total + group) * v_set(1 / (float)rows);
    total = group = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        vf off = v_get(x + r * stride, n) - middle;
        group = v_fma(off, off, group);
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            total = total + group;
            group = v_set(0);
        }
    }
    v_put(mean, n, middle, false);
    v_put(square, n, total + group, false);
}

V_TARGET static void moments(size_t rows, size_t columns, size_t stride, const float *x, float *mean, float *square)
{
    for (size_t j = 0; j < columns; j += V_WIDTH) {
        moments_strip(columns - j, rows, stride, x + j, mean + j, square + j);
    }
}

/* y = f((x − mean)·by + bias + other) */
V_TARGET static void norm_rows(size_t rows, size_t columns, const struct cpu_norm *norm, const float *x,
                               const float *other, float *y)
{
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < columns; j += V_WIDTH) {
            size_t n = columns - j, at = r * columns + j;
            vf z = v_fma(v_get(x + at, n) - v_get(norm->mean + j, n), v_get(norm->by + j, n), v_get(norm->bias + j, n));
            z = other ? z + v_get(other + at, n) : z;
            v_put(y + at, n, norm->relu ? v_max(v_set(0), z) : z, false);
        }
    }
}

/* dy becomes what comes through the relu; its sums, and those of dy·(x − mean), by column. */
V_INLINE void norm_sums_strip(size_t n, size_t rows, size_t stride, const float *x, const float *y, const float *mean,
                              float *dy, float *plain, float *across)
{
    const vf middle = v_get(mean, n);
    vf a = v_set(0), b = v_set(0), some_a = v_set(0), some_b = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        vf d = v_get(dy + r * stride, n);
        if (y) {
            d = v_select(v_less_equal(v_get(y + r * stride, n), v_set(0)), v_set(0), d);
            v_put(dy + r * stride, n, d, false);
        }
        some_a = some_a + d;
        some_b = v_fma(d, v_get(x + r * stride, n) - middle, some_b);
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            a = a + some_a;
            b = b + some_b;
            some_a = some_b = v_set(0);
        }
    }
    v_put(plain, n, a + some_a, false);
    v_put(across, n, b + some_b, false);
}

V_TARGET static void norm_sums(size_t rows, size_t columns, size_t stride, const float *x, const float *y,
                               const float *mean, float *dy, float *plain, float *across)
{
    for (size_t j = 0; j < columns; j += V_WIDTH) {
        norm_sums_strip(columns - j, rows, stride, x + j, y ? y + j : NULL, mean + j, dy + j, plain + j, across + j);
    }
}

/* dx = by·(dy − bias − (x − mean)·slope) */
V_TARGET static void norm_dx(size_t rows, size_t columns, const struct cpu_norm *norm, const float *x, const float *dy,
                             float *dx, bool add)
{
    for (size_t r = 0; r < rows; r++) {
        for (size_t j = 0; j < columns; j += V_WIDTH) {
            size_t n = columns - j, at = r * columns + j;
            vf off = v_get(x + at, n) - v_get(norm->mean + j, n);
            vf d = v_get(dy + at, n) - v_get(norm->bias + j, n) - off * v_get(norm->slope + j, n);
            v_put(dx + at, n, v_get(norm->by + j, n) * d, add);
        }
    }
}

/* y = the greater; y where they are equal */
V_TARGET static void greater(size_t n, const float *x, float *y)
{
    for (size_t j = 0; j < n; j += V_WIDTH) {
        vf a = v_get(y + j, n - j), b = v_get(x + j, n - j);
        v_put(y + j, n - j, v_select(v_less(a, b), b, a), false);
    }
}

/* Where x reaches y, what is left of a gradient goes to dx. */
V_TARGET static void reached(size_t n, const float *x, const float *y, float *left, float *dx)
{
    for (size_t j = 0; j < n; j += V_WIDTH) {
        vf d = v_get(left + j, n - j), zero = v_set(0);
        vm below = v_less(v_get(x + j, n - j), v_get(y + j, n - j));
        v_put(dx + j, n - j, v_select(below, zero, d), true);
        v_put(left + j, n - j, v_select(below, d, zero), false);
    }
}

#endif
