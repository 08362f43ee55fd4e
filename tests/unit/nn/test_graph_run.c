/* test_graph_run.c: running graphs: slots, partial batches, figures, sharing, looking inside, threads, devices. */
#include "graph_try.h"
#include "plain_device.h"

#include "engine/nn/graph_tail.h"
#include "sluice/network.h"

#include <math.h>
#include <stdlib.h>

static const char *const kinds[] = { "plain", NULL };
enum { KINDS = 2, CLASSES = 10, WIDTH = 42 };

static struct sl_graph *perceptron(struct sl_device *device, uint32_t batch, double dropout)
{
    struct sl_graph *graph = try_graph(device, batch);
    const struct sl_mlp mlp = { .n_hidden = 2,
                                .hidden = { 33, 20 },
                                .activation = SL_RELU,
                                .dropout = dropout,
                                .layer_norm = true,
                                .outputs = CLASSES };
    sl_mlp_build(graph, (struct sl_shape){ 2, { 6, 7 } }, &mlp);
    TRY(sl_graph_plan(graph, 1, err));
    try_weights(graph, 0.3F, 4);
    return graph;
}

static void step(struct sl_graph *graph, int slot, uint32_t n, uint32_t number, bool add)
{
    struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1, .step = number };
    TRY(sl_graph_step(graph, slot, n, &hyper, add, err));
}

/* The gradients, to be freed. */
static float *gradients(struct sl_graph *graph)
{
    struct sl_device *device = sl_graph_device(graph);
    size_t bytes = sl_graph_weights(graph) * sizeof(float);
    float *g = malloc(bytes);
    assert_non_null(g);
    TRY(device->kernels->download(device, g, sl_graph_g(graph), bytes, err));
    return g;
}

static void near_each(const float *got, const float *want, size_t n, double limit, const char *what)
{
    double size = 0;
    for (size_t i = 0; i < n; i++) {
        size = fmax(size, fabs((double)want[i]));
    }
    for (size_t i = 0; i < n; i++) {
        if (!(fabs((double)got[i] - (double)want[i]) <= limit * size)) {
            fail_msg("%s %zu of %zu: %.9g, expected %.9g", what, i, n, (double)got[i], (double)want[i]);
        }
    }
}

static void the_processor_gives_what_the_formulas_give(void **state)
{
    (void)state;
    struct try_device plain = try_device_new("plain", 0), cpu = try_device_new(NULL, 2);
    for (uint64_t seed = 0; seed < 200; seed++) {
        uint32_t n = 1 + (uint32_t)seed % 9;
        struct sl_graph *graph[2];
        float *g[2], output[2][64];
        struct sl_figures figures[2];
        for (int i = 0; i < 2; i++) {
            graph[i] = try_random_graph(i ? cpu.device : plain.device, 9, 2 + (unsigned)seed % 20, seed);
            try_weights(graph[i], 0.4F, seed);
            try_fill(graph[i], 1, n, TRY_VOCABULARY, seed);
            step(graph[i], 1, n, 7, false);
            TRY(sl_graph_figures(graph[i], &figures[i], err));
            TRY(sl_graph_output(graph[i], n, output[i], err));
            g[i] = gradients(graph[i]);
        }
        near_each(output[1], output[0], n * sl_graph_outputs(graph[0]), 1e-5, "output");
        near_each(g[1], g[0], sl_graph_weights(graph[0]), 2e-5, "gradient");
        assert_true(fabs(figures[1].loss - figures[0].loss) <= 1e-5 * (1 + figures[0].loss));
        for (int i = 0; i < 2; i++) {
            free(g[i]);
            sl_graph_free(graph[i]);
        }
    }
    try_device_free(&plain);
    try_device_free(&cpu);
}

