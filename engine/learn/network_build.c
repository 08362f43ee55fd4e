/* network_build.c: from settings to something that can take a step: device, graph, optimizer, loader. */
#include "network.h"

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

static int open_device(struct network *net, const struct network_settings *settings, struct sl_error *err)
{
    const char *name = net->train.device ? net->train.device : "auto";
    if (!net->data->train.n) { /* only to predict: a few records at a time */
        net->devices = &network_usual_devices;
        name = "cpu";
    }
    return net->devices->open(&net->device, name, net->data->train.n ? net->pool : NULL, network_need(net, settings),
                              &net->why, err);
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

/* What batches ahead may take: a share of the budget, but no more than the rows and the network leave of it. */
static uint64_t loader_memory(const struct network *net)
{
    uint64_t taken = net->data->held + sl_graph_bytes(net->graph) + 2 * sizeof(float) * sl_graph_weights(net->graph);
    uint64_t left = net->memory > taken ? net->memory - taken : 1, share = net->memory / LOADER_SHARE;
    return left < share ? left : share;
}

static int make_slot(struct network *net, int slot, bool places, struct sl_error *err)
{
    struct sl_batch *in = &net->in[slot];
    bool classes = !net->data->regression, soft = classes && net->mixer.n;
    if (places)
        in->place = sl_graph_places(net->graph, slot, &net->source.form);
    else
        in->x = sl_graph_x(net->graph, slot);
    if (soft && !(net->labels[slot] = calloc((size_t)net->batch.size, sizeof *net->labels[slot])))
        return sl_fail_memory(err, "batches");
    in->labels = soft ? net->labels[slot] : classes ? sl_graph_labels(net->graph, slot) : NULL;
    in->soft = soft ? sl_graph_target(net->graph, slot) : NULL;
    in->target = classes ? NULL : sl_graph_target(net->graph, slot);
    return SL_OK;
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
                                         .memory = loader_memory(net),
                                         .pool = net->pool,
                                         .mixer = net->mixer.n ? &net->mixer : NULL };
    int status = sl_row_source_dataset(&net->source, net->data, err);
    options.places = net->source.stays && net->device->host && !net->mixer.n;
    if (!status)
        status = sl_loader_new(&net->loader, &net->source, &options, err);
    if (status)
        return status;
    net->per_epoch = net->train.steps_per_epoch == SL_NONE ? sl_loader_batches(net->loader)
                                                           : (uint64_t)net->train.steps_per_epoch;
    if (net->per_epoch > UINT64_MAX / 2 / (uint64_t)net->train.epochs)
        return sl_fail(err, SL_ELIMIT, "steps_per_epoch × epochs is too large");
    for (int slot = 0; slot < 2 && !status; slot++)
        status = make_slot(net, slot, options.places, err);
    return status;
}

int network_build(struct network *net, const struct network_settings *settings, struct sl_error *err)
{
    net->outputs = net->data->regression ? 1 : net->data->n_classes;
    net->per_epoch = 1;
    int status = check(net, err);
    if (!status)
        status = sl_mixer_init(&net->mixer, net->data, err);
    if (!status)
        status = open_device(net, settings, err);
    if (!status)
        status = network_make_graph(net, settings, err);
    if (!status && net->data->train.n)
        status = make_loader(net, err);
    if (!status)
        network_set_options(net);
    if (!status && net->data->train.n)
        status = sl_optimizer_new(&net->optimizer, net->graph, &net->options, err);
    return status;
}
