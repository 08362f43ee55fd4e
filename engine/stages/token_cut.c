/* token_cut.c: from bit masks to the words of the default pattern: two or more word characters, as many as there are.
 *
 * A word begins and ends where the mask changes. Words of one byte are taken out of the mask beforehand, so that
 * nothing is decided word by word; where the text is not ASCII, a word of one character may have several bytes and is
 * dropped at the end. Elements are cut in batches: what a batch needs does not grow with the text. */
#include "engine/stages/token.h"

#include "sluice/text.h"

static inline uint32_t lowest(uint64_t bits)
{
    return bits ? (uint32_t)__builtin_ctzll(bits) : 64; /* one instruction (tzcnt) where there is one */
}

/* Where the mask changes, as byte positions into spans[n…]. Eight are written at a time, needed or not, to save
 * branches. Returns the new n. */
static inline __attribute__((always_inline)) size_t cut_edges(struct sl_tokenizer *t, size_t end, size_t n)
{
    uint64_t inside = t->inside;
    uint64_t before = t->at ? t->word[t->at - 1] >> 63 : 0;
    for (size_t k = t->at; k < end; k++) {
        uint64_t word = t->word[k];
        uint64_t after = k < t->n / 64 ? t->word[k + 1] << 63 : 0;
        uint64_t runs = word & (word << 1 | before | word >> 1 | after);
        uint64_t edges = runs ^ (runs << 1 | inside);
        uint32_t base = (uint32_t)(k * 64), *to = t->spans + n;
        n += (size_t)__builtin_popcountll(edges);
        while (edges) {
            for (int i = 0; i < 8; i++) {
                to[i] = base + lowest(edges);
                edges &= edges - 1;
            }
            to += 8;
        }
        before = word >> 63;
        inside = runs >> 63;
    }
    t->inside = inside;
    t->at = end;
    return n;
}

#if defined(__x86_64__)
__attribute__((target("bmi,popcnt"))) static size_t cut_edges_bmi(struct sl_tokenizer *t, size_t end, size_t n)
{
    return cut_edges(t, end, n);
}
#endif

static size_t cut_edges_plain(struct sl_tokenizer *t, size_t end, size_t n)
{
    return cut_edges(t, end, n);
}

/* Is the span one character that is not ASCII? */
static bool single(const struct sl_tokenizer *t, uint32_t begin, uint32_t end)
{
    size_t length;
    if ((unsigned char)t->text[begin] < 0x80) {
        return false;
    }
    sl_utf8_decode(t->text + begin, t->n - begin, &length);
    return length == end - begin;
}

static size_t drop_singles(struct sl_tokenizer *t, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t begin = t->spans[2 * i], end = t->spans[2 * i + 1];
        if (!single(t, begin, end)) {
            t->spans[2 * kept] = begin;
            t->spans[2 * kept + 1] = end;
            kept++;
        }
    }
    return kept;
}

size_t sl_token_cut(struct sl_tokenizer *t)
{
    size_t elements = t->n / 64 + 1, n;
    do {
        size_t left = elements - t->at, batch = SL_TOKEN_BATCH / 64;
        size_t end = t->at + (left < batch ? left : batch);
        n = t->inside;
        t->spans[0] = t->open; /* a word the last batch began */
        if (t->at == end) {
            return 0;
        }
#if defined(__x86_64__)
        if (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("popcnt")) {
            n = cut_edges_bmi(t, end, n);
        } else
#endif
        {
            n = cut_edges_plain(t, end, n);
        }
        t->open = n & 1 ? t->spans[n - 1] : 0;
        n = t->ascii ? n / 2 : drop_singles(t, n / 2);
    } while (n == 0);
    return n;
}
