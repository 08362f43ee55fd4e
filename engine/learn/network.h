/* network.h: what the files of the network learner share: parameters of `batch`, `mlp` and `train`, and its state. */
#ifndef SL_NETWORK_H
#define SL_NETWORK_H

#include "sluice/learn.h"
#include "sluice/loader.h"
#include "sluice/network.h"
#include "sluice/optimizer.h"

#include <pthread.h>

enum batch_cache { CACHE_AUTO, CACHE_NONE, CACHE_MEMORY, CACHE_DISK };
struct batch_params {
    int64_t size;
    bool shuffle;
    int cache;        /* enum batch_cache */
    int64_t prefetch; /* SL_NONE: auto */
    int64_t workers;  /* SL_NONE: auto */
    bool drop_remainder;
    int64_t random_state;
};

enum mlp_initializer { MLP_GLOROT_UNIFORM, MLP_HE_NORMAL };
struct mlp_params {
    struct sl_names columns;
    struct sl_names hidden; /* numbers of units */
    int activation;         /* enum mlp_activation: see mlp_activation() */
    double dropout;
    bool layer_norm;
    int initializer;
    char *weights;
};

enum train_loss { LOSS_AUTO, LOSS_CROSS_ENTROPY, LOSS_SQUARED_ERROR };
enum train_schedule { SCHEDULE_CONSTANT, SCHEDULE_STEP, SCHEDULE_COSINE };
enum train_monitor { MONITOR_AUTO, MONITOR_VAL_LOSS, MONITOR_VAL_ACCURACY, MONITOR_LOSS, MONITOR_ACCURACY };
struct train_params {
    int optimizer;
    double learning_rate; /* NaN: the rule's own */
    int64_t epochs;
    char *device;
    int loss;
    double label_smoothing;
    struct sl_names class_weight;
    double momentum;
    bool nesterov;
    double beta_1, beta_2, rho, epsilon;
    double weight_decay; /* NaN: the rule's own */
    double clipnorm, clipvalue;
    int schedule;
    int64_t decay_steps; /* SL_NONE: all there are */
    double decay_rate, alpha;
    int64_t warmup_steps, accumulate;
    int64_t steps_per_epoch; /* SL_NONE: until each record was seen */
    int64_t early_stopping;  /* epochs of patience; SL_NONE */
    int monitor;
    double min_delta;
    bool restore_best;
    int64_t keep_checkpoints;
    int64_t random_state;
};

extern const struct sl_stage_class sl_stage_batch, sl_stage_mlp, sl_stage_train;

#define MLP_LAYERS_MAX SL_HIDDEN_MAX
/* mlp.c: numbers of units from `hidden`; errors name the parameter, the word and its place. */
int mlp_hidden(const struct mlp_params *params, uint32_t units[MLP_LAYERS_MAX], size_t *n, struct sl_error *err);
enum sl_activation mlp_activation(const struct mlp_params *params);
/* train.c: class weights as written; *n 0: none, or balanced (then *balanced). */
int train_class_weights(const struct train_params *params, float *weights, size_t max, size_t *n, bool *balanced,
                        struct sl_error *err);
/* Rule, rate and schedule as the optimizer takes them. total: batches there will be. */
void train_options(const struct train_params *params, uint64_t total, struct sl_optimizer_options *out);

#endif