static void a_device_away_from_the_host_gives_the_same_bits_by_the_rules(void **state)
{
    (void)state;
    struct try_device plain = try_device_new("plain", 0), far = try_device_new("far", 0);
    struct sl_graph *near_graph = perceptron(plain.device, 8, 0.3), *far_graph = perceptron(far.device, 8, 0.3);
    struct plain_counts *counts = plain_device_counts(far.device);
    unsigned uploads = counts->uploads;
    for (uint32_t i = 0; i < 20; i++) {
        int slot = (int)(i % 2);
        uint32_t n = i % 5 == 4 ? 3 : 8;
        sl_graph_uploaded(far_graph, slot);
        try_fill(near_graph, slot, n, 0, i);
        try_fill(far_graph, slot, n, 0, i);
        step(near_graph, slot, n, i, i % 3 == 2);
        step(far_graph, slot, n, i, i % 3 == 2);
        if (i % 4 == 3) { /* settings again, with nobody waiting between */
            step(near_graph, slot, n, i + 1, true);
            step(far_graph, slot, n, i + 1, true);
        }
        float *want = gradients(near_graph), *got = gradients(far_graph), output[2][80];
        assert_memory_equal(got, want, sl_graph_weights(near_graph) * sizeof *got);
        TRY(sl_graph_forward(near_graph, slot, n, false, err));
        TRY(sl_graph_forward(far_graph, slot, n, false, err));
        TRY(sl_graph_output(near_graph, n, output[0], err));
        TRY(sl_graph_output(far_graph, n, output[1], err));
        assert_memory_equal(output[0], output[1], n * CLASSES * sizeof(float));
        free(want);
        free(got);
    }
    assert_int_equal(counts->uploads - uploads, 20 * 3 + 5); /* x, labels, settings */
    assert_int_equal(counts->unlike, 0);
    assert_int_equal(counts->too_early, 0);
    assert_int_equal(counts->torn, 0);
    assert_true(counts->repeated > 10 && counts->keys > 4);
    unsigned keys = counts->keys, forgets = counts->forgets;
    TRY(sl_graph_keep(far_graph, true, err));
    assert_int_equal(counts->forgets, forgets + 1); /* memory moved */
    assert_true(keys > counts->keys);
    sl_graph_free(near_graph);
    sl_graph_free(far_graph);
    try_device_free(&plain);
    try_device_free(&far);
}

static void two_graphs_on_a_device_are_recorded_apart(void **state)
{
    (void)state;
    struct try_device far = try_device_new("far", 0);
    struct sl_graph *a = perceptron(far.device, 8, 0), *b = perceptron(far.device, 8, 0);
    try_fill(a, 0, 8, 0, 1);
    try_fill(b, 0, 8, 0, 2);
    for (uint32_t i = 0; i < 3; i++) {
        step(a, 0, 8, i, false);
        step(b, 0, 8, i, false);
    }
    assert_int_equal(plain_device_counts(far.device)->repeated, 4);
    assert_int_equal(plain_device_counts(far.device)->unlike, 0);
    sl_graph_free(a);
    sl_graph_free(b);
    try_device_free(&far);
}

static void fewer_records_come_out_as_they_do_among_more(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct try_device device = try_device_new(kinds[k], 2);
        struct sl_graph *graph = perceptron(device.device, 64, 0);
        float whole[64 * CLASSES], part[64 * CLASSES], rows[64], some[64];
        try_fill(graph, 0, 64, 0, 3);
        step(graph, 0, 64, 0, false);
        TRY(sl_graph_output(graph, 64, whole, err));
        TRY(sl_graph_row_loss(graph, 64, rows, err));
        float *all = gradients(graph), *sum = calloc(sl_graph_weights(graph), sizeof *sum);
        assert_non_null(sum);
        for (uint32_t n = 1; n <= 64; n += n < 8 ? 1 : 7) {
            TRY(sl_graph_forward(graph, 0, n, true, err));
            TRY(sl_graph_output(graph, n, part, err));
            TRY(sl_graph_row_loss(graph, n, some, err));
            near_each(part, whole, n * CLASSES, k ? 2e-6 : 0, "probability");
            near_each(some, rows, n, k ? 2e-6 : 0, "row loss");
            TRY(sl_graph_forward(graph, 0, n, false, err));
            TRY(sl_graph_output(graph, n, part, err));
            near_each(part, whole, n * CLASSES, 2e-6, "prediction");
        }
        /* 64·g = 40·g(first 40) + 24·g(last 24) */
        for (int half = 0; half < 2; half++) {
            uint32_t from = half ? 40 : 0, n = half ? 24 : 40;
            memmove(sl_graph_x(graph, 1), sl_graph_x(graph, 0) + from * WIDTH, n * WIDTH * sizeof(float));
            memmove(sl_graph_labels(graph, 1), sl_graph_labels(graph, 0) + from, n * sizeof(uint32_t));
            step(graph, 1, n, 0, false);
            float *g = gradients(graph);
            for (size_t i = 0; i < sl_graph_weights(graph); i++) {
                sum[i] += g[i] * (float)n / 64;
            }
            free(g);
        }
        near_each(sum, all, sl_graph_weights(graph), 5e-6, "gradient");
        free(all);
        free(sum);
        sl_graph_free(graph);
        try_device_free(&device);
    }
}

