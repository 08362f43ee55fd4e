/* usage.c: how busy the GPU is, and its memory.
 *
 * Memory is told by the runtime. The share of time in use is told by NVML (libnvidia-ml.so.1, part of the driver),
 * which is opened at run time, by the four functions declared here; without it that figure is unknown. */
#include "engine/device/cuda/private.h"

#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvml_device; /* NVML's own */
struct nvml_utilization {
    unsigned gpu, memory; /* percent of the last sampling period */
};

struct cuda_usage {
    void *library;
    struct nvml_device *device;
    int (*init)(void);
    int (*shutdown)(void);
    int (*by_bus)(const char *bus, struct nvml_device **device);
    int (*rates)(struct nvml_device *device, struct nvml_utilization *out);
};

/* dlsym gives an object's pointer where a function's is wanted; both have the same bits on every system CUDA runs on.
 */
static bool symbol(void *library, const char *name, void *out)
{
    void *p = dlsym(library, name);
    memcpy(out, &p, sizeof p);
    return p;
}

static struct cuda_usage *find_nvml(const char *bus)
{
    struct cuda_usage *u = calloc(1, sizeof *u);
    if (!u) {
        return NULL;
    }
    u->library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (u->library && symbol(u->library, "nvmlInit_v2", &u->init) && symbol(u->library, "nvmlShutdown", &u->shutdown) &&
        symbol(u->library, "nvmlDeviceGetHandleByPciBusId_v2", &u->by_bus) &&
        symbol(u->library, "nvmlDeviceGetUtilizationRates", &u->rates) && u->init() == 0) {
        if (u->by_bus(bus, &u->device) != 0) {
            u->device = NULL;
        }
    } else {
        u->shutdown = NULL; /* it was not begun */
    }
    return u;
}

void cuda_usage_free(struct cuda_usage *u)
{
    if (!u) {
        return;
    }
    if (u->shutdown) {
        u->shutdown();
    }
    if (u->library) {
        dlclose(u->library);
    }
    free(u);
}

bool cuda_usage_read(struct sl_device *d, struct sl_device_usage *out)
{
    struct cuda_own *own = cuda_own(d);
    size_t unused = 0, total = 0;
    if (cudaSetDevice(own->number) != cudaSuccess || cudaMemGetInfo(&unused, &total) != cudaSuccess) {
        return false;
    }
    pthread_mutex_lock(&own->lock);
    if (!own->usage) {
        own->usage = find_nvml(own->bus);
    }
    struct nvml_utilization rates = { 0, 0 };
    struct cuda_usage *u = own->usage;
    bool known = u && u->device && u->rates(u->device, &rates) == 0;
    pthread_mutex_unlock(&own->lock);
    *out = (struct sl_device_usage){ .busy = known ? rates.gpu / 100.0 : (double)NAN,
                                     .used = total - unused,
                                     .total = total };
    return true;
}
