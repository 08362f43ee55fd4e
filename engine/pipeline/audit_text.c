/* audit_text.c: a record's text as numbers that can be compared by the million.
 *
 * Equal texts: 64-bit XXH3 of each text column, chained. Alike texts: simhash (Charikar, "Similarity estimation
 * techniques from rounding algorithms", 2002; for documents: Manku, Jain and Das Sarma, "Detecting near-duplicates for
 * web crawling", 2007): each bit is the majority, over all pairs of neighbouring words, of that bit of the pair's hash,
 * so that texts sharing most pairs differ in few bits. Words are runs of letters and digits, ASCII letters lowered; all
 * bytes above 127 count as letters.
 *
 * The votes are counted for all 64 bits at once, in binary, a plane of 64 bits for each binary digit. */
#include "audit_private.h"

#include "sluice/input.h"

#include <math.h>

enum { PLANES = 32, WORD = 64 };

struct votes {
    uint64_t plane[PLANES];
    uint64_t n;
};

static void vote(struct votes *v, uint64_t hash)
{
    v->n++;
    for (int p = 0; hash && p < PLANES; p++) {
        uint64_t carry = v->plane[p] & hash;
        v->plane[p] ^= hash;
        hash = carry;
    }
}

static uint64_t majority(const struct votes *v)
{
    uint64_t print = 0;
    for (int bit = 0; bit < 64; bit++) {
        uint64_t n = 0;
        for (int p = 0; p < PLANES; p++)
            n |= (v->plane[p] >> bit & 1) << p;
        print |= (uint64_t)(2 * n > v->n) << bit;
    }
    return print;
}

static const unsigned char lowered[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8',
    ['9'] = '9', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
    ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q',
    ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',
    ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',
    ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z'
};

static unsigned char letter(char c)
{
    unsigned char u = (unsigned char)c;
    return u < 0x80 ? lowered[u] : u;
}

/* Mix of two hashes: the step of SplitMix64 (Steele, Lea and Flood 2014). */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * UINT64_C(0x9e3779b97f4a7c15) + b;
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

/* Pairs of neighbouring words; a text of one word is that word. FNV-1a (Fowler, Noll, Vo) makes the words' hashes. */
static void vote_text(struct votes *v, struct sl_str text)
{
    uint64_t before = 0, word = 0;
    bool any = false, inside = false;
    for (size_t i = 0; i <= text.n; i++) {
        unsigned char c = i < text.n ? letter(text.p[i]) : 0;
        if (c) {
            word = ((inside ? word : UINT64_C(0xcbf29ce484222325)) ^ c) * UINT64_C(0x100000001b3);
            inside = true;
        } else if (inside) {
            if (any)
                vote(v, mix(before, word));
            before = word;
            any = true;
            inside = false;
        }
    }
    if (any && v->n == 0)
        vote(v, mix(0, before));
}

static uint64_t hash_label(const struct sl_chunk *chunk, size_t column, uint32_t i)
{
    struct sl_buf text = { 0 };
    const struct sl_column *cells = &chunk->columns[column];
    if (!sl_valid(cells, i) || (chunk->schema->fields[column].type == SL_NUMBER && isnan(cells->number[i])))
        return 0;
    sl_cell_format(chunk, column, i, &text);
    uint64_t hash = sl_hash64(text.n ? text.p : "", text.n);
    sl_buf_release(&text);
    return hash ? hash : 1;
}

bool sl_text_key_make(const struct sl_chunk *chunk, uint32_t i, const char *target, struct sl_text_key *key)
{
    struct votes votes = { 0 };
    bool any = false;
    *key = (struct sl_text_key){ .record = chunk->origin[i].record };
    for (size_t c = 0; c < chunk->schema->n; c++) {
        if (target && strcmp(chunk->schema->fields[c].name, target) == 0) {
            key->label = hash_label(chunk, c, i);
            continue;
        }
        if (chunk->schema->fields[c].type != SL_TEXT)
            continue;
        bool there = sl_valid(&chunk->columns[c], i);
        struct sl_str text = there ? chunk->columns[c].text[i] : (struct sl_str){ 0 };
        uint64_t chain[3] = { key->text, (uint64_t)text.n + there, sl_hash64(text.n ? text.p : "", text.n) };
        key->text = sl_hash64(chain, sizeof chain);
        vote_text(&votes, text);
        any |= text.n > 0;
    }
    key->print = majority(&votes);
    return any;
}
