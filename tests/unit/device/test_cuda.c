/* test_cuda.c: the GPU's streams, recorded steps, memory and errors, on the emulated GPU or on a real one.
 *
 * The operators are tested in test_cuda_kernels.c. `make test-gpu` runs both on the machine's GPU; what only the
 * emulation can show (failures at will, streams that are late) is left out there. */
#include "tests/unit/device/gpu.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/emulation/emulation.h"

enum { N = 1000, STEPS = 9 };

static int fresh(void **state)
{
    (void)state;
    emulation_reset();
    return 0;
}

/* What an emulated GPU must have got back by the end of each test. */
static int all_given_back(void **state)
{
    (void)state;
    return emulation.used == 0 ? 0 : -1;
}

static void skip_on_real(void)
{
    if (gpu_is_real()) {
        skip();
    }
}

/* --- batches on their way in --- */

/* Sums up STEPS batches: batch k is k in every place. The pinned memory is overwritten as soon as that is allowed. */
static void add_batches(struct sl_device *d, float *out)
{
    const struct sl_kernels *k = d->kernels;
    struct sl_error err = SL_ERROR_INIT;
    float *batch[2], *host[2], *sum = gpu_floats(d, N, NULL);
    for (int s = 0; s < 2; s++) {
        batch[s] = gpu_floats(d, N, NULL);
        assert_int_equal(k->host_alloc(d, (void **)&host[s], N * sizeof(float), &err), SL_OK);
        assert_true(host[s][N - 1] == 0.0f);
    }
    for (int step = 0; step < STEPS; step++) {
        int s = step % 2;
        k->uploaded(d, s);
        for (size_t i = 0; i < N; i++) {
            host[s][i] = (float)step;
        }
        k->upload(d, s, batch[s], host[s], N / 2 * sizeof(float));
        k->upload(d, s, batch[s] + N / 2, host[s] + N / 2, (N - N / 2) * sizeof(float));
        k->acquire(d, s);
        k->sum(d, N, sum, batch[s], sum);
        k->release(d, s);
    }
    gpu_get(d, out, sum, N * sizeof(float));
    for (int s = 0; s < 2; s++) {
        k->free(d, batch[s]);
        k->host_free(d, host[s]);
    }
    k->free(d, sum);
}

static void batches_arrive_whole_and_in_order_whichever_stream_is_late(void **state)
{
    (void)state;
    for (unsigned late = 0; late < (gpu_is_real() ? 1u : 4u); late++) {
        float out[N];
        emulation_reset();
        emulation.late = late;
        struct sl_device *d = gpu_open();
        add_batches(d, out);
        gpu_close(d);
        for (size_t i = 0; i < N; i++) {
            if (out[i] != STEPS * (STEPS - 1) / 2.0f) {
                fail_msg("late %u, element %zu: %g instead of %g", late, i, (double)out[i], STEPS * (STEPS - 1) / 2.0);
            }
        }
    }
}

static void fresh_memory_is_zero_and_what_is_copied_within_the_device_arrives(void **state)
{
    (void)state;
    struct sl_device *d = gpu_open();
    float from[N], back[N];
    gpu_random(N, 1, from);
    float *a = gpu_floats(d, N, NULL), *b = gpu_floats(d, N, from);
    gpu_get(d, back, a, sizeof back);
    for (size_t i = 0; i < N; i++) {
        assert_true(back[i] == 0.0f);
    }
    d->kernels->copy(d, a, b, sizeof from);
    d->kernels->zero(d, b, N / 2 * sizeof(float));
    gpu_get(d, back, a, sizeof back);
    assert_memory_equal(back, from, sizeof from);
    gpu_get(d, back, b, sizeof back);
    assert_true(back[0] == 0.0f && back[N / 2 - 1] == 0.0f && back[N / 2] == from[N / 2]);
    d->kernels->free(d, a);
    d->kernels->free(d, b);
    gpu_close(d);
}

/* --- recorded steps --- */

struct recorder {
    struct sl_device *d;
    float *x, *y, *sum;
    struct sl_hyper *hyper;
    float *w, *g, *sumsq;
    size_t given; /* how often the kernels were given by hand */
};

