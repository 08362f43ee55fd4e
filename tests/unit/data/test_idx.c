/* test_idx.c: IDX files of every type and rank, with labels and without, whole and not quite whole. */
#include "tests/unit/data/idx_try.h"

#include <math.h>
#include <stdio.h>

static const unsigned types[] = { 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e };
enum { TYPES = sizeof types / sizeof *types };

/* n pictures of height × breadth, bytes counting up. */
static void store_pictures(const char *name, uint32_t n, uint32_t height, uint32_t breadth, long more, bool packed)
{
    struct sl_buf b = idx_begin(0x08, 3, (uint32_t[]){ n, height, breadth });
    idx_add_bytes(&b, 0, (size_t)((long)(n * height * breadth) + more));
    idx_store(name, &b, packed);
}

static void store_labels(const char *name, uint32_t n, long more, bool packed)
{
    struct sl_buf b = idx_begin(0x08, 1, (uint32_t[]){ n });
    idx_add_bytes(&b, 50, (size_t)((long)n + more));
    idx_store(name, &b, packed);
}

static void every_type_is_read_alone_and_in_vectors(void **state)
{
    (void)state;
    static const double numbers[] = { 1, 2, 100, 7, 0, 5 };
    static const double negative[] = { -1, -2, 100, -128, 0, 127 };
    for (size_t t = 0; t < TYPES; t++) {
        bool has_sign = types[t] != 0x08;
        struct sl_buf b = idx_begin(types[t], 2, (uint32_t[]){ 2, 3 });
        idx_add(&b, types[t], has_sign ? negative : numbers, 6);
        char expected[200];
        uint32_t size = ((uint32_t)b.n - 12) / 6;
        snprintf(expected, sizeof expected,
                 has_sign ? "0:1:12 [-1, -2, 100]\n1:2:%u [-128, 0, 127]\n" : "0:1:12 [1, 2, 100]\n1:2:%u [7, 0, 5]\n",
                 12 + 3 * size);
        idx_store("vectors", &b, t % 2);
        idx_reads("vectors", NULL, expected);
        b = idx_begin(types[t], 1, (uint32_t[]){ 3 });
        idx_add(&b, types[t], has_sign ? negative : numbers, 3);
        idx_store("numbers", &b, t % 2 == 0);
        snprintf(expected, sizeof expected, "0:1:8 %s1\n1:2:%u %s2\n2:3:%u 100\n", has_sign ? "-" : "", 8 + size,
                 has_sign ? "-" : "", 8 + 2 * size);
        idx_reads("numbers", NULL, expected);
    }
}

static void widest_numbers_keep_their_digits_when_they_stand_alone(void **state)
{
    (void)state;
    struct sl_buf b = idx_begin(0x0c, 1, (uint32_t[]){ 2 });
    idx_add(&b, 0x0c, (double[]){ -2147483648.0, 2147483647 }, 2);
    idx_store("ints", &b, false);
    idx_reads("ints", NULL, "0:1:8 -2147483648\n1:2:12 2147483647\n");
    b = idx_begin(0x0e, 1, (uint32_t[]){ 3 });
    idx_add(&b, 0x0e, (double[]){ 0.1, 1e300, (double)NAN }, 3);
    idx_store("doubles", &b, false);
    idx_reads("doubles", NULL, "0:1:8 0.1\n1:2:16 1e+300\n2:3:24 \n");
}

