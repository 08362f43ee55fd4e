/* bytes.c: bytes into floats: a product and a sum, rounded one after the other on every processor. */
#include "sluice/device.h"

static void portable(size_t n, const uint8_t *bytes, float scale, float offset, float *x)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)bytes[i] * scale + offset;
}

#if defined(__x86_64__)
#include <immintrin.h>

__attribute__((target("avx2"))) static void by_8(size_t n, const uint8_t *bytes, float scale, float offset, float *x)
{
    __m256 a = _mm256_set1_ps(scale), b = _mm256_set1_ps(offset);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m256 low = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(v));
        __m256 high = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(v, 8)));
        _mm256_storeu_ps(x + i, _mm256_add_ps(_mm256_mul_ps(low, a), b));
        _mm256_storeu_ps(x + i + 8, _mm256_add_ps(_mm256_mul_ps(high, a), b));
    }
    portable(n - i, bytes + i, scale, offset, x + i);
}

__attribute__((target("avx512f"))) static void by_16(size_t n, const uint8_t *bytes, float scale, float offset,
                                                     float *x)
{
    __m512 a = _mm512_set1_ps(scale), b = _mm512_set1_ps(offset);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        __m512 f = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(v));
        _mm512_storeu_ps(x + i, _mm512_add_ps(_mm512_mul_ps(f, a), b));
    }
    portable(n - i, bytes + i, scale, offset, x + i);
}

void sl_bytes_to_floats(size_t n, const uint8_t *bytes, float scale, float offset, float *x)
{
    if (__builtin_cpu_supports("avx512f"))
        by_16(n, bytes, scale, offset, x);
    else if (__builtin_cpu_supports("avx2"))
        by_8(n, bytes, scale, offset, x);
    else
        portable(n, bytes, scale, offset, x);
}
#else
void sl_bytes_to_floats(size_t n, const uint8_t *bytes, float scale, float offset, float *x)
{
    portable(n, bytes, scale, offset, x);
}
#endif
