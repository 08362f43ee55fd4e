/* graph.h: a static graph of operators with gradients, planned once, then run step after step without allocating.
 *
 * A builder adds nodes; each function returns the node's number (≥ 0), or −1 once anything has failed: the first error
 * is kept and told by sl_graph_plan, so builders need no checks between. Shapes are of one record; the batch dimension
 * is implied and at most `batch`. A node's output may be used by several others: gradients add up.
 *
 * Memory  parameters lie in one run, their gradients in another, in the order they were added, so that the optimizer is
 *         one kernel call. Outputs and their gradients share memory where their lives do not overlap
 * Source  reverse accumulation over a static order: Griewank and Walther 2008; per-operator formulas stand beside the
 * code */
#ifndef SLUICE_GRAPH_H
#define SLUICE_GRAPH_H

#include "sluice/device.h"
#include "sluice/mem.h"

#define SL_RANK_MAX 4
struct sl_shape {
    uint32_t rank; /* of one record; 0: a scalar */
    uint32_t size[SL_RANK_MAX];
};
/* Elements of one record. */
size_t sl_shape_count(const struct sl_shape *shape);

/* How a parameter is drawn at first: Keras's initialisers, each from Philox (seed, SL_RANDOM_INIT, 0, element / 4,
 * parameter's number).
 *   glorot_uniform  ±√(6/(fan_in + fan_out))  Glorot and Bengio 2010   he_normal  truncated normal, √(2/fan_in)  He
 * 2015 normal          mean 0, sd 0.05           zeros, ones               uniform   ±0.05
 * and two of PyTorch's: he_fan_out  normal, √(2/fan_out)                   fan_in_uniform  ±1/√fan_in */
enum sl_initializer {
    SL_INIT_GLOROT_UNIFORM,
    SL_INIT_HE_NORMAL,
    SL_INIT_NORMAL,
    SL_INIT_UNIFORM,
    SL_INIT_ZEROS,
    SL_INIT_ONES,
    SL_INIT_HE_FAN_OUT,
    SL_INIT_FAN_IN_UNIFORM
};

struct sl_graph;
/* batch: most records a step. device is borrowed; NULL: to look at nodes and shapes, never to be planned. */
int sl_graph_new(struct sl_graph **out, struct sl_device *device, uint32_t batch, struct sl_error *err);
void sl_graph_free(struct sl_graph *graph);

/* Name prefix of the parameters and nodes added next: "dense_1" makes "dense_1.weight". Copied. */
void sl_graph_name(struct sl_graph *graph, const char *name);

/* Nodes added next keep their parameters as they are: no gradient, no decay; batch norms among them use the running
 * statistics. Only what nothing that learns comes before can be frozen (told by sl_graph_plan). */
void sl_graph_freeze(struct sl_graph *graph, bool frozen);

/* Outputs of batch norms are not kept for backward but computed again there, where that saves memory: a quarter less
 * for a residual network, the same bits, a few per cent more time. */
void sl_graph_recompute(struct sl_graph *graph, bool recompute);

int sl_graph_input(struct sl_graph *graph, struct sl_shape shape); /* float32; slots 0 and 1, see sl_graph_x */
int sl_graph_ids(struct sl_graph *graph, struct sl_shape shape);   /* uint32 ids, for embedding */
/* x·w + b on the last dimension, then f; parameters NAME.weight (in, units), NAME.bias (units). */
int sl_graph_dense(struct sl_graph *graph, int x, uint32_t units, enum sl_activation f, enum sl_initializer init,
                   bool bias);
int sl_graph_activation(struct sl_graph *graph, int x, enum sl_activation f);
int sl_graph_dropout(struct sl_graph *graph, int x, double rate);
int sl_graph_layer_norm(struct sl_graph *graph, int x, double epsilon); /* NAME.weight, NAME.bias; Keras: 1e-3 */
int sl_graph_add(struct sl_graph *graph, int a, int b);
int sl_graph_reshape(struct sl_graph *graph, int x, struct sl_shape shape);
int sl_graph_embedding(struct sl_graph *graph, int ids, uint32_t vocabulary, uint32_t width); /* NAME.weight */
int sl_graph_reduce(struct sl_graph *graph, int x, uint32_t axis, bool mean); /* over a dimension of the record */
/* Pictures are (height, width, channels). Padding: rows and columns of 0 on each side; SL_SAME: Keras's "same", as many
 * as make the output ceil(input / stride), the odd one below and to the right. Parameters as PyTorch has them:
 * NAME.weight (filters, channels / groups, kernel height, kernel width), NAME.bias. */
#define SL_SAME UINT32_MAX
struct sl_conv_options {
    uint32_t filters, kernel[2], stride[2], padding[2], dilation[2], groups; /* height, width; 0 in stride, dilation and
                                                                              * groups: 1 */
    enum sl_initializer init;
    bool bias;
};
int sl_graph_conv(struct sl_graph *graph, int x, const struct sl_conv_options *options);
/* Batch norm over the last dimension, then f. NAME.weight, NAME.bias, and NAME.running_mean, NAME.running_var, which
 * learn nothing: their gradient is always 0. other: a node of the same shape that is added before f, or −1. */
int sl_graph_batch_norm(struct sl_graph *graph, int x, int other, double epsilon, double momentum,
                        enum sl_activation f);
int sl_graph_pool(struct sl_graph *graph, int x, bool max, const uint32_t kernel[2], const uint32_t stride[2],
                  const uint32_t padding[2], bool padded); /* padded: see mean_pool */
