/* augment_floats.c: what comes after the affine transform: channel shift, brightness, rounding. */
#include "engine/image/ops_private.h"

#include <math.h>

static float held(float v, float least, float most)
{
    v = v > least ? v : least;
    return v < most ? v : most;
}

static void shift_portable(float *x, size_t n, float by)
{
    float least = x[0], most = x[0];
    for (size_t i = 1; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = held(x[i] + by, least, most);
    }
}

static void to_bytes_portable(const float *x, size_t n, uint8_t *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)nearbyintf(held(x[i], 0, 255));
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

AVX2 static float outermost(__m256 v, bool most)
{
    float lane[8];
    _mm256_storeu_ps(lane, v);
    float found = lane[0];
    for (int i = 1; i < 8; i++) {
        found = (most ? lane[i] > found : lane[i] < found) ? lane[i] : found;
    }
    return found;
}

AVX2 static void shift_avx2(float *x, size_t n, float by)
{
    __m256 low = _mm256_set1_ps(x[0]), high = low;
    size_t i = 0, whole = n / 8 * 8;
    for (; i < whole; i += 8) {
        __m256 v = _mm256_loadu_ps(x + i);
        low = _mm256_min_ps(low, v);
        high = _mm256_max_ps(high, v);
    }
    float least = outermost(low, false), most = outermost(high, true);
    for (; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        most = x[i] > most ? x[i] : most;
    }
    __m256 add = _mm256_set1_ps(by), floor = _mm256_set1_ps(least), ceiling = _mm256_set1_ps(most);
    for (i = 0; i < whole; i += 8) {
        __m256 v = _mm256_max_ps(_mm256_add_ps(_mm256_loadu_ps(x + i), add), floor);
        _mm256_storeu_ps(x + i, _mm256_min_ps(v, ceiling));
    }
    for (; i < n; i++) {
        x[i] = held(x[i] + by, least, most);
    }
}

AVX2 static __m256i eight_whole(const float *x)
{
    __m256 v = _mm256_max_ps(_mm256_loadu_ps(x), _mm256_setzero_ps());
    return _mm256_cvtps_epi32(_mm256_min_ps(v, _mm256_set1_ps(255)));
}

AVX2 static void to_bytes_avx2(const float *x, size_t n, uint8_t *out)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    size_t i = 0;
    for (; n - i >= 32; i += 32) {
        __m256i low = _mm256_packs_epi32(eight_whole(x + i), eight_whole(x + i + 8));
        __m256i high = _mm256_packs_epi32(eight_whole(x + i + 16), eight_whole(x + i + 24));
        __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), bytes);
    }
    to_bytes_portable(x + i, n - i, out + i);
}
#else
#define shift_avx2    shift_portable
#define to_bytes_avx2 to_bytes_portable
#endif

void sl_floats_shift(const struct sl_image_worker *worker, float *x, size_t n, float by)
{
    (sl_worker_avx2(worker) ? shift_avx2 : shift_portable)(x, n, by);
}

void sl_floats_to_bytes(const struct sl_image_worker *worker, const float *x, size_t n, uint8_t *out)
{
    (sl_worker_avx2(worker) ? to_bytes_avx2 : to_bytes_portable)(x, n, out);
}

void sl_floats_from_bytes(const uint8_t *bytes, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)bytes[i];
    }
}

void sl_floats_brighten(float *x, size_t n, uint32_t channels, double factor)
{
    float table[256];
    for (int v = 0; v < 256; v++) {
        table[v] = truncf(held((float)factor * (float)v, 0, 255));
    }
    bool alpha = channels % 2 == 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t whole = (uint8_t)held(x[i], 0, 255);
        x[i] = alpha && (i + 1) % channels == 0 ? (float)whole : table[whole];
    }
}
