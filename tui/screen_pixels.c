/* screen_pixels.c: cells of two pixels, in as many colours as the terminal has.
 *
 * ncurses paints by numbered pairs of colours; pairs are made as they are met and forgotten all at once when there is
 * no room for more. 256 colours: the palette's 6 × 6 × 6 cube and its 24 greys (as xterm's); 16: the nearest of the
 * usual ones; direct colour: as they are. */
#include "screen_private.h"

#include <curses.h>

#include <stdlib.h>

enum { PAIRS = 16384, FIRST = STYLE_N + 2 };

static struct {
    uint64_t key; /* colours, plus 1; 0: unused */
    int pair;
} known[2 * PAIRS];
static int made;

static unsigned square(int x)
{
    return (unsigned)(x * x);
}

static unsigned distance(const uint8_t a[3], int r, int g, int b)
{
    return square(a[0] - r) + square(a[1] - g) + square(a[2] - b);
}

static int of_256(const uint8_t rgb[3])
{
    static const int step[6] = { 0, 95, 135, 175, 215, 255 };
    int near[3];
    for (int c = 0; c < 3; c++) {
        near[c] = 0;
        for (int i = 1; i < 6; i++)
            if (abs(rgb[c] - step[i]) < abs(rgb[c] - step[near[c]]))
                near[c] = i;
    }
    int grey = (rgb[0] + rgb[1] + rgb[2]) / 3, shade = grey < 8 ? 0 : (grey - 8 + 5) / 10;
    shade = shade > 23 ? 23 : shade;
    int level = 8 + 10 * shade;
    bool is_grey = distance(rgb, level, level, level) < distance(rgb, step[near[0]], step[near[1]], step[near[2]]);
    return is_grey ? 232 + shade : 16 + 36 * near[0] + 6 * near[1] + near[2];
}

/* The colours of the sixteen as xterm has them; other terminals' are near. */
static int of_16(const uint8_t rgb[3])
{
    static const uint8_t palette[16][3] = { { 0, 0, 0 },       { 205, 0, 0 },   { 0, 205, 0 },   { 205, 205, 0 },
                                            { 0, 0, 238 },     { 205, 0, 205 }, { 0, 205, 205 }, { 229, 229, 229 },
                                            { 127, 127, 127 }, { 255, 0, 0 },   { 0, 255, 0 },   { 255, 255, 0 },
                                            { 92, 92, 255 },   { 255, 0, 255 }, { 0, 255, 255 }, { 255, 255, 255 } };
    int best = 0;
    for (int i = 1; i < 16; i++)
        if (distance(rgb, palette[i][0], palette[i][1], palette[i][2]) <
            distance(rgb, palette[best][0], palette[best][1], palette[best][2]))
            best = i;
    return best;
}

static int colour(const uint8_t rgb[3])
{
    if (screen_state.colours > 256 && COLORS > 256)
        return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
    return screen_state.colours >= 256 ? of_256(rgb) : of_16(rgb);
}

static int pair_of(int fg, int bg)
{
    uint64_t key = ((uint64_t)(unsigned)fg << 32 | (unsigned)bg) + 1;
    int most = COLOR_PAIRS - FIRST < PAIRS ? COLOR_PAIRS - FIRST : PAIRS;
    if (most < 1)
        return 0;
    size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 49) % (2 * PAIRS);
    while (known[at].key && known[at].key != key)
        at = (at + 1) % (2 * PAIRS);
    if (known[at].key)
        return known[at].pair;
    if (made >= most) { /* cells on the screen keep the colours they were sent with */
        memset(known, 0, sizeof known);
        made = 0;
        return pair_of(fg, bg);
    }
    known[at].key = key;
    known[at].pair = FIRST + made++;
    init_extended_pair(known[at].pair, fg, bg);
    return known[at].pair;
}

void screen_pixels_open(void)
{
    memset(known, 0, sizeof known);
    made = 0;
}

void screen_pixels(struct area area, int y, int x, const uint8_t upper[3], const uint8_t lower[3])
{
    int row = area.y + y, column = area.x + x;
    if (!screen_state.open || y < 0 || y >= area.h || x < 0 || x >= area.w || row < 0 || row >= LINES || column < 0 ||
        column >= COLS)
        return;
    int pair = pair_of(colour(upper), colour(lower));
    cchar_t cell;
    if (setcchar(&cell, L"▀", A_NORMAL, 0, &pair) == OK)
        mvadd_wch(row, column, &cell);
}
