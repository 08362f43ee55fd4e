/* graph_private.h: what the files of a graph share: nodes, operators' classes, where memory lies, one run.
 *
 * An operator is a const struct op_class: its shape rule, forward and gradient stand side by side in an op_*.c. It
 * never sees where memory comes from: it asks run_value, run_gradient and the like, which look into the layout.
 *
 * Time    for the memory plan: node i of N runs forward at time i and backward at 2N − 1 − i
 * Views   a node whose output is another's memory (reshape) has that node as its root; memory belongs to roots */
#ifndef ENGINE_NN_GRAPH_PRIVATE_H
#define ENGINE_NN_GRAPH_PRIVATE_H

#include "engine/nn/graph_tail.h"

enum { NODE_INPUTS = 2, NODE_EXTRAS = 3, GRAPH_SLOTS = 2 };
enum { GRAPH_ALIGN = 64, GRAPH_ALIGN_FLOATS = GRAPH_ALIGN / sizeof(float) };

struct node;
struct run;

/* Memory of an operator's own, in floats a record (once: in all). saved: from forward to backward; else in backward
 * alone. */
struct extra {
    size_t floats;
    bool saved, once;
};

enum { KEEPS_X = 1, KEEPS_Y = 2 }; /* what a gradient looks at: the (first) input's output, the node's own */

struct op_class {
    const char *kind;
    bool takes_ids, gives_ids; /* uint32 instead of float */
    bool source;               /* its output is a slot's memory */
    bool view;                 /* its output is its input's memory; without backward its gradient is, too */
    bool end;                  /* a loss: writes the gradient of its input in forward, when learning */
    bool gathers;              /* it can take its rows from their places */
    bool pictures;             /* its kernels are those for pictures, which a device may be without */
    bool output_over;          /* its output may overwrite its first input, where nothing reads that later */
    bool gradient_over;        /* the gradient of an input may be made in the memory of its own */
    bool remakes;              /* forward is cheap and may be carried out a second time, in backward */
    /* Sets shape, kind and parameters from the inputs; false: graph_fail was called. */
    bool (*shape)(struct sl_graph *graph, struct node *node);
    void (*forward)(const struct run *run, const struct node *node);
    void (*backward)(const struct run *run, const struct node *node);
    uint64_t (*flops)(const struct sl_graph *graph, const struct node *node); /* NULL: none */
    unsigned (*keeps)(const struct node *node);                               /* NULL: nothing */
    void (*extras)(const struct sl_graph *graph, const struct node *node, bool apart, struct extra out[NODE_EXTRAS]);
};

struct node {
    const struct op_class *op;
    int number;
    const char *name;
    char kind[32];
    struct sl_shape shape;
    size_t count; /* floats (or ids) a record */
    int n_inputs, input[NODE_INPUTS];
    int weight, bias;           /* parameter numbers, or −1 */
    int mean_run, variance_run; /* of a batch norm: running statistics; else −1 */

    /* settings, each used by some */
    enum sl_activation f;
    enum sl_initializer init;
    bool with_bias, mean, soft;
    double rate, epsilon, smoothing, momentum;
    uint32_t units, vocabulary, axis, site;
    const float *class_weights; /* in the graph's arena */
    bool frozen;                /* its parameters stay as they are */
    bool padded;
    struct sl_convolution conv; /* pools: its window; top and left may be SL_SAME until the shape is known */

    /* found by the plan */
    int root;               /* node whose memory its output is */
    bool learns;            /* it has parameters, or something before it has: gradients pass here */
    bool adds[NODE_INPUTS]; /* the gradient of this input is not the first to be written */
    int edges;              /* of a root: how often its output is used */
};

/* Where a node's memory lies; of views and sources NULL: see their root, their slot. */
struct place {
    float *value, *gradient, *extra[NODE_EXTRAS];
    float *again; /* its output in backward, when it is made a second time; NULL: it stays in value */
    int remade;   /* before the backward of this node */
};
struct layout {
    void *memory; /* one piece, from the device */
    size_t bytes;
    bool apart; /* nothing shared: all can be read after a step */
    struct place *place;
};

/* A slot's memory, in the device and (another, unless device->host) on the host. */
struct slot {
    void *device, *host;
    const void **row;        /* room for the places of its records; host devices */
    struct sl_places places; /* row NULL: records are in x */
    bool settings_given;     /* its hyper may still be on the way to the device */
};

struct sl_graph {
    struct sl_device *device;
    uint32_t batch;
    struct sl_arena arena; /* names and the like */
    struct sl_error error; /* the first */
    const char *prefix;    /* sl_graph_name's; NULL: none */
    bool frozen;           /* sl_graph_freeze's */
    bool recompute;        /* sl_graph_recompute's */
    struct node *nodes;
    int n_nodes, nodes_room;
    int input, ids, end; /* nodes, or −1 */
    int gatherer;        /* that alone reads x, and can take its rows from their places; −1: none */
    uint32_t n_dropouts;

