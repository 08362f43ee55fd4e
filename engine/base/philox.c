/* philox.c: counter-based random numbers, Philox 4x32 with 10 rounds.
 *
 * Source  Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3 (SC 2011); test vectors of Random123.
 *
 * How a draw is addressed is part of the determinism contract: saved sessions depend on it.
 *   counter = index, record (low word), record (high word), epoch
 *   key     = seed (low word), seed (high word) xor purpose * 0x85ebca6b
 * The factor is odd, so two purposes under one seed never share a key. */
#include "sluice/random.h"

#define MULTIPLIER_0   0xd2511f53u
#define MULTIPLIER_1   0xcd9e8d57u
#define WEYL_0         0x9e3779b9u
#define WEYL_1         0xbb67ae85u
#define PURPOSE_SPREAD 0x85ebca6bu
enum { ROUNDS = 10 };

void sl_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t a = (uint64_t)MULTIPLIER_0 * c0;
        uint64_t b = (uint64_t)MULTIPLIER_1 * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void sl_philox(uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t record, uint32_t index, uint32_t out[4])
{
    const uint32_t counter[4] = { index, (uint32_t)record, (uint32_t)(record >> 32), epoch };
    const uint32_t key[2] = { (uint32_t)seed, (uint32_t)(seed >> 32) ^ purpose * PURPOSE_SPREAD };
    sl_philox_block(counter, key, out);
}

double sl_philox_real(uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t record, uint32_t index)
{
    uint32_t word[4];
    sl_philox(seed, purpose, epoch, record, index, word);
    uint64_t bits = ((uint64_t)word[0] << 32 | word[1]) >> 11;
    return (double)bits * 0x1p-53;
}
