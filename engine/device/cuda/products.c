/* products.c: a dense layer and its gradients, of cuBLAS's products and our kernels for the rest. */
#include "engine/device/cuda/private.h"

void cuda_dense(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w, const float *b,
                enum sl_activation f, float *pre, float *y)
{
    float *z = pre ? pre : y;
    cuda_gemm(d, false, false, rows, out, in, x, w, z, false);
    if (b || pre || f != SL_LINEAR) {
        cuda_bias(d, rows, out, z, b, f, pre, y);
    }
}

void cuda_dense_grad(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                     const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                     float *dw, float *db, bool add_dw)
{
    if (f != SL_LINEAR) {
        cuda_activate_grad(d, f, rows * out, pre, y, dy, dy, false);
    }
    if (db) {
        cuda_column_sums(d, rows, out, dy, db, add_dw);
    }
    if (dw) {
        cuda_gemm(d, true, false, in, out, rows, x, dy, dw, add_dw);
    }
    if (dx) {
        cuda_gemm(d, false, true, rows, in, out, dy, w, dx, add_dx);
    }
}
