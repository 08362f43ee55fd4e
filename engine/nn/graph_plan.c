/* graph_plan.c: from nodes to a graph that runs: check, find where gradients pass, take memory, draw parameters. */
#include "engine/nn/graph_private.h"
#include "engine/nn/init.h"

#include <stdlib.h>

static size_t aligned(size_t floats)
{
    return (floats + GRAPH_ALIGN_FLOATS - 1) / GRAPH_ALIGN_FLOATS * GRAPH_ALIGN_FLOATS;
}

/* Every node leads to the loss: what does not is a mistake in building, and would have no gradient. */
static int check(struct sl_graph *graph, struct sl_error *err)
{
    if (graph->error.status != SL_OK) {
        if (err) {
            *err = graph->error;
        }
        return graph->error.status;
    }
    if (graph->planned) {
        return sl_fail(err, SL_ESTATE, "the graph is planned already");
    }
    if (!graph->device) {
        return sl_fail(err, SL_ESTATE, "the graph was made to be looked at: it has no device");
    }
    if (graph->end < 0) {
        sl_fail(err, SL_EPARAM, "the graph has no loss at its end");
        return sl_fix(err, "add a cross-entropy or a squared error");
    }
    if (graph->n_parameters == 0) {
        return sl_fail(err, SL_EPARAM, "the graph has no parameters: there is nothing to learn");
    }
    for (int i = 0; i < graph->n_nodes; i++) {
        bool used = graph->nodes[i].op->end;
        if (graph->nodes[i].op->pictures && !graph->device->kernels->conv) {
            sl_fail(err, SL_ESTATE, "\"%s\": the device %s has no %s", graph->nodes[i].name, graph->device->name,
                    graph->nodes[i].op->kind);
            return sl_fix(err, "train with device=cpu");
        }
        for (int j = i + 1; !used && j < graph->n_nodes; j++) {
            const struct node *later = &graph->nodes[j];
            for (int k = 0; k < later->n_inputs; k++) {
                used = used || later->input[k] == i;
            }
        }
        if (!used) {
            return sl_fail(err, SL_EPARAM, "\"%s\" (%s) is used by nothing", graph->nodes[i].name,
                           graph->nodes[i].kind);
        }
    }
    return SL_OK;
}

/* What is frozen has no way back through it: nothing before it learns. */
static int check_frozen(const struct sl_graph *graph, struct sl_error *err)
{
    bool any = false;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        any = any || (node->learns && node->op->end);
        if (node->frozen && node->weight >= 0 && node->learns) {
            sl_fail(err, SL_EPARAM, "\"%s\" is frozen behind layers that learn", node->name);
            return sl_fix(err, "freeze what comes before it, too");
        }
    }
    return any ? SL_OK : sl_fail(err, SL_EPARAM, "every layer is frozen: there is nothing to learn");
}

static void find_roots(struct sl_graph *graph)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        struct node *node = &graph->nodes[i];
        node->root = node->op->view ? graph->nodes[node->input[0]].root : i;
        node->learns = node->weight >= 0 && !node->frozen;
        for (int k = 0; k < node->n_inputs; k++) {
            node->learns = node->learns || graph->nodes[node->input[k]].learns;
        }
        node->edges = 0;
    }
}

/* In the order gradients are written: backward, and of a node its first input first. */
static void find_first_gradients(struct sl_graph *graph)
{
    for (int i = graph->n_nodes - 1; i >= 0; i--) {
        struct node *node = &graph->nodes[i];
        for (int k = 0; node->learns && (node->op->end || node->op->backward) && k < node->n_inputs; k++) {
            struct node *root = &graph->nodes[graph->nodes[node->input[k]].root];
            node->adds[k] = root->edges > 0;
            root->edges++;
        }
    }
}

/* Who reads x, if it is one node alone. */
static void find_gatherer(struct sl_graph *graph)
{
    int readers = 0, last = -1;
    for (int i = 0; i < graph->n_nodes; i++) {
        const struct node *node = &graph->nodes[i];
        for (int k = 0; k < node->n_inputs && !node->op->view; k++) {
            if (graph->nodes[node->input[k]].root == graph->input) {
                readers++;
                last = i;
            }
        }
    }
    const struct node *reader = last < 0 ? NULL : &graph->nodes[last];
    bool can = readers == 1 && reader->op->gathers &&
               shape_last(&graph_input_of(graph, reader, 0)->shape) == graph->nodes[graph->input].count;
    graph->gatherer = can ? last : -1;
}

