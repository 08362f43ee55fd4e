/* reference.c: see reference.h. Written for being right at a glance, not for speed. */
#include "tests/unit/device/reference.h"

#include <math.h>

#include "sluice/random.h"

double ref_activation(enum sl_activation f, double x)
{
    switch (f) {
    case SL_RELU: return x < 0 ? 0 : x;
    case SL_GELU: return 0.5 * x * erfc(-x / sqrt(2));
    case SL_TANH: return tanh(x);
    case SL_SIGMOID: return 1 / (1 + exp(-x));
    case SL_LINEAR: break;
    }
    return x;
}

double ref_slope(enum sl_activation f, double x)
{
    double y = ref_activation(f, x);
    switch (f) {
    case SL_RELU: return x > 0;
    case SL_GELU: return 0.5 * erfc(-x / sqrt(2)) + x * exp(-0.5 * x * x) / sqrt(2 * acos(-1));
    case SL_TANH: return 1 - y * y;
    case SL_SIGMOID: return y * (1 - y);
    case SL_LINEAR: break;
    }
    return 1;
}

void ref_gemm(bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b, const float *before,
              double *want, double *size)
{
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = before ? (double)before[i * n + j] : 0, all = fabs(sum);
            for (size_t p = 0; p < k; p++) {
                double term = (double)(ta ? a[p * m + i] : a[i * k + p]) * (double)(tb ? b[j * k + p] : b[p * n + j]);
                sum += term;
                all += fabs(term);
            }
            want[i * n + j] = sum;
            size[i * n + j] = all;
        }
    }
}

void ref_dropout(size_t n, double rate, uint64_t seed, uint32_t site, uint32_t step, const float *x,
                 const float *before, double *want)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t word[4];
        sl_philox(seed, SL_RANDOM_DROPOUT, step, i / 4, site, word);
        want[i] = before ? (double)before[i] : 0;
        if ((double)word[i % 4] >= rate * 0x1p32) {
            want[i] += (double)x[i] / (1 - rate);
        }
    }
}

void ref_reduce(size_t outer, size_t axis, size_t inner, bool mean, const float *x, const float *before, double *want,
                double *size)
{
    for (size_t o = 0; o < outer; o++) {
        for (size_t i = 0; i < inner; i++) {
            double sum = 0, all = 0;
            for (size_t a = 0; a < axis; a++) {
                sum += (double)x[(o * axis + a) * inner + i];
                all += fabs((double)x[(o * axis + a) * inner + i]);
            }
            double start = before ? (double)before[o * inner + i] : 0, by = mean ? 1 / (double)axis : 1;
            want[o * inner + i] = start + sum * by;
            size[o * inner + i] = fabs(start) + all * by;
        }
    }
}

void ref_reduce_grad(size_t outer, size_t axis, size_t inner, bool mean, const float *dy, const float *before,
                     double *want)
{
    for (size_t at = 0; at < outer * axis * inner; at++) {
        size_t o = at / (axis * inner), i = at % inner;
        want[at] = (before ? (double)before[at] : 0) + (double)dy[o * inner + i] / (mean ? (double)axis : 1);
    }
}

static size_t place_of_highest(size_t n, const float *x)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++) {
        best = x[i] > x[best] ? i : best;
    }
    return best;
}

void ref_softmax(size_t columns, const float *x, double *want)
{
    double highest = (double)x[place_of_highest(columns, x)], sum = 0;
    for (size_t j = 0; j < columns; j++) {
        want[j] = exp((double)x[j] - highest);
        sum += want[j];
    }
    for (size_t j = 0; j < columns; j++) {
        want[j] /= sum;
    }
}

static void entropy_row(size_t r, size_t rows, size_t n, const struct sl_cross_entropy *what, struct ref_entropy *want)
{
    const float *z = what->logits + r * n, *soft = what->soft ? what->soft + r * n : NULL;
    double *p = want->probabilities + r * n, s = (double)what->smoothing;
    ref_softmax(n, z, p);
    size_t label = soft ? place_of_highest(n, soft) : what->labels[r], highest = place_of_highest(n, z);
    double weight = what->weights ? (double)what->weights[label] : 1, top = (double)z[highest], sum = 0;
    for (size_t j = 0; j < n; j++) {
        sum += exp((double)z[j] - top);
    }
    want->row_loss[r] = 0;
    want->row_size[r] = weight;
    for (size_t j = 0; j < n; j++) {
        double t = (1 - s) * (soft ? (double)soft[j] : j == label) + s / (double)n;
        want->row_loss[r] += weight * t * (log(sum) - ((double)z[j] - top));
        want->row_size[r] += weight * t * (fabs((double)z[j]) + fabs(top));
        want->gradient[r * n + j] = (p[j] - t) * weight / (double)rows;
        want->gradient_size[r * n + j] = (p[j] + t) * weight / (double)rows;
    }
    want->figures[0] += want->row_loss[r] / (double)rows;
    want->loss_size += want->row_size[r] / (double)rows;
    want->figures[1] += highest == label;
}

