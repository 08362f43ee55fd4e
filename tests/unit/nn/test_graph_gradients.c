/* test_graph_gradients.c: what each operator's backward tells, against differences of its forward.
 *
 * The limit stands with try_gradients. Weights are within ±0.6, so that nothing saturates. */
#include "graph_try.h"

static const enum sl_activation activations[] = { SL_LINEAR, SL_RELU, SL_GELU, SL_TANH, SL_SIGMOID };
enum { ACTIVATIONS = sizeof activations / sizeof *activations, BATCH = 6 };

static struct try_device cpu;

static int open_plain(void **state)
{
    (void)state;
    cpu = try_device_new("plain", 0);
    return 0;
}

static int open_cpu(void **state)
{
    (void)state;
    cpu = try_device_new(NULL, 0);
    return 0;
}

static int close_device(void **state)
{
    (void)state;
    try_device_free(&cpu);
    return 0;
}

/* Plans the graph, fills both slots, checks whole and partial batches, and frees it. */
static void check(struct sl_graph *graph)
{
    TRY(sl_graph_plan(graph, 3, err));
    try_weights(graph, 0.6F, 5);
    try_fill(graph, 0, BATCH, TRY_VOCABULARY, 11);
    try_fill(graph, 1, BATCH, TRY_VOCABULARY, 12);
    try_gradients(graph, 0, BATCH, 0);
    try_gradients(graph, 1, BATCH - 1, 4);
    try_gradients(graph, 0, 1, 9);
    sl_graph_free(graph);
}

static struct sl_shape vector(uint32_t n)
{
    return (struct sl_shape){ 1, { n } };
}

static void a_dense_layer_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIVATIONS; i++) {
        for (int bias = 0; bias < 2; bias++) {
            struct sl_graph *graph = try_graph(cpu.device, BATCH);
            int x = sl_graph_input(graph, (struct sl_shape){ 2, { 3, 5 } });
            x = sl_graph_dense(graph, x, 4, activations[i], SL_INIT_NORMAL, bias);
            x = sl_graph_dense(graph, x, 3, activations[i], SL_INIT_NORMAL, bias);
            sl_graph_squared_error(graph, x);
            check(graph);
        }
    }
}

static void an_activation_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (int i = 0; i < ACTIVATIONS; i++) {
        for (int shared = 0; shared < 2; shared++) {
            struct sl_graph *graph = try_graph(cpu.device, BATCH);
            int x = sl_graph_dense(graph, sl_graph_input(graph, vector(4)), 5, SL_LINEAR, SL_INIT_NORMAL, true);
            int y = sl_graph_activation(graph, x, activations[i]);
            sl_graph_squared_error(graph, shared ? sl_graph_add(graph, x, y) : y);
            check(graph);
        }
    }
}

static void dropout_has_the_gradients_of_its_differences_under_the_same_mask(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x = sl_graph_dense(graph, sl_graph_input(graph, vector(4)), 6, SL_TANH, SL_INIT_NORMAL, true);
        int y = sl_graph_dropout(graph, x, 0.4);
        y = sl_graph_dropout(graph, shared ? sl_graph_add(graph, y, x) : y, 0.2);
        sl_graph_squared_error(graph, sl_graph_dense(graph, y, 3, SL_LINEAR, SL_INIT_NORMAL, true));
        check(graph);
    }
}

static void a_layer_norm_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x = sl_graph_input(graph, (struct sl_shape){ 2, { 2, 4 } });
        x = sl_graph_dense(graph, x, 5, SL_LINEAR, SL_INIT_NORMAL, true);
        int y = sl_graph_layer_norm(graph, x, 1e-3);
        y = sl_graph_dense(graph, shared ? sl_graph_add(graph, x, y) : y, 3, SL_LINEAR, SL_INIT_NORMAL, true);
        sl_graph_squared_error(graph, y);
        check(graph);
    }
}

static void an_embedding_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (uint32_t rank = 0; rank < 4; rank++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x =
            sl_graph_embedding(graph, sl_graph_ids(graph, (struct sl_shape){ rank, { 2, 3, 2 } }), TRY_VOCABULARY, 3);
        sl_graph_squared_error(graph, sl_graph_dense(graph, x, 2, SL_TANH, SL_INIT_NORMAL, true));
        check(graph);
    }
}

