/* test_safetensors.c: weights out and in: files of the reference implementation (tests/golden/make_safetensors.py),
 * our own byte for byte, and files that lie. */
#include "tests/unit/base/folder_try.h"
#include "tests/unit/base/text_golden.h"

#include "engine/nn/safetensors_private.h"
#include "sluice/input.h"
#include "sluice/network.h"

#include <math.h>
#include <sys/stat.h>

enum { WEIGHTS_MAX = 256 };

/* 3 inputs, 4 hidden, 2 outputs: the network of the golden files. */
struct small {
    struct sl_device *device;
    struct sl_graph *graph;
    float w[WEIGHTS_MAX];
};

static struct small small_open(uint64_t seed)
{
    struct small small = { 0 };
    struct sl_mlp mlp = { .n_hidden = 1, .hidden = { 4 }, .activation = SL_RELU, .outputs = 2 };
    assert_int_equal(sl_device_cpu(&small.device, NULL, NULL, NULL), SL_OK);
    assert_int_equal(sl_graph_new(&small.graph, small.device, 4, NULL), SL_OK);
    sl_mlp_build(small.graph, (struct sl_shape){ 1, { 3 } }, &mlp);
    assert_int_equal(sl_graph_plan(small.graph, seed, NULL), SL_OK);
    assert_true(sl_graph_weights(small.graph) <= WEIGHTS_MAX);
    assert_int_equal(sl_graph_get(small.graph, small.w, NULL), SL_OK);
    return small;
}

static void small_close(struct small *small)
{
    sl_graph_free(small->graph);
    sl_device_close(small->device);
}

static const float *parameter(const struct small *small, const char *name, const struct sl_parameter **out)
{
    const struct sl_parameter *list;
    size_t n = sl_graph_parameters(small->graph, &list);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].name, name) == 0) {
            *out = &list[i];
            return small->w + list[i].first;
        }
    }
    fail_msg("the network has no parameter %s", name);
    return NULL;
}

static size_t bytes_of_hex(struct sl_str hex, char *out, size_t size)
{
    assert_true(hex.n / 2 <= size);
    for (size_t i = 0; i < hex.n / 2; i++) {
        char digits[3] = { hex.p[2 * i], hex.p[2 * i + 1], '\0' };
        out[i] = (char)strtoul(digits, NULL, 16);
    }
    return hex.n / 2;
}

/* The file has it as (out, in) when it is a matrix. */
static void check_tensor(const struct small *small, const struct golden *golden, const char *file)
{
    char name[32];
    const struct sl_parameter *info;
    assert_true(golden->field[1].n < sizeof name);
    memcpy(name, golden->field[1].p, golden->field[1].n);
    name[golden->field[1].n] = '\0';
    const float *w = parameter(small, name, &info);
    size_t out = info->shape.rank == 2 ? info->shape.size[1] : info->n, in = info->n / out;
    const char *p = golden->field[3].p;
    for (size_t i = 0; i < info->n; i++) {
        char *end;
        float wanted = (float)strtod(p, &end), got = w[i % in * out + i / in];
        if (end == p || memcmp(&got, &wanted, sizeof got) != 0)
            fail_msg("%s: element %zu of %s is %.9g, the reference has %.9g", file, i, name, (double)got,
                     (double)wanted);
        p = end;
    }
}

static void files_of_the_reference_are_read_whatever_their_type(void **state)
{
    (void)state;
    struct golden golden = golden_open("tests/golden/nn_safetensors.tsv");
    struct small small = small_open(1);
    char bytes[4096], file[16] = "";
    struct sl_error err = SL_ERROR_INIT;
    int tensors = 0;
    while (golden_next(&golden)) {
        if (sl_str_equal(golden.field[0], SL_STR("tensor"))) {
            check_tensor(&small, &golden, file);
            tensors++;
            continue;
        }
        snprintf(file, sizeof file, "%.*s", (int)golden.field[1].n, golden.field[1].p);
        size_t n = bytes_of_hex(golden.field[2], bytes, sizeof bytes);
        store(in_folder("reference"), bytes, n);
        if (sl_safetensors_read(in_folder("reference"), small.graph, &err))
            fail_msg("%s: %s", file, err.what);
        assert_int_equal(sl_graph_get(small.graph, small.w, NULL), SL_OK);
    }
    assert_int_equal(tensors, 5 * 4);
    golden_close(&golden);
    small_close(&small);
}

