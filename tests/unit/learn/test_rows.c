/* test_rows.c: training rows that a stage changes at random: each epoch others, the same for any threads, cache and
 * place to go on from; what is tested passes by. */
#include "tests/unit/pipeline/recipe_try.h"

#include "sluice/loader.h"
#include "sluice/random.h"

#include <math.h>

static char folder[] = "/tmp/sluice-rows-XXXXXX";
enum { N = 700, SIDE = 4, WIDTH = SIDE * SIDE, BATCH = 32 };

static uint8_t pixel(uint64_t record, uint32_t k)
{
    uint32_t draw[4];
    sl_philox(11, SL_RANDOM_SAMPLE, 0, record, k / 4, draw);
    return (uint8_t)(draw[k % 4] >> 9);
}

static uint8_t shift(const struct sl_draw *draw, uint64_t record, uint32_t k)
{
    return (uint8_t)(sl_philox_real(5, SL_RANDOM_SAMPLE, draw->epoch * 8 + draw->draw, record, k) * 32);
}

/* --- a stage that adds a number of its own to each pixel --- */

static int jiggle(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                  struct sl_error *err)
{
    long c = sl_schema_find(stage->in, SL_STR("image"));
    struct sl_column *column = &chunk->columns[c];
    const struct sl_field *field = &stage->in->fields[c];
    size_t n = (size_t)chunk->n * field->width;
    (void)scratch, (void)err;
    uint8_t *bytes = sl_arena_array(chunk->arena, n, 1);
    float *floats = sl_arena_array(chunk->arena, n, sizeof *floats);
    assert_true(bytes && floats);
    for (size_t k = 0; k < n; k++) {
        uint8_t more = shift(draw, chunk->origin[k / field->width].record, (uint32_t)(k % field->width));
        if (field->bytes)
            bytes[k] = (uint8_t)(column->bytes[k] + more);
        else
            floats[k] = column->vector[k] + (float)more;
    }
    if (field->bytes)
        column->bytes = bytes;
    else
        column->vector = floats;
    return SL_OK;
}

static const struct sl_param no_params[] = { { 0 } };
static const struct sl_stage_class jiggle_class = {
    .name = "jiggle", .summary = "add noise", .kind = SL_AUGMENT, .version = 1, .params = no_params, .augment = jiggle
};

/* --- and one that learns: pixels as floats, less the mean of all training pixels --- */

static int float_out(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err)
{
    (void)stage, (void)in, (void)err;
    out->fields[sl_schema_find(out, SL_STR("image"))].bytes = false;
    return SL_OK;
}

static void float_end(struct sl_stage *stage)
{
    free(stage->model);
    stage->model = NULL;
}

static int sum_begin(const struct sl_stage *stage, void **partial, struct sl_error *err)
{
    (void)stage, (void)err;
    *partial = calloc(2, sizeof(double));
    return SL_OK;
}

static int sum_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                     struct sl_error *err)
{
    double *sum = partial;
    const uint8_t *bytes = chunk->columns[sl_schema_find(stage->in, SL_STR("image"))].bytes;
    (void)err;
    for (uint32_t i = 0; i < chunk->n; i++)
        for (uint32_t k = 0; k < WIDTH && (!rows || (rows[i / 64] >> (i % 64) & 1)); k++) {
            sum[0] += bytes[i * WIDTH + k];
            sum[1]++;
        }
    return SL_OK;
}

static int sum_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err)
{
    double *a = into, *b = from;
    (void)stage, (void)err;
    a[0] += b[0];
    a[1] += b[1];
    return SL_OK;
}

static int sum_end(struct sl_stage *stage, void *partial, struct sl_error *err)
{
    (void)err;
    double *sum = malloc(2 * sizeof *sum);
    assert_non_null(sum);
    memcpy(sum, partial, 2 * sizeof *sum);
    stage->model = sum;
    return SL_OK;
}

static void sum_drop(const struct sl_stage *stage, void *partial)
{
    (void)stage;
    free(partial);
}

