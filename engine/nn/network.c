/* network.c: a multilayer perceptron as nodes of a graph. */
#include "sluice/network.h"

#include "engine/nn/graph_private.h"

#include <stdio.h>

/* "dense_1" and the like. */
static void name_layer(struct sl_graph *graph, const char *kind, uint32_t number)
{
    char name[32];
    snprintf(name, sizeof name, "%s_%u", kind, number);
    sl_graph_name(graph, name);
}

static int hidden_layer(struct sl_graph *graph, int x, const struct sl_mlp *mlp, uint32_t i)
{
    name_layer(graph, "dense", i + 1);
    if (mlp->layer_norm) {
        x = sl_graph_dense(graph, x, mlp->hidden[i], SL_LINEAR, mlp->init, true);
        name_layer(graph, "norm", i + 1);
        x = sl_graph_layer_norm(graph, x, 1e-3);
        name_layer(graph, "activation", i + 1);
        x = mlp->activation == SL_LINEAR ? x : sl_graph_activation(graph, x, mlp->activation);
    } else {
        x = sl_graph_dense(graph, x, mlp->hidden[i], mlp->activation, mlp->init, true);
    }
    name_layer(graph, "dropout", i + 1);
    return mlp->dropout == 0 ? x : sl_graph_dropout(graph, x, mlp->dropout);
}

int sl_mlp_build(struct sl_graph *graph, struct sl_shape input, const struct sl_mlp *mlp)
{
    if (mlp->n_hidden > SL_HIDDEN_MAX) {
        return graph_fail(graph, SL_EPARAM, "a network has at most %d hidden layers, not %u", SL_HIDDEN_MAX,
                          mlp->n_hidden);
    }
    int x = sl_graph_input(graph, input);
    if (x >= 0 && input.rank != 1) {
        sl_graph_name(graph, "flatten");
        x = sl_graph_reshape(graph, x, (struct sl_shape){ 1, { (uint32_t)sl_shape_count(&input) } });
    }
    for (uint32_t i = 0; i < mlp->n_hidden; i++) {
        x = hidden_layer(graph, x, mlp, i);
    }
    name_layer(graph, "dense", mlp->n_hidden + 1);
    x = sl_graph_dense(graph, x, mlp->outputs, SL_LINEAR, mlp->init, true);
    sl_graph_name(graph, NULL);
    return mlp->loss == SL_MLP_CROSS_ENTROPY
               ? sl_graph_cross_entropy(graph, x, mlp->soft, mlp->label_smoothing, mlp->class_weights)
               : sl_graph_squared_error(graph, x);
}
