/* cpu_element.c: kernels that treat each element alone: activations, sums, scaling, dropout.
 *
 * Any cut gives the same bits; tiles are of SL_CPU_TILE elements. */
#include "engine/device/cpu.h"

struct element {
    const struct cpu_vector *vector;
    enum sl_activation f;
    size_t n;
    float by;
    uint64_t seed;
    uint32_t site, step;
    bool add;
    const float *a, *b, *c;
    float *y;
};

static size_t tile_size(const struct element *e, size_t first)
{
    return e->n - first < SL_CPU_TILE ? e->n - first : SL_CPU_TILE;
}

static void run(struct sl_device *d, struct element *e, void (*body)(void *, size_t, int))
{
    e->vector = sl_cpu_own(d)->vector;
    sl_cpu_for(d, e->n, (e->n + SL_CPU_TILE - 1) / SL_CPU_TILE, body, e);
}

static void activate_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct element *e = ctx;
    size_t first = i * SL_CPU_TILE;
    e->vector->activate(e->f, tile_size(e, first), e->a + first, e->y + first);
}

void sl_cpu_activate(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y)
{
    run(d, &(struct element){ .f = f, .n = n, .a = x, .y = y }, activate_tile);
}

static void activate_grad_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct element *e = ctx;
    size_t first = i * SL_CPU_TILE;
    e->vector->activate_grad(e->f, tile_size(e, first), e->a ? e->a + first : NULL, e->b ? e->b + first : NULL,
                             e->c + first, e->y + first, e->add);
}

void sl_cpu_activate_grad(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                          const float *dy, float *dx, bool add)
{
    run(d, &(struct element){ .f = f, .n = n, .a = x, .b = y, .c = dy, .y = dx, .add = add }, activate_grad_tile);
}

static void sum_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct element *e = ctx;
    size_t first = i * SL_CPU_TILE;
    e->vector->sum(tile_size(e, first), e->a + first, e->b + first, e->y + first);
}

void sl_cpu_sum(struct sl_device *d, size_t n, const float *a, const float *b, float *y)
{
    run(d, &(struct element){ .n = n, .a = a, .b = b, .y = y }, sum_tile);
}

static void scale_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct element *e = ctx;
    size_t first = i * SL_CPU_TILE;
    e->vector->scale(tile_size(e, first), e->by, e->a + first, e->y + first, e->add);
}

void sl_cpu_scale(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add)
{
    run(d, &(struct element){ .n = n, .by = by, .a = x, .y = y, .add = add }, scale_tile);
}

static void dropout_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct element *e = ctx;
    size_t first = i * SL_CPU_TILE;
    e->vector->dropout(first, tile_size(e, first), e->by, e->seed, e->site, e->step, e->a + first, e->y + first,
                       e->add);
}

void sl_cpu_dropout(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site,
                    const struct sl_hyper *hyper, const float *x, float *y, bool add)
{
    struct element e = {
        .n = n, .by = rate, .seed = seed, .site = site, .step = hyper->step, .a = x, .y = y, .add = add
    };
    run(d, &e, dropout_tile);
}
