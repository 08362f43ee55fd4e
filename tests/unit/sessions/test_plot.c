/* test_plot.c: charts as SVG and PNG: every pixel read back with libpng, every element looked for. */
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "sessions/plot.h"

#include <math.h>
#include <png.h>
#include <stdlib.h>

static const double xs[] = { 1, 2, 3, 4, 5 };
static const double falling[] = { 0.7, 0.5, 0.4, 0.35, 0.33 }, gap[] = { 0.8, 0.6, (double)NAN, 0.55, (double)NAN };
static const struct plot_series series[] = { { "training <objective>", xs, falling, 5 }, { "test", xs, gap, 5 } };
static const struct plot chart = { "a & b: loss", "step", "loss", series, 2 };

static struct sl_buf made(int (*make)(const struct plot *, struct sl_buf *, struct sl_error *), const struct plot *plot)
{
    struct sl_buf out = { 0 };
    struct sl_error err = SL_ERROR_INIT;
    if (make(plot, &out, &err))
        fail_msg("%s", err.what);
    return out;
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, word)); p++)
        n++;
    return n;
}

static void ticks_are_round_and_within(void **state)
{
    double ticks[16];
    char text[32];
    (void)state;
    assert_int_equal(plot_ticks(0.31, 0.82, 6, ticks), 5);
    assert_true(fabs(ticks[0] - 0.4) < 1e-12 && fabs(ticks[4] - 0.8) < 1e-12);
    plot_tick_text(ticks[0], 0.1, text);
    assert_string_equal(text, "0.4");
    assert_int_equal(plot_ticks(1, 20, 8, ticks), 10);
    assert_true(ticks[0] == 2 && ticks[9] == 20);
    plot_tick_text(20, 2, text);
    assert_string_equal(text, "20");
    plot_tick_text(-0.0, 0.05, text);
    assert_string_equal(text, "0.00");
    for (double low = -1e5; low < 1e5; low += 7919)
        for (double span = 1e-4; span < 1e6; span *= 7) {
            size_t n = plot_ticks(low, low + span, 6, ticks);
            assert_true(n >= 2 && n <= 16);
            assert_true(ticks[0] >= low - span * 1e-6 && ticks[n - 1] <= low + span * (1 + 1e-6));
        }
    assert_int_equal(plot_ticks(1, 1, 6, ticks), 0);
}

static void an_svg_has_axes_labels_legend_and_dashed_curves(void **state)
{
    (void)state;
    struct sl_buf out = made(plot_svg, &chart);
    assert_non_null(strstr(out.p, "<svg xmlns="));
    assert_non_null(strstr(out.p, ">a &amp; b: loss</text>"));
    assert_non_null(strstr(out.p, ">training &lt;objective&gt;</text>"));
    assert_non_null(strstr(out.p, ">step</text>"));
    assert_non_null(strstr(out.p, "rotate(-90"));
    assert_non_null(strstr(out.p, ">0.4</text>"));
    /* Legend and one piece of the first; legend, one piece and a lonely point of the second. */
    assert_int_equal(count(out.p, "stroke=\"#0072b2\""), 2);
    assert_int_equal(count(out.p, "stroke=\"#d55e00\""), 2);
    assert_int_equal(count(out.p, "stroke-dasharray=\"12 6\""), 2);
    assert_int_equal(count(out.p, "<circle"), 1);
    assert_int_equal(count(out.p, "nan"), 0);
    struct sl_buf again = made(plot_svg, &chart);
    assert_string_equal(out.p, again.p);
    sl_buf_release(&out);
    sl_buf_release(&again);
}

/* Pixels of a colour, exactly. */
static size_t pixels(const uint8_t *rgb, size_t n, uint32_t colour)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += rgb[3 * i] == (colour >> 16) && rgb[3 * i + 1] == (colour >> 8 & 0xff) &&
                 rgb[3 * i + 2] == (colour & 0xff);
    return found;
}

static uint8_t *decode(const struct sl_buf *png, uint32_t *w, uint32_t *h)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    assert_true(png_image_begin_read_from_memory(&image, png->p, png->n));
    image.format = PNG_FORMAT_RGB;
    uint8_t *rgb = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(rgb);
    assert_true(png_image_finish_read(&image, NULL, rgb, 0, NULL));
    *w = image.width;
    *h = image.height;
    return rgb;
}

