/* device.h: where arithmetic happens: memory and a table of kernels, one per device.
 *
 * Shapes  every array is float32, row-major, without gaps, in the device's memory; sizes are in elements. A batch has
 *         rows (B), the rest of a shape is columns
 * Order   kernels are carried out in the order given. The host may look at results after sync(); on the processor each
 *         call has done its work when it returns
 * Errors  kernels return nothing: what goes wrong in them is told by the next sync(), download() or end()
 * Same    the bits of a result do not depend on the number of threads; they may differ between kinds of processors and
 *         between devices, within the limits tests/unit/device states for each kernel
 * Add     where a kernel has `add`, it adds to what is there; else it overwrites */
#ifndef SLUICE_DEVICE_H
#define SLUICE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "sluice/pool.h"

enum sl_activation { SL_LINEAR, SL_RELU, SL_GELU, SL_TANH, SL_SIGMOID }; /* gelu: the exact one, with erf */

/* What changes from step to step; lies in device memory, so that a recorded step can be given again. */
struct sl_hyper {
    float learning_rate; /* of this step */
    float correct1;      /* 1 − beta_1^t: Adam's bias corrections; 1 for the others */
    float correct2;      /* 1 − beta_2^t */
    uint32_t step;       /* batches done before this one: keys the dropout masks */
};

/* One optimizer's rule, for a run of parameters. Names, defaults and formulas are Keras's (its optimizers'
 * `update_step`). sgd      momentum, nesterov: m = momentum·m − lr·g; w += m, or momentum·m − lr·g adam(w)  m += (g −
 * m)(1 − beta1); v += (g² − v)(1 − beta2); w −= lr·√correct2/correct1·m/(√v + epsilon) rmsprop  v = rho·v + (1−rho)·g²;
 * i = lr·g/√(v + epsilon); m = momentum·m + i when there is momentum; w −= m or i */
enum sl_optimizer { SL_SGD, SL_ADAM, SL_ADAMW, SL_RMSPROP };
struct sl_update {
    enum sl_optimizer rule;
    float momentum, beta1, beta2, rho, epsilon;
    float weight_decay; /* decoupled, as Keras: w −= lr·weight_decay·w before the step; 0: none */
    float clip_norm;    /* scale g by min(1, clip_norm/‖g‖), over all parameters together; 0: none */
    float clip_value;   /* each g into ±clip_value; 0: none */
    float scale;        /* g is multiplied by this first (1/k for k accumulated batches) */
    bool nesterov;
};

/* Softmax cross-entropy with its gradient, in one. */
struct sl_cross_entropy {
    const float *logits;    /* rows × classes */
    const uint32_t *labels; /* rows; or NULL, when … */
    const float *soft;      /* … rows × classes of probabilities are given */
    const float *weights;   /* class weights (C), or NULL: a row counts as that of its label (soft: of its highest) */
    float smoothing;        /* label_smoothing: t·(1−s) + s/C */
    float *probabilities;   /* rows × classes */
    float *gradient;        /* of the mean loss with respect to logits: (p − t)·weight/rows; NULL: not wanted */
    float *figures;  /* 2: mean loss (sum of weighted row losses / rows), rows whose highest p is their label's */
    float *row_loss; /* rows, weighted */
};

/* Rows by where they lie in the host's memory: floats, or bytes that stand for byte·scale + offset. */
struct sl_places {
    const void *const *row;
    bool bytes;
    float scale, offset;
};
/* x = byte·scale + offset in float32; the same bits on every processor. */
void sl_bytes_to_floats(size_t n, const uint8_t *bytes, float scale, float offset, float *x);

/* How a kernel or a pool moves over pictures. Pictures are rows × (height, width, channels): channels last. */
struct sl_window {
    uint32_t height, width, channels; /* of what comes in */
    uint32_t out_height, out_width;
    uint32_t kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width; /* ≥ 1 */
    uint32_t top, left; /* rows of 0 above, columns of 0 to the left; below and to the right as the outputs need */
};
struct sl_convolution {
    struct sl_window window;
    uint32_t filters, groups; /* channels and filters are multiples of groups */
};
/* Batch norm over the rows of a (rows × columns) array, columns being channels. Source  Ioffe and Szegedy 2015, with
 * PyTorch's conventions: y by the biased variance, running_variance by the unbiased one. */
struct sl_batch_norm {
    size_t rows, columns;
    float epsilon, momentum;                /* momentum: share of the new batch, PyTorch's (Keras's is 1 − it) */
    enum sl_activation f;                   /* SL_LINEAR or SL_RELU, behind it all */
    const float *gain, *bias;               /* columns */
    float *running_mean, *running_variance; /* columns */
    float *mean, *rstd;                     /* columns; of the batch, from forward to gradient */
};

