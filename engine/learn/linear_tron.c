/* linear_tron.c: liblinear's primal solver of L2-regularised logistic regression, one class against the rest.
 *
 * minimise ½ wᵀw + Σ C_i log(1 + exp(-y_i wᵀx_i)), the intercept being one more, penalised, feature of value 1.
 * Trust-region Newton with conjugate gradients: Lin, Weng, Keerthi, "Trust region Newton method for large-scale
 * logistic regression", JMLR 9 (2008); constants and stopping as in liblinear 1.9x, which scikit-learn carries. */
#include "linear.h"

#include <math.h>
#include <stdlib.h>

struct problem {
    double f, delta, first_norm, norm;
    double few; /* records on the smaller side, at least one */
    bool done, started;
};

struct tron {
    struct problem *problems;           /* one per output */
    double *d;                          /* n: second derivatives at w */
    double *a;                          /* n: first derivatives */
    double *z_new;                      /* n */
    double *g, *s, *r, *p, *hp, *w_new; /* dim each */
    double *gradients;                  /* outputs × dim */
};

struct view {
    struct linear *lin;
    const double *z;
    uint32_t positive; /* class that counts as +1 */
};

static uint32_t positive_class(const struct linear *lin, uint32_t output)
{
    return lin->outputs == 1 ? 1 : output;
}

static double loss_term(void *ctx, uint64_t row, uint32_t y)
{
    const struct view *v = ctx;
    if (y == UINT32_MAX)
        return 0;
    double yz = y == v->positive ? v->z[row] : -v->z[row];
    double c = v->lin->class_c[v->lin->outputs == 1 ? y : 0];
    return c * (yz >= 0 ? log1p(exp(-yz)) : -yz + log1p(exp(yz)));
}

static double objective(struct linear *lin, uint32_t output, const double *w, const double *z)
{
    struct view v = { lin, z, positive_class(lin, output) };
    return 0.5 * linear_dot(w, w, lin->dim) + linear_sum(lin, loss_term, &v);
}

struct derivative {
    struct view view;
    struct tron *t;
};

static double derive_term(void *ctx, uint64_t row, uint32_t y)
{
    struct derivative *d = ctx;
    if (y == UINT32_MAX) {
        d->t->a[row] = d->t->d[row] = 0;
        return 0;
    }
    double sign = y == d->view.positive ? 1 : -1;
    double c = d->view.lin->class_c[d->view.lin->outputs == 1 ? y : 0];
    double p = 1 / (1 + exp(-sign * d->view.z[row]));
    d->t->a[row] = c * (p - 1) * sign;
    d->t->d[row] = c * p * (1 - p);
    return 0;
}

/* First and second derivatives of the loss by row at margins z. */
static void derive(struct linear *lin, uint32_t output, const double *z)
{
    struct derivative d = { { lin, z, positive_class(lin, output) }, lin->state };
    linear_sum(lin, derive_term, &d);
}

static void gradient(struct linear *lin, uint32_t output, const double *w, const double *z, double *g)
{
    struct tron *t = lin->state;
    derive(lin, output, z);
    linear_transpose(lin, t->a, g);
    for (uint32_t j = 0; j < lin->dim; j++)
        g[j] += w[j];
}

static void hessian(struct linear *lin, const double *v, double *out)
{
    linear_hessian(lin, v, ((struct tron *)lin->state)->d, out);
    for (uint32_t j = 0; j < lin->dim; j++)
        out[j] += v[j];
}

static void axpy(double a, const double *x, double *y, uint32_t n)
{
    for (uint32_t j = 0; j < n; j++)
        y[j] += a * x[j];
}

/* Back onto the trust region's edge: how far to go along p from s. */
static double to_edge(const struct tron *t, double delta, uint32_t dim)
{
    double sp = linear_dot(t->s, t->p, dim), ss = linear_dot(t->s, t->s, dim), pp = linear_dot(t->p, t->p, dim);
    double room = delta * delta - ss, root = sqrt(sp * sp + pp * room);
    return sp >= 0 ? room / (sp + root) : (root - sp) / pp;
}

