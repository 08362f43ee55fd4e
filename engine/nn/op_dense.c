/* op_dense.c: a dense layer: y = f(x·w + b) on the last dimension.
 *
 *   forward   x seen as R × I rows, w I × U, b U: y is R × U
 *   backward  d = dy·f'(x·w + b);  dx = d·wᵀ,  dw = xᵀ·d,  db = column sums of d
 * f' is told by y but for gelu, which needs x·w + b kept. The kernel makes d in the memory of dy; in a layout where
 * everything stays readable it gets a copy instead. */
#include "engine/nn/graph_private.h"

#include <stdio.h>

enum { BEFORE, USED_UP }; /* extras */

static bool shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (x->shape.rank == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a dense layer needs a dimension to work on, and \"%s\" has shape ()",
                   node->name, x->name);
        return false;
    }
    if (node->units == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a dense layer has at least 1 unit, not 0", node->name);
        return false;
    }
    node->shape = x->shape;
    node->shape.size[node->shape.rank - 1] = node->units;
    snprintf(node->kind, sizeof node->kind, "dense %s", activation_name(node->f));
    struct sl_shape w = { 2, { (uint32_t)shape_last(&x->shape), node->units } };
    struct sl_shape b = { 1, { node->units } };
    node->weight = graph_add_parameter(graph, node, "weight", w, node->init, true);
    if (node->weight >= 0 && node->with_bias) {
        node->bias = graph_add_parameter(graph, node, "bias", b, SL_INIT_ZEROS, false);
    }
    return graph->error.status == SL_OK;
}

static void forward(const struct run *run, const struct node *node)
{
    const struct node *x = graph_input_of(run->graph, node, 0);
    const struct sl_places *places = run_places(run, node);
    float *before = run->training ? run_extra(run, node, BEFORE) : NULL;
    if (places) {
        run->kernels->gather_dense(run->device, places, run->n, x->count, node->units, run_slot_x(run),
                                   run_weight(run, node->weight), run_weight(run, node->bias), node->f, before,
                                   run_output(run, node));
        return;
    }
    run->kernels->dense(run->device, run->n * shape_rows(&x->shape), shape_last(&x->shape), node->units,
                        run_value(run, x->number), run_weight(run, node->weight), run_weight(run, node->bias), node->f,
                        before, run_output(run, node));
}

static void backward(const struct run *run, const struct node *node)
{
    const struct node *x = graph_input_of(run->graph, node, 0);
    float *dy = run_gradient(run, node->number), *used_up = run_extra(run, node, USED_UP);
    if (used_up) {
        run->kernels->copy(run->device, used_up, dy, run->n * node->count * sizeof *dy);
        dy = used_up;
    }
    const struct sl_places *places = run_places(run, node);
    if (places) {
        run->kernels->gather_dense_grad(run->device, places, run->n, x->count, node->units, run_slot_x(run),
                                        run_extra(run, node, BEFORE), run_output(run, node), node->f, dy,
                                        run_weight_gradient(run, node->weight), run_weight_gradient(run, node->bias),
                                        run->add);
        return;
    }
    run->kernels->dense_grad(run->device, run->n * shape_rows(&x->shape), shape_last(&x->shape), node->units,
                             run_value(run, x->number), run_weight(run, node->weight), run_extra(run, node, BEFORE),
                             run_output(run, node), node->f, dy, run_input_gradient(run, node, 0), node->adds[0],
                             run_weight_gradient(run, node->weight), run_weight_gradient(run, node->bias), run->add);
}

static uint64_t flops(const struct sl_graph *graph, const struct node *node)
{
    return 2 * (uint64_t)shape_last(&graph_input_of(graph, node, 0)->shape) * node->count;
}

static unsigned keeps(const struct node *node)
{
    return node->f == SL_LINEAR || node->f == SL_GELU ? KEEPS_X : KEEPS_X | KEEPS_Y;
}

static void extras(const struct sl_graph *graph, const struct node *node, bool apart, struct extra out[NODE_EXTRAS])
{
    (void)graph;
    if (node->f == SL_GELU) {
        out[BEFORE] = (struct extra){ node->count, true, false };
    }
    if (apart && node->f != SL_LINEAR) {
        out[USED_UP] = (struct extra){ node->count, false, false };
    }
}

static const struct op_class op_dense = {
    .kind = "dense",
    .gathers = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .flops = flops,
    .keeps = keeps,
    .extras = extras,
};

int sl_graph_dense(struct sl_graph *graph, int x, uint32_t units, enum sl_activation f, enum sl_initializer init,
                   bool bias)
{
    return graph_add_node(
        graph,
        &(struct node){
            .op = &op_dense, .n_inputs = 1, .input = { x }, .units = units, .f = f, .init = init, .with_bias = bias });
}
