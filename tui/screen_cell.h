/* screen_cell.h: text cut into what one place on the screen shows. Knows no terminal. */
#ifndef SL_TUI_SCREEN_CELL_H
#define SL_TUI_SCREEN_CELL_H

#include "sluice/mem.h"

struct cell {
    size_t bytes;   /* of the text it stands for */
    int columns;    /* 1 or 2 */
    bool symbol;    /* stands for something that must not reach the terminal as it is */
    char glyph[16]; /* what is shown: one base character with at most two marks, zero-terminated */
};

/* The next cell of a text that is not empty. With `ascii` every glyph is one ASCII character. */
void cell_next(struct sl_str text, bool ascii, struct cell *cell);
/* Columns the whole text takes. */
int cell_width(struct sl_str text, bool ascii);

#endif
