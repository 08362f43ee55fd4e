/* plain_kernels.c: each kernel as sluice/device.h says it, one element after the other, sums in double. */
#include "plain_kernels.h"

#include "sluice/random.h"

#include <math.h>

#define GIVEN(d, a, b, much) plain_given(d, __LINE__, (uintptr_t)(a) ^ (uintptr_t)(b) << 1, much)

static void put(float *to, double value, bool add)
{
    *to = (float)(add ? (double)*to + value : value);
}

static double activated(enum sl_activation f, double x)
{
    switch (f) {
    case SL_RELU: return x > 0 ? x : 0;
    case SL_GELU: return x * 0.5 * (1 + erf(x * M_SQRT1_2));
    case SL_TANH: return tanh(x);
    case SL_SIGMOID: return 1 / (1 + exp(-x));
    case SL_LINEAR: break;
    }
    return x;
}

/* f'(x), told by x for gelu alone and by y = f(x) for the others. */
static double slope(enum sl_activation f, double x, double y)
{
    switch (f) {
    case SL_RELU: return y > 0;
    case SL_GELU: return 0.5 * (1 + erf(x * M_SQRT1_2)) + x * exp(-x * x / 2) * 0.5 * M_SQRT1_2 * M_2_SQRTPI;
    case SL_TANH: return 1 - y * y;
    case SL_SIGMOID: return y * (1 - y);
    case SL_LINEAR: break;
    }
    return 1;
}

static void gemm(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
                 float *c, bool add)
{
    GIVEN(d, a, c, m * n * k + add);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++) {
                sum += (double)a[ta ? l * m + i : i * k + l] * (double)b[tb ? j * k + l : l * n + j];
            }
            put(&c[i * n + j], sum, add);
        }
    }
}

static void column_sums(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add)
{
    GIVEN(d, x, y, rows * columns + add);
    for (size_t j = 0; j < columns; j++) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++) {
            sum += (double)x[i * columns + j];
        }
        put(&y[j], sum, add);
    }
}

static void activate(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y)
{
    GIVEN(d, x, y, n + f);
    for (size_t i = 0; i < n; i++) {
        y[i] = (float)activated(f, (double)x[i]);
    }
}

static void activate_grad(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                          const float *dy, float *dx, bool add)
{
    GIVEN(d, y, dx, n + f + add);
    for (size_t i = 0; i < n; i++) {
        put(&dx[i], (double)dy[i] * slope(f, (double)x[i], (double)y[i]), add);
    }
}

static void dense(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                  const float *b, enum sl_activation f, float *pre, float *y)
{
    gemm(d, false, false, rows, out, in, x, w, y, false);
    for (size_t i = 0; b && i < rows * out; i++) {
        y[i] += b[i % out];
    }
    if (pre) {
        memcpy(pre, y, rows * out * sizeof *y);
    }
    activate(d, f, rows * out, y, y);
}

static void dense_grad(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                       const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                       float *dw, float *db, bool add_dw)
{
    activate_grad(d, f, rows * out, f == SL_GELU ? pre : y, y, dy, dy, false);
    if (dx) {
        gemm(d, false, true, rows, in, out, dy, w, dx, add_dx);
    }
    if (dw) {
        gemm(d, true, false, in, out, rows, x, dy, dw, add_dw);
    }
    if (db) {
        column_sums(d, rows, out, dy, db, add_dw);
    }
}

static void sum_of(struct sl_device *d, size_t n, const float *a, const float *b, float *y)
{
    GIVEN(d, a, y, n);
    for (size_t i = 0; i < n; i++) {
        y[i] = a[i] + b[i];
    }
}

static void scale(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add)
{
    GIVEN(d, x, y, n + add);
    for (size_t i = 0; i < n; i++) {
        put(&y[i], (double)by * (double)x[i], add);
    }
}

