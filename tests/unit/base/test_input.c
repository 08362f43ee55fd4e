/* test_input.c: streams from plain, gzip and zstd files, from pipes and standard input. */
#include "folder_try.h"

#include "sluice/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static void add_gz(struct sl_buf *buf, const char *p, size_t n)
{
    z_stream z = { 0 };
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, n) + 64;
    assert_true(sl_buf_reserve(buf, room));
    z.next_in = (unsigned char *)(uintptr_t)p;
    z.avail_in = (uInt)n;
    z.next_out = (unsigned char *)buf->p + buf->n;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    buf->n += room - z.avail_out;
    deflateEnd(&z);
}

static void add_zst(struct sl_buf *buf, const char *p, size_t n)
{
    size_t room = ZSTD_compressBound(n);
    assert_true(sl_buf_reserve(buf, room));
    size_t made = ZSTD_compress(buf->p + buf->n, room, p, n, 3);
    assert_false(ZSTD_isError(made));
    buf->n += made;
}

static const struct format {
    const char *name;
    void (*add)(struct sl_buf *buf, const char *p, size_t n);
} formats[] = { { "gz", add_gz }, { "zst", add_zst } };
enum { FORMATS = sizeof formats / sizeof *formats };

static struct sl_input *open_input(const char *path)
{
    struct sl_input *input = NULL;
    struct sl_error err = SL_ERROR_INIT;
    if (sl_input_open(&input, path, &err) != SL_OK) {
        fail_msg("%s", err.what);
    }
    return input;
}

/* Read to the end or an error, at most `piece` bytes at a time. */
static int read_rest(struct sl_input *input, size_t piece, struct sl_buf *buf, struct sl_error *err)
{
    for (;;) {
        size_t got = 0;
        assert_true(sl_buf_reserve(buf, piece));
        int status = sl_input_read(input, buf->p + buf->n, piece, &got, err);
        assert_true(got <= piece);
        buf->n += got;
        if (status != SL_OK || !got) {
            return status;
        }
    }
}

static void check_content(const char *path, size_t piece, const char *p, size_t n, bool compressed)
{
    struct sl_input *input = open_input(path);
    assert_int_equal(sl_input_compressed(input), compressed);
    struct sl_buf buf = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    int status = read_rest(input, piece, &buf, &err);
    assert_string_equal(err.what, "");
    assert_int_equal(status, SL_OK);
    assert_int_equal(buf.n, n);
    if (n) {
        assert_memory_equal(buf.p, p, n);
    }
    assert_int_equal(sl_input_consumed(input), sl_input_size(input));
    sl_buf_release(&buf);
    sl_input_close(input);
}

static void a_plain_file_is_read_in_pieces_of_any_size(void **state)
{
    (void)state;
    enum { N = 2500000 };
    char *p = noise(N);
    p[0] = 'a';
    const char *path = in_folder("plain");
    static const size_t sizes[] = { 0, 1, 3, 4, 5, 65536, 65537, 1 << 20, N };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        store(path, p, sizes[i]);
        check_content(path, 1000, p, sizes[i], false);
        check_content(path, 700001, p, sizes[i], false);
        check_content(path, 3 << 20, p, sizes[i], false);
    }
    free(p);
}

static void compressed_files_unpack_whatever_their_name(void **state)
{
    (void)state;
    enum { N = 3000000 }; /* several input buffers */
    char *p = noise(N);
    for (int f = 0; f < FORMATS; f++) {
        static const size_t sizes[] = { 0, 1, 1000, N };
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            struct sl_buf buf = { 0 };
            formats[f].add(&buf, p, sizes[i]);
            const char *path = in_folder("packed.csv");
            store(path, buf.p, buf.n);
            check_content(path, 4096, p, sizes[i], true);
            check_content(path, 5 << 20, p, sizes[i], true);
            sl_buf_release(&buf);
        }
    }
    free(p);
}

