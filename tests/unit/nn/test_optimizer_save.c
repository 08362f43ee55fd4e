/* test_optimizer_save.c: an optimizer's state as bytes: going on after load gives the same bits, and what is not such a
 * state is refused. */
#include "tests/unit/nn/training_try.h"

#include <math.h>

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

static void go_on(const char *rule)
{
    for (int at = 0; at < 5; at = 3 * at + 1) { /* 0, 1, 4: with accumulation of 3 or 2, amid one too */
        struct training one, other;
        float w[FLOATS];
        begin(&one, NET, rule);
        begin(&other, NET, rule);
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

static void going_on_after_load_gives_the_same_bits(void **state)
{
    (void)state;
    do
        for (int i = 0; i < RULES; i++)
            go_on(rules[i]);
    while (net_next_device());
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(going_on_after_load_gives_the_same_bits),
        cmocka_unit_test(what_belongs_to_another_optimizer_is_refused),
        cmocka_unit_test(load_survives_any_bytes),
    };
    return cmocka_run_group_tests_name("optimizer_save", tests, NULL, NULL);
}
