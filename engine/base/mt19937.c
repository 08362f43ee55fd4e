/* mt19937.c: the Mersenne Twister as numpy's RandomState drives it.
 *
 * For one purpose only: a split takes the rows that scikit-learn's train_test_split takes. Anything else uses Philox.
 *
 * Source  Matsumoto and Nishimura 1998 (MT19937, init_genrand); numpy's legacy seeding, bounded integers by masked
 *         rejection, and shuffling from the last element down. */
#include "sluice/random.h"

enum { N = 624, M = 397 };

void sl_mt_seed(struct sl_mt19937 *mt, uint32_t seed)
{
    mt->state[0] = seed;
    for (uint32_t i = 1; i < N; i++) {
        uint32_t before = mt->state[i - 1];
        mt->state[i] = 1812433253u * (before ^ before >> 30) + i;
    }
    mt->at = N;
}

static uint32_t twist(uint32_t high, uint32_t low)
{
    uint32_t mixed = (high & 0x80000000u) | (low & 0x7fffffffu);
    return mixed >> 1 ^ (mixed & 1 ? 0x9908b0dfu : 0);
}

static void refill(struct sl_mt19937 *mt)
{
    uint32_t *state = mt->state;
    for (int i = 0; i < N; i++) {
        state[i] = state[(i + M) % N] ^ twist(state[i], state[(i + 1) % N]);
    }
    mt->at = 0;
}

uint32_t sl_mt_next(struct sl_mt19937 *mt)
{
    if (mt->at >= N) {
        refill(mt);
    }
    uint32_t x = mt->state[mt->at++];
    x ^= x >> 11;
    x ^= x << 7 & 0x9d2c5680u;
    x ^= x << 15 & 0xefc60000u;
    return x ^ x >> 18;
}

uint64_t sl_mt_interval(struct sl_mt19937 *mt, uint64_t max)
{
    if (max == 0) {
        return 0;
    }
    uint64_t mask = UINT64_MAX >> __builtin_clzll(max);
    uint64_t draw;
    do {
        draw = sl_mt_next(mt);
        if (max > UINT32_MAX) {
            draw = draw << 32 | sl_mt_next(mt);
        }
        draw &= mask;
    } while (draw > max);
    return draw;
}

void sl_mt_permutation(struct sl_mt19937 *mt, uint64_t n, uint64_t *out)
{
    for (uint64_t i = 0; i < n; i++) {
        out[i] = i;
    }
    for (uint64_t i = n; i-- > 1;) {
        uint64_t j = sl_mt_interval(mt, i);
        uint64_t kept = out[i];
        out[i] = out[j];
        out[j] = kept;
    }
}
