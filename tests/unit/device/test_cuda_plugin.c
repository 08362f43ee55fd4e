/* test_cuda_plugin.c: the plug-in as the real toolkit has linked it, on machines with and without a GPU or a driver.
 *
 * SLUICE_TEST_PLUGIN names its file; `make` sets it where nvcc was found. Without, only what needs no plug-in is
 * tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/device.h"

static const char *plugin_file(void)
{
    const char *path = getenv("SLUICE_TEST_PLUGIN");
    if (!path || !path[0]) {
        skip();
    }
    return path;
}

static void *load(void)
{
    void *library = dlopen(plugin_file(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (!library) {
        fail_msg("%s", dlerror());
    }
    return library;
}

static void it_loads_without_a_driver_and_shows_one_symbol(void **state)
{
    (void)state;
    void *library = load();
    const struct sl_device_plugin *plugin = dlsym(library, "sl_device_plugin");
    assert_non_null(plugin);
    assert_int_equal(plugin->abi, SL_DEVICE_ABI);
    assert_string_equal(plugin->name, "cuda");
    assert_null(dlsym(library, "sl_fail"));
    assert_null(dlsym(library, "cuda_alloc"));
}

static void opening_works_or_says_in_one_sentence_why_not(void **state)
{
    (void)state;
    const struct sl_device_plugin *plugin = dlsym(load(), "sl_device_plugin");
    struct sl_error err = SL_ERROR_INIT;
    struct sl_device *d = NULL;
    assert_non_null(plugin);
    int status = plugin->open(&d, 0, 0, &err);
    if (status == SL_OK) {
        const void *const *kernel = (const void *const *)(const void *)d->kernels;
        for (size_t i = 0; i < sizeof *d->kernels / sizeof *kernel; i++) {
            assert_non_null(kernel[i]);
        }
        assert_true(d->name[0] && !d->host);
        plugin->close(d);
    } else {
        assert_int_equal(status, SL_ESTATE);
        assert_null(d);
        assert_true(strstr(err.what, "NVIDIA") || strstr(err.what, "GPU"));
        assert_non_null(strstr(err.fix, "device=cpu"));
        print_message("%s; %s\n", err.what, err.fix);
    }
}

static void a_gpu_that_is_not_there_is_refused_by_its_number(void **state)
{
    (void)state;
    setenv("SLUICE_CUDA", plugin_file(), 1);
    struct sl_error err = SL_ERROR_INIT;
    struct sl_device *d = NULL;
    assert_int_equal(sl_device_open(&d, "cuda:999", NULL, 0, NULL, &err), SL_ESTATE);
    assert_null(d);
    assert_true(err.what[0] && err.fix[0]);
    unsetenv("SLUICE_CUDA");
}

static void without_a_plugin_auto_takes_the_processor_and_says_why(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_device *d = NULL;
    char *why = NULL;
    setenv("SLUICE_CUDA", "/nowhere/libsluice-cuda.so", 1);
    assert_int_equal(sl_device_open(&d, "cuda", NULL, 0, NULL, &err), SL_ESTATE);
    assert_null(d);
    assert_int_equal(sl_device_open(&d, "auto", NULL, 0, &why, &err), SL_OK);
    assert_true(d->host);
    assert_non_null(why);
    assert_non_null(strstr(why, "/nowhere/libsluice-cuda.so"));
    free(why);
    sl_device_close(d);
    unsetenv("SLUICE_CUDA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_loads_without_a_driver_and_shows_one_symbol),
        cmocka_unit_test(opening_works_or_says_in_one_sentence_why_not),
        cmocka_unit_test(a_gpu_that_is_not_there_is_refused_by_its_number),
        cmocka_unit_test(without_a_plugin_auto_takes_the_processor_and_says_why),
    };
    return cmocka_run_group_tests_name("the plug-in", tests, NULL, NULL);
}
