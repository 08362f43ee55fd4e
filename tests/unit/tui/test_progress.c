/* test_progress.c: the progress line fits every width and leaves out the least first; figures read as people write
 * them. */
#include "tui/batch.h"
#include "tui/progress_bar.h"

#include "sluice/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

static const struct progress_view reading = { .phase = "read",
                                              .fraction = 0.5,
                                              .rate = 1234567,
                                              .eta = 83,
                                              .loss = (double)NAN,
                                              .train_accuracy = (double)NAN,
                                              .test_accuracy = (double)NAN };
static const struct progress_view training = { .phase = "train",
                                               .fraction = 0.25,
                                               .rate = 1000,
                                               .eta = 4,
                                               .step = 12,
                                               .loss = 0.31211,
                                               .train_accuracy = 0.8718,
                                               .test_accuracy = 0.8607 };

static void assert_line(const struct progress_view *view, int width, bool utf8, const char *expected)
{
    struct sl_buf out = { 0 };
    progress_text(view, width, utf8, &out);
    assert_string_equal(out.p ? out.p : "", expected);
    sl_buf_release(&out);
}

static void a_wide_line_tells_everything(void **state)
{
    (void)state;
    assert_line(&reading, 80, false, "read    [##########----------]   50 %  1.23M rec/s  eta 1:23");
    assert_line(&training, 110, true,
                "train   █████░░░░░░░░░░░░░░░   25 %  step 12  loss 0.3121  acc 0.8718/0.8607  eta 0:04");
}

static void a_narrow_line_drops_the_bar_and_then_the_rightmost(void **state)
{
    (void)state;
    assert_line(&reading, 30, false, "read   50 %  1.23M rec/s");
    assert_line(&reading, 12, false, "read   50 %");
    assert_line(&reading, 3, false, "rea");
    assert_line(&reading, 0, false, "");
}

static void no_width_is_exceeded(void **state)
{
    (void)state;
    for (int width = 0; width <= 200; width++) {
        for (int k = 0; k < 4; k++) {
            struct sl_buf out = { 0 };
            progress_text(k & 1 ? &training : &reading, width, k & 2, &out);
            size_t columns = out.p ? sl_utf8_length(out.p, out.n) : 0;
            if (columns > (size_t)width) {
                fail_msg("%zu columns at width %d: %s", columns, width, out.p);
            }
            sl_buf_release(&out);
        }
    }
}

static void unknown_figures_are_left_out(void **state)
{
    (void)state;
    const struct progress_view view = { .phase = "fit",
                                        .fraction = (double)NAN,
                                        .eta = (double)NAN,
                                        .loss = (double)NAN,
                                        .train_accuracy = (double)NAN,
                                        .test_accuracy = (double)NAN };
    assert_line(&view, 20, false, "fit     [----------]");
    struct progress_view mad = view;
    mad.fraction = 7;
    assert_line(&mad, 25, false, "fit     [########]  100 %");
}

static void assert_duration(double seconds, const char *expected)
{
    struct sl_buf out = { 0 };
    batch_duration(&out, seconds);
    assert_string_equal(out.p, expected);
    sl_buf_release(&out);
}

static void durations_have_the_unit_that_fits(void **state)
{
    (void)state;
    assert_duration(0.0123, "12.3 ms");
    assert_duration(1.234, "1.23 s");
    assert_duration(12.34, "12.3 s");
    assert_duration(200, "3 min 20 s");
    assert_duration(7261, "2 h 1 min");
    assert_duration((double)NAN, "?");
    assert_duration(-1, "?");
}

static void counts_and_bytes_are_grouped(void **state)
{
    (void)state;
    struct sl_buf out = { 0 };
    batch_count(&out, 1234567);
    sl_buf_putc(&out, ' ');
    batch_bytes(&out, 999);
    sl_buf_putc(&out, ' ');
    batch_bytes(&out, 64.25e6);
    sl_buf_putc(&out, ' ');
    batch_bytes(&out, 412e6);
    assert_string_equal(out.p, "1,234,567 999 bytes 64.2 MB 412 MB");
    sl_buf_release(&out);
}

static void events_are_json_with_null_for_what_is_unknown(void **state)
{
    (void)state;
    struct sl_buf out = { 0 };
    const struct sl_point point = { .step = 3,
                                    .rows = 30,
                                    .loss = 0.5,
                                    .gradient_norm = 0.25,
                                    .train_accuracy = 1,
                                    .test_accuracy = (double)NAN,
                                    .test_loss = (double)INFINITY,
                                    .seconds = 2 };
    batch_json_point(&point, &out);
    assert_string_equal(out.p, "{\"event\":\"metric\",\"step\":3,\"rows\":30,\"loss\":0.5,\"gradient_norm\":0.25,"
                               "\"train_accuracy\":1,\"test_accuracy\":null,\"test_loss\":null,\"seconds\":2}\n");
    out.n = 0;
    struct sl_error err = SL_ERROR_INIT;
    sl_fail(&err, SL_ESCHEMA, "there is no column \"x\"");
    sl_fix(&err, "did you mean \"y\"?");
    sl_error_at(&err, "a.sluice", 3, 7, UINT64_MAX);
    batch_json_error(&err, &out);
    assert_string_equal(out.p,
                        "{\"event\":\"error\",\"message\":\"there is no column \\\"x\\\"\",\"fix\":\"did you mean "
                        "\\\"y\\\"?\",\"file\":\"a.sluice\",\"line\":3,\"column\":7,\"interrupted\":false}\n");
    sl_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wide_line_tells_everything),
        cmocka_unit_test(a_narrow_line_drops_the_bar_and_then_the_rightmost),
        cmocka_unit_test(no_width_is_exceeded),
        cmocka_unit_test(unknown_figures_are_left_out),
        cmocka_unit_test(durations_have_the_unit_that_fits),
        cmocka_unit_test(counts_and_bytes_are_grouped),
        cmocka_unit_test(events_are_json_with_null_for_what_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
