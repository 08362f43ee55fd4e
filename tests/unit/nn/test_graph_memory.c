/* test_graph_memory.c: the memory plan: nothing that lives together lies together, and a step takes no memory.
 *
 * malloc is counted by standing in for it, which sanitizers do themselves: with them, only the device's is counted. */
#include "graph_try.h"
#include "plain_device.h"

#include "engine/nn/graph_private.h"
#include "sluice/network.h"
#include "sluice/random.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define COUNTS_MALLOC 1
static atomic_ulong mallocs;
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
    atomic_fetch_add(&mallocs, 1);
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    atomic_fetch_add(&mallocs, 1);
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    atomic_fetch_add(&mallocs, 1);
    return __libc_realloc(p, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&mallocs, 1);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    atomic_fetch_add(&mallocs, 1);
    *out = __libc_memalign(alignment, size);
    return *out ? 0 : 12;
}
#else
#define COUNTS_MALLOC 0
static atomic_ulong mallocs;
#endif

static bool together(const struct interval *a, const struct interval *b)
{
    return a->begin <= b->end && b->begin <= a->end;
}

static bool overlap(const struct interval *a, const struct interval *b)
{
    return a->offset < b->offset + b->bytes && b->offset < a->offset + a->bytes;
}

/* Most bytes alive at once: no plan can do with less. */
static size_t least(const struct interval *list, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        size_t sum = 0;
        for (size_t j = 0; j < n; j++) {
            sum += list[j].begin <= list[i].begin && list[i].begin <= list[j].end ? list[j].bytes : 0;
        }
        most = sum > most ? sum : most;
    }
    return most;
}

static void buffers_that_live_together_never_overlap(void **state)
{
    (void)state;
    enum { N = 60, ROUNDS = 400 };
    double worst = 1;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct interval list[N];
        size_t n = 1 + round % N, total = 0, sum = 0;
        for (size_t i = 0; i < n; i++) {
            uint32_t word[4];
            sl_philox(round, SL_RANDOM_SAMPLE, 0, i, 0, word);
            list[i].bytes = round % 3 ? word[0] % 5000 : 64 * (word[0] % 3);
            list[i].begin = word[1] % 50;
            list[i].end = list[i].begin + word[2] % (round % 2 ? 5 : 50);
        }
        TRY(place_intervals(list, n, &total, err));
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(list[i].offset % 64, 0);
            assert_true(list[i].offset + list[i].bytes <= total);
            sum += list[i].bytes;
            for (size_t j = 0; j < i; j++) {
                assert_false(together(&list[i], &list[j]) && overlap(&list[i], &list[j]));
            }
        }
        size_t bound = least(list, n);
        assert_true(total >= bound && total <= sum);
        worst = bound ? fmax(worst, (double)total / (double)bound) : worst;
    }
    assert_true(worst < 1.6); /* on such hostile lists; see graph_place.c for networks */
}

static void a_plan_of_nothing_takes_nothing(void **state)
{
    (void)state;
    size_t total = 1;
    TRY(place_intervals(NULL, 0, &total, err));
    assert_int_equal(total, 0);
}

/* Gradients and outputs after a step, on memory full of NaN. */
static void step_on_poison(struct sl_graph *graph, uint32_t n, float *g, float *output, struct sl_figures *figures)
{
    struct sl_hyper hyper = { .learning_rate = 1, .correct1 = 1, .correct2 = 1, .step = 3 };
    float *memory = graph->layout.memory;
    for (size_t i = 0; i < graph->layout.bytes / sizeof *memory; i++) {
        memory[i] = NAN;
    }
    TRY(sl_graph_step(graph, 0, n, &hyper, false, err));
    TRY(sl_graph_figures(graph, figures, err));
    TRY(sl_graph_output(graph, n, output, err));
    memcpy(g, sl_graph_g(graph), sl_graph_weights(graph) * sizeof *g);
}

