/* plain_device.h: a device for tests: every kernel as its formula, in plain loops with sums in double.
 *
 * It is strict where real ones are lenient. Away from the host, an upload only arrives when the slot is acquired, its
 * host memory must stay as it is until uploaded(), and kernels that are given twice under one key must have the same
 * arguments. All it holds is counted. */
#ifndef SLUICE_TESTS_PLAIN_DEVICE_H
#define SLUICE_TESTS_PLAIN_DEVICE_H

#include "sluice/device.h"

struct plain_counts {
    unsigned allocs, frees, host_allocs, host_frees; /* calls; frees of NULL do not count */
    unsigned kernels;                                /* given so far */
    unsigned keys;                                   /* recordings at hand */
    unsigned repeated;                               /* recordings whose kernels were given again, … */
    unsigned unlike;                                 /* … and were not the same */
    unsigned too_early;                              /* kernels before the slot's uploads had been acquired */
    unsigned torn;                                   /* times an upload's host memory was written before uploaded() */
    unsigned uploads, forgets;
    unsigned fail_after; /* the so-manieth allocation from now on fails; 0: none */
};

struct sl_device *plain_device_new(bool host);
void plain_device_free(struct sl_device *device);
struct plain_counts *plain_device_counts(struct sl_device *device);

#endif
