/* network_save.c: the whole state of a network as bytes, and back: stepping on gives the same bits.
 *
 *     "NET1", features, outputs, floats of weights; step, rows, seconds, over
 *     what may be tuned; sums of the epoch under way; early stopping; the last point
 *     weights, optimizer's state, best weights (empty: none kept)          each with its length before it
 *
 * All little-endian. The place in the loader's stream is the step. Loading looks at everything but the optimizer's
 * numbers, which that checks itself, before it changes anything. */
#include "network.h"

#include <math.h>
#include <stdlib.h>

#define MAGIC 0x3154454eu /* "NET1" */

enum { N_POINT = 8 };

static void point_to(const struct sl_point *p, double out[N_POINT])
{
    const double all[N_POINT] = { p->loss,      p->gradient_norm, p->train_accuracy, p->test_accuracy,
                                  p->test_loss, p->seconds,       p->learning_rate,  (double)p->rows };
    memcpy(out, all, sizeof all);
}

static void save_numbers(const struct network *net, struct sl_buf *to)
{
    double point[N_POINT];
    sl_buf_u64(to, net->step);
    sl_buf_u64(to, net->rows);
    sl_buf_f64(to, net->seconds);
    sl_buf_u32(to, net->over);
    sl_buf_f64(to, net->train.learning_rate);
    sl_buf_f64(to, net->train.momentum);
    sl_buf_f64(to, net->train.weight_decay);
    sl_buf_u64(to, (uint64_t)net->train.epochs);
    sl_buf_f64(to, net->sums.loss);
    sl_buf_f64(to, net->sums.correct);
    sl_buf_u64(to, net->sums.rows);
    sl_buf_f64(to, net->sums.seconds);
    sl_buf_f64(to, net->sums.wait);
    sl_buf_f64(to, net->best.value);
    sl_buf_u64(to, net->best.epoch);
    sl_buf_u64(to, net->best.waited);
    sl_buf_u32(to, net->best.stop);
    point_to(&net->last, point);
    sl_buf_u64(to, net->last.step);
    for (int i = 0; i < N_POINT; i++)
        sl_buf_f64(to, point[i]);
}

int network_copy_weights(const struct sl_learner *learner, float **out, size_t *n, struct sl_error *err)
{
    struct network *net = (struct network *)(uintptr_t)learner; /* a device is asked, nothing is changed */
    float *w = malloc((sl_graph_weights(net->graph) + 1) * sizeof *w);
    int status = w ? sl_graph_get(net->graph, w, err) : sl_fail_memory(err, "the weights");
    if (status) {
        free(w);
        return status;
    }
    *out = w;
    *n = sl_graph_weights(net->graph);
    return SL_OK;
}

/* Floats as they lie in memory: little-endian on every machine this runs on; else nothing is loaded (see check). */
static int save_weights(struct network *net, struct sl_buf *to, struct sl_error *err)
{
    size_t n = sl_graph_weights(net->graph);
    float *w = malloc((n + 1) * sizeof *w);
    if (!w)
        return sl_fail_memory(err, "a checkpoint");
    int status = sl_graph_get(net->graph, w, err);
    if (!status)
        sl_buf_blob(to, w, n * sizeof *w);
    free(w);
    return status;
}

int network_save(const struct sl_learner *learner, struct sl_buf *to, struct sl_error *err)
{
    struct network *net = (struct network *)(uintptr_t)learner; /* a device is asked, nothing is changed */
    size_t n = sl_graph_weights(net->graph);
    struct sl_buf optimizer = { 0 };
    sl_buf_u32(to, MAGIC);
    sl_buf_u32(to, net->data->train.width);
    sl_buf_u32(to, net->outputs);
    sl_buf_u64(to, n);
    save_numbers(net, to);
    int status = save_weights(net, to, err);
    if (!status && net->optimizer)
        status = sl_optimizer_save(net->optimizer, &optimizer, err);
    sl_buf_blob(to, optimizer.p, optimizer.n);
    sl_buf_blob(to, net->best.w, net->best.w ? n * sizeof *net->best.w : 0);
    bool failed = to->failed || optimizer.failed;
    sl_buf_release(&optimizer);
    return !status && failed ? sl_fail_memory(err, "a checkpoint") : status;
}

/* --- back --- */

struct saved {
    struct network net; /* the numbers alone */
    struct sl_str w, optimizer, best;
};

static int damaged(struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "the saved network is damaged");
    return sl_fix(err, "train again"), SL_EFORMAT;
}

static int check_kind(const struct network *net, struct sl_blob *blob, struct sl_error *err)
{
    uint32_t magic = sl_blob_u32(blob), width = sl_blob_u32(blob), outputs = sl_blob_u32(blob);
    uint64_t n = sl_blob_u64(blob);
    if (blob->failed || magic != MAGIC)
        return damaged(err);
    if (width != net->data->train.width)
        sl_fail(err, SL_EFORMAT, "the saved network is for %u features, the data give %u now", width,
                net->data->train.width);
    else if (outputs != net->outputs)
        sl_fail(err, SL_EFORMAT, "the saved network has %u outputs, the data ask for %u now", outputs, net->outputs);
    else if (n != sl_graph_weights(net->graph))
        sl_fail(err, SL_EFORMAT, "the saved network has %llu weights, this recipe makes %zu", (unsigned long long)n,
                sl_graph_weights(net->graph));
    else
        return SL_OK;
    return sl_fix(err, "train again"), SL_EFORMAT;
}

