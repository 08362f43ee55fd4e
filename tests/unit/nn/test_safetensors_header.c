/* test_safetensors_header.c: headers that lie, headers that are merely strange, and the kinds of elements. */
#include "engine/nn/safetensors_private.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <math.h>

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
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct sl_tensors tensors = { 0 };
        struct sl_error err = SL_ERROR_INIT;
        int status = sl_tensors_parse(&tensors, sl_str(lies[i].header), lies[i].data, &err);
        bool placed = err.byte <= strlen(lies[i].header) || strstr(lies[i].words, "bytes");
        if (status != SL_EFORMAT || !strstr(err.what, lies[i].words) || !err.fix[0] || !placed)
            fail_msg("%s: status %d, \"%s\" should say \"%s\", where and a fix", lies[i].header, status, err.what,
                     lies[i].words);
        assert_int_equal(sl_tensors_parse(&tensors, sl_str(lies[i].header), lies[i].data, NULL), SL_EFORMAT);
        assert_null(tensors.list);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_lies_is_refused_with_its_reason),
        cmocka_unit_test(strange_but_true_headers_are_read),
        cmocka_unit_test(every_half_precision_number_is_widened_exactly),
    };
    return cmocka_run_group_tests_name("safetensors_header", tests, NULL, NULL);
}