void ref_cross_entropy(size_t rows, size_t classes, const struct sl_cross_entropy *what, struct ref_entropy *want)
{
    want->figures[0] = want->figures[1] = want->loss_size = 0;
    for (size_t r = 0; r < rows; r++) {
        entropy_row(r, rows, classes, what, want);
    }
}

void ref_layer_norm(size_t columns, double epsilon, const float *x, const float *gain, const float *bias, double *want,
                    double *size, double *mean, double *rstd)
{
    double sum = 0, all = 0, square = 0, n = (double)columns;
    for (size_t j = 0; j < columns; j++) {
        sum += (double)x[j];
        all += fabs((double)x[j]);
    }
    *mean = sum / n;
    for (size_t j = 0; j < columns; j++) {
        square += ((double)x[j] - *mean) * ((double)x[j] - *mean);
    }
    *rstd = 1 / sqrt(square / n + epsilon);
    for (size_t j = 0; j < columns; j++) {
        double by = (double)gain[j] * *rstd;
        want[j] = ((double)x[j] - *mean) * by + (double)bias[j];
        size[j] = (fabs((double)x[j]) + all / n) * fabs(by) + fabs((double)bias[j]);
    }
}

void ref_layer_norm_grad(size_t rows, size_t columns, const float *x, const float *gain, const float *mean,
                         const float *rstd, const float *dy, struct ref_norm_grad *want)
{
    for (size_t r = 0; r < rows; r++) {
        double a = 0, b = 0, size_a = 0, size_b = 0, n = (double)columns, by = (double)rstd[r];
        for (size_t j = 0; j < columns; j++) {
            double d = (double)dy[r * columns + j], g = d * (double)gain[j];
            double normal = ((double)x[r * columns + j] - (double)mean[r]) * by;
            a += g / n;
            b += g * normal / n;
            size_a += fabs(g) / n;
            size_b += fabs(g * normal) / n;
            want->dgain[j] += d * normal;
            want->dgain_size[j] += fabs(d * normal);
            want->dbias[j] += d;
            want->dbias_size[j] += fabs(d);
        }
        for (size_t j = 0; j < columns; j++) {
            size_t at = r * columns + j;
            double g = (double)dy[at] * (double)gain[j], normal = ((double)x[at] - (double)mean[r]) * by;
            want->dx[at] += by * (g - a - normal * b);
            want->dx_size[at] += by * (fabs(g) + size_a + fabs(normal) * size_b);
        }
    }
}

void ref_embedding(size_t n, size_t vocabulary, size_t width, const uint32_t *ids, const float *table, double *want)
{
    for (size_t i = 0; i < n * width; i++) {
        uint32_t id = ids[i / width];
        want[i] = id < vocabulary ? (double)table[id * width + i % width] : 0;
    }
}

void ref_embedding_grad(size_t n, size_t vocabulary, size_t width, const uint32_t *ids, const float *dy,
                        const float *before, size_t table, double *want, double *size)
{
    for (size_t i = 0; i < table; i++) {
        want[i] = before ? (double)before[i] : 0;
        size[i] = fabs(want[i]);
    }
    for (size_t i = 0; i < n * width; i++) {
        uint32_t id = ids[i / width];
        if (id < vocabulary) {
            want[id * width + i % width] += (double)dy[i];
            size[id * width + i % width] += fabs((double)dy[i]);
        }
    }
}

static double gradient_of(const struct sl_update *how, double sumsq, double g)
{
    g *= (double)how->scale;
    double norm = sqrt(sumsq) * (double)how->scale, value = (double)how->clip_value;
    if (how->clip_norm > 0 && norm > (double)how->clip_norm) {
        g *= (double)how->clip_norm / norm;
    }
    return how->clip_value > 0 ? fmin(value, fmax(-value, g)) : g;
}

void ref_update(size_t n, const struct sl_update *how, const struct sl_hyper *hyper, double sumsq, double *w,
                const float *g, double *m, double *v)
{
    double rate = (double)hyper->learning_rate, momentum = (double)how->momentum, epsilon = (double)how->epsilon;
    for (size_t i = 0; i < n && isfinite(sumsq); i++) {
        double x = gradient_of(how, sumsq, (double)g[i]), move = 0;
        w[i] -= rate * (double)how->weight_decay * w[i];
        switch (how->rule) {
        case SL_SGD:
            move = -rate * x;
            if (how->momentum != 0) {
                m[i] = momentum * m[i] - rate * x;
                move = how->nesterov ? momentum * m[i] - rate * x : m[i];
            }
            break;
        case SL_ADAM:
        case SL_ADAMW:
            m[i] += (x - m[i]) * (1 - (double)how->beta1);
            v[i] += (x * x - v[i]) * (1 - (double)how->beta2);
            move = -rate * sqrt((double)hyper->correct2) / (double)hyper->correct1 * m[i] / (sqrt(v[i]) + epsilon);
            break;
        case SL_RMSPROP:
            v[i] = (double)how->rho * v[i] + (1 - (double)how->rho) * x * x;
            move = -rate * x / sqrt(v[i] + epsilon);
            if (how->momentum > 0) {
                m[i] = momentum * m[i] - move;
                move = -m[i];
            }
            break;
        }
        w[i] += move;
    }
}
