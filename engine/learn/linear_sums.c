/* linear_sums.c: passes over the training rows.
 *
 * Blocks of rows are put into groups of about equal work; their number follows from the shape of the data alone. Each
 * group is summed by one thread into its own vector, and the vectors are added in order: the same bits for any number of
 * threads. Rows are compressed sparse float32, sums are double. */
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

static void scatter(const struct sl_rows *rows, uint32_t i, double a, double *out, uint32_t width)
{
    const uint32_t *index = rows->index;
    const float *value = rows->value;
    out[width] += a;
    for (uint32_t k = rows->start[i]; k < rows->start[i + 1]; k++)
        out[index[k]] += a * (double)value[k];
}

static void run_block(const struct pass *pass, size_t block, double *out)
{
    struct linear *lin = pass->lin;
    const struct sl_rows *rows = &lin->data->train.blocks[block];
    uint64_t first = lin->row[block];
    uint32_t width = lin->width;
    for (uint32_t i = 0; i < rows->n; i++) {
        switch (pass->kind) {
        case PASS_MARGINS:
            pass->z[first + i] = linear_row(rows, i, pass->v, width);
            break;
        case PASS_TRANSPOSE:
            scatter(rows, i, pass->a[first + i], out, width);
            break;
        case PASS_HESSIAN:
            scatter(rows, i, pass->a[first + i] * linear_row(rows, i, pass->v, width), out, width);
            break;
        case PASS_SUM:
            out[0] += pass->term(pass->ctx, first + i, rows->y[i]);
            break;
        }
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
    for (size_t b = lin->group[g]; b < lin->group[g + 1]; b++)
        run_block(pass, b, out);
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
