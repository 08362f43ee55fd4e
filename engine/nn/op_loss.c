/* op_loss.c: how a graph ends: a loss, which writes the gradient that everything before it starts from.
 *
 *   cross-entropy  of the softmax p of the logits with targets t (smoothed: t·(1−s) + s/C):
 *                  loss = −Σ weight·t·log p / rows,  dlogits = (p − t)·weight/rows; its output is p
 *   squared error  loss = mean (y − t)²,  dy = 2(y − t)/(rows·columns); its output is y
 * Loss and gradient come from one kernel, so they are made in forward. Without training only p is computed. */
#include "engine/nn/graph_private.h"

#include <math.h>

static bool cross_entropy_shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (x->shape.rank != 1 || x->shape.size[0] < 2) {
        graph_fail(graph, SL_EPARAM, "\"%s\": cross-entropy takes (classes), at least 2 of them; \"%s\" has shape %s",
                   node->name, x->name, graph_shape_text(graph, &x->shape));
        return false;
    }
    if (!(node->smoothing >= 0 && node->smoothing < 1)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": label smoothing is from 0 to below 1, not %g", node->name,
                   node->smoothing);
        return false;
    }
    if (node->class_weights) {
        size_t classes = x->shape.size[0];
        float *copy = sl_arena_array(&graph->arena, classes, sizeof *copy);
        if (!copy) {
            graph_fail(graph, SL_ENOMEM, "out of memory while copying %zu class weights", classes);
            return false;
        }
        for (size_t i = 0; i < classes; i++) {
            copy[i] = node->class_weights[i];
            if (!(copy[i] >= 0) || !isfinite(copy[i])) {
                graph_fail(graph, SL_EPARAM, "\"%s\": the weight of class %zu is %g; it must be finite and not below 0",
                           node->name, i, (double)copy[i]);
                return false;
            }
        }
        node->class_weights = copy;
    }
    node->shape = x->shape;
    graph->end = node->number;
    return true;
}

static void cross_entropy_forward(const struct run *run, const struct node *node)
{
    struct sl_graph *graph = run->graph;
    const float *logits = run_value(run, node->input[0]);
    float *p = run_output(run, node);
    if (!run->training) {
        run->kernels->softmax(run->device, run->n, node->count, logits, p);
        return;
    }
    struct sl_cross_entropy what = {
        .logits = logits,
        .labels = node->soft ? NULL : run_labels(run),
        .soft = node->soft ? run_target(run) : NULL,
        .weights = graph->class_weights,
        .smoothing = (float)node->smoothing,
        .probabilities = p,
        .gradient = run->learning ? run_input_gradient(run, node, 0) : NULL,
        .figures = graph->figures,
        .row_loss = graph->row_loss,
    };
    run->kernels->cross_entropy(run->device, run->n, node->count, &what);
}

static uint64_t cross_entropy_flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return 4 * (uint64_t)node->count;
}

static const struct op_class op_cross_entropy = {
    .kind = "cross-entropy",
    .end = true,
    .shape = cross_entropy_shape,
    .forward = cross_entropy_forward,
    .flops = cross_entropy_flops,
};

int sl_graph_cross_entropy(struct sl_graph *graph, int logits, bool soft, double label_smoothing, const float *weights)
{
    return graph_add_node(graph, &(struct node){ .op = &op_cross_entropy,
                                                 .n_inputs = 1,
                                                 .input = { logits },
                                                 .soft = soft,
                                                 .smoothing = label_smoothing,
                                                 .class_weights = weights });
}

static bool squared_error_shape(struct sl_graph *graph, struct node *node)
{
    node->shape = graph_input_of(graph, node, 0)->shape;
    graph->end = node->number;
    return true;
}

static void squared_error_forward(const struct run *run, const struct node *node)
{
    if (run->training) {
        run->kernels->squared_error(run->device, run->n, node->count, run_value(run, node->input[0]), run_target(run),
                                    run->learning ? run_input_gradient(run, node, 0) : NULL, run->graph->figures,
                                    run->graph->row_loss);
    }
}

static uint64_t squared_error_flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return 2 * (uint64_t)node->count;
}

static const struct op_class op_squared_error = {
    .kind = "squared error",
    .view = true,
    .end = true,
    .shape = squared_error_shape,
    .forward = squared_error_forward,
    .flops = squared_error_flops,
};

int sl_graph_squared_error(struct sl_graph *graph, int y)
{
    return graph_add_node(graph, &(struct node){ .op = &op_squared_error, .n_inputs = 1, .input = { y } });
}