int graph_put(struct sl_graph *graph, void *to, const void *host, size_t bytes, struct sl_error *err)
{
    struct sl_device *device = graph->device;
    const struct sl_kernels *kernels = device->kernels;
    if (device->host) {
        memcpy(to, host, bytes);
        return SL_OK;
    }
    int status = kernels->sync(device, err); /* nothing under way reads what is there now */
    if (status != SL_OK) {
        return status;
    }
    kernels->upload(device, 0, to, host, bytes);
    kernels->uploaded(device, 0);
    kernels->acquire(device, 0);
    kernels->release(device, 0);
    return kernels->sync(device, err);
}

/* Parameters, gradients, figures, row losses and class weights: one piece. A graph that shares has only the last ones.
 */
int fixed_make(struct sl_graph *graph, struct sl_error *err)
{
    const struct node *end = &graph->nodes[graph->end];
    size_t run = graph->first ? 0 : aligned(graph->weights);
    size_t figures = aligned(sizeof(struct sl_figures) / sizeof(double)), rows = aligned(graph->batch);
    size_t classes = end->class_weights ? aligned(end->count) : 0;
    void *memory = NULL;
    graph->fixed_bytes = (2 * run + figures + rows + classes) * sizeof(float);
    int status = graph->device->kernels->alloc(graph->device, &memory, graph->fixed_bytes, err);
    if (status != SL_OK) {
        graph->fixed_bytes = 0;
        return status;
    }
    graph->figures = memory;
    graph->row_loss = graph->figures + figures;
    graph->class_weights = classes ? graph->row_loss + rows : NULL;
    graph->w = graph->first ? graph->first->w : graph->row_loss + rows + classes;
    graph->g = graph->first ? NULL : graph->w + run;
    return classes ? graph_put(graph, graph->class_weights, end->class_weights, end->count * sizeof(float), err)
                   : SL_OK;
}

void fixed_release(struct sl_graph *graph)
{
    if (graph->figures) {
        graph->device->kernels->free(graph->device, graph->figures);
    }
    graph->figures = NULL;
}

static int draw(struct sl_graph *graph, struct sl_error *err)
{
    float *w = calloc(graph->weights, sizeof *w);
    if (!w) {
        return sl_fail_memory(err, "drawing a graph's parameters");
    }
    for (size_t i = 0; i < graph->n_parameters; i++) {
        const struct sl_parameter *parameter = &graph->parameters[i];
        sl_init_draw(graph->drawn[i], &parameter->shape, graph->seed, (uint32_t)i, w + parameter->first);
    }
    int status = sl_graph_set(graph, w, err);
    free(w);
    return status;
}

static int take_memory(struct sl_graph *graph, struct sl_error *err)
{
    int status = fixed_make(graph, err);
    if (status == SL_OK) {
        status = slots_make(graph, err);
    }
    return status == SL_OK ? layout_make(graph, false, &graph->layout, err) : status;
}

static void give_memory_back(struct sl_graph *graph)
{
    layout_release(graph, &graph->layout);
    slots_release(graph);
    fixed_release(graph);
}

int sl_graph_plan(struct sl_graph *graph, uint64_t seed, struct sl_error *err)
{
    int status = check(graph, err);
    if (status != SL_OK) {
        return status;
    }
    graph->seed = seed;
    find_roots(graph);
    status = check_frozen(graph, err);
    if (status != SL_OK) {
        return status;
    }
    find_first_gradients(graph);
    find_gatherer(graph);
    status = take_memory(graph, err);
    if (status == SL_OK) {
        status = draw(graph, err);
    }
    graph->planned = status == SL_OK;
    if (status != SL_OK) {
        give_memory_back(graph);
    }
    return status;
}

int sl_graph_share(struct sl_graph **out, struct sl_graph *graph, struct sl_device *device, uint32_t batch,
                   struct sl_error *err)
{
    struct sl_graph *shared = NULL;
    if (!graph->planned || !graph->device->host || !device->host) {
        return sl_fail(err, SL_ESTATE, "a graph can be shared once it is planned, and on the processor only");
    }
    int status = sl_graph_new(&shared, device, batch, err);
    if (status != SL_OK) {
        return status;
    }
    shared->nodes = malloc((size_t)graph->n_nodes * sizeof *shared->nodes);
    if (!shared->nodes) {
        sl_graph_free(shared);
        return sl_fail_memory(err, "a second graph");
    }
    memcpy(shared->nodes, graph->nodes, (size_t)graph->n_nodes * sizeof *shared->nodes);
    shared->n_nodes = graph->n_nodes;
    shared->input = graph->input;
    shared->ids = graph->ids;
    shared->end = graph->end;
    shared->gatherer = graph->gatherer;
    shared->parameters = graph->parameters;
    shared->n_parameters = graph->n_parameters;
    shared->weights = graph->weights;
    shared->seed = graph->seed;
    shared->first = graph->first ? graph->first : graph;
    status = take_memory(shared, err);
    if (status != SL_OK) {
        sl_graph_free(shared);
        return status;
    }
    shared->planned = true;
    *out = shared;
    return SL_OK;
}
