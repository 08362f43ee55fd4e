/* vector_element.h: tiles of kernels that treat each element alone, and what stands behind a product.
 *
 * A loop's step is written for `n` elements at p and inlined twice: with the whole width, which the compiler then
 * knows, and with what is left at the end. */
#ifndef SLUICE_DEVICE_VECTOR_ELEMENT_H
#define SLUICE_DEVICE_VECTOR_ELEMENT_H

#include "engine/device/cpu.h"

#if !defined(V_READY)
#include "engine/device/vector_portable.h"
#endif

#include "engine/device/vector_math.h"

V_INLINE vf v_get(const float *p, size_t n)
{
    return n >= V_WIDTH ? v_load(p) : v_load_some(p, n, 0);
}

V_INLINE void v_put(float *p, size_t n, vf x, bool add)
{
    if (add) {
        x = v_get(p, n) + x;
    }
    if (n >= V_WIDTH) {
        v_store(p, x);
    } else {
        v_store_some(p, n, x);
    }
}

V_INLINE vf apply(enum sl_activation f, vf x)
{
    switch (f) {
    case SL_RELU: return v_max(v_set(0), x);
    case SL_GELU: return x * v_below(x);
    case SL_TANH: return v_tanh(x);
    case SL_SIGMOID: return v_logistic(x);
    case SL_LINEAR: break;
    }
    return x;
}

/* f'(x); y = f(x). gelu: Φ(x) + x·φ(x). */
V_INLINE vf slope(enum sl_activation f, vf x, vf y)
{
    const vf one = v_set(1);
    switch (f) {
    case SL_RELU: return v_select(v_less_equal(y, v_set(0)), v_set(0), one);
    case SL_GELU: return v_fma(x * v_set(0.3989422804f), v_exp(v_set(-0.5f) * x * x), v_below(x));
    case SL_TANH: return one - y * y;
    case SL_SIGMOID: return y * (one - y);
    case SL_LINEAR: break;
    }
    return one;
}

V_INLINE void activate_all(enum sl_activation f, size_t n, const float *x, float *y)
{
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        v_store(y + i, apply(f, v_load(x + i)));
    }
    if (i < n) {
        v_store_some(y + i, n - i, apply(f, v_load_some(x + i, n - i, 0)));
    }
}

V_TARGET static void activate(enum sl_activation f, size_t n, const float *x, float *y)
{
    switch (f) {
    case SL_LINEAR: activate_all(SL_LINEAR, n, x, y); break;
    case SL_RELU: activate_all(SL_RELU, n, x, y); break;
    case SL_GELU: activate_all(SL_GELU, n, x, y); break;
    case SL_TANH: activate_all(SL_TANH, n, x, y); break;
    case SL_SIGMOID: activate_all(SL_SIGMOID, n, x, y); break;
    }
}

/* dy·f'; gelu needs x alone, the others y alone. */
V_INLINE vf grad_step(enum sl_activation f, size_t n, const float *x, const float *y, vf dy)
{
    vf at_x = f == SL_GELU ? v_get(x, n) : v_set(0);
    vf at_y = f == SL_RELU || f == SL_TANH || f == SL_SIGMOID ? v_get(y, n) : v_set(0);
    return dy * slope(f, at_x, at_y);
}

V_INLINE void activate_grad_all(enum sl_activation f, size_t n, const float *x, const float *y, const float *dy,
                                float *dx, bool add)
{
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        v_put(dx + i, V_WIDTH, grad_step(f, V_WIDTH, x + i, y + i, v_load(dy + i)), add);
    }
    if (i < n) {
        v_put(dx + i, n - i, grad_step(f, n - i, x + i, y + i, v_get(dy + i, n - i)), add);
    }
}

V_TARGET static void activate_grad(enum sl_activation f, size_t n, const float *x, const float *y, const float *dy,
                                   float *dx, bool add)
{
    switch (f) {
    case SL_LINEAR: activate_grad_all(SL_LINEAR, n, dy, dy, dy, dx, add); break;
    case SL_RELU: activate_grad_all(SL_RELU, n, dy, y, dy, dx, add); break;
    case SL_GELU: activate_grad_all(SL_GELU, n, x, dy, dy, dx, add); break;
    case SL_TANH: activate_grad_all(SL_TANH, n, dy, y, dy, dx, add); break;
    case SL_SIGMOID: activate_grad_all(SL_SIGMOID, n, dy, y, dy, dx, add); break;
    }
}

V_TARGET static void sum(size_t n, const float *a, const float *b, float *y)
{
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        v_store(y + i, v_load(a + i) + v_load(b + i));
    }
    if (i < n) {
        v_put(y + i, n - i, v_get(a + i, n - i) + v_get(b + i, n - i), false);
    }
}

