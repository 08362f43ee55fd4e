/* network_learner.c: the learners `mlp`, `cnn` and `resnet`: a step is a batch.
 *
 * On the processor a batch is made, then computed. Elsewhere the next batch is made and copied in while the device
 * computes; the figures of a step are waited for before the step ends, so that a point, a checkpoint and a changed
 * parameter all mean the same step. */
#include "network.h"

#include "sluice/safetensors.h"

#include <math.h>
#include <stdlib.h>

/* A device that was still busy so long after the next batch was ready has waited for nothing. */
#define BUSY_NS UINT64_C(20000)

static void free_learner(struct sl_learner *learner)
{
    struct network *net = network_of(learner);
    if (!net)
        return;
    network_free_replicas(net);
    sl_loader_free(net->loader);
    sl_row_source_release(&net->source);
    free(net->labels[0]);
    free(net->labels[1]);
    sl_optimizer_free(net->optimizer);
    sl_graph_free(net->graph);
    if (net->device)
        net->devices->close(net->device);
    free(net->best.w);
    free(net->guilty);
    free(net->why);
    pthread_mutex_destroy(&net->lock);
    free(net);
}

const struct network_devices network_usual_devices = { sl_device_open, sl_device_close };

int network_new(struct sl_learner **out, const struct network_settings *settings, const struct sl_dataset *data,
                struct sl_pool *pool, uint64_t memory, struct sl_error *err)
{
    struct network *net = calloc(1, sizeof *net);
    if (!net)
        return sl_fail_memory(err, "the network");
    pthread_mutex_init(&net->lock, NULL);
    net->base.class = sl_learner_find(&(const struct sl_stage){ .class = settings->kind->stage });
    net->data = data;
    net->pool = pool;
    net->memory = memory;
    net->devices = settings->devices ? settings->devices : &network_usual_devices;
    net->kind = settings->kind;
    net->batch = *settings->batch;
    net->train = *settings->train;
    net->best.value = (double)NAN;
    int status = network_build(net, settings, err);
    if (status)
        free_learner(&net->base);
    else
        *out = &net->base;
    return status;
}

static int begin(struct sl_learner **out, struct sl_pipeline *pipeline, const struct sl_stage *stage,
                 const struct sl_dataset *data, struct sl_pool *pool, uint64_t memory, struct sl_error *err)
{
    struct network_settings settings = { .kind = network_kind_of(stage->class),
                                         .params = stage->params,
                                         .line = stage->line,
                                         .batch = sl_stage_batch.defaults,
                                         .train = sl_stage_train.defaults };
    if (pipeline) {
        const struct sl_stage_class *class;
        settings.batch = sl_pipeline_settings(pipeline, SL_BATCH, &class);
        settings.train = sl_pipeline_settings(pipeline, SL_TRAINER, &class);
        settings.folder = sl_pipeline_base(pipeline);
    }
    return network_new(out, &settings, data, pool, memory, err);
}

/* --- a step --- */

static int non_finite(struct network *net, uint32_t n, double loss, struct sl_error *err)
{
    int status = network_blame(net, n, err);
    if (status)
        return status;
    sl_fail(err, SL_EDATA, "the %s is not finite in epoch %llu, batch %llu", isfinite(loss) ? "gradient" : "loss",
            (unsigned long long)(net->step / net->per_epoch + 1), (unsigned long long)(net->step % net->per_epoch + 1));
    return sl_fix(err, "lower learning_rate (now %g), or put features on a common scale", net->options.learning_rate);
}

static void note_step(struct network *net, uint32_t n, const struct sl_figures *figures, double rate)
{
    net->step++;
    net->rows += n;
    net->sums.loss += figures->loss * n;
    net->sums.correct += figures->correct;
    net->sums.rows += n;
    net->last = (struct sl_point){ .step = net->step,
                                   .rows = net->rows,
                                   .loss = figures->loss,
                                   .gradient_norm = sqrt(figures->gradient_square),
                                   .train_accuracy = net->data->regression ? (double)NAN : figures->correct / n,
                                   .test_accuracy = (double)NAN,
                                   .test_loss = (double)NAN,
                                   .learning_rate = rate };
}

/* Waiting of the last batches asked for: nanoseconds so far. */
static uint64_t waited(const struct network *net)
{
    struct sl_loader_counts counts;
    sl_loader_counts(net->loader, &counts);
    return counts.wait_ns;
}

