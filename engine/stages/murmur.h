/* murmur.h: the hash of scikit-learn's hashing vectorizer. */
#ifndef SLUICE_STAGES_MURMUR_H
#define SLUICE_STAGES_MURMUR_H

#include <stddef.h>
#include <stdint.h>

/* MurmurHash3 x86_32 (Appleby), of n bytes with this seed. Any alignment. */
uint32_t sl_murmur3_32(const void *p, size_t n, uint32_t seed);

#endif
