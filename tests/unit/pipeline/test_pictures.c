/* test_pictures.c: pictures from an IDX file all the way to a learner's rows: as bytes between, as floats at the end.
 */
#include "recipe_try.h"

#include "sluice/digest.h"
#include "sluice/step.h"

#include <math.h>

static char folder[] = "/tmp/sluice-pictures-XXXXXX";
enum { N = 1500, HEIGHT = 4, BREADTH = 3, WIDTH = HEIGHT * BREADTH };

static uint8_t pixel(uint32_t record, uint32_t k)
{
    uint32_t draw[4];
    sl_philox(9, SL_RANDOM_SAMPLE, 0, record, k / 4, draw);
    return record == 7 || draw[k % 4] % 3 ? 0 : (uint8_t)(draw[k % 4] >> 8);
}

/* Whether two of its pixels are bright. */
static uint8_t class_of(uint32_t record)
{
    return (uint8_t)((pixel(record, 0) > 0) + (pixel(record, 1) > 0));
}

static void write_idx(const char *name, const char *head, size_t n_head, const uint8_t *p, size_t n)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(head, 1, n_head, file), n_head);
    assert_int_equal(fwrite(p, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    static uint8_t pixels[N * WIDTH], labels[N];
    const char head[] = { 0, 0, 8, 3, 0, 0, (char)(N >> 8), (char)(N & 0xff), 0, 0, 0, HEIGHT, 0, 0, 0, BREADTH };
    const char short_head[] = { 0, 0, 8, 1, 0, 0, (char)(N >> 8), (char)(N & 0xff) };
    if (!mkdtemp(folder))
        return -1;
    for (uint32_t i = 0; i < N; i++) {
        labels[i] = class_of(i);
        for (uint32_t k = 0; k < WIDTH; k++)
            pixels[i * WIDTH + k] = pixel(i, k);
    }
    write_idx("images", head, sizeof head, pixels, sizeof pixels);
    write_idx("labels", short_head, sizeof short_head, labels, sizeof labels);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    return system(command);
}

/* A run of the pictures through some stages. */
struct trial {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_dataset *data;
    struct sl_run *run;
    struct sl_digests *digests;
    struct sl_progress progress;
};

struct how {
    int threads;
    uint64_t memory;
    struct sl_cache *cache;
};

static void run(struct trial *t, const char *stages, const struct how *how)
{
    char text[1000];
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_pipeline_options options = { .base = folder };
    memset(t, 0, sizeof *t);
    snprintf(text, sizeof text, "read idx images labels=labels\n%s", stages);
    recipe_parse(&t->recipe, text);
    assert_int_equal(sl_pool_new(&t->pool, how->threads ? how->threads : 2, &err), SL_OK);
    assert_int_equal(sl_digests_new(&t->digests, &err), SL_OK);
    if (sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &options, &err))
        fail_msg("%s; %s", err.what, err.fix);
    sl_pipeline_reader(t->pipeline)->block_bytes = (uint64_t)100 * WIDTH;
    const struct sl_run_options run_options = { .pool = t->pool,
                                                .memory = how->memory ? how->memory : 64u << 20,
                                                .progress = &t->progress,
                                                .cache = how->cache,
                                                .digests = t->digests };
    if (sl_dataset_new(&t->data, &t->run, t->pipeline, &run_options, &err))
        fail_msg("%s: %s; %s", err.stage, err.what, err.fix);
}

