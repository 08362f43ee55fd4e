/* evaluate.c: a learner's predictions of a whole matrix. */
#include "sluice/learn.h"

#include <pthread.h>
#include <stdlib.h>

struct evaluation {
    const struct sl_learner *learner;
    const struct sl_matrix *matrix;
    uint32_t n_outputs;
    uint64_t *first;
    double *outputs;
    uint32_t *y;
    pthread_mutex_t lock; /* of the last two */
    int status;
    struct sl_error err; /* the first */
};

static void fail(struct evaluation *e, int status, const struct sl_error *err)
{
    pthread_mutex_lock(&e->lock);
    if (!e->status) {
        e->status = status;
        e->err = *err;
    }
    pthread_mutex_unlock(&e->lock);
}

static void evaluate_block(void *ctx, size_t b, int worker)
{
    struct evaluation *e = ctx;
    const struct sl_rows *rows = &e->matrix->blocks[b];
    struct sl_rows_view view;
    struct sl_error err = SL_ERROR_INIT;
    (void)worker;
    if (e->y)
        memcpy(e->y + e->first[b], rows->y, rows->n * sizeof *rows->y);
    int status = sl_rows_open(e->matrix, rows, 0, rows->n, &view, &err);
    if (!status) {
        status = e->learner->class->predict(e->learner, &view.rows, e->outputs + e->first[b] * e->n_outputs, &err);
        sl_rows_close(&view);
    }
    sl_rows_rest(rows);
    if (status)
        fail(e, status, &err);
}

int sl_learner_evaluate(const struct sl_learner *learner, const struct sl_matrix *matrix, uint32_t n_classes,
                        struct sl_pool *pool, double **probabilities, uint32_t **y, struct sl_error *err)
{
    size_t n = (size_t)matrix->n;
    struct evaluation e = { .learner = learner,
                            .matrix = matrix,
                            .n_outputs = n_classes ? n_classes : 1,
                            .lock = PTHREAD_MUTEX_INITIALIZER,
                            .first = calloc(matrix->n_blocks + 1, sizeof *e.first),
                            .y = n_classes ? malloc((n + 1) * sizeof *e.y) : NULL };
    size_t bytes = 0;
    e.outputs = sl_mul(n * e.n_outputs + 1, sizeof *e.outputs, &bytes) ? malloc(bytes) : NULL;
    if (!e.first || !e.outputs || (n_classes && !e.y)) {
        e.status = sl_fail_memory(&e.err, "predictions");
    } else {
        for (size_t b = 0; b < matrix->n_blocks; b++)
            e.first[b + 1] = e.first[b] + matrix->blocks[b].n;
        sl_pool_for(pool, matrix->n_blocks, evaluate_block, &e);
    }
    free(e.first);
    if (e.status) {
        free(e.outputs);
        free(e.y);
        if (err)
            *err = e.err;
        return e.status;
    }
    *probabilities = e.outputs;
    *y = e.y;
    return SL_OK;
}
