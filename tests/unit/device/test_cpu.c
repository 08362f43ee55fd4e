/* test_cpu.c: the processor's device: every kernel of every kind of vector code this machine has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/device/cpu.h"
#include "sluice/random.h"
#include "tests/unit/device/kernels_check.h"

static const char *const kinds[] = { "portable", "avx2", "avx512" };
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct sl_pool *new_pool(int threads)
{
    struct sl_pool *pool = NULL;
    assert_int_equal(sl_pool_new(&pool, threads, NULL), SL_OK);
    return pool;
}

/* NULL: this machine cannot. */
static struct sl_device *device_of(const char *kind, struct sl_pool *pool)
{
    struct sl_device *device = NULL;
    struct sl_error err = SL_ERROR_INIT;
    int status = sl_device_cpu(&device, kind, pool, &err);
    if (status != SL_OK) {
        assert_int_equal(status, SL_EPARAM);
        assert_string_not_equal(kind, "portable");
        assert_non_null(strstr(err.what, kind));
        print_message("%s: %s\n", kind, err.what);
    }
    return device;
}

static void check_kind(const char *kind)
{
    struct sl_pool *pool = new_pool(2);
    struct sl_device *device = device_of(kind, pool);
    if (device) {
        assert_int_equal(check_kernels(device), 0);
    }
    sl_device_close(device);
    sl_pool_free(pool);
}

static void portable_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    check_kind("portable");
}

static void avx2_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    check_kind("avx2");
}

static void avx512_kernels_agree_with_the_reference(void **state)
{
    (void)state;
    check_kind("avx512");
}

static void threads_do_not_change_a_bit(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *alone = device_of(kinds[k], NULL);
        if (!alone) {
            continue;
        }
        uint64_t want = check_bits(alone);
        sl_device_close(alone);
        for (int threads = 1; threads <= 4; threads++) {
            struct sl_pool *pool = new_pool(threads);
            struct sl_device *device = device_of(kinds[k], pool);
            uint64_t got = check_bits(device);
            if (got != want) {
                fail_msg("%s with %d threads gives %016llx, without a pool %016llx", kinds[k], threads,
                         (unsigned long long)got, (unsigned long long)want);
            }
            sl_device_close(device);
            sl_pool_free(pool);
        }
    }
}

/* Without this the test before it could not fail. */
static void a_digest_sees_one_changed_bit(void **state)
{
    (void)state;
    struct sl_device *device = device_of("portable", NULL);
    struct check c[2];
    for (int i = 0; i < 2; i++) {
        c[i] = (struct check){ .d = device, .k = device->kernels, .random = 1, .digest = 1 };
        check_begin(&c[i], "one bit");
        struct array *a = check_random(&c[i], 100, -1, 1);
        uint32_t word;
        memcpy(&word, &a->at[57], sizeof word);
        word ^= (uint32_t)i;
        memcpy(&a->at[57], &word, sizeof word);
        check_fetch(&c[i], a);
        check_end(&c[i]);
        assert_int_equal(c[i].failures, 0);
    }
    assert_true(c[0].digest != c[1].digest);
    sl_device_close(device);
}

static void the_best_kind_is_taken_unless_another_is_named(void **state)
{
    (void)state;
    struct sl_device *best = device_of(NULL, NULL), *last = NULL;
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *device = device_of(kinds[k], NULL);
        if (device) {
            sl_device_close(last);
            last = device;
        }
    }
    assert_ptr_equal(sl_cpu_own(best)->vector, sl_cpu_own(last)->vector);
    assert_non_null(strstr(best->name, sl_cpu_own(best)->vector->name));
    assert_true(best->host);
    sl_device_close(best);
    sl_device_close(last);
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_device_cpu(&best, "mmx", NULL, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "\"mmx\""));
}

/* --- exp and erf: error in units of the last place --- */

static double ulps(float got, double want)
{
    if (fabs(want) < 0x1p-126) {
        return fabs((double)got - want) / 0x1p-149; /* steps below the normal numbers are of one size */
    }
    int exponent;
    frexp(want, &exponent);
    return fabs((double)got - want) / ldexp(1, exponent - 24);
}

/* The worst of `n` values evenly over low..high. */
static double worst(void (*f)(size_t, const float *, float *), double (*want)(double), double low, double high,
                    float *at)
{
    enum { BLOCK = 1000, BLOCKS = 100 };
    static float x[BLOCK], y[BLOCK];
    double most = 0;
    for (int b = 0; b < BLOCKS; b++) {
        for (int i = 0; i < BLOCK; i++) {
            x[i] = (float)(low + (high - low) * (b * BLOCK + i) / (BLOCK * BLOCKS - 1));
        }
        f(BLOCK, x, y);
        for (int i = 0; i < BLOCK; i++) {
            double off = ulps(y[i], want((double)x[i]));
            if (!(off <= most)) {
                most = off;
                *at = x[i];
            }
        }
    }
    return most;
}

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

static const struct cpu_vector *tried;
static void tanh_of(size_t n, const float *x, float *y)
{
    tried->activate(SL_TANH, n, x, y);
}
static void logistic_of(size_t n, const float *x, float *y)
{
    tried->activate(SL_SIGMOID, n, x, y);
}

