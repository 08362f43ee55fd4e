/* test_svmlight.c: svmlight and LIBSVM files: what is read, where indices begin, and what is quarantined. */
#include "tests/unit/data/jsonl_try.h"

#include "tests/unit/base/folder_try.h"

static const struct sl_svmlight_options plain;

static int open_files(const char *const *names, size_t n, const struct sl_svmlight_options *options,
                      struct sl_reader **out, struct sl_error *err)
{
    return sl_svmlight_open(out, folder, names, n, options, err);
}

/* Files a (and b, unless NULL) read as expected, in blocks of any size. */
static void reads(const char *a, const char *b, const struct sl_svmlight_options *options, uint32_t width,
                  const char *expected)
{
    static const uint64_t sizes[] = { SL_BLOCK_BYTES, 1, 3, 10, 50 };
    static const char *const names[] = { "a", "b" };
    store(in_folder("a"), a, strlen(a));
    store(in_folder("b"), b ? b : "", b ? strlen(b) : 0);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct sl_reader *reader = NULL;
        struct sl_error err = SL_ERROR_INIT;
        struct sl_buf out = { 0 };
        if (open_files(names, b ? 2 : 1, options, &reader, &err)) {
            fail_msg("%s; %s", err.what, err.fix);
        }
        assert_int_equal(reader->schema.fields[1].width, width);
        reader->block_bytes = sizes[k];
        jsonl_try_rest(reader, &out);
        assert_string_equal(out.p, expected);
        sl_reader_close(reader);
        sl_buf_release(&out);
    }
}

static void labels_and_features_are_read(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    reads("# a comment\n+1 1:0.5 3:-1e-2 # another 9:9\n\n-1\t2:3   \r\n0.25\n", NULL, &plain, 3,
          "0:2:12 1|[0:0.5, 2:-0.01]\n1:4:44 -1|[1:3]\n2:5:55 0.25|[]\n");
    assert_int_equal(open_files((const char *const[]){ "a" }, 1, NULL, &reader, &err), SL_OK);
    assert_true(reader->schema.fields[0].target && !reader->schema.fields[1].target);
    assert_true(reader->schema.fields[1].encoded);
    assert_string_equal(reader->note, "svmlight, 3 features, indices from 1");
    sl_reader_close(reader);
}

static void an_index_of_0_anywhere_says_that_they_begin_there(void **state)
{
    (void)state;
    struct sl_svmlight_options options = { 0 };
    reads("1 1:1 4:1\n", "2 0:1 2:1\n", &options, 5, "0:1:0 1|[1:1, 4:1]\nf1 1:1:0 2|[0:1, 2:1]\n");
    options.zero_based = SL_ZERO_BASED_TRUE;
    reads("1 1:1 4:1\n", NULL, &options, 5, "0:1:0 1|[1:1, 4:1]\n");
    options.zero_based = SL_ZERO_BASED_FALSE;
    reads("1 1:1 4:1\n", "2 0:1 2:1\n", &options, 4,
          "0:1:0 1|[0:1, 3:1]\nbad 1:1:0 index 0, but indices count from 1; give zero_based=true if they do not\n");
}

static void the_number_of_features_can_be_given(void **state)
{
    (void)state;
    struct sl_svmlight_options options = { .n_features = 4 };
    reads("1 1:1 4:1\n1 5:1\n1 99999999999999999999:1\n", NULL, &options, 4,
          "0:1:0 1|[0:1, 3:1]\nbad 1:2:10 index 5 is above 4, the highest of n_features; raise it\n"
          "bad 2:3:16 an index is above 4294967293, the highest there can be\n");
    reads("1 0:1 3:1\n1 4:1\n", NULL, &options, 4,
          "0:1:0 1|[0:1, 3:1]\nbad 1:2:10 index 4 is above 3, the highest of n_features; raise it\n");
    options.n_features = 9;
    reads("1 4:1\n", NULL, &options, 9, "0:1:0 1|[3:1]\n");
}

static void a_record_that_cannot_be_read_does_not_widen_the_others(void **state)
{
    (void)state;
    reads("1 1:1 2:1\n1 1000000:x\n1 500:1 499:1\n", NULL, &plain, 2,
          "0:1:0 1|[0:1, 1:1]\nbad 1:2:10 '1000000:x' has a value that is not a number\n"
          "bad 2:3:22 index 499 stands behind index 500; they must rise\n");
}