V_TARGET static void scale(size_t n, float by, const float *x, float *y, bool add)
{
    const vf factor = v_set(by);
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        v_put(y + i, V_WIDTH, factor * v_load(x + i), add);
    }
    if (i < n) {
        v_put(y + i, n - i, factor * v_get(x + i, n - i), add);
    }
}

V_TARGET static void fill(size_t n, float value, float *y, bool add)
{
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        v_put(y + i, V_WIDTH, v_set(value), add);
    }
    if (i < n) {
        v_put(y + i, n - i, v_set(value), add);
    }
}

V_TARGET static void exp_all(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i += V_WIDTH) {
        v_put(y + i, n - i, v_exp(v_get(x + i, n - i)), false);
    }
}

V_TARGET static void erf_all(size_t n, const float *x, float *y)
{
    for (size_t i = 0; i < n; i += V_WIDTH) {
        v_put(y + i, n - i, v_erf(v_get(x + i, n - i)), false);
    }
}

/* --- behind a product --- */

V_INLINE void bias_step(enum sl_activation f, size_t n, const float *b, float *pre, float *y)
{
    vf x = v_get(y, n);
    if (b) {
        x = x + v_get(b, n);
    }
    if (pre) {
        v_put(pre, n, x, false);
    }
    v_put(y, n, apply(f, x), false);
}

V_INLINE void bias_all(enum sl_activation f, size_t rows, size_t columns, size_t stride, const float *b, float *pre,
                       float *y)
{
    for (size_t r = 0; r < rows; r++) {
        float *row = y + r * stride, *kept = pre ? pre + r * stride : NULL;
        size_t j = 0;
        for (; j + V_WIDTH <= columns; j += V_WIDTH) {
            bias_step(f, V_WIDTH, b ? b + j : NULL, kept ? kept + j : NULL, row + j);
        }
        if (j < columns) {
            bias_step(f, columns - j, b ? b + j : NULL, kept ? kept + j : NULL, row + j);
        }
    }
}

V_TARGET static void bias_rows(size_t rows, size_t columns, size_t stride, const float *b, enum sl_activation f,
                               float *pre, float *y)
{
    switch (f) {
    case SL_LINEAR: bias_all(SL_LINEAR, rows, columns, stride, b, pre, y); break;
    case SL_RELU: bias_all(SL_RELU, rows, columns, stride, b, pre, y); break;
    case SL_GELU: bias_all(SL_GELU, rows, columns, stride, b, pre, y); break;
    case SL_TANH: bias_all(SL_TANH, rows, columns, stride, b, pre, y); break;
    case SL_SIGMOID: bias_all(SL_SIGMOID, rows, columns, stride, b, pre, y); break;
    }
}

/* A vector's columns of grad_rows: down all rows, the sums in a register, by groups of SL_CPU_GROUP rows. */
V_INLINE void grad_strip(enum sl_activation f, size_t n, size_t rows, size_t stride, const float *pre, const float *y,
                         float *dy, float *db, bool add)
{
    vf total = v_set(0), group = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        vf g = grad_step(f, n, pre + r * stride, y + r * stride, v_get(dy + r * stride, n));
        if (f != SL_LINEAR) {
            v_put(dy + r * stride, n, g, false);
        }
        group = group + g;
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            total = total + group;
            group = v_set(0);
        }
    }
    if (db) {
        v_put(db, n, total + group, add);
    }
}

V_INLINE void grad_all(enum sl_activation f, size_t rows, size_t columns, size_t stride, const float *pre,
                       const float *y, float *dy, float *db, bool add)
{
    size_t j = 0;
    for (; j + V_WIDTH <= columns; j += V_WIDTH) {
        grad_strip(f, V_WIDTH, rows, stride, pre + j, y + j, dy + j, db ? db + j : NULL, add);
    }
    if (j < columns) {
        grad_strip(f, columns - j, rows, stride, pre + j, y + j, dy + j, db ? db + j : NULL, add);
    }
}

V_TARGET static void grad_rows(size_t rows, size_t columns, size_t stride, const float *pre, const float *y,
                               enum sl_activation f, float *dy, float *db, bool add)
{
    switch (f) {
    case SL_LINEAR: grad_all(SL_LINEAR, rows, columns, stride, dy, dy, dy, db, add); break;
    case SL_RELU: grad_all(SL_RELU, rows, columns, stride, dy, y, dy, db, add); break;
    case SL_GELU: grad_all(SL_GELU, rows, columns, stride, pre, dy, dy, db, add); break;
    case SL_TANH: grad_all(SL_TANH, rows, columns, stride, dy, y, dy, db, add); break;
    case SL_SIGMOID: grad_all(SL_SIGMOID, rows, columns, stride, dy, y, dy, db, add); break;
    }
}

#endif
