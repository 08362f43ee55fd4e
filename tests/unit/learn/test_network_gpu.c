/* test_network_gpu.c: a network on a device whose memory is not the host's: the emulated GPU, or a real one. Batches
 * are made and copied while it computes; nothing of that shows in what comes out. */
#include "network_data.h"

#include "tests/unit/device/gpu.h"

static int open_gpu(struct sl_device **out, const char *name, struct sl_pool *pool, uint64_t need, char **why,
                    struct sl_error *err)
{
    (void)name, (void)pool, (void)why;
    return gpu_plugin()->open(out, 0, need, err);
}

static void close_gpu(struct sl_device *device)
{
    gpu_plugin()->close(device);
}

static const struct network_devices gpus = { open_gpu, close_gpu };

static struct recipe recipe_gpu(void)
{
    struct recipe r = recipe_small();
    r.devices = &gpus;
    r.train.epochs = 2;
    return r;
}

static void it_learns_what_the_processor_learns(void **state)
{
    struct cloud *c = cloud_new(300, 90, 50, false);
    struct recipe r = recipe_gpu(), host = r;
    (void)state;
    host.devices = NULL;
    struct sl_learner *a = recipe_begin(&r, &c->data, NULL), *b = recipe_begin(&host, &c->data, NULL);
    struct sl_epoch e = { 0 }, f = { 0 };
    for (int i = 0; i < 20; i++) {
        struct sl_point p = steps(a, 1), q = steps(b, 1);
        if (fabs(p.loss - q.loss) > 1e-4 || fabs(p.gradient_norm - q.gradient_norm) > 1e-3)
            fail_msg("step %d: loss %.9g and %.9g, norm %.9g and %.9g", i, p.loss, q.loss, p.gradient_norm,
                     q.gradient_norm);
        assert_true(p.rows == q.rows && p.learning_rate == q.learning_rate);
        assert_true(a->class->epoch(a, &e) == b->class->epoch(b, &f));
    }
    assert_int_equal(e.epoch, 2);
    assert_true(fabs(e.val_loss - f.val_loss) < 1e-4 && fabs(e.val_accuracy - f.val_accuracy) < 0.03);
    const struct sl_rows *rows = &c->data.test.blocks[0];
    double *p = malloc(2 * rows->n * CLOUD_CLASSES * sizeof *p), *q = p + rows->n * CLOUD_CLASSES;
    assert_int_equal(a->class->predict(a, rows, p, NULL), SL_OK);
    assert_int_equal(b->class->predict(b, rows, q, NULL), SL_OK);
    for (size_t i = 0; i < rows->n * CLOUD_CLASSES; i++)
        assert_true(fabs(p[i] - q[i]) < 1e-3);
    free(p);
    a->class->free(a);
    b->class->free(b);
    cloud_free(c);
}

/* With and without predicting, looking and saving between the steps, from any step on: the same weights. */
static void nothing_between_steps_changes_what_is_learned(void **state)
{
    struct cloud *c = cloud_new(300, 40, 0, false);
    struct recipe r = recipe_gpu();
    (void)state;
    r.mlp.dropout = 0.2;
    r.train.accumulate = 2;
    struct sl_learner *plain = recipe_begin(&r, &c->data, NULL), *busy = recipe_begin(&r, &c->data, NULL);
    double *p = malloc(c->data.test.blocks[0].n * CLOUD_CLASSES * sizeof *p);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(busy->class->inspect(busy, i % 4 == 1, NULL), SL_OK);
        assert_true(steps(plain, 1).loss == steps(busy, 1).loss);
        if (i % 4 == 1) {
            struct sl_inspection *in = NULL;
            assert_int_equal(busy->class->take(busy, &in, NULL), SL_OK);
            assert_int_equal(in->step, i + 1);
            assert_int_equal(in->n_layers, 3);
            sl_inspection_free(in);
        }
        if (i % 5 == 2)
            assert_int_equal(busy->class->predict(busy, &c->data.test.blocks[0], p, NULL), SL_OK);
        if (i % 7 == 3) {
            struct sl_buf saved = { 0 };
            assert_int_equal(busy->class->save(busy, &saved, NULL), SL_OK);
            busy->class->free(busy);
            busy = recipe_begin(&r, &c->data, NULL);
            assert_int_equal(busy->class->load(busy, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
            sl_buf_release(&saved);
        }
    }
    assert_same_weights(plain, busy);
    free(p);
    plain->class->free(plain);
    busy->class->free(busy);
    cloud_free(c);
}

static void what_a_gpu_learned_is_gone_on_with_on_the_processor(void **state)
{
    struct cloud *c = cloud_new(200, 40, 0, true);
    struct recipe r = recipe_gpu(), host = r;
    struct sl_buf saved = { 0 };
    double p[40], q[40];
    (void)state;
    host.devices = NULL;
    struct sl_learner *a = recipe_begin(&r, &c->data, NULL), *b = recipe_begin(&host, &c->data, NULL);
    steps(a, 9);
    assert_int_equal(a->class->save(a, &saved, NULL), SL_OK);
    assert_int_equal(b->class->load(b, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
    assert_same_weights(a, b);
    assert_true(fabs(steps(a, 1).loss - steps(b, 1).loss) < 1e-4);
    assert_true(c->data.test.blocks[0].n <= 40);
    assert_int_equal(a->class->predict(a, &c->data.test.blocks[0], p, NULL), SL_OK);
    assert_int_equal(b->class->predict(b, &c->data.test.blocks[0], q, NULL), SL_OK);
    for (uint32_t i = 0; i < c->data.test.blocks[0].n; i++)
        assert_true(fabs(p[i] - q[i]) < 1e-3);
    sl_buf_release(&saved);
    a->class->free(a);
    b->class->free(b);
    cloud_free(c);
}

static void a_loss_that_is_no_number_is_told_and_spares_the_weights(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, true);
    struct recipe r = recipe_gpu();
    struct sl_point point;
    uint64_t records[8], row[32];
    size_t n, b = 0;
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    sl_loader_rows(network_of(net)->loader, 2, row);
    uint64_t at = row[5];
    while (at >= c->data.train.blocks[b].n)
        at -= c->data.train.blocks[b++].n;
    c->data.train.blocks[b].dense[2 * at] = INFINITY;
    steps(net, 2);
    float *w = weights_of(net, &n);
    assert_int_equal(net->class->step(net, &point, NULL), SL_EDATA);
    assert_int_equal(net->class->guilty(net, records, 8), 1);
    assert_int_equal(records[0], 10 * row[5]);
    float *after = weights_of(net, &n);
    assert_memory_equal(w, after, n * sizeof *w);
    free(w);
    free(after);
    net->class->free(net);
    cloud_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns_what_the_processor_learns),
        cmocka_unit_test(nothing_between_steps_changes_what_is_learned),
        cmocka_unit_test(what_a_gpu_learned_is_gone_on_with_on_the_processor),
        cmocka_unit_test(a_loss_that_is_no_number_is_told_and_spares_the_weights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
