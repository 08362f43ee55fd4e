/* test_chunk.c: chunks and cells: keep, slice and compare, for columns of every type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>

#include "sluice/chunk.h"
#include "sluice/vocab.h"

enum { TEXT, NUMBER, VECTOR, SPARSE, TOKENS, COLUMNS, WIDTH = 3 };

struct fixture {
    struct sl_schema schema;
    struct sl_arena arena;
    struct sl_vocab *vocab;
    struct sl_chunk chunk;
};

/* Row i: text "row i" (missing in every fifth), number i + 0.5 (missing in every seventh), vector (i, i+1, i+2), i % 4
 * pairs (k, i), i % 3 tokens "wi". */
static void fill(struct fixture *f, uint32_t n)
{
    struct sl_chunk *chunk = &f->chunk;
    assert_int_equal(sl_chunk_init(chunk, &f->schema, n, &f->arena, NULL), SL_OK);
    float *vector = chunk->columns[VECTOR].vector = sl_arena_array(&f->arena, n * WIDTH, sizeof(float));
    struct sl_sparse *sparse = &chunk->columns[SPARSE].sparse;
    struct sl_tokens *tokens = &chunk->columns[TOKENS].tokens;
    sparse->start = sl_arena_zero(&f->arena, n + 1, sizeof *sparse->start);
    sparse->index = sl_arena_array(&f->arena, n * 4, sizeof *sparse->index);
    sparse->value = sl_arena_array(&f->arena, n * 4, sizeof *sparse->value);
    tokens->start = sl_arena_zero(&f->arena, n + 1, sizeof *tokens->start);
    tokens->id = sl_arena_array(&f->arena, n * 3, sizeof *tokens->id);
    tokens->vocab = f->vocab;
    for (uint32_t i = 0; i < n; i++) {
        chunk->origin[i] = (struct sl_origin){ .record = 100 + i, .line = 2 * i, .byte = 10 * i, .file = i % 2 };
        chunk->columns[TEXT].text[i] = sl_str(sl_arena_printf(&f->arena, "row %u", i));
        chunk->columns[NUMBER].number[i] = i + 0.5;
        sparse->start[i + 1] = sparse->start[i];
        tokens->start[i + 1] = tokens->start[i];
        for (uint32_t k = 0; k < WIDTH; k++) {
            vector[i * WIDTH + k] = (float)(i + k);
        }
        for (uint32_t k = 0; k < i % 4; k++) {
            sparse->index[sparse->start[i + 1]] = k;
            sparse->value[sparse->start[i + 1]++] = (float)i;
        }
        for (uint32_t k = 0; k < i % 3; k++) {
            char word[16];
            int length = snprintf(word, sizeof word, "w%u", i);
            tokens->id[tokens->start[i + 1]++] = sl_vocab_add(f->vocab, (struct sl_str){ word, (size_t)length });
        }
        if (i % 5 == 0) {
            assert_int_equal(sl_chunk_set_missing(chunk, TEXT, i, NULL), SL_OK);
        }
        if (i % 7 == 0) {
            assert_int_equal(sl_chunk_set_missing(chunk, NUMBER, i, NULL), SL_OK);
        }
    }
}

static int setup(void **state)
{
    static struct fixture f;
    f = (struct fixture){ 0 };
    sl_arena_init(&f.arena);
    static const enum sl_type types[COLUMNS] = { SL_TEXT, SL_NUMBER, SL_VECTOR, SL_SPARSE, SL_TOKENS };
    for (int c = 0; c < COLUMNS; c++) {
        assert_int_equal(sl_schema_add(&f.schema, sl_str(sl_type_name(types[c])), types[c], NULL), SL_OK);
    }
    f.schema.fields[VECTOR].width = WIDTH;
    f.schema.fields[SPARSE].width = WIDTH + 1;
    assert_int_equal(sl_vocab_new(&f.vocab, NULL), SL_OK);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    sl_arena_release(&f->arena);
    sl_schema_release(&f->schema);
    sl_vocab_free(f->vocab);
    return 0;
}

static void assert_same_record(const struct sl_chunk *a, uint32_t i, const struct sl_chunk *b, uint32_t j)
{
    for (size_t c = 0; c < COLUMNS; c++) {
        assert_true(sl_cell_equal(a, c, i, b, c, j));
        assert_int_equal(sl_valid(&a->columns[c], i), sl_valid(&b->columns[c], j));
    }
    assert_int_equal(a->origin[i].record, b->origin[j].record);
    assert_int_equal(a->origin[i].byte, b->origin[j].byte);
}

