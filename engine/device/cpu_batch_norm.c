/* cpu_batch_norm.c: batch norm and its gradient on the processor.
 *
 * Statistics: rows are cut into at most GROUPS groups, by their number alone; each gives its mean and Σ (x − mean)² (or
 * sums of gradients), and groups are put together in their order, in double precision (Chan, Golub, LeVeque 1979).
 *   dx = by·(d − mean(d) − (x − mean)·rstd²·mean(d·(x − mean))),  by = gain·rstd,  d = dy through the relu */
#include "engine/device/cpu.h"

#include <math.h>

enum {
    GROUPS = 32,
    STRIP = 2048, /* columns at a time: their sums, two for each group, lie in the device's scratch */
};
_Static_assert(2 * GROUPS * STRIP <= SL_CPU_SCRATCH, "a strip's sums have room");

struct norm {
    const struct cpu_vector *vector;
    const struct sl_batch_norm *of;
    size_t strip, width, group, groups, tile; /* columns strip … strip + width − 1; rows of a group, of a tile */
    struct cpu_norm by_column;                /* of all columns, for norm_rows and norm_dx */
    float *first, *second;                    /* groups × width */
    bool add, masks, add_other;
    const float *x, *other, *kept;
    float *y, *dy, *dx, *dother;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static struct norm norm_of(struct sl_device *d, const struct sl_batch_norm *of)
{
    struct norm n = { .vector = sl_cpu_own(d)->vector, .of = of, .first = sl_cpu_own(d)->scratch };
    n.second = n.first + GROUPS * STRIP;
    n.group = (of->rows + GROUPS - 1) / GROUPS;
    n.group = n.group < SL_CPU_GROUP ? SL_CPU_GROUP : n.group;
    n.groups = (of->rows + n.group - 1) / n.group;
    return n;
}

/* For each strip of columns: body for each group, then `settle`. */
static void by_strips(struct sl_device *d, struct norm *n, void (*body)(void *, size_t, int),
                      void (*settle)(struct norm *))
{
    for (n->strip = 0; n->strip < n->of->columns; n->strip += STRIP) {
        n->width = smaller(STRIP, n->of->columns - n->strip);
        sl_cpu_for(d, n->of->rows * n->width, n->groups, body, n);
        settle(n);
    }
}

static void by_rows(struct sl_device *d, struct norm *n, void (*body)(void *, size_t, int))
{
    n->tile = sl_cpu_tile(n->of->rows, n->of->columns);
    sl_cpu_for(d, n->of->rows * n->of->columns, (n->of->rows + n->tile - 1) / n->tile, body, n);
}

/* --- forward --- */

static void group_moments(void *ctx, size_t i, int worker)
{
    const struct norm *n = ctx;
    size_t first = i * n->group;
    (void)worker;
    n->vector->moments(smaller(n->group, n->of->rows - first), n->width, n->of->columns,
                       n->x + first * n->of->columns + n->strip, n->first + i * n->width, n->second + i * n->width);
}

static void settle_moments(struct norm *n)
{
    const struct sl_batch_norm *of = n->of;
    double all = (double)of->rows, momentum = (double)of->momentum;
    for (size_t j = 0; j < n->width; j++) {
        double count = 0, mean = 0, square = 0;
        size_t c = n->strip + j;
        for (size_t g = 0; g < n->groups; g++) {
            double its = (double)smaller(n->group, of->rows - g * n->group);
            double off = (double)n->first[g * n->width + j] - mean, sum = count + its;
            square += (double)n->second[g * n->width + j] + off * off * count * its / sum;
            mean += off * its / sum;
            count = sum;
        }
        of->mean[c] = (float)mean;
        of->rstd[c] = (float)(1 / sqrt(square / all + (double)of->epsilon));
        if (momentum > 0 && isfinite(mean) && isfinite(square)) {
            double unbiased = of->rows > 1 ? square / (all - 1) : square;
            of->running_mean[c] = (float)((1 - momentum) * (double)of->running_mean[c] + momentum * mean);
            of->running_variance[c] = (float)((1 - momentum) * (double)of->running_variance[c] + momentum * unbiased);
        }
    }
}

static void forward_tile(void *ctx, size_t i, int worker)
{
    const struct norm *n = ctx;
    size_t first = i * n->tile, at = first * n->of->columns;
    (void)worker;
    n->vector->norm_rows(smaller(n->tile, n->of->rows - first), n->of->columns, &n->by_column, n->x + at,
                         n->other ? n->other + at : NULL, n->y + at);
}

void sl_cpu_batch_norm(struct sl_device *d, const struct sl_batch_norm *of, bool training, const float *x,
                       const float *other, float *y)
{
    struct norm n = norm_of(d, of);
    float *by = sl_cpu_room(d, of->columns);
    if (!by || !of->rows) {
        return;
    }
    n.x = x;
    n.other = other;
    n.y = y;
    if (training) {
        by_strips(d, &n, group_moments, settle_moments);
    }
    for (size_t c = 0; c < of->columns; c++) {
        double rstd = training ? (double)of->rstd[c] : 1 / sqrt((double)of->running_variance[c] + (double)of->epsilon);
        by[c] = (float)(rstd * (double)of->gain[c]);
    }
    n.by_column = (struct cpu_norm){
        .mean = training ? of->mean : of->running_mean, .by = by, .bias = of->bias, .relu = of->f == SL_RELU
    };
    by_rows(d, &n, forward_tile);
}

/* --- gradient --- */

static void group_sums(void *ctx, size_t i, int worker)
{
    const struct norm *n = ctx;
    size_t first = i * n->group, at = first * n->of->columns + n->strip;
    (void)worker;
    n->vector->norm_sums(smaller(n->group, n->of->rows - first), n->width, n->of->columns, n->x + at,
                         n->masks ? n->kept + at : NULL, n->of->mean + n->strip, n->dy + at, n->first + i * n->width,
                         n->second + i * n->width);
}

/* dbias and dgain of the strip's columns, which the caller finds at y and dx. */
static void settle_sums(struct norm *n)
{
    for (size_t j = 0; j < n->width; j++) {
        double plain = 0, across = 0;
        for (size_t g = 0; g < n->groups; g++) {
            plain += (double)n->first[g * n->width + j];
            across += (double)n->second[g * n->width + j];
        }
        n->y[n->strip + j] = (float)plain;
        n->dx[n->strip + j] = (float)(across * (double)n->of->rstd[n->strip + j]);
    }
}

static void dx_tile(void *ctx, size_t i, int worker)
{
    const struct norm *n = ctx;
    size_t first = i * n->tile, at = first * n->of->columns, rows = smaller(n->tile, n->of->rows - first);
    (void)worker;
    if (n->dother) {
        n->vector->scale(rows * n->of->columns, 1, n->dy + at, n->dother + at, n->add_other);
    }
    if (n->dx) {
        n->vector->norm_dx(rows, n->of->columns, &n->by_column, n->x + at, n->dy + at, n->dx + at, n->add);
    }
}

void sl_cpu_batch_norm_grad(struct sl_device *d, const struct sl_batch_norm *of, const float *x, const float *y,
                            float *dy, float *dx, bool add_dx, float *dother, bool add_dother, float *dgain,
                            float *dbias, bool add_dw)
{
    size_t columns = of->columns;
    struct norm n = norm_of(d, of);
    float *plain = sl_cpu_room(d, 5 * columns);
    if (!plain || !of->rows) {
        return;
    }
    float *gain = plain + columns, *by = gain + columns, *bias = by + columns, *slope = bias + columns;
    n.x = x;
    n.kept = y;
    n.masks = of->f == SL_RELU;
    n.dy = dy;
    n.y = plain;
    n.dx = gain;
    by_strips(d, &n, group_sums, settle_sums);
    for (size_t c = 0; c < columns; c++) {
        double all = (double)of->rows, rstd = (double)of->rstd[c];
        by[c] = (float)(rstd * (double)of->gain[c]);
        bias[c] = (float)((double)plain[c] / all);
        slope[c] = (float)(rstd * (double)gain[c] / all);
        if (dgain) {
            dgain[c] = add_dw ? dgain[c] + gain[c] : gain[c];
        }
        if (dbias) {
            dbias[c] = add_dw ? dbias[c] + plain[c] : plain[c];
        }
    }
    n.by_column = (struct cpu_norm){ .mean = of->mean, .by = by, .bias = bias, .slope = slope };
    n.dx = dx;
    n.add = add_dx;
    n.dother = dother;
    n.add_other = add_dother;
    if (dx || dother) {
        by_rows(d, &n, dx_tile);
    }
}