static void sharing_memory_changes_no_bit_of_a_random_graph(void **state)
{
    (void)state;
    struct try_device device = try_device_new("plain", 0);
    size_t shared = 0, apart = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct sl_graph *graph = try_random_graph(device.device, 4, 2 + (unsigned)seed % 30, seed);
        size_t floats = sl_graph_weights(graph), outputs = 4 * sl_graph_outputs(graph);
        float *got = malloc(2 * (floats + outputs) * sizeof *got), *want = got + floats + outputs;
        struct sl_figures figures[2];
        assert_non_null(got);
        try_weights(graph, 0.5F, seed);
        try_fill(graph, 0, 4, TRY_VOCABULARY, seed);
        step_on_poison(graph, 4, got, got + floats, &figures[0]);
        shared += graph->layout.bytes;
        TRY(sl_graph_keep(graph, true, err));
        step_on_poison(graph, 4, want, want + floats, &figures[1]);
        apart += graph->layout.bytes;
        for (size_t i = 0; i < floats + outputs; i++) {
            if (!isfinite(got[i]) || memcmp(&got[i], &want[i], sizeof *got) != 0) {
                fail_msg("seed %u, number %zu of %zu + %zu: %.9g shared, %.9g apart", (unsigned)seed, i, floats,
                         outputs, (double)got[i], (double)want[i]);
            }
        }
        assert_memory_equal(&figures[0].loss, &figures[1].loss, sizeof figures[0].loss);
        TRY(sl_graph_keep(graph, false, err));
        step_on_poison(graph, 4, want, want + floats, &figures[1]);
        assert_memory_equal(got, want, (floats + outputs) * sizeof *got);
        free(got);
        sl_graph_free(graph);
    }
    if (3 * shared > 2 * apart) {
        fail_msg("%zu bytes shared, %zu apart", shared, apart);
    }
    try_device_free(&device);
}

static void what_is_computed_again_need_not_be_kept(void **state)
{
    (void)state;
    struct try_device device = try_device_new("plain", 0);
    size_t bytes[2], floats = 0, outputs = 0;
    float *of[2];
    struct sl_figures figures[2];
    for (int again = 0; again < 2; again++) {
        struct sl_graph *graph = try_graph(device.device, 2);
        const struct sl_resnet resnet = { .depth = 18, .small = true, .end = { .outputs = 3 } };
        sl_graph_recompute(graph, again);
        sl_resnet_build(graph, (struct sl_shape){ 3, { 5, 6, 1 } }, &resnet);
        TRY(sl_graph_plan(graph, 1, err));
        try_fill(graph, 0, 2, 0, 1);
        floats = sl_graph_weights(graph);
        outputs = 2 * sl_graph_outputs(graph);
        of[again] = calloc(2 * floats + outputs, sizeof *of[again]);
        assert_non_null(of[again]);
        step_on_poison(graph, 2, of[again], of[again] + floats, &figures[again]);
        TRY(sl_graph_get(graph, of[again] + floats + outputs, err)); /* running statistics moved once */
        bytes[again] = graph->layout.bytes;
        sl_graph_free(graph);
    }
    assert_memory_equal(of[0], of[1], (2 * floats + outputs) * sizeof *of[0]);
    if (5 * bytes[1] > 4 * bytes[0]) {
        fail_msg("%zu bytes, %zu when computed again", bytes[0], bytes[1]);
    }
    free(of[0]);
    free(of[1]);
    try_device_free(&device);
}

static struct sl_graph *perceptron(struct sl_device *device, uint32_t batch)
{
    struct sl_graph *graph = try_graph(device, batch);
    const struct sl_mlp mlp = {
        .n_hidden = 2, .hidden = { 33, 20 }, .activation = SL_GELU, .dropout = 0.25, .layer_norm = true, .outputs = 10
    };
    sl_mlp_build(graph, (struct sl_shape){ 2, { 6, 7 } }, &mlp);
    TRY(sl_graph_plan(graph, 1, err));
    return graph;
}

