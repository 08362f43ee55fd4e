/* view_data_table.c: the table of records: raw above clean, or side by side, differences marked.
 *
 * A long text is shown from its first difference, or from what was searched for, unless it was scrolled. */
#include "view_data_private.h"

#include "human.h"
#include "overlay.h"
#include "textdiff_draw.h"

#include <stdio.h>

#define LABEL_WIDTH  7              /* "clean ~" */
#define BESIDE_WIDTH 140            /* columns from which on the sides stand beside each other */
#define WINDOW       ((size_t)8192) /* bytes of a text that are compared for its one line */

struct layout {
    struct area area;
    int number, label, left; /* widths: record number, label; where columns begin */
    bool beside, labels;
};

/* Texts of a cell on both sides, and their difference, cut to a window when long. */
struct pair {
    struct sl_str a, b;
    bool has_a, has_b, missing_a, missing_b;
    struct textdiff diff;
    bool skipped; /* text before the window */
};

static size_t step_back(struct sl_str s, size_t at)
{
    while (at > 0 && at < s.n && ((unsigned char)s.p[at] & 0xc0) == 0x80) {
        at--;
    }
    return at;
}

static void cut_window(struct pair *pair)
{
    size_t same = 0, most = pair->a.n < pair->b.n ? pair->a.n : pair->b.n;
    while (same < most && pair->a.p[same] == pair->b.p[same]) {
        same++;
    }
    size_t from = same > 400 ? step_back(pair->a, same - 400) : 0;
    pair->skipped = from > 0;
    pair->a = (struct sl_str){ pair->a.p + from, pair->a.n - from };
    pair->b = (struct sl_str){ pair->b.p + from, pair->b.n - from };
    pair->a.n = step_back(pair->a, pair->a.n < WINDOW ? pair->a.n : WINDOW);
    pair->b.n = step_back(pair->b, pair->b.n < WINDOW ? pair->b.n : WINDOW);
}

static void pair_init(struct data_view *view, const struct sl_row *row, const struct data_column *c, struct pair *pair)
{
    *pair = (struct pair){ 0 };
    if (row->raw_chunk && c->raw >= 0) {
        pair->has_a = true;
        pair->a = record_cell(row->raw_chunk, (size_t)c->raw, 0, &view->arena, &pair->missing_a);
    }
    if (row->after_chunk && c->clean >= 0) {
        pair->has_b = true;
        pair->b = record_cell(row->after_chunk, (size_t)c->clean, 0, &view->arena, &pair->missing_b);
    } else if (pair->has_a) {
        pair->b = pair->a; /* nothing to compare with: no difference is shown */
    }
    if (!pair->has_a) {
        pair->a = pair->b;
    }
    if (pair->a.n > WINDOW || pair->b.n > WINDOW) {
        cut_window(pair);
    }
    textdiff_new(&pair->diff, pair->a, pair->b, NULL);
}

static bool pair_differs(const struct pair *pair)
{
    size_t a, b;
    return pair->has_a && pair->has_b && (pair->missing_a != pair->missing_b || textdiff_first(&pair->diff, &a, &b));
}

/* Where the words searched for are in a side's text, as shown. */
static struct diff_found found_in(const struct data_view *view, const struct pair *pair, int side)
{
    struct diff_found found = { 0 };
    if (data_search_find(view, side ? pair->b : pair->a, &found.from)) {
        found.n = strlen(view->search.text);
    }
    return found;
}

static long start_column(const struct data_view *view, const struct pair *pair, int width)
{
    if (view->shift >= 0) {
        return view->shift;
    }
    for (int side = 1; side >= 0; side--) {
        struct diff_found found = found_in(view, pair, side);
        if (found.n) {
            long before = diff_column(&pair->diff, pair->a, pair->b, side, found.from);
            return before > width * 2 / 3 ? before - width / 3 : 0;
        }
    }
    return diff_interesting(&pair->diff, pair->a, pair->b, width);
}

/* A text without differences, from where it was scrolled to, or what was searched for. */
static void draw_plain(const struct data_view *view, const struct layout *l, const struct data_column *c, int y, int x,
                       enum style style, struct sl_str text)
{
    struct diff_run run = { DIFF_SAME, 0, text.n, 0, text.n };
    struct pair pair = { .a = text, .b = text, .diff = { .runs = &run, .n = text.n ? 1 : 0 } };
    long from = start_column(view, &pair, c->width);
    struct diff_found found = found_in(view, &pair, 0);
    if (from == 0 && !found.n) {
        overlay_text(l->area, y, x, c->width, style, text);
    } else {
        diff_draw_aligned(l->area, y, x, c->width, &pair.diff, text, text, 0, from, found);
    }
}

