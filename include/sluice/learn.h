/* learn.h: matrices of encoded records, learners that iterate over them, metrics.
 *
 * Shapes  matrix: N records × F features, rows in blocks (one per chunk): compressed sparse rows in float32, or, for
 *         learners that take them, dense float32 or bytes
 * Rules   sums over rows are reduced over blocks in a fixed order, so results do not depend on the number of threads */
#ifndef SLUICE_LEARN_H
#define SLUICE_LEARN_H

#include "sluice/device.h"
#include "sluice/pipeline.h"

enum sl_layout {
    SL_LAYOUT_SPARSE = 1,
    SL_LAYOUT_DENSE = 2, /* n × F floats */
    SL_LAYOUT_BYTES = 4, /* n × F bytes: one vector column kept as bytes */
};

struct sl_rows {
    uint32_t n;
    uint32_t *start; /* n + 1; sparse */
    uint32_t *index; /* rising within a row, below F */
    float *value;
    float *dense;     /* layout dense */
    uint8_t *bytes;   /* layout bytes */
    uint32_t *y;      /* class of each row; UINT32_MAX: unknown; NULL in regression */
    float *target;    /* regression: what to predict; NaN: unknown */
    uint64_t *record; /* its number in the input */
    void *mapped;     /* over the budget: the arrays lie in a mapped temporary file, from here … */
    size_t mapped_bytes;
};

/* Done with these rows for now: mapped ones leave memory until they are looked at again. */
void sl_rows_rest(const struct sl_rows *rows);

struct sl_matrix {
    struct sl_rows *blocks; /* in input order */
    size_t n_blocks;
    uint64_t n;     /* rows */
    uint32_t width; /* F */
    uint64_t nonzeros;
    enum sl_layout layout;
    float scale, offset;      /* bytes: value = byte × scale + offset */
    struct sl_remake *remake; /* its blocks hold no features: they are made again (sl_rows_open); NULL: they do */
};

/* Rows first..first+n-1 of a block with their features: those kept, or made again from the records. From any thread;
 * close when done. Errors of making again: SL_EIO a record cannot be read any more, or has become another. */
struct sl_rows_view {
    struct sl_rows rows;
    void *made; /* NULL: nothing was */
};
int sl_rows_open(const struct sl_matrix *matrix, const struct sl_rows *rows, uint32_t first, uint32_t n,
                 struct sl_rows_view *out, struct sl_error *err);
void sl_rows_close(struct sl_rows_view *view);

/* Everything a learner trains on. Owns its memory. */
struct sl_dataset {
    struct sl_matrix train, test,
        validation;                     /* validation: `read … as=validation`, `split validation_size=`; else empty */
    bool regression;                    /* `label … task=regression` */
    uint32_t n_classes;                 /* 0 in regression */
    char **classes;                     /* n_classes names */
    uint32_t height, breadth, channels; /* of the one picture column that the features are; else 0 */
    uint32_t n_columns;                 /* encoded columns joined, in schema order */
    size_t *columns;                    /* their schema indices */
    uint32_t *first;                    /* their first feature; n_columns + 1 */
    struct sl_redraw *redraw; /* training rows are made anew for each epoch (SL_AUGMENT), from here; NULL: not;
                               * `train` holds them as they are without */
    struct sl_remake *remake; /* rows are not kept but made again (`batch cache=none`); NULL: they are */
    uint64_t held;            /* bytes of rows in memory */
    void *map;                /* of rows over the budget */
    size_t map_bytes;
};

/* Run the pipeline (see sl_pipeline_run; its sink is used here) and join the features its learner takes: the columns it
 * names, else every encoded column, else every number column but the target. */
int sl_dataset_new(struct sl_dataset **out, struct sl_run **run, struct sl_pipeline *pipeline,
                   const struct sl_run_options *options, struct sl_error *err);
void sl_dataset_free(struct sl_dataset *dataset);
/* The same joining for one encoded chunk (predicting, stepping). Arrays in chunk->arena. */
int sl_dataset_rows(const struct sl_dataset *shape, const struct sl_stage *label, const struct sl_chunk *chunk,
                    struct sl_rows *out, struct sl_error *err);
/* Features of row i that are not 0, rising, whatever the layout: returns how many; put only when index and value are
 * given. NaN: its column is missing. */
uint32_t sl_row_features(const struct sl_matrix *layout, const struct sl_rows *rows, uint32_t i, uint32_t *index,
                         float *value);
/* Is no feature of row i missing? */
bool sl_row_complete(const struct sl_matrix *layout, const struct sl_rows *rows, uint32_t i);
/* The joining's layout alone, for predicting: same fields, empty matrices. */
int sl_dataset_shape(struct sl_dataset **out, struct sl_pipeline *pipeline, struct sl_error *err);
/* Name of feature j: "review_text: boring". */
void sl_dataset_feature(const struct sl_dataset *shape, struct sl_pipeline *pipeline, uint32_t j, struct sl_buf *to);

