/* test_safetensors_pictures.c: weights of networks of pictures under PyTorch's names: convolutions as they lie, running
 * statistics with them, what PyTorch counts besides passed over, and a head for other classes. */
#include "graph_try.h"
#include "tests/unit/base/folder_try.h"

#include "sluice/network.h"
#include "sluice/safetensors.h"

#include <stdlib.h>

static struct try_device plain;

/* conv_1 (1, 2, 1, 1), bn_1, dense_1 (classes, 1): what PyTorch's state_dict would hold. */
static struct sl_graph *network(uint32_t classes)
{
    struct sl_cnn cnn = { .n_layers = 3, .activation = SL_RELU, .end = { .outputs = classes } };
    const char *const words[] = { "conv1x1", "bn", "gap" };
    for (uint32_t i = 0; i < 3; i++)
        assert_true(sl_layer_parse(words[i], &cnn.layers[i]));
    struct sl_graph *graph = try_graph(plain.device, 1);
    sl_cnn_build(graph, (struct sl_shape){ 3, { 2, 2, 2 } }, &cnn);
    TRY(sl_graph_plan(graph, 3, err));
    return graph;
}

static float value(struct sl_graph *graph, const char *name, size_t i)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(graph, &list);
    for (size_t k = 0; k < n; k++)
        if (strcmp(list[k].name, name) == 0)
            return sl_graph_w(graph)[list[k].first + i];
    fail_msg("there is no \"%s\"", name);
    return 0;
}

/* A file as PyTorch would save it for two classes: num_batches_tracked is an I64 scalar in the middle. */
static void store_file(void)
{
    static const char head[] = "{\"conv_1.weight\":{\"dtype\":\"F32\",\"shape\":[1,2,1,1],\"data_offsets\":[0,8]},"
                               "\"bn_1.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                               "\"bn_1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]},"
                               "\"bn_1.running_mean\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]},"
                               "\"bn_1.running_var\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]},"
                               "\"bn_1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[24,32]},"
                               "\"dense_1.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[32,40]},"
                               "\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[40,48]}}";
    static const float before[] = { 1, 2, 3, 4, 5, 6 }, after[] = { 7, 8, 9, 10 };
    char bytes[2048];
    uint64_t length = sizeof head - 1, batches = 1000;
    size_t n = 0;
    memcpy(bytes + n, &length, 8), n += 8;
    memcpy(bytes + n, head, length), n += length;
    memcpy(bytes + n, before, sizeof before), n += sizeof before;
    memcpy(bytes + n, &batches, 8), n += 8;
    memcpy(bytes + n, after, sizeof after), n += sizeof after;
    store(in_folder("torch"), bytes, n);
}

static void a_file_of_pytorchs_is_read_with_its_running_statistics(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t i;
        float is;
    } wanted[] = { { "conv_1.weight", 0, 1 },  { "conv_1.weight", 1, 2 },     { "bn_1.weight", 0, 3 },
                   { "bn_1.bias", 0, 4 },      { "bn_1.running_mean", 0, 5 }, { "bn_1.running_var", 0, 6 },
                   { "dense_1.weight", 0, 7 }, { "dense_1.weight", 1, 8 },    { "dense_1.bias", 1, 10 } };
    struct sl_graph *graph = network(2), *again = network(2);
    store_file();
    TRY(sl_safetensors_read(in_folder("torch"), graph, err));
    TRY(sl_safetensors_write(in_folder("ours"), graph, NULL, err));
    TRY(sl_safetensors_read(in_folder("ours"), again, err));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        float got = value(graph, wanted[i].name, wanted[i].i), back = value(again, wanted[i].name, wanted[i].i);
        if (memcmp(&got, &wanted[i].is, sizeof got) != 0 || memcmp(&back, &wanted[i].is, sizeof got) != 0)
            fail_msg("%s[%zu] is %g, written and read again %g", wanted[i].name, wanted[i].i, (double)got,
                     (double)back);
    }
    sl_graph_free(graph);
    sl_graph_free(again);
}

static void a_head_for_other_classes_stays_as_it_was_drawn(void **state)
{
    (void)state;
    struct sl_graph *graph = network(3);
    struct sl_error err_of = SL_ERROR_INIT;
    bool left = false;
    store_file();
    float drawn[6];
    for (size_t i = 0; i < 6; i++)
        drawn[i] = value(graph, i < 3 ? "dense_1.weight" : "dense_1.bias", i % 3);
    assert_int_equal(sl_safetensors_read(in_folder("torch"), graph, &err_of), SL_ESCHEMA);
    assert_true(value(graph, "conv_1.weight", 0) < 1); /* nothing was taken */
    TRY(sl_safetensors_read_body(in_folder("torch"), graph, "dense_1.", &left, err));
    assert_true(left && value(graph, "bn_1.running_var", 0) > 5);
    for (size_t i = 0; i < 6; i++) {
        float now = value(graph, i < 3 ? "dense_1.weight" : "dense_1.bias", i % 3);
        assert_memory_equal(&now, &drawn[i], sizeof now);
    }
    sl_graph_free(graph);
    graph = network(2);
    TRY(sl_safetensors_read_body(in_folder("torch"), graph, "dense_1.", &left, err));
    assert_true(!left && value(graph, "dense_1.bias", 1) > 9);
    sl_graph_free(graph);
}

static void a_body_that_differs_is_refused_whatever_the_head(void **state)
{
    (void)state;
    struct sl_cnn cnn = { .n_layers = 1, .layers = { { SL_LAYER_CONV, 2, 1, 1, 0 } }, .end = { .outputs = 2 } };
    struct sl_graph *graph = try_graph(plain.device, 1);
    struct sl_error err_of = SL_ERROR_INIT;
    bool left = false;
    sl_cnn_build(graph, (struct sl_shape){ 3, { 2, 2, 2 } }, &cnn);
    TRY(sl_graph_plan(graph, 3, err));
    store_file();
    assert_int_equal(sl_safetensors_read_body(in_folder("torch"), graph, "dense_1.", &left, &err_of), SL_ESCHEMA);
    assert_string_equal(err_of.what, "tensor 'conv_1.weight' is (1, 2, 1, 1), the network wants (2, 2, 1, 1)");
    sl_graph_free(graph);
}

static int set_up(void **state)
{
    plain = try_device_new("plain", 0);
    return make_folder(state);
}

static int tear_down(void **state)
{
    try_device_free(&plain);
    return remove_folder(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_pytorchs_is_read_with_its_running_statistics),
        cmocka_unit_test(a_head_for_other_classes_stays_as_it_was_drawn),
        cmocka_unit_test(a_body_that_differs_is_refused_whatever_the_head),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
