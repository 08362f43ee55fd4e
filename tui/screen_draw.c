/* screen_draw.c: text, fillings and bars, put cell by cell and cut at the edges of their area.
 *
 * ncurses sends the difference to what the terminal shows; here is seen to it that a cell takes exactly the columns it
 * was measured to take. Where the C library holds another opinion of a character's width, a box stands for it. */
#include "colour.h"
#include "screen_cell.h"
#include "screen_private.h"
#include "theme.h"

#include <curses.h>

#include <stdarg.h>
#include <stdio.h>
#include <wchar.h>

static struct {
    attr_t attributes;
    short pair;
} styles[STYLE_N];

/* Where colours are no numbers of a palette but red, green and blue. */
static int direct(int colour)
{
    uint8_t rgb[3];
    if (COLORS <= 256 || colour < 8) { /* the first eight are the palette's there too */
        return colour;
    }
    colour_rgb(colour, rgb);
    return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}

void screen_styles_open(void)
{
    const struct look *looks = theme_looks(screen_state.colours);
    screen_pixels_open();
    for (short i = 0; i < STYLE_N; i++) {
        const struct look *look = &looks[i];
        styles[i].attributes = (look->attributes & LOOK_BOLD ? A_BOLD : 0) | (look->attributes & LOOK_DIM ? A_DIM : 0) |
                               (look->attributes & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
                               (look->attributes & LOOK_REVERSE ? A_REVERSE : 0);
        bool coloured = screen_state.colours > 0 && (look->fg >= 0 || look->bg >= 0);
        styles[i].pair = coloured ? (short)(i + 1) : 0;
        if (coloured) {
            init_extended_pair(i + 1, direct(look->fg), direct(look->bg));
        }
    }
}

/* Row and columns of the area that are on the screen; false: none. */
static bool clip(struct area area, int y, int *left, int *right)
{
    *left = area.x < 0 ? 0 : area.x;
    *right = area.x + area.w > COLS ? COLS : area.x + area.w;
    return screen_state.open && y >= 0 && y < area.h && area.y + y >= 0 && area.y + y < LINES && *left < *right;
}

static void put(int y, int x, enum style style, const char *glyph, int columns)
{
    wchar_t wide[5];
    mbstate_t state = { 0 };
    for (int i = 0; i < columns; i++) {
        screen_pixels_over(y, x + i);
        screen_graphics_over(y, x + i);
    }
    const char *p = glyph;
    size_t n = mbsrtowcs(wide, &p, 5, &state);
    if (n == (size_t)-1 || p || wcwidth(wide[0]) != columns) {
        for (int i = 0; i < columns; i++) {
            cchar_t box;
            setcchar(&box, screen_state.ascii ? L"?" : L"□", styles[style].attributes, styles[style].pair, NULL);
            mvadd_wch(y, x + i, &box);
        }
        return;
    }
    cchar_t cell;
    if (setcchar(&cell, wide, styles[style].attributes, styles[style].pair, NULL) == OK) {
        mvadd_wch(y, x, &cell);
    }
}

void screen_erase(struct area area)
{
    for (int y = 0; y < area.h; y++) {
        screen_fill(area, y, 0, area.w, STYLE_NORMAL, " ");
    }
}

void screen_fill(struct area area, int y, int x, int width, enum style style, const char *glyph)
{
    int left, right;
    if (!clip(area, y, &left, &right)) {
        return;
    }
    for (int i = 0, at = area.x + x; i < width && at < right; i++, at++) {
        if (at >= left) {
            put(area.y + y, at, style, glyph, 1);
        }
    }
}

int screen_text(struct area area, int y, int x, int width, enum style style, struct sl_str text)
{
    int left, right;
    if (x < 0 || !clip(area, y, &left, &right)) {
        return 0;
    }
    int at = area.x + x, end = width >= 0 && width < right - at ? at + width : right;
    int start = at;
    while (text.n && at < end) {
        struct cell cell;
        cell_next(text, screen_state.ascii, &cell);
        if (at + cell.columns > end) {
            break;
        }
        if (at >= left) {
            enum style shown = cell.symbol && style == STYLE_NORMAL ? STYLE_TAG : style;
            put(area.y + y, at, shown, cell.glyph, cell.columns);
        }
        at += cell.columns;
        text.p += cell.bytes;
        text.n -= cell.bytes;
    }
    return at - start;
}

int screen_printf(struct area area, int y, int x, enum style style, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) {
        return 0;
    }
    size_t length = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return screen_text(area, y, x, -1, style, (struct sl_str){ text, length });
}

void screen_bar(struct area area, int y, int x, int width, enum style style, double share)
{
    static const char *const eighths[] = { " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
    if (!(share > 0) || width <= 0) {
        return;
    }
    double filled = share > 1 ? width : share * width;
    int whole = (int)filled, rest = (int)((filled - whole) * 8);
    if (screen_state.ascii) {
        screen_fill(area, y, x, whole + (rest >= 4 || whole == 0), style, "#");
        return;
    }
    if (whole == 0 && rest == 0) {
        rest = 1; /* something is not nothing */
    }
    screen_fill(area, y, x, whole, style, "█");
    if (rest && whole < width) {
        screen_fill(area, y, x + whole, 1, style, eighths[rest]);
    }
}

const char *screen_glyph(const char *utf8, const char *ascii)
{
    return screen_state.ascii ? ascii : utf8;
}

int screen_width(struct sl_str text)
{
    return cell_width(text, screen_state.ascii);
}
