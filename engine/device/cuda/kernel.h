/* kernel.h: how a kernel is written, once, for nvcc and for a C compiler.
 *
 *   KERNEL(name, type)      begins the kernel `name`, whose only argument is `a`, a struct of that type
 *   THREADS(t) { … }        what each thread of the block does, then a barrier. Between two such regions there is only
 *                           what is the same for the whole block; what a thread keeps it keeps in shared memory
 *   TAKE(type, name, value) what the whole block reads from shared memory, then a barrier: it is read nowhere else
 *                           outside a region, since a fast thread would be writing in the next one already
 *   ELEMENTS(i, n) { … }    i over 0..n-1, shared out over all threads of the launch; no barrier
 *   LAUNCH(d, name, blocks, threads, args)
 *
 * Written so, a barrier can be neither forgotten nor met by some threads only, and the same text runs on the processor:
 * there THREADS is a loop. A region must not depend on the order of its threads, nor leave by break or return; the
 * emulation (tests/emulation) runs them in several orders and compares bits. */
#ifndef SLUICE_DEVICE_CUDA_KERNEL_H
#define SLUICE_DEVICE_CUDA_KERNEL_H

#include <cuda_runtime.h>

#include "engine/device/cuda/cuda.h"

#ifdef __CUDACC__
#define KERNEL(name, type) static __global__ void name##_kernel(const struct type a)
#define THREADS(t)         for (unsigned t = threadIdx.x, again_##t = 1; again_##t != 0; again_##t = 0, __syncthreads())
#define TAKE(type, name, value) \
    type name = (value);        \
    __syncthreads()
#define ELEMENTS(i, n) \
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < (n); i += (size_t)gridDim.x * blockDim.x)
#endif

#define LAUNCH(d, name, blocks, threads, args) \
    cuda_launch(d, #name, (const void *)name##_kernel, blocks, threads, &(args), sizeof(args))

/* s[0] = the sum of s[0..blockDim.x-1], in the shape of a tree: the same for a number of threads. */
#define SUM_THREADS(s)                                 \
    for (unsigned w = blockDim.x / 2; w > 0; w /= 2) { \
        THREADS(t)                                     \
        {                                              \
            if (t < w) {                               \
                (s)[t] += (s)[t + w];                  \
            }                                          \
        }                                              \
    }

#endif
