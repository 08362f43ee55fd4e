/* test_chart.c: what a chart shows and what its keys do, compared as text. */
#include "tui/chart.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct setup {
    struct chart_data data;
    struct chart chart;
    size_t curves;
};

static void begin(struct setup *setup, size_t curves)
{
    *setup = (struct setup){ .curves = curves };
    chart_init(&setup->chart, "loss", &setup->data);
    chart_add_line(&setup->chart, chart_data_curve(&setup->data, "train", false, false));
    if (curves > 1)
        chart_add_line(&setup->chart, chart_data_curve(&setup->data, "test", true, false));
}

static void end(struct setup *setup)
{
    chart_data_release(&setup->data);
}

static void add(struct setup *setup, double first, double second)
{
    double n = (double)setup->data.n + 1, x[CHART_AXES] = { n, n / 10, n * 2 }, values[] = { first, second };
    assert_int_equal(chart_data_add(&setup->data, x, values, NULL), SL_OK);
}

/* The picture as text; owned by the caller. */
static char *picture(const struct setup *setup, int h, int w)
{
    struct cells cells;
    struct sl_buf out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(cells_init(&cells, h, w, &err), SL_OK);
    assert_int_equal(chart_draw(&setup->chart, &cells, &err), SL_OK);
    for (int y = 0; y < h; y++) {
        cells_row(&cells, y, &out);
        sl_buf_putc(&out, '\n');
    }
    assert_false(out.failed);
    cells_release(&cells);
    return out.p;
}

static void check(const struct setup *setup, int h, int w, const char *wanted)
{
    char *got = picture(setup, h, w);
    assert_string_equal(got, wanted);
    free(got);
}

static void check_has(const struct setup *setup, int h, int w, const char *part, bool wanted)
{
    char *got = picture(setup, h, w);
    if (!!strstr(got, part) != wanted)
        fail_msg("%s \"%s\":\n%s", wanted ? "no" : "unwanted", part, got);
    free(got);
}

static void a_falling_line_is_drawn_with_title_labels_and_axis(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i <= 20; i++)
        add(&setup, 1 - i / 20.0, 0);
    check(&setup, 8, 40,
          "loss 0 ▾ best 0 @21\n"
          "1.0┤⠒⠤⠤⠤⢄⣀⡀\n"
          "   │      ⠈⠉⠒⠒⠤⢄⣀⡀\n"
          "0.5┤             ⠈⠉⠒⠒⠤⠤⠤⢄⣀⡀\n"
          "   │                      ⠈⠉⠒⠒⠤⢄⣀⡀\n"
          "0.0┤                             ⠈⠉⠒⠒⠒⠢⠤\n"
          "   └───────┬────────┬────────┬───────┬─v\n"
          "           5       10       15      step\n");
    end(&setup);
}

static void a_steep_beginning_does_not_flatten_what_follows(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i < 400; i++)
        add(&setup, i < 8 ? 2.4 - 0.2 * i : 0.8 - 0.001 * i, 0);
    check_has(&setup, 8, 40, "2.0\xe2\x94\xa4", false);
    check_has(&setup, 8, 40, "0.6\xe2\x94\xa4", true);
    check_has(&setup, 8, 40, "best 0.4010 @400", true);
    char *small = picture(&setup, 8, 40);
    assert_true(strstr(small, "\xe2\xa0") || strstr(small, "\xe2\xa1") || strstr(small, "\xe2\xa2"));
    free(small);
    end(&setup);
    begin(&setup, 1); /* few points are shown as they are */
    for (int i = 0; i < 30; i++)
        add(&setup, i < 2 ? 2.4 : 0.8 - 0.001 * i, 0);
    check_has(&setup, 8, 40, "2.0\xe2\x94\xa4", true);
    end(&setup);
}

static void without_points_it_says_so(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 2);
    check_has(&setup, 10, 40, "no points yet", true);
    end(&setup);
}

