/* cpu_update.c: the sum of squared gradients, and one step of an optimizer.
 *
 * Source  Keras 3: optimizers' update_step, _apply_weight_decay (before the step) and clip_by_global_norm. What is the
 *         same for all parameters is worked out once here; a tile is one pass over w, g, m and v. */
#include "engine/device/cpu.h"

#include <math.h>

struct work {
    struct cpu_own *own;
    struct cpu_step step;
    size_t n, tile;
    float *w, *m, *v;
    const float *g;
};

static size_t size_of(const struct work *k, size_t first)
{
    return k->n - first < k->tile ? k->n - first : k->tile;
}

static void square_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct work *k = ctx;
    size_t first = i * k->tile;
    k->own->partial[i].loss = k->own->vector->square_sum(size_of(k, first), k->g + first);
}

void sl_cpu_square_sum(struct sl_device *d, size_t n, const float *g, float *out)
{
    struct work k = { .own = sl_cpu_own(d), .n = n, .tile = sl_cpu_tile(n, 1), .g = g };
    size_t tiles = (n + k.tile - 1) / k.tile;
    sl_cpu_for(d, n, tiles, square_tile, &k);
    double sum = 0;
    for (size_t i = 0; i < tiles; i++) {
        sum += k.own->partial[i].loss;
    }
    *out = (float)sum;
}

static void update_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct work *k = ctx;
    size_t first = i * k->tile;
    k->own->vector->update(size_of(k, first), &k->step, k->w + first, k->g + first, k->m ? k->m + first : NULL,
                           k->v ? k->v + first : NULL);
}

static struct cpu_step work_out(const struct sl_update *how, const struct sl_hyper *hyper, float sumsq)
{
    struct cpu_step s = { .rule = how->rule,
                          .nesterov = how->nesterov,
                          .rate = hyper->learning_rate,
                          .shrink = how->weight_decay * hyper->learning_rate,
                          .scale = how->scale,
                          .bound = INFINITY,
                          .momentum = how->momentum,
                          .beta1 = how->beta1,
                          .beta2 = how->beta2,
                          .rho = how->rho,
                          .epsilon = how->epsilon };
    if (how->rule == SL_ADAM || how->rule == SL_ADAMW) {
        s.rate *= sqrtf(hyper->correct2) / hyper->correct1;
    }
    double norm = sqrt((double)sumsq) * fabs((double)how->scale);
    if (how->clip_norm > 0 && norm > (double)how->clip_norm) {
        s.scale = (float)((double)how->scale * ((double)how->clip_norm / norm));
    }
    if (how->clip_value > 0) {
        s.bound = how->clip_value;
    }
    return s;
}

void sl_cpu_update(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                   const float *sumsq, float *w, const float *g, float *m, float *v)
{
    if (!isfinite(*sumsq)) {
        return;
    }
    struct work k = { .own = sl_cpu_own(d),
                      .step = work_out(how, hyper, *sumsq),
                      .n = n,
                      .tile = SL_CPU_TILE,
                      .w = w,
                      .m = m,
                      .v = v,
                      .g = g };
    sl_cpu_for(d, n, (n + k.tile - 1) / k.tile, update_tile, &k);
}
