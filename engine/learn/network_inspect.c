/* network_inspect.c: what a network looks like behind a step: the batch, activations, gradients, weights.
 *
 * While somebody looks, the graph keeps every output and gradient apart, so that they can be read; what it computes has
 * the same bits. */
#include "network.h"

#include <math.h>
#include <stdlib.h>

void sl_inspection_free(struct sl_inspection *in)
{
    if (!in)
        return;
    for (size_t i = 0; in->layers && i < in->n_layers; i++) {
        free(in->layers[i].name);
        free(in->layers[i].kind);
    }
    free(in->layers);
    free(in->x);
    free(in->record);
    free(in->y);
    free(in->target);
    free(in->output);
    free(in->row_loss);
    free(in->first);
    for (uint32_t k = 0; in->classes && k < in->n_classes; k++)
        free(in->classes[k]);
    free(in->classes);
    free(in);
}

int network_inspect(struct sl_learner *learner, bool wanted, struct sl_error *err)
{
    struct network *net = network_of(learner);
    int status = sl_graph_keep(net->graph, wanted, err);
    if (status)
        return status;
    if (wanted != net->inspecting) /* outputs did not move with it */
        net->looked = false;
    net->inspecting = wanted;
    return SL_OK;
}

/* Mean, deviation and the like of the finite ones of n numbers. */
static void spread(const float *x, size_t n, struct sl_spread *out)
{
    double sum = 0, squares = 0, low = INFINITY, high = -INFINITY;
    size_t finite = 0, zeros = 0;
    *out = (struct sl_spread){ 0 };
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i];
        if (!isfinite(v))
            continue;
        finite++;
        zeros += v == 0;
        sum += v;
        low = v < low ? v : low;
        high = v > high ? v : high;
    }
    out->nonfinite = n - finite;
    if (!finite)
        return;
    out->mean = sum / (double)finite;
    out->min = low;
    out->max = high;
    out->zeros = (double)zeros / (double)finite;
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i];
        if (!isfinite(v))
            continue;
        squares += (v - out->mean) * (v - out->mean);
        double place = high > low ? (v - low) / (high - low) * SL_HISTOGRAM_BINS : 0;
        out->bins[place < SL_HISTOGRAM_BINS ? (size_t)place : SL_HISTOGRAM_BINS - 1]++;
    }
    out->sd = sqrt(squares / (double)finite);
}

/* What is read while an inspection is made. */
struct looking {
    struct network *net;
    struct sl_inspection *in;
    uint32_t n;    /* records of the batch */
    bool learnt;   /* there are gradients */
    float *w, *g;  /* all weights, and their gradients */
    float *buffer; /* the largest output of the batch */
    const struct sl_parameter *parameters;
    size_t n_parameters;
};

/* Nodes that are no layers: where records come in, another view of the same numbers, the loss. */
static bool is_layer(struct network *net, int node, struct sl_node_info *info)
{
    sl_graph_node(net->graph, node, info);
    return strcmp(info->kind, "input") != 0 && strcmp(info->kind, "ids") != 0 && strcmp(info->kind, "reshape") != 0 &&
           node + 1 < (int)sl_graph_nodes(net->graph);
}

static void look_at_weights(const struct looking *l, const struct sl_node_info *info, struct sl_layer_view *layer)
{
    if (info->weight < 0)
        return;
    const struct sl_parameter *p = &l->parameters[info->weight];
    spread(l->w + p->first, p->n, &layer->weight);
    if (l->learnt && info->learns)
        spread(l->g + p->first, p->n, &layer->weight_gradient);
}

static int look_at_layer(const struct looking *l, int node, const struct sl_node_info *info,
                         struct sl_layer_view *layer, struct sl_error *err)
{
    size_t units = sl_shape_count(&info->shape);
    layer->name = strdup(info->name);
    layer->kind = strdup(info->kind);
    if (!layer->name || !layer->kind)
        return sl_fail_memory(err, "looking into a network");
    layer->units = (uint32_t)units;
    layer->parameters = info->parameters;
    int status = sl_graph_read(l->net->graph, node, false, l->n, l->buffer, err);
    if (!status)
        spread(l->buffer, l->n * units, &layer->output);
    bool learnt = l->learnt && info->learns;
    if (!status && learnt)
        status = sl_graph_read(l->net->graph, node, true, l->n, l->buffer, err);
    if (!status && learnt)
        spread(l->buffer, l->n * units, &layer->output_gradient);
    if (!status)
        look_at_weights(l, info, layer);
    return status;
}

static int look_at_layers(const struct looking *l, struct sl_error *err)
{
    size_t nodes = sl_graph_nodes(l->net->graph);
    struct sl_node_info info;
    int status = SL_OK;
    l->in->layers = calloc(nodes + 1, sizeof *l->in->layers);
    if (!l->in->layers)
        return sl_fail_memory(err, "looking into a network");
    for (int i = 0; i < (int)nodes && !status; i++)
        if (is_layer(l->net, i, &info))
            status = look_at_layer(l, i, &info, &l->in->layers[l->in->n_layers++], err);
    return status;
}

/* Columns of the first matrix: what each unit looks for. */
static int look_at_first(const struct looking *l, struct sl_error *err)
{
    struct sl_inspection *in = l->in;
    size_t n = l->n_parameters, k = 0;
    while (k < n && (l->parameters[k].shape.rank != 2 || l->parameters[k].shape.size[0] != in->width))
        k++;
    if (k == n)
        return SL_OK;
    uint32_t units = l->parameters[k].shape.size[1];
    const float *w = l->w + l->parameters[k].first;
    in->n_units = units < SL_INSPECT_UNITS ? units : SL_INSPECT_UNITS;
    in->first = malloc((size_t)in->n_units * in->width * sizeof *in->first);
    if (!in->first)
        return sl_fail_memory(err, "looking into a network");
    for (uint32_t u = 0; u < in->n_units; u++)
        for (uint32_t j = 0; j < in->width; j++)
            in->first[(size_t)u * in->width + j] = w[(size_t)j * units + u];
    return SL_OK;
}

