/* linear_sgd.c: mini-batch solvers, SGD and Adam, for logistic regression (multinomial for more than two classes).
 *
 * One step is an epoch over all training rows in an order drawn from (random_state, epoch) alone; it can be halted
 * between two batches, and its state then is (epoch, rows done) beside the weights. The objective is that
 * of lbfgs: mean loss plus 1/(2 C N) ‖w‖², the intercept unpenalised. Adam: Kingma and Ba 2015, β 0.9 and 0.999, ε 1e-7
 * (Keras's). Runs in one thread: batches follow each other. */
#include "linear.h"

#include "sluice/random.h"

#include <math.h>
#include <stdlib.h>

struct sgd {
    size_t size;
    uint32_t epoch;
    uint64_t updates;
    double *m, *v, *g; /* size each */
    /* Within an epoch: rows done, their loss, and what was before its first batch: w, m, v. */
    uint64_t at;
    double sum;
    double *before; /* 3 × size */
    uint64_t updates_before;
    bool shuffled;   /* order is this epoch's */
    uint32_t *order; /* n rows */
    uint32_t *block; /* block of each row */
};

/* Fisher–Yates over Philox draws. */
static void shuffle(struct linear *lin, struct sgd *q)
{
    for (uint64_t i = 0; i < lin->n; i++)
        q->order[i] = (uint32_t)i;
    for (uint64_t i = lin->n; i-- > 1;) {
        uint32_t draw[4];
        sl_philox((uint64_t)lin->params->random_state, SL_RANDOM_SHUFFLE, q->epoch, i, 0, draw);
        uint64_t wide = (uint64_t)draw[0] << 32 | draw[1], j = (uint64_t)(((unsigned __int128)wide * (i + 1)) >> 64);
        uint32_t swap = q->order[i];
        q->order[i] = q->order[j];
        q->order[j] = swap;
    }
}

/* Add one row's gradient; returns its loss, NaN when it is to blame for a bad one. */
static double add_row(struct linear *lin, struct sgd *q, uint32_t row, double *z)
{
    const struct sl_rows *rows = &lin->data->train.blocks[q->block[row]];
    uint32_t i = (uint32_t)(row - lin->row[q->block[row]]), y = rows->y[i];
    if (y == UINT32_MAX)
        return 0;
    double c = lin->class_c[y] / lin->params->C, loss;
    for (uint32_t k = 0; k < lin->outputs; k++) {
        z[k] = linear_row(rows, i, lin->w + (size_t)k * lin->dim, lin->width);
        if (!isfinite(z[k])) /* an infinite margin on the right side has no loss, but spoils the gradient */
            return (double)NAN;
    }
    if (lin->outputs == 1) {
        double sign = y ? 1 : -1, yz = sign * z[0];
        loss = yz >= 0 ? log1p(exp(-yz)) : -yz + log1p(exp(yz));
        z[0] = sign * (1 / (1 + exp(-yz)) - 1);
    } else {
        double own = z[y];
        loss = linear_softmax(z, lin->outputs) - own;
        z[y] -= 1;
    }
    for (uint32_t k = 0; k < lin->outputs; k++) {
        double *g = q->g + (size_t)k * lin->dim, a = c * z[k];
        for (uint32_t at = rows->start[i]; at < rows->start[i + 1]; at++)
            g[rows->index[at]] += a * (double)rows->value[at];
        g[lin->width] += lin->params->fit_intercept ? a : 0;
    }
    return c * loss;
}

static void update(struct linear *lin, struct sgd *q, double batch)
{
    double rate = lin->params->learning_rate, l2 = 1 / (lin->params->C * (double)lin->n);
    bool adam = lin->params->solver == SOLVER_ADAM;
    q->updates++;
    double fix1 = 1 - pow(0.9, (double)q->updates), fix2 = 1 - pow(0.999, (double)q->updates);
    for (size_t i = 0; i < q->size; i++) {
        double g = q->g[i] / batch + (i % lin->dim < lin->width ? l2 * lin->w[i] : 0);
        if (adam) {
            q->m[i] = 0.9 * q->m[i] + 0.1 * g;
            q->v[i] = 0.999 * q->v[i] + 0.001 * g * g;
            g = q->m[i] / fix1 / (sqrt(q->v[i] / fix2) + 1e-7);
        }
        lin->w[i] -= rate * g;
        q->g[i] = 0;
    }
}

