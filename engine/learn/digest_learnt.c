/* digest_learnt.c: digests of what the learner gets, and of what was learned. */
#include "sluice/digest.h"
#include "sluice/learn.h"

#define PRIME UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t h, uint64_t key)
{
    uint64_t x = h ^ (key + 1) * PRIME;
    x = (x ^ (x >> 32)) * UINT64_C(0xd6e8feb86659fd93);
    return x ^ (x >> 32);
}

/* One block of rows at once, bound to its first record. */
void sl_digest_rows(struct sl_digests *digests, const struct sl_matrix *layout, const struct sl_rows *rows, bool test)
{
    if (!rows->n)
        return;
    size_t n = rows->n, nonzeros = rows->start ? rows->start[n] : 0;
    uint64_t h = sl_digest_bytes(rows->record, n * sizeof *rows->record);
    if (rows->start)
        h = mix(h, sl_digest_bytes(rows->start, (n + 1) * sizeof *rows->start));
    if (rows->y)
        h = mix(h, sl_digest_bytes(rows->y, n * sizeof *rows->y));
    if (rows->target)
        h = mix(h, sl_digest_bytes(rows->target, n * sizeof *rows->target));
    if (rows->start) {
        h = mix(h, sl_digest_bytes(rows->index, nonzeros * sizeof *rows->index));
        h = mix(h, sl_digest_bytes(rows->value, nonzeros * sizeof *rows->value));
    } else if (rows->bytes) {
        uint32_t scale[2];
        memcpy(&scale[0], &layout->scale, sizeof *scale);
        memcpy(&scale[1], &layout->offset, sizeof *scale);
        h = mix(sl_digest_bytes(rows->bytes, n * layout->width) + h, (uint64_t)scale[0] << 32 | scale[1]);
    } else {
        h = mix(h, sl_digest_bytes(rows->dense, n * layout->width * sizeof *rows->dense));
    }
    *(test ? &digests->test_rows : &digests->train_rows) += mix(h, rows->record[0]);
}

bool sl_digest_models(struct sl_str saved, uint64_t hash[SL_MAX_STAGES], bool has[SL_MAX_STAGES])
{
    struct sl_blob blob = { saved.p, saved.p + saved.n, false };
    memset(has, 0, SL_MAX_STAGES * sizeof *has);
    sl_blob_u32(&blob);
    sl_blob_u32(&blob);
    while (!blob.failed && blob.p < blob.end) {
        uint32_t i = sl_blob_u32(&blob), version = sl_blob_u32(&blob);
        struct sl_str name = sl_blob_bytes(&blob), model = sl_blob_bytes(&blob);
        if (blob.failed || i >= SL_MAX_STAGES)
            return false;
        has[i] = true;
        hash[i] = mix(sl_digest_bytes(model.p, model.n), sl_digest_bytes(name.p, name.n) + version);
    }
    return !blob.failed;
}

bool sl_digest_weights(const struct sl_learner *learner, uint32_t n_classes, uint32_t width, uint64_t *hash)
{
    bool any = false;
    uint64_t sum = 0;
    for (uint32_t k = 0; learner->class->weights && k < n_classes; k++) {
        double intercept = 0;
        const double *w = learner->class->weights(learner, k, &intercept);
        if (!w)
            continue;
        uint64_t bits;
        memcpy(&bits, &intercept, sizeof bits);
        sum += mix(mix(sl_digest_bytes(w, width * sizeof *w), bits), k);
        any = true;
    }
    *hash = sum;
    return any;
}
