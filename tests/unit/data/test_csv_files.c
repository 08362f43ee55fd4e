/* test_csv_files.c: several files as one, seeking, and files that fail or do not fit in memory. */
#include "test_csv_try.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <zlib.h>

static const struct sl_csv_options plain = { TRY_DEFAULTS };

enum { FILES = 3 };

struct folder {
    char path[40];
    const char *names[FILES];
};

static void make_folder(struct folder *folder, const char *const texts[FILES])
{
    static const char *const names[FILES] = { "one.csv", "two.csv", "three.csv" };
    snprintf(folder->path, sizeof folder->path, "/tmp/sluice-csv-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    for (size_t i = 0; i < FILES; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/%s", folder->path, names[i]);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_true(fputs(texts[i], file) >= 0);
        assert_int_equal(fclose(file), 0);
        folder->names[i] = names[i];
    }
}

static void remove_folder(const struct folder *folder)
{
    for (size_t i = 0; i < FILES; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/%s", folder->path, folder->names[i]);
        unlink(path);
    }
    rmdir(folder->path);
}

static void test_several_files_are_read_as_one(void **state)
{
    (void)state;
    static const char *const texts[FILES] = { "a,b\nx,1\n", "a,b\n", "\xef\xbb\xbf\n\"a\",b\r\ny,2\nz\n" };
    static const uint64_t sizes[] = { 1, 5, SL_BLOCK_BYTES };
    struct folder folder;
    make_folder(&folder, texts);
    for (size_t i = 0; i < 3; i++) {
        struct sl_reader *reader;
        struct sl_buf out = { 0 };
        assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, FILES, &plain, NULL), SL_OK);
        reader->block_bytes = sizes[i];
        assert_int_equal(reader->size, strlen(texts[0]) + strlen(texts[1]) + strlen(texts[2]));
        assert_int_equal(try_read_on(reader, &out), SL_EEND);
        assert_string_equal(out.p, "2@4: \"x\"|1\n3@11: \"y\"|2\n"
                                   "! 4@15: 1 field, the header has 2; complete the record, or read short ones with "
                                   "ragged=true\n");
        sl_buf_release(&out);
        sl_reader_close(reader);
    }
    remove_folder(&folder);
}

static void test_record_numbers_run_on_over_files(void **state)
{
    (void)state;
    static const char *const texts[FILES] = { "a\n1\n2\n", "a\n3\n", "a\n4\n5\n" };
    struct folder folder;
    struct sl_reader *reader;
    struct sl_block block = { 0 };
    make_folder(&folder, texts);
    assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, FILES, &plain, NULL), SL_OK);
    uint64_t record = 0;
    for (uint32_t file = 0; file < FILES; file++) {
        assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
        assert_int_equal(block.mark.file, file);
        assert_int_equal(block.mark.record, record);
        assert_int_equal(block.mark.sequence, file);
        assert_int_equal(block.mark.line, 2);
        record += block.records;
    }
    assert_int_equal(record, 5);
    sl_block_release(&block);
    sl_reader_close(reader);
    remove_folder(&folder);
}

static void test_a_file_with_another_header_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const texts[FILES] = { "a,b\nx,1\n", "a,b\ny,2\n", "a,c\nz,3\n" };
    static const char *const longer[FILES] = { "a,b\nx,1\n", "a,b,c\ny,2,3\n", "a,b\nz,3\n" };
    struct folder folder;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    make_folder(&folder, texts);
    assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, FILES, &plain, &err), SL_ESCHEMA);
    assert_non_null(strstr(err.what, "column 2 is \"c\""));
    assert_non_null(strstr(err.what, "three.csv"));
    assert_non_null(strstr(err.what, "one.csv"));
    remove_folder(&folder);
    make_folder(&folder, longer);
    assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, FILES, &plain, &err), SL_ESCHEMA);
    assert_non_null(strstr(err.what, "two.csv\" has 3 columns"));
    remove_folder(&folder);
    assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, 1, &plain, &err), SL_EIO);
    assert_non_null(strstr(err.what, "one.csv"));
}

