/* network_data.h: small data for networks: clouds of points as bytes, a curve as floats; and networks over them. */
#ifndef TEST_NETWORK_DATA_H
#define TEST_NETWORK_DATA_H

#include "engine/learn/network.h"

#include "sluice/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CLOUD_WIDTH = 36, CLOUD_CLASSES = 3 };

/* Owns its numbers. */
struct cloud {
    struct sl_dataset data;
    struct sl_rows blocks[3][4]; /* train, test, validation */
    char *classes[CLOUD_CLASSES];
};

static inline double cloud_draw(uint64_t seed, uint64_t row, uint32_t i)
{
    return sl_philox_real(seed, SL_RANDOM_SAMPLE, 0, row, i);
}

/* Pictures of 6 × 6 bytes: each class has bright pixels of its own, among noise. */
static inline void cloud_row(uint64_t row, uint32_t y, uint8_t *x)
{
    for (uint32_t j = 0; j < CLOUD_WIDTH; j++)
        x[j] = (uint8_t)(90 * cloud_draw(1, row, j) + (j % CLOUD_CLASSES == y ? 110 * cloud_draw(2, row, j) : 0));
}

static inline void cloud_fill(struct sl_matrix *m, struct sl_rows *blocks, uint64_t first, uint64_t n, bool regression)
{
    uint64_t done = 0;
    *m = (struct sl_matrix){ .blocks = blocks,
                             .n = n,
                             .width = regression ? 2 : CLOUD_WIDTH,
                             .layout = regression ? SL_LAYOUT_DENSE : SL_LAYOUT_BYTES,
                             .scale = 1 / 255.0f };
    while (done < n) {
        uint32_t rows = (uint32_t)(m->n_blocks == 3 || n - done < 40 ? n - done : (n - done) / 2);
        struct sl_rows *b = &blocks[m->n_blocks++];
        *b = (struct sl_rows){ .n = rows, .record = malloc(rows * sizeof(uint64_t)) };
        if (regression) {
            b->dense = malloc((size_t)rows * 2 * sizeof(float));
            b->target = malloc(rows * sizeof(float));
        } else {
            b->bytes = malloc((size_t)rows * CLOUD_WIDTH);
            b->y = malloc(rows * sizeof(uint32_t));
        }
        for (uint32_t i = 0; i < rows; i++) {
            uint64_t row = first + done + i;
            b->record[i] = 10 * row;
            if (regression) {
                b->dense[2 * i] = (float)cloud_draw(3, row, 0) * 2 - 1;
                b->dense[2 * i + 1] = (float)cloud_draw(3, row, 1) * 2 - 1;
                b->target[i] = b->dense[2 * i] * 2 - b->dense[2 * i + 1] * b->dense[2 * i + 1] + 0.5f;
            } else {
                b->y[i] = (uint32_t)(cloud_draw(4, row, 0) * CLOUD_CLASSES);
                cloud_row(row, b->y[i], b->bytes + (size_t)i * CLOUD_WIDTH);
            }
        }
        done += rows;
    }
}

static inline struct cloud *cloud_new(uint64_t train, uint64_t test, uint64_t validation, bool regression)
{
    static char names[CLOUD_CLASSES][2] = { "a", "b", "c" };
    struct cloud *c = calloc(1, sizeof *c);
    assert_non_null(c);
    cloud_fill(&c->data.train, c->blocks[0], 0, train, regression);
    cloud_fill(&c->data.test, c->blocks[1], 100000, test, regression);
    cloud_fill(&c->data.validation, c->blocks[2], 200000, validation, regression);
    for (uint32_t k = 0; k < CLOUD_CLASSES; k++)
        c->classes[k] = names[k];
    c->data.classes = c->classes;
    c->data.regression = regression;
    c->data.n_classes = regression ? 0 : CLOUD_CLASSES;
    c->data.height = c->data.breadth = regression ? 0 : 6;
    c->data.channels = regression ? 0 : 1;
    return c;
}

static inline void cloud_free(struct cloud *c)
{
    for (int m = 0; m < 3; m++)
        for (int b = 0; b < 4; b++) {
            free(c->blocks[m][b].record);
            free(c->blocks[m][b].dense);
            free(c->blocks[m][b].bytes);
            free(c->blocks[m][b].y);
            free(c->blocks[m][b].target);
        }
    free(c);
}

/* Settings that differ from the defaults, as a recipe would have them. */
struct recipe {
    struct batch_params batch;
    struct mlp_params mlp;
    struct train_params train;
    const struct network_devices *devices; /* NULL: the usual ones */
    const struct network_kind *kind;       /* NULL: mlp; else params are its own */
    const void *params;
};

static inline struct recipe recipe_small(void)
{
    static char units[] = "16", cpu[] = "cpu";
    static char *hidden[] = { units };
    struct recipe r = { *(const struct batch_params *)sl_stage_batch.defaults,
                        *(const struct mlp_params *)sl_stage_mlp.defaults,
                        *(const struct train_params *)sl_stage_train.defaults,
                        NULL,
                        NULL,
                        NULL };
    r.batch.random_state = 42;
    r.mlp.hidden = (struct sl_names){ hidden, 1 };
    r.train.device = cpu;
    r.train.epochs = 3;
    r.train.learning_rate = 0.01;
    return r;
}

static inline int recipe_try(const struct recipe *r, const struct sl_dataset *data, struct sl_pool *pool,
                             struct sl_learner **out, struct sl_error *err)
{
    struct network_settings settings = {
        r->kind ? r->kind : &network_mlp, r->kind ? r->params : &r->mlp, &r->batch, &r->train, NULL, r->devices, 0
    };
    return network_new(out, &settings, data, pool, 0, err);
}

static inline struct sl_learner *recipe_begin(const struct recipe *r, const struct sl_dataset *data,
                                              struct sl_pool *pool)
{
    struct sl_learner *learner = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (recipe_try(r, data, pool, &learner, &err))
        fail_msg("%s; %s", err.what, err.fix);
    return learner;
}

/* Steps on; the last point. */
static inline struct sl_point steps(struct sl_learner *learner, uint64_t n)
{
    struct sl_point point = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    for (uint64_t i = 0; i < n; i++)
        if (learner->class->step(learner, &point, &err))
            fail_msg("step %llu: %s", (unsigned long long)i + 1, err.what);
    return point;
}

/* To the end; how many epochs ended. */
static inline uint64_t train(struct sl_learner *learner, struct sl_epoch *last)
{
    struct sl_point point = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    uint64_t epochs = 0;
    int status;
    while (!(status = learner->class->step(learner, &point, &err)))
        epochs += learner->class->epoch(learner, last);
    if (status != SL_EEND)
        fail_msg("%s", err.what);
    return epochs;
}

/* Weights on the host; owned by the caller. */
static inline float *weights_of(struct sl_learner *learner, size_t *n)
{
    struct network *net = network_of(learner);
    *n = sl_graph_weights(net->graph);
    float *w = malloc(*n * sizeof *w);
    assert_non_null(w);
    assert_int_equal(sl_graph_get(net->graph, w, NULL), SL_OK);
    return w;
}

static inline void assert_same_weights(struct sl_learner *a, struct sl_learner *b)
{
    size_t n, m;
    float *x = weights_of(a, &n), *y = weights_of(b, &m);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++)
        if (memcmp(&x[i], &y[i], sizeof *x) != 0)
            fail_msg("weight %zu is %.9g in one and %.9g in the other", i, (double)x[i], (double)y[i]);
    free(x);
    free(y);
}

#endif
