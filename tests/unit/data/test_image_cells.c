/* test_image_cells.c: columns of pictures of any size: kept, cut, compared, told, stored and profiled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "sluice/chunk.h"
#include "sluice/profile.h"

enum { N = 70, CHANNELS = 3 };

static struct sl_schema schema;

static int set_up(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    int status = sl_schema_add(&schema, SL_STR("image"), SL_IMAGE, &err);
    schema.fields[0].channels = CHANNELS;
    return status;
}

static int tear_down(void **state)
{
    (void)state;
    sl_schema_release(&schema);
    return 0;
}

static uint32_t height_of(uint32_t i)
{
    return i % 5 + 1;
}

static uint32_t width_of(uint32_t i)
{
    return i % 7 + 1;
}

/* Picture i: i % 5 + 1 rows of i % 7 + 1, its bytes counted up from i; every ninth is missing. */
static void make(struct sl_chunk *chunk, struct sl_arena *arena, uint32_t n)
{
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_chunk_init(chunk, &schema, n, arena, &err), SL_OK);
    for (uint32_t i = 0; i < n; i++) {
        size_t bytes = (size_t)height_of(i) * width_of(i) * CHANNELS;
        uint8_t *pixels = sl_arena_array(arena, bytes, 1);
        for (size_t k = 0; k < bytes; k++) {
            pixels[k] = (uint8_t)(i + k);
        }
        chunk->columns[0].picture[i] = (struct sl_picture){ pixels, height_of(i), width_of(i) };
        chunk->origin[i].record = i;
        if (i % 9 == 8) {
            assert_int_equal(sl_chunk_set_missing(chunk, 0, i, &err), SL_OK);
        }
    }
}

static bool is_picture(const struct sl_chunk *chunk, uint32_t at, uint32_t i)
{
    const struct sl_picture *picture = &chunk->columns[0].picture[at];
    if (i % 9 == 8) {
        return !sl_valid(&chunk->columns[0], at);
    }
    bool same = sl_valid(&chunk->columns[0], at) && picture->height == height_of(i) && picture->width == width_of(i);
    for (size_t k = 0; same && k < (size_t)height_of(i) * width_of(i) * CHANNELS; k++) {
        same = picture->pixels[k] == (uint8_t)(i + k);
    }
    return same;
}

static void a_new_column_has_pictures_of_no_size(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_buf text = { 0 };
    sl_arena_init(&arena);
    assert_int_equal(sl_chunk_init(&chunk, &schema, 2, &arena, NULL), SL_OK);
    assert_int_equal(chunk.columns[0].picture[1].height, 0);
    sl_cell_format(&chunk, 0, 1, &text);
    assert_string_equal(text.p, "0×0×3");
    assert_true(sl_cell_equal(&chunk, 0, 0, &chunk, 0, 1));
    sl_buf_release(&text);
    sl_arena_release(&arena);
}

static void records_are_kept_and_cut_out_with_their_pictures(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_chunk chunk, slice;
    struct sl_error err = SL_ERROR_INIT;
    uint64_t keep[2] = { 0 };
    sl_arena_init(&arena);
    make(&chunk, &arena, N);
    for (uint32_t i = 0; i < N; i += 3) {
        keep[i >> 6] |= UINT64_C(1) << (i & 63);
    }
    assert_int_equal(sl_chunk_slice(&slice, &chunk, 30, 11, &err), SL_OK);
    for (uint32_t i = 0; i < 11; i++) {
        assert_true(is_picture(&slice, i, 30 + i));
    }
    assert_int_equal(sl_chunk_keep(&chunk, keep, &err), SL_OK);
    assert_int_equal(chunk.n, (N + 2) / 3);
    for (uint32_t i = 0; i < chunk.n; i++) {
        assert_true(is_picture(&chunk, i, 3 * i));
    }
    sl_arena_release(&arena);
}

