/* test_conv.c: convolution, batch norm and pools as operators of a graph: values worked out by hand, gradients against
 * differences, whose statistics are used when, and what is refused. */
#include "graph_try.h"

#include "sluice/optimizer.h"

#include <math.h>
#include <stdlib.h>

enum { BATCH = 4 };

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
    cpu = try_device_new(NULL, 2);
    return 0;
}

static int close_device(void **state)
{
    (void)state;
    try_device_free(&cpu);
    return 0;
}

static struct sl_shape picture(uint32_t height, uint32_t width, uint32_t channels)
{
    return (struct sl_shape){ 3, { height, width, channels } };
}

static void near(float got, double wanted)
{
    if (!(fabs((double)got - wanted) <= 1e-5 * (1 + fabs(wanted))))
        fail_msg("%.9g, by hand %.9g", (double)got, wanted);
}

/* A graph of one node behind the input, and a loss. */
static void end_here(struct sl_graph *graph, int node)
{
    struct sl_node_info info;
    sl_graph_node(graph, node, &info);
    sl_graph_name(graph, "flat");
    int x = sl_graph_reshape(graph, node, (struct sl_shape){ 1, { (uint32_t)sl_shape_count(&info.shape) } });
    sl_graph_name(graph, NULL);
    sl_graph_squared_error(graph, x);
    TRY(sl_graph_plan(graph, 1, err));
}

static void set_parameter(struct sl_graph *graph, size_t number, const float *values)
{
    const struct sl_parameter *list;
    assert_true(number < sl_graph_parameters(graph, &list));
    float *w = calloc(sl_graph_weights(graph), sizeof *w);
    assert_non_null(w);
    TRY(sl_graph_get(graph, w, err));
    memcpy(w + list[number].first, values, list[number].n * sizeof *w);
    TRY(sl_graph_set(graph, w, err));
    free(w);
}

static float running(struct sl_graph *graph, size_t number, size_t channel)
{
    const struct sl_parameter *list;
    assert_true(number < sl_graph_parameters(graph, &list));
    return sl_graph_w(graph)[list[number].first + channel];
}

static void a_convolution_slides_its_kernel_over_the_picture(void **state)
{
    (void)state;
    const struct sl_conv_options options = { .filters = 1, .kernel = { 2, 2 }, .padding = { 1, 0 }, .bias = true };
    struct sl_graph *graph = try_graph(cpu.device, 1);
    end_here(graph, sl_graph_conv(graph, sl_graph_input(graph, picture(2, 3, 1)), &options));
    set_parameter(graph, 0, (const float[]){ 1, 2, 3, 4 });
    set_parameter(graph, 1, (const float[]){ 0.5F });
    memcpy(sl_graph_x(graph, 0), (const float[]){ 1, 2, 3, 4, 5, 6 }, 6 * sizeof(float));
    TRY(sl_graph_forward(graph, 0, 1, false, err));
    assert_int_equal(sl_graph_outputs(graph), 6); /* 3 × 2 */
    float y[6];
    TRY(sl_graph_output(graph, 1, y, err));
    static const double wanted[] = { 3 + 8, 6 + 12, 1 + 4 + 12 + 20, 2 + 6 + 15 + 24, 4 + 10, 5 + 12 };
    for (int i = 0; i < 6; i++)
        near(y[i], wanted[i] + 0.5);
    sl_graph_free(graph);
}

static void same_padding_puts_the_odd_zero_below_and_to_the_right(void **state)
{
    (void)state;
    const struct sl_conv_options options = {
        .filters = 1, .kernel = { 2, 2 }, .stride = { 2, 1 }, .padding = { SL_SAME, SL_SAME }
    };
    struct sl_graph *graph = try_graph(cpu.device, 1);
    end_here(graph, sl_graph_conv(graph, sl_graph_input(graph, picture(3, 2, 1)), &options));
    set_parameter(graph, 0, (const float[]){ 1, 10, 100, 1000 });
    memcpy(sl_graph_x(graph, 0), (const float[]){ 1, 2, 3, 4, 5, 6 }, 6 * sizeof(float));
    TRY(sl_graph_forward(graph, 0, 1, false, err));
    assert_int_equal(sl_graph_outputs(graph), 4);
    float y[4];
    TRY(sl_graph_output(graph, 1, y, err));
    static const double wanted[] = { 4321, 402, 65, 6 };
    for (int i = 0; i < 4; i++)
        near(y[i], wanted[i]);
    sl_graph_free(graph);
}

