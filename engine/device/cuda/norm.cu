/* norm.cu: layer normalisation and its gradient, a block a row.
 *
 * Source  Ba, Kiros, Hinton 2016. With x̂ = (x − mean)·rstd and g = dy·gain:
 *         dx = rstd·(g − mean(g) − x̂·mean(g·x̂)), dgain = Σ dy·x̂, dbias = Σ dy
 * The variance is that of the differences from the mean, in a second pass over the row: no cancellation. */
#include "engine/device/cuda/kernel.h"

#include <math.h>

struct norm_args {
    size_t rows, columns;
    const float *x, *gain, *bias, *dy, *kept_mean, *kept_rstd;
    float *y, *mean, *rstd;
    float epsilon;
    bool add;
};

KERNEL(layer_norm, norm_args)
{
    __shared__ float s[CUDA_THREADS];
    float columns = (float)a.columns;
    for (size_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
        const float *x = a.x + row * a.columns;
        float *y = a.y + row * a.columns;
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                sum += x[i];
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        TAKE(float, mean, s[0] / columns);
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                sum += (x[i] - mean) * (x[i] - mean);
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        TAKE(float, rstd, 1.0f / sqrtf(s[0] / columns + a.epsilon));
        THREADS(t)
        {
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                y[i] = (x[i] - mean) * rstd * a.gain[i] + a.bias[i];
            }
            if (t == 0) {
                a.mean[row] = mean;
                a.rstd[row] = rstd;
            }
        }
    }
}

void cuda_layer_norm(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x, const float *gain,
                     const float *bias, float *y, float *mean, float *rstd)
{
    struct norm_args args = { .rows = rows,
                              .columns = columns,
                              .x = x,
                              .gain = gain,
                              .bias = bias,
                              .y = y,
                              .mean = mean,
                              .rstd = rstd,
                              .epsilon = epsilon };
    LAUNCH(d, layer_norm, cuda_rows(rows), cuda_row_threads(columns), args);
}

KERNEL(layer_norm_grad, norm_args)
{
    __shared__ float s[CUDA_THREADS], z[CUDA_THREADS];
    float columns = (float)a.columns;
    for (size_t row = blockIdx.x; row < a.rows; row += gridDim.x) {
        const float *x = a.x + row * a.columns, *dy = a.dy + row * a.columns;
        float *dx = a.y + row * a.columns, mean = a.kept_mean[row], rstd = a.kept_rstd[row];
        THREADS(t)
        {
            float g_sum = 0.0f, gx_sum = 0.0f;
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                float g = dy[i] * a.gain[i];
                g_sum += g;
                gx_sum += g * ((x[i] - mean) * rstd);
            }
            s[t] = g_sum;
            z[t] = gx_sum;
        }
        SUM_THREADS(s);
        SUM_THREADS(z);
        TAKE(float, g_mean, s[0] / columns);
        TAKE(float, gx_mean, z[0] / columns);
        THREADS(t)
        {
            for (size_t i = t; i < a.columns; i += blockDim.x) {
                float g = rstd * (dy[i] * a.gain[i] - g_mean - (x[i] - mean) * rstd * gx_mean);
                dx[i] = a.add ? dx[i] + g : g;
            }
        }
    }
}

void cuda_layer_norm_grad(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                          const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                          float *dbias, bool add_dw)
{
    if (dgain) { /* dx comes last: it may lie where dy does */
        cuda_column_sums_norm(d, rows, columns, dy, x, mean, rstd, dgain, add_dw);
    }
    if (dbias) {
        cuda_column_sums(d, rows, columns, dy, dbias, add_dw);
    }
    if (dx) {
        struct norm_args args = { .rows = rows,
                                  .columns = columns,
                                  .x = x,
                                  .gain = gain,
                                  .dy = dy,
                                  .kept_mean = mean,
                                  .kept_rstd = rstd,
                                  .y = dx,
                                  .add = add_dx };
        LAUNCH(d, layer_norm_grad, cuda_rows(rows), cuda_row_threads(columns), args);
    }
}