static void pictures_have_an_extent_and_stay_bytes(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    store_pictures("pictures", 2, 2, 3, 0, true);
    idx_reads("pictures", NULL, "0:1:16 [0, 1, 2, 3, 4, 5]\n1:2:22 [6, 7, 8, 9, 10, 11]\n");
    assert_int_equal(idx_open("pictures", NULL, &reader, &err), SL_OK);
    const struct sl_field *field = &reader->schema.fields[0];
    assert_string_equal(field->name, "image");
    assert_true(field->bytes && field->encoded && !field->target);
    assert_int_equal(field->width, 6);
    assert_int_equal(field->height, 2);
    assert_int_equal(field->breadth, 3);
    assert_int_equal(field->channels, 1);
    assert_true(field->scale >= 1 && field->scale <= 1);
    assert_true(reader->packed);
    assert_string_equal(reader->note, "idx, pictures of ubyte, 2×3");
    sl_reader_close(reader);

    struct sl_buf b = idx_begin(0x09, 4, (uint32_t[]){ 1, 1, 2, 3 });
    idx_add_bytes(&b, 0xfe, 6);
    idx_store("colours", &b, false);
    idx_reads("colours", NULL, "0:1:20 [-2, -1, 0, 1, 2, 3]\n");
    assert_int_equal(idx_open("colours", NULL, &reader, &err), SL_OK);
    field = &reader->schema.fields[0];
    assert_false(field->bytes);
    assert_int_equal(field->channels, 3);
    assert_int_equal(field->width, 6);
    sl_reader_close(reader);
}

static void bytes_of_a_block_are_not_copied(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_block block = { 0 };
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    struct sl_chunk chunk;
    store_pictures("pictures", 3, 4, 4, 0, false);
    assert_int_equal(idx_open("pictures", NULL, &reader, &err), SL_OK);
    sl_arena_init(&arena);
    assert_int_equal(sl_reader_next(reader, &block, &err), SL_OK);
    assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, &err), SL_OK);
    assert_ptr_equal(chunk.columns[0].bytes, block.data.p);
    sl_arena_release(&arena);
    sl_block_release(&block);
    sl_reader_close(reader);
}

static void labels_stand_beside_and_are_the_target(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    for (int packed = 0; packed < 2; packed++) {
        store_pictures("a", 3, 1, 2, 0, packed);
        store_labels("a.labels", 3, 0, !packed);
        store_pictures("b", 1, 1, 2, 0, !packed);
        store_labels("b.labels", 1, 0, packed);
        idx_reads("a b", "a.labels b.labels",
                  "0:1:16 [0, 1]|50\n1:2:18 [2, 3]|51\n2:3:20 [4, 5]|52\nf1 3:1:16 [0, 1]|50\n");
    }
    assert_int_equal(idx_open("a b", "a.labels b.labels", &reader, &err), SL_OK);
    assert_string_equal(reader->schema.fields[1].name, "label");
    assert_true(reader->schema.fields[1].target);
    assert_int_equal(reader->n_paths, 4);
    sl_reader_close(reader);
}

static void data_that_end_early_give_what_is_whole(void **state)
{
    (void)state;
    store_pictures("short", 5, 1, 4, -7, false);
    idx_reads("short", NULL,
              "0:1:16 [0, 1, 2, 3]\n1:2:20 [4, 5, 6, 7]\n2:3:24 [8, 9, 10, 11]\n"
              "bad 3:4:28 the file of data ends 1 bytes into this record, which has 4; its header announces 5 records, "
              "so 1 more are missing\n");
    store_pictures("short.gz", 5, 1, 4, -8, true);
    store_labels("labels", 5, 0, false);
    idx_reads("short.gz", "labels",
              "0:1:16 [0, 1, 2, 3]|50\n1:2:20 [4, 5, 6, 7]|51\n2:3:24 [8, 9, 10, 11]|52\n"
              "bad 3:4:28 the file of data ends 0 bytes into this record, which has 4; its header announces 5 records, "
              "so 1 more are missing\n");
}

static void an_enormous_count_costs_nothing(void **state)
{
    (void)state;
    struct sl_buf b = idx_begin(0x08, 2, (uint32_t[]){ UINT32_MAX, 2 });
    idx_add_bytes(&b, 0, 4);
    idx_store("many", &b, true);
    idx_reads("many", NULL,
              "0:1:12 [0, 1]\n1:2:14 [2, 3]\nbad 2:3:16 the file of data ends 0 bytes into this record, which has 2; "
              "its header announces 4294967295 records, so 4294967292 more are missing\n");
}

