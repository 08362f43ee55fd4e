/* fit_figures.c: how well a number is predicted: mean squared and mean absolute error, coefficient of determination.
 *
 * Records whose target is not known are left out. Sums run in record order, so that threads make no difference.
 * Definitions and edge cases: sklearn.metrics (mean_squared_error, mean_absolute_error, r2_score): a constant target
 * that is met exactly has r2 = 1, one that is not 0. */
#include "fit_figures.h"

#include <math.h>
#include <stdlib.h>

struct guessing {
    const struct sl_learner *learner;
    const struct sl_matrix *matrix;
    uint64_t *first;
    double *guess;
    _Atomic int status;
};

static void guess_block(void *ctx, size_t b, int worker)
{
    struct guessing *g = ctx;
    struct sl_rows_view view;
    (void)worker;
    int status = sl_rows_open(g->matrix, &g->matrix->blocks[b], 0, g->matrix->blocks[b].n, &view, NULL);
    if (!status) {
        status = g->learner->class->predict(g->learner, &view.rows, g->guess + g->first[b], NULL);
        sl_rows_close(&view);
    }
    sl_rows_rest(&g->matrix->blocks[b]);
    if (status)
        g->status = status;
}

static void sum_up(const struct guessing *g, struct sl_fit_figures *out)
{
    double squares = 0, distances = 0, mean = 0, spread = 0;
    uint64_t n = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t b = 0; b < g->matrix->n_blocks; b++)
            for (uint32_t i = 0; i < g->matrix->blocks[b].n; i++) {
                double y = (double)g->matrix->blocks[b].target[i], e = y - g->guess[g->first[b] + i];
                if (isnan(y))
                    continue;
                if (pass) {
                    spread += (y - mean / (double)n) * (y - mean / (double)n);
                    continue;
                }
                n++;
                mean += y;
                squares += e * e;
                distances += fabs(e);
            }
    out->n = n;
    out->mse = n ? squares / (double)n : (double)NAN;
    out->mae = n ? distances / (double)n : (double)NAN;
    out->r2 = n < 2 ? (double)NAN : spread > 0 ? 1 - squares / spread : squares > 0 ? 0 : 1;
}

int fit_figures(const struct sl_learner *learner, const struct sl_matrix *matrix, struct sl_pool *pool,
                struct sl_fit_figures *out, struct sl_error *err)
{
    struct guessing g = { .learner = learner,
                          .matrix = matrix,
                          .first = calloc(matrix->n_blocks + 1, sizeof *g.first),
                          .guess = malloc(((size_t)matrix->n + 1) * sizeof *g.guess) };
    int status = g.first && g.guess ? SL_OK : sl_fail_memory(err, "predictions");
    for (size_t b = 0; b < matrix->n_blocks && !status; b++)
        g.first[b + 1] = g.first[b] + matrix->blocks[b].n;
    if (!status)
        sl_pool_for(pool, matrix->n_blocks, guess_block, &g);
    if (!status && g.status)
        status = sl_fail_memory(err, "predictions");
    if (!status)
        sum_up(&g, out);
    free(g.first);
    free(g.guess);
    return status;
}
