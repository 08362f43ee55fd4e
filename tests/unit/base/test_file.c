/* test_file.c: small files read and written whole, and fingerprints. */
#include "folder_try.h"

#include "sluice/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_small_file_is_read_whole_or_refused(void **state)
{
    (void)state;
    char *p = noise(200000);
    store(in_folder("small"), p, 200000);
    struct sl_buf buf = { 0 };
    sl_buf_puts(&buf, "before");
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_file_read(in_folder("small"), 199999, &buf, &err), SL_ELIMIT);
    assert_non_null(strstr(err.what, "small"));
    assert_non_null(strstr(err.what, "199999"));
    assert_string_equal(buf.p, "before");
    assert_int_equal(sl_file_read(in_folder("small"), 200000, &buf, NULL), SL_OK);
    assert_int_equal(buf.n, 200006);
    assert_memory_equal(buf.p + 6, p, 200000);
    assert_int_equal(buf.p[buf.n], '\0');
    assert_int_equal(sl_file_read(in_folder("missing"), 10, &buf, &err), SL_EIO);
    assert_int_equal(buf.n, 200006);
    assert_int_equal(sl_file_read(folder, 10, &buf, &err), SL_EIO);
    sl_buf_release(&buf);
    free(p);
}

static size_t files_in_folder(void)
{
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t n = 0;
    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    return n;
}

static void check_file(const char *path, const char *text)
{
    struct sl_buf buf = { 0 };
    assert_int_equal(sl_file_read(path, 1000, &buf, NULL), SL_OK);
    assert_int_equal(buf.n, strlen(text));
    assert_memory_equal(buf.p, text, buf.n);
    sl_buf_release(&buf);
}

static void a_file_is_replaced_with_its_mode_and_links_kept(void **state)
{
    (void)state;
    const char *path = in_folder("out"), *link = in_folder("link");
    size_t files = files_in_folder();
    assert_int_equal(sl_file_write(path, "first", 5, NULL), SL_OK);
    check_file(path, "first");
    struct stat info;
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(sl_file_write(link, "second", 6, NULL), SL_OK);
    check_file(path, "second");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(sl_file_write(path, NULL, 0, NULL), SL_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 0);
    assert_int_equal(files_in_folder(), files + 2);
    mode_t mask = umask(027);
    int status = sl_file_write(in_folder("masked"), "x", 1, NULL);
    umask(mask);
    assert_int_equal(status, SL_OK);
    assert_int_equal(stat(in_folder("masked"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_write_that_fails_leaves_nothing_behind(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_file_write(in_folder("no/such/place"), "x", 1, &err), SL_EIO);
    assert_non_null(strstr(err.what, "no/such/place"));
    size_t files = files_in_folder();
    char path[600];
    int n = snprintf(path, sizeof path, "%s/", folder);
    memset(path + n, 'n', 300);
    path[n + 300] = '\0';
    assert_int_equal(sl_file_write(path, "x", 1, &err), SL_EIO); /* the name is too long for the rename */
    assert_int_equal(files_in_folder(), files);
    assert_int_equal(sl_file_write(folder, "x", 1, &err), SL_EIO);
    assert_non_null(strstr(err.what, "Is a directory"));
    assert_int_equal(files_in_folder(), files);
}

static void a_device_is_written_to_and_not_replaced(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(sl_file_write("/dev/null", "x", 1, NULL), SL_OK);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_file_write("/dev/full", "x", 1, &err), SL_EIO);
    assert_non_null(strstr(err.what, "No space left"));
}

/* xxhsum -H3 of no bytes and of "abc" */
static void fingerprints_are_xxh3_and_do_not_depend_on_pieces(void **state)
{
    (void)state;
    assert_int_equal(sl_hash64(NULL, 0), 0x2d06800538d394c2);
    assert_int_equal(sl_hash64("abc", 3), 0x78af5f94892f3950);
    enum { N = 5000 };
    char *p = noise(N);
    for (size_t piece = 1; piece < N; piece = piece * 3 + 1) {
        struct sl_hash *hash = NULL;
        assert_int_equal(sl_hash_new(&hash, NULL), SL_OK);
        sl_hash_add(hash, NULL, 0);
        for (size_t at = 0; at < N; at += piece) {
            sl_hash_add(hash, p + at, N - at < piece ? N - at : piece);
            assert_int_equal(sl_hash_value(hash), sl_hash64(p, at + piece < N ? at + piece : N));
        }
        sl_hash_free(hash);
    }
    sl_hash_free(NULL);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_file_is_read_whole_or_refused),
        cmocka_unit_test(a_file_is_replaced_with_its_mode_and_links_kept),
        cmocka_unit_test(a_write_that_fails_leaves_nothing_behind),
        cmocka_unit_test(a_device_is_written_to_and_not_replaced),
        cmocka_unit_test(fingerprints_are_xxh3_and_do_not_depend_on_pieces),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