    struct sl_parameter *parameters;
    enum sl_initializer *drawn; /* how each is */
    size_t n_parameters, parameters_room, weights;

    bool planned;
    struct sl_graph *first; /* whose parameters these are; NULL: its own */
    uint64_t seed;
    uint64_t id; /* tells recordings of two graphs on one device apart */
    uint64_t fixed_bytes;
    float *w, *g;
    float *figures, *row_loss, *class_weights; /* one piece: figures first */
    struct slot slots[GRAPH_SLOTS];
    size_t at_x, at_ids, at_target, slot_bytes; /* in a slot; hyper comes first */
    struct layout layout;
    int last_slot;     /* of the last run; −1: none */
    bool last_squared; /* it left Σ g² */
    bool last_trained; /* it was for training: there are row losses */
    bool last_learnt;  /* it left gradients */
    uint32_t last_n;
};

/* One forward, or step, as operators see it. */
struct run {
    struct sl_graph *graph;
    struct sl_device *device;
    const struct sl_kernels *kernels;
    int slot;
    uint32_t n;
    bool training; /* dropout, loss, keep what gradients need */
    bool learning; /* backward follows */
    bool add;      /* gradients of parameters add up */
    bool back;     /* it is backward's turn */
};

/* --- building --- */
/* Keep the first error. Returns −1. */
int graph_fail(struct sl_graph *graph, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Number of a new node like this one, or −1. */
int graph_add_node(struct sl_graph *graph, const struct node *like);
/* Number of a new parameter NAME.`name` of this node, or −1. */
int graph_add_parameter(struct sl_graph *graph, const struct node *node, const char *name, struct sl_shape shape,
                        enum sl_initializer init, bool decays);
const struct node *graph_input_of(const struct sl_graph *graph, const struct node *node, int k);
/* "(28, 28)"; valid until the graph goes. */
const char *graph_shape_text(struct sl_graph *graph, const struct sl_shape *shape);
/* Last dimension, and the number of such rows in a record; rank > 0. */
size_t shape_last(const struct sl_shape *shape);
size_t shape_rows(const struct sl_shape *shape);
const char *activation_name(enum sl_activation f);
/* The window of a node over pictures, from its kernel, strides and padding: sets its sizes and the node's shape but for
 * the channels that come out. false: graph_fail was called. */
bool window_fit(struct sl_graph *graph, struct node *node);

/* --- planning --- */
/* A time during which memory is in use, both ends included; offset is found by place_intervals. */
struct interval {
    size_t bytes, begin, end, offset;
};
/* Give each an offset (a multiple of 64) so that those which overlap in time do not in place. Returns SL_ENOMEM, or
 * SL_OK and *total bytes. */
int place_intervals(struct interval *list, size_t n, size_t *total, struct sl_error *err);
/* A layout of its own memory; does not touch graph->layout. */
int layout_make(const struct sl_graph *graph, bool apart, struct layout *out, struct sl_error *err);
void layout_release(const struct sl_graph *graph, struct layout *layout);
int slots_make(struct sl_graph *graph, struct sl_error *err);
void slots_release(struct sl_graph *graph);
int fixed_make(struct sl_graph *graph, struct sl_error *err);
void fixed_release(struct sl_graph *graph);
/* Bytes from any host memory into the device's; waits. */
void slot_settings(struct sl_graph *graph, int slot, const struct sl_hyper *hyper);
int graph_put(struct sl_graph *graph, void *to, const void *host, size_t bytes, struct sl_error *err);

/* --- a run --- */
const float *run_value(const struct run *run, int node);
float *run_output(const struct run *run, const struct node *node);
const uint32_t *run_ids(const struct run *run);
float *run_extra(const struct run *run, const struct node *node, int k);
/* Gradient of a node's output. */
float *run_gradient(const struct run *run, int node);
/* Where the gradient of input k goes; NULL: not wanted. */
float *run_input_gradient(const struct run *run, const struct node *node, int k);
const float *run_weight(const struct run *run, int parameter); /* NULL for −1 */
float *run_weight_gradient(const struct run *run, int parameter);
/* Where the rows lie, for the input node and the one that gathers; NULL: in x. x is run_slot_x. */
const struct sl_places *run_places(const struct run *run, const struct node *node);
float *run_slot_x(const struct run *run);
const struct sl_hyper *run_hyper(const struct run *run);
const uint32_t *run_labels(const struct run *run);
const float *run_target(const struct run *run);

#endif
