/* test_faults.c: the n-th allocation of each use of base fails, for every n.
 *
 * The allocator is replaced by one that forwards to glibc's own names. Sanitizers replace it themselves, so under them
 * the same uses run without faults and only have to succeed. */
#include "sluice/input.h"
#include "sluice/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(SANITIZED) || !defined(__GLIBC__)
#define FAULTS 0
#else
#define FAULTS 1
#endif

static size_t until_failure = SIZE_MAX; /* allocations that still succeed */
static bool has_failed;
static long live;

#if FAULTS
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *p);

static bool fails(void)
{
    if (until_failure == SIZE_MAX) {
        return false;
    }
    if (until_failure > 0) {
        until_failure--;
        return false;
    }
    has_failed = true;
    errno = ENOMEM;
    return true;
}

static void *counted(void *p)
{
    live += p != NULL;
    return p;
}

void *malloc(size_t size)
{
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : counted(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
    if (fails()) {
        return NULL;
    }
    void *q = __libc_realloc(p, size);
    live += q != NULL && p == NULL;
    return q;
}

int posix_memalign(void **out, size_t align, size_t size)
{
    void *p = fails() ? NULL : counted(__libc_memalign(align, size));
    if (!p) {
        return ENOMEM;
    }
    *out = p;
    return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
    return fails() ? NULL : counted(__libc_memalign(align, size));
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}
#endif

static char fault_path[] = "/tmp/sluice-test-XXXXXX";

static int use_arena(struct sl_error *err)
{
    struct sl_arena arena;
    sl_arena_init(&arena);
    bool fine = sl_arena_take(&arena, 100, 8) && sl_arena_zero(&arena, 1000, 1000) && sl_arena_strndup(&arena, "x", 1);
    for (int i = 0; fine && i < 100; i++) {
        fine = sl_arena_printf(&arena, "%5000d", i) != NULL;
    }
    sl_arena_release(&arena);
    return fine ? SL_OK : sl_fail_memory(err, "testing");
}

static int use_buffer(struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    for (int i = 0; i < 500; i++) {
        sl_buf_json(&buf, SL_STR("\"text\"\n"));
        sl_buf_csv(&buf, SL_STR("a \"b\""));
        sl_buf_printf(&buf, "%300d", i);
        sl_buf_number(&buf, i / 3.0);
    }
    bool failed = buf.failed;
    sl_buf_release(&buf);
    return failed ? sl_fail_memory(err, "testing") : SL_OK;
}

static int use_hash(struct sl_error *err)
{
    struct sl_hash *hash = NULL;
    int status = sl_hash_new(&hash, err);
    assert_true((status == SL_OK) == (hash != NULL));
    sl_hash_free(hash);
    return status;
}

static int use_pool(struct sl_error *err)
{
    struct sl_pool *pool = NULL;
    int status = sl_pool_new(&pool, 1, err);
    assert_true((status == SL_OK) == (pool != NULL));
    sl_pool_free(pool);
    return status;
}

static int use_input(struct sl_error *err)
{
    struct sl_input *input = NULL;
    int status = sl_input_open(&input, fault_path, err);
    assert_true((status == SL_OK) == (input != NULL));
    size_t got = 1, total = 0;
    while (status == SL_OK && got) {
        char piece[100];
        status = sl_input_read(input, piece, sizeof piece, &got, err);
        total += got;
    }
    if (status == SL_OK) {
        assert_int_equal(total, 1000);
        status = sl_input_seek(input, 10, err);
    }
    sl_input_close(input);
    return status;
}

static int use_file(struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    int status = sl_file_read(fault_path, 100000, &buf, err);
    if (status == SL_OK) {
        status = sl_file_write(fault_path, buf.p, buf.n, err);
    }
    sl_buf_release(&buf);
    return status;
}

/* Let the first, second, … allocation of a use fail until one needs no more: each time a clear error and no leak. */
static void check_faults(int (*use)(struct sl_error *err))
{
    size_t n = 0;
    for (;; n++) {
        struct sl_error err = SL_ERROR_INIT;
        long before = live;
        has_failed = false;
        until_failure = n;
        int status = use(&err);
        until_failure = SIZE_MAX;
        assert_int_equal(live, before);
        if (!has_failed) {
            assert_int_equal(status, SL_OK);
            break;
        }
        if (status != SL_OK) {
            assert_int_equal(status, SL_ENOMEM);
            assert_int_equal(err.status, SL_ENOMEM);
            assert_string_not_equal(err.what, "");
        }
    }
    assert_true(n > 0 || !FAULTS);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    check_faults(use_arena);
    check_faults(use_buffer);
    check_faults(use_hash);
    check_faults(use_pool);
    int fd = mkstemp(fault_path);
    assert_true(fd >= 0);
    close(fd);
    char plain[1000], packed[2000];
    memset(plain, 'x', sizeof plain);
    assert_int_equal(sl_file_write(fault_path, plain, sizeof plain, NULL), SL_OK);
    check_faults(use_input);
    check_faults(use_file);
    size_t n = ZSTD_compress(packed, sizeof packed, plain, sizeof plain, 1);
    assert_int_equal(sl_file_write(fault_path, packed, n, NULL), SL_OK);
    check_faults(use_input);
    gzFile gz = gzopen(fault_path, "wb");
    assert_int_equal(gzwrite(gz, plain, sizeof plain), sizeof plain);
    assert_int_equal(gzclose(gz), Z_OK);
    check_faults(use_input);
    assert_int_equal(unlink(fault_path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
