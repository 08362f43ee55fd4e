/* logistic.c: the learner `logistic`: table, iterations with their figures, prediction, saving.
 *
 * Source  scikit-learn's LogisticRegression: names, defaults and probabilities. With solver=liblinear more than two
 * classes are one against the rest, and their probabilities are normalised sigmoids; otherwise multinomial. */
#include "linear.h"

#include "sluice/stage.h"

#include <math.h>
#include <stdlib.h>

static const char *const solvers[] = { "liblinear", "lbfgs", "sgd", "adam", NULL };
static const char *const class_weights[] = { "none", "balanced", NULL };

static const struct logistic_params defaults = {
    .C = 1.0,
    .tol = 1e-4,
    .max_iter = 100,
    .fit_intercept = true,
    .learning_rate = 0.01,
    .batch_size = 64,
};

static const struct sl_param params[] = {
    SL_COLUMNS(struct logistic_params, columns, .types = SL_NUMBER | SL_VECTOR | SL_SPARSE,
               .help = "columns to learn from; all encoded columns when none "
                       "is named, else all numbers"),
    SL_REAL(struct logistic_params, C, .min = 1e-12, .max = 1e12, .help = "inverse of the penalty's strength"),
    SL_CHOICE(struct logistic_params, solver, .choices = solvers,
              .help = "liblinear: trust-region Newton, intercept penalised; "
                      "lbfgs: intercept free; sgd, adam: mini-batches"),
    SL_REAL(struct logistic_params, tol, .min = 1e-15, .max = 1,
            .help = "when to stop; relative for liblinear, largest gradient "
                    "for lbfgs, change of loss else"),
    SL_INT(struct logistic_params, max_iter, .min = 1, .max = 1e9,
           .help = "iterations, or epochs of sgd and adam, at most"),
    SL_BOOL(struct logistic_params, fit_intercept, .help = "learn an intercept"),
    SL_CHOICE(struct logistic_params, class_weight, .choices = class_weights,
              .help = "balanced: weight classes by the inverse of their number "
                      "of records"),
    SL_REAL(struct logistic_params, learning_rate, .min = 1e-12, .max = 1e6, .help = "of sgd and adam"),
    SL_INT(struct logistic_params, batch_size, .min = 1, .max = 1e9, .unit = "records", .help = "of sgd and adam"),
    SL_INT(struct logistic_params, random_state, .min = 0, .max = 4294967295.0, .help = "seed of the order of batches"),
    { 0 },
};

static int bind(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    const struct logistic_params *p = stage->params;
    (void)out;
    if (p->columns.n) {
        size_t *columns = NULL, n = 0;
        int status = sl_stage_columns(stage, &p->columns, SL_NUMBER | SL_VECTOR | SL_SPARSE, in, &columns, &n, err);
        free(columns);
        return status;
    }
    for (size_t c = 0; c < in->n; c++)
        if ((in->fields[c].type & (SL_NUMBER | SL_VECTOR | SL_SPARSE)) && !in->fields[c].target)
            return SL_OK;
    sl_fail(err, SL_ESCHEMA, "\"logistic\" finds no column of numbers or features to learn from");
    return sl_fix(err, "encode a text column before it, with tfidf, count, hashing or onehot");
}

const struct sl_stage_class sl_stage_logistic = {
    .name = "logistic",
    .summary = "logistic regression: classes from features",
    .details = "Finds the weights that minimise the log loss plus a penalty on "
               "their squares, and shows loss, gradient norm and "
               "accuracy on training and test records after every iteration. "
               "Two classes give one weight vector; more give one a class: one against the rest with solver=liblinear, "
               "multinomial with the others. The default solver minimises "
               "liblinear's primal objective, in which the intercept is penalised like any weight.",
    .kind = SL_LEARNER,
    .version = 1,
    .params = params,
    .params_size = sizeof(struct logistic_params),
    .defaults = &defaults,
    .bind = bind,
};

static struct linear *of(struct sl_learner *learner)
{
    return (struct linear *)learner;
}

