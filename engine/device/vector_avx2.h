/* vector_avx2.h: vectors of 8 floats, for processors with AVX2 and fused multiply-add. See vector_portable.h. */
#ifndef SLUICE_DEVICE_VECTOR_AVX2_H
#define SLUICE_DEVICE_VECTOR_AVX2_H

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#define V_READY
#define V_TARGET __attribute__((target("avx2,fma")))
#define V_INLINE static inline __attribute__((always_inline, unused, target("avx2,fma")))
#define V_TABLE  sl_cpu_avx2
#define V_KIND   "avx2"
#define V_NAME   "AVX2"
enum { V_WIDTH = 8 };
typedef float vf __attribute__((vector_size(32)));
typedef int32_t vm __attribute__((vector_size(32)));
typedef uint32_t vu __attribute__((vector_size(32)));

V_INLINE vf v_set(float x)
{
    return _mm256_set1_ps(x);
}

V_INLINE vu v_words(uint32_t x)
{
    return (vu)_mm256_set1_epi32((int)x);
}

V_INLINE vu v_bits(vf x)
{
    return (vu)x;
}

V_INLINE vf v_float(vu x)
{
    return (vf)x;
}

V_INLINE vf v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

V_INLINE void v_store(float *p, vf x)
{
    _mm256_storeu_ps(p, x);
}

V_INLINE vm v_first(size_t n)
{
    return (vm)_mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

V_INLINE vf v_select(vm truth, vf yes, vf no)
{
    return _mm256_blendv_ps(no, yes, (vf)truth);
}

V_INLINE vf v_load_some(const float *p, size_t n, float rest)
{
    vm first = v_first(n);
    return v_select(first, _mm256_maskload_ps(p, (__m256i)first), v_set(rest));
}

V_INLINE void v_store_some(float *p, size_t n, vf x)
{
    _mm256_maskstore_ps(p, (__m256i)v_first(n), x);
}

V_INLINE vm v_less(vf a, vf b)
{
    return (vm)_mm256_cmp_ps(a, b, _CMP_LT_OQ);
}

V_INLINE vm v_less_equal(vf a, vf b)
{
    return (vm)_mm256_cmp_ps(a, b, _CMP_LE_OQ);
}

V_INLINE vm v_words_less(vu a, vu b)
{
    return (vm)(a < b);
}

V_INLINE vf v_max(vf a, vf b)
{
    return _mm256_max_ps(a, b);
}

V_INLINE vf v_min(vf a, vf b)
{
    return _mm256_min_ps(a, b);
}

V_INLINE vf v_fma(vf a, vf b, vf c)
{
    return _mm256_fmadd_ps(a, b, c);
}

V_INLINE vf v_sqrt(vf a)
{
    return _mm256_sqrt_ps(a);
}

/* m/(√v + epsilon) */
V_INLINE vf v_over_root(vf m, vf v, vf epsilon)
{
    return m / (v_sqrt(v) + epsilon);
}

V_INLINE float v_total(vf a)
{
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

V_INLINE float v_highest(vf a)
{
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

V_INLINE void v_multiply(uint32_t by, vu a, vu *high, vu *low)
{
    __m256i b = _mm256_set1_epi32((int)by);
    __m256i even = _mm256_mul_epu32((__m256i)a, b);
    __m256i odd = _mm256_mul_epu32(_mm256_srli_epi64((__m256i)a, 32), b);
    *low = (vu)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
    *high = (vu)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

V_INLINE vu v_blocks(void)
{
    return (vu){ 0, 2, 4, 6, 1, 3, 5, 7 };
}

V_INLINE void v_turn(vu word[4])
{
    __m256i a = _mm256_unpacklo_epi32((__m256i)word[0], (__m256i)word[1]);
    __m256i b = _mm256_unpackhi_epi32((__m256i)word[0], (__m256i)word[1]);
    __m256i c = _mm256_unpacklo_epi32((__m256i)word[2], (__m256i)word[3]);
    __m256i d = _mm256_unpackhi_epi32((__m256i)word[2], (__m256i)word[3]);
    word[0] = (vu)_mm256_unpacklo_epi64(a, c);
    word[1] = (vu)_mm256_unpackhi_epi64(a, c);
    word[2] = (vu)_mm256_unpacklo_epi64(b, d);
    word[3] = (vu)_mm256_unpackhi_epi64(b, d);
}
#endif

#endif
