/* linear_lbfgs.c: logistic regression with an unpenalised intercept: multinomial for more than two classes.
 *
 * minimise (1/N) Σ c_i loss_i + 1/(2 C N) ‖w‖² without the intercept; stops when no component of the gradient exceeds
 * tol, as scikit-learn's lbfgs does. Limited-memory BFGS: Nocedal and Wright, Numerical Optimization (2006),
 * algorithm 7.4, ten pairs, with a strong Wolfe line search (3.5, 3.6). The path is not scikit-learn's, the minimum is.
 */
#include "linear.h"

#include <math.h>
#include <stdlib.h>

enum { PAIRS = 10, MAX_EVALUATIONS = 30 };

struct lbfgs {
    size_t size; /* outputs × dim */
    double f;
    double *g, *p, *w_new, *g_new; /* size each */
    double *s, *y;                 /* PAIRS × size */
    double rho[PAIRS];
    uint32_t n, newest; /* pairs held; the place of the last */
    double *a;          /* outputs × n: derivative by margin */
    double *z_new;      /* outputs × n */
    bool started;
};

struct view {
    struct linear *lin;
    const double *z; /* outputs × n */
};

static double loss_term(void *ctx, uint64_t row, uint32_t y)
{
    const struct view *v = ctx;
    struct linear *lin = v->lin;
    struct lbfgs *q = lin->state;
    uint64_t n = lin->n;
    if (y == UINT32_MAX) {
        for (uint32_t k = 0; k < lin->outputs; k++)
            q->a[k * n + row] = 0;
        return 0;
    }
    double c = lin->class_c[y] / lin->params->C;
    if (lin->outputs == 1) {
        double sign = y ? 1 : -1, yz = sign * v->z[row];
        q->a[row] = c * sign * (1 / (1 + exp(-yz)) - 1);
        return c * (yz >= 0 ? log1p(exp(-yz)) : -yz + log1p(exp(yz)));
    }
    double top = v->z[row], sum = 0;
    for (uint32_t k = 1; k < lin->outputs; k++)
        top = fmax(top, v->z[k * n + row]);
    for (uint32_t k = 0; k < lin->outputs; k++)
        sum += q->a[k * n + row] = exp(v->z[k * n + row] - top);
    for (uint32_t k = 0; k < lin->outputs; k++)
        q->a[k * n + row] = c * (q->a[k * n + row] / sum - (k == y));
    return c * (top + log(sum) - v->z[y * n + row]);
}

/* f and gradient at w; margins go to z. */
static double evaluate(struct linear *lin, const double *w, double *z, double *g)
{
    struct lbfgs *q = lin->state;
    double l2 = 1 / (lin->params->C * (double)lin->n), penalty = 0;
    for (uint32_t k = 0; k < lin->outputs; k++)
        linear_margins(lin, w + (size_t)k * lin->dim, z + k * lin->n);
    double sum = linear_sum(lin, loss_term, &(struct view){ lin, z });
    for (uint32_t k = 0; k < lin->outputs; k++) {
        const double *wk = w + (size_t)k * lin->dim;
        double *gk = g + (size_t)k * lin->dim;
        linear_transpose(lin, q->a + k * lin->n, gk);
        for (uint32_t j = 0; j < lin->dim; j++)
            gk[j] = gk[j] / (double)lin->n + (j < lin->width ? l2 * wk[j] : 0);
        penalty += linear_dot(wk, wk, lin->width);
    }
    return sum / (double)lin->n + 0.5 * l2 * penalty;
}

static double largest(const double *g, size_t n)
{
    double top = 0;
    for (size_t i = 0; i < n; i++)
        top = fmax(top, fabs(g[i]));
    return top;
}

