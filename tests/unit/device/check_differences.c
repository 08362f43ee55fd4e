/* check_differences.c: gradients against central differences of the forward kernels, on the device itself.
 *
 * For L = Σ r·result with random r, the slope of L along random signs u, (L(p + h·u) − L(p − h·u))/2h, is to be
 * Σ u·gradient within 3e-3 of the gradient's norm: room for h² and for single precision. */
#include <math.h>
#include <string.h>

#include "tests/unit/device/kernels_check.h"

enum { ROWS = 21, IN = 13, OUT = 9, DIRECTIONS = 3 };
#define STEP  0x1p-7
#define LIMIT 3e-3

/* A forward kernel with all its arrays. `p` is what is moved. */
struct forward {
    void (*run)(struct check *c, const struct forward *f);
    enum sl_activation f;
    struct array *x, *w, *b, *labels, *weights, *result, *p2, *p3, *r;
    bool soft, mean;
};

static double loss_at(struct check *c, const struct forward *f, struct array *p, const float *sign, double h)
{
    for (size_t i = 0; i < p->n; i++) {
        p->got[i] = p->before[i] + (float)(h * (double)sign[i]);
    }
    c->k->upload(c->d, 0, p->at, p->got, p->n * sizeof(float));
    c->k->uploaded(c->d, 0);
    c->k->acquire(c->d, 0);
    f->run(c, f);
    c->k->release(c->d, 0);
    check_fetch(c, f->result);
    double sum = 0;
    for (size_t i = 0; i < f->result->n; i++) {
        sum += (double)f->r->before[i] * (double)f->result->got[i];
    }
    return sum;
}

static void differ(struct check *c, const struct forward *f, const char *name, struct array *p, struct array *gradient)
{
    check_fetch(c, gradient);
    struct array *sign = check_random(c, p->n, -1, 1);
    for (int k = 0; k < DIRECTIONS; k++) {
        double along = 0, square = 0;
        for (size_t i = 0; i < p->n; i++) {
            sign->got[i] = check_draw(c) & 1 ? 1 : -1;
            along += (double)sign->got[i] * (double)gradient->got[i];
            square += (double)gradient->got[i] * (double)gradient->got[i];
        }
        double slope = (loss_at(c, f, p, sign->got, STEP) - loss_at(c, f, p, sign->got, -STEP)) / (2 * STEP);
        check_that(c, fabs(slope - along) <= LIMIT * sqrt(square) + 1e-6, "%s gives a slope of %.9g, differences %.9g",
                   name, along, slope);
    }
    loss_at(c, f, p, sign->got, 0); /* as it was */
}

static void run_activate(struct check *c, const struct forward *f)
{
    c->k->activate(c->d, f->f, f->x->n, f->x->at, f->result->at);
}

static void activation(struct check *c, enum sl_activation f)
{
    enum { N = 500 };
    check_begin(c, "activate_grad %d by differences", (int)f);
    struct array *draft = check_random(c, N, -3, 3);
    for (int i = 0; i < N; i++) { /* relu has no slope at 0 */
        draft->got[i] = draft->before[i] + (draft->before[i] < 0 ? -0.1f : 0.1f);
    }
    struct array *x = check_numbers(c, N, draft->got), *dx = check_random(c, N, -1, 1);
    struct forward forward = {
        .run = run_activate, .f = f, .x = x, .result = check_random(c, N, -1, 1), .r = check_random(c, N, -1, 1)
    };
    run_activate(c, &forward);
    c->k->activate_grad(c->d, f, N, x->at, forward.result->at, forward.r->at, dx->at, false);
    differ(c, &forward, "dx", x, dx);
    check_end(c);
}

static void run_dense(struct check *c, const struct forward *f)
{
    c->k->dense(c->d, ROWS, IN, OUT, f->x->at, f->w->at, f->b->at, f->f, f->p2->at, f->result->at);
}

