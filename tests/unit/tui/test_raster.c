/* test_raster.c: dots, lines and their three alphabets, compared as text. */
#include "tui/raster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int canvas(struct raster *raster, int rows, int columns)
{
    struct sl_error err = SL_ERROR_INIT;
    assert_int_equal(raster_init(raster, rows, columns, &err), SL_OK);
    return raster_pen(raster, (struct pen){ STYLE_SERIES_0, true, 0, 1, 0 });
}

static void check(const struct raster *raster, enum glyphs glyphs, const char *wanted)
{
    struct cells cells;
    struct sl_buf out = { 0 };
    assert_int_equal(cells_init(&cells, raster->rows, raster->columns, NULL), SL_OK);
    raster_render(raster, glyphs, &cells, 0, 0);
    for (int y = 0; y < cells.h; y++) {
        cells_row(&cells, y, &out);
        sl_buf_putc(&out, '\n');
    }
    assert_false(out.failed);
    assert_string_equal(out.p, wanted);
    sl_buf_release(&out);
    cells_release(&cells);
}

static void each_of_the_eight_dots_has_its_bit(void **state)
{
    (void)state;
    static const char *const wanted[4][2] = { { "⠁\n", "⠈\n" }, { "⠂\n", "⠐\n" }, { "⠄\n", "⠠\n" }, { "⡀\n", "⢀\n" } };
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 2; x++) {
            struct raster raster;
            raster_dot(&raster, canvas(&raster, 1, 1), x, y);
            check(&raster, GLYPHS_BRAILLE, wanted[y][x]);
            raster_release(&raster);
        }
}

static void the_same_line_shows_in_all_three_alphabets(void **state)
{
    (void)state;
    struct raster raster;
    int pen = canvas(&raster, 2, 4);
    raster_line(&raster, pen, 0, 7, 7, 0);
    check(&raster, GLYPHS_BRAILLE, "  ⡠⠊\n⡠⠊\n");
    check(&raster, GLYPHS_BLOCKS, "  ▄▀\n▄▀\n");
    check(&raster, GLYPHS_ASCII, "  .'\n.'\n");
    raster_release(&raster);
}

static void steep_lines_become_uprights_and_slopes_in_ascii(void **state)
{
    (void)state;
    struct raster raster;
    int pen = canvas(&raster, 1, 3);
    raster_line(&raster, pen, 0, 0, 0, 3);
    raster_line(&raster, pen, 2, 3, 3, 0);
    raster_line(&raster, pen, 4, 0, 5, 3);
    check(&raster, GLYPHS_ASCII, "|/\\\n");
    raster_release(&raster);
}

static void dots_outside_the_canvas_are_ignored(void **state)
{
    (void)state;
    struct raster raster;
    int pen = canvas(&raster, 1, 1);
    raster_dot(&raster, pen, -1, 0);
    raster_dot(&raster, pen, 2, 0);
    raster_dot(&raster, pen, 0, -1);
    raster_dot(&raster, pen, 0, 4);
    raster_line(&raster, pen, -5, -5, -1, -1);
    check(&raster, GLYPHS_BRAILLE, "\n");
    raster_line(&raster, pen, -3, 1, 40, 1);
    check(&raster, GLYPHS_BRAILLE, "⠒\n");
    raster_release(&raster);
}

static void a_front_pen_wipes_a_faint_one_and_is_never_thickened_by_it(void **state)
{
    (void)state;
    struct raster raster;
    int front = canvas(&raster, 1, 2);
    int faint = raster_pen(&raster, (struct pen){ STYLE_SERIES_FAINT, false, 0, 1, 0 });
    raster_line(&raster, faint, 0, 3, 3, 3);
    check(&raster, GLYPHS_BRAILLE, "⣀⣀\n");
    raster_dot(&raster, front, 0, 0);
    raster_dot(&raster, faint, 1, 3);
    check(&raster, GLYPHS_BRAILLE, "⠁⣀\n");
    raster_release(&raster);
}

static void dashes_skip_flat_stretches_but_never_what_stands_out(void **state)
{
    (void)state;
    struct raster raster;
    canvas(&raster, 2, 6);
    int dashed = raster_pen(&raster, (struct pen){ STYLE_SERIES_1, true, 'o', 2, 2 });
    raster_line(&raster, dashed, 0, 7, 11, 7);
    check(&raster, GLYPHS_BRAILLE, "\n⣀ ⣀ ⣀\n");
    check(&raster, GLYPHS_ASCII, "\no o o\n");
    raster_line(&raster, dashed, 2, 0, 2, 7); /* a spike where a gap is */
    check(&raster, GLYPHS_BRAILLE, " ⡇\n⣀⡇⣀ ⣀\n");
    raster_release(&raster);
}

static void a_canvas_without_cells_takes_everything_and_shows_nothing(void **state)
{
    (void)state;
    struct raster raster;
    int pen = canvas(&raster, 0, 5);
    raster_line(&raster, pen, 0, 0, 9, 9);
    assert_int_equal(raster.rows, 0);
    struct cells cells;
    assert_int_equal(cells_init(&cells, 0, 5, NULL), SL_OK);
    raster_render(&raster, GLYPHS_BRAILLE, &cells, 0, 0);
    cells_put(&cells, 0, 0, STYLE_NORMAL, 'x');
    assert_null(cells.at);
    raster_release(&raster);
}

static void text_is_cut_at_its_width_and_at_the_edge(void **state)
{
    (void)state;
    struct cells cells;
    struct sl_buf out = { 0 };
    assert_int_equal(cells_init(&cells, 1, 5, NULL), SL_OK);
    assert_int_equal(cells_text(&cells, 0, 0, 2, STYLE_NORMAL, "▾≤x"), 2);
    assert_int_equal(cells_text(&cells, 0, 3, -1, STYLE_NORMAL, "abc"), 2);
    assert_int_equal(cells_text(&cells, 7, 0, -1, STYLE_NORMAL, "out"), 3);
    cells_row(&cells, 0, &out);
    assert_string_equal(out.p, "▾≤ ab");
    sl_buf_release(&out);
    cells_release(&cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_the_eight_dots_has_its_bit),
        cmocka_unit_test(the_same_line_shows_in_all_three_alphabets),
        cmocka_unit_test(steep_lines_become_uprights_and_slopes_in_ascii),
        cmocka_unit_test(dots_outside_the_canvas_are_ignored),
        cmocka_unit_test(a_front_pen_wipes_a_faint_one_and_is_never_thickened_by_it),
        cmocka_unit_test(dashes_skip_flat_stretches_but_never_what_stands_out),
        cmocka_unit_test(a_canvas_without_cells_takes_everything_and_shows_nothing),
        cmocka_unit_test(text_is_cut_at_its_width_and_at_the_edge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