/* Two-loop recursion: p = -H g. */
static void direction(struct lbfgs *q)
{
    double alpha[PAIRS];
    for (size_t i = 0; i < q->size; i++)
        q->p[i] = -q->g[i];
    for (uint32_t k = 0; k < q->n; k++) {
        uint32_t at = (q->newest + PAIRS - k) % PAIRS;
        const double *s = q->s + at * q->size, *y = q->y + at * q->size;
        alpha[at] = q->rho[at] * linear_dot(s, q->p, q->size);
        for (size_t i = 0; i < q->size; i++)
            q->p[i] -= alpha[at] * y[i];
    }
    if (q->n) {
        const double *y = q->y + q->newest * q->size;
        double scale = 1 / (q->rho[q->newest] * linear_dot(y, y, q->size));
        for (size_t i = 0; i < q->size; i++)
            q->p[i] *= scale;
    }
    for (uint32_t k = q->n; k-- > 0;) {
        uint32_t at = (q->newest + PAIRS - k) % PAIRS;
        const double *s = q->s + at * q->size, *y = q->y + at * q->size;
        double beta = q->rho[at] * linear_dot(y, q->p, q->size);
        for (size_t i = 0; i < q->size; i++)
            q->p[i] += s[i] * (alpha[at] - beta);
    }
}

struct trial {
    double t, f, slope;
};

static struct trial try_step(struct linear *lin, double t)
{
    struct lbfgs *q = lin->state;
    for (size_t i = 0; i < q->size; i++)
        q->w_new[i] = lin->w[i] + t * q->p[i];
    double f = evaluate(lin, q->w_new, q->z_new, q->g_new);
    return (struct trial){ t, f, linear_dot(q->g_new, q->p, q->size) };
}

