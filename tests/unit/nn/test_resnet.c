/* test_resnet.c: residual networks against torchvision's, a small convolutional network's learning against PyTorch's
 * (tests/golden/make_resnet.py), and what their builders accept.
 *
 * The references were computed in float64, from the same numbers. Limits: logits 1e-4 of the greatest of them, losses
 * and norms of gradients 1e-4 of themselves, single elements 1e-4 of themselves and of the root mean square of theirs;
 * batch norms over a few values make what float32 rounds off larger the deeper a network is. */
#include "graph_try.h"

#include "sluice/network.h"
#include "sluice/optimizer.h"
#include "tests/unit/base/text_golden.h"

#include <math.h>

enum { NUMBERS = 64 };
static const double LIMIT = 1e-4;

static struct try_device cpu;

static int open_cpu(void **state)
{
    (void)state;
    cpu = try_device_new(NULL, 2);
    return 0;
}

static int close_cpu(void **state)
{
    (void)state;
    try_device_free(&cpu);
    return 0;
}

/* --- numbers both sides draw --- */

static uint32_t seed_of(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

static float drawn(uint32_t seed, size_t i)
{
    uint32_t h = seed + (uint32_t)i;
    h = (h ^ h >> 16) * 0x85ebca6bu;
    h = (h ^ h >> 13) * 0xc2b2ae35u;
    h ^= h >> 16;
    return (float)((int32_t)h >> 8) / 8388608.0F;
}

/* Where element i of a PyTorch tensor lies in a parameter: dense weights are turned round. */
static size_t place_of(const struct sl_parameter *p, size_t i)
{
    size_t in = p->shape.size[0], out = p->shape.size[1];
    return p->shape.rank == 2 ? i % in * out + i / in : i;
}

static float value_of(const struct sl_parameter *p, size_t i)
{
    float u = drawn(seed_of(p->name), i);
    if (p->shape.rank > 1) {
        double fan = (double)(p->shape.rank == 2 ? p->shape.size[0] : p->n / p->shape.size[0]);
        return ldexpf(u, (int)lrint(log2(6 / fan) / 2));
    }
    if (strstr(p->name, "running_var"))
        return 1 + u / 2;
    float gain = strstr(p->name, "bn3.") ? (1 + u / 4) / 4 : 1 + u / 4;
    return strstr(p->name, ".weight") ? gain : u / 4;
}

static void draw_weights(struct sl_graph *graph)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(graph, &list);
    float *w = calloc(sl_graph_weights(graph), sizeof *w);
    assert_non_null(w);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < list[k].n; i++)
            w[list[k].first + place_of(&list[k], i)] = value_of(&list[k], i);
    TRY(sl_graph_set(graph, w, err));
    free(w);
}

static void draw_batch(struct sl_graph *graph, uint32_t n, size_t width, size_t first, uint32_t classes)
{
    for (size_t i = 0; i < n * width; i++)
        sl_graph_x(graph, 0)[i] = drawn(seed_of("pictures"), first + i);
    for (uint32_t i = 0; i < n; i++)
        sl_graph_labels(graph, 0)[i] = 7 * i % classes;
    sl_graph_upload(graph, 0, n);
}

/* --- golden rows --- */

static void next(struct golden *golden, const char *row)
{
    if (!golden_next(golden) || !sl_str_equal(golden->field[0], sl_str(row)))
        fail_msg("a golden row \"%s\" is missing", row);
}

static size_t numbers(const struct golden *golden, size_t field, double *out)
{
    char text[4096];
    size_t n = 0;
    assert_true(field < golden->n && golden->field[field].n < sizeof text);
    memcpy(text, golden->field[field].p, golden->field[field].n);
    text[golden->field[field].n] = '\0';
    for (char *at = text, *end = at; *at; at = end + strspn(end, " ")) {
        assert_true(n < NUMBERS);
        out[n++] = strtod(at, &end);
        assert_true(end > at);
    }
    return n;
}

