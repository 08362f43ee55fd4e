/* test_mem.c: spans, arenas, growable buffers and their text forms. */
#include "sluice/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct sl_str span(const char *p, size_t n)
{
    return (struct sl_str){ p, n };
}

static void spans_compare_as_bytes(void **state)
{
    (void)state;
    assert_true(sl_str_equal(SL_STR("ab"), sl_str("ab")));
    assert_false(sl_str_equal(SL_STR("ab"), SL_STR("abc")));
    assert_true(sl_str_equal(sl_str(NULL), SL_STR("")));
    assert_true(sl_str_compare(SL_STR("ab"), SL_STR("abc")) < 0);
    assert_true(sl_str_compare(SL_STR("b"), SL_STR("abc")) > 0);
    assert_true(sl_str_compare(SL_STR("a\xff"), SL_STR("a\x01")) > 0);
    assert_int_equal(sl_str_compare(sl_str(NULL), SL_STR("")), 0);
}

static void arena_memory_is_aligned_disjoint_and_stays_put(void **state)
{
    (void)state;
    enum { N = 4000 };
    struct sl_arena arena;
    sl_arena_init(&arena);
    unsigned char **p = calloc(N, sizeof *p);
    assert_non_null(p);
    size_t total = 0;
    for (size_t i = 0; i < N; i++) {
        size_t size = i % 97 == 0 ? 70000 + i : i % 130, align = (size_t)1 << i % 7;
        p[i] = sl_arena_take(&arena, size, align);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % align, 0);
        memset(p[i], (int)(i & 0xff), size);
        total += size;
    }
    for (size_t i = 0; i < N; i++) {
        size_t size = i % 97 == 0 ? 70000 + i : i % 130;
        for (size_t k = 0; k < size; k++) {
            if (p[i][k] != (i & 0xff)) {
                fail_msg("byte %zu of allocation %zu was overwritten", k, i);
            }
        }
    }
    assert_true(arena.bytes >= total);
    sl_arena_release(&arena);
    assert_int_equal(arena.bytes, 0);
    assert_null(arena.blocks);
    free(p);
}

static void an_arena_kept_over_resets_stops_asking_for_memory(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    size_t settled = 0;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 300; i++) {
            char *p = sl_arena_take(&arena, 5000, 8);
            assert_non_null(p);
            memset(p, round, 5000);
        }
        if (round == 3) {
            settled = arena.bytes;
        }
        if (round > 3) {
            assert_int_equal(arena.bytes, settled);
        }
        sl_arena_reset(&arena, (size_t)64 << 20);
    }
    sl_arena_reset(&arena, 100000);
    assert_true(arena.bytes <= 100000);
    sl_arena_reset(&arena, 0);
    assert_int_equal(arena.bytes, 0);
    assert_non_null(sl_arena_take(&arena, 10, 1));
    sl_arena_release(&arena);
    sl_arena_release(NULL);
}

static void trimming_gives_back_the_tail_even_of_a_large_block(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    char *small = sl_arena_take(&arena, 100, 1);
    assert_non_null(small);
    memset(small, 's', 100);
    char *large = sl_arena_take(&arena, 1 << 20, 1);
    assert_non_null(large);
    memset(large, 'l', 1 << 20);
    sl_arena_trim(&arena, large + 10);
    char *next = sl_arena_take(&arena, 6, 1);
    assert_ptr_equal(next, large + 10);
    memset(next, 'n', 6);
    for (int i = 0; i < 1000; i++) {
        char *more = sl_arena_take(&arena, 2000, 1);
        assert_non_null(more);
        memset(more, 'm', 2000);
    }
    for (int i = 0; i < 100; i++) {
        assert_int_equal(small[i], 's');
    }
    assert_memory_equal(large, "llllllllllnnnnnn", 16);
    sl_arena_release(&arena);
}

