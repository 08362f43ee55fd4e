/* token_mask.c: which bytes of a text belong to words, 64 at a time, as bit masks; and ASCII lower case on the way.
 *
 * Vector code (AVX2) is chosen at run time; the portable path looks each byte up. A byte that is not ASCII is only
 * marked as such here: whether its character is part of a word is asked of the table behind sl_is_word(), one by one.
 *
 * Method  classify by masks, then walk the edges: Lemire and Langdale 2019, "Parsing gigabytes of JSON per second" */
#include "engine/stages/token.h"

#include "sluice/text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static inline bool is_word_byte(unsigned char c)
{
    return (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10 || c == '_';
}

static inline unsigned char lower_byte(unsigned char c)
{
    return (unsigned)(c - 'A') < 26 ? (unsigned char)(c | 0x20) : c;
}

/* The masks of up to 64 bytes. */
static void mask_bytes(const char *p, size_t n, bool lower, char *out, uint64_t *word, uint64_t *other)
{
    uint64_t words = 0, others = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        words |= (uint64_t)is_word_byte(c) << i;
        others |= (uint64_t)(c >> 7) << i;
        out[i] = (char)(lower ? lower_byte(c) : c);
    }
    *word = words;
    *other = others;
}

bool sl_token_mask_plain(const char *p, size_t n, bool lower, char *out, uint64_t *word, uint64_t *other)
{
    uint64_t others = 0;
    for (size_t k = 0; k <= n / 64; k++) {
        size_t left = n - k * 64;
        mask_bytes(p + k * 64, left < 64 ? left : 64, lower, out + k * 64, &word[k], &other[k]);
        others |= other[k];
    }
    memset(out + n, 0, SL_TOKEN_PAD);
    return others == 0;
}

#if defined(__x86_64__)

/* Bytes of x strictly between two bounds, both of them ASCII: bytes ≥ 0x80 are negative, hence below. */
__attribute__((target("avx2"))) static inline __m256i between(__m256i x, char low, char high)
{
    return _mm256_and_si256(_mm256_cmpgt_epi8(x, _mm256_set1_epi8(low)), _mm256_cmpgt_epi8(_mm256_set1_epi8(high), x));
}

__attribute__((target("avx2"))) static inline uint32_t word_bits(__m256i x)
{
    __m256i letter = between(_mm256_or_si256(x, _mm256_set1_epi8(0x20)), 'a' - 1, 'z' + 1);
    __m256i digit = between(x, '0' - 1, '9' + 1);
    __m256i line = _mm256_cmpeq_epi8(x, _mm256_set1_epi8('_'));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(letter, digit), line));
}

__attribute__((target("avx2"))) static inline __m256i lowered(__m256i x)
{
    return _mm256_or_si256(x, _mm256_and_si256(between(x, 'A' - 1, 'Z' + 1), _mm256_set1_epi8(0x20)));
}

/* The masks of 64 bytes. */
__attribute__((target("avx2"))) static inline void mask_block(const char *p, bool lower, char *out, uint64_t *word,
                                                              uint64_t *other)
{
    const __m256i *from = (const __m256i *)(const void *)p;
    __m256i *to = (__m256i *)(void *)out;
    __m256i a = _mm256_loadu_si256(from), b = _mm256_loadu_si256(from + 1);
    *word = word_bits(a) | (uint64_t)word_bits(b) << 32;
    *other = (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
    _mm256_storeu_si256(to, lower ? lowered(a) : a);
    _mm256_storeu_si256(to + 1, lower ? lowered(b) : b);
}

__attribute__((target("avx2"))) static bool mask_avx2(const char *p, size_t n, bool lower, char *out, uint64_t *word,
                                                      uint64_t *other)
{
    uint64_t others = 0;
    size_t k = 0;
    for (; k < n / 64; k++) {
        mask_block(p + k * 64, lower, out + k * 64, &word[k], &other[k]);
        others |= other[k];
    }
    char last[64] = { 0 };
    memcpy(last, p + k * 64, n - k * 64);
    mask_block(last, lower, out + k * 64, &word[k], &other[k]);
    memset(out + n, 0, SL_TOKEN_PAD);
    return (others | other[k]) == 0;
}

#endif

bool sl_token_mask(const char *p, size_t n, bool lower, char *out, uint64_t *word, uint64_t *other)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        return mask_avx2(p, n, lower, out, word, other);
    }
#endif
    return sl_token_mask_plain(p, n, lower, out, word, other);
}

static void set_bits(uint64_t *mask, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        mask[i >> 6] |= UINT64_C(1) << (i & 63);
    }
}

void sl_token_mask_others(const char *p, size_t n, uint64_t *word, const uint64_t *other)
{
    size_t done = 0; /* bytes before this one belong to characters already seen */
    for (size_t k = 0; k <= n / 64; k++) {
        for (uint64_t bits = other[k]; bits; bits &= bits - 1) {
            size_t at = k * 64 + (size_t)__builtin_ctzll(bits), length;
            if (at < done) {
                continue;
            }
            uint32_t code = sl_utf8_decode(p + at, n - at, &length);
            if (sl_is_word(code)) {
                set_bits(word, at, length);
            }
            done = at + length;
        }
    }
}
