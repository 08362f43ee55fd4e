/* digest.c: the digests of a run begun and ended: what is known at its end, and the split. */
#include "cache_private.h"
#include "digest_private.h"

#include <stdlib.h>

int sl_digests_new(struct sl_digests **out, struct sl_error *err)
{
    struct sl_digests *digests = calloc(1, sizeof *digests);
    if (!digests)
        return sl_fail_memory(err, "the digests");
    pthread_mutex_init(&digests->lock, NULL);
    *out = digests;
    return SL_OK;
}

void sl_digests_free(struct sl_digests *digests)
{
    if (!digests)
        return;
    for (size_t i = 0; i < digests->n_blocks; i++)
        free(digests->blocks[i].checks);
    free(digests->blocks);
    pthread_mutex_destroy(&digests->lock);
    free(digests);
}

/* Names, types, widths and channels that a stage puts out. */
static uint64_t hash_schema(const struct sl_schema *schema)
{
    uint64_t sum = 0;
    for (size_t c = 0; c < schema->n; c++) {
        const struct sl_field *field = &schema->fields[c];
        uint64_t h = sl_digest_bytes(field->name, strlen(field->name));
        h = digest_mix(h, (uint64_t)field->type);
        if (field->type == SL_IMAGE)
            h = digest_mix(h, (uint64_t)field->channels);
        sum += digest_mix(h, (uint64_t)field->width << 32 | c);
    }
    return sum;
}

static bool maps_records(const struct sl_stage *stage)
{
    return sl_stage_maps(stage) && !sl_stage_is_cache(stage);
}

void sl_digest_end(struct sl_run *run)
{
    struct sl_digests *d = run->options.digests;
    const struct sl_run_result *r = &run->result;
    bool whole = !run->stored || run->options.sink; /* ENCODE has run */
    if (!d)
        return;
    d->known[0] = run->first == run->pipeline->n_sources && !run->encoded && !sl_run_kept(run);
    for (size_t i = run->first; i < run->end; i++)
        d->known[i] = maps_records(&run->pipeline->stages[i]) && (i < run->late || whole);
    for (size_t i = 0; i < run->end; i++)
        if (d->known[i])
            d->stage[i] += hash_schema(&run->pipeline->stages[i].out);
    d->n_train = r->n_train;
    d->n_test = r->n_test;
    if (r->train_records) {
        d->train = sl_digest_bytes(r->train_records, (size_t)r->n_train * sizeof *r->train_records);
        d->test = sl_digest_bytes(r->test_records, (size_t)r->n_test * sizeof *r->test_records);
        if (r->n_validation)
            d->test = digest_mix(d->test, sl_digest_bytes(r->validation_records,
                                                          (size_t)r->n_validation * sizeof *r->validation_records));
    } else if (run->kept) {
        d->train = sl_digest_bytes(run->kept, (size_t)r->kept * sizeof *run->kept);
    }
}
