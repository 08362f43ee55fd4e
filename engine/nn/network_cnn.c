/* network_cnn.c: convolutional networks from a list of words, as nodes of a graph.
 *
 * Sizes that a word leaves out are Keras's defaults (Conv2D: stride 1; MaxPooling2D: 2 × 2, stride as long as the
 * window), but for the kernel, which Keras has none for: 3 × 3. */
#include "engine/nn/graph_private.h"
#include "engine/nn/network_private.h"

#include <stdlib.h>

enum { KINDS = SL_LAYER_DROPOUT + 1, UNITS_MOST = 1 << 20, WINDOW_MOST = 1 << 10 };

/* A whole number from 1 to most at *at, which goes behind it. */
static bool take_number(const char **at, uint32_t most, uint32_t *out)
{
    uint32_t n = 0;
    const char *begin = *at;
    while (**at >= '0' && **at <= '9' && n <= most) {
        n = 10 * n + (uint32_t)(*(*at)++ - '0');
    }
    *out = n;
    return *at > begin && n >= 1 && n <= most;
}

/* "x5", "s2": nothing there leaves *out as it is. */
static bool take_after(const char **at, char letter, uint32_t *out)
{
    if (**at != letter) {
        return true;
    }
    (*at)++;
    return take_number(at, WINDOW_MOST, out);
}

static bool parse_pool(const char *at, struct sl_layer *out)
{
    out->kernel = 2;
    if (*at >= '0' && *at <= '9' && !take_number(&at, WINDOW_MOST, &out->kernel)) {
        return false;
    }
    out->stride = out->kernel;
    return take_after(&at, 's', &out->stride) && !*at;
}

static bool parse_rate(const char *at, struct sl_layer *out)
{
    char *end = NULL;
    if (!*at || strspn(at, "0123456789.") != strlen(at)) {
        return false;
    }
    out->rate = strtod(at, &end);
    return !*end && out->rate < 1;
}

bool sl_layer_parse(const char *word, struct sl_layer *out)
{
    static const char *const words[KINDS] = { "conv", "bn", "pool", "meanpool", "gap", "flatten", "dense", "dropout" };
    int kind = 0;
    while (kind < KINDS && strncmp(word, words[kind], strlen(words[kind])) != 0) {
        kind++;
    }
    if (kind == KINDS) {
        return false;
    }
    const char *rest = word + strlen(words[kind]);
    *out = (struct sl_layer){ .kind = (enum sl_layer_kind)kind, .kernel = 3, .stride = 1 };
    switch (out->kind) {
    case SL_LAYER_CONV:
        return take_number(&rest, UNITS_MOST, &out->units) && take_after(&rest, 'x', &out->kernel) &&
               take_after(&rest, 's', &out->stride) && !*rest;
    case SL_LAYER_DENSE: return take_number(&rest, UNITS_MOST, &out->units) && !*rest;
    case SL_LAYER_MAX_POOL:
    case SL_LAYER_MEAN_POOL: return parse_pool(rest, out);
    case SL_LAYER_DROPOUT: return parse_rate(rest, out);
    case SL_LAYER_NORM:
    case SL_LAYER_GLOBAL:
    case SL_LAYER_FLATTEN: break;
    }
    return !*rest;
}

/* --- nodes --- */

struct growing {
    struct sl_graph *graph;
    const struct sl_cnn *cnn;
    uint32_t made[KINDS]; /* layers of each kind so far */
};

static void name(struct growing *it, enum sl_layer_kind kind, const char *word)
{
    network_name(it->graph, word, ++it->made[kind]);
}

static bool norm_follows(const struct sl_cnn *cnn, uint32_t i)
{
    return i + 1 < cnn->n_layers && cnn->layers[i + 1].kind == SL_LAYER_NORM;
}

static int activation(struct growing *it, int x)
{
    return it->cnn->activation == SL_LINEAR ? x : sl_graph_activation(it->graph, x, it->cnn->activation);
}