static void gradients_add_up_over_steps_when_asked(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct try_device device = try_device_new(kinds[k], 0);
        for (uint64_t seed = 0; seed < 40; seed++) {
            struct sl_graph *graph = try_random_graph(device.device, 6, 3 + (unsigned)seed % 9, seed);
            size_t floats = sl_graph_weights(graph);
            try_weights(graph, 0.5F, seed);
            try_fill(graph, 0, 6, TRY_VOCABULARY, 3);
            try_fill(graph, 1, 6, TRY_VOCABULARY, 4);
            step(graph, 0, 6, 5, false);
            float *first = gradients(graph);
            step(graph, 1, 5, 6, false);
            float *second = gradients(graph);
            step(graph, 0, 6, 5, false);
            step(graph, 1, 5, 6, true);
            float *both = gradients(graph);
            for (size_t i = 0; i < floats; i++) {
                first[i] += second[i];
            }
            near_each(both, first, floats, 2e-6, "gradient");
            free(first);
            free(second);
            free(both);
            sl_graph_free(graph);
        }
        try_device_free(&device);
    }
}

static void dropout_follows_the_step_and_is_off_when_predicting(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct try_device device = try_device_new(kinds[k], 0);
        struct sl_graph *with = perceptron(device.device, 8, 0.5), *without = perceptron(device.device, 8, 0);
        float output[4][8 * CLASSES];
        try_fill(with, 0, 8, 0, 1);
        try_fill(without, 0, 8, 0, 1);
        for (uint32_t i = 0; i < 3; i++) {
            step(with, 0, 8, i == 1 ? 12 : 11, false);
            TRY(sl_graph_output(with, 8, output[i], err));
        }
        assert_memory_not_equal(output[0], output[1], sizeof output[0]);
        assert_memory_equal(output[0], output[2], sizeof output[0]);
        TRY(sl_graph_forward(with, 0, 8, false, err));
        TRY(sl_graph_output(with, 8, output[0], err));
        TRY(sl_graph_forward(without, 0, 8, false, err));
        TRY(sl_graph_output(without, 8, output[1], err));
        assert_memory_equal(output[0], output[1], sizeof output[0]);
        sl_graph_free(with);
        sl_graph_free(without);
        try_device_free(&device);
    }
}

static void square(void *ctx, struct sl_device *device, const struct sl_hyper *hyper, float *out)
{
    struct sl_graph *graph = ctx;
    assert_int_equal(hyper->step, 6);
    device->kernels->square_sum(device, sl_graph_weights(graph), sl_graph_g(graph), out);
}

