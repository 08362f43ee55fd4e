/* screen_private.h: what the parts of the screen share. */
#ifndef SL_TUI_SCREEN_PRIVATE_H
#define SL_TUI_SCREEN_PRIVATE_H

#include "screen.h"

struct screen_state {
    bool open, ascii, mouse;
    int colours;
    enum pictures pictures;
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
/* screen_graphics.c: ask the terminal, before its first frame. */
void screen_graphics_open(enum pictures wanted);
void screen_graphics_close(void);
void screen_graphics_over(int y, int x);
void screen_graphics_again(int y);
void screen_graphics_all(void);
/* Before ncurses draws: what stays, what goes; and behind it: what is new. */
void screen_graphics_settle(void);
void screen_graphics_flush(void);
/* Is an answer still to come, which must not be taken for keys? It has. */
bool screen_answer_waited(void);
void screen_answer_come(void);
/* All of these bytes, past ncurses. */
void screen_send(const char *bytes, size_t n);

#endif
