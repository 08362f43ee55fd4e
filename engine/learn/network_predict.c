/* network_predict.c: outputs for records: by several threads at once, each with a graph of its own over the same
 * weights; on a device that is not the host's, by one after the other with the one graph there is.
 *
 * Graphs once made wait in a list for the next to predict. */
#include "network.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* Rows at a time: enough for the products to be quick, few enough for the caches. */
enum { ROWS_MOST = 256, ROWS_LEAST = 16 };
#define ROWS_BYTES ((size_t)4 << 20)

struct network_replica {
    struct network_replica *next;
    struct sl_device *device;
    struct sl_graph *graph;
    float *out;
};

static void free_replica(struct network_replica *r)
{
    if (!r)
        return;
    sl_graph_free(r->graph);
    sl_device_close(r->device);
    free(r->out);
    free(r);
}

void network_free_replicas(struct network *net)
{
    while (net->idle) {
        struct network_replica *next = net->idle->next;
        free_replica(net->idle);
        net->idle = next;
    }
}

static uint32_t rows_at_once(const struct network *net)
{
    size_t fit = ROWS_BYTES / ((size_t)net->data->train.width * sizeof(float) + 1);
    if (!net->device->host)
        return (uint32_t)net->batch.size;
    return fit > ROWS_MOST ? ROWS_MOST : fit < ROWS_LEAST ? ROWS_LEAST : (uint32_t)fit;
}

static int new_replica(struct network *net, struct network_replica **out, struct sl_error *err)
{
    struct network_replica *r = calloc(1, sizeof *r);
    int status = r && (r->out = malloc((size_t)rows_at_once(net) * net->outputs * sizeof *r->out))
                     ? SL_OK
                     : sl_fail_memory(err, "predicting");
    if (!status && net->device->host)
        status = sl_device_cpu(&r->device, NULL, NULL, err);
    if (!status && net->device->host)
        status = sl_graph_share(&r->graph, net->graph, r->device, rows_at_once(net), err);
    if (status)
        free_replica(r);
    else
        *out = r;
    return status;
}

/* A graph to predict with. On the host: this thread's alone; else: the network's own, under the lock. */
static int borrow(struct network *net, struct network_replica **out, struct sl_error *err)
{
    pthread_mutex_lock(&net->lock);
    struct network_replica *r = net->idle;
    int status = SL_OK;
    if (r)
        net->idle = r->next;
    else
        status = new_replica(net, &r, err);
    if (status || net->device->host)
        pthread_mutex_unlock(&net->lock);
    if (!status && !net->device->host)
        network_spoil(net);
    *out = r;
    return status;
}

static void give_back(struct network *net, struct network_replica *r)
{
    if (net->device->host)
        pthread_mutex_lock(&net->lock);
    r->next = net->idle;
    net->idle = r;
    pthread_mutex_unlock(&net->lock);
}

/* Outputs of rows first..first+n-1 into r->out; n at most rows_at_once. */
static int forward(const struct network *net, struct network_replica *r, const struct sl_rows *rows, uint32_t first,
                   uint32_t n, struct sl_error *err)
{
    struct sl_graph *graph = r->graph ? r->graph : net->graph;
    struct sl_places form = { 0 };
    const void **place = sl_graph_places(graph, 0, &form); /* room for them, if this device has any */
    sl_graph_uploaded(graph, 0);
    bool there = place && sl_rows_places(&net->data->train, rows, first, n, place, &form);
    sl_graph_places(graph, 0, there ? &form : NULL);
    if (!there)
        sl_rows_dense(&net->data->train, rows, first, n, sl_graph_x(graph, 0));
    sl_graph_upload(graph, 0, n);
    int status = sl_graph_forward(graph, 0, n, false, err);
    return status ? status : sl_graph_output(graph, n, r->out, err);
}

int network_predict(const struct sl_learner *learner, const struct sl_rows *rows, double *out, struct sl_error *err)
{
    struct network *net = (struct network *)(uintptr_t)learner; /* for the list and its lock */
    struct network_replica *r = NULL;
    uint32_t most = rows_at_once(net), outputs = net->outputs;
    int status = borrow(net, &r, err);
    if (status)
        return status;
    for (uint32_t first = 0; first < rows->n && !status; first += most) {
        uint32_t n = rows->n - first < most ? rows->n - first : most;
        status = forward(net, r, rows, first, n, err);
        for (size_t i = 0; i < (size_t)n * outputs && !status; i++)
            out[(size_t)first * outputs + i] = (double)r->out[i];
    }
    give_back(net, r);
    return status;
}

/* --- a whole matrix --- */