/* Blocks by their marks, to be met again. */
struct trail {
    struct sl_mark marks[200];
    struct sl_buf bytes[200];
    size_t n;
};

static void test_seeking_yields_the_same_blocks_again(void **state)
{
    (void)state;
    static const char *const texts[FILES] = { "a,b\nx,1\n\"y\ny\",2\n\n\"never,3\nz,4\n",
                                              "a,b\n1,2\r\n\r\n3,4\r\n5,\"6\r\n", "" };
    static struct trail trail;
    struct folder folder;
    struct sl_reader *reader;
    make_folder(&folder, texts);
    assert_int_equal(sl_csv_open(&reader, folder.path, folder.names, 2, &plain, NULL), SL_OK);
    reader->block_bytes = 3;
    for (trail.n = 0;; trail.n++) {
        struct sl_block block = { 0 };
        if (sl_reader_next(reader, &block, NULL) != SL_OK) {
            sl_block_release(&block);
            break;
        }
        trail.marks[trail.n] = block.mark;
        trail.bytes[trail.n] = block.data;
    }
    assert_true(trail.n >= 6);
    struct sl_block block = { 0 };
    for (size_t k = trail.n; k-- > 0;) {
        assert_int_equal(sl_reader_seek(reader, &trail.marks[k], NULL), SL_OK);
        for (size_t i = k; i < trail.n; i++) {
            assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
            assert_memory_equal(&block.mark, &trail.marks[i], sizeof block.mark);
            assert_int_equal(block.data.n, trail.bytes[i].n);
            assert_memory_equal(block.data.p, trail.bytes[i].p, block.data.n);
        }
        assert_int_equal(sl_reader_next(reader, &block, NULL), SL_EEND);
    }
    sl_block_release(&block);
    for (size_t i = 0; i < trail.n; i++) {
        sl_buf_release(&trail.bytes[i]);
    }
    sl_reader_close(reader);
    remove_folder(&folder);
}

/* A file of `n` bytes that begins with head and goes on with many `fill`, every 1000th byte an LF. */
static void make_large(char path[40], const char *head, char fill, size_t n, const char *tail)
{
    static char piece[1000 * 100];
    try_file(path, head, strlen(head));
    FILE *file = fopen(path, "ab");
    assert_non_null(file);
    memset(piece, fill, sizeof piece);
    for (size_t i = 999; i < sizeof piece; i += 1000) {
        piece[i] = '\n';
    }
    for (size_t done = 0; done < n; done += sizeof piece) {
        assert_int_equal(fwrite(piece, 1, sizeof piece, file), sizeof piece);
    }
    assert_true(fputs(tail, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_a_field_of_a_hundred_megabytes_is_quarantined_in_little_memory(void **state)
{
    (void)state;
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    struct sl_block block = { 0 };
    struct sl_csv_options options = { .header = 1, .delimiter = ',', .quote = '"', .max_record = 1 << 20 };
    make_large(path, "a,b\nx,1\n\"", 'y', (size_t)100 * 1000 * 1000, "\",2\nz,3\n");
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &options, NULL), SL_OK);
    uint64_t records = 0, last = 0;
    size_t most = 0;
    struct sl_arena arena;
    struct sl_quarantine rejects = { 0 };
    sl_arena_init(&arena);
    while (sl_reader_next(reader, &block, NULL) == SL_OK) {
        struct sl_chunk chunk;
        records += block.records;
        most = block.data.capacity > most ? block.data.capacity : most;
        assert_int_equal(sl_reader_parse(reader, &block, &arena, &chunk, &rejects, NULL), SL_OK);
        last = chunk.n ? chunk.origin[chunk.n - 1].line : last;
        sl_arena_reset(&arena, 1 << 20);
    }
    /* x; the record of the quote; 99,999 lines of y; the closing line; z */
    assert_int_equal(records, 1 + 1 + 99999 + 1 + 1);
    assert_int_equal(rejects.total, 1 + 99999 + 1);
    assert_int_equal(last, 100004);
    assert_in_range(most, 1, 8 << 20);
    assert_non_null(strstr(rejects.entries[0].reason, "quote opened at line 3, column 1 is not closed within 1048576"));
    sl_quarantine_release(&rejects);
    sl_arena_release(&arena);
    sl_block_release(&block);
    sl_reader_close(reader);
    unlink(path);
}

static void test_many_long_open_quotes_do_not_take_forever(void **state)
{
    (void)state;
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    struct sl_buf csv = { 0 }, out = { 0 };
    struct sl_csv_options options = { .header = 1, .delimiter = ',', .quote = '"', .max_record = 1 << 16 };
    sl_buf_puts(&csv, "a,b\n");
    for (int i = 0; i < 20000; i++) {
        /* each closes one quote and opens another, so that no record ever ends */
        sl_buf_puts(&csv, "x\",\"some text that goes on for a while\n");
    }
    try_file(path, csv.p, csv.n);
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &options, NULL), SL_OK);
    assert_int_equal(try_read_on(reader, &out), SL_EEND);
    assert_non_null(strstr(out.p, "is not closed within 65536 bytes"));
    sl_reader_close(reader);
    sl_buf_release(&csv);
    sl_buf_release(&out);
    unlink(path);
}

