/* test_image_folders.c: folders of pictures in a run: the same whatever the threads and the budget, told by digests,
 * and never taken from a cache that cannot know them again. */
#include "recipe_try.h"

#include "engine/pipeline/cache_private.h"
#include "sluice/digest.h"
#include "tests/unit/data/images_try.h"

#include <stdatomic.h>
#include <unistd.h>

enum { MANY = 60 };

static int set_up(void **state)
{
    int status = images_set_up(state);
    for (unsigned i = 0; i < MANY && !status; i++) {
        char name[64];
        snprintf(name, sizeof name, "photos/%c/%02u.png", 'a' + (int)(i % 3), i);
        images_png(name, 5 + i % 7, 4 + i % 5, i);
    }
    images_store("photos/b/broken.png", "x", 1);
    images_png("more/a/1.png", 3, 3, 99);
    images_png("more/c/2.png", 3, 3, 1);
    images_png("more/c/twin.png", 5, 4, 0); /* is photos/a/00.png */
    return status;
}

struct trial {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_run *run;
    struct sl_digests *digests;
    struct sl_progress progress;
    _Atomic uint64_t seen, sum, tests; /* chunks come from any worker */
};

static int count_cells(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct trial *t = ctx;
    (void)worker;
    (void)err;
    for (uint32_t i = 0; i < chunk->n; i++) {
        const struct sl_picture *picture = &chunk->columns[0].picture[i];
        t->sum += (chunk->origin[i].record + 1) * (picture->pixels[0] + 256u * picture->height + 7u * picture->width);
        t->tests += role[i] == SL_TEST;
    }
    t->seen += chunk->n;
    return SL_OK;
}

static void run(struct trial *t, const char *text, int threads, uint64_t memory, struct sl_cache *cache)
{
    struct sl_error err = SL_ERROR_INIT;
    char base[256];
    memset(t, 0, sizeof *t);
    snprintf(base, sizeof base, "%s", images_path("."));
    const struct sl_pipeline_options options = { .base = base };
    recipe_parse(&t->recipe, text);
    assert_int_equal(sl_pool_new(&t->pool, threads, &err), SL_OK);
    assert_int_equal(sl_digests_new(&t->digests, &err), SL_OK);
    if (sl_pipeline_new(&t->pipeline, t->recipe.statements, t->recipe.n, &options, &err))
        fail_msg("%s; %s", err.what, err.fix);
    sl_pipeline_reader(t->pipeline)->block_bytes = 400;
    const struct sl_run_options how = { .pool = t->pool,
                                        .memory = memory,
                                        .progress = &t->progress,
                                        .sink = count_cells,
                                        .ctx = t,
                                        .cache = cache,
                                        .digests = t->digests };
    if (sl_pipeline_run(&t->run, t->pipeline, &how, &err))
        fail_msg("%s: %s; %s", err.stage, err.what, err.fix);
}