static void a_file_is_byte_for_byte_what_the_format_says(void **state)
{
    (void)state;
    static const char head[] = "{\"__metadata__\":{\"program\":\"a \\\"quoted\\\" one\",\"format\":\"pt\"},"
                               "\"dense_1.weight\":{\"dtype\":\"F32\",\"shape\":[4,3],\"data_offsets\":[0,48]},"
                               "\"dense_1.bias\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[48,64]},"
                               "\"dense_2.weight\":{\"dtype\":\"F32\",\"shape\":[2,4],\"data_offsets\":[64,96]},"
                               "\"dense_2.bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[96,104]}}";
    static const char *const metadata[] = { "program", "a \"quoted\" one", "format", "pt", NULL };
    struct small small = small_open(2);
    struct sl_buf file = { 0 };
    assert_int_equal(sl_safetensors_write(in_folder("ours"), small.graph, metadata, NULL), SL_OK);
    assert_int_equal(sl_file_read(in_folder("ours"), 1 << 16, &file, NULL), SL_OK);
    struct sl_blob blob = { file.p, file.p + file.n, false };
    uint64_t length = sl_blob_u64(&blob);
    assert_true(length % 8 == 0 && length >= sizeof head - 1 && length < sizeof head + 8);
    assert_int_equal(file.n, 8 + length + 104);
    assert_memory_equal(file.p + 8, head, sizeof head - 1);
    for (size_t i = sizeof head - 1; i < length; i++)
        assert_int_equal(file.p[8 + i], ' ');
    const struct sl_parameter *info;
    const float *w = parameter(&small, "dense_1.weight", &info);
    for (size_t i = 0; i < 12; i++) {
        float x;
        memcpy(&x, file.p + 8 + length + 4 * i, sizeof x); /* little-endian machines only: the only ones tested on */
        assert_true(x == w[i % 3 * 4 + i / 3]);
    }
    sl_buf_release(&file);
    small_close(&small);
}

static void what_was_written_is_read_back_to_the_same_bits(void **state)
{
    (void)state;
    struct small one = small_open(3), other = small_open(4);
    assert_memory_not_equal(one.w, other.w, sizeof one.w);
    assert_int_equal(sl_safetensors_write(in_folder("there"), one.graph, NULL, NULL), SL_OK);
    assert_int_equal(sl_safetensors_read(in_folder("there"), other.graph, NULL), SL_OK);
    assert_int_equal(sl_graph_get(other.graph, other.w, NULL), SL_OK);
    assert_memory_equal(one.w, other.w, sizeof one.w);
    small_close(&one);
    small_close(&other);
}

/* A length, a header, and `data` zero bytes. */
static void store_file(const char *path, const char *header, size_t data)
{
    struct sl_buf file = { 0 };
    sl_buf_u64(&file, strlen(header));
    sl_buf_puts(&file, header);
    for (size_t i = 0; i < data; i++)
        sl_buf_putc(&file, '\0');
    assert_false(file.failed);
    store(path, file.p, file.n);
    sl_buf_release(&file);
}

/* It must be refused with this status and these words, and leave the weights alone. */
static void check_refused(struct small *small, const char *path, int status, const char *words)
{
    struct sl_error err = SL_ERROR_INIT;
    char text[768];
    float after[WEIGHTS_MAX] = { 0 };
    int got = sl_safetensors_read(path, small->graph, &err);
    sl_error_format(&err, text, sizeof text);
    if (got != status || !strstr(text, words) || !err.fix[0])
        fail_msg("status %d instead of %d, \"%s\" should say \"%s\" and a fix", got, status, text, words);
    assert_int_equal(sl_graph_get(small->graph, after, NULL), SL_OK);
    assert_memory_equal(after, small->w, sizeof after);
}

