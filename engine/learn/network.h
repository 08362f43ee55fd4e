/* network.h: what the files of the network learner share: parameters of `batch` and `train`, what a network's own
 * statement tells (struct network_kind), and the learner's state. */
#ifndef SL_NETWORK_H
#define SL_NETWORK_H

#include "sluice/learn.h"
#include "sluice/loader.h"
#include "sluice/network.h"
#include "sluice/optimizer.h"

#include <pthread.h>

enum batch_cache { CACHE_AUTO, CACHE_MEMORY, CACHE_DISK, CACHE_NONE };
struct batch_params {
    int64_t size;
    bool shuffle;
    int cache;        /* enum batch_cache */
    int64_t prefetch; /* SL_NONE: auto */
    int64_t workers;  /* SL_NONE: auto */
    bool drop_remainder;
    int64_t random_state;
};

struct mlp_params {
    struct sl_names columns;
    struct sl_names hidden; /* numbers of units */
    int activation;
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

struct cnn_params {
    struct sl_names columns;
    struct sl_names layers; /* words that sl_layer_parse knows */
    int activation, padding, initializer;
    char *weights;
};
struct resnet_params {
    struct sl_names columns;
    int depth; /* index into 18, 34, 50, 101 */
    int stem, freeze;
    bool recompute;
    char *weights;
};

extern const struct sl_stage_class sl_stage_batch, sl_stage_mlp, sl_stage_cnn, sl_stage_resnet, sl_stage_train;

/* What a network's statement says of it; params are its own. */
struct network_kind {
    const struct sl_stage_class *stage;
    bool pictures; /* it takes one column of pictures, and nothing else */
    /* Its nodes into an empty graph, whose first error sl_graph_plan tells. Errors: of the params, naming them. */
    int (*build)(const void *params, struct sl_shape input, const struct sl_ending *end, struct sl_graph *graph,
                 struct sl_error *err);
    /* The file its weights begin with, or NULL. */
    const char *(*weights)(const void *params);
    const char *head; /* parameters with names that begin so may differ from that file's: they stay as drawn */
};
extern const struct network_kind network_mlp, network_cnn, network_resnet;
const struct network_kind *network_kind_of(const struct sl_stage_class *stage);

extern const char *const network_activations[], *const network_initializers[];
enum sl_activation network_activation(int choice);
enum sl_initializer network_initializer(int choice);
/* For bind() of a network of pictures: is there a column of them? `columns` as the statement names them. */
int network_bind_pictures(struct sl_stage *stage, const struct sl_names *columns, const struct sl_schema *in,
                          struct sl_error *err);
/* train.c: class weights as written; *n 0: none, or balanced (then *balanced). */
int train_class_weights(const struct train_params *params, float *weights, size_t max, size_t *n, bool *balanced,
                        struct sl_error *err);
/* Rule, rate and schedule as the optimizer takes them. total: batches there will be. */
void train_options(const struct train_params *params, uint64_t total, struct sl_optimizer_options *out);

/* --- the learner --- */

struct network_sums {
    double loss, correct; /* Σ over its batches of mean loss × rows; rows right */
    uint64_t rows;
    double seconds, wait;
};
/* What early stopping knows. */
struct network_best {
    double value; /* of what is watched; NaN: none yet */
    uint64_t epoch, waited;
    bool stop;
    float *w; /* weights then; NULL: not kept */
};
struct network_replica;

struct network {
    struct sl_learner base;
    const struct sl_dataset *data;
    struct sl_pool *pool;
    uint64_t memory;
    struct batch_params batch; /* copies; texts are borrowed from the recipe */
    const struct network_kind *kind;
    struct train_params train; /* with what was tuned since */
    const struct network_devices *devices;
    struct sl_device *device;
    char *why;
    struct sl_graph *graph;
    struct sl_optimizer_options options;
    struct sl_optimizer_state *optimizer; /* NULL: only to predict */
    struct sl_row_source source;
    struct sl_mixer mixer; /* n 0: rows are not mixed */
    uint32_t *labels[2];   /* of the slots, where the graph takes shares of classes instead */
    struct sl_loader *loader;
    uint32_t outputs;
    uint64_t per_epoch; /* steps */

    uint64_t step, rows;
    double seconds;
    bool over;
    struct sl_point last;
    struct network_sums sums; /* of the epoch under way */
    struct sl_epoch epoch;    /* the last one that ended */
    bool epoch_ended;         /* by the last step */
    struct network_best best;

