/* affine_avx2.c: one row of an affine transform with vectors: coordinates four pixels at a time, samples pixel by
 * pixel, all channels of two neighbours at a time. Every operation is that of affine_row.c, in its order. */
#include "engine/image/ops_private.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { STEP = 4, LOAD = 8 };

AVX2 static inline __m256d truncated(__m256d v)
{
    return _mm256_round_pd(v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
}

/* mask ? a : b */
AVX2 static inline __m256d choose(__m256d mask, __m256d a, __m256d b)
{
    return _mm256_blendv_pd(b, a, mask);
}

AVX2 static inline __m256d less(__m256d a, __m256d b)
{
    return _mm256_cmp_pd(a, b, _CMP_LT_OQ);
}

AVX2 static inline __m256d negative(__m256d v)
{
    return _mm256_xor_pd(v, _mm256_set1_pd(-0.0));
}

AVX2 static inline __m256d reflected(__m256d v, __m256d length)
{
    const __m256d zero = _mm256_setzero_pd(), one = _mm256_set1_pd(1);
    __m256d period = _mm256_add_pd(length, length), minus = negative(v);
    __m256d whole = _mm256_mul_pd(period, truncated(_mm256_div_pd(minus, period)));
    __m256d below = choose(less(v, negative(period)), _mm256_add_pd(whole, v), v);
    below = choose(less(below, negative(length)), _mm256_add_pd(below, period), _mm256_sub_pd(negative(below), one));
    __m256d above = _mm256_sub_pd(v, _mm256_mul_pd(period, truncated(_mm256_div_pd(v, period))));
    __m256d turned = _mm256_sub_pd(_mm256_sub_pd(period, above), one);
    above = choose(less(above, length), above, turned);
    __m256d out = choose(less(_mm256_sub_pd(length, one), v), above, v);
    return choose(less(v, zero), below, out);
}

AVX2 static inline __m256d wrapped(__m256d v, __m256d length)
{
    const __m256d one = _mm256_set1_pd(1);
    __m256d period = _mm256_sub_pd(length, one);
    __m256d turns = _mm256_add_pd(truncated(_mm256_div_pd(negative(v), period)), one);
    __m256d below = _mm256_add_pd(v, _mm256_mul_pd(period, turns));
    __m256d above = _mm256_sub_pd(v, _mm256_mul_pd(period, truncated(_mm256_div_pd(v, period))));
    __m256d out = choose(less(period, v), above, v);
    return choose(less(v, _mm256_setzero_pd()), below, out);
}

/* Back into the picture, where any of the four is outside. */
AVX2 static inline __m256d folded(__m256d v, __m256d length, __m256d last, enum sl_fill_mode mode)
{
    __m256d outside = _mm256_or_pd(less(v, _mm256_setzero_pd()), less(last, v));
    if (mode < SL_FILL_REFLECT || !_mm256_movemask_pd(outside)) {
        return v;
    }
    return mode == SL_FILL_REFLECT ? reflected(v, length) : wrapped(v, length);
}

AVX2 static inline __m128i placed(__m256d v, uint32_t length, enum sl_fill_mode mode, float *way)
{
    __m256d last = _mm256_set1_pd((double)length - 1);
    v = folded(v, _mm256_set1_pd((double)length), last, mode);
    v = _mm256_min_pd(_mm256_max_pd(v, _mm256_setzero_pd()), last);
    __m256d at = _mm256_min_pd(truncated(v), _mm256_set1_pd((double)length - 2));
    _mm_storeu_ps(way, _mm256_cvtpd_ps(_mm256_sub_pd(v, at)));
    return _mm256_cvttpd_epi32(at);
}

AVX2 void sl_affine_place_avx2(const struct affine_map *map, const struct affine_picture *picture, uint32_t i,
                               uint32_t start, uint32_t end, const struct affine_row *row)
{
    __m256d y_row = _mm256_set1_pd(i * map->down[0]), x_row = _mm256_set1_pd(i * map->down[1]);
    __m128i line = _mm_set1_epi32((int)(picture->width * picture->channels));
    __m128i size = _mm_set1_epi32((int)picture->channels);
    uint32_t j = start;
    for (; end - j >= STEP && picture->width > 1 && picture->height > 1; j += STEP) {
        __m256d x = _mm256_add_pd(_mm256_set1_pd(j), _mm256_set_pd(3, 2, 1, 0));
        x = _mm256_add_pd(_mm256_set1_pd(map->first), _mm256_mul_pd(_mm256_set1_pd(map->step), x));
        __m256d y0 = _mm256_add_pd(y_row, _mm256_mul_pd(x, _mm256_set1_pd(map->across[0])));
        __m256d x0 = _mm256_add_pd(x_row, _mm256_mul_pd(x, _mm256_set1_pd(map->across[1])));
        y0 = _mm256_add_pd(y0, _mm256_set1_pd(map->offset[0]));
        x0 = _mm256_add_pd(x0, _mm256_set1_pd(map->offset[1]));
        __m128i up = placed(y0, picture->height, map->fill_mode, row->down + j);
        __m128i left = placed(x0, picture->width, map->fill_mode, row->across + j);
        __m128i at = _mm_add_epi32(_mm_mullo_epi32(up, line), _mm_mullo_epi32(left, size));
        _mm_storeu_si128((__m128i *)(void *)(row->at + j), at);
    }
    sl_affine_place_rest(map, picture, i, j, end, row);
}

/* Two neighbours of up to four channels as two times four floats; the bytes between them are left out. */
AVX2 static inline __m256i neighbours(const uint8_t *p, __m128i spread)
{
    return _mm256_cvtepu8_epi32(_mm_shuffle_epi8(_mm_loadl_epi64((const __m128i *)(const void *)p), spread));
}

AVX2 void sl_affine_sample_avx2(const struct affine_picture *picture, const struct affine_row *row, uint32_t start,
                                uint32_t end, float *out)
{
    static const char spreads[4][16] = {
        { 0, -1, -1, -1, 1, -1, -1, -1 },
        { 0, 1, -1, -1, 2, 3, -1, -1 },
        { 0, 1, 2, -1, 3, 4, 5, -1 },
        { 0, 1, 2, 3, 4, 5, 6, 7 },
    };
    const size_t channels = picture->channels, below = picture->below;
    __m128i spread = _mm_loadu_si128((const __m128i *)(const void *)spreads[channels - 1]);
    size_t last = picture->right && picture->bytes >= below + LOAD ? picture->bytes - below - LOAD : 0;
    size_t spare = 4 / channels + (4 % channels != 0) - 1; /* pixels whose store reaches beyond the row */
    for (uint32_t j = start; j < end; j++) {
        size_t at = row->at[j];
        float *to = out + j * channels;
        if (at > last || !last || end - j <= spare) {
            sl_affine_sample_one(picture, row, j, to);
            continue;
        }
        const uint8_t *p = picture->pixels + at;
        __m256i upper = neighbours(p, spread), lower = neighbours(p + below, spread);
        __m256 way =
            _mm256_mul_ps(_mm256_broadcast_ss(row->down + j), _mm256_cvtepi32_ps(_mm256_sub_epi32(lower, upper)));
        __m256 both = _mm256_add_ps(_mm256_cvtepi32_ps(upper), way);
        __m128 left = _mm256_castps256_ps128(both), right = _mm256_extractf128_ps(both, 1);
        __m128 step = _mm_mul_ps(_mm_broadcast_ss(row->across + j), _mm_sub_ps(right, left));
        _mm_storeu_ps(to, _mm_add_ps(left, step));
    }
}
#endif
