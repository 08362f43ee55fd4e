/* test_optimizer.c: what holds of every optimizer beside its formula (test_parity has that): gradients that are not
 * finite, accumulation, changes on the way, and which kernels a step gives. */
#include "tests/unit/nn/training_try.h"

#include <math.h>

static const char NET[] = "input 5 | dense 7 tanh | dropout 0.25 | norm | dense 3 linear";

/* What was saved but for the count of steps, which lies at bytes 28 to 35. */
static void check_same_moments(const struct sl_buf *a, const struct sl_buf *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->p, b->p, 28);
    assert_memory_equal(a->p + 36, b->p + 36, a->n - 36);
}

static void spoil_gradients(const char *rule)
{
    static const float bad[] = { NAN, INFINITY, 3e38f };
    struct training t;
    float before[FLOATS];
    struct sl_figures figures;
    begin(&t, "input 5 | dense 7 relu | dense 3 linear", rule);
    go(&t, 4);
    size_t bytes = sl_graph_weights(t.net.graph) * sizeof *before;
    memcpy(before, weights(&t), bytes);
    struct sl_buf saved = save(&t);
    for (int k = 0; k < 3; k++) {
        net_fill_random(&t.net, NET_LABELS, BATCH, &t.random);
        for (int j = 0; j < 5; j++)
            sl_graph_x(t.net.graph, 0)[2 * 5 + j] = bad[k];
        sl_graph_upload(t.net.graph, 0, BATCH);
        assert_int_equal(sl_optimizer_step(t.optimizer, 0, BATCH, t.batch++, NULL), SL_OK);
        assert_int_equal(sl_graph_figures(t.net.graph, &figures, NULL), SL_OK);
        assert_true(!isfinite(figures.gradient_square));
        assert_memory_equal(weights(&t), before, bytes);
        struct sl_buf after = save(&t);
        check_same_moments(&saved, &after);
        sl_buf_release(&after);
    }
    go(&t, 2); /* and training goes on */
    assert_memory_not_equal(weights(&t), before, bytes);
    for (size_t j = 0; j < bytes / sizeof *before; j++)
        assert_true(isfinite(t.w[j]));
    sl_buf_release(&saved);
    end(&t);
}

static void a_gradient_that_is_not_finite_changes_nothing(void **state)
{
    (void)state;
    static const char *const rules[] = { "sgd learning_rate=0.1",
                                         "sgd learning_rate=0.1 momentum=0.9 nesterov=1 weight_decay=0.1",
                                         "adam learning_rate=0.05 clip_norm=0.5",
                                         "adamw learning_rate=0.05 weight_decay=0.2 clip_value=0.1",
                                         "rmsprop learning_rate=0.02 momentum=0.5" };
    do
        for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
            spoil_gradients(rules[i]);
    while (net_next_device());
}

static void a_bad_batch_spoils_only_the_accumulation_it_is_in(void **state)
{
    (void)state;
    struct training t;
    float before[FLOATS];
    begin(&t, "input 5 | dense 3 linear", "adam accumulate=3");
    go(&t, 3);
    size_t bytes = sl_graph_weights(t.net.graph) * sizeof *before;
    memcpy(before, weights(&t), bytes);
    net_fill_random(&t.net, NET_LABELS, BATCH, &t.random);
    sl_graph_x(t.net.graph, 0)[0] = NAN;
    sl_graph_upload(t.net.graph, 0, BATCH);
    assert_int_equal(sl_optimizer_step(t.optimizer, 0, BATCH, t.batch++, NULL), SL_OK);
    go(&t, 2);
    assert_memory_equal(weights(&t), before, bytes);
    go(&t, 3);
    assert_memory_not_equal(weights(&t), before, bytes);
    for (size_t j = 0; j < bytes / sizeof *before; j++)
        assert_true(isfinite(t.w[j]));
    end(&t);
}

static void accumulated_batches_move_the_weights_as_one_large_batch(void **state)
{
    (void)state;
    static const char stack[] = "input 5 | dense 7 tanh | dense 3 linear";
    struct training parts;
    begin(&parts, stack, "sgd learning_rate=0.5 momentum=0.9 accumulate=4");
    struct net whole = net_open(stack, NET_LABELS, 4 * BATCH, 0, NULL);
    struct sl_optimizer_options options = options_of("sgd learning_rate=0.5 momentum=0.9");
    struct sl_optimizer_state *optimizer = NULL;
    assert_int_equal(sl_optimizer_new(&optimizer, whole.graph, &options, NULL), SL_OK);
    float before[FLOATS], w[FLOATS];
    size_t n = sl_graph_weights(whole.graph), at;
    for (int step = 0; step < 5; step++) {
        memcpy(before, weights(&parts), n * sizeof *before);
        for (int k = 0; k < 4; k++) {
            assert_memory_equal(weights(&parts), before, n * sizeof *before); /* they move on the last one only */
            go(&parts, 1);
            memcpy(sl_graph_x(whole.graph, 0) + (size_t)k * BATCH * 5, sl_graph_x(parts.net.graph, 0),
                   BATCH * 5 * sizeof(float));
            memcpy(sl_graph_labels(whole.graph, 0) + (size_t)k * BATCH, sl_graph_labels(parts.net.graph, 0),
                   BATCH * sizeof(uint32_t));
        }
        sl_graph_upload(whole.graph, 0, 4 * BATCH);
        assert_int_equal(sl_optimizer_step(optimizer, 0, 4 * BATCH, (uint64_t)step, NULL), SL_OK);
        assert_int_equal(sl_graph_get(whole.graph, w, NULL), SL_OK);
        double off = worst_difference(weights(&parts), w, n, 0.1, &at);
        assert_true(off < 1e-5);
    }
    assert_int_equal(sl_optimizer_steps(parts.optimizer), 5);
    sl_optimizer_free(optimizer);
    net_close(&whole);
    end(&parts);
}