    struct sl_batch in[2]; /* the graph's slots */
    bool filled;           /* the next batch lies in its slot */
    uint64_t loaded;       /* number of the batch the loader gives next */
    uint64_t *guilty;
    size_t n_guilty;
    bool inspecting, looked; /* looked: there was a step since inspecting began */

    pthread_mutex_t lock; /* replicas; the graph, when it predicts on a device that is not the host's */
    struct network_replica *idle;
};
extern const struct sl_learner_class mlp_learner, cnn_learner, resnet_learner;

static inline struct network *network_of(struct sl_learner *learner)
{
    return (struct network *)learner;
}
/* Steps there will be. */
static inline uint64_t network_total(const struct network *net)
{
    return (uint64_t)net->train.epochs * net->per_epoch;
}

/* Where devices come from: sl_device_open and sl_device_close, or a test's. */
struct network_devices {
    int (*open)(struct sl_device **out, const char *name, struct sl_pool *pool, uint64_t need, char **why,
                struct sl_error *err);
    void (*close)(struct sl_device *device);
};
extern const struct network_devices network_usual_devices;

/* What a pipeline says about a network. */
struct network_settings {
    const struct network_kind *kind;
    const void *params; /* the kind's; looked at while it is made */
    const struct batch_params *batch;
    const struct train_params *train;
    const char *folder;                    /* that paths are relative to; NULL: the current one */
    const struct network_devices *devices; /* NULL: the usual ones */
    uint32_t line;                         /* the number of its statement, for errors; 0: none */
};
int network_new(struct sl_learner **out, const struct network_settings *settings, const struct sl_dataset *data,
                struct sl_pool *pool, uint64_t memory, struct sl_error *err);

/* The graph's slot of a batch. Where nothing is made ahead one is enough, and stays in the caches. */
static inline int network_slot(const struct network *net, uint64_t number)
{
    return net->device->host ? 0 : (int)(number & 1);
}

/* network_build.c: device, graph, optimizer, loader from the settings. */
int network_build(struct network *net, const struct network_settings *settings, struct sl_error *err);
/* network_graph.c: its nodes, planned and drawn, or read from its file of weights. */
int network_make_graph(struct network *net, const struct network_settings *settings, struct sl_error *err);
/* About what that will take of the device, in bytes; 0: it cannot be told. */
uint64_t network_need(const struct network *net, const struct network_settings *settings);
/* The optimizer's numbers from the settings as they are now. */
void network_set_options(struct network *net);

/* network_batch.c: batch `net->step` into its slot, unless it is there. */
int network_fill(struct network *net, struct sl_error *err);
/* The next one, while the device computes. */
int network_fill_next(struct network *net, struct sl_error *err);
/* The slots hold something else now. */
void network_spoil(struct network *net);
/* Records of the batch of n just computed that are to blame for a loss that is no number. */
int network_blame(struct network *net, uint32_t n, struct sl_error *err);

/* network_epoch.c: after the last step of an epoch. Fills the rest of net->last. */
int network_end_epoch(struct network *net, struct sl_error *err);
/* The training is over: the best weights when they are wanted. */
int network_finish(struct network *net, struct sl_error *err);
/* What is watched: never MONITOR_AUTO. */
enum train_monitor network_monitor(const struct network *net);

/* network_predict.c */
int network_predict(const struct sl_learner *learner, const struct sl_rows *rows, double *out, struct sl_error *err);
/* Mean loss and accuracy over the rows whose label is known; NaN: there are none. */
int network_evaluate(struct network *net, const struct sl_matrix *matrix, double *loss, double *accuracy,
                     struct sl_error *err);
void network_free_replicas(struct network *net);

/* network_save.c */
int network_save(const struct sl_learner *learner, struct sl_buf *to, struct sl_error *err);
int network_copy_weights(const struct sl_learner *learner, float **out, size_t *n, struct sl_error *err);
int network_load(struct sl_learner *learner, struct sl_str from, struct sl_error *err);

/* network_tune.c */
int network_tunable(const struct sl_stage *stage, const char *parameter, const char *value, struct sl_error *err);
int network_tune(struct sl_learner *learner, const char *parameter, const char *value, struct sl_error *err);
double network_setting(const struct sl_learner *learner, const char *parameter);
double network_scheduled(struct sl_pipeline *pipeline, const char *parameter, double value, uint64_t step,
                         uint64_t total);

/* network_inspect.c */
int network_inspect(struct sl_learner *learner, bool wanted, struct sl_error *err);
int network_take(struct sl_learner *learner, struct sl_inspection **out, struct sl_error *err);

#endif