/* --- where an epoch begins, to come back to --- */

static void mark_begin(struct linear *lin, struct sgd *q)
{
    memcpy(q->before, lin->w, q->size * sizeof *lin->w);
    memcpy(q->before + q->size, q->m, 2 * q->size * sizeof *q->m);
    q->updates_before = q->updates;
    q->sum = 0;
}

static void settle(struct linear *lin)
{
    struct sgd *q = lin->state;
    memcpy(lin->w, q->before, q->size * sizeof *lin->w);
    memcpy(q->m, q->before + q->size, 2 * q->size * sizeof *q->m);
    memset(q->g, 0, q->size * sizeof *q->g);
    q->updates = q->updates_before;
    q->at = 0;
}

static bool within(const struct linear *lin)
{
    return ((const struct sgd *)lin->state)->at > 0;
}

static int non_finite(struct linear *lin, uint64_t first, uint64_t last, struct sl_error *err)
{
    struct sgd *q = lin->state;
    linear_blame_batch(lin, q->order + first, last - first, q->block);
    settle(lin);
    sl_fail(err, SL_EDATA, "the loss is not finite in epoch %u, batch %llu", q->epoch + 1,
            (unsigned long long)(first / (uint64_t)lin->params->batch_size) + 1);
    return sl_fix(err, "lower learning_rate (now %g), or put features on a common scale", lin->params->learning_rate);
}

/* --- epochs --- */

static double penalty(const struct linear *lin)
{
    double sum = 0;
    for (uint32_t k = 0; k < lin->outputs; k++) {
        const double *w = lin->w + (size_t)k * lin->dim;
        sum += linear_dot(w, w, lin->width);
    }
    return sum / (2 * lin->params->C * (double)lin->n);
}

/* Batches from q->at on, to the end or until halted. Not finite: nothing is updated. */
static int batches(struct linear *lin, struct sgd *q, double *z, double *norm, struct sl_error *err)
{
    uint64_t batch = (uint64_t)lin->params->batch_size;
    while (q->at < lin->n) {
        uint64_t first = q->at, last = first + batch < lin->n ? first + batch : lin->n;
        double before = q->sum;
        for (uint64_t i = first; i < last; i++)
            q->sum += add_row(lin, q, q->order[i], z);
        if (!isfinite(q->sum - before))
            return non_finite(lin, first, last, err);
        if (last == lin->n)
            for (size_t i = 0; i < q->size; i++)
                *norm += q->g[i] * q->g[i] / ((double)(last - first) * (double)(last - first));
        update(lin, q, (double)(last - first));
        q->at = last;
        if (last < lin->n && lin->asked && lin->asked(lin->asked_ctx))
            return sl_fail(err, SL_ECANCEL, "the epoch was halted");
    }
    return SL_OK;
}

static void end_epoch(struct linear *lin, struct sgd *q, double loss, double norm)
{
    double old = lin->loss;
    lin->loss = loss;
    lin->gradient_norm = sqrt(norm);
    lin->converged = q->epoch > 0 && fabs(old - lin->loss) < lin->params->tol * fmax(fabs(old), 1e-12);
    q->epoch++;
    q->at = 0;
    q->shuffled = false;
    for (uint32_t k = 0; k < lin->outputs; k++)
        linear_margins(lin, lin->w + (size_t)k * lin->dim, lin->z + k * lin->n);
}