/* One point of the curves. */
struct sl_point {
    uint64_t step; /* iterations done */
    uint64_t rows; /* training rows seen in all */
    double loss;   /* objective per training record, comparable between runs: mean log loss + penalty / N; network: mean
                    * loss of the batch */
    double gradient_norm;
    double train_accuracy; /* NaN when not evaluated; network: of the batch. Regression: NaN */
    double test_accuracy,
        test_loss;        /* of the validation records, of test when there are none; NaN when not evaluated */
    double seconds;       /* of training, pauses excluded */
    double learning_rate; /* of this step; NaN: none */
};

/* What an epoch of a network came to. */
struct sl_epoch {
    uint64_t epoch, step;            /* epochs and steps done */
    double loss, accuracy;           /* mean over its batches, each weighted by its rows (as Keras shows) */
    double val_loss, val_accuracy;   /* of validation, else test; NaN: neither */
    double learning_rate;            /* of its last step */
    double seconds, rows_per_second; /* of training in it, evaluation excluded */
    double wait_share;               /* of those seconds: the trainer waited for a batch */
    bool best;                       /* the best so far by what early stopping watches */
};

/* A network looked into after a step: what views show. Owned by whoever took it (sl_inspection_free). */
#define SL_HISTOGRAM_BINS 32
struct sl_spread {
    double mean, sd, min, max, zeros; /* zeros: share of exact zeros */
    uint64_t nonfinite;
    uint32_t bins[SL_HISTOGRAM_BINS]; /* equal bins between min and max; left of bin k: min + k(max − min)/BINS */
};
struct sl_layer_view {
    char *name, *kind; /* "dense_1", "dense relu" */
    uint32_t units;    /* outputs per record */
    size_t parameters;
    struct sl_spread output, output_gradient; /* activations of the batch */
    struct sl_spread weight, weight_gradient; /* parameters == 0: all zero */
};
struct sl_inspection {
    uint64_t step;
    size_t n_layers;
    struct sl_layer_view *layers;
    uint32_t n;                         /* records of the batch shown: the first SL_INSPECT_ROWS */
    uint32_t width;                     /* features of each */
    uint32_t height, breadth, channels; /* as pictures; 0: they are none */
    float *x;                           /* n × width, as the network saw them */
    uint64_t *record;
    uint32_t *y;   /* classes; NULL in regression */
    float *target; /* regression */
    uint32_t outputs;
    float *output;    /* n × outputs: probabilities, or predictions */
    float *row_loss;  /* n */
    uint32_t n_units; /* first layer with weights: units shown (at most SL_INSPECT_UNITS), and … */
    float *first;     /* … their weights, n_units × width */
    uint32_t n_classes;
    char **classes; /* their names, as the label has them; 0 and NULL in regression */
};
#define SL_INSPECT_ROWS  64u
#define SL_INSPECT_UNITS 256u
void sl_inspection_free(struct sl_inspection *inspection);

struct sl_learner;

struct sl_learner_class {
    const struct sl_stage_class *stage;
    unsigned layouts; /* enum sl_layout bits it takes rows in; the dataset picks the smallest */
    bool regresses;   /* it can learn a number */
    /* Ready to iterate over data (borrowed until free). A network takes `batch` and `train` settings from the pipeline
     * (others: may be NULL). memory: budget for what it keeps, in bytes; 0: none given. */
    int (*begin)(struct sl_learner **out, struct sl_pipeline *pipeline, const struct sl_stage *stage,
                 const struct sl_dataset *data, struct sl_pool *pool, uint64_t memory, struct sl_error *err);
    /* One iteration: Newton step, L-BFGS step, epoch of a linear learner, or batch of a network. Fills point. SL_EEND
     * when converged or at max_iter (point is then the last one again). A non-finite loss: SL_EDATA, weights as before
     * the step; see guilty. SL_ECANCEL: halted within the iteration (see halt); the next call goes on from there. */
    int (*step)(struct sl_learner *learner, struct sl_point *point, struct sl_error *err);
    /* rows × classes probabilities into out; thread-safe. */
    int (*predict)(const struct sl_learner *learner, const struct sl_rows *rows, double *out, struct sl_error *err);
    /* The whole state: stepping on after load gives the same bits as never having stopped. */
    int (*save)(const struct sl_learner *learner, struct sl_buf *to, struct sl_error *err);
    /* Into a learner from begin() (to go on), or from begin() with data of sl_dataset_shape (to predict only). */
    int (*load)(struct sl_learner *learner, struct sl_str from, struct sl_error *err);
    /* Weights of a class: width entries, and intercept; borrowed. Binary: class 1 only. NULL: not a linear model. */
    const double *(*weights)(const struct sl_learner *learner, uint32_t k, double *intercept);

