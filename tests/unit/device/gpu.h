/* gpu.h: a GPU for tests: the emulated one, or a real one when SLUICE_GPU_PLUGIN names the plug-in's file. */
#ifndef SLUICE_TESTS_UNIT_DEVICE_GPU_H
#define SLUICE_TESTS_UNIT_DEVICE_GPU_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sluice/device.h"

/* Is it a real one? Then the emulation has no say. */
bool gpu_is_real(void);
/* The plug-in's table; NULL, and a line on stderr, when it cannot be loaded. */
const struct sl_device_plugin *gpu_plugin(void);
/* `program --probe`: is there a GPU to test? Prints its name, or why not; for main to return. */
int gpu_probe(void);
/* Opens, or fails the test. */
struct sl_device *gpu_open(void);
void gpu_close(struct sl_device *d);
/* n floats of the device, from host memory, or zeros where that is NULL. */
float *gpu_floats(struct sl_device *d, size_t n, const float *from);
/* Copies in, or waits and copies out; fails the test on any error. */
void gpu_put(struct sl_device *d, void *to, const void *from, size_t bytes);
void gpu_get(struct sl_device *d, void *to, const void *from, size_t bytes);
/* Numbers between −1 and 1, the same for a seed. */
void gpu_random(size_t n, uint32_t seed, float *out);

#endif
