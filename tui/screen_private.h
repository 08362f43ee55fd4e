/* screen_private.h: what the parts of the screen share. */
#ifndef SL_TUI_SCREEN_PRIVATE_H
#define SL_TUI_SCREEN_PRIVATE_H

#include "screen.h"

struct screen_state {
    bool open, ascii, mouse;
    int colours;
    int mouse_y, mouse_x, mouse_button;
    int cursor_y, cursor_x;
};
extern struct screen_state screen_state;

/* The window keys are read from: never drawn. */
void screen_keys_open(bool mouse);
void screen_keys_close(void);
/* Ask the terminal to mark what is pasted, or not to. */
void screen_paste_marks(bool on);
/* Colour pairs and attributes for every style. */
void screen_styles_open(void);
/* No pair of colours is known yet. */
void screen_pixels_open(void);
void screen_pixels_close(void);
/* Text lies over what was a cell of pixels. */
void screen_pixels_over(int y, int x);
/* ncurses is about to draw this row anew. */
void screen_pixels_again(int y);
/* Behind ncurses' own: what it cannot say. */
void screen_pixels_flush(void);
/* All of these bytes, past ncurses. */
void screen_send(const char *bytes, size_t n);

#endif
