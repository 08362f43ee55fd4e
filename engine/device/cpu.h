/* cpu.h: the processor as a device: what its files share.
 *
 * Every kernel has two halves. The one here cuts the work into tiles that depend on the shapes alone, gives them to the
 * pool, and adds partial results up in their order. The other does a tile in one thread; it is written once
 * (vector_*.h) and compiled for each kind of processor; `struct cpu_vector` is its table. */
#ifndef SLUICE_DEVICE_CPU_H
#define SLUICE_DEVICE_CPU_H

#include "sluice/device.h"

enum {
    SL_CPU_ALONE = 16384,   /* a kernel that touches fewer elements stays in the caller's thread */
    SL_CPU_TILE = 8192,     /* elements of a tile, where nothing else decides */
    SL_CPU_PARTIALS = 1024, /* most tiles of a kernel that adds up over all of them */
    SL_CPU_SCRATCH = 256 * 1024,
    SL_CPU_GATHERED = 64 * 1024,
    SL_CPU_COLUMNS = 64, /* columns of a strip, where a kernel adds up over the rows */
    SL_CPU_GROUP = 64,   /* rows that are added up before they join the sum over all */
};

/* What update() has worked out once for all tiles. */
struct cpu_step {
    enum sl_optimizer rule;
    bool nesterov;
    float rate;   /* the learning rate; for Adam with its bias corrections in it */
    float shrink; /* learning rate · weight decay: w −= shrink·w first */
    float scale;  /* of g, clipping by the norm included */
    float bound;  /* then into ±bound; infinity: none */
    float momentum, beta1, beta2, rho, epsilon;
};

/* One tile's figures. */
struct cpu_figures {
    double loss, correct;
};

/* Batch norm's numbers by column, for rows. */
struct cpu_norm {
    const float *mean, *by, *bias, *slope; /* slope: of the gradient */
    bool relu;
};

/* The vector code of one kind of processor: tiles in one thread. Pointers need no alignment; n may be 0. */
struct cpu_vector {
    const char *kind; /* "avx512", for sl_device_cpu */
    const char *name; /* "AVX-512", for people */
    /* by element; y may be x, dx may be dy */
    void (*activate)(enum sl_activation f, size_t n, const float *x, float *y);
    void (*activate_grad)(enum sl_activation f, size_t n, const float *x, const float *y, const float *dy, float *dx,
                          bool add);
    void (*sum)(size_t n, const float *a, const float *b, float *y);
    void (*scale)(size_t n, float by, const float *x, float *y, bool add);
    /* Elements first … first + n − 1 of an array (first divisible by 4); x and y point to the first of them. */
    void (*dropout)(size_t first, size_t n, float rate, uint64_t seed, uint32_t site, uint32_t step, const float *x,
                    float *y, bool add);
    /* What stands behind a product: rows × columns of an array whose rows lie `stride` apart. bias_rows: y = f(y + b),
     * pre (laid out as y) gets y + b where not NULL; b: of these columns, or NULL. grad_rows: dy becomes dy·f'(…), and
     * db (of these columns; may be NULL) its sums by column, over all rows, added to what is there when `add`. */
    void (*bias_rows)(size_t rows, size_t columns, size_t stride, const float *b, enum sl_activation f, float *pre,
                      float *y);
    void (*grad_rows)(size_t rows, size_t columns, size_t stride, const float *pre, const float *y,
                      enum sl_activation f, float *dy, float *db, bool add);
    /* y (columns) = by·sums over rows that lie `stride` apart */
    void (*column_sums)(size_t rows, size_t columns, size_t stride, float by, const float *x, float *y, bool add);
    float (*row_sum)(size_t n, const float *x);
    void (*fill)(size_t n, float value, float *y, bool add);
    /* Σ x²; infinity or NaN where one is in x */
    double (*square_sum)(size_t n, const float *x);
    void (*softmax)(size_t rows, size_t columns, const float *x, float *y);
    /* rows first … first + rows − 1 of `what`, a batch of `all` rows */
    struct cpu_figures (*cross_entropy)(size_t first, size_t rows, size_t all, size_t classes,
                                        const struct sl_cross_entropy *what);
    /* `by`: 2/(all elements). Gives the sum of the rows' losses. */
    double (*squared_error)(size_t rows, size_t columns, float by, const float *y, const float *t, float *dy,
                            float *row_loss);
    void (*layer_norm)(size_t rows, size_t columns, float epsilon, const float *x, const float *gain, const float *bias,
                       float *y, float *mean, float *rstd);
    void (*layer_norm_dx)(size_t rows, size_t columns, const float *x, const float *gain, const float *mean,
                          const float *rstd, const float *dy, float *dx, bool add);
    /* a strip of columns; dgain or dbias may be NULL */
    void (*layer_norm_dw)(size_t rows, size_t columns, size_t stride, const float *x, const float *mean,
                          const float *rstd, const float *dy, float *dgain, float *dbias, bool add);
    /* batch norm: columns are channels, rows of a group lie `stride` apart (norm_rows, norm_dx: side by side). Mean and
     * Σ (x − mean)²; (x − mean)·by + bias, other added, relu; dy through the relu (y NULL: none), its sums and those of
     * dy·(x − mean); by·(dy − bias − (x − mean)·slope) */
    void (*moments)(size_t rows, size_t columns, size_t stride, const float *x, float *mean, float *square);
    void (*norm_rows)(size_t rows, size_t columns, const struct cpu_norm *norm, const float *x, const float *other,
                      float *y);
    void (*norm_sums)(size_t rows, size_t columns, size_t stride, const float *x, const float *y, const float *mean,
                      float *dy, float *plain, float *across);
    void (*norm_dx)(size_t rows, size_t columns, const struct cpu_norm *norm, const float *x, const float *dy,
                    float *dx, bool add);
    /* max pooling: y = max(x, y); what is `left` of a gradient goes to dx where x reaches y */
    void (*greater)(size_t n, const float *x, float *y);
    void (*reached)(size_t n, const float *x, const float *y, float *left, float *dx);
    void (*update)(size_t n, const struct cpu_step *step, float *w, const float *g, float *m, float *v);
    /* the functions themselves, for tests of their precision: max error in units of the last place stands with each */
    void (*exp)(size_t n, const float *x, float *y);
    void (*erf)(size_t n, const float *x, float *y);
};
extern const struct cpu_vector sl_cpu_portable;
#if defined(__x86_64__)
extern const struct cpu_vector sl_cpu_avx2, sl_cpu_avx512;
#endif