static void fewer_accumulated_batches_are_due_at_once_with_their_own_mean(void **state)
{
    (void)state;
    static const char stack[] = "input 5 | dense 3 linear";
    struct training changed, constant;
    begin(&changed, stack, "sgd learning_rate=0.5 accumulate=10");
    begin(&constant, stack, "sgd learning_rate=0.5 accumulate=3");
    go(&changed, 2);
    struct sl_optimizer_options options = options_of("sgd learning_rate=0.5 accumulate=2");
    sl_optimizer_set(changed.optimizer, &options);
    go(&changed, 1); /* the third */
    go(&constant, 3);
    assert_memory_equal(weights(&changed), weights(&constant), sl_graph_weights(changed.net.graph) * sizeof(float));
    end(&changed);
    end(&constant);
}

static void weight_decay_leaves_biases_and_norms_alone(void **state)
{
    (void)state;
    struct training plain, decayed;
    const struct sl_parameter *list;
    begin(&plain, NET, "sgd learning_rate=0.5");
    begin(&decayed, NET, "sgd learning_rate=0.5 weight_decay=0.25");
    float first[FLOATS];
    memcpy(first, weights(&plain), sizeof first);
    go(&plain, 1);
    go(&decayed, 1);
    weights(&plain);
    weights(&decayed);
    size_t n = sl_graph_parameters(plain.net.graph, &list), kept = 0;
    for (size_t i = 0; i < n; i++) {
        bool weight = strncmp(list[i].name, "dense", 5) == 0 && strstr(list[i].name, ".weight");
        assert_int_equal(weight, list[i].decays);
        kept += !weight;
        for (size_t k = list[i].first; k < list[i].first + list[i].n; k++) {
            double off = weight ? 0.5 * 0.25 * (double)first[k] : 0;
            assert_true(fabs((double)plain.w[k] - off - (double)decayed.w[k]) <= (weight ? 1e-7 : 0));
        }
    }
    assert_int_equal(kept, 4);
    end(&plain);
    end(&decayed);
}

static void change(struct training *t, const char *rule)
{
    struct sl_optimizer_options options = options_of(rule);
    sl_optimizer_set(t->optimizer, &options);
}

static void a_changed_rate_takes_effect_with_the_next_step(void **state)
{
    (void)state;
    struct training t;
    float before[FLOATS];
    begin(&t, NET, "adam learning_rate=0.5");
    size_t bytes = sl_graph_weights(t.net.graph) * sizeof *before;
    go(&t, 1);
    memcpy(before, weights(&t), bytes);
    change(&t, "adam learning_rate=0");
    go(&t, 2);
    assert_memory_equal(weights(&t), before, bytes);
    change(&t, "adam learning_rate=0.01");
    go(&t, 1);
    assert_memory_not_equal(weights(&t), before, bytes);
    assert_int_equal(sl_optimizer_steps(t.optimizer), 4);
    end(&t);
}

static void momentum_that_is_switched_on_begins_at_rest(void **state)
{
    (void)state;
    static const char *const earlier[] = { "sgd learning_rate=0.5", "sgd learning_rate=0.5 momentum=0.9" };
    static const char later[] = "sgd learning_rate=0.1 momentum=0.5";
    for (int i = 0; i < 2; i++) {
        struct training t, fresh;
        begin(&t, NET, earlier[i]);
        begin(&fresh, NET, later);
        go(&t, 3);
        change(&t, "sgd learning_rate=0.5");
        change(&t, later);
        assert_int_equal(sl_graph_set(fresh.net.graph, weights(&t), NULL), SL_OK);
        fresh.random = t.random;
        fresh.batch = t.batch;
        go(&t, 3);
        go(&fresh, 3);
        assert_memory_equal(weights(&t), weights(&fresh), sl_graph_weights(t.net.graph) * sizeof(float));
        end(&t);
        end(&fresh);
    }
}

/* The device's kernels, counted. */
static struct sl_kernels counted;
static struct {
    const struct sl_kernels *real;
    int updates, sums, allocs, forgets, allocs_left;
} counts;