struct sl_device;
struct sl_kernels {
    /* --- memory --- */
    int (*alloc)(struct sl_device *d, void **out, size_t bytes, struct sl_error *err); /* zeroed, 64-byte aligned */
    void (*free)(struct sl_device *d, void *p);
    /* Host memory that upload() copies from without a detour (pinned); zeroed. */
    int (*host_alloc)(struct sl_device *d, void **out, size_t bytes, struct sl_error *err);
    void (*host_free)(struct sl_device *d, void *p);
    void (*zero)(struct sl_device *d, void *p, size_t bytes);
    void (*copy)(struct sl_device *d, void *to, const void *from, size_t bytes); /* within the device */
    int (*download)(struct sl_device *d, void *host, const void *from, size_t bytes, struct sl_error *err); /* waits */
    /* Copying in overlaps with computing: a batch is uploaded into a slot (0 or 1), which waits until what computed
     * from that slot before is through; acquire: kernels given from now on wait for the slot's uploads; release:
     * kernels given so far are the last to use it. `host` may be changed again once uploaded(slot) returned. */
    void (*upload)(struct sl_device *d, int slot, void *to, const void *host, size_t bytes);
    void (*uploaded)(struct sl_device *d, int slot);
    void (*acquire)(struct sl_device *d, int slot);
    void (*release)(struct sl_device *d, int slot);
    int (*sync)(struct sl_device *d, struct sl_error *err);
    /* Kernels given between begin and end are the same, with the same arguments, whenever key is the same. begin true:
     * the recorded ones are given again, and the caller must not give them (nor call end). key 0 is never recorded. */
    bool (*begin)(struct sl_device *d, uint64_t key);
    int (*end)(struct sl_device *d, uint64_t key, struct sl_error *err);
    void (*forget)(struct sl_device *d); /* all that was recorded: arguments are about to change */

    /* --- products --- */
    /* c (m × n) = a·b, a stored m × k, or k × m when ta; b stored k × n, or n × k when tb. */
    void (*gemm)(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
                 float *c, bool add);
    /* y (rows × out) = f(x·w + b). x rows × in, w in × out, b out or NULL. `pre` gets x·w + b where not NULL. */
    void (*dense)(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                  const float *b, enum sl_activation f, float *pre, float *y);
    /* Its gradients. dy (rows × out) is used up: it becomes the gradient before f. dx, dw, db may be NULL: not wanted.
     * pre: needed for gelu only. */
    void (*dense_grad)(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                       const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                       float *dw, float *db, bool add_dw);

    /* --- from places; devices whose memory is the host's, NULL elsewhere --- */
    void (*gather)(struct sl_device *d, const struct sl_places *from, size_t rows, size_t columns, float *x);
    /* dense, and its gradients by w and b, of rows by their places. x (rows × in) is room that they may or may not use
     * to make floats in: nobody else may look at it, or change it between the two. */
    void (*gather_dense)(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                         float *x, const float *w, const float *b, enum sl_activation f, float *pre, float *y);
    void (*gather_dense_grad)(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                              const float *x, const float *pre, const float *y, enum sl_activation f, float *dy,
                              float *dw, float *db, bool add_dw);

    /* --- by element --- */
    void (*activate)(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y);
    /* dx = dy·f'(x), with y = f(x) at hand. dx may be dy when not adding. */
    void (*activate_grad)(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                          const float *dy, float *dx, bool add);
    void (*sum)(struct sl_device *d, size_t n, const float *a, const float *b, float *y); /* y = a + b; y may be a */
    void (*scale)(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add);
    /* y = x·mask/(1 − rate); element i is kept when the draw of Philox (seed, SL_RANDOM_DROPOUT, hyper->step, i / 4,
     * site), word i % 4, is ≥ rate·2³²; others are 0 even where x is no number. Backward is the same call on the
     * gradient. */
    void (*dropout)(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site,
                    const struct sl_hyper *hyper, const float *x, float *y, bool add);

    /* --- by row and column --- */
    void (*column_sums)(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add);
    /* x seen as outer × axis × inner; y outer × inner: sums, or means, over the axis. */
    void (*reduce)(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y);
    void (*reduce_grad)(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                        float *dx, bool add);
    void (*softmax)(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y);
    void (*cross_entropy)(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what);
    /* figures[0] = mean over all elements of (y − t)²; [1] 0. dy = 2(y − t)/(rows·columns), or NULL. row_loss: mean
     * over the row. */
    void (*squared_error)(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                          float *figures, float *row_loss);
    /* y = (x − mean)/√(variance + epsilon)·gain + bias, by row; mean and 1/√… are kept (rows each). */
    void (*layer_norm)(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x,
                       const float *gain, const float *bias, float *y, float *mean, float *rstd);
    void (*layer_norm_grad)(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                            const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                            float *dbias, bool add_dw);
    /* y (n × width) = rows ids[0..n-1] of table; an id beyond `vocabulary` gives zeros. Its gradient adds up rows in
     * the order of n. */
    void (*embedding)(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                      const float *table, float *y);
    void (*embedding_grad)(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                           const float *dy, float *dtable, bool add);