#define TENSOR(name, type, shape, from, to) \
    "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" #from "," #to "]}"

static const struct {
    const char *header;
    size_t data;
    const char *words;
} lies[] = {
    { "", 0, "it must begin with '{'" },
    { " {}", 0, "it must begin with '{'" },
    { "[]", 0, "it must begin with '{'" },
    { "{", 0, "string in double quotes" },
    { "{}x", 0, "something follows" },
    { "{},", 0, "something follows" },
    { "{\"a\"}", 0, "':' must follow" },
    { "{\"a\":1}", 0, "'{' must follow" },
    { "{\"a\":{}}", 0, "tensor 'a' needs all of" },
    { "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4, "tensor 'a' needs all of" },
    { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", 0, "key 'dtype' of tensor 'a' is there twice" },
    { "{\"a\":{\"kind\":\"F32\"}}", 0, "key 'kind' of tensor 'a' is none of" },
    { "{\"a\":{\"dtype\":32}}", 0, "dtype must be a string" },
    { "{\"a\":{\"dtype\":\"F32\"", 0, "it ends where '}' must follow" },
    { "{" TENSOR("a", "F32", "-1", 0, 4) "}", 4, "shape must hold whole numbers" },
    { "{" TENSOR("a", "F32", "1.0", 0, 4) "}", 4, "shape must hold whole numbers" },
    { "{" TENSOR("a", "F32", "01", 0, 4) "}", 4, "shape must hold whole numbers" },
    { "{" TENSOR("a", "F32", "1,", 0, 4) "}", 4, "shape must hold whole numbers" },
    { "{" TENSOR("a", "F32", "99999999999999999999", 0, 4) "}", 4, "larger than 64 bits" },
    { "{" TENSOR("a", "F32", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", 0, 4) "}", 4, "more than 16 numbers" },
    { "{\"a\":{\"data_offsets\":[0]}}", 4, "data_offsets must hold two numbers" },
    { "{\"a\":{\"data_offsets\":[0,4,8]}}", 4, "data_offsets has more than 2 numbers" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "}", 3, "tensor 'a' lies at bytes 0 to 4, but the file has 3" },
    { "{" TENSOR("a", "F32", "1", 4, 0) "}", 4, "tensor 'a' lies at bytes 4 to 0" },
    { "{" TENSOR("a", "F32", "2", 0, 4) "}", 4, "tensor 'a' has 4 bytes, which is not what its shape" },
    { "{" TENSOR("a", "F16", "3", 0, 4) "}", 4, "which is not what its shape and type F16 take" },
    { "{" TENSOR("a", "F4", "3", 0, 1) "}", 1, "which is not what its shape and type F4 take" },
    { "{" TENSOR("a", "F32", "4294967296,4294967296,4294967296", 0, 0) "}", 0, "which is not what its shape" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 2, 6) "}", 6,
      "tensor 'b' begins at byte 2, within" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 0, 4) "}", 4, "begins at byte 0, within" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 8, 12) "}", 12, "bytes 4 to 8 before tensor 'b'" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "}", 9, "the last 5 bytes of the file belong to no tensor" },
    { "{}", 1, "the last 1 bytes" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("a", "F32", "1", 4, 8) "}", 8, "tensor 'a' is there twice" },
    { "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("\\u0061", "F32", "1", 4, 8) "}", 8, "tensor 'a' is there twice" },
    { "{\"__metadata__\":{},\"__metadata__\":{}}", 0, "__metadata__ is there twice" },
    { "{\"__metadata__\":{\"a\":1}}", 0, "a value of __metadata__ must be a string" },
    { "{\"__metadata__\":{\"a\":{}}}", 0, "a value of __metadata__ must be a string" },
    { "{\"a\\x\":{}}", 0, "none of JSON's" },
    { "{\"a\\ud800\":{}}", 0, "none of JSON's" },
    { "{\"a\\ud800\\u0020\":{}}", 0, "none of JSON's" },
    { "{\"a\\udc00\":{}}", 0, "none of JSON's" },
    { "{\"a\\u00g0\":{}}", 0, "none of JSON's" },
    { "{\"a\n\":{}}", 0, "must be written as an escape" },
    { "{\"a\xff\":{}}", 0, "the string is not UTF-8" },
    { "{\"a", 0, "the string is not closed" },
    { "{\"a\\\"", 0, "the string is not closed" },
};