static void near(const char *what, double got, double wanted, double limit)
{
    if (!(fabs(got - wanted) <= limit))
        fail_msg("%s is %.9g, PyTorch's %.9g (limit %.2g)", what, got, wanted, limit);
}

static double norm_of(const float *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static const struct sl_parameter *named(struct sl_graph *graph, struct sl_str name)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(graph, &list);
    for (size_t i = 0; i < n; i++)
        if (sl_str_equal(sl_str(list[i].name), name))
            return &list[i];
    fail_msg("the network has no \"%.*s\"", (int)name.n, name.p);
    return NULL;
}

/* A row: name, look. run: of all parameters. */
static void look(struct sl_graph *graph, const struct golden *golden, const float *run)
{
    const struct sl_parameter *p = named(graph, golden->field[1]);
    const float *x = run + p->first;
    double wanted[NUMBERS];
    assert_int_equal(numbers(golden, 2, wanted), 4);
    near(p->name, norm_of(x, p->n), wanted[0], LIMIT * wanted[0]);
    const size_t places[] = { 0, p->n / 3, p->n - 1 };
    for (size_t k = 0; k < 3; k++) {
        double mean = wanted[0] / sqrt((double)p->n);
        near(p->name, (double)x[place_of(p, places[k])], wanted[k + 1], LIMIT * (fabs(wanted[k + 1]) + mean));
    }
}

/* Outputs of node `of` against a field. */
static void outputs(struct sl_graph *graph, int of, uint32_t n, size_t width, const struct golden *golden)
{
    double wanted[NUMBERS], most = 0;
    float got[NUMBERS];
    assert_int_equal(numbers(golden, 1, wanted), n * width);
    TRY(sl_graph_read(graph, of, false, n, got, err));
    for (size_t i = 0; i < n * width; i++)
        most = fmax(most, fabs(wanted[i]));
    for (size_t i = 0; i < n * width; i++)
        near("a logit", (double)got[i], wanted[i], LIMIT * most);
}

static int node_named(struct sl_graph *graph, const char *name)
{
    for (int i = 0; i < (int)sl_graph_nodes(graph); i++) {
        struct sl_node_info info;
        sl_graph_node(graph, i, &info);
        if (strcmp(info.name, name) == 0)
            return i;
    }
    fail_msg("there is no node \"%s\"", name);
    return -1;
}

/* The rows of one network; golden stands at its first and is left at the next one's. */
static bool check_resnet(struct golden *golden)
{
    uint32_t field[6];
    for (size_t i = 1; i < 6; i++)
        field[i] = (uint32_t)golden_number(golden, i, 10);
    uint32_t n = field[3], size = field[4], classes = field[5];
    const struct sl_resnet resnet = { .depth = field[1], .small = field[2], .end = { .outputs = classes } };
    struct sl_graph *graph = try_graph(cpu.device, n);
    sl_resnet_build(graph, (struct sl_shape){ 3, { size, size, 3 } }, &resnet);
    TRY(sl_graph_plan(graph, 1, err));
    TRY(sl_graph_keep(graph, true, err));
    draw_weights(graph);
    draw_batch(graph, n, (size_t)size * size * 3, 0, classes);
    int fc = node_named(graph, "fc");
    next(golden, "predicted");
    TRY(sl_graph_forward(graph, 0, n, false, err));
    outputs(graph, fc, n, classes, golden);
    next(golden, "trained");
    const struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1 };
    struct sl_figures figures;
    TRY(sl_graph_step(graph, 0, n, &hyper, false, err));
    TRY(sl_graph_figures(graph, &figures, err));
    outputs(graph, fc, n, classes, golden);
    double loss[NUMBERS];
    assert_int_equal(numbers(golden, 2, loss), 1);
    near("the loss", figures.loss, loss[0], LIMIT * loss[0]);
    const struct sl_parameter *list;
    size_t parameters = sl_graph_parameters(graph, &list), seen = 0;
    bool more;
    while ((more = golden_next(golden)) && !sl_str_equal(golden->field[0], SL_STR("resnet"))) {
        look(graph, golden, sl_str_equal(golden->field[0], SL_STR("gradient")) ? sl_graph_g(graph) : sl_graph_w(graph));
        seen++;
    }
    assert_int_equal(seen, parameters);
    sl_graph_free(graph);
    return more;
}