static void read_point(struct sl_blob *blob, struct sl_point *p)
{
    p->step = sl_blob_u64(blob);
    p->loss = sl_blob_f64(blob);
    p->gradient_norm = sl_blob_f64(blob);
    p->train_accuracy = sl_blob_f64(blob);
    p->test_accuracy = sl_blob_f64(blob);
    p->test_loss = sl_blob_f64(blob);
    p->seconds = sl_blob_f64(blob);
    p->learning_rate = sl_blob_f64(blob);
    double rows = sl_blob_f64(blob);
    p->rows = rows >= 0 && rows < 0x1p63 ? (uint64_t)rows : 0;
}

static void read_numbers(struct sl_blob *blob, struct network *s)
{
    s->step = sl_blob_u64(blob);
    s->rows = sl_blob_u64(blob);
    s->seconds = sl_blob_f64(blob);
    s->over = sl_blob_u32(blob) != 0;
    s->train.learning_rate = sl_blob_f64(blob);
    s->train.momentum = sl_blob_f64(blob);
    s->train.weight_decay = sl_blob_f64(blob);
    s->train.epochs = (int64_t)sl_blob_u64(blob);
    s->sums.loss = sl_blob_f64(blob);
    s->sums.correct = sl_blob_f64(blob);
    s->sums.rows = sl_blob_u64(blob);
    s->sums.seconds = sl_blob_f64(blob);
    s->sums.wait = sl_blob_f64(blob);
    s->best.value = sl_blob_f64(blob);
    s->best.epoch = sl_blob_u64(blob);
    s->best.waited = sl_blob_u64(blob);
    s->best.stop = sl_blob_u32(blob) != 0;
    read_point(blob, &s->last);
}

static bool is_rate(double x, double most)
{
    return isnan(x) || (x >= 0 && x <= most);
}

static int read_all(const struct network *net, struct sl_str from, struct saved *s, struct sl_error *err)
{
    struct sl_blob blob = { from.p, from.p + from.n, false };
    size_t bytes = sl_graph_weights(net->graph) * sizeof(float);
    int status = check_kind(net, &blob, err);
    if (status)
        return status;
    read_numbers(&blob, &s->net);
    s->w = sl_blob_bytes(&blob);
    s->optimizer = sl_blob_bytes(&blob);
    s->best = sl_blob_bytes(&blob);
    const struct train_params *t = &s->net.train;
    if (blob.failed || blob.p != blob.end || s->w.n != bytes || (s->best.n && s->best.n != bytes) ||
        !is_rate(t->learning_rate, 1e6) || !(t->momentum >= 0 && t->momentum < 1) || !is_rate(t->weight_decay, 1) ||
        t->epochs < 1 || t->epochs > 1000000000 || s->net.sums.rows > s->net.rows)
        return damaged(err);
    return SL_OK;
}

static void take_numbers(struct network *net, const struct network *s)
{
    net->step = s->step;
    net->rows = s->rows;
    net->seconds = s->seconds;
    net->over = s->over;
    net->train.learning_rate = s->train.learning_rate;
    net->train.momentum = s->train.momentum;
    net->train.weight_decay = s->train.weight_decay;
    net->train.epochs = s->train.epochs;
    net->sums = s->sums;
    net->last = s->last;
    net->best.value = s->best.value;
    net->best.epoch = s->best.epoch;
    net->best.waited = s->best.waited;
    net->best.stop = s->best.stop;
    net->epoch_ended = false;
    network_spoil(net);
}

/* The blob's floats may lie at any address. */
static float *copy_floats(struct sl_str from)
{
    float *w = malloc(from.n + sizeof *w);
    if (w)
        memcpy(w, from.p, from.n);
    return w;
}

int network_load(struct sl_learner *learner, struct sl_str from, struct sl_error *err)
{
    struct network *net = network_of(learner);
    struct saved saved = { 0 };
    int status = read_all(net, from, &saved, err);
    if (status)
        return status;
    float *w = copy_floats(saved.w), *best = saved.best.n ? copy_floats(saved.best) : NULL;
    if (!w || (saved.best.n && !best))
        status = sl_fail_memory(err, "the saved network");
    if (!status && net->optimizer)
        status = sl_optimizer_load(net->optimizer, saved.optimizer, err);
    if (!status)
        status = sl_graph_set(net->graph, w, err);
    free(w);
    if (status) {
        free(best);
        return status;
    }
    free(net->best.w);
    net->best.w = best;
    take_numbers(net, &saved.net);
    network_set_options(net);
    return SL_OK;
}
