/* graph_random.c: random graphs: any operators on any earlier outputs, several of them on the same one. */
#include "graph_try.h"

#include "sluice/random.h"

struct growing {
    struct sl_graph *graph;
    uint64_t seed;
    uint32_t draws;
    int node[128]; /* those with numbers */
    bool used[128];
    unsigned n;
    bool pictures; /* the device has the kernels for them */
};

static uint32_t draw(struct growing *it, uint32_t below)
{
    uint32_t word[4];
    sl_philox(it->seed, SL_RANDOM_SAMPLE, 7, it->draws++, 0, word);
    return word[0] % below;
}

static void grown(struct growing *it, int node)
{
    assert_true(it->n < 128);
    it->node[it->n] = node;
    it->used[it->n++] = false;
}

static struct sl_shape shape_of(const struct growing *it, unsigned i)
{
    struct sl_node_info info;
    sl_graph_node(it->graph, it->node[i], &info);
    return info.shape;
}

static bool same(struct sl_shape a, struct sl_shape b)
{
    bool equal = a.rank == b.rank;
    for (uint32_t i = 0; equal && i < a.rank; i++) {
        equal = a.size[i] == b.size[i];
    }
    return equal;
}

/* The shape with its dimensions the other way round. */
static struct sl_shape turned(struct sl_shape shape)
{
    struct sl_shape out = { .rank = shape.rank };
    for (uint32_t i = 0; i < shape.rank; i++) {
        out.size[i] = shape.size[shape.rank - 1 - i];
    }
    return out;
}

static int convolution(struct growing *it, int x, struct sl_shape shape)
{
    uint32_t groups = shape.size[2] % 2 == 0 && draw(it, 3) == 0 ? 2 : 1, same = draw(it, 3) == 0;
    struct sl_conv_options options = { .filters = groups * (1 + draw(it, 3)),
                                       .kernel = { 1 + draw(it, 3), 1 + draw(it, 3) },
                                       .stride = { draw(it, 3), draw(it, 3) },
                                       .dilation = { draw(it, 3), draw(it, 3) },
                                       .padding = { same ? SL_SAME : 2, same ? SL_SAME : 2 + draw(it, 2) },
                                       .groups = groups,
                                       .init = SL_INIT_NORMAL,
                                       .bias = draw(it, 2) };
    return sl_graph_conv(it->graph, x, &options);
}

static int pool(struct growing *it, int x, struct sl_shape shape)
{
    bool same = draw(it, 2), max = draw(it, 3) == 0;
    uint32_t kernel[2], stride[2] = { 1 + draw(it, 2), 1 + draw(it, 2) }, padding[2];
    for (int i = 0; i < 2; i++) {
        kernel[i] = 1 + draw(it, shape.size[i] < 3 ? shape.size[i] : 3);
        padding[i] = same ? SL_SAME : kernel[i] / 2;
    }
    return sl_graph_pool(it->graph, x, max, kernel, stride, padding, draw(it, 2));
}

/* A third of them add another output; of the others some add the very same. */
static int norm(struct growing *it, unsigned from, unsigned other, enum sl_activation f)
{
    bool adds = draw(it, 3) == 0 && same(shape_of(it, from), shape_of(it, other));
    it->used[other] = it->used[other] || adds;
    return sl_graph_batch_norm(it->graph, it->node[from], adds ? it->node[other] : -1, 0.3, 0.1,
                               f == SL_RELU ? f : SL_LINEAR);
}