/* What struct sl_device.own points to. */
struct cpu_own {
    const struct cpu_vector *vector;
    struct cpu_figures partial[SL_CPU_PARTIALS]; /* results of tiles, until they are added up */
    float *scratch;                              /* SL_CPU_SCRATCH of them, for parts of a layer … */
    float *gathered;                             /* … and SL_CPU_GATHERED for each thread */
    float *room;                                 /* of sl_cpu_room: grown where more is needed
                                                  * … */
    size_t room_floats;
    bool no_memory; /* … or there was none */
};

static inline struct cpu_own *sl_cpu_own(struct sl_device *d)
{
    return d->own;
}

/* Run body for 0..n-1: through the pool when the whole touches `elements` ≥ SL_CPU_ALONE, else here. Numbers too small
 * to be normal count as 0 in it: they mean nothing, and arithmetic with them is a hundred times slower (the averages of
 * an optimizer fade into them where a pixel is always black). */
void sl_cpu_for(struct sl_device *d, size_t elements, size_t n, void (*body)(void *ctx, size_t i, int worker),
                void *ctx);
/* n things of `size` elements each, cut into tiles of about SL_CPU_TILE elements, at most SL_CPU_PARTIALS of them:
 * things a tile. */
size_t sl_cpu_tile(size_t n, size_t size);

/* Memory of the device's own, at least so many floats, until the next call; NULL: there is none, which the next sync
 * tells. Grown, and then kept, so that a step that was taken once takes no memory. */
float *sl_cpu_room(struct sl_device *d, size_t floats);
/* Frees what sl_device_cpu made; false: `device` is another's. */
bool sl_cpu_close(struct sl_device *device);

/* --- the kernels; what each does is said in sluice/device.h --- */
/* cpu_gemm*.c */
void sl_cpu_gemm(struct sl_device *d, bool ta, bool tb, size_t m, size_t n, size_t k, const float *a, const float *b,
                 float *c, bool add);
void sl_cpu_dense(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                  const float *b, enum sl_activation f, float *pre, float *y);
void sl_cpu_dense_grad(struct sl_device *d, size_t rows, size_t in, size_t out, const float *x, const float *w,
                       const float *pre, const float *y, enum sl_activation f, float *dy, float *dx, bool add_dx,
                       float *dw, float *db, bool add_dw);
void sl_cpu_gather_dense(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                         float *x, const float *w, const float *b, enum sl_activation f, float *pre, float *y);
void sl_cpu_gather_dense_grad(struct sl_device *d, const struct sl_places *from, size_t rows, size_t in, size_t out,
                              const float *x, const float *pre, const float *y, enum sl_activation f, float *dy,
                              float *dw, float *db, bool add_dw);
/* One product in the calling thread: c (m × n, rows ldc apart) = a·b, or c + a·b. Element (i, p) of a lies at
 * a[i·row + p·column], one of the two being 1; rows of b lie ldb apart. */
