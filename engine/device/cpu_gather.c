/* cpu_gather.c: rows that lie anywhere in memory, side by side as floats.
 *
 * Bytes become floats by a product and a sum, rounded one after the other on every processor. Rows are met in random
 * order, so the next ones are asked for from memory while one is converted. */
#include "engine/device/cpu.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { AHEAD = 4, LINE = 64, ASK_MOST = 2048, PART = 16 };

/* n rows of bytes, `width` of each from `from` on. */
struct bytes {
    const void *const *row;
    size_t n, from, width;
    float scale, offset;
    float *x;
    size_t stride; /* of x */
};

static inline const uint8_t *row_of(const struct bytes *b, size_t i)
{
    const uint8_t *at = (const uint8_t *)b->row[i] + b->from;
    if (i + AHEAD < b->n) {
        const uint8_t *next = (const uint8_t *)b->row[i + AHEAD] + b->from;
        size_t most = b->width < ASK_MOST ? b->width : ASK_MOST; /* of long rows the processor guesses the rest */
        for (size_t k = 0; k < most; k += LINE)
            __builtin_prefetch(next + k);
    }
    return at;
}

static inline void one_by_one(const struct bytes *b, const uint8_t *at, float *x)
{
    for (size_t j = 0; j < b->width; j++)
        x[j] = (float)at[j] * b->scale + b->offset;
}

static void portable(const struct bytes *b)
{
    for (size_t i = 0; i < b->n; i++)
        one_by_one(b, row_of(b, i), b->x + i * b->stride);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void by_8(const struct bytes *b)
{
    __m256 scale = _mm256_set1_ps(b->scale), offset = _mm256_set1_ps(b->offset);
    size_t whole = b->width < 8 ? 0 : b->width, last = whole - 8; /* the last ones overlap those before */
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t *at = row_of(b, i);
        float *x = b->x + i * b->stride;
        for (size_t j = 0; j < whole; j += 8) {
            j = j < last ? j : last;
            __m128i v = _mm_loadl_epi64((const __m128i *)(const void *)(at + j));
            __m256 f = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(v));
            _mm256_storeu_ps(x + j, _mm256_add_ps(_mm256_mul_ps(f, scale), offset));
        }
        if (!whole)
            one_by_one(b, at, x);
    }
}

__attribute__((target("avx512f"))) static void by_16(const struct bytes *b)
{
    __m512 scale = _mm512_set1_ps(b->scale), offset = _mm512_set1_ps(b->offset);
    size_t whole = b->width < 16 ? 0 : b->width, last = whole - 16; /* the last ones overlap those before */
    for (size_t i = 0; i < b->n; i++) {
        const uint8_t *at = row_of(b, i);
        float *x = b->x + i * b->stride;
        for (size_t j = 0; j < whole; j += 16) {
            j = j < last ? j : last;
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + j));
            __m512 f = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(v));
            _mm512_storeu_ps(x + j, _mm512_add_ps(_mm512_mul_ps(f, scale), offset));
        }
        if (!whole)
            one_by_one(b, at, x);
    }
}
#endif

static void convert(const struct bytes *b)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        by_16(b);
        return;
    }
    if (__builtin_cpu_supports("avx2")) {
        by_8(b);
        return;
    }
#endif
    portable(b);
}

void sl_bytes_to_floats(size_t n, const uint8_t *bytes, float scale, float offset, float *x)
{
    const void *row = bytes;
    convert(&(struct bytes){ &row, 1, 0, n, scale, offset, x, n });
}

void sl_cpu_gather_part(const struct sl_places *places, size_t first, size_t n, size_t from, size_t width, float *x,
                        size_t stride)
{
    const void *const *row = places->row + first;
    if (places->bytes) {
        convert(&(struct bytes){ row, n, from, width, places->scale, places->offset, x, stride });
        return;
    }
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * stride, (const float *)row[i] + from, width * sizeof *x);
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
    sl_cpu_gather_part(g->places, first, n, 0, g->columns, g->x + first * g->columns, g->columns);
}

void sl_cpu_gather(struct sl_device *d, const struct sl_places *from, size_t rows, size_t columns, float *x)
{
    struct gather gather = { from, rows, columns, x };
    sl_cpu_for(d, rows * columns, (rows + PART - 1) / PART, part, &gather);
}