static void it_draws_at_any_size_whatever_the_values(void **state)
{
    (void)state;
    static const double series[][5] = {
        { 1, 1, 1, 1, 1 },
        { 0, 0, 0, 0, 0 },
        { NAN, NAN, NAN, NAN, NAN },
        { INFINITY, -INFINITY, NAN, INFINITY, 1 },
        { 1.7e308, -1.7e308, 1, 0, -1 },
        { 5e-324, 0, 1e-320, 5e-324, 0 },
        { 1e9, 1e9 + 1e-6, 1e9, 1e9 + 2e-6, 1e9 },
        { 1e-300, 1e300, 1, 1e-10, 1e10 },
    };
    for (size_t s = 0; s < sizeof series / sizeof *series; s++)
        for (int n = 0; n <= 5; n++) {
            struct setup setup;
            begin(&setup, 2);
            for (int i = 0; i < n; i++)
                add(&setup, series[s][i], i % 2 ? NAN : series[s][4 - i]);
            for (int mode = 0; mode < 24; mode++) {
                setup.chart.log_y = mode & 1;
                setup.chart.glyphs = (enum glyphs)(mode % GLYPHS_N);
                setup.chart.axis = (enum chart_axis)(mode / 8);
                assert_int_equal(chart_smooth(&setup.chart, mode % 4, NULL), SL_OK);
                chart_cursor(&setup.chart, mode & 2);
                static const int sizes[][2] = { { 1, 1 },  { 2, 2 },  { 1, 80 }, { 20, 1 },
                                                { 3, 24 }, { 5, 30 }, { 9, 40 }, { 40, 160 } };
                for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                    char *text = picture(&setup, sizes[i][0], sizes[i][1]);
                    assert_non_null(text);
                    for (const char *p = text; setup.chart.glyphs == GLYPHS_ASCII && *p; p++)
                        assert_true((*p >= 32 && *p < 127) || *p == '\n');
                    free(text);
                }
            }
            end(&setup);
        }
}

static void a_spike_of_one_sample_shows_at_every_zoom(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i < 100000; i++)
        add(&setup, i == 61803 ? 9 : 1, 0);
    for (int columns = 10; columns <= 160; columns += 15)
        for (int pass = 0; pass < 2; pass++) { /* raw, and as the faint curve behind the smoothed one */
            assert_int_equal(chart_smooth(&setup.chart, pass ? 6 : 0, NULL), SL_OK);
            struct cells cells;
            assert_int_equal(cells_init(&cells, 8, columns, NULL), SL_OK);
            assert_int_equal(chart_draw(&setup.chart, &cells, NULL), SL_OK);
            int dots = 0;
            for (int x = 0; x < columns; x++) {
                uint32_t glyph = cells.at[columns + x].glyph; /* the top row of the field */
                dots += glyph >= 0x2801 && glyph <= 0x28ff;
            }
            assert_int_equal(dots, 1);
            cells_release(&cells);
        }
    end(&setup);
}

static void a_constant_is_a_flat_line_also_when_smoothed(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i < 50; i++)
        add(&setup, 0.25, 0);
    assert_int_equal(chart_smooth(&setup.chart, 4, NULL), SL_OK);
    check(&setup, 3, 20, "loss 0.2500 ~0.95\n\n⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉\n");
    end(&setup);
}

static void what_is_no_number_is_marked_counted_and_breaks_the_line(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i <= 20; i++)
        add(&setup, i == 10 ? NAN : 1, 0);
    check_has(&setup, 8, 60, "! 1 NaN/Inf", true);
    char *got = picture(&setup, 8, 60);
    const char *row = strstr(got, "└");
    assert_non_null(row);
    assert_non_null(strchr(row, '!'));
    free(got);
    end(&setup);
}

static void a_gap_is_not_an_error_and_is_bridged(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 2);
    for (int i = 0; i < 30; i++)
        add(&setup, 1, i % 10 == 0 ? 2 : NAN);
    check_has(&setup, 9, 60, "NaN", false);
    check_has(&setup, 9, 60, "!", false);
    assert_true(chart_judged(&setup.chart) == &setup.data.curve[1]);
    end(&setup);
}

