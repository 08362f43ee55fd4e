/* runtime.c: the emulated GPU: which there are, its errors, its memory. */
#include "tests/emulation/emulation.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct emulation emulation = { .devices = 1, .driver = 13000, .memory = (size_t)1 << 30 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local cudaError_t last;

static struct {
    char function[48];
    int after, code;
} planned;

/* An allocation; its bytes lie behind it. */
struct block {
    struct block *next;
    void *p;
    size_t bytes;
    bool on_device;
};
static struct block *blocks;

void emulated_lock(void)
{
    pthread_mutex_lock(&lock);
}

void emulated_unlock(void)
{
    pthread_mutex_unlock(&lock);
}

void emulation_fail(const char *function, int n, int code)
{
    emulated_lock();
    snprintf(planned.function, sizeof planned.function, "%s", function);
    planned.after = n;
    planned.code = code;
    emulated_unlock();
}

bool emulated_failing(const char *function, int *code)
{
    if (strcmp(planned.function, function) != 0 || planned.after-- > 0) {
        return false;
    }
    planned.function[0] = '\0';
    *code = planned.code;
    return true;
}

static cudaError_t planned_failure(const char *function)
{
    int code = cudaSuccess;
    emulated_lock();
    emulated_failing(function, &code);
    emulated_unlock();
    return (cudaError_t)code;
}

cudaError_t emulated_result(cudaError_t code)
{
    if (code != cudaSuccess) {
        last = code;
    }
    return code;
}

cudaError_t cudaGetLastError(void)
{
    cudaError_t code = last;
    last = cudaSuccess;
    return code;
}

const char *cudaGetErrorString(cudaError_t code)
{
    switch (code) {
    case cudaSuccess: return "no error";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorNoKernelImageForDevice: return "no kernel image is available for execution on the device";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    case cudaErrorStreamCaptureUnsupported: return "operation not permitted when stream is capturing";
    default: return "unrecognized error code";
    }
}

cudaError_t cudaDriverGetVersion(int *version)
{
    *version = emulation.driver;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    *version = 13000;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 0;
    if (emulation.driver < 13000) {
        return emulated_result(cudaErrorInsufficientDriver);
    }
    *count = emulation.devices;
    return emulated_result(emulation.devices > 0 ? cudaSuccess : cudaErrorNoDevice);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *out, int number)
{
    if (number < 0 || number >= emulation.devices) {
        return emulated_result(cudaErrorInvalidDevice);
    }
    *out = (struct cudaDeviceProp){ .major = 9, .minor = 0 };
    snprintf(out->name, sizeof out->name, "Emulated GPU %d", number);
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *out, int size, int number)
{
    snprintf(out, (size_t)size, "0000:%02x:00.0", (unsigned)number);
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int number)
{
    return emulated_result(number >= 0 && number < emulation.devices ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaMemGetInfo(size_t *unused, size_t *total)
{
    *total = emulation.memory;
    *unused = emulation.memory - emulation.used;
    return cudaSuccess;
}

static const struct block *holding(const void *p, size_t bytes)
{
    for (const struct block *b = blocks; b; b = b->next) {
        const char *first = b->p, *at = p;
        if (at >= first && at <= first + b->bytes && bytes <= (size_t)(first + b->bytes - at)) {
            return b;
        }
    }
    return NULL;
}

bool emulated_on_device(const void *p, size_t bytes)
{
    const struct block *b = holding(p, bytes);
    return b && b->on_device;
}

bool emulated_pinned(const void *p, size_t bytes)
{
    const struct block *b = holding(p, bytes);
    return b && !b->on_device;
}

static cudaError_t take(void **out, size_t bytes, bool on_device)
{
    if (on_device && bytes > emulation.memory - emulation.used) {
        return cudaErrorMemoryAllocation;
    }
    struct block *b = malloc(sizeof *b);
    size_t whole = bytes / 256 * 256 + 256;
    void *p = aligned_alloc(256, whole);
    if (!b || !p) {
        free(b);
        free(p);
        return cudaErrorMemoryAllocation;
    }
    memset(p, 0xff, whole); /* NaN, until something is written */
    *b = (struct block){ blocks, p, bytes, on_device };
    blocks = b;
    emulation.used += on_device ? bytes : 0;
    emulation.allocations++;
    *out = p;
    return cudaSuccess;
}

static cudaError_t give_back(void *p, bool on_device)
{
    if (!p) {
        return cudaSuccess;
    }
    for (struct block **at = &blocks; *at; at = &(*at)->next) {
        struct block *b = *at;
        if (b->p == p && b->on_device == on_device) {
            *at = b->next;
            emulation.used -= on_device ? b->bytes : 0;
            free(b->p);
            free(b);
            return cudaSuccess;
        }
    }
    return cudaErrorInvalidValue;
}

cudaError_t cudaMalloc(void **out, size_t bytes)
{
    cudaError_t code = planned_failure("cudaMalloc");
    emulated_lock();
    code = code == cudaSuccess ? take(out, bytes, true) : code;
    emulated_unlock();
    return emulated_result(code);
}

/* Everything given so far is done first, as cudaFree waits for the device. */
cudaError_t cudaFree(void *p)
{
    emulated_lock();
    emulated_finish(NULL);
    cudaError_t code = give_back(p, true);
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaHostAlloc(void **out, size_t bytes, unsigned flags)
{
    (void)flags;
    cudaError_t code = planned_failure("cudaHostAlloc");
    emulated_lock();
    code = code == cudaSuccess ? take(out, bytes, false) : code;
    emulated_unlock();
    return emulated_result(code);
}

cudaError_t cudaFreeHost(void *p)
{
    emulated_lock();
    emulated_finish(NULL);
    cudaError_t code = give_back(p, false);
    emulated_unlock();
    return emulated_result(code);
}
