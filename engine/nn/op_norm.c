/* op_norm.c: layer norm: y = (x − mean)/√(variance + ε)·gain + bias over the last dimension. Ba, Kiros, Hinton 2016.
 *
 * backward, with h = (x − mean)·r, r = 1/√(variance + ε), d = dy·gain:
 *   dx = r·(d − mean(d) − h·mean(d·h)),  dgain = Σ dy·h,  dbias = Σ dy   (sums over rows, means over the row) */
#include "engine/nn/graph_private.h"

#include <math.h>

enum { MEAN, RSTD }; /* extras: of each row */

static bool shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (x->shape.rank == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a layer norm needs a dimension to work on, and \"%s\" has shape ()",
                   node->name, x->name);
        return false;
    }
    if (!(node->epsilon > 0) || !isfinite(node->epsilon)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a layer norm's epsilon is above 0, not %g", node->name, node->epsilon);
        return false;
    }
    node->shape = x->shape;
    struct sl_shape row = { 1, { (uint32_t)shape_last(&x->shape) } };
    node->weight = graph_add_parameter(graph, node, "weight", row, SL_INIT_ONES, false);
    if (node->weight >= 0) {
        node->bias = graph_add_parameter(graph, node, "bias", row, SL_INIT_ZEROS, false);
    }
    return graph->error.status == SL_OK;
}

static void forward(const struct run *run, const struct node *node)
{
    run->kernels->layer_norm(run->device, run->n * shape_rows(&node->shape), shape_last(&node->shape),
                             (float)node->epsilon, run_value(run, node->input[0]), run_weight(run, node->weight),
                             run_weight(run, node->bias), run_output(run, node), run_extra(run, node, MEAN),
                             run_extra(run, node, RSTD));
}

static void backward(const struct run *run, const struct node *node)
{
    run->kernels->layer_norm_grad(
        run->device, run->n * shape_rows(&node->shape), shape_last(&node->shape), run_value(run, node->input[0]),
        run_weight(run, node->weight), run_extra(run, node, MEAN), run_extra(run, node, RSTD),
        run_gradient(run, node->number), run_input_gradient(run, node, 0), node->adds[0],
        run_weight_gradient(run, node->weight), run_weight_gradient(run, node->bias), run->add);
}

static uint64_t flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return 8 * (uint64_t)node->count; /* two passes for mean and variance, one to scale and shift */
}

static unsigned keeps(const struct node *node)
{
    (void)node;
    return KEEPS_X;
}

static void extras(const struct sl_graph *graph, const struct node *node, bool apart, struct extra out[NODE_EXTRAS])
{
    (void)graph;
    (void)apart;
    out[MEAN] = out[RSTD] = (struct extra){ shape_rows(&node->shape), true, false };
}

static const struct op_class op_layer_norm = {
    .kind = "layer norm",
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .flops = flops,
    .keeps = keeps,
    .extras = extras,
};

int sl_graph_layer_norm(struct sl_graph *graph, int x, double epsilon)
{
    return graph_add_node(graph,
                          &(struct node){ .op = &op_layer_norm, .n_inputs = 1, .input = { x }, .epsilon = epsilon });
}
