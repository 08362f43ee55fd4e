/* vocab.c: terms to ids and back; the innermost loop of every text encoder.
 *
 * Open addressing with linear probing over entries of 16 bytes, at most half full. A term of up to 8 bytes (most words)
 * lies in the entry itself, so that looking it up touches one cache line and compares one register. A longer one leaves
 * its 64-bit hash there, and its text is compared only when hash and length agree. Hash: a 64×64→128-bit multiplication
 * folded in two for up to 16 bytes (the step of wyhash, Wang Yi), XXH3 (Collet) beyond.
 *
 * Ids never depend on the hash. The hash has no secret seed: somebody who crafts terms that collide can make it slow,
 * never wrong. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sluice/vocab.h"

#include <assert.h>
#include <stdlib.h>

enum { SHORT = 8, TABLE_MIN = 1024 };

struct entry {
    uint64_t key;    /* the term itself when length ≤ SHORT, else its hash */
    uint32_t id;     /* SL_NO_TERM: free */
    uint32_t length; /* bytes */
};

struct term {
    const char *p; /* in the arena */
    uint32_t n;
};

struct sl_vocab {
    struct entry *table;
    uint64_t mask;
    struct term *terms;
    uint32_t n, capacity; /* of terms */
    struct sl_arena text;
};

int sl_vocab_new(struct sl_vocab **out, struct sl_error *err)
{
    struct sl_vocab *vocab = calloc(1, sizeof *vocab);
    struct entry *table = malloc(TABLE_MIN * sizeof *table);
    if (!vocab || !table) {
        free(vocab);
        free(table);
        return sl_fail_memory(err, "making a vocabulary");
    }
    memset(table, 0xff, TABLE_MIN * sizeof *table);
    vocab->table = table;
    vocab->mask = TABLE_MIN - 1;
    sl_arena_init(&vocab->text);
    *out = vocab;
    return SL_OK;
}

void sl_vocab_free(struct sl_vocab *vocab)
{
    if (!vocab) {
        return;
    }
    free(vocab->table);
    free(vocab->terms);
    sl_arena_release(&vocab->text);
    free(vocab);
}

uint32_t sl_vocab_size(const struct sl_vocab *vocab)
{
    return vocab->n;
}

static inline uint64_t load32(const char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap32(x);
#endif
    return x;
}

static inline uint64_t load64(const char *p)
{
    return load32(p) | load32(p + 4) << 32;
}

/* Up to 8 bytes as one number, little-endian, zeros behind. The loads overlap where n is no power of two: the bytes
 * read twice land on themselves. */
static inline uint64_t pack(const char *p, size_t n)
{
    if (n >= 4) {
        return load32(p) | load32(p + n - 4) << (8 * (n - 4));
    }
    if (n == 0) {
        return 0;
    }
    size_t middle = n / 2;
    return (uint64_t)(unsigned char)p[0] | (uint64_t)(unsigned char)p[middle] << (8 * middle) |
           (uint64_t)(unsigned char)p[n - 1] << (8 * (n - 1));
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Constants: the golden ratio and the first digits of pi, odd. */
static inline uint64_t hash_short(uint64_t key, uint64_t n)
{
    return fold(key ^ UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0x243f6a8885a308d3) + 2 * n);
}

static inline uint64_t hash_long(const char *p, size_t n)
{
    if (n <= 16) {
        uint64_t a = load64(p), b = load64(p + n - 8);
        return fold(a ^ UINT64_C(0x9e3779b97f4a7c15), b ^ (UINT64_C(0x243f6a8885a308d3) + 2 * n));
    }
    return XXH3_64bits(p, n);
}

/* What to look for, and from where. */
struct probe {
    uint64_t key, at;
};

static inline struct probe probe_of(struct sl_str term)
{
    if (term.n <= SHORT) {
        uint64_t key = pack(term.p, term.n);
        return (struct probe){ key, hash_short(key, term.n) };
    }
    uint64_t hash = hash_long(term.p, term.n);
    return (struct probe){ hash, hash };
}

