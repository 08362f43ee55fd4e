/* graph_look.c: parameters from outside, and looking inside: nodes, their outputs and gradients.
 *
 * To read those, the graph moves into a layout where nothing shares memory; what it computes stays the same, bit for
 * bit. Moving loses outputs, not parameters. */
#include "engine/nn/graph_private.h"

size_t sl_graph_parameters(const struct sl_graph *graph, const struct sl_parameter **list)
{
    *list = graph->parameters;
    return graph->n_parameters;
}

size_t sl_graph_weights(const struct sl_graph *graph)
{
    return graph->weights;
}

float *sl_graph_w(struct sl_graph *graph)
{
    return graph->w;
}

float *sl_graph_g(struct sl_graph *graph)
{
    return graph->g;
}

struct sl_device *sl_graph_device(const struct sl_graph *graph)
{
    return graph->device;
}

static int check_memory(const struct sl_graph *graph, struct sl_error *err)
{
    return graph->w ? SL_OK : sl_fail(err, SL_ESTATE, "the graph has no parameters before it is planned");
}

int sl_graph_get(struct sl_graph *graph, float *w, struct sl_error *err)
{
    int status = check_memory(graph, err);
    return status != SL_OK
               ? status
               : graph->device->kernels->download(graph->device, w, graph->w, graph->weights * sizeof *w, err);
}

/* What lies between the parameters stays zero, whatever is given: sums over the run count on it. */
int sl_graph_set(struct sl_graph *graph, const float *w, struct sl_error *err)
{
    int status = check_memory(graph, err);
    for (size_t i = 0; status == SL_OK && i < graph->n_parameters; i++) {
        const struct sl_parameter *parameter = &graph->parameters[i];
        status = graph_put(graph, graph->w + parameter->first, w + parameter->first, parameter->n * sizeof *w, err);
    }
    return status;
}

size_t sl_graph_nodes(const struct sl_graph *graph)
{
    return (size_t)graph->n_nodes;
}

void sl_graph_node(const struct sl_graph *graph, int number, struct sl_node_info *out)
{
    *out = (struct sl_node_info){ .name = "", .kind = "", .weight = -1, .bias = -1 };
    if (number < 0 || number >= graph->n_nodes) {
        return;
    }
    const struct node *node = &graph->nodes[number];
    out->name = node->name;
    out->kind = node->kind;
    out->shape = node->shape;
    out->weight = node->weight;
    out->bias = node->bias;
    out->parameters = (node->weight < 0 ? 0 : graph->parameters[node->weight].n) +
                      (node->bias < 0 ? 0 : graph->parameters[node->bias].n);
    out->learns = graph->planned && node->learns;
    out->flops = node->op->flops ? node->op->flops(graph, node) : 0;
}

int sl_graph_keep(struct sl_graph *graph, bool keep, struct sl_error *err)
{
    if (!graph->planned) {
        return sl_fail(err, SL_ESTATE, "the graph is not planned yet");
    }
    if (graph->layout.apart == keep) {
        return SL_OK;
    }
    struct layout other;
    int status = graph->device->kernels->sync(graph->device, err);
    if (status == SL_OK) {
        status = layout_make(graph, keep, &other, err);
    }
    if (status == SL_OK) {
        graph->device->kernels->forget(graph->device);
        layout_release(graph, &graph->layout);
        graph->layout = other;
        graph->last_slot = -1;
    }
    return status;
}

static int check_read(const struct sl_graph *graph, int number, bool gradient, uint32_t n, struct sl_error *err)
{
    if (number < 0 || number >= graph->n_nodes) {
        return sl_fail(err, SL_EPARAM, "%d is no node of this graph, which has %d", number, graph->n_nodes);
    }
    const struct node *node = &graph->nodes[number];
    if (!graph->layout.apart || graph->last_slot < 0 || (gradient && !graph->last_learnt)) {
        return sl_fail(err, SL_ESTATE, "the %s of \"%s\" was not kept in a step", gradient ? "gradient" : "output",
                       node->name);
    }
    if (n > graph->last_n) {
        return sl_fail(err, SL_EPARAM, "the last run was of %u records, not %u", graph->last_n, n);
    }
    if (node->op->gives_ids || (gradient && (!node->learns || node->op->end))) {
        return sl_fail(err, SL_ESTATE, "\"%s\" (%s) has no %s", node->name, node->kind,
                       gradient ? "gradient" : "output of numbers");
    }
    return SL_OK;
}

int sl_graph_read(struct sl_graph *graph, int node, bool gradient, uint32_t n, float *out, struct sl_error *err)
{
    int status = check_read(graph, node, gradient, n, err);
    if (status != SL_OK) {
        return status;
    }
    struct run run = { .graph = graph, .device = graph->device, .slot = graph->last_slot };
    const float *from = gradient ? run_gradient(&run, node) : run_value(&run, node);
    return graph->device->kernels->download(graph->device, out, from, n * graph->nodes[node].count * sizeof *out, err);
}

uint64_t sl_graph_bytes(const struct sl_graph *graph)
{
    return graph->planned ? graph->fixed_bytes + GRAPH_SLOTS * (uint64_t)graph->slot_bytes + graph->layout.bytes : 0;
}
