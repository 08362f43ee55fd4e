/* view_train_draw.c: the Train view's layouts.
 *
 * Under 120 columns: lines on top, loss and accuracy side by side, the result under them. From 120 columns figures have
 * a pane of their own at the right. With height, gradient norm and throughput join in. On tiny screens: lines, then the
 * loss. */
#include "bottleneck.h"
#include "view_train.h"

#include <math.h>

#define SIDE_COLUMNS 118 /* inside the margins of 120 */
#define GRID_ROWS    26  /* from here on two rows of charts */
#define NETWORK_ROWS 36  /* from here on three, of a network */
#define LEAST_CHART  8

/* Rows of same-styled cells go out as one text. */
static void put_cells(const struct cells *cells, struct area area)
{
    for (int y = 0; y < cells->h; y++)
        for (int x = 0, end; x < cells->w; x = end) {
            const struct cell *row = cells->at + (size_t)y * (size_t)cells->w;
            end = x + 1;
            if (!row[x].glyph)
                continue;
            while (end < cells->w && end - x < 200 && row[end].glyph && row[end].style == row[x].style)
                end++;
            struct sl_buf text = { 0 };
            struct cells part = { .at = cells->at + (size_t)y * (size_t)cells->w + x, .h = 1, .w = end - x };
            cells_row(&part, 0, &text);
            screen_text(area, y, x, -1, (enum style)row[x].style, (struct sl_str){ text.p, text.n });
            sl_buf_release(&text);
        }
}

static void draw_chart(struct train_view *view, int which, struct area area)
{
    struct chart *chart = &view->chart[which];
    struct cells cells;
    chart->glyphs = screen_ascii() ? GLYPHS_ASCII : view->glyphs;
    chart->focused = view->focus == which;
    if (chart->focused)
        view->columns = area.w;
    if (cells_init(&cells, area.h, area.w, NULL) == SL_OK && chart_draw(chart, &cells, NULL) == SL_OK)
        put_cells(&cells, area);
    cells_release(&cells);
}

/* One or two rows of two charts, or one above the other where that is too narrow. */
static void draw_charts(struct train_view *view, struct area area)
{
    int across = area.w >= 60 ? 2 : 1, down = area.h >= GRID_ROWS || (across == 1 && area.h >= 14) ? 2 : 1;
    down += view->network && area.h >= NETWORK_ROWS;
    int h = area.h / down, w = (area.w - 2 * (across - 1)) / across;
    int most = view->network ? TRAIN_CHARTS : TRAIN_RATE;
    view->shown = across * down < most ? across * down : most;
    if (view->focus >= view->shown && view->focus != TRAIN_RESULT)
        view->focus = 0;
    if (across * down == 1 && view->focus == TRAIN_RESULT) {
        draw_chart(view, TRAIN_LOSS, area);
        return;
    }
    for (int i = 0; i < view->shown; i++) {
        int row = i / across, column = i % across;
        draw_chart(view, i,
                   (struct area){ area.y + row * h, area.x + column * (w + 2),
                                  row == down - 1 ? area.h - row * h : h - 1, w });
    }
}

static void draw_result(struct train_view *view, struct sl_session *session, const struct sl_result *result,
                        struct area area)
{
    struct train_cell *cell = view->focus == TRAIN_RESULT && result->have_test ? &view->cell : NULL;
    int rows = train_draw_result((struct area){ area.y, area.x, 0, area.w }, 0, session, result, cell);
    view->scroll_most = rows > area.h ? rows - area.h : 0;
    if (cell && view->cell_moved) { /* the cell in sight, and the names of the columns too when there is room */
        int row = cell->row, above = area.h > 3 ? row - 1 - (int)cell->truth : row;
        view->scroll = row >= view->scroll + area.h ? row - area.h + 1 : above < view->scroll ? above : view->scroll;
        view->scroll = row - view->scroll >= area.h ? row - area.h + 1 : view->scroll;
    }
    view->cell_moved = false;
    view->scroll = view->scroll > view->scroll_most ? view->scroll_most : view->scroll < 0 ? 0 : view->scroll;
    train_draw_result(area, view->scroll, session, result, cell);
    if (view->scroll > view->scroll_most)
        view->scroll = view->scroll_most;
    if (view->focus == TRAIN_RESULT)
        screen_text(area, 0, area.w - 1, 1, STYLE_TITLE, sl_str(screen_glyph("◂", "<")));
    if (view->scroll < view->scroll_most)
        screen_text(area, area.h - 1, area.w - 6, -1, STYLE_HINT, sl_str(screen_glyph("▾ more", "v more")));
}

/* Everything of what has the focus, without the rest. */
static void draw_zoomed(struct train_view *view, struct sl_session *session, const struct sl_result *result,
                        struct area area)
{
    view->shown = TRAIN_CHARTS;
    if (view->focus == TRAIN_RESULT && result)
        draw_result(view, session, result, area);
    else
        draw_chart(view, view->focus < TRAIN_CHARTS ? view->focus : 0, area);
}