static void recorder_open(struct recorder *r)
{
    float ones[N];
    for (size_t i = 0; i < N; i++) {
        ones[i] = 1.0f;
    }
    r->d = gpu_open();
    r->x = gpu_floats(r->d, N, ones);
    r->y = gpu_floats(r->d, N, NULL);
    r->sum = gpu_floats(r->d, 16, NULL);
    r->hyper = (struct sl_hyper *)(void *)gpu_floats(r->d, 16, NULL);
    r->w = gpu_floats(r->d, N, NULL);
    r->g = gpu_floats(r->d, N, ones);
    r->sumsq = gpu_floats(r->d, 16, NULL);
    r->given = 0;
}

static void recorder_close(struct recorder *r)
{
    void *all[] = { r->x, r->y, r->sum, r->hyper, r->w, r->g, r->sumsq };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        r->d->kernels->free(r->d, all[i]);
    }
    gpu_close(r->d);
}

/* One step: y += x; sum = Σ y; w −= rate. Every kind of command is in it. */
static void recorder_step(struct recorder *r, uint64_t key, float rate)
{
    static const struct sl_update sgd = { .rule = SL_SGD, .scale = 1.0f };
    const struct sl_kernels *k = r->d->kernels;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_hyper hyper = { rate, 1.0f, 1.0f, 0 };
    gpu_put(r->d, r->hyper, &hyper, sizeof hyper);
    if (!k->begin(r->d, key)) {
        k->sum(r->d, N, r->y, r->x, r->y);
        k->zero(r->d, r->sum, 4);
        k->gemm(r->d, false, false, 1, 1, N, r->y, r->x, r->sum, true);
        k->copy(r->d, r->sum + 1, r->sum, 4);
        k->square_sum(r->d, N, r->g, r->sumsq);
        k->update(r->d, N, &sgd, r->hyper, r->sumsq, r->w, r->g, NULL, NULL);
        r->given++;
        assert_int_equal(k->end(r->d, key, &err), SL_OK);
    }
}

static void check_step(struct recorder *r, float times, float moved)
{
    float sum[2], w[N];
    gpu_get(r->d, sum, r->sum, sizeof sum);
    gpu_get(r->d, w, r->w, sizeof w);
    if (sum[0] != times * N || sum[1] != times * N || fabsf(w[N - 1] + moved) > 1e-6f || w[0] != w[N - 1]) {
        fail_msg("sums %g and %g instead of %g, weight %g instead of %g", (double)sum[0], (double)sum[1],
                 (double)(times * N), (double)w[0], (double)-moved);
    }
}

static void a_recorded_step_is_given_again_with_what_lies_in_memory_now(void **state)
{
    (void)state;
    struct recorder r;
    recorder_open(&r);
    for (int i = 1; i <= 5; i++) {
        recorder_step(&r, 7, 0.5f * (float)i);
        check_step(&r, (float)i, 0.25f * (float)(i * (i + 1)));
        assert_int_equal(r.given, 1);
    }
    recorder_step(&r, 8, 0.0f);
    assert_int_equal(r.given, 2);
    recorder_step(&r, 8, 0.0f);
    recorder_step(&r, 7, 0.0f);
    assert_int_equal(r.given, 2);
    check_step(&r, 8, 7.5f);
    if (!gpu_is_real()) {
        assert_int_equal(emulation.graph_launches, 6);
    }
    recorder_close(&r);
}

static void a_step_without_a_key_or_after_forget_is_given_by_hand(void **state)
{
    (void)state;
    struct recorder r;
    recorder_open(&r);
    recorder_step(&r, 0, 0.0f);
    recorder_step(&r, 0, 0.0f);
    assert_int_equal(r.given, 2);
    recorder_step(&r, 1, 0.0f);
    recorder_step(&r, 1, 0.0f);
    assert_int_equal(r.given, 3);
    r.d->kernels->forget(r.d);
    recorder_step(&r, 1, 0.0f);
    recorder_step(&r, 1, 0.0f);
    assert_int_equal(r.given, 4);
    check_step(&r, 6, 0);
    recorder_close(&r);
}