static void members_and_frames_follow_each_other(void **state)
{
    (void)state;
    enum { N = 1500000 };
    char *p = noise(N);
    for (int f = 0; f < FORMATS; f++) {
        struct sl_buf buf = { 0 };
        size_t at = 0;
        for (size_t i = 0; i < 30; i++) {
            size_t n = i % 3 == 2 ? 0 : 48000 + i;
            formats[f].add(&buf, p + at, n);
            at += n;
        }
        formats[f].add(&buf, p + at, N - at);
        const char *path = in_folder("many");
        store(path, buf.p, buf.n);
        check_content(path, 10007, p, N, true);
        check_content(path, 2 << 20, p, N, true);
        sl_buf_release(&buf);
    }
    free(p);
}

static void a_skippable_zstd_frame_is_skipped_and_gzip_padding_ignored(void **state)
{
    (void)state;
    static const char skippable[] = "\x5a\x2a\x4d\x18\x05\0\0\0hello";
    struct sl_buf buf = { 0 };
    sl_buf_add(&buf, skippable, sizeof skippable - 1);
    add_zst(&buf, "abc", 3);
    sl_buf_add(&buf, skippable, sizeof skippable - 1);
    add_zst(&buf, "def", 3);
    store(in_folder("skip"), buf.p, buf.n);
    check_content(in_folder("skip"), 100, "abcdef", 6, true);
    buf.n = 0;
    add_gz(&buf, "abc", 3);
    sl_buf_add(&buf, (char[1500]){ 0 }, 1500);
    store(in_folder("padded"), buf.p, buf.n);
    check_content(in_folder("padded"), 100, "abc", 3, true);
    sl_buf_release(&buf);
}

static void data_cut_off_anywhere_is_reported_with_its_byte(void **state)
{
    (void)state;
    enum { N = 400 };
    char *p = noise(N);
    for (int f = 0; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        formats[f].add(&packed, p, N);
        const char *path = in_folder("cut");
        for (size_t n = 4; n < packed.n; n++) {
            store(path, packed.p, n);
            struct sl_input *input = open_input(path);
            struct sl_buf buf = { 0 };
            struct sl_error err = SL_ERROR_INIT;
            assert_int_equal(read_rest(input, 64, &buf, &err), SL_EDATA);
            assert_int_equal(err.status, SL_EDATA);
            assert_int_equal(err.byte, n);
            assert_string_equal(err.file, path);
            assert_non_null(strstr(err.what, "cut off"));
            assert_true(buf.n <= N);
            assert_memory_equal(buf.p, p, buf.n);
            size_t got = 1;
            assert_int_equal(sl_input_read(input, buf.p, 1, &got, NULL), SL_EDATA);
            assert_int_equal(got, 0);
            sl_buf_release(&buf);
            sl_input_close(input);
        }
        sl_buf_release(&packed);
    }
    free(p);
}

static void what_follows_compressed_data_is_reported_after_the_data(void **state)
{
    (void)state;
    for (int f = 0; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        formats[f].add(&packed, "abcdef", 6);
        size_t end = packed.n;
        sl_buf_puts(&packed, "\x1f?!");
        store(in_folder("tail"), packed.p, packed.n);
        struct sl_input *input = open_input(in_folder("tail"));
        struct sl_buf buf = { 0 };
        struct sl_error err = SL_ERROR_INIT;
        assert_int_equal(read_rest(input, 100, &buf, &err), SL_EDATA);
        assert_int_equal(buf.n, 6);
        assert_memory_equal(buf.p, "abcdef", 6);
        assert_int_equal(err.byte, end);
        assert_non_null(strstr(err.what, "something else follows"));
        sl_buf_release(&buf);
        sl_buf_release(&packed);
        sl_input_close(input);
    }
}

