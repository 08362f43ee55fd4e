/* vector_portable.h: vectors of 4 floats in the compiler's own terms, for any processor.
 *
 * One of vector_portable.h, vector_avx2.h and vector_avx512.h comes before the other vector_*.h, which are written in
 * what it declares: vf (floats), vu (words), vm (a truth for each), V_WIDTH, and functions v_*. */
#ifndef SLUICE_DEVICE_VECTOR_PORTABLE_H
#define SLUICE_DEVICE_VECTOR_PORTABLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#define V_READY
#define V_TARGET
#define V_INLINE static inline __attribute__((always_inline, unused))
#define V_TABLE  sl_cpu_portable
#define V_KIND   "portable"
#define V_NAME   "portable code"
enum { V_WIDTH = 4 };
typedef float vf __attribute__((vector_size(16)));
typedef int32_t vm __attribute__((vector_size(16)));
typedef uint32_t vu __attribute__((vector_size(16)));

V_INLINE vf v_set(float x)
{
    return (vf){ x, x, x, x };
}

V_INLINE vu v_words(uint32_t x)
{
    return (vu){ x, x, x, x };
}

/* The bits, not the values. */
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
    vf x;
    memcpy(&x, p, sizeof x);
    return x;
}

V_INLINE void v_store(float *p, vf x)
{
    memcpy(p, &x, sizeof x);
}

/* The first n < V_WIDTH; the others are `rest`. */
V_INLINE vf v_load_some(const float *p, size_t n, float rest)
{
    vf x = v_set(rest);
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i];
    }
    return x;
}

V_INLINE void v_store_some(float *p, size_t n, vf x)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = x[i];
    }
}

V_INLINE vm v_less(vf a, vf b)
{
    return a < b;
}

V_INLINE vm v_less_equal(vf a, vf b)
{
    return a <= b;
}

V_INLINE vm v_words_less(vu a, vu b)
{
    return (vm)(a < b);
}

V_INLINE vf v_select(vm truth, vf yes, vf no)
{
    return (vf)((truth & (vm)yes) | (~truth & (vm)no));
}

/* The second where one is not a number. */
V_INLINE vf v_max(vf a, vf b)
{
    return v_select(b < a, a, b);
}

V_INLINE vf v_min(vf a, vf b)
{
    return v_select(a < b, a, b);
}

/* a·b + c, rounded once where the processor can. */
V_INLINE vf v_fma(vf a, vf b, vf c)
{
    return a * b + c;
}

V_INLINE vf v_sqrt(vf a)
{
    return (vf){ sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3]) };
}

/* m/(√v + epsilon) */
V_INLINE vf v_over_root(vf m, vf v, vf epsilon)
{
    return m / (v_sqrt(v) + epsilon);
}

/* Across the vector, by halves. */
V_INLINE float v_total(vf a)
{
    return (a[0] + a[2]) + (a[1] + a[3]);
}

V_INLINE float v_highest(vf a)
{
    float x = a[0] > a[2] ? a[0] : a[2], y = a[1] > a[3] ? a[1] : a[3];
    return x > y ? x : y;
}

/* High and low words of the products. */
V_INLINE void v_multiply(uint32_t by, vu a, vu *high, vu *low)
{
    for (int i = 0; i < V_WIDTH; i++) {
        uint64_t product = (uint64_t)by * a[i];
        (*high)[i] = (uint32_t)(product >> 32);
        (*low)[i] = (uint32_t)product;
    }
}

/* Which of V_WIDTH successive blocks of four words each place holds, so that v_turn need not cross lanes. */
V_INLINE vu v_blocks(void)
{
    return (vu){ 0, 1, 2, 3 };
}

/* word[w] holds word w of each block; afterwards word[k] holds words k·V_WIDTH … in the order of blocks. */
V_INLINE void v_turn(vu word[4])
{
    vu a = word[0], b = word[1], c = word[2], d = word[3];
    for (int k = 0; k < 4; k++) {
        word[k] = (vu){ a[k], b[k], c[k], d[k] };
    }
}

#endif
