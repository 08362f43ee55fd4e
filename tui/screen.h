/* screen.h: the only part that knows ncurses. Cells are put by text, style and width; what does not fit is cut, never
 * wrapped, and nothing is drawn outside the area given. One thread. */
#ifndef SL_TUI_SCREEN_H
#define SL_TUI_SCREEN_H

#include "sluice/mem.h"

struct area {
    int y, x, h, w; /* rows and columns; may be empty or negative: then nothing is drawn */
};

/* What a piece of text is, not how it looks; the palette (colours, or bold/reverse/underline without them) decides. */
enum style {
    STYLE_NORMAL,
    STYLE_DIM,
    STYLE_STRONG,
    STYLE_TITLE,
    STYLE_SELECTED,
    STYLE_HEADER,
    STYLE_HINT,
    STYLE_KEY,
    STYLE_ADDED,   /* changed or new characters, after */
    STYLE_REMOVED, /* the same, before */
    STYLE_WARNING,
    STYLE_ERROR,
    STYLE_GOOD,
    STYLE_SERIES_0,
    STYLE_SERIES_1,
    STYLE_SERIES_2,
    STYLE_SERIES_3, /* curves: told apart without colour by dash or mark */
    STYLE_SERIES_FAINT,
    STYLE_TAG, /* markup left in text, control characters shown as symbols */
    STYLE_N
};

/* How pictures are shown. The last two are for terminals with pixels; AUTO takes them when the terminal says it can. */
enum pictures { PICTURES_AUTO, PICTURES_BLOCKS, PICTURES_ASCII, PICTURES_KITTY, PICTURES_SIXEL };

struct screen_options {
    int colour; /* 1 always, 0 never, -1: NO_COLOR, then terminfo */
    bool ascii; /* no character beyond ASCII is sent; replacements stand in */
    bool mouse;
    int pictures; /* enum pictures */
};

/* Take over the terminal. Restored by screen_close(), at exit, and on fatal signals. */
int screen_open(const struct screen_options *options, struct sl_error *err);
void screen_close(void);
void screen_size(int *rows, int *columns);
bool screen_ascii(void);
int screen_colours(void); /* 0, 8, 16, 256 or 1 << 24 */

void screen_erase(struct area area);
/* UTF-8 text at (y, x) within area (coordinates relative to it), at most `width` columns (-1: to the area's edge).
 * Control bytes, invalid UTF-8, bidi and zero-width characters are shown as visible symbols, one column each (in ASCII
 * mode as . or ?), so that no text can disturb the screen. Returns the columns used. */
int screen_text(struct area area, int y, int x, int width, enum style style, struct sl_str text);
int screen_printf(struct area area, int y, int x, enum style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
void screen_fill(struct area area, int y, int x, int width, enum style style, const char *glyph);
/* A horizontal bar: share of width filled, in eighths where UTF-8 allows. */
void screen_bar(struct area area, int y, int x, int width, enum style style, double share);
/* Glyph for UTF-8 screens, or its stand-in. */
const char *screen_glyph(const char *utf8, const char *ascii);
/* One cell of two pixels, one over the other: red, green, blue. For screens of at least 16 colours that show more than
 * ASCII. */
void screen_pixels(struct area area, int y, int x, const uint8_t upper[3], const uint8_t lower[3]);
bool screen_blocks(void); /* are pictures shown in cells of two pixels, not in characters? */
/* Pixels of a cell, where pictures can be shown in pixels; false: they cannot. */
bool screen_pixel_size(int *h, int *w);
/* The same for w cells of a row: their pixels, line by line. The cells are drawn too: they show when text lies over a
 * part of the picture. */
void screen_pixel_row(struct area area, int y, int x, int w, const uint8_t *rgb);
void screen_frame(void);          /* everything is about to be drawn anew */
void screen_cursor(int y, int x); /* absolute; -1: hidden */
void screen_flush(void);
/* Columns the text takes when shown. */
int screen_width(struct sl_str text);

/* Next key: a code point, or one of these; KEY_NONE when there is none. */
enum {
    KEY_NONE = 0,
    K_UP = 0x110000,
    K_DOWN,
    K_LEFT,
    K_RIGHT,
    K_PAGE_UP,
    K_PAGE_DOWN,
    K_HOME_KEY,
    K_END_KEY,
    K_DELETE,
    K_BACKSPACE,
    K_ENTER_KEY,
    K_TAB,
    K_SHIFT_TAB,
    K_ESC,
    K_F1,
    K_RESIZE_EVENT,
    K_MOUSE_EVENT,
    K_PASTE_EVENT,
};
#define K_CTRL(c) ((c)&31)
int screen_key(void);
/* Was ^C typed? Then what was typed with it is gone; else it waits for screen_key(). */
bool screen_interrupted(void);
/* Bytes as read, when the prompt (readline) wants them raw: see prompt.h. While raw, screen_key() is not to be called.
 */
void screen_raw(bool raw);
int screen_byte(void); /* -1: none */
/* The file descriptor keys come from, to wait on. */
int screen_fd(void);
/* Give the terminal back for a while (^Z), and take it again with everything redrawn. */
void screen_leave(void);
void screen_return(void);
/* After SIGWINCH: ask for the new size. After ^L: send every cell again. */
void screen_resize(void);
void screen_refresh(void);
void screen_mouse(int *y, int *x, int *button); /* of the last K_MOUSE_EVENT; button 4, 5: wheel */
/* Text of the last K_PASTE_EVENT: what the terminal said was pasted, not typed. Borrowed until the next key. */
struct sl_str screen_pasted(void);
/* Text to the system clipboard (OSC 52). */
void screen_copy(struct sl_str text);

#endif