int sl_graph_softmax(struct sl_graph *graph, int x);
/* Ends: one of these per graph. weights: class weights (C, copied) or NULL. soft: targets are probabilities. */
int sl_graph_cross_entropy(struct sl_graph *graph, int logits, bool soft, double label_smoothing, const float *weights);
int sl_graph_squared_error(struct sl_graph *graph, int y);

/* Check, choose fusions, lay out memory, draw the parameters. After it nothing may be added. Errors: the first of the
 * builders' (SL_EPARAM, with node and shapes), SL_ENOMEM. */
int sl_graph_plan(struct sl_graph *graph, uint64_t seed, struct sl_error *err);

/* --- parameters and their state --- */
struct sl_parameter {
    const char *name; /* "dense_1.weight" */
    struct sl_shape shape;
    size_t first, n; /* place in the run */
    bool decays;     /* weight decay applies (weights do; biases and norms do not) */
};
size_t sl_graph_parameters(const struct sl_graph *graph, const struct sl_parameter **list);
size_t sl_graph_weights(const struct sl_graph *graph); /* floats in the run */
float *sl_graph_w(struct sl_graph *graph);             /* the run, in device memory */
float *sl_graph_g(struct sl_graph *graph);             /* its gradients */
/* Copies from and to host memory (all of the run). */
int sl_graph_get(struct sl_graph *graph, float *w, struct sl_error *err);
int sl_graph_set(struct sl_graph *graph, const float *w, struct sl_error *err);

/* --- a step --- */
/* Where a batch's inputs and targets go: host memory (the device's own where device->host; else pinned, uploaded by
 * sl_graph_upload). x: batch × elements; labels: batch class numbers; target: batch × outputs. Wrong kind: NULL. */
float *sl_graph_x(struct sl_graph *graph, int slot);
uint32_t *sl_graph_x_ids(struct sl_graph *graph, int slot);
uint32_t *sl_graph_labels(struct sl_graph *graph, int slot);
float *sl_graph_target(struct sl_graph *graph, int slot);
/* Records from where they lie instead of from x, on devices whose memory is the host's (else NULL): `batch` places for
 * the caller to fill, which stay good until the step is over. form says what lies there (its rows are not looked at);
 * NULL: from x again. What is in x then is told only while outputs are kept (sl_graph_keep). */
const void **sl_graph_places(struct sl_graph *graph, int slot, const struct sl_places *form);
void sl_graph_upload(struct sl_graph *graph, int slot, uint32_t n); /* starts; overlaps with computing */
void sl_graph_uploaded(struct sl_graph *graph, int slot);           /* the slot's host memory may be written again */

/* n records of a slot, forward. training: dropout on, what gradients need is kept, the loss is computed. */
int sl_graph_forward(struct sl_graph *graph, int slot, uint32_t n, bool training, struct sl_error *err);
/* Forward and backward: gradients of the mean loss into g (added to what is there when `add`). Does not wait for the
 * device. hyper.step keys dropout. */
int sl_graph_step(struct sl_graph *graph, int slot, uint32_t n, const struct sl_hyper *hyper, bool add,
                  struct sl_error *err);
/* Of the last forward or step; waits. loss: mean; correct: rows. gradient_square: Σ g² after sl_optimizer_step, else
 * NaN. */
struct sl_figures {
    double loss, correct, gradient_square;
};
int sl_graph_figures(struct sl_graph *graph, struct sl_figures *out, struct sl_error *err);
/* Output of the last forward for n records into host memory: probabilities (n × classes) or predictions (n × outputs).
 */
int sl_graph_output(struct sl_graph *graph, uint32_t n, float *out, struct sl_error *err);
size_t sl_graph_outputs(const struct sl_graph *graph);                                       /* per record */
int sl_graph_row_loss(struct sl_graph *graph, uint32_t n, float *out, struct sl_error *err); /* needs training */

/* --- looking inside --- */
struct sl_node_info {
    const char *name; /* "dense_1" */
    const char *kind; /* "dense relu" */
    struct sl_shape shape;
    size_t parameters; /* floats */
    uint64_t flops;    /* multiply-adds × 2 of forward, per record */
    int weight, bias;  /* parameter numbers, or −1 */
    bool learns;       /* planned: gradients come here; its output has one */
};
size_t sl_graph_nodes(const struct sl_graph *graph);
void sl_graph_node(const struct sl_graph *graph, int node, struct sl_node_info *out);
/* Keep every node's output and its gradient from the next step on (costs the memory that was shared), so that they can
 * be read; off again with false. Errors: SL_ENOMEM. */
int sl_graph_keep(struct sl_graph *graph, bool keep, struct sl_error *err);
/* Output, or its gradient, of a node for n records of the last step, into host memory. Errors: SL_ESTATE not kept. */
int sl_graph_read(struct sl_graph *graph, int node, bool gradient, uint32_t n, float *out, struct sl_error *err);
/* Bytes taken from the device. */
uint64_t sl_graph_bytes(const struct sl_graph *graph);

/* A second graph over the same parameters, for predicting on another thread: it has memory of its own but for w. The
 * first must outlive it and must not learn meanwhile. Processor only. */
int sl_graph_share(struct sl_graph **out, struct sl_graph *graph, struct sl_device *device, uint32_t batch,
                   struct sl_error *err);

#endif