static void free_learner(struct sl_learner *learner)
{
    struct linear *lin = of(learner);
    if (!lin)
        return;
    if (lin->solver)
        lin->solver->free(lin);
    free(lin->w);
    free(lin->class_c);
    free(lin->row);
    free(lin->group);
    free(lin->partial);
    free(lin->z);
    free(lin->guilty);
    free(lin);
}

/* Blocks into groups of about equal work. At most 32, fewer when the vectors would take over 64 MB. */
static int make_groups(struct linear *lin, struct sl_error *err)
{
    const struct sl_matrix *train = &lin->data->train;
    size_t most = (64u << 20) / (((size_t)lin->dim + 1) * sizeof(double));
    most = most < 1 ? 1 : most > 32 ? 32 : most;
    lin->row = calloc(train->n_blocks + 1, sizeof *lin->row);
    lin->group = calloc(most + 2, sizeof *lin->group);
    if (!lin->row || !lin->group)
        return sl_fail_memory(err, "the learner");
    uint64_t work = train->nonzeros + train->n, done = 0;
    for (size_t b = 0; b < train->n_blocks; b++) {
        const struct sl_rows *rows = &train->blocks[b];
        lin->row[b + 1] = lin->row[b] + rows->n;
        done += rows->n + rows->start[rows->n];
        sl_rows_rest(rows);
        if (done * most >= work * (lin->n_groups + 1) || b + 1 == train->n_blocks)
            lin->group[++lin->n_groups] = b + 1;
        if (lin->n_groups == most && b + 1 < train->n_blocks)
            lin->n_groups--;
    }
    lin->partial = malloc((lin->n_groups + 1) * ((size_t)lin->dim + 1) * sizeof *lin->partial);
    return lin->partial ? SL_OK : sl_fail_memory(err, "the learner");
}

static int weigh_classes(struct linear *lin, struct sl_error *err)
{
    const struct sl_matrix *train = &lin->data->train;
    uint32_t n = lin->data->n_classes;
    uint64_t *count = calloc((size_t)n + 1, sizeof *count);
    lin->class_c = calloc((size_t)n + 1, sizeof *lin->class_c);
    if (!count || !lin->class_c) {
        free(count);
        return sl_fail_memory(err, "the learner");
    }
    for (size_t b = 0; b < train->n_blocks; b++) {
        for (uint32_t i = 0; i < train->blocks[b].n; i++)
            if (train->blocks[b].y[i] < n)
                count[train->blocks[b].y[i]]++;
        sl_rows_rest(&train->blocks[b]);
    }
    int status = SL_OK;
    for (uint32_t k = 0; k < n && !status; k++) {
        bool balanced = lin->params->class_weight == 1;
        lin->class_c[k] = lin->params->C * (balanced && count[k] ? (double)lin->n / ((double)n * (double)count[k]) : 1);
        if (lin->n && !count[k]) {
            status = sl_fail(err, SL_EDATA, "class \"%s\" has no training record", lin->data->classes[k]);
            sl_fix(err, "split with stratify=true, or filter that class out");
        }
    }
    free(count);
    return status;
}

static int set_up(struct linear *lin, struct sl_error *err)
{
    static const struct linear_solver_class *const classes[] = { &linear_tron, &linear_lbfgs, &linear_sgd,
                                                                 &linear_sgd };
    size_t size;
    if (lin->data->n_classes < 2)
        return sl_fail(err, SL_EDATA, "there is nothing to learn: the label has fewer than two classes");
    lin->outputs = lin->data->n_classes == 2 ? 1 : lin->data->n_classes;
    if (!sl_mul(lin->outputs, (size_t)lin->dim * sizeof(double), &size))
        return sl_fail_memory(err, "the weights");
    lin->w = calloc(1, size);
    lin->z = calloc(lin->outputs * lin->n + 1, sizeof *lin->z);
    if (!lin->w || !lin->z)
        return sl_fail_memory(err, "the weights");
    int status = make_groups(lin, err);
    if (!status)
        status = weigh_classes(lin, err);
    if (status)
        return status;
    lin->solver = classes[lin->params->solver];
    return lin->solver->begin(lin, err);
}

