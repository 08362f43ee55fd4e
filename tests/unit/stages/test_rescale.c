/* test_rescale.c: bytes change what they stand for, floats and numbers their values, to the same bits. */
#include "stage_try.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 3, WIDTH = 256 };

/* A statement bound to a column of bytes, or of the floats they stand for. */
struct trial {
    struct sl_arena arena;
    struct sl_schema schema;
    struct sl_statement statement;
    struct sl_stage stage;
    struct sl_chunk chunk;
    struct sl_error err;
};

static void fill(struct trial *t, bool bytes)
{
    uint8_t *cells = sl_arena_array(&t->arena, N * WIDTH, sizeof *cells);
    float *values = sl_arena_array(&t->arena, N * WIDTH, sizeof *values);
    assert_int_equal(sl_chunk_init(&t->chunk, &t->schema, N, &t->arena, NULL), SL_OK);
    for (int k = 0; k < N * WIDTH; k++) {
        cells[k] = (uint8_t)(k * 7);
        values[k] = (float)cells[k];
    }
    if (bytes) {
        t->chunk.columns[0].bytes = cells;
    } else {
        t->chunk.columns[0].vector = values;
    }
}

static int bind(struct trial *t, const char *statement, bool bytes, float scale, float offset)
{
    memset(t, 0, sizeof *t);
    sl_arena_init(&t->arena);
    assert_int_equal(sl_schema_add(&t->schema, SL_STR("image"), SL_VECTOR, NULL), SL_OK);
    struct sl_field *field = &t->schema.fields[0];
    field->width = WIDTH;
    field->bytes = bytes;
    field->scale = scale;
    field->offset = offset;
    assert_int_equal(sl_statement_parse(sl_str(statement), NULL, &t->arena, &t->statement, &t->err), SL_OK);
    t->stage = (struct sl_stage){ .class = t->statement.class, .params = t->statement.params, .in = &t->schema };
    assert_int_equal(sl_schema_copy(&t->stage.out, &t->schema, NULL), SL_OK);
    fill(t, bytes);
    return t->stage.class->bind(&t->stage, &t->schema, &t->stage.out, &t->err);
}

static void apply(struct trial *t)
{
    assert_int_equal(t->stage.class->apply(&t->stage, NULL, &t->chunk, &t->err), SL_OK);
    t->chunk.schema = &t->stage.out;
}

static void release(struct trial *t)
{
    t->stage.class->unbind(&t->stage);
    sl_schema_release(&t->stage.out);
    sl_schema_release(&t->schema);
    sl_arena_release(&t->arena);
}

static void bytes_stay_where_they_are_and_mean_what_floats_would_be(void **state)
{
    (void)state;
    static const char *const statements[] = { "rescale image scale=1/255", "rescale scale=1/127.5 offset=-1",
                                              "rescale image scale=-0.1 offset=3.3" };
    for (size_t k = 0; k < 3; k++) {
        struct trial bytes, floats;
        assert_int_equal(bind(&bytes, statements[k], true, 1, 0), SL_OK);
        assert_int_equal(bind(&floats, statements[k], false, 0, 0), SL_OK);
        const uint8_t *cells = bytes.chunk.columns[0].bytes;
        apply(&bytes);
        apply(&floats);
        assert_ptr_equal(bytes.chunk.columns[0].bytes, cells);
        for (uint32_t i = 0; i < N; i++) {
            float out[WIDTH];
            sl_cell_vector(&bytes.chunk, 0, i, out);
            assert_memory_equal(out, floats.chunk.columns[0].vector + i * WIDTH, sizeof out);
        }
        release(&bytes);
        release(&floats);
    }
}

static void a_pixel_is_divided_by_255_as_in_single_precision(void **state)
{
    (void)state;
    struct trial t;
    float out[WIDTH], scale = 1.0f / 255;
    assert_int_equal(bind(&t, "rescale image scale=1/255", true, 1, 0), SL_OK);
    assert_memory_equal(&t.stage.out.fields[0].scale, &scale, sizeof scale);
    apply(&t);
    sl_cell_vector(&t.chunk, 0, 0, out);
    for (int k = 0; k < WIDTH; k++) {
        float expected = (float)(uint8_t)(k * 7) * scale;
        assert_memory_equal(&out[k], &expected, sizeof expected);
    }
    release(&t);
}

static void a_second_rescale_goes_on_from_the_first(void **state)
{
    (void)state;
    struct trial t;
    assert_int_equal(bind(&t, "rescale image scale=2 offset=1", true, 0.5f, -3), SL_OK);
    assert_true(t.stage.out.fields[0].scale >= 1 && t.stage.out.fields[0].scale <= 1);
    assert_true(t.stage.out.fields[0].offset >= -5 && t.stage.out.fields[0].offset <= -5);
    release(&t);
}

static void factors_that_make_no_sense_are_refused(void **state)
{
    (void)state;
    struct trial t;
    assert_int_equal(bind(&t, "rescale image scale=0", true, 1, 0), SL_EPARAM);
    assert_string_equal(t.err.param, "scale");
    release(&t);
    assert_int_equal(bind(&t, "rescale image scale=3e38", true, 1, 0), SL_EPARAM);
    release(&t);
    assert_refused("rescale x scale=1", "x\nabc\n", NULL, SL_ESCHEMA, "works on number or vector");
    assert_refused("rescale scale=1", "x\nabc\n", NULL, SL_ESCHEMA, "no number or vector column");
}

static void numbers_are_rescaled_and_the_target_is_not(void **state)
{
    (void)state;
    assert_stage_with("rescale scale=1/3", "x,y\n3,3\n1,3\n", &(struct try_options){ .target = "y" },
                      "x,y\n1,3\n0.3333333333333333,3\n");
    assert_stage("rescale x scale=-1 offset=0.5", "x\n1\n\n", "x\n-0.5\n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_stay_where_they_are_and_mean_what_floats_would_be),
        cmocka_unit_test(a_pixel_is_divided_by_255_as_in_single_precision),
        cmocka_unit_test(a_second_rescale_goes_on_from_the_first),
        cmocka_unit_test(factors_that_make_no_sense_are_refused),
        cmocka_unit_test(numbers_are_rescaled_and_the_target_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
