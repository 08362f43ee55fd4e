/* elements.cu: kernels that treat each element alone: activations, sums, scaling, dropout.
 *
 * gelu is the exact one, with erf. Dropout draws the same numbers as the processor: Philox 4x32-10 (Salmon, Moraes,
 * Dror, Shaw 2011), one block for four elements; engine/base/philox.c says how a draw is addressed. */
#include "engine/device/cuda/kernel.h"
#include "sluice/random.h"

#include <math.h>

struct element_args {
    size_t n, columns;
    const float *x, *y, *dy;
    float *pre, *out;
    const struct sl_hyper *hyper;
    uint64_t seed, threshold;
    float by;
    uint32_t site;
    enum sl_activation f;
    bool add;
};

static __device__ float activation(enum sl_activation f, float x)
{
    switch (f) {
    case SL_RELU: return x < 0.0f ? 0.0f : x; /* NaN stays NaN */
    case SL_GELU: return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case SL_TANH: return tanhf(x);
    case SL_SIGMOID: return 1.0f / (1.0f + expf(-x));
    default: return x;
    }
}

static __device__ float slope(enum sl_activation f, float x, float y)
{
    switch (f) {
    case SL_RELU: return y <= 0.0f ? 0.0f : 1.0f; /* of NaN too: it goes on */
    case SL_GELU:
        return 0.5f * (1.0f + erff(x * 0.70710678118654752f)) + x * 0.39894228040143268f * expf(-0.5f * x * x);
    case SL_TANH: return 1.0f - y * y;
    case SL_SIGMOID: return y * (1.0f - y);
    default: return 1.0f;
    }
}

KERNEL(activate, element_args)
{
    ELEMENTS(i, a.n)
    {
        a.out[i] = activation(a.f, a.x[i]);
    }
}

void cuda_activate(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y)
{
    struct element_args args = { .n = n, .x = x, .out = y, .f = f };
    LAUNCH(d, activate, cuda_blocks(n), CUDA_THREADS, args);
}

KERNEL(activate_grad, element_args)
{
    ELEMENTS(i, a.n)
    {
        float g = a.dy[i] * slope(a.f, a.x ? a.x[i] : 0.0f, a.y ? a.y[i] : 0.0f);
        a.out[i] = a.add ? a.out[i] + g : g;
    }
}

void cuda_activate_grad(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                        const float *dy, float *dx, bool add)
{
    struct element_args args = { .n = n, .x = x, .y = y, .dy = dy, .out = dx, .f = f, .add = add };
    LAUNCH(d, activate_grad, cuda_blocks(n), CUDA_THREADS, args);
}

KERNEL(bias, element_args)
{
    ELEMENTS(i, a.n)
    {
        /* 32 bits where they do: a remainder of 64 takes several times as long */
        size_t column = i <= UINT32_MAX ? (uint32_t)i % (uint32_t)a.columns : i % a.columns;
        float z = a.x[i] + (a.dy ? a.dy[column] : 0.0f);
        if (a.pre) {
            a.pre[i] = z;
        }
        a.out[i] = activation(a.f, z);
    }
}

void cuda_bias(struct sl_device *d, size_t rows, size_t columns, const float *z, const float *b, enum sl_activation f,
               float *pre, float *y)
{
    struct element_args args = {
        .n = rows * columns, .columns = columns, .x = z, .dy = b, .pre = pre, .out = y, .f = f
    };
    LAUNCH(d, bias, cuda_blocks(args.n), CUDA_THREADS, args);
}

KERNEL(sum, element_args)
{
    ELEMENTS(i, a.n)
    {
        a.out[i] = a.x[i] + a.y[i];
    }
}

void cuda_sum(struct sl_device *d, size_t n, const float *x1, const float *x2, float *y)
{
    struct element_args args = { .n = n, .x = x1, .y = x2, .out = y };
    LAUNCH(d, sum, cuda_blocks(n), CUDA_THREADS, args);
}

KERNEL(scale, element_args)
{
    ELEMENTS(i, a.n)
    {
        float z = a.by * a.x[i];
        a.out[i] = a.add ? a.out[i] + z : z;
    }
}

void cuda_scale(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add)
{
    struct element_args args = { .n = n, .x = x, .out = y, .by = by, .add = add };
    LAUNCH(d, scale, cuda_blocks(n), CUDA_THREADS, args);
}

/* Four draws of Philox for (seed, SL_RANDOM_DROPOUT, step, group, site), as sl_philox gives them. */
static __device__ void draw(uint64_t seed, uint32_t step, uint64_t group, uint32_t site, uint32_t c[4])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32) ^ (uint32_t)SL_RANDOM_DROPOUT * 0x85ebca6bu;
    c[0] = site;
    c[1] = (uint32_t)group;
    c[2] = (uint32_t)(group >> 32);
    c[3] = step;
    for (int round = 0; round < 10; round++) {
        uint64_t p = (uint64_t)0xd2511f53u * c[0], q = (uint64_t)0xcd9e8d57u * c[2];
        c[0] = (uint32_t)(q >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)q;
        c[2] = (uint32_t)(p >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)p;
        k0 += 0x9e3779b9u;
        k1 += 0xbb67ae85u;
    }
}

KERNEL(dropout, element_args)
{
    ELEMENTS(group, (a.n + 3) / 4)
    {
        uint32_t word[4];
        draw(a.seed, a.hyper->step, group, a.site, word);
        for (size_t j = 0; j < 4 && 4 * group + j < a.n; j++) {
            size_t i = 4 * group + j;
            float z = word[j] >= a.threshold ? a.by * a.x[i] : 0.0f;
            a.out[i] = a.add ? a.out[i] + z : z;
        }
    }
}

void cuda_dropout(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site, const struct sl_hyper *hyper,
                  const float *x, float *y, bool add)
{
    struct element_args args = { .n = n,
                                 .x = x,
                                 .out = y,
                                 .hyper = hyper,
                                 .seed = seed,
                                 .threshold = (uint64_t)ceil((double)rate * 4294967296.0),
                                 .by = 1.0f / (1.0f - rate),
                                 .site = site,
                                 .add = add };
    LAUNCH(d, dropout, cuda_blocks((n + 3) / 4), CUDA_THREADS, args);
}