static void residual_networks_give_torchvisions_logits_and_gradients(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/nn_resnet.tsv");
    unsigned networks = 1;
    next(&golden, "resnet");
    while (check_resnet(&golden))
        networks++;
    assert_int_equal(networks, 2);
    golden_close(&golden);
}

/* "conv8 bn pool" */
static struct sl_cnn layers_of(char *words, uint32_t classes)
{
    struct sl_cnn cnn = { .activation = SL_RELU, .same = true, .end = { .outputs = classes } };
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        assert_true(sl_layer_parse(word, &cnn.layers[cnn.n_layers++]));
    return cnn;
}

static void a_small_network_learns_like_pytorchs(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/nn_cnn.tsv");
    double losses[NUMBERS];
    next(&golden, "cnn");
    uint32_t field[6];
    for (size_t i = 2; i < 6; i++)
        field[i] = (uint32_t)golden_number(&golden, i, 10);
    uint32_t steps = field[2], n = field[3], size = field[4], classes = field[5];
    char words[256];
    snprintf(words, sizeof words, "%.*s", (int)golden.field[1].n, golden.field[1].p);
    struct sl_cnn cnn = layers_of(words, classes);
    struct sl_graph *graph = try_graph(cpu.device, n);
    sl_cnn_build(graph, (struct sl_shape){ 3, { size, size, 2 } }, &cnn);
    TRY(sl_graph_plan(graph, 1, err));
    draw_weights(graph);
    next(&golden, "losses");
    assert_int_equal(numbers(&golden, 1, losses), steps);
    float *w = calloc(2 * sl_graph_weights(graph), sizeof *w), *m = w + sl_graph_weights(graph);
    assert_non_null(w);
    for (uint32_t step = 0; step < steps; step++) {
        const struct sl_hyper hyper = { .learning_rate = 0.02F, .correct1 = 1, .correct2 = 1, .step = step };
        struct sl_figures figures;
        draw_batch(graph, n, (size_t)size * size * 2, step % 4 * n * size * size * 2, classes);
        TRY(sl_graph_step(graph, 0, n, &hyper, false, err));
        TRY(sl_graph_figures(graph, &figures, err));
        near("a loss", figures.loss, losses[step], LIMIT * losses[step]);
        TRY(sl_graph_get(graph, w, err));
        for (size_t i = 0; i < sl_graph_weights(graph); i++) {
            m[i] = 0.9F * m[i] - 0.02F * sl_graph_g(graph)[i];
            w[i] += m[i];
        }
        TRY(sl_graph_set(graph, w, err));
    }
    while (golden_next(&golden))
        look(graph, &golden, sl_graph_w(graph));
    free(w);
    sl_graph_free(graph);
    golden_close(&golden);
}

/* --- what they are made of --- */

static size_t learnt(const struct sl_graph *graph)
{
    size_t sum = 0;
    for (int i = 0; i < (int)sl_graph_nodes(graph); i++) {
        struct sl_node_info info;
        sl_graph_node(graph, i, &info);
        sum += info.parameters;
    }
    return sum;
}

