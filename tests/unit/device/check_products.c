/* check_products.c: matrix products and dense layers.
 *
 * Limit: a sum of k products 2 + √k of Σ|a·b| (what rounding at random gives, with room); with an activation behind
 * it 4 more, gradients 10 more. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/device/kernels_check.h"
#include "tests/unit/device/reference.h"

static const size_t shapes[][3] = {
    /* m, n, k; of a layer: rows, out, in */
    { 1, 1, 1 },    { 1, 7, 5 },     { 7, 1, 3 },     { 1, 64, 17 },   { 8, 16, 8 },      { 9, 17, 7 },
    { 63, 65, 64 }, { 64, 10, 128 }, { 65, 63, 33 },  { 48, 32, 31 },  { 49, 33, 1 },     { 64, 128, 784 },
    { 5, 300, 2 },  { 130, 11, 70 }, { 127, 1, 129 }, { 33, 129, 97 }, { 300, 260, 270 },
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void gemm(struct check *c, const size_t shape[3], bool ta, bool tb, bool add)
{
    size_t m = shape[0], n = shape[1], k = shape[2];
    check_begin(c, "gemm %s%s, %zu × %zu × %zu%s", ta ? "aᵀ·" : "a·", tb ? "bᵀ" : "b", m, n, k, add ? ", adding" : "");
    struct array *a = check_random(c, m * k, -1, 1), *b = check_random(c, k * n, -1, 1);
    struct array *y = check_random(c, m * n, -1, 1);
    c->k->gemm(c->d, ta, tb, m, n, k, a->at, b->at, y->at, add);
    double *want = check_doubles(c, m * n), *size = check_doubles(c, m * n);
    if (c->compare) {
        ref_gemm(ta, tb, m, n, k, a->before, b->before, add ? y->before : NULL, want, size);
    }
    check_near(c, "c", y, want, size, 2 + sqrt((double)k));
    check_end(c);
}

static void dense(struct check *c, const size_t shape[3], enum sl_activation f, bool bias, bool keep)
{
    size_t rows = shape[0], out = shape[1], in = shape[2], all = rows * out;
    check_begin(c, "dense, activation %d, %zu × %zu → %zu%s", (int)f, rows, in, out, bias ? ", bias" : "");
    struct array *x = check_random(c, rows * in, -1, 1), *w = check_random(c, in * out, -0.5, 0.5);
    struct array *b = check_random(c, out, -1, 1), *pre = check_random(c, all, -1, 1), *y = check_random(c, all, -1, 1);
    c->k->dense(c->d, rows, in, out, x->at, w->at, bias ? b->at : NULL, f, keep ? pre->at : NULL, y->at);
    double *want = check_doubles(c, all), *size = check_doubles(c, all), *after = check_doubles(c, all);
    double *after_size = check_doubles(c, all), limit = 2 + sqrt((double)in);
    if (c->compare) {
        ref_gemm(false, false, rows, out, in, x->before, w->before, NULL, want, size);
    }
    for (size_t i = 0; i < all; i++) {
        double add = bias ? (double)b->before[i % out] : 0;
        want[i] += add;
        size[i] += fabs(add);
        after[i] = ref_activation(f, want[i]);
        after_size[i] = 1.2 * size[i] + fabs(after[i]);
    }
    if (keep) {
        check_near(c, "pre", pre, want, size, limit);
    }
    check_near(c, "y", y, after, after_size, limit + 4);
    check_end(c);
}

static void same_bits(struct check *c, const char *name, struct array *got, const struct array *want)
{
    double *told = check_doubles(c, got->n);
    for (size_t i = 0; i < got->n; i++) {
        told[i] = (double)want->at[i];
    }
    check_near(c, name, got, told, told, 0);
}

/* Rows that lie about, as bytes or as floats, give the bits that they give side by side. */
static void gathered(struct check *c, const size_t shape[3], bool bytes)
{
    size_t rows = shape[0], out = shape[1], in = shape[2], all = rows * out;
    check_begin(c, "gather_dense of %s, %zu × %zu → %zu", bytes ? "bytes" : "floats", rows, in, out);
    struct array *lie = check_random(c, rows * in, -1, 1), *w = check_random(c, in * out, -0.5, 0.5);
    struct array *b = check_random(c, out, -1, 1), *x = check_random(c, rows * in, -1, 1);
    struct array *other = check_random(c, rows * in, -1, 1), *y = check_random(c, all, -1, 1);
    struct array *want = check_random(c, all, -1, 1);
    const void **row = calloc(rows + 1, sizeof *row);
    double *same = check_doubles(c, rows * in);
    size_t size = bytes ? 1 : sizeof(float);
    for (size_t i = 0; row && i < rows; i++) {
        row[i] = (const char *)lie->at + (rows - 1 - i) * in * size;
    }
    const struct sl_places places = { row, bytes, 0.03125f, -0.5f };
    for (size_t i = 0; row && i < rows * in; i++) {
        float v;
        if (bytes) {
            v = (float)((const uint8_t *)row[i / in])[i % in] * places.scale + places.offset;
        } else {
            v = ((const float *)row[i / in])[i % in];
        }
        other->at[i] = v;
        same[i] = (double)v;
    }
    c->k->gather(c->d, &places, rows, in, x->at);
    check_near(c, "x", x, same, same, 0);
    struct array *dy = check_random(c, all, -1, 1), *dw = check_random(c, in * out, -1, 1);
    struct array *db = check_random(c, out, -1, 1), *want_dy = check_numbers(c, all, dy->before);
    struct array *want_dw = check_numbers(c, in * out, dw->before), *want_db = check_numbers(c, out, db->before);
    c->k->gather_dense(c->d, &places, rows, in, out, x->at, w->at, b->at, SL_RELU, NULL, y->at);
    c->k->gather_dense_grad(c->d, &places, rows, in, out, x->at, NULL, y->at, SL_RELU, dy->at, dw->at, db->at, bytes);
    c->k->dense(c->d, rows, in, out, other->at, w->at, b->at, SL_RELU, NULL, want->at);
    c->k->dense_grad(c->d, rows, in, out, other->at, w->at, NULL, want->at, SL_RELU, want_dy->at, NULL, false,
                     want_dw->at, want_db->at, bytes);
    same_bits(c, "y", y, want);
    same_bits(c, "dw", dw, want_dw);
    same_bits(c, "db", db, want_db);
    free(row);
    check_end(c);
}

