/* linear_sums.c: passes over the training rows.
 *
 * Blocks of rows are put into groups of about equal work; their number follows from the shape of the data alone. Each
 * group is summed by one thread into its own vector, and the vectors are added in order: the same bits for any number
 * of threads. Rows are compressed sparse float32, sums are double. */
#include "linear.h"

#include <math.h>
#include <stdlib.h>

enum pass_kind { PASS_MARGINS, PASS_TRANSPOSE, PASS_HESSIAN, PASS_SUM };

struct pass {
    struct linear *lin;
    enum pass_kind kind;
    const double *v, *a;
    double *z;
    double (*term)(void *ctx, uint64_t row, uint32_t y);
    void *ctx;
};

static inline void scatter(const struct sl_rows *rows, uint32_t i, double a, double *restrict out, uint32_t width)
{
    const uint32_t *restrict index = rows->index;
    const float *restrict value = rows->value;
    uint32_t k = rows->start[i], end = rows->start[i + 1];
    out[width] += a;
    for (; k + 4 <= end; k += 4) { /* indices of a row differ: four at a time do not wait for each other */
        double w0 = out[index[k]] + a * (double)value[k], w1 = out[index[k + 1]] + a * (double)value[k + 1];
        double w2 = out[index[k + 2]] + a * (double)value[k + 2], w3 = out[index[k + 3]] + a * (double)value[k + 3];
        out[index[k]] = w0;
        out[index[k + 1]] = w1;
        out[index[k + 2]] = w2;
        out[index[k + 3]] = w3;
    }
    for (; k < end; k++)
        out[index[k]] += a * (double)value[k];
}

static void margins_block(const struct pass *pass, const struct sl_rows *rows, uint64_t first, uint32_t width)
{
    for (uint32_t i = 0; i < rows->n; i++)
        pass->z[first + i] = linear_row(rows, i, pass->v, width);
}

static void transpose_block(const struct pass *pass, const struct sl_rows *rows, uint64_t first, uint32_t width,
                            double *out)
{
    for (uint32_t i = 0; i < rows->n; i++)
        scatter(rows, i, pass->a[first + i], out, width);
}

static void hessian_block(const struct pass *pass, const struct sl_rows *rows, uint64_t first, uint32_t width,
                          double *out)
{
    for (uint32_t i = 0; i < rows->n; i++)
        scatter(rows, i, pass->a[first + i] * linear_row(rows, i, pass->v, width), out, width);
}

static void sum_block(const struct pass *pass, const struct sl_rows *rows, uint64_t first, double *out)
{
    for (uint32_t i = 0; i < rows->n; i++)
        *out += pass->term(pass->ctx, first + i, rows->y[i]);
}

static void run_block(const struct pass *pass, size_t block, double *out)
{
    struct linear *lin = pass->lin;
    const struct sl_rows *rows = &lin->data->train.blocks[block];
    uint64_t first = lin->row[block];
    switch (pass->kind) {
    case PASS_MARGINS: margins_block(pass, rows, first, lin->width); break;
    case PASS_TRANSPOSE: transpose_block(pass, rows, first, lin->width, out); break;
    case PASS_HESSIAN: hessian_block(pass, rows, first, lin->width, out); break;
    case PASS_SUM: sum_block(pass, rows, first, out); break;
    }
}

static void run_group(void *ctx, size_t g, int worker)
{
    const struct pass *pass = ctx;
    struct linear *lin = pass->lin;
    double *out = lin->partial + g * ((size_t)lin->dim + 1);
    (void)worker;
    if (pass->kind != PASS_MARGINS)
        memset(out, 0, (pass->kind == PASS_SUM ? 1 : lin->dim) * sizeof *out);
    for (size_t b = lin->group[g]; b < lin->group[g + 1]; b++) {
        run_block(pass, b, out);
        sl_rows_rest(&lin->data->train.blocks[b]);
    }
}

static void run_pass(struct pass *pass)
{
    sl_pool_for(pass->lin->pool, pass->lin->n_groups, run_group, pass);
}

static void add_groups(struct linear *lin, double *out)
{
    memset(out, 0, lin->dim * sizeof *out);
    for (size_t g = 0; g < lin->n_groups; g++) {
        const double *part = lin->partial + g * ((size_t)lin->dim + 1);
        for (uint32_t j = 0; j < lin->dim; j++)
            out[j] += part[j];
    }
    if (!lin->params->fit_intercept)
        out[lin->width] = 0;
}

void linear_margins(struct linear *lin, const double *w, double *z)
{
    run_pass(&(struct pass){ .lin = lin, .kind = PASS_MARGINS, .v = w, .z = z });
}

void linear_transpose(struct linear *lin, const double *a, double *out)
{
    run_pass(&(struct pass){ .lin = lin, .kind = PASS_TRANSPOSE, .a = a });
    add_groups(lin, out);
}

void linear_hessian(struct linear *lin, const double *v, const double *d, double *out)
{
    run_pass(&(struct pass){ .lin = lin, .kind = PASS_HESSIAN, .v = v, .a = d });
    add_groups(lin, out);
}

double linear_sum(struct linear *lin, double (*term)(void *ctx, uint64_t row, uint32_t y), void *ctx)
{
    run_pass(&(struct pass){ .lin = lin, .kind = PASS_SUM, .term = term, .ctx = ctx });
    double sum = 0;
    for (size_t g = 0; g < lin->n_groups; g++)
        sum += lin->partial[g * ((size_t)lin->dim + 1)];
    return sum;
}

double linear_softmax(double *z, uint32_t n)
{
    double top = z[0], sum = 0;
    for (uint32_t k = 1; k < n; k++)
        top = z[k] > top ? z[k] : top;
    for (uint32_t k = 0; k < n; k++)
        sum += z[k] = exp(z[k] - top);
    for (uint32_t k = 0; k < n; k++)
        z[k] /= sum;
    return top + log(sum);
}
