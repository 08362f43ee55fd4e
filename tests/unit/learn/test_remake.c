/* test_remake.c: trainings whose rows are not kept but made again from the files: the same to the bit, and no larger
 * when there are more of them. */
#include "engine/learn/network.h"

#include "sluice/digest.h"
#include "sluice/loader.h"
#include "tests/unit/data/images_try.h"
#include "tests/unit/pipeline/recipe_try.h"

enum { MANY = 44 };

static int set_up(void **state)
{
    int status = images_set_up(state);
    for (unsigned i = 0; i < MANY && !status; i++) {
        char name[64];
        snprintf(name, sizeof name, "photos/%c/%02u.png", 'a' + (int)(i % 2), i);
        images_png(name, 9 + i % 5, 8 + i % 7, i % 2 ? 90 + 3 * i : 10 + 2 * i);
    }
    images_store("photos/b/broken.png", "x", 1);
    return status;
}

struct trial {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_run *run;
    struct sl_digests *digests;
    struct sl_dataset *data;
    struct sl_learner *learner;
    float *weights;
    size_t n_weights;
    double *outputs; /* of the test records */
    uint32_t *y;
    struct sl_point last;
};

static int prepare(struct trial *t, const char *text, int threads, uint64_t memory, struct sl_error *err)
{
    char base[256];
    memset(t, 0, sizeof *t);
    snprintf(base, sizeof base, "%s", images_path("."));
    const struct sl_pipeline_options options = { .base = base };
    recipe_parse(&t->recipe, text);
    assert_int_equal(sl_pool_new(&t->pool, threads, err), SL_OK);
    assert_int_equal(sl_digests_new(&t->digests, err), SL_OK);
    if (sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &options, err))
        fail_msg("%s; %s", err->what, err->fix);
    sl_pipeline_reader(t->pipeline)->block_bytes = 600;
    const struct sl_run_options how = { .pool = t->pool, .memory = memory, .digests = t->digests };
    return sl_dataset_new(&t->data, &t->run, t->pipeline, &how, err);
}