static void pools_leave_the_padding_out(void **state)
{
    (void)state;
    static const float x[] = { -1, -2, -3, -4, -5, -6, -7, -8, -9 };
    static const double wanted[3][4] = { { -1, -2, -4, -5 }, { -1, -2.5, -5.5, -7 }, { -0.25, -1.25, -2.75, -7 } };
    static const uint32_t two[2] = { 2, 2 }, one[2] = { 1, 1 };
    for (int way = 0; way < 3; way++) { /* greatest; mean of the picture's; mean with the zeros */
        struct sl_graph *graph = try_graph(cpu.device, 1);
        int node = sl_graph_input(graph, picture(3, 3, 1));
        node = sl_graph_conv(graph, node, &(struct sl_conv_options){ .filters = 1, .kernel = { 1, 1 } });
        end_here(graph, sl_graph_pool(graph, node, way == 0, two, two, one, way == 2));
        set_parameter(graph, 0, (const float[]){ 1 });
        memcpy(sl_graph_x(graph, 0), x, sizeof x);
        TRY(sl_graph_forward(graph, 0, 1, false, err));
        assert_int_equal(sl_graph_outputs(graph), 4);
        float y[4];
        TRY(sl_graph_output(graph, 1, y, err));
        for (int i = 0; i < 4; i++)
            near(y[i], wanted[way][i]);
        sl_graph_free(graph);
    }
}

/* Two channels of 2 × 1 pictures, two records: 1 3 5 7 and 0 0 4 4. */
static struct sl_graph *normed(void)
{
    static const float x[] = { 1, 0, 3, 0, 5, 4, 7, 4 };
    struct sl_graph *graph = try_graph(cpu.device, 2);
    end_here(graph, sl_graph_batch_norm(graph, sl_graph_input(graph, picture(2, 1, 2)), -1, 1e-5, 0.1, SL_LINEAR));
    for (int slot = 0; slot < 2; slot++)
        memcpy(sl_graph_x(graph, slot), x, sizeof x);
    return graph;
}

static void step(struct sl_graph *graph)
{
    const struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1 };
    TRY(sl_graph_step(graph, 0, 2, &hyper, false, err));
}

static void learning_uses_the_batch_and_moves_the_running_statistics(void **state)
{
    (void)state;
    struct sl_graph *graph = normed();
    step(graph);
    near(running(graph, 2, 0), 0.1 * 4);
    near(running(graph, 2, 1), 0.1 * 2);
    near(running(graph, 3, 0), 0.9 + 0.1 * 20 / 3); /* unbiased */
    near(running(graph, 3, 1), 0.9 + 0.1 * 16 / 3);
    float y[8];
    TRY(sl_graph_output(graph, 2, y, err));
    near(y[0], -3 / sqrt(5 + 1e-5)); /* biased */
    near(y[1], -2 / sqrt(4 + 1e-5));
    sl_graph_free(graph);
}

static void predicting_uses_the_running_statistics_and_leaves_them(void **state)
{
    (void)state;
    struct sl_graph *graph = normed(), *shared = NULL;
    set_parameter(graph, 2, (const float[]){ 1, 2 });
    set_parameter(graph, 3, (const float[]){ 4, 9 });
    TRY(sl_graph_share(&shared, graph, cpu.device, 2, err));
    memcpy(sl_graph_x(shared, 0), sl_graph_x(graph, 0), 8 * sizeof(float));
    for (int training = 0; training < 2; training++) {
        float y[8];
        struct sl_graph *which = training ? shared : graph; /* a shared one does so always */
        TRY(sl_graph_forward(which, 0, 2, training, err));
        TRY(sl_graph_output(which, 2, y, err));
        near(y[2], 2 / sqrt(4 + 1e-5));
        near(y[5], 2 / sqrt(9 + 1e-5));
    }
    TRY(sl_graph_forward(graph, 0, 2, true, err)); /* a look at a batch is no step */
    near(running(graph, 2, 0), 1);
    near(running(graph, 2, 1), 2);
    near(running(graph, 3, 0), 4);
    near(running(graph, 3, 1), 9);
    sl_graph_free(shared);
    sl_graph_free(graph);
}

