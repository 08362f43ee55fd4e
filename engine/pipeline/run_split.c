/* run_split.c: the SPLIT phase: which of the records that READ kept are for training, which for test. */
#include "run_private.h"

#include <stdlib.h>

/* Record numbers of everything stored, in order; classes too when the split keeps their shares. */
static int list_kept(struct sl_run *run, uint32_t *stratum, struct sl_error *err)
{
    struct sl_arena *arena = &run->workers[0].arena;
    struct sl_pipeline *p = run->pipeline;
    uint64_t at = 0;
    for (size_t k = 0; k < sl_store_chunks(run->store); k++) {
        struct sl_chunk chunk;
        sl_arena_reset(arena, 64u << 20);
        int status = sl_store_get(run->store, k, arena, &chunk, err);
        if (status)
            return status;
        for (uint32_t i = 0; i < chunk.n; i++) {
            if (stratum)
                stratum[at] = sl_label_index(&p->stages[p->label], &chunk, i);
            run->kept[at++] = chunk.origin[i].record;
        }
    }
    return SL_OK;
}

static int assign(struct sl_run *run, const uint32_t *stratum, uint32_t *order, struct sl_error *err)
{
    const struct sl_stage *split = &run->pipeline->stages[run->pipeline->split];
    uint32_t n = (uint32_t)run->result.kept, n_train = 0;
    int status = split->class->assign(split, n, stratum, order, &n_train, err);
    if (status)
        return sl_stage_blame(split, status, err);
    /* train_size and test_size together may leave records out: order holds SL_NO_RECORD behind the last. */
    uint32_t used = n;
    while (used > n_train && order[used - 1] == UINT32_MAX)
        used--;
    run->result.n_train = n_train;
    run->result.n_test = used - n_train;
    memset(run->role, 0xff, n);
    for (uint32_t i = 0; i < used; i++)
        run->role[order[i]] = i < n_train ? SL_TRAIN : SL_TEST;
    run->train_records = calloc((size_t)n_train + 1, sizeof *run->train_records);
    run->test_records = calloc((size_t)(used - n_train) + 1, sizeof *run->test_records);
    if (!run->train_records || !run->test_records)
        return sl_fail_memory(err, "the split");
    for (uint32_t i = 0; i < used; i++)
        *(i < n_train ? &run->train_records[i] : &run->test_records[i - n_train]) = run->kept[order[i]];
    return SL_OK;
}

static int split_kept(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    const struct sl_stage *split = p->split == NO_STAGE ? NULL : &p->stages[p->split];
    size_t n = (size_t)run->result.kept;
    bool stratify = split && split->class->stratifies && split->class->stratifies(split->params);
    uint32_t *order = split ? malloc((n + 1) * sizeof *order) : NULL;
    uint32_t *stratum = stratify ? malloc((n + 1) * sizeof *stratum) : NULL;
    int status = SL_OK;
    if ((split && !order) || (stratify && !stratum))
        status = sl_fail_memory(err, "the split");
    if (!status)
        status = list_kept(run, stratum, err);
    if (!status && split)
        status = assign(run, stratum, order, err);
    free(order);
    free(stratum);
    return status;
}

/* The split and the learner see every record and change none. */
void sl_run_pass_through(struct sl_run *run, size_t stage, uint64_t n)
{
    struct sl_stage_stats *stats = stage == NO_STAGE ? NULL : sl_run_stats(run, stage);
    if (stats)
        stats->in = stats->out = n;
}

int sl_run_split(struct sl_run *run, struct sl_error *err)
{
    struct sl_run_result *r = &run->result;
    uint64_t n = r->kept;
    sl_run_phase(run, SL_PHASE_SPLIT, n);
    r->n_train = n;
    if (n == 0) {
        sl_fail(err, SL_EDATA, "no record is left: %llu read, %llu quarantined, %llu dropped by stages",
                (unsigned long long)r->records, (unsigned long long)r->quarantined, (unsigned long long)r->dropped);
        return sl_fix(err, "look at the quarantine, and at the stages that drop records");
    }
    if (n >= UINT32_MAX) {
        sl_fail(err, SL_ELIMIT, "%llu records are more than a split can hold (2^32 - 2)", (unsigned long long)n);
        return sl_fix(err, "filter the input, or train on a part of it");
    }
    run->kept = malloc((size_t)n * sizeof *run->kept);
    run->role = calloc((size_t)n, 1);
    if (!run->kept || !run->role)
        return sl_fail_memory(err, "the split");
    int status = split_kept(run, err);
    sl_run_pass_through(run, run->pipeline->split, n);
    sl_run_pass_through(run, run->pipeline->learner, n);
    r->test_records = run->test_records;
    r->train_records = run->train_records;
    return status;
}

void sl_run_roles(const struct sl_run *run, const struct sl_chunk *chunk, uint8_t *role)
{
    if (!chunk->n)
        return;
    uint64_t first = chunk->origin[0].record, low = 0, high = run->result.kept;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (run->kept[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = 0; i < chunk->n; i++) {
        while (run->kept[low] != chunk->origin[i].record)
            low++;
        role[i] = run->role[low];
    }
}
