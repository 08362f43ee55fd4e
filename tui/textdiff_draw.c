/* textdiff_draw.c: two texts drawn in alignment, on one line each or folded together. */
#include "textdiff_draw.h"

#include "screen_cell.h"

/* Walks both texts in step, one aligned place at a time. */
struct walk {
    const struct textdiff *diff;
    struct sl_str text[2];
    size_t run;   /* now in */
    size_t at[2]; /* bytes */
    struct cell cell[2];
    bool has[2]; /* this place has a character of that side */
    int columns; /* of this place */
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

static void draw_place(const struct walk *w, int side, struct area area, int y, int x, struct diff_found found)
{
    if (w->has[side]) {
        size_t byte = w->at[side] - w->cell[side].bytes;
        bool inside = byte >= found.from && byte - found.from < found.n;
        screen_text(area, y, x, w->columns, inside ? STYLE_SELECTED : place_style(w, side),
                    sl_str(w->cell[side].glyph));
    } else {
        screen_fill(area, y, x, w->columns, STYLE_DIM, screen_glyph("·", "_"));
    }
}

int diff_draw_aligned(struct area area, int y, int x, int width, const struct textdiff *diff, struct sl_str a,
                      struct sl_str b, int side, long from, struct diff_found found)
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
        draw_place(&w, side, area, y, x + used, found);
        used += w.columns;
    }
    if (from > 0 && used > 0) {
        screen_text(area, y, x, 1, STYLE_DIM, sl_str(more));
    }
    return used;
}

long diff_column(const struct textdiff *diff, struct sl_str a, struct sl_str b, int side, size_t byte)
{
    struct walk w = { .diff = diff, .text = { a, b } };
    long column = 0;
    while (walk_next(&w) && w.at[side] <= byte) {
        column += w.columns;
    }
    return column;
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

static struct walk walk_from(const struct textdiff *diff, struct sl_str a, struct sl_str b,
                             const struct diff_place *place)
{
    return (struct walk){ .diff = diff, .text = { a, b }, .run = place->run, .at = { place->at[0], place->at[1] } };
}

static bool is_byte(const struct walk *w, int side, char byte)
{
    return w->has[side] && w->cell[side].bytes == 1 && w->text[side].p[w->at[side] - 1] == byte;
}

bool diff_line(const struct textdiff *diff, struct sl_str a, struct sl_str b, int width, struct diff_place *place,
               bool *differs)
{
    struct walk w = walk_from(diff, a, b, place);
    struct diff_place blank = *place, end = *place;
    bool have_blank = false, differs_to_blank = false, now = false, any = false;
    int columns = 0;
    while (walk_next(&w)) {
        if (any && columns + w.columns > width) {
            *place = have_blank ? blank : end;
            *differs = have_blank ? differs_to_blank : now;
            return true;
        }
        any = true;
        columns += w.columns;
        now |= w.kind != DIFF_SAME;
        end = (struct diff_place){ w.run, { w.at[0], w.at[1] } };
        if (is_byte(&w, 0, '\n') && is_byte(&w, 1, '\n')) {
            break;
        }
        if (is_byte(&w, 0, ' ') || is_byte(&w, 1, ' ')) {
            blank = end;
            have_blank = true;
            differs_to_blank = now;
        }
    }
    *place = end;
    *differs = now;
    return any;
}

void diff_draw_line(struct area area, int y, int x, const struct textdiff *diff, struct sl_str a, struct sl_str b,
                    int side, const struct diff_place *from, const struct diff_place *to)
{
    struct walk w = walk_from(diff, a, b, from);
    while ((w.at[0] < to->at[0] || w.at[1] < to->at[1]) && walk_next(&w)) {
        draw_place(&w, side, area, y, x, (struct diff_found){ 0 });
        x += w.columns;
    }
}
