/* network_resnet.c: residual networks as nodes of a graph, node for node torchvision's (torchvision/models/resnet.py).
 *
 *   stem        conv 7 × 7, 64 filters, stride 2; batch norm, relu; max pool 3 × 3, stride 2. Small: conv 3 × 3, stride
 * 1 layer1 … 4  blocks of 64, 128, 256, 512 filters, the first of a layer with stride 2 but for layer1 basic       conv
 * 3 × 3 (stride), bn, relu; conv 3 × 3, bn; + what came in; relu                 depth 18, 34 bottleneck  conv 1 × 1,
 * bn, relu; conv 3 × 3 (stride), bn, relu; conv 1 × 1 to 4·filters, bn; + …  depth 50, 101 shortcut    what came in,
 * or, where shapes differ, its conv 1 × 1 (stride) and bn ("downsample") end         means of the channels; dense "fc"
 * Convolutions have no bias, batch norms ε 1e-5 and momentum 0.1. First weights are torchvision's, too: normal with
 * √(2/fan_out), fc uniform within 1/√fan_in (its bias zeros, PyTorch's uniform). The last batch norm of a block adds
 * the shortcut and is followed by relu in the same node; in graph order the shortcut therefore comes before it. */
#include "engine/nn/graph_private.h"
#include "engine/nn/network_private.h"

#include <stdio.h>

enum { LAYERS = 4 };

struct plan {
    uint32_t depth;
    uint32_t blocks[LAYERS];
    bool bottleneck;
};
static const struct plan plans[] = {
    { 18, { 2, 2, 2, 2 }, false },
    { 34, { 3, 4, 6, 3 }, false },
    { 50, { 3, 4, 6, 3 }, true },
    { 101, { 3, 4, 23, 3 }, true },
};

/* A block under way: its place in words, and how wide it is. */
struct block {
    struct sl_graph *graph;
    char prefix[32]; /* "layer1.0." */
    uint32_t filters, stride;
};

static void name(struct sl_graph *graph, const char *prefix, const char *last)
{
    char whole[64];
    snprintf(whole, sizeof whole, "%s%s", prefix, last);
    sl_graph_name(graph, whole);
}

static int conv(struct sl_graph *graph, int x, uint32_t filters, uint32_t kernel, uint32_t stride)
{
    return sl_graph_conv(graph, x,
                         &(struct sl_conv_options){ .filters = filters,
                                                    .kernel = { kernel, kernel },
                                                    .stride = { stride, stride },
                                                    .padding = { kernel / 2, kernel / 2 },
                                                    .init = SL_INIT_HE_FAN_OUT });
}

static int norm(struct sl_graph *graph, int x, int other, enum sl_activation f)
{
    return sl_graph_batch_norm(graph, x, other, 1e-5, 0.1, f);
}

/* The number-th convolution of a block and its batch norm. */
static int conv_norm(const struct block *block, int x, int number, uint32_t filters, uint32_t kernel, uint32_t stride,
                     int other)
{
    char word[16];
    snprintf(word, sizeof word, "conv%d", number);
    name(block->graph, block->prefix, word);
    x = conv(block->graph, x, filters, kernel, stride);
    snprintf(word, sizeof word, "bn%d", number);
    name(block->graph, block->prefix, word);
    return norm(block->graph, x, other, SL_RELU);
}

static int shortcut(const struct block *block, int x, uint32_t filters)
{
    if (x < 0 || (block->stride == 1 && shape_last(&block->graph->nodes[x].shape) == filters)) {
        return x;
    }
    name(block->graph, block->prefix, "downsample.0");
    x = conv(block->graph, x, filters, 1, block->stride);
    name(block->graph, block->prefix, "downsample.1");
    return norm(block->graph, x, -1, SL_LINEAR);
}

static int basic(const struct block *block, int x)
{
    int other = shortcut(block, x, block->filters);
    int y = conv_norm(block, x, 1, block->filters, 3, block->stride, -1);
    return conv_norm(block, y, 2, block->filters, 3, 1, other);
}

static int bottleneck(const struct block *block, int x)
{
    int other = shortcut(block, x, 4 * block->filters);
    int y = conv_norm(block, x, 1, block->filters, 1, 1, -1);
    y = conv_norm(block, y, 2, block->filters, 3, block->stride, -1);
    return conv_norm(block, y, 3, 4 * block->filters, 1, 1, other);
}

static int stem(struct sl_graph *graph, int x, bool small)
{
    static const uint32_t three[2] = { 3, 3 }, two[2] = { 2, 2 }, one[2] = { 1, 1 };
    sl_graph_name(graph, "conv1");
    x = small ? conv(graph, x, 64, 3, 1) : conv(graph, x, 64, 7, 2);
    sl_graph_name(graph, "bn1");
    x = norm(graph, x, -1, SL_RELU);
    sl_graph_name(graph, "maxpool");
    return small ? x : sl_graph_pool(graph, x, true, three, two, one, false);
}

int sl_resnet_build(struct sl_graph *graph, struct sl_shape input, const struct sl_resnet *resnet)
{
    const struct plan *plan = NULL;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        plan = plans[i].depth == resnet->depth ? &plans[i] : plan;
    }
    if (!plan) {
        return graph_fail(graph, SL_EPARAM, "a residual network has depth 18, 34, 50 or 101, not %u", resnet->depth);
    }
    sl_graph_freeze(graph, resnet->frozen >= SL_RESNET_STEM);
    int x = stem(graph, sl_graph_input(graph, input), resnet->small);
    for (uint32_t layer = 0; layer < LAYERS; layer++) {
        sl_graph_freeze(graph, resnet->frozen >= SL_RESNET_LAYER1 + layer);
        for (uint32_t i = 0; i < plan->blocks[layer]; i++) {
            struct block block = { .graph = graph, .filters = 64u << layer, .stride = layer && !i ? 2 : 1 };
            snprintf(block.prefix, sizeof block.prefix, "layer%u.%u.", layer + 1, i);
            x = plan->bottleneck ? bottleneck(&block, x) : basic(&block, x);
        }
    }
    sl_graph_freeze(graph, false);
    sl_graph_name(graph, "avgpool");
    x = network_global_mean(graph, x);
    sl_graph_name(graph, "fc");
    x = sl_graph_dense(graph, x, resnet->end.outputs, SL_LINEAR, SL_INIT_FAN_IN_UNIFORM, true);
    return network_loss(graph, x, &resnet->end);
}
