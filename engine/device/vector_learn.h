/* vector_learn.h: tiles of dropout, layer normalisation and the optimizers' steps. */
#ifndef SLUICE_DEVICE_VECTOR_LEARN_H
#define SLUICE_DEVICE_VECTOR_LEARN_H

#include "engine/device/vector_reduce.h"
#include "sluice/random.h"

/* --- dropout --- */

/* Draws of blocks first/4 … first/4 + V_WIDTH − 1, each four words, as sl_philox makes them: ten rounds of Philox
 * (Salmon et al. 2011), a block in each place of the vector. first is divisible by 4. */
V_INLINE void draw(uint64_t seed, uint32_t site, uint32_t step, size_t first, vu word[4])
{
    uint64_t block = first / 4;
    vu low = v_blocks() + v_words((uint32_t)block);
    vu carry = v_words(0); /* blocks whose low word went over 2^32 */
    if ((uint32_t)block > UINT32_MAX - V_WIDTH) {
        carry = v_bits(v_select(v_words_less(low, v_words((uint32_t)block)), v_float(v_words(1)), v_set(0)));
    }
    vu c0 = v_words(site), c1 = low, c2 = carry + v_words((uint32_t)(block >> 32)), c3 = v_words(step);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32) ^ (uint32_t)SL_RANDOM_DROPOUT * 0x85ebca6bu;
    for (int round = 0; round < 10; round++) {
        vu high_a, low_a, high_b, low_b;
        v_multiply(0xd2511f53u, c0, &high_a, &low_a);
        v_multiply(0xcd9e8d57u, c2, &high_b, &low_b);
        c0 = high_b ^ c1 ^ v_words(k0);
        c1 = low_b;
        c2 = high_a ^ c3 ^ v_words(k1);
        c3 = low_a;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
    word[0] = c0;
    word[1] = c1;
    word[2] = c2;
    word[3] = c3;
    v_turn(word);
}

V_TARGET static void dropout(size_t first, size_t n, float rate, uint64_t seed, uint32_t site, uint32_t step,
                             const float *x, float *y, bool add)
{
    double limit = ceil((double)rate * 0x1p32);
    bool none = !(limit < 0x1p32); /* keeps none */
    const vu least = v_words(none ? 0 : (uint32_t)limit);
    const vf factor = v_set(none ? 0 : (float)(1 / (1 - (double)rate)));
    for (size_t i = 0; i < n; i += 4 * V_WIDTH) {
        vu word[4];
        draw(seed, site, step, first + i, word);
        for (size_t k = 0; k < 4 && i + k * V_WIDTH < n; k++) {
            size_t at = i + k * V_WIDTH, left = n - at;
            vf kept = v_select(v_words_less(word[k], least), v_set(0), factor * v_get(x + at, left));
            v_put(y + at, left, none ? v_set(0) : kept, add);
        }
    }
}

/* --- layer normalisation --- */

/* Σ (x − mean)² along a row. */
V_INLINE float row_spread(size_t n, float mean, const float *x)
{
    const vf middle = v_set(mean);
    vf a = v_set(0), b = v_set(0);
    size_t i = 0;
    for (; i + 2 * V_WIDTH <= n; i += 2 * V_WIDTH) {
        vf p = v_load(x + i) - middle, q = v_load(x + i + V_WIDTH) - middle;
        a = v_fma(p, p, a);
        b = v_fma(q, q, b);
    }
    for (; i < n; i += V_WIDTH) {
        vf p = (n - i >= V_WIDTH ? v_load(x + i) : v_load_some(x + i, n - i, mean)) - middle;
        a = v_fma(p, p, a);
    }
    return v_total(a + b);
}

V_TARGET static void layer_norm(size_t rows, size_t columns, float epsilon, const float *x, const float *gain,
                                const float *bias, float *y, float *mean, float *rstd)
{
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns;
        float *to = y + r * columns;
        mean[r] = row_sum(columns, from) / (float)columns;
        rstd[r] = 1 / sqrtf(row_spread(columns, mean[r], from) / (float)columns + epsilon);
        const vf middle = v_set(mean[r]), by = v_set(rstd[r]);
        for (size_t j = 0; j < columns; j += V_WIDTH) {
            size_t n = columns - j;
            vf normal = (v_get(from + j, n) - middle) * by;
            v_put(to + j, n, v_fma(normal, v_get(gain + j, n), v_get(bias + j, n)), false);
        }
    }
}

V_TARGET static void layer_norm_dx(size_t rows, size_t columns, const float *x, const float *gain, const float *mean,
                                   const float *rstd, const float *dy, float *dx, bool add)
{
    for (size_t r = 0; r < rows; r++) {
        const float *from = x + r * columns, *dfrom = dy + r * columns;
        const vf middle = v_set(mean[r]), by = v_set(rstd[r]);
        vf a = v_set(0), b = v_set(0);
        for (size_t j = 0; j < columns; j += V_WIDTH) { /* beyond the row dy and gain are 0, and count nothing */
            size_t n = columns - j;
            vf g = v_get(dfrom + j, n) * v_get(gain + j, n);
            a = a + g;
            b = v_fma(g, (v_get(from + j, n) - middle) * by, b);
        }
        const vf first = v_set(v_total(a) / (float)columns), second = v_set(v_total(b) / (float)columns);
        for (size_t j = 0; j < columns; j += V_WIDTH) {
            size_t n = columns - j;
            vf g = v_get(dfrom + j, n) * v_get(gain + j, n), normal = (v_get(from + j, n) - middle) * by;
            v_put(dx + r * columns + j, n, by * (g - first - normal * second), add);
        }
    }
}