static void the_logarithmic_scale_is_one_and_counts_what_it_cannot_show(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i <= 40; i++)
        add(&setup, pow(10, -i / 10.0), 0);
    setup.chart.log_y = true;
    check_has(&setup, 12, 60, "≤ 0", false);
    check_has(&setup, 12, 60, "0.001┤", true);
    check_has(&setup, 12, 60, "    1┤", true);
    add(&setup, 0, 0);
    add(&setup, -1, 0);
    check_has(&setup, 12, 60, "2 ≤ 0", true);
    setup.chart.log_y = false;
    check_has(&setup, 12, 60, "≤ 0", false);
    end(&setup);
}

static void two_lines_differ_by_dash_and_by_mark(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 2);
    for (int i = 0; i < 40; i++)
        add(&setup, 1, 2);
    check_has(&setup, 10, 44, "⠤⠤ train 1.0000  ⠤  test 2.0000", true);
    setup.chart.glyphs = GLYPHS_ASCII;
    check_has(&setup, 10, 44, "-- train 1.0000  o  test 2.0000", true);
    check_has(&setup, 10, 44, "o o o o o o", true);
    end(&setup);
}

static void the_view_follows_the_newest_point_until_it_is_moved(void **state)
{
    (void)state;
    struct setup setup;
    struct chart *chart = &setup.chart;
    double x0, x1;
    begin(&setup, 1);
    for (int i = 0; i < 101; i++)
        add(&setup, i, 0);
    chart_zoom(chart, 0.5);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 51 && x1 == 101);
    add(&setup, 1, 0);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 52 && x1 == 102);
    chart_move(chart, -2, 40);
    add(&setup, 1, 0);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 42 && x1 == 92);
    check_has(&setup, 9, 60, "G follows", true);
    chart_zoom(chart, 0.5);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 54.5 && x1 == 79.5);
    chart_follow(chart);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 78 && x1 == 103);
    chart_fit(chart);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 1 && x1 == 103);
    end(&setup);
}

static void changing_the_axis_keeps_what_is_in_view(void **state)
{
    (void)state;
    struct setup setup;
    double x0, x1;
    begin(&setup, 1);
    for (int i = 0; i < 101; i++)
        add(&setup, i, 0);
    chart_zoom(&setup.chart, 0.5);
    chart_axis(&setup.chart, CHART_TIME);
    chart_window(&setup.chart, &x0, &x1);
    assert_true(x0 == 102 && x1 == 202);
    check_has(&setup, 9, 60, "time", true);
    chart_axis(&setup.chart, CHART_EPOCH);
    chart_window(&setup.chart, &x0, &x1);
    assert_true(fabs(x0 - 5.1) < 1e-9 && fabs(x1 - 10.1) < 1e-9);
    end(&setup);
}

static void the_cursor_tells_every_value_at_its_step(void **state)
{
    (void)state;
    struct setup setup;
    struct chart *chart = &setup.chart;
    begin(&setup, 2);
    for (int i = 0; i < 50; i++)
        add(&setup, i == 20 ? 0.5 : 1 + i, i % 5 ? (double)NAN : 100 + i);
    chart_jump_extreme(chart, false);
    assert_int_equal(chart->cursor_at, 0); /* the judged curve is the test's */
    check_has(&setup, 9, 60, "at step 1 ", true);
    check_has(&setup, 9, 60, "train 1.0000", true);
    check_has(&setup, 9, 60, "test 100.0", true);
    chart_move(chart, 1, 1000);
    assert_int_equal(chart->cursor_at, 1);
    check_has(&setup, 9, 60, "test -", true);
    chart_move(chart, -1, 1000);
    chart_move(chart, -1, 1000);
    assert_int_equal(chart->cursor_at, 0);
    chart_jump_extreme(chart, true);
    assert_int_equal(chart->cursor_at, 45);
    end(&setup);
}

static void marks_bad_values_and_the_best_are_reached_in_order(void **state)
{
    (void)state;
    struct setup setup;
    struct chart *chart = &setup.chart;
    begin(&setup, 1);
    for (int i = 0; i < 60; i++)
        add(&setup, i == 30 ? (double)NAN : i == 10 ? -1 : i, 0);
    assert_int_equal(chart_data_mark(&setup.data, 45, '|', NULL), SL_OK);
    static const size_t places[] = { 10, 30, 45 };
    for (int i = 0; i < 3; i++) {
        assert_true(chart_jump_mark(chart, true));
        assert_int_equal(chart->cursor_at, places[i]);
    }
    assert_false(chart_jump_mark(chart, true));
    for (int i = 1; i >= 0; i--) {
        assert_true(chart_jump_mark(chart, false));
        assert_int_equal(chart->cursor_at, places[i]);
    }
    assert_false(chart_jump_mark(chart, false));
    end(&setup);
}

