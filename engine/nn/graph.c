/* graph.c: a graph's nodes and parameters while it is built.
 *
 * The first error is latched: later calls return −1 and change nothing, so that a builder of many nodes needs no
 * checks between, and sl_graph_plan tells it. Nodes refer to earlier nodes only, so their order is a topological one
 * and nothing has to be sorted, and there can be no cycle. */
#include "engine/nn/graph_private.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* More than any memory there is, and far from overflow when a few are added. */
#define BYTES_MAX ((size_t)1 << 46)

int sl_graph_new(struct sl_graph **out, struct sl_device *device, uint32_t batch, struct sl_error *err)
{
    static atomic_uint_fast64_t made;
    if (batch == 0) {
        return sl_fail(err, SL_EPARAM, "a graph's batch has at least 1 record, not 0");
    }
    struct sl_graph *graph = calloc(1, sizeof *graph);
    if (!graph) {
        return sl_fail_memory(err, "a graph");
    }
    sl_arena_init(&graph->arena);
    graph->device = device;
    graph->batch = batch;
    graph->input = graph->ids = graph->end = -1;
    graph->last_slot = -1;
    graph->id = atomic_fetch_add(&made, 1);
    *out = graph;
    return SL_OK;
}

void sl_graph_free(struct sl_graph *graph)
{
    if (!graph) {
        return;
    }
    if (graph->planned) {
        graph->device->kernels->sync(graph->device, NULL);
        graph->device->kernels->forget(graph->device);
    }
    layout_release(graph, &graph->layout);
    slots_release(graph);
    fixed_release(graph);
    free(graph->nodes);
    if (!graph->first) {
        free(graph->parameters);
        free(graph->drawn);
    }
    sl_arena_release(&graph->arena);
    free(graph);
}

int graph_fail(struct sl_graph *graph, int status, const char *format, ...)
{
    if (graph->error.status == SL_OK) {
        char text[sizeof graph->error.what];
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        sl_fail(&graph->error, status, "%s", text);
    }
    return -1;
}

void sl_graph_name(struct sl_graph *graph, const char *name)
{
    if (!name || !*name) {
        graph->prefix = NULL;
        return;
    }
    graph->prefix = sl_arena_strndup(&graph->arena, name, strlen(name));
    if (!graph->prefix) {
        graph_fail(graph, SL_ENOMEM, "out of memory while naming \"%s\"", name);
    }
}

void sl_graph_freeze(struct sl_graph *graph, bool frozen)
{
    graph->frozen = frozen;
}

void sl_graph_recompute(struct sl_graph *graph, bool recompute)
{
    graph->recompute = recompute;
}

size_t sl_shape_count(const struct sl_shape *shape)
{
    size_t count = 1;
    for (uint32_t i = 0; i < shape->rank && i < SL_RANK_MAX; i++) {
        count *= shape->size[i];
    }
    return count;
}

size_t shape_last(const struct sl_shape *shape)
{
    return shape->size[shape->rank - 1];
}

size_t shape_rows(const struct sl_shape *shape)
{
    return sl_shape_count(shape) / shape_last(shape);
}

const char *graph_shape_text(struct sl_graph *graph, const struct sl_shape *shape)
{
    char text[SL_RANK_MAX * 12 + 3];
    size_t n = (size_t)snprintf(text, sizeof text, "(");
    for (uint32_t i = 0; i < shape->rank && i < SL_RANK_MAX; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, i ? ", %u" : "%u", shape->size[i]);
    }
    snprintf(text + n, sizeof text - n, ")");
    const char *kept = sl_arena_strndup(&graph->arena, text, strlen(text));
    return kept ? kept : "";
}

const struct node *graph_input_of(const struct sl_graph *graph, const struct node *node, int k)
{
    return &graph->nodes[node->input[k]];
}