static int step(struct linear *lin, struct sl_error *err)
{
    struct sgd *q = lin->state;
    double *z = malloc(lin->outputs * sizeof *z), norm = 0;
    uint64_t last = lin->n ? (lin->n - 1) / (uint64_t)lin->params->batch_size * (uint64_t)lin->params->batch_size : 0;
    if (!z)
        return sl_fail_memory(err, "an epoch");
    if (!q->at)
        mark_begin(lin, q);
    if (!q->shuffled)
        shuffle(lin, q);
    q->shuffled = true;
    int status = batches(lin, q, z, &norm, err);
    free(z);
    if (status)
        return status;
    double loss = q->sum / (double)lin->n + penalty(lin);
    if (!isfinite(loss))
        return non_finite(lin, last, lin->n, err);
    end_epoch(lin, q, loss, norm);
    return SL_OK;
}

static void release(struct linear *lin)
{
    struct sgd *q = lin->state;
    if (!q)
        return;
    free(q->m);
    free(q->order);
    free(q->block);
    free(q);
    lin->state = NULL;
}

static int begin(struct linear *lin, struct sl_error *err)
{
    struct sgd *q = calloc(1, sizeof *q);
    if (!q)
        return sl_fail_memory(err, "the solver");
    lin->state = q;
    if (lin->n >= UINT32_MAX)
        return sl_fail(err, SL_ELIMIT, "%llu rows are too many for this solver", (unsigned long long)lin->n);
    q->size = (size_t)lin->outputs * lin->dim;
    q->m = calloc(6 * q->size, sizeof *q->m);
    q->order = malloc((lin->n + 1) * sizeof *q->order);
    q->block = malloc((lin->n + 1) * sizeof *q->block);
    if (!q->m || !q->order || !q->block)
        return sl_fail_memory(err, "the solver");
    q->v = q->m + q->size;
    q->g = q->v + q->size;
    q->before = q->g + q->size;
    for (size_t b = 0, row = 0; b < lin->data->train.n_blocks; b++)
        for (uint32_t i = 0; i < lin->data->train.blocks[b].n; i++)
            q->block[row++] = (uint32_t)b;
    return SL_OK;
}

static void save(const struct linear *lin, struct sl_buf *to)
{
    const struct sgd *q = lin->state;
    sl_buf_u32(to, q->epoch);
    sl_buf_u64(to, q->updates);
    sl_buf_f64(to, lin->loss);
    sl_buf_blob(to, q->m, 2 * q->size * sizeof *q->m);
    sl_buf_u64(to, q->at);
    if (!q->at)
        return;
    sl_buf_f64(to, q->sum);
    sl_buf_u64(to, q->updates_before);
    sl_buf_blob(to, q->before, 3 * q->size * sizeof *q->before);
}

static int damaged(struct sl_error *err)
{
    return sl_fail(err, SL_EFORMAT, "the saved solver is damaged");
}

static int load_place(struct linear *lin, struct sl_blob *from, struct sl_error *err)
{
    struct sgd *q = lin->state;
    uint64_t at = sl_blob_u64(from);
    q->at = 0;
    if (from->failed || !at)
        return from->failed ? damaged(err) : SL_OK;
    double sum = sl_blob_f64(from);
    uint64_t updates = sl_blob_u64(from);
    struct sl_str before = sl_blob_bytes(from);
    if (from->failed || before.n != 3 * q->size * sizeof *q->before ||
        (lin->n && (at >= lin->n || at % (uint64_t)lin->params->batch_size != 0)))
        return damaged(err);
    memcpy(q->before, before.p, before.n);
    q->at = at;
    q->sum = sum;
    q->updates_before = updates;
    return SL_OK;
}

static int load(struct linear *lin, struct sl_blob *from, bool places, struct sl_error *err)
{
    struct sgd *q = lin->state;
    q->epoch = sl_blob_u32(from);
    q->updates = sl_blob_u64(from);
    lin->loss = sl_blob_f64(from);
    q->shuffled = false;
    struct sl_str moments = sl_blob_bytes(from);
    if (from->failed || moments.n != 2 * q->size * sizeof *q->m)
        return damaged(err);
    memcpy(q->m, moments.p, moments.n);
    return places ? load_place(lin, from, err) : SL_OK;
}

const struct linear_solver_class linear_sgd = {
    .begin = begin,
    .step = step,
    .within = within,
    .settle = settle,
    .save = save,
    .load = load,
    .free = release,
};