static void dropout(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site,
                    const struct sl_hyper *hyper, const float *x, float *y, bool add)
{
    GIVEN(d, x, (const float *)y + site, n + add);
    for (size_t i = 0; i < n; i++) {
        uint32_t word[4];
        sl_philox(seed, SL_RANDOM_DROPOUT, hyper->step, i / 4, site, word);
        put(&y[i], (double)word[i % 4] >= (double)rate * 0x1p32 ? (double)x[i] / (1 - (double)rate) : 0, add);
    }
}

static void reduce(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y)
{
    GIVEN(d, x, y, outer * axis * inner + mean);
    for (size_t i = 0; i < outer * inner; i++) {
        double sum = 0;
        for (size_t k = 0; k < axis; k++) {
            sum += (double)x[(i / inner * axis + k) * inner + i % inner];
        }
        y[i] = (float)(mean ? sum / (double)axis : sum);
    }
}

static void reduce_grad(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                        float *dx, bool add)
{
    GIVEN(d, dy, dx, outer * axis * inner + mean + 2 * add);
    for (size_t i = 0; i < outer * axis * inner; i++) {
        double value = (double)dy[i / inner / axis * inner + i % inner];
        put(&dx[i], mean ? value / (double)axis : value, add);
    }
}

static void softmax_row(size_t columns, const float *x, float *y)
{
    double top = -INFINITY, sum = 0;
    for (size_t j = 0; j < columns; j++) {
        top = fmax(top, (double)x[j]);
    }
    for (size_t j = 0; j < columns; j++) {
        sum += exp((double)x[j] - top);
    }
    for (size_t j = 0; j < columns; j++) {
        y[j] = (float)(exp((double)x[j] - top) / sum);
    }
}

static void softmax(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y)
{
    GIVEN(d, x, y, rows * columns);
    for (size_t i = 0; i < rows; i++) {
        softmax_row(columns, x + i * columns, y + i * columns);
    }
}

static size_t highest(size_t n, const float *x)
{
    size_t best = 0;
    for (size_t j = 1; j < n; j++) {
        best = x[j] > x[best] ? j : best;
    }
    return best;
}

/* Loss of a row, and its gradient. */
static double cross_entropy_row(size_t i, size_t rows, size_t classes, const struct sl_cross_entropy *what,
                                size_t label)
{
    const float *z = what->logits + i * classes;
    float *p = what->probabilities + i * classes;
    double weight = what->weights ? (double)what->weights[label] : 1, top = -INFINITY, sum = 0, loss = 0;
    softmax_row(classes, z, p);
    for (size_t j = 0; j < classes; j++) {
        top = fmax(top, (double)z[j]);
    }
    for (size_t j = 0; j < classes; j++) {
        sum += exp((double)z[j] - top);
    }
    for (size_t j = 0; j < classes; j++) {
        double t = what->soft ? (double)what->soft[i * classes + j] : j == label;
        t = t * (1 - (double)what->smoothing) + (double)what->smoothing / (double)classes;
        loss -= t * ((double)z[j] - top - log(sum));
        if (what->gradient) {
            what->gradient[i * classes + j] = (float)(((double)p[j] - t) * weight / (double)rows);
        }
    }
    return loss * weight;
}

static void cross_entropy(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what)
{
    GIVEN(d, what->logits, what->gradient, rows * classes);
    GIVEN(d, what->labels, what->soft, classes);
    double loss = 0, correct = 0;
    for (size_t i = 0; i < rows; i++) {
        size_t label = what->soft ? highest(classes, what->soft + i * classes) : what->labels[i];
        double row = cross_entropy_row(i, rows, classes, what, label);
        loss += row;
        correct += highest(classes, what->probabilities + i * classes) == label;
        what->row_loss[i] = (float)row;
    }
    what->figures[0] = (float)(loss / (double)rows);
    what->figures[1] = (float)correct;
}

static void squared_error(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                          float *figures, float *row_loss)
{
    GIVEN(d, y, dy, rows * columns);
    double all = 0;
    for (size_t i = 0; i < rows; i++) {
        double row = 0;
        for (size_t j = 0; j < columns; j++) {
            double off = (double)y[i * columns + j] - (double)t[i * columns + j];
            row += off * off;
            if (dy) {
                dy[i * columns + j] = (float)(2 * off / (double)(rows * columns));
            }
        }
        row_loss[i] = (float)(row / (double)columns);
        all += row;
    }
    figures[0] = (float)(all / (double)(rows * columns));
    figures[1] = 0;
}