static void reductions_have_the_gradients_of_their_differences(void **state)
{
    (void)state;
    for (uint32_t axis = 0; axis < 3; axis++) {
        for (int mean = 0; mean < 2; mean++) {
            struct sl_graph *graph = try_graph(cpu.device, BATCH);
            int x = sl_graph_input(graph, (struct sl_shape){ 3, { 2, 3, 4 } });
            x = sl_graph_dense(graph, x, 4, SL_TANH, SL_INIT_NORMAL, true);
            int y = sl_graph_reduce(graph, x, axis, mean);
            int z =
                sl_graph_reduce(graph, sl_graph_reduce(graph, sl_graph_reduce(graph, x, 0, mean), 0, !mean), 0, true);
            y = sl_graph_reduce(graph, sl_graph_reduce(graph, y, 1, true), 0, true);
            sl_graph_squared_error(graph, sl_graph_add(graph, y, z));
            check(graph);
        }
    }
}

static void a_softmax_within_a_network_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (int shared = 0; shared < 2; shared++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x = sl_graph_input(graph, (struct sl_shape){ 2, { 2, 4 } });
        x = sl_graph_dense(graph, x, 5, SL_LINEAR, SL_INIT_NORMAL, true);
        int y = sl_graph_softmax(graph, x);
        y = sl_graph_dense(graph, shared ? sl_graph_add(graph, x, y) : y, 3, SL_LINEAR, SL_INIT_NORMAL, true);
        sl_graph_squared_error(graph, y);
        check(graph);
    }
}

static void reshaping_passes_gradients_on_to_what_is_used_in_both_shapes(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, BATCH);
    int x = sl_graph_dense(graph, sl_graph_input(graph, vector(4)), 6, SL_TANH, SL_INIT_NORMAL, true);
    int y = sl_graph_reshape(graph, x, (struct sl_shape){ 2, { 2, 3 } });
    y = sl_graph_dense(graph, y, 3, SL_SIGMOID, SL_INIT_NORMAL, true);
    y = sl_graph_reshape(graph, y, vector(6));
    sl_graph_squared_error(graph, sl_graph_add(graph, x, y));
    check(graph);
}

static void each_cross_entropy_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    static const float weights[] = { 0.5F, 2, 0, 3 };
    for (int way = 0; way < 8; way++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x = sl_graph_dense(graph, sl_graph_input(graph, vector(5)), 4, SL_LINEAR, SL_INIT_NORMAL, true);
        sl_graph_cross_entropy(graph, x, way & 1, way & 2 ? 0.2 : 0, way & 4 ? weights : NULL);
        check(graph);
    }
}

static void one_output_used_by_many_gets_the_sum_of_their_gradients(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, BATCH);
    int x = sl_graph_dense(graph, sl_graph_input(graph, vector(4)), 4, SL_TANH, SL_INIT_NORMAL, true);
    int a = sl_graph_add(graph, x, x);
    int b = sl_graph_add(graph, sl_graph_activation(graph, a, SL_GELU), x);
    int c = sl_graph_add(graph, sl_graph_layer_norm(graph, b, 1e-2), sl_graph_dropout(graph, a, 0.3));
    int d = sl_graph_add(graph, sl_graph_dense(graph, b, 4, SL_TANH, SL_INIT_NORMAL, true), c);
    sl_graph_squared_error(graph, sl_graph_add(graph, d, sl_graph_softmax(graph, x)));
    check(graph);
}

static void random_graphs_have_the_gradients_of_their_differences(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct sl_graph *graph = try_random_graph(cpu.device, 5, 3 + (unsigned)seed % 12, seed);
        try_weights(graph, 0.6F, seed);
        try_fill(graph, 0, 5, TRY_VOCABULARY, seed);
        try_gradients(graph, 0, 1 + (uint32_t)(seed % 5), (uint32_t)seed);
        sl_graph_free(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dense_layer_has_the_gradients_of_its_differences),
        cmocka_unit_test(an_activation_has_the_gradients_of_its_differences),
        cmocka_unit_test(dropout_has_the_gradients_of_its_differences_under_the_same_mask),
        cmocka_unit_test(a_layer_norm_has_the_gradients_of_its_differences),
        cmocka_unit_test(an_embedding_has_the_gradients_of_its_differences),
        cmocka_unit_test(reductions_have_the_gradients_of_their_differences),
        cmocka_unit_test(a_softmax_within_a_network_has_the_gradients_of_its_differences),
        cmocka_unit_test(reshaping_passes_gradients_on_to_what_is_used_in_both_shapes),
        cmocka_unit_test(each_cross_entropy_has_the_gradients_of_its_differences),
        cmocka_unit_test(one_output_used_by_many_gets_the_sum_of_their_gradients),
        cmocka_unit_test(random_graphs_have_the_gradients_of_their_differences),
    };
    return cmocka_run_group_tests_name("plain formulas", tests, open_plain, close_device) +
           cmocka_run_group_tests_name("the processor", tests, open_cpu, close_device);
}
