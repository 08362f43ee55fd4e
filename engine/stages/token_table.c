/* token_table.c: words to ids, in the innermost loop of the text encoders.
 *
 * A vocabulary (vocab.h) holds every word; in front of it stands a table of the words of 1 to 16 bytes, which lie whole
 * in two registers: one load, one multiplication, one comparison, no branch on the length. All short words of the
 * vocabulary are in the table, so that a miss there is a new word (or, when frozen, an unknown one).
 *
 * A word shorter than 16 bytes has zeros behind it, so words with a NUL, which only a custom pattern finds, stay with
 * the vocabulary alone. Hash: a 64×64→128-bit multiplication folded in two (the step of wyhash, Wang Yi). It has no
 * secret seed: crafted words can make it slow, never wrong. */
#include "engine/stages/token.h"

#include <stdlib.h>

enum { SHORT = 16, SLOTS_MIN = 2048, GROUP = 32 };

struct sl_token_slot {
    uint64_t a, b; /* the word, zeros behind; a == 0: free */
    uint32_t id;
};

/* Loaded at 16 - n: n bytes of ones, then zeros. */
static const unsigned char keep_mask[2 * SHORT] = { 255, 255, 255, 255, 255, 255, 255, 255,
                                                    255, 255, 255, 255, 255, 255, 255, 255 };

static inline uint64_t hash(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)(a ^ UINT64_C(0x9e3779b97f4a7c15)) *
                                (b ^ UINT64_C(0x243f6a8885a308d3));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The slot of a word with this hash, or the free one where it belongs. */
static inline struct sl_token_slot *locate_from(const struct sl_token_table *table, uint64_t a, uint64_t b, uint64_t at)
{
    for (;;) {
        struct sl_token_slot *slot = &table->slots[at & table->mask];
        if ((slot->a == a && slot->b == b) || slot->a == 0) {
            return slot;
        }
        at++;
    }
}

static inline struct sl_token_slot *locate(const struct sl_token_table *table, uint64_t a, uint64_t b)
{
    return locate_from(table, a, b, hash(a, b));
}

static bool grow(struct sl_token_table *table)
{
    struct sl_token_table larger = *table;
    size_t size = table->slots ? 2 * ((size_t)table->mask + 1) : SLOTS_MIN;
    larger.mask = size - 1;
    larger.slots = calloc(size, sizeof *larger.slots);
    if (!larger.slots) {
        return false;
    }
    for (size_t i = 0; table->slots && i <= table->mask; i++) {
        const struct sl_token_slot *slot = &table->slots[i];
        if (slot->a) {
            *locate(&larger, slot->a, slot->b) = *slot;
        }
    }
    free(table->slots);
    *table = larger;
    return true;
}

/* A short word that is not in the table: into the vocabulary, then into the table. */
static __attribute__((noinline)) uint32_t add_short(struct sl_token_table *table, struct sl_str word, uint64_t a,
                                                    uint64_t b)
{
    if (table->frozen || (8 * table->used >= 5 * table->mask && !grow(table))) {
        return SL_NO_TERM;
    }
    uint32_t id = sl_vocab_add(table->vocab, word);
    if (id != SL_NO_TERM) {
        *locate(table, a, b) = (struct sl_token_slot){ a, b, id };
        table->used++;
    }
    return id;
}

static uint32_t look_up(struct sl_token_table *table, struct sl_str word)
{
    return table->frozen ? sl_vocab_find(table->vocab, word) : sl_vocab_add(table->vocab, word);
}

uint32_t sl_token_table_word(struct sl_token_table *table, struct sl_str word)
{
    if (word.n == 0 || word.n > SHORT || memchr(word.p, '\0', word.n)) {
        return look_up(table, word);
    }
    uint64_t key[2] = { 0 };
    memcpy(key, word.p, word.n);
    const struct sl_token_slot *slot = locate(table, key[0], key[1]);
    return slot->a ? slot->id : add_short(table, word, key[0], key[1]);
}

