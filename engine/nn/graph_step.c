/* graph_step.c: running a planned graph: forward in the order of nodes, backward against it.
 *
 * Nothing is allocated here, on host or device. Kernels are given between begin and end, under a key that says
 * everything their arguments depend on: graph, slot, records, what is wanted, and the optimizer's variant. */
#include "engine/nn/graph_private.h"

#include <math.h>

/* --- what operators ask for --- */

static void *slot_at(const struct run *run, size_t at)
{
    return (char *)run->graph->slots[run->slot].device + at;
}

float *run_output(const struct run *run, const struct node *node)
{
    const struct place *place = &run->graph->layout.place[node->number];
    return run->back && place->again ? place->again : place->value;
}

const float *run_value(const struct run *run, int node)
{
    const struct node *root = &run->graph->nodes[run->graph->nodes[node].root];
    return root->op->source ? slot_at(run, run->graph->at_x) : run_output(run, root);
}

const uint32_t *run_ids(const struct run *run)
{
    return slot_at(run, run->graph->at_ids);
}

float *run_extra(const struct run *run, const struct node *node, int k)
{
    return run->graph->layout.place[node->number].extra[k];
}

float *run_gradient(const struct run *run, int node)
{
    return run->graph->layout.place[run->graph->nodes[node].root].gradient;
}

float *run_input_gradient(const struct run *run, const struct node *node, int k)
{
    return run_gradient(run, node->input[k]); /* none has been placed where none is wanted */
}

const float *run_weight(const struct run *run, int parameter)
{
    return parameter < 0 ? NULL : run->graph->w + run->graph->parameters[parameter].first;
}

float *run_weight_gradient(const struct run *run, int parameter)
{
    return parameter < 0 ? NULL : run->graph->g + run->graph->parameters[parameter].first;
}

const struct sl_places *run_places(const struct run *run, const struct node *node)
{
    const struct sl_graph *graph = run->graph;
    const struct sl_places *places = &graph->slots[run->slot].places;
    bool in_passing = graph->gatherer >= 0 && !graph->layout.apart;
    return places->row && node->number == (in_passing ? graph->gatherer : graph->input) ? places : NULL;
}

float *run_slot_x(const struct run *run)
{
    return slot_at(run, run->graph->at_x);
}

const struct sl_hyper *run_hyper(const struct run *run)
{
    return slot_at(run, 0);
}

const uint32_t *run_labels(const struct run *run)
{
    return slot_at(run, run->graph->at_target);
}

const float *run_target(const struct run *run)
{
    return slot_at(run, run->graph->at_target);
}

/* --- running --- */

/* Before the backward of a node: what it looks at and is to be made again, its input first. */
static void remake(const struct run *run, const struct node *node)
{
    const struct sl_graph *graph = run->graph;
    for (int k = 0; k < 2; k++) {
        const struct node *it = k || !node->n_inputs ? node : &graph->nodes[graph->nodes[node->input[0]].root];
        const struct place *place = &graph->layout.place[it->number];
        if (place->again && place->remade == node->number && (k || it != node)) {
            it->op->forward(run, it);
        }
    }
}

static void give_kernels(struct run *run)
{
    const struct sl_graph *graph = run->graph;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->op->forward) {
            node->op->forward(run, node);
        }
    }
    run->back = true;
    for (int i = graph->n_nodes - 1; run->learning && i >= 0; i--) {
        const struct node *node = &graph->nodes[i];
        if (node->learns && node->op->backward) {
            remake(run, node);
            node->op->backward(run, node);
        }
    }
}

/* Never 0. */
static uint64_t key_of(const struct run *run, const struct graph_tail *tail)
{
    uint64_t flags = 0x80u | (unsigned)run->slot | (run->training ? 2u : 0) | (run->learning ? 4u : 0) |
                     (run->add ? 8u : 0) | (run->graph->layout.apart ? 16u : 0);
    return run->graph->id << 48 | (uint64_t)run->n << 16 | (uint64_t)(tail ? tail->variant : 0) << 8 | flags;
}

/* The third figure of the loss's two. */
static float *square_of(const struct sl_graph *graph)
{
    return graph->figures + 2;
}

static int carry_out(struct run *run, const struct graph_tail *tail, struct sl_error *err)
{
    struct sl_graph *graph = run->graph;
    const struct sl_kernels *kernels = run->kernels;
    uint64_t key = key_of(run, tail);
    int status = SL_OK;
    kernels->acquire(run->device, run->slot);
    if (!kernels->begin(run->device, key)) {
        give_kernels(run);
        if (tail) {
            tail->give(tail->ctx, run->device, run_hyper(run), square_of(graph));
        }
        status = kernels->end(run->device, key, err);
    }
    kernels->release(run->device, run->slot);
    graph->last_slot = status == SL_OK ? run->slot : -1;
    graph->last_n = run->n;
    graph->last_trained = run->training;
    graph->last_learnt = run->learning;
    graph->last_squared = tail != NULL;
    return status;
}

