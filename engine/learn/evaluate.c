/* evaluate.c: a learner's predictions of a whole matrix, and how far numbers are off. */
#include "sluice/learn.h"

#include <math.h>
#include <stdlib.h>

struct evaluation {
    const struct sl_learner *learner;
    const struct sl_matrix *matrix;
    uint32_t n_outputs;
    uint64_t *first;
    double *outputs;
    uint32_t *y;
    _Atomic int status;
};

static void evaluate_block(void *ctx, size_t b, int worker)
{
    struct evaluation *e = ctx;
    const struct sl_rows *rows = &e->matrix->blocks[b];
    (void)worker;
    if (e->y)
        memcpy(e->y + e->first[b], rows->y, rows->n * sizeof *rows->y);
    int status = e->learner->class->predict(e->learner, rows, e->outputs + e->first[b] * e->n_outputs, NULL);
    sl_rows_rest(rows);
    if (status)
        e->status = status;
}

int sl_learner_evaluate(const struct sl_learner *learner, const struct sl_matrix *matrix, uint32_t n_classes,
                        struct sl_pool *pool, double **probabilities, uint32_t **y, struct sl_error *err)
{
    size_t n = (size_t)matrix->n;
    struct evaluation e = { .learner = learner,
                            .matrix = matrix,
                            .n_outputs = n_classes ? n_classes : 1,
                            .first = calloc(matrix->n_blocks + 1, sizeof *e.first),
                            .y = n_classes ? malloc((n + 1) * sizeof *e.y) : NULL };
    size_t bytes = 0;
    e.outputs = sl_mul(n * e.n_outputs + 1, sizeof *e.outputs, &bytes) ? malloc(bytes) : NULL;
    if (!e.first || !e.outputs || (n_classes && !e.y)) {
        e.status = SL_ENOMEM;
    } else {
        for (size_t b = 0; b < matrix->n_blocks; b++)
            e.first[b + 1] = e.first[b] + matrix->blocks[b].n;
        sl_pool_for(pool, matrix->n_blocks, evaluate_block, &e);
    }
    free(e.first);
    if (e.status) {
        free(e.outputs);
        free(e.y);
        return sl_fail_memory(err, "predictions");
    }
    *probabilities = e.outputs;
    *y = e.y;
    return SL_OK;
}

/* Sum of (target - from[row])² or, with from NULL, of (target - mean)². */
static double squares(const struct sl_matrix *matrix, const double *from, double mean, double *absolute)
{
    double sum = 0;
    uint64_t row = 0;
    for (size_t b = 0; b < matrix->n_blocks; b++)
        for (uint32_t i = 0; i < matrix->blocks[b].n; i++, row++) {
            double target = (double)matrix->blocks[b].target[i];
            double difference = target - (from ? from[row] : mean);
            if (isnan(target))
                continue;
            sum += difference * difference;
            *absolute += fabs(difference);
        }
    return sum;
}

void sl_fit_figures_compute(struct sl_fit_figures *out, const double *prediction, const struct sl_matrix *matrix)
{
    double total = 0, off = 0, spread = 0;
    *out = (struct sl_fit_figures){ .mse = NAN, .mae = NAN, .r2 = NAN };
    for (size_t b = 0; b < matrix->n_blocks; b++)
        for (uint32_t i = 0; i < matrix->blocks[b].n; i++)
            if (!isnan(matrix->blocks[b].target[i])) {
                total += (double)matrix->blocks[b].target[i];
                out->n++;
            }
    if (!out->n)
        return;
    double n = (double)out->n, residual = squares(matrix, prediction, 0, &off);
    double variance = squares(matrix, NULL, total / n, &spread);
    out->mse = residual / n;
    out->mae = off / n;
    if (out->n > 1) /* a target that never changes: right or not */
        out->r2 = variance > 0 ? 1 - residual / variance : residual > 0 ? 0 : 1;
}
