/* view_data_profile.c: what is in the columns, as far as the scan has come: a line for each, the selected one in
 * detail. */
#include "view_data_private.h"

#include "human.h"
#include "overlay.h"

#include <math.h>
#include <stdio.h>

#define NAMES_MOST 24

static struct sl_browser *browser_of(struct app *app)
{
    return sl_session_browser(app_session(app));
}

/* Raw columns only: what the scan reads. */
static size_t profile_columns(const struct data_view *view)
{
    size_t n = 0;
    while (n < view->n_columns && view->columns[n].raw >= 0) {
        n++;
    }
    return n;
}

/* Bins up to the last that is not empty. */
static size_t bins_used(const struct sl_column_profile *p)
{
    size_t n = SL_PROFILE_BINS;
    while (n > 1 && !p->histogram[n - 1]) {
        n--;
    }
    return n;
}

/* Bins as columns of eight heights, one line high. */
static void draw_histogram(struct area area, int y, int x, const struct sl_column_profile *p)
{
    static const char *const tall[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    static const char *const ascii[] = { ".", ":", "-", "=", "+", "*", "#", "@" };
    uint64_t most = 0;
    size_t n = bins_used(p);
    for (size_t i = 0; i < n; i++) {
        most = p->histogram[i] > most ? p->histogram[i] : most;
    }
    for (size_t i = 0; most && i < n; i++) {
        size_t height = (size_t)((double)p->histogram[i] / (double)most * 7.0 + 0.5);
        const char *glyph = p->histogram[i] ? screen_glyph(tall[height], ascii[height]) : screen_glyph("▁", "_");
        screen_text(area, y, x + (int)i, 1, p->histogram[i] ? STYLE_SERIES_0 : STYLE_SERIES_FAINT, sl_str(glyph));
    }
}

static void put_right(struct area area, int y, int x, int width, enum style style, const char *text)
{
    int n = screen_width(sl_str(text));
    screen_text(area, y, x + (n < width ? width - n : 0), width, style, sl_str(text));
}

static void share_text(uint64_t part, uint64_t all, char *out, size_t size)
{
    if (!part || !all) {
        snprintf(out, size, "0");
    } else {
        double share = 100.0 * (double)part / (double)all;
        char count[32];
        snprintf(out, size, share < 0.1 ? "%s <0.1%%" : "%s %.1f%%", human_short((double)part, count, sizeof count),
                 share);
    }
}

static void distinct_text(const struct sl_column_profile *p, char *out, size_t size)
{
    char count[32];
    snprintf(out, size, "%s%s", p->distinct_exact ? "" : "~",
             human_count((uint64_t)(p->distinct + 0.5), count, sizeof count));
}

/* Columns of the overview after the names, from the left; those that do not fit are left out. */
enum {
    AT_KIND = 0,
    AT_MISSING = 10,
    AT_DISTINCT = 22,
    AT_BINS = 34,
    AT_MIN = 60,
    AT_MEAN = 70,
    AT_MAX = 80,
    AT_END = 90
};

static void draw_line(struct area area, int y, int names, const struct sl_column_profile *p, bool selected)
{
    char text[64], a[32];
    int x = names + 5;
    screen_text(area, y, 0, 2, STYLE_KEY, selected ? SL_STR("=>") : SL_STR("  "));
    overlay_text(area, y, 3, names, selected ? STYLE_STRONG : STYLE_NORMAL, sl_str(p->name));
    screen_text(area, y, x + AT_KIND, 9, STYLE_DIM, sl_str(p->kind ? p->kind : sl_type_name(p->type)));
    share_text(p->missing, p->n, text, sizeof text);
    put_right(area, y, x + AT_MISSING, 11, p->missing ? STYLE_WARNING : STYLE_DIM, text);
    distinct_text(p, text, sizeof text);
    put_right(area, y, x + AT_DISTINCT, 10, STYLE_NORMAL, text);
    if (x + AT_MIN - 2 <= area.w) {
        draw_histogram(area, y, x + AT_BINS, p);
    }
    if (x + AT_END <= area.w && p->n > p->missing) {
        put_right(area, y, x + AT_MIN, 9, STYLE_NORMAL, human_number(p->min, 5, a, sizeof a));
        put_right(area, y, x + AT_MEAN, 9, STYLE_NORMAL, human_number(p->mean, 5, a, sizeof a));
        put_right(area, y, x + AT_MAX, 9, STYLE_NORMAL, human_number(p->max, 5, a, sizeof a));
    }
}

static void draw_heads(struct area area, int names)
{
    int x = names + 5;
    screen_text(area, 0, 3, names, STYLE_HEADER, SL_STR("column"));
    screen_text(area, 0, x + AT_KIND, -1, STYLE_HEADER, SL_STR("kind"));
    put_right(area, 0, x + AT_MISSING, 11, STYLE_HEADER, "missing");
    put_right(area, 0, x + AT_DISTINCT, 10, STYLE_HEADER, "distinct");
    if (x + AT_MIN - 2 <= area.w) {
        screen_text(area, 0, x + AT_BINS, -1, STYLE_HEADER, SL_STR("values, or lengths"));
    }
    if (x + AT_END <= area.w) {
        put_right(area, 0, x + AT_MIN, 9, STYLE_HEADER, "min");
        put_right(area, 0, x + AT_MEAN, 9, STYLE_HEADER, "mean");
        put_right(area, 0, x + AT_MAX, 9, STYLE_HEADER, "max");
    }
}

static void draw_top(struct area area, const struct sl_column_profile *p, int y)
{
    int widest = 4;
    for (size_t i = 0; i < p->n_top; i++) {
        int w = screen_width(sl_str(p->top[i].value));
        widest = w > widest ? w : widest;
    }
    widest = widest > area.w / 3 ? area.w / 3 : widest;
    for (size_t i = 0; i < p->n_top && y < area.h; i++, y++) {
        char count[32];
        double share = p->n ? (double)p->top[i].n / (double)p->n : 0;
        screen_text(area, y, 2, widest, STYLE_NORMAL, sl_str(p->top[i].value[0] ? p->top[i].value : "\"\""));
        put_right(area, y, widest + 3, 8, STYLE_NORMAL, human_count(p->top[i].n, count, sizeof count));
        screen_printf(area, y, widest + 12, STYLE_DIM, "%5.1f%%", share * 100);
        int room = area.w - widest - 21;
        screen_bar(area, y, widest + 20, room > 40 ? 40 : room, STYLE_SERIES_0, share);
    }
}

static void draw_column(struct area area, const struct sl_column_profile *p)
{
    char a[32], b[32], c[32], d[32];
    const char *dot = screen_glyph("·", "-");
    int y = 0;
    screen_text(area, y++, 0, -1, STYLE_STRONG, sl_str(p->name));
    distinct_text(p, d, sizeof d);
    bool narrow = area.w < 60;
    screen_printf(area, y, 0, STYLE_NORMAL, "%s %s %s values", p->kind ? p->kind : "", dot,
                  human_count(p->n, a, sizeof a));
    y += narrow;
    screen_printf(area, y++, narrow ? 0 : 34, STYLE_NORMAL, "%s missing %s %s empty %s %s distinct",
                  human_count(p->missing, b, sizeof b), dot, human_count(p->empty, c, sizeof c), dot, d);
    if (p->n > p->missing && y < area.h) {
        const char *of = p->type == SL_NUMBER ? "" : p->type == SL_IMAGE ? "pixels " : "length ";
        screen_printf(area, y, 0, STYLE_NORMAL, "%s%s %s %s, mean %s", of, human_number(p->min, 6, a, sizeof a),
                      screen_glyph("…", ".."), human_number(p->max, 6, b, sizeof b),
                      human_number(p->mean, 5, c, sizeof c));
        y += narrow;
        screen_printf(area, y++, narrow ? 0 : 34, STYLE_DIM, "deviation %s",
                      human_number(p->deviation, 5, d, sizeof d));
        draw_histogram(area, y++, 0, p);
        int bins = (int)bins_used(p);
        human_number(p->histogram_low, 6, a, sizeof a);
        human_number(p->histogram_low + p->histogram_width * bins, 6, b, sizeof b);
        int pad = bins - (int)strlen(a) - (int)strlen(b);
        screen_printf(area, y++, 0, STYLE_DIM, "%s%*s%s", a, pad < 2 ? 2 : pad, "", b);
    }
    if (p->distinct > 0.9 * (double)(p->n - p->missing) && p->n_top && p->top[0].n < p->n / 20 + 2) {
        screen_text(area, y + 1, 0, -1, STYLE_DIM, SL_STR("nearly every value is another"));
    } else if (p->n_top && y + 1 < area.h) {
        screen_text(area, y++, 0, -1, STYLE_DIM,
                    p->top_exact ? SL_STR("most frequent") : SL_STR("most frequent (about)"));
        draw_top(area, p, y);
    }
}

void data_profile_column_draw(struct app *app, struct data_view *view, struct area area)
{
    struct sl_column_profile p;
    size_t n = profile_columns(view);
    if (view->column < n && sl_browser_profile(browser_of(app), view->column, &p)) {
        draw_column((struct area){ area.y, area.x + 1, area.h, area.w - 2 }, &p);
    }
}

void data_profile_draw(struct app *app, struct data_view *view, struct area area)
{
    size_t n = profile_columns(view);
    int names = 6;
    for (size_t i = 0; i < n; i++) {
        int w = screen_width(sl_str(view->columns[i].name));
        names = w > names ? w : names;
    }
    names = names > NAMES_MOST ? NAMES_MOST : names;
    bool below = area.w < 100 || area.h > 30;
    int detail = below && area.h >= 14 ? (area.h < 24 ? area.h * 3 / 5 : area.h / 2) : 0;
    int rows = area.h - 1 - detail;
    rows = n < (size_t)rows ? (int)n : rows;
    size_t selected = view->column < n ? view->column : 0;
    size_t first = view->profile_first;
    first = selected < first ? selected : selected >= first + (size_t)rows ? selected - (size_t)rows + 1 : first;
    view->profile_first = first;
    draw_heads(area, names);
    for (int y = 0; y < rows && first + (size_t)y < n; y++) {
        struct sl_column_profile p;
        if (sl_browser_profile(browser_of(app), first + (size_t)y, &p)) {
            draw_line(area, y + 1, names, &p, first + (size_t)y == selected);
        }
    }
    if (detail > 3) {
        struct area lower = { area.y + rows + 2, area.x, area.h - rows - 2, area.w };
        screen_fill(area, rows + 1, 0, area.w, STYLE_DIM, screen_glyph("─", "-"));
        data_profile_column_draw(app, view, lower);
    }
}