/* Is the shape one that a batch of it can be made of? Sets count. */
static bool shape_holds(struct sl_graph *graph, struct node *node)
{
    size_t bytes = sizeof(float);
    if (node->shape.rank > SL_RANK_MAX) {
        graph_fail(graph, SL_EPARAM, "\"%s\": a record has at most %d dimensions, not %u", node->name, SL_RANK_MAX,
                   node->shape.rank);
        return false;
    }
    bool fits = sl_mul(bytes, graph->batch, &bytes);
    for (uint32_t i = 0; fits && i < node->shape.rank; i++) {
        if (node->shape.size[i] == 0) {
            graph_fail(graph, SL_EPARAM, "\"%s\": shape %s has a dimension of size 0", node->name,
                       graph_shape_text(graph, &node->shape));
            return false;
        }
        fits = sl_mul(bytes, node->shape.size[i], &bytes) && bytes <= BYTES_MAX;
    }
    if (!fits) {
        graph_fail(graph, SL_EPARAM, "\"%s\": shape %s has more elements than a graph can hold", node->name,
                   graph_shape_text(graph, &node->shape));
        return false;
    }
    node->count = sl_shape_count(&node->shape);
    return true;
}

static bool name_taken(const struct sl_graph *graph, const char *name)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        if (strcmp(graph->nodes[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* An operator's kind as a word: "layer_norm". */
static const char *word_of(struct sl_arena *arena, const char *kind)
{
    char *word = sl_arena_strndup(arena, kind, strlen(kind));
    for (char *c = word; c && *c; c++) {
        *c = *c == ' ' ? '_' : *c;
    }
    return word;
}

/* The prefix for the first node under it, PREFIX.kind for others; without a prefix kind_1, kind_2, … */
static const char *name_of(struct sl_graph *graph, const struct op_class *op)
{
    struct sl_arena *arena = &graph->arena;
    const char *kind = word_of(arena, op->kind);
    bool own = op->source || op->end;
    if (graph->prefix && !own && !name_taken(graph, graph->prefix)) {
        return graph->prefix;
    }
    if (!kind) {
        return NULL;
    }
    const char *stem = graph->prefix && !own ? sl_arena_printf(arena, "%s.%s", graph->prefix, kind) : kind;
    if (!stem || ((own || graph->prefix) && !name_taken(graph, stem))) {
        return stem;
    }
    for (int i = 1; i <= graph->n_nodes + 1; i++) {
        const char *name = sl_arena_printf(arena, "%s_%d", stem, i);
        if (!name || !name_taken(graph, name)) {
            return name;
        }
    }
    return NULL;
}

static bool inputs_fit(struct sl_graph *graph, const struct node *node)
{
    for (int k = 0; k < node->n_inputs; k++) {
        if (node->input[k] < 0 || node->input[k] >= graph->n_nodes) {
            graph_fail(graph, SL_EPARAM, "\"%s\": %d is no node of this graph, which has %d", node->name,
                       node->input[k], graph->n_nodes);
            return false;
        }
        const struct node *x = graph_input_of(graph, node, k);
        if (x->op->end) {
            graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" ends the graph; nothing can follow it", node->name, x->name);
            return false;
        }
        if (x->op->gives_ids != node->op->takes_ids) {
            graph_fail(graph, SL_EPARAM,
                       x->op->gives_ids ? "\"%s\" takes numbers, and \"%s\" holds ids; put an embedding between"
                                        : "\"%s\" takes ids, and \"%s\" holds numbers; use sl_graph_ids",
                       node->name, x->name);
            return false;
        }
    }
    return true;
}

static bool room_for_node(struct sl_graph *graph)
{
    if (graph->n_nodes < graph->nodes_room) {
        return true;
    }
    int room = graph->nodes_room ? 2 * graph->nodes_room : 32;
    struct node *nodes = room > 1 << 24 ? NULL : realloc(graph->nodes, (size_t)room * sizeof *nodes);
    if (!nodes) {
        graph_fail(graph, SL_ENOMEM, "out of memory while adding node %d", graph->n_nodes);
        return false;
    }
    graph->nodes = nodes;
    graph->nodes_room = room;
    return true;
}

int graph_add_node(struct sl_graph *graph, const struct node *like)
{
    if (graph->error.status != SL_OK) {
        return -1;
    }
    if (graph->planned) {
        return graph_fail(graph, SL_ESTATE, "the graph is planned: nothing can be added, such as \"%s\"",
                          like->op->kind);
    }
    if (!room_for_node(graph)) {
        return -1;
    }
    struct node node = *like;
    node.number = graph->n_nodes;
    node.weight = node.bias = node.mean_run = node.variance_run = -1;
    node.frozen = graph->frozen;
    node.root = node.number;
    snprintf(node.kind, sizeof node.kind, "%s", node.op->kind);
    node.name = name_of(graph, node.op);
    if (!node.name) {
        return graph_fail(graph, SL_ENOMEM, "out of memory while naming node %d", node.number);
    }
    if (graph->end >= 0) {
        return graph_fail(graph, SL_EPARAM, "\"%s\" cannot follow \"%s\", which ends the graph", node.name,
                          graph->nodes[graph->end].name);
    }
    if (!inputs_fit(graph, &node) || !node.op->shape(graph, &node) || !shape_holds(graph, &node)) {
        return -1;
    }
    graph->nodes[graph->n_nodes] = node;
    return graph->n_nodes++;
}

static bool room_for_parameter(struct sl_graph *graph)
{
    if (graph->n_parameters < graph->parameters_room) {
        return true;
    }
    size_t room = graph->parameters_room ? 2 * graph->parameters_room : 32;
    struct sl_parameter *parameters = realloc(graph->parameters, room * sizeof *parameters);
    if (parameters) {
        graph->parameters = parameters;
    }
    enum sl_initializer *drawn = realloc(graph->drawn, room * sizeof *drawn);
    if (drawn) {
        graph->drawn = drawn;
    }
    if (parameters && drawn) {
        graph->parameters_room = room;
    }
    return parameters && drawn;
}

int graph_add_parameter(struct sl_graph *graph, const struct node *node, const char *name, struct sl_shape shape,
                        enum sl_initializer init, bool decays)
{
    const char *prefix = graph->prefix ? graph->prefix : node->name;
    const char *whole = sl_arena_printf(&graph->arena, "%s.%s", prefix, name);
    if (!whole || !room_for_parameter(graph)) {
        return graph_fail(graph, SL_ENOMEM, "out of memory while adding parameter \"%s.%s\"", prefix, name);
    }
    for (size_t i = 0; i < graph->n_parameters; i++) {
        if (strcmp(graph->parameters[i].name, whole) == 0) {
            return graph_fail(graph, SL_EPARAM, "two parameters are called \"%s\"; name each layer with sl_graph_name",
                              whole);
        }
    }
    size_t n = 1;
    bool fits = true;
    for (uint32_t i = 0; i < shape.rank; i++) {
        fits = fits && sl_mul(n, shape.size[i], &n);
    }
    if (!fits || n > BYTES_MAX / sizeof(float) || graph->weights > BYTES_MAX / sizeof(float)) {
        return graph_fail(graph, SL_EPARAM, "\"%s\": shape %s has more elements than a graph can hold", whole,
                          graph_shape_text(graph, &shape));
    }
    graph->parameters[graph->n_parameters] =
        (struct sl_parameter){ .name = whole, .shape = shape, .first = graph->weights, .n = n };
    graph->parameters[graph->n_parameters].decays = decays && !graph->frozen;
    graph->drawn[graph->n_parameters] = init;
    graph->weights += (n + GRAPH_ALIGN_FLOATS - 1) / GRAPH_ALIGN_FLOATS * GRAPH_ALIGN_FLOATS;
    return (int)graph->n_parameters++;
}
