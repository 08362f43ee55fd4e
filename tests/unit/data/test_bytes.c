/* test_bytes.c: vectors kept as bytes: they are bytes in every place that keeps cells, and floats where one asks. */
#include "sluice/chunk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { N = 5, WIDTH = 6 };

struct fixture {
    struct sl_arena arena;
    struct sl_schema schema, scaled, floats;
    struct sl_chunk chunk;
};

static void add_field(struct sl_schema *schema, bool bytes, float scale, float offset)
{
    assert_int_equal(sl_schema_add(schema, SL_STR("image"), SL_VECTOR, NULL), SL_OK);
    struct sl_field *field = &schema->fields[0];
    field->width = WIDTH;
    field->bytes = bytes;
    field->scale = scale;
    field->offset = offset;
    field->height = 2;
    field->breadth = 3;
    field->channels = 1;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    if (!f) {
        return -1;
    }
    sl_arena_init(&f->arena);
    add_field(&f->schema, true, 1, 0);
    add_field(&f->scaled, true, 1.0f / 255, -0.5f);
    add_field(&f->floats, false, 0, 0);
    assert_int_equal(sl_chunk_init(&f->chunk, &f->schema, N, &f->arena, NULL), SL_OK);
    uint8_t *bytes = sl_arena_array(&f->arena, N * WIDTH, 1);
    assert_non_null(bytes);
    for (int k = 0; k < N * WIDTH; k++) {
        bytes[k] = (uint8_t)(k * 9);
    }
    f->chunk.columns[0].bytes = bytes;
    for (uint32_t i = 0; i < N; i++) {
        f->chunk.origin[i].record = i;
    }
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    sl_schema_release(&f->schema);
    sl_schema_release(&f->scaled);
    sl_schema_release(&f->floats);
    sl_arena_release(&f->arena);
    free(f);
    return 0;
}

static void a_cell_is_byte_times_scale_plus_offset_in_single_precision(void **state)
{
    struct fixture *f = *state;
    float out[WIDTH];
    f->chunk.schema = &f->scaled;
    sl_cell_vector(&f->chunk, 0, 4, out);
    for (int k = 0; k < WIDTH; k++) {
        float byte = (float)f->chunk.columns[0].bytes[4 * WIDTH + k], scale = 1.0f / 255;
        volatile float product = byte * scale;
        float expected = product + -0.5f;
        assert_memory_equal(&out[k], &expected, sizeof expected);
    }
    float floats[WIDTH] = { 1, 2, 3, 4, 5, 6 };
    struct sl_chunk other = f->chunk;
    struct sl_column column = { .vector = floats };
    other.schema = &f->floats;
    other.columns = &column;
    sl_cell_vector(&other, 0, 0, out);
    assert_memory_equal(out, floats, sizeof out);
}

static void cells_are_equal_when_their_values_are(void **state)
{
    struct fixture *f = *state;
    struct sl_chunk scaled = f->chunk, floats = f->chunk;
    float *values = sl_arena_array(&f->arena, N * WIDTH, sizeof *values);
    struct sl_column column = { .vector = values };
    for (int k = 0; k < N * WIDTH; k++) {
        values[k] = (float)f->chunk.columns[0].bytes[k];
    }
    scaled.schema = &f->scaled;
    floats.schema = &f->floats;
    floats.columns = &column;
    assert_true(sl_cell_equal(&f->chunk, 0, 1, &f->chunk, 0, 1));
    assert_false(sl_cell_equal(&f->chunk, 0, 1, &f->chunk, 0, 2));
    assert_false(sl_cell_equal(&f->chunk, 0, 1, &scaled, 0, 1)); /* the same bytes */
    assert_true(sl_cell_equal(&f->chunk, 0, 3, &floats, 0, 3));
    assert_true(sl_cell_equal(&floats, 0, 3, &f->chunk, 0, 3));
    assert_false(sl_cell_equal(&scaled, 0, 3, &floats, 0, 3));
    assert_true(sl_field_alike(&f->schema.fields[0], &f->schema.fields[0]));
    assert_false(sl_field_alike(&f->schema.fields[0], &f->scaled.fields[0]));
    assert_false(sl_field_alike(&f->schema.fields[0], &f->floats.fields[0]));
}

