/* floats.h: float32 as little-endian bytes, whatever the machine's order. Private to nn. */
#ifndef SLUICE_NN_FLOATS_H
#define SLUICE_NN_FLOATS_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void sl_floats_put(void *to, const float *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, from + i, sizeof bits);
        bits = htole32(bits);
        memcpy((char *)to + i * sizeof bits, &bits, sizeof bits);
    }
}

static inline void sl_floats_get(float *to, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, (const char *)from + i * sizeof bits, sizeof bits);
        bits = le32toh(bits);
        memcpy(to + i, &bits, sizeof bits);
    }
}

#endif