static void every_damaged_byte_is_noticed_or_harmless(void **state)
{
    (void)state;
    enum { N = 300 };
    char *p = noise(N);
    for (int f = 0; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        formats[f].add(&packed, p, N);
        int noticed = 0;
        for (size_t i = 4; i < packed.n; i++) {
            packed.p[i] = (char)(packed.p[i] ^ 0x10);
            store(in_folder("bad"), packed.p, packed.n);
            packed.p[i] = (char)(packed.p[i] ^ 0x10);
            struct sl_input *input = open_input(in_folder("bad"));
            struct sl_buf buf = { 0 };
            struct sl_error err = SL_ERROR_INIT;
            int status = read_rest(input, 1000, &buf, &err);
            assert_true(status == SL_OK || status == SL_EDATA);
            noticed += status == SL_EDATA;
            if (status == SL_EDATA) {
                assert_true(err.byte <= packed.n);
                assert_string_not_equal(err.what, "");
                assert_string_not_equal(err.fix, "");
            }
            sl_buf_release(&buf);
            sl_input_close(input);
        }
        assert_true(noticed > (f == 0 ? 290 : 0)); /* zstd frames made by ZSTD_compress() have no checksum */
        sl_buf_release(&packed);
    }
    free(p);
}

static void seeking_goes_to_any_uncompressed_byte(void **state)
{
    (void)state;
    enum { N = 1200000 };
    char *p = noise(N);
    p[0] = 'a';
    for (int f = -1; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        if (f < 0) {
            sl_buf_add(&packed, p, N);
        } else {
            formats[f].add(&packed, p, N / 2);
            formats[f].add(&packed, p + N / 2, N - N / 2);
        }
        store(in_folder("seek"), packed.p, packed.n);
        struct sl_input *input = open_input(in_folder("seek"));
        static const size_t offsets[] = { 5, 5, 700000, N - 3, 0, N / 2, N / 2 - 1, 3 };
        for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
            assert_int_equal(sl_input_seek(input, offsets[i], NULL), SL_OK);
            char bytes[3];
            size_t n = 0, got = 1;
            while (n < 3 && got) {
                assert_int_equal(sl_input_read(input, bytes + n, 3 - n, &got, NULL), SL_OK);
                n += got;
            }
            assert_int_equal(n, 3);
            assert_memory_equal(bytes, p + offsets[i], 3);
        }
        assert_int_equal(sl_input_seek(input, (uint64_t)N + 1000, NULL), SL_OK);
        size_t got = 1;
        assert_int_equal(sl_input_read(input, p, 1, &got, NULL), SL_OK);
        assert_int_equal(got, 0);
        sl_input_close(input);
        sl_buf_release(&packed);
    }
    free(p);
}

static void a_seek_back_starts_over_after_an_error(void **state)
{
    (void)state;
    for (int f = 0; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        formats[f].add(&packed, "abcdef", 6);
        sl_buf_puts(&packed, "????");
        store(in_folder("again"), packed.p, packed.n);
        struct sl_input *input = open_input(in_folder("again"));
        for (int round = 0; round < 3; round++) {
            struct sl_buf buf = { 0 };
            assert_int_equal(read_rest(input, 4, &buf, NULL), SL_EDATA);
            assert_int_equal(buf.n, 4 + 2 * (round == 0));
            assert_memory_equal(buf.p, round == 0 ? "abcdef" : "cdef", buf.n);
            sl_buf_release(&buf);
            assert_int_equal(sl_input_seek(input, 2, NULL), SL_OK);
        }
        sl_input_close(input);
        sl_buf_release(&packed);
    }
}

struct feed {
    const char *path;
    const char *p;
    size_t n, piece;
};