static int convolution(struct growing *it, int x, uint32_t i)
{
    const struct sl_cnn *cnn = it->cnn;
    const struct sl_layer *layer = &cnn->layers[i];
    uint32_t padding = cnn->same ? SL_SAME : 0;
    const struct sl_conv_options options = { .filters = layer->units,
                                             .kernel = { layer->kernel, layer->kernel },
                                             .stride = { layer->stride, layer->stride },
                                             .padding = { padding, padding },
                                             .init = cnn->init,
                                             .bias = !norm_follows(cnn, i) };
    name(it, SL_LAYER_CONV, "conv");
    x = sl_graph_conv(it->graph, x, &options);
    return norm_follows(cnn, i) ? x : activation(it, x);
}

static int norm(struct growing *it, int x, uint32_t i)
{
    bool behind = i && (it->cnn->layers[i - 1].kind == SL_LAYER_CONV || it->cnn->layers[i - 1].kind == SL_LAYER_DENSE);
    bool relu = behind && it->cnn->activation == SL_RELU;
    name(it, SL_LAYER_NORM, "bn");
    x = sl_graph_batch_norm(it->graph, x, -1, 1e-5, 0.1, relu ? SL_RELU : SL_LINEAR);
    return behind && !relu ? activation(it, x) : x;
}

static int pool(struct growing *it, int x, const struct sl_layer *layer)
{
    uint32_t padding = it->cnn->same ? SL_SAME : 0;
    const uint32_t kernel[2] = { layer->kernel, layer->kernel }, stride[2] = { layer->stride, layer->stride };
    const uint32_t around[2] = { padding, padding };
    bool max = layer->kind == SL_LAYER_MAX_POOL;
    name(it, layer->kind, max ? "pool" : "meanpool");
    return sl_graph_pool(it->graph, x, max, kernel, stride, around, false);
}

static int dense(struct growing *it, int x, uint32_t i)
{
    bool bare = norm_follows(it->cnn, i);
    x = network_flatten(it->graph, x);
    name(it, SL_LAYER_DENSE, "dense");
    return sl_graph_dense(it->graph, x, it->cnn->layers[i].units, bare ? SL_LINEAR : it->cnn->activation, it->cnn->init,
                          !bare);
}

static int add_layer(struct growing *it, int x, uint32_t i)
{
    const struct sl_layer *layer = &it->cnn->layers[i];
    switch (layer->kind) {
    case SL_LAYER_CONV: return convolution(it, x, i);
    case SL_LAYER_NORM: return norm(it, x, i);
    case SL_LAYER_MAX_POOL:
    case SL_LAYER_MEAN_POOL: return pool(it, x, layer);
    case SL_LAYER_FLATTEN: return network_flatten(it->graph, x);
    case SL_LAYER_DENSE: return dense(it, x, i);
    case SL_LAYER_DROPOUT: name(it, SL_LAYER_DROPOUT, "dropout"); return sl_graph_dropout(it->graph, x, layer->rate);
    case SL_LAYER_GLOBAL: break;
    }
    if (x >= 0 && it->graph->nodes[x].shape.rank != 3) {
        return graph_fail(it->graph, SL_EPARAM, "gap (layer %u) works on pictures; what comes to it has shape %s",
                          i + 1, graph_shape_text(it->graph, &it->graph->nodes[x].shape));
    }
    name(it, SL_LAYER_GLOBAL, "gap");
    return network_global_mean(it->graph, x);
}

int sl_cnn_build(struct sl_graph *graph, struct sl_shape input, const struct sl_cnn *cnn)
{
    struct growing it = { .graph = graph, .cnn = cnn };
    if (cnn->n_layers > SL_LAYERS_MAX) {
        return graph_fail(graph, SL_EPARAM, "a network has at most %d layers, not %u", SL_LAYERS_MAX, cnn->n_layers);
    }
    int x = sl_graph_input(graph, input);
    for (uint32_t i = 0; i < cnn->n_layers; i++) {
        x = add_layer(&it, x, i);
    }
    x = network_flatten(graph, x);
    name(&it, SL_LAYER_DENSE, "dense");
    x = sl_graph_dense(graph, x, cnn->end.outputs, SL_LINEAR, cnn->init, true);
    return network_loss(graph, x, &cnn->end);
}
