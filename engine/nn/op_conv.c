/* op_conv.c: convolution over pictures: y = x * w + b, cross-correlation as PyTorch and Keras have it.
 *
 *   forward   y(i, j, f) = Σ x(i·s − top + a·d, j·s − left + b·d, c)·w(f, c, a, b) + b(f), zeros around the picture
 *   backward  dx: the transpose of the same; dw, db: sums over records and places
 * The products are the device's. What follows (batch norm, activation) is a node of its own. */
#include "engine/nn/graph_private.h"

#include <stdio.h>

static bool shape(struct sl_graph *graph, struct node *node)
{
    struct sl_convolution *conv = &node->conv;
    if (!window_fit(graph, node)) {
        return false;
    }
    uint32_t channels = conv->window.channels;
    if (conv->filters == 0 || channels % conv->groups || conv->filters % conv->groups) {
        graph_fail(graph, SL_EPARAM,
                   conv->filters == 0
                       ? "\"%s\": a convolution has at least 1 filter (channels in %u, groups %u, filters "
                         "%u)"
                       : "\"%s\": %u channels in %u groups cannot make %u filters; both must be "
                         "multiples of the groups",
                   node->name, channels, conv->groups, conv->filters);
        return false;
    }
    node->shape.size[2] = conv->filters;
    struct sl_shape w = {
        4, { conv->filters, channels / conv->groups, conv->window.kernel_height, conv->window.kernel_width }
    };
    node->weight = graph_add_parameter(graph, node, "weight", w, node->init, true);
    if (node->weight >= 0 && node->with_bias) {
        struct sl_shape b = { 1, { conv->filters } };
        node->bias = graph_add_parameter(graph, node, "bias", b, SL_INIT_ZEROS, false);
    }
    snprintf(node->kind, sizeof node->kind, "conv %ux%u", conv->window.kernel_height, conv->window.kernel_width);
    return graph->error.status == SL_OK;
}

static void forward(const struct run *run, const struct node *node)
{
    run->kernels->conv(run->device, run->n, &node->conv, run_value(run, node->input[0]), run_weight(run, node->weight),
                       run_weight(run, node->bias), run_output(run, node));
}

static void backward(const struct run *run, const struct node *node)
{
    run->kernels->conv_grad(run->device, run->n, &node->conv, run_value(run, node->input[0]),
                            run_weight(run, node->weight), run_gradient(run, node->number),
                            run_input_gradient(run, node, 0), node->adds[0], run_weight_gradient(run, node->weight),
                            run_weight_gradient(run, node->bias), run->add);
}

static uint64_t flops(const struct sl_graph *graph, const struct node *node)
{
    const struct sl_window *window = &node->conv.window;
    (void)graph;
    return 2 * (uint64_t)node->count * (window->channels / node->conv.groups) * window->kernel_height *
           window->kernel_width;
}

static unsigned keeps(const struct node *node)
{
    (void)node;
    return KEEPS_X;
}

static const struct op_class op_conv = {
    .kind = "conv",
    .pictures = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
    .flops = flops,
    .keeps = keeps,
};

static uint32_t at_least_1(uint32_t n)
{
    return n ? n : 1;
}

int sl_graph_conv(struct sl_graph *graph, int x, const struct sl_conv_options *options)
{
    struct node node = { .op = &op_conv,
                         .n_inputs = 1,
                         .input = { x },
                         .init = options->init,
                         .with_bias = options->bias,
                         .conv = { .filters = options->filters, .groups = at_least_1(options->groups) } };
    node.conv.window = (struct sl_window){ .kernel_height = options->kernel[0],
                                           .kernel_width = options->kernel[1],
                                           .stride_height = at_least_1(options->stride[0]),
                                           .stride_width = at_least_1(options->stride[1]),
                                           .dilation_height = at_least_1(options->dilation[0]),
                                           .dilation_width = at_least_1(options->dilation[1]),
                                           .top = options->padding[0],
                                           .left = options->padding[1] };
    return graph_add_node(graph, &node);
}