static int centre(const struct sl_stage *stage, void *scratch, struct sl_chunk *chunk, struct sl_error *err)
{
    const double *sum = stage->model;
    struct sl_column *column = &chunk->columns[sl_schema_find(stage->in, SL_STR("image"))];
    float *floats = sl_arena_array(chunk->arena, (size_t)chunk->n * WIDTH, sizeof *floats);
    (void)scratch, (void)err;
    assert_non_null(floats);
    for (size_t k = 0; k < (size_t)chunk->n * WIDTH; k++)
        floats[k] = (float)(column->bytes[k] - sum[0] / sum[1]);
    column->vector = floats;
    return SL_OK;
}

static const struct sl_stage_class centre_class = {
    .name = "centre",
    .summary = "less the mean",
    .kind = SL_ENCODER,
    .version = 1,
    .params = no_params,
    .bind = float_out,
    .unbind = float_end,
    .apply = centre,
    .fit = { true, sum_begin, sum_chunk, sum_merge, sum_end, sum_drop },
};

/* --- recipes with it --- */

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
    const char head[] = { 0, 0, 8, 3, 0, 0, (char)(N >> 8), (char)(N & 0xff), 0, 0, 0, SIDE, 0, 0, 0, SIDE };
    const char short_head[] = { 0, 0, 8, 1, 0, 0, (char)(N >> 8), (char)(N & 0xff) };
    if (!mkdtemp(folder))
        return -1;
    for (uint32_t i = 0; i < N; i++) {
        labels[i] = pixel(i, 0) > 60;
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

struct trial {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_dataset *data;
    struct sl_run *run;
    struct sl_progress progress;
};

/* The stages after `read`; a line "jiggle" is the test's own. */
static int bind(struct trial *t, const char *stages, struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = folder };
    char text[1000], plain[1000] = "";
    const struct sl_stage_class *own[16] = { NULL };
    size_t line = 0;
    snprintf(text, sizeof text, "read idx images labels=labels\n%s", stages);
    for (char *rest = text, *word; (word = strsep(&rest, "\n")) && *word; line++) {
        if (strcmp(word, "jiggle") == 0 || strcmp(word, "centre") == 0)
            own[line] = strcmp(word, "jiggle") == 0 ? &jiggle_class : &centre_class;
        else
            snprintf(plain + strlen(plain), sizeof plain - strlen(plain), "%s\n", word);
    }
    memset(t, 0, sizeof *t);
    recipe_parse(&t->recipe, plain);
    struct sl_statement all[16];
    static char name[] = "mine";
    size_t n = 0, from = 0;
    for (size_t i = 0; i < line; i++) {
        all[n++] = own[i] ? (struct sl_statement){ .class = own[i], .text = name, .line = (uint32_t)i + 1 }
                          : t->recipe.statements[from++];
    }
    return sl_pipeline_new(&t->pipeline, all, n, &options, err);
}

static void run(struct trial *t, const char *stages, int threads, uint64_t memory)
{
    struct sl_error err = SL_ERROR_INIT;
    if (bind(t, stages, &err))
        fail_msg("%s; %s", err.what, err.fix);
    assert_int_equal(sl_pool_new(&t->pool, threads, &err), SL_OK);
    sl_pipeline_reader(t->pipeline)->block_bytes = (uint64_t)100 * WIDTH;
    const struct sl_run_options options = { .pool = t->pool, .memory = memory, .progress = &t->progress };
    if (sl_dataset_new(&t->data, &t->run, t->pipeline, &options, &err))
        fail_msg("%s: %s; %s", err.stage, err.what, err.fix);
}

static void release(struct trial *t)
{
    sl_dataset_free(t->data);
    sl_run_free(t->run);
    sl_pipeline_free(t->pipeline);
    sl_pool_free(t->pool);
    recipe_release(&t->recipe);
}

#define SPLIT "split test_size=0.2 random_state=7\n"
#define END   "batch size=32 random_state=3\nmlp hidden=8\ntrain device=cpu epochs=2"