/* The entry of the term, or the free one where it belongs. */
static inline struct entry *locate(const struct sl_vocab *vocab, struct sl_str term, struct probe probe)
{
    for (uint64_t at = probe.at & vocab->mask;; at = (at + 1) & vocab->mask) {
        struct entry *entry = &vocab->table[at];
        if (entry->id == SL_NO_TERM) {
            return entry;
        }
        if (entry->key == probe.key && entry->length == term.n &&
            (term.n <= SHORT || memcmp(vocab->terms[entry->id].p, term.p, term.n) == 0)) {
            return entry;
        }
    }
}

static bool grow_table(struct sl_vocab *vocab)
{
    size_t size = (size_t)vocab->mask + 1, bytes;
    if (!sl_mul(size, 2 * sizeof *vocab->table, &bytes)) {
        return false;
    }
    struct entry *table = malloc(bytes);
    if (!table) {
        return false;
    }
    memset(table, 0xff, bytes);
    uint64_t mask = 2 * size - 1;
    for (size_t i = 0; i < size; i++) {
        const struct entry *entry = &vocab->table[i];
        if (entry->id == SL_NO_TERM) {
            continue;
        }
        uint64_t at = entry->length <= SHORT ? hash_short(entry->key, entry->length) : entry->key;
        for (at &= mask; table[at].id != SL_NO_TERM; at = (at + 1) & mask) {}
        table[at] = *entry;
    }
    free(vocab->table);
    vocab->table = table;
    vocab->mask = mask;
    return true;
}

static bool grow_terms(struct sl_vocab *vocab)
{
    uint32_t capacity = vocab->capacity ? vocab->capacity * 2 : TABLE_MIN / 2;
    size_t bytes;
    if (capacity < vocab->capacity || !sl_mul(capacity, sizeof *vocab->terms, &bytes)) {
        return false;
    }
    struct term *terms = realloc(vocab->terms, bytes);
    if (!terms) {
        return false;
    }
    vocab->terms = terms;
    vocab->capacity = capacity;
    return true;
}

static __attribute__((noinline)) uint32_t insert(struct sl_vocab *vocab, struct sl_str term, struct probe probe,
                                                 struct entry *entry)
{
    if (term.n >= UINT32_MAX || (vocab->n == vocab->capacity && !grow_terms(vocab))) {
        return SL_NO_TERM;
    }
    if (2 * ((uint64_t)vocab->n + 1) > vocab->mask) {
        if (!grow_table(vocab)) {
            return SL_NO_TERM;
        }
        entry = locate(vocab, term, probe);
    }
    const char *copy = sl_arena_strndup(&vocab->text, term.p, term.n);
    if (!copy) {
        return SL_NO_TERM;
    }
    uint32_t id = vocab->n++;
    vocab->terms[id] = (struct term){ copy, (uint32_t)term.n };
    *entry = (struct entry){ probe.key, id, (uint32_t)term.n };
    return id;
}

uint32_t sl_vocab_add(struct sl_vocab *vocab, struct sl_str term)
{
    struct probe probe = probe_of(term);
    struct entry *entry = locate(vocab, term, probe);
    return entry->id != SL_NO_TERM ? entry->id : insert(vocab, term, probe, entry);
}

uint32_t sl_vocab_find(const struct sl_vocab *vocab, struct sl_str term)
{
    return locate(vocab, term, probe_of(term))->id;
}

struct sl_str sl_vocab_term(const struct sl_vocab *vocab, uint32_t id)
{
    assert(id < vocab->n);
    return (struct sl_str){ vocab->terms[id].p, vocab->terms[id].n };
}

uint64_t sl_vocab_bytes(const struct sl_vocab *vocab)
{
    return sizeof *vocab + (vocab->mask + 1) * sizeof *vocab->table + (uint64_t)vocab->capacity * sizeof *vocab->terms +
           vocab->text.bytes;
}
