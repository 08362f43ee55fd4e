/* cuda.h: the GPU as a device: what the plug-in's files share.
 *
 * Read by the kernels (*.cu, which nvcc takes for C++) and by the host's part (*.c), so this is what both languages
 * have in common. A kernel function (cuda_softmax, …) works out blocks and threads and gives a launch to the queue; the
 * queue (queue.c) issues it on the device's stream, keeps a copy while a step is being recorded, and latches what goes
 * wrong. No part of this needs a GPU to be compiled; tests/emulation compiles all of it for the processor. */
#ifndef SLUICE_DEVICE_CUDA_CUDA_H
#define SLUICE_DEVICE_CUDA_CUDA_H

#ifdef __cplusplus
extern "C" {
#endif

#include "sluice/device.h"

enum {
    CUDA_THREADS = 256,     /* of a block that goes by element; most of any block but a column block */
    CUDA_BLOCKS = 4096,     /* most blocks of a launch: the rest is done in strides */
    CUDA_ARGS = 128,        /* bytes of a kernel's arguments */
    CUDA_SCRATCH = 4 << 20, /* floats of scratch memory, for partial sums */
    CUDA_PARTIALS = 512,    /* most partial sums of one number */
};

/* --- queue.c: give work to the compute stream --- */
/* kernel: its function's address. args: one struct, `bytes` ≤ CUDA_ARGS. what: for error texts, kept by address. */
void cuda_launch(struct sl_device *d, const char *what, const void *kernel, size_t blocks, unsigned threads,
                 const void *args, size_t bytes);
/* Scratch memory of the device; holds until the next kernel that uses it. NULL, and an error latched, when more than
 * CUDA_SCRATCH is wanted. */
float *cuda_scratch(struct sl_device *d, const char *what, size_t floats);
void cuda_zero(struct sl_device *d, void *p, size_t bytes);
void cuda_copy(struct sl_device *d, void *to, const void *from, size_t bytes);
void cuda_gemm(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
               float *c, bool add);

/* Blocks of CUDA_THREADS for n elements. */
static inline size_t cuda_blocks(size_t n)
{
    size_t blocks = n / CUDA_THREADS + (n % CUDA_THREADS != 0);
    return blocks < CUDA_BLOCKS ? blocks : CUDA_BLOCKS;
}

/* Blocks for n rows, one each. */
static inline size_t cuda_rows(size_t n)
{
    return n < CUDA_BLOCKS ? n : CUDA_BLOCKS;
}

/* Threads of a block that goes along a row: as many as there are columns, a power of two from a warp upwards. */
static inline unsigned cuda_row_threads(size_t columns)
{
    unsigned threads = 32;
    while (threads < columns && threads < CUDA_THREADS) {
        threads *= 2;
    }
    return threads;
}

/* --- the kernels; what each does is said in sluice/device.h --- */
/* elements.cu */
void cuda_activate(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y);
void cuda_activate_grad(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                        const float *dy, float *dx, bool add);
void cuda_sum(struct sl_device *d, size_t n, const float *a, const float *b, float *y);
void cuda_scale(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add);
void cuda_dropout(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site, const struct sl_hyper *hyper,
                  const float *x, float *y, bool add);
/* What stands behind a product: y = f(z + b), where z and y may be the same; pre gets z + b where not NULL. */
void cuda_bias(struct sl_device *d, size_t rows, size_t columns, const float *z, const float *b, enum sl_activation f,
               float *pre, float *y);
/* sums.cu */
void cuda_column_sums(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add);
void cuda_reduce(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y);
void cuda_reduce_grad(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                      float *dx, bool add);
void cuda_square_sum(struct sl_device *d, size_t n, const float *g, float *out);
/* Sums by column of dy·(x − mean)·rstd, the latter two by row: layer norm's dgain. */
void cuda_column_sums_norm(struct sl_device *d, size_t rows, size_t columns, const float *dy, const float *x,
                           const float *mean, const float *rstd, float *y, bool add);
/* loss.cu */
void cuda_softmax(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y);
void cuda_cross_entropy(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what);
void cuda_squared_error(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                        float *figures, float *row_loss);
/* norm.cu */
void cuda_layer_norm(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x, const float *gain,
                     const float *bias, float *y, float *mean, float *rstd);
void cuda_layer_norm_grad(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                          const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                          float *dbias, bool add_dw);
/* embedding.cu */
void cuda_embedding(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                    const float *table, float *y);
void cuda_embedding_grad(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                         const float *dy, float *dtable, bool add);
/* update.cu */
void cuda_update(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                 const float *sumsq, float *w, const float *g, float *m, float *v);

#ifdef __cplusplus
}
#endif

#endif
