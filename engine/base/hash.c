/* hash.c: 64-bit XXH3 (Collet), the fingerprint of data and of stage outputs.
 *
 * Not cryptographic: it notices changed data, it does not withstand somebody who forges it. The header-only form is
 * inlined, so that short keys are hashed without a call. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sluice/input.h"

#include <stdlib.h>

struct sl_hash {
    XXH3_state_t state; /* wants 64-byte alignment */
};

int sl_hash_new(struct sl_hash **out, struct sl_error *err)
{
    void *memory = NULL;
    if (posix_memalign(&memory, _Alignof(struct sl_hash), sizeof(struct sl_hash)) != 0) {
        return sl_fail_memory(err, "starting a fingerprint");
    }
    struct sl_hash *hash = memory;
    XXH3_INITSTATE(&hash->state);
    XXH3_64bits_reset(&hash->state);
    *out = hash;
    return SL_OK;
}

void sl_hash_add(struct sl_hash *hash, const void *p, size_t n)
{
    if (n) {
        XXH3_64bits_update(&hash->state, p, n);
    }
}

uint64_t sl_hash_value(const struct sl_hash *hash)
{
    return XXH3_64bits_digest(&hash->state);
}

void sl_hash_free(struct sl_hash *hash)
{
    free(hash);
}

uint64_t sl_hash64(const void *p, size_t n)
{
    return XXH3_64bits(n ? p : "", n);
}