static void keep_takes_the_marked_records_of_every_column(void **state)
{
    struct fixture *f = *state;
    static const uint32_t sizes[] = { 1, 63, 64, 65, 200 };
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (uint32_t step = 1; step < 6; step++) {
            uint32_t n = sizes[s];
            fill(f, n);
            uint64_t keep[4] = { 0 };
            for (uint32_t i = 0; i < n; i += step) {
                keep[i / 64] |= UINT64_C(1) << (i % 64);
            }
            if (n % 64) {
                keep[n / 64] |= ~UINT64_C(0) << (n % 64); /* bits past the end mean nothing */
            }
            struct sl_chunk kept = f->chunk;
            assert_int_equal(sl_chunk_keep(&kept, keep, NULL), SL_OK);
            assert_int_equal(kept.n, (n + step - 1) / step);
            for (uint32_t j = 0; j < kept.n; j++) {
                assert_same_record(&f->chunk, j * step, &kept, j);
            }
        }
    }
}

static void keeping_all_changes_nothing_and_keeping_none_empties(void **state)
{
    struct fixture *f = *state;
    fill(f, 70);
    uint64_t all[2] = { UINT64_MAX, 63 }, none[2] = { 0 };
    struct sl_chunk kept = f->chunk;
    assert_int_equal(sl_chunk_keep(&kept, all, NULL), SL_OK);
    assert_ptr_equal(kept.columns, f->chunk.columns);
    assert_ptr_equal(kept.columns[TEXT].text, f->chunk.columns[TEXT].text);
    assert_int_equal(sl_chunk_keep(&kept, none, NULL), SL_OK);
    assert_int_equal(kept.n, 0);
    assert_int_equal(f->chunk.n, 70);
}

static void a_slice_shows_a_run_of_records(void **state)
{
    struct fixture *f = *state;
    fill(f, 150);
    static const uint32_t cuts[][2] = { { 0, 150 }, { 0, 0 }, { 1, 1 }, { 63, 2 }, { 64, 64 }, { 149, 1 }, { 150, 0 } };
    for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
        struct sl_chunk slice;
        assert_int_equal(sl_chunk_slice(&slice, &f->chunk, cuts[k][0], cuts[k][1], NULL), SL_OK);
        assert_int_equal(slice.n, cuts[k][1]);
        for (uint32_t i = 0; i < slice.n; i++) {
            assert_same_record(&f->chunk, cuts[k][0] + i, &slice, i);
        }
    }
    struct sl_chunk slice;
    assert_int_equal(sl_chunk_slice(&slice, &f->chunk, 77, 3, NULL), SL_OK);
    assert_ptr_equal(slice.columns[TEXT].text[0].p, f->chunk.columns[TEXT].text[77].p);
}

static void a_share_can_change_columns_without_changing_the_original(void **state)
{
    struct fixture *f = *state;
    fill(f, 10);
    struct sl_chunk share;
    assert_int_equal(sl_chunk_share(&share, &f->chunk, NULL), SL_OK);
    struct sl_str *text = sl_arena_zero(&f->arena, 10, sizeof *text);
    share.columns[TEXT] = (struct sl_column){ .text = text };
    assert_true(sl_str_equal(f->chunk.columns[TEXT].text[3], SL_STR("row 3")));
    assert_false(sl_cell_equal(&f->chunk, TEXT, 3, &share, TEXT, 3));
    assert_true(sl_cell_equal(&f->chunk, SPARSE, 3, &share, SPARSE, 3));
}

static void a_bitmap_has_no_bits_past_the_last_record(void **state)
{
    struct fixture *f = *state;
    fill(f, 70);
    assert_int_equal(sl_chunk_set_missing(&f->chunk, VECTOR, 69, NULL), SL_OK);
    assert_true(f->chunk.columns[VECTOR].valid[1] == 31);
    assert_false(sl_valid(&f->chunk.columns[VECTOR], 69));
    assert_true(sl_valid(&f->chunk.columns[VECTOR], 68));
}

