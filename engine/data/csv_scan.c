/* csv_scan.c: where the quotes, delimiters and line ends of a text are.
 *
 * Cutting and parsing ask "where is the next quote, or line end?" for every few bytes or every few thousand. Both are
 * fast when the answers lie ready as bit masks: one comparison finds all the quotes of 32 bytes. Masks are made for a
 * stretch of 4 KB at a time, so that they stay in the nearest cache and the choice of the vector unit costs nothing.
 *
 * Method  masks of byte comparisons, and what is inside quotes as their running parity, as in Langdale and Lemire,
 * "Parsing gigabytes of JSON per second", 2019. A doubled quote closes and opens again at once, which comes to the
 * same. A quote that would open without a delimiter or line end before it is text: that shows in the masks, it is taken
 *         out, and the parity of its group made anew. */
#include "engine/data/csv.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

/* Bit i: is p[i] this byte? */
typedef uint64_t equals_64(const char *p, unsigned char byte);

/* A CR with an LF behind it is no end of its own. */
INLINE uint64_t line_ends(uint64_t lf, uint64_t cr, bool lf_follows)
{
    return lf | (cr & ~(lf >> 1 | (uint64_t)lf_follows << 63));
}

INLINE uint64_t fill_masks(equals_64 equals, const char *p, size_t groups, unsigned char quote, unsigned char delimiter,
                           bool lf_follows, uint64_t lines, struct sl_csv_masks *masks)
{
    for (size_t g = 0; g < groups; g++, p += 64) {
        uint64_t ends = equals(p, '\n'), cr = equals(p, '\r');
        if (cr) {
            ends = line_ends(ends, cr, g + 1 < groups ? p[64] == '\n' : lf_follows);
        }
        masks->quotes[g] = equals(p, quote);
        masks->ends[g] = ends;
        masks->lines[g] = lines;
        lines += (uint64_t)__builtin_popcountll(ends);
        masks->stops[g] = ends | equals(p, delimiter);
    }
    return lines;
}

/* Without vectors: eight bytes at a time. A byte of x is zero where the bytes are equal; the multiplication gathers the
 * flags of eight bytes into one (Warren, Hacker's Delight, 6-1 and 7-1). */
INLINE uint64_t equals_plain(const char *p, unsigned char byte)
{
    const uint64_t ones = 0x0101010101010101u, low = 0x7f7f7f7f7f7f7f7fu;
    uint64_t mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        const unsigned char *u = (const unsigned char *)p + (size_t)8 * i;
        uint64_t x = 0;
        for (unsigned k = 0; k < 8; k++) {
            x |= (uint64_t)u[k] << 8 * k;
        }
        x ^= ones * byte;
        uint64_t zero = ~(((x & low) + low) | x | low);
        mask |= ((zero >> 7) * 0x0102040810204080u >> 56) << 8 * i;
    }
    return mask;
}

uint64_t sl_csv_kernel_plain(const char *p, size_t groups, unsigned char quote, unsigned char delimiter,
                             bool lf_follows, uint64_t lines, struct sl_csv_masks *masks)
{
    return fill_masks(equals_plain, p, groups, quote, delimiter, lf_follows, lines, masks);
}

#if defined(__x86_64__)

INLINE uint64_t equals_sse2(const char *p, unsigned char byte)
{
    __m128i wanted = _mm_set1_epi8((char)byte);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)16 * i));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)) << 16 * i;
    }
    return mask;
}

static uint64_t kernel_sse2(const char *p, size_t groups, unsigned char quote, unsigned char delimiter, bool lf_follows,
                            uint64_t lines, struct sl_csv_masks *masks)
{
    return fill_masks(equals_sse2, p, groups, quote, delimiter, lf_follows, lines, masks);
}

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 static inline uint64_t equals_avx2(__m256i low, __m256i high, __m256i wanted)
{
    uint32_t first = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t second = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return first | (uint64_t)second << 32;
}

/* As fill_masks(), written out because a function for AVX2 is not taken into one that is for every machine. */
AVX2 static uint64_t kernel_avx2(const char *p, size_t groups, unsigned char quote, unsigned char delimiter,
                                 bool lf_follows, uint64_t lines, struct sl_csv_masks *masks)
{
    __m256i quotes = _mm256_set1_epi8((char)quote), delimiters = _mm256_set1_epi8((char)delimiter);
    __m256i lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
    for (size_t g = 0; g < groups; g++, p += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        uint64_t ends = equals_avx2(low, high, lf);
        __m256i any_cr = _mm256_or_si256(_mm256_cmpeq_epi8(low, cr), _mm256_cmpeq_epi8(high, cr));
        if (!_mm256_testz_si256(any_cr, any_cr)) {
            ends = line_ends(ends, equals_avx2(low, high, cr), g + 1 < groups ? p[64] == '\n' : lf_follows);
        }
        masks->quotes[g] = equals_avx2(low, high, quotes);
        masks->ends[g] = ends;
        masks->lines[g] = lines;
        lines += (uint64_t)__builtin_popcountll(ends);
        masks->stops[g] = ends | equals_avx2(low, high, delimiters);
    }
    return lines;
}

