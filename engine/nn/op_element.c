/* op_element.c: operators that work on each element: activation, dropout, addition.
 *
 *   activation  y = f(x);          dx = dy·f'(x), told by y but for gelu, which looks at x
 *   dropout     y = x·mask/(1−r);  dx = dy·mask/(1−r), the same mask: it is drawn again, not kept. Srivastava et al.
 *               2014, scaled when training ("inverted"), so that predicting is a plain copy
 *   add         y = a + b;         da = db = dy */
#include "engine/nn/graph_private.h"

#include <stdio.h>

const char *activation_name(enum sl_activation f)
{
    static const char *const names[] = {
        [SL_LINEAR] = "linear", [SL_RELU] = "relu", [SL_GELU] = "gelu", [SL_TANH] = "tanh", [SL_SIGMOID] = "sigmoid",
    };
    return names[f];
}

static bool same_shape(struct sl_graph *graph, struct node *node)
{
    node->shape = graph_input_of(graph, node, 0)->shape;
    return true;
}

static uint64_t each_once(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return node->count;
}

/* --- activation --- */

static bool activation_shape(struct sl_graph *graph, struct node *node)
{
    snprintf(node->kind, sizeof node->kind, "%s", activation_name(node->f));
    return same_shape(graph, node);
}

static void activation_forward(const struct run *run, const struct node *node)
{
    run->kernels->activate(run->device, node->f, run->n * node->count, run_value(run, node->input[0]),
                           run_output(run, node));
}

static void activation_backward(const struct run *run, const struct node *node)
{
    const float *y = run_output(run, node);
    const float *x = node->f == SL_GELU ? run_value(run, node->input[0]) : y;
    float *dx = run_input_gradient(run, node, 0);
    if (dx) {
        run->kernels->activate_grad(run->device, node->f, run->n * node->count, x, y, run_gradient(run, node->number),
                                    dx, node->adds[0]);
    }
}

static unsigned activation_keeps(const struct node *node)
{
    return node->f == SL_LINEAR ? 0 : node->f == SL_GELU ? KEEPS_X | KEEPS_Y : KEEPS_Y;
}

static const struct op_class op_activation = {
    .kind = "activation",
    .gradient_over = true,
    .shape = activation_shape,
    .forward = activation_forward,
    .backward = activation_backward,
    .flops = each_once,
    .keeps = activation_keeps,
};

int sl_graph_activation(struct sl_graph *graph, int x, enum sl_activation f)
{
    return graph_add_node(graph, &(struct node){ .op = &op_activation, .n_inputs = 1, .input = { x }, .f = f });
}

/* --- dropout --- */

static bool dropout_shape(struct sl_graph *graph, struct node *node)
{
    if (!(node->rate >= 0 && node->rate < 1)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a dropout rate is from 0 to below 1, not %g", node->name, node->rate);
        return false;
    }
    snprintf(node->kind, sizeof node->kind, "dropout %g", node->rate);
    node->site = graph->n_dropouts++;
    return same_shape(graph, node);
}

static void dropout_forward(const struct run *run, const struct node *node)
{
    const float *x = run_value(run, node->input[0]);
    float *y = run_output(run, node);
    if (run->training) {
        run->kernels->dropout(run->device, run->n * node->count, (float)node->rate, run->graph->seed, node->site,
                              run_hyper(run), x, y, false);
    } else {
        run->kernels->copy(run->device, y, x, run->n * node->count * sizeof *y);
    }
}

static void dropout_backward(const struct run *run, const struct node *node)
{
    float *dx = run_input_gradient(run, node, 0);
    if (dx) {
        run->kernels->dropout(run->device, run->n * node->count, (float)node->rate, run->graph->seed, node->site,
                              run_hyper(run), run_gradient(run, node->number), dx, node->adds[0]);
    }
}

static const struct op_class op_dropout = {
    .kind = "dropout",
    .shape = dropout_shape,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .flops = each_once,
};
/* Of rate 0: nothing is run. */
static const struct op_class op_dropout_none = { .kind = "dropout", .view = true, .shape = dropout_shape };

int sl_graph_dropout(struct sl_graph *graph, int x, double rate)
{
    return graph_add_node(
        graph, &(struct node){
                   .op = rate == 0 ? &op_dropout_none : &op_dropout, .n_inputs = 1, .input = { x }, .rate = rate });
}

/* --- add --- */

static bool add_shape(struct sl_graph *graph, struct node *node)
{
    const struct node *a = graph_input_of(graph, node, 0), *b = graph_input_of(graph, node, 1);
    bool same = a->shape.rank == b->shape.rank;
    for (uint32_t i = 0; same && i < a->shape.rank; i++) {
        same = a->shape.size[i] == b->shape.size[i];
    }
    if (!same) {
        graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" %s and \"%s\" %s have different shapes", node->name, a->name,
                   graph_shape_text(graph, &a->shape), b->name, graph_shape_text(graph, &b->shape));
        return false;
    }
    return same_shape(graph, node);
}

static void add_forward(const struct run *run, const struct node *node)
{
    run->kernels->sum(run->device, run->n * node->count, run_value(run, node->input[0]), run_value(run, node->input[1]),
                      run_output(run, node));
}

static void add_backward(const struct run *run, const struct node *node)
{
    const float *dy = run_gradient(run, node->number);
    for (int k = 0; k < node->n_inputs; k++) {
        float *dx = run_input_gradient(run, node, k);
        if (!dx || dx == dy) {
            continue; /* not wanted, or in its place already */
        }
        if (node->adds[k]) {
            run->kernels->scale(run->device, run->n * node->count, 1, dy, dx, true);
        } else {
            run->kernels->copy(run->device, dx, dy, run->n * node->count * sizeof *dx);
        }
    }
}

static const struct op_class op_add = {
    .kind = "add",
    .output_over = true,
    .gradient_over = true,
    .shape = add_shape,
    .forward = add_forward,
    .backward = add_backward,
    .flops = each_once,
};

int sl_graph_add(struct sl_graph *graph, int a, int b)
{
    return graph_add_node(graph, &(struct node){ .op = &op_add, .n_inputs = 2, .input = { a, b } });
}
