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

#endif