static void count_update(struct sl_device *d, size_t n, const struct sl_update *how, const struct sl_hyper *hyper,
                         const float *sumsq, float *w, const float *g, float *m, float *v)
{
    counts.updates++;
    counts.real->update(d, n, how, hyper, sumsq, w, g, m, v);
}

static void count_square_sum(struct sl_device *d, size_t n, const float *g, float *out)
{
    counts.sums++;
    counts.real->square_sum(d, n, g, out);
}

static int count_alloc(struct sl_device *d, void **out, size_t bytes, struct sl_error *err)
{
    counts.allocs++;
    if (counts.allocs > counts.allocs_left)
        return sl_fail_memory(err, "testing");
    return counts.real->alloc(d, out, bytes, err);
}

static void count_forget(struct sl_device *d)
{
    counts.forgets++;
    counts.real->forget(d);
}

static void begin_counting(struct net *net, int allocs_left)
{
    counts.real = net->device->kernels;
    counts.allocs_left = allocs_left;
    counts.updates = counts.sums = counts.allocs = counts.forgets = 0;
    counted = *counts.real;
    counted.update = count_update;
    counted.square_sum = count_square_sum;
    counted.alloc = count_alloc;
    counted.forget = count_forget;
    net->device->kernels = &counted;
}

static void end_counting(struct training *t)
{
    t->net.device->kernels = counts.real;
    end(t);
}

static void a_step_gives_few_kernels_and_takes_no_memory(void **state)
{
    (void)state;
    static const struct {
        const char *rule;
        int updates, allocs; /* of 6 batches; of making it */
    } cases[] = { { "sgd", 6, 0 },
                  { "sgd momentum=0.9", 6, 1 },
                  { "adam", 6, 2 },
                  { "adam accumulate=3", 2, 2 },
                  { "rmsprop", 6, 1 },
                  { "rmsprop momentum=0.5", 6, 2 },
                  /* weight | bias, gain, bias | weight | bias: neighbours that are treated alike go together */
                  { "adamw", 6 * 4, 2 },
                  { "sgd weight_decay=0.1 accumulate=2", 3 * 4, 0 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct training t = { .net = net_open(NET, NET_LABELS, BATCH, 0, NULL), .random = 77 };
        struct sl_optimizer_options options = options_of(cases[i].rule);
        begin_counting(&t.net, 100);
        assert_int_equal(sl_optimizer_new(&t.optimizer, t.net.graph, &options, NULL), SL_OK);
        assert_int_equal(counts.allocs, cases[i].allocs);
        go(&t, 6);
        assert_int_equal(counts.updates, cases[i].updates);
        assert_int_equal(counts.sums, 6);
        assert_int_equal(counts.allocs, cases[i].allocs);
        assert_int_equal(counts.forgets, 1); /* before the first that is due: what was recorded for another optimizer */
        end_counting(&t);
    }
}

static void too_little_memory_is_told(void **state)
{
    (void)state;
    for (int left = 0; left < 2; left++) {
        struct training t = { .net = net_open(NET, NET_LABELS, BATCH, 0, NULL), .random = 77 };
        struct sl_optimizer_options options = options_of("adam");
        struct sl_error err = SL_ERROR_INIT;
        begin_counting(&t.net, left);
        assert_int_equal(sl_optimizer_new(&t.optimizer, t.net.graph, &options, &err), SL_ENOMEM);
        assert_null(t.optimizer);
        assert_true(err.what[0]);
        end_counting(&t);
    }
    /* Momentum that is switched on asks for memory in the next step, which then fails and changes nothing. */
    struct training t = { .net = net_open(NET, NET_LABELS, BATCH, 0, NULL), .random = 77 };
    struct sl_optimizer_options options = options_of("sgd");
    begin_counting(&t.net, 0);
    assert_int_equal(sl_optimizer_new(&t.optimizer, t.net.graph, &options, NULL), SL_OK);
    go(&t, 1);
    change(&t, "sgd momentum=0.5");
    net_fill_random(&t.net, NET_LABELS, BATCH, &t.random);
    assert_int_equal(sl_optimizer_step(t.optimizer, 0, BATCH, 1, NULL), SL_ENOMEM);
    assert_int_equal(sl_optimizer_steps(t.optimizer), 1);
    end_counting(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gradient_that_is_not_finite_changes_nothing),
        cmocka_unit_test(a_bad_batch_spoils_only_the_accumulation_it_is_in),
        cmocka_unit_test(accumulated_batches_move_the_weights_as_one_large_batch),
        cmocka_unit_test(fewer_accumulated_batches_are_due_at_once_with_their_own_mean),
        cmocka_unit_test(weight_decay_leaves_biases_and_norms_alone),
        cmocka_unit_test(a_changed_rate_takes_effect_with_the_next_step),
        cmocka_unit_test(momentum_that_is_switched_on_begins_at_rest),
        cmocka_unit_test(a_step_gives_few_kernels_and_takes_no_memory),
        cmocka_unit_test(too_little_memory_is_told),
    };
    return cmocka_run_group_tests_name("optimizer", tests, NULL, NULL);
}