#endif

size_t sl_csv_kernels(sl_csv_kernel *out[3])
{
    size_t n = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) {
        out[n++] = kernel_avx2;
    }
    out[n++] = kernel_sse2;
#endif
    out[n++] = sl_csv_kernel_plain;
    return n;
}

void sl_csv_scan_init(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, const char *p, size_t n,
                      size_t at, uint64_t lines)
{
    sl_csv_kernel *kernels[3];
    sl_csv_kernels(kernels);
    scan->kernel = kernels[0];
    scan->p = p;
    scan->n = n;
    scan->from = scan->to = at;
    scan->lines = lines;
    scan->quoting = dialect->quote >= 0;
    scan->quote = dialect->quote < 0 ? '\n' : (unsigned char)dialect->quote;
    scan->delimiter = dialect->delimiter < 0 ? '\n' : (unsigned char)dialect->delimiter;
    scan->inside = 0;
    scan->may_open = 1;
}

/* Bit i: the number of bits set in x up to and with i is odd. */
static inline uint64_t parity(uint64_t x)
{
    for (unsigned shift = 1; shift < 64; shift *= 2) {
        x ^= x << shift;
    }
    return x;
}

/* Take from a group that has quotes what stands inside them. `inside` and `may_open` say what is true before it, and
 * become true behind it. */
static void settle_group(struct sl_csv_masks *masks, size_t g, uint64_t *inside, uint64_t *may_open)
{
    uint64_t quotes = masks->quotes[g], stops = masks->stops[g], within, closing, text;
    for (;; quotes &= ~(text & -text)) {   /* the first that is text; what comes behind it looks different without */
        within = parity(quotes) ^ *inside; /* an opening quote is, a closing one is not */
        closing = quotes & ~within;
        text = quotes & within & ~((stops | closing) << 1 | *may_open);
        if (!text) {
            break;
        }
    }
    *may_open = (stops | closing) >> 63;
    *inside = within >> 63 ? ~UINT64_C(0) : 0;
    masks->finals[g] = masks->ends[g] & ~within;
    masks->stops[g] = stops & ~within;
}

static void settle_quotes(struct sl_csv_scan *scan, size_t groups)
{
    struct sl_csv_masks *masks = &scan->masks;
    uint64_t inside = scan->inside, may_open = scan->may_open;
    if (!scan->quoting) {
        memcpy(masks->finals, masks->ends, groups * sizeof *masks->finals);
        return;
    }
    for (size_t g = 0; g < groups; g++) {
        if (masks->quotes[g]) {
            settle_group(masks, g, &inside, &may_open);
        } else {
            may_open = masks->stops[g] >> 63;
            masks->finals[g] = masks->ends[g] & ~inside;
            masks->stops[g] &= ~inside;
        }
    }
    scan->inside = inside;
    scan->may_open = may_open;
}

static void load_stretch(struct sl_csv_scan *scan)
{
    size_t left = scan->n - scan->to, groups = left / 64;
    groups = groups < SL_CSV_GROUPS ? groups : SL_CSV_GROUPS;
    scan->from = scan->to;
    if (groups) {
        scan->to += 64 * groups;
        bool lf_follows = scan->to < scan->n && scan->p[scan->to] == '\n';
        scan->lines = scan->kernel(scan->p + scan->from, groups, scan->quote, scan->delimiter, lf_follows, scan->lines,
                                   &scan->masks);
        settle_quotes(scan, groups);
        return;
    }
    char rest[64] = { 0 };
    memcpy(rest, scan->p + scan->from, left);
    scan->to = scan->n;
    scan->lines = scan->kernel(rest, 1, scan->quote, scan->delimiter, false, scan->lines, &scan->masks);
    settle_quotes(scan, 1);
}

void sl_csv_scan_move(struct sl_csv_scan *scan, size_t at)
{
    assert(at < scan->n && at >= scan->from);
    while (at >= scan->to) {
        load_stretch(scan);
    }
}

uint64_t sl_csv_lines(const char *p, size_t n, size_t after)
{
    struct sl_csv_dialect dialect = { .delimiter = -1, .quote = -1 };
    struct sl_csv_scan scan;
    if (n == 0) {
        return 0;
    }
    sl_csv_scan_init(&scan, &dialect, p, n + after, 0, 0);
    sl_csv_scan_move(&scan, n - 1);
    return sl_csv_lines_through(&scan, n - 1);
}