static void a_png_shows_the_same_curves(void **state)
{
    uint32_t w, h;
    (void)state;
    struct sl_buf out = made(plot_png, &chart);
    uint8_t *rgb = decode(&out, &w, &h);
    size_t n = (size_t)w * h;
    assert_int_equal(w, 2 * PLOT_WIDTH);
    assert_int_equal(h, 2 * PLOT_HEIGHT);
    size_t first = pixels(rgb, n, plot_colours[PLOT_CURVE]), second = pixels(rgb, n, plot_colours[PLOT_CURVE + 1]);
    assert_true(first > 5000 && first < n / 20);
    assert_true(second > 800 && second < first);
    assert_true(pixels(rgb, n, 0xffffff) > n / 2);
    assert_true(pixels(rgb, n, plot_colours[PLOT_TEXT]) > 3000);
    assert_int_equal(pixels(rgb, n, plot_colours[PLOT_CURVE + 2]), 0);
    free(rgb);
    sl_buf_release(&out);
}

static void nothing_to_show_is_an_empty_frame(void **state)
{
    const struct plot empty = { "none", "step", "loss", NULL, 0 };
    const double one_x = 3, one_y = 5;
    const struct plot_series lonely = { "one", &one_x, &one_y, 1 };
    const struct plot point = { "one point", "step", "loss", &lonely, 1 };
    (void)state;
    struct sl_buf out = made(plot_svg, &empty);
    assert_int_equal(count(out.p, "nan") + count(out.p, "inf"), 0);
    sl_buf_release(&out);
    out = made(plot_svg, &point);
    assert_int_equal(count(out.p, "<circle"), 1);
    sl_buf_release(&out);
    out = made(plot_png, &point);
    assert_memory_equal(out.p, "\x89PNG", 4);
    sl_buf_release(&out);
}

static void a_million_points_make_a_small_file(void **state)
{
    enum { N = 1000000 };
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    (void)state;
    assert_true(x && y);
    for (int i = 0; i < N; i++) {
        x[i] = i;
        y[i] = sin(i / 9e4) + (i == 123456 ? 3 : 0);
    }
    const struct plot_series long_one = { "long", x, y, N };
    const struct plot plot = { "long", "step", "loss", &long_one, 1 };
    struct sl_buf out = made(plot_svg, &plot);
    assert_true(out.n < 100000);
    /* The single high point is not lost: the axis reaches to it, and a line goes up to it. */
    assert_non_null(strstr(out.p, ">3</text>"));
    const char *curve = out.p;
    for (const char *p = curve; (p = strstr(p, "<polyline")); p++)
        curve = p;
    double top = PLOT_HEIGHT;
    for (const char *p = curve; (p = strchr(p, ',')); p++)
        top = fmin(top, strtod(p + 1, NULL));
    assert_true(top < 120);
    sl_buf_release(&out);
    free(x);
    free(y);
}

static void every_letter_has_a_form_of_its_own(void **state)
{
    (void)state;
    for (uint32_t a = 32; a < 127; a++)
        for (uint32_t b = a + 1; b <= 127; b++) {
            bool same = true;
            for (int y = 0; y < 7; y++)
                same &= plot_letter(a, y) == plot_letter(b, y);
            if (same)
                fail_msg("%c and %c look alike", (int)a, (int)b);
        }
    assert_int_equal(plot_letter('A', 7), 0);
    assert_int_equal(plot_letter(0x4e2d, 0), 0x1f);
    assert_true(plot_text_width("\xe4\xb8\xad", 14) == plot_text_width("x", 14));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_are_round_and_within),
        cmocka_unit_test(an_svg_has_axes_labels_legend_and_dashed_curves),
        cmocka_unit_test(a_png_shows_the_same_curves),
        cmocka_unit_test(nothing_to_show_is_an_empty_frame),
        cmocka_unit_test(a_million_points_make_a_small_file),
        cmocka_unit_test(every_letter_has_a_form_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
