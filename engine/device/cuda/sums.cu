/* sums.cu: sums over rows, columns and axes, and the sum of squares. No atomic additions: the shape of each sum depends
 * on the sizes alone, so the bits are the same in every run and on every GPU.
 *
 * Columns  a block takes 32 columns and a run of rows: 16 threads a column, then a tree. Many rows are cut into runs
 *          whose sums go to scratch memory and are added up by the same kernel. */
#include "engine/device/cuda/kernel.h"

enum { TILE = 32, LANES = 16, COLUMN_THREADS = TILE * LANES, RUN = 256, RUNS = 512 };

struct column_args {
    size_t rows, columns, run, tiles;
    const float *x, *by, *mean, *rstd; /* by: NULL, or the factor (by − mean)·rstd of each element */
    float *y;
    float divisor;
    bool add;
};

KERNEL(column_sums, column_args)
{
    __shared__ float s[COLUMN_THREADS];
    size_t tile = blockIdx.x % a.tiles, part = blockIdx.x / a.tiles;
    size_t first = part * a.run, last = a.rows - first < a.run ? a.rows : first + a.run;
    THREADS(t)
    {
        size_t column = tile * TILE + t % TILE;
        float sum = 0.0f;
        if (column < a.columns) {
            for (size_t row = first + t / TILE; row < last; row += LANES) {
                float x = a.x[row * a.columns + column];
                sum += a.by ? x * ((a.by[row * a.columns + column] - a.mean[row]) * a.rstd[row]) : x;
            }
        }
        s[t] = sum;
    }
    for (unsigned w = COLUMN_THREADS / 2; w >= TILE; w /= 2) {
        THREADS(t)
        {
            if (t < w) {
                s[t] += s[t + w];
            }
        }
    }
    THREADS(t)
    {
        size_t column = tile * TILE + t % TILE;
        if (t < TILE && column < a.columns) {
            float *y = a.y + part * a.columns + column;
            *y = (a.add ? *y : 0.0f) + s[t] / a.divisor;
        }
    }
}

static void sum_columns(struct sl_device *d, struct column_args args)
{
    size_t most = args.columns <= CUDA_SCRATCH / 2 ? CUDA_SCRATCH / args.columns : 1, parts;
    most = most < RUNS ? most : RUNS;
    args.tiles = (args.columns + TILE - 1) / TILE;
    args.run = args.rows / most + (args.rows % most != 0);
    args.run = args.run > RUN ? args.run : RUN;
    parts = args.rows / args.run + (args.rows % args.run != 0);
    if (parts <= 1) {
        args.run = args.rows;
        LAUNCH(d, column_sums, args.tiles, COLUMN_THREADS, args);
        return;
    }
    float *partial = cuda_scratch(d, "column_sums", parts * args.columns);
    if (!partial) {
        return;
    }
    struct column_args one = args, two = { .rows = parts,
                                           .columns = args.columns,
                                           .run = parts,
                                           .tiles = args.tiles,
                                           .x = partial,
                                           .y = args.y,
                                           .divisor = args.divisor,
                                           .add = args.add };
    one.y = partial;
    one.divisor = 1.0f;
    one.add = false;
    LAUNCH(d, column_sums, one.tiles * parts, COLUMN_THREADS, one);
    LAUNCH(d, column_sums, two.tiles, COLUMN_THREADS, two);
}

void cuda_column_sums(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add)
{
    if (columns > 0) {
        struct column_args args = { .rows = rows, .columns = columns, .x = x, .y = y, .divisor = 1.0f, .add = add };
        sum_columns(d, args);
    }
}

void cuda_column_sums_norm(struct sl_device *d, size_t rows, size_t columns, const float *dy, const float *x,
                           const float *mean, const float *rstd, float *y, bool add)
{
    if (columns > 0) {
        struct column_args args = { .rows = rows,
                                    .columns = columns,
                                    .x = dy,
                                    .by = x,
                                    .mean = mean,
                                    .rstd = rstd,
                                    .y = y,
                                    .divisor = 1.0f,
                                    .add = add };
        sum_columns(d, args);
    }
}