static void a_step_allocates_nothing_on_host_or_device(void **state)
{
    (void)state;
    static const char *const kinds[] = { "plain", "far" };
    for (int k = 0; k < 2; k++) {
        struct try_device device = try_device_new(kinds[k], 0);
        struct plain_counts *counts = plain_device_counts(device.device);
        struct sl_graph *graph = perceptron(device.device, 16);
        struct sl_hyper hyper = { .learning_rate = 1 };
        struct sl_figures figures;
        float output[160], w[3000];
        assert_true(sl_graph_weights(graph) <= 3000);
        try_fill(graph, 0, 16, 0, 1);
        try_fill(graph, 1, 16, 0, 2);
        unsigned long before = atomic_load(&mallocs);
        unsigned allocs = counts->allocs + counts->host_allocs;
        for (uint32_t i = 0; i < 50; i++) {
            int slot = (int)(i % 2);
            hyper.step = i;
            sl_graph_uploaded(graph, slot);
            sl_graph_upload(graph, slot, 16 - i % 3);
            int status = sl_graph_step(graph, slot, 16 - i % 3, &hyper, i % 4 == 0, NULL);
            status = status ? status : sl_graph_figures(graph, &figures, NULL);
            status = status ? status : sl_graph_forward(graph, slot, 16 - i % 5, i % 2, NULL);
            status = status ? status : sl_graph_output(graph, 5, output, NULL);
            status = status ? status : sl_graph_get(graph, w, NULL);
            assert_int_equal(status, SL_OK);
        }
        assert_int_equal(atomic_load(&mallocs) - before, 0);
        assert_int_equal(counts->allocs + counts->host_allocs, allocs);
        sl_graph_free(graph);
        assert_int_equal(counts->allocs, counts->frees);
        assert_int_equal(counts->host_allocs, counts->host_frees);
        try_device_free(&device);
    }
    if (COUNTS_MALLOC) {
        assert_true(atomic_load(&mallocs) > 0); /* it does count */
    }
}

static void a_step_on_the_processor_allocates_nothing_with_any_number_of_threads(void **state)
{
    (void)state;
    for (int threads = 0; threads <= 2; threads++) {
        struct try_device device = try_device_new(NULL, threads);
        struct sl_graph *graph = perceptron(device.device, 256);
        struct sl_hyper hyper = { .learning_rate = 1 };
        try_fill(graph, 0, 256, 0, 1);
        TRY(sl_graph_step(graph, 0, 256, &hyper, false, err)); /* threads may set themselves up at first */
        unsigned long before = atomic_load(&mallocs);
        for (uint32_t i = 0; i < 20; i++) {
            hyper.step = i;
            assert_int_equal(sl_graph_step(graph, 0, 256 - i, &hyper, i % 2, NULL), SL_OK);
        }
        assert_int_equal(atomic_load(&mallocs) - before, 0);
        sl_graph_free(graph);
        try_device_free(&device);
    }
}

static void memory_is_as_many_bytes_as_told_and_all_given_back(void **state)
{
    (void)state;
    struct try_device device = try_device_new("plain", 0);
    struct sl_graph *graph = try_graph(device.device, 64);
    int x = sl_graph_input(graph, (struct sl_shape){ 2, { 28, 28 } });
    x = sl_graph_reshape(graph, x, (struct sl_shape){ 1, { 784 } });
    assert_int_equal(sl_graph_bytes(graph), 0);
    x = sl_graph_dense(graph, x, 128, SL_RELU, SL_INIT_GLOROT_UNIFORM, true);
    x = sl_graph_dense(graph, x, 10, SL_LINEAR, SL_INIT_GLOROT_UNIFORM, true);
    sl_graph_cross_entropy(graph, x, false, 0, NULL);
    TRY(sl_graph_plan(graph, 1, err));
    uint64_t run = 784 * 128 + 128 + 1280 + 16, slot = 64 + 64 * 784 * 4 + 64 * 4;
    /* a: 128 wide; logits, probabilities and the gradient of logits: 10; da lives when logits are gone */
    uint64_t layout = 64 * (128 + 128 + 10 + 10) * 4;
    assert_int_equal(sl_graph_weights(graph), run);
    assert_int_equal(sl_graph_bytes(graph), 4 * (2 * run + 16 + 64) + 2 * slot + layout);
    sl_graph_free(graph);
    assert_int_equal(plain_device_counts(device.device)->frees, plain_device_counts(device.device)->allocs);
    try_device_free(&device);
}

