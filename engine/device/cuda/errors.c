/* errors.c: what went wrong on the GPU, kept until someone asks, and said in one sentence.
 *
 * Kernels return nothing, and the runtime tells of most faults at a later call: so the first is latched. Some faults
 * (a bad address) leave the device useless for the process; then every later call latches anew. */
#include "engine/device/cuda/private.h"

#include <inttypes.h>
#include <stdio.h>

void cuda_latch_text(struct cuda_own *own, int status, const char *text, const char *fix)
{
    pthread_mutex_lock(&own->lock);
    if (own->latched.status == SL_OK) {
        sl_fail(&own->latched, status, "%s", text);
        sl_fix(&own->latched, "%s", fix);
    }
    pthread_mutex_unlock(&own->lock);
}

bool cuda_latch(struct cuda_own *own, cudaError_t code, const char *what)
{
    if (code == cudaSuccess) {
        return true;
    }
    char text[256];
    snprintf(text, sizeof text, "the GPU '%s' failed at '%s': %s", own->device.name, what, cudaGetErrorString(code));
    if (code == cudaErrorMemoryAllocation) {
        cuda_latch_text(own, SL_ENOMEM, text, "give a smaller batch, or device=cpu");
    } else {
        cuda_latch_text(own, SL_EIO, text, "run it again; should it come back, give device=cpu");
    }
    (void)cudaGetLastError(); /* told from here on */
    return false;
}

int cuda_tell(struct cuda_own *own, struct sl_error *err)
{
    pthread_mutex_lock(&own->lock);
    int status = own->latched.status;
    if (status != SL_OK && err) {
        *err = own->latched;
    }
    own->latched = (struct sl_error)SL_ERROR_INIT;
    pthread_mutex_unlock(&own->lock);
    return status;
}

int cuda_fail_open(cudaError_t code, struct sl_error *err)
{
    int driver = 0, runtime = 0;
    (void)cudaGetLastError();
    if (cudaDriverGetVersion(&driver) != cudaSuccess || cudaRuntimeGetVersion(&runtime) != cudaSuccess) {
        driver = 0;
    }
    (void)cudaGetLastError();
    if (code == cudaErrorNoDevice || (code == cudaSuccess && driver > 0)) {
        sl_fail(err, SL_ESTATE, "this machine has no NVIDIA GPU that can be used");
        return sl_fix(err, "give device=cpu, or look whether nvidia-smi lists one");
    }
    if (driver == 0) {
        sl_fail(err, SL_ESTATE, "this machine has no NVIDIA driver");
        return sl_fix(err, "give device=cpu, or install the driver of the GPU");
    }
    if (code == cudaErrorInsufficientDriver) {
        sl_fail(err, SL_ESTATE, "the NVIDIA driver is too old: it knows CUDA %d.%d, and CUDA %d.%d is needed",
                driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
        return sl_fix(err, "give device=cpu, or install a newer driver");
    }
    sl_fail(err, SL_ESTATE, "the GPU cannot be used: %s", cudaGetErrorString(code));
    return sl_fix(err, "give device=cpu, or look what nvidia-smi says");
}

char *cuda_bytes_text(uint64_t bytes, char *out, size_t size)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB" };
    double value = (double)bytes / 1000;
    size_t unit = 0;
    while (value >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    snprintf(out, size, "%.1f %s", value, units[unit]);
    return out;
}

int cuda_fail_memory(struct cuda_own *own, size_t bytes, bool on_host, struct sl_error *err)
{
    char wanted[32], left[32];
    size_t unused = 0, total = 0;
    (void)cudaGetLastError();
    cuda_bytes_text(bytes, wanted, sizeof wanted);
    if (on_host) {
        sl_fail(err, SL_ENOMEM, "out of memory: no %s that the GPU '%s' can copy from", wanted, own->device.name);
    } else if (cudaMemGetInfo(&unused, &total) == cudaSuccess) {
        sl_fail(err, SL_ENOMEM, "the GPU '%s' is out of memory: %s wanted, %s free", own->device.name, wanted,
                cuda_bytes_text(unused, left, sizeof left));
    } else {
        sl_fail(err, SL_ENOMEM, "the GPU '%s' is out of memory: %s wanted", own->device.name, wanted);
    }
    sl_fix(err, "give a smaller batch, or device=cpu");
    return SL_ENOMEM;
}