static void a_step_that_cannot_be_captured_is_given_by_hand_and_loses_nothing(void **state)
{
    (void)state;
    skip_on_real();
    static const char *const calls[] = { "cudaStreamBeginCapture", "cudaStreamEndCapture", "cudaGraphInstantiate",
                                         "cudaGraphLaunch", "" };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct recorder r;
        emulation_reset();
        recorder_open(&r);
        emulation.no_capture = !calls[i][0];
        emulation_fail(calls[i], 0, cudaErrorMemoryAllocation);
        for (int step = 1; step <= 4; step++) {
            recorder_step(&r, 3, 1.0f);
            check_step(&r, (float)step, (float)step);
        }
        assert_int_equal(r.given, 4);
        assert_int_equal(emulation.graph_launches, 0);
        recorder_close(&r);
        assert_int_equal(emulation.used, 0);
    }
}

static void a_step_in_which_something_failed_is_not_recorded(void **state)
{
    (void)state;
    skip_on_real();
    struct recorder r;
    struct sl_error err = SL_ERROR_INIT;
    recorder_open(&r);
    assert_false(r.d->kernels->begin(r.d, 5));
    emulation_fail("cublasSgemm", 0, 13);
    r.d->kernels->gemm(r.d, false, false, 1, 1, N, r.y, r.x, r.sum, false);
    assert_int_equal(r.d->kernels->end(r.d, 5, &err), SL_EIO);
    assert_non_null(strstr(err.what, "'product'"));
    recorder_step(&r, 5, 0.0f);
    recorder_step(&r, 5, 0.0f);
    assert_int_equal(r.given, 1);
    check_step(&r, 2, 0);
    recorder_close(&r);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    skip_on_real();
    struct recorder r;
    recorder_open(&r);
    recorder_step(&r, 1, 0.0f);
    size_t before = emulation.allocations;
    for (int i = 0; i < 20; i++) {
        recorder_step(&r, (uint64_t)(i % 2), 0.0f);
    }
    assert_int_equal(emulation.allocations, before);
    recorder_close(&r);
}

/* --- errors --- */

static void what_goes_wrong_in_a_kernel_is_told_once_by_whoever_waits_next(void **state)
{
    (void)state;
    skip_on_real();
    struct sl_device *d = gpu_open();
    struct sl_error err = SL_ERROR_INIT;
    float *x = gpu_floats(d, N, NULL), back[4];
    emulation_fail("cudaLaunchKernel", 0, cudaErrorIllegalAddress);
    d->kernels->scale(d, N, 2.0f, x, x, false);
    assert_int_equal(d->kernels->sync(d, &err), SL_EIO);
    assert_string_equal(err.what,
                        "the GPU 'Emulated GPU 0' failed at 'scale': an illegal memory access was encountered");
    assert_int_equal(d->kernels->sync(d, &err), SL_OK);
    emulation_fail("cudaStreamSynchronize", 0, cudaErrorIllegalAddress);
    assert_int_equal(d->kernels->download(d, back, x, sizeof back, &err), SL_EIO);
    emulation_fail("cudaMemcpyAsync", 0, cudaErrorMemoryAllocation);
    d->kernels->upload(d, 1, x, back, sizeof back);
    assert_int_equal(d->kernels->sync(d, &err), SL_ENOMEM);
    assert_int_equal(d->kernels->sync(d, NULL), SL_OK);
    d->kernels->free(d, x);
    gpu_close(d);
}

static void a_batch_too_large_for_the_scratch_memory_is_told(void **state)
{
    (void)state;
    struct sl_device *d = gpu_open();
    struct sl_error err = SL_ERROR_INIT;
    float *x = gpu_floats(d, 16, NULL);
    struct sl_cross_entropy what = { .logits = x, .soft = x, .probabilities = x, .figures = x, .row_loss = x };
    d->kernels->cross_entropy(d, (4 << 20) + 1, 2, &what);
    assert_int_equal(d->kernels->sync(d, &err), SL_ELIMIT);
    assert_non_null(strstr(err.what, "4194305"));
    d->kernels->free(d, x);
    gpu_close(d);
}

static void memory_that_is_not_there_is_refused_with_figures(void **state)
{
    (void)state;
    struct sl_device *d = gpu_open();
    struct sl_error err = SL_ERROR_INIT;
    void *p = &err;
    assert_int_equal(d->kernels->alloc(d, &p, (size_t)1 << 45, &err), SL_ENOMEM);
    assert_ptr_equal(p, &err);
    assert_non_null(strstr(err.what, "35.2 TB wanted"));
    assert_int_equal(d->kernels->sync(d, &err), SL_OK);
    gpu_close(d);
}

