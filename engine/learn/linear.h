/* linear.h: what the solvers of linear classifiers share: one weight vector per output, sums over the training rows. */
#ifndef SL_LINEAR_H
#define SL_LINEAR_H

#include "sluice/learn.h"

enum linear_solver { SOLVER_LIBLINEAR, SOLVER_LBFGS, SOLVER_SGD, SOLVER_ADAM };

struct logistic_params {
    struct sl_names columns;
    double C;
    int solver;
    double tol;
    int64_t max_iter;
    bool fit_intercept;
    int class_weight;
    double learning_rate;
    int64_t batch_size;
    int64_t random_state;
};

struct linear_solver_class;

struct linear {
    struct sl_learner base;
    const struct logistic_params *params; /* &own */
    struct logistic_params own;           /* the stage's, and what was tuned since */
    const struct sl_dataset *data;
    struct sl_pool *pool;
    uint32_t width, dim; /* F; F + 1: the intercept is the last */
    uint32_t outputs;    /* weight vectors: 1 for two classes, else one a class */
    double *w;           /* outputs × dim */
    double *class_c;     /* C of each class */
    uint64_t n;          /* training rows */
    uint64_t *row;       /* first row of each training block */
    size_t *group;       /* blocks group[g]..group[g+1]-1 are summed together */
    size_t n_groups;
    double *partial; /* n_groups × (dim + 1) */
    double *z;       /* outputs × n: margins at w */
    uint64_t step;
    bool converged;
    double loss, gradient_norm;
    double seconds;
    const struct linear_solver_class *solver;
    void *state;              /* the solver's */
    bool (*asked)(void *ctx); /* to halt; NULL: never */
    void *asked_ctx;
    uint64_t *guilty; /* records a non-finite loss came from, the first LINEAR_GUILTY of them */
    size_t n_guilty;  /* of all */
};

#define LINEAR_GUILTY 1024
extern const struct sl_learner_class logistic_learner;

struct linear_solver_class {
    int (*begin)(struct linear *lin, struct sl_error *err);
    /* One iteration: moves w, sets z, loss, gradient_norm, converged. SL_ECANCEL: halted within it. */
    int (*step)(struct linear *lin, struct sl_error *err);
    /* NULL: iterations are never halted. */
    bool (*within)(const struct linear *lin);
    void (*settle)(struct linear *lin);
    void (*save)(const struct linear *lin, struct sl_buf *to);
    /* places: the state knows its place within an iteration. */
    int (*load)(struct linear *lin, struct sl_blob *from, bool places, struct sl_error *err);
    void (*free)(struct linear *lin);
};
extern const struct linear_solver_class linear_tron, linear_lbfgs, linear_sgd;

/* logistic_tune.c: what may change while it trains. */
int logistic_tunable(const struct sl_stage *stage, const char *parameter, const char *value, struct sl_error *err);
int logistic_tune(struct sl_learner *learner, const char *parameter, const char *value, struct sl_error *err);
double logistic_setting(const struct sl_learner *learner, const char *parameter);
/* logistic_save.c */
int logistic_save(const struct sl_learner *learner, struct sl_buf *to, struct sl_error *err);
int logistic_load(struct sl_learner *learner, struct sl_str from, struct sl_error *err);
/* The tuned parameters in a saved state. */
void logistic_save_tuned(const struct linear *lin, struct sl_buf *to);
int logistic_load_tuned(struct linear *lin, struct sl_blob *from, struct sl_error *err);

/* linear_guilty.c: the rows whose part in the loss is not finite at these weights (`outputs` vectors of dim), of all
 * training rows or of a batch; all of them when each part for itself is. */
void linear_blame_all(struct linear *lin, const double *w, uint32_t outputs);
void linear_blame_batch(struct linear *lin, const uint32_t *rows, uint64_t n, const uint32_t *block);

/* z = X w (with intercept), n values. */
void linear_margins(struct linear *lin, const double *w, double *z);
/* out = Xᵀ a, dim values. */
void linear_transpose(struct linear *lin, const double *a, double *out);
/* out = Xᵀ (d ∘ (X v)), dim values, in one pass over the rows. */
void linear_hessian(struct linear *lin, const double *v, const double *d, double *out);
/* Sum over rows of term(ctx, row, class), in an order that does not depend on threads. */
double linear_sum(struct linear *lin, double (*term)(void *ctx, uint64_t row, uint32_t y), void *ctx);
/* Softmax of n margins in place; returns log of the sum of exponentials. */
double linear_softmax(double *z, uint32_t n);

static inline double linear_dot(const double *a, const double *b, size_t n)
{
    double s = 0;
    for (size_t i = 0; i < n; i++)
        s += a[i] * b[i];
    return s;
}

/* Margin of one row. Four sums, always in the same order. */
static inline double linear_row(const struct sl_rows *rows, uint32_t i, const double *w, uint32_t width)
{
    uint32_t k = rows->start[i], end = rows->start[i + 1];
    const uint32_t *index = rows->index;
    const float *value = rows->value;
    double a = w[width], b = 0, c = 0, d = 0;
    for (; k + 4 <= end; k += 4) {
        a += (double)value[k] * w[index[k]];
        b += (double)value[k + 1] * w[index[k + 1]];
        c += (double)value[k + 2] * w[index[k + 2]];
        d += (double)value[k + 3] * w[index[k + 3]];
    }
    for (; k < end; k++)
        a += (double)value[k] * w[index[k]];
    return (a + b) + (c + d);
}

#endif