static void what_is_no_record_is_quarantined_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *line, *reason;
    } cases[] = {
        { "1,3 1:1", "'1,3' are several labels; a record must have one" },
        { "1:1 2:1", "the line begins with '1:1', not with a label" },
        { "spam 1:1", "the label 'spam' is not a number" },
        { "nan 1:1", "the label 'nan' is not a number" },
        { "1 1", "'1' is no index:value" },
        { "1 x:1", "'x:1' is no index:value" },
        { "1 -1:1", "'-1:1' is no index:value" },
        { "1 :1", "':1' is no index:value" },
        { "1 1:", "'1:' has a value that is not a number" },
        { "1 1:0x10", "'1:0x10' has a value that is not a number" },
        { "1 1:nan", "'1:nan' has a value that is not a number" },
        { "1 1:inf", "'1:inf' has a value too large for a float (at most 3.4e38)" },
        { "1 1:1e39", "'1:1e39' has a value too large for a float (at most 3.4e38)" },
        { "1 1:1 1:2", "index 1 stands behind index 1; they must rise" },
        { "1 qid:x 1:1", "'qid:x' is not qid: and a whole number up to 2^53" },
        { "1 1:1 qid:2", "'qid:2' is no index:value" },
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[100], expected[200];
        snprintf(text, sizeof text, "7 1:1\n%s\n", cases[k].line);
        snprintf(expected, sizeof expected, "0:1:0 7|[0:1]\nbad 1:2:6 %s\n", cases[k].reason);
        reads(text, NULL, &plain, 1, expected);
    }
}

static void queries_can_be_kept(void **state)
{
    (void)state;
    const struct sl_svmlight_options options = { .query_id = true };
    reads("1 qid:12 1:1\n2 1:2\n", NULL, &plain, 1, "0:1:0 1|[0:1]\n1:2:13 2|[0:2]\n");
    reads("1 qid:12 1:1\n2 1:2\n", NULL, &options, 1, "0:1:0 1|[0:1]|12\n1:2:13 2|[0:2]|~\n");
}

static void a_line_longer_than_allowed_is_quarantined(void **state)
{
    (void)state;
    const struct sl_svmlight_options options = { .max_record = 12 };
    reads("1 1:1\n1 1:1 2:1 3:1 4:1\n2 2:1\n", NULL, &options, 2,
          "0:1:0 1|[0:1]\n2:3:24 2|[1:1]\nbad 1:2:6 the record is longer than max_record=12 bytes; raise it or remove "
          "the line\n");
}

static void what_can_be_read_once_only_needs_its_width_given(void **state)
{
    (void)state;
    struct sl_reader *reader = NULL;
    struct sl_error err = SL_ERROR_INIT;
    const char *const names[] = { "/dev/null", "empty" };
    store(in_folder("empty"), "", 0);
    assert_int_equal(open_files(names, 1, &plain, &reader, &err), SL_EDATA);
    assert_int_equal(open_files(names + 1, 1, &plain, &reader, &err), SL_EDATA);
    assert_non_null(strstr(err.what, "is empty"));
    assert_int_equal(open_files(names, 2, &plain, &reader, &err), SL_EPARAM);
    assert_non_null(strstr(err.fix, "n_features= and zero_based="));
    const struct sl_svmlight_options given = { .n_features = 3, .zero_based = SL_ZERO_BASED_FALSE };
    assert_int_equal(open_files(names, 2, &given, &reader, &err), SL_OK);
    sl_reader_close(reader);
    const struct sl_svmlight_options many = { .n_features = UINT32_MAX };
    assert_int_equal(open_files(names, 2, &many, &reader, &err), SL_EPARAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_and_features_are_read),
        cmocka_unit_test(an_index_of_0_anywhere_says_that_they_begin_there),
        cmocka_unit_test(the_number_of_features_can_be_given),
        cmocka_unit_test(a_record_that_cannot_be_read_does_not_widen_the_others),
        cmocka_unit_test(what_is_no_record_is_quarantined_with_the_reason),
        cmocka_unit_test(queries_can_be_kept),
        cmocka_unit_test(a_line_longer_than_allowed_is_quarantined),
        cmocka_unit_test(what_can_be_read_once_only_needs_its_width_given),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