static void dense(struct check *c, enum sl_activation f)
{
    check_begin(c, "dense_grad, activation %d, by differences", (int)f);
    struct forward forward = { .run = run_dense,
                               .f = f,
                               .x = check_random(c, ROWS * IN, -1, 1),
                               .w = check_random(c, IN * OUT, -0.5, 0.5),
                               .b = check_random(c, OUT, -1, 1),
                               .p2 = check_random(c, ROWS * OUT, 0, 0),
                               .result = check_random(c, ROWS * OUT, 0, 0),
                               .r = check_random(c, ROWS * OUT, -1, 1) };
    struct array *dx = check_random(c, ROWS * IN, -1, 1), *dw = check_random(c, IN * OUT, -1, 1);
    struct array *db = check_random(c, OUT, -1, 1), *dy = check_numbers(c, ROWS * OUT, forward.r->before);
    run_dense(c, &forward);
    c->k->dense_grad(c->d, ROWS, IN, OUT, forward.x->at, forward.w->at, forward.p2->at, forward.result->at, f, dy->at,
                     dx->at, false, dw->at, db->at, false);
    differ(c, &forward, "dx", forward.x, dx);
    differ(c, &forward, "dw", forward.w, dw);
    differ(c, &forward, "db", forward.b, db);
    check_end(c);
}

static void run_norm(struct check *c, const struct forward *f)
{
    c->k->layer_norm(c->d, ROWS, IN, 1e-3f, f->x->at, f->w->at, f->b->at, f->result->at, f->p2->at, f->p3->at);
}

static void norm(struct check *c)
{
    check_begin(c, "layer_norm_grad by differences");
    struct forward forward = { .run = run_norm,
                               .x = check_random(c, ROWS * IN, -2, 2),
                               .w = check_random(c, IN, 0.5, 1.5),
                               .b = check_random(c, IN, -1, 1),
                               .p2 = check_random(c, ROWS, 0, 0),
                               .p3 = check_random(c, ROWS, 0, 0),
                               .result = check_random(c, ROWS * IN, 0, 0),
                               .r = check_random(c, ROWS * IN, -1, 1) };
    struct array *dx = check_random(c, ROWS * IN, -1, 1), *dgain = check_random(c, IN, -1, 1);
    struct array *dbias = check_random(c, IN, -1, 1);
    run_norm(c, &forward);
    c->k->layer_norm_grad(c->d, ROWS, IN, forward.x->at, forward.w->at, forward.p2->at, forward.p3->at, forward.r->at,
                          dx->at, false, dgain->at, dbias->at, false);
    differ(c, &forward, "dx", forward.x, dx);
    differ(c, &forward, "dgain", forward.w, dgain);
    differ(c, &forward, "dbias", forward.b, dbias);
    check_end(c);
}

static void run_reduce(struct check *c, const struct forward *f)
{
    c->k->reduce(c->d, 3, IN, 7, f->mean, f->x->at, f->result->at);
}

static void reduce(struct check *c, bool mean)
{
    check_begin(c, "reduce_grad of %s by differences", mean ? "means" : "sums");
    struct forward forward = { .run = run_reduce,
                               .mean = mean,
                               .x = check_random(c, 3 * IN * 7, -1, 1),
                               .result = check_random(c, 21, 0, 0),
                               .r = check_random(c, 21, -1, 1) };
    struct array *dx = check_random(c, 3 * IN * 7, -1, 1);
    c->k->reduce_grad(c->d, 3, IN, 7, mean, forward.r->at, dx->at, false);
    differ(c, &forward, "dx", forward.x, dx);
    check_end(c);
}

static void run_embedding(struct check *c, const struct forward *f)
{
    c->k->embedding(c->d, ROWS, IN, OUT, check_as_words(f->labels), f->w->at, f->result->at);
}

static void embedding(struct check *c)
{
    check_begin(c, "embedding_grad by differences");
    struct forward forward = { .run = run_embedding,
                               .labels = check_words(c, ROWS, IN),
                               .w = check_random(c, IN * OUT, -1, 1),
                               .result = check_random(c, ROWS * OUT, 0, 0),
                               .r = check_random(c, ROWS * OUT, -1, 1) };
    struct array *dtable = check_random(c, IN * OUT, -1, 1);
    c->k->embedding_grad(c->d, ROWS, IN, OUT, check_as_words(forward.labels), forward.r->at, dtable->at, false);
    differ(c, &forward, "dtable", forward.w, dtable);
    check_end(c);
}

