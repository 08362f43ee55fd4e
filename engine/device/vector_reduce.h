/* vector_reduce.h: tiles of sums, losses and norms.
 *
 * Shapes of sums: along a row, four vectors take turns and are added by pairs at the end; down the rows, each column
 * has its own sum, in groups of SL_CPU_GROUP rows. Both depend on the shape alone. */
#ifndef SLUICE_DEVICE_VECTOR_REDUCE_H
#define SLUICE_DEVICE_VECTOR_REDUCE_H

#include "engine/device/vector_element.h"

/* Σ of what `of` makes of each run of the row. */
V_TARGET static float row_sum(size_t n, const float *x)
{
    vf a[4] = { v_set(0), v_set(0), v_set(0), v_set(0) };
    size_t i = 0;
    for (; i + 4 * V_WIDTH <= n; i += 4 * V_WIDTH) {
        a[0] = a[0] + v_load(x + i);
        a[1] = a[1] + v_load(x + i + V_WIDTH);
        a[2] = a[2] + v_load(x + i + 2 * V_WIDTH);
        a[3] = a[3] + v_load(x + i + 3 * V_WIDTH);
    }
    for (; i < n; i += V_WIDTH) {
        a[0] = a[0] + v_get(x + i, n - i);
    }
    return v_total((a[0] + a[1]) + (a[2] + a[3]));
}

/* By blocks of SQUARES elements, whose sums are added as doubles. */
V_TARGET static double square_sum(size_t n, const float *x)
{
    enum { SQUARES = 4096 };
    double total = 0;
    for (size_t first = 0; first < n; first += SQUARES) {
        size_t last = n - first < SQUARES ? n : first + SQUARES, i = first;
        vf a[4] = { v_set(0), v_set(0), v_set(0), v_set(0) };
        for (; i + 4 * V_WIDTH <= last; i += 4 * V_WIDTH) {
            vf p = v_load(x + i), q = v_load(x + i + V_WIDTH);
            vf r = v_load(x + i + 2 * V_WIDTH), s = v_load(x + i + 3 * V_WIDTH);
            a[0] = v_fma(p, p, a[0]);
            a[1] = v_fma(q, q, a[1]);
            a[2] = v_fma(r, r, a[2]);
            a[3] = v_fma(s, s, a[3]);
        }
        for (; i < last; i += V_WIDTH) {
            vf p = v_get(x + i, last - i);
            a[0] = v_fma(p, p, a[0]);
        }
        total += (double)v_total((a[0] + a[1]) + (a[2] + a[3]));
    }
    return total;
}

V_INLINE void column_strip(size_t n, size_t rows, size_t stride, float by, const float *x, float *y, bool add)
{
    vf total = v_set(0), group = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        group = group + v_get(x + r * stride, n);
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            total = total + group;
            group = v_set(0);
        }
    }
    v_put(y, n, v_set(by) * (total + group), add);
}

V_TARGET static void column_sums(size_t rows, size_t columns, size_t stride, float by, const float *x, float *y,
                                 bool add)
{
    size_t j = 0;
    for (; j + V_WIDTH <= columns; j += V_WIDTH) {
        column_strip(V_WIDTH, rows, stride, by, x + j, y + j, add);
    }
    if (j < columns) {
        column_strip(columns - j, rows, stride, by, x + j, y + j, add);
    }
}

/* --- softmax and the losses --- */

V_INLINE float row_highest(size_t n, const float *x)
{
    vf a = v_set(-INFINITY);
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        a = v_max(a, v_load(x + i));
    }
    if (i < n) {
        a = v_max(a, v_load_some(x + i, n - i, -INFINITY));
    }
    return v_highest(a);
}

/* y = e^(x − highest); gives the sum. Places beyond the row hold e^−∞ = 0. */
V_INLINE float row_exp(size_t n, float highest, const float *x, float *y)
{
    const vf top = v_set(highest);
    vf a = v_set(0);
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        vf e = v_exp(v_load(x + i) - top);
        v_store(y + i, e);
        a = a + e;
    }
    if (i < n) {
        vf e = v_exp(v_load_some(x + i, n - i, -INFINITY) - top);
        v_store_some(y + i, n - i, e);
        a = a + e;
    }
    return v_total(a);
}

V_TARGET static void softmax(size_t rows, size_t columns, const float *x, float *y)
{
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        float total = row_exp(columns, row_highest(columns, from), from, to);
        scale(columns, 1 / total, to, to, false);
    }
}

