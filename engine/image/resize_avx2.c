/* resize_avx2.c: the two passes of a resize with 32-byte vectors.
 *
 * Bytes are spread so that two neighbouring taps of a channel lie side by side as 16-bit numbers; one instruction then
 * multiplies both by their weights and adds. It is done once with the high parts of the weights and once with the low
 * ones (see resize_table.c), which makes the exact sum. Across: four rows at once, so that weights are loaded once,
 * four taps a load. Down: 32 bytes at once, whatever they belong to. */
#include "engine/image/ops_private.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { ROWS = 4, LOAD = 16 };

/* For each number of channels: taps 0 and 1, then taps 2 and 3, as words, channel after channel. −1 makes zero. */
#define W(a, b) (char)(a), -1, (char)(b), -1
static const char spread[4][2][LOAD] = {
    { { W(0, 1), W(-1, -1), W(-1, -1), W(-1, -1) }, { W(2, 3), W(-1, -1), W(-1, -1), W(-1, -1) } },
    { { W(0, 2), W(1, 3), W(-1, -1), W(-1, -1) }, { W(4, 6), W(5, 7), W(-1, -1), W(-1, -1) } },
    { { W(0, 3), W(1, 4), W(2, 5), W(-1, -1) }, { W(6, 9), W(7, 10), W(8, 11), W(-1, -1) } },
    { { W(0, 4), W(1, 5), W(2, 6), W(3, 7) }, { W(8, 12), W(9, 13), W(10, 14), W(11, 15) } },
};

struct sums {
    __m256i high, low;
};

AVX2 static inline void add_pairs(struct sums *s, __m256i words, __m256i high, __m256i low)
{
    s->high = _mm256_add_epi32(s->high, _mm256_madd_epi16(words, high));
    s->low = _mm256_add_epi32(s->low, _mm256_madd_epi16(words, low));
}

AVX2 static inline __m256i finished(struct sums s)
{
    __m256i sum = _mm256_add_epi32(_mm256_slli_epi32(s.high, RESIZE_LOW), s.low);
    return _mm256_srai_epi32(sum, RESIZE_BITS);
}

AVX2 static inline __m256i two_rows(const uint8_t *a, const uint8_t *b)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)a);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), _mm_loadu_si128((const __m128i *)(const void *)b), 1);
}

AVX2 static inline __m256i both(const int16_t *pair)
{
    int32_t two;
    memcpy(&two, pair, sizeof two);
    return _mm256_set1_epi32(two);
}

static inline void put(uint8_t *to, int32_t four)
{
    memcpy(to, &four, sizeof four);
}

/* Four rows, one below the other. */
struct four {
    const uint8_t *from;
    uint8_t *to;
    size_t from_stride, to_stride;
};

/* Two pairs of taps of four rows, or one. */
AVX2 static inline void across_group(struct sums s[2], const int16_t *pair, const uint8_t *p, size_t stride,
                                     const __m256i mask[2], bool second)
{
    __m256i bytes[2] = { two_rows(p, p + stride), two_rows(p + 2 * stride, p + 3 * stride) };
    __m256i high = both(pair), low = both(pair + 2);
    add_pairs(&s[0], _mm256_shuffle_epi8(bytes[0], mask[0]), high, low);
    add_pairs(&s[1], _mm256_shuffle_epi8(bytes[1], mask[0]), high, low);
    if (second) {
        high = both(pair + 4);
        low = both(pair + 6);
        add_pairs(&s[0], _mm256_shuffle_epi8(bytes[0], mask[1]), high, low);
        add_pairs(&s[1], _mm256_shuffle_epi8(bytes[1], mask[1]), high, low);
    }
}

AVX2 static inline void put_four(const struct sums s[2], uint8_t *to, size_t stride)
{
    __m256i words = _mm256_packs_epi32(finished(s[0]), finished(s[1]));
    __m256i bytes = _mm256_packus_epi16(words, words);
    put(to, _mm256_extract_epi32(bytes, 0));
    put(to + stride, _mm256_extract_epi32(bytes, 4));
    put(to + 2 * stride, _mm256_extract_epi32(bytes, 1));
    put(to + 3 * stride, _mm256_extract_epi32(bytes, 5));
}

