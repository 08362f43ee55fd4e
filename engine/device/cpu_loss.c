/* cpu_loss.c: softmax and the two losses with their gradients.
 *
 * Rows are cut into tiles; each tile's figures are kept as doubles and added up in the order of tiles. */
#include "engine/device/cpu.h"

struct loss {
    struct cpu_own *own;
    size_t rows, columns, tile;
    const struct sl_cross_entropy *what;
    float by;
    const float *x, *t;
    float *y, *row_loss;
};

static size_t rows_of(const struct loss *l, size_t first)
{
    return l->rows - first < l->tile ? l->rows - first : l->tile;
}

static size_t run(struct sl_device *d, struct loss *l, void (*body)(void *, size_t, int))
{
    l->own = sl_cpu_own(d);
    l->tile = sl_cpu_tile(l->rows, l->columns);
    size_t tiles = (l->rows + l->tile - 1) / l->tile;
    sl_cpu_for(d, l->rows * l->columns, tiles, body, l);
    return tiles;
}

static struct cpu_figures add_up(const struct cpu_own *own, size_t tiles)
{
    struct cpu_figures sum = { 0, 0 };
    for (size_t i = 0; i < tiles; i++) {
        sum.loss += own->partial[i].loss;
        sum.correct += own->partial[i].correct;
    }
    return sum;
}

static void softmax_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct loss *l = ctx;
    size_t first = i * l->tile;
    l->own->vector->softmax(rows_of(l, first), l->columns, l->x + first * l->columns, l->y + first * l->columns);
}

void sl_cpu_softmax(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y)
{
    run(d, &(struct loss){ .rows = rows, .columns = columns, .x = x, .y = y }, softmax_tile);
}

static void cross_entropy_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct loss *l = ctx;
    size_t first = i * l->tile;
    l->own->partial[i] = l->own->vector->cross_entropy(first, rows_of(l, first), l->rows, l->columns, l->what);
}

void sl_cpu_cross_entropy(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what)
{
    struct loss l = { .rows = rows, .columns = classes, .what = what };
    struct cpu_figures sum = add_up(sl_cpu_own(d), run(d, &l, cross_entropy_tile));
    what->figures[0] = (float)(rows ? sum.loss / (double)rows : 0);
    what->figures[1] = (float)sum.correct;
}

static void squared_error_tile(void *ctx, size_t i, int worker)
{
    (void)worker;
    const struct loss *l = ctx;
    size_t first = i * l->tile, at = first * l->columns;
    double loss = l->own->vector->squared_error(rows_of(l, first), l->columns, l->by, l->x + at, l->t + at,
                                                l->y ? l->y + at : NULL, l->row_loss + first);
    l->own->partial[i] = (struct cpu_figures){ loss, 0 };
}

void sl_cpu_squared_error(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                          float *figures, float *row_loss)
{
    struct loss l = { .rows = rows,
                      .columns = columns,
                      .by = (float)(2 / ((double)rows * (double)columns)),
                      .x = y,
                      .t = t,
                      .y = dy,
                      .row_loss = row_loss };
    struct cpu_figures sum = add_up(sl_cpu_own(d), run(d, &l, squared_error_tile));
    figures[0] = (float)(rows ? sum.loss / (double)rows : 0);
    figures[1] = 0;
}