static int begin(struct sl_learner **out, struct sl_pipeline *pipeline, const struct sl_stage *stage,
                 const struct sl_dataset *data, struct sl_pool *pool, uint64_t memory, struct sl_error *err)
{
    (void)pipeline, (void)memory;
    struct linear *lin = calloc(1, sizeof *lin);
    if (!lin)
        return sl_fail_memory(err, "the learner");
    lin->base.class = &logistic_learner;
    lin->own = *(const struct logistic_params *)stage->params;
    lin->params = &lin->own;
    lin->data = data;
    lin->pool = pool;
    lin->width = data->train.width;
    lin->dim = lin->width + 1;
    lin->n = data->train.n;
    int status = set_up(lin, err);
    if (status)
        free_learner(&lin->base);
    else
        *out = &lin->base;
    return status;
}

/* Margins of one row into probabilities. */
static void to_probabilities(const struct linear *lin, const double *z, double *p)
{
    uint32_t n = lin->data->n_classes;
    if (lin->outputs == 1) {
        p[1] = 1 / (1 + exp(-z[0]));
        p[0] = 1 - p[1];
    } else if (lin->params->solver == SOLVER_LIBLINEAR) {
        double sum = 0;
        for (uint32_t k = 0; k < n; k++)
            sum += p[k] = 1 / (1 + exp(-z[k]));
        for (uint32_t k = 0; k < n; k++)
            p[k] = sum > 0 ? p[k] / sum : 1.0 / n;
    } else {
        memcpy(p, z, n * sizeof *p);
        linear_softmax(p, n);
    }
}

static uint32_t winner(const struct linear *lin, const double *z)
{
    if (lin->outputs == 1)
        return z[0] > 0;
    uint32_t best = 0;
    for (uint32_t k = 1; k < lin->outputs; k++)
        if (z[k] > z[best])
            best = k;
    return best;
}

static int predict(const struct sl_learner *learner, const struct sl_rows *rows, double *out, struct sl_error *err)
{
    const struct linear *lin = (const struct linear *)learner;
    double few[64], *z = lin->outputs <= 64 ? few : malloc(lin->outputs * sizeof *z);
    if (!z)
        return sl_fail_memory(err, "predictions");
    for (uint32_t i = 0; i < rows->n; i++) {
        for (uint32_t k = 0; k < lin->outputs; k++)
            z[k] = linear_row(rows, i, lin->w + (size_t)k * lin->dim, lin->width);
        to_probabilities(lin, z, out + (size_t)i * lin->data->n_classes);
    }
    if (z != few)
        free(z);
    return SL_OK;
}

struct tally {
    struct linear *lin;
    const struct sl_matrix *matrix;
    bool train;
    uint64_t *right; /* per block */
    double *loss;
    int *status;
};

static void tally_block(void *ctx, size_t b, int worker)
{
    struct tally *t = ctx;
    struct linear *lin = t->lin;
    const struct sl_rows *rows = &t->matrix->blocks[b];
    double few[128], *z = lin->data->n_classes <= 64 ? few : malloc(2 * lin->data->n_classes * sizeof *z);
    (void)worker;
    if (!z) {
        t->status[b] = SL_ENOMEM;
        return;
    }
    double *p = z + lin->data->n_classes;
    for (uint32_t i = 0; i < rows->n; i++) {
        for (uint32_t k = 0; k < lin->outputs; k++)
            z[k] = t->train ? lin->z[k * lin->n + lin->row[b] + i]
                            : linear_row(rows, i, lin->w + (size_t)k * lin->dim, lin->width);
        t->right[b] += winner(lin, z) == rows->y[i];
        if (t->train || rows->y[i] >= lin->data->n_classes)
            continue;
        to_probabilities(lin, z, p);
        t->loss[b] -= log(fmax(p[rows->y[i]], 1e-15));
    }
    sl_rows_rest(rows);
    if (z != few)
        free(z);
}