static void labels_that_end_early_leave_the_rest_out(void **state)
{
    (void)state;
    store_pictures("a", 4, 1, 1, 0, false);
    store_labels("labels", 4, -2, false);
    store_pictures("b", 1, 1, 1, 0, false);
    store_labels("b.labels", 1, 0, false);
    idx_reads("a b", "labels b.labels",
              "0:1:16 [0]|50\n1:2:17 [1]|51\nf1 3:1:16 [0]|50\nbad 2:3:10 the file of labels ends 0 bytes into this "
              "record, which has 1; its header announces 4 records, so 1 more are missing\n");
}

static void what_follows_the_last_record_is_told_of(void **state)
{
    (void)state;
    store_pictures("long", 2, 1, 2, 3, true);
    store_labels("labels", 2, 1, false);
    idx_reads("long", "labels",
              "0:1:16 [0, 1]|50\n1:2:18 [2, 3]|51\nbad 2:3:20 3 bytes follow the last of the 2 records the header "
              "announces\nbad 3:3:10 1 bytes follow the last of the 2 labels the header announces\n");
}

static void a_double_too_large_for_a_float_is_rejected(void **state)
{
    (void)state;
    struct sl_buf b = idx_begin(0x0e, 2, (uint32_t[]){ 3, 2 });
    idx_add(&b, 0x0e, (double[]){ 1, 2, 3, -1e39, (double)INFINITY, 0.5 }, 6);
    idx_store("doubles", &b, false);
    idx_reads("doubles", NULL,
              "0:1:12 [1, 2]\n2:3:44 [inf, 0.5]\nbad 1:2:28 element 1 is -1e+39, too large for a float (at most "
              "3.4e38)\n");
}

/* From every mark on, the rest reads as it did. */
static void check_marks(const char *files, const char *labels, uint64_t block_bytes)
{
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_mark marks[32];
    struct sl_block block = { 0 };
    size_t n = 0;
    assert_int_equal(idx_open(files, labels, &reader, &err), SL_OK);
    reader->block_bytes = block_bytes;
    while (sl_reader_next(reader, &block, &err) == SL_OK) {
        assert_true(n < 32);
        assert_int_equal(block.mark.sequence, n);
        marks[n++] = block.mark;
    }
    assert_true(n >= 4);
    for (size_t from = n; from-- > 0;) {
        for (size_t k = from; k <= n; k++) {
            if (k == from) {
                assert_int_equal(sl_reader_seek(reader, &marks[k], &err), SL_OK);
            }
            assert_int_equal(sl_reader_next(reader, &block, &err), k < n ? SL_OK : SL_EEND);
            if (k < n) {
                assert_memory_equal(&block.mark, &marks[k], offsetof(struct sl_mark, file) + sizeof(uint32_t));
            }
        }
    }
    sl_block_release(&block);
    sl_reader_close(reader);
}

static void reading_goes_on_from_any_mark(void **state)
{
    (void)state;
    store_pictures("a.gz", 5, 1, 2, 3, true);
    store_labels("a.labels", 5, 1, true);
    store_pictures("b", 4, 1, 2, -3, false);
    store_labels("b.labels", 4, 0, false);
    store_pictures("c", 3, 1, 2, 0, false);
    store_labels("c.labels", 3, -1, false);
    for (uint64_t block = 1; block < 9; block++) {
        check_marks("a.gz b c", "a.labels b.labels c.labels", block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read_alone_and_in_vectors),
        cmocka_unit_test(widest_numbers_keep_their_digits_when_they_stand_alone),
        cmocka_unit_test(pictures_have_an_extent_and_stay_bytes),
        cmocka_unit_test(bytes_of_a_block_are_not_copied),
        cmocka_unit_test(labels_stand_beside_and_are_the_target),
        cmocka_unit_test(data_that_end_early_give_what_is_whole),
        cmocka_unit_test(an_enormous_count_costs_nothing),
        cmocka_unit_test(labels_that_end_early_leave_the_rest_out),
        cmocka_unit_test(what_follows_the_last_record_is_told_of),
        cmocka_unit_test(a_double_too_large_for_a_float_is_rejected),
        cmocka_unit_test(reading_goes_on_from_any_mark),
    };
    return cmocka_run_group_tests(tests, idx_set_up, idx_tear_down);
}