static void a_header_that_lies_is_refused_with_its_reason(void **state)
{
    (void)state;
    struct small small = small_open(5);
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        store_file(in_folder("lie"), lies[i].header, lies[i].data);
        check_refused(&small, in_folder("lie"), SL_EFORMAT, lies[i].words);
    }
    small_close(&small);
}

static void a_length_that_lies_is_refused(void **state)
{
    (void)state;
    struct small small = small_open(6);
    static const uint64_t lengths[] = { 3, 100, 100000001, UINT64_C(1) << 40, UINT64_MAX, UINT64_MAX - 7 };
    store(in_folder("short"), "1234567", 7);
    check_refused(&small, in_folder("short"), SL_EFORMAT, "too few for a safetensors file");
    store(in_folder("short"), "", 0);
    check_refused(&small, in_folder("short"), SL_EFORMAT, "too few for a safetensors file");
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct sl_buf file = { 0 };
        sl_buf_u64(&file, lengths[i]);
        sl_buf_puts(&file, "{}");
        store(in_folder("length"), file.p, file.n);
        check_refused(&small, in_folder("length"), SL_EFORMAT, "says its header has");
        sl_buf_release(&file);
    }
    small_close(&small);
}

/* All tensors of the small network but for what is said of dense_1.weight. */
static void store_network(const char *weight)
{
    char header[512];
    snprintf(header, sizeof header,
             "{%s" TENSOR("dense_1.bias", "F32", "4", 48, 64) "," TENSOR(
                 "dense_2.weight", "F32", "2,4", 64, 96) "," TENSOR("dense_2.bias", "F32", "2", 96, 104) "}",
             weight);
    store_file(in_folder("network"), header, 104);
}

static void what_does_not_fit_the_network_is_named_with_what_was_wanted(void **state)
{
    (void)state;
    struct small small = small_open(7);
    const char *path = in_folder("network");
    store_network(TENSOR("other.weight", "F32", "4,3", 0, 48) ",");
    check_refused(&small, path, SL_ESCHEMA, "no tensor 'dense_1.weight'");
    check_refused(&small, path, SL_ESCHEMA, "other.weight");
    store_network(TENSOR("dense_1.weight", "F32", "3,4", 0, 48) ",");
    check_refused(&small, path, SL_ESCHEMA,
                  "tensor 'dense_1.weight' is (3, 4), the network wants (4, 3); turn it round");
    store_network(TENSOR("dense_1.weight", "F32", "12", 0, 48) ",");
    check_refused(&small, path, SL_ESCHEMA, "is (12), the network wants (4, 3); give");
    store_network(TENSOR("dense_1.weight", "I32", "4,3", 0, 48) ",");
    check_refused(&small, path, SL_ESCHEMA, "is of type 'I32'; F32, F16, BF16 and F64 are taken");
    store_network(TENSOR("dense_1.weight", "Q5_K", "4,3", 0, 48) ",");
    check_refused(&small, path, SL_ESCHEMA, "is of type 'Q5_K'");
    store_network(TENSOR("dense_1.weight", "F32", "4,3", 0, 48) ",");
    assert_int_equal(sl_safetensors_read(path, small.graph, NULL), SL_OK);
    small_close(&small);
}

