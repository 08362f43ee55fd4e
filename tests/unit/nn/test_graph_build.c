/* test_graph_build.c: building graphs: shapes, names, parameters, and what is said when something does not fit. */
#include "graph_try.h"

#include "sluice/network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct try_device cpu;

static int open_device(void **state)
{
    (void)state;
    cpu = try_device_new("plain", 0);
    return 0;
}

static int close_device(void **state)
{
    (void)state;
    try_device_free(&cpu);
    return 0;
}

static struct sl_shape vector(uint32_t n)
{
    return (struct sl_shape){ 1, { n } };
}

/* Plans and frees it; the plan fails so. */
static void fails(struct sl_graph *graph, int status, const char *what)
{
    struct sl_error error = SL_ERROR_INIT;
    int got = sl_graph_plan(graph, 1, &error);
    assert_string_equal(error.what, what);
    assert_int_equal(got, status);
    assert_int_equal(error.status, status);
    assert_int_equal(sl_graph_plan(graph, 1, NULL), status);
    sl_graph_free(graph);
}

static void the_first_error_is_the_one_told_and_nothing_is_added_after_it(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    int x = sl_graph_input(graph, vector(784));
    sl_graph_name(graph, "dense_1");
    int a = sl_graph_dense(graph, x, 128, SL_RELU, SL_INIT_HE_NORMAL, true);
    sl_graph_name(graph, "sum");
    int b = sl_graph_add(graph, x, a);
    assert_int_equal(b, -1);
    assert_int_equal(sl_graph_dense(graph, b, 0, SL_RELU, SL_INIT_HE_NORMAL, true), -1);
    assert_int_equal(sl_graph_dense(graph, a, 5, SL_RELU, SL_INIT_HE_NORMAL, true), -1);
    assert_int_equal(sl_graph_nodes(graph), 2);
    fails(graph, SL_EPARAM, "\"sum\": \"input\" (784) and \"dense_1\" (128) have different shapes");
}

static void shapes_that_do_not_fit_are_told_with_their_nodes(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    sl_graph_reshape(graph, sl_graph_input(graph, (struct sl_shape){ 2, { 28, 28 } }), vector(783));
    fails(graph, SL_EPARAM, "\"reshape_1\": \"input\" (28, 28) has 784 elements, which do not make (783)");

    graph = try_graph(cpu.device, 4);
    sl_graph_dense(graph, sl_graph_input(graph, (struct sl_shape){ 0 }), 3, SL_TANH, SL_INIT_NORMAL, true);
    fails(graph, SL_EPARAM, "\"dense_1\": a dense layer needs a dimension to work on, and \"input\" has shape ()");

    graph = try_graph(cpu.device, 4);
    sl_graph_dense(graph, sl_graph_input(graph, vector(2)), 0, SL_TANH, SL_INIT_NORMAL, true);
    fails(graph, SL_EPARAM, "\"dense_1\": a dense layer has at least 1 unit, not 0");

    graph = try_graph(cpu.device, 4);
    sl_graph_reduce(graph, sl_graph_input(graph, (struct sl_shape){ 2, { 3, 4 } }), 2, true);
    fails(graph, SL_EPARAM, "\"mean_1\": \"input\" (3, 4) has no dimension 2 (they count from 0)");

    graph = try_graph(cpu.device, 4);
    sl_graph_cross_entropy(graph, sl_graph_input(graph, (struct sl_shape){ 2, { 3, 4 } }), false, 0, NULL);
    fails(graph, SL_EPARAM,
          "\"cross-entropy\": cross-entropy takes (classes), at least 2 of them; \"input\" has shape (3, 4)");

    graph = try_graph(cpu.device, 4);
    sl_graph_embedding(graph, sl_graph_ids(graph, (struct sl_shape){ 4, { 1, 2, 3, 4 } }), 5, 6);
    fails(graph, SL_EPARAM,
          "\"embedding_1\": \"ids\" (1, 2, 3, 4) has 4 dimensions, and an embedding would add a fifth");

    graph = try_graph(cpu.device, 4);
    sl_graph_input(graph, (struct sl_shape){ 2, { 3, 0 } });
    fails(graph, SL_EPARAM, "\"input\": shape (3, 0) has a dimension of size 0");

    graph = try_graph(cpu.device, 4);
    sl_graph_input(graph, (struct sl_shape){ 5, { 3 } });
    fails(graph, SL_EPARAM, "\"input\": a record has at most 4 dimensions, not 5");

    graph = try_graph(cpu.device, 1u << 20);
    sl_graph_input(graph, (struct sl_shape){ 4, { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX } });
    fails(graph, SL_EPARAM,
          "\"input\": shape (4294967295, 4294967295, 4294967295, 4294967295) has more elements than a graph can hold");

    graph = try_graph(cpu.device, 4);
    sl_graph_embedding(graph, sl_graph_ids(graph, vector(1)), UINT32_MAX, UINT32_MAX);
    fails(graph, SL_EPARAM,
          "\"embedding_1.weight\": shape (4294967295, 4294967295) has more elements than a graph can hold");
}

