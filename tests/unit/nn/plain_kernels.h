/* plain_kernels.h: between plain_device.c and plain_kernels.c. */
#ifndef SLUICE_TESTS_PLAIN_KERNELS_H
#define SLUICE_TESTS_PLAIN_KERNELS_H

#include "plain_device.h"

#include <string.h>

/* The arithmetic half of the table. */
extern const struct sl_kernels plain_kernels;
/* A kernel was given: which, on what memory, of what size. */
extern const struct sl_kernels plain_pictures; /* those of them for pictures */
void plain_given(struct sl_device *d, uint64_t what, uint64_t where, uint64_t much);

#endif
