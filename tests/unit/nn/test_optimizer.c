/* test_optimizer.c: what holds of every optimizer beside its formula (test_parity has that): gradients that are not
 * finite, saving and loading, accumulation, changes on the way, and which kernels a step gives. */
#include "tests/unit/nn/net_try.h"

#include <math.h>

enum { BATCH = 6, FLOATS = 256 };
static const char NET[] = "input 5 | dense 7 tanh | dropout 0.25 | norm | dense 3 linear";
static const char *const rules[] = { "sgd learning_rate=0.1",
                                     "sgd learning_rate=0.1 momentum=0.9 nesterov=1 weight_decay=0.1",
                                     "adam learning_rate=0.05 clip_norm=0.5",
                                     "adamw learning_rate=0.05 weight_decay=0.2 clip_value=0.1",
                                     "rmsprop learning_rate=0.02",
                                     "rmsprop learning_rate=0.02 momentum=0.5 schedule=cosine total_steps=40",
                                     "adam learning_rate=0.05 accumulate=3 warmup_steps=4",
                                     "sgd learning_rate=0.1 accumulate=2" };
enum { RULES = sizeof rules / sizeof *rules };

struct training {
    struct net net;
    struct sl_optimizer_state *optimizer;
    uint64_t random, batch;
    float w[FLOATS];
};

static void begin(struct training *t, const char *stack, const char *rule)
{
    struct sl_optimizer_options options = options_of(rule);
    struct sl_error err = SL_ERROR_INIT;
    *t = (struct training){ .net = net_open(stack, NET_LABELS, BATCH, 0, NULL), .random = 77 };
    if (sl_optimizer_new(&t->optimizer, t->net.graph, &options, &err))
        fail_msg("%s", err.what);
    assert_true(sl_graph_weights(t->net.graph) <= FLOATS);
}

static void end(struct training *t)
{
    sl_optimizer_free(t->optimizer);
    net_close(&t->net);
}

static const float *weights(struct training *t)
{
    assert_int_equal(sl_graph_get(t->net.graph, t->w, NULL), SL_OK);
    return t->w;
}

/* n batches more, each from the training's own random numbers. */
static void go(struct training *t, int n)
{
    for (int i = 0; i < n; i++) {
        net_fill_random(&t->net, NET_LABELS, BATCH, &t->random);
        assert_int_equal(sl_optimizer_step(t->optimizer, 0, BATCH, t->batch++, NULL), SL_OK);
    }
}

static struct sl_buf save(struct training *t)
{
    struct sl_buf buf = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (sl_optimizer_save(t->optimizer, &buf, &err) || buf.failed)
        fail_msg("%s", err.what);
    return buf;
}

static struct sl_str span(const struct sl_buf *buf)
{
    return (struct sl_str){ buf->p, buf->n };
}

/* What was saved but for the count of steps, which lies at bytes 28 to 35. */
static void check_same_moments(const struct sl_buf *a, const struct sl_buf *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->p, b->p, 28);
    assert_memory_equal(a->p + 36, b->p + 36, a->n - 36);
}

static void a_gradient_that_is_not_finite_changes_nothing(void **state)
{
    (void)state;
    static const float bad[] = { NAN, INFINITY, 3e38f };
    for (int i = 0; i < 6; i++) {
        struct training t;
        float before[FLOATS];
        struct sl_figures figures;
        begin(&t, "input 5 | dense 7 relu | dense 3 linear", rules[i]);
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

static void going_on_after_load_gives_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < RULES; i++) {
        for (int at = 0; at < 9; at += 2) { /* with accumulation of 3 and 2: also amid one */
            struct training one, other;
            float w[FLOATS];
            begin(&one, NET, rules[i]);
            begin(&other, NET, rules[i]);
            go(&one, at);
            go(&other, 3); /* what was there before must not matter */
            struct sl_buf saved = save(&one);
            memcpy(w, weights(&one), sizeof w);
            assert_int_equal(sl_optimizer_load(other.optimizer, span(&saved), NULL), SL_OK);
            assert_int_equal(sl_graph_set(other.net.graph, w, NULL), SL_OK);
            other.random = one.random;
            other.batch = one.batch;
            struct sl_buf again = save(&other);
            assert_int_equal(saved.n, again.n);
            assert_memory_equal(saved.p, again.p, saved.n);
            go(&one, 7);
            go(&other, 7);
            assert_memory_equal(weights(&one), weights(&other), sl_graph_weights(one.net.graph) * sizeof(float));
            assert_int_equal(sl_optimizer_steps(one.optimizer), sl_optimizer_steps(other.optimizer));
            sl_buf_release(&saved);
            sl_buf_release(&again);
            end(&one);
            end(&other);
        }
    }
}