static void settings_out_of_their_range_are_told(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    sl_graph_dropout(graph, sl_graph_input(graph, vector(3)), 1);
    fails(graph, SL_EPARAM, "\"dropout_1\": a dropout rate is from 0 to below 1, not 1");

    graph = try_graph(cpu.device, 4);
    sl_graph_dropout(graph, sl_graph_input(graph, vector(3)), (double)NAN);
    fails(graph, SL_EPARAM, "\"dropout_1\": a dropout rate is from 0 to below 1, not nan");

    graph = try_graph(cpu.device, 4);
    sl_graph_layer_norm(graph, sl_graph_input(graph, vector(3)), 0);
    fails(graph, SL_EPARAM, "\"layer_norm_1\": a layer norm's epsilon is above 0, not 0");

    graph = try_graph(cpu.device, 4);
    sl_graph_cross_entropy(graph, sl_graph_input(graph, vector(3)), false, 1, NULL);
    fails(graph, SL_EPARAM, "\"cross-entropy\": label smoothing is from 0 to below 1, not 1");

    graph = try_graph(cpu.device, 4);
    const float weights[] = { 1, -2, 1 };
    sl_graph_cross_entropy(graph, sl_graph_input(graph, vector(3)), false, 0, weights);
    fails(graph, SL_EPARAM, "\"cross-entropy\": the weight of class 1 is -2; it must be finite and not below 0");

    struct sl_error error = SL_ERROR_INIT;
    assert_int_equal(sl_graph_new(&graph, cpu.device, 0, &error), SL_EPARAM);
    assert_string_equal(error.what, "a graph's batch has at least 1 record, not 0");
}

static void what_is_put_together_wrongly_is_told(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    sl_graph_input(graph, vector(3));
    sl_graph_input(graph, vector(3));
    fails(graph, SL_EPARAM, "a graph has one input of numbers; \"input_1\" would be a second");

    graph = try_graph(cpu.device, 4);
    sl_graph_dense(graph, sl_graph_ids(graph, vector(3)), 2, SL_TANH, SL_INIT_NORMAL, true);
    fails(graph, SL_EPARAM, "\"dense_1\" takes numbers, and \"ids\" holds ids; put an embedding between");

    graph = try_graph(cpu.device, 4);
    sl_graph_embedding(graph, sl_graph_input(graph, vector(3)), 2, 2);
    fails(graph, SL_EPARAM, "\"embedding_1\" takes ids, and \"input\" holds numbers; use sl_graph_ids");

    graph = try_graph(cpu.device, 4);
    sl_graph_activation(graph, 7, SL_TANH);
    fails(graph, SL_EPARAM, "\"activation_1\": 7 is no node of this graph, which has 0");

    graph = try_graph(cpu.device, 4);
    int x = sl_graph_dense(graph, sl_graph_input(graph, vector(3)), 2, SL_TANH, SL_INIT_NORMAL, true);
    sl_graph_activation(graph, sl_graph_squared_error(graph, x), SL_TANH);
    fails(graph, SL_EPARAM, "\"activation_1\" cannot follow \"squared_error\", which ends the graph");

    graph = try_graph(cpu.device, 4);
    sl_graph_name(graph, "same");
    x = sl_graph_dense(graph, sl_graph_input(graph, vector(3)), 2, SL_TANH, SL_INIT_NORMAL, true);
    sl_graph_dense(graph, x, 2, SL_TANH, SL_INIT_NORMAL, true);
    fails(graph, SL_EPARAM, "two parameters are called \"same.weight\"; name each layer with sl_graph_name");
}

