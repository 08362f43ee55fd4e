/* update.cu: one step of an optimizer, one pass over w, g, m and v.
 *
 * Source  Keras 3: optimizers' update_step, _apply_weight_decay (before the step) and clip_by_global_norm. What changes
 *         from step to step is read from device memory, so that a recorded step can be given again. */
#include "engine/device/cuda/kernel.h"

#include <math.h>

struct update_args {
    size_t n;
    struct sl_update how;
    const struct sl_hyper *hyper;
    const float *sumsq, *g;
    float *w, *m, *v;
};

/* The factor of every gradient: scale, and less where the norm is over clip_norm. */
static __device__ float factor(const struct sl_update *how, const float *sumsq)
{
    if (how->clip_norm > 0.0f && sumsq) {
        float norm = sqrtf(*sumsq) * fabsf(how->scale);
        if (norm > how->clip_norm) {
            return how->scale * (how->clip_norm / norm);
        }
    }
    return how->scale;
}

static __device__ float sgd(const struct sl_update *how, float rate, float w, float g, float *m)
{
    if (!m) {
        return w - rate * g;
    }
    *m = how->momentum * *m - rate * g;
    return how->nesterov ? w + (how->momentum * *m - rate * g) : w + *m;
}

/* rate: with the bias corrections in it. */
static __device__ float adam(const struct sl_update *how, float rate, float w, float g, float *m, float *v)
{
    *m += (g - *m) * (1.0f - how->beta1);
    *v += (g * g - *v) * (1.0f - how->beta2);
    return w - rate * *m / (sqrtf(*v) + how->epsilon);
}

static __device__ float rmsprop(const struct sl_update *how, float rate, float w, float g, float *m, float *v)
{
    *v = how->rho * *v + (1.0f - how->rho) * (g * g);
    float change = rate * g / sqrtf(*v + how->epsilon);
    if (m) {
        *m = how->momentum * *m + change;
        change = *m;
    }
    return w - change;
}

KERNEL(update, update_args)
{
    bool good = !a.sumsq || isfinite(*a.sumsq); /* else nothing is changed: weights stay good */
    float by = factor(&a.how, a.sumsq), rate = a.hyper->learning_rate, shrink = rate * a.how.weight_decay;
    if (a.how.rule == SL_ADAM || a.how.rule == SL_ADAMW) {
        rate *= sqrtf(a.hyper->correct2) / a.hyper->correct1;
    }
    ELEMENTS(i, good ? a.n : 0)
    {
        float g = a.g[i] * by, w = a.w[i] - shrink * a.w[i];
        if (a.how.clip_value > 0.0f) {
            g = fminf(fmaxf(g, -a.how.clip_value), a.how.clip_value);
        }
        switch (a.how.rule) {
        case SL_SGD: w = sgd(&a.how, rate, w, g, a.m ? a.m + i : NULL); break;
        case SL_RMSPROP: w = rmsprop(&a.how, rate, w, g, a.m ? a.m + i : NULL, a.v + i); break;
        default: w = adam(&a.how, rate, w, g, a.m + i, a.v + i); break;
        }
        a.w[i] = w;
    }
}

void cuda_update(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                 const float *sumsq, float *w, const float *g, float *m, float *v)
{
    struct update_args args = { .n = n, .how = *how, .hyper = hyper, .sumsq = sumsq, .g = g, .w = w, .m = m, .v = v };
    LAUNCH(d, update, cuda_blocks(n), CUDA_THREADS, args);
}
