/* test_error.c: errors are filled, completed by higher layers and printed. */
#include "sluice/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

static void a_failure_replaces_everything_of_the_last_one(void **state)
{
    (void)state;
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(sl_fail(&err, SL_EDATA, "field %d is empty", 3), SL_EDATA);
    assert_int_equal(sl_fix(&err, "fill '%s'", "x"), SL_EDATA);
    sl_error_at(&err, "a.csv", 4, 5, 60);
    assert_int_equal(err.status, SL_EDATA);
    assert_string_equal(err.what, "field 3 is empty");
    assert_string_equal(err.fix, "fill 'x'");
    assert_int_equal(sl_fail(&err, SL_EIO, "other"), SL_EIO);
    assert_string_equal(err.what, "other");
    assert_string_equal(err.fix, "");
    assert_string_equal(err.file, "");
    assert_int_equal(err.line, 0);
    assert_int_equal(err.column, 0);
    assert_true(err.byte == UINT64_MAX);
}

static void no_error_struct_is_fine(void **state)
{
    (void)state;
    assert_int_equal(sl_fail(NULL, SL_EPARAM, "x %d", 1), SL_EPARAM);
    assert_int_equal(sl_fix(NULL, "y"), SL_EDATA);
    sl_error_at(NULL, "file", 1, 2, 3);
    assert_int_equal(sl_fail_memory(NULL, "testing"), SL_ENOMEM);
    errno = ENOENT;
    assert_int_equal(sl_fail_errno(NULL, "open", "x"), SL_EIO);
    char out[8] = "unset";
    assert_string_equal(sl_error_format(NULL, out, sizeof out), "");
}

static void a_message_may_quote_the_one_it_replaces(void **state)
{
    (void)state;
    struct sl_error err;
    sl_fail(&err, SL_EDATA, "inner");
    sl_fail(&err, SL_EDATA, "outer: %s", err.what);
    assert_string_equal(err.what, "outer: inner");
    sl_fix(&err, "try this");
    sl_fix(&err, "%s, or that", err.fix);
    assert_string_equal(err.fix, "try this, or that");
}

static void a_long_message_is_cut_between_two_characters(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        char text[1024] = "aaaa";
        size_t n = lead;
        while (n + 3 < sizeof text) {
            memcpy(text + n, "\xe2\x82\xac", 3);
            n += 3;
        }
        text[n] = '\0';
        struct sl_error err;
        sl_fail(&err, SL_EDATA, "%s", text);
        size_t length = strlen(err.what);
        assert_int_equal((length - lead) % 3, 0);
        assert_in_range(length, sizeof err.what - 3, sizeof err.what - 1);
    }
}

static void the_first_known_place_stands(void **state)
{
    (void)state;
    struct sl_error err;
    sl_fail(&err, SL_EDATA, "x");
    sl_error_at(&err, NULL, 7, 0, 99);
    sl_error_at(&err, "data.csv", 0, 0, UINT64_MAX);
    assert_string_equal(err.file, "data.csv");
    assert_int_equal(err.line, 7);
    assert_int_equal(err.byte, 99);
    sl_error_at(&err, "data.csv", 7, 3, 1);
    assert_int_equal(err.column, 3);
    assert_int_equal(err.byte, 99);
    sl_error_at(&err, "recipe.sluice", 2, 1, UINT64_MAX);
    assert_string_equal(err.file, "data.csv");
    assert_int_equal(err.line, 7);
    assert_int_equal(err.column, 3);
}

static void a_long_path_keeps_its_end(void **state)
{
    (void)state;
    char path[600];
    memset(path, 'd', sizeof path);
    memcpy(path + sizeof path - 10, "/last.csv", 10);
    struct sl_error err;
    sl_fail(&err, SL_EDATA, "x");
    sl_error_at(&err, path, 1, 0, UINT64_MAX);
    sl_error_at(&err, path, 0, 0, 5);
    assert_int_equal(strlen(err.file), sizeof err.file - 1);
    assert_memory_equal(err.file, "...d", 4);
    assert_string_equal(err.file + strlen(err.file) - 9, "/last.csv");
    assert_int_equal(err.byte, 5);
    errno = EACCES;
    sl_fail_errno(&err, "open", path);
    assert_non_null(strstr(err.what, "/last.csv': Permission denied"));
}