static void functions_keep_their_stated_precision(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *device = device_of(kinds[k], NULL);
        if (!device) {
            continue;
        }
        tried = sl_cpu_own(device)->vector;
        const struct {
            const char *name;
            void (*f)(size_t, const float *, float *);
            double (*want)(double);
            double low, high, limit;
        } cases[] = {
            { "exp", tried->exp, exp, -87.3, 88.7, 1.5 }, { "exp", tried->exp, exp, -1, 1, 1.5 },
            { "exp", tried->exp, exp, -110, -87.3, 1.5 }, { "erf", tried->erf, erf, -4.5, 4.5, 1.5 },
            { "erf", tried->erf, erf, -1e-3, 1e-3, 1.5 }, { "tanh", tanh_of, tanh, -10, 10, 1.5 },
            { "tanh", tanh_of, tanh, -0.7, 0.7, 1.5 },    { "logistic", logistic_of, logistic, -87, 20, 2.5 },
        };
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            float at = 0;
            double off = worst(cases[i].f, cases[i].want, cases[i].low, cases[i].high, &at);
            print_message("%s: %s in %g..%g is off by %.3g ulp at most, at %.9g\n", kinds[k], cases[i].name,
                          cases[i].low, cases[i].high, off, (double)at);
            assert_true(off <= cases[i].limit);
        }
        sl_device_close(device);
    }
}

static void exp_and_erf_have_their_limits_at_infinity(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *device = device_of(kinds[k], NULL);
        if (!device) {
            continue;
        }
        const struct cpu_vector *v = sl_cpu_own(device)->vector;
        const float x[] = { INFINITY, -INFINITY, NAN, 0, 3e38f, -3e38f };
        float y[6];
        v->exp(6, x, y);
        assert_true(y[0] == INFINITY && y[1] == 0 && isnan(y[2]) && y[3] == 1 && y[4] == INFINITY && y[5] == 0);
        v->erf(6, x, y);
        assert_true(y[0] == 1 && y[1] == -1 && isnan(y[2]) && y[3] == 0 && y[4] == 1 && y[5] == -1);
        sl_device_close(device);
    }
}

/* Where the number of blocks passes 2^32, which no array here is long enough for. */
static void dropout_counts_blocks_beyond_32_bits(void **state)
{
    (void)state;
    enum { N = 300 };
    const size_t first = ((size_t)1 << 34) - 96;
    float x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = 1;
    }
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *device = device_of(kinds[k], NULL);
        if (!device) {
            continue;
        }
        sl_cpu_own(device)->vector->dropout(first, N, 0.5f, 1234567890123u, 3, 77, x, y, false);
        for (size_t i = 0; i < N; i++) {
            uint32_t word[4];
            sl_philox(1234567890123u, SL_RANDOM_DROPOUT, 77, (first + i) / 4, 3, word);
            assert_true(y[i] == (word[i % 4] >= 0x80000000u ? 2 : 0));
        }
        sl_device_close(device);
    }
}

/* What stands behind a product, on a part of an array whose rows are longer. */
static void tiles_leave_their_neighbours_alone(void **state)
{
    (void)state;
    enum { ROWS = 5, STRIDE = 40, FIRST = 3, COLUMNS = 21 };
    float b[COLUMNS], y[ROWS * STRIDE], pre[ROWS * STRIDE], dy[ROWS * STRIDE], db[COLUMNS];
    for (int k = 0; k < KINDS; k++) {
        struct sl_device *device = device_of(kinds[k], NULL);
        if (!device) {
            continue;
        }
        const struct cpu_vector *v = sl_cpu_own(device)->vector;
        for (int i = 0; i < ROWS * STRIDE; i++) {
            y[i] = (float)(i % 7) - 3;
            dy[i] = 1;
            pre[i] = -9;
        }
        for (int j = 0; j < COLUMNS; j++) {
            b[j] = (float)j / 8;
            db[j] = 100;
        }
        v->bias_rows(ROWS, COLUMNS, STRIDE, b, SL_RELU, pre + FIRST, y + FIRST);
        v->grad_rows(ROWS, COLUMNS, STRIDE, NULL, y + FIRST, SL_RELU, dy + FIRST, db, true);
        float sums[COLUMNS] = { 0 };
        for (int i = 0; i < ROWS * STRIDE; i++) {
            int j = i % STRIDE - FIRST;
            bool inside = j >= 0 && j < COLUMNS;
            float z = (float)(i % 7) - 3 + (inside ? b[j] : 0), positive = z > 0 ? z : 0;
            assert_true(pre[i] == (inside ? z : -9));
            assert_true(y[i] == (inside ? positive : z));
            assert_true(dy[i] == (inside ? (float)(z > 0) : 1));
            if (inside) {
                sums[j] += (float)(z > 0);
            }
        }
        for (int j = 0; j < COLUMNS; j++) {
            assert_true(db[j] == 100 + sums[j]);
        }
        sl_device_close(device);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_kernels_agree_with_the_reference),
        cmocka_unit_test(avx2_kernels_agree_with_the_reference),
        cmocka_unit_test(avx512_kernels_agree_with_the_reference),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(a_digest_sees_one_changed_bit),
        cmocka_unit_test(the_best_kind_is_taken_unless_another_is_named),
        cmocka_unit_test(functions_keep_their_stated_precision),
        cmocka_unit_test(exp_and_erf_have_their_limits_at_infinity),
        cmocka_unit_test(dropout_counts_blocks_beyond_32_bits),
        cmocka_unit_test(tiles_leave_their_neighbours_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
