/* utf8.c: UTF-8 itself: validate, decode, encode, count, and how wide a code point is on a terminal.
 *
 * Validation looks at 32 bytes at once: three table look-ups by nibble name every error that two adjacent bytes can
 * show, and one comparison finds third and fourth bytes. An error only says "in these 64 bytes"; the plain validator
 * then finds the place. Lone ASCII costs one test per 64 bytes.
 *
 * Source  Keiser and Lemire, "Validating UTF-8 in less than one instruction per byte", 2021; Unicode 14.0, table 3-7;
 *         widths after Kuhn's wcwidth with utf8proc's data. Ambiguous-width characters count as 1. */
#include "engine/base/text_private.h"

#include <utf8proc.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define HIGH_BITS 0x8080808080808080u

size_t sl_utf8_ascii(const char *p, size_t n)
{
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        if (word & HIGH_BITS)
            break;
    }
    while (i < n && (unsigned char)p[i] < 0x80)
        i++;
    return i;
}

size_t sl_utf8_invalid_plain(const char *p, size_t n)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t i = 0;
    while (i < n) {
        if (u[i] < 0x80) {
            i += sl_utf8_ascii(p + i, n - i);
            continue;
        }
        size_t length = sl_utf8_sequence(u + i, n - i);
        if (length == 0)
            return i;
        i += length;
    }
    return n;
}

#if defined(__x86_64__)

/* One bit per kind of error; a pair of bytes is wrong when all three tables agree on a bit. CONTINUATIONS is no error
 * when a third or fourth byte is due. */
enum {
    TOO_SHORT = 1,       /* a lead byte, then no continuation */
    TOO_LONG = 2,        /* ASCII, then a continuation */
    OVERLONG_3 = 4,      /* e0 80..9f */
    TOO_LARGE = 8,       /* f4 90..bf, f5..ff 90..bf */
    SURROGATE = 16,      /* ed a0..bf */
    OVERLONG_2 = 32,     /* c0..c1 */
    TOO_LARGE_80 = 64,   /* f5..ff 80..8f */
    OVERLONG_4 = 64,     /* f0 80..8f */
    CONTINUATIONS = 128, /* two in a row */
    ANY = TOO_SHORT | TOO_LONG | CONTINUATIONS,
    LARGE = TOO_LARGE | TOO_LARGE_80,
    BYTE_8 = TOO_LONG | OVERLONG_2 | CONTINUATIONS | OVERLONG_3 | TOO_LARGE_80 | OVERLONG_4,
    BYTE_9 = TOO_LONG | OVERLONG_2 | CONTINUATIONS | OVERLONG_3 | TOO_LARGE,
    BYTE_AB = TOO_LONG | OVERLONG_2 | CONTINUATIONS | SURROGATE | TOO_LARGE,
};

static const uint8_t first_high[16] = {
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    TOO_LONG,
    CONTINUATIONS,
    CONTINUATIONS,
    CONTINUATIONS,
    CONTINUATIONS,
    TOO_SHORT | OVERLONG_2,
    TOO_SHORT,
    TOO_SHORT | OVERLONG_3 | SURROGATE,
    TOO_SHORT | LARGE | OVERLONG_4,
};
static const uint8_t first_low[16] = {
    ANY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
    ANY | OVERLONG_2,
    ANY,
    ANY,
    ANY | TOO_LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE,
    ANY | LARGE | SURROGATE,
    ANY | LARGE,
    ANY | LARGE,
};
static const uint8_t second_high[16] = {
    TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
    BYTE_8,    BYTE_9,    BYTE_AB,   BYTE_AB,   TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
};
/* What the last three bytes of a block may be at most without wanting a continuation in the next. */
static const uint8_t last_complete[32] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,      255,      255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0xf0 - 1, 0xe0 - 1, 0xc0 - 1,
};

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i load32(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

AVX2 static inline __m256i look_up(const uint8_t table[16], __m256i nibbles)
{
    __m256i twice = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)table));
    return _mm256_shuffle_epi8(twice, nibbles);
}

