/* training_try.h: a small network and an optimizer that go from batch to batch, each from the same random numbers. */
#ifndef SLUICE_TESTS_TRAINING_TRY_H
#define SLUICE_TESTS_TRAINING_TRY_H

#include "tests/unit/nn/net_try.h"

enum { BATCH = 6, FLOATS = 256 };

struct training {
    struct net net;
    struct sl_optimizer_state *optimizer;
    uint64_t random, batch;
    float w[FLOATS];
};

static inline void begin(struct training *t, const char *stack, const char *rule)
{
    struct sl_optimizer_options options = options_of(rule);
    struct sl_error err = SL_ERROR_INIT;
    *t = (struct training){ .net = net_open(stack, NET_LABELS, BATCH, 0, NULL), .random = 77 };
    if (sl_optimizer_new(&t->optimizer, t->net.graph, &options, &err))
        fail_msg("%s", err.what);
    assert_true(sl_graph_weights(t->net.graph) <= FLOATS);
}

static inline void end(struct training *t)
{
    sl_optimizer_free(t->optimizer);
    net_close(&t->net);
}

static inline const float *weights(struct training *t)
{
    assert_int_equal(sl_graph_get(t->net.graph, t->w, NULL), SL_OK);
    return t->w;
}

/* n batches more, each from the training's own random numbers. */
static inline void go(struct training *t, int n)
{
    for (int i = 0; i < n; i++) {
        net_fill_random(&t->net, NET_LABELS, BATCH, &t->random);
        assert_int_equal(sl_optimizer_step(t->optimizer, 0, BATCH, t->batch++, NULL), SL_OK);
    }
}

static inline struct sl_buf save(struct training *t)
{
    struct sl_buf buf = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (sl_optimizer_save(t->optimizer, &buf, &err) || buf.failed)
        fail_msg("%s", err.what);
    return buf;
}

static inline struct sl_str span(const struct sl_buf *buf)
{
    return (struct sl_str){ buf->p, buf->n };
}

#endif