/* Approximate minimum of the quadratic model within the trust region; leaves the step in s, the residual in r. */
static void conjugate_gradients(struct linear *lin, double delta)
{
    struct tron *t = lin->state;
    uint32_t dim = lin->dim;
    for (uint32_t j = 0; j < dim; j++) {
        t->s[j] = 0;
        t->r[j] = t->p[j] = -t->g[j];
    }
    double tolerance = 0.1 * sqrt(linear_dot(t->g, t->g, dim)), rr = linear_dot(t->r, t->r, dim);
    while (sqrt(rr) > tolerance) {
        hessian(lin, t->p, t->hp);
        double alpha = rr / linear_dot(t->p, t->hp, dim);
        if (!isfinite(alpha))
            return;
        axpy(alpha, t->p, t->s, dim);
        if (sqrt(linear_dot(t->s, t->s, dim)) > delta) {
            axpy(-alpha, t->p, t->s, dim);
            alpha = to_edge(t, delta, dim);
            axpy(alpha, t->p, t->s, dim);
            axpy(-alpha, t->hp, t->r, dim);
            return;
        }
        axpy(-alpha, t->hp, t->r, dim);
        double next = linear_dot(t->r, t->r, dim), beta = next / rr;
        for (uint32_t j = 0; j < dim; j++)
            t->p[j] = beta * t->p[j] + t->r[j];
        rr = next;
    }
}

static double resize_region(double delta, double actual, double predicted, double length, double alpha)
{
    const double shrink = 0.25, half = 0.5, grow = 4;
    if (actual < 1e-4 * predicted)
        return fmin(fmax(alpha, shrink) * length, half * delta);
    if (actual < 0.25 * predicted)
        return fmax(shrink * delta, fmin(alpha * length, half * delta));
    if (actual < 0.75 * predicted)
        return fmax(shrink * delta, fmin(alpha * length, grow * delta));
    return fmax(delta, fmin(alpha * length, grow * delta));
}

/* Records on the smaller side: liblinear scales tol by their share. */
static double smaller_side(const struct linear *lin, uint32_t output)
{
    const struct sl_matrix *train = &lin->data->train;
    uint64_t positive = 0;
    for (size_t b = 0; b < train->n_blocks; b++) {
        for (uint32_t i = 0; i < train->blocks[b].n; i++)
            positive += train->blocks[b].y[i] == positive_class(lin, output);
        sl_rows_rest(&train->blocks[b]);
    }
    uint64_t few = positive < lin->n - positive ? positive : lin->n - positive;
    return (double)(few ? few : 1);
}

static int start(struct linear *lin, uint32_t output, struct sl_error *err)
{
    struct tron *t = lin->state;
    struct problem *p = &t->problems[output];
    double *w = lin->w + (size_t)output * lin->dim, *z = lin->z + output * lin->n;
    double *g = t->gradients + (size_t)output * lin->dim;
    linear_margins(lin, w, z);
    p->f = objective(lin, output, w, z);
    gradient(lin, output, w, z, g);
    p->norm = sqrt(linear_dot(g, g, lin->dim));
    if (!p->started && lin->step == 0)
        p->delta = p->first_norm = p->norm;
    p->few = smaller_side(lin, output);
    p->started = isfinite(p->f) && isfinite(p->norm);
    if (p->started)
        return SL_OK;
    linear_blame_all(lin, w, 1);
    return sl_fail(err, SL_EDATA, "the loss is not finite at the start: a feature is NaN or infinite");
}