static void release(struct trial *t)
{
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_digests_free(t->digests);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

/* Every row of the matrix: the picture's values that are not 0, and its class. */
static uint64_t check_rows(const struct sl_matrix *matrix, float scale, float offset)
{
    uint64_t n = 0;
    for (size_t b = 0; b < matrix->n_blocks; b++) {
        const struct sl_rows *rows = &matrix->blocks[b];
        for (uint32_t i = 0; i < rows->n; i++, n++) {
            uint32_t record = (uint32_t)rows->record[i], at = rows->start[i];
            assert_int_equal(rows->y[i], class_of(record));
            for (uint32_t k = 0; k < WIDTH; k++) {
                float product = (float)pixel(record, k) * scale, value = product + offset;
                if (!(value > 0 || value < 0))
                    continue;
                assert_int_equal(rows->index[at], k);
                assert_memory_equal(&rows->value[at], &value, sizeof value);
                at++;
            }
            assert_int_equal(at, rows->start[i + 1]);
        }
    }
    return n;
}

static const char *const scaled =
    "rescale image scale=1/255\nlabel label\nsplit test_size=0.2 random_state=1\nlogistic\n";

static void rows_are_bytes_times_scale_whatever_the_threads_and_the_budget(void **state)
{
    (void)state;
    static const struct how hows[] = { { .threads = 1 }, { .threads = 3 }, { .threads = 2, .memory = 1 << 12 } };
    for (size_t k = 0; k < sizeof hows / sizeof *hows; k++) {
        struct trial t;
        run(&t, scaled, &hows[k]);
        assert_int_equal(check_rows(&t.data->train, 1.0f / 255, 0), N * 4 / 5);
        assert_int_equal(check_rows(&t.data->test, 1.0f / 255, 0), N / 5);
        assert_int_equal(t.data->train.width, WIDTH);
        release(&t);
    }
}

static void an_offset_makes_every_value_count(void **state)
{
    (void)state;
    struct trial t;
    run(&t, "rescale image scale=1/127.5 offset=-1\nlabel label\nlogistic\n", &(struct how){ 0 });
    assert_int_equal(check_rows(&t.data->train, (float)(1 / 127.5), -1), N);
    release(&t);
}

static void a_record_is_changed_by_a_rescale_unless_it_is_black(void **state)
{
    (void)state;
    struct trial t;
    uint64_t changed = 0;
    for (uint32_t i = 0; i < N; i++) {
        bool black = true;
        for (uint32_t k = 0; k < WIDTH; k++)
            black = black && pixel(i, k) == 0;
        changed += !black;
    }
    assert_true(changed > N / 2 && changed < N);
    run(&t, scaled, &(struct how){ 0 });
    size_t stage = 0;
    while (strcmp(sl_pipeline_stage(t.pipeline, stage)->class->name, "rescale") != 0)
        stage++;
    assert_int_equal(t.progress.stages[stage].changed, changed);
    assert_int_equal(t.progress.stages[stage].in, N);
    release(&t);
}

static void learning_from_pictures_is_better_than_guessing(void **state)
{
    (void)state;
    struct trial t;
    struct sl_learner *learner = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_point point = { 0 };
    run(&t, scaled, &(struct how){ 0 });
    const struct sl_stage *stage = sl_pipeline_find(t.pipeline, SL_LEARNER);
    const struct sl_learner_class *class = sl_learner_find(stage);
    assert_int_equal(class->begin(&learner, t.pipeline, stage, t.data, t.pool, 0, &err), SL_OK);
    int status = SL_OK;
    for (int step = 0; step < 5 && !status; step++)
        status = class->step(learner, &point, &err);
    assert_true(status == SL_OK || status == SL_EEND);
    assert_true(point.train_accuracy > 0.7);
    class->free(learner);
    release(&t);
}

/* Kept in memory or on disk, the second run takes them from there, and they are the same. */
static void caches_keep_pictures(void **state)
{
    (void)state;
    for (int disk = 0; disk < 2; disk++) {
        char stages[400];
        struct sl_cache *cache = NULL;
        snprintf(stages, sizeof stages, "rescale image scale=1/255\ncache %s%s%s\nlabel label\nlogistic\n",
                 disk ? "where=disk path=" : "", disk ? folder : "", disk ? "/kept" : "");
        assert_int_equal(sl_cache_new(&cache, 1 << 24, NULL), SL_OK);
        for (int again = 0; again < 2; again++) {
            struct trial t;
            run(&t, stages, &(struct how){ .cache = cache });
            const char *notices = sl_run_result(t.run)->notices;
            if (notices)
                fail_msg("%s", notices);
            assert_int_equal(sl_run_result(t.run)->cache_hits, again ? N : 0);
            assert_int_equal(check_rows(&t.data->train, 1.0f / 255, 0), N);
            release(&t);
        }
        sl_cache_free(cache);
    }
}

static void a_digest_knows_what_bytes_stand_for(void **state)
{
    (void)state;
    struct trial one, same, other;
    run(&one, "rescale image scale=1/255\nlabel label\nlogistic\n", &(struct how){ .threads = 1 });
    run(&same, "rescale image scale=1/255\nlabel label\nlogistic\n", &(struct how){ .threads = 4 });
    run(&other, "rescale image scale=1/256\nlabel label\nlogistic\n", &(struct how){ .threads = 1 });
    assert_int_not_equal(one.digests->stage[0], 0);
    assert_int_not_equal(one.digests->stage[1], 0);
    assert_true(one.digests->stage[0] == same.digests->stage[0] && one.digests->stage[1] == same.digests->stage[1]);
    assert_true(one.digests->train_rows == same.digests->train_rows);
    assert_true(one.digests->stage[0] == other.digests->stage[0]);
    assert_true(one.digests->stage[1] != other.digests->stage[1]);
    assert_true(one.digests->train_rows != other.digests->train_rows);
    release(&one);
    release(&same);
    release(&other);
}

static void stepping_shows_values_that_changed_though_the_bytes_did_not(void **state)
{
    (void)state;
    struct trial t;
    struct sl_stepper *stepper = NULL;
    struct sl_error err = SL_ERROR_INIT;
    run(&t, scaled, &(struct how){ 0 });
    uint32_t stage = 1;
    while (strcmp(sl_pipeline_stage(t.pipeline, stage)->class->name, "rescale") != 0)
        stage++;
    assert_int_equal(sl_stepper_new(&stepper, t.pipeline, NULL, &err), SL_OK);
    for (uint32_t record = 5; record < 9; record++) {
        uint32_t n = 0;
        assert_int_equal(sl_stepper_goto(stepper, &(struct sl_place){ record, stage, 0 }, &err), SL_OK);
        const struct sl_step *step = sl_stepper_here(stepper);
        assert_ptr_equal(step->before->columns[0].bytes, step->after->columns[0].bytes);
        for (uint32_t k = 0; k < WIDTH; k++)
            n += pixel(record, k) != 0;
        assert_int_equal(step->marks, n ? SL_MARK_CHANGED : 0);
        assert_int_equal(step->n_changes, n > 0);
        if (!n)
            continue;
        const struct sl_change *change = &step->changes[0];
        assert_int_equal(change->kind, SL_CHANGE_FEATURES);
        assert_int_equal(change->n_features, n);
        for (uint32_t i = 0; i < n; i++) {
            const struct sl_feature_change *f = &change->features[i];
            float value = (float)pixel(record, f->index) * (1.0f / 255);
            char name[20];
            int length = snprintf(name, sizeof name, "%u,%u", f->index / BREADTH, f->index % BREADTH);
            assert_true(sl_str_equal(f->name, (struct sl_str){ name, (size_t)length }));
            assert_true(f->before >= pixel(record, f->index) && f->before <= pixel(record, f->index));
            assert_true((float)f->after >= value && (float)f->after <= value);
        }
    }
    sl_stepper_free(stepper);
    release(&t);
}

static uint32_t stage_named(struct trial *t, const char *name)
{
    for (size_t i = 0; i < sl_pipeline_stages(t->pipeline); i++)
        if (strcmp(sl_pipeline_stage(t->pipeline, i)->class->name, name) == 0)
            return (uint32_t)i;
    fail_msg("there is no stage %s", name);
    return 0;
}

static const char *const random_stages =
    "resize width=6 height=5\nsplit test_size=0.2 random_state=1\naugment rotation_range=20 horizontal_flip=true\n"
    "rescale scale=1/255\ncutout size=2 random_state=3\nstandardize image\nmlp hidden=4\n";

static void random_stages_pass_what_is_looked_at_and_tell_what_training_gets(void **state)
{
    (void)state;
    struct trial t;
    struct sl_stepper *stepper = NULL;
    struct sl_error err = SL_ERROR_INIT;
    static const char *const names[] = { "augment", "cutout" };
    run(&t, random_stages, &(struct how){ 0 });
    assert_int_equal(sl_stepper_new(&stepper, t.pipeline, NULL, &err), SL_OK);
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t at = stage_named(&t, names[k]);
        const struct sl_stage *stage = sl_pipeline_stage(t.pipeline, at);
        assert_int_equal(stage->place, k);
        assert_int_equal(sl_stepper_goto(stepper, &(struct sl_place){ 77, at, 0 }, &err), SL_OK);
        const struct sl_step *step = sl_stepper_here(stepper);
        assert_int_equal(step->marks, 0);
        assert_int_equal(step->n_changes, 0);
        assert_ptr_equal(step->before->columns[0].bytes, step->after->columns[0].bytes);
        struct sl_buf expected = { 0 };
        for (uint32_t epoch = 0; epoch < 8; epoch++) {
            sl_buf_printf(&expected, "training, epoch %u: ", epoch + 1);
            stage->class->drawn(stage, &(struct sl_draw){ .epoch = epoch }, step->before, 0, &expected);
            sl_buf_putc(&expected, '\n');
        }
        assert_true(sl_str_equal(step->explain, (struct sl_str){ expected.p, expected.n }));
        sl_buf_release(&expected);
    }
    sl_stepper_free(stepper);
    release(&t);
}

