/* evaluate.c: a learner's predictions of a whole matrix. */
#include "sluice/learn.h"

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
