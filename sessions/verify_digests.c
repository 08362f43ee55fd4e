/* verify_digests.c: split, stages and features by their digests. */
#include "verify_inner.h"

#include <stdio.h>

static int not_known(struct verifying *v, const char *what, const char *why, struct sl_error *err)
{
    return verify_first(verify_row(v, what, 0, 0, err), err, "%s", why);
}

/* Two figures of one kind, for training and test. */
static int compare_two(struct verifying *v, const char *kind, const char *what, const uint64_t now[2],
                       const uint64_t n_now[2], struct sl_error *err)
{
    static const char *const names[] = { "training records", "test records" };
    const struct kept_digest *then[2];
    uint64_t same = 0;
    int first = 2;
    for (int i = 1; i >= 0; i--) {
        then[i] = kept_find(v, kind, (uint64_t)i);
        bool agrees = then[i] && then[i]->hash == now[i] && then[i]->record == n_now[i];
        same += agrees;
        first = agrees ? first : i;
    }
    if (!then[0] || !then[1])
        return not_known(v, what, "the session has no hash of it", err);
    struct sl_verify_row *row = verify_row(v, what, same, 2, err);
    int status = row ? SL_OK : SL_ENOMEM;
    if (!status && first < 2)
        status = verify_first(row, err, "%s", names[first]);
    if (!status && first < 2)
        status = verify_hashes(row, then[first]->hash, now[first], err);
    return status;
}

const char *verify_statement(const struct verifying *v, uint64_t position)
{
    for (size_t k = 0; v->pipeline && k < v->n_statements; k++)
        if (sl_pipeline_bound(v->pipeline, k) + 1 == position)
            return v->statements[k].text;
    return "";
}

static int compare_stages(struct verifying *v, struct sl_error *err)
{
    uint64_t same = 0, n = 0, unknown = 0, first = 0;
    for (uint64_t i = 1; i <= SL_MAX_STAGES; i++) {
        const struct kept_digest *then = kept_find(v, "stage", i);
        unknown += !then && v->now->known[i - 1];
        if (!then || !v->now->known[i - 1])
            continue;
        bool agrees = then->hash == v->now->stage[i - 1];
        n++;
        same += agrees;
        first = !agrees && !first ? i : first;
    }
    v->first_stage = (size_t)first;
    if (!n)
        return not_known(v, "stages", "the session has no hashes of what they put out", err);
    struct sl_verify_row *row = verify_row(v, "stages", same, n, err);
    int status = row ? SL_OK : SL_ENOMEM;
    if (!status && first)
        status =
            verify_first(row, err, "stage %llu, \"%.120s\"", (unsigned long long)first, verify_statement(v, first));
    if (!status && first)
        status = verify_hashes(row, kept_find(v, "stage", first)->hash, v->now->stage[first - 1], err);
    if (!status && unknown)
        status = verify_note(v, SL_CAUSE_UNKNOWN, err, "of %llu %s nothing is known: a cache took %s place",
                             (unsigned long long)unknown, unknown == 1 ? "stage" : "stages",
                             unknown == 1 ? "its" : "their");
    return status;
}

int verify_digests(struct verifying *v, struct sl_error *err)
{
    const struct sl_digests *d = v->now;
    const uint64_t split[] = { d->train, d->test }, rows[] = { d->train_rows, d->test_rows },
                   n[] = { d->n_train, d->n_test };
    int status = compare_stages(v, err);
    if (!status)
        status = compare_two(v, "split", "split", split, n, err);
    return status ? status : compare_two(v, "rows", "features", rows, n, err);
}