static void figures_are_those_of_the_last_run(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct try_device device = try_device_new(kinds[k], 0);
        struct sl_graph *graph = perceptron(device.device, 16, 0);
        struct sl_figures figures;
        struct sl_error error = SL_ERROR_INIT;
        float p[16 * CLASSES], rows[16];
        try_fill(graph, 0, 16, 0, 1);
        struct sl_hyper hyper = { .step = 6 };
        const struct graph_tail tail = { .give = square, .ctx = graph, .variant = 1 };
        TRY(sl_graph_step_then(graph, 0, 16, &hyper, false, &tail, err));
        TRY(sl_graph_figures(graph, &figures, err));
        TRY(sl_graph_output(graph, 16, p, err));
        TRY(sl_graph_row_loss(graph, 16, rows, err));
        double loss = 0, sum = 0, correct = 0;
        for (size_t i = 0; i < 16; i++) {
            uint32_t label = sl_graph_labels(graph, 0)[i];
            size_t best = 0;
            for (size_t j = 1; j < CLASSES; j++) {
                best = p[i * CLASSES + j] > p[i * CLASSES + best] ? j : best;
            }
            loss -= log((double)p[i * CLASSES + label]) / 16;
            sum += (double)rows[i] / 16;
            correct += best == label;
        }
        assert_true(fabs(figures.loss - loss) < 1e-6 * loss && fabs(sum - loss) < 1e-6 * loss);
        assert_true(figures.correct == correct);
        float *g = gradients(graph);
        double squares = 0;
        for (size_t i = 0; i < sl_graph_weights(graph); i++) {
            squares += (double)g[i] * (double)g[i];
        }
        free(g);
        assert_true(fabs(figures.gradient_square - squares) < 1e-5 * squares);
        step(graph, 0, 16, 6, false);
        TRY(sl_graph_figures(graph, &figures, err));
        assert_true(isnan(figures.gradient_square) && isfinite(figures.loss));
        TRY(sl_graph_forward(graph, 0, 16, false, err));
        assert_int_equal(sl_graph_figures(graph, &figures, &error), SL_ESTATE);
        assert_string_equal(error.what, "there is no loss: the last run was not for training");
        assert_int_equal(sl_graph_row_loss(graph, 1, rows, &error), SL_ESTATE);
        assert_int_equal(sl_graph_output(graph, 17, p, &error), SL_EPARAM);
        sl_graph_free(graph);
        try_device_free(&device);
    }
}

static void a_graph_that_shares_predicts_with_the_first_ones_weights(void **state)
{
    (void)state;
    struct sl_error error = SL_ERROR_INIT;
    struct try_device cpu = try_device_new(NULL, 2), alone = try_device_new(NULL, 0), far = try_device_new("far", 0);
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct sl_graph *first = try_random_graph(cpu.device, 9, 3 + (unsigned)seed % 12, seed), *second = NULL;
        struct sl_hyper hyper = { 0 };
        float want[64], got[64], rows[2][9];
        TRY(sl_graph_share(&second, first, alone.device, 5, err));
        assert_ptr_equal(sl_graph_w(second), sl_graph_w(first));
        try_weights(first, 0.5F, seed); /* seen by both */
        try_fill(first, 0, 9, TRY_VOCABULARY, seed);
        try_fill(second, 1, 5, TRY_VOCABULARY, seed);
        bool norms = try_has(first, "batch norm"); /* in training the first one's are those of its batch */
        for (int training = 0; training < 2 - norms; training++) {
            TRY(sl_graph_forward(first, 0, 5, training, err));
            TRY(sl_graph_output(first, 5, want, err));
            TRY(sl_graph_forward(second, 1, 5, training, err));
            TRY(sl_graph_output(second, 5, got, err));
            assert_memory_equal(got, want, 5 * sl_graph_outputs(first) * sizeof *got);
        }
        if (!norms) {
            TRY(sl_graph_row_loss(first, 5, rows[0], err));
            TRY(sl_graph_row_loss(second, 5, rows[1], err));
            assert_memory_equal(rows[0], rows[1], 5 * sizeof(float));
        }
        assert_true(sl_graph_bytes(second) < sl_graph_bytes(first));
        assert_int_equal(sl_graph_step(second, 0, 1, &hyper, false, &error), SL_ESTATE);
        assert_string_equal(error.what, "a graph that shares another's parameters does not learn");
        struct sl_graph *third = NULL;
        assert_int_equal(sl_graph_share(&third, first, far.device, 5, &error), SL_ESTATE);
        assert_null(third);
        sl_graph_free(second);
        sl_graph_free(first);
    }
    try_device_free(&cpu);
    try_device_free(&alone);
    try_device_free(&far);
}

