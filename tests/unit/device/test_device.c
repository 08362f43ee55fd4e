/* test_device.c: devices by name, and the plug-in: not there, not usable, usable.
 *
 * The plug-ins here are compiled by the test itself from a few lines, so that the way to one is tested where there is
 * no CUDA at all. */
#include <string.h>

#include "sluice/device.h"
#include "tests/unit/base/folder_try.h"

static int leave_folder(void **state)
{
    unsetenv("SLUICE_CUDA");
    return remove_folder(state);
}

/* A plug-in of this source in a file that SLUICE_CUDA then names. */
static void make_plugin(const char *name, const char *source)
{
    char text[64], library[64], command[512];
    snprintf(text, sizeof text, "%s.c", name);
    snprintf(library, sizeof library, "%s.so", name);
    const char *path = in_folder(text), *object = in_folder(library);
    store(path, source, strlen(source));
    const char *cc = getenv("CC");
    snprintf(command, sizeof command, "%s -shared -fPIC -Iinclude -o '%s' '%s'", cc && cc[0] ? cc : "cc", object, path);
    assert_int_equal(system(command), 0);
    assert_int_equal(setenv("SLUICE_CUDA", object, 1), 0);
}

/* `cuda` fails and says so; `auto` takes the processor and says why. */
static void refused(const char *reason)
{
    struct sl_device *device = NULL;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_device_open(&device, "cuda", NULL, 0, NULL, &err), SL_ESTATE);
    assert_null(device);
    if (!strstr(err.what, reason)) {
        fail_msg("\"%s\" does not say \"%s\"", err.what, reason);
    }
    assert_true(err.fix[0] != '\0');

    char *why = NULL;
    assert_int_equal(sl_device_open(&device, "auto", NULL, 0, &why, &err), SL_OK);
    assert_true(device->host);
    assert_non_null(why);
    assert_non_null(strstr(why, reason));
    assert_null(strchr(why, '\n'));
    free(why);
    sl_device_close(device);
}

static void the_processor_is_opened_by_name(void **state)
{
    (void)state;
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, 2, NULL), SL_OK);
    struct sl_device *device = NULL;
    char *why = (char *)"before";
    assert_int_equal(sl_device_open(&device, "cpu", pool, 0, &why, NULL), SL_OK);
    assert_null(why);
    assert_true(device->host);
    assert_ptr_equal(device->pool, pool);
    assert_int_equal(strncmp(device->name, "cpu, 2 threads, ", 16), 0);
    struct sl_device_usage usage;
    assert_false(sl_device_usage(device, &usage));
    sl_device_close(device);
    sl_device_close(NULL);
    sl_pool_free(pool);
}

static void other_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "", "gpu", "CPU", "cuda:", "cuda:x", "cuda:1x", "cuda:-1", "cuda:99999999999", "cudax"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct sl_device *device = NULL;
        struct sl_error err = SL_ERROR_INIT;
        assert_int_equal(sl_device_open(&device, names[i], NULL, 0, NULL, &err), SL_EPARAM);
        assert_null(device);
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", names[i]);
        assert_non_null(strstr(err.what, quoted));
        assert_non_null(strstr(err.fix, "cuda:N"));
    }
}

static void a_plugin_that_is_not_there_is_said(void **state)
{
    (void)state;
    setenv("SLUICE_CUDA", "/nowhere/plug-in.so", 1);
    refused("the plug-in \"/nowhere/plug-in.so\", which SLUICE_CUDA names, is not there");
}

static void a_file_that_is_no_library_is_said(void **state)
{
    (void)state;
    const char *path = in_folder("text.so");
    store(path, "not a library", 13);
    setenv("SLUICE_CUDA", path, 1);
    refused("the plug-in cannot be loaded");
}

static void a_library_that_is_no_plugin_is_said(void **state)
{
    (void)state;
    make_plugin("empty", "int nothing;\n");
    refused("has no \"sl_device_plugin\"");
}

