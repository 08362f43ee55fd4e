/* screen.c: reading what libvterm shows. */
#include "term.h"

#include <stdlib.h>
#include <string.h>

VTermScreenCell term_cell(struct term *term, int y, int x)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof cell);
    if (!vterm_screen_get_cell(term->screen, (VTermPos){ .row = y, .col = x }, &cell))
        FAIL("there is no cell in row %d, column %d", y, x);
    return cell;
}

bool cell_coloured(const VTermScreenCell *cell)
{
    return !VTERM_COLOR_IS_DEFAULT_FG(&cell->fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell->bg);
}

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)((0xf0 << (4 - n) & 0xff) | code);
    return n;
}

const char *term_row(struct term *term, int y)
{
    static char row[16384];
    size_t n = 0, end = 0;
    for (int x = 0; x < term->columns && n + 32 < sizeof row; x++) {
        VTermScreenCell cell = term_cell(term, y, x);
        if (cell.chars[0] == (uint32_t)-1) /* the second column of a wide character */
            continue;
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            n += put_utf8(cell.chars[i], row + n);
        if (!cell.chars[0])
            row[n++] = ' ';
        if (row[n - 1] != ' ')
            end = n;
    }
    row[end] = '\0';
    return row;
}

char *term_text(struct term *term)
{
    size_t capacity = (size_t)term->rows * ((size_t)term->columns * 24 + 2) + 1, n = 0;
    char *text = malloc(capacity);
    if (!text)
        abort();
    for (int y = 0; y < term->rows; y++) {
        const char *row = term_row(term, y);
        size_t length = strlen(row);
        memcpy(text + n, row, length);
        n += length;
        text[n++] = '\n';
    }
    text[n] = '\0';
    return text;
}

int term_find(struct term *term, const char *text, int *column)
{
    for (int y = 0; y < term->rows; y++) {
        const char *row = term_row(term, y), *at = strstr(row, text);
        if (!at)
            continue;
        if (column) { /* cells before it: as many as characters, and one more for each wide one */
            *column = 0;
            for (const char *p = row; p<at; *column += term_cell(term, y, *column).width> 1 ? 2 : 1) {
                VTermScreenCell cell = term_cell(term, y, *column);
                char utf8[4];
                size_t n = 0;
                for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
                    n += put_utf8(cell.chars[i], utf8);
                p += n ? n : 1;
            }
        }
        return y;
    }
    return -1;
}

bool term_has(struct term *term, const char *text)
{
    return term_find(term, text, NULL) >= 0;
}