static void release(struct trial *t)
{
    if (t->learner)
        t->learner->class->free(t->learner);
    free(t->weights);
    free(t->outputs);
    free(t->y);
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_digests_free(t->digests);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

static void train(struct trial *t, const char *text, int threads, uint64_t memory)
{
    struct sl_error err = SL_ERROR_INIT;
    if (prepare(t, text, threads, memory, &err))
        fail_msg("%s; %s", err.what, err.fix);
    struct sl_stage *stage = sl_pipeline_find(t->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    int status = class->begin(&t->learner, t->pipeline, stage, t->data, t->pool, memory, &err);
    while (!status)
        status = class->step(t->learner, &t->last, &err);
    if (status != SL_EEND)
        fail_msg("%s; %s", err.what, err.fix);
    assert_int_equal(class->copy_weights(t->learner, &t->weights, &t->n_weights, &err), SL_OK);
    status = sl_learner_evaluate(t->learner, &t->data->test, t->data->n_classes, t->pool, &t->outputs, &t->y, &err);
    assert_int_equal(status, SL_OK);
}

static void same(const struct trial *a, const struct trial *b)
{
    size_t n = (size_t)a->data->test.n;
    assert_true(a->n_weights > 0 && n > 0);
    assert_int_equal(a->n_weights, b->n_weights);
    assert_int_equal(memcmp(a->weights, b->weights, a->n_weights * sizeof *a->weights), 0);
    assert_int_equal(n, b->data->test.n);
    assert_int_equal(memcmp(a->outputs, b->outputs, n * a->data->n_classes * sizeof *a->outputs), 0);
    assert_int_equal(memcmp(a->y, b->y, n * sizeof *a->y), 0);
    assert_int_equal(a->digests->train_rows, b->digests->train_rows);
    assert_int_equal(a->digests->test_rows, b->digests->test_rows);
    assert_true(a->last.test_loss == b->last.test_loss && a->last.loss == b->last.loss);
    assert_int_equal(a->data->train.nonzeros, b->data->train.nonzeros);
}

#define READ    "read images photos\n"
#define SPLIT   "split test_size=0.25 random_state=1 stratify=true\n"
#define SIZE    "resize image width=12 height=10\n"
#define AUGMENT "augment image rotation_range=20 width_shift_range=0.2 horizontal_flip=true\n"
#define TRAIN   "cnn layers=conv4,bn,pool,dense8\ntrain optimizer=adam epochs=3 class_weight=balanced\n"

/* What stands before `batch`, and behind it. */
static const char *const recipes[][2] = {
    { READ SPLIT SIZE AUGMENT "rescale image scale=1/255\n", TRAIN },
    { READ SPLIT SIZE "rescale image scale=1/255\n", TRAIN },
    { READ SIZE SPLIT AUGMENT "standardize image\n", TRAIN },
    { READ SPLIT SIZE "standardize image\n", "mlp hidden=8 dropout=0.2\ntrain epochs=3\n" },
    { READ SPLIT SIZE "mixup alpha=0.4\n" AUGMENT "cutmix\nrescale image scale=1/255\n", TRAIN },
    { READ SIZE SPLIT, "mlp hidden=8\ntrain optimizer=sgd epochs=2 accumulate=2\n" },
};

static void the_same_is_learned_whether_rows_are_kept_or_made_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct trial kept, remade;
        char text[1000];
        snprintf(text, sizeof text, "%sbatch size=8 cache=memory\n%s", recipes[i][0], recipes[i][1]);
        train(&kept, text, 1, 64u << 20);
        assert_null(kept.data->remake);
        for (int k = 0; k < 3; k++) {
            static const char *const ways[] = { "prefetch=0", "workers=2 prefetch=3", "prefetch=auto" };
            snprintf(text, sizeof text, "%sbatch size=8 cache=none %s\n%s", recipes[i][0], ways[k], recipes[i][1]);
            train(&remade, text, k + 1, 64u << 20);
            assert_non_null(remade.data->remake);
            same(&kept, &remade);
            release(&remade);
        }
        release(&kept);
    }
}

/* Bytes of rows that are held for n pictures of 48 × 48. */
static uint64_t held(unsigned n, const char *batch, uint64_t memory, bool *remade)
{
    struct trial t;
    struct sl_error err = SL_ERROR_INIT;
    char text[400], name[64];
    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, "of%u/%c/%03u.png", n, 'a' + (int)(i % 2), i);
        images_png(name, 20, 20, i % 250);
    }
    snprintf(text, sizeof text,
             "read images of%u\nsplit test_size=0.25 random_state=1\nresize image width=48 height=48\n%s\nmlp\n", n,
             batch);
    if (prepare(&t, text, 2, memory, &err))
        fail_msg("%s; %s", err.what, err.fix);
    *remade = t.data->remake != NULL;
    uint64_t bytes = t.data->held + t.data->map_bytes + sl_run_result(t.run)->stored;
    release(&t);
    return bytes;
}

static void eight_times_the_pictures_hold_no_more_memory(void **state)
{
    (void)state;
    bool remade;
    uint64_t few = held(20, "batch cache=none", 64u << 20, &remade);
    assert_true(remade);
    uint64_t many = held(160, "batch cache=none", 64u << 20, &remade);
    assert_true(remade);
    assert_in_range(many - few, 1, 140 * 200); /* numbers and labels; a row has 6,912 bytes */
    uint64_t kept = held(160, "batch cache=memory", 64u << 20, &remade);
    assert_false(remade);
    assert_in_range(kept, (uint64_t)160 * 48 * 48 * 3, UINT64_MAX);
}

