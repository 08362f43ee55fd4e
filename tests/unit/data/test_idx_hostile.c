/* test_idx_hostile.c: IDX files that are none, headers that lie, damaged compression: what is said about them. */
#include "tests/unit/data/idx_try.h"

#include "sluice/input.h"

static void store_raw(const char *name, const char *bytes, size_t n)
{
    struct sl_buf b = { 0 };
    sl_buf_add(&b, bytes, n);
    idx_store(name, &b, false);
}

static void bytes_that_are_no_header_are_refused(void **state)
{
    (void)state;
    store_raw("x", "", 0);
    idx_refused("x", NULL, SL_EDATA, "is empty");
    store_raw("x", "\0\0", 2);
    idx_refused("x", NULL, SL_EDATA, "is cut off: it has 2 of 4 bytes");
    store_raw("x", "\0\0\x08\x03\0\0\0\x01\0\0", 10);
    idx_refused("x", NULL, SL_EDATA, "is cut off: it has 10 of 16 bytes");
    store_raw("x", "\1\0\x08\x01\0\0\0\x01Z", 9);
    idx_refused("x", NULL, SL_EDATA, "no IDX file: it begins with 01 00 08 01");
    store_raw("x", "label,x\n1,2\n", 12);
    idx_refused("x", NULL, SL_EDATA, "no IDX file");
    store_raw("x", "\0\0\x07\x01\0\0\0\x01Z", 9);
    idx_refused("x", NULL, SL_EDATA, "type 0x07, which does not exist; types are 0x08 ubyte");
    store_raw("x", "\0\0\x08\0", 4);
    idx_refused("x", NULL, SL_EDATA, "0 dimensions");
    store_raw("x", "\0\0\x08\xff\0\0\0\x01", 8);
    idx_refused("x", NULL, SL_EDATA, "255 dimensions");
    idx_refused("absent", NULL, SL_EIO, "No such file");
}

static void little_endian_headers_are_recognised(void **state)
{
    (void)state;
    store_raw("x", "\x01\x08\0\0\x02\0\0\0ab", 10);
    idx_refused("x", NULL, SL_EDATA, "looks little-endian");
    store_raw("x", "\0\0\x08\x02\x02\0\0\0\x01\0\0\0ab", 14);
    idx_refused("x", NULL, SL_EDATA, "look little-endian: 33554432 records as written, 2");
}

static void sizes_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct sl_buf b = idx_begin(0x08, 3, (uint32_t[]){ 100, 0, 28 });
    idx_add_bytes(&b, 0, 50);
    idx_store("x", &b, false);
    idx_refused("x", NULL, SL_EDATA, "size 2 of 3 in the header of");
    b = idx_begin(0x08, 3, (uint32_t[]){ 65536, 65536, 65536 });
    idx_add_bytes(&b, 0, 50);
    idx_store("x", &b, true);
    idx_refused("x", NULL, SL_ELIMIT, "65536×65536 elements by its header, more than 67108864");
    b = idx_begin(0x0e, 4, (uint32_t[]){ 1, UINT32_MAX, UINT32_MAX, UINT32_MAX });
    idx_store("x", &b, false);
    idx_refused("x", NULL, SL_ELIMIT, "elements by its header");
    b = idx_begin(0x08, 3, (uint32_t[]){ 100, 28, 28 });
    idx_add_bytes(&b, 0, 783);
    idx_store("x", &b, false);
    idx_refused("x", NULL, SL_EDATA, "announces 100 records of 784 bytes, but only 783 bytes follow");
    b = idx_begin(0x08, 3, (uint32_t[]){ 0, 28, 28 });
    idx_store("x", &b, false);
    idx_refused("x", NULL, SL_EDATA, "its header announces 0");
}

static void files_must_belong_to_each_other(void **state)
{
    (void)state;
    struct sl_buf b = idx_begin(0x08, 2, (uint32_t[]){ 2, 1 });
    idx_add_bytes(&b, 0, 2);
    idx_store("two", &b, false);
    b = idx_begin(0x08, 2, (uint32_t[]){ 1, 2 });
    idx_add_bytes(&b, 0, 2);
    idx_store("wide", &b, false);
    b = idx_begin(0x09, 2, (uint32_t[]){ 2, 1 });
    idx_add_bytes(&b, 0, 2);
    idx_store("signed", &b, false);
    b = idx_begin(0x08, 1, (uint32_t[]){ 3 });
    idx_add_bytes(&b, 0, 3);
    idx_store("three", &b, false);
    idx_refused("two wide", NULL, SL_ESCHEMA, "holds records of 2 ubytes in 1 dimensions");
    idx_refused("two signed", NULL, SL_ESCHEMA, "of 1 bytes in 1 dimensions");
    idx_refused("two", "three", SL_EDATA, "announces 3 labels, but");
    idx_refused("three", "two", SL_ESCHEMA, "holds no labels: it has 2 dimensions");
    idx_refused("two two", "three", SL_EPARAM, "1 files of labels were given for 2 files");
}

/* Open, read until it fails; the records there were, and the message. */
static uint32_t read_until_failure(const char *name, struct sl_error *err)
{
    struct sl_reader *reader = NULL;
    struct sl_block block = { 0 };
    uint32_t n = 0;
    int status = idx_open(name, NULL, &reader, err);
    while (!status) {
        status = sl_reader_next(reader, &block, err);
        n += status ? 0 : block.records;
    }
    assert_int_equal(status, SL_EDATA);
    if (reader) {
        assert_int_equal(sl_reader_next(reader, &block, err), SL_EDATA);
    }
    sl_block_release(&block);
    sl_reader_close(reader);
    return n;
}

static void damaged_compression_is_told_behind_what_could_be_read(void **state)
{
    (void)state;
    enum { N = 200, SIZE = 500 };
    struct sl_buf b = idx_begin(0x08, 2, (uint32_t[]){ N, SIZE });
    idx_add_noise(&b, (size_t)N * SIZE);
    idx_store("x", &b, true);
    struct sl_buf packed = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_file_read(idx_path("x"), 1 << 20, &packed, &err), SL_OK);
    store_raw("cut", packed.p, packed.n / 2);
    uint32_t n = read_until_failure("cut", &err);
    assert_true(n > 50 && n < 150);
    assert_non_null(strstr(err.what, "is cut off"));
    packed.p[packed.n - 6] ^= 1;
    store_raw("crc", packed.p, packed.n);
    assert_int_equal(read_until_failure("crc", &err), N);
    assert_non_null(strstr(err.what, "incorrect data check"));
    struct sl_buf twice = { 0 };
    sl_buf_add(&twice, packed.p, packed.n);
    idx_store("twice", &twice, true);
    idx_refused("twice", NULL, SL_EDATA, "is compressed twice");
    sl_buf_release(&packed);
}

static void a_marks_file_must_be_one_of_data(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    struct sl_buf b = idx_begin(0x08, 1, (uint32_t[]){ 3 });
    idx_add_bytes(&b, 0, 3);
    idx_store("three", &b, false);
    assert_int_equal(idx_open("three", "three", &reader, &err), SL_OK);
    const struct sl_mark mark = { .file = 1 };
    assert_int_equal(sl_reader_seek(reader, &mark, &err), SL_EPARAM);
    sl_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_header_are_refused),
        cmocka_unit_test(little_endian_headers_are_recognised),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
        cmocka_unit_test(files_must_belong_to_each_other),
        cmocka_unit_test(damaged_compression_is_told_behind_what_could_be_read),
        cmocka_unit_test(a_marks_file_must_be_one_of_data),
    };
    return cmocka_run_group_tests(tests, idx_set_up, idx_tear_down);
}