/* p2: the gradient; p3: the figures; b: the probabilities */
static void run_entropy(struct check *c, const struct forward *f)
{
    const struct sl_cross_entropy what = { .logits = f->x->at,
                                           .labels = f->soft ? NULL : check_as_words(f->labels),
                                           .soft = f->soft ? f->w->at : NULL,
                                           .weights = f->weights->at,
                                           .smoothing = 0.1f,
                                           .probabilities = f->b->at,
                                           .gradient = f->p2->at,
                                           .figures = f->p3->at,
                                           .row_loss = f->result->at };
    c->k->cross_entropy(c->d, ROWS, OUT, &what);
}

/* Each row of targets adds up to one, as the gradient supposes. */
static struct array *targets(struct check *c)
{
    struct array *draft = check_random(c, ROWS * OUT, 0, 0);
    memset(draft->got, 0, ROWS * OUT * sizeof(float));
    for (int r = 0; r < ROWS; r++) {
        draft->got[r * OUT + r % OUT] += 0.75f;
        draft->got[r * OUT + (r + 3) % OUT] += 0.25f;
    }
    return check_numbers(c, ROWS * OUT, draft->got);
}

static struct array *equal_shares(struct check *c)
{
    struct array *draft = check_random(c, ROWS, 0, 0);
    for (int r = 0; r < ROWS; r++) {
        draft->got[r] = 1.0f / ROWS;
    }
    return check_numbers(c, ROWS, draft->got);
}

static void entropy(struct check *c, bool soft)
{
    check_begin(c, "cross_entropy%s by differences", soft ? " of soft targets" : "");
    struct forward forward = { .run = run_entropy,
                               .soft = soft,
                               .x = check_random(c, ROWS * OUT, -2, 2),
                               .labels = check_words(c, ROWS, OUT),
                               .weights = check_random(c, OUT, 0.5, 2),
                               .w = targets(c),
                               .b = check_random(c, ROWS * OUT, 0, 0),
                               .p2 = check_random(c, ROWS * OUT, 0, 0),
                               .p3 = check_random(c, 2, 0, 0),
                               .result = check_random(c, ROWS, 0, 0),
                               .r = equal_shares(c) };
    run_entropy(c, &forward);
    struct array *gradient = check_random(c, ROWS * OUT, 0, 0); /* apart: running on overwrites it */
    c->k->copy(c->d, gradient->at, forward.p2->at, ROWS * OUT * sizeof(float));
    differ(c, &forward, "gradient", forward.x, gradient);
    check_end(c);
}

/* w: the targets */
static void run_squared(struct check *c, const struct forward *f)
{
    c->k->squared_error(c->d, ROWS, OUT, f->x->at, f->w->at, f->p2->at, f->p3->at, f->result->at);
}

static void squared(struct check *c)
{
    check_begin(c, "squared_error by differences");
    struct forward forward = { .run = run_squared,
                               .x = check_random(c, ROWS * OUT, -2, 2),
                               .w = check_random(c, ROWS * OUT, -2, 2),
                               .p2 = check_random(c, ROWS * OUT, 0, 0),
                               .p3 = check_random(c, 2, 0, 0),
                               .result = check_random(c, ROWS, 0, 0),
                               .r = equal_shares(c) };
    run_squared(c, &forward);
    struct array *gradient = check_random(c, ROWS * OUT, 0, 0);
    c->k->copy(c->d, gradient->at, forward.p2->at, ROWS * OUT * sizeof(float));
    differ(c, &forward, "dy", forward.x, gradient);
    check_end(c);
}

void check_differences(struct check *c)
{
    for (enum sl_activation f = SL_LINEAR; f <= SL_SIGMOID; f++) {
        activation(c, f);
        if (f != SL_RELU) { /* its corners would be in the way */
            dense(c, f);
        }
    }
    norm(c);
    reduce(c, false);
    reduce(c, true);
    embedding(c);
    entropy(c, false);
    entropy(c, true);
    squared(c);
}
