/* op_batch_norm.c: batch norm over the last dimension, another output added to it, and an activation, in one.
 *
 *   y = f((x − mean)·r·gain + bias + other), r = 1/√(variance + ε); Ioffe and Szegedy 2015
 * Training uses mean and variance of the batch, and moves the running ones; everything else, and a frozen one always,
 * uses those. With h = (x − mean)·r and d = dy·f'(y), over rows:
 *   dother = d,  dgain = Σ d·h,  dbias = Σ d,  dx = r·gain·(d − mean(d) − h·mean(d·h))
 * The running ones lie among the parameters, so that checkpoints, best weights and files have them, but their
 * gradients are zeros from the beginning on and nobody writes there: no rule, clipping or decay ever changes them. */
#include "engine/nn/graph_private.h"

#include <math.h>
#include <stdio.h>

enum { MEAN, RSTD, USED_UP }; /* extras */

static bool other_fits(struct sl_graph *graph, const struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0), *other = graph_input_of(graph, node, 1);
    bool same = x->shape.rank == other->shape.rank;
    for (uint32_t i = 0; same && i < x->shape.rank; i++) {
        same = x->shape.size[i] == other->shape.size[i];
    }
    if (!same) {
        graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" %s and \"%s\" %s have different shapes", node->name, x->name,
                   graph_shape_text(graph, &x->shape), other->name, graph_shape_text(graph, &other->shape));
    }
    return same;
}

static bool settings_hold(struct sl_graph *graph, const struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (x->shape.rank == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a batch norm needs a dimension to work on, and \"%s\" has shape ()",
                   node->name, x->name);
    } else if (!(node->epsilon > 0) || !isfinite(node->epsilon)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a batch norm's epsilon is above 0, not %g", node->name, node->epsilon);
    } else if (!(node->momentum >= 0 && node->momentum <= 1)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a batch norm's momentum is from 0 to 1, not %g", node->name,
                   node->momentum);
    } else if (node->f != SL_LINEAR && node->f != SL_RELU) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a batch norm is followed by relu or nothing, not %s", node->name,
                   activation_name(node->f));
    } else {
        return true;
    }
    return false;
}

static bool shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    if (!settings_hold(graph, node) || (node->n_inputs > 1 && !other_fits(graph, node))) {
        return false;
    }
    node->shape = x->shape;
    if (node->f != SL_LINEAR) {
        snprintf(node->kind, sizeof node->kind, "batch norm %s", activation_name(node->f));
    }
    struct sl_shape row = { 1, { (uint32_t)shape_last(&x->shape) } };
    node->weight = graph_add_parameter(graph, node, "weight", row, SL_INIT_ONES, false);
    node->bias = node->weight < 0 ? -1 : graph_add_parameter(graph, node, "bias", row, SL_INIT_ZEROS, false);
    node->mean_run = node->bias < 0 ? -1 : graph_add_parameter(graph, node, "running_mean", row, SL_INIT_ZEROS, false);
    node->variance_run = node->mean_run < 0 ? -1
                                            : graph_add_parameter(graph, node, "running_var", row, SL_INIT_ONES, false);
    return graph->error.status == SL_OK;
}

/* Its own parameters: running statistics are written by forward in training. */
static float *own(const struct run *run, int parameter)
{
    return run->graph->w + run->graph->parameters[parameter].first;
}

static struct sl_batch_norm norm_of(const struct run *run, const struct node *node)
{
    return (struct sl_batch_norm){ .rows = run->n * shape_rows(&node->shape),
                                   .columns = shape_last(&node->shape),
                                   .epsilon = (float)node->epsilon,
                                   .momentum = (float)node->momentum,
                                   .f = node->f,
                                   .gain = run_weight(run, node->weight),
                                   .bias = run_weight(run, node->bias),
                                   .running_mean = own(run, node->mean_run),
                                   .running_variance = own(run, node->variance_run),
                                   .mean = run_extra(run, node, MEAN),
                                   .rstd = run_extra(run, node, RSTD) };
}

static void forward(const struct run *run, const struct node *node)
{
    struct sl_batch_norm norm = norm_of(run, node);
    const float *other = node->n_inputs > 1 ? run_value(run, node->input[1]) : NULL;
    bool training = run->training && !node->frozen && !run->graph->first;
    /* a look, and making the same again, leave the running ones as they are */
    norm.momentum = run->learning && !run->back ? norm.momentum : 0;
    run->kernels->batch_norm(run->device, &norm, training, run_value(run, node->input[0]), other,
                             run_output(run, node));
}

static void backward(const struct run *run, const struct node *node)
{
    struct sl_batch_norm norm = norm_of(run, node);
    float *dy = run_gradient(run, node->number), *used_up = run_extra(run, node, USED_UP);
    float *dother = node->n_inputs > 1 ? run_input_gradient(run, node, 1) : NULL;
    if (used_up) {
        run->kernels->copy(run->device, used_up, dy, run->n * node->count * sizeof *dy);
        dy = used_up;
    }
    float *dx = run_input_gradient(run, node, 0);
    bool in_place = dother == dy, twice = dother && dother == dx; /* dy becomes dother; x is the other, too */
    run->kernels->batch_norm_grad(run->device, &norm, run_value(run, node->input[0]), run_output(run, node), dy, dx,
                                  node->adds[0], in_place || twice ? NULL : dother, node->adds[1],
                                  run_weight_gradient(run, node->weight), run_weight_gradient(run, node->bias),
                                  run->add);
    if (twice) {
        run->kernels->scale(run->device, run->n * node->count, 1, dy, dx, true);
    }
}

static uint64_t flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return (8 + (uint64_t)(node->n_inputs > 1)) * node->count;
}

static unsigned keeps(const struct node *node)
{
    return node->f == SL_LINEAR ? KEEPS_X : KEEPS_X | KEEPS_Y;
}

static void extras(const struct sl_graph *graph, const struct node *node, bool apart, struct extra out[NODE_EXTRAS])
{
    (void)graph;
    out[MEAN] = out[RSTD] = (struct extra){ shape_last(&node->shape), true, true };
    if (apart && node->f != SL_LINEAR) {
        out[USED_UP] = (struct extra){ node->count, false, false };
    }
}

static const struct op_class op_batch_norm = {
    .kind = "batch norm",
    .pictures = true,
    .output_over = true,
    .gradient_over = true,
    .remakes = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .flops = flops,
    .keeps = keeps,
    .extras = extras,
};

int sl_graph_batch_norm(struct sl_graph *graph, int x, int other, double epsilon, double momentum, enum sl_activation f)
{
    return graph_add_node(graph, &(struct node){ .op = &op_batch_norm,
                                                 .n_inputs = other < 0 ? 1 : 2,
                                                 .input = { x, other },
                                                 .epsilon = epsilon,
                                                 .momentum = momentum,
                                                 .f = f });
}