/* First a dense layer, which takes them in passing; or dropout, for which x is made of them. */
static void records_by_their_places_give_the_same_bits(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct try_device device = try_device_new(k & 1 ? "portable" : NULL, 2);
        struct sl_graph *graph[2];
        uint8_t bytes[8][WIDTH];
        for (int which = 0; which < 2; which++) {
            graph[which] = try_graph(device.device, 8);
            int x = sl_graph_input(graph[which], (struct sl_shape){ 1, { WIDTH } });
            x = k & 2 ? sl_graph_dropout(graph[which], x, 0.25) : x;
            x = sl_graph_dense(graph[which], x, CLASSES, SL_LINEAR, SL_INIT_NORMAL, true);
            sl_graph_cross_entropy(graph[which], x, false, 0, NULL);
            TRY(sl_graph_plan(graph[which], 7, err));
            try_fill(graph[which], 0, 8, 0, 3);
        }
        const void **place = sl_graph_places(graph[1], 0, &(struct sl_places){ .bytes = true, .scale = 0.5F });
        assert_non_null(place);
        for (int i = 0; i < 8; i++) {
            place[7 - i] = bytes[i];
            for (int j = 0; j < WIDTH; j++) {
                bytes[i][j] = (uint8_t)(i * 31 + j * 7);
                sl_graph_x(graph[0], 0)[(7 - i) * WIDTH + j] = (float)bytes[i][j] * 0.5F;
            }
        }
        for (int again = 0; again < 3; again++) { /* in passing; by way of x, to be looked at; from that x */
            TRY(sl_graph_keep(graph[1], again == 1, err));
            step(graph[0], 0, 8, 1, false);
            step(graph[1], 0, 8, 1, false);
            float *want = gradients(graph[0]), *got = gradients(graph[1]);
            assert_memory_equal(got, want, sl_graph_weights(graph[0]) * sizeof *want);
            free(want);
            free(got);
            if (again == 1) {
                assert_memory_equal(sl_graph_x(graph[1], 0), sl_graph_x(graph[0], 0), sizeof(float) * 8 * WIDTH);
                sl_graph_places(graph[1], 0, NULL);
                memset(bytes, 0, sizeof bytes);
            }
        }
        sl_graph_free(graph[0]);
        sl_graph_free(graph[1]);
        try_device_free(&device);
    }
    struct try_device far = try_device_new("far", 0);
    struct sl_graph *away = perceptron(far.device, 4, 0);
    assert_null(sl_graph_places(away, 0, NULL));
    sl_graph_free(away);
    try_device_free(&far);
}

static void what_is_kept_can_be_read_after_a_step(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct try_device device = try_device_new(kinds[k], 0);
        struct sl_graph *graph = try_graph(device.device, 4);
        struct sl_error error = SL_ERROR_INIT;
        int x = sl_graph_input(graph, (struct sl_shape){ 1, { 3 } });
        int a = sl_graph_dense(graph, x, 5, SL_TANH, SL_INIT_NORMAL, true);
        int z = sl_graph_dense(graph, a, 2, SL_LINEAR, SL_INIT_NORMAL, true);
        int end = sl_graph_cross_entropy(graph, z, false, 0, NULL);
        float value[20], p[8], dz[8], da[20], w[64];
        TRY(sl_graph_plan(graph, 2, err));
        try_weights(graph, 0.5F, 3);
        try_fill(graph, 0, 4, 0, 5);
        step(graph, 0, 4, 0, false);
        assert_int_equal(sl_graph_read(graph, a, false, 4, value, &error), SL_ESTATE);
        assert_string_equal(error.what, "the output of \"dense_1\" was not kept in a step");
        TRY(sl_graph_keep(graph, true, err));
        assert_int_equal(sl_graph_read(graph, a, false, 4, value, &error), SL_ESTATE);
        step(graph, 0, 4, 0, false);
        TRY(sl_graph_get(graph, w, err));
        TRY(sl_graph_read(graph, x, false, 4, value, err));
        assert_memory_equal(value, sl_graph_x(graph, 0), 12 * sizeof(float));
        TRY(sl_graph_read(graph, a, false, 4, value, err));
        TRY(sl_graph_read(graph, end, false, 4, p, err));
        TRY(sl_graph_read(graph, z, true, 4, dz, err));
        TRY(sl_graph_read(graph, a, true, 4, da, err));
        const struct sl_parameter *list;
        assert_int_equal(sl_graph_parameters(graph, &list), 4);
        for (size_t i = 0; i < 8; i++) {
            double t = sl_graph_labels(graph, 0)[i / 2] == i % 2;
            assert_true(fabs((double)dz[i] - ((double)p[i] - t) / 4) < 1e-7);
        }
        for (size_t i = 0; i < 20; i++) { /* before the activation's slope: dz·wᵀ */
            const float *row = w + list[2].first + 2 * (i % 5);
            double want = (double)dz[i / 5 * 2] * (double)row[0] + (double)dz[i / 5 * 2 + 1] * (double)row[1];
            assert_true(fabs((double)da[i] - want) < 1e-7);
            double sum = (double)w[list[1].first + i % 5];
            for (size_t j = 0; j < 3; j++) {
                sum += (double)sl_graph_x(graph, 0)[i / 5 * 3 + j] * (double)w[list[0].first + 5 * j + i % 5];
            }
            assert_true(fabs((double)value[i] - tanh(sum)) < 1e-6);
        }
        assert_int_equal(sl_graph_read(graph, x, true, 4, value, &error), SL_ESTATE);
        assert_string_equal(error.what, "\"input\" (input) has no gradient");
        assert_int_equal(sl_graph_read(graph, end, true, 4, value, &error), SL_ESTATE);
        assert_int_equal(sl_graph_read(graph, 9, false, 4, value, &error), SL_EPARAM);
        assert_int_equal(sl_graph_read(graph, a, false, 5, value, &error), SL_EPARAM);
        TRY(sl_graph_keep(graph, false, err));
        assert_int_equal(sl_graph_read(graph, a, false, 4, value, &error), SL_ESTATE);
        sl_graph_free(graph);
        try_device_free(&device);
    }
}

