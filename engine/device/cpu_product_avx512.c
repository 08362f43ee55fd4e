/* cpu_product_avx512.c: products of small matrices with AVX-512. */
#if defined(__x86_64__)
#include "engine/device/cpu_product.h"

#include <immintrin.h>

#define TARGET                 __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define VECTOR                 __m512
#define MASK                   __mmask16
#define WIDTH                  16
#define ROWS                   12
#define ZERO()                 _mm512_setzero_ps()
#define SPREAD(x)              _mm512_set1_ps(x)
#define LOAD(p)                _mm512_loadu_ps(p)
#define LOAD_PART(p, mask)     _mm512_maskz_loadu_ps(mask, p)
#define STORE_PART(p, mask, v) _mm512_mask_storeu_ps(p, mask, v)
#define FMA(a, b, c)           _mm512_fmadd_ps(a, b, c)
#define PART(n)                ((__mmask16)((1u << (n)) - 1u))
#define SUM4(a, b, c, d)       sum4(a, b, c, d)
#define PRODUCT                sl_cpu_product_avx512

TARGET __attribute__((always_inline)) static inline __m256 halves(__m512 x)
{
    return _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
}

TARGET __attribute__((always_inline)) static inline __m128 sum4(__m512 a, __m512 b, __m512 c, __m512 d)
{
    __m256 ab = _mm256_hadd_ps(halves(a), halves(b)), cd = _mm256_hadd_ps(halves(c), halves(d));
    __m256 all = _mm256_hadd_ps(ab, cd);
    return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

#include "engine/device/cpu_product_block.h"
#endif