static void release(struct trial *t)
{
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_digests_free(t->digests);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

static const char *const halves = "read images photos\nsplit test_size=0.25 random_state=1\n";

static void a_run_gives_the_same_whatever_the_threads_and_the_budget(void **state)
{
    (void)state;
    struct trial first, t;
    run(&first, halves, 1, 64u << 20, NULL);
    assert_int_equal(sl_run_result(first.run)->records, MANY + 1);
    assert_int_equal(sl_run_result(first.run)->quarantined, 1);
    assert_int_equal(first.seen, MANY);
    assert_int_equal(first.tests, MANY / 4);
    for (int k = 0; k < 2; k++) {
        run(&t, halves, 3, k ? 1u << 12 : 64u << 20, NULL);
        assert_int_equal(t.seen, MANY);
        assert_int_equal(t.sum, first.sum);
        assert_int_equal(t.digests->records, first.digests->records);
        assert_int_equal(sl_run_result(t.run)->fingerprint, sl_run_result(first.run)->fingerprint);
        release(&t);
    }
    release(&first);
}

/* Decoded at a part of its size a photo is another picture, and the same one with any threads. */
static void photos_decoded_smaller_are_the_same_whatever_the_threads(void **state)
{
    (void)state;
    struct trial whole, first, t;
    for (unsigned i = 0; i < 12; i++) {
        char name[64];
        snprintf(name, sizeof name, "large/%c/%02u.jpg", 'a' + (int)(i % 2), i);
        images_jpeg(name, 40 + 3 * i, 70 - i, 20 * i);
    }
    run(&whole, "read images large\n", 2, 64u << 20, NULL);
    run(&first, "read images large at_least=10\n", 1, 64u << 20, NULL);
    assert_int_equal(first.seen, 12);
    assert_true(first.sum != whole.sum);
    run(&t, "read images large at_least=10\n", 3, 64u << 20, NULL);
    assert_int_equal(t.sum, first.sum);
    assert_int_equal(t.digests->records, first.digests->records);
    assert_int_equal(sl_run_result(t.run)->fingerprint, sl_run_result(whole.run)->fingerprint);
    release(&t);
    release(&first);
    release(&whole);
}

static void another_pixel_changes_the_digest_of_the_records(void **state)
{
    (void)state;
    struct trial first, t;
    run(&first, halves, 2, 64u << 20, NULL);
    images_png("photos/a/00.png", 5, 4, 1);
    run(&t, halves, 2, 64u << 20, NULL);
    images_png("photos/a/00.png", 5, 4, 0);
    assert_true(t.digests->records != first.digests->records);
    assert_true(sl_run_result(t.run)->fingerprint != sl_run_result(first.run)->fingerprint);
    release(&t);
    release(&first);
}

static void a_stage_that_leaves_pictures_alone_makes_none_of_them_anew(void **state)
{
    (void)state;
    struct trial first, t;
    const char *text = "read images photos\nfilter label != \"b\"\n";
    run(&first, text, 2, 64u << 20, NULL);
    assert_int_equal(first.seen, MANY * 2 / 3);
    images_png("photos/a/00.png", 5, 4, 1);
    run(&t, text, 2, 64u << 20, NULL);
    images_png("photos/a/00.png", 5, 4, 0);
    assert_true(t.digests->records != first.digests->records);
    for (size_t i = 1; i < 3; i++)
        assert_int_equal(t.digests->stage[i], first.digests->stage[i]);
    release(&t);
    release(&first);
}

static void pictures_that_a_folder_leads_to_are_not_cached(void **state)
{
    (void)state;
    struct trial t;
    struct sl_cache *cache = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const char *text = "read images list.csv\ncache\n";
    images_store("list.csv", "path\nphotos/a/00.png\n", 21);
    assert_int_equal(sl_cache_new(&cache, 1u << 20, &err), SL_OK);
    for (unsigned grey = 0; grey < 2; grey++) {
        images_png("photos/a/00.png", 5, 4, grey);
        run(&t, text, 1, 64u << 20, cache);
        assert_int_equal(t.sum, grey + 256u * 4 + 7u * 5);
        assert_int_equal(sl_run_result(t.run)->cache_hits, 0);
        assert_non_null(strstr(sl_run_result(t.run)->notices, "leads to other files"));
        release(&t);
    }
    images_png("photos/a/00.png", 5, 4, 0);
    sl_cache_free(cache);
}

static void a_second_folder_is_for_testing_and_twins_across_are_found(void **state)
{
    (void)state;
    struct trial t;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_images_pair pair;
    uint64_t total = 0, record[MANY + 4];
    uint8_t role[MANY + 4];
    run(&t, "read images photos\nread images more as=test\n", 2, 64u << 20, NULL);
    const struct sl_run_result *result = sl_run_result(t.run);
    assert_int_equal(result->n_train, MANY);
    assert_int_equal(result->n_test, 3);
    assert_int_equal(t.tests, 3);
    for (uint64_t i = 0; i < result->n_train + result->n_test; i++) {
        bool test = i >= result->n_train;
        record[i] = test ? result->test_records[i - result->n_train] : result->train_records[i];
        role[i] = test ? SL_TEST : SL_TRAIN;
    }
    assert_int_equal(
        sl_images_duplicates(sl_pipeline_reader(t.pipeline), record, role, MANY + 3, &pair, 1, &total, &err), SL_OK);
    assert_int_equal(total, 1);
    assert_int_equal(pair.first, 0);
    assert_int_equal(pair.record, MANY + 3);
    release(&t);
}

/* Bytes that a run over so many pictures of 96 × 96 keeps between its phases. */
static uint64_t kept_between(unsigned n, const char *text)
{
    struct trial t;
    char name[64], folder[32];
    snprintf(folder, sizeof folder, "of%u", n);
    for (unsigned i = 0; i < n; i++) {
        snprintf(name, sizeof name, "%s/%c/%04u.png", folder, 'a' + (int)(i % 2), i);
        images_png(name, 96, 96, i);
    }
    char whole[300];
    snprintf(whole, sizeof whole, "read images %s\n%s", folder, text);
    run(&t, whole, 2, 64u << 20, NULL);
    assert_int_equal(t.seen, n);
    uint64_t bytes = sl_run_result(t.run)->stored + sl_run_result(t.run)->stored_on_disk;
    release(&t);
    return bytes;
}

static void pictures_are_not_kept_between_the_phases_however_many_there_are(void **state)
{
    (void)state;
    uint64_t few = kept_between(10, "split test_size=0.5 random_state=1\n");
    uint64_t many = kept_between(80, "split test_size=0.5 random_state=1\n");
    assert_true(few > 0 && many > few);
    assert_in_range(many - few, 1, 70 * 200); /* labels and numbers; a picture has 27,648 bytes */
}

static void a_picture_that_becomes_another_meanwhile_ends_the_run_with_its_name(void **state)
{
    (void)state;
    struct recipe recipe;
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *done = NULL;
    struct sl_scratch *scratch = NULL;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_error err = SL_ERROR_INIT;
    char base[256];
    snprintf(base, sizeof base, "%s", images_path("."));
    const struct sl_pipeline_options options = { .base = base };
    const struct sl_run_options how = { .memory = 1u << 20 };
    recipe_parse(&recipe, "read images photos\nsplit test_size=0.25 random_state=1\n");
    assert_int_equal(sl_pipeline_new(&pipeline, recipe.statements, recipe.n, &options, &err), SL_OK);
    assert_int_equal(sl_pipeline_run(&done, pipeline, &how, &err), SL_OK);
    assert_true(sl_pipeline_remakes(pipeline));
    assert_int_equal(sl_scratch_new(&scratch, pipeline, &err), SL_OK);
    sl_arena_init(&arena);
    assert_int_equal(sl_pipeline_remake(pipeline, 0, 2, scratch, &arena, &chunk, &err), SL_OK);
    assert_int_equal(chunk.n, 1);
    assert_int_equal(chunk.origin[0].record, 0);
    images_png("photos/a/00.png", 5, 4, 1);
    assert_int_equal(sl_pipeline_remake(pipeline, 0, 2, scratch, &arena, &chunk, &err), SL_EIO);
    assert_non_null(strstr(err.what, "00.png' has changed"));
    images_png("photos/a/00.png", 5, 4, 0);
    sl_arena_release(&arena);
    sl_scratch_free(scratch);
    sl_run_free(done);
    sl_pipeline_free(pipeline);
    recipe_release(&recipe);
}

static void a_folder_and_a_picture_are_known_by_themselves(void **state)
{
    (void)state;
    struct recipe recipe;
    char text[700];
    snprintf(text, sizeof text, "read %s\nread x/y.jpg\nread Z.PNG\n", images_path("photos"));
    recipe_parse(&recipe, text);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(recipe.statements[i].class->name, "read images");
    recipe_release(&recipe);
}

/* ---- Chunks in a cache's file ---- */

static void pictures_come_back_from_bytes_and_damaged_bytes_are_refused(void **state)
{
    (void)state;
    static const uint8_t pixels[24] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    struct sl_schema schema = { 0 };
    struct sl_arena arena;
    struct sl_chunk chunk, back;
    struct sl_buf bytes = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    assert_int_equal(sl_schema_add(&schema, SL_STR("image"), SL_IMAGE, &err), SL_OK);
    schema.fields[0].channels = 3;
    assert_int_equal(sl_chunk_init(&chunk, &schema, 3, &arena, &err), SL_OK);
    chunk.columns[0].picture[0] = (struct sl_picture){ pixels, 2, 4 };
    chunk.columns[0].picture[2] = (struct sl_picture){ pixels, 4, 1 };
    assert_int_equal(sl_chunk_set_missing(&chunk, 0, 1, &err), SL_OK);
    sl_chunk_save(&schema, &chunk, &bytes);
    assert_false(bytes.failed);
    assert_int_equal(sl_chunk_load(&schema, (struct sl_str){ bytes.p, bytes.n }, &arena, &back, &err), SL_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(sl_cell_equal(&chunk, 0, i, &back, 0, i));
    for (size_t n = 0; n < bytes.n; n++) {
        char *exact = malloc(n + 1);
        assert_non_null(exact);
        memcpy(exact, bytes.p, n);
        assert_int_equal(sl_chunk_load(&schema, (struct sl_str){ exact, n }, &arena, &back, NULL), SL_EFORMAT);
        free(exact);
    }
    schema.fields[0].channels = 1;
    assert_int_equal(sl_chunk_load(&schema, (struct sl_str){ bytes.p, bytes.n }, &arena, &back, NULL), SL_EFORMAT);
    sl_buf_release(&bytes);
    sl_schema_release(&schema);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_gives_the_same_whatever_the_threads_and_the_budget),
        cmocka_unit_test(photos_decoded_smaller_are_the_same_whatever_the_threads),
        cmocka_unit_test(another_pixel_changes_the_digest_of_the_records),
        cmocka_unit_test(a_stage_that_leaves_pictures_alone_makes_none_of_them_anew),
        cmocka_unit_test(pictures_that_a_folder_leads_to_are_not_cached),
        cmocka_unit_test(a_second_folder_is_for_testing_and_twins_across_are_found),
        cmocka_unit_test(pictures_are_not_kept_between_the_phases_however_many_there_are),
        cmocka_unit_test(a_picture_that_becomes_another_meanwhile_ends_the_run_with_its_name),
        cmocka_unit_test(a_folder_and_a_picture_are_known_by_themselves),
        cmocka_unit_test(pictures_come_back_from_bytes_and_damaged_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, images_tear_down);
}