/* Which results are wanted. */
struct wanted {
    bool dx, dw, db, add;
};

static void compare_grad(struct check *c, const size_t shape[3], const struct array *x, const struct array *w,
                         const double *slope, struct array *dy, struct array *dx, struct array *dw, struct array *db,
                         struct wanted wanted)
{
    size_t rows = shape[0], out = shape[1], in = shape[2];
    double *before_f = check_doubles(c, rows * out), *f_size = check_doubles(c, rows * out);
    double *want = check_doubles(c, in * out + rows * in + out), *size = check_doubles(c, in * out + rows * in + out);
    for (size_t i = 0; i < rows * out; i++) {
        before_f[i] = (double)dy->before[i] * slope[i];
        f_size[i] = fabs((double)dy->before[i]) * fmax(1, fabs(slope[i]));
    }
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < out; j++) {
            double d = before_f[i * out + j], s = f_size[i * out + j];
            for (size_t p = 0; p < in; p++) {
                double xv = (double)x->before[i * in + p], wv = (double)w->before[p * out + j];
                want[p * out + j] += xv * d;
                size[p * out + j] += fabs(xv) * s;
                want[in * out + i * in + p] += wv * d;
                size[in * out + i * in + p] += fabs(wv) * s;
            }
            want[in * out + rows * in + j] += d;
            size[in * out + rows * in + j] += s;
        }
    }
    struct array *result[] = { dw, dx, db };
    static const char *const name[] = { "dw", "dx", "db" };
    const size_t first[] = { 0, in * out, in * out + rows * in }, terms[] = { rows, out, rows };
    const bool looked_at[] = { wanted.dw, wanted.dx, wanted.db };
    for (int r = 0; r < 3; r++) {
        for (size_t i = 0; i < result[r]->n && wanted.add; i++) {
            want[first[r] + i] += (double)result[r]->before[i];
            size[first[r] + i] += fabs((double)result[r]->before[i]);
        }
        if (looked_at[r]) {
            check_near(c, name[r], result[r], want + first[r], size + first[r], 10 + sqrt((double)terms[r]));
        }
    }
}

static void dense_grad(struct check *c, const size_t shape[3], enum sl_activation f, struct wanted wanted)
{
    size_t rows = shape[0], out = shape[1], in = shape[2], all = rows * out;
    check_begin(c, "dense_grad, activation %d, %zu × %zu → %zu%s%s%s%s", (int)f, rows, in, out, wanted.dx ? ", dx" : "",
                wanted.dw ? ", dw" : "", wanted.db ? ", db" : "", wanted.add ? ", adding" : "");
    struct array *x = check_random(c, rows * in, -1, 1), *w = check_random(c, in * out, -0.5, 0.5);
    struct array *pre = check_random(c, all, -3, 3), *dy = check_random(c, all, -1, 1);
    struct array *dx = check_random(c, rows * in, -1, 1), *dw = check_random(c, in * out, -1, 1);
    struct array *db = check_random(c, out, -1, 1);
    double *slope = check_doubles(c, all);
    for (size_t i = 0; i < all; i++) {
        pre->got[i] = (float)ref_activation(f, (double)pre->before[i]);
        slope[i] = ref_slope(f, (double)pre->before[i]);
    }
    struct array *y = check_numbers(c, all, pre->got);
    c->k->dense_grad(c->d, rows, in, out, x->at, w->at, f == SL_GELU ? pre->at : NULL, y->at, f, dy->at,
                     wanted.dx ? dx->at : NULL, wanted.add, wanted.dw ? dw->at : NULL, wanted.db ? db->at : NULL,
                     wanted.add);
    if (c->compare) {
        compare_grad(c, shape, x, w, slope, dy, dx, dw, db, wanted);
    } else {
        check_fetch(c, dx);
        check_fetch(c, dw);
        check_fetch(c, db);
    }
    check_end(c);
}

void check_products(struct check *c)
{
    for (int i = 0; i < SHAPES; i++) {
        gemm(c, shapes[i], false, false, i % 2);
        gemm(c, shapes[i], true, false, i % 2 == 0);
        if (i + 1 < SHAPES) { /* the largest costs the reference too much */
            gemm(c, shapes[i], false, true, i % 3 == 0);
            gemm(c, shapes[i], true, true, i % 3 == 1);
        }
        enum sl_activation f = (enum sl_activation)(i % (SL_SIGMOID + 1));
        dense(c, shapes[i], f, i % 4 != 3, i % 3 == 1);
        if (c->d->host) {
            gathered(c, shapes[i], i % 2);
            gathered(c, shapes[i], i % 2 == 0);
        }
        if (i + 1 < SHAPES) {
            dense_grad(c, shapes[i], f, (struct wanted){ i % 4 != 1, i % 5 != 2, i % 3 != 2, i % 2 });
        }
    }
    for (enum sl_activation f = SL_LINEAR; f <= SL_SIGMOID; f++) {
        dense(c, shapes[7], f, true, true);
        dense_grad(c, shapes[7], f, (struct wanted){ true, true, true, f % 2 });
    }
}
