/* test_schedule.c: learning rates and defaults against Keras's and PyTorch's (tests/golden/make_nn.py), and what must
 * hold of any schedule. */
#include "tests/unit/nn/net_try.h"

#include <math.h>

static void check_rates(const struct golden *golden)
{
    char text[160];
    struct sl_optimizer_options options = options_of(text_of(golden->field[1], text, sizeof text));
    const char *p = golden->field[2].p;
    for (uint64_t t = 0; t < 60; t++) {
        char *end;
        double wanted = strtod(p, &end), got = sl_learning_rate(&options, t);
        if (end == p || !(fabs(got - wanted) <= 1e-12 * options.learning_rate))
            fail_msg("%s: step %d has %.15g, the reference says %.15g", text, (int)t, got, wanted);
        p = end;
    }
}

static double value_of(const struct sl_optimizer_options *options, const char *key)
{
    const struct sl_update *u = &options->update;
    return strcmp(key, "learning_rate") == 0  ? options->learning_rate
           : strcmp(key, "momentum") == 0     ? (double)u->momentum
           : strcmp(key, "beta_1") == 0       ? (double)u->beta1
           : strcmp(key, "beta_2") == 0       ? (double)u->beta2
           : strcmp(key, "rho") == 0          ? (double)u->rho
           : strcmp(key, "epsilon") == 0      ? (double)u->epsilon
           : strcmp(key, "weight_decay") == 0 ? (double)u->weight_decay
                                              : (double)NAN;
}

static void check_defaults(const struct golden *golden)
{
    char text[64];
    struct sl_optimizer_options options = options_of(text_of(golden->field[1], text, sizeof text));
    for (size_t i = 2; i < golden->n; i++) {
        char *blank = strchr(text_of(golden->field[i], text, sizeof text), ' ');
        assert_non_null(blank);
        *blank = '\0';
        double wanted = strtod(blank + 1, NULL), got = value_of(&options, text);
        if (!(fabs(got - wanted) <= 1e-7 * wanted)) /* learning_rate is a float32 in Keras, the others are here */
            fail_msg("%s is %.9g by default, Keras has %.9g", text, got, wanted);
    }
    assert_true(options.update.scale == 1 && options.accumulate <= 1 && options.schedule == SL_CONSTANT);
}

static void rates_and_defaults_are_the_references(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/nn_schedules.tsv");
    int rates = 0, defaults = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("rates"))) {
            check_rates(&golden);
            rates++;
        } else {
            check_defaults(&golden);
            defaults++;
        }
    }
    assert_int_equal(rates, 6);
    assert_int_equal(defaults, 4);
    golden_close(&golden);
}

static void a_constant_rate_stays(void **state)
{
    (void)state;
    struct sl_optimizer_options options = options_of("learning_rate=0.3 decay_steps=5 total_steps=10");
    for (uint64_t t = 0; t < 20; t++)
        assert_true(sl_learning_rate(&options, t) == 0.3);
}

static void warm_up_rises_in_equal_steps_from_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = { "learning_rate=0.4 warmup_steps=8",
                                         "learning_rate=0.4 warmup_steps=8 schedule=cosine total_steps=20",
                                         "learning_rate=0.4 warmup_steps=8 schedule=step decay_steps=3" };
    for (size_t i = 0; i < 3; i++) {
        struct sl_optimizer_options options = options_of(texts[i]);
        for (uint64_t t = 0; t <= 8; t++)
            assert_true(fabs(sl_learning_rate(&options, t) - 0.05 * (double)t) < 1e-15);
    }
}

static void no_schedule_rises_behind_its_warm_up(void **state)
{
    (void)state;
    static const char *const texts[] = { "learning_rate=0.4 warmup_steps=5 schedule=cosine total_steps=100",
                                         "learning_rate=0.4 schedule=cosine decay_steps=17 alpha=0.3",
                                         "learning_rate=0.4 schedule=step decay_steps=13 decay_rate=0.7",
                                         "learning_rate=0.4 warmup_steps=200 schedule=step decay_steps=1" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sl_optimizer_options options = options_of(texts[i]);
        double before = INFINITY;
        for (uint64_t t = options.warmup_steps; t < 400; t++) {
            double rate = sl_learning_rate(&options, t);
            assert_true(rate <= before && rate >= 0 && rate <= 0.4);
            before = rate;
        }
    }
}

static void cosine_ends_at_its_share_and_stays_there(void **state)
{
    (void)state;
    struct sl_optimizer_options options = options_of("learning_rate=0.5 warmup_steps=20 schedule=cosine alpha=0.1 "
                                                     "total_steps=120");
    assert_true(fabs(sl_learning_rate(&options, 70) - 0.5 * 0.55) < 1e-15); /* half way between 20 and 120 */
    for (uint64_t t = 120; t < 130; t++)
        assert_true(fabs(sl_learning_rate(&options, t) - 0.05) < 1e-15);
    assert_true(fabs(sl_learning_rate(&options, UINT64_MAX) - 0.05) < 1e-15);
}

static void a_schedule_of_unknown_length_does_not_decay(void **state)
{
    (void)state;
    struct sl_optimizer_options options =
        options_of("learning_rate=0.5 warmup_steps=20 schedule=cosine total_steps=20");
    assert_true(sl_learning_rate(&options, 20) == 0.5 && sl_learning_rate(&options, 1000) == 0.5);
    options.total_steps = 0;
    assert_true(sl_learning_rate(&options, 1000) == 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_and_defaults_are_the_references),
        cmocka_unit_test(a_constant_rate_stays),
        cmocka_unit_test(warm_up_rises_in_equal_steps_from_nothing),
        cmocka_unit_test(no_schedule_rises_behind_its_warm_up),
        cmocka_unit_test(cosine_ends_at_its_share_and_stays_there),
        cmocka_unit_test(a_schedule_of_unknown_length_does_not_decay),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