static void a_graph_that_is_not_whole_is_not_planned(void **state)
{
    (void)state;
    struct sl_error error = SL_ERROR_INIT;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    assert_int_equal(sl_graph_plan(graph, 1, &error), SL_EPARAM);
    assert_string_equal(error.what, "the graph has no loss at its end");
    int x = sl_graph_input(graph, vector(3));
    sl_graph_activation(graph, x, SL_TANH);
    x = sl_graph_dense(graph, x, 2, SL_TANH, SL_INIT_NORMAL, true);
    sl_graph_squared_error(graph, x);
    fails(graph, SL_EPARAM, "\"activation_1\" (tanh) is used by nothing");

    graph = try_graph(cpu.device, 4);
    sl_graph_squared_error(graph, sl_graph_activation(graph, sl_graph_input(graph, vector(3)), SL_TANH));
    fails(graph, SL_EPARAM, "the graph has no parameters: there is nothing to learn");
}

static void what_needs_a_plan_says_so_before_it(void **state)
{
    (void)state;
    struct sl_error error = SL_ERROR_INIT;
    struct sl_graph *graph = try_graph(cpu.device, 4), *other = NULL;
    struct sl_hyper hyper = { 0 };
    int x = sl_graph_dense(graph, sl_graph_input(graph, vector(3)), 2, SL_TANH, SL_INIT_NORMAL, true);
    sl_graph_squared_error(graph, x);
    float w[64] = { 0 };
    assert_null(sl_graph_x(graph, 0));
    assert_null(sl_graph_target(graph, 0));
    assert_int_equal(sl_graph_step(graph, 0, 1, &hyper, false, &error), SL_ESTATE);
    assert_string_equal(error.what, "the graph is not planned yet");
    assert_int_equal(sl_graph_set(graph, w, &error), SL_ESTATE);
    assert_int_equal(sl_graph_get(graph, w, &error), SL_ESTATE);
    assert_int_equal(sl_graph_keep(graph, true, &error), SL_ESTATE);
    assert_int_equal(sl_graph_share(&other, graph, cpu.device, 1, &error), SL_ESTATE);
    TRY(sl_graph_plan(graph, 1, err));
    assert_int_equal(sl_graph_plan(graph, 1, &error), SL_ESTATE);
    assert_int_equal(sl_graph_activation(graph, x, SL_TANH), -1);
    assert_int_equal(sl_graph_step(graph, 2, 1, &hyper, false, &error), SL_EPARAM);
    assert_string_equal(error.what, "a graph has slots 0 and 1, not 2");
    assert_int_equal(sl_graph_step(graph, 0, 5, &hyper, false, &error), SL_EPARAM);
    assert_string_equal(error.what, "a step of this graph takes 1 to 4 records, not 5");
    assert_int_equal(sl_graph_step(graph, 0, 0, &hyper, false, &error), SL_EPARAM);
    struct sl_figures figures;
    assert_int_equal(sl_graph_figures(graph, &figures, &error), SL_ESTATE);
    assert_int_equal(sl_graph_output(graph, 1, w, &error), SL_ESTATE);
    assert_null(sl_graph_x(graph, 2));
    assert_null(sl_graph_labels(graph, 0));
    assert_null(sl_graph_x_ids(graph, 0));
    assert_non_null(sl_graph_x(graph, 1));
    sl_graph_free(graph);
    sl_graph_free(NULL);
}

static void a_perceptron_is_made_of_named_layers(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kind;
        uint32_t size;
        size_t parameters;
        uint64_t flops;
    } expected[] = {
        { "input", "input", 28, 0, 0 },
        { "flatten", "reshape", 784, 0, 0 },
        { "dense_1", "dense linear", 128, 784 * 128 + 128, 2 * 784 * 128 },
        { "norm_1", "layer norm", 128, 256, 8 * 128 },
        { "activation_1", "relu", 128, 0, 128 },
        { "dropout_1", "dropout 0.25", 128, 0, 128 },
        { "dense_2", "dense linear", 10, 1290, 2 * 1280 },
        { "cross-entropy", "cross-entropy", 10, 0, 40 },
    };
    static const char *const names[] = { "dense_1.weight", "dense_1.bias",   "norm_1.weight",
                                         "norm_1.bias",    "dense_2.weight", "dense_2.bias" };
    static const size_t first[] = { 0, 100352, 100480, 100608, 100736, 102016 };
    struct sl_graph *graph = try_graph(cpu.device, 4);
    const struct sl_mlp mlp = {
        .n_hidden = 1, .hidden = { 128 }, .activation = SL_RELU, .dropout = 0.25, .layer_norm = true, .outputs = 10
    };
    assert_int_equal(sl_mlp_build(graph, (struct sl_shape){ 2, { 28, 28 } }, &mlp), 7);
    TRY(sl_graph_plan(graph, 1, err));
    assert_int_equal(sl_graph_nodes(graph), 8);
    assert_int_equal(sl_graph_outputs(graph), 10);
    for (int i = 0; i < 8; i++) {
        struct sl_node_info info;
        sl_graph_node(graph, i, &info);
        assert_string_equal(info.name, expected[i].name);
        assert_string_equal(info.kind, expected[i].kind);
        assert_int_equal(info.shape.size[0], expected[i].size);
        assert_int_equal(info.parameters, expected[i].parameters);
        assert_int_equal(info.flops, expected[i].flops);
    }
    const struct sl_parameter *list;
    assert_int_equal(sl_graph_parameters(graph, &list), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(list[i].name, names[i]);
        assert_int_equal(list[i].first, first[i]);
        assert_int_equal(list[i].first % 16, 0);
        assert_int_equal(list[i].decays, i == 0 || i == 4);
    }
    assert_int_equal(sl_graph_weights(graph), 102032);
    sl_graph_free(graph);
}