static void bits_are_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    float *g[3], output[3][256 * CLASSES];
    struct sl_figures figures[3];
    size_t floats = 0;
    for (int i = 0; i < 3; i++) {
        struct try_device device = try_device_new(NULL, 1 << i);
        struct sl_graph *graph = try_graph(device.device, 256);
        const struct sl_mlp mlp = { .n_hidden = 2,
                                    .hidden = { 300, 90 },
                                    .activation = SL_GELU,
                                    .dropout = 0.1,
                                    .layer_norm = true,
                                    .outputs = CLASSES,
                                    .label_smoothing = 0.1 };
        sl_mlp_build(graph, (struct sl_shape){ 1, { 200 } }, &mlp);
        TRY(sl_graph_plan(graph, 8, err));
        try_fill(graph, 0, 256, 0, 1);
        for (uint32_t s = 0; s < 3; s++) {
            step(graph, 0, s == 1 ? 251 : 256, s, s == 2);
        }
        TRY(sl_graph_figures(graph, &figures[i], err));
        TRY(sl_graph_output(graph, 256, output[i], err));
        floats = sl_graph_weights(graph);
        g[i] = gradients(graph);
        sl_graph_free(graph);
        try_device_free(&device);
    }
    for (int i = 1; i < 3; i++) {
        assert_memory_equal(g[i], g[0], floats * sizeof **g);
        assert_memory_equal(output[i], output[0], sizeof output[0]);
        assert_true(figures[i].loss == figures[0].loss && figures[i].correct == figures[0].correct);
    }
    for (int i = 0; i < 3; i++) {
        free(g[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_processor_gives_what_the_formulas_give),
        cmocka_unit_test(a_device_away_from_the_host_gives_the_same_bits_by_the_rules),
        cmocka_unit_test(two_graphs_on_a_device_are_recorded_apart),
        cmocka_unit_test(fewer_records_come_out_as_they_do_among_more),
        cmocka_unit_test(gradients_add_up_over_steps_when_asked),
        cmocka_unit_test(dropout_follows_the_step_and_is_off_when_predicting),
        cmocka_unit_test(figures_are_those_of_the_last_run),
        cmocka_unit_test(a_graph_that_shares_predicts_with_the_first_ones_weights),
        cmocka_unit_test(records_by_their_places_give_the_same_bits),
        cmocka_unit_test(what_is_kept_can_be_read_after_a_step),
        cmocka_unit_test(bits_are_the_same_for_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
