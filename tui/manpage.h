/* manpage.h: the manual page, from the tables of options, stages and commands. */
#ifndef SL_TUI_MANPAGE_H
#define SL_TUI_MANPAGE_H

#include "sluice/stage.h"

/* The whole page as roff (man macros). */
void manpage_write(struct sl_buf *out);
/* Text as roff: escaped, ready to stand within a line or to begin one. */
void manpage_text(struct sl_str text, struct sl_buf *out);
/* "Cleaning", "Learners": heading of a kind of stage. */
const char *manpage_kind(enum sl_stage_kind kind);

#endif
