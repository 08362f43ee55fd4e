/* screen_cell.c: any bytes at all as cells that no terminal can take amiss.
 *
 * Control bytes are shown as the symbols made for them, invalid UTF-8 as U+FFFD, and what takes no column or turns the
 * direction of writing as a dot. A letter keeps up to two combining marks, so that accents and vowel signs read as they
 * should; of a pile of marks the rest is shown as dots, one each. Regional indicators are shown as their letters, since
 * terminals do not agree how wide a flag is; for the same reason variation selectors and skin tones are dots. */
#include "screen_cell.h"

#include "sluice/text.h"

#define DOT         "·"
#define MARKS       2
#define REPLACEMENT 0xfffd

static void set_glyph(struct cell *cell, const char *glyph)
{
    size_t n = strlen(glyph);
    memcpy(cell->glyph, glyph, n + 1);
}

/* Takes no column by itself, but belongs to the letter before it and is safe to send. */
static bool is_mark(uint32_t code)
{
    if (code < 0x300 || sl_utf8_width(code) != 0) {
        return false;
    }
    bool format = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                  (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb);
    bool selector = (code >= 0xfe00 && code <= 0xfe0f) || code >= 0xe0000 || code == 0x61c || code == 0x34f ||
                    (code >= 0x180b && code <= 0x180f);
    return !format && !selector;
}

static bool is_skin_tone(uint32_t code)
{
    return code >= 0x1f3fb && code <= 0x1f3ff;
}

static void control_glyph(uint32_t code, bool ascii, struct cell *cell)
{
    cell->symbol = true;
    if (ascii) {
        set_glyph(cell, ".");
    } else if (code == '\n') {
        set_glyph(cell, "↵");
    } else if (code == '\t') {
        set_glyph(cell, "⇥");
    } else if (code < 0x20 || code == 0x7f) {
        cell->glyph[sl_utf8_encode(code < 0x20 ? 0x2400 + code : 0x2421, cell->glyph)] = '\0';
    } else {
        set_glyph(cell, "�");
    }
}

/* One that may be sent, with the marks that follow it. */
static void plain_glyph(struct sl_str text, uint32_t code, struct cell *cell)
{
    size_t n = sl_utf8_encode(code, cell->glyph);
    for (int marks = 0; marks < MARKS && cell->bytes < text.n; marks++) {
        size_t length;
        uint32_t mark = sl_utf8_decode(text.p + cell->bytes, text.n - cell->bytes, &length);
        if (!is_mark(mark)) {
            break;
        }
        n += sl_utf8_encode(mark, cell->glyph + n);
        cell->bytes += length;
    }
    cell->glyph[n] = '\0';
}

/* What figures are written with has a stand-in of its own: a sign must not be lost. */
static char stand_in(uint32_t code)
{
    switch (code) {
    case 0x2212: return '-'; /* minus */
    case 0xd7: return 'x';   /* times */
    case 0xb0: return 'o';   /* degrees */
    default: return '\0';
    }
}

void cell_next(struct sl_str text, bool ascii, struct cell *cell)
{
    uint32_t code = (unsigned char)text.p[0];
    *cell = (struct cell){ .bytes = 1, .columns = 1 };
    if (code >= 0x80) {
        code = sl_utf8_decode(text.p, text.n, &cell->bytes);
    } else if (code >= 0x20 && code < 0x7f && (text.n == 1 || (unsigned char)text.p[1] < 0x80)) {
        cell->glyph[0] = (char)code;
        return;
    }
    int width = sl_utf8_width(code);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
        control_glyph(code, ascii, cell);
    } else if (ascii && code >= 0x80 && stand_in(code)) {
        cell->glyph[0] = stand_in(code);
    } else if (ascii && code >= 0x80) {
        cell->symbol = true;
        set_glyph(cell, "?");
    } else if (code >= 0x1f1e6 && code <= 0x1f1ff) {
        cell->symbol = true;
        cell->glyph[0] = (char)('A' + (code - 0x1f1e6));
    } else if (width <= 0 || is_skin_tone(code)) {
        cell->symbol = true;
        set_glyph(cell, DOT);
    } else {
        cell->columns = width;
        cell->symbol = code == REPLACEMENT;
        if (ascii) {
            cell->glyph[0] = (char)code;
        } else {
            plain_glyph(text, code, cell);
        }
    }
}

int cell_width(struct sl_str text, bool ascii)
{
    int columns = 0;
    struct cell cell;
    for (; text.n && columns < 1 << 24; text.p += cell.bytes, text.n -= cell.bytes) {
        cell_next(text, ascii, &cell);
        columns += cell.columns;
    }
    return columns;
}