V_INLINE void norm_strip(size_t n, size_t rows, size_t stride, const float *x, const float *mean, const float *rstd,
                         const float *dy, float *dgain, float *dbias, bool add)
{
    vf gain = v_set(0), bias = v_set(0), some_gain = v_set(0), some_bias = v_set(0);
    for (size_t r = 0; r < rows; r++) {
        vf g = v_get(dy + r * stride, n);
        some_bias = some_bias + g;
        some_gain = v_fma(g, (v_get(x + r * stride, n) - v_set(mean[r])) * v_set(rstd[r]), some_gain);
        if (r % SL_CPU_GROUP == SL_CPU_GROUP - 1) {
            gain = gain + some_gain;
            bias = bias + some_bias;
            some_gain = some_bias = v_set(0);
        }
    }
    if (dgain) {
        v_put(dgain, n, gain + some_gain, add);
    }
    if (dbias) {
        v_put(dbias, n, bias + some_bias, add);
    }
}

V_TARGET static void layer_norm_dw(size_t rows, size_t columns, size_t stride, const float *x, const float *mean,
                                   const float *rstd, const float *dy, float *dgain, float *dbias, bool add)
{
    for (size_t j = 0; j < columns; j += V_WIDTH) {
        norm_strip(columns - j, rows, stride, x + j, mean, rstd, dy + j, dgain ? dgain + j : NULL,
                   dbias ? dbias + j : NULL, add);
    }
}

/* --- an optimizer's step --- */

/* The gradient as the rule sees it. */
V_INLINE vf gradient_of(const struct cpu_step *s, size_t n, const float *g)
{
    return v_min(v_set(s->bound), v_max(v_set(-s->bound), v_set(s->scale) * v_get(g, n)));
}

V_INLINE vf shrunk(const struct cpu_step *s, size_t n, const float *w)
{
    vf x = v_get(w, n);
    return x - v_set(s->shrink) * x;
}

V_INLINE void adam_step(const struct cpu_step *s, size_t n, float *w, const float *g, float *m, float *v)
{
    vf slope_here = gradient_of(s, n, g), old_m = v_get(m, n), old_v = v_get(v, n);
    vf new_m = v_fma(slope_here - old_m, v_set(1 - s->beta1), old_m);
    vf new_v = v_fma(v_fma(slope_here, slope_here, v_set(0) - old_v), v_set(1 - s->beta2), old_v);
    v_put(m, n, new_m, false);
    v_put(v, n, new_v, false);
    v_put(w, n, shrunk(s, n, w) - v_set(s->rate) * v_over_root(new_m, new_v, v_set(s->epsilon)), false);
}

V_INLINE void sgd_step(const struct cpu_step *s, size_t n, float *w, const float *g, float *m)
{
    const vf keep = v_set(s->momentum);
    vf move = v_set(0) - v_set(s->rate) * gradient_of(s, n, g);
    if (m) {
        vf speed = v_fma(keep, v_get(m, n), move);
        v_put(m, n, speed, false);
        move = s->nesterov ? v_fma(keep, speed, move) : speed;
    }
    v_put(w, n, shrunk(s, n, w) + move, false);
}

V_INLINE void rmsprop_step(const struct cpu_step *s, size_t n, float *w, const float *g, float *m, float *v)
{
    vf slope_here = gradient_of(s, n, g);
    vf square = v_fma(v_set(s->rho), v_get(v, n), v_set(1 - s->rho) * (slope_here * slope_here));
    v_put(v, n, square, false);
    vf move = v_set(s->rate) * slope_here / v_sqrt(square + v_set(s->epsilon));
    if (m) {
        move = v_fma(v_set(s->momentum), v_get(m, n), move);
        v_put(m, n, move, false);
    }
    v_put(w, n, shrunk(s, n, w) - move, false);
}

V_TARGET static void adam(size_t n, const struct cpu_step *s, float *w, const float *g, float *m, float *v)
{
    const struct cpu_step step = *s; /* a copy that no store can change */
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        adam_step(&step, V_WIDTH, w + i, g + i, m + i, v + i);
    }
    if (i < n) {
        adam_step(&step, n - i, w + i, g + i, m + i, v + i);
    }
}

V_TARGET static void sgd(size_t n, const struct cpu_step *s, float *w, const float *g, float *m)
{
    const struct cpu_step step = *s;
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        sgd_step(&step, V_WIDTH, w + i, g + i, m ? m + i : NULL);
    }
    if (i < n) {
        sgd_step(&step, n - i, w + i, g + i, m ? m + i : NULL);
    }
}

V_TARGET static void rmsprop(size_t n, const struct cpu_step *s, float *w, const float *g, float *m, float *v)
{
    const struct cpu_step step = *s;
    size_t i = 0;
    for (; i + V_WIDTH <= n; i += V_WIDTH) {
        rmsprop_step(&step, V_WIDTH, w + i, g + i, m ? m + i : NULL, v + i);
    }
    if (i < n) {
        rmsprop_step(&step, n - i, w + i, g + i, m ? m + i : NULL, v + i);
    }
}

static void update(size_t n, const struct cpu_step *step, float *w, const float *g, float *m, float *v)
{
    switch (step->rule) {
    case SL_SGD: sgd(n, step, w, g, step->momentum != 0 ? m : NULL); break;
    case SL_ADAM:
    case SL_ADAMW: adam(n, step, w, g, m, v); break;
    case SL_RMSPROP: rmsprop(n, step, w, g, step->momentum > 0 ? m : NULL, v); break;
    }
}

#endif
