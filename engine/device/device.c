/* device.c: a device by name: the processor, or a GPU through the plug-in libsluice-cuda.so.
 *
 * The program runs without the plug-in and without anything of CUDA: it is looked for when a GPU is asked for, in the
 * file that SLUICE_CUDA names, else beside the executable, in ../lib/sluice from there, and on the system's path.
 * Once loaded it stays: CUDA's own libraries do not survive being unloaded. */
#include "sluice/device.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/device/cpu.h"

#define PLUGIN_FILE   "libsluice-cuda.so"
#define PLUGIN_SYMBOL "sl_device_plugin"

/* Devices of plug-ins that are open, so that each is closed by its own. */
struct opened {
    struct opened *next;
    struct sl_device *device;
    const struct sl_device_plugin *plugin;
    void *library;
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct opened *all_opened;

/* --- finding the plug-in --- */

/* The executable's folder followed by `behind`; false: unknown or too long. */
static bool beside_executable(char *out, size_t size, const char *behind)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) {
        return false;
    }
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) {
        return false;
    }
    int length = snprintf(out, size, "%.*s/%s", (int)(slash - path), path, behind);
    return length > 0 && (size_t)length < size && access(out, F_OK) == 0;
}

static int fail_missing(struct sl_error *err)
{
    sl_fail(err, SL_ESTATE, "no GPU can be used: the plug-in \"" PLUGIN_FILE "\" is not there");
    return sl_fix(err, "build it with \"make\" where nvcc is found, name its file in SLUICE_CUDA, or say device=cpu");
}

static int load(void **out, const char *path, struct sl_error *err)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library) {
        *out = library;
        return SL_OK;
    }
    const char *reason = dlerror();
    bool found = strchr(path, '/') ? access(path, F_OK) == 0 : !reason || !strstr(reason, PLUGIN_FILE ": cannot open");
    if (!found && strchr(path, '/')) {
        sl_fail(err, SL_ESTATE, "no GPU can be used: the plug-in \"%s\", which SLUICE_CUDA names, is not there", path);
        return sl_fix(err, "name the file of " PLUGIN_FILE ", unset SLUICE_CUDA, or say device=cpu");
    }
    if (!found) {
        return fail_missing(err);
    }
    sl_fail(err, SL_ESTATE, "no GPU can be used: the plug-in cannot be loaded: %s", reason ? reason : path);
    return sl_fix(err, "install the CUDA runtime and cuBLAS it was built with, or say device=cpu");
}

static int find_library(void **out, struct sl_error *err)
{
    char path[PATH_MAX];
    const char *named = getenv("SLUICE_CUDA");
    if (named && named[0]) {
        if (strchr(named, '/')) {
            return load(out, named, err);
        }
        snprintf(path, sizeof path, "./%s",
                 named); /* a name without a folder is a file here, not on the system's path */
        return load(out, path, err);
    }
    if (beside_executable(path, sizeof path, PLUGIN_FILE) ||
        beside_executable(path, sizeof path, "../lib/sluice/" PLUGIN_FILE)) {
        return load(out, path, err);
    }
    return load(out, PLUGIN_FILE, err);
}

static int find_plugin(void **library, const struct sl_device_plugin **plugin, struct sl_error *err)
{
    int status = find_library(library, err);
    if (status != SL_OK) {
        return status;
    }
    *plugin = dlsym(*library, PLUGIN_SYMBOL);
    if (*plugin && (*plugin)->abi == SL_DEVICE_ABI) {
        return SL_OK;
    }
    if (!*plugin) {
        sl_fail(err, SL_ESTATE, "no GPU can be used: the plug-in has no \"" PLUGIN_SYMBOL "\"");
    } else {
        sl_fail(err, SL_ESTATE, "no GPU can be used: the plug-in speaks version %u, this program version %d",
                (*plugin)->abi, SL_DEVICE_ABI);
    }
    dlclose(*library);
    return sl_fix(err, "use the " PLUGIN_FILE " of this version, or say device=cpu");
}

/* --- opening and closing --- */

static int open_cuda(struct sl_device **out, int number, uint64_t need, struct sl_error *err)
{
    struct opened *record = calloc(1, sizeof *record);
    if (!record) {
        return sl_fail_memory(err, "opening a GPU");
    }
    int status = find_plugin(&record->library, &record->plugin, err);
    if (status == SL_OK) {
        status = record->plugin->open(&record->device, number, need, err);
        if (status != SL_OK) {
            dlclose(record->library);
        }
    }
    if (status != SL_OK) {
        free(record);
        return status;
    }
    pthread_mutex_lock(&lock);
    record->next = all_opened;
    all_opened = record;
    pthread_mutex_unlock(&lock);
    *out = record->device;
    return SL_OK;
}

/* "cuda" or "cuda:N" with N a device's number. */
static bool is_cuda(const char *name, int *number)
{
    *number = 0;
    if (strncmp(name, "cuda", 4) != 0) {
        return false;
    }
    if (name[4] == '\0') {
        return true;
    }
    size_t digits = strspn(name + 5, "0123456789");
    if (name[4] != ':' || !digits || digits > 4 || name[5 + digits]) {
        return false;
    }
    *number = (int)strtol(name + 5, NULL, 10);
    return true;
}

int sl_device_open(struct sl_device **out, const char *name, struct sl_pool *pool, uint64_t need, char **why,
                   struct sl_error *err)
{
    int number = 0;
    if (why) {
        *why = NULL;
    }
    if (is_cuda(name, &number)) {
        return open_cuda(out, number, need, err);
    }
    if (strcmp(name, "auto") == 0) {
        struct sl_error reason = SL_ERROR_INIT;
        if (open_cuda(out, 0, need, &reason) == SL_OK) {
            return SL_OK;
        }
        if (why && asprintf(why, "%s; the processor computes", reason.what) < 0) {
            *why = NULL;
        }
    } else if (strcmp(name, "cpu") != 0) {
        sl_fail(err, SL_EPARAM, "there is no device \"%.64s\"", name);
        return sl_fix(err, "use cpu, cuda, cuda:N with the number of a GPU, or auto");
    }
    return sl_device_cpu(out, NULL, pool, err);
}

/* Its place in the list, which the caller has locked. */
static struct opened **find(const struct sl_device *device)
{
    struct opened **at = &all_opened;
    while (*at && (*at)->device != device) {
        at = &(*at)->next;
    }
    return at;
}

void sl_device_close(struct sl_device *device)
{
    if (!device || sl_cpu_close(device)) {
        return;
    }
    pthread_mutex_lock(&lock);
    struct opened **at = find(device), *record = *at;
    if (record) {
        *at = record->next;
    }
    pthread_mutex_unlock(&lock);
    if (record) {
        record->plugin->close(device);
        dlclose(record->library);
        free(record);
    }
}

bool sl_device_usage(struct sl_device *device, struct sl_device_usage *out)
{
    pthread_mutex_lock(&lock);
    const struct opened *record = *find(device);
    const struct sl_device_plugin *plugin = record ? record->plugin : NULL;
    pthread_mutex_unlock(&lock);
    return plugin && plugin->usage && plugin->usage(device, out);
}
