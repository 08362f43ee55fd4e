/* graphics.h: pictures as the bytes that terminals with real pixels take, and what such terminals answer when they are
 * asked. Knows no terminal.
 *
 * Source  the Kitty graphics protocol; Sixel: DEC STD 070, as xterm and its kind read it. */
#ifndef SL_TUI_GRAPHICS_H
#define SL_TUI_GRAPHICS_H

#include "sluice/mem.h"

/* h × w pixels of three bytes, shown at the cursor in rows × columns cells, under number `id` (above 0). The cursor
 * stays. Nothing is answered. */
void graphics_kitty(struct sl_buf *out, const uint8_t *rgb, int h, int w, int rows, int columns, uint32_t id);
/* Bytes as text: RFC 4648. */
void graphics_base64(struct sl_buf *out, const uint8_t *at, size_t n);
/* Take it away. */
void graphics_kitty_gone(struct sl_buf *out, uint32_t id);
/* At the cursor, in at most 216 colours, dithered. */
void graphics_sixel(struct sl_buf *out, const uint8_t *rgb, int h, int w);

/* What is sent to find out; terminals answer in this order. The last is answered by every terminal. */
extern const char graphics_question[];
struct graphics_answer {
    bool kitty, sixel;
    int cell_h, cell_w; /* pixels; 0: not said */
    bool over;          /* the last answer is there */
};
/* Read what came back so far. */
void graphics_read_answer(const char *bytes, size_t n, struct graphics_answer *out);
/* Bytes that are an answer at the beginning of these; 0: they are none. An answer that is not whole yet: all of them,
 * and *whole is false. */
size_t graphics_answer_length(const char *bytes, size_t n, bool *whole);
/* What is no answer, into kept[n]; how much that is. */
size_t graphics_typed(const char *bytes, size_t n, char *kept);

#endif
