/* op_embedding.c: a row of a table for each id: y[i] = w[ids[i]].
 *
 * backward: dw[ids[i]] += dy[i], in the order of i; ids have no gradient. An id beyond the vocabulary gives zeros. */
#include "engine/nn/graph_private.h"

static bool shape(struct sl_graph *graph, struct node *node)
{
    const struct node *ids = graph_input_of(graph, node, 0);
    if (node->vocabulary == 0 || node->units == 0) {
        graph_fail(graph, SL_EPARAM, "\"%s\": an embedding has at least 1 id of width 1, not %u of width %u",
                   node->name, node->vocabulary, node->units);
        return false;
    }
    if (ids->shape.rank == SL_RANK_MAX) {
        graph_fail(graph, SL_EPARAM, "\"%s\": \"%s\" %s has 4 dimensions, and an embedding would add a fifth",
                   node->name, ids->name, graph_shape_text(graph, &ids->shape));
        return false;
    }
    node->shape = ids->shape;
    node->shape.size[node->shape.rank++] = node->units;
    struct sl_shape w = { 2, { node->vocabulary, node->units } };
    node->weight = graph_add_parameter(graph, node, "weight", w, SL_INIT_UNIFORM, true);
    return node->weight >= 0;
}

static void forward(const struct run *run, const struct node *node)
{
    const struct node *ids = graph_input_of(run->graph, node, 0);
    run->kernels->embedding(run->device, run->n * ids->count, node->vocabulary, node->units, run_ids(run),
                            run_weight(run, node->weight), run_output(run, node));
}

static void backward(const struct run *run, const struct node *node)
{
    const struct node *ids = graph_input_of(run->graph, node, 0);
    run->kernels->embedding_grad(run->device, run->n * ids->count, node->vocabulary, node->units, run_ids(run),
                                 run_gradient(run, node->number), run_weight_gradient(run, node->weight), run->add);
}

static const struct op_class op_embedding = {
    .kind = "embedding",
    .takes_ids = true,
    .shape = shape,
    .forward = forward,
    .backward = backward,
};

int sl_graph_embedding(struct sl_graph *graph, int ids, uint32_t vocabulary, uint32_t width)
{
    return graph_add_node(
        graph, &(struct node){
                   .op = &op_embedding, .n_inputs = 1, .input = { ids }, .vocabulary = vocabulary, .units = width });
}