static void rows_are_kept_by_themselves_as_long_as_half_the_budget_has_room(void **state)
{
    (void)state;
    bool remade;
    uint64_t row = 48 * 48 * 3;
    held(30, "batch", 30 * row * 2 + 64, &remade);
    assert_false(remade);
    held(30, "batch", 30 * row * 2 - 64, &remade);
    assert_true(remade);
    held(30, "batch cache=disk", 1000, &remade);
    assert_false(remade);
}

/* Bytes of batches that lie ahead when the last step was done. */
static uint64_t ahead(const struct trial *t)
{
    struct sl_loader_counts counts;
    sl_loader_counts(network_of(t->learner)->loader, &counts);
    return counts.held;
}

static void fewer_batches_lie_ahead_rather_than_more_than_the_budget(void **state)
{
    (void)state;
    struct trial all, t;
    char text[1000];
    snprintf(text, sizeof text, "%sbatch size=8 cache=none workers=2 prefetch=40\n%s", recipes[0][0], recipes[0][1]);
    train(&all, text, 2, 256u << 20);
    const struct network *net = network_of(all.learner);
    uint64_t taken = all.data->held + sl_graph_bytes(net->graph) + 2 * sizeof(float) * sl_graph_weights(net->graph);
    uint64_t batch = ahead(&all) / 40;
    assert_in_range(batch, 8 * 12 * 10 * 3 * sizeof(float), 8 * 12 * 10 * 3 * sizeof(float) + 8 * 64);
    for (uint64_t room = 0; room < 4; room++) {
        train(&t, text, 2, taken + room * batch + 1);
        same(&all, &t);
        assert_in_range(ahead(&t), 0, room * batch);
        assert_true((ahead(&t) > 0) == (room > 0));
        release(&t);
    }
    release(&all);
}

static void what_can_be_read_only_forward_is_not_left_out(void **state)
{
    (void)state;
    struct trial t;
    struct sl_error err = SL_ERROR_INIT;
    images_store("a.csv", "x,y,kind\n1,2,a\n3,4,b\n5,6,a\n", 27);
    assert_int_equal(prepare(&t, "read csv a.csv\nlabel kind\nbatch cache=none\nmlp\n", 1, 1u << 20, &err), SL_EPARAM);
    assert_non_null(strstr(err.what, "cache=none cannot be"));
    assert_non_null(strstr(err.fix, "auto"));
    release(&t);
}

static void a_picture_that_goes_away_meanwhile_ends_the_training_with_its_name(void **state)
{
    (void)state;
    struct trial t;
    struct sl_error err = SL_ERROR_INIT;
    char text[500];
    snprintf(text, sizeof text, "%sbatch size=8 cache=none\n%s", recipes[0][0], recipes[0][1]);
    if (prepare(&t, text, 2, 64u << 20, &err))
        fail_msg("%s; %s", err.what, err.fix);
    struct sl_stage *stage = sl_pipeline_find(t.pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    images_store("photos/b/05.png", "changed", 7);
    images_store("photos/a/06.png", "changed", 7);
    images_store("photos/a/08.png", "changed", 7);
    images_store("photos/b/09.png", "changed", 7);
    int status = class->begin(&t.learner, t.pipeline, stage, t.data, t.pool, 64u << 20, &err);
    while (!status)
        status = class->step(t.learner, &t.last, &err);
    assert_int_equal(status, SL_EIO);
    assert_non_null(strstr(err.what, "has changed since it was first read"));
    release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_is_learned_whether_rows_are_kept_or_made_again),
        cmocka_unit_test(eight_times_the_pictures_hold_no_more_memory),
        cmocka_unit_test(rows_are_kept_by_themselves_as_long_as_half_the_budget_has_room),
        cmocka_unit_test(fewer_batches_lie_ahead_rather_than_more_than_the_budget),
        cmocka_unit_test(what_can_be_read_only_forward_is_not_left_out),
        cmocka_unit_test(a_picture_that_goes_away_meanwhile_ends_the_training_with_its_name),
    };
    return cmocka_run_group_tests(tests, set_up, images_tear_down);
}
