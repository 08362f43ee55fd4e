/* loss.cu: softmax and the two losses with their gradients, a block a row.
 *
 * The highest logit is taken off before exp. Where several are highest the first counts. A label that is no class makes
 * its row's loss NaN, so that it cannot go unseen. The means over the rows are added up by one block, in a fixed
 * shape. */
#include "engine/device/cuda/kernel.h"

#include <math.h>

struct best {
    float value;
    uint32_t at;
};

struct loss_args {
    size_t rows, columns;
    struct sl_cross_entropy what;
    float *correct; /* rows: 1 or 0 */
};

/* The better of two: the higher, and of equal ones the first. Not a number is better than a number. */
static __device__ struct best better(struct best a, struct best b)
{
    bool second = b.value > a.value || (isnan(b.value) && !isnan(a.value)) || (b.value == a.value && b.at < a.at);
    return second ? b : a;
}

/* The best of those a thread comes by. */
static __device__ struct best best_of(const float *x, size_t n, size_t first, size_t stride)
{
    struct best b = { -INFINITY, UINT32_MAX };
    for (size_t i = first; i < n; i += stride) {
        struct best next = { x[i], (uint32_t)i };
        b = better(b, next);
    }
    return b;
}

#define BEST_THREADS(s)                                \
    for (unsigned w = blockDim.x / 2; w > 0; w /= 2) { \
        THREADS(t)                                     \
        {                                              \
            if (t < w) {                               \
                (s)[t] = better((s)[t], (s)[t + w]);   \
            }                                          \
        }                                              \
    }

struct softmax_args {
    size_t rows, columns;
    const float *x;
    float *y;
};

KERNEL(softmax, softmax_args)
{
    __shared__ struct best top[CUDA_THREADS];
    __shared__ float s[CUDA_THREADS];
    for (size_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
        const float *x = a.x + row * a.columns;
        float *y = a.y + row * a.columns;
        THREADS(t)
        {
            top[t] = best_of(x, a.columns, t, blockDim.x);
        }
        BEST_THREADS(top);
        TAKE(float, highest, top[0].value);
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                float e = expf(x[i] - highest);
                sum += e;
                y[i] = e;
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        TAKE(float, sum, s[0]);
        THREADS(t)
        {
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                y[i] /= sum;
            }
        }
    }
}

void cuda_softmax(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y)
{
    struct softmax_args args = { .rows = rows, .columns = columns, .x = x, .y = y };
    LAUNCH(d, softmax, cuda_rows(rows), cuda_row_threads(columns), args);
}

/* What is aimed at for a class: the given share or 1 for the label, smoothed. */
static __device__ float target(const struct sl_cross_entropy *what, const float *soft, uint32_t label, size_t i,
                               size_t classes)
{
    float t = soft ? soft[i] : i == label ? 1.0f : 0.0f;
    return what->smoothing > 0.0f ? t * (1.0f - what->smoothing) + what->smoothing / (float)classes : t;
}

KERNEL(cross_entropy, loss_args)
{
    __shared__ struct best top[CUDA_THREADS], wanted[CUDA_THREADS];
    __shared__ float s[CUDA_THREADS];
    for (size_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
        const float *x = a.what.logits + row * a.columns;
        const float *soft = a.what.soft ? a.what.soft + row * a.columns : NULL;
        THREADS(t)
        {
            struct best label = { 0.0f, soft ? 0 : a.what.labels[row] };
            top[t] = best_of(x, a.columns, t, blockDim.x);
            wanted[t] = soft ? best_of(soft, a.columns, t, blockDim.x) : label;
        }
        BEST_THREADS(top);
        BEST_THREADS(wanted);
        TAKE(float, highest, top[0].value);
        TAKE(uint32_t, label, wanted[0].at);
        float weight = label >= a.columns ? NAN : a.what.weights ? a.what.weights[label] : 1.0f;
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                sum += expf(x[i] - highest);
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        TAKE(float, sum, s[0]);
        THREADS(t)
        {
            float log_sum = highest + logf(sum), loss = 0.0f, by = weight / (float)a.rows;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                float p = expf(x[i] - highest) / sum, q = target(&a.what, soft, label, i, a.columns);
                loss += q > 0.0f ? q * (log_sum - x[i]) : 0.0f;
                a.what.probabilities[row * a.columns + i] = p;
                if (a.what.gradient) {
                    a.what.gradient[row * a.columns + i] = (p - q) * by;
                }
            }
            s[t] = loss;
        }
        SUM_THREADS(s);
        THREADS(t)
        {
            if (t == 0) {
                a.what.row_loss[row] = s[0] * weight;
                a.correct[row] = top[0].at == label && sum == sum ? 1.0f : 0.0f; /* not of NaN */
            }
        }
    }
}

struct figures_args {
    size_t rows;
    const float *row_loss, *correct;
    float *figures;
};

/* figures = the mean of the rows' losses, and how many are right. */
KERNEL(figures, figures_args)
{
    __shared__ float s[CUDA_THREADS], c[CUDA_THREADS];
    THREADS(t)
    {
        float loss = 0.0f, right = 0.0f;
        for (size_t i = t; i < a.rows; i += blockDim.x) {
            loss += a.row_loss[i];
            right += a.correct ? a.correct[i] : 0.0f;
        }
        s[t] = loss;
        c[t] = right;
    }
    SUM_THREADS(s);
    SUM_THREADS(c);
    THREADS(t)
    {
        if (t == 0) {
            a.figures[0] = a.rows > 0 ? s[0] / (float)a.rows : 0.0f;
            a.figures[1] = c[0];
        }
    }
}

void cuda_cross_entropy(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what)
{
    float *correct = cuda_scratch(d, "cross_entropy", rows);
    if (!correct) {
        return;
    }
    struct loss_args args = { .rows = rows, .columns = classes, .what = *what, .correct = correct };
    struct figures_args all = {
        .rows = rows, .row_loss = what->row_loss, .correct = correct, .figures = what->figures
    };
    LAUNCH(d, cross_entropy, cuda_rows(rows), cuda_row_threads(classes), args);
    LAUNCH(d, figures, 1, CUDA_THREADS, all);
}

struct squared_args {
    size_t rows, columns;
    const float *y, *t;
    float *dy, *row_loss;
    float by;
};

KERNEL(squared_error, squared_args)
{
    __shared__ float s[CUDA_THREADS];
    for (size_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = row * a.columns + t; i < (row + 1) * a.columns; i += blockDim.x) {
                float e = a.y[i] - a.t[i];
                sum += e * e;
                if (a.dy) {
                    a.dy[i] = a.by * e;
                }
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        THREADS(t)
        {
            if (t == 0) {
                a.row_loss[row] = s[0] / (float)a.columns;
            }
        }
    }
}

void cuda_squared_error(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                        float *figures, float *row_loss)
{
    struct squared_args args = { .rows = rows,
                                 .columns = columns,
                                 .y = y,
                                 .t = t,
                                 .dy = dy,
                                 .row_loss = row_loss,
                                 .by = (float)(2.0 / ((double)rows * (double)columns)) };
    struct figures_args all = { .rows = rows, .row_loss = row_loss, .figures = figures };
    LAUNCH(d, squared_error, cuda_rows(rows), cuda_row_threads(columns), args);
    LAUNCH(d, figures, 1, CUDA_THREADS, all);
}