/* Minimiser of the cubic through two trials, kept inside the interval. */
static double between(struct trial a, struct trial b)
{
    double d1 = a.slope + b.slope - 3 * (a.f - b.f) / (a.t - b.t), inner = d1 * d1 - a.slope * b.slope;
    double middle = 0.5 * (a.t + b.t), low = fmin(a.t, b.t), high = fmax(a.t, b.t), margin = 0.1 * (high - low);
    if (!(inner >= 0))
        return middle;
    double d2 = copysign(sqrt(inner), b.t - a.t);
    double t = b.t - (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
    return t > low + margin && t < high - margin ? t : middle;
}

/* A step along p that satisfies the strong Wolfe conditions (c1 1e-4, c2 0.9), or the best found. */
static bool line_search(struct linear *lin, double first, struct trial *found)
{
    struct lbfgs *q = lin->state;
    struct trial zero = { 0, q->f, linear_dot(q->g, q->p, q->size) }, low = zero, high = { 0, 0, 0 }, now = { 0, 0, 0 };
    bool bracketed = false;
    double t = first;
    for (int i = 0; i < MAX_EVALUATIONS; i++) {
        now = try_step(lin, t);
        bool worse = !isfinite(now.f) || now.f > zero.f + 1e-4 * t * zero.slope || (low.t > 0 && now.f >= low.f);
        if (!worse && fabs(now.slope) <= -0.9 * zero.slope) {
            *found = now;
            return true;
        }
        if (worse) {
            high = now;
            bracketed = true;
        } else {
            if (bracketed ? now.slope * (high.t - low.t) >= 0 : now.slope >= 0) {
                high = low;
                bracketed = true;
            }
            low = now;
        }
        if (bracketed && fabs(high.t - low.t) < 1e-14 * fmax(1, fabs(low.t)))
            break;
        t = !bracketed ? 2 * t : isfinite(high.f) ? between(low, high) : 0.5 * (low.t + high.t);
    }
    if (low.t <= 0)
        return false;
    *found = now.t == low.t ? now : try_step(lin, low.t);
    return true;
}

/* Remember the pair of the step taken, unless its curvature is not positive. */
static void remember(struct linear *lin)
{
    struct lbfgs *q = lin->state;
    uint32_t at = q->n ? (q->newest + 1) % PAIRS : 0;
    double *s = q->s + at * q->size, *y = q->y + at * q->size;
    for (size_t i = 0; i < q->size; i++) {
        s[i] = q->w_new[i] - lin->w[i];
        y[i] = q->g_new[i] - q->g[i];
    }
    double sy = linear_dot(s, y, q->size);
    if (sy <= 1e-300)
        return;
    q->rho[at] = 1 / sy;
    q->newest = at;
    q->n = q->n < PAIRS ? q->n + 1 : PAIRS;
}

static void report(struct linear *lin)
{
    struct lbfgs *q = lin->state;
    lin->loss = q->f;
    lin->gradient_norm = sqrt(linear_dot(q->g, q->g, q->size));
    lin->converged |= largest(q->g, q->size) <= lin->params->tol;
}

static int step(struct linear *lin, struct sl_error *err)
{
    struct lbfgs *q = lin->state;
    if (!q->started) {
        q->f = evaluate(lin, lin->w, lin->z, q->g);
        q->started = true;
        if (!isfinite(q->f) || isnan(linear_dot(q->g, q->g, q->size))) {
            linear_blame_all(lin, lin->w, lin->outputs);
            q->started = false;
            return sl_fail(err, SL_EDATA, "the loss is not finite at the start: a feature is NaN or infinite");
        }
    }
    direction(q);
    struct trial found;
    double norm = sqrt(linear_dot(q->g, q->g, q->size));
    if (!line_search(lin, q->n ? 1 : fmin(1, 1 / norm), &found)) {
        lin->converged = true; /* no further progress in double precision */
        report(lin);
        return SL_OK;
    }
    if (!isfinite(found.f)) {
        linear_blame_all(lin, q->w_new, lin->outputs);
        return sl_fail(err, SL_EDATA, "the loss is not finite in iteration %llu", (unsigned long long)lin->step + 1);
    }
    remember(lin);
    memcpy(lin->w, q->w_new, q->size * sizeof *lin->w);
    memcpy(lin->z, q->z_new, lin->outputs * lin->n * sizeof *lin->z);
    memcpy(q->g, q->g_new, q->size * sizeof *q->g);
    q->f = found.f;
    report(lin);
    return SL_OK;
}

static void release(struct linear *lin)
{
    struct lbfgs *q = lin->state;
    if (!q)
        return;
    free(q->g);
    free(q->s);
    free(q->y);
    free(q->a);
    free(q->z_new);
    free(q);
    lin->state = NULL;
}

static int begin(struct linear *lin, struct sl_error *err)
{
    struct lbfgs *q = calloc(1, sizeof *q);
    if (!q)
        return sl_fail_memory(err, "the solver");
    lin->state = q;
    q->size = (size_t)lin->outputs * lin->dim;
    q->g = calloc(4 * q->size, sizeof *q->g);
    q->s = calloc(PAIRS * q->size, sizeof *q->s);
    q->y = calloc(PAIRS * q->size, sizeof *q->y);
    q->a = calloc(lin->outputs * lin->n + 1, sizeof *q->a);
    q->z_new = calloc(lin->outputs * lin->n + 1, sizeof *q->z_new);
    if (!q->g || !q->s || !q->y || !q->a || !q->z_new)
        return sl_fail_memory(err, "the solver");
    q->p = q->g + q->size;
    q->w_new = q->p + q->size;
    q->g_new = q->w_new + q->size;
    return SL_OK;
}

static void save(const struct linear *lin, struct sl_buf *to)
{
    const struct lbfgs *q = lin->state;
    sl_buf_u32(to, q->n);
    sl_buf_u32(to, q->newest);
    for (uint32_t k = 0; k < q->n; k++) {
        sl_buf_f64(to, q->rho[k]);
        sl_buf_blob(to, q->s + k * q->size, q->size * sizeof *q->s);
        sl_buf_blob(to, q->y + k * q->size, q->size * sizeof *q->y);
    }
}

static int load(struct linear *lin, struct sl_blob *from, bool places, struct sl_error *err)
{
    struct lbfgs *q = lin->state;
    (void)places;
    q->n = sl_blob_u32(from);
    q->newest = sl_blob_u32(from);
    if (from->failed || q->n > PAIRS || q->newest >= PAIRS)
        return sl_fail(err, SL_EFORMAT, "the saved solver is damaged");
    for (uint32_t k = 0; k < q->n; k++) {
        q->rho[k] = sl_blob_f64(from);
        struct sl_str s = sl_blob_bytes(from), y = sl_blob_bytes(from);
        if (from->failed || s.n != q->size * sizeof *q->s || y.n != s.n)
            return sl_fail(err, SL_EFORMAT, "the saved solver is damaged");
        memcpy(q->s + k * q->size, s.p, s.n);
        memcpy(q->y + k * q->size, y.p, y.n);
    }
    return SL_OK;
}

const struct linear_solver_class linear_lbfgs = {
    .begin = begin, .step = step, .save = save, .load = load, .free = release
};
