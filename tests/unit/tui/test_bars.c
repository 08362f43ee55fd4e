/* test_bars.c: durations as people read them. (What bars look like is seen in the end-to-end tests.) */
#include "tui/bars.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void durations_have_two_or_three_digits_and_a_unit(void **state)
{
    (void)state;
    static const struct {
        double seconds;
        const char *text;
    } rows[] = {
        { 0, "0.0 ms" },   { 0.00123, "1.2 ms" }, { 0.0123, "12 ms" }, { 0.9994, "999 ms" }, { 0.9996, "1.00 s" },
        { 4.2, "4.20 s" }, { 99.9, "99.90 s" },   { 100, "1:40" },     { 3725, "1:02:05" },  { NAN, "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[32];
        assert_string_equal(bars_seconds(rows[i].seconds, text, sizeof text), rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(durations_have_two_or_three_digits_and_a_unit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