static void a_perceptron_of_other_settings_has_other_layers(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 4);
    struct sl_mlp mlp = {
        .n_hidden = 2, .hidden = { 5, 3 }, .activation = SL_GELU, .outputs = 1, .loss = SL_MLP_SQUARED_ERROR
    };
    assert_int_equal(sl_mlp_build(graph, vector(7), &mlp), 4);
    struct sl_node_info info;
    sl_graph_node(graph, 2, &info);
    assert_string_equal(info.kind, "dense gelu");
    assert_string_equal(info.name, "dense_2");
    sl_graph_node(graph, 3, &info);
    assert_string_equal(info.name, "dense_3");
    sl_graph_node(graph, 4, &info);
    assert_string_equal(info.name, "squared_error");
    TRY(sl_graph_plan(graph, 1, err));
    sl_graph_free(graph);

    graph = try_graph(cpu.device, 4);
    mlp.n_hidden = 17;
    assert_int_equal(sl_mlp_build(graph, vector(7), &mlp), -1);
    fails(graph, SL_EPARAM, "a network has at most 16 hidden layers, not 17");
}

static void parameters_are_drawn_anew_for_another_seed_and_the_run_is_zero_between_them(void **state)
{
    (void)state;
    float *w[3];
    size_t floats = 0;
    for (int i = 0; i < 3; i++) {
        struct sl_graph *graph = try_graph(cpu.device, 4);
        const struct sl_mlp mlp = {
            .n_hidden = 1, .hidden = { 5 }, .activation = SL_TANH, .layer_norm = true, .outputs = 3
        };
        sl_mlp_build(graph, vector(7), &mlp);
        TRY(sl_graph_plan(graph, i < 2 ? 1 : 2, err));
        floats = sl_graph_weights(graph);
        w[i] = malloc(floats * sizeof *w[i]);
        assert_non_null(w[i]);
        TRY(sl_graph_get(graph, w[i], err));
        const struct sl_parameter *list;
        size_t n = sl_graph_parameters(graph, &list), zeros = 0;
        for (size_t k = 0; k < n; k++) {
            size_t end = k + 1 < n ? list[k + 1].first : floats;
            for (size_t j = list[k].first + list[k].n; j < end; j++, zeros++) {
                assert_true(w[i][j] == 0);
            }
            bool weight = strstr(list[k].name, ".weight"), gain = weight && strstr(list[k].name, "norm");
            for (size_t j = 0; j < list[k].n; j++) {
                float value = w[i][list[k].first + j];
                assert_true(gain ? value == 1 : weight ? value != 0 && fabsf(value) < 1 : value == 0);
            }
        }
        assert_true(zeros > 0);
        sl_graph_free(graph);
    }
    assert_memory_equal(w[0], w[1], floats * sizeof **w);
    assert_memory_not_equal(w[0], w[2], floats * sizeof **w);
    for (int i = 0; i < 3; i++) {
        free(w[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_is_the_one_told_and_nothing_is_added_after_it),
        cmocka_unit_test(shapes_that_do_not_fit_are_told_with_their_nodes),
        cmocka_unit_test(settings_out_of_their_range_are_told),
        cmocka_unit_test(what_is_put_together_wrongly_is_told),
        cmocka_unit_test(a_graph_that_is_not_whole_is_not_planned),
        cmocka_unit_test(what_needs_a_plan_says_so_before_it),
        cmocka_unit_test(a_perceptron_is_made_of_named_layers),
        cmocka_unit_test(a_perceptron_of_other_settings_has_other_layers),
        cmocka_unit_test(parameters_are_drawn_anew_for_another_seed_and_the_run_is_zero_between_them),
    };
    return cmocka_run_group_tests(tests, open_device, close_device);
}
