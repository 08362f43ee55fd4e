/* screen_pixels.c: cells of two pixels, in as many colours as the terminal has.
 *
 * ncurses paints by numbered pairs of colours; pairs are made as they are met and forgotten all at once when there is
 * no room for more. 256 and 16 colours are dithered. A terminal of 24 bits whose description has 256 colours gets the
 * nearest of those from ncurses, and then the same cells once more as they are: where ncurses drew the row anew, or the
 * colours are others than those sent last. The cursor is put back, so ncurses need not know. */
#include "screen_private.h"

#include "colour.h"

#include <curses.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAIRS = 16384, FIRST = STYLE_N + 2, DITHER_256 = 24, DITHER_16 = 96 };

static struct {
    uint64_t key; /* colours, plus 1; 0: unused */
    int pair;
} known[2 * PAIRS];
static int made;

/* Is there more than ncurses can say? Then it is sent behind its back, in its own palette's place. */
static bool is_layered(void)
{
    return screen_state.colours > 256 && COLORS <= 256;
}

static int colour(const uint8_t rgb[3], int y, int x)
{
    uint8_t near[3];
    if (COLORS > 256)
        return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
    if (is_layered())
        return colour_of_256(rgb);
    colour_dither(rgb, y, x, screen_state.colours >= 256 ? DITHER_256 : DITHER_16, near);
    return screen_state.colours >= 256 ? colour_of_256(near) : colour_of_16(near);
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

/* --- 24 bits, beside ncurses --- */

static struct {
    uint64_t *now, *sent; /* of each cell: SHOWN, upper and lower colour; 0: no pixels */
    bool *again;          /* of each row: ncurses has drawn it anew */
    int h, w;
    bool any;
} layer;

#define SHOWN (UINT64_C(1) << 63)

static bool layer_fits(void)
{
    if (layer.now && layer.h == LINES && layer.w == COLS)
        return true;
    screen_pixels_close();
    size_t n = (size_t)LINES * (size_t)COLS;
    layer.now = calloc(n, sizeof *layer.now);
    layer.sent = calloc(n, sizeof *layer.sent);
    layer.again = calloc((size_t)LINES, sizeof *layer.again);
    if (!layer.now || !layer.sent || !layer.again) {
        screen_pixels_close();
        return false;
    }
    layer.h = LINES;
    layer.w = COLS;
    return true;
}

void screen_pixels_close(void)
{
    free(layer.now);
    free(layer.sent);
    free(layer.again);
    memset(&layer, 0, sizeof layer);
}

void screen_pixels_over(int y, int x)
{
    if (layer.any && y < layer.h && x < layer.w)
        layer.now[(size_t)y * (size_t)layer.w + (size_t)x] = 0;
}

void screen_pixels_again(int y)
{
    if (layer.any && y < layer.h)
        layer.again[y] = true;
}

static void put_run(struct sl_buf *out, int y, int x, int end)
{
    uint64_t last = 0;
    sl_buf_printf(out, "\033[%d;%dH", y + 1, x + 1);
    for (; x < end; x++) {
        uint64_t c = layer.now[(size_t)y * (size_t)layer.w + (size_t)x];
        if (c != last)
            sl_buf_printf(out, "\033[38;2;%d;%d;%d;48;2;%d;%d;%dm", (int)(c >> 40 & 255), (int)(c >> 32 & 255),
                          (int)(c >> 24 & 255), (int)(c >> 16 & 255), (int)(c >> 8 & 255), (int)(c & 255));
        last = c;
        sl_buf_puts(out, "▀");
    }
}

void screen_pixels_flush(void)
{
    struct sl_buf out = { 0 };
    if (!layer.any || layer.h != LINES || layer.w != COLS)
        return;
    bool any = false;
    for (int y = 0; y < layer.h; y++) {
        size_t row = (size_t)y * (size_t)layer.w;
        for (int x = 0; x < layer.w; x++) {
            int from = x;
            while (x < layer.w && layer.now[row + (size_t)x] &&
                   (layer.again[y] || layer.now[row + (size_t)x] != layer.sent[row + (size_t)x]))
                x++;
            if (x > from) {
                sl_buf_puts(&out, out.n ? "" : "\0337\033[0m");
                put_run(&out, y, from, x);
            }
            any |= x < layer.w && layer.now[row + (size_t)x];
            any |= x > from;
        }
        layer.again[y] = false;
    }
    memcpy(layer.sent, layer.now, (size_t)layer.h * (size_t)layer.w * sizeof *layer.now);
    layer.any = any;
    sl_buf_puts(&out, out.n ? "\0338" : "");
    if (!out.failed)
        screen_send(out.p, out.n);
    sl_buf_release(&out);
}

static uint64_t bits_of(const uint8_t rgb[3])
{
    return (uint64_t)rgb[0] << 16 | (uint64_t)rgb[1] << 8 | rgb[2];
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
    int pair = pair_of(colour(upper, 2 * y, x), colour(lower, 2 * y + 1, x));
    cchar_t cell;
    if (setcchar(&cell, L"▀", A_NORMAL, 0, &pair) != OK)
        return;
    mvadd_wch(row, column, &cell);
    if (is_layered() && layer_fits()) {
        layer.any = true;
        layer.now[(size_t)row * (size_t)layer.w + (size_t)column] = SHOWN | bits_of(upper) << 24 | bits_of(lower);
    }
}