    /* May this parameter of the stage change while it trains, and to this value (NULL: to any)? For logistic:
     * learning_rate and batch_size of sgd and adam, tol, max_iter. SL_EPARAM says why not, or names the nearest. */
    int (*tunable)(const struct sl_stage *stage, const char *parameter, const char *value, struct sl_error *err);
    /* Change it: from the next iteration on, and part of what save() keeps. Errors: as tunable; SL_ESTATE within an
     * iteration. */
    int (*tune)(struct sl_learner *learner, const char *parameter, const char *value, struct sl_error *err);
    /* The number a parameter stands at; NaN: there is none of that name here. A network also tells how far it is to go:
     * "steps_per_epoch", "epochs" and, as max_iter, steps in all; and "wait_share": of the time its steps have taken in
     * the epoch under way, how much they waited for batches. */
    double (*setting)(const struct sl_learner *learner, const char *parameter);

    /* What step() asks between two batches of a long iteration: is it to halt there? NULL: never. */
    void (*halt)(struct sl_learner *learner, bool (*asked)(void *ctx), void *ctx);
    /* Did step() stop within an iteration? The whole of that state is in save() and load(), too. */
    bool (*within)(const struct sl_learner *learner);
    /* Back to the end of the last whole iteration, whose point was the last: weights and all. */
    void (*settle)(struct sl_learner *learner);
    /* After a non-finite loss: numbers of the records of the batch (all training records, when the solver takes them at
     * once) whose own part in it is not finite, in the order in which they were looked at; all of the batch when each
     * part for itself is finite. Returns how many there are, of which the first `max` are put. */
    size_t (*guilty)(const struct sl_learner *learner, uint64_t *records, size_t max);

    /* --- networks; NULL for others --- */
    /* Did the last step end an epoch? Then out is filled. */
    bool (*epoch)(const struct sl_learner *learner, struct sl_epoch *out);
    /* Say so before the next step, then take what it looked like after it. On a learner that was only loaded (no step
     * yet) take() runs one batch forward. */
    int (*inspect)(struct sl_learner *learner, bool wanted, struct sl_error *err);
    int (*take)(struct sl_learner *learner, struct sl_inspection **out, struct sl_error *err);
    /* All weights, in the order of that file; *out is owned by the caller (free). */
    int (*copy_weights)(const struct sl_learner *learner, float **out, size_t *n, struct sl_error *err);
    /* Weights alone, as a safetensors file. */
    int (*export_weights)(struct sl_learner *learner, const char *path, struct sl_error *err);
    /* A sentence worth telling once, or NULL: why no GPU was taken. Borrowed. */
    const char *(*notice)(const struct sl_learner *learner);
    /* "cpu, 2 threads, AVX-512"; and how busy it is. */
    const char *(*device)(const struct sl_learner *learner, struct sl_device_usage *usage);
    /* What a parameter stands at by the schedule after `step` steps, when given as `value` (learning_rate); NULL: just
     * value. total: steps there will be. */
    double (*scheduled)(struct sl_pipeline *pipeline, const char *parameter, double value, uint64_t step,
                        uint64_t total);
    void (*free)(struct sl_learner *learner);
};
struct sl_learner {
    const struct sl_learner_class *class;
};
/* Where learning_rate and the like of this pipeline's learner are written: the params of its own statement, or of
 * `train`. */
const void *sl_learner_settings(struct sl_pipeline *pipeline, const struct sl_stage_class **class);
/* Learner of a stage, or NULL. */
const struct sl_learner_class *sl_learner_find(const struct sl_stage *stage);

/* Final figures on one set. Definitions and edge cases as sklearn.metrics. */
struct sl_metrics {
    uint64_t n;
    double accuracy, log_loss, roc_auc; /* roc_auc: binary, else macro one-vs-rest; NaN when undefined */
    uint32_t n_classes;
    uint64_t *confusion;             /* n_classes², rows true, columns predicted; owned */
    double *precision, *recall, *f1; /* per class; owned */
};
/* probabilities: n × n_classes; y: class or UINT32_MAX (left out). Ties predict the lower class. */
int sl_metrics_compute(struct sl_metrics *out, const double *probabilities, const uint32_t *y, uint64_t n,
                       uint32_t n_classes, struct sl_error *err);
void sl_metrics_release(struct sl_metrics *metrics);
/* Final figures of a number that was predicted, on one set. Definitions as sklearn.metrics. */
struct sl_fit_figures {
    uint64_t n;
    double mse, mae, r2; /* mean squared and mean absolute error; r2: NaN below two records */
};
/* Predict a whole matrix: probabilities n × n_classes and y, both owned by the caller (free), in row order. Regression
 * (n_classes 0): one prediction a row, and y is NULL. */
int sl_learner_evaluate(const struct sl_learner *learner, const struct sl_matrix *matrix, uint32_t n_classes,
                        struct sl_pool *pool, double **probabilities, uint32_t **y, struct sl_error *err);

#endif