struct piece {
    const struct sl_rows *rows;
    uint32_t first, n;
    uint32_t known, right;
    double loss; /* sum */
    int status;
};
struct evaluation {
    struct network *net;
    const struct sl_matrix *matrix;
    struct piece *pieces;
    pthread_mutex_t lock; /* of the last one */
    struct sl_error err;  /* of the first that failed */
};

/* -Σ t·log p, with t the label's class smoothed. */
static double cross_entropy(const struct network *net, const float *p, uint32_t y)
{
    uint32_t n = net->outputs;
    double smooth = net->train.label_smoothing, sum = 0;
    for (uint32_t k = 0; k < n && smooth > 0; k++)
        sum -= log(fmax((double)p[k], (double)FLT_MIN));
    return smooth / n * sum - (1 - smooth) * log(fmax((double)p[y], (double)FLT_MIN));
}

static void tally(const struct network *net, struct piece *piece, const float *out)
{
    for (uint32_t i = 0; i < piece->n; i++) {
        const float *p = out + (size_t)i * net->outputs;
        uint32_t row = piece->first + i, best = 0;
        if (net->data->regression) {
            float target = piece->rows->target[row];
            double d = (double)p[0] - (double)target;
            if (!isnan(target)) {
                piece->known++;
                piece->loss += d * d;
            }
            continue;
        }
        uint32_t y = piece->rows->y[row];
        if (y >= net->outputs)
            continue;
        for (uint32_t k = 1; k < net->outputs; k++)
            if (p[k] > p[best])
                best = k;
        piece->known++;
        piece->right += best == y;
        piece->loss += cross_entropy(net, p, y);
    }
}

static void evaluate_piece(void *ctx, size_t i, int worker)
{
    struct evaluation *e = ctx;
    struct piece *piece = &e->pieces[i];
    struct network_replica *r = NULL;
    struct sl_rows_view view = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    (void)worker;
    piece->status = sl_rows_open(e->matrix, piece->rows, piece->first, piece->n, &view, &err);
    if (!piece->status)
        piece->status = borrow(e->net, &r, &err);
    if (!piece->status) {
        piece->status = forward(e->net, r, &view.rows, 0, piece->n, &err);
        if (!piece->status)
            tally(e->net, piece, r->out);
        give_back(e->net, r);
    }
    sl_rows_close(&view);
    pthread_mutex_lock(&e->lock);
    if (piece->status && !e->err.what[0])
        e->err = err;
    pthread_mutex_unlock(&e->lock);
}

static struct piece *cut(const struct network *net, const struct sl_matrix *matrix, size_t *n)
{
    uint32_t most = rows_at_once(net);
    *n = 0;
    for (size_t b = 0; b < matrix->n_blocks; b++)
        *n += (matrix->blocks[b].n + most - 1) / most;
    struct piece *pieces = calloc(*n + 1, sizeof *pieces);
    size_t at = 0;
    for (size_t b = 0; b < matrix->n_blocks && pieces; b++)
        for (uint32_t first = 0; first < matrix->blocks[b].n; first += most, at++) {
            uint32_t left = matrix->blocks[b].n - first;
            pieces[at] = (struct piece){ &matrix->blocks[b], first, left < most ? left : most, 0, 0, 0, SL_OK };
        }
    return pieces;
}

int network_evaluate(struct network *net, const struct sl_matrix *matrix, double *loss, double *accuracy,
                     struct sl_error *err)
{
    size_t n = 0;
    uint64_t known = 0, right = 0;
    double sum = 0;
    int status = SL_OK;
    *loss = *accuracy = (double)NAN;
    if (net->loader)
        sl_loader_rest(net->loader);
    if (!matrix->n)
        return SL_OK;
    struct evaluation e = {
        .net = net, .matrix = matrix, .pieces = cut(net, matrix, &n), .lock = PTHREAD_MUTEX_INITIALIZER
    };
    if (!e.pieces)
        return sl_fail_memory(err, "evaluation");
    sl_pool_for(net->device->host ? net->pool : NULL, n, evaluate_piece, &e);
    for (size_t i = 0; i < n && !status; i++) {
        status = e.pieces[i].status;
        known += e.pieces[i].known;
        right += e.pieces[i].right;
        sum += e.pieces[i].loss;
    }
    free(e.pieces);
    for (size_t b = 0; b < matrix->n_blocks; b++)
        sl_rows_rest(&matrix->blocks[b]);
    if (status) {
        if (err)
            *err = e.err;
        return status;
    }
    if (known && !net->data->regression)
        *accuracy = (double)right / (double)known;
    if (known)
        *loss = sum / (double)known;
    return SL_OK;
}
