/* test_run.c: whole runs: books that balance, the same result for any number of threads and any budget, and models that
 * survive saving. */
#include "recipe_try.h"

#include "sluice/input.h"

static char path[] = "/tmp/sluice-run-XXXXXX.csv";
static const char *const whole =
    "drop_missing text mark\nlowercase text\nstrip_html text\ndrop_duplicates text\nlabel mark\n"
    "split test_size=0.25 random_state=3\nimpute score\nstandardize score\ntfidf text min_df=2\nlogistic\n";

static int set_up(void **state)
{
    (void)state;
    int fd = mkstemps(path, 4);
    if (fd < 0)
        return -1;
    close(fd);
    write_reviews(path, 9000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

struct trained {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_dataset *data;
    struct sl_run *run;
    struct sl_pool *pool;
    struct sl_progress progress;
};

static void prepare_ahead(struct trained *t, const char *stages, int threads, uint64_t memory, uint64_t block,
                          size_t prefetch)
{
    char text[2000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline_options options = { 0 };
    memset(t, 0, sizeof *t);
    snprintf(text, sizeof text, "read csv %s\n%s", path, stages);
    recipe_parse(&t->recipe, text);
    assert_int_equal(sl_pool_new(&t->pool, threads, &err), SL_OK);
    if (sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &options, &err))
        fail_msg("%s", err.what);
    if (block)
        sl_pipeline_reader(t->pipeline)->block_bytes = block;
    struct sl_run_options run = { .pool = t->pool, .memory = memory, .prefetch = prefetch, .progress = &t->progress };
    if (sl_dataset_new(&t->data, &t->run, t->pipeline, &run, &err))
        fail_msg("%s: %s", err.stage, err.what);
}

static void prepare(struct trained *t, const char *stages, int threads, uint64_t memory, uint64_t block)
{
    prepare_ahead(t, stages, threads, memory, block, SL_PREFETCH_AUTO);
}

static void release(struct trained *t)
{
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

static uint64_t hash_matrix(const struct sl_matrix *matrix)
{
    struct sl_hash *hash = NULL;
    assert_int_equal(sl_hash_new(&hash, NULL), SL_OK);
    for (size_t b = 0; b < matrix->n_blocks; b++) {
        const struct sl_rows *rows = &matrix->blocks[b];
        for (uint32_t i = 0; i < rows->n; i++) {
            size_t n = rows->start[i + 1] - rows->start[i];
            sl_hash_add(hash, &rows->record[i], sizeof *rows->record);
            sl_hash_add(hash, &rows->y[i], sizeof *rows->y);
            sl_hash_add(hash, rows->index + rows->start[i], n * sizeof *rows->index);
            sl_hash_add(hash, rows->value + rows->start[i], n * sizeof *rows->value);
        }
    }
    uint64_t value = sl_hash_value(hash);
    sl_hash_free(hash);
    return value;
}

static void every_record_is_accounted_for(void **state)
{
    (void)state;
    struct trained t;
    prepare(&t, whole, 2, UINT64_C(1) << 30, 0);
    const struct sl_run_result *r = sl_run_result(t.run);
    assert_int_equal(r->records, 9000);
    assert_int_equal(r->quarantined, 93); /* i % 97 == 41 below 9000 */
    assert_true(r->dropped > 100);
    assert_int_equal(r->kept, r->records - r->quarantined - r->dropped);
    assert_int_equal(r->n_train + r->n_test, r->kept);
    assert_int_equal(t.data->train.n, r->n_train);
    assert_int_equal(t.data->test.n, r->n_test);
    uint64_t left = r->records - r->quarantined;
    for (size_t i = 1; i < 6; i++) {
        assert_int_equal(t.progress.stages[i].in, left);
        assert_int_equal(t.progress.stages[i].in, t.progress.stages[i].out + t.progress.stages[i].dropped);
        left = t.progress.stages[i].out;
    }
    for (uint64_t i = 0; i < r->quarantined; i++) {
        const struct sl_reject *reject = &r->quarantine->entries[i];
        assert_int_equal(reject->origin.record, 41 + 97 * i);
        assert_true(reject->reason[0] != 0);
    }
    release(&t);
}

static void threads_and_memory_do_not_change_the_features(void **state)
{
    (void)state;
    struct trained t;
    uint64_t train = 0, test = 0;
    for (int threads = 1; threads <= 4; threads++) {
        prepare(&t, whole, threads, threads == 3 ? 0 : UINT64_C(1) << 30, 20000);
        if (threads == 1) {
            train = hash_matrix(&t.data->train);
            test = hash_matrix(&t.data->test);
        }
        assert_int_equal(hash_matrix(&t.data->train), train);
        assert_int_equal(hash_matrix(&t.data->test), test);
        release(&t);
    }
    assert_true(train && test && train != test);
}

static void reading_ahead_changes_nothing(void **state)
{
    (void)state;
    struct trained t;
    prepare_ahead(&t, whole, 1, UINT64_C(1) << 30, 2000, SL_PREFETCH_NONE);
    uint64_t train = hash_matrix(&t.data->train), print = sl_run_result(t.run)->fingerprint;
    uint64_t records = sl_run_result(t.run)->records, rejected = sl_run_result(t.run)->quarantined;
    release(&t);
    for (int threads = 1; threads <= 3; threads++)
        for (size_t depth = 1; depth <= 5; depth += 2) {
            prepare_ahead(&t, whole, threads, UINT64_C(1) << 30, 2000, depth);
            assert_int_equal(hash_matrix(&t.data->train), train);
            assert_int_equal(sl_run_result(t.run)->fingerprint, print);
            assert_int_equal(sl_run_result(t.run)->records, records);
            assert_int_equal(sl_run_result(t.run)->quarantined, rejected);
            release(&t);
        }
}

static void a_second_run_gives_the_same(void **state)
{
    (void)state;
    struct trained t;
    prepare(&t, whole, 2, UINT64_C(1) << 30, 0);
    uint64_t first = hash_matrix(&t.data->train), print = sl_run_result(t.run)->fingerprint;
    sl_dataset_free(t.data);
    sl_run_free(t.run);
    struct sl_error err = SL_ERROR_INIT;
    struct sl_run_options run = { .pool = t.pool, .memory = 1 << 20 };
    t.data = NULL;
    t.run = NULL;
    if (sl_dataset_new(&t.data, &t.run, t.pipeline, &run, &err))
        fail_msg("%s", err.what);
    assert_int_equal(hash_matrix(&t.data->train), first);
    assert_int_equal(sl_run_result(t.run)->fingerprint, print);
    release(&t);
}

static void encoders_that_build_on_each_other_are_fitted_in_turn(void **state)
{
    (void)state;
    struct trained t;
    /* A text stage behind the split keeps tfidf's digest out of the first pass. */
    prepare(&t,
            "drop_missing text mark\nlabel mark\nsplit\nlowercase text\ntfidf text lowercase=false\nimpute score\n"
            "minmax score\nlogistic\n",
            2, UINT64_C(1) << 30, 30000);
    uint64_t late = hash_matrix(&t.data->train);
    release(&t);
    prepare(&t,
            "drop_missing text mark\nlabel mark\nlowercase text\nsplit\ntfidf text lowercase=false\nimpute score\n"
            "minmax score\nlogistic\n",
            2, UINT64_C(1) << 30, 30000);
    assert_int_equal(hash_matrix(&t.data->train), late);
    for (size_t b = 0; b < t.data->train.n_blocks; b++)
        for (uint32_t k = 0; k < t.data->train.blocks[b].start[t.data->train.blocks[b].n]; k++)
            assert_true(t.data->train.blocks[b].value[k] > 0 && t.data->train.blocks[b].value[k] <= 1);
    release(&t);
}

static void a_label_behind_the_split_works_too(void **state)
{
    (void)state;
    struct trained t;
    prepare(&t, "drop_missing text mark\nsplit random_state=1\nlabel mark\ncount text\nlogistic\n", 2,
            UINT64_C(1) << 30, 0);
    uint64_t late = hash_matrix(&t.data->train);
    release(&t);
    prepare(&t, "drop_missing text mark\nlabel mark\nsplit random_state=1\ncount text\nlogistic\n", 2,
            UINT64_C(1) << 30, 0);
    assert_int_equal(hash_matrix(&t.data->train), late);
    release(&t);
}

static void without_a_split_everything_is_for_training(void **state)
{
    (void)state;
    struct trained t;
    prepare(&t, "drop_missing text mark\nlabel mark\ntfidf text\nlogistic\n", 2, UINT64_C(1) << 30, 0);
    assert_int_equal(t.data->test.n, 0);
    assert_int_equal(t.data->train.n, sl_run_result(t.run)->kept);
    release(&t);
    prepare(&t, "drop_missing text mark\nlabel mark\nhashing text n_features=128\nlogistic\n", 2, UINT64_C(1) << 30, 0);
    assert_int_equal(t.data->train.n, sl_run_result(t.run)->kept);
    release(&t);
}

static void a_missing_number_is_refused_with_the_fix(void **state)
{
    (void)state;
    struct recipe recipe;
    char text[1000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_dataset *data = NULL;
    struct sl_run *run = NULL;
    struct sl_pipeline_options options = { 0 };
    struct sl_run_options run_options = { .memory = 1 << 30 };
    snprintf(text, sizeof text, "read csv %s\nlabel mark\nsplit\nstandardize score\nlogistic score\n", path);
    recipe_parse(&recipe, text);
    assert_int_equal(sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, &err), SL_OK);
    assert_int_equal(sl_dataset_new(&data, &run, pipeline, &run_options, &err), SL_EDATA);
    assert_non_null(strstr(err.what, "score"));
    assert_non_null(strstr(err.fix, "impute"));
    assert_null(data);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
}

static void a_cancelled_run_says_so(void **state)
{
    (void)state;
    struct recipe recipe;
    char text[1000];
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    struct sl_pipeline_options options = { 0 };
    static struct sl_progress progress;
    progress.cancel = true;
    struct sl_run_options run_options = { .memory = 1 << 30, .prefetch = 2, .progress = &progress };
    snprintf(text, sizeof text, "read csv %s\nlowercase\n", path);
    recipe_parse(&recipe, text);
    assert_int_equal(sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, &err), SL_OK);
    assert_int_equal(sl_pipeline_run(&run, pipeline, &run_options, &err), SL_ECANCEL);
    assert_null(run);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
}

/* Features of single records through sl_pipeline_apply on a pipeline that only loaded its models. */
static void saved_models_give_the_same_features_for_single_records(void **state)
{
    (void)state;
    struct trained t;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf saved = { 0 };
    prepare(&t, whole, 2, UINT64_C(1) << 30, 0);
    assert_int_equal(sl_pipeline_save(t.pipeline, &saved, &err), SL_OK);
    struct sl_pipeline *fresh = NULL;
    struct sl_pipeline_options options = { .predicting = true, .schema = sl_pipeline_stage(t.pipeline, 0)->in };
    if (sl_pipeline_new(&fresh, t.recipe.statements, t.recipe.n, &options, &err))
        fail_msg("%s", err.what);
    if (sl_pipeline_load(fresh, (struct sl_str){ saved.p, saved.n }, &err))
        fail_msg("%s", err.what);
    struct sl_dataset *shape = NULL;
    struct sl_scratch *scratch = NULL;
    assert_int_equal(sl_dataset_shape(&shape, fresh, &err), SL_OK);
    assert_int_equal(shape->train.width, t.data->train.width);
    assert_int_equal(sl_scratch_new(&scratch, fresh, &err), SL_OK);
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    size_t b = 0, compared = 0;
    uint32_t i = 0;
    sl_arena_init(&arena);
    const struct sl_matrix *test = &t.data->test;
    while (!sl_reader_next(sl_pipeline_reader(fresh), &block, &err)) {
        struct sl_chunk chunk, one, out;
        struct sl_rows rows;
        sl_arena_reset(&arena, 1 << 20);
        assert_int_equal(sl_reader_parse(sl_pipeline_reader(fresh), &block, &arena, &chunk, &rejects, &err), SL_OK);
        for (uint32_t k = 0; k < chunk.n; k++) {
            while (b < test->n_blocks && i == test->blocks[b].n) {
                b++;
                i = 0;
            }
            if (b == test->n_blocks || test->blocks[b].record[i] != chunk.origin[k].record)
                continue;
            assert_int_equal(sl_chunk_slice(&one, &chunk, k, 1, &err), SL_OK);
            if (sl_pipeline_apply(fresh, 0, sl_pipeline_stages(fresh), scratch, &one, &out, &err))
                fail_msg("%s", err.what);
            assert_int_equal(out.n, 1);
            assert_int_equal(sl_dataset_rows(shape, sl_pipeline_find(fresh, SL_TARGET), &out, &rows, &err), SL_OK);
            const struct sl_rows *wanted = &test->blocks[b];
            size_t n = wanted->start[i + 1] - wanted->start[i];
            assert_int_equal(rows.start[1], n);
            assert_memory_equal(rows.index, wanted->index + wanted->start[i], n * sizeof *rows.index);
            assert_memory_equal(rows.value, wanted->value + wanted->start[i], n * sizeof *rows.value);
            assert_int_equal(rows.y[0], wanted->y[i]);
            compared++;
            i++;
        }
    }
    assert_int_equal(compared, test->n);
    for (size_t n = 0; n < saved.n; n += 1 + n / 64) /* a blob cut short is refused or, at a whole stage, loads */
        (void)sl_pipeline_load(fresh, (struct sl_str){ saved.p, n }, NULL);
    assert_int_not_equal(sl_pipeline_load(fresh, (struct sl_str){ saved.p, saved.n / 2 }, NULL), SL_OK);
    sl_quarantine_release(&rejects);
    sl_block_release(&block);
    sl_arena_release(&arena);
    sl_scratch_free(scratch);
    sl_dataset_free(shape);
    sl_pipeline_free(fresh);
    sl_buf_release(&saved);
    release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_is_accounted_for),
        cmocka_unit_test(threads_and_memory_do_not_change_the_features),
        cmocka_unit_test(reading_ahead_changes_nothing),
        cmocka_unit_test(a_second_run_gives_the_same),
        cmocka_unit_test(encoders_that_build_on_each_other_are_fitted_in_turn),
        cmocka_unit_test(a_label_behind_the_split_works_too),
        cmocka_unit_test(without_a_split_everything_is_for_training),
        cmocka_unit_test(a_missing_number_is_refused_with_the_fix),
        cmocka_unit_test(a_cancelled_run_says_so),
        cmocka_unit_test(saved_models_give_the_same_features_for_single_records),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
