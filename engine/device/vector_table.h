/* vector_table.h: the table of one kind of processor; the last of the vector_*.h. */
#ifndef SLUICE_DEVICE_VECTOR_TABLE_H
#define SLUICE_DEVICE_VECTOR_TABLE_H

#include "engine/device/vector_pictures.h"

const struct cpu_vector V_TABLE = {
    .kind = V_KIND,
    .name = V_NAME,
    .activate = activate,
    .activate_grad = activate_grad,
    .sum = sum,
    .scale = scale,
    .dropout = dropout,
    .bias_rows = bias_rows,
    .grad_rows = grad_rows,
    .column_sums = column_sums,
    .row_sum = row_sum,
    .fill = fill,
    .square_sum = square_sum,
    .softmax = softmax,
    .cross_entropy = cross_entropy,
    .squared_error = squared_error,
    .layer_norm = layer_norm,
    .layer_norm_dx = layer_norm_dx,
    .layer_norm_dw = layer_norm_dw,
    .moments = moments,
    .norm_rows = norm_rows,
    .norm_sums = norm_sums,
    .norm_dx = norm_dx,
    .greater = greater,
    .reached = reached,
    .update = update,
    .exp = exp_all,
    .erf = erf_all,
};

#endif
