/* graph_slots.c: two places for batches, so that one is filled while the other is computed from.
 *
 * A slot holds, each on a boundary of 64 bytes: the step's settings, x, ids, labels or targets. On the processor's own
 * device there is one piece of memory, which the caller fills and kernels read; elsewhere a pinned one that mirrors the
 * device's. */
#include "engine/nn/graph_private.h"

#include <stdlib.h>

static bool takes_labels(const struct sl_graph *graph)
{
    const struct node *end = &graph->nodes[graph->end];
    return !end->op->view && !end->soft;
}

static size_t target_bytes(const struct sl_graph *graph)
{
    return takes_labels(graph) ? sizeof(uint32_t) : graph->nodes[graph->end].count * sizeof(float);
}

/* Bytes of one record in an input node. */
static size_t record_bytes(const struct sl_graph *graph, int node)
{
    return node < 0 ? 0 : graph->nodes[node].count * sizeof(float);
}

static size_t after(size_t at, size_t bytes)
{
    return (at + bytes + GRAPH_ALIGN - 1) / GRAPH_ALIGN * GRAPH_ALIGN;
}

int slots_make(struct sl_graph *graph, struct sl_error *err)
{
    const struct sl_kernels *kernels = graph->device->kernels;
    graph->at_x = after(0, sizeof(struct sl_hyper));
    graph->at_ids = after(graph->at_x, graph->batch * record_bytes(graph, graph->input));
    graph->at_target = after(graph->at_ids, graph->batch * record_bytes(graph, graph->ids));
    graph->slot_bytes = after(graph->at_target, graph->batch * target_bytes(graph));
    int status = SL_OK;
    for (int i = 0; status == SL_OK && i < GRAPH_SLOTS; i++) {
        struct slot *slot = &graph->slots[i];
        status = kernels->alloc(graph->device, &slot->device, graph->slot_bytes, err);
        if (status == SL_OK && graph->device->host) {
            slot->host = slot->device;
            slot->row = calloc(graph->batch, sizeof *slot->row);
            status = slot->row ? SL_OK : sl_fail_memory(err, "a batch's places");
        } else if (status == SL_OK) {
            status = kernels->host_alloc(graph->device, &slot->host, graph->slot_bytes, err);
        }
    }
    return status;
}

void slots_release(struct sl_graph *graph)
{
    const struct sl_kernels *kernels = graph->device ? graph->device->kernels : NULL;
    for (int i = 0; kernels && i < GRAPH_SLOTS; i++) {
        struct slot *slot = &graph->slots[i];
        if (slot->host && slot->host != slot->device) {
            kernels->host_free(graph->device, slot->host);
        }
        if (slot->device) {
            kernels->free(graph->device, slot->device);
        }
        free(slot->row);
        *slot = (struct slot){ 0 };
    }
}

static void *host_at(struct sl_graph *graph, int slot, size_t at, bool there)
{
    return there && graph->planned && slot >= 0 && slot < GRAPH_SLOTS ? (char *)graph->slots[slot].host + at : NULL;
}

float *sl_graph_x(struct sl_graph *graph, int slot)
{
    return host_at(graph, slot, graph->at_x, graph->input >= 0);
}

const void **sl_graph_places(struct sl_graph *graph, int slot, const struct sl_places *form)
{
    if (!graph->device->host || !sl_graph_x(graph, slot)) {
        return NULL;
    }
    struct slot *it = &graph->slots[slot];
    it->places = form ? *form : (struct sl_places){ 0 };
    it->places.row = form ? it->row : NULL;
    return it->row;
}

uint32_t *sl_graph_x_ids(struct sl_graph *graph, int slot)
{
    return host_at(graph, slot, graph->at_ids, graph->ids >= 0);
}

uint32_t *sl_graph_labels(struct sl_graph *graph, int slot)
{
    return host_at(graph, slot, graph->at_target, graph->planned && takes_labels(graph));
}

float *sl_graph_target(struct sl_graph *graph, int slot)
{
    return host_at(graph, slot, graph->at_target, graph->planned && !takes_labels(graph));
}

static void upload_part(struct sl_graph *graph, int slot, size_t at, size_t bytes)
{
    struct slot *it = &graph->slots[slot];
    if (bytes) {
        graph->device->kernels->upload(graph->device, slot, (char *)it->device + at, (const char *)it->host + at,
                                       bytes);
    }
}

void sl_graph_upload(struct sl_graph *graph, int slot, uint32_t n)
{
    if (!graph->device->host && slot >= 0 && slot < GRAPH_SLOTS && n <= graph->batch) {
        upload_part(graph, slot, graph->at_x, n * record_bytes(graph, graph->input));
        upload_part(graph, slot, graph->at_ids, n * record_bytes(graph, graph->ids));
        upload_part(graph, slot, graph->at_target, n * target_bytes(graph));
    }
}

void sl_graph_uploaded(struct sl_graph *graph, int slot)
{
    if (!graph->device->host && slot >= 0 && slot < GRAPH_SLOTS) {
        graph->device->kernels->uploaded(graph->device, slot);
        graph->slots[slot].settings_given = false;
    }
}

/* The settings of a step. Their host memory may still be on the way since the slot's last step, if nobody has waited
 * since then. */
void slot_settings(struct sl_graph *graph, int slot, const struct sl_hyper *hyper)
{
    struct slot *it = &graph->slots[slot];
    if (it->settings_given) {
        sl_graph_uploaded(graph, slot);
    }
    memcpy(it->host, hyper, sizeof *hyper);
    if (!graph->device->host) {
        upload_part(graph, slot, 0, sizeof *hyper);
        it->settings_given = true;
    }
}
