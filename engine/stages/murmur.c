/* murmur.c: MurmurHash3, its 32-bit form for 32-bit machines, since that is what names a feature in scikit-learn.
 *
 * Four bytes at a time, little-endian on every machine; then up to three left over; then a final mixing.
 *
 * Source  Austin Appleby's public-domain MurmurHash3 (2011) */
#include "engine/stages/murmur.h"

#include <string.h>

static inline uint32_t rotate(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

static inline uint32_t scramble(uint32_t block)
{
    return rotate(block * 0xcc9e2d51u, 15) * 0x1b873593u;
}

static inline uint32_t load(const unsigned char *p)
{
    uint32_t block;
    memcpy(&block, p, sizeof block);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    block = __builtin_bswap32(block);
#endif
    return block;
}

uint32_t sl_murmur3_32(const void *p, size_t n, uint32_t seed)
{
    const unsigned char *byte = p;
    uint32_t hash = seed;
    size_t i = 0;
    for (; i + 4 <= n; i += 4) {
        hash = rotate(hash ^ scramble(load(byte + i)), 13) * 5 + 0xe6546b64u;
    }
    uint32_t left = 0;
    for (size_t k = n; k > i; k--) {
        left = left << 8 | byte[k - 1];
    }
    hash ^= scramble(left) ^ (uint32_t)n;
    hash = (hash ^ hash >> 16) * 0x85ebca6bu;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35u;
    return hash ^ hash >> 16;
}
