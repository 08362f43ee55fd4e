/* vector_avx512.h: vectors of 16 floats, for processors with AVX-512 (F and DQ). See vector_portable.h. */
#ifndef SLUICE_DEVICE_VECTOR_AVX512_H
#define SLUICE_DEVICE_VECTOR_AVX512_H

#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <stdint.h>

#define V_READY
#define V_TARGET __attribute__((target("avx512f,avx512dq,avx2,fma")))
#define V_INLINE static inline __attribute__((always_inline, unused, target("avx512f,avx512dq,avx2,fma")))
#define V_TABLE  sl_cpu_avx512
#define V_KIND   "avx512"
#define V_NAME   "AVX-512"
enum { V_WIDTH = 16 };
typedef float vf __attribute__((vector_size(64)));
typedef uint32_t vu __attribute__((vector_size(64)));
typedef __mmask16 vm;

V_INLINE vf v_set(float x)
{
    return _mm512_set1_ps(x);
}

V_INLINE vu v_words(uint32_t x)
{
    return (vu)_mm512_set1_epi32((int)x);
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
    return _mm512_loadu_ps(p);
}

V_INLINE void v_store(float *p, vf x)
{
    _mm512_storeu_ps(p, x);
}

V_INLINE vm v_first(size_t n)
{
    return (vm)((1u << n) - 1);
}

V_INLINE vf v_select(vm truth, vf yes, vf no)
{
    return _mm512_mask_blend_ps(truth, no, yes);
}

V_INLINE vf v_load_some(const float *p, size_t n, float rest)
{
    return _mm512_mask_loadu_ps(v_set(rest), v_first(n), p);
}

V_INLINE void v_store_some(float *p, size_t n, vf x)
{
    _mm512_mask_storeu_ps(p, v_first(n), x);
}

V_INLINE vm v_less(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

V_INLINE vm v_less_equal(vf a, vf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
}

V_INLINE vm v_words_less(vu a, vu b)
{
    return _mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b);
}

V_INLINE vf v_max(vf a, vf b)
{
    return _mm512_max_ps(a, b);
}

V_INLINE vf v_min(vf a, vf b)
{
    return _mm512_min_ps(a, b);
}

V_INLINE vf v_fma(vf a, vf b, vf c)
{
    return _mm512_fmadd_ps(a, b, c);
}

V_INLINE vf v_sqrt(vf a)
{
    return _mm512_sqrt_ps(a);
}

/* m/(√v + epsilon), within 2 units in the last place: from the processor's 14 bits of 1/√v and of 1/d by a step of
 * Newton each, a third of the time that its root and division take. */
V_INLINE vf v_over_root(vf m, vf v, vf epsilon)
{
    const vf half = _mm512_set1_ps(0.5f), two = _mm512_set1_ps(2);
    vf guess = _mm512_rsqrt14_ps(v), root = v * guess;
    root = _mm512_fmadd_ps(half * guess, _mm512_fnmadd_ps(root, root, v), root);
    /* 0 · ∞ where v is 0, and ∞ · 0 where it is infinite: the root is v itself */
    root = _mm512_mask_blend_ps(_mm512_fpclass_ps_mask(v, 0x3e), root, v);
    vf d = root + epsilon, inverse = _mm512_rcp14_ps(d);
    inverse = inverse * _mm512_fnmadd_ps(d, inverse, two);
    return m * inverse;
}

V_INLINE float v_total(vf a)
{
    __m256 y = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}

V_INLINE float v_highest(vf a)
{
    __m256 y = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}

V_INLINE void v_multiply(uint32_t by, vu a, vu *high, vu *low)
{
    __m512i b = _mm512_set1_epi32((int)by);
    __m512i even = _mm512_mul_epu32((__m512i)a, b);
    __m512i odd = _mm512_mul_epu32(_mm512_srli_epi64((__m512i)a, 32), b);
    *low = (vu)_mm512_mask_blend_epi32(0xaaaa, even, _mm512_slli_epi64(odd, 32));
    *high = (vu)_mm512_mask_blend_epi32(0xaaaa, _mm512_srli_epi64(even, 32), odd);
}

V_INLINE vu v_blocks(void)
{
    return (vu){ 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15 };
}

V_INLINE void v_turn(vu word[4])
{
    __m512i a = _mm512_unpacklo_epi32((__m512i)word[0], (__m512i)word[1]);
    __m512i b = _mm512_unpackhi_epi32((__m512i)word[0], (__m512i)word[1]);
    __m512i c = _mm512_unpacklo_epi32((__m512i)word[2], (__m512i)word[3]);
    __m512i d = _mm512_unpackhi_epi32((__m512i)word[2], (__m512i)word[3]);
    word[0] = (vu)_mm512_unpacklo_epi64(a, c);
    word[1] = (vu)_mm512_unpackhi_epi64(a, c);
    word[2] = (vu)_mm512_unpacklo_epi64(b, d);
    word[3] = (vu)_mm512_unpackhi_epi64(b, d);
}
#endif

#endif