static void draw_cell(const struct data_view *view, const struct layout *l, const struct data_column *c,
                      const struct pair *pair, int side, int y, int x)
{
    bool has = side ? pair->has_b : pair->has_a, missing = side ? pair->missing_b : pair->missing_a;
    struct sl_str text = side ? pair->b : pair->a;
    if (!has) {
        return;
    }
    bool differs = pair_differs(pair);
    enum style style = differs ? (side ? STYLE_ADDED : STYLE_REMOVED) : side ? STYLE_DIM : STYLE_NORMAL;
    if (missing || text.n == 0) {
        text = sl_str(missing ? screen_glyph("–", "-") : "\"\"");
        style = differs ? style : STYLE_DIM;
    }
    if (c->type == SL_NUMBER) {
        int width = screen_width(text);
        screen_text(l->area, y, x + (width < c->width ? c->width - width : 0), c->width, style, text);
    } else if (missing || !differs || pair->missing_a || pair->missing_b || !pair->a.n || !pair->b.n) {
        draw_plain(view, l, c, y, x, style, text);
    } else {
        diff_draw_aligned(l->area, y, x, c->width, &pair->diff, pair->a, pair->b, side,
                          start_column(view, pair, c->width), found_in(view, pair, side));
    }
}

/* One side of a row on line y; columns begin at x. Returns whether something in it differs. */
static bool draw_side(struct data_view *view, const struct layout *l, const struct sl_row *row, int side, int y, int x)
{
    bool differs = false;
    for (size_t i = view->first_column; i < view->first_column + view->columns_shown; i++) {
        const struct data_column *c = &view->columns[i];
        struct pair pair;
        pair_init(view, row, c, &pair);
        draw_cell(view, l, c, &pair, side, y, x);
        differs |= pair_differs(&pair);
        textdiff_release(&pair.diff);
        x += c->width + 2;
    }
    return differs;
}

static int row_height(const struct layout *l, const struct sl_row *row)
{
    bool two = row->rejected || row->dropped_by >= 0 || (row->changed && !l->beside);
    return two && l->area.h > 3 ? 2 : 1;
}

static void draw_rejected(const struct layout *l, const struct sl_row *row, int y)
{
    screen_text(l->area, y, l->number + 4, 1, STYLE_ERROR, SL_STR("!"));
    overlay_text(l->area, y, l->number + 6, -1, STYLE_WARNING, sl_str(row->reject.reason));
    overlay_text(l->area, y + 1, l->number + 6, -1, STYLE_DIM, sl_str(row->reject.excerpt));
}

static void draw_label(const struct layout *l, int y, const char *label, bool differs)
{
    if (l->labels) {
        screen_text(l->area, y, l->number + 4, -1, STYLE_DIM, sl_str(label));
        if (differs) {
            screen_text(l->area, y, l->number + 10, 1, STYLE_WARNING, SL_STR("~"));
        }
    }
}

static void draw_dropped(struct app *app, const struct layout *l, const struct sl_row *row, int y)
{
    struct sl_session *session = app_session(app);
    const char *text = "?";
    size_t number = 0;
    for (size_t i = 0; i < sl_session_stages(session); i++) {
        const struct sl_stage_view *stage = sl_session_stage(session, i);
        if (stage->bound == row->dropped_by) {
            text = stage->text;
            number = i + 1;
        }
    }
    draw_label(l, y, "clean", false);
    screen_printf(l->area, y, l->left, STYLE_WARNING, "x dropped by %zu %s", number, text);
}

static void draw_row(struct app *app, struct data_view *view, const struct layout *l, const struct sl_row *row, int y,
                     bool selected)
{
    char number[32];
    human_count(row->record, number, sizeof number);
    if (selected) {
        screen_text(l->area, y, 0, 2, STYLE_KEY, SL_STR("=>"));
    }
    screen_text(l->area, y, 3 + l->number - (int)strlen(number), -1, selected ? STYLE_STRONG : STYLE_DIM,
                sl_str(number));
    int height = row_height(l, row);
    if (row->rejected) {
        draw_rejected(l, row, y);
    } else if (l->beside) {
        bool differs = draw_side(view, l, row, 0, y, l->left);
        int half = l->left + (l->area.w - l->left) / 2;
        screen_text(l->area, y, half - 2, 1, differs ? STYLE_WARNING : STYLE_DIM,
                    sl_str(differs ? "~" : screen_glyph("│", "|")));
        if (row->dropped_by < 0) {
            draw_side(view, l, row, 1, y, half);
        } else {
            draw_dropped(app, l, row, y + 1);
        }
    } else {
        bool two = height == 2;
        draw_side(view, l, row, 0, y, l->left);
        draw_label(l, y, two ? "raw" : "both", false);
        if (row->dropped_by >= 0 && two) {
            draw_dropped(app, l, row, y + 1);
        } else if (two) {
            draw_label(l, y + 1, "clean", draw_side(view, l, row, 1, y + 1, l->left));
        }
    }
}