static void each_depth_has_as_many_weights_as_the_paper_says(void **state)
{
    (void)state;
    static const struct {
        uint32_t depth;
        size_t parameters; /* sum(p.numel() for p in torchvision.models.resnetN().parameters()) */
        double flops;      /* multiply-adds of convolutions and fc: the papers' 1.8, 3.6, 4.1 and 7.8·10⁹ */
    } known[] = {
        { 18, 11689512, 1.814e9 }, { 34, 21797672, 3.664e9 }, { 50, 25557032, 4.089e9 }, { 101, 44549160, 7.801e9 }
    };
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        struct sl_graph *graph = NULL;
        TRY(sl_graph_new(&graph, NULL, 1, err));
        const struct sl_resnet resnet = { .depth = known[k].depth, .end = { .outputs = 1000 } };
        assert_true(sl_resnet_build(graph, (struct sl_shape){ 3, { 224, 224, 3 } }, &resnet) > 0);
        assert_int_equal(learnt(graph), known[k].parameters);
        double flops = 0;
        for (int i = 0; i < (int)sl_graph_nodes(graph); i++) {
            struct sl_node_info info;
            sl_graph_node(graph, i, &info);
            flops += info.weight >= 0 && !strstr(info.kind, "norm") ? (double)info.flops / 2 : 0;
        }
        near("its multiply-adds", flops, known[k].flops, 0.002 * known[k].flops);
        sl_graph_free(graph);
    }
}

static void a_frozen_part_keeps_its_weights_and_statistics(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 2);
    const struct sl_resnet resnet = { .depth = 18, .small = true, .frozen = SL_RESNET_LAYER3, .end = { .outputs = 3 } };
    sl_resnet_build(graph, (struct sl_shape){ 3, { 8, 8, 3 } }, &resnet);
    TRY(sl_graph_plan(graph, 1, err));
    draw_weights(graph);
    draw_batch(graph, 2, 192, 0, 3);
    float *before = calloc(sl_graph_weights(graph), sizeof *before);
    assert_non_null(before);
    TRY(sl_graph_get(graph, before, err));
    const struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1 };
    TRY(sl_graph_step(graph, 0, 2, &hyper, false, err));
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(graph, &list);
    for (size_t i = 0; i < n; i++) {
        const struct sl_parameter *p = &list[i];
        bool learns = strncmp(p->name, "layer4", 6) == 0 || strncmp(p->name, "fc", 2) == 0;
        bool running = strstr(p->name, "running") != NULL;
        bool same = memcmp(before + p->first, sl_graph_w(graph) + p->first, p->n * sizeof(float)) == 0;
        if (same == (learns && running) || (norm_of(sl_graph_g(graph) + p->first, p->n) > 0) != (learns && !running))
            fail_msg("\"%s\": same %d, gradient %g", p->name, same, norm_of(sl_graph_g(graph) + p->first, p->n));
        assert_true(learns || !p->decays);
    }
    free(before);
    sl_graph_free(graph);
}

static void what_learns_cannot_stand_before_what_is_frozen(void **state)
{
    (void)state;
    struct sl_graph *graph = try_graph(cpu.device, 2);
    struct sl_error err = SL_ERROR_INIT;
    int x =
        sl_graph_dense(graph, sl_graph_input(graph, (struct sl_shape){ 1, { 3 } }), 4, SL_RELU, SL_INIT_NORMAL, true);
    sl_graph_freeze(graph, true);
    sl_graph_name(graph, "late");
    sl_graph_squared_error(graph, sl_graph_dense(graph, x, 2, SL_LINEAR, SL_INIT_NORMAL, true));
    assert_int_equal(sl_graph_plan(graph, 1, &err), SL_EPARAM);
    assert_string_equal(err.what, "\"late\" is frozen behind layers that learn");
    sl_graph_free(graph);
}