static void no_optimizer_changes_running_statistics(void **state)
{
    (void)state;
    static const enum sl_optimizer rules[] = { SL_SGD, SL_ADAM, SL_ADAMW, SL_RMSPROP };
    for (size_t k = 0; k < 4; k++) {
        struct try_device best = try_device_new(NULL, 0); /* the plain one has no rules */
        struct sl_graph *graph = try_graph(best.device, 2);
        int x = sl_graph_batch_norm(graph, sl_graph_input(graph, picture(2, 1, 2)), -1, 1e-5, 0, SL_LINEAR);
        end_here(graph, x); /* momentum 0: nothing but an optimizer could move them */
        set_parameter(graph, 2, (const float[]){ 1, 2 });
        set_parameter(graph, 3, (const float[]){ 4, 9 });
        struct sl_optimizer_options options;
        struct sl_optimizer_state *optimizer = NULL;
        sl_optimizer_defaults(rules[k], &options);
        options.update.weight_decay = 0.1F;
        options.update.momentum = rules[k] == SL_SGD || rules[k] == SL_RMSPROP ? 0.9F : 0;
        options.update.clip_norm = 0.01F;
        TRY(sl_optimizer_new(&optimizer, graph, &options, err));
        for (uint64_t i = 0; i < 3; i++) {
            for (int j = 0; j < 8; j++)
                sl_graph_x(graph, 0)[j] = try_number(3, (uint64_t)j);
            TRY(sl_optimizer_step(optimizer, 0, 2, i, err));
        }
        static const float wanted[] = { 1, 2, 4, 9 };
        for (size_t i = 0; i < 4; i++)
            assert_true(fabsf(running(graph, 2 + i / 2, i % 2) - wanted[i]) <= 0);
        assert_true(fabsf(running(graph, 0, 0) - 1) > 0);
        sl_optimizer_free(optimizer);
        sl_graph_free(graph);
        try_device_free(&best);
    }
}

/* --- gradients --- */

static void check(struct sl_graph *graph, int x)
{
    struct sl_node_info info;
    sl_graph_node(graph, x, &info);
    x = sl_graph_reshape(graph, x, (struct sl_shape){ 1, { (uint32_t)sl_shape_count(&info.shape) } });
    sl_graph_name(graph, NULL);
    sl_graph_squared_error(graph, sl_graph_dense(graph, x, 2, SL_TANH, SL_INIT_NORMAL, true));
    TRY(sl_graph_plan(graph, 3, err));
    for (int apart = 0; apart < 2; apart++) {
        TRY(sl_graph_keep(graph, apart, err));
        try_weights(graph, 0.6F, 5);
        try_fill(graph, 0, BATCH, 1, 11);
        try_gradients(graph, 0, BATCH, 0);
        try_gradients(graph, 0, BATCH - 1, 1);
    }
    sl_graph_free(graph);
}

static int first(struct sl_graph *graph, uint32_t channels)
{
    const struct sl_conv_options options = { .filters = channels, .kernel = { 1, 1 }, .init = SL_INIT_NORMAL };
    return sl_graph_conv(graph, sl_graph_input(graph, picture(5, 6, 2)), &options);
}

static void a_convolution_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    static const struct sl_conv_options ways[] = {
        { .filters = 3, .kernel = { 3, 3 }, .padding = { 1, 1 }, .bias = true },
        { .filters = 2, .kernel = { 3, 2 }, .stride = { 2, 1 }, .padding = { 0, 1 } },
        { .filters = 4, .kernel = { 2, 3 }, .dilation = { 2, 2 }, .padding = { 1, 2 }, .groups = 2, .bias = true },
        { .filters = 8, .kernel = { 3, 3 }, .stride = { 2, 2 }, .padding = { SL_SAME, SL_SAME }, .groups = 4 },
        { .filters = 3, .kernel = { 1, 1 }, .stride = { 2, 3 }, .bias = true },
    };
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (int shared = 0; shared < 2; shared++) {
            struct sl_graph *graph = try_graph(cpu.device, BATCH);
            int x = first(graph, 4), y = sl_graph_conv(graph, x, &ways[i]);
            sl_graph_name(graph, "more");
            int z = shared ? sl_graph_conv(graph, x, &ways[i]) : -1;
            check(graph, shared ? sl_graph_add(graph, y, z) : y);
        }
    }
}

static void a_batch_norm_has_the_gradients_of_its_differences(void **state)
{
    (void)state;
    for (int way = 0; way < 12; way++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        int x = first(graph, 3), other = -1;
        sl_graph_name(graph, "second");
        if (way % 6 >= 2) { /* another; the one before it; itself */
            const struct sl_conv_options options = { .filters = 3, .kernel = { 1, 1 }, .init = SL_INIT_NORMAL };
            other = way % 6 >= 4 ? x : sl_graph_conv(graph, 0, &options);
        }
        sl_graph_name(graph, "norm");
        int y = sl_graph_batch_norm(graph, x, other, 1e-2, 0.1, way % 2 ? SL_RELU : SL_LINEAR);
        check(graph, way < 6 ? y : sl_graph_add(graph, y, x));
    }
}