static void draw_heads(const struct data_view *view, const struct layout *l, int x)
{
    for (size_t i = view->first_column; i < view->first_column + view->columns_shown; i++) {
        const struct data_column *c = &view->columns[i];
        enum style style = i == view->column ? STYLE_STRONG : STYLE_HEADER;
        int width = screen_width(sl_str(c->name)),
            pad = c->type == SL_NUMBER && width < c->width ? c->width - width : 0;
        screen_text(l->area, 0, x + pad, c->width, style, sl_str(c->name));
        x += c->width + 2;
    }
    if (view->first_column + view->columns_shown < view->n_columns) {
        screen_text(l->area, 0, l->area.w - 1, 1, STYLE_KEY, SL_STR(">"));
    }
    if (view->first_column > 0) {
        screen_text(l->area, 0, l->left - 1, 1, STYLE_KEY, SL_STR("<"));
    }
}

static void draw_empty(struct data_view *view, struct area area)
{
    static const char *const none[] = { "there are no records", "no record is changed by the stages",
                                        "no record is dropped by a stage", "no record is in quarantine", "" };
    char text[600];
    if (view->rows.error.status) {
        sl_error_format(&view->rows.error, text, sizeof text);
        screen_text(area, 2, 2, -1, STYLE_ERROR, sl_str(text));
    } else if (view->rows.after.end && view->rows.before.end) {
        screen_text(area, 2, 2, -1, STYLE_DIM, sl_str(none[view->rows.filter]));
    } else {
        char at[32];
        screen_printf(area, 2, 2, STYLE_DIM, "looking for records ... %s",
                      human_count(view->rows.after.next, at, sizeof at));
    }
}

static void keep_in_sight(struct data_view *view, const struct layout *l)
{
    int room = l->area.h - 1, used = 0;
    if (view->selected < view->top) {
        view->top = view->selected;
    }
    /* Rows above that are not there leave no gap. */
    while (view->top < 0 && !rows_at(&view->rows, view->top) && view->rows.before.end) {
        view->top++;
    }
    for (long i = view->selected; i >= view->top; i--) {
        const struct sl_row *row = rows_at(&view->rows, i);
        used += row ? row_height(l, row) : 1;
        if (used > room) {
            view->top = i + 1 > view->selected ? view->selected : i + 1;
            break;
        }
    }
}

void data_table_draw(struct app *app, struct data_view *view, struct area area)
{
    char digits[32];
    struct layout l = { .area = area };
    const struct sl_row *last = rows_at(&view->rows, view->top + view->lines);
    const struct sl_row *selected = data_selected(view);
    uint64_t highest = last ? last->record : selected ? selected->record + 100 : 100;
    l.number = (int)strlen(human_count(highest, digits, sizeof digits));
    l.beside = view->beside == 1 || (view->beside < 0 && area.w >= BESIDE_WIDTH);
    l.labels = view->stages > 1 && !l.beside;
    l.label = l.labels ? LABEL_WIDTH : 0;
    l.left = 3 + l.number + 1 + (l.labels ? l.label + 1 : 1);
    int room = area.w - l.left - 1;
    data_columns_fit(view, l.beside ? room / 2 - 2 : room);
    screen_text(area, 0, 3 + l.number - 1, 1, STYLE_HEADER, SL_STR("#"));
    draw_heads(view, &l, l.left);
    if (l.beside) {
        draw_heads(view, &l, l.left + (area.w - l.left) / 2);
    }
    keep_in_sight(view, &l);
    int y = 1;
    for (long i = view->top; y < area.h; i++) {
        const struct sl_row *row = rows_at(&view->rows, i);
        if (!row) {
            break;
        }
        draw_row(app, view, &l, row, y, i == view->selected);
        y += row_height(&l, row);
    }
    if (y == 1) {
        draw_empty(view, area);
    }
}

struct sl_str data_cell(struct data_view *view, bool whole_record)
{
    const struct sl_row *row = data_selected(view);
    struct sl_buf text = { 0 };
    if (!row || !view->columns || row->rejected) {
        return row ? sl_str(row->reject.excerpt) : (struct sl_str){ 0 };
    }
    for (size_t i = whole_record ? 0 : view->column; i < (whole_record ? view->n_columns : view->column + 1); i++) {
        const struct data_column *c = &view->columns[i];
        bool clean = row->after_chunk && c->clean >= 0, missing = true;
        struct sl_str cell = { 0 };
        if (clean || c->raw >= 0) {
            cell = record_cell(clean ? row->after_chunk : row->raw_chunk, (size_t)(clean ? c->clean : c->raw), 0,
                               &view->arena, &missing);
        }
        sl_buf_puts(&text, whole_record && i ? "\t" : "");
        sl_buf_add(&text, cell.p, cell.n);
    }
    char *copy = text.failed ? NULL : sl_arena_strndup(&view->arena, text.p ? text.p : "", text.n);
    struct sl_str out = { copy, copy ? text.n : 0 };
    sl_buf_release(&text);
    return out;
}
