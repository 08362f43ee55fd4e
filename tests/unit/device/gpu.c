/* gpu.c: a GPU for tests, real or emulated. */
#include "tests/unit/device/gpu.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "sluice/random.h"

extern const struct sl_device_plugin sl_device_plugin; /* the emulated one, linked in */

bool gpu_is_real(void)
{
    const char *path = getenv("SLUICE_GPU_PLUGIN");
    return path && path[0];
}

const struct sl_device_plugin *gpu_plugin(void)
{
    if (!gpu_is_real()) {
        return &sl_device_plugin;
    }
    static void *library; /* stays: CUDA's libraries do not survive being unloaded */
    if (!library) {
        library = dlopen(getenv("SLUICE_GPU_PLUGIN"), RTLD_NOW | RTLD_LOCAL);
    }
    const struct sl_device_plugin *plugin = library ? dlsym(library, "sl_device_plugin") : NULL;
    if (!plugin) {
        fprintf(stderr, "the plug-in cannot be loaded: %s\n", dlerror());
    }
    return plugin;
}

int gpu_probe(void)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_device *d = NULL;
    const struct sl_device_plugin *plugin = gpu_plugin();
    char text[1024];
    if (!plugin || plugin->open(&d, 0, 0, &err) != SL_OK) {
        puts(sl_error_format(&err, text, sizeof text));
        return 1;
    }
    puts(d->name);
    plugin->close(d);
    return 0;
}

static void expect(int status, const struct sl_error *err)
{
    char text[1024];
    if (status != SL_OK) {
        fail_msg("%s", sl_error_format(err, text, sizeof text));
    }
}

struct sl_device *gpu_open(void)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_device *d = NULL;
    expect(gpu_plugin()->open(&d, 0, 0, &err), &err);
    assert_non_null(d);
    return d;
}

void gpu_close(struct sl_device *d)
{
    gpu_plugin()->close(d);
}

void gpu_put(struct sl_device *d, void *to, const void *from, size_t bytes)
{
    d->kernels->upload(d, 0, to, from, bytes);
    d->kernels->uploaded(d, 0);
    d->kernels->acquire(d, 0);
}

void gpu_get(struct sl_device *d, void *to, const void *from, size_t bytes)
{
    struct sl_error err = SL_ERROR_INIT;
    expect(d->kernels->download(d, to, from, bytes, &err), &err);
}

float *gpu_floats(struct sl_device *d, size_t n, const float *from)
{
    struct sl_error err = SL_ERROR_INIT;
    void *p = NULL;
    expect(d->kernels->alloc(d, &p, n * sizeof(float), &err), &err);
    if (from) {
        gpu_put(d, p, from, n * sizeof(float));
    }
    return p;
}

void gpu_random(size_t n, uint32_t seed, float *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)(2 * sl_philox_real(seed, SL_RANDOM_INIT, 0, i, 0) - 1);
    }
}