static struct sl_loader *open_stream(const struct trial *t, struct sl_row_source *source, int workers, int prefetch)
{
    struct sl_loader *loader = NULL;
    struct sl_loader_options options = {
        .size = BATCH, .shuffle = true, .seed = 3, .workers = workers, .prefetch = prefetch, .pool = t->pool
    };
    assert_int_equal(sl_row_source_dataset(source, t->data, NULL), SL_OK);
    assert_int_equal(sl_loader_new(&loader, source, &options, NULL), SL_OK);
    return loader;
}

struct taken {
    float x[BATCH * WIDTH];
    uint32_t labels[BATCH];
    uint64_t record[BATCH];
    struct sl_batch batch;
};

static void take(struct sl_loader *loader, struct taken *to)
{
    struct sl_error err = SL_ERROR_INIT;
    to->batch = (struct sl_batch){ .x = to->x, .labels = to->labels, .record = to->record };
    if (sl_loader_next(loader, &to->batch, &err))
        fail_msg("%s", err.what);
}

/* --- what a row holds --- */

static void a_training_row_is_its_pixels_with_the_epochs_own_draw(void **state)
{
    struct trial t;
    struct taken got;
    struct sl_row_source source;
    (void)state;
    run(&t, SPLIT "jiggle\nrescale scale=1/255\n" END, 2, 64u << 20);
    struct sl_loader *loader = open_stream(&t, &source, 0, 0);
    uint64_t batches = sl_loader_batches(loader);
    float scale = (float)(1 / 255.0);
    for (uint64_t b = 0; b < 3 * batches; b++) {
        struct sl_draw draw = { .epoch = (uint32_t)(b / batches) };
        take(loader, &got);
        for (uint32_t i = 0; i < got.batch.n; i++) {
            assert_int_equal(got.labels[i], pixel(got.record[i], 0) > 60);
            for (uint32_t k = 0; k < WIDTH; k++) {
                uint8_t byte = (uint8_t)(pixel(got.record[i], k) + shift(&draw, got.record[i], k));
                assert_true(got.x[i * WIDTH + k] == (float)byte * scale);
            }
        }
    }
    sl_loader_free(loader);
    sl_row_source_release(&source);
    release(&t);
}

static void rows_that_are_tested_are_never_changed(void **state)
{
    struct trial t;
    (void)state;
    run(&t, "split test_size=0.2 validation_size=0.2 random_state=7\njiggle\nrescale scale=1/255\n" END, 2, 64u << 20);
    const struct sl_matrix *sets[] = { &t.data->test, &t.data->validation, &t.data->train };
    for (size_t m = 0; m < 3; m++) {
        assert_true(sets[m]->n > 100);
        for (size_t b = 0; b < sets[m]->n_blocks; b++)
            for (uint32_t i = 0; i < sets[m]->blocks[b].n; i++)
                for (uint32_t k = 0; k < WIDTH; k++)
                    assert_int_equal(sets[m]->blocks[b].bytes[i * WIDTH + k], pixel(sets[m]->blocks[b].record[i], k));
    }
    release(&t);
}

static void what_is_fitted_behind_is_fitted_on_unchanged_rows_and_applied_to_changed_ones(void **state)
{
    struct trial t;
    struct taken got;
    struct sl_row_source source;
    (void)state;
    run(&t, SPLIT "jiggle\ncentre\n" END, 2, 64u << 20);
    double sum = 0, mean;
    for (size_t b = 0; b < t.data->train.n_blocks; b++)
        for (uint32_t i = 0; i < t.data->train.blocks[b].n; i++)
            for (uint32_t k = 0; k < WIDTH; k++)
                sum += pixel(t.data->train.blocks[b].record[i], k);
    mean = sum / (double)(t.data->train.n * WIDTH);
    struct sl_loader *loader = open_stream(&t, &source, 0, 0);
    sl_loader_seek(loader, sl_loader_batches(loader)); /* the second pass */
    take(loader, &got);
    struct sl_draw draw = { .epoch = 1 };
    for (uint32_t i = 0; i < got.batch.n; i++)
        for (uint32_t k = 0; k < WIDTH; k++) {
            uint8_t byte = (uint8_t)(pixel(got.record[i], k) + shift(&draw, got.record[i], k));
            assert_true(got.x[i * WIDTH + k] == (float)(byte - mean));
        }
    sl_loader_free(loader);
    sl_row_source_release(&source);
    release(&t);
}

