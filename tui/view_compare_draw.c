/* view_compare_draw.c: curves above, table and judgement below; or the differences of two, to read. */
#include "view_compare.h"

#include "bars.h"

#include <math.h>
#include <stdio.h>

enum { SKETCH = 12, NAME = 24, LEAST_CHART = 6 };

static void put_cells(const struct cells *cells, struct area area)
{
    for (int y = 0; y < cells->h; y++)
        for (int x = 0; x < cells->w; x++) {
            struct cell *cell = &cells->at[(size_t)y * (size_t)cells->w + (size_t)x];
            struct cells one = { .at = cell, .h = 1, .w = 1 };
            struct sl_buf text = { 0 };
            if (!cell->glyph)
                continue;
            cells_row(&one, 0, &text);
            screen_text(area, y, x, 1, (enum style)cell->style, (struct sl_str){ text.p, text.n });
            sl_buf_release(&text);
        }
}

static void draw_chart(struct compare_view *view, struct area area)
{
    enum { HANDFUL = 4 };
    struct cells cells;
    view->chart.bright = SIZE_MAX;
    for (size_t c = 0; c < view->n_shown && view->n_shown > HANDFUL; c++)
        if (view->n && view->shown[c] == view->order[view->chosen])
            view->chart.bright = c;
    view->chart.glyphs = screen_ascii() ? GLYPHS_ASCII : GLYPHS_BRAILLE;
    if (cells_init(&cells, area.h, area.w, NULL) == SL_OK && chart_draw(&view->chart, &cells, NULL) == SL_OK)
        put_cells(&cells, area);
    cells_release(&cells);
}

/* The style of the curve a training has in the chart. */
static enum style style_of(const struct compare_view *view, size_t run)
{
    for (size_t c = 0; c < view->n_shown; c++)
        if (view->shown[c] == run)
            return chart_pen(&view->chart, c).style;
    return STYLE_NORMAL;
}

static void draw_row(const struct compare_view *view, struct area area, int y, size_t row)
{
    const struct sl_compared *run = &view->comparison.runs[view->order[row]];
    bool chosen = row == view->chosen;
    enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
    struct sl_buf sketch = { 0 };
    struct sl_summary s;
    char last[24], best[24], at[24] = "-", time[32];
    sl_compared_summary(run, view->metric, &s);
    compare_figure(s.last, last);
    compare_figure(s.best, best);
    if (!isnan(s.best))
        snprintf(at, sizeof at, "%llu", (unsigned long long)s.best_step);
    bars_seconds(s.seconds, time, sizeof time);
    if (chosen)
        screen_fill(area, y, 0, area.w, STYLE_SELECTED, " ");
    screen_text(area, y, 0, NAME, chosen ? style : style_of(view, view->order[row]), sl_str(run->label));
    int x = NAME + 1;
    screen_printf(area, y, x, style, "%9s %9s %6s %8s", last, best, at, time);
    x += 36;
    compare_sparkline(run, view->metric, SKETCH, !screen_ascii(), &sketch);
    screen_text(area, y, x, SKETCH, style, (struct sl_str){ sketch.p, sketch.n });
    x += SKETCH + 1;
    screen_text(area, y, x, -1, chosen ? style : STYLE_DIM, sl_str(sl_job_name(run->job)));
    sl_buf_release(&sketch);
}

static void draw_table(struct compare_view *view, struct area area)
{
    size_t rows = area.h > 1 ? (size_t)area.h - 1 : 0;
    char name[48];
    screen_printf(area, 0, 0, STYLE_DIM, "%-*s %9s %9s %6s %8s", NAME, "training", "last", "best", "at", "time");
    if (view->sort != COMPARE_GIVEN || view->filter[0]) {
        snprintf(name, sizeof name, "by %s%s%.20s", compare_sort_names[view->sort], view->filter[0] ? "; only " : "",
                 view->filter);
        screen_text(area, 0, NAME + 37, -1, STYLE_HINT, sl_str(name));
    }
    if (view->chosen < view->top)
        view->top = view->chosen;
    if (rows && view->chosen >= view->top + rows)
        view->top = view->chosen - rows + 1;
    for (size_t i = 0; i < rows && view->top + i < view->n; i++)
        draw_row(view, area, (int)i + 1, view->top + i);
    if (!view->n)
        screen_text(area, 1, 0, -1, STYLE_HINT, SL_STR("none has this in its name or recipe; / changes it"));
}

/* Lines of a text, from view->scroll on. */
static void draw_text(struct compare_view *view, struct area area)
{
    size_t lines = 0, at = 0;
    for (size_t i = 0; i < view->text.n; i++)
        lines += view->text.p[i] == '\n';
    size_t rows = area.h > 0 ? (size_t)area.h : 0, most = lines > rows ? lines - rows : 0;
    view->page = area.h;
    view->scroll = view->scroll > most ? most : view->scroll;
    for (const char *p = view->text.p; p && *p && at < view->scroll + rows; at++) {
        size_t n = strcspn(p, "\n");
        enum style style = n && p[0] != ' '             ? STYLE_STRONG
                           : strncmp(p, "  - ", 4) == 0 ? STYLE_REMOVED
                           : strncmp(p, "  + ", 4) == 0 ? STYLE_ADDED
                                                        : STYLE_NORMAL;
        if (at >= view->scroll)
            screen_text(area, (int)(at - view->scroll), 0, -1, style, (struct sl_str){ p, n });
        p += n + (p[n] == '\n');
    }
}

void compare_view_draw(struct compare_view *view, struct area area)
{
    struct area inner = { area.y, area.x + 1, area.h, area.w - 2 };
    if (view->diff) {
        draw_text(view, inner);
        return;
    }
    /* The judgement takes a line a group; the table what it needs of at most half. */
    int lines = 0, y = 0;
    for (size_t i = 0; i < view->judgement.n; i++)
        lines += view->judgement.p[i] == '\n';
    lines = lines > inner.h / 4 ? inner.h / 4 : lines;
    int table = (int)(view->n < 100 ? view->n : 100) + 2;
    table = table > (inner.h - lines) / 2 ? (inner.h - lines) / 2 : table;
    int chart = inner.h - lines - table;
    if (chart >= LEAST_CHART)
        draw_chart(view, (struct area){ inner.y, inner.x, chart, inner.w });
    y = chart >= LEAST_CHART ? chart : 0;
    draw_table(view, (struct area){ inner.y + y, inner.x, inner.h - lines - y, inner.w });
    const char *p = view->judgement.p;
    for (int i = 0; p && i < lines; i++) {
        size_t n = strcspn(p, "\n");
        bool told = strncmp(p, "cannot", 6) != 0;
        screen_text(inner, inner.h - lines + i, 0, -1, told ? STYLE_GOOD : STYLE_HINT, (struct sl_str){ p, n });
        p += n + 1;
    }
}
