/* cpu_norm.c: layer normalisation and its gradient.
 *
 * Source  Ba, Kiros, Hinton 2016. With x̂ = (x − mean)·rstd and g = dy·gain:
 *         dx = rstd·(g − mean(g) − x̂·mean(g·x̂)), dgain = Σ dy·x̂, dbias = Σ dy
 * Rows are cut into tiles for what is told by row; columns into strips for dgain and dbias. */
#include "engine/device/cpu.h"

struct norm {
    const struct cpu_vector *vector;
    size_t rows, columns, tile;
    float epsilon;
    bool add_dx, add_dw;
    const float *x, *gain, *bias, *dy;
    float *y, *mean, *rstd, *dx, *dgain, *dbias;
    const float *kept_mean, *kept_rstd;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void forward_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct norm *l = ctx;
    size_t first = i * l->tile, at = first * l->columns;
    l->vector->layer_norm(smaller(l->tile, l->rows - first), l->columns, l->epsilon, l->x + at, l->gain, l->bias,
                          l->y + at, l->mean + first, l->rstd + first);
}

static void by_rows(struct sl_device *d, struct norm *l, void (*body)(void *, size_t, int))
{
    l->tile = sl_cpu_tile(l->rows, l->columns);
    sl_cpu_for(d, l->rows * l->columns, (l->rows + l->tile - 1) / l->tile, body, l);
}

void sl_cpu_layer_norm(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x,
                       const float *gain, const float *bias, float *y, float *mean, float *rstd)
{
    struct norm l = { .vector = sl_cpu_own(d)->vector,
                      .rows = rows,
                      .columns = columns,
                      .epsilon = epsilon,
                      .x = x,
                      .gain = gain,
                      .bias = bias,
                      .y = y,
                      .mean = mean,
                      .rstd = rstd };
    by_rows(d, &l, forward_tile);
}

static void dx_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct norm *l = ctx;
    size_t first = i * l->tile, at = first * l->columns;
    l->vector->layer_norm_dx(smaller(l->tile, l->rows - first), l->columns, l->x + at, l->gain, l->kept_mean + first,
                             l->kept_rstd + first, l->dy + at, l->dx + at, l->add_dx);
}

static void dw_strip(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct norm *l = ctx;
    size_t first = i * SL_CPU_COLUMNS;
    l->vector->layer_norm_dw(l->rows, smaller(SL_CPU_COLUMNS, l->columns - first), l->columns, l->x + first,
                             l->kept_mean, l->kept_rstd, l->dy + first, l->dgain ? l->dgain + first : NULL,
                             l->dbias ? l->dbias + first : NULL, l->add_dw);
}

void sl_cpu_layer_norm_grad(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                            const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                            float *dbias, bool add_dw)
{
    struct norm l = { .vector = sl_cpu_own(d)->vector,
                      .rows = rows,
                      .columns = columns,
                      .x = x,
                      .gain = gain,
                      .kept_mean = mean,
                      .kept_rstd = rstd,
                      .dy = dy,
                      .dx = dx,
                      .dgain = dgain,
                      .dbias = dbias,
                      .add_dx = add_dx,
                      .add_dw = add_dw };
    if (dgain || dbias) { /* first: dx may lie where dy does */
        sl_cpu_for(d, rows * columns, (columns + SL_CPU_COLUMNS - 1) / SL_CPU_COLUMNS, dw_strip, &l);
    }
    if (dx) {
        by_rows(d, &l, dx_tile);
    }
}