/* The records shown, from the slot they were computed from. */
static int look_at_batch(const struct looking *l, int slot, struct sl_error *err)
{
    struct sl_inspection *in = l->in;
    struct network *net = l->net;
    const struct sl_batch *batch = &net->in[slot];
    size_t n = in->n;
    in->x = malloc(n * in->width * sizeof *in->x);
    uint64_t *record = malloc((size_t)net->batch.size * sizeof *record); /* of the whole batch */
    in->record = record;
    in->y = batch->labels ? malloc(n * sizeof *in->y) : NULL;
    in->target = batch->target ? malloc(n * sizeof *in->target) : NULL;
    in->output = malloc(n * in->outputs * sizeof *in->output);
    in->row_loss = malloc(n * sizeof *in->row_loss);
    if (!in->x || !in->record || (batch->labels && !in->y) || (batch->target && !in->target) || !in->output ||
        !in->row_loss)
        return sl_fail_memory(err, "looking into a network");
    memcpy(in->x, sl_graph_x(net->graph, slot), n * in->width * sizeof *in->x);
    if (in->y)
        memcpy(in->y, batch->labels, n * sizeof *in->y);
    if (in->target)
        memcpy(in->target, batch->target, n * sizeof *in->target);
    uint32_t whole;
    int status = sl_loader_records(net->loader, net->looked ? net->step - 1 : net->step, record, &whole, err);
    if (!status)
        status = sl_graph_output(net->graph, in->n, in->output, err);
    return status ? status : sl_graph_row_loss(net->graph, in->n, in->row_loss, err);
}

static int copy_classes(const struct looking *l, struct sl_error *err)
{
    const struct sl_dataset *data = l->net->data;
    uint32_t n = data->classes ? data->n_classes : 0;
    if (!n)
        return SL_OK;
    l->in->classes = calloc(n, sizeof *l->in->classes);
    if (!l->in->classes)
        return sl_fail_memory(err, "looking into a network");
    l->in->n_classes = n;
    for (uint32_t k = 0; k < n; k++)
        if (!(l->in->classes[k] = strdup(data->classes[k])))
            return sl_fail_memory(err, "looking into a network");
    return SL_OK;
}

static int prepare(struct looking *l, struct sl_error *err)
{
    struct network *net = l->net;
    size_t weights = sl_graph_weights(net->graph), most = 1;
    for (int i = 0; i < (int)sl_graph_nodes(net->graph); i++) {
        struct sl_node_info info;
        sl_graph_node(net->graph, i, &info);
        size_t count = sl_shape_count(&info.shape);
        most = count > most ? count : most;
    }
    l->w = malloc((weights + 1) * sizeof *l->w);
    l->g = malloc((weights + 1) * sizeof *l->g);
    l->buffer = malloc(most * l->n * sizeof *l->buffer);
    if (!l->w || !l->g || !l->buffer)
        return sl_fail_memory(err, "looking into a network");
    l->n_parameters = sl_graph_parameters(net->graph, &l->parameters);
    int status = sl_graph_get(net->graph, l->w, err);
    if (!status && l->learnt)
        status = net->device->kernels->download(net->device, l->g, sl_graph_g(net->graph), weights * sizeof *l->g, err);
    return status;
}

static int look(struct looking *l, int slot, struct sl_error *err)
{
    int status = prepare(l, err);
    if (!status)
        status = look_at_batch(l, slot, err);
    if (!status)
        status = look_at_layers(l, err);
    if (!status)
        status = copy_classes(l, err);
    return status ? status : look_at_first(l, err);
}

/* Before the first step since somebody looks: the next batch, forward only. */
static int run_forward(struct network *net, int slot, struct sl_error *err)
{
    int status = network_fill(net, err);
    net->filled = !status; /* it is still the next */
    return status ? status : sl_graph_forward(net->graph, slot, net->in[slot].n, true, err);
}

int network_take(struct sl_learner *learner, struct sl_inspection **out, struct sl_error *err)
{
    struct network *net = network_of(learner);
    if (!net->loader)
        return sl_fail(err, SL_ESTATE, "this network has no training records to look at");
    if (!net->inspecting)
        return sl_fail(err, SL_ESTATE, "nobody said before the step that it was to be looked into");
    int slot = network_slot(net, net->looked ? net->step - 1 : net->step);
    int status = net->looked ? SL_OK : run_forward(net, slot, err);
    struct sl_inspection *in = status ? NULL : calloc(1, sizeof *in);
    if (!in)
        return status ? status : sl_fail_memory(err, "looking into a network");
    struct looking l = { .net = net, .in = in, .n = net->in[slot].n, .learnt = net->looked };
    *in = (struct sl_inspection){ .step = net->step,
                                  .n = l.n < SL_INSPECT_ROWS ? l.n : SL_INSPECT_ROWS,
                                  .width = net->data->train.width,
                                  .height = net->data->height,
                                  .breadth = net->data->breadth,
                                  .channels = net->data->channels,
                                  .outputs = net->outputs };
    status = look(&l, slot, err);
    free(l.w);
    free(l.g);
    free(l.buffer);
    if (status)
        sl_inspection_free(in);
    else
        *out = in;
    return status;
}