static void a_system_error_names_the_path_and_the_reason(void **state)
{
    (void)state;
    struct sl_error err;
    errno = ENOENT;
    assert_int_equal(sl_fail_errno(&err, "open", "a.csv"), SL_EIO);
    assert_string_equal(err.what, "cannot open 'a.csv': No such file or directory");
    assert_string_not_equal(err.fix, "");
    assert_int_equal(errno, ENOENT);
    errno = ENOMEM;
    assert_int_equal(sl_fail_errno(&err, "start", NULL), SL_ENOMEM);
    assert_int_equal(err.status, SL_ENOMEM);
    assert_string_equal(err.what, "cannot start: Cannot allocate memory");
}

static void running_out_of_memory_says_during_what(void **state)
{
    (void)state;
    struct sl_error err;
    assert_int_equal(sl_fail_memory(&err, "reading 'a.csv'"), SL_ENOMEM);
    assert_string_equal(err.what, "out of memory while reading 'a.csv'");
    assert_string_not_equal(err.fix, "");
}

static void printing_leaves_out_what_is_unknown(void **state)
{
    (void)state;
    static const struct {
        struct sl_error err;
        const char *text;
    } cases[] = {
        { { .what = "w", .byte = UINT64_MAX }, "w" },
        { { .what = "w", .fix = "f", .byte = UINT64_MAX }, "w; f" },
        { { .what = "w", .file = "a", .byte = UINT64_MAX }, "a: w" },
        { { .what = "w", .file = "a", .byte = 9 }, "a: byte 9: w" },
        { { .what = "w", .file = "a", .line = 2, .byte = 9 }, "a:2: w" },
        { { .what = "w", .file = "a", .line = 2, .column = 3, .byte = 9 }, "a:2:3: w" },
        { { .what = "w", .line = 2, .column = 3, .byte = 9 }, "line 2, column 3: w" },
        { { .what = "w", .line = 2, .byte = UINT64_MAX }, "line 2: w" },
        { { .what = "w", .byte = 0 }, "byte 0: w" },
        { { .what = "w", .stage = "tfidf", .byte = UINT64_MAX }, "stage 'tfidf': w" },
        { { .what = "w", .stage = "tfidf", .param = "min_df", .byte = UINT64_MAX },
          "stage 'tfidf' (parameter 'min_df'): w" },
        { { .what = "w", .param = "memory", .byte = UINT64_MAX }, "parameter 'memory': w" },
        { { .what = "w", .fix = "f", .file = "r", .line = 1, .column = 2, .stage = "s", .param = "p", .byte = 0 },
          "r:1:2: stage 's' (parameter 'p'): w; f" },
        { { .status = SL_ENOMEM, .byte = UINT64_MAX }, "out of memory" },
        { { .status = 1000, .byte = UINT64_MAX }, "unknown error" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[512];
        assert_string_equal(sl_error_format(&cases[i].err, out, sizeof out), cases[i].text);
    }
}

static void printing_never_writes_past_the_end(void **state)
{
    (void)state;
    struct sl_error err;
    sl_fail(&err, SL_EDATA, "what is wrong");
    sl_fix(&err, "what to do");
    sl_error_at(&err, "file", 1, 2, 3);
    char whole[256];
    sl_error_format(&err, whole, sizeof whole);
    for (size_t size = 0; size <= strlen(whole) + 2; size++) {
        char out[256];
        memset(out, '#', sizeof out);
        assert_ptr_equal(sl_error_format(&err, out, size), out);
        assert_int_equal(out[size], '#');
        if (size) {
            size_t expected = size - 1 < strlen(whole) ? size - 1 : strlen(whole);
            assert_int_equal(strlen(out), expected);
            assert_memory_equal(out, whole, expected);
        }
    }
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
    (void)state;
    struct sl_error err;
    sl_fail(&err, SL_EDATA, "value '\x1b[2J\x07\t\n\x7f\xc2\x9bK caf\xc3\xa9'");
    char out[128];
    assert_string_equal(sl_error_format(&err, out, sizeof out), "value '?[2J?  ???K caf\xc3\xa9'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_replaces_everything_of_the_last_one),
        cmocka_unit_test(no_error_struct_is_fine),
        cmocka_unit_test(a_message_may_quote_the_one_it_replaces),
        cmocka_unit_test(a_long_message_is_cut_between_two_characters),
        cmocka_unit_test(the_first_known_place_stands),
        cmocka_unit_test(a_long_path_keeps_its_end),
        cmocka_unit_test(a_system_error_names_the_path_and_the_reason),
        cmocka_unit_test(running_out_of_memory_says_during_what),
        cmocka_unit_test(printing_leaves_out_what_is_unknown),
        cmocka_unit_test(printing_never_writes_past_the_end),
        cmocka_unit_test(control_characters_do_not_reach_the_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
