/* network_graph.c: a network's graph: input and ending from the data, nodes from its statement, weights from a file. */
#include "network.h"
#include "network_word.h"

#include "sluice/safetensors.h"

#include <stdio.h>
#include <stdlib.h>

const struct network_kind *network_kind_of(const struct sl_stage_class *stage)
{
    static const struct network_kind *const kinds[] = { &network_mlp, &network_cnn, &network_resnet };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i]->stage == stage)
            return kinds[i];
    return NULL;
}

/* n / (C · count), as scikit-learn and Keras's users weigh classes that are not equally frequent. */
static int balance(const struct network *net, float *weights, struct sl_error *err)
{
    uint32_t n = net->data->n_classes;
    const struct sl_matrix *train = &net->data->train;
    uint64_t *count = calloc((size_t)n + 1, sizeof *count), total = 0;
    if (!count)
        return sl_fail_memory(err, "the network");
    for (size_t b = 0; b < train->n_blocks; b++)
        for (uint32_t i = 0; i < train->blocks[b].n; i++)
            if (train->blocks[b].y[i] < n) {
                count[train->blocks[b].y[i]]++;
                total++;
            }
    for (uint32_t k = 0; k < n; k++)
        weights[k] = count[k] ? (float)((double)total / ((double)n * (double)count[k])) : 1;
    free(count);
    return SL_OK;
}

static int weigh(const struct network *net, float **weights, struct sl_error *err)
{
    size_t n = 0, classes = net->data->n_classes;
    bool balanced = false;
    if (!net->train.class_weight.n)
        return SL_OK;
    *weights = calloc(classes + 1, sizeof **weights);
    if (!*weights)
        return sl_fail_memory(err, "the network");
    int status = train_class_weights(&net->train, *weights, classes, &n, &balanced, err);
    if (status)
        return status;
    if (balanced)
        return balance(net, *weights, err);
    if (n == classes)
        return SL_OK;
    sl_fail(err, SL_EPARAM, "'class_weight' has %zu numbers, but there are %zu classes", n, classes);
    return sl_fix(err, "give one for each, in this order: %s, %s, …", net->data->classes[0], net->data->classes[1]);
}

static struct sl_ending ending(const struct network *net, const float *weights)
{
    return (struct sl_ending){ .outputs = net->outputs,
                               .loss = net->data->regression ? SL_MLP_SQUARED_ERROR : SL_MLP_CROSS_ENTROPY,
                               .label_smoothing = net->train.label_smoothing,
                               .class_weights = weights,
                               .soft = net->mixer.n > 0 && !net->data->regression };
}

/* Pictures as they are for those that take them; all others see one row of features. */
static int input_shape(const struct network *net, struct sl_shape *out, struct sl_error *err)
{
    const struct sl_dataset *data = net->data;
    const char *name = net->kind->stage->name;
    *out = (struct sl_shape){ .rank = 1, .size = { data->train.width } };
    if (!net->kind->pictures)
        return SL_OK;
    if (!data->height) {
        sl_fail(err, SL_ESCHEMA, "\"%s\" learns from one column of pictures of one size, not from %u features", name,
                data->train.width);
        return sl_fix(err, "name that column, as in: %s image; or take mlp", name), SL_ESCHEMA;
    }
    *out = (struct sl_shape){ .rank = 3, .size = { data->height, data->breadth, data->channels } };
    return SL_OK;
}

uint64_t network_need(const struct network *net, const struct network_settings *settings)
{
    struct sl_graph *graph = NULL;
    struct sl_shape input;
    const struct sl_ending end = ending(net, NULL);
    const struct sl_parameter *list;
    uint64_t weights = 0, outputs = 0;
    if (input_shape(net, &input, NULL) || sl_graph_new(&graph, NULL, (uint32_t)net->batch.size, NULL))
        return 0;
    if (!net->kind->build(settings->params, input, &end, graph, NULL)) {
        sl_graph_parameters(graph, &list);
        weights = sl_graph_weights(graph);
        for (int i = 0; i < (int)sl_graph_nodes(graph); i++) {
            struct sl_node_info info;
            sl_graph_node(graph, i, &info);
            outputs += 2 * sl_shape_count(&info.shape);
        }
    }
    sl_graph_free(graph);
    return 4 * (4 * weights + (uint64_t)net->batch.size * outputs);
}

/* A sentence more for people to read once. */
static int say(struct network *net, const char *path, struct sl_error *err)
{
    struct sl_buf text = { 0 };
    sl_buf_printf(&text, "%s%s\"%s*\" is not in '%s' with this shape: it begins as drawn, everything else as there",
                  net->why ? net->why : "", net->why ? "; " : "", net->kind->head, path);
    if (text.failed || !text.p) {
        sl_buf_release(&text);
        return sl_fail_memory(err, "a notice");
    }
    free(net->why);
    net->why = strdup(text.p);
    sl_buf_release(&text);
    return net->why ? SL_OK : sl_fail_memory(err, "a notice");
}

static int read_weights(struct network *net, const struct network_settings *settings, struct sl_error *err)
{
    const char *path = net->kind->weights(settings->params), *base = settings->folder;
    char whole[4096];
    bool left = false;
    if (!path || !net->data->train.n)
        return SL_OK;
    int n = base && path[0] != '/' ? snprintf(whole, sizeof whole, "%s/%s", base, path)
                                   : snprintf(whole, sizeof whole, "%s", path);
    if (n < 0 || (size_t)n >= sizeof whole)
        return sl_fail(err, SL_EPARAM, "'weights' names a file whose path is too long");
    int status = sl_safetensors_read_body(whole, net->graph, net->kind->head, &left, err);
    return !status && left ? say(net, path, err) : status;
}

/* Layers that do not fit together, or not the pictures, are the network's statement's, not that of `train`. */
static int blame_layers(const struct network *net, const struct network_settings *settings, int status,
                        struct sl_error *err)
{
    const struct sl_stage_class *class = net->kind->stage;
    if (status != SL_EPARAM || !err || err->stage[0])
        return status;
    snprintf(err->stage, sizeof err->stage, "%s", class->name);
    err->line = err->line ? err->line : settings->line;
    if (!err->param[0] && sl_param_find(class->params, SL_STR("layers")))
        word_blame(err, "layers");
    return status;
}

int network_make_graph(struct network *net, const struct network_settings *settings, struct sl_error *err)
{
    struct sl_shape input;
    float *weights = NULL;
    int status = input_shape(net, &input, err);
    if (!status)
        status = weigh(net, &weights, err);
    const struct sl_ending end = ending(net, weights);
    if (!status)
        status = sl_graph_new(&net->graph, net->device, (uint32_t)net->batch.size, err);
    if (!status)
        status = blame_layers(net, settings, net->kind->build(settings->params, input, &end, net->graph, err), err);
    if (!status)
        status = blame_layers(net, settings, sl_graph_plan(net->graph, (uint64_t)net->train.random_state, err), err);
    free(weights);
    return status ? status : read_weights(net, settings, err);
}
