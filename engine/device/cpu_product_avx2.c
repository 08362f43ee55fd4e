/* cpu_product_avx2.c: products of small matrices with AVX2 and fused multiply-add. */
#if defined(__x86_64__)
#include "engine/device/cpu_product.h"

#include <immintrin.h>

#define TARGET                 __attribute__((target("avx2,fma")))
#define VECTOR                 __m256
#define MASK                   __m256i
#define WIDTH                  8
#define ROWS                   6
#define ZERO()                 _mm256_setzero_ps()
#define SPREAD(x)              _mm256_set1_ps(x)
#define LOAD(p)                _mm256_loadu_ps(p)
#define LOAD_PART(p, mask)     _mm256_maskload_ps(p, mask)
#define STORE_PART(p, mask, v) _mm256_maskstore_ps(p, mask, v)
#define FMA(a, b, c)           _mm256_fmadd_ps(a, b, c)
#define PART(n)                part(n)
#define SUM4(a, b, c, d)       sum4(a, b, c, d)
#define PRODUCT                sl_cpu_product_avx2

TARGET __attribute__((always_inline)) static inline __m256i part(size_t n)
{
    static const int32_t ones[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
    return _mm256_loadu_si256((const __m256i *)(const void *)(ones + 8 - n));
}

TARGET __attribute__((always_inline)) static inline __m128 sum4(__m256 a, __m256 b, __m256 c, __m256 d)
{
    __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
    return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

#include "engine/device/cpu_product_block.h"
#endif
