/* kernels_check.h: every kernel of a device against the reference, over random and edge shapes.
 *
 * The limits are stated in the check_*.c, in units of 2^−23 times the magnitudes that were added up. */
#ifndef SLUICE_TEST_DEVICE_KERNELS_CHECK_H
#define SLUICE_TEST_DEVICE_KERNELS_CHECK_H

#include "tests/unit/device/check.h"

/* All of them, and central differences. Returns how many checks failed, each having said on stderr what was wrong. */
int check_kernels(struct sl_device *device);
/* A digest of the bits of all results, nothing compared: equal where the bits are. */
uint64_t check_bits(struct sl_device *device);

/* The parts. */
void check_products(struct check *c);    /* gemm, dense, dense_grad */
void check_elements(struct check *c);    /* activate … dropout */
void check_reductions(struct check *c);  /* column_sums, reduce, layer_norm and their gradients */
void check_losses(struct check *c);      /* softmax, cross_entropy, squared_error */
void check_learning(struct check *c);    /* embedding, square_sum, update */
void check_memory(struct check *c);      /* alloc, zero, copy, upload, download, begin and end */
void check_differences(struct check *c); /* gradients against central differences of the forward kernels */

#endif