static void operators_work_in_place_where_nothing_is_lost(void **state)
{
    (void)state;
    enum { N = 16, UNIT = N * N * sizeof(float) };
    struct try_device device = try_device_new("plain", 0);
    struct sl_graph *graph = try_graph(device.device, N), *other = NULL;
    int x = sl_graph_input(graph, (struct sl_shape){ 1, { 4 } });
    x = sl_graph_dense(graph, x, N, SL_LINEAR, SL_INIT_NORMAL, true);
    x = sl_graph_activation(graph, sl_graph_activation(graph, x, SL_TANH), SL_TANH);
    sl_graph_squared_error(graph, x);
    TRY(sl_graph_plan(graph, 1, err));
    assert_int_equal(graph->layout.bytes, 3 * UNIT); /* both activations, and one gradient for all three */
    sl_graph_free(graph);

    graph = try_graph(device.device, N);
    x = sl_graph_input(graph, (struct sl_shape){ 1, { 4 } });
    int a = sl_graph_dense(graph, x, N, SL_LINEAR, SL_INIT_NORMAL, true);
    sl_graph_name(graph, "other");
    int b = sl_graph_dense(graph, x, N, SL_LINEAR, SL_INIT_NORMAL, true);
    sl_graph_squared_error(graph, sl_graph_add(graph, a, b));
    TRY(sl_graph_plan(graph, 1, err));
    TRY(sl_graph_share(&other, graph, device.device, N, err));
    assert_int_equal(other->layout.bytes, 2 * UNIT); /* the sum goes over a */
    sl_graph_free(other);
    sl_graph_free(graph);
    try_device_free(&device);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct try_device device = try_device_new("far", 0);
    struct plain_counts *counts = plain_device_counts(device.device);
    unsigned failed = 0;
    for (unsigned i = 1; i < 50; i++) {
        struct sl_error error = SL_ERROR_INIT;
        struct sl_graph *graph = try_graph(device.device, 8);
        int x = sl_graph_dense(graph, sl_graph_input(graph, (struct sl_shape){ 1, { 5 } }), 4, SL_TANH, SL_INIT_NORMAL,
                               true);
        sl_graph_squared_error(graph, x);
        counts->fail_after = i;
        int status = sl_graph_plan(graph, 1, &error);
        if (status == SL_OK) {
            status = sl_graph_keep(graph, true, &error);
            if (status != SL_OK) { /* still as it was */
                TRY(sl_graph_forward(graph, 0, 8, false, err));
            }
        }
        bool done = counts->fail_after != 0;
        counts->fail_after = 0;
        failed += status != SL_OK;
        assert_int_equal(status, done ? SL_OK : SL_ENOMEM);
        sl_graph_free(graph);
        assert_int_equal(counts->allocs, counts->frees);
        assert_int_equal(counts->host_allocs, counts->host_frees);
        if (done) {
            break;
        }
    }
    assert_int_equal(failed, 7); /* fixed, two slots twice, a layout, another */
    try_device_free(&device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers_that_live_together_never_overlap),
        cmocka_unit_test(a_plan_of_nothing_takes_nothing),
        cmocka_unit_test(sharing_memory_changes_no_bit_of_a_random_graph),
        cmocka_unit_test(what_is_computed_again_need_not_be_kept),
        cmocka_unit_test(a_step_allocates_nothing_on_host_or_device),
        cmocka_unit_test(a_step_on_the_processor_allocates_nothing_with_any_number_of_threads),
        cmocka_unit_test(memory_is_as_many_bytes_as_told_and_all_given_back),
        cmocka_unit_test(operators_work_in_place_where_nothing_is_lost),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
