/* op_pool.c: windows over pictures, and pools: the greatest value of each window, or its mean.
 *
 *   max   dx of the (first) greatest place gets dy
 *   mean  dx of each place gets dy / places; places of the picture, or, padded, of the whole window
 *
 * Sizes  out = (in + 2·padding − reach)/stride + 1, rounded down, reach = dilation·(kernel − 1) + 1; "same": out =
 *        in/stride, rounded up, and as many zeros as that takes, the odd one below and to the right (Keras, TensorFlow)
 */
#include "engine/nn/graph_private.h"

#include <stdio.h>

enum { SIZE_MOST = 1 << 20 }; /* of kernels, strides, dilations and paddings: sums stay small */

struct along {
    uint32_t in, kernel, stride, dilation;
};

/* Outputs along one dimension, 0: none fits. *padding: what comes before. */
static uint32_t outputs_along(struct along it, uint32_t *padding)
{
    uint64_t reach = (uint64_t)it.dilation * (it.kernel - 1) + 1;
    if (*padding == SL_SAME) {
        uint64_t out = ((uint64_t)it.in + it.stride - 1) / it.stride, covered = (out - 1) * it.stride + reach;
        *padding = covered > it.in ? (uint32_t)((covered - it.in) / 2) : 0;
        return (uint32_t)out;
    }
    uint64_t padded = (uint64_t)it.in + 2 * (uint64_t)*padding;
    return padded < reach ? 0 : (uint32_t)((padded - reach) / it.stride + 1);
}

static bool sizes_hold(const struct sl_window *w)
{
    const uint32_t sizes[] = { w->kernel_height, w->kernel_width,    w->stride_height,
                               w->stride_width,  w->dilation_height, w->dilation_width };
    bool hold = (w->top == SL_SAME || w->top <= SIZE_MOST) && (w->left == SL_SAME || w->left <= SIZE_MOST);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        hold = hold && sizes[i] >= 1 && sizes[i] <= SIZE_MOST;
    }
    return hold;
}

bool window_fit(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    struct sl_window *w = &node->conv.window;
    const char *kind = node->op->kind;
    if (x->shape.rank != 3) {
        graph_fail(graph, SL_EPARAM, "\"%s\": %s works on pictures (height, width, channels); \"%s\" has shape %s",
                   node->name, kind, x->name, graph_shape_text(graph, &x->shape));
        return false;
    }
    if (!sizes_hold(w)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": the kernel, stride and dilation of %s are from 1 to %d, padding from 0",
                   node->name, kind, SIZE_MOST);
        return false;
    }
    w->height = x->shape.size[0];
    w->width = x->shape.size[1];
    w->channels = x->shape.size[2];
    w->out_height =
        outputs_along((struct along){ w->height, w->kernel_height, w->stride_height, w->dilation_height }, &w->top);
    w->out_width =
        outputs_along((struct along){ w->width, w->kernel_width, w->stride_width, w->dilation_width }, &w->left);
    if (!w->out_height || !w->out_width) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a window of %u × %u does not fit into \"%s\" %s", node->name,
                   w->kernel_height, w->kernel_width, x->name, graph_shape_text(graph, &x->shape));
        return false;
    }
    node->shape = (struct sl_shape){ 3, { w->out_height, w->out_width, w->channels } };
    return true;
}

static bool padding_fits(uint32_t padding, uint32_t kernel)
{
    return padding == SL_SAME || 2 * (uint64_t)padding <= kernel;
}

static bool shape(struct sl_graph *graph, struct node *node)
{
    const struct sl_window *w = &node->conv.window;
    if (!padding_fits(w->top, w->kernel_height) || !padding_fits(w->left, w->kernel_width)) {
        graph_fail(graph, SL_EPARAM, "\"%s\": padding of %u, %u is more than half of the window of %u × %u", node->name,
                   w->top, w->left, w->kernel_height, w->kernel_width);
        return false;
    }
    snprintf(node->kind, sizeof node->kind, "%s %ux%u", node->op->kind, w->kernel_height, w->kernel_width);
    return window_fit(graph, node);
}

static void max_forward(const struct run *run, const struct node *node)
{
    run->kernels->max_pool(run->device, run->n, &node->conv.window, run_value(run, node->input[0]),
                           run_output(run, node));
}

static void max_backward(const struct run *run, const struct node *node)
{
    float *dx = run_input_gradient(run, node, 0);
    if (dx) {
        run->kernels->max_pool_grad(run->device, run->n, &node->conv.window, run_value(run, node->input[0]),
                                    run_output(run, node), run_gradient(run, node->number), dx, node->adds[0]);
    }
}

static void mean_forward(const struct run *run, const struct node *node)
{
    run->kernels->mean_pool(run->device, run->n, &node->conv.window, node->padded, run_value(run, node->input[0]),
                            run_output(run, node));
}

static void mean_backward(const struct run *run, const struct node *node)
{
    float *dx = run_input_gradient(run, node, 0);
    if (dx) {
        run->kernels->mean_pool_grad(run->device, run->n, &node->conv.window, node->padded,
                                     run_gradient(run, node->number), dx, node->adds[0]);
    }
}

static uint64_t flops(const struct sl_graph *graph, const struct node *node)
{
    (void)graph;
    return (uint64_t)node->count * node->conv.window.kernel_height * node->conv.window.kernel_width;
}

static unsigned max_keeps(const struct node *node)
{
    (void)node;
    return KEEPS_X | KEEPS_Y;
}

static const struct op_class op_max_pool = {
    .kind = "max pool",
    .pictures = true,
    .shape = shape,
    .forward = max_forward,
    .backward = max_backward,
    .flops = flops,
    .keeps = max_keeps,
};
static const struct op_class op_mean_pool = {
    .kind = "mean pool",
    .pictures = true,
    .shape = shape,
    .forward = mean_forward,
    .backward = mean_backward,
    .flops = flops,
};

int sl_graph_pool(struct sl_graph *graph, int x, bool max, const uint32_t kernel[2], const uint32_t stride[2],
                  const uint32_t padding[2], bool padded)
{
    struct node node = { .op = max ? &op_max_pool : &op_mean_pool, .n_inputs = 1, .input = { x }, .padded = padded };
    node.conv.window = (struct sl_window){ .kernel_height = kernel[0],
                                           .kernel_width = kernel[1],
                                           .stride_height = stride[0],
                                           .stride_width = stride[1],
                                           .dilation_height = 1,
                                           .dilation_width = 1,
                                           .top = padding[0],
                                           .left = padding[1] };
    return graph_add_node(graph, &node);
}
