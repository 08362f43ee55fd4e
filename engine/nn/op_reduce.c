/* op_reduce.c: sum or mean over a dimension; softmax over the last.
 *
 *   reduce   y = Σ x (/A) over an axis of A;  dx = dy (/A), the same for all along it
 *   softmax  y = exp(x)/Σ exp(x);             dx = y·(dy − Σ dy·y)
 * Devices have no kernel for softmax's gradient, which only networks with a softmax within them need (the loss has its
 * own), so it is put together from what there is. A product u·y of elements is u − u(1 − y²) + u·y(1 − y): the
 * gradients of tanh and of sigmoid. Its error is that of |u|·2⁻²³, also where y is tiny. */
#include "engine/nn/graph_private.h"

static void split_at(const struct sl_shape *shape, uint32_t axis, size_t *outer, size_t *inner)
{
    *outer = *inner = 1;
    for (uint32_t i = 0; i < axis; i++) {
        *outer *= shape->size[i];
    }
    for (uint32_t i = axis + 1; i < shape->rank; i++) {
        *inner *= shape->size[i];
    }
}

static bool reduce_shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (node->axis >= x->shape.rank) {
        graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" %s has no dimension %u (they count from 0)", node->name, x->name,
                   graph_shape_text(graph, &x->shape), node->axis);
        return false;
    }
    node->shape.rank = 0;
    for (uint32_t i = 0; i < x->shape.rank; i++) {
        if (i != node->axis) {
            node->shape.size[node->shape.rank++] = x->shape.size[i];
        }
    }
    return true;
}

static void reduce_forward(const struct run *run, const struct node *node)
{
    const struct node *x = graph_input_of(run->graph, node, 0);
    size_t outer, inner;
    split_at(&x->shape, node->axis, &outer, &inner);
    run->kernels->reduce(run->device, run->n * outer, x->shape.size[node->axis], inner, node->mean,
                         run_value(run, x->number), run_output(run, node));
}

static void reduce_backward(const struct run *run, const struct node *node)
{
    const struct node *x = graph_input_of(run->graph, node, 0);
    float *dx = run_input_gradient(run, node, 0);
    size_t outer, inner;
    split_at(&x->shape, node->axis, &outer, &inner);
    if (dx) {
        run->kernels->reduce_grad(run->device, run->n * outer, x->shape.size[node->axis], inner, node->mean,
                                  run_gradient(run, node->number), dx, node->adds[0]);
    }
}

static uint64_t reduce_flops(const struct sl_graph *graph, const struct node *node)
{
    return graph_input_of(graph, node, 0)->count;
}

static const struct op_class op_sum = {
    .kind = "sum",
    .shape = reduce_shape,
    .forward = reduce_forward,
    .backward = reduce_backward,
    .flops = reduce_flops,
};
static const struct op_class op_mean = {
    .kind = "mean",
    .shape = reduce_shape,
    .forward = reduce_forward,
    .backward = reduce_backward,
    .flops = reduce_flops,
};

int sl_graph_reduce(struct sl_graph *graph, int x, uint32_t axis, bool mean)
{
    return graph_add_node(
        graph,
        &(struct node){ .op = mean ? &op_mean : &op_sum, .n_inputs = 1, .input = { x }, .axis = axis, .mean = mean });
}

/* --- softmax --- */

static bool softmax_shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (x->shape.rank == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a softmax needs a dimension to work on, and \"%s\" has shape ()",
                   node->name, x->name);
        return false;
    }
    node->shape = x->shape;
    return true;
}

static void softmax_forward(const struct run *run, const struct node *node)
{
    run->kernels->softmax(run->device, run->n * shape_rows(&node->shape), shape_last(&node->shape),
                          run_value(run, node->input[0]), run_output(run, node));
}

/* out (+)= u·y, element by element; scratch is another array of n. */
static void product(const struct run *run, size_t n, const float *u, const float *y, float *scratch, float *out,
                    bool add)
{
    const struct sl_kernels *k = run->kernels;
    k->scale(run->device, n, 1, u, out, add);
    k->activate_grad(run->device, SL_TANH, n, y, y, u, scratch, false);
    k->scale(run->device, n, -1, scratch, out, true);
    k->activate_grad(run->device, SL_SIGMOID, n, y, y, u, out, true);
}

static void softmax_backward(const struct run *run, const struct node *node)
{
    const struct sl_kernels *k = run->kernels;
    size_t n = run->n * node->count, columns = shape_last(&node->shape), rows = n / columns;
    const float *dy = run_gradient(run, node->number), *y = run_output(run, node);
    float *dx = run_input_gradient(run, node, 0);
    float *a = run_extra(run, node, 0), *b = run_extra(run, node, 1);
    if (dx) {
        product(run, n, dy, y, b, a, false);
        k->reduce(run->device, rows, columns, 1, false, a, b);             /* b: Σ dy·y of each row */
        k->reduce_grad(run->device, rows, columns, 1, false, b, a, false); /* a: the same along it */
        k->scale(run->device, n, -1, a, b, false);
        k->sum(run->device, n, b, dy, b); /* b = dy − Σ dy·y */
        product(run, n, b, y, a, dx, node->adds[0]);
    }
}

static uint64_t softmax_flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return 4 * (uint64_t)node->count; /* greatest, difference, sum, quotient */
}

static unsigned softmax_keeps(const struct node *node)
{
    (void)node;
    return KEEPS_Y;
}

static void softmax_extras(const struct sl_graph *graph, const struct node *node, bool apart,
                           struct extra out[NODE_EXTRAS])
{
    (void)graph;
    (void)apart;
    out[0] = out[1] = (struct extra){ node->count, false, false };
}

static const struct op_class op_softmax = {
    .kind = "softmax",
    .shape = softmax_shape,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .flops = softmax_flops,
    .keeps = softmax_keeps,
    .extras = softmax_extras,
};

int sl_graph_softmax(struct sl_graph *graph, int x)
{
    return graph_add_node(graph, &(struct node){ .op = &op_softmax, .n_inputs = 1, .input = { x } });
}