void sl_cpu_product_here(const struct cpu_vector *kind, size_t m, size_t n, size_t k, const float *a, size_t row,
                         size_t column, const float *b, size_t ldb, float *c, size_t ldc, bool add);
/* cpu_conv.c, cpu_batch_norm.c, cpu_pool.c */
void sl_cpu_conv(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                 const float *b, float *y);
void sl_cpu_conv_grad(struct sl_device *d, size_t rows, const struct sl_convolution *c, const float *x, const float *w,
                      const float *dy, float *dx, bool add_dx, float *dw, float *db, bool add_dw);
void sl_cpu_batch_norm(struct sl_device *d, const struct sl_batch_norm *norm, bool training, const float *x,
                       const float *other, float *y);
void sl_cpu_batch_norm_grad(struct sl_device *d, const struct sl_batch_norm *norm, const float *x, const float *y,
                            float *dy, float *dx, bool add_dx, float *dother, bool add_dother, float *dgain,
                            float *dbias, bool add_dw);
void sl_cpu_max_pool(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x, float *y);
void sl_cpu_max_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *window, const float *x,
                          const float *y, const float *dy, float *dx, bool add);
void sl_cpu_mean_pool(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded, const float *x,
                      float *y);
void sl_cpu_mean_pool_grad(struct sl_device *d, size_t rows, const struct sl_window *window, bool padded,
                           const float *dy, float *dx, bool add);
/* Where tap (a, b) of a window's output (i, j) lies in the picture: row·width + column. false: outside. */
static inline bool sl_cpu_tap(const struct sl_window *w, size_t i, size_t j, size_t a, size_t b, size_t *place)
{
    size_t row = i * w->stride_height + a * w->dilation_height, column = j * w->stride_width + b * w->dilation_width;
    *place = (row - w->top) * w->width + (column - w->left);
    return row >= w->top && row - w->top < w->height && column >= w->left && column - w->left < w->width;
}
/* cpu_gather.c */
void sl_cpu_gather(struct sl_device *d, const struct sl_places *from, size_t rows, size_t columns, float *x);
/* Rows first … first + n − 1, of them columns from … from + width − 1, into x, whose rows lie `stride` apart. */
void sl_cpu_gather_part(const struct sl_places *places, size_t first, size_t n, size_t from, size_t width, float *x,
                        size_t stride);
/* cpu_element.c */
void sl_cpu_activate(struct sl_device *d, enum sl_activation f, size_t n, const float *x, float *y);
void sl_cpu_activate_grad(struct sl_device *d, enum sl_activation f, size_t n, const float *x, const float *y,
                          const float *dy, float *dx, bool add);
void sl_cpu_sum(struct sl_device *d, size_t n, const float *a, const float *b, float *y);
void sl_cpu_scale(struct sl_device *d, size_t n, float by, const float *x, float *y, bool add);
void sl_cpu_dropout(struct sl_device *d, size_t n, float rate, uint64_t seed, uint32_t site,
                    const struct sl_hyper *hyper, const float *x, float *y, bool add);
/* cpu_reduce.c */
void sl_cpu_column_sums(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y, bool add);
void sl_cpu_reduce(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *x, float *y);
void sl_cpu_reduce_grad(struct sl_device *d, size_t outer, size_t axis, size_t inner, bool mean, const float *dy,
                        float *dx, bool add);
/* cpu_loss.c */
void sl_cpu_softmax(struct sl_device *d, size_t rows, size_t columns, const float *x, float *y);
void sl_cpu_cross_entropy(struct sl_device *d, size_t rows, size_t classes, const struct sl_cross_entropy *what);
void sl_cpu_squared_error(struct sl_device *d, size_t rows, size_t columns, const float *y, const float *t, float *dy,
                          float *figures, float *row_loss);
/* cpu_norm.c */
void sl_cpu_layer_norm(struct sl_device *d, size_t rows, size_t columns, float epsilon, const float *x,
                       const float *gain, const float *bias, float *y, float *mean, float *rstd);
void sl_cpu_layer_norm_grad(struct sl_device *d, size_t rows, size_t columns, const float *x, const float *gain,
                            const float *mean, const float *rstd, const float *dy, float *dx, bool add_dx, float *dgain,
                            float *dbias, bool add_dw);
/* cpu_embedding.c */
void sl_cpu_embedding(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                      const float *table, float *y);
void sl_cpu_embedding_grad(struct sl_device *d, size_t n, size_t vocabulary, size_t width, const uint32_t *ids,
                           const float *dy, float *dtable, bool add);
/* cpu_update.c */
void sl_cpu_square_sum(struct sl_device *d, size_t n, const float *g, float *out);
void sl_cpu_update(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                   const float *sumsq, float *w, const float *g, float *m, float *v);

#endif