static void equality_is_of_value_and_validity(void **state)
{
    struct fixture *f = *state;
    fill(f, 12);
    struct sl_chunk *chunk = &f->chunk;
    chunk->columns[TEXT].text[2] = SL_STR("same");
    chunk->columns[TEXT].text[3] = SL_STR("same");
    assert_true(sl_cell_equal(chunk, TEXT, 2, chunk, TEXT, 3));
    assert_false(sl_cell_equal(chunk, TEXT, 2, chunk, TEXT, 5)); /* missing */
    assert_true(sl_cell_equal(chunk, TEXT, 0, chunk, TEXT, 5));
    assert_true(sl_cell_equal(chunk, TEXT, 0, chunk, NUMBER, 7)); /* missing both */
    chunk->columns[NUMBER].number[1] = NAN;
    assert_true(sl_cell_equal(chunk, NUMBER, 1, chunk, NUMBER, 7));
    chunk->columns[NUMBER].number[2] = 0.0;
    chunk->columns[NUMBER].number[3] = -0.0;
    assert_true(sl_cell_equal(chunk, NUMBER, 2, chunk, NUMBER, 3));
    assert_false(sl_cell_equal(chunk, NUMBER, 4, chunk, NUMBER, 5));
    assert_false(sl_cell_equal(chunk, VECTOR, 4, chunk, VECTOR, 5));
    assert_false(sl_cell_equal(chunk, SPARSE, 5, chunk, SPARSE, 9)); /* same indices, other values */
    assert_false(sl_cell_equal(chunk, TEXT, 2, chunk, NUMBER, 2));
}

static void tokens_of_two_vocabularies_are_compared_by_their_text(void **state)
{
    struct fixture *f = *state;
    fill(f, 6);
    struct sl_vocab *other;
    assert_int_equal(sl_vocab_new(&other, NULL), SL_OK);
    sl_vocab_add(other, SL_STR("w5"));
    sl_vocab_add(other, SL_STR("w4"));
    struct sl_chunk share;
    assert_int_equal(sl_chunk_share(&share, &f->chunk, NULL), SL_OK);
    uint64_t start[7] = { 0, 0, 0, 0, 0, 1, 3 };
    uint32_t id[3] = { 1, 0, 0 };
    share.columns[TOKENS].tokens = (struct sl_tokens){ start, id, other };
    assert_true(sl_cell_equal(&f->chunk, TOKENS, 4, &share, TOKENS, 4));
    assert_true(sl_cell_equal(&f->chunk, TOKENS, 5, &share, TOKENS, 5));
    id[2] = 1;
    assert_false(sl_cell_equal(&f->chunk, TOKENS, 5, &share, TOKENS, 5));
    sl_vocab_free(other);
}

static void cells_are_shown_as_people_write_them(void **state)
{
    struct fixture *f = *state;
    fill(f, 12);
    f->chunk.columns[NUMBER].number[2] = 0.1;
    f->chunk.columns[NUMBER].number[3] = -INFINITY;
    f->chunk.columns[NUMBER].number[4] = 5;
    f->chunk.columns[VECTOR].vector[6] = 0.1f;
    static const struct {
        size_t column;
        uint32_t row;
        const char *shown;
    } cases[] = {
        { TEXT, 1, "row 1" }, { TEXT, 0, "" },          { NUMBER, 2, "0.1" },         { NUMBER, 3, "-inf" },
        { NUMBER, 4, "5" },   { NUMBER, 7, "" },        { VECTOR, 2, "[0.1, 3, 4]" }, { SPARSE, 2, "[0:2, 1:2]" },
        { SPARSE, 4, "[]" },  { TOKENS, 5, "[w5 w5]" }, { TOKENS, 3, "[]" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct sl_buf out = { 0 };
        sl_buf_putc(&out, '>');
        sl_cell_format(&f->chunk, cases[k].column, cases[k].row, &out);
        assert_string_equal(out.p + 1, cases[k].shown);
        sl_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keep_takes_the_marked_records_of_every_column, setup, teardown),
        cmocka_unit_test_setup_teardown(keeping_all_changes_nothing_and_keeping_none_empties, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slice_shows_a_run_of_records, setup, teardown),
        cmocka_unit_test_setup_teardown(a_share_can_change_columns_without_changing_the_original, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bitmap_has_no_bits_past_the_last_record, setup, teardown),
        cmocka_unit_test_setup_teardown(equality_is_of_value_and_validity, setup, teardown),
        cmocka_unit_test_setup_teardown(tokens_of_two_vocabularies_are_compared_by_their_text, setup, teardown),
        cmocka_unit_test_setup_teardown(cells_are_shown_as_people_write_them, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
