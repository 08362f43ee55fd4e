/* digest_private.h: hashing for digests. */
#ifndef SL_DIGEST_PRIVATE_H
#define SL_DIGEST_PRIVATE_H

#include "run_private.h"

#include "sluice/digest.h"

/* 64 bits that depend on all of h and key: a finaliser of MurmurHash3's kind (Stafford's variant 13). */
static inline uint64_t digest_mix(uint64_t h, uint64_t key)
{
    uint64_t x = h ^ (key + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Of a long cell only a part, by record. */
uint64_t digest_glance(const void *p, size_t n, uint64_t record);

/* Everything but a run's own phases is done: which stages are known, the split, the schemas. */
void sl_digest_end(struct sl_run *run);

#endif
