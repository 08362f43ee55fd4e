/* linear_guilty.c: which records a non-finite loss came from.
 *
 * A record is to blame when its margin, or the margin times its class's weight, is not a finite number at the weights
 * the loss was computed with: a feature is NaN or infinite, or the product overflowed. When every record's part is
 * finite and only their sum or the penalty is not, all that were summed are. */
#include "linear.h"

#include <math.h>
#include <stdlib.h>

static bool forget(struct linear *lin)
{
    lin->n_guilty = 0;
    if (!lin->guilty)
        lin->guilty = malloc(LINEAR_GUILTY * sizeof *lin->guilty);
    return lin->guilty != NULL;
}

static void blame(struct linear *lin, const struct sl_rows *rows, uint32_t i)
{
    if (lin->n_guilty < LINEAR_GUILTY)
        lin->guilty[lin->n_guilty] = rows->record ? rows->record[i] : 0;
    lin->n_guilty++;
}

static bool is_finite(const struct linear *lin, const struct sl_rows *rows, uint32_t i, const double *w,
                      uint32_t outputs)
{
    if (rows->y[i] == UINT32_MAX)
        return true;
    for (uint32_t k = 0; k < outputs; k++)
        if (!isfinite(linear_row(rows, i, w + (size_t)k * lin->dim, lin->width) * lin->class_c[rows->y[i]]))
            return false;
    return true;
}

void linear_blame_all(struct linear *lin, const double *w, uint32_t outputs)
{
    const struct sl_matrix *train = &lin->data->train;
    if (!forget(lin))
        return;
    for (int everything = 0; everything < 2 && !lin->n_guilty; everything++)
        for (size_t b = 0; b < train->n_blocks; b++) {
            for (uint32_t i = 0; i < train->blocks[b].n; i++)
                if (everything || !is_finite(lin, &train->blocks[b], i, w, outputs))
                    blame(lin, &train->blocks[b], i);
            sl_rows_rest(&train->blocks[b]);
        }
}

void linear_blame_batch(struct linear *lin, const uint32_t *batch, uint64_t n, const uint32_t *block)
{
    if (!forget(lin))
        return;
    for (int everything = 0; everything < 2 && !lin->n_guilty; everything++)
        for (uint64_t at = 0; at < n; at++) {
            const struct sl_rows *rows = &lin->data->train.blocks[block[batch[at]]];
            uint32_t i = (uint32_t)(batch[at] - lin->row[block[batch[at]]]);
            if (everything || !is_finite(lin, rows, i, lin->w, lin->outputs))
                blame(lin, rows, i);
        }
}