static int one_batch(struct network *net, struct sl_error *err)
{
    int slot = network_slot(net, net->step);
    uint64_t wait = waited(net);
    int status = network_fill(net, err);
    if (status)
        return status;
    uint32_t n = net->in[slot].n;
    double rate = sl_learning_rate(&net->options, sl_optimizer_steps(net->optimizer));
    status = sl_optimizer_step(net->optimizer, slot, n, net->step, err);
    if (status)
        return status;
    uint64_t ahead = sl_now(), idle = waited(net);
    if (!net->device->host)
        status = network_fill_next(net, err);
    struct sl_figures figures = { 0 };
    uint64_t filled = sl_now();
    if (!status)
        status = sl_graph_figures(net->graph, &figures, err);
    if (status)
        return status;
    wait = idle - wait + (sl_now() - filled < BUSY_NS ? filled - ahead : 0);
    if (!isfinite(figures.loss) || !isfinite(figures.gradient_square))
        return non_finite(net, n, figures.loss, err);
    net->sums.wait += (double)wait * 1e-9;
    net->looked = true;
    note_step(net, n, &figures, rate);
    return SL_OK;
}

static int step(struct sl_learner *learner, struct sl_point *point, struct sl_error *err)
{
    struct network *net = network_of(learner);
    net->epoch_ended = false;
    if (!net->optimizer)
        return sl_fail(err, SL_ESTATE, "this network has no training records: it can only predict");
    if (net->over || net->best.stop || net->step >= network_total(net)) {
        int status = network_finish(net, err);
        *point = net->last;
        return status ? status : SL_EEND;
    }
    uint64_t began = sl_now();
    int status = one_batch(net, err);
    if (status)
        return status;
    double seconds = (double)(sl_now() - began) * 1e-9;
    net->seconds += seconds;
    net->sums.seconds += seconds;
    net->last.seconds = net->seconds;
    if (net->step % net->per_epoch == 0)
        status = network_end_epoch(net, err);
    *point = net->last;
    return status;
}

/* --- small slots --- */

static void halt(struct sl_learner *learner, bool (*asked)(void *ctx), void *ctx)
{
    (void)learner, (void)asked, (void)ctx; /* a batch is short */
}

static bool within(const struct sl_learner *learner)
{
    (void)learner;
    return false;
}

static void settle(struct sl_learner *learner)
{
    (void)learner; /* weights are always those after the last whole batch */
}

static size_t guilty(const struct sl_learner *learner, uint64_t *records, size_t max)
{
    const struct network *net = (const struct network *)learner;
    if (net->guilty && net->n_guilty)
        memcpy(records, net->guilty, (net->n_guilty < max ? net->n_guilty : max) * sizeof *records);
    return net->n_guilty;
}

static bool epoch(const struct sl_learner *learner, struct sl_epoch *out)
{
    const struct network *net = (const struct network *)learner;
    if (net->epoch_ended)
        *out = net->epoch;
    return net->epoch_ended;
}

static int export_weights(struct sl_learner *learner, const char *path, struct sl_error *err)
{
    static const char *const metadata[] = { "format", "pt", "producer", "sluice " SL_VERSION, NULL };
    return sl_safetensors_write(path, network_of(learner)->graph, metadata, err);
}

static const char *notice(const struct sl_learner *learner)
{
    return ((const struct network *)learner)->why;
}

static const char *device(const struct sl_learner *learner, struct sl_device_usage *usage)
{
    const struct network *net = (const struct network *)learner;
    if (usage && !sl_device_usage(net->device, usage))
        *usage = (struct sl_device_usage){ .busy = (double)NAN };
    return net->device->name;
}

/* Rows of pictures are never sparse. */
#define NETWORK(of, taken)                                                                                          \
    {                                                                                                               \
        .stage = &sl_stage_##of, .layouts = (taken), .regresses = true, .begin = begin, .step = step,               \
        .predict = network_predict, .save = network_save, .load = network_load, .tunable = network_tunable,         \
        .tune = network_tune, .setting = network_setting, .halt = halt, .within = within, .settle = settle,         \
        .guilty = guilty, .epoch = epoch, .inspect = network_inspect, .take = network_take,                         \
        .copy_weights = network_copy_weights, .export_weights = export_weights, .notice = notice, .device = device, \
        .scheduled = network_scheduled, .free = free_learner                                                        \
    }

const struct sl_learner_class mlp_learner = NETWORK(mlp, SL_LAYOUT_SPARSE | SL_LAYOUT_DENSE | SL_LAYOUT_BYTES);
const struct sl_learner_class cnn_learner = NETWORK(cnn, SL_LAYOUT_DENSE | SL_LAYOUT_BYTES);
const struct sl_learner_class resnet_learner = NETWORK(resnet, SL_LAYOUT_DENSE | SL_LAYOUT_BYTES);