/* Non-zero bytes where `block`, coming after `before`, is wrong. */
AVX2 static inline __m256i block_errors(__m256i block, __m256i before)
{
    __m256i nibble = _mm256_set1_epi8(15);
    __m256i joint = _mm256_permute2x128_si256(before, block, 0x21);
    __m256i back1 = _mm256_alignr_epi8(block, joint, 15);
    __m256i back2 = _mm256_alignr_epi8(block, joint, 14);
    __m256i back3 = _mm256_alignr_epi8(block, joint, 13);
    __m256i pairs = look_up(first_high, _mm256_and_si256(_mm256_srli_epi16(back1, 4), nibble));
    pairs = _mm256_and_si256(pairs, look_up(first_low, _mm256_and_si256(back1, nibble)));
    pairs = _mm256_and_si256(pairs, look_up(second_high, _mm256_and_si256(_mm256_srli_epi16(block, 4), nibble)));
    /* The top bit is left where the byte two back is ≥ e0 or the byte three back ≥ f0: a continuation is due. */
    __m256i third = _mm256_subs_epu8(back2, _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth = _mm256_subs_epu8(back3, _mm256_set1_epi8(0xf0 - 0x80));
    __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)0x80));
    return _mm256_xor_si256(due, pairs);
}

/* Valid up to at least the place returned, which starts a character; n when all is valid. */
AVX2 static size_t valid_until_avx2(const char *p, size_t n)
{
    __m256i before = _mm256_setzero_si256(), complete = load32(last_complete);
    size_t i = 0;
    for (; n - i >= 64; i += 64) {
        __m256i a = load32(p + i), b = load32(p + i + 32), errors;
        if (_mm256_movemask_epi8(_mm256_or_si256(a, b)) == 0)
            errors = _mm256_subs_epu8(before, complete);
        else
            errors = _mm256_or_si256(block_errors(a, before), block_errors(b, a));
        if (!_mm256_testz_si256(errors, errors))
            goto wrong;
        before = b;
    }
    char rest[64] = { 0 };
    memcpy(rest, p + i, n - i);
    __m256i a = load32(rest), b = load32(rest + 32);
    __m256i errors = _mm256_or_si256(block_errors(a, before), block_errors(b, a));
    errors = _mm256_or_si256(errors, _mm256_subs_epu8(b, complete));
    if (_mm256_testz_si256(errors, errors))
        return n;
wrong: /* a character may have begun up to three bytes before this block */
    for (size_t back = i < 3 ? i : 3; back > 0; back--) {
        if (((unsigned char)p[i - back] & 0xc0) != 0x80)
            return i - back;
    }
    return i;
}

#endif

size_t sl_utf8_invalid(const char *p, size_t n)
{
    size_t start = 0;
#if defined(__x86_64__)
    if (n >= 32 && __builtin_cpu_supports("avx2"))
        start = valid_until_avx2(p, n);
    if (start == n)
        return n;
#endif
    return start + sl_utf8_invalid_plain(p + start, n - start);
}

uint32_t sl_utf8_decode(const char *p, size_t n, size_t *length)
{
    const unsigned char *u = (const unsigned char *)p;
    size_t bytes = sl_utf8_sequence(u, n);
    *length = bytes ? bytes : 1;
    return bytes ? sl_utf8_code(u, bytes) : 0xfffd;
}

size_t sl_utf8_encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        code = 0xfffd;
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 63));
    out[2] = (char)(0x80 | (code >> 6 & 63));
    out[3] = (char)(0x80 | (code & 63));
    return 4;
}

/* Every byte but a continuation (10xxxxxx) starts a character. */
size_t sl_utf8_length(const char *p, size_t n)
{
    size_t continuations = 0, i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        uint64_t ones = (word & ~(word << 1) & HIGH_BITS) >> 7;
        continuations += (size_t)(ones * 0x0101010101010101u >> 56); /* their sum, in the top byte */
    }
    for (; i < n; i++)
        continuations += ((unsigned char)p[i] & 0xc0) == 0x80;
    return n - continuations;
}

int sl_utf8_width(uint32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0))
        return -1;
    if (code < 0x300)
        return 1;
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code == 0x2028 || code == 0x2029)
        return -1;
    if ((code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff))
        return 0; /* vowels and finals of a Hangul syllable join its initial */
    if ((code >= 0x600 && code <= 0x605) || code == 0x6dd || code == 0x70f || code == 0x890 || code == 0x891 ||
        code == 0x8e2 || code == 0x110bd || code == 0x110cd)
        return 1; /* signs of format that show: they enclose the number that follows */
    switch (utf8proc_category((utf8proc_int32_t)code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF: return 0;
    default: return utf8proc_charwidth((utf8proc_int32_t)code) == 2 ? 2 : 1;
    }
}
