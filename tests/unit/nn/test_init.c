/* test_init.c: what parameters are drawn as: bounds, moments and fans of Keras's initialisers, and where a draw comes
 * from. */
#include "engine/nn/init.h"
#include "sluice/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

static float *draw(enum sl_initializer how, struct sl_shape shape, uint64_t seed, uint32_t number)
{
    float *out = malloc(sl_shape_count(&shape) * sizeof *out);
    assert_non_null(out);
    sl_init_draw(how, &shape, seed, number, out);
    return out;
}

struct moments {
    double mean, sd, least, most;
};

static struct moments moments_of(enum sl_initializer how, struct sl_shape shape)
{
    size_t n = sl_shape_count(&shape);
    float *x = draw(how, shape, 7, 3);
    struct moments m = { .least = INFINITY, .most = -INFINITY };
    for (size_t i = 0; i < n; i++) {
        m.mean += (double)x[i] / (double)n;
        m.least = fmin(m.least, (double)x[i]);
        m.most = fmax(m.most, (double)x[i]);
    }
    for (size_t i = 0; i < n; i++)
        m.sd += ((double)x[i] - m.mean) * ((double)x[i] - m.mean) / (double)n;
    m.sd = sqrt(m.sd);
    free(x);
    return m;
}

/* The draws are fixed, so a limit either holds for ever or never did: it is set at five standard errors. */
static void check_uniform(enum sl_initializer how, struct sl_shape shape, double limit)
{
    struct moments m = moments_of(how, shape);
    double n = (double)sl_shape_count(&shape);
    assert_true(m.least >= -limit * (1 + 1e-7) && m.most <= limit * (1 + 1e-7));
    assert_true(m.least < -limit * 0.99 && m.most > limit * 0.99);
    assert_true(fabs(m.mean) < 5 * limit / sqrt(3 * n));
    assert_true(fabs(m.sd * sqrt(3) / limit - 1) < 5 / sqrt(n));
}

static void glorot_uniform_fills_its_bounds_evenly(void **state)
{
    (void)state;
    check_uniform(SL_INIT_GLOROT_UNIFORM, (struct sl_shape){ 2, { 100, 50 } }, sqrt(6.0 / 150));
    check_uniform(SL_INIT_GLOROT_UNIFORM, (struct sl_shape){ 1, { 4000 } }, sqrt(6.0 / 8000));
    check_uniform(SL_INIT_UNIFORM, (struct sl_shape){ 2, { 300, 16 } }, 0.05);
}

static void a_convolutions_fans_count_its_receptive_field(void **state)
{
    (void)state;
    check_uniform(SL_INIT_GLOROT_UNIFORM, (struct sl_shape){ 4, { 32, 16, 3, 5 } }, sqrt(6.0 / (15 * 16 + 15 * 32)));
    struct moments m = moments_of(SL_INIT_HE_NORMAL, (struct sl_shape){ 4, { 32, 16, 3, 5 } });
    assert_true(fabs(m.sd / sqrt(2.0 / (15 * 16)) - 1) < 0.03);
    m = moments_of(SL_INIT_HE_FAN_OUT, (struct sl_shape){ 4, { 32, 16, 3, 5 } });
    assert_true(fabs(m.sd / sqrt(2.0 / (15 * 32)) - 1) < 0.03);
    check_uniform(SL_INIT_FAN_IN_UNIFORM, (struct sl_shape){ 2, { 256, 40 } }, 1.0 / 16);
}

static void he_normal_has_its_deviation_although_it_is_cut_off(void **state)
{
    (void)state;
    struct moments m = moments_of(SL_INIT_HE_NORMAL, (struct sl_shape){ 2, { 128, 200 } });
    double sd = sqrt(2.0 / 128), cut = 2 * sd / 0.87962566103423978;
    assert_true(fabs(m.mean) < 5 * sd / 160 && fabs(m.sd / sd - 1) < 0.015);
    assert_true(m.least >= -cut * (1 + 1e-7) && m.most <= cut * (1 + 1e-7));
    assert_true(m.least < -cut * 0.98 && m.most > cut * 0.98);
}

static void normal_is_not_cut_off(void **state)
{
    (void)state;
    struct moments m = moments_of(SL_INIT_NORMAL, (struct sl_shape){ 2, { 100, 256 } });
    assert_true(fabs(m.mean) < 5 * 0.05 / 160 && fabs(m.sd / 0.05 - 1) < 0.03);
    assert_true(m.least < -3 * 0.05 && m.most > 3 * 0.05);
}

/* Share of standard normal draws below z, against the distribution function. */
static void normal_draws_have_the_normal_distribution(void **state)
{
    (void)state;
    enum { N = 40000 };
    float *x = draw(SL_INIT_NORMAL, (struct sl_shape){ 1, { N } }, 99, 0);
    for (double z = -2.5; z <= 2.5; z += 0.5) {
        double below = 0, wanted = 0.5 * erfc(-z / sqrt(2));
        for (size_t i = 0; i < N; i++)
            below += (double)x[i] < z * 0.05;
        assert_true(fabs(below / N - wanted) < 5 * sqrt(wanted * (1 - wanted) / N));
    }
    free(x);
}

static void zeros_and_ones_are_that(void **state)
{
    (void)state;
    float *zeros = draw(SL_INIT_ZEROS, (struct sl_shape){ 1, { 9 } }, 1, 1);
    float *ones = draw(SL_INIT_ONES, (struct sl_shape){ 0, { 0 } }, 1, 1);
    for (int i = 0; i < 9; i++)
        assert_true(zeros[i] == 0);
    assert_true(ones[0] == 1);
    free(zeros);
    free(ones);
}

static void an_element_comes_from_its_own_counter(void **state)
{
    (void)state;
    enum { N = 30 };
    float *x = draw(SL_INIT_UNIFORM, (struct sl_shape){ 1, { N } }, 0x123456789abcdef0, 11);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t word[4];
        sl_philox(0x123456789abcdef0, SL_RANDOM_INIT, 0, i / 4, 11, word);
        assert_true(x[i] == (float)(((double)word[i % 4] * 0x1p-31 - 1) * 0.05));
    }
    free(x);
}

static void seed_and_parameter_make_other_draws(void **state)
{
    (void)state;
    static const enum sl_initializer kinds[] = { SL_INIT_GLOROT_UNIFORM, SL_INIT_HE_NORMAL, SL_INIT_NORMAL };
    struct sl_shape shape = { 2, { 7, 13 } };
    for (size_t k = 0; k < 3; k++) {
        float *x = draw(kinds[k], shape, 1, 1), *same = draw(kinds[k], shape, 1, 1);
        float *seed = draw(kinds[k], shape, 2, 1), *number = draw(kinds[k], shape, 1, 2);
        assert_memory_equal(x, same, 91 * sizeof *x);
        for (int i = 0; i < 91; i++)
            assert_true(x[i] != seed[i] && x[i] != number[i]);
        free(x);
        free(same);
        free(seed);
        free(number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glorot_uniform_fills_its_bounds_evenly),
        cmocka_unit_test(a_convolutions_fans_count_its_receptive_field),
        cmocka_unit_test(he_normal_has_its_deviation_although_it_is_cut_off),
        cmocka_unit_test(normal_is_not_cut_off),
        cmocka_unit_test(normal_draws_have_the_normal_distribution),
        cmocka_unit_test(zeros_and_ones_are_that),
        cmocka_unit_test(an_element_comes_from_its_own_counter),
        cmocka_unit_test(seed_and_parameter_make_other_draws),
    };
    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
