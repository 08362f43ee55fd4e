/* vectorize_gram.c: sequences of words as numbers: an exact map of (beginning, last word).
 *
 * Open addressing, at most five eighths full; the key is stored whole, so there is nothing to verify. */
#include "engine/stages/vectorize.h"

static inline size_t home(uint64_t key, size_t mask)
{
    unsigned __int128 product = (unsigned __int128)key * UINT64_C(0x9e3779b97f4a7c15);
    return ((size_t)product ^ (size_t)(product >> 64)) & mask;
}

static inline uint64_t key_of(uint32_t node, uint32_t word)
{
    return ((uint64_t)node << 32 | word) + 1; /* node is below SL_NO_TERM: no overflow */
}

static inline size_t locate(const struct sl_grams *grams, uint64_t key)
{
    size_t at = home(key, grams->mask);
    while (grams->key[at] != 0 && grams->key[at] != key) {
        at = (at + 1) & grams->mask;
    }
    return at;
}

static bool grow(struct sl_grams *grams)
{
    size_t size = grams->key ? 2 * (grams->mask + 1) : 1024;
    struct sl_grams larger = { .mask = size - 1, .used = grams->used };
    larger.key = calloc(size, sizeof *larger.key);
    larger.node = malloc(size * sizeof *larger.node);
    if (!larger.key || !larger.node) {
        sl_grams_release(&larger);
        return false;
    }
    for (size_t i = 0; grams->key && i <= grams->mask; i++) {
        if (grams->key[i]) {
            size_t at = locate(&larger, grams->key[i]);
            larger.key[at] = grams->key[i];
            larger.node[at] = grams->node[i];
        }
    }
    sl_grams_release(grams);
    *grams = larger;
    return true;
}

void sl_grams_release(struct sl_grams *grams)
{
    free(grams->key);
    free(grams->node);
    *grams = (struct sl_grams){ 0 };
}

uint32_t sl_grams_find(const struct sl_grams *grams, uint32_t node, uint32_t word)
{
    if (!grams->key) {
        return SL_NO_TERM;
    }
    size_t at = locate(grams, key_of(node, word));
    return grams->key[at] ? grams->node[at] : SL_NO_TERM;
}

uint32_t sl_grams_add(struct sl_grams *grams, uint32_t node, uint32_t word, uint32_t fresh)
{
    if ((!grams->key || 8 * (uint64_t)grams->used >= 5 * (uint64_t)grams->mask) && !grow(grams)) {
        return SL_NO_TERM;
    }
    uint64_t key = key_of(node, word);
    size_t at = locate(grams, key);
    if (!grams->key[at]) {
        grams->key[at] = key;
        grams->node[at] = fresh;
        grams->used++;
    }
    return grams->node[at];
}
