/* test_network.c: a network learns, has the same bits however it is run, goes on where it stopped, and stops when it
 * should. */
#include "network_data.h"

#include <unistd.h>

static void it_learns_classes_and_reports_each_batch_and_epoch(void **state)
{
    struct cloud *c = cloud_new(400, 90, 60, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_point first = steps(net, 1), point;
    struct sl_epoch e = { 0 };
    (void)state;
    assert_int_equal(first.step, 1);
    assert_int_equal(first.rows, 32);
    assert_true(first.loss > 0.5 && first.loss < 2);
    assert_true(first.gradient_norm > 0 && first.learning_rate == 0.01);
    assert_true(isnan(first.test_loss));
    assert_true(net->class->setting(net, "max_iter") == 39);
    assert_false(net->class->epoch(net, &e));
    point = steps(net, 12);
    assert_true(net->class->epoch(net, &e));
    assert_int_equal(e.epoch, 1);
    assert_int_equal(e.step, 13);
    assert_int_equal(point.rows, 400);
    assert_true(point.test_loss == e.val_loss && point.test_accuracy == e.val_accuracy);
    assert_true(e.best && e.loss < first.loss && e.accuracy > 0.4 && e.seconds > 0 && e.rows_per_second > 0);
    assert_true(e.wait_share > 0 && e.wait_share <= 1);
    assert_int_equal(train(net, &e), 2);
    assert_int_equal(e.epoch, 3);
    assert_true(e.accuracy > 0.95 && e.val_accuracy > 0.95 && e.val_loss < 0.3);
    net->class->free(net);
    cloud_free(c);
}

static void an_epochs_loss_is_the_mean_over_its_records(void **state)
{
    struct cloud *c = cloud_new(100, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_epoch e = { 0 };
    double sum = 0, right = 0;
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct sl_point p = steps(net, 1);
        double n = i < 3 ? 32 : 4;
        sum += p.loss * n;
        right += p.train_accuracy * n;
    }
    assert_true(net->class->epoch(net, &e));
    assert_true(fabs(e.loss - sum / 100) < 1e-12 && fabs(e.accuracy - right / 100) < 1e-12);
    assert_true(isnan(e.val_loss) && isnan(e.val_accuracy));
    net->class->free(net);
    cloud_free(c);
}

static void figures_of_an_epoch_are_those_of_its_predictions(void **state)
{
    struct cloud *c = cloud_new(300, 700, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_epoch e = { 0 };
    double loss = 0, right = 0;
    (void)state;
    steps(net, 10);
    assert_true(net->class->epoch(net, &e));
    for (size_t b = 0; b < c->data.test.n_blocks; b++) {
        const struct sl_rows *rows = &c->data.test.blocks[b];
        double *p = malloc(rows->n * CLOUD_CLASSES * sizeof *p);
        assert_int_equal(net->class->predict(net, rows, p, NULL), SL_OK);
        for (uint32_t i = 0; i < rows->n; i++) {
            const double *q = p + (size_t)i * CLOUD_CLASSES;
            assert_true(fabs(q[0] + q[1] + q[2] - 1) < 1e-5);
            uint32_t best = q[1] > q[0] ? 1 : 0;
            best = q[2] > q[best] ? 2 : best;
            right += best == rows->y[i];
            loss -= log(q[rows->y[i]]);
        }
        free(p);
    }
    assert_true(fabs(e.val_loss - loss / 700) < 1e-9);
    assert_true(fabs(e.val_accuracy - right / 700) < 1e-12);
    net->class->free(net);
    cloud_free(c);
}

static void it_learns_a_number(void **state)
{
    struct cloud *c = cloud_new(600, 200, 0, true);
    struct recipe r = recipe_small();
    r.train.epochs = 40;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_epoch e = { 0 };
    double p[200];
    (void)state;
    assert_int_equal(train(net, &e), 40);
    assert_true(e.val_loss < 0.01 && e.loss < 0.01);
    assert_true(isnan(e.accuracy) && isnan(e.val_accuracy));
    const struct sl_rows *rows = &c->data.test.blocks[0];
    assert_int_equal(net->class->predict(net, rows, p, NULL), SL_OK);
    for (uint32_t i = 0; i < rows->n; i++)
        assert_true(fabs(p[i] - (double)rows->target[i]) < 0.5);
    net->class->free(net);
    cloud_free(c);
}

/* --- the same bits --- */

static void weights_do_not_depend_on_threads_workers_or_depth(void **state)
{
    static const int64_t ways[][3] = {
        { 1, SL_NONE, SL_NONE }, { 2, SL_NONE, SL_NONE }, { 4, 0, 0 }, { 1, 2, 8 }, { 2, 1, 1 }, { 4, 3, SL_NONE }
    };
    struct cloud *c = cloud_new(700, 50, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *first = NULL;
    struct sl_pool *pools[6];
    struct sl_epoch e, e_first;
    (void)state;
    r.train.epochs = 2;
    r.mlp.dropout = 0.2;
    for (int k = 0; k < 6; k++) {
        assert_int_equal(sl_pool_new(&pools[k], (int)ways[k][0], NULL), SL_OK);
        r.batch.workers = ways[k][1];
        r.batch.prefetch = ways[k][2];
        struct sl_learner *net = recipe_begin(&r, &c->data, pools[k]);
        train(net, k ? &e : &e_first);
        if (!k) {
            first = net;
            continue;
        }
        assert_same_weights(first, net);
        assert_true(e.loss == e_first.loss && e.val_loss == e_first.val_loss);
        net->class->free(net);
    }
    first->class->free(first);
    for (int k = 0; k < 6; k++)
        sl_pool_free(pools[k]);
    cloud_free(c);
}

static struct sl_learner *copy(const struct sl_learner *from, const struct recipe *r, const struct sl_dataset *data)
{
    struct sl_buf saved = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    struct sl_learner *to = recipe_begin(r, data, NULL);
    assert_int_equal(from->class->save(from, &saved, NULL), SL_OK);
    if (to->class->load(to, (struct sl_str){ saved.p, saved.n }, &err))
        fail_msg("%s", err.what);
    sl_buf_release(&saved);
    return to;
}

static void resume_at(const struct recipe *r, const struct sl_dataset *data, uint64_t at)
{
    struct sl_learner *whole = recipe_begin(r, data, NULL), *left = recipe_begin(r, data, NULL);
    struct sl_epoch a = { 0 }, b = { 0 };
    if (at)
        steps(left, at);
    struct sl_learner *on = copy(left, r, data);
    left->class->free(left);
    train(whole, &a);
    train(on, &b);
    assert_same_weights(whole, on);
    assert_true(a.loss == b.loss && a.step == b.step && a.epoch == b.epoch);
    assert_true((isnan(a.val_loss) && isnan(b.val_loss)) || a.val_loss == b.val_loss);
    whole->class->free(whole);
    on->class->free(on);
}

static void it_goes_on_from_any_step_to_the_same_bits(void **state)
{
    static const int rules = 4;
    struct cloud *c = cloud_new(150, 0, 40, false);
    (void)state;
    for (int rule = 0; rule < rules; rule++)
        for (uint64_t at = 0; at < 15; at += 3 + (uint64_t)rule) {
            struct recipe r = recipe_small();
            r.train.optimizer = rule;
            r.train.momentum = 0.9;
            r.train.accumulate = 1 + rule % 2;
            r.train.schedule = rule % 3;
            r.mlp.dropout = rule == 1 ? 0.3 : 0;
            r.mlp.layer_norm = rule == 2;
            r.train.early_stopping = rule == 3 ? 1 : SL_NONE;
            resume_at(&r, &c->data, at);
        }
    cloud_free(c);
}

static void a_saved_network_that_is_damaged_or_another_is_refused(void **state)
{
    struct cloud *c = cloud_new(100, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = recipe_begin(&r, &c->data, NULL);
    struct sl_buf saved = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    steps(net, 2);
    assert_int_equal(net->class->save(net, &saved, NULL), SL_OK);
    for (size_t n = 0; n < saved.n; n += n < 400 ? 1 : 97)
        assert_int_equal(other->class->load(other, (struct sl_str){ saved.p, n }, NULL), SL_EFORMAT);
    struct recipe wide = r;
    wide.mlp.layer_norm = true;
    struct sl_learner *wider = recipe_begin(&wide, &c->data, NULL);
    assert_int_equal(wider->class->load(wider, (struct sl_str){ saved.p, saved.n }, &err), SL_EFORMAT);
    assert_non_null(strstr(err.what, "this recipe makes"));
    steps(other, 2);
    assert_same_weights(net, other);
    net->class->free(net);
    other->class->free(other);
    wider->class->free(wider);
    sl_buf_release(&saved);
    cloud_free(c);
}

static void any_bytes_can_be_loaded_and_trained_on(void **state)
{
    struct cloud *c = cloud_new(100, 0, 20, false);
    struct recipe r = recipe_small();
    r.train.early_stopping = 2;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = recipe_begin(&r, &c->data, NULL);
    struct sl_buf saved = { 0 };
    int loaded = 0;
    (void)state;
    steps(net, 5);
    assert_int_equal(net->class->save(net, &saved, NULL), SL_OK);
    for (size_t i = 0; i < saved.n; i += i < 600 ? 1 : 61)
        for (int bit = 0; bit < 8; bit += 3) {
            struct sl_point point;
            saved.p[i] ^= (char)(1 << bit);
            int status = other->class->load(other, (struct sl_str){ saved.p, saved.n }, NULL);
            assert_true(status == SL_OK || status == SL_EFORMAT);
            if (!status && loaded++ % 4 == 0) {
                status = other->class->step(other, &point, NULL);
                assert_true(status == SL_OK || status == SL_EEND || status == SL_EDATA);
            }
            saved.p[i] ^= (char)(1 << bit);
        }
    assert_true(loaded > 100);
    net->class->free(net);
    other->class->free(other);
    sl_buf_release(&saved);
    cloud_free(c);
}

static void a_network_loaded_without_records_predicts_the_same(void **state)
{
    struct cloud *c = cloud_new(200, 300, 0, false), *shape = cloud_new(0, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    const struct sl_rows *rows = &c->data.test.blocks[0];
    double *p = malloc(2 * rows->n * CLOUD_CLASSES * sizeof *p), *q = p + rows->n * CLOUD_CLASSES;
    (void)state;
    steps(net, 9);
    struct sl_learner *loaded = copy(net, &r, &shape->data);
    assert_int_equal(net->class->predict(net, rows, p, NULL), SL_OK);
    assert_int_equal(loaded->class->predict(loaded, rows, q, NULL), SL_OK);
    assert_memory_equal(p, q, rows->n * CLOUD_CLASSES * sizeof *p);
    struct sl_point point;
    assert_int_equal(loaded->class->step(loaded, &point, NULL), SL_ESTATE);
    free(p);
    net->class->free(net);
    loaded->class->free(loaded);
    cloud_free(c);
    cloud_free(shape);
}

struct crowd {
    struct sl_learner *net;
    const struct sl_rows *rows;
    double *alone;
    _Atomic int wrong;
};

static void predict_one(void *ctx, size_t i, int worker)
{
    struct crowd *c = ctx;
    double *p = malloc(c->rows->n * CLOUD_CLASSES * sizeof *p);
    (void)i, (void)worker;
    if (c->net->class->predict(c->net, c->rows, p, NULL) ||
        memcmp(p, c->alone, c->rows->n * CLOUD_CLASSES * sizeof *p) != 0)
        c->wrong++;
    free(p);
}

static void several_threads_predict_at_once(void **state)
{
    struct cloud *c = cloud_new(100, 600, 0, false);
    struct recipe r = recipe_small();
    struct sl_pool *pool = NULL;
    (void)state;
    assert_int_equal(sl_pool_new(&pool, 3, NULL), SL_OK);
    struct sl_learner *net = recipe_begin(&r, &c->data, pool);
    steps(net, 4);
    struct crowd crowd = { net, &c->data.test.blocks[0], NULL, 0 };
    crowd.alone = malloc(crowd.rows->n * CLOUD_CLASSES * sizeof *crowd.alone);
    assert_int_equal(net->class->predict(net, crowd.rows, crowd.alone, NULL), SL_OK);
    sl_pool_for(pool, 24, predict_one, &crowd);
    assert_int_equal(crowd.wrong, 0);
    free(crowd.alone);
    net->class->free(net);
    sl_pool_free(pool);
    cloud_free(c);
}

static void it_begins_with_the_weights_of_a_file(void **state)
{
    static char path[] = "/tmp/sluice-weights-XXXXXX";
    struct cloud *c = cloud_new(100, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = NULL;
    struct sl_error err = SL_ERROR_INIT;
    int file = mkstemp(path);
    (void)state;
    assert_true(file >= 0);
    close(file);
    steps(net, 6);
    assert_int_equal(net->class->export_weights(net, path, NULL), SL_OK);
    r.mlp.weights = path;
    r.train.random_state = 7;
    other = recipe_begin(&r, &c->data, NULL);
    assert_same_weights(net, other);
    other->class->free(other);
    r.mlp.hidden = (struct sl_names){ 0 };
    assert_int_equal(recipe_try(&r, &c->data, NULL, &other, &err), SL_ESCHEMA);
    assert_non_null(strstr(err.what, "dense_1.weight"));
    unlink(path);
    net->class->free(net);
    cloud_free(c);
}

/* --- stopping --- */

static void early_stopping_waits_its_patience_and_gives_back_the_best_weights(void **state)
{
    struct cloud *c = cloud_new(60, 0, 400, false);
    struct recipe r = recipe_small();
    r.train.epochs = 1000;
    r.train.learning_rate = 0.05;
    r.train.early_stopping = 3;
    for (size_t b = 0; b < c->data.validation.n_blocks; b++) /* what cannot be known makes certainty costly */
        for (uint32_t i = 0; i < c->data.validation.blocks[b].n; i += 5)
            c->data.validation.blocks[b].y[i] = (c->data.validation.blocks[b].y[i] + 1) % CLOUD_CLASSES;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_epoch e = { 0 }, best = { 0 };
    struct sl_point point;
    double loss, accuracy;
    (void)state;
    while (!net->class->step(net, &point, NULL))
        if (net->class->epoch(net, &e) && e.best)
            best = e;
    assert_true(e.epoch < 1000);
    assert_int_equal(e.epoch, best.epoch + 3);
    assert_int_equal(point.step, e.step);
    assert_int_equal(network_evaluate(network_of(net), &c->data.validation, &loss, &accuracy, NULL), SL_OK);
    assert_true(loss == best.val_loss && accuracy == best.val_accuracy);
    assert_int_equal(net->class->step(net, &point, NULL), SL_EEND);
    net->class->free(net);
    cloud_free(c);
}

static void test_records_never_decide_when_to_stop(void **state)
{
    struct cloud *c = cloud_new(100, 50, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    assert_int_equal(network_monitor(network_of(net)), MONITOR_LOSS);
    net->class->free(net);
    r.train.monitor = MONITOR_VAL_LOSS;
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "there are no validation records for monitor=val_loss to watch");
    cloud_free(c);
}

/* --- what was asked for counts --- */

static void rates_follow_the_schedule(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, false);
    struct recipe r = recipe_small();
    (void)state;
    r.train.schedule = SCHEDULE_COSINE;
    r.train.warmup_steps = 5;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    for (uint64_t i = 0; i < 30; i++) {
        struct sl_point p = steps(net, 1);
        double done = ((double)i - 5) / 25,
               wanted = i < 5 ? 0.01 * (double)i / 5 : 0.01 * 0.5 * (1 + cos(3.14159265358979323846 * done));
        if (fabs(p.learning_rate - wanted) > 1e-12)
            fail_msg("step %llu has rate %g, not %g", (unsigned long long)i, p.learning_rate, wanted);
    }
    net->class->free(net);
    cloud_free(c);
}

static void tuned_parameters_count_from_the_next_step_and_are_kept(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    steps(net, 2);
    assert_int_equal(net->class->tune(net, "learning_rate", "0.5", NULL), SL_OK);
    assert_int_equal(net->class->tune(net, "epochs", "7", NULL), SL_OK);
    assert_true(steps(net, 1).learning_rate == 0.5);
    assert_true(net->class->setting(net, "max_iter") == 70 && net->class->setting(net, "learning_rate") == 0.5);
    struct sl_learner *on = copy(net, &r, &c->data);
    assert_true(on->class->setting(on, "max_iter") == 70);
    assert_true(steps(on, 1).learning_rate == 0.5);
    assert_int_equal(net->class->tune(net, "momentum", "0.5", &err), SL_EPARAM);
    assert_string_equal(err.what, "optimizer=adam has no \"momentum\"");
    assert_int_equal(net->class->tune(net, "learning_rat", "0.5", &err), SL_EPARAM);
    assert_string_equal(err.fix, "did you mean \"learning_rate\"?");
    assert_int_equal(net->class->tune(net, "hidden", "7", &err), SL_EPARAM);
    assert_string_equal(err.fix, "stop, then: set mlp.hidden=…, and train anew");
    assert_int_equal(net->class->tune(net, "learning_rate", "-1", &err), SL_EPARAM);
    assert_string_equal(err.param, "learning_rate");
    net->class->free(net);
    on->class->free(on);
    cloud_free(c);
}

static void steps_per_epoch_cuts_epochs_and_the_stream_goes_on(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, false);
    struct recipe r = recipe_small();
    struct sl_epoch e = { 0 };
    (void)state;
    struct sl_learner *whole = recipe_begin(&r, &c->data, NULL);
    r.train.steps_per_epoch = 6;
    r.train.epochs = 5;
    struct sl_learner *cut = recipe_begin(&r, &c->data, NULL);
    assert_int_equal(train(whole, &e), 3);
    assert_int_equal(e.step, 30);
    assert_int_equal(train(cut, &e), 5);
    assert_int_equal(e.step, 30);
    assert_same_weights(whole, cut);
    whole->class->free(whole);
    cut->class->free(cut);
    cloud_free(c);
}

static void class_weights_move_the_network(void **state)
{
    static char balanced[] = "balanced", one[] = "1", two[] = "2", many[] = "100";
    static char *words[] = { balanced }, *numbers[] = { many, one, one }, *few[] = { one, two };
    struct cloud *c = cloud_new(320, 600, 0, false);
    struct recipe r = recipe_small();
    struct sl_error err = SL_ERROR_INIT;
    struct sl_learner *net = NULL;
    (void)state;
    r.train.class_weight = (struct sl_names){ few, 2 };
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "'class_weight' has 2 numbers, but there are 3 classes");
    double share[3];
    for (int k = 0; k < 3; k++) {
        r.train.class_weight = k == 0 ? (struct sl_names){ 0 }
                                      : (struct sl_names){ k == 1 ? words : numbers, k == 1 ? 1 : 3 };
        r.train.epochs = 1;
        net = recipe_begin(&r, &c->data, NULL);
        struct sl_epoch e;
        train(net, &e);
        const struct sl_rows *rows = &c->data.test.blocks[0];
        double *p = malloc(rows->n * 3 * sizeof *p);
        assert_int_equal(net->class->predict(net, rows, p, NULL), SL_OK);
        share[k] = 0;
        for (uint32_t i = 0; i < rows->n; i++)
            share[k] += p[(size_t)i * 3] / rows->n;
        free(p);
        net->class->free(net);
    }
    assert_true(fabs(share[1] - share[0]) < 0.05);
    assert_true(share[2] > share[0] + 0.1);
    cloud_free(c);
}

static void a_loss_that_is_no_number_names_its_records_and_spares_the_weights(void **state)
{
    struct cloud *c = cloud_new(320, 0, 0, true);
    struct recipe r = recipe_small();
    struct sl_error err = SL_ERROR_INIT;
    struct sl_point point;
    uint64_t records[8];
    size_t n, before = 0;
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    uint64_t row[32];
    assert_int_equal(sl_loader_rows(network_of(net)->loader, 2, row), 32);
    uint64_t at = row[5], b = 0;
    while (at >= c->data.train.blocks[b].n)
        at -= c->data.train.blocks[b++].n;
    c->data.train.blocks[b].dense[2 * at] = INFINITY;
    steps(net, 2);
    float *w = weights_of(net, &n);
    assert_int_equal(net->class->step(net, &point, &err), SL_EDATA);
    assert_non_null(strstr(err.what, "not finite in epoch 1, batch 3"));
    assert_int_equal(net->class->guilty(net, records, 8), 1);
    assert_int_equal(records[0], 10 * row[5]);
    float *after = weights_of(net, &before);
    assert_memory_equal(w, after, n * sizeof *w);
    free(w);
    free(after);
    net->class->free(net);
    cloud_free(c);
}

static void settings_that_make_no_sense_are_refused(void **state)
{
    struct cloud *c = cloud_new(100, 0, 0, false), *line = cloud_new(100, 0, 0, true);
    struct recipe r = recipe_small();
    struct sl_learner *net = NULL;
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    r.train.loss = LOSS_SQUARED_ERROR;
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "loss=mean_squared_error does not go with classes");
    r.train.loss = LOSS_AUTO;
    r.train.label_smoothing = 0.1;
    assert_int_equal(recipe_try(&r, &line->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "label_smoothing has no meaning when a number is learned");
    static char word[] = "12x";
    static char *hidden[] = { word };
    r = recipe_small();
    r.mlp.hidden = (struct sl_names){ hidden, 1 };
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "'hidden' cannot have '12x' (layer 1 of 1): it is no number of units");
    cloud_free(c);
    cloud_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_learns_classes_and_reports_each_batch_and_epoch),
        cmocka_unit_test(an_epochs_loss_is_the_mean_over_its_records),
        cmocka_unit_test(figures_of_an_epoch_are_those_of_its_predictions),
        cmocka_unit_test(it_learns_a_number),
        cmocka_unit_test(weights_do_not_depend_on_threads_workers_or_depth),
        cmocka_unit_test(it_goes_on_from_any_step_to_the_same_bits),
        cmocka_unit_test(a_saved_network_that_is_damaged_or_another_is_refused),
        cmocka_unit_test(any_bytes_can_be_loaded_and_trained_on),
        cmocka_unit_test(a_network_loaded_without_records_predicts_the_same),
        cmocka_unit_test(several_threads_predict_at_once),
        cmocka_unit_test(it_begins_with_the_weights_of_a_file),
        cmocka_unit_test(early_stopping_waits_its_patience_and_gives_back_the_best_weights),
        cmocka_unit_test(test_records_never_decide_when_to_stop),
        cmocka_unit_test(rates_follow_the_schedule),
        cmocka_unit_test(tuned_parameters_count_from_the_next_step_and_are_kept),
        cmocka_unit_test(steps_per_epoch_cuts_epochs_and_the_stream_goes_on),
        cmocka_unit_test(class_weights_move_the_network),
        cmocka_unit_test(a_loss_that_is_no_number_names_its_records_and_spares_the_weights),
        cmocka_unit_test(settings_that_make_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