static int check_call(const struct sl_graph *graph, int slot, uint32_t n, struct sl_error *err)
{
    if (!graph->planned) {
        return sl_fail(err, SL_ESTATE, "the graph is not planned yet");
    }
    if (slot < 0 || slot >= GRAPH_SLOTS) {
        return sl_fail(err, SL_EPARAM, "a graph has slots 0 and 1, not %d", slot);
    }
    if (n == 0 || n > graph->batch) {
        return sl_fail(err, SL_EPARAM, "a step of this graph takes 1 to %u records, not %u", graph->batch, n);
    }
    return SL_OK;
}

static struct run run_of(struct sl_graph *graph, int slot, uint32_t n)
{
    return (
        struct run){ .graph = graph, .device = graph->device, .kernels = graph->device->kernels, .slot = slot, .n = n };
}

int sl_graph_forward(struct sl_graph *graph, int slot, uint32_t n, bool training, struct sl_error *err)
{
    int status = check_call(graph, slot, n, err);
    if (status != SL_OK) {
        return status;
    }
    struct run run = run_of(graph, slot, n);
    run.training = training;
    return carry_out(&run, NULL, err);
}

int sl_graph_step_then(struct sl_graph *graph, int slot, uint32_t n, const struct sl_hyper *hyper, bool add,
                       const struct graph_tail *tail, struct sl_error *err)
{
    int status = check_call(graph, slot, n, err);
    if (status == SL_OK && graph->first) {
        status = sl_fail(err, SL_ESTATE, "a graph that shares another's parameters does not learn");
    }
    if (status != SL_OK) {
        return status;
    }
    struct run run = run_of(graph, slot, n);
    run.training = run.learning = true;
    run.add = add;
    slot_settings(graph, slot, hyper);
    return carry_out(&run, tail, err);
}

int sl_graph_step(struct sl_graph *graph, int slot, uint32_t n, const struct sl_hyper *hyper, bool add,
                  struct sl_error *err)
{
    return sl_graph_step_then(graph, slot, n, hyper, add, NULL, err);
}

/* --- what came of it --- */

static int check_done(const struct sl_graph *graph, bool wanted, const char *what, struct sl_error *err)
{
    if (graph->last_slot < 0 || !wanted) {
        return sl_fail(err, SL_ESTATE, "there is no %s: %s", what,
                       graph->last_slot < 0 ? "nothing was run yet" : "the last run was not for training");
    }
    return SL_OK;
}

int sl_graph_figures(struct sl_graph *graph, struct sl_figures *out, struct sl_error *err)
{
    float figures[3];
    int status = check_done(graph, graph->last_trained, "loss", err);
    if (status == SL_OK) {
        status = graph->device->kernels->download(graph->device, figures, graph->figures, sizeof figures, err);
    }
    if (status == SL_OK) {
        out->loss = (double)figures[0];
        out->correct = (double)figures[1];
        out->gradient_square = graph->last_squared ? (double)figures[2] : (double)NAN;
    }
    return status;
}

int sl_graph_output(struct sl_graph *graph, uint32_t n, float *out, struct sl_error *err)
{
    int status = check_done(graph, true, "output", err);
    if (status != SL_OK) {
        return status;
    }
    if (n > graph->last_n) {
        return sl_fail(err, SL_EPARAM, "the last run was of %u records, not %u", graph->last_n, n);
    }
    struct run run = run_of(graph, graph->last_slot, graph->last_n);
    return graph->device->kernels->download(graph->device, out, run_value(&run, graph->end),
                                            n * sl_graph_outputs(graph) * sizeof *out, err);
}

size_t sl_graph_outputs(const struct sl_graph *graph)
{
    return graph->end < 0 ? 0 : graph->nodes[graph->end].count;
}

int sl_graph_row_loss(struct sl_graph *graph, uint32_t n, float *out, struct sl_error *err)
{
    int status = check_done(graph, graph->last_trained, "loss of a row", err);
    if (status == SL_OK && n > graph->last_n) {
        status = sl_fail(err, SL_EPARAM, "the last run was of %u records, not %u", graph->last_n, n);
    }
    return status == SL_OK ? graph->device->kernels->download(graph->device, out, graph->row_loss, n * sizeof *out, err)
                           : status;
}