static void bytes_are_kept_and_sliced_by_record(void **state)
{
    struct fixture *f = *state;
    struct sl_chunk slice, kept;
    const uint8_t *bytes = f->chunk.columns[0].bytes;
    assert_int_equal(sl_chunk_slice(&slice, &f->chunk, 2, 2, NULL), SL_OK);
    assert_ptr_equal(slice.columns[0].bytes, bytes + 2 * WIDTH);
    assert_int_equal(sl_chunk_share(&kept, &f->chunk, NULL), SL_OK);
    assert_int_equal(sl_chunk_keep(&kept, &(uint64_t){ 0x12 }, NULL), SL_OK);
    assert_int_equal(kept.n, 2);
    assert_memory_equal(kept.columns[0].bytes, bytes + WIDTH, WIDTH);
    assert_memory_equal(kept.columns[0].bytes + WIDTH, bytes + 4 * WIDTH, WIDTH);
}

static void a_schemas_copy_knows_what_the_bytes_stand_for(void **state)
{
    struct fixture *f = *state;
    struct sl_schema copy = { 0 };
    assert_int_equal(sl_schema_copy(&copy, &f->scaled, NULL), SL_OK);
    assert_true(sl_field_alike(&copy.fields[0], &f->scaled.fields[0]));
    assert_int_equal(copy.fields[0].height, 2);
    assert_int_equal(copy.fields[0].breadth, 3);
    assert_int_equal(copy.fields[0].channels, 1);
    sl_schema_release(&copy);
}

static void a_store_holds_a_byte_for_a_byte(void **state)
{
    struct fixture *f = *state;
    uint64_t used[2];
    for (int times = 0; times < 2; times++) {
        struct sl_store *store = NULL;
        struct sl_chunk big, back;
        uint32_t n = times ? 4000 : 2000;
        assert_int_equal(sl_chunk_init(&big, &f->schema, n, &f->arena, NULL), SL_OK);
        uint8_t *bytes = big.columns[0].bytes = sl_arena_array(&f->arena, (size_t)n * WIDTH, 1);
        for (uint32_t i = 0; i < n; i++) {
            big.origin[i].record = i;
            memset(bytes + (size_t)i * WIDTH, (int)(i % 251), WIDTH);
        }
        assert_int_equal(sl_store_new(&store, &f->schema, times ? 0 : UINT64_MAX, NULL),
                         SL_OK); /* on disk, in memory */
        assert_int_equal(sl_store_put(store, &big, NULL), SL_OK);
        assert_int_equal(sl_store_seal(store, NULL), SL_OK);
        assert_int_equal(sl_store_get(store, 0, &f->arena, &back, NULL), SL_OK);
        assert_memory_equal(back.columns[0].bytes, bytes, (size_t)n * WIDTH);
        uint64_t on_disk, in_memory = sl_store_bytes(store, &on_disk);
        used[times] = in_memory + on_disk;
        sl_store_free(store);
    }
    uint64_t places = 24; /* of a record, at most */
    assert_in_range(used[1] - used[0], 2000 * WIDTH, 2000 * (WIDTH + places) - 1);
}

static void cells_are_written_in_full_or_briefly(void **state)
{
    struct fixture *f = *state;
    struct sl_buf out = { 0 };
    sl_cell_format(&f->chunk, 0, 1, &out);
    assert_string_equal(out.p, "[54, 63, 72, 81, 90, 99]");
    out.n = 0;
    sl_cell_brief(&f->chunk, 0, 1, &out);
    assert_string_equal(out.p, "2×3 mean 76.5");
    f->chunk.schema = &f->scaled;
    out.n = 0;
    sl_cell_format(&f->chunk, 0, 0, &out);
    assert_string_equal(out.p, "[-0.5, -0.46470588, -0.42941177, -0.39411765, -0.35882354, -0.32352942]");
    out.n = 0;
    sl_cell_brief(&f->chunk, 0, 0, &out);
    assert_string_equal(out.p, "2×3 mean -0.412");
    struct sl_field colour = f->scaled.fields[0];
    colour.breadth = 1;
    colour.channels = 3;
    out.n = 0;
    sl_cell_place(&colour, 4, &out);
    sl_buf_putc(&out, ' ');
    sl_cell_place(&f->scaled.fields[0], 5, &out);
    assert_string_equal(out.p, "1,0,1 1,2");
    sl_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cell_is_byte_times_scale_plus_offset_in_single_precision, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cells_are_equal_when_their_values_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_are_kept_and_sliced_by_record, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schemas_copy_knows_what_the_bytes_stand_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_store_holds_a_byte_for_a_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cells_are_written_in_full_or_briefly, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
