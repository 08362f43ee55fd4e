/* cuda_runtime.h: kernels as functions of C, for the processor.
 *
 * Stands in for NVIDIA's header of that name. engine/device/cuda/kernel.h says what the macros mean; here a kernel is a
 * function that does one block, and a region of threads is a loop over them, in an order the test chooses. */
#ifndef SLUICE_TESTS_EMULATION_CUDA_RUNTIME_H
#define SLUICE_TESTS_EMULATION_CUDA_RUNTIME_H

#include <stdbool.h>
#include <string.h>

#include "tests/emulation/cuda_runtime_api.h"

/* Where the block that is being done stands. */
extern _Thread_local dim3 gridDim, blockDim, blockIdx;
/* The i-th thread to be done; i may be blockDim.x, one behind the last. */
unsigned emulated_thread(unsigned i);

#define __global__
#define __device__
#define __shared__

/* Does a block with a copy of *args; with NULL only gives their size, as CUDA knows it from the kernel's signature. */
#define KERNEL(name, type)                        \
    static void name##_block(struct type a);      \
    static size_t name##_kernel(const void *args) \
    {                                             \
        if (args) {                               \
            struct type copy;                     \
            memcpy(&copy, args, sizeof copy);     \
            name##_block(copy);                   \
        }                                         \
        return sizeof(struct type);               \
    }                                             \
    static void name##_block(const struct type a)

#define THREADS(t)              for (unsigned at_##t = 0, t = emulated_thread(0); at_##t < blockDim.x; t = emulated_thread(++at_##t))
#define TAKE(type, name, value) type name = (value)
#define ELEMENTS(i, n)                                                                      \
    for (unsigned at_##i = 0; at_##i < blockDim.x; at_##i++)                                \
        for (size_t i = (size_t)blockIdx.x * blockDim.x + emulated_thread(at_##i); i < (n); \
             i += (size_t)gridDim.x * blockDim.x)

#endif
