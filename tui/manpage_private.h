/* manpage_private.h: the parts of the manual page and what they are written with. */
#ifndef SL_TUI_MANPAGE_PRIVATE_H
#define SL_TUI_MANPAGE_PRIVATE_H

#include "manpage.h"
#include "options.h"

#include "sluice/session.h"

/* Escaped text. */
void man_puts(struct sl_buf *out, const char *text);
void man_bold(struct sl_buf *out, const char *text);
void man_section(struct sl_buf *out, const char *name);
/* A tagged paragraph. */
void man_item(struct sl_buf *out, const char *name, const char *text);
/* Paragraphs parted by blank lines; `between` is the macro that parts them. */
void man_paragraphs(struct sl_buf *out, const char *text, const char *between);
/* Lines as they are. */
void man_example(struct sl_buf *out, const char *text);

/* manpage_stages.c */
void man_stages(struct sl_buf *out);
void man_session_commands(struct sl_buf *out);
/* manpage_text.c */
void man_description(struct sl_buf *out);
void man_recipes(struct sl_buf *out);
void man_keys(struct sl_buf *out);
void man_json(struct sl_buf *out);
void man_surroundings(struct sl_buf *out);

#endif
