/* strip_html_private.h: the two ways of strip_html, each from a text with '<' or '&' in it. */
#ifndef SLUICE_STAGES_STRIP_HTML_PRIVATE_H
#define SLUICE_STAGES_STRIP_HTML_PRIVATE_H

#include "sluice/mem.h"

/* Both leave *cell alone when there is nothing to take out; else the result is in the arena. */
int sl_strip_tags(struct sl_str replacement, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err);
int sl_strip_clean(struct sl_str replacement, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err);

/* For looking at one piece of markup after the other, as sl_strip_clean finds them; zero it at a text's start. */
struct sl_markup_scan {
    bool plain_tags, no_close;
};
/* The next at or behind byte *from: from *from to *to. False when there is none. */
bool sl_strip_next_markup(struct sl_markup_scan *state, struct sl_str text, size_t *from, size_t *to);

#endif