struct axis_args {
    size_t n, axis, inner;
    const float *x;
    float *y;
    float divisor;
    bool add;
};

/* Rows of an array: a block each. */
KERNEL(row_sums, axis_args)
{
    __shared__ float s[CUDA_THREADS];
    for (size_t row = blockIdx.x; row < a.n; row += gridDim.x) {
        THREADS(t)
        {
            float sum = 0.0f;
            for (size_t i = t; i < a.axis; i += blockDim.x) {
                sum += a.x[row * a.axis + i];
            }
            s[t] = sum;
        }
        SUM_THREADS(s);
        THREADS(t)
        {
            if (t == 0) {
                a.y[row] = s[0] / a.divisor;
            }
        }
    }
}

/* An axis in the middle: a thread for each sum; neighbours read neighbours. */
KERNEL(axis_sums, axis_args)
{
    ELEMENTS(i, a.n)
    {
        const float *x = a.x + i / a.inner * a.axis * a.inner + i % a.inner;
        float sum = 0.0f;
        for (size_t k = 0; k < a.axis; k++) {
            sum += x[k * a.inner];
        }
        a.y[i] = sum / a.divisor;
    }
}

void cuda_reduce(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y)
{
    float divisor = mean ? (float)axis : 1.0f;
    struct axis_args args = { .n = outer * inner, .axis = axis, .inner = inner, .x = x, .y = y, .divisor = divisor };
    if (args.n == 0) {
        return;
    }
    if (inner == 1) {
        LAUNCH(d, row_sums, cuda_rows(outer), cuda_row_threads(axis), args);
    } else if (outer == 1) {
        struct column_args columns = { .rows = axis, .columns = inner, .x = x, .y = y, .divisor = divisor };
        sum_columns(d, columns);
    } else {
        LAUNCH(d, axis_sums, cuda_blocks(args.n), CUDA_THREADS, args);
    }
}

KERNEL(axis_spread, axis_args)
{
    ELEMENTS(i, a.n)
    {
        float g = a.x[i / (a.axis * a.inner) * a.inner + i % a.inner] / a.divisor;
        a.y[i] = a.add ? a.y[i] + g : g;
    }
}

void cuda_reduce_grad(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                      float *dx, bool add)
{
    struct axis_args args = { .n = outer * axis * inner,
                              .axis = axis,
                              .inner = inner,
                              .x = dy,
                              .y = dx,
                              .divisor = mean ? (float)axis : 1.0f,
                              .add = add };
    LAUNCH(d, axis_spread, cuda_blocks(args.n), CUDA_THREADS, args);
}

struct square_args {
    size_t n;
    const float *x;
    float *y;
    bool square;
};

/* The sum of what the block's threads come by in strides, one for each block. */
KERNEL(square_sum, square_args)
{
    __shared__ float s[CUDA_THREADS];
    THREADS(t)
    {
        float sum = 0.0f;
        for (size_t i = (size_t)blockIdx.x * blockDim.x + t; i < a.n; i += (size_t)gridDim.x * blockDim.x) {
            sum += a.square ? a.x[i] * a.x[i] : a.x[i];
        }
        s[t] = sum;
    }
    SUM_THREADS(s);
    THREADS(t)
    {
        if (t == 0) {
            a.y[blockIdx.x] = s[0];
        }
    }
}

void cuda_square_sum(struct sl_device *d, size_t n, const float *g, float *out)
{
    enum { EACH = 8 }; /* elements a thread, until there are CUDA_PARTIALS blocks */
    size_t blocks = n / (CUDA_THREADS * EACH) + 1;
    blocks = blocks < CUDA_PARTIALS ? blocks : CUDA_PARTIALS;
    struct square_args one = { .n = n, .x = g, .y = out, .square = true };
    if (blocks > 1) {
        one.y = cuda_scratch(d, "square_sum", blocks);
        if (!one.y) {
            return;
        }
    }
    LAUNCH(d, square_sum, blocks, CUDA_THREADS, one);
    if (blocks > 1) {
        struct square_args two = { .n = blocks, .x = one.y, .y = out, .square = false };
        LAUNCH(d, square_sum, 1, CUDA_THREADS, two);
    }
}
