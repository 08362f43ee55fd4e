/* network_tune.c: which parameters of a network's training may change while it goes on, and what they stand at.
 *
 * Those of `train` that say how far a step goes may: learning_rate, momentum, weight_decay, and epochs. What the loss
 * is, which rule moves the weights and what a batch is may not: figures before and after would not compare. */
#include "network.h"

#include "network_word.h"

static const char *const tunables[] = { "learning_rate", "momentum", "weight_decay", "epochs", NULL };

static bool may_change(const char *name)
{
    for (size_t i = 0; tunables[i]; i++)
        if (strcmp(name, tunables[i]) == 0)
            return true;
    return false;
}

static int unknown(const char *parameter, struct sl_error *err)
{
    const char *near = sl_nearest(sl_str(parameter), tunables);
    sl_fail(err, SL_EPARAM, "\"train\" has no parameter \"%s\"", parameter);
    if (near)
        return sl_fix(err, "did you mean \"%s\"?", near), SL_EPARAM;
    return sl_fix(err, "these may change while it trains: learning_rate, momentum, weight_decay, epochs"), SL_EPARAM;
}

static int settled(const char *stage, const char *parameter, struct sl_error *err)
{
    sl_fail(err, SL_EPARAM, "\"%s\" cannot change while it trains: it is settled when the training begins", parameter);
    return sl_fix(err, "stop, then: set %s.%s=…, and train anew", stage, parameter), SL_EPARAM;
}

/* Into params, when it may be. */
static int put(struct train_params *params, const struct sl_stage_class *network, const char *parameter,
               const char *value, struct sl_error *err)
{
    const struct sl_param *row = sl_param_find(sl_stage_train.params, sl_str(parameter));
    if (!row && sl_param_find(network->params, sl_str(parameter)))
        return settled(network->name, parameter, err);
    if (!row && sl_param_find(sl_stage_batch.params, sl_str(parameter)))
        return settled("batch", parameter, err);
    if (!row)
        return unknown(parameter, err);
    if (!may_change(row->name))
        return settled("train", parameter, err);
    if (strcmp(row->name, "momentum") == 0 && params->optimizer < 2) { /* adam, adamw */
        sl_fail(err, SL_EPARAM, "optimizer=%s has no \"momentum\"", params->optimizer ? "adamw" : "adam");
        return sl_fix(err, "tune learning_rate, or train anew with optimizer=sgd"), SL_EPARAM;
    }
    if (!value)
        return SL_OK;
    struct sl_arena arena;
    sl_arena_init(&arena);
    int status = sl_param_set(row, params, sl_str(value), &arena, err);
    sl_arena_release(&arena);
    if (status && err && !err->param[0])
        word_blame(err, row->name);
    return status;
}

/* The stage may be the network's or `train`; without the latter's params its defaults stand for them. */
int network_tunable(const struct sl_stage *stage, const char *parameter, const char *value, struct sl_error *err)
{
    struct train_params trial = *(const struct train_params *)(stage && stage->class == &sl_stage_train && stage->params
                                                                   ? stage->params
                                                                   : sl_stage_train.defaults);
    const struct sl_stage_class *network = stage && stage->class->network ? stage->class : &sl_stage_mlp;
    return put(&trial, network, parameter, value, err);
}

int network_tune(struct sl_learner *learner, const char *parameter, const char *value, struct sl_error *err)
{
    struct network *net = network_of(learner);
    struct train_params next = net->train;
    int status = put(&next, net->kind->stage, parameter, value, err);
    if (!status && (uint64_t)next.epochs > UINT64_MAX / 2 / net->per_epoch)
        status = sl_fail(err, SL_ELIMIT, "steps_per_epoch × epochs is too large");
    if (status)
        return status;
    net->train = next;
    network_set_options(net);
    return SL_OK;
}

double network_setting(const struct sl_learner *learner, const char *parameter)
{
    const struct network *net = (const struct network *)learner;
    const struct {
        const char *name;
        double value;
    } known[] = {
        { "max_iter", (double)network_total(net) },
        { "epochs", (double)net->train.epochs },
        { "steps_per_epoch", (double)net->per_epoch },
        { "wait_share", net->sums.wait / net->sums.seconds },
        { "learning_rate", net->options.learning_rate },
        { "momentum", net->train.optimizer < 2 ? (double)NAN : net->train.momentum },
        { "weight_decay", (double)net->options.update.weight_decay },
        { "size", (double)net->batch.size },
        { "batch_size", (double)net->batch.size },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(parameter, known[i].name) == 0)
            return known[i].value;
    return (double)NAN;
}

double network_scheduled(struct sl_pipeline *pipeline, const char *parameter, double value, uint64_t step,
                         uint64_t total)
{
    const struct sl_stage_class *class;
    if (strcmp(parameter, "learning_rate") != 0)
        return value;
    const struct train_params *params = pipeline ? sl_pipeline_settings(pipeline, SL_TRAINER, &class)
                                                 : sl_stage_train.defaults;
    struct sl_optimizer_options options;
    train_options(params, total, &options);
    if (!isnan(value)) /* auto: the rule's own */
        options.learning_rate = value;
    return sl_learning_rate(&options, step / (uint64_t)params->accumulate);
}