static void one_large_request_does_not_waste_the_current_block(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    char *first = sl_arena_take(&arena, 64, 64);
    assert_non_null(first);
    size_t before = arena.bytes;
    assert_non_null(sl_arena_take(&arena, 1 << 20, 64));
    size_t with_large = arena.bytes;
    assert_true(with_large - before < (1 << 20) + 4096);
    size_t room = before > 4096 ? before - 4096 : 0; /* none where every allocation has a block of its own */
    for (size_t used = 0; used < room; used += 64) {
        assert_non_null(sl_arena_take(&arena, 64, 64));
    }
    if (room) {
        assert_int_equal(arena.bytes, with_large);
    }
    sl_arena_release(&arena);
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    assert_null(sl_arena_take(&arena, SIZE_MAX, 1));
    assert_null(sl_arena_take(&arena, SIZE_MAX - 64, 64));
    assert_null(sl_arena_zero(&arena, SIZE_MAX / 2, 3));
    assert_null(sl_arena_array(&arena, (size_t)1 << 33, (size_t)1 << 33));
    assert_null(sl_arena_strndup(&arena, "x", SIZE_MAX));
    char *p = sl_arena_take(&arena, 8, 8);
    assert_non_null(p);
    assert_null(sl_arena_take(&arena, SIZE_MAX, 1));
    assert_non_null(sl_arena_take(&arena, 0, 1));
    sl_arena_release(&arena);
}

static void arena_helpers_zero_copy_and_print(void **state)
{
    (void)state;
    struct sl_arena arena;
    sl_arena_init(&arena);
    for (int round = 0; round < 3; round++) {
        double *zeros = sl_arena_zero(&arena, 1000, sizeof *zeros);
        assert_non_null(zeros);
        assert_int_equal((uintptr_t)zeros % 16, 0);
        for (int i = 0; i < 1000; i++) {
            assert_true(zeros[i] == 0);
            zeros[i] = 1;
        }
        assert_string_equal(sl_arena_strndup(&arena, "hello", 4), "hell");
        assert_string_equal(sl_arena_strndup(&arena, NULL, 0), "");
        assert_string_equal(sl_arena_printf(&arena, "%d of '%s'", 3, "x"), "3 of 'x'");
        char *wide = sl_arena_printf(&arena, "%100000d", 7);
        assert_non_null(wide);
        assert_int_equal(strlen(wide), 100000);
        assert_int_equal((uintptr_t)sl_arena_array(&arena, 3, 1) % 16, 0);
        sl_arena_reset(&arena, 1 << 20);
    }
    sl_arena_release(&arena);
}

static void a_buffer_is_always_terminated(void **state)
{
    (void)state;
    struct sl_buf buf = { 0 };
    sl_buf_add(&buf, NULL, 0);
    assert_null(buf.p);
    for (int i = 0; i < 1000; i++) {
        sl_buf_putc(&buf, 'x');
        assert_int_equal(buf.p[buf.n], '\0');
    }
    sl_buf_puts(&buf, "yz");
    sl_buf_add(&buf, "\0w", 2);
    assert_int_equal(buf.n, 1004);
    assert_memory_equal(buf.p + 999, "xyz\0w", 6);
    assert_true(sl_buf_reserve(&buf, 100000));
    assert_true(buf.capacity > 101004);
    assert_false(buf.failed);
    sl_buf_release(&buf);
    assert_null(buf.p);
    assert_int_equal(buf.n, 0);
    sl_buf_release(NULL);
}

static void printing_into_a_buffer_fits_any_length(void **state)
{
    (void)state;
    struct sl_buf buf = { 0 };
    size_t n = 0;
    for (int width = 1; width < 400; width += 7) {
        sl_buf_printf(&buf, "%*d", width, 5);
        n += (size_t)width;
        assert_int_equal(buf.n, n);
        assert_int_equal(buf.p[n - 1], '5');
        assert_int_equal(buf.p[n], '\0');
    }
    sl_buf_printf(&buf, "%s", "");
    assert_int_equal(buf.n, n);
    sl_buf_release(&buf);
}

