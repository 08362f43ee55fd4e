/* csv_put.c: cells as CSV (RFC 4180), fast: eight bytes at a time until the first that needs quotes, then by quotes. */
#include "output.h"

#include "sluice/chunk.h"

#include <math.h>
#include <stdio.h>

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Has one of the eight bytes the value c? (Bit tricks: Anderson, "Determine if a word has a zero byte".) */
static inline uint64_t has_byte(uint64_t word, unsigned char c)
{
    uint64_t x = word ^ (ONES * c);
    return (x - ONES) & ~x & HIGHS;
}

static bool needs_quotes(struct sl_str s)
{
    size_t i = 0;
    for (; i + 8 <= s.n; i += 8) {
        uint64_t word;
        memcpy(&word, s.p + i, sizeof word);
        if (has_byte(word, ',') | has_byte(word, '"') | has_byte(word, '\n') | has_byte(word, '\r'))
            return true;
    }
    for (; i < s.n; i++)
        if (s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r')
            return true;
    return false;
}

void csv_put_text(struct sl_buf *out, struct sl_str s)
{
    if (!s.n) {
        sl_buf_add(out, "\"\"", 2);
        return;
    }
    if (!needs_quotes(s)) {
        sl_buf_add(out, s.p, s.n);
        return;
    }
    const char *end = s.p + s.n;
    sl_buf_putc(out, '"');
    for (const char *p = s.p; p < end;) {
        const char *quote = memchr(p, '"', (size_t)(end - p));
        const char *stop = quote ? quote + 1 : end;
        sl_buf_add(out, p, (size_t)(stop - p));
        if (quote)
            sl_buf_putc(out, '"');
        p = stop;
    }
    sl_buf_putc(out, '"');
}

void csv_put_cell(struct sl_buf *out, const struct sl_chunk *chunk, size_t column, uint32_t i)
{
    const struct sl_column *cells = &chunk->columns[column];
    if (!sl_valid(cells, i))
        return;
    switch (chunk->schema->fields[column].type) {
    case SL_TEXT: csv_put_text(out, cells->text[i]); return;
    case SL_NUMBER: {
        double x = cells->number[i];
        char text[32];
        if (fabs(x) < 1e15 && x == floor(x) && !(x == 0 && signbit(x)))
            sl_buf_add(out, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)x));
        else
            sl_cell_format(chunk, column, i, out);
        return;
    }
    default: {
        struct sl_buf list = { 0 };
        sl_cell_format(chunk, column, i, &list);
        csv_put_text(out, (struct sl_str){ list.p, list.n });
        out->failed = out->failed || list.failed;
        sl_buf_release(&list);
    }
    }
}
