/* cpu_reduce.c: sums by column and over an axis, and their gradient.
 *
 * A sum over rows is one thread's, strip by strip of columns, so its order depends on the shape alone. */
#include "engine/device/cpu.h"

struct reduction {
    const struct cpu_vector *vector;
    size_t outer, axis, inner, strips, tile;
    float by;
    bool add;
    const float *x;
    float *y;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Strip i % strips of the columns of outer i / strips. */
static void strip(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct reduction *r = ctx;
    size_t o = i / r->strips, first = i % r->strips * SL_CPU_COLUMNS;
    r->vector->column_sums(r->axis, smaller(SL_CPU_COLUMNS, r->inner - first), r->inner, r->by,
                           r->x + o * r->axis * r->inner + first, r->y + o * r->inner + first, r->add);
}

static void sum_columns(struct sl_device *d, struct reduction *r)
{
    r->vector = sl_cpu_own(d)->vector;
    r->strips = (r->inner + SL_CPU_COLUMNS - 1) / SL_CPU_COLUMNS;
    sl_cpu_for(d, r->outer * r->axis * r->inner, r->outer * r->strips, strip, r);
}

void sl_cpu_column_sums(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add)
{
    sum_columns(d,
                &(struct reduction){ .outer = 1, .axis = rows, .inner = columns, .by = 1, .add = add, .x = x, .y = y });
}

static void rows_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct reduction *r = ctx;
    size_t first = i * r->tile, last = first + smaller(r->tile, r->outer - first);
    for (size_t o = first; o < last; o++) {
        r->y[o] = r->by * r->vector->row_sum(r->axis, r->x + o * r->axis);
    }
}

void sl_cpu_reduce(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y)
{
    float by = mean ? 1 / (float)axis : 1;
    struct reduction r = { sl_cpu_own(d)->vector, outer, axis, inner, 0, sl_cpu_tile(outer, axis), by, false, x, y };
    if (inner == 1) {
        sl_cpu_for(d, outer * axis, (outer + r.tile - 1) / r.tile, rows_tile, &r);
    } else {
        sum_columns(d, &r);
    }
}

static void spread_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct reduction *r = ctx;
    size_t first = i * r->tile, last = first + smaller(r->tile, r->outer - first);
    for (size_t o = first; o < last; o++) {
        float *dx = r->y + o * r->axis * r->inner;
        if (r->inner == 1) {
            r->vector->fill(r->axis, r->by * r->x[o], dx, r->add);
            continue;
        }
        for (size_t a = 0; a < r->axis; a++) {
            r->vector->scale(r->inner, r->by, r->x + o * r->inner, dx + a * r->inner, r->add);
        }
    }
}

void sl_cpu_reduce_grad(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                        float *dx, bool add)
{
    float by = mean ? 1 / (float)axis : 1;
    struct reduction r = {
        sl_cpu_own(d)->vector, outer, axis, inner, 0, sl_cpu_tile(outer, axis * inner), by, add, dy, dx
    };
    sl_cpu_for(d, outer * axis * inner, (outer + r.tile - 1) / r.tile, spread_tile, &r);
}
