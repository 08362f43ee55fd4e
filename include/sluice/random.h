/* random.h: random numbers.
 *
 * Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011) is counter-based: a draw depends on its key and counter only, never
 * on thread or time. MT19937 (Matsumoto and Nishimura 1998) exists for one purpose: the rows of a split are those of
 * numpy's RandomState, which scikit-learn uses. */
#ifndef SLUICE_RANDOM_H
#define SLUICE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

enum sl_purpose { SL_RANDOM_SHUFFLE = 1, SL_RANDOM_INIT, SL_RANDOM_AUGMENT, SL_RANDOM_SAMPLE, SL_RANDOM_DROPOUT };

/* Four 32-bit draws for (seed, purpose, epoch, record, index). How these make key and counter is fixed: sessions rely
 * on it. */
void sl_philox(uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t record, uint32_t index, uint32_t out[4]);
/* One block of the bare generator, for tests against its published vectors. */
void sl_philox_block(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
/* [0, 1) with 53 bits. */
double sl_philox_real(uint64_t seed, uint32_t purpose, uint32_t epoch, uint64_t record, uint32_t index);

struct sl_mt19937 {
    uint32_t state[624];
    int at;
};

/* numpy.random.RandomState(seed) */
void sl_mt_seed(struct sl_mt19937 *mt, uint32_t seed);
uint32_t sl_mt_next(struct sl_mt19937 *mt);
/* Uniform in 0..max inclusive, as numpy's legacy masked rejection (random_interval). */
uint64_t sl_mt_interval(struct sl_mt19937 *mt, uint64_t max);
/* RandomState.permutation(n) into out[n]. */
void sl_mt_permutation(struct sl_mt19937 *mt, uint64_t n, uint64_t *out);

#endif
