/* resize_pass.c: the two passes of a resize in plain C; what the vector code must agree with, bit for bit.
 *
 * A sum of 8-bit pixels and 22-bit weights of 1 in all fits 32 bits with two bits to spare, for filters that go below
 * zero. Sums are exact, so their order does not matter; only the rounding at the end does. */
#include "engine/image/ops_private.h"

static uint8_t rounded(int32_t sum)
{
    int32_t v = sum >> RESIZE_BITS;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

void sl_resize_across_rest(const struct resize_table *table, uint32_t channels, const uint8_t *row, uint32_t start,
                           uint32_t end, uint8_t *to)
{
    for (uint32_t i = start; i < end; i++) {
        const int32_t *weight = table->weight + (size_t)i * table->taps;
        const uint8_t *p = row + (size_t)table->first[i] * channels;
        uint32_t n = table->count[i];
        for (uint32_t c = 0; c < channels; c++) {
            int32_t sum = 1 << (RESIZE_BITS - 1);
            for (uint32_t k = 0; k < n; k++) {
                sum += p[(size_t)k * channels + c] * weight[k];
            }
            to[(size_t)i * channels + c] = rounded(sum);
        }
    }
}

void sl_resize_across_portable(const struct resize_table *table, uint32_t channels, const struct resize_rows *from,
                               uint32_t n, uint8_t *to, size_t stride)
{
    for (uint32_t y = 0; y < n; y++) {
        sl_resize_across_rest(table, channels, from->bytes + y * from->stride, 0, table->out, to + y * stride);
    }
}

void sl_resize_down_rest(const struct resize_table *table, uint32_t row, const struct resize_rows *from, uint32_t base,
                         size_t start, size_t end, uint8_t *to)
{
    const int32_t *weight = table->weight + (size_t)row * table->taps;
    const uint8_t *top = from->bytes + (size_t)(table->first[row] - base) * from->stride;
    uint32_t n = table->count[row];
    for (size_t x = start; x < end; x++) {
        int32_t sum = 1 << (RESIZE_BITS - 1);
        for (uint32_t k = 0; k < n; k++) {
            sum += top[k * from->stride + x] * weight[k];
        }
        to[x] = rounded(sum);
    }
}

void sl_resize_down_portable(const struct resize_table *table, uint32_t row, const struct resize_rows *from,
                             uint32_t base, size_t bytes, uint8_t *to)
{
    sl_resize_down_rest(table, row, from, base, 0, bytes, to);
}