static void pools_have_the_gradients_of_their_differences(void **state)
{
    (void)state;
    for (int way = 0; way < 12; way++) {
        struct sl_graph *graph = try_graph(cpu.device, BATCH);
        const uint32_t kernel[2] = { 3, 2 }, stride[2] = { 2, 1 + (uint32_t)way % 2 };
        const uint32_t padding[2] = { way % 2 ? SL_SAME : 1, way % 2 ? SL_SAME : 1 };
        int x = first(graph, 3);
        int y = sl_graph_pool(graph, x, way % 3 == 0, kernel, stride, padding, way % 3 == 1);
        int z = way < 6 ? -1 : sl_graph_pool(graph, x, way % 3 == 0, stride, stride, (uint32_t[]){ 0, 0 }, false);
        struct sl_node_info info;
        sl_graph_node(graph, z, &info);
        if (z >= 0) { /* both ways meet in two numbers */
            int flat = sl_graph_reshape(graph, z, (struct sl_shape){ 1, { (uint32_t)sl_shape_count(&info.shape) } });
            sl_graph_node(graph, y, &info);
            sl_graph_name(graph, "meet");
            flat = sl_graph_dense(graph, flat, (uint32_t)sl_shape_count(&info.shape), SL_LINEAR, SL_INIT_NORMAL, true);
            y = sl_graph_add(graph, sl_graph_reshape(graph, flat, info.shape), y);
        }
        check(graph, y);
    }
}

/* --- refusals --- */

static void refused(struct sl_graph *graph, const char *says)
{
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_graph_plan(graph, 1, &err), SL_EPARAM);
    if (!strstr(err.what, says))
        fail_msg("\"%s\" does not say \"%s\"", err.what, says);
    sl_graph_free(graph);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const uint32_t two[2] = { 2, 2 }, none[2] = { 0, 0 };
    struct sl_conv_options options = { .filters = 4, .kernel = { 3, 3 }, .groups = 2 };
    struct sl_graph *graph = try_graph(cpu.device, BATCH);
    sl_graph_conv(graph, sl_graph_input(graph, picture(5, 5, 3)), &options);
    refused(graph, "3 channels in 2 groups cannot make 4 filters");
    graph = try_graph(cpu.device, BATCH);
    options = (struct sl_conv_options){ .kernel = { 3, 3 } };
    sl_graph_conv(graph, sl_graph_input(graph, picture(5, 5, 3)), &options);
    refused(graph, "at least 1 filter");
    graph = try_graph(cpu.device, BATCH);
    options = (struct sl_conv_options){ .filters = 1, .kernel = { 6, 1 } };
    sl_graph_conv(graph, sl_graph_input(graph, picture(5, 5, 3)), &options);
    refused(graph, "a window of 6 × 1 does not fit into \"input\" (5, 5, 3)");
    graph = try_graph(cpu.device, BATCH);
    options = (struct sl_conv_options){ .filters = 1, .kernel = { 0, 1 } };
    sl_graph_conv(graph, sl_graph_input(graph, picture(5, 5, 3)), &options);
    refused(graph, "from 1 to");
    graph = try_graph(cpu.device, BATCH);
    sl_graph_pool(graph, sl_graph_input(graph, picture(5, 5, 3)), true, two, two, (uint32_t[]){ 2, 0 }, false);
    refused(graph, "padding of 2, 0 is more than half of the window");
    graph = try_graph(cpu.device, BATCH);
    sl_graph_pool(graph, sl_graph_input(graph, picture(5, 5, 3)), true, two, none, none, false);
    refused(graph, "stride");
    graph = try_graph(cpu.device, BATCH);
    int x = sl_graph_input(graph, picture(5, 5, 3));
    int y = sl_graph_pool(graph, x, true, two, two, none, false);
    sl_graph_batch_norm(graph, x, y, 1e-5, 0.1, SL_RELU);
    refused(graph, "have different shapes");
    graph = try_graph(cpu.device, BATCH);
    sl_graph_batch_norm(graph, sl_graph_input(graph, picture(5, 5, 3)), -1, 1e-5, 0.1, SL_TANH);
    refused(graph, "followed by relu or nothing, not tanh");
    graph = try_graph(cpu.device, BATCH);
    sl_graph_batch_norm(graph, sl_graph_input(graph, picture(5, 5, 3)), -1, 0, 0.1, SL_RELU);
    refused(graph, "epsilon is above 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_slides_its_kernel_over_the_picture),
        cmocka_unit_test(same_padding_puts_the_odd_zero_below_and_to_the_right),
        cmocka_unit_test(pools_leave_the_padding_out),
        cmocka_unit_test(learning_uses_the_batch_and_moves_the_running_statistics),
        cmocka_unit_test(predicting_uses_the_running_statistics_and_leaves_them),
        cmocka_unit_test(no_optimizer_changes_running_statistics),
        cmocka_unit_test(a_convolution_has_the_gradients_of_its_differences),
        cmocka_unit_test(a_batch_norm_has_the_gradients_of_its_differences),
        cmocka_unit_test(pools_have_the_gradients_of_their_differences),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    int failed = cmocka_run_group_tests_name("plain formulas", tests, open_plain, close_device);
    return failed + cmocka_run_group_tests_name("the processor", tests, open_cpu, close_device);
}