    /* --- pictures --- */
    /* y = x * w + b, cross-correlation as in PyTorch and Keras. w (filters, channels / groups, kernel height, kernel
     * width), b (filters) or NULL. */
    void (*conv)(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                 const float *b, float *y);
    /* Its gradients; dx, dw, db may be NULL: not wanted. dy is left as it was. */
    void (*conv_grad)(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                      const float *dy, float *dx, bool add_dx, float *dw, float *db, bool add_dw);
    /* y = f((x − mean)·rstd·gain + bias + other). training: mean and variance of these rows, which also move the
     * running ones (of a channel where they are finite); else the running ones. other: NULL: none. y may be x when not
     * training. */
    void (*batch_norm)(struct sl_device *d, const struct sl_batch_norm *norm, bool training, const float *x,
                       const float *other, float *y);
    /* Gradients of the training form. dy is used up where f is relu: it becomes the gradient before f. dother gets
     * that gradient; it and dx may be NULL. dx may be dy when not adding. */
    void (*batch_norm_grad)(struct sl_device *d, const struct sl_batch_norm *norm, const float *x, const float *y,
                            float *dy, float *dx, bool add_dx, float *dother, bool add_dother, float *dgain,
                            float *dbias, bool add_dw);
    /* Greatest value of each window (padding never wins; the first of equals), or the mean of what lies inside the
     * picture, or, `padded`, of the whole window, the zeros around counted too (PyTorch's count_include_pad). */
    void (*max_pool)(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x, float *y);
    void (*max_pool_grad)(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x,
                          const float *y, const float *dy, float *dx, bool add);
    void (*mean_pool)(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded, const float *x,
                      float *y);
    void (*mean_pool_grad)(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded,
                           const float *dy, float *dx, bool add);

    /* --- learning --- */
    /* *out = Σ g², in a fixed order. */
    void (*square_sum)(struct sl_device *d, size_t n, const float *g, float *out);
    /* One step of `how` on n parameters; g is left as it was. sumsq: Σ g² of all (unscaled) gradients, for clip_norm;
     * when it is not finite nothing is changed at all, so that weights stay good. m, v: the rule's state, zero at
     * first, NULL where it has none. */
    void (*update)(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                   const float *sumsq, float *w, const float *g, float *m, float *v);
};

struct sl_device {
    const struct sl_kernels *kernels;
    char name[96];        /* "cpu, 2 threads, AVX-512", "NVIDIA H200" */
    bool host;            /* its memory is the host's: pointers may be followed, uploads are plain copies */
    struct sl_pool *pool; /* cpu: borrowed; NULL: the caller's thread alone */
    void *own;
};

/* A device by name: "cpu", "cuda", "cuda:N", "auto" (cuda where it works, else cpu). `need`: bytes it must have free;
 * 0: unknown. With auto, *why gets one sentence when a GPU was looked for and not taken (owned, free(); NULL: nothing
 * to say). Errors: SL_EPARAM unknown name; SL_ESTATE cuda asked for and there is none, no driver, or too little memory.
 */
int sl_device_open(struct sl_device **out, const char *name, struct sl_pool *pool, uint64_t need, char **why,
                   struct sl_error *err);
void sl_device_close(struct sl_device *device);

/* How busy it is: share of its time in use (0..1; NaN unknown) and bytes of memory; GPUs only. */
struct sl_device_usage {
    double busy;
    uint64_t used, total;
};
bool sl_device_usage(struct sl_device *device, struct sl_device_usage *out);

/* The processor's own device, with the vector code of a kind of processor, for tests: "portable", "avx2", "avx512";
 * NULL: the best this one can. Errors: SL_EPARAM it cannot. */
int sl_device_cpu(struct sl_device **out, const char *kind, struct sl_pool *pool, struct sl_error *err);

/* --- what a plug-in offers: one symbol, `const struct sl_device_plugin sl_device_plugin` --- */
#define SL_DEVICE_ABI 1
struct sl_device_plugin {
    uint32_t abi; /* SL_DEVICE_ABI: others are refused */
    const char *name;
    int (*open)(struct sl_device **out, int number, uint64_t need, struct sl_error *err);
    void (*close)(struct sl_device *device);
    bool (*usage)(struct sl_device *device, struct sl_device_usage *out);
};

#endif