/* Accuracy, and mean log loss of the test rows. */
static int tally(struct linear *lin, const struct sl_matrix *matrix, bool train, double *accuracy, double *loss,
                 struct sl_error *err)
{
    *accuracy = NAN;
    if (!matrix->n)
        return SL_OK;
    struct tally t = { lin,
                       matrix,
                       train,
                       calloc(matrix->n_blocks, sizeof *t.right),
                       calloc(matrix->n_blocks, sizeof *t.loss),
                       calloc(matrix->n_blocks, sizeof *t.status) };
    int status = t.right && t.loss && t.status ? SL_OK : SL_ENOMEM;
    uint64_t right = 0;
    double sum = 0;
    if (!status)
        sl_pool_for(lin->pool, matrix->n_blocks, tally_block, &t);
    for (size_t b = 0; b < matrix->n_blocks && !status; b++) {
        right += t.right[b];
        sum += t.loss[b];
        status = t.status[b];
    }
    *accuracy = (double)right / (double)matrix->n;
    if (loss)
        *loss = sum / (double)matrix->n;
    free(t.right);
    free(t.loss);
    free(t.status);
    return status ? sl_fail_memory(err, "evaluation") : SL_OK;
}

static int fill_point(struct linear *lin, struct sl_point *point, struct sl_error *err)
{
    *point = (struct sl_point){ .step = lin->step,
                                .rows = lin->step * lin->n,
                                .loss = lin->loss,
                                .gradient_norm = lin->gradient_norm,
                                .test_loss = NAN,
                                .seconds = lin->seconds };
    int status = tally(lin, &lin->data->train, true, &point->train_accuracy, NULL, err);
    if (!status)
        status = tally(lin, &lin->data->test, false, &point->test_accuracy, &point->test_loss, err);
    return status;
}

static void halt(struct sl_learner *learner, bool (*asked)(void *ctx), void *ctx)
{
    of(learner)->asked = asked;
    of(learner)->asked_ctx = ctx;
}

static bool within(const struct sl_learner *learner)
{
    const struct linear *lin = (const struct linear *)learner;
    return lin->solver->within && lin->solver->within(lin);
}

static void settle(struct sl_learner *learner)
{
    if (within(learner))
        of(learner)->solver->settle(of(learner));
}

static size_t guilty(const struct sl_learner *learner, uint64_t *records, size_t max)
{
    const struct linear *lin = (const struct linear *)learner;
    size_t kept = lin->n_guilty < LINEAR_GUILTY ? lin->n_guilty : LINEAR_GUILTY;
    if (lin->guilty && kept)
        memcpy(records, lin->guilty, (kept < max ? kept : max) * sizeof *records);
    return lin->n_guilty;
}

static int step(struct sl_learner *learner, struct sl_point *point, struct sl_error *err)
{
    struct linear *lin = of(learner);
    bool over = (lin->converged || lin->step >= (uint64_t)lin->params->max_iter) && !within(learner);
    uint64_t began = sl_now();
    int status = over ? SL_OK : lin->solver->step(lin, err);
    if (!over && (!status || status == SL_ECANCEL))
        lin->seconds += (double)(sl_now() - began) * 1e-9;
    lin->step += !status && !over;
    if (!status)
        status = fill_point(lin, point, err);
    return status ? status : over ? SL_EEND : SL_OK;
}

static const double *weights(const struct sl_learner *learner, uint32_t k, double *intercept)
{
    const struct linear *lin = (const struct linear *)learner;
    if (lin->outputs == 1 ? k != 1 : k >= lin->outputs)
        return NULL;
    const double *w = lin->w + (lin->outputs == 1 ? 0 : (size_t)k * lin->dim);
    *intercept = w[lin->width];
    return w;
}

const struct sl_learner_class logistic_learner = {
    .stage = &sl_stage_logistic,
    .layouts = SL_LAYOUT_SPARSE,
    .begin = begin,
    .step = step,
    .predict = predict,
    .save = logistic_save,
    .load = logistic_load,
    .weights = weights,
    .tunable = logistic_tunable,
    .tune = logistic_tune,
    .setting = logistic_setting,
    .halt = halt,
    .within = within,
    .settle = settle,
    .guilty = guilty,
    .free = free_learner,
};
