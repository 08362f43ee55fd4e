/* text_lower.c: str.lower().
 *
 * Nearly all text is ASCII, or ASCII with a few accents: 32 bytes at a time are lowered and stored whole, whatever they
 * are; where one of them is not ASCII, the output is taken back to that place and the run of other characters is
 * lowered one by one from the table. Two mappings are rules: capital dotted I becomes two code points, and capital
 * sigma is final or not by its neighbours. Nothing grows by more than half (two bytes to three), so 3 * n + 16 bytes
 * leave room for stores that overshoot. Invalid bytes pass through unchanged.
 *
 * Source  CPython's do_lower() and handle_capital_sigma(); Unicode 14.0, table 3-17 (Final_Sigma). */
#include "engine/base/text_private.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))

/* Final sigma: a cased letter before it and none after it, looking past what is case-ignorable. */
static bool sigma_is_final(const unsigned char *p, size_t n, size_t at)
{
    unsigned flags = 0;
    for (size_t i = at; i > 0;) {
        size_t length = 1;
        while (length < 4 && length < i && (p[i - length] & 0xc0) == 0x80)
            length++;
        i -= length;
        flags = sl_utf8_sequence(p + i, length) == length ? sl_text_record(sl_utf8_code(p + i, length))->flags : 0;
        if (!(flags & SL_TEXT_IGNORABLE))
            break;
    }
    if (!(flags & SL_TEXT_CASED))
        return false;
    for (size_t i = at + 2; i < n;) {
        size_t length = sl_utf8_sequence(p + i, n - i);
        flags = length ? sl_text_record(sl_utf8_code(p + i, length))->flags : 0;
        if (!(flags & SL_TEXT_IGNORABLE))
            return !(flags & SL_TEXT_CASED);
        i += length;
    }
    return true;
}

/* The two mappings that are rules. Returns the bytes written. */
static size_t lower_special(const unsigned char *p, size_t n, size_t at, uint32_t code, char *out)
{
    if (code == 0x130) {
        memcpy(out, "i\xcc\x87", 3);
        return 3;
    }
    return sl_utf8_encode(sigma_is_final(p, n, at) ? 0x3c2 : 0x3c3, out);
}

/* Lower the run of characters at p[i] that are not ASCII. Returns where it ends; *written grows by what was written. */
static size_t lower_others(const char *text, size_t n, size_t i, char *out, size_t *written)
{
    const unsigned char *p = (const unsigned char *)text;
    char *to = out + *written;
    while (i < n && p[i] >= 0x80) {
        size_t length = sl_utf8_sequence(p + i, n - i);
        if (length == 0) {
            *to++ = (char)p[i++];
            continue;
        }
        uint32_t code = sl_utf8_code(p + i, length);
        const struct sl_text_record *record = sl_text_record(code);
        uint32_t lower = (uint32_t)((int32_t)code + record->lower);
        if (record->flags & SL_TEXT_SPECIAL) {
            to += lower_special(p, n, i, code, to);
        } else if (length == 2 && lower >= 0x80 && lower < 0x800) { /* no branch on whether it was a capital */
            *to++ = (char)(0xc0 | lower >> 6);
            *to++ = (char)(0x80 | (lower & 63));
        } else if (lower == code) {
            memcpy(to, p + i, length);
            to += length;
        } else {
            to += sl_utf8_encode(lower, to);
        }
        i += length;
    }
    *written = (size_t)(to - out);
    return i;
}

static inline char lower_byte(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* The rest from p[i] on, eight bytes at a time. Returns the bytes written in all. */
static size_t lower_rest(const char *p, size_t n, size_t i, char *out, size_t written)
{
    while (i < n) {
        uint64_t word;
        if (n - i >= 8 && (memcpy(&word, p + i, 8), (word & EACH(0x80)) == 0)) {
            /* The top bit of a byte: it is ≥ 'A', less those > 'Z'; moved to 0x20. */
            uint64_t upper = (word + EACH(0x80 - 'A')) & ~(word + EACH(0x80 - 'Z' - 1)) & EACH(0x80);
            word |= upper >> 2;
            memcpy(out + written, &word, 8);
            i += 8;
            written += 8;
            continue;
        }
        if ((unsigned char)p[i] >= 0x80)
            i = lower_others(p, n, i, out, &written);
        else
            out[written++] = lower_byte(p[i++]);
    }
    return written;
}

size_t sl_text_lower_plain(const char *p, size_t n, char *out)
{
    return lower_rest(p, n, 0, out, 0);
}

#if defined(__x86_64__)

__attribute__((target("avx2"))) static size_t lower_avx2(const char *p, size_t n, char *out)
{
    const __m256i before_a = _mm256_set1_epi8('A' - 1), after_z = _mm256_set1_epi8('Z' + 1);
    const __m256i bit = _mm256_set1_epi8(0x20);
    size_t i = 0, written = 0;
    while (n - i >= 32) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)(p + i));
        __m256i upper = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, before_a), _mm256_cmpgt_epi8(after_z, bytes));
        __m256i lower = _mm256_or_si256(bytes, _mm256_and_si256(upper, bit));
        _mm256_storeu_si256((__m256i *)(void *)(out + written), lower);
        unsigned others = (unsigned)_mm256_movemask_epi8(bytes);
        size_t ascii = others ? (size_t)__builtin_ctz(others) : 32;
        i += ascii;
        written += ascii;
        if (others)
            i = lower_others(p, n, i, out, &written);
    }
    return lower_rest(p, n, i, out, written);
}

#endif

size_t sl_text_lower(const char *p, size_t n, char *out)
{
#if defined(__x86_64__)
    if (n >= 32 && __builtin_cpu_supports("avx2"))
        return lower_avx2(p, n, out);
#endif
    return sl_text_lower_plain(p, n, out);
}
