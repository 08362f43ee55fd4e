/* memory.c: memory of the device and pinned memory of the host, batches on their way in, and waiting.
 *
 * Plain allocations (cudaMalloc): nothing is managed or shared. A batch goes in on a stream of its own, so that it
 * overlaps with computing; two events for each slot keep the streams apart: an upload waits for what was released, and
 * what computes waits for the upload. Pinned memory makes the copy truly asynchronous. */
#include "engine/device/cuda/private.h"

#include <assert.h>
#include <string.h>

int cuda_alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    struct cuda_own *own = cuda_own(d);
    void *p = NULL;
    cuda_enter(own);
    cudaError_t code = cudaMalloc(&p, bytes > 0 ? bytes : 1);
    if (code == cudaErrorMemoryAllocation) {
        return cuda_fail_memory(own, bytes, false, err);
    }
    if (code == cudaSuccess) {
        code = cudaMemsetAsync(p, 0, bytes > 0 ? bytes : 1, own->compute);
    }
    if (code == cudaSuccess) { /* the copy stream may write there next */
        code = cudaStreamSynchronize(own->compute);
    }
    if (!cuda_latch(own, code, "allocating memory")) {
        cudaFree(p);
        return cuda_tell(own, err);
    }
    *out = p;
    return SL_OK;
}

void cuda_free(struct sl_device *d, void *p)
{
    struct cuda_own *own = cuda_own(d);
    if (p && cuda_enter(own)) {
        cuda_latch(own, cudaFree(p), "freeing memory");
    }
}

int cuda_host_alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    struct cuda_own *own = cuda_own(d);
    void *p = NULL;
    cuda_enter(own);
    if (cudaHostAlloc(&p, bytes > 0 ? bytes : 1, cudaHostAllocPortable) != cudaSuccess) {
        return cuda_fail_memory(own, bytes, true, err);
    }
    memset(p, 0, bytes);
    *out = p;
    return SL_OK;
}

void cuda_host_free(struct sl_device *d, void *p)
{
    struct cuda_own *own = cuda_own(d);
    if (p && cuda_enter(own)) {
        cuda_latch(own, cudaFreeHost(p), "freeing memory");
    }
}

int cuda_download(struct sl_device *d, void *host, const void *from, size_t bytes, struct sl_error *err)
{
    struct cuda_own *own = cuda_own(d);
    if (cuda_enter(own) && bytes > 0) {
        cuda_latch(own, cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, own->compute), "download");
    }
    return cuda_sync(d, err);
}

int cuda_sync(struct sl_device *d, struct sl_error *err)
{
    struct cuda_own *own = cuda_own(d);
    if (cuda_enter(own)) {
        cuda_latch(own, cudaStreamSynchronize(own->compute), "computing");
    }
    return cuda_tell(own, err);
}

void cuda_upload(struct sl_device *d, int slot, void *to, const void *host, size_t bytes)
{
    struct cuda_own *own = cuda_own(d);
    assert(slot >= 0 && slot < CUDA_SLOTS);
    struct cuda_slot *s = &own->slot[slot];
    if (!cuda_enter(own) || bytes == 0) {
        return;
    }
    cuda_latch(own, cudaStreamWaitEvent(own->copy, s->released, 0), "upload");
    cuda_latch(own, cudaMemcpyAsync(to, host, bytes, cudaMemcpyHostToDevice, own->copy), "upload");
    cuda_latch(own, cudaEventRecord(s->filled, own->copy), "upload");
}

void cuda_uploaded(struct sl_device *d, int slot)
{
    struct cuda_own *own = cuda_own(d);
    if (cuda_enter(own)) {
        cuda_latch(own, cudaEventSynchronize(own->slot[slot].filled), "upload");
    }
}

void cuda_acquire(struct sl_device *d, int slot)
{
    struct cuda_own *own = cuda_own(d);
    if (cuda_enter(own)) {
        cuda_latch(own, cudaStreamWaitEvent(own->compute, own->slot[slot].filled, 0), "upload");
    }
}

void cuda_release(struct sl_device *d, int slot)
{
    struct cuda_own *own = cuda_own(d);
    if (cuda_enter(own)) {
        cuda_latch(own, cudaEventRecord(own->slot[slot].released, own->compute), "upload");
    }
}