static void strange_but_true_headers_are_read(void **state)
{
    (void)state;
    struct sl_tensors tensors;
    static const char header[] =
        "{ \"b\\u00e9\\ud83d\\ude00\" : { \"shape\" : [ ] ,\n\"data_offsets\":[0,4],\t\"dtype\":\"F32\"} ,"
        "\"__metadata__\":{\"k\":\"v\"}," TENSOR("none", "I64", "0,7", 4, 4) "," TENSOR("", "unheard of", "3", 4,
                                                                                        5) "}  ";
    assert_int_equal(sl_tensors_parse(&tensors, sl_str(header), 5, NULL), SL_OK);
    assert_int_equal(tensors.n, 3);
    const struct sl_tensor *scalar = sl_tensors_find(&tensors, SL_STR("b\xc3\xa9\xf0\x9f\x98\x80"));
    assert_non_null(scalar);
    assert_int_equal(scalar->rank, 0);
    assert_non_null(sl_tensors_find(&tensors, SL_STR("")));
    assert_int_equal(sl_tensors_find(&tensors, SL_STR("none"))->size[1], 7);
    assert_null(sl_tensors_find(&tensors, SL_STR("nothing")));
    sl_tensors_release(&tensors);
    assert_int_equal(sl_tensors_parse(&tensors, SL_STR("{}"), 0, NULL), SL_OK);
    assert_null(sl_tensors_find(&tensors, SL_STR("")));
    sl_tensors_release(&tensors);
}

static void every_half_precision_number_is_widened_exactly(void **state)
{
    (void)state;
    const struct sl_tensor_type *type = sl_tensor_type(SL_STR("F16"));
    for (uint32_t half = 0; half < 0x10000; half++) {
        unsigned char bytes[2] = { (unsigned char)half, (unsigned char)(half >> 8) };
        float got;
        type->widen(bytes, 1, &got);
        int exponent = (int)(half >> 10 & 31), fraction = (int)(half & 0x3ff);
        double wanted = exponent == 31 ? (fraction ? (double)NAN : (double)INFINITY)
                        : exponent     ? ldexp(1024 + fraction, exponent - 25)
                                       : ldexp(fraction, -24);
        assert_true(isnan(wanted) ? isnan(got) : (double)fabsf(got) == wanted);
        assert_int_equal(!signbit(got), half < 0x8000);
    }
}

static void what_is_no_file_is_said_to_be_none(void **state)
{
    (void)state;
    struct small small = small_open(8);
    struct sl_error err = SL_ERROR_INIT;
    check_refused(&small, in_folder("missing"), SL_EIO, "No such file");
    check_refused(&small, folder, SL_EIO, "Is a directory");
    assert_int_equal(mkfifo(in_folder("pipe"), 0600), 0);
    check_refused(&small, in_folder("pipe"), SL_EIO, "not a regular file");
    assert_int_equal(sl_safetensors_write(in_folder("no/such/folder"), small.graph, NULL, &err), SL_EIO);
    assert_int_equal(sl_safetensors_write(folder, small.graph, NULL, &err), SL_EIO);
    small_close(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_of_the_reference_are_read_whatever_their_type),
        cmocka_unit_test(a_file_is_byte_for_byte_what_the_format_says),
        cmocka_unit_test(what_was_written_is_read_back_to_the_same_bits),
        cmocka_unit_test(a_header_that_lies_is_refused_with_its_reason),
        cmocka_unit_test(a_length_that_lies_is_refused),
        cmocka_unit_test(what_does_not_fit_the_network_is_named_with_what_was_wanted),
        cmocka_unit_test(strange_but_true_headers_are_read),
        cmocka_unit_test(every_half_precision_number_is_widened_exactly),
        cmocka_unit_test(what_is_no_file_is_said_to_be_none),
    };
    return cmocka_run_group_tests_name("safetensors", tests, make_folder, remove_folder);
}
