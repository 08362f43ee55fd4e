/* loader_order.c: the order of a pass, as a function of place: no list is kept.
 *
 * A number of low + high bits is cut in two; in each round one half is changed by a keyed mixture of the other, which
 * can be undone, so that the whole is a permutation of all numbers of that many bits. Those not below n are walked on
 * from until one is: fewer than two steps on average, as the bits are as few as n allows. With few rows such networks
 * cannot reach every order, so those are drawn one by one (Fisher–Yates) into a table of bounded size. */
#include "sluice/loader.h"

#include "sluice/random.h"

enum { ROUNDS = 12, TOGETHER = 8 };

static void draw_table(struct sl_permutation *p, uint64_t seed, uint32_t pass)
{
    for (uint64_t i = 0; i < p->n; i++)
        p->table[i] = (uint16_t)i;
    for (uint64_t i = p->n; i-- > 1;) {
        uint32_t draw[4];
        sl_philox(seed, SL_RANDOM_SHUFFLE, pass, i, 0, draw);
        uint64_t wide = (uint64_t)draw[0] << 32 | draw[1], j = (uint64_t)(((unsigned __int128)wide * (i + 1)) >> 64);
        uint16_t swap = p->table[i];
        p->table[i] = p->table[j];
        p->table[j] = swap;
    }
}

void sl_permutation_init(struct sl_permutation *p, uint64_t n, uint64_t seed, uint32_t pass)
{
    p->n = n;
    p->low = p->high = 0;
    if (n <= SL_PERMUTATION_TABLE) {
        draw_table(p, seed, pass);
        return;
    }
    uint32_t bits = 64 - (uint32_t)__builtin_clzll(n - 1);
    p->low = bits / 2;
    p->high = bits - p->low;
    for (uint32_t i = 0; i < ROUNDS; i += 2) {
        uint32_t draw[4];
        sl_philox(seed, SL_RANDOM_SHUFFLE, pass, n, i, draw);
        p->key[i] = (uint64_t)draw[0] << 32 | draw[1];
        p->key[i + 1] = (uint64_t)draw[2] << 32 | draw[3];
    }
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Several at a time: a round of one waits for its last, but not for those of others. */
static inline void shuffle_bits(const struct sl_permutation *p, size_t n, uint64_t *place)
{
    uint64_t low_mask = (UINT64_C(1) << p->low) - 1, high_mask = (UINT64_C(1) << p->high) - 1;
    for (int i = 0; i < ROUNDS; i += 2)
        for (size_t k = 0; k < n; k++) {
            uint64_t low = place[k] & low_mask, high = place[k] >> p->low;
            low ^= mix(high + p->key[i]) & low_mask;
            high ^= mix(low + p->key[i + 1]) & high_mask;
            place[k] = high << p->low | low;
        }
}

uint64_t sl_permutation_at(const struct sl_permutation *p, uint64_t place)
{
    if (!p->low)
        return p->table[place];
    do
        shuffle_bits(p, 1, &place);
    while (place >= p->n);
    return place;
}

void sl_permutation_run(const struct sl_permutation *p, uint64_t first, size_t n, uint64_t *row)
{
    size_t i = 0;
    for (; p->low && i + TOGETHER <= n; i += TOGETHER) {
        for (size_t k = 0; k < TOGETHER; k++)
            row[i + k] = first + i + k;
        shuffle_bits(p, TOGETHER, row + i);
        for (size_t k = 0; k < TOGETHER; k++)
            while (row[i + k] >= p->n)
                shuffle_bits(p, 1, row + i + k);
    }
    for (; i < n; i++)
        row[i] = sl_permutation_at(p, first + i);
}