/* --- the same bits --- */

static void threads_depth_and_cache_change_no_bit(void **state)
{
    static const struct {
        int threads, workers, prefetch;
        const char *cache;
    } ways[] = { { 1, 0, 0, "auto" }, { 2, 1, 1, "memory" },
                 { 3, 2, 5, "disk" }, { 4, 4, SL_LOADER_AUTO, "disk" },
                 { 2, 3, 2, "auto" }, { 2, SL_LOADER_AUTO, SL_LOADER_AUTO, "memory" } };
    static const char *const behind[] = { "rescale scale=1/255\n", "centre\n" };
    static struct taken want[50];
    (void)state;
    for (size_t s = 0; s < 2; s++)
        for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
            struct trial t;
            struct sl_row_source source;
            char text[300];
            snprintf(text, sizeof text, SPLIT "jiggle\n%sbatch size=32 cache=%s\nmlp hidden=8\ntrain device=cpu",
                     behind[s], ways[w].cache);
            run(&t, text, ways[w].threads, 64u << 20);
            struct sl_loader *loader = open_stream(&t, &source, ways[w].workers, ways[w].prefetch);
            for (size_t b = 0; b < 50; b++) {
                struct taken got;
                take(loader, &got);
                if (w == 0)
                    want[b] = got;
                assert_int_equal(got.batch.n, want[b].batch.n);
                assert_memory_equal(got.x, want[b].x, (size_t)got.batch.n * WIDTH * sizeof(float));
                assert_memory_equal(got.record, want[b].record, (size_t)got.batch.n * sizeof(uint64_t));
            }
            sl_loader_free(loader);
            sl_row_source_release(&source);
            release(&t);
        }
}

static struct sl_learner *begin(const struct trial *t)
{
    struct sl_learner *net = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const struct sl_stage *stage = sl_pipeline_find(t->pipeline, SL_LEARNER);
    if (sl_learner_find(stage)->begin(&net, t->pipeline, stage, t->data, t->pool, 64u << 20, &err))
        fail_msg("%s; %s", err.what, err.fix);
    return net;
}

static void a_network_goes_on_from_any_step_to_the_same_bits(void **state)
{
    struct trial t;
    struct sl_point point;
    float *want, *got;
    size_t n, m;
    (void)state;
    run(&t, SPLIT "jiggle\nrescale scale=1/255\n" END, 2, 64u << 20);
    for (uint64_t stop = 1; stop < 36; stop += 11) {
        struct sl_buf saved = { 0 };
        struct sl_learner *a = begin(&t), *b = begin(&t);
        for (uint64_t i = 0; i < 36; i++) {
            if (i == stop)
                assert_int_equal(a->class->save(a, &saved, NULL), SL_OK);
            int status = a->class->step(a, &point, NULL);
            assert_true(status == SL_OK || status == SL_EEND);
        }
        assert_int_equal(b->class->load(b, (struct sl_str){ saved.p, saved.n }, NULL), SL_OK);
        for (uint64_t i = stop; i < 36; i++) {
            int status = b->class->step(b, &point, NULL);
            assert_true(status == SL_OK || status == SL_EEND);
        }
        assert_int_equal(a->class->copy_weights(a, &want, &n, NULL), SL_OK);
        assert_int_equal(b->class->copy_weights(b, &got, &m, NULL), SL_OK);
        assert_int_equal(n, m);
        assert_memory_equal(want, got, n * sizeof *want);
        free(want);
        free(got);
        sl_buf_release(&saved);
        a->class->free(a);
        b->class->free(b);
    }
    release(&t);
}

