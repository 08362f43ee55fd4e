/* test_dataset.c: features joined into rows: sparse, dense or bytes, whichever their columns and the learner ask for;
 * the same rows for any budget; numbers as targets. */
#include "tests/unit/pipeline/recipe_try.h"

#include "sluice/loader.h"

#include <math.h>

static char folder[] = "/tmp/sluice-dataset-XXXXXX";
enum { PICTURES = 6000, HEIGHT = 4, BREADTH = 5, PIXELS = HEIGHT * BREADTH };

static const char *at(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static unsigned char pixel(unsigned i, unsigned k)
{
    return (unsigned char)(i * 31 + k * 17 + i / 256);
}

static void put_big(FILE *file, unsigned n)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        fputc((int)(n >> shift & 255), file);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    FILE *images = fopen(at("images"), "wb"), *labels = fopen(at("labels"), "wb");
    assert_true(images && labels);
    put_big(images, 0x803), put_big(images, PICTURES), put_big(images, HEIGHT), put_big(images, BREADTH);
    put_big(labels, 0x801), put_big(labels, PICTURES);
    for (unsigned i = 0; i < PICTURES; i++) {
        for (unsigned k = 0; k < PIXELS; k++)
            fputc(pixel(i, k), images);
        fputc((int)(i % 10), labels);
    }
    assert_int_equal(fclose(images) | fclose(labels), 0);
    FILE *table = fopen(at("table.csv"), "wb");
    assert_non_null(table);
    fputs("a,b,town,price\n", table);
    for (int i = 0; i < 300; i++)
        fprintf(table, "%d,%d.5,%s,%s\n", i, i % 7, i % 3 ? "Ulm" : "Bonn", i % 50 == 9 ? "" : i % 2 ? "1.25" : "-3");
    assert_int_equal(fclose(table), 0);
    return 0;
}

