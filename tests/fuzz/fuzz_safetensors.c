/* fuzz_safetensors.c: any bytes as a safetensors file for a small network.
 *
 * It must be refused with a message, the weights staying as they were, or be read so that writing the network and
 * reading that gives the same weights. Whatever header parses holds together: unique names in order, and tensors that
 * cover the data exactly. */
#include "engine/nn/safetensors_private.h"
#include "sluice/network.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)                                                                    \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

enum { WEIGHTS_MAX = 256 };

static struct sl_graph *network(struct sl_device *device, uint64_t seed)
{
    struct sl_graph *graph = NULL;
    struct sl_mlp mlp = { .n_hidden = 1, .hidden = { 4 }, .activation = SL_RELU, .outputs = 2 };
    MUST(sl_graph_new(&graph, device, 1, NULL) == SL_OK);
    sl_mlp_build(graph, (struct sl_shape){ 1, { 3 } }, &mlp);
    MUST(sl_graph_plan(graph, seed, NULL) == SL_OK);
    MUST(sl_graph_weights(graph) <= WEIGHTS_MAX);
    return graph;
}

static void check_header(struct sl_str header, uint64_t data)
{
    struct sl_tensors tensors;
    struct sl_error err = SL_ERROR_INIT;
    uint64_t covered = 0;
    if (sl_tensors_parse(&tensors, header, data, &err) != SL_OK) {
        MUST(err.what[0] && err.fix[0] && (err.byte == UINT64_MAX || err.byte <= header.n));
        return;
    }
    for (size_t i = 0; i < tensors.n; i++) {
        const struct sl_tensor *tensor = &tensors.list[i];
        MUST(i == 0 || sl_str_compare(tensor[-1].name, tensor->name) < 0);
        MUST(sl_tensors_find(&tensors, tensor->name) == tensor);
        MUST(tensor->begin <= tensor->end && tensor->end <= data);
        covered += tensor->end - tensor->begin;
    }
    MUST(covered == data);
    sl_tensors_release(&tensors);
}

static void check_same(struct sl_graph *graph, struct sl_graph *other, const float *w, const char *path)
{
    float after[WEIGHTS_MAX] = { 0 };
    MUST(sl_safetensors_write(path, graph, NULL, NULL) == SL_OK);
    MUST(sl_safetensors_read(path, other, NULL) == SL_OK);
    MUST(sl_graph_get(other, after, NULL) == SL_OK);
    MUST(memcmp(after, w, sizeof after) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sl_device *device = NULL;
    struct sl_error err = SL_ERROR_INIT;
    float before[WEIGHTS_MAX] = { 0 }, after[WEIGHTS_MAX] = { 0 };
    MUST(sl_device_cpu(&device, "portable", NULL, NULL) == SL_OK);
    struct sl_graph *graph = network(device, 1), *other = network(device, 2);
    MUST(sl_graph_get(graph, before, NULL) == SL_OK);

    int file = memfd_create("safetensors", MFD_CLOEXEC);
    MUST(file >= 0 && write(file, data, size) == (ssize_t)size);
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int status = sl_safetensors_read(path, graph, &err);
    MUST(sl_graph_get(graph, after, NULL) == SL_OK);
    if (status != SL_OK) {
        MUST(err.what[0] && memcmp(before, after, sizeof after) == 0);
    } else {
        MUST(ftruncate(file, 0) == 0);
        char copy[64];
        snprintf(copy, sizeof copy, "/tmp/sluice-fuzz-%ld.safetensors", (long)getpid());
        check_same(graph, other, after, copy);
        unlink(copy);
    }
    close(file);
    if (size) {
        check_header((struct sl_str){ (const char *)data + 1, size - 1 }, data[0]);
    }
    sl_graph_free(graph);
    sl_graph_free(other);
    sl_device_close(device);
    return 0;
}
