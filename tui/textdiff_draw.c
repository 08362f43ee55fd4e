/* textdiff_draw.c: differences drawn, aligned on one line each or as part of folded text. */
#include "textdiff_draw.h"

#include "screen_cell.h"

/* Walks both texts in step, one aligned place at a time. */
struct walk {
    const struct textdiff *diff;
    struct sl_str text[2];
    size_t run;     /* now in */
    size_t at[2];   /* bytes */
    struct cell cell[2];
    bool has[2];    /* this place has a character of that side */
    int columns;    /* of this place */
    enum diff_kind kind;
};

static bool side_cell(struct walk *w, int side, size_t end)
{
    w->has[side] = w->at[side] < end;
    if (w->has[side]) {
        cell_next((struct sl_str){ w->text[side].p + w->at[side], end - w->at[side] }, screen_ascii(), &w->cell[side]);
        w->at[side] += w->cell[side].bytes;
    }
    return w->has[side];
}

/* The next place; false: the end. */
static bool walk_next(struct walk *w)
{
    for (; w->run < w->diff->n; w->run++) {
        const struct diff_run *run = &w->diff->runs[w->run];
        bool a = side_cell(w, 0, run->a + run->a_n), b = side_cell(w, 1, run->b + run->b_n);
        if (a || b) {
            w->kind = run->kind;
            w->columns = a ? w->cell[0].columns : 0;
            w->columns = b && w->cell[1].columns > w->columns ? w->cell[1].columns : w->columns;
            return true;
        }
    }
    return false;
}

static enum style place_style(const struct walk *w, int side)
{
    if (w->kind == DIFF_SAME) {
        return w->cell[side].symbol ? STYLE_TAG : STYLE_NORMAL;
    }
    return side ? STYLE_ADDED : STYLE_REMOVED;
}

static void draw_place(const struct walk *w, int side, struct area area, int y, int x)
{
    if (w->has[side]) {
        screen_text(area, y, x, w->columns, place_style(w, side), sl_str(w->cell[side].glyph));
    } else {
        screen_fill(area, y, x, w->columns, STYLE_DIM, screen_glyph("·", "_"));
    }
}

int diff_draw_aligned(struct area area, int y, int x, int width, const struct textdiff *diff, struct sl_str a,
                      struct sl_str b, int side, long from)
{
    struct walk w = { .diff = diff, .text = { a, b } };
    long column = 0;
    int used = 0;
    const char *more = screen_glyph("…", "~");
    while (width > 0 && walk_next(&w)) {
        if (column < from) {
            column += w.columns;
            if (column > from) { /* half of a wide character */
                used += screen_text(area, y, x, 1, STYLE_DIM, SL_STR(" "));
            }
            continue;
        }
        if (used + w.columns > width) {
            /* The last place makes room for the mark of being cut. */
            screen_text(area, y, x + width - 1, 1, STYLE_DIM, sl_str(more));
            used = width;
            break;
        }
        draw_place(&w, side, area, y, x + used);
        used += w.columns;
    }
    if (from > 0 && used > 0) {
        screen_text(area, y, x, 1, STYLE_DIM, sl_str(more));
    }
    return used;
}

/* Columns shown before the first difference. */
#define BEFORE 12

long diff_interesting(const struct textdiff *diff, struct sl_str a, struct sl_str b, int width)
{
    struct walk w = { .diff = diff, .text = { a, b } };
    long column = 0;
    bool met = false;
    long first = 0;
    while (walk_next(&w)) {
        if (!met && w.kind != DIFF_SAME) {
            met = true;
            first = column;
        }
        column += w.columns;
        if (met && column > first + width) {
            break;
        }
    }
    if (!met || first < width - width / 4 || column <= width) {
        return 0;
    }
    return first > BEFORE ? first - BEFORE : 0;
}

int diff_draw_span(struct area area, int y, int x, const struct textdiff *diff, int side, struct sl_str text, size_t from,
                   size_t n)
{
    int used = 0;
    if (!diff) {
        return screen_text(area, y, x, -1, STYLE_NORMAL, (struct sl_str){ text.p + from, n });
    }
    for (size_t i = 0; i < diff->n; i++) {
        const struct diff_run *run = &diff->runs[i];
        size_t start = side ? run->b : run->a, end = start + (side ? run->b_n : run->a_n);
        start = start < from ? from : start;
        end = end > from + n ? from + n : end;
        if (start < end) {
            enum style style = run->kind == DIFF_SAME ? STYLE_NORMAL : side ? STYLE_ADDED : STYLE_REMOVED;
            used += screen_text(area, y, x + used, -1, style, (struct sl_str){ text.p + start, end - start });
        }
    }
    return used;
}

bool diff_touches(const struct textdiff *diff, int side, size_t from, size_t n)
{
    for (size_t i = 0; diff && i < diff->n; i++) {
        const struct diff_run *run = &diff->runs[i];
        size_t start = side ? run->b : run->a, end = start + (side ? run->b_n : run->a_n);
        if (run->kind != DIFF_SAME && start < from + n && (end > from || (end == start && start >= from))) {
            return true;
        }
    }
    return false;
}
