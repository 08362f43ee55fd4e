/* network_build.c: from settings to something that can take a step: device, graph, optimizer, loader. */
#include "network.h"

#include "sluice/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* What batches ahead may take of the budget. */
#define LOADER_SHARE 8u

static int check(const struct network *net, struct sl_error *err)
{
    bool regression = net->data->regression;
    if (!regression && net->data->n_classes < 2)
        return sl_fail(err, SL_EDATA, "there is nothing to learn: the label has fewer than two classes");
    if (net->train.loss == (regression ? LOSS_CROSS_ENTROPY : LOSS_SQUARED_ERROR)) {
        sl_fail(err, SL_EPARAM, "loss=%s does not go with %s",
                regression ? "categorical_crossentropy" : "mean_squared_error", regression ? "a number" : "classes");
        return sl_fix(err, regression ? "leave loss at auto, or take task=regression from the label"
                                      : "leave loss at auto, or give the label task=regression");
    }
    if (regression && (net->train.class_weight.n || net->train.label_smoothing > 0)) {
        sl_fail(err, SL_EPARAM, "%s has no meaning when a number is learned",
                net->train.class_weight.n ? "class_weight" : "label_smoothing");
        return sl_fix(err, "leave it out of \"train\""), SL_EPARAM;
    }
    enum train_monitor watched = (enum train_monitor)net->train.monitor;
    if (net->data->train.n && !net->data->validation.n &&
        (watched == MONITOR_VAL_LOSS || watched == MONITOR_VAL_ACCURACY)) {
        sl_fail(err, SL_EPARAM, "there are no validation records for monitor=%s to watch",
                watched == MONITOR_VAL_LOSS ? "val_loss" : "val_accuracy");
        return sl_fix(err, "split with validation_size=0.1, or watch the training: monitor=loss"), SL_EPARAM;
    }
    return SL_OK;
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

static struct sl_shape input_shape(const struct sl_dataset *data)
{
    return (struct sl_shape){ .rank = 1, .size = { data->train.width } };
}

static int make_graph(struct network *net, struct sl_error *err)
{
    struct sl_mlp mlp = { .activation = mlp_activation(&net->mlp),
                          .dropout = net->mlp.dropout,
                          .layer_norm = net->mlp.layer_norm,
                          .init = net->mlp.initializer == MLP_HE_NORMAL ? SL_INIT_HE_NORMAL : SL_INIT_GLOROT_UNIFORM,
                          .outputs = net->outputs,
                          .loss = net->data->regression ? SL_MLP_SQUARED_ERROR : SL_MLP_CROSS_ENTROPY,
                          .label_smoothing = net->train.label_smoothing };
    float *weights = NULL;
    size_t n = 0;
    int status = mlp_hidden(&net->mlp, mlp.hidden, &n, err);
    mlp.n_hidden = (uint32_t)n;
    if (!status)
        status = weigh(net, &weights, err);
    mlp.class_weights = weights;
    if (!status)
        status = sl_graph_new(&net->graph, net->device, (uint32_t)net->batch.size, err);
    if (!status) {
        sl_mlp_build(net->graph, input_shape(net->data), &mlp);
        status = sl_graph_plan(net->graph, (uint64_t)net->train.random_state, err);
    }
    free(weights);
    return status;
}

/* About what it will need of the device: weights with three copies, two batches, outputs and their gradients. */
static uint64_t need(const struct network *net)
{
    uint32_t units[MLP_LAYERS_MAX];
    size_t n = 0;
    uint64_t in = net->data->train.width, weights = 0, outputs = 2 * in, batch = (uint64_t)net->batch.size;
    mlp_hidden(&net->mlp, units, &n, NULL);
    for (size_t i = 0; i <= n; i++) {
        uint64_t out = i < n ? units[i] : net->outputs;
        weights += (in + 1) * out;
        outputs += 4 * out;
        in = out;
    }
    return 4 * (4 * weights + batch * outputs);
}

static int open_device(struct network *net, struct sl_error *err)
{
    const char *name = net->train.device ? net->train.device : "auto";
    if (!net->data->train.n) { /* only to predict: a few records at a time */
        net->devices = &network_usual_devices;
        name = "cpu";
    }
    return net->devices->open(&net->device, name, net->data->train.n ? net->pool : NULL, need(net), &net->why, err);
}

static int read_weights(struct network *net, const char *base, struct sl_error *err)
{
    const char *path = net->mlp.weights;
    char whole[4096];
    if (!path || !net->data->train.n)
        return SL_OK;
    int n = base && path[0] != '/' ? snprintf(whole, sizeof whole, "%s/%s", base, path)
                                   : snprintf(whole, sizeof whole, "%s", path);
    if (n < 0 || (size_t)n >= sizeof whole)
        return sl_fail(err, SL_EPARAM, "'weights' names a file whose path is too long");
    return sl_safetensors_read(whole, net->graph, err);
}

void network_set_options(struct network *net)
{
    train_options(&net->train, network_total(net), &net->options);
    if (net->optimizer)
        sl_optimizer_set(net->optimizer, &net->options);
}

static int fixed(int64_t value)
{
    return value == SL_NONE ? SL_LOADER_AUTO : (int)value;
}

static int make_loader(struct network *net, struct sl_error *err)
{
    int spare = net->device->host ? 0 : sl_pool_threads(net->pool) - 1;
    struct sl_loader_options options = { .size = (uint32_t)net->batch.size,
                                         .shuffle = net->batch.shuffle,
                                         .drop_remainder = net->batch.drop_remainder,
                                         .seed = (uint64_t)net->batch.random_state,
                                         .workers = fixed(net->batch.workers),
                                         .prefetch = fixed(net->batch.prefetch),
                                         .spare = spare,
                                         .memory = net->memory / LOADER_SHARE,
                                         .pool = net->pool };
    int status =
        sl_row_source_matrix(&net->source, &net->data->train, net->data->regression ? 0 : net->data->n_classes, err);
    options.places = net->source.stays && net->device->host;
    if (!status)
        status = sl_loader_new(&net->loader, &net->source, &options, err);
    if (status)
        return status;
    net->per_epoch = net->train.steps_per_epoch == SL_NONE ? sl_loader_batches(net->loader)
                                                           : (uint64_t)net->train.steps_per_epoch;
    if (net->per_epoch > UINT64_MAX / 2 / (uint64_t)net->train.epochs)
        return sl_fail(err, SL_ELIMIT, "steps_per_epoch × epochs is too large");
    for (int slot = 0; slot < 2; slot++) {
        struct sl_batch *in = &net->in[slot];
        if (options.places)
            in->place = sl_graph_places(net->graph, slot, &net->source.form);
        else
            in->x = sl_graph_x(net->graph, slot);
        in->labels = net->data->regression ? NULL : sl_graph_labels(net->graph, slot);
        in->target = net->data->regression ? sl_graph_target(net->graph, slot) : NULL;
    }
    return SL_OK;
}

int network_build(struct network *net, const char *folder, struct sl_error *err)
{
    net->outputs = net->data->regression ? 1 : net->data->n_classes;
    net->per_epoch = 1;
    int status = check(net, err);
    if (!status)
        status = open_device(net, err);
    if (!status)
        status = make_graph(net, err);
    if (!status)
        status = read_weights(net, folder, err);
    if (!status && net->data->train.n)
        status = make_loader(net, err);
    if (!status)
        network_set_options(net);
    if (!status && net->data->train.n)
        status = sl_optimizer_new(&net->optimizer, net->graph, &net->options, err);
    return status;
}
