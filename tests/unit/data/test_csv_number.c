/* test_csv_number.c: numbers against strtod, and the spellings of "missing". */
#include "test_csv_try.h"

#include "engine/data/csv.h"

#include <math.h>

static void same_as_strtod(const char *text)
{
    double x, expected = strtod(text, NULL);
    if (!sl_csv_number(text, strlen(text), &x) || memcmp(&x, &expected, sizeof x) != 0) {
        fail_msg("\"%s\" reads as %.17g, but is %.17g", text, x, expected);
    }
}

static void test_numbers_are_correctly_rounded(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "7",
        "-12",
        "+3",
        "0.1",
        ".5",
        "5.",
        "1e3",
        "1E-3",
        "1e+22",
        "1e23",
        "123456789012345678",
        "9007199254740993",
        "9007199254740993.0000000000000000001",
        "18446744073709551615",
        "18446744073709551616",
        "0.30000000000000004",
        "2.2250738585072014e-308",
        "4.9406564584124654e-324",
        "1.7976931348623157e308",
        "1e400",
        "-1e400",
        "1e-400",
        "0e99999999",
        "8.98846567431158e307",
        "3.14159265358979323846264338327950288",
        "1000000000000000000000000000000",
        "0.000000000000000000000000000001",
        "9355950000000000000.00000000000000000000000001",
        "1.00000000000000011102230246251565404236316680908203125",
        "123456789.123456789",
        "1e27",
        "1234567890123456789e-27",
        "00000000000000000000000001.5",
        "0.0000000000000000000000000000000000000000000000000001",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        same_as_strtod(texts[i]);
    }
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 11;
}

static void test_random_numbers_are_those_of_strtod(void **state)
{
    (void)state;
    uint64_t seed = 1;
    char text[80];
    for (int i = 0; i < 200000; i++) {
        uint64_t a = next_random(&seed), b = next_random(&seed), digits = next_random(&seed) % 20;
        switch (i % 5) {
        case 0: snprintf(text, sizeof text, "%" PRIu64 ".%" PRIu64, a % 100000, b % 1000000); break;
        case 1: snprintf(text, sizeof text, "%" PRIu64 "e%d", a * 2048 + b % 2048, (int)(b % 60) - 30); break;
        case 2:
            snprintf(text, sizeof text, "-%.*g", (int)digits + 1, (double)a * pow(10, (double)(b % 600) - 300));
            break;
        case 3: snprintf(text, sizeof text, "%" PRIu64, a * 2048 + b % 2048); break;
        default: snprintf(text, sizeof text, "0.%017" PRIu64, a % UINT64_C(100000000000000000)); break;
        }
        same_as_strtod(text);
    }
}

static void test_halfway_cases_round_to_even(void **state)
{
    (void)state;
    uint64_t seed = 7;
    char text[80];
    for (int i = 0; i < 20000; i++) {
        /* exactly between two doubles, and one unit in the last digit beside */
        uint64_t odd = (UINT64_C(1) << 53 | next_random(&seed)) * 2 + 1;
        for (int d = -1; d <= 1; d++) {
            snprintf(text, sizeof text, "%" PRIu64, odd + (uint64_t)d);
            same_as_strtod(text);
            snprintf(text, sizeof text, "%" PRIu64 "e-3", odd + (uint64_t)d);
            same_as_strtod(text);
        }
    }
}

static void test_blanks_infinities_and_nan_are_read(void **state)
{
    (void)state;
    double x;
    assert_true(sl_csv_number(" \t42 ", 5, &x) && x == 42);
    assert_true(sl_csv_number("inf", 3, &x) && isinf(x) && x > 0);
    assert_true(sl_csv_number("-Infinity", 9, &x) && isinf(x) && x < 0);
    assert_true(sl_csv_number("+INF", 4, &x) && isinf(x));
    assert_true(sl_csv_number("NaN", 3, &x) && isnan(x));
}

static void test_what_is_no_decimal_number_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",     " ",     ".",   "-",   "+",  "e5",      "1e",     "1e+", "1.2.3", "1,5",          "1 2",
        "0x1F", "1_000", "--1", "+-1", "1f", "infinit", "nan(1)", "$5",  "5%",    "\xc2\xa0\x35", "1e5.5",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double x;
        if (sl_csv_number(texts[i], strlen(texts[i]), &x)) {
            fail_msg("\"%s\" reads as %g", texts[i], x);
        }
    }
    double x;
    assert_false(sl_csv_number("1\0", 2, &x));
}

static void test_only_numbers_that_lose_nothing_make_a_number_column(void **state)
{
    (void)state;
    assert_true(sl_csv_number_fits("9007199254740992", 16));
    assert_false(sl_csv_number_fits("9007199254740993", 16));
    assert_false(sl_csv_number_fits("570306133677760513", 18));
    assert_false(sl_csv_number_fits("-99999999999999999999999", 24));
    assert_true(sl_csv_number_fits("12345678901234567890.5", 22));
    assert_true(sl_csv_number_fits("1e300", 5));
    assert_true(sl_csv_number_fits("0", 1));
    assert_true(sl_csv_number_fits("0.07", 4));
    assert_false(sl_csv_number_fits("007", 3));
    assert_false(sl_csv_number_fits("x", 1));
    assert_true(sl_csv_number_rounds("9007199254740993", 16));
    assert_true(sl_csv_number_rounds(" -570306133677760513 ", 20));
    assert_false(sl_csv_number_rounds("9007199254740992", 16));
    assert_false(sl_csv_number_rounds("0000000000000000000007", 22));
    assert_false(sl_csv_number_rounds("12345678901234567890.5", 22));
}

static void test_missing_spellings_match_whole_fields_only(void **state)
{
    (void)state;
    struct sl_csv_na na;
    assert_int_equal(sl_csv_na_init(&na, sl_csv_na_default, NULL), SL_OK);
    for (size_t i = 0; sl_csv_na_default[i]; i++) {
        assert_true(sl_csv_is_na(&na, sl_csv_na_default[i], strlen(sl_csv_na_default[i])));
    }
    assert_false(sl_csv_is_na(&na, "N", 1));
    assert_false(sl_csv_is_na(&na, "NAN", 3));
    assert_false(sl_csv_is_na(&na, "NA ", 3));
    assert_false(sl_csv_is_na(&na, "nullnullnull", 12));
    sl_csv_na_release(&na);
    const char *none[] = { NULL };
    assert_int_equal(sl_csv_na_init(&na, none, NULL), SL_OK);
    assert_false(sl_csv_is_na(&na, "", 0));
    assert_false(sl_csv_is_na(&na, "NA", 2));
    sl_csv_na_release(&na);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_are_correctly_rounded),
        cmocka_unit_test(test_random_numbers_are_those_of_strtod),
        cmocka_unit_test(test_halfway_cases_round_to_even),
        cmocka_unit_test(test_blanks_infinities_and_nan_are_read),
        cmocka_unit_test(test_what_is_no_decimal_number_is_refused),
        cmocka_unit_test(test_only_numbers_that_lose_nothing_make_a_number_column),
        cmocka_unit_test(test_missing_spellings_match_whole_fields_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
