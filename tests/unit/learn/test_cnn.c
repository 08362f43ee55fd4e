/* test_cnn.c: networks of pictures as learners: they learn, go on from a checkpoint to the same bits, predict with
 * their running statistics, begin with others' weights, keep frozen parts; and what they refuse. */
#include "network_data.h"

#include <stdio.h>
#include <unistd.h>

static char folder[] = "/tmp/sluice-cnn-XXXXXX";

static const char *at(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    return 0;
}

static int tear_down(void **state)
{
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* A recipe with these layers, its words in static memory. */
static struct recipe small_cnn(const char *layers)
{
    static struct cnn_params params;
    static char text[256], *words[SL_LAYERS_MAX];
    struct recipe r = recipe_small();
    params = *(const struct cnn_params *)sl_stage_cnn.defaults;
    params.layers = (struct sl_names){ words, 0 };
    snprintf(text, sizeof text, "%s", layers);
    char *rest = NULL;
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        words[params.layers.n++] = word;
    r.kind = &network_cnn;
    r.params = &params;
    return r;
}

static const char *const with_everything =
    "conv8,bn,pool,conv8x3s1,dropout0.1,meanpool3s1,flatten,dense16,bn,dropout0.2";

static void a_cnn_learns_pictures(void **state)
{
    struct cloud *c = cloud_new(300, 60, 0, false);
    struct recipe r = small_cnn("conv8,bn,pool,flatten,dense16");
    struct sl_epoch last = { 0 };
    (void)state;
    r.train.epochs = 6;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    assert_int_equal(train(net, &last), 6);
    if (!(last.accuracy > 0.97 && last.val_accuracy > 0.97))
        fail_msg("it got %g right, of those it never saw %g", last.accuracy, last.val_accuracy);
    net->class->free(net);
    cloud_free(c);
}

static void a_cnn_goes_on_from_a_checkpoint_to_the_same_bits_with_any_threads(void **state)
{
    struct cloud *c = cloud_new(150, 30, 0, false);
    struct recipe r = small_cnn(with_everything);
    struct sl_buf saved = { 0 };
    struct sl_pool *pool = NULL;
    (void)state;
    assert_int_equal(sl_pool_new(&pool, 3, NULL), SL_OK);
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = recipe_begin(&r, &c->data, pool);
    steps(net, 7);
    assert_int_equal(net->class->save(net, &saved, NULL), SL_OK);
    assert_int_equal(other->class->load(other, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
    assert_same_weights(net, other);
    steps(net, 5);
    steps(other, 5);
    assert_same_weights(net, other);
    sl_buf_release(&saved);
    net->class->free(net);
    other->class->free(other);
    sl_pool_free(pool);
    cloud_free(c);
}

static void predictions_do_not_depend_on_who_else_is_predicted(void **state)
{
    struct cloud *c = cloud_new(120, 40, 0, false);
    struct recipe r = small_cnn(with_everything);
    double all[40 * CLOUD_CLASSES], one[CLOUD_CLASSES];
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL);
    steps(net, 4);
    struct sl_rows *rows = &c->data.test.blocks[0], alone = *rows;
    assert_true(rows->n <= 40);
    assert_int_equal(net->class->predict(net, rows, all, NULL), SL_OK);
    alone.n = 1;
    for (uint32_t i = 0; i < rows->n; i++) {
        alone.bytes = rows->bytes + (size_t)i * CLOUD_WIDTH;
        assert_int_equal(net->class->predict(net, &alone, one, NULL), SL_OK);
        for (int k = 0; k < CLOUD_CLASSES; k++)
            if (fabs(one[k] - all[i * CLOUD_CLASSES + (size_t)k]) > 1e-5)
                fail_msg("row %u, class %d: %g alone, %g among others", i, k, one[k],
                         all[i * CLOUD_CLASSES + (size_t)k]);
    }
    net->class->free(net);
    cloud_free(c);
}

static void looking_changes_nothing(void **state)
{
    struct cloud *c = cloud_new(100, 0, 0, false);
    struct recipe r = small_cnn(with_everything);
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = recipe_begin(&r, &c->data, NULL);
    struct sl_inspection *seen = NULL;
    assert_int_equal(other->class->inspect(other, true, NULL), SL_OK);
    assert_int_equal(other->class->take(other, &seen, NULL), SL_OK);
    sl_inspection_free(seen);
    seen = NULL;
    steps(net, 3);
    steps(other, 3);
    assert_int_equal(other->class->take(other, &seen, NULL), SL_OK);
    assert_same_weights(net, other);
    assert_string_equal(seen->layers[0].name, "conv_1");
    assert_string_equal(seen->layers[1].kind, "batch norm relu");
    assert_int_equal(seen->layers[1].parameters, 16);
    sl_inspection_free(seen);
    net->class->free(net);
    other->class->free(other);
    cloud_free(c);
}

/* --- resnet --- */

static struct recipe small_resnet(int freeze, char *weights)
{
    static struct resnet_params params;
    struct recipe r = recipe_small();
    params = (struct resnet_params){ .depth = 0, .freeze = freeze, .weights = weights };
    r.kind = &network_resnet;
    r.params = &params;
    r.batch.size = 8;
    return r;
}

static const struct sl_parameter *parameter(struct sl_learner *net, const char *name)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(network_of(net)->graph, &list);
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    fail_msg("there is no \"%s\"", name);
    return NULL;
}

/* Do two networks hold the same in it? */
static bool same(struct sl_learner *a, struct sl_learner *b, const char *name)
{
    const struct sl_parameter *p = parameter(a, name), *q = parameter(b, name);
    return p->n == q->n && memcmp(sl_graph_w(network_of(a)->graph) + p->first,
                                  sl_graph_w(network_of(b)->graph) + q->first, p->n * sizeof(float)) == 0;
}

static void weights_for_other_classes_are_taken_but_for_fc(void **state)
{
    static char path[128];
    struct cloud *c = cloud_new(24, 0, 0, false);
    struct recipe r = small_resnet(0, NULL);
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *tuned = NULL, *whole = NULL;
    steps(net, 1);
    snprintf(path, sizeof path, "%s", at("three.safetensors"));
    assert_int_equal(net->class->export_weights(net, path, NULL), SL_OK);
    r = small_resnet(0, path);
    r.train.random_state = 5;
    whole = recipe_begin(&r, &c->data, NULL);
    assert_same_weights(net, whole);
    assert_null(whole->class->notice(whole));
    c->data.n_classes = 2;
    for (size_t b = 0; b < c->data.train.n_blocks; b++)
        for (uint32_t i = 0; i < c->data.train.blocks[b].n; i++)
            c->data.train.blocks[b].y[i] %= 2;
    tuned = recipe_begin(&r, &c->data, NULL);
    const char *says = tuned->class->notice(tuned);
    assert_non_null(says);
    assert_non_null(strstr(says, "\"fc.*\" is not in '"));
    assert_true(same(net, tuned, "layer4.1.bn2.running_var") && same(net, tuned, "conv1.weight"));
    net->class->free(net);
    whole->class->free(whole);
    tuned->class->free(tuned);
    cloud_free(c);
}

static void weights_of_another_depth_are_refused(void **state)
{
    static char path[128];
    static struct resnet_params deeper;
    struct cloud *c = cloud_new(24, 0, 0, false);
    struct recipe r = small_resnet(0, NULL);
    struct sl_error err = SL_ERROR_INIT;
    (void)state;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *other = NULL;
    snprintf(path, sizeof path, "%s", at("18.safetensors"));
    assert_int_equal(net->class->export_weights(net, path, NULL), SL_OK);
    deeper = (struct resnet_params){ .depth = 1, .weights = path };
    r.params = &deeper;
    assert_int_equal(recipe_try(&r, &c->data, NULL, &other, &err), SL_ESCHEMA);
    assert_string_equal(err.what, "the file has no tensor 'layer1.2.conv1.weight', which the network needs");
    net->class->free(net);
    cloud_free(c);
}

static void what_is_frozen_stays_and_the_rest_learns(void **state)
{
    struct cloud *c = cloud_new(24, 0, 0, false);
    struct recipe r = small_resnet(SL_RESNET_LAYER4, NULL);
    (void)state;
    r.train.optimizer = 1; /* adamw: its decay must not reach them either */
    r.train.weight_decay = 0.5;
    struct sl_learner *net = recipe_begin(&r, &c->data, NULL), *begun = recipe_begin(&r, &c->data, NULL);
    steps(net, 3);
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(network_of(net)->graph, &list);
    for (size_t i = 0; i < n; i++)
        if (same(net, begun, list[i].name) == (strncmp(list[i].name, "fc.", 3) == 0))
            fail_msg("\"%s\" should %s", list[i].name, strncmp(list[i].name, "fc.", 3) ? "stay" : "learn");
    struct sl_inspection *seen = NULL;
    assert_int_equal(net->class->inspect(net, true, NULL), SL_OK);
    steps(net, 1);
    assert_int_equal(net->class->take(net, &seen, NULL), SL_OK);
    sl_inspection_free(seen);
    net->class->free(net);
    begun->class->free(begun);
    cloud_free(c);
}

/* --- refusals --- */

static void a_word_that_is_no_layer_is_named_with_its_place(void **state)
{
    struct cloud *c = cloud_new(24, 0, 0, false);
    struct recipe r = small_cnn("conv8,bnn,dense4");
    struct sl_error err = SL_ERROR_INIT;
    struct sl_learner *net = NULL;
    (void)state;
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_string_equal(err.what, "'layers' cannot have 'bnn' (layer 2 of 3): it is no layer");
    assert_string_equal(err.param, "layers");
    cloud_free(c);
}

static void layers_too_many_for_the_pictures_are_refused(void **state)
{
    struct cloud *c = cloud_new(24, 0, 0, false);
    struct recipe r = small_cnn("pool,pool,pool,pool,conv8");
    struct sl_error err = SL_ERROR_INIT;
    struct sl_learner *net = NULL;
    (void)state;
    ((struct cnn_params *)(uintptr_t)r.params)->padding = 1; /* valid */
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "\"pool_3\": a window of 2 × 2 does not fit into \"pool_2\" (1, 1, 1)"));
    assert_string_equal(err.stage, "cnn");
    assert_string_equal(err.param, "layers");
    c->data.height = 0;
    r = small_cnn("conv8");
    assert_int_equal(recipe_try(&r, &c->data, NULL, &net, &err), SL_ESCHEMA);
    assert_non_null(strstr(err.what, "\"cnn\" learns from one column of pictures"));
    cloud_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cnn_learns_pictures),
        cmocka_unit_test(a_cnn_goes_on_from_a_checkpoint_to_the_same_bits_with_any_threads),
        cmocka_unit_test(predictions_do_not_depend_on_who_else_is_predicted),
        cmocka_unit_test(looking_changes_nothing),
        cmocka_unit_test(weights_for_other_classes_are_taken_but_for_fc),
        cmocka_unit_test(weights_of_another_depth_are_refused),
        cmocka_unit_test(what_is_frozen_stays_and_the_rest_learns),
        cmocka_unit_test(a_word_that_is_no_layer_is_named_with_its_place),
        cmocka_unit_test(layers_too_many_for_the_pictures_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