static void *feed_fifo(void *ctx)
{
    struct feed *feed = ctx;
    int fd = open(feed->path, O_WRONLY);
    for (size_t at = 0; fd >= 0 && at < feed->n; at += feed->piece) {
        size_t n = feed->n - at < feed->piece ? feed->n - at : feed->piece;
        if (write(fd, feed->p + at, n) != (ssize_t)n) {
            break;
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return NULL;
}

static void a_pipe_is_read_byte_by_byte_and_cannot_go_back(void **state)
{
    (void)state;
    char *p = noise(700);
    p[0] = 'a';
    assert_int_equal(mkfifo(in_folder("fifo"), 0600), 0);
    for (int f = -1; f < FORMATS; f++) {
        struct sl_buf packed = { 0 };
        if (f < 0) {
            sl_buf_add(&packed, p, 700);
        } else {
            formats[f].add(&packed, p, 300);
            formats[f].add(&packed, p + 300, 400);
        }
        struct feed feed = { in_folder("fifo"), packed.p, packed.n, 1 };
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, feed_fifo, &feed), 0);
        struct sl_input *input = open_input(in_folder("fifo"));
        assert_int_equal(sl_input_size(input), 0);
        assert_int_equal(sl_input_seek(input, 100, NULL), SL_OK);
        struct sl_buf buf = { 0 };
        assert_int_equal(read_rest(input, 50, &buf, NULL), SL_OK);
        assert_int_equal(buf.n, 600);
        assert_memory_equal(buf.p, p + 100, 600);
        struct sl_error err = SL_ERROR_INIT;
        assert_int_equal(sl_input_seek(input, 0, &err), SL_ESTATE);
        assert_non_null(strstr(err.what, "fifo"));
        assert_int_equal(sl_input_consumed(input), packed.n);
        pthread_join(thread, NULL);
        sl_buf_release(&buf);
        sl_buf_release(&packed);
        sl_input_close(input);
    }
    free(p);
}

static void a_dash_is_standard_input_from_where_it_stands(void **state)
{
    (void)state;
    store(in_folder("stdin"), "0123456789", 10);
    int saved = dup(STDIN_FILENO), fd = open(in_folder("stdin"), O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
    assert_true(dup2(fd, STDIN_FILENO) >= 0);
    close(fd);
    struct sl_input *input = open_input("-");
    assert_int_equal(sl_input_size(input), 7);
    char bytes[8];
    size_t got = 0;
    assert_int_equal(sl_input_read(input, bytes, 8, &got, NULL), SL_OK);
    assert_int_equal(got, 7);
    assert_memory_equal(bytes, "3456789", 7);
    assert_int_equal(sl_input_seek(input, 1, NULL), SL_OK);
    assert_int_equal(sl_input_read(input, bytes, 2, &got, NULL), SL_OK);
    assert_memory_equal(bytes, "45", 2);
    sl_input_close(input);
    assert_int_not_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
    if (saved >= 0) {
        dup2(saved, STDIN_FILENO);
        close(saved);
    }
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    struct sl_input *input = NULL;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_input_open(&input, in_folder("absent.csv"), &err), SL_EIO);
    assert_null(input);
    assert_non_null(strstr(err.what, "absent.csv': No such file"));
    assert_int_equal(sl_input_open(&input, folder, &err), SL_EIO);
    assert_null(input);
    assert_non_null(strstr(err.what, "Is a directory"));
    assert_string_not_equal(err.fix, "");
    sl_input_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_is_read_in_pieces_of_any_size),
        cmocka_unit_test(compressed_files_unpack_whatever_their_name),
        cmocka_unit_test(members_and_frames_follow_each_other),
        cmocka_unit_test(a_skippable_zstd_frame_is_skipped_and_gzip_padding_ignored),
        cmocka_unit_test(data_cut_off_anywhere_is_reported_with_its_byte),
        cmocka_unit_test(what_follows_compressed_data_is_reported_after_the_data),
        cmocka_unit_test(every_damaged_byte_is_noticed_or_harmless),
        cmocka_unit_test(seeking_goes_to_any_uncompressed_byte),
        cmocka_unit_test(a_seek_back_starts_over_after_an_error),
        cmocka_unit_test(a_pipe_is_read_byte_by_byte_and_cannot_go_back),
        cmocka_unit_test(a_dash_is_standard_input_from_where_it_stands),
        cmocka_unit_test(what_cannot_be_opened_is_named),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