static void layers_are_read_from_words(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        struct sl_layer is;
    } good[] = {
        { "conv32", { SL_LAYER_CONV, 32, 3, 1, 0 } },      { "conv8x5", { SL_LAYER_CONV, 8, 5, 1, 0 } },
        { "conv8x5s2", { SL_LAYER_CONV, 8, 5, 2, 0 } },    { "conv8s2", { SL_LAYER_CONV, 8, 3, 2, 0 } },
        { "bn", { SL_LAYER_NORM, 0, 3, 1, 0 } },           { "pool", { SL_LAYER_MAX_POOL, 0, 2, 2, 0 } },
        { "pool3s2", { SL_LAYER_MAX_POOL, 0, 3, 2, 0 } },  { "meanpool4", { SL_LAYER_MEAN_POOL, 0, 4, 4, 0 } },
        { "gap", { SL_LAYER_GLOBAL, 0, 3, 1, 0 } },        { "flatten", { SL_LAYER_FLATTEN, 0, 3, 1, 0 } },
        { "dense128", { SL_LAYER_DENSE, 128, 3, 1, 0 } },  { "dropout0.25", { SL_LAYER_DROPOUT, 0, 3, 1, 0.25 } },
        { "dropout0", { SL_LAYER_DROPOUT, 0, 3, 1, 0.0 } }
    };
    static const char *const bad[] = { "",           "conv",
                                       "conv0",      "conv3x",
                                       "conv3x0",    "conv3s0",
                                       "conv3 ",     "conv3x3x",
                                       "conv-3",     "pool0",
                                       "pools",      "pool2x2",
                                       "dense",      "dense0",
                                       "dense1.",    "dropout",
                                       "dropout1",   "dropout.",
                                       "bn1",        "gap2",
                                       "relu",       "conv99999999999999999999",
                                       "dropout1e-1" };
    struct sl_layer got;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(sl_layer_parse(good[i].word, &got));
        if (got.kind != good[i].is.kind || got.units != good[i].is.units || got.kernel != good[i].is.kernel ||
            got.stride != good[i].is.stride || fabs(got.rate - good[i].is.rate) > 0)
            fail_msg("\"%s\" is layer %d, %u, %u, %u, %g", good[i].word, (int)got.kind, got.units, got.kernel,
                     got.stride, got.rate);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (sl_layer_parse(bad[i], &got))
            fail_msg("\"%s\" was taken for a layer", bad[i]);
}

static void refused(const char *layers, struct sl_shape input, const char *says)
{
    char words[128];
    struct sl_graph *graph = try_graph(cpu.device, 2);
    struct sl_error err = SL_ERROR_INIT;
    snprintf(words, sizeof words, "%s", layers);
    struct sl_cnn cnn = layers_of(words, 3);
    cnn.same = false;
    assert_int_equal(sl_cnn_build(graph, input, &cnn), -1);
    assert_int_equal(sl_graph_plan(graph, 1, &err), SL_EPARAM);
    if (!strstr(err.what, says))
        fail_msg("\"%s\" does not say \"%s\"", err.what, says);
    sl_graph_free(graph);
}

static void layers_that_do_not_fit_the_pictures_are_named(void **state)
{
    (void)state;
    const struct sl_shape small = { 3, { 5, 4, 1 } };
    refused("conv4x5", small, "\"conv_1\": a window of 5 × 5 does not fit into \"input\" (5, 4, 1)");
    refused("pool pool pool", small, "\"pool_3\"");
    refused("flatten conv4", small, "\"conv_1\": conv works on pictures");
    refused("gap gap", small, "gap (layer 2) works on pictures");
    refused("conv4", (struct sl_shape){ 1, { 20 } }, "works on pictures");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(residual_networks_give_torchvisions_logits_and_gradients),
        cmocka_unit_test(a_small_network_learns_like_pytorchs),
        cmocka_unit_test(each_depth_has_as_many_weights_as_the_paper_says),
        cmocka_unit_test(a_frozen_part_keeps_its_weights_and_statistics),
        cmocka_unit_test(what_learns_cannot_stand_before_what_is_frozen),
        cmocka_unit_test(layers_are_read_from_words),
        cmocka_unit_test(layers_that_do_not_fit_the_pictures_are_named),
    };
    return cmocka_run_group_tests(tests, open_cpu, close_cpu);
}
