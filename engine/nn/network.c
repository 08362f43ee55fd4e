/* network.c: what the builders of networks share: names of layers, and how a network ends. */
#include "engine/nn/network_private.h"

#include "engine/nn/graph_private.h"

#include <stdio.h>

void network_name(struct sl_graph *graph, const char *kind, uint32_t number)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%u", kind, number);
    sl_graph_name(graph, name);
}

int network_flatten(struct sl_graph *graph, int x)
{
    if (x < 0 || graph->nodes[x].shape.rank == 1) {
        return x;
    }
    sl_graph_name(graph, "flatten");
    return sl_graph_reshape(graph, x, (struct sl_shape){ 1, { (uint32_t)graph->nodes[x].count } });
}

int network_global_mean(struct sl_graph *graph, int x)
{
    if (x < 0) {
        return x;
    }
    const struct sl_shape *shape = &graph->nodes[x].shape;
    struct sl_shape places = { 2, { shape->size[0] * shape->size[1], shape->size[2] } };
    return sl_graph_reduce(graph, sl_graph_reshape(graph, x, places), 0, true);
}

int network_loss(struct sl_graph *graph, int x, const struct sl_ending *end)
{
    sl_graph_name(graph, NULL);
    return end->loss == SL_MLP_CROSS_ENTROPY
               ? sl_graph_cross_entropy(graph, x, end->soft, end->label_smoothing, end->class_weights)
               : sl_graph_squared_error(graph, x);
}