static void a_jump_brings_its_place_into_view(void **state)
{
    (void)state;
    struct setup setup;
    double x0, x1;
    begin(&setup, 1);
    for (int i = 0; i < 1000; i++)
        add(&setup, i == 100 ? -5 : 1, 0);
    chart_zoom(&setup.chart, 0.01);
    chart_jump_extreme(&setup.chart, false);
    chart_window(&setup.chart, &x0, &x1);
    assert_true(x0 <= 101 && x1 >= 101 && x1 - x0 < 11);
    end(&setup);
}

static void the_title_gives_up_the_least_important_first(void **state)
{
    (void)state;
    struct setup setup;
    begin(&setup, 1);
    for (int i = 0; i < 30; i++)
        add(&setup, 1 - i / 100.0 + (i == 29) * 0.1, 0);
    check_has(&setup, 3, 60, "loss 0.8100 ▴ best 0.7200 @29", true);
    check_has(&setup, 3, 24, "loss 0.8100 ▴", true);
    check_has(&setup, 3, 24, "best", false);
    check_has(&setup, 3, 8, "0.8100 ▴", true);
    end(&setup);
}

static void clearing_keeps_scales_and_shows_all_again(void **state)
{
    (void)state;
    struct setup setup;
    struct chart *chart = &setup.chart;
    double x0, x1;
    begin(&setup, 1);
    for (int i = 0; i < 100; i++)
        add(&setup, i, 0);
    assert_int_equal(chart_smooth(chart, 3, NULL), SL_OK);
    chart->log_y = true;
    chart_zoom(chart, 0.1);
    chart_cursor(chart, true);
    chart_data_clear(&setup.data);
    chart_reset(chart);
    for (int i = 0; i < 5; i++)
        add(&setup, i + 1, 0);
    chart_window(chart, &x0, &x1);
    assert_true(x0 == 1 && x1 == 5 && chart->log_y && chart->smoothing == 3 && !chart->cursor);
    assert_true(setup.data.curve[0].smooth[0] == 1);
    end(&setup);
}

static void figures_are_short_at_any_size(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.31214, "0.3121" }, { 0, "0" },        { -2.5, "-2.5000" }, { 12.345, "12.35" },   { 1234.5, "1234" },
        { 123456789, "123M" }, { 1e-9, "1e-09" }, { NAN, "NaN" },      { -INFINITY, "-inf" }, { 456.78, "456.8" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[24];
        chart_number(rows[i].value, text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_falling_line_is_drawn_with_title_labels_and_axis),
        cmocka_unit_test(a_steep_beginning_does_not_flatten_what_follows),
        cmocka_unit_test(without_points_it_says_so),
        cmocka_unit_test(it_draws_at_any_size_whatever_the_values),
        cmocka_unit_test(a_spike_of_one_sample_shows_at_every_zoom),
        cmocka_unit_test(a_constant_is_a_flat_line_also_when_smoothed),
        cmocka_unit_test(what_is_no_number_is_marked_counted_and_breaks_the_line),
        cmocka_unit_test(a_gap_is_not_an_error_and_is_bridged),
        cmocka_unit_test(the_logarithmic_scale_is_one_and_counts_what_it_cannot_show),
        cmocka_unit_test(two_lines_differ_by_dash_and_by_mark),
        cmocka_unit_test(the_view_follows_the_newest_point_until_it_is_moved),
        cmocka_unit_test(changing_the_axis_keeps_what_is_in_view),
        cmocka_unit_test(the_cursor_tells_every_value_at_its_step),
        cmocka_unit_test(marks_bad_values_and_the_best_are_reached_in_order),
        cmocka_unit_test(a_jump_brings_its_place_into_view),
        cmocka_unit_test(the_title_gives_up_the_least_important_first),
        cmocka_unit_test(clearing_keeps_scales_and_shows_all_again),
        cmocka_unit_test(figures_are_short_at_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
