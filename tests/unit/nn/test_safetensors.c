/* test_safetensors.c: weights out and in: files of the reference implementation (tests/golden/make_safetensors.py),
 * our own byte for byte, and files that lie. */
#include "tests/unit/base/folder_try.h"
#include "tests/unit/base/text_golden.h"

#include "engine/nn/safetensors_private.h"
#include "sluice/input.h"
#include "sluice/network.h"

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

static void a_lie_is_told_with_file_and_byte(void **state)
{
    (void)state;
    struct small small = small_open(5);
    char place[160];
    snprintf(place, sizeof place, "%s: byte 14: ", in_folder("lie"));
    store_file(in_folder("lie"), "{\"a\": ?}", 0);
    check_refused(&small, in_folder("lie"), SL_EFORMAT, place);
    store_file(in_folder("lie"), "{" TENSOR("a", "F32", "1", 0, 4) "," TENSOR("b", "F32", "1", 2, 6) "}", 6);
    check_refused(&small, in_folder("lie"), SL_EFORMAT, "tensor 'b' begins at byte 2, within");
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
        cmocka_unit_test(a_lie_is_told_with_file_and_byte),
        cmocka_unit_test(a_length_that_lies_is_refused),
        cmocka_unit_test(what_does_not_fit_the_network_is_named_with_what_was_wanted),
        cmocka_unit_test(what_is_no_file_is_said_to_be_none),
    };
    return cmocka_run_group_tests_name("safetensors", tests, make_folder, remove_folder);
}