/* Load must refuse with a reason and leave the state as it was. */
static void check_refused(struct training *t, struct sl_str bytes, const char *words)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf before = save(t);
    int status = sl_optimizer_load(t->optimizer, bytes, &err);
    if (status != SL_EFORMAT || !strstr(err.what, words) || !err.fix[0])
        fail_msg("status %d, \"%s\" should say \"%s\" and have a fix", status, err.what, words);
    struct sl_buf after = save(t);
    assert_int_equal(before.n, after.n);
    assert_memory_equal(before.p, after.p, before.n);
    sl_buf_release(&before);
    sl_buf_release(&after);
}

static void what_belongs_to_another_optimizer_is_refused(void **state)
{
    (void)state;
    struct training t, sgd, larger;
    begin(&t, NET, "adam");
    begin(&sgd, NET, "sgd momentum=0.9");
    begin(&larger, "input 5 | dense 17 tanh | dense 3 linear", "adam");
    go(&t, 2);
    struct sl_buf one = save(&sgd), two = save(&larger), own = save(&t);
    check_refused(&t, span(&one), "the saved optimizer is sgd, this one is adam");
    check_refused(&t, span(&two), "belongs to a network of");
    check_refused(&t, SL_STR("PK\3\4 this is something else"), "does not begin with 'SLOP'");
    check_refused(&t, SL_STR(""), "does not begin with 'SLOP'");
    own.p[4] = 9;
    check_refused(&t, span(&own), "has format 9, this program reads 1");
    sl_buf_release(&one);
    sl_buf_release(&two);
    sl_buf_release(&own);
    end(&t);
    end(&sgd);
    end(&larger);
}

static void load_survives_any_bytes(void **state)
{
    (void)state;
    struct training t;
    begin(&t, "input 2 | dense 2 linear", "adam accumulate=4");
    go(&t, 6);
    struct sl_buf saved = save(&t);
    for (size_t n = 0; n < saved.n; n++) /* cut short anywhere */
        check_refused(&t, (struct sl_str){ saved.p, n }, n < 4 ? "SLOP" : "optimizer");
    sl_buf_putc(&saved, 'x');
    check_refused(&t, span(&saved), "bytes of numbers where");
    saved.n--;
    float bad[] = { NAN, -1 };
    size_t v = 36 + sl_graph_weights(t.net.graph) * sizeof(float);
    for (int i = 0; i < 2; i++) { /* a mean of squares that cannot be */
        struct sl_buf copy = { 0 };
        sl_buf_add(&copy, saved.p, saved.n);
        memcpy(copy.p + v, &bad[i], sizeof bad[i]);
        check_refused(&t, span(&copy), "a number that no training makes");
        sl_buf_release(&copy);
    }
    uint64_t random = 5;
    for (int i = 0; i < 3000; i++) { /* and any damage: refused, or loaded and usable */
        struct sl_buf copy = { 0 };
        sl_buf_add(&copy, saved.p, saved.n);
        for (uint32_t k = golden_random(&random, 3); k < 3; k++)
            copy.p[golden_random(&random, i % 2 ? 40 : (uint32_t)copy.n)] = (char)golden_random(&random, 256);
        int status = sl_optimizer_load(t.optimizer, span(&copy), NULL);
        assert_true(status == SL_OK || status == SL_EFORMAT);
        go(&t, 1);
        sl_buf_release(&copy);
    }
    assert_int_equal(sl_optimizer_load(t.optimizer, span(&saved), NULL), SL_OK);
    sl_buf_release(&saved);
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

static struct sl_kernels counted;

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
        end(&t);
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
        end(&t);
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
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gradient_that_is_not_finite_changes_nothing),
        cmocka_unit_test(a_bad_batch_spoils_only_the_accumulation_it_is_in),
        cmocka_unit_test(going_on_after_load_gives_the_same_bits),
        cmocka_unit_test(what_belongs_to_another_optimizer_is_refused),
        cmocka_unit_test(load_survives_any_bytes),
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
