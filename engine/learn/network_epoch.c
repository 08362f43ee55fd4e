/* network_epoch.c: what happens at the end of an epoch: evaluation, the best weights so far, stopping early.
 *
 * Source  Keras's EarlyStopping: names and rules (patience, min_delta, restore_best_weights). Test records never decide
 *         anything: without validation records the training's own loss is watched. */
#include "network.h"

#include <math.h>
#include <stdlib.h>

enum train_monitor network_monitor(const struct network *net)
{
    if (net->train.monitor != MONITOR_AUTO)
        return (enum train_monitor)net->train.monitor;
    return net->data->validation.n ? MONITOR_VAL_LOSS : MONITOR_LOSS;
}

static double watched(const struct network *net)
{
    switch (network_monitor(net)) {
    case MONITOR_VAL_LOSS: return net->epoch.val_loss;
    case MONITOR_VAL_ACCURACY: return net->epoch.val_accuracy;
    case MONITOR_ACCURACY: return net->epoch.accuracy;
    case MONITOR_LOSS:
    case MONITOR_AUTO: break;
    }
    return net->epoch.loss;
}

static bool is_better(const struct network *net, double value)
{
    enum train_monitor what = network_monitor(net);
    double sign = what == MONITOR_ACCURACY || what == MONITOR_VAL_ACCURACY ? -1 : 1;
    if (isnan(value))
        return false;
    return isnan(net->best.value) || sign * value < sign * net->best.value - net->train.min_delta;
}

static int keep_best(struct network *net, struct sl_error *err)
{
    if (net->train.early_stopping == SL_NONE || !net->train.restore_best)
        return SL_OK;
    if (!net->best.w)
        net->best.w = malloc(sl_graph_weights(net->graph) * sizeof *net->best.w);
    return net->best.w ? sl_graph_get(net->graph, net->best.w, err) : sl_fail_memory(err, "the best weights");
}

static int judge(struct network *net, struct sl_error *err)
{
    struct network_best *best = &net->best;
    double value = watched(net);
    net->epoch.best = is_better(net, value);
    if (net->epoch.best) {
        best->value = value;
        best->epoch = net->epoch.epoch;
        best->waited = 0;
        return keep_best(net, err);
    }
    best->waited++;
    best->stop = net->train.early_stopping != SL_NONE && best->waited >= (uint64_t)net->train.early_stopping;
    return SL_OK;
}

int network_end_epoch(struct network *net, struct sl_error *err)
{
    const struct network_sums *sums = &net->sums;
    const struct sl_matrix *held = net->data->validation.n ? &net->data->validation : &net->data->test;
    double rows = (double)sums->rows;
    net->epoch = (struct sl_epoch){ .epoch = net->step / net->per_epoch,
                                    .step = net->step,
                                    .loss = sums->loss / rows,
                                    .accuracy = net->data->regression ? (double)NAN : sums->correct / rows,
                                    .learning_rate = net->last.learning_rate,
                                    .seconds = sums->seconds,
                                    .rows_per_second = rows / sums->seconds,
                                    .wait_share = sums->wait / sums->seconds };
    net->sums = (struct network_sums){ 0 };
    int status = network_evaluate(net, held, &net->epoch.val_loss, &net->epoch.val_accuracy, err);
    if (status)
        return status;
    net->last.test_loss = net->epoch.val_loss;
    net->last.test_accuracy = net->epoch.val_accuracy;
    net->epoch_ended = true;
    return judge(net, err);
}

int network_finish(struct network *net, struct sl_error *err)
{
    if (net->over)
        return SL_OK;
    net->over = true;
    if (!net->best.w || net->best.epoch == net->step / net->per_epoch)
        return SL_OK;
    return sl_graph_set(net->graph, net->best.w, err);
}