static void test_records_before_damaged_compression_are_not_lost(void **state)
{
    (void)state;
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    struct sl_buf csv = { 0 };
    for (int i = 0; i < 200000; i++) {
        sl_buf_printf(&csv, "%d,%d\n", i, i * 7919 % 10007);
    }
    try_file(path, "", 0);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(gzwrite(file, csv.p, (unsigned)csv.n), csv.n);
    assert_int_equal(gzclose(file), Z_OK);
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(truncate(path, info.st_size / 2), 0);
    size_t lengths[3], i = 0;
    for (uint64_t size = 1000; size <= 1000000; size *= 31, i++) {
        struct sl_buf out = { 0 };
        assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &plain, NULL), SL_OK);
        reader->block_bytes = size;
        assert_int_equal(try_read_on(reader, &out), SL_EDATA);
        lengths[i] = out.n;
        sl_buf_release(&out);
        sl_reader_close(reader);
    }
    assert_int_equal(i, 3);
    assert_in_range(lengths[0], 1000000, 6000000);
    assert_int_equal(lengths[1], lengths[0]);
    assert_int_equal(lengths[2], lengths[0]);
    sl_buf_release(&csv);
    unlink(path);
}

static void test_a_compressed_file_is_read_and_sought_like_a_plain_one(void **state)
{
    (void)state;
    char path[40];
    const char *paths[] = { path };
    struct sl_reader *reader;
    struct sl_block block = { 0 };
    struct sl_buf out = { 0 };
    try_file(path, "", 0);
    gzFile file = gzopen(path, "wb");
    assert_non_null(file);
    assert_true(gzputs(file, "a,b\nx,1\ny,2\nz,3\n") > 0);
    assert_int_equal(gzclose(file), Z_OK);
    assert_int_equal(sl_csv_open(&reader, NULL, paths, 1, &plain, NULL), SL_OK);
    reader->block_bytes = 1;
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
    assert_int_equal(sl_reader_next(reader, &block, NULL), SL_OK);
    assert_int_equal(block.mark.byte, 8);
    assert_int_equal(sl_reader_seek(reader, &block.mark, NULL), SL_OK);
    assert_int_equal(try_read_on(reader, &out), SL_EEND);
    assert_string_equal(out.p, "3@8: \"y\"|2\n4@12: \"z\"|3\n");
    sl_buf_release(&out);
    sl_block_release(&block);
    sl_reader_close(reader);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_files_are_read_as_one),
        cmocka_unit_test(test_record_numbers_run_on_over_files),
        cmocka_unit_test(test_a_file_with_another_header_is_refused_by_name),
        cmocka_unit_test(test_seeking_yields_the_same_blocks_again),
        cmocka_unit_test(test_a_field_of_a_hundred_megabytes_is_quarantined_in_little_memory),
        cmocka_unit_test(test_many_long_open_quotes_do_not_take_forever),
        cmocka_unit_test(test_records_before_damaged_compression_are_not_lost),
        cmocka_unit_test(test_a_compressed_file_is_read_and_sought_like_a_plain_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