/* --- room, and where the stage may stand --- */

static void rows_that_no_stage_changes_behind_take_no_room_of_their_own(void **state)
{
    struct trial t;
    struct sl_row_source source;
    struct sl_batch out;
    const void *place[1] = { 0 };
    uint64_t row = 0;
    (void)state;
    run(&t, SPLIT "jiggle\nrescale scale=1/255\n" END, 2, 64u << 20);
    assert_int_equal(sl_row_source_dataset(&source, t.data, NULL), SL_OK);
    assert_true(source.costs && !source.stays);
    assert_int_equal(source.n, t.data->train.n);
    sl_row_source_release(&source);
    release(&t);
    run(&t, SPLIT "rescale scale=1/255\n" END, 2, 64u << 20); /* nothing random: rows lie where they lie */
    assert_int_equal(sl_row_source_dataset(&source, t.data, NULL), SL_OK);
    assert_true(!source.costs && source.stays);
    out = (struct sl_batch){ .place = place };
    assert_int_equal(source.fetch(source.ctx, 0, 0, &row, 1, &out, NULL), SL_OK);
    assert_ptr_equal(place[0], t.data->train.blocks[0].bytes);
    sl_row_source_release(&source);
    release(&t);
}

static void batches_ahead_never_take_more_than_the_memory_given(void **state)
{
    static const uint64_t rooms[] = { 1, 3000, 5000, 20000, 1u << 20 };
    struct trial t;
    struct taken want[20], got;
    (void)state;
    run(&t, SPLIT "jiggle\nrescale scale=1/255\n" END, 2, 64u << 20);
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
        struct sl_row_source source;
        struct sl_loader *loader = NULL;
        struct sl_loader_counts counts;
        struct sl_loader_options options = {
            .size = BATCH, .shuffle = true, .workers = 3, .prefetch = 16, .memory = rooms[r], .pool = t.pool
        };
        assert_int_equal(sl_row_source_dataset(&source, t.data, NULL), SL_OK);
        assert_int_equal(sl_loader_new(&loader, &source, &options, NULL), SL_OK);
        for (size_t b = 0; b < 20; b++) {
            take(loader, &got);
            sl_loader_counts(loader, &counts);
            assert_true(counts.held <= rooms[r]);
            if (r == 0)
                want[b] = got;
            assert_memory_equal(got.x, want[b].x, (size_t)got.batch.n * WIDTH * sizeof(float));
        }
        assert_true(r == 0 ? !counts.held && !counts.workers : r < 2 || (counts.held && counts.workers));
        sl_loader_free(loader);
        sl_row_source_release(&source);
    }
    release(&t);
}

static void refused(const char *stages, const char *what)
{
    struct trial t;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(bind(&t, stages, &err), SL_ESCHEMA);
    if (!strstr(err.what, what) || !err.fix[0])
        fail_msg("\"%s\" does not say \"%s\"", err.what, what);
    recipe_release(&t.recipe);
}

static void places_where_it_makes_no_sense_are_refused(void **state)
{
    (void)state;
    refused("jiggle\n" SPLIT END, "before \"split\"");
    refused(SPLIT "jiggle\ncache\n" END, "changes records at random");
    refused(SPLIT "jiggle\ndrop_missing label\n" END, "may drop records");
    refused(SPLIT "jiggle\nlogistic", "only networks");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_training_row_is_its_pixels_with_the_epochs_own_draw),
        cmocka_unit_test(rows_that_are_tested_are_never_changed),
        cmocka_unit_test(what_is_fitted_behind_is_fitted_on_unchanged_rows_and_applied_to_changed_ones),
        cmocka_unit_test(threads_depth_and_cache_change_no_bit),
        cmocka_unit_test(a_network_goes_on_from_any_step_to_the_same_bits),
        cmocka_unit_test(rows_that_no_stage_changes_behind_take_no_room_of_their_own),
        cmocka_unit_test(batches_ahead_never_take_more_than_the_memory_given),
        cmocka_unit_test(places_where_it_makes_no_sense_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
