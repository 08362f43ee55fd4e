/* theme.h: how each style looks, for the colours there are. */
#ifndef SL_TUI_THEME_H
#define SL_TUI_THEME_H

#include "screen.h"

/* Colours: indices of the terminal's palette, -1 its own. Attributes: bits of enum look_attribute. */
struct look {
    short fg, bg;
    unsigned attributes;
};
enum look_attribute { LOOK_BOLD = 1, LOOK_DIM = 2, LOOK_UNDERLINE = 4, LOOK_REVERSE = 8 };

/* Table of STYLE_N looks for a terminal of so many colours (0: none). */
const struct look *theme_looks(int colours);

#endif
