/* digest_hash.c: the hash of cells: quick enough that recording every stage's output costs training nothing to speak
 * of.
 *
 * Short cells are XXH3-64 (Collet). Longer ones go through 16 lanes of 64 bits, 128 bytes a round, each lane
 * multiplied and folded before the next word is added; XXH3 of the lanes, bound to the length, is the hash. The lanes
 * are only to notice what differs by chance, not by intent. Both forms of the round give the same bits. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "digest_private.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { LANES = 16, ROUND = LANES * sizeof(uint64_t), SHORT = 240, LONG = 512 };
/* Odd primes; two, so that no half of a lane can be made up for by the other. */
#define LOW  UINT64_C(0x9e3779b1)
#define HIGH UINT64_C(0xc2b2ae3d)

/* What is looked at: a round at each of first, p, p + step … (n of them), last. */
struct look {
    const char *first, *p, *last;
    size_t n, step;
};
typedef uint64_t look_fn(const struct look *look, uint64_t length);

static uint64_t finish(const uint64_t lane[4])
{
    return digest_mix(lane[0] + lane[1] * UINT64_C(0x9e3779b97f4a7c15),
                      lane[2] + lane[3] * UINT64_C(0xd6e8feb86659fd93));
}

static uint64_t turn(uint64_t lane, uint64_t word)
{
    return ((lane & UINT32_MAX) * LOW + (lane >> 32) * HIGH) + word;
}

static void round_portable(uint64_t lane[LANES], const char *p)
{
    for (size_t k = 0; k < LANES; k++) {
        uint64_t word;
        memcpy(&word, p + k * sizeof word, sizeof word);
        lane[k] = turn(lane[k], word);
    }
}

static uint64_t look_portable(const struct look *look, uint64_t length)
{
    uint64_t lane[LANES];
    for (size_t k = 0; k < LANES; k++)
        lane[k] = length + k / 4;
    round_portable(lane, look->first);
    for (size_t i = 0; i < look->n; i++)
        round_portable(lane, look->p + i * look->step);
    round_portable(lane, look->last);
    for (size_t k = 4; k < LANES; k++)
        lane[k % 4] = turn(lane[k % 4], lane[k]);
    return finish(lane);
}

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i turn_avx2(__m256i lane, __m256i word)
{
    __m256i low = _mm256_mul_epu32(lane, _mm256_set1_epi64x((long long)LOW)),
            high = _mm256_mul_epu32(_mm256_srli_epi64(lane, 32), _mm256_set1_epi64x((long long)HIGH));
    return _mm256_add_epi64(_mm256_add_epi64(low, high), word);
}

AVX2 static inline __m256i word_avx2(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

AVX2 static uint64_t look_avx2(const struct look *look, uint64_t length)
{
    uint64_t lane[4];
    __m256i a = turn_avx2(_mm256_set1_epi64x((long long)length), word_avx2(look->first)),
            b = turn_avx2(_mm256_set1_epi64x((long long)length + 1), word_avx2(look->first + 32)),
            c = turn_avx2(_mm256_set1_epi64x((long long)length + 2), word_avx2(look->first + 64)),
            d = turn_avx2(_mm256_set1_epi64x((long long)length + 3), word_avx2(look->first + 96));
    const char *p = look->p;
    for (size_t i = 0; i <= look->n; i++, p += look->step) {
        p = i == look->n ? look->last : p;
        a = turn_avx2(a, word_avx2(p));
        b = turn_avx2(b, word_avx2(p + 32));
        c = turn_avx2(c, word_avx2(p + 64));
        d = turn_avx2(d, word_avx2(p + 96));
    }
    a = turn_avx2(turn_avx2(turn_avx2(a, b), c), d);
    _mm256_storeu_si256((__m256i *)(void *)lane, a);
    return finish(lane);
}
#endif

static look_fn *choose(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return look_avx2;
#endif
    return look_portable;
}

static uint64_t hash_whole(look_fn *look, const char *p, size_t n)
{
    if (n <= SHORT)
        return XXH3_64bits(n ? p : "", n);
    const struct look all = { p, p + ROUND, p + n - ROUND, n / ROUND - 1, ROUND };
    return look(&all, n);
}

uint64_t sl_digest_bytes(const void *p, size_t n)
{
    return hash_whole(choose(), p, n);
}

uint64_t sl_digest_bytes_portable(const void *p, size_t n)
{
    return hash_whole(look_portable, p, n);
}

uint64_t digest_glance(const void *text, size_t n, uint64_t record)
{
    const char *p = text;
    if (n <= LONG)
        return hash_whole(choose(), p, n);
    size_t skipped = (size_t)(record & 3) * ROUND;
    const struct look some = { p, p + skipped, p + n - ROUND, (n - skipped) / (4 * ROUND), 4 * ROUND };
    return choose()(&some, n);
}