/* The same test rows with and without the random stages, and with any threads. */
static void random_stages_pass_what_is_tested(void **state)
{
    (void)state;
    static const char *const plain =
        "resize width=6 height=5\nsplit test_size=0.2 random_state=1\nrescale scale=1/255\nstandardize image\n"
        "mlp hidden=4\n";
    struct trial t, same;
    run(&t, random_stages, &(struct how){ .threads = 3 });
    run(&same, plain, &(struct how){ .threads = 1 });
    const struct sl_matrix *a = &t.data->test, *b = &same.data->test;
    assert_int_equal(a->width, 30);
    assert_int_equal(b->width, 30);
    assert_int_equal(a->n_blocks, b->n_blocks);
    uint64_t rows = 0;
    for (size_t k = 0; k < a->n_blocks; k++) {
        assert_int_equal(a->blocks[k].n, b->blocks[k].n);
        assert_memory_equal(a->blocks[k].record, b->blocks[k].record, a->blocks[k].n * sizeof *a->blocks[k].record);
        assert_memory_equal(a->blocks[k].dense, b->blocks[k].dense, (size_t)a->blocks[k].n * 30 * sizeof(float));
        rows += a->blocks[k].n;
    }
    assert_int_equal(rows, N / 5);
    release(&t);
    release(&same);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_bytes_times_scale_whatever_the_threads_and_the_budget),
        cmocka_unit_test(an_offset_makes_every_value_count),
        cmocka_unit_test(a_record_is_changed_by_a_rescale_unless_it_is_black),
        cmocka_unit_test(learning_from_pictures_is_better_than_guessing),
        cmocka_unit_test(caches_keep_pictures),
        cmocka_unit_test(a_digest_knows_what_bytes_stand_for),
        cmocka_unit_test(random_stages_pass_what_is_looked_at_and_tell_what_training_gets),
        cmocka_unit_test(random_stages_pass_what_is_tested),
        cmocka_unit_test(stepping_shows_values_that_changed_though_the_bytes_did_not),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
