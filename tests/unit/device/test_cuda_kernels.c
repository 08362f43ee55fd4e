/* test_cuda_kernels.c: every operator of the GPU against the reference, over random and edge shapes, on the emulated
 * GPU or on a real one (`make test-gpu`). The limits are those of every device: kernels_check.h.
 *
 * On the emulation the same bits must come with the threads of a block, and the blocks, in any order, and with any
 * stream late; on a real GPU the same bits must come twice. */
#include "tests/unit/device/gpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sluice/random.h"
#include "tests/emulation/emulation.h"
#include "tests/unit/device/kernels_check.h"

static int fresh(void **state)
{
    (void)state;
    emulation_reset();
    return 0;
}

static int all_given_back(void **state)
{
    (void)state;
    return emulation.used == 0 ? 0 : -1;
}

static void every_operator_agrees_with_the_reference(void **state)
{
    (void)state;
    struct sl_device *d = gpu_open();
    assert_int_equal(check_kernels(d), 0);
    gpu_close(d);
}

static void no_bit_depends_on_the_order_of_threads_blocks_and_streams(void **state)
{
    (void)state;
    uint64_t want = 0;
    for (int run = 0; run < (gpu_is_real() ? 3 : 5); run++) {
        emulation_reset();
        emulation.order = run < 3 ? (enum emulated_order)run : EMULATED_FORWARDS;
        emulation.late = run < 3 ? 0 : (unsigned)run - 2;
        struct sl_device *d = gpu_open();
        uint64_t got = check_bits(d);
        gpu_close(d);
        if (run > 0 && got != want) {
            fail_msg("run %d gives %016llx instead of %016llx", run, (unsigned long long)got, (unsigned long long)want);
        }
        want = got;
    }
}

/* The masks of dropout decide what is learnt: they are those of the processor, draw by draw. */
static void dropout_keeps_what_philox_says(void **state)
{
    (void)state;
    enum { N = 4099, SITE = 3, STEP = 77 };
    static const uint64_t seed = 0x123456789abcdefu;
    static const float rate = 0.3f;
    float ones[N], got[N];
    struct sl_hyper hyper = { 0, 1, 1, STEP };
    struct sl_device *d = gpu_open();
    for (int i = 0; i < N; i++) {
        ones[i] = 1.0f;
    }
    float *x = gpu_floats(d, N, ones), *h = gpu_floats(d, 16, NULL);
    gpu_put(d, h, &hyper, sizeof hyper);
    d->kernels->dropout(d, N, rate, seed, SITE, (const struct sl_hyper *)(const void *)h, x, x, false);
    gpu_get(d, got, x, sizeof got);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t word[4];
        sl_philox(seed, SL_RANDOM_DROPOUT, STEP, i / 4, SITE, word);
        float want = (double)word[i % 4] >= (double)rate * 4294967296.0 ? 1.0f / (1.0f - rate) : 0.0f;
        if (got[i] != want) {
            fail_msg("element %u: %g instead of %g", (unsigned)i, (double)got[i], (double)want);
        }
    }
    d->kernels->free(d, x);
    d->kernels->free(d, h);
    gpu_close(d);
}

/* Shapes that take more than one block, or are cut into runs: beyond those of the checks for all devices. */
static void long_sums_of_whole_numbers_are_exact(void **state)
{
    (void)state;
    static const size_t shapes[][2] = { { 257, 33 }, { 5000, 3 }, { 700, 65 }, { 1, 70000 }, { 140000, 1 } };
    struct sl_device *d = gpu_open();
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t rows = shapes[s][0], columns = shapes[s][1], n = rows * columns;
        float *host = malloc(n * sizeof *host), *back = malloc((rows + columns) * sizeof *back), square;
        assert_true(host && back);
        for (size_t i = 0; i < n; i++) {
            host[i] = (float)(i % 3);
        }
        float *x = gpu_floats(d, n, host), *by_column = gpu_floats(d, columns, NULL),
              *by_row = gpu_floats(d, rows, NULL);
        float *total = gpu_floats(d, 1, NULL);
        d->kernels->column_sums(d, rows, columns, x, by_column, true);
        d->kernels->reduce(d, rows, columns, 1, false, x, by_row);
        d->kernels->square_sum(d, n, x, total);
        gpu_get(d, back, by_column, columns * sizeof *back);
        gpu_get(d, back + columns, by_row, rows * sizeof *back);
        gpu_get(d, &square, total, sizeof square);
        double squares = 0;
        for (size_t i = 0; i < n; i++) {
            back[i % columns] -= host[i];
            back[columns + i / columns] -= host[i];
            squares += (double)(host[i] * host[i]);
        }
        for (size_t i = 0; i < rows + columns; i++) {
            if (back[i] != 0.0f) {
                fail_msg("%zu × %zu: sum %zu is off by %g", rows, columns, i, (double)back[i]);
            }
        }
        assert_true((double)square == squares);
        float *all[] = { x, by_column, by_row, total };
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
            d->kernels->free(d, all[i]);
        }
        free(host);
        free(back);
    }
    gpu_close(d);
}

/* Many places of the same id, further apart than a block looks at once; and ids that are no row. */
static void the_gradient_of_an_embedding_adds_up_places_far_apart(void **state)
{
    (void)state;
    enum { N = 1500, VOCABULARY = 7, WIDTH = 5 };
    static float dy[N][WIDTH], got[VOCABULARY][WIDTH];
    uint32_t ids[N];
    struct sl_device *d = gpu_open();
    for (uint32_t i = 0; i < N; i++) {
        ids[i] = i % 11 == 0 ? 2 : i % 5;
        ids[i] = i % 100 == 50 ? 0xffffffffu : ids[i];
        for (uint32_t j = 0; j < WIDTH; j++) {
            dy[i][j] = (float)(i % 8 + j);
        }
    }
    float *at_dy = gpu_floats(d, N * WIDTH, &dy[0][0]), *table = gpu_floats(d, VOCABULARY * WIDTH, NULL);
    uint32_t *at_ids = (uint32_t *)(void *)gpu_floats(d, N, NULL);
    gpu_put(d, at_ids, ids, sizeof ids);
    for (int add = 0; add < 2; add++) {
        d->kernels->embedding_grad(d, N, VOCABULARY, WIDTH, at_ids, at_dy, table, add);
    }
    gpu_get(d, got, table, sizeof got);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = 0; j < WIDTH && ids[i] < VOCABULARY; j++) {
            got[ids[i]][j] -= 2 * dy[i][j];
        }
    }
    for (int i = 0; i < VOCABULARY * WIDTH; i++) {
        assert_true(got[i / WIDTH][i % WIDTH] == 0.0f);
    }
    d->kernels->free(d, at_dy);
    d->kernels->free(d, table);
    d->kernels->free(d, at_ids);
    gpu_close(d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, all_given_back)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--probe") == 0) {
        return gpu_probe();
    }
    const struct CMUnitTest tests[] = {
        TEST(every_operator_agrees_with_the_reference),
        TEST(no_bit_depends_on_the_order_of_threads_blocks_and_streams),
        TEST(dropout_keeps_what_philox_says),
        TEST(long_sums_of_whole_numbers_are_exact),
        TEST(the_gradient_of_an_embedding_adds_up_places_far_apart),
    };
    return cmocka_run_group_tests_name("the GPU's kernels", tests, NULL, NULL);
}
