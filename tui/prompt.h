/* prompt.h: the command line: GNU readline inside our last line.
 *
 * While it is active the terminal's bytes go to it as they come. It writes nothing to the terminal: what it would show
 * is drawn by prompt_draw(). Opened by app_prompt() of view.h. */
#ifndef SL_TUI_PROMPT_H
#define SL_TUI_PROMPT_H

#include "screen.h"

struct app;

bool prompt_active(void);
/* One byte from the terminal. */
void prompt_byte(struct app *app, int byte);
/* No more bytes for now: an Esc that stands alone is meant as one. */
void prompt_idle(struct app *app);
/* Line and cursor on the bottom line, completions above it at the foot of `main`. */
void prompt_draw(struct app *app, struct area main, struct area bottom);
/* Cancel, and free everything. */
void prompt_close(struct app *app);

#endif