static void pictures_are_equal_when_size_channels_and_pixels_are(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_chunk a, b;
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    make(&a, &arena, N);
    make(&b, &arena, N);
    for (uint32_t i = 0; i < N; i++) {
        assert_true(sl_cell_equal(&a, 0, i, &b, 0, i));
    }
    assert_false(sl_cell_equal(&a, 0, 0, &b, 0, 1));
    assert_false(sl_cell_equal(&a, 0, 7, &b, 0, 8)); /* missing */
    assert_true(sl_cell_equal(&a, 0, 8, &b, 0, 17));
    b.columns[0].picture[2] = (struct sl_picture){ b.columns[0].picture[2].pixels, 1, 9 }; /* 3×3 turned long */
    assert_false(sl_cell_equal(&a, 0, 2, &b, 0, 2));
    uint8_t *pixels = sl_arena_array(&arena, 4 * 4 * CHANNELS, 1);
    memcpy(pixels, a.columns[0].picture[3].pixels, 4 * 4 * CHANNELS);
    pixels[47] ^= 1;
    b.columns[0].picture[3].pixels = pixels;
    assert_false(sl_cell_equal(&a, 0, 3, &b, 0, 3));
    struct sl_schema grey = { 0 };
    assert_int_equal(sl_schema_copy(&grey, &schema, &err), SL_OK);
    grey.fields[0].channels = 1;
    b.schema = &grey;
    assert_false(sl_cell_equal(&a, 0, 0, &b, 0, 0));
    sl_schema_release(&grey);
    sl_arena_release(&arena);
}

static void a_picture_is_told_by_its_size_and_mean(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_buf text = { 0 };
    sl_arena_init(&arena);
    make(&chunk, &arena, N);
    sl_cell_format(&chunk, 0, 1, &text); /* 12 bytes from 1 on */
    assert_string_equal(text.p, "2×2×3 mean 6.5");
    text.n = 0;
    sl_cell_brief(&chunk, 0, 1, &text);
    assert_string_equal(text.p, "2×2×3 mean 6.5");
    text.n = 0;
    sl_cell_format(&chunk, 0, 8, &text);
    assert_int_equal(text.n, 0);
    sl_buf_release(&text);
    sl_arena_release(&arena);
}

/* Over the budget they lie in a file. */
static void come_back(uint64_t budget)
{
    struct sl_arena arena;
    struct sl_chunk chunk, back;
    struct sl_store *store = NULL;
    struct sl_error err = SL_ERROR_INIT;
    uint64_t on_disk = 0;
    sl_arena_init(&arena);
    assert_int_equal(sl_store_new(&store, &schema, budget, &err), SL_OK);
    for (uint32_t n = 0; n < 3; n++) {
        make(&chunk, &arena, n ? N : 0);
        chunk.sequence = n;
        assert_int_equal(sl_store_put(store, &chunk, &err), SL_OK);
    }
    assert_int_equal(sl_store_seal(store, &err), SL_OK);
    sl_arena_reset(&arena, 0);
    sl_store_bytes(store, &on_disk);
    assert_int_equal(on_disk > 0, budget == 0);
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(sl_store_get(store, k, &arena, &back, &err), SL_OK);
        assert_int_equal(back.n, k ? N : 0);
        for (uint32_t i = 0; i < back.n; i++) {
            assert_true(is_picture(&back, i, i));
        }
    }
    sl_store_free(store);
    sl_arena_release(&arena);
}

static void pictures_come_back_from_a_store_in_memory_and_on_disk(void **state)
{
    (void)state;
    come_back(UINT64_MAX);
    come_back(0);
}

static void a_profile_counts_pictures_and_tells_their_sizes(void **state)
{
    (void)state;
    struct sl_arena arena;
    struct sl_chunk chunk;
    struct sl_profile *profile = NULL;
    struct sl_column_profile column;
    struct sl_error err = SL_ERROR_INIT;
    sl_arena_init(&arena);
    make(&chunk, &arena, N);
    chunk.columns[0].picture[1] = chunk.columns[0].picture[0];
    assert_int_equal(sl_profile_new(&profile, &schema, &err), SL_OK);
    assert_int_equal(sl_profile_chunk(profile, &chunk, &err), SL_OK);
    sl_profile_column(profile, 0, &column);
    assert_string_equal(column.kind, "image");
    assert_int_equal(column.n, N);
    assert_int_equal(column.missing, 7);
    assert_int_equal((int)column.distinct, N - 7 - 1);
    assert_int_equal((int)column.min, 1);
    assert_int_equal((int)column.max, 35);
    assert_int_equal(column.n_top, 0);
    sl_profile_free(profile);
    sl_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_column_has_pictures_of_no_size),
        cmocka_unit_test(records_are_kept_and_cut_out_with_their_pictures),
        cmocka_unit_test(pictures_are_equal_when_size_channels_and_pixels_are),
        cmocka_unit_test(a_picture_is_told_by_its_size_and_mean),
        cmocka_unit_test(pictures_come_back_from_a_store_in_memory_and_on_disk),
        cmocka_unit_test(a_profile_counts_pictures_and_tells_their_sizes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