static void each_part_of_opening_may_fail_and_leaves_nothing_behind(void **state)
{
    (void)state;
    skip_on_real();
    static const struct {
        const char *call;
        int after, code, status;
    } cases[] = { { "cudaMalloc", 0, cudaErrorMemoryAllocation, SL_ENOMEM },
                  { "cudaMalloc", 1, cudaErrorMemoryAllocation, SL_ENOMEM },
                  { "cublasCreate", 0, 1, SL_ESTATE },
                  { "cudaLaunchKernel", 0, cudaErrorNoKernelImageForDevice, SL_ESTATE },
                  { "cudaStreamSynchronize", 0, cudaErrorUnknown, SL_ESTATE } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_error err = SL_ERROR_INIT;
        struct sl_device *d = NULL;
        emulation_reset();
        emulation_fail(cases[i].call, cases[i].after, cases[i].code);
        assert_int_equal(gpu_plugin()->open(&d, 0, 0, &err), cases[i].status);
        assert_null(d);
        assert_true(err.what[0] && err.fix[0]);
        assert_int_equal(emulation.used, 0);
    }
}

static void where_there_is_no_gpu_one_sentence_says_why(void **state)
{
    (void)state;
    skip_on_real();
    static const struct {
        int devices, driver, number;
        uint64_t need;
        const char *says;
    } cases[] = {
        { 1, 0, 0, 0, "this machine has no NVIDIA driver" },
        { 1, 12020, 0, 0, "the NVIDIA driver is too old: it knows CUDA 12.2, and CUDA 13.0 is needed" },
        { 0, 13000, 0, 0, "this machine has no NVIDIA GPU that can be used" },
        { 2, 13000, 2, 0, "there is no GPU 'cuda:2': this machine has 2" },
        { 1, 13000, 0, 3000000000u, "the GPU 'Emulated GPU 0' has too little memory: 3.1 GB needed, 1.1 GB free" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_error err = SL_ERROR_INIT;
        struct sl_device *d = NULL;
        emulation_reset();
        emulation.devices = cases[i].devices;
        emulation.driver = cases[i].driver;
        assert_int_equal(gpu_plugin()->open(&d, cases[i].number, cases[i].need, &err), SL_ESTATE);
        assert_string_equal(err.what, cases[i].says);
        assert_true(err.fix[0]);
    }
}

static void usage_tells_the_memory_taken(void **state)
{
    (void)state;
    struct sl_device *d = gpu_open();
    struct sl_device_usage before, after;
    assert_true(gpu_plugin()->usage(d, &before));
    float *x = gpu_floats(d, 64 << 20, NULL);
    assert_true(gpu_plugin()->usage(d, &after));
    assert_true(after.used >= before.used + (size_t)(64 << 20) * sizeof(float));
    assert_true(after.total == before.total && after.used < after.total);
    assert_true(isnan(after.busy) || (after.busy >= 0 && after.busy <= 1));
    d->kernels->free(d, x);
    gpu_close(d);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh, all_given_back)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--probe") == 0) {
        return gpu_probe();
    }
    const struct CMUnitTest tests[] = {
        TEST(batches_arrive_whole_and_in_order_whichever_stream_is_late),
        TEST(fresh_memory_is_zero_and_what_is_copied_within_the_device_arrives),
        TEST(a_recorded_step_is_given_again_with_what_lies_in_memory_now),
        TEST(a_step_without_a_key_or_after_forget_is_given_by_hand),
        TEST(a_step_that_cannot_be_captured_is_given_by_hand_and_loses_nothing),
        TEST(a_step_in_which_something_failed_is_not_recorded),
        TEST(a_step_allocates_nothing),
        TEST(what_goes_wrong_in_a_kernel_is_told_once_by_whoever_waits_next),
        TEST(a_batch_too_large_for_the_scratch_memory_is_told),
        TEST(memory_that_is_not_there_is_refused_with_figures),
        TEST(each_part_of_opening_may_fail_and_leaves_nothing_behind),
        TEST(where_there_is_no_gpu_one_sentence_says_why),
        TEST(usage_tells_the_memory_taken),
    };
    return cmocka_run_group_tests_name("the GPU", tests, NULL, NULL);
}
