/* emulation.h: what a test may set of the emulated GPU, and what the emulation's files share.
 *
 * Streams are queues of operations. A stream that is not late carries out each at once; a late one only when something
 * waits for it. Both are allowed of a GPU, so a test that passes with either stream late has no wait forgotten. Fresh
 * memory is filled with NaN. The threads of a block, and the blocks, run in a chosen order, so that a result that
 * depends on it shows. What this cannot show: the speed, and what only real parallel threads do. */
#ifndef SLUICE_TESTS_EMULATION_EMULATION_H
#define SLUICE_TESTS_EMULATION_EMULATION_H

#include <stdbool.h>

#include "tests/emulation/cuda_runtime_api.h"

enum emulated_order { EMULATED_FORWARDS, EMULATED_BACKWARDS, EMULATED_SCATTERED };

struct emulation {
    int devices;   /* 0: a driver, but no GPU */
    int driver;    /* CUDA version it knows, as 13000; 0: no driver */
    size_t memory; /* bytes of each GPU */
    unsigned late; /* bit n: the n-th stream made after emulation_reset() is late */
    enum emulated_order order;
    bool no_capture; /* a captured stream refuses its second operation, as some things cannot be captured */
    /* counted */
    size_t used, allocations, launches, graph_launches, products;
};
extern struct emulation emulation;

/* All as it is at first: one GPU of 1 GB, nothing late, nothing fails. */
void emulation_reset(void);
/* The n-th next call (0: the next) of this function of the runtime or of cuBLAS returns `code` and does nothing. */
void emulation_fail(const char *function, int n, int code);

/* --- between the files here; all under one lock, which these take --- */
enum { EMULATED_ARGS = 256 };
void emulated_lock(void);
void emulated_unlock(void);
/* Is this call one that is to fail? With the lock held. */
bool emulated_failing(const char *function, int *code);
/* Put an operation on a stream, or into the graph that is captured from it. */
cudaError_t emulated_put(cudaStream_t stream, void (*run)(const void *args), const void *args, size_t bytes);
/* Everything given to the stream so far is carried out. */
void emulated_finish(cudaStream_t stream);
/* Keep a call's error for cudaGetLastError. Returns it. */
cudaError_t emulated_result(cudaError_t code);
/* Is [p, p + bytes) within an allocation of the device, or of pinned host memory? */
bool emulated_on_device(const void *p, size_t bytes);
bool emulated_pinned(const void *p, size_t bytes);

#endif
