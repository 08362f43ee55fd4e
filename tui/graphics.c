/* graphics.c: see graphics.h. */
#include "graphics.h"

#include "colour.h"

#include <stdlib.h>

/* A picture of one pixel that is only asked about; the size of a cell; what the terminal is. */
const char graphics_question[] = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[16t\033[c";

void graphics_base64(struct sl_buf *out, const uint8_t *at, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        uint32_t group = (uint32_t)at[i] << 16 | (i + 1 < n ? (uint32_t)at[i + 1] << 8 : 0) |
                         (i + 2 < n ? at[i + 2] : 0);
        sl_buf_putc(out, digits[group >> 18]);
        sl_buf_putc(out, digits[group >> 12 & 63]);
        sl_buf_putc(out, i + 1 < n ? digits[group >> 6 & 63] : '=');
        sl_buf_putc(out, i + 2 < n ? digits[group & 63] : '=');
    }
}

void graphics_kitty(struct sl_buf *out, const uint8_t *rgb, int h, int w, int rows, int columns, uint32_t id)
{
    enum { PART = 3072 }; /* 4096 of base64, the most a part may have */
    size_t n = (size_t)h * (size_t)w * 3;
    for (size_t at = 0; at < n; at += PART) {
        size_t part = n - at < PART ? n - at : PART;
        sl_buf_puts(out, "\033_G");
        if (at == 0)
            sl_buf_printf(out, "a=T,f=24,s=%d,v=%d,c=%d,r=%d,i=%u,q=2,C=1,", w, h, columns, rows, (unsigned)id);
        sl_buf_printf(out, "m=%d;", at + part < n);
        graphics_base64(out, rgb + at, part);
        sl_buf_puts(out, "\033\\");
    }
}

void graphics_kitty_gone(struct sl_buf *out, uint32_t id)
{
    sl_buf_printf(out, "\033_Ga=d,d=I,i=%u,q=2;\033\\", (unsigned)id);
}

/* Of six levels each. */
static int of_cube(const uint8_t rgb[3], int y, int x)
{
    uint8_t near[3];
    colour_dither(rgb, y, x, 51, near);
    return (near[0] + 25) / 51 * 36 + (near[1] + 25) / 51 * 6 + (near[2] + 25) / 51;
}

static void put_run(struct sl_buf *out, int bits, int n)
{
    char c = (char)(63 + bits);
    if (n > 3)
        sl_buf_printf(out, "!%d%c", n, c);
    else
        for (; n > 0; n--)
            sl_buf_putc(out, c);
}

/* Six rows of pixels, those of one colour. */
static void put_colour(struct sl_buf *out, const uint8_t *index, int rows, int w, int colour)
{
    int run = 0, last = 0;
    sl_buf_printf(out, "#%d", colour);
    for (int x = 0; x < w; x++) {
        int bits = 0;
        for (int y = 0; y < rows; y++)
            bits |= (index[(size_t)y * (size_t)w + (size_t)x] == colour) << y;
        if (bits != last) {
            put_run(out, last, run);
            run = 0;
        }
        last = bits;
        run++;
    }
    if (last)
        put_run(out, last, run);
}

static void put_band(struct sl_buf *out, const uint8_t *index, int rows, int w)
{
    bool used[216] = { 0 }, again = false;
    for (size_t i = 0; i < (size_t)rows * (size_t)w; i++)
        used[index[i]] = true;
    for (int c = 0; c < 216; c++)
        if (used[c]) {
            sl_buf_puts(out, again ? "$" : "");
            put_colour(out, index, rows, w, c);
            again = true;
        }
}

void graphics_sixel(struct sl_buf *out, const uint8_t *rgb, int h, int w)
{
    uint8_t *index = malloc((size_t)h * (size_t)w);
    bool used[216] = { 0 };
    if (!index) {
        out->failed = true;
        return;
    }
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            size_t at = (size_t)y * (size_t)w + (size_t)x;
            index[at] = (uint8_t)of_cube(rgb + at * 3, y, x);
            used[index[at]] = true;
        }
    sl_buf_printf(out, "\033P0;1q\"1;1;%d;%d", w, h);
    for (int c = 0; c < 216; c++)
        if (used[c])
            sl_buf_printf(out, "#%d;2;%d;%d;%d", c, c / 36 * 20, c / 6 % 6 * 20, c % 6 * 20);
    for (int y = 0; y < h; y += 6) {
        put_band(out, index + (size_t)y * (size_t)w, h - y < 6 ? h - y : 6, w);
        sl_buf_puts(out, y + 6 < h ? "-" : "");
    }
    sl_buf_puts(out, "\033\\");
    free(index);
}

/* The numbers of "CSI numbers final"; how many bytes it has, 0: it is not one, or not whole. */
static size_t read_numbers(const char *at, size_t n, int numbers[16], int *count, char *final)
{
    size_t i = 2;
    bool digit = false;
    *count = 0;
    if (n < 3 || at[0] != '\033' || at[1] != '[')
        return 0;
    i += at[i] == '?';
    for (; i < n && ((at[i] >= '0' && at[i] <= '9') || at[i] == ';'); i++) {
        if (at[i] == ';') {
            digit = false;
        } else if (*count < 16 || digit) {
            if (!digit)
                numbers[(*count)++] = 0;
            digit = true;
            int *last = &numbers[*count - 1];
            *last = *last < 100000 ? *last * 10 + (at[i] - '0') : *last;
        }
    }
    if (i == n)
        return 0;
    *final = at[i];
    return i + 1;
}

void graphics_read_answer(const char *bytes, size_t n, struct graphics_answer *out)
{
    static const char yes[] = "\033_Gi=31;OK";
    int numbers[16], count;
    char final;
    *out = (struct graphics_answer){ 0 };
    for (size_t i = 0; i < n; i++) {
        if (n - i >= sizeof yes - 1 && memcmp(bytes + i, yes, sizeof yes - 1) == 0)
            out->kitty = true;
        if (!read_numbers(bytes + i, n - i, numbers, &count, &final))
            continue;
        if (final == 't' && count == 3 && numbers[0] == 6) {
            out->cell_h = numbers[1];
            out->cell_w = numbers[2];
        } else if (final == 'c' && bytes[i + 2] == '?') {
            out->over = true;
            for (int k = 1; k < count; k++)
                out->sixel |= numbers[k] == 4;
        }
    }
}

size_t graphics_answer_length(const char *bytes, size_t n, bool *whole)
{
    *whole = true;
    if (n >= 3 && memcmp(bytes, "\033_G", 3) == 0) {
        for (size_t i = 3; i + 1 < n; i++)
            if (bytes[i] == '\033' && bytes[i + 1] == '\\')
                return i + 2;
        *whole = false;
        return n;
    }
    if (n < 3 || bytes[0] != '\033' || bytes[1] != '[' || (bytes[2] != '?' && bytes[2] != '6'))
        return 0;
    for (size_t i = 3; i < n; i++)
        if (bytes[i] != ';' && (bytes[i] < '0' || bytes[i] > '9'))
            return bytes[i] == (bytes[2] == '?' ? 'c' : 't') ? i + 1 : 0;
    *whole = false;
    return n;
}

size_t graphics_typed(const char *bytes, size_t n, char *kept)
{
    size_t made = 0;
    for (size_t i = 0; i < n;) {
        bool whole;
        size_t answer = graphics_answer_length(bytes + i, n - i, &whole);
        if (answer)
            i += answer;
        else
            kept[made++] = bytes[i++];
    }
    return made;
}