/* Figures at the right of the charts. */
static void draw_side(struct train_view *view, struct sl_session *session, const struct sl_train_state *state,
                      const struct sl_result *result, struct area area)
{
    for (int y = 0; y < area.h; y++)
        screen_text(area, y, 0, 1, STYLE_DIM, sl_str(screen_glyph("│", "|")));
    struct area inner = { area.y, area.x + 2, area.h, area.w - 2 };
    struct sl_bottleneck b;
    if (area.h >= 16 && sl_session_bottleneck(session, &b)) {
        int rows = bottleneck_rows(&b, inner.w, 8);
        bottleneck_draw(inner, inner.h - rows, rows, &b);
        inner.h -= rows + 1;
    }
    if (result) {
        draw_result(view, session, result, inner);
        return;
    }
    int y = 0;
    y += train_draw_phases(view, inner, y, state);
    train_draw_stages(inner, y + (y > 0), session);
}

/* The result is of these curves only when nothing newer is under way. */
static const struct sl_result *current_result(struct sl_session *session, const struct sl_train_state *state)
{
    bool over = state->job == SL_JOB_DONE || state->job == SL_JOB_STOPPED;
    return over ? sl_session_result(session) : NULL;
}

static void draw_plain(struct area area, const struct sl_train_state *state, const struct sl_point *point)
{
    if (area.h < 3 || area.w < 20) {
        char loss[24] = "-";
        if (point)
            chart_number(point->loss, loss);
        int x = area.w >= 12 ? screen_text(area, 0, 0, -1, STYLE_DIM, SL_STR("loss ")) : 0;
        screen_text(area, 0, x, -1, STYLE_NORMAL, sl_str(loss));
        return;
    }
    int y = train_draw_status(area, 0, state);
    if (state->job == SL_JOB_FAILED)
        y += train_draw_problem(area, y, &state->error);
    if (!point)
        return;
    screen_printf(area, y++, 0, STYLE_NORMAL, "loss %.4f", point->loss);
    if (!isnan(point->test_accuracy))
        screen_printf(area, y++, 0, STYLE_NORMAL, "accuracy %.4f", point->test_accuracy);
}

/* The result takes what it needs, the curves what they must have. */
static int rows_below(struct sl_session *session, const struct sl_result *result, struct area rest)
{
    int needed = train_draw_result((struct area){ 0, 0, 0, rest.w }, 0, session, result, NULL);
    int most = rest.h - LEAST_CHART > rest.h / 2 ? rest.h - LEAST_CHART : rest.h / 2;
    return rest.h < 12 ? 0 : needed < most ? needed : most;
}

static void draw_all(struct train_view *view, struct sl_session *session, const struct sl_train_state *state,
                     const struct sl_point *point, struct area area)
{
    const struct sl_result *result = current_result(session, state);
    int y = train_draw_status(area, 0, state);
    if (state->job == SL_JOB_FAILED)
        y += train_draw_problem(area, y, &state->error);
    y += train_draw_figures(area, y, state, point);
    if (view->network && area.h >= 16) {
        const struct sl_epoch *epochs;
        size_t n = sl_session_epochs(session, &epochs);
        y += train_draw_machine(area, y, state, n ? &epochs[n - 1] : NULL);
    }
    bool side = area.w >= SIDE_COLUMNS;
    view->result_shown = result != NULL;
    if (!side && state->job == SL_JOB_PREPARING)
        y += train_draw_phases(view, area, y, state);
    if (state->job == SL_JOB_FAILED && !point) /* no curve to show */
        return;
    struct sl_bottleneck b;
    if (!side && !view->zoomed && area.h >= 20 && sl_session_bottleneck(session, &b))
        y += bottleneck_draw(area, y, 2, &b);
    struct area rest = { area.y + y, area.x, area.h - y, area.w };
    if (view->zoomed) {
        draw_zoomed(view, session, result, rest);
    } else if (side) {
        int width = area.w / 3 < 52 ? area.w / 3 : 52;
        draw_side(view, session, state, result, (struct area){ rest.y, rest.x + rest.w - width, rest.h, width });
        rest.w -= width + 1;
        draw_charts(view, rest);
    } else {
        int below = result ? rows_below(session, result, rest) : 0;
        if (below)
            draw_result(view, session, result, (struct area){ rest.y + rest.h - below, rest.x, below, rest.w });
        view->result_shown = below > 0;
        rest.h -= below;
        draw_charts(view, rest);
    }
}

/* What runs, over what the network looks like. */
static void draw_inside(struct app *app, struct train_view *view, const struct sl_train_state *state,
                        const struct sl_point *point, struct area area)
{
    int y = train_draw_status(area, 0, state);
    y += train_draw_figures(area, y, state, point);
    train_inside_draw(app, &view->inside, (struct area){ area.y + y, area.x, area.h - y, area.w });
}

void train_draw(struct app *app, void *view_state, struct area area)
{
    struct train_view *view = view_state;
    struct sl_session *session = app_session(app);
    struct sl_train_state state = { .job = SL_JOB_NONE };
    const struct sl_point *points = NULL;
    size_t n = 0;
    if (session) {
        sl_session_train_state(session, &state);
        train_watch(view, &state);
        n = sl_session_points(session, &points);
    }
    struct area inner = { area.y, area.x + (area.w > 30), area.h, area.w - 2 * (area.w > 30) };
    view->shown = 0;
    view->result_shown = false;
    if (area.w < 38 || area.h < 8)
        draw_plain(inner, &state, n ? &points[n - 1] : NULL);
    else if (state.job == SL_JOB_NONE && n == 0)
        train_draw_empty(inner, session);
    else if (view->inside.open && session)
        draw_inside(app, view, &state, n ? &points[n - 1] : NULL, inner);
    else
        draw_all(view, session, &state, n ? &points[n - 1] : NULL, inner);
}
