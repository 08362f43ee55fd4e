/* cpu_gather.c: rows that lie anywhere in memory, side by side as floats.
 *
 * Rows are met in random order, so the next ones are asked for from memory while one is converted. */
#include "engine/device/cpu.h"

#include <string.h>

enum { AHEAD = 4, LINE = 64, ASK_MOST = 2048, PART = 16 };

static void ask_for(const char *at, size_t bytes)
{
    bytes = bytes < ASK_MOST ? bytes : ASK_MOST; /* of long rows the processor guesses the rest */
    for (size_t k = 0; k < bytes; k += LINE)
        __builtin_prefetch(at + k);
}

void sl_cpu_gather_part(const struct sl_places *places, size_t first, size_t n, size_t from, size_t width,
                        size_t columns, float *x)
{
    const void *const *row = places->row + first;
    size_t size = places->bytes ? 1 : sizeof *x;
    x += first * columns + from;
    for (size_t i = 0; i < AHEAD && i < n; i++)
        ask_for((const char *)row[i] + from * size, width * size);
    for (size_t i = 0; i < n; i++, x += columns) {
        const char *at = (const char *)row[i] + from * size;
        if (i + AHEAD < n)
            ask_for((const char *)row[i + AHEAD] + from * size, width * size);
        if (places->bytes)
            sl_bytes_to_floats(width, (const uint8_t *)at, places->scale, places->offset, x);
        else
            memcpy(x, at, width * size);
    }
}

struct gather {
    const struct sl_places *places;
    size_t rows, columns;
    float *x;
};

static void part(void *ctx, size_t i, int worker)
{
    const struct gather *g = ctx;
    size_t first = i * PART, n = g->rows - first < PART ? g->rows - first : PART;
    (void)worker;
    sl_cpu_gather_part(g->places, first, n, 0, g->columns, g->columns, g->x);
}

void sl_cpu_gather(struct sl_device *d, const struct sl_places *from, size_t rows, size_t columns, float *x)
{
    struct gather gather = { from, rows, columns, x };
    sl_cpu_for(d, rows * columns, (rows + PART - 1) / PART, part, &gather);
}
