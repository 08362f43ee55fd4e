/* network_mlp.c: a multilayer perceptron as nodes of a graph. */
#include "engine/nn/graph_private.h"
#include "engine/nn/network_private.h"

static int hidden_layer(struct sl_graph *graph, int x, const struct sl_mlp *mlp, uint32_t i)
{
    network_name(graph, "dense", i + 1);
    if (mlp->layer_norm) {
        x = sl_graph_dense(graph, x, mlp->hidden[i], SL_LINEAR, mlp->init, true);
        network_name(graph, "norm", i + 1);
        x = sl_graph_layer_norm(graph, x, 1e-3);
        network_name(graph, "activation", i + 1);
        x = mlp->activation == SL_LINEAR ? x : sl_graph_activation(graph, x, mlp->activation);
    } else {
        x = sl_graph_dense(graph, x, mlp->hidden[i], mlp->activation, mlp->init, true);
    }
    network_name(graph, "dropout", i + 1);
    return mlp->dropout == 0 ? x : sl_graph_dropout(graph, x, mlp->dropout);
}

int sl_mlp_build(struct sl_graph *graph, struct sl_shape input, const struct sl_mlp *mlp)
{
    const struct sl_ending end = { mlp->outputs, mlp->loss, mlp->label_smoothing, mlp->class_weights, mlp->soft };
    if (mlp->n_hidden > SL_HIDDEN_MAX) {
        return graph_fail(graph, SL_EPARAM, "a network has at most %d hidden layers, not %u", SL_HIDDEN_MAX,
                          mlp->n_hidden);
    }
    int x = network_flatten(graph, sl_graph_input(graph, input));
    for (uint32_t i = 0; i < mlp->n_hidden; i++) {
        x = hidden_layer(graph, x, mlp, i);
    }
    network_name(graph, "dense", mlp->n_hidden + 1);
    x = sl_graph_dense(graph, x, mlp->outputs, SL_LINEAR, mlp->init, true);
    return network_loss(graph, x, &end);
}
