/* op_source.c: where records come in, and other ways to look at the same memory.
 *
 *   input         a slot's memory; filled from places where those are given, unless its reader takes them itself
 *   ids           a slot's memory: nothing is run
 *   reshape       the same numbers under another shape: nothing is run, and gradients are the same memory, too */
#include "engine/nn/graph_private.h"

static bool source_shape(struct sl_graph *graph, struct node *node)
{
    int *which = node->op->gives_ids ? &graph->ids : &graph->input;
    if (*which >= 0) {
        graph_fail(graph, SL_EPARAM, "a graph has one input of %s; \"%s\" would be a second",
                   node->op->gives_ids ? "ids" : "numbers", node->name);
        return false;
    }
    *which = node->number;
    return true;
}

static void gather(const struct run *run, const struct node *node)
{
    const struct sl_places *places = run_places(run, node);
    if (places) {
        run->kernels->gather(run->device, places, run->n, node->count, run_slot_x(run));
    }
}

static const struct op_class op_input = { .kind = "input", .source = true, .shape = source_shape, .forward = gather };
static const struct op_class op_ids = { .kind = "ids", .source = true, .gives_ids = true, .shape = source_shape };

int sl_graph_input(struct sl_graph *graph, struct sl_shape shape)
{
    return graph_add_node(graph, &(struct node){ .op = &op_input, .shape = shape });
}

int sl_graph_ids(struct sl_graph *graph, struct sl_shape shape)
{
    return graph_add_node(graph, &(struct node){ .op = &op_ids, .shape = shape });
}

static bool reshape_shape(struct sl_graph *graph, struct node *node)
{
    const struct node *x = graph_input_of(graph, node, 0);
    size_t count = 1;
    bool same = node->shape.rank <= SL_RANK_MAX;
    for (uint32_t i = 0; same && i < node->shape.rank; i++) {
        same = sl_mul(count, node->shape.size[i], &count);
    }
    if (!same || count != x->count) {
        graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" %s has %zu elements, which do not make %s", node->name, x->name,
                   graph_shape_text(graph, &x->shape), x->count, graph_shape_text(graph, &node->shape));
        return false;
    }
    return true;
}

static const struct op_class op_reshape = { .kind = "reshape", .view = true, .shape = reshape_shape };

int sl_graph_reshape(struct sl_graph *graph, int x, struct sl_shape shape)
{
    return graph_add_node(graph, &(struct node){ .op = &op_reshape, .n_inputs = 1, .input = { x }, .shape = shape });
}