static int tear_down(void **state)
{
    char command[200];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

struct made {
    struct recipe recipe;
    struct sl_pipeline *pipeline;
    struct sl_pool *pool;
    struct sl_run *run;
    struct sl_dataset *data;
};

static void make(struct made *m, const char *text, int threads, uint64_t memory)
{
    struct sl_error err = SL_ERROR_INIT;
    struct sl_pipeline_options options = { .base = folder };
    memset(m, 0, sizeof *m);
    recipe_parse(&m->recipe, text);
    assert_int_equal(sl_pool_new(&m->pool, threads, &err), SL_OK);
    if (sl_pipeline_new(&m->pipeline, m->recipe.statements, m->recipe.n, &options, &err))
        fail_msg("%s", err.what);
    sl_pipeline_reader(m->pipeline)->block_bytes = 16 << 10;
    struct sl_run_options run = { .pool = m->pool, .memory = memory };
    if (sl_dataset_new(&m->data, &m->run, m->pipeline, &run, &err))
        fail_msg("%s", err.what);
}

static void release(struct made *m)
{
    sl_dataset_free(m->data);
    sl_run_free(m->run);
    sl_pipeline_free(m->pipeline);
    sl_pool_free(m->pool);
    recipe_release(&m->recipe);
}

static const char pictures[] = "read idx images labels=labels\nrescale image scale=1/255\nsplit test_size=0.2 "
                               "validation_size=0.1\nmlp\n";

/* Rows of a matrix: each record's own picture and label, in input order. */
static void check_pictures(const struct sl_matrix *m, uint64_t n)
{
    uint64_t rows = 0, last = 0;
    assert_int_equal(m->n, n);
    assert_int_equal(m->layout, SL_LAYOUT_BYTES);
    assert_int_equal(m->width, PIXELS);
    assert_true(m->scale == (float)(1.0 / 255) && m->offset == 0);
    for (size_t b = 0; b < m->n_blocks; b++) {
        const struct sl_rows *r = &m->blocks[b];
        assert_true(!r->start && !r->dense && !r->target);
        for (uint32_t i = 0; i < r->n; i++, rows++) {
            unsigned record = (unsigned)r->record[i];
            assert_true(!rows || record > last);
            last = record;
            assert_int_equal(r->y[i], record % 10);
            for (unsigned k = 0; k < PIXELS; k++)
                assert_int_equal(r->bytes[i * PIXELS + k], pixel(record, k));
        }
        sl_rows_rest(r);
    }
    assert_int_equal(rows, n);
}

static void pictures_stay_bytes_whatever_budget_and_threads(void **state)
{
    (void)state;
    static const uint64_t budgets[] = { UINT64_C(1) << 28, 100000, 1 };
    for (size_t i = 0; i < 3; i++) {
        struct made m;
        make(&m, pictures, 1 + (int)i % 2, budgets[i]);
        check_pictures(&m.data->train, 4320);
        check_pictures(&m.data->validation, 480);
        check_pictures(&m.data->test, 1200);
        assert_int_equal(m.data->map != NULL, i > 0);
        assert_int_equal(m.data->height, HEIGHT);
        assert_int_equal(m.data->breadth, BREADTH);
        assert_int_equal(m.data->channels, 1);
        assert_int_equal(m.data->n_classes, 10);
        release(&m);
    }
}

static void logistic_gets_the_same_values_sparse(void **state)
{
    (void)state;
    struct made sparse, bytes;
    make(&bytes, pictures, 1, 1 << 28);
    make(
        &sparse,
        "read idx images labels=labels\nrescale image scale=1/255\nsplit test_size=0.2 validation_size=0.1\nlogistic\n",
        2, 1 << 28);
    const struct sl_matrix *a = &sparse.data->train, *b = &bytes.data->train;
    assert_int_equal(a->layout, SL_LAYOUT_SPARSE);
    assert_int_equal(a->n_blocks, b->n_blocks);
    assert_int_equal(a->n, b->n);
    for (size_t k = 0; k < a->n_blocks; k++)
        for (uint32_t i = 0; i < a->blocks[k].n; i++) {
            float x[PIXELS], y[PIXELS], value[PIXELS];
            uint32_t index[PIXELS];
            sl_rows_dense(a, &a->blocks[k], i, 1, x);
            sl_rows_dense(b, &b->blocks[k], i, 1, y);
            assert_memory_equal(x, y, sizeof x);
            uint32_t n = sl_row_features(b, &b->blocks[k], i, index, value);
            assert_int_equal(n, a->blocks[k].start[i + 1] - a->blocks[k].start[i]);
            assert_int_equal(n, sl_row_features(a, &a->blocks[k], i, NULL, NULL));
            assert_memory_equal(index, a->blocks[k].index + a->blocks[k].start[i], n * sizeof *index);
            assert_memory_equal(value, a->blocks[k].value + a->blocks[k].start[i], n * sizeof *value);
        }
    release(&sparse);
    release(&bytes);
}

static void numbers_and_narrow_encodings_become_dense(void **state)
{
    (void)state;
    struct made m;
    make(&m, "read csv table.csv\nlabel price\nonehot town\nmlp a,b,town\n", 1, 1 << 28);
    const struct sl_matrix *t = &m.data->train;
    assert_int_equal(t->layout, SL_LAYOUT_DENSE);
    assert_int_equal(t->width, 4);
    assert_int_equal(t->n, 294);
    const float *row = t->blocks[0].dense + 3 * 4; /* record 3: a 3, b 3.5, Bonn */
    assert_true(row[0] == 3 && row[1] == 3.5f && row[2] == 1 && row[3] == 0);
    row += 4;
    assert_true(row[0] == 4 && row[1] == 4.5f && row[2] == 0 && row[3] == 1);
    release(&m);
    make(&m, "read csv table.csv\nlabel price\nhashing town n_features=4096\nmlp\n", 1, 1 << 28);
    assert_int_equal(m.data->train.layout, SL_LAYOUT_SPARSE);
    assert_int_equal(m.data->train.width, 4096);
    release(&m);
}

static void a_number_to_predict_is_kept_as_one(void **state)
{
    (void)state;
    struct made m;
    struct sl_dataset *shape = NULL;
    struct sl_error err = SL_ERROR_INIT;
    make(&m, "read csv table.csv\nlabel price task=regression\nsplit test_size=94 shuffle=false\nmlp a,b\n", 2,
         1 << 28);
    assert_true(m.data->regression);
    assert_int_equal(m.data->n_classes, 0);
    assert_int_equal(m.data->train.n, 200);
    assert_int_equal(m.data->test.n, 94);
    for (size_t b = 0; b < m.data->train.n_blocks; b++) {
        const struct sl_rows *r = &m.data->train.blocks[b];
        assert_null(r->y);
        for (uint32_t i = 0; i < r->n; i++)
            assert_true(r->target[i] == (r->record[i] % 2 ? 1.25f : -3.0f));
    }
    assert_int_equal(sl_dataset_shape(&shape, m.pipeline, &err), SL_OK);
    assert_true(shape->regression);
    assert_int_equal(shape->train.layout, SL_LAYOUT_DENSE);
    assert_int_equal(shape->train.width, 2);
    sl_dataset_free(shape);
    release(&m);
}

/* One chunk of records as predicting joins them: with a number missing, that row says so. */
static void a_single_chunk_is_joined_in_the_same_layout(void **state)
{
    (void)state;
    struct made m;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    struct sl_quarantine rejects = { 0 };
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_rows rows;
    sl_arena_init(&arena);
    make(&m, "read idx images labels=labels\nmlp\n", 1, 1 << 28);
    struct sl_reader *reader = sl_pipeline_reader(m.pipeline);
    assert_int_equal(sl_reader_seek(reader, &sl_run_result(m.run)->marks[0], &err), SL_OK);
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
    assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
    const struct sl_stage *label = sl_pipeline_find(m.pipeline, SL_TARGET);
    assert_int_equal(sl_dataset_rows(m.data, label, &chunk, &rows, &err), SL_OK);
    assert_true(rows.bytes && !rows.start && !rows.dense);
    assert_int_equal(rows.n, chunk.n);
    assert_memory_equal(rows.bytes, m.data->train.blocks[0].bytes, (size_t)rows.n * PIXELS);
    assert_int_equal(rows.y[13], 3);
    assert_true(sl_row_complete(&m.data->train, &rows, 0));
    sl_block_release(&block);
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    release(&m);
    float dense[] = { 1, 2, 0, NAN };
    const struct sl_matrix layout = { .layout = SL_LAYOUT_DENSE, .width = 2 };
    const struct sl_rows two = { .n = 2, .dense = dense };
    assert_true(sl_row_complete(&layout, &two, 0));
    assert_false(sl_row_complete(&layout, &two, 1));
    assert_int_equal(sl_row_features(&layout, &two, 1, NULL, NULL), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_stay_bytes_whatever_budget_and_threads),
        cmocka_unit_test(logistic_gets_the_same_values_sparse),
        cmocka_unit_test(numbers_and_narrow_encodings_become_dense),
        cmocka_unit_test(a_number_to_predict_is_kept_as_one),
        cmocka_unit_test(a_single_chunk_is_joined_in_the_same_layout),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