/* Results 0 … end − 1 of four rows. */
AVX2 static void across_four(const struct resize_table *table, uint32_t channels, const struct four *rows, uint32_t end)
{
    const __m256i mask[2] = {
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)spread[channels - 1][0])),
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)spread[channels - 1][1])),
    };
    const size_t group_bytes = (size_t)RESIZE_GROUP * channels;
    const uint32_t pairs = table->pairs;
    for (uint32_t i = 0; i < end; i++) {
        const int16_t *pair = table->pair + (size_t)i * table->taps * 2;
        const uint8_t *p = rows->from + (size_t)table->first[i] * channels;
        struct sums s[2];
        s[0].high = s[1].high = _mm256_setzero_si256();
        s[0].low = s[1].low = _mm256_set1_epi32(1 << (RESIZE_BITS - 1));
        for (uint32_t k = 0; k < pairs; k += 2, pair += 8, p += group_bytes) {
            across_group(s, pair, p, rows->from_stride, mask, k + 1 < pairs);
        }
        put_four(s, rows->to + (size_t)i * channels, rows->to_stride);
    }
}

/* How many results of a row with `left` readable bytes can be made by whole loads. */
static uint32_t loadable(const struct resize_table *table, uint32_t channels, size_t left)
{
    uint32_t end = table->out;
    while (end > 0) {
        size_t last = ((size_t)table->first[end - 1] + table->taps - RESIZE_GROUP) * channels;
        if (last + LOAD <= left) {
            break;
        }
        end--;
    }
    return end;
}

void sl_resize_across_avx2(const struct resize_table *table, uint32_t channels, const struct resize_rows *from,
                           uint32_t n, uint8_t *to, size_t stride)
{
    if (n < ROWS) {
        sl_resize_across_portable(table, channels, from, n, to, stride);
        return;
    }
    for (uint32_t y = 0; y < n; y += ROWS) {
        y = y + ROWS > n ? n - ROWS : y; /* the last rows may be made twice */
        struct four rows = { from->bytes + y * from->stride, to + y * stride, from->stride, stride };
        uint32_t end = loadable(table, channels, (size_t)(from->end - rows.from) - (ROWS - 1) * from->stride);
        across_four(table, channels, &rows, end);
        for (uint32_t r = 0; end < table->out && r < ROWS; r++) {
            sl_resize_across_rest(table, channels, rows.from + r * from->stride, end, table->out, rows.to + r * stride);
        }
    }
}

/* 32 bytes of a result row; top is the first source row there. */
AVX2 static inline __m256i down_some(const int16_t *pair, uint32_t n, const uint8_t *top, size_t stride)
{
    struct sums s[4];
    for (int i = 0; i < 4; i++) {
        s[i].high = _mm256_setzero_si256();
        s[i].low = _mm256_set1_epi32(1 << (RESIZE_BITS - 1));
    }
    const __m256i zero = _mm256_setzero_si256();
    for (uint32_t k = 0; k < n; k += 2, pair += 4) {
        const uint8_t *p = top + k * stride, *q = k + 1 < n ? p + stride : p; /* an odd last one has weight 0 */
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)q);
        __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
        __m256i h = both(pair), l = both(pair + 2);
        add_pairs(&s[0], _mm256_unpacklo_epi8(low, zero), h, l);
        add_pairs(&s[1], _mm256_unpackhi_epi8(low, zero), h, l);
        add_pairs(&s[2], _mm256_unpacklo_epi8(high, zero), h, l);
        add_pairs(&s[3], _mm256_unpackhi_epi8(high, zero), h, l);
    }
    __m256i first = _mm256_packs_epi32(finished(s[0]), finished(s[1]));
    return _mm256_packus_epi16(first, _mm256_packs_epi32(finished(s[2]), finished(s[3])));
}

AVX2 void sl_resize_down_avx2(const struct resize_table *table, uint32_t row, const struct resize_rows *from,
                              uint32_t base, size_t bytes, uint8_t *to)
{
    enum { STEP = 32 };
    if (bytes < STEP) {
        sl_resize_down_rest(table, row, from, base, 0, bytes, to);
        return;
    }
    const uint8_t *top = from->bytes + (size_t)(table->first[row] - base) * from->stride;
    const int16_t *pair = table->pair + (size_t)row * table->taps * 2;
    uint32_t n = table->count[row];
    for (size_t x = 0; x < bytes; x += STEP) {
        x = x + STEP > bytes ? bytes - STEP : x; /* the last ones may be made twice */
        _mm256_storeu_si256((__m256i *)(void *)(to + x), down_some(pair, n, top + x, from->stride));
    }
}
#endif
