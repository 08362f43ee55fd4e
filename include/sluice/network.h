/* network.h: networks as their settings, built into graphs: a builder only adds nodes.
 *
 * mlp  a record is flattened; then, for each hidden layer, dense, layer norm (if wanted), activation and dropout (if
 *      any); then a dense layer of `outputs` and the loss. Layers are named as PyTorch's modules would be: "dense_1",
 *      "norm_1", …, the last dense one counting on, so that parameters are "dense_1.weight" and the like */
#ifndef SLUICE_NETWORK_H
#define SLUICE_NETWORK_H

#include "sluice/graph.h"

#define SL_HIDDEN_MAX 16

enum sl_mlp_loss { SL_MLP_CROSS_ENTROPY, SL_MLP_SQUARED_ERROR };

struct sl_mlp {
    uint32_t n_hidden; /* 0: linear (multinomial logistic, or least squares) */
    uint32_t hidden[SL_HIDDEN_MAX];
    enum sl_activation activation; /* of the hidden layers */
    double dropout;                /* behind each hidden layer; 0: none */
    bool layer_norm;               /* between dense and activation */
    enum sl_initializer init;      /* of every dense layer; biases are zeros */
    uint32_t outputs;              /* classes, or numbers to predict */
    enum sl_mlp_loss loss;
    double label_smoothing;     /* cross-entropy only */
    const float *class_weights; /* `outputs` of them, copied; NULL: all 1 */
    bool soft;                  /* cross-entropy: targets are probabilities */
};

/* Add all of it to an empty graph, input included. Returns the number of the loss's node, or −1: sl_graph_plan tells
 * why, like for the graph's own builders. */
int sl_mlp_build(struct sl_graph *graph, struct sl_shape input, const struct sl_mlp *mlp);

#endif