static void a_failed_buffer_keeps_what_it_had_and_ignores_the_rest(void **state)
{
    (void)state;
    struct sl_buf buf = { 0 };
    sl_buf_puts(&buf, "kept");
    assert_false(sl_buf_reserve(&buf, SIZE_MAX - 2));
    assert_true(buf.failed);
    sl_buf_puts(&buf, "lost");
    sl_buf_printf(&buf, "%d", 1);
    sl_buf_json(&buf, SL_STR("x"));
    sl_buf_number(&buf, 1);
    sl_buf_u64(&buf, 1);
    assert_string_equal(buf.p, "kept");
    assert_int_equal(buf.n, 4);
    sl_buf_release(&buf);
    assert_false(buf.failed);
}

static void json_strings_are_escaped_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        size_t n;
        const char *out;
    } cases[] = {
        { NULL, 0, "\"\"" },
        { "plain", 5, "\"plain\"" },
        { "a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\"" },
        { "\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"" },
        { "\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\"" },
        { "caf\xc3\xa9 \xf0\x9f\x98\x80", 10, "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"" },
        { "a\xff"
          "b",
          3,
          "\"a\xef\xbf\xbd"
          "b\"" },
        { "\xc3", 1, "\"\xef\xbf\xbd\"" },
        { "\xff\n", 2, "\"\xef\xbf\xbd\\n\"" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_buf buf = { 0 };
        sl_buf_json(&buf, span(cases[i].in, cases[i].n));
        assert_string_equal(buf.p, cases[i].out);
        sl_buf_release(&buf);
    }
}

static void csv_fields_are_quoted_only_when_they_must_be(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        { "", "" },
        { "plain text", "plain text" },
        { "a,b", "\"a,b\"" },
        { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "\"", "\"\"\"\"" },
        { "two\nlines", "\"two\nlines\"" },
        { "cr\r", "\"cr\r\"" },
        { "tab\t;'", "tab\t;'" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sl_buf buf = { 0 };
        sl_buf_puts(&buf, "x,");
        sl_buf_csv(&buf, sl_str(cases[i][0]));
        assert_string_equal(buf.p + 2, cases[i][1]);
        sl_buf_release(&buf);
    }
}

static void check_number(double x, const char *text)
{
    struct sl_buf buf = { 0 };
    sl_buf_number(&buf, x);
    if (text) {
        assert_string_equal(buf.p, text);
    }
    char *point = strchr(buf.p, '.'), *end;
    if (point) { /* strtod wants the locale's own */
        *point = localeconv()->decimal_point[0];
    }
    double back = strtod(buf.p, &end);
    assert_int_equal(*end, '\0');
    assert_memory_equal(&back, &x, sizeof x);
    sl_buf_release(&buf);
}

static void check_numbers(void)
{
    check_number(0, "0");
    check_number(-0.0, "-0");
    check_number(1, "1");
    check_number(-42, "-42");
    check_number(0.1, "0.1");
    check_number(0.5, "0.5");
    check_number(1.0 / 3, "0.3333333333333333");
    check_number(0.1 + 0.2, "0.30000000000000004");
    check_number(100000, "100000");
    check_number(123456789012345678.0, NULL);
    check_number(1e22, "1e+22");
    check_number(1e-7, "1e-07");
    check_number(DBL_MAX, "1.7976931348623157e+308");
    check_number(DBL_MIN, NULL);
    check_number(DBL_TRUE_MIN, NULL);
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
        double x;
        memcpy(&x, &bits, sizeof x);
        if (isfinite(x)) {
            check_number(x, NULL);
        }
    }
}

static void numbers_read_back_as_the_same_bits(void **state)
{
    (void)state;
    check_numbers();
    struct sl_buf buf = { 0 };
    sl_buf_number(&buf, NAN);
    sl_buf_number(&buf, INFINITY);
    sl_buf_number(&buf, -INFINITY);
    assert_string_equal(buf.p, "\"NaN\"\"Infinity\"\"-Infinity\"");
    sl_buf_release(&buf);
}

/* Where such a locale is installed; elsewhere the same checks run in the one there is. */
static void numbers_have_a_point_in_every_locale(void **state)
{
    (void)state;
    static const char *const names[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "ps_AF.UTF-8" };
    for (size_t i = 0; i < sizeof names / sizeof *names && !setlocale(LC_NUMERIC, names[i]); i++) {}
    check_number(2.5, "2.5");
    check_number(1.0 / 3, "0.3333333333333333");
    check_number(-1.25e-30, "-1.25e-30");
    setlocale(LC_NUMERIC, "C");
}

static void blobs_read_back_what_was_written(void **state)
{
    (void)state;
    struct sl_buf buf = { 0 };
    sl_buf_u32(&buf, 0x01020304);
    sl_buf_u64(&buf, 0x0102030405060708);
    sl_buf_f64(&buf, -0.1);
    sl_buf_blob(&buf, "abc", 3);
    sl_buf_blob(&buf, NULL, 0);
    assert_int_equal(buf.n, 4 + 8 + 8 + 8 + 3 + 8);
    assert_memory_equal(buf.p, "\4\3\2\1\10\7\6\5\4\3\2\1", 12);
    struct sl_blob blob = { buf.p, buf.p + buf.n, false };
    assert_int_equal(sl_blob_u32(&blob), 0x01020304);
    assert_int_equal(sl_blob_u64(&blob), 0x0102030405060708);
    assert_true(sl_blob_f64(&blob) == -0.1);
    assert_true(sl_str_equal(sl_blob_bytes(&blob), SL_STR("abc")));
    assert_int_equal(sl_blob_bytes(&blob).n, 0);
    assert_false(blob.failed);
    assert_ptr_equal(blob.p, blob.end);
    assert_int_equal(sl_blob_u32(&blob), 0);
    assert_true(blob.failed);
    sl_buf_release(&buf);
}

static void a_short_blob_fails_and_stays_failed(void **state)
{
    (void)state;
    struct sl_buf buf = { 0 };
    sl_buf_blob(&buf, "abcdef", 6);
    for (size_t n = 0; n < buf.n; n++) {
        struct sl_blob blob = { buf.p, buf.p + n, false };
        struct sl_str bytes = sl_blob_bytes(&blob);
        assert_true(blob.failed);
        assert_int_equal(bytes.n, 0);
        assert_null(bytes.p);
        assert_int_equal(sl_blob_u32(&blob), 0);
        assert_true(sl_blob_f64(&blob) == 0);
    }
    memset(buf.p, 0xff, 8);
    struct sl_blob blob = { buf.p, buf.p + buf.n, false };
    assert_int_equal(sl_blob_bytes(&blob).n, 0);
    assert_true(blob.failed);
    sl_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_compare_as_bytes),
        cmocka_unit_test(arena_memory_is_aligned_disjoint_and_stays_put),
        cmocka_unit_test(an_arena_kept_over_resets_stops_asking_for_memory),
        cmocka_unit_test(trimming_gives_back_the_tail_even_of_a_large_block),
        cmocka_unit_test(one_large_request_does_not_waste_the_current_block),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(arena_helpers_zero_copy_and_print),
        cmocka_unit_test(a_buffer_is_always_terminated),
        cmocka_unit_test(printing_into_a_buffer_fits_any_length),
        cmocka_unit_test(a_failed_buffer_keeps_what_it_had_and_ignores_the_rest),
        cmocka_unit_test(json_strings_are_escaped_exactly),
        cmocka_unit_test(csv_fields_are_quoted_only_when_they_must_be),
        cmocka_unit_test(numbers_read_back_as_the_same_bits),
        cmocka_unit_test(numbers_have_a_point_in_every_locale),
        cmocka_unit_test(blobs_read_back_what_was_written),
        cmocka_unit_test(a_short_blob_fails_and_stays_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