/* A word on its way to its id. */
struct pending {
    uint64_t a, b, hash; /* a == 0: a word that is not short */
    struct sl_str word;
};

/* Take a word's key from the text, where bytes behind it may be read, and have its slot fetched. */
static inline void prepare(const struct sl_token_table *table, const char *p, size_t n, struct pending *pending)
{
    uint64_t key[2], mask[2];
    pending->word = (struct sl_str){ p, n };
    pending->a = 0;
    if (n <= SHORT) {
        memcpy(key, p, SHORT);
        memcpy(mask, keep_mask + SHORT - n, SHORT);
        pending->a = key[0] & mask[0];
        pending->b = key[1] & mask[1];
        pending->hash = hash(pending->a, pending->b);
        __builtin_prefetch(&table->slots[pending->hash & table->mask]);
    }
}

static inline uint32_t resolve(struct sl_token_table *table, const struct pending *pending)
{
    if (__builtin_expect(pending->a == 0, 0)) {
        return sl_token_table_word(table, pending->word);
    }
    const struct sl_token_slot *slot = locate_from(table, pending->a, pending->b, pending->hash);
    return __builtin_expect(slot->a != 0, 1) ? slot->id : add_short(table, pending->word, pending->a, pending->b);
}

/* Keys of a group of words are all taken before the first is compared: by then the slots are in the cache. */
static uint32_t resolve_group(struct sl_token_table *table, const struct sl_tokenizer *t, size_t first, size_t n,
                              uint32_t *id)
{
    struct pending pending[GROUP];
    uint32_t missed = 0;
    bool plain = !t->rules->code;
    for (size_t i = 0; i < n; i++) {
        uint32_t begin = t->spans[2 * (first + i)], end = t->spans[2 * (first + i) + 1];
        if (plain) {
            prepare(table, t->text + begin, end - begin, &pending[i]);
        } else {
            pending[i] = (struct pending){ .word = { t->text + begin, end - begin } };
        }
    }
    for (size_t i = 0; i < n; i++) {
        id[i] = resolve(table, &pending[i]);
        missed |= id[i] == SL_NO_TERM;
    }
    return missed;
}

int sl_token_table_ids(struct sl_token_table *table, const struct sl_tokenizer *t, size_t n, bool skip, uint32_t *ids,
                       size_t *kept, struct sl_error *err)
{
    /* Ids from `stop` to `stop + range` stay: one comparison, and no branch. */
    uint32_t stop = table->stop, range = SL_NO_TERM - stop - (skip ? 1 : 0), missed = 0;
    size_t k = 0;
    for (size_t first = 0; first < n; first += GROUP) {
        uint32_t group[GROUP];
        size_t words = n - first < GROUP ? n - first : GROUP;
        missed |= resolve_group(table, t, first, words, group);
        for (size_t i = 0; i < words; i++) {
            ids[k] = group[i];
            k += group[i] - stop <= range;
        }
    }
    *kept = k;
    return missed && !table->frozen ? sl_fail_memory(err, "adding to the vocabulary") : SL_OK;
}

int sl_token_table_init(struct sl_token_table *table, bool stop_words, struct sl_error *err)
{
    *table = (struct sl_token_table){ 0 };
    if (!grow(table)) {
        return sl_fail_memory(err, "making a vocabulary");
    }
    int status = sl_vocab_new(&table->vocab, err);
    for (size_t i = 0; status == SL_OK && stop_words && i < SL_STOPWORDS_ENGLISH; i++) {
        if (sl_token_table_word(table, sl_str(sl_stopwords_english[i])) == SL_NO_TERM) {
            status = sl_fail_memory(err, "making a vocabulary");
        }
    }
    table->stop = status == SL_OK ? sl_vocab_size(table->vocab) : 0;
    return status;
}

void sl_token_table_close(struct sl_token_table *table)
{
    free(table->slots);
    table->slots = NULL;
}

void sl_token_table_release(struct sl_token_table *table)
{
    if (table) {
        sl_token_table_close(table);
        sl_vocab_free(table->vocab);
        table->vocab = NULL;
    }
}
