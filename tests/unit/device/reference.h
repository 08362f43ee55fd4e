/* reference.h: every kernel of a device in plain C and double precision, to be held against.
 *
 * `before` is what a kernel with `add` adds to, NULL without. `want` gets the result; `size`, where there is one, the
 * sum of the magnitudes of all that was added up for it: what a rounding error is to be measured by. */
#ifndef SLUICE_TEST_DEVICE_REFERENCE_H
#define SLUICE_TEST_DEVICE_REFERENCE_H

#include "sluice/device.h"

double ref_activation(enum sl_activation f, double x);
double ref_slope(enum sl_activation f, double x);
void ref_gemm(bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b, const float *before,
              double *want, double *size);
void ref_dropout(size_t n, double rate, uint64_t seed, uint32_t site, uint32_t step, const float *x,
                 const float *before, double *want);
void ref_reduce(size_t outer, size_t axis, size_t inner, bool mean, const float *x, const float *before, double *want,
                double *size);
void ref_reduce_grad(size_t outer, size_t axis, size_t inner, bool mean, const float *dy, const float *before,
                     double *want);
void ref_softmax(size_t columns, const float *x, double *want); /* one row */

struct ref_entropy {
    double *probabilities, *gradient, *gradient_size, *row_loss, *row_size, figures[2], loss_size;
};
void ref_cross_entropy(size_t rows, size_t classes, const struct sl_cross_entropy *what, struct ref_entropy *want);

/* One row; gain, bias: of all its columns. */
void ref_layer_norm(size_t columns, double epsilon, const float *x, const float *gain, const float *bias, double *want,
                    double *size, double *mean, double *rstd);
struct ref_norm_grad {
    double *dx, *dx_size, *dgain, *dgain_size, *dbias, *dbias_size; /* added to */
};
void ref_layer_norm_grad(size_t rows, size_t columns, const float *x, const float *gain, const float *mean,
                         const float *rstd, const float *dy, struct ref_norm_grad *want);
void ref_embedding(size_t n, size_t vocabulary, size_t width, const uint32_t *ids, const float *table, double *want);
void ref_embedding_grad(size_t n, size_t vocabulary, size_t width, const uint32_t *ids, const float *dy,
                        const float *before, size_t table, double *want, double *size);
/* w, m, v: before, and afterwards the result. */
void ref_update(size_t n, const struct sl_update *how, const struct sl_hyper *hyper, double sumsq, double *w,
                const float *g, double *m, double *v);

#endif