static void a_plugin_of_another_version_is_refused(void **state)
{
    (void)state;
    make_plugin("old", "#include \"sluice/device.h\"\n"
                       "const struct sl_device_plugin sl_device_plugin = { 99, \"old\", 0, 0, 0 };\n");
    refused("speaks version 99");
}

static const char working[] =
    "#include \"sluice/device.h\"\n"
    "#include <stdio.h>\n"
    "static struct sl_device devices[2];\n"
    "static int closed[2];\n"
    "static int open_it(struct sl_device **out, int number, uint64_t need, struct sl_error *err)\n"
    "{\n"
    "    if (need > 1000 || number > 1) {\n"
    "        snprintf(err->what, sizeof err->what, number > 1 ? \"there is no GPU %d\" : \"GPU %d has too little memory\", "
    "number);\n"
    "        snprintf(err->fix, sizeof err->fix, \"take another\");\n"
    "        return err->status = SL_ESTATE;\n"
    "    }\n"
    "    snprintf(devices[number].name, sizeof devices[number].name, \"pretended %d\", number);\n"
    "    *out = &devices[number];\n"
    "    return SL_OK;\n"
    "}\n"
    "static void close_it(struct sl_device *device) { closed[device - devices]++; }\n"
    "static bool usage(struct sl_device *device, struct sl_device_usage *out)\n"
    "{\n"
    "    *out = (struct sl_device_usage){ 0.5, (uint64_t)(device - devices), (uint64_t)closed[0] };\n"
    "    return true;\n"
    "}\n"
    "const struct sl_device_plugin sl_device_plugin = { SL_DEVICE_ABI, \"pretended\", open_it, close_it, usage };\n";

static void each_device_of_a_plugin_is_closed_by_it(void **state)
{
    (void)state;
    make_plugin("working", working);
    struct sl_device *first = NULL, *second = NULL;
    struct sl_error err = SL_ERROR_INIT;
    char *why = NULL;
    assert_int_equal(sl_device_open(&first, "auto", NULL, 0, &why, &err), SL_OK);
    assert_null(why);
    assert_string_equal(first->name, "pretended 0");
    assert_int_equal(sl_device_open(&second, "cuda:1", NULL, 1000, NULL, &err), SL_OK);
    assert_string_equal(second->name, "pretended 1");
    struct sl_device_usage usage;
    assert_true(sl_device_usage(second, &usage));
    assert_int_equal(usage.used, 1);
    assert_int_equal(usage.total, 0);
    sl_device_close(first);
    assert_true(sl_device_usage(second, &usage));
    assert_int_equal(usage.total, 1);
    assert_false(sl_device_usage(first, &usage));
    sl_device_close(second);
}

static void too_little_memory_is_said_in_the_words_of_the_plugin(void **state)
{
    (void)state;
    make_plugin("small", working);
    struct sl_device *device = NULL;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_device_open(&device, "cuda", NULL, 1001, NULL, &err), SL_ESTATE);
    assert_string_equal(err.what, "GPU 0 has too little memory");
    assert_int_equal(sl_device_open(&device, "cuda:7", NULL, 0, NULL, &err), SL_ESTATE);
    assert_string_equal(err.what, "there is no GPU 7");
    char *why = NULL;
    assert_int_equal(sl_device_open(&device, "auto", NULL, 1001, &why, &err), SL_OK);
    assert_true(device->host);
    assert_string_equal(why, "GPU 0 has too little memory; the processor computes");
    free(why);
    sl_device_close(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_processor_is_opened_by_name),
        cmocka_unit_test(other_names_are_refused),
        cmocka_unit_test(a_plugin_that_is_not_there_is_said),
        cmocka_unit_test(a_file_that_is_no_library_is_said),
        cmocka_unit_test(a_library_that_is_no_plugin_is_said),
        cmocka_unit_test(a_plugin_of_another_version_is_refused),
        cmocka_unit_test(each_device_of_a_plugin_is_closed_by_it),
        cmocka_unit_test(too_little_memory_is_said_in_the_words_of_the_plugin),
    };
    return cmocka_run_group_tests(tests, make_folder, leave_folder);
}
