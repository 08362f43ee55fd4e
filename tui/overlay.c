/* overlay.c: boxes, moving through lists, folding text. */
#include "overlay.h"

#include "screen_cell.h"

static void frame(struct area box, const char *title)
{
    const char *level = screen_glyph("─", "-"), *upright = screen_glyph("│", "|");
    int right = box.w - 1, foot = box.h - 1;
    for (int y = 1; y < foot; y++) {
        screen_text(box, y, 0, -1, STYLE_DIM, sl_str(upright));
        screen_text(box, y, right, -1, STYLE_DIM, sl_str(upright));
    }
    screen_fill(box, 0, 1, box.w - 2, STYLE_DIM, level);
    screen_fill(box, foot, 1, box.w - 2, STYLE_DIM, level);
    screen_text(box, 0, 0, -1, STYLE_DIM, sl_str(screen_glyph("┌", "+")));
    screen_text(box, 0, right, -1, STYLE_DIM, sl_str(screen_glyph("┐", "+")));
    screen_text(box, foot, 0, -1, STYLE_DIM, sl_str(screen_glyph("└", "+")));
    screen_text(box, foot, right, -1, STYLE_DIM, sl_str(screen_glyph("┘", "+")));
    if (title && title[0]) {
        screen_text(box, 0, 2, 1, STYLE_DIM, SL_STR(" "));
        int n = screen_text(box, 0, 3, box.w - 6, STYLE_TITLE, sl_str(title));
        screen_text(box, 0, 3 + n, 1, STYLE_DIM, SL_STR(" "));
    }
}

struct area overlay_box(struct area area, int h, int w, const char *title)
{
    if (area.h < 5 || area.w < 12) {
        screen_erase(area);
        return area;
    }
    h = h > area.h - 2 ? area.h - 2 : h < 1 ? 1 : h;
    w = w > area.w - 4 ? area.w - 4 : w < 1 ? 1 : w;
    struct area box = { area.y + (area.h - h - 2) / 2, area.x + (area.w - w - 4) / 2, h + 2, w + 4 };
    screen_erase(box);
    frame(box, title);
    return (struct area){ box.y + 1, box.x + 2, h, w };
}

int overlay_text(struct area area, int y, int x, int width, enum style style, struct sl_str text)
{
    int room = width < 0 || width > area.w - x ? area.w - x : width;
    struct sl_str start = { text.p, text.n < 4 * (size_t)(room < 0 ? 0 : room) + 64 ? text.n : 4 * (size_t)room + 64 };
    if (room < 2 || screen_width(start) <= room) {
        return screen_text(area, y, x, room, style, start);
    }
    int n = screen_text(area, y, x, room - 1, style, start);
    return n + screen_text(area, y, x + n, 1, STYLE_DIM, sl_str(screen_glyph("…", "~")));
}

bool overlay_move(int key, size_t n, int page, size_t *selected)
{
    size_t step = page > 1 ? (size_t)page - 1 : 1, last = n ? n - 1 : 0;
    switch (key) {
    case K_UP: *selected -= *selected > 0; break;
    case K_DOWN: *selected += *selected < last; break;
    case K_PAGE_UP: *selected -= *selected < step ? *selected : step; break;
    case K_PAGE_DOWN: *selected = last - *selected < step ? last : *selected + step; break;
    case K_HOME_KEY: *selected = 0; break;
    case K_END_KEY: *selected = last; break;
    default: return false;
    }
    return true;
}

size_t overlay_scroll(size_t first, size_t selected, size_t n, int rows)
{
    size_t shown = rows > 0 ? (size_t)rows : 1;
    first = selected < first ? selected : first;
    first = selected >= first + shown ? selected - shown + 1 : first;
    return n > shown && first > n - shown ? n - shown : n <= shown ? 0 : first;
}

/* Bytes of the longest start of text that fits, ending after a blank where there is one. */
static size_t line_length(struct sl_str text, int width, size_t *skip)
{
    size_t at = 0, blank = 0;
    int columns = 0;
    struct cell cell;
    *skip = 0;
    while (at < text.n) {
        if (text.p[at] == '\n') {
            *skip = 1;
            return at;
        }
        cell_next((struct sl_str){ text.p + at, text.n - at }, screen_ascii(), &cell);
        if (columns + cell.columns > width && at > 0) {
            return blank ? blank : at;
        }
        columns += cell.columns;
        at += cell.bytes;
        blank = text.p[at - 1] == ' ' ? at : blank;
    }
    return at;
}

size_t overlay_wrap(struct sl_str text, int width, void (*put)(void *ctx, size_t line, struct sl_str span), void *ctx)
{
    size_t lines = 0, skip;
    width = width < 1 ? 1 : width;
    do {
        size_t n = line_length(text, width, &skip);
        if (put) {
            put(ctx, lines, (struct sl_str){ text.p, n });
        }
        lines++;
        text.p = text.p ? text.p + n + skip : NULL;
        text.n -= n + skip;
    } while (text.n);
    return lines;
}
