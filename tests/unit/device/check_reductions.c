/* check_reductions.c: sums by column and over an axis, layer normalisation.
 *
 * Limits: a sum of n 2 + √n of the sum of magnitudes; what is spread 1; layer norm 8 + √columns of
 * (|x| + mean |x|)·rstd·|gain| + |bias|, its gradients 16 + √n of what is added up. */
#include <math.h>

#include "tests/unit/device/kernels_check.h"
#include "tests/unit/device/reference.h"

static const size_t shapes[][3] = {
    /* outer, axis, inner */
    { 1, 1, 1 },     { 1, 7, 1 },    { 7, 1, 1 },   { 1, 64, 10 },  { 3, 63, 65 },   { 64, 65, 1 },  { 2, 17, 64 },
    { 1, 512, 129 }, { 5, 1000, 1 }, { 300, 9, 7 }, { 1, 2000, 3 }, { 1, 20000, 1 }, { 2, 5, 5000 },
};
static const size_t tables[][2] = { { 1, 1 },   { 1, 7 },    { 7, 1 },     { 64, 10 },  { 63, 64 },
                                    { 65, 65 }, { 64, 128 }, { 512, 129 }, { 3, 5000 }, { 2000, 11 } };
enum { SHAPES = sizeof shapes / sizeof *shapes, TABLES = sizeof tables / sizeof *tables };

static void column_sums(struct check *c, size_t rows, size_t columns, bool add)
{
    check_begin(c, "column_sums, %zu × %zu%s", rows, columns, add ? ", adding" : "");
    struct array *x = check_random(c, rows * columns, -1, 1), *y = check_random(c, columns, -1, 1);
    double *want = check_doubles(c, columns), *size = check_doubles(c, columns);
    c->k->column_sums(c->d, rows, columns, x->at, y->at, add);
    ref_reduce(1, rows, columns, false, x->before, add ? y->before : NULL, want, size);
    check_near(c, "y", y, want, size, 2 + sqrt((double)rows));
    check_end(c);
}

static void reduce(struct check *c, const size_t shape[3], bool mean, bool add)
{
    size_t outer = shape[0], axis = shape[1], inner = shape[2], some = outer * inner, all = some * axis;
    check_begin(c, "reduce to %s, %zu × %zu × %zu", mean ? "means" : "sums", outer, axis, inner);
    struct array *x = check_random(c, all, -1, 1), *y = check_random(c, some, -1, 1);
    double *want = check_doubles(c, some), *size = check_doubles(c, some);
    c->k->reduce(c->d, outer, axis, inner, mean, x->at, y->at);
    ref_reduce(outer, axis, inner, mean, x->before, NULL, want, size);
    check_near(c, "y", y, want, size, 2 + sqrt((double)axis));
    check_end(c);

    check_begin(c, "reduce_grad of %s, %zu × %zu × %zu%s", mean ? "means" : "sums", outer, axis, inner,
                add ? ", adding" : "");
    struct array *dy = check_random(c, some, -1, 1), *dx = check_random(c, all, -1, 1);
    want = check_doubles(c, all);
    size = check_doubles(c, all);
    c->k->reduce_grad(c->d, outer, axis, inner, mean, dy->at, dx->at, add);
    ref_reduce_grad(outer, axis, inner, mean, dy->before, add ? dx->before : NULL, want);
    for (size_t i = 0; i < all; i++) {
        size[i] = fabs(want[i]) + (add ? fabs((double)dx->before[i]) : 0);
    }
    check_near(c, "dx", dx, want, size, 2);
    check_end(c);
}

static void layer_norm(struct check *c, size_t rows, size_t columns, double middle)
{
    size_t all = rows * columns;
    check_begin(c, "layer_norm, %zu × %zu around %g", rows, columns, middle);
    struct array *x = check_random(c, all, middle - 2, middle + 2), *gain = check_random(c, columns, 0.5, 1.5);
    struct array *bias = check_random(c, columns, -1, 1), *y = check_random(c, all, -1, 1);
    struct array *mean = check_random(c, rows, -1, 1), *rstd = check_random(c, rows, -1, 1);
    double *want = check_doubles(c, all), *size = check_doubles(c, all), *means = check_doubles(c, rows);
    double *rstds = check_doubles(c, rows), *mean_size = check_doubles(c, rows);
    c->k->layer_norm(c->d, rows, columns, 1e-3f, x->at, gain->at, bias->at, y->at, mean->at, rstd->at);
    for (size_t r = 0; r < rows; r++) {
        size_t at = r * columns;
        ref_layer_norm(columns, (double)1e-3f, x->before + at, gain->before, bias->before, want + at, size + at,
                       &means[r], &rstds[r]);
        mean_size[r] = fabs(middle) + 2;
    }
    double limit = 8 + sqrt((double)columns);
    check_near(c, "mean", mean, means, mean_size, limit);
    check_near(c, "rstd", rstd, rstds, NULL, limit);
    check_near(c, "y", y, want, size, limit);
    check_end(c);
}

static void layer_norm_grad(struct check *c, size_t rows, size_t columns, bool add)
{
    size_t all = rows * columns;
    check_begin(c, "layer_norm_grad, %zu × %zu%s", rows, columns, add ? ", adding" : "");
    struct array *x = check_random(c, all, -2, 2), *gain = check_random(c, columns, 0.5, 1.5);
    struct array *mean = check_random(c, rows, -0.2, 0.2), *rstd = check_random(c, rows, 0.5, 1.5);
    struct array *dy = check_random(c, all, -1, 1), *dx = check_random(c, all, -1, 1);
    struct array *dgain = check_random(c, columns, -1, 1), *dbias = check_random(c, columns, -1, 1);
    struct ref_norm_grad want = { check_doubles(c, all),     check_doubles(c, all),     check_doubles(c, columns),
                                  check_doubles(c, columns), check_doubles(c, columns), check_doubles(c, columns) };
    struct array *result[] = { dx, dgain, dbias };
    double *const wants[] = { want.dx, want.dgain, want.dbias };
    double *const sizes[] = { want.dx_size, want.dgain_size, want.dbias_size };
    static const char *const name[] = { "dx", "dgain", "dbias" };
    const size_t terms[] = { columns, rows, rows };
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < result[k]->n && add; i++) {
            wants[k][i] = (double)result[k]->before[i];
            sizes[k][i] = fabs(wants[k][i]);
        }
    }
    ref_layer_norm_grad(rows, columns, x->before, gain->before, mean->before, rstd->before, dy->before, &want);
    c->k->layer_norm_grad(c->d, rows, columns, x->at, gain->at, mean->at, rstd->at, dy->at, dx->at, add, dgain->at,
                          dbias->at, add);
    for (int k = 0; k < 3; k++) {
        check_near(c, name[k], result[k], wants[k], sizes[k], 16 + sqrt((double)terms[k]));
    }
    check_end(c);
}

void check_reductions(struct check *c)
{
    for (int i = 0; i < SHAPES; i++) {
        reduce(c, shapes[i], i % 2, i % 3 == 1);
        reduce(c, shapes[i], i % 2 == 0, i % 3 == 2);
    }
    for (int i = 0; i < TABLES; i++) {
        column_sums(c, tables[i][0], tables[i][1], i % 2);
        layer_norm(c, tables[i][0], tables[i][1], i % 3 == 2 ? 100 : 0);
        layer_norm_grad(c, tables[i][0], tables[i][1], i % 2);
    }
}
