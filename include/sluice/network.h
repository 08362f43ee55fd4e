/* network.h: networks as their settings, built into graphs: a builder only adds nodes.
 *
 * mlp     a record is flattened; then, for each hidden layer, dense, layer norm (if wanted), activation and dropout (if
 *         any); then a dense layer of `outputs` and the loss. Layers are named as PyTorch's modules would be:
 * "dense_1", "norm_1", …, the last dense one counting on, so that parameters are "dense_1.weight" and the like cnn the
 * layers of a list, then a dense layer of `outputs`; named the same way, each kind counting for itself resnet
 * torchvision's ResNet with bottlenecks from depth 50 on, "v1.5": stride in the 3 × 3 convolution; parameters have the
 * names and shapes of its state_dict. He, Zhang, Ren and Sun 2016 */
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

/* What a network of pictures ends in; the fields are sl_mlp's. */
struct sl_ending {
    uint32_t outputs;
    enum sl_mlp_loss loss;
    double label_smoothing;
    const float *class_weights;
    bool soft;
};

#define SL_LAYERS_MAX 64
enum sl_layer_kind {
    SL_LAYER_CONV, /* units filters, kernel × kernel, stride; then the activation */
    SL_LAYER_NORM, /* batch norm (ε 1e-5, momentum 0.1); behind conv or dense it comes before their activation, and they
                    * have no bias */
    SL_LAYER_MAX_POOL,
    SL_LAYER_MEAN_POOL,
    SL_LAYER_GLOBAL, /* the mean of each channel */
    SL_LAYER_FLATTEN,
    SL_LAYER_DENSE,
    SL_LAYER_DROPOUT
};
struct sl_layer {
    enum sl_layer_kind kind;
    uint32_t units, kernel, stride;
    double rate;
};
/* One word of a list: conv32, conv32x5, conv32x5s2 (3 × 3 and stride 1 when not said), pool, pool3, pool3s2, meanpool…
 * (2 × 2, and a stride as long as the window), bn, gap, flatten, dense128, dropout0.25. false: it is none of these, or
 * a number is out of range. */
bool sl_layer_parse(const char *word, struct sl_layer *out);

struct sl_cnn {
    uint32_t n_layers;
    struct sl_layer layers[SL_LAYERS_MAX];
    enum sl_activation activation; /* of conv and dense */
    bool same;                     /* padding of convolutions and pools; else none ("valid") */
    enum sl_initializer init;
    struct sl_ending end;
};
/* input: (height, width, channels). What is still a picture is flattened before a dense layer. */
int sl_cnn_build(struct sl_graph *graph, struct sl_shape input, const struct sl_cnn *cnn);

enum sl_resnet_part {
    SL_RESNET_NONE,
    SL_RESNET_STEM,
    SL_RESNET_LAYER1,
    SL_RESNET_LAYER2,
    SL_RESNET_LAYER3,
    SL_RESNET_LAYER4
};
struct sl_resnet {
    uint32_t depth; /* 18, 34, 50, 101 */
    bool small;     /* the stem is one 3 × 3 convolution, not 7 × 7, stride 2, and a pool: for small pictures */
    enum sl_resnet_part frozen; /* up to this part, it included, nothing learns */
    struct sl_ending end;
};
#define SL_RESNET_SMALL 64u /* pictures up to so many pixels across are small */
int sl_resnet_build(struct sl_graph *graph, struct sl_shape input, const struct sl_resnet *resnet);

#endif