/* First place of the highest; n where there is none. */
static inline size_t place_of(float highest, size_t n, const float *x)
{
    size_t i = 0;
    while (i < n && !(x[i] == highest)) {
        i++;
    }
    return i;
}

/* Σ t and Σ t·(z − highest), t the smoothed targets. */
struct targets {
    double sum, product;
};

static inline struct targets soft_targets(size_t n, float keep, float share, const float *soft, const float *z,
                                          float highest)
{
    struct targets t = { 0, 0 };
    for (size_t j = 0; j < n; j++) {
        double target = (double)(keep * soft[j] + share);
        t.sum += target;
        t.product += target * (double)(z[j] - highest);
    }
    return t;
}

/* The rest of a row, whose targets are e^(z − highest) in p, with this total: p, gradient. */
V_INLINE void spread(size_t n, float inverse, float keep, float share, float factor, const float *soft, float *p,
                     float *gradient)
{
    const vf by = v_set(inverse);
    for (size_t j = 0; j < n; j += V_WIDTH) {
        vf q = by * v_get(p + j, n - j);
        v_put(p + j, n - j, q, false);
        if (gradient) {
            vf t = soft ? v_fma(v_set(keep), v_get(soft + j, n - j), v_set(share)) : v_set(share);
            v_put(gradient + j, n - j, v_set(factor) * (q - t), false);
        }
    }
}

/* One row; gives its weighted loss and adds whether it was right. A label that is no class makes it not a number. */
V_INLINE float entropy_row(size_t row, size_t all, size_t n, const struct sl_cross_entropy *what, double *correct)
{
    const float *z = what->logits + row * n, *soft = what->soft ? what->soft + row * n : NULL;
    float *p = what->probabilities + row * n, *gradient = what->gradient ? what->gradient + row * n : NULL;
    float keep = 1 - what->smoothing, share = what->smoothing / (float)n;
    float highest = row_highest(n, z);
    float total = row_exp(n, highest, z, p);
    size_t label = soft ? place_of(row_highest(n, soft), n, soft) : what->labels[row];
    bool known = label < n;
    float weight = !known ? NAN : what->weights ? what->weights[label] : 1;
    float factor = weight / (float)all;
    double logarithm = log((double)total);
    struct targets t;
    if (soft) {
        t = soft_targets(n, keep, share, soft, z, highest);
    } else {
        double mean = share > 0 ? (double)(row_sum(n, z) - (float)n * highest) : 0;
        double at = known ? (double)(z[label] - highest) : 0;
        t = (struct targets){ 1, (double)keep * at + (double)share * mean };
    }
    spread(n, 1 / total, keep, share, factor, soft, p, gradient);
    if (gradient && !soft && known) {
        gradient[label] -= factor * keep;
    }
    *correct += known && z[label] == highest && place_of(highest, label, z) == label && total == total;
    return weight * (float)(logarithm * t.sum - t.product);
}

V_TARGET static struct cpu_figures cross_entropy(size_t first, size_t rows, size_t all, size_t classes,
                                                 const struct sl_cross_entropy *what)
{
    struct cpu_figures figures = { 0, 0 };
    for (size_t r = first; r < first + rows; r++) {
        float loss = entropy_row(r, all, classes, what, &figures.correct);
        what->row_loss[r] = loss;
        figures.loss += (double)loss;
    }
    return figures;
}

V_INLINE vf square_step(size_t n, float by, const float *y, const float *t, float *dy)
{
    vf off = v_get(y, n) - v_get(t, n);
    if (dy) {
        v_put(dy, n, v_set(by) * off, false);
    }
    return off * off;
}

V_TARGET static double squared_error(size_t rows, size_t columns, float by, const float *y, const float *t, float *dy,
                                     float *row_loss)
{
    double total = 0;
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * columns, j = 0;
        vf a = v_set(0);
        for (; j + V_WIDTH <= columns; j += V_WIDTH) {
            a = a + square_step(V_WIDTH, by, y + at + j, t + at + j, dy ? dy + at + j : NULL);
        }
        if (j < columns) {
            a = a + square_step(columns - j, by, y + at + j, t + at + j, dy ? dy + at + j : NULL);
        }
        row_loss[r] = v_total(a) / (float)columns;
        total += (double)row_loss[r];
    }
    return total;
}

#endif