/* Newton steps until one is taken; a step that does not improve enough shrinks the region and tries again. */
static int newton(struct linear *lin, uint32_t output, struct sl_error *err)
{
    struct tron *t = lin->state;
    struct problem *p = &t->problems[output];
    double *w = lin->w + (size_t)output * lin->dim, *z = lin->z + output * lin->n;
    double *g = t->gradients + (size_t)output * lin->dim;
    memcpy(t->g, g, lin->dim * sizeof *g);
    derive(lin, output, z);
    for (;;) {
        conjugate_gradients(lin, p->delta);
        for (uint32_t j = 0; j < lin->dim; j++)
            t->w_new[j] = w[j] + t->s[j];
        linear_margins(lin, t->w_new, t->z_new);
        double gs = linear_dot(t->g, t->s, lin->dim);
        double predicted = -0.5 * (gs - linear_dot(t->s, t->r, lin->dim));
        double f = objective(lin, output, t->w_new, t->z_new), actual = p->f - f;
        double length = sqrt(linear_dot(t->s, t->s, lin->dim));
        if (!isfinite(f)) {
            linear_blame_all(lin, t->w_new, 1);
            return sl_fail(err, SL_EDATA, "the loss is not finite in iteration %llu",
                           (unsigned long long)lin->step + 1);
        }
        if (lin->step == 0)
            p->delta = fmin(p->delta, length);
        double alpha = f - p->f - gs <= 0 ? 4 : fmax(0.25, -0.5 * (gs / (f - p->f - gs)));
        p->delta = resize_region(p->delta, actual, predicted, length, alpha);
        if (actual > 1e-4 * predicted) {
            memcpy(w, t->w_new, lin->dim * sizeof *w);
            memcpy(z, t->z_new, lin->n * sizeof *z);
            p->f = f;
            gradient(lin, output, w, z, g);
            p->norm = sqrt(linear_dot(g, g, lin->dim));
            p->done = p->norm <= lin->params->tol * p->few / (double)lin->n * p->first_norm;
            return SL_OK;
        }
        if (p->f < -1.0e32 || (fabs(actual) <= 0 && predicted <= 0) ||
            (fabs(actual) <= 1e-12 * fabs(p->f) && fabs(predicted) <= 1e-12 * fabs(p->f))) {
            p->done = true;
            return SL_OK;
        }
    }
}

static int step(struct linear *lin, struct sl_error *err)
{
    struct tron *t = lin->state;
    lin->loss = lin->gradient_norm = 0;
    lin->converged = true;
    for (uint32_t k = 0; k < lin->outputs; k++) {
        struct problem *p = &t->problems[k];
        int status = p->started ? SL_OK : start(lin, k, err);
        if (!status && !p->done)
            status = newton(lin, k, err);
        if (status)
            return status;
        lin->loss += p->f / lin->params->C / (double)lin->n;
        lin->gradient_norm += p->norm * p->norm;
        lin->converged &= p->done;
    }
    lin->gradient_norm = sqrt(lin->gradient_norm);
    return SL_OK;
}

static void release(struct linear *lin)
{
    struct tron *t = lin->state;
    if (!t)
        return;
    free(t->problems);
    free(t->d);
    free(t->a);
    free(t->z_new);
    free(t->g);
    free(t->gradients);
    free(t);
    lin->state = NULL;
}

static int begin(struct linear *lin, struct sl_error *err)
{
    struct tron *t = calloc(1, sizeof *t);
    if (!t)
        return sl_fail_memory(err, "the solver");
    lin->state = t;
    size_t dim = lin->dim, n = lin->n + 1;
    t->problems = calloc(lin->outputs, sizeof *t->problems);
    t->d = malloc(n * sizeof *t->d);
    t->a = malloc(n * sizeof *t->a);
    t->z_new = malloc(n * sizeof *t->z_new);
    t->g = calloc(6 * dim, sizeof *t->g);
    t->gradients = calloc(lin->outputs * dim, sizeof *t->gradients);
    if (!t->problems || !t->d || !t->a || !t->z_new || !t->g || !t->gradients)
        return sl_fail_memory(err, "the solver");
    t->s = t->g + dim;
    t->r = t->s + dim;
    t->p = t->r + dim;
    t->hp = t->p + dim;
    t->w_new = t->hp + dim;
    return SL_OK;
}

static void save(const struct linear *lin, struct sl_buf *to)
{
    const struct tron *t = lin->state;
    for (uint32_t k = 0; k < lin->outputs; k++) {
        sl_buf_f64(to, t->problems[k].delta);
        sl_buf_f64(to, t->problems[k].first_norm);
        sl_buf_u32(to, t->problems[k].done);
    }
}

static int load(struct linear *lin, struct sl_blob *from, bool places, struct sl_error *err)
{
    struct tron *t = lin->state;
    (void)err;
    (void)places;
    for (uint32_t k = 0; k < lin->outputs; k++)
        t->problems[k] = (struct problem){ .delta = sl_blob_f64(from),
                                           .first_norm = sl_blob_f64(from),
                                           .done = sl_blob_u32(from) != 0 };
    return SL_OK;
}

const struct linear_solver_class linear_tron = {
    .begin = begin, .step = step, .save = save, .load = load, .free = release
};