static int operator(struct growing *it, unsigned from)
{
    static const enum sl_activation smooth[] = { SL_LINEAR, SL_GELU, SL_TANH, SL_SIGMOID, SL_RELU };
    struct sl_graph *graph = it->graph;
    int x = it->node[from];
    struct sl_shape shape = shape_of(it, from);
    enum sl_activation f = smooth[draw(it, 5)];
    unsigned other = draw(it, it->n);
    switch (draw(it, it->pictures ? 16 : 10)) {
    case 0:
    case 1: return shape.rank ? sl_graph_dense(graph, x, 1 + draw(it, 6), f, SL_INIT_NORMAL, draw(it, 4) > 0) : -1;
    case 2: return sl_graph_activation(graph, x, f);
    case 3: return sl_graph_dropout(graph, x, draw(it, 3) ? 0.3 : 0);
    case 4: return shape.rank && shape.size[shape.rank - 1] > 2 ? sl_graph_layer_norm(graph, x, 1e-2) : -1;
    case 5:
    case 6:
        if (!same(shape, shape_of(it, other))) {
            return sl_graph_add(graph, x, x);
        }
        it->used[other] = true;
        return sl_graph_add(graph, x, it->node[other]);
    case 7: return sl_graph_reshape(graph, x, turned(shape));
    case 10:
    case 11:
    case 12: return shape.rank == 3 ? convolution(it, x, shape) : -1;
    case 13: return shape.rank == 3 ? pool(it, x, shape) : -1;
    case 14:
    case 15: return shape.rank ? norm(it, from, other, f) : -1;
    case 8: return shape.rank ? sl_graph_reduce(graph, x, draw(it, shape.rank), draw(it, 2)) : -1;
    default: return shape.rank ? sl_graph_softmax(graph, x) : -1;
    }
}

/* Everything nothing has used yet, flattened, made `units` wide and added up. */
static int gather(struct growing *it, uint32_t units)
{
    int sum = -1;
    for (unsigned i = 0; i < it->n; i++) {
        struct sl_shape shape = shape_of(it, i);
        if (it->used[i]) {
            continue;
        }
        int flat =
            sl_graph_reshape(it->graph, it->node[i], (struct sl_shape){ 1, { (uint32_t)sl_shape_count(&shape) } });
        int y = sl_graph_dense(it->graph, flat, units, draw(it, 2) ? SL_LINEAR : SL_TANH, SL_INIT_NORMAL, true);
        sum = sum < 0 ? y : sl_graph_add(it->graph, sum, y);
    }
    return sum;
}

struct sl_graph *try_random_graph(struct sl_device *device, uint32_t batch, unsigned nodes, uint64_t seed)
{
    struct growing it = { .graph = try_graph(device, batch), .seed = seed };
    it.pictures = device->kernels->conv && seed % 2;
    sl_graph_recompute(it.graph, seed % 4 == 1);
    struct sl_shape shape = { it.pictures ? 3 : draw(&it, 3) + 1,
                              { 1 + draw(&it, 4), 1 + draw(&it, 4), 1 + draw(&it, 4) } };
    unsigned sources = draw(&it, 3);
    if (sources != 1) {
        grown(&it, sl_graph_input(it.graph, shape));
    }
    if (sources != 0) {
        shape.rank = draw(&it, 3);
        grown(&it, sl_graph_embedding(it.graph, sl_graph_ids(it.graph, shape), TRY_VOCABULARY, 3 + draw(&it, 3)));
    }
    for (unsigned i = 0; i < nodes; i++) {
        unsigned from = draw(&it, 3) ? it.n - 1 : draw(&it, it.n); /* often the newest, so that it gets deep */
        int node = operator(&it, from);
        if (node >= 0) {
            it.used[from] = true;
            grown(&it, node);
        }
    }
    uint32_t outputs = 2 + draw(&it, 4);
    static const float weights[] = { 0.5F, 2, 1, 0.25F, 3, 1 };
    int y = gather(&it, outputs);
    switch (draw(&it, 4)) {
    case 0: sl_graph_cross_entropy(it.graph, y, false, 0, NULL); break;
    case 1: sl_graph_cross_entropy(it.graph, y, false, 0.1, weights); break;
    case 2: sl_graph_cross_entropy(it.graph, y, true, 0.1, NULL); break;
    default: sl_graph_squared_error(it.graph, y); break;
    }
    TRY(sl_graph_plan(it.graph, seed, err));
    return it.graph;
}