static void layer_norm(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x,
                       const float *gain, const float *bias, float *y, float *mean, float *rstd)
{
    GIVEN(d, x, y, rows * columns);
    for (size_t i = 0; i < rows; i++, x += columns, y += columns) {
        double sum = 0, square = 0;
        for (size_t j = 0; j < columns; j++) {
            sum += (double)x[j];
        }
        double middle = sum / (double)columns;
        for (size_t j = 0; j < columns; j++) {
            square += ((double)x[j] - middle) * ((double)x[j] - middle);
        }
        double r = 1 / sqrt(square / (double)columns + (double)epsilon);
        for (size_t j = 0; j < columns; j++) {
            y[j] = (float)(((double)x[j] - middle) * r * (double)gain[j] + (double)bias[j]);
        }
        mean[i] = (float)middle;
        rstd[i] = (float)r;
    }
}

static void layer_norm_grad(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                            const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                            float *dbias, bool add_dw)
{
    GIVEN(d, x, dx, rows * columns + add_dx + 2 * add_dw);
    for (size_t j = 0; j < columns; j++) {
        double g = 0, b = 0;
        for (size_t i = 0; i < rows; i++) {
            g += (double)dy[i * columns + j] * ((double)x[i * columns + j] - (double)mean[i]) * (double)rstd[i];
            b += (double)dy[i * columns + j];
        }
        put(&dgain[j], g, add_dw);
        put(&dbias[j], b, add_dw);
    }
    for (size_t i = 0; dx && i < rows; i++, x += columns, dy += columns, dx += columns) {
        double a = 0, b = 0, r = (double)rstd[i];
        for (size_t j = 0; j < columns; j++) {
            double along = (double)dy[j] * (double)gain[j];
            a += along / (double)columns;
            b += along * ((double)x[j] - (double)mean[i]) * r / (double)columns;
        }
        for (size_t j = 0; j < columns; j++) {
            double h = ((double)x[j] - (double)mean[i]) * r;
            put(&dx[j], r * ((double)dy[j] * (double)gain[j] - a - h * b), add_dx);
        }
    }
}

static void embedding(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                      const float *table, float *y)
{
    GIVEN(d, ids, y, n * width);
    for (size_t i = 0; i < n * width; i++) {
        y[i] = ids[i / width] < vocabulary ? table[ids[i / width] * width + i % width] : 0;
    }
}

static void embedding_grad(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                           const float *dy, float *dtable, bool add)
{
    GIVEN(d, dy, dtable, n * width + add);
    if (!add) {
        memset(dtable, 0, vocabulary * width * sizeof *dtable);
    }
    for (size_t i = 0; i < n * width; i++) {
        if (ids[i / width] < vocabulary) {
            dtable[ids[i / width] * width + i % width] += dy[i];
        }
    }
}

static void square_sum(struct sl_device *d, size_t n, const float *g, float *out)
{
    GIVEN(d, g, out, n);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)g[i] * (double)g[i];
    }
    *out = (float)sum;
}

/* Without `update`: a graph gives none. */
const struct sl_kernels plain_kernels = {
    .gemm = gemm,
    .dense = dense,
    .dense_grad = dense_grad,
    .activate = activate,
    .activate_grad = activate_grad,
    .sum = sum_of,
    .scale = scale,
    .dropout = dropout,
    .column_sums = column_sums,
    .reduce = reduce,
    .reduce_grad = reduce_grad,
    .softmax = softmax,
    .cross_entropy = cross_entropy,
    .squared_error = squared_error,
    .layer_norm = layer_norm,
    .layer_norm_grad = layer_norm_grad,
    .embedding = embedding,
    .embedding_grad = embedding_grad,
    .square_sum = square_sum,
};
