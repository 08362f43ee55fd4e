/* run_split.c: the SPLIT phase: which of the records that READ kept are for training, which for validation and test.
 *
 * A record's source has the first word (`as=`); the split divides what is left for training. */
#include "run_private.h"

#include <stdlib.h>

/* What the split may divide: places among the kept records, rising, and their classes. */
struct splitting {
    uint32_t *place, *stratum; /* stratum NULL: shares do not matter */
    uint32_t *order;           /* of places' numbers */
    uint32_t n;
};

/* Record numbers of everything stored, in order, and the roles their sources give them; what is for training is listed
 * for the split. */
static int list_kept(struct sl_run *run, struct splitting *s, struct sl_error *err)
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
        for (uint32_t i = 0; i < chunk.n; i++, at++) {
            run->kept[at] = chunk.origin[i].record;
            run->role[at] = p->source_role[sl_file_source(p, chunk.origin[i].file)];
            if (!s->place || run->role[at] != SL_TRAIN)
                continue;
            if (s->stratum)
                s->stratum[s->n] = sl_label_index(&p->stages[p->label], &chunk, i);
            s->place[s->n++] = (uint32_t)at;
        }
    }
    return SL_OK;
}

/* Of the records for training some more, for validation: order's first *n_train are put into a new order. */
static int validate(const struct sl_stage *split, struct splitting *s, uint32_t *n_train, uint32_t *n_validation,
                    struct sl_error *err)
{
    uint32_t n = *n_train;
    uint32_t *stratum = s->stratum ? malloc(((size_t)n + 1) * sizeof *stratum) : NULL;
    uint32_t *order = malloc(((size_t)n + 1) * sizeof *order);
    int status = !order || (s->stratum && !stratum) ? sl_fail_memory(err, "the split") : SL_OK;
    for (uint32_t i = 0; stratum && i < n && !status; i++)
        stratum[i] = s->stratum[s->order[i]];
    if (!status)
        status = sl_stage_blame(split, split->class->validate(split, n, stratum, order, n_train, err), err);
    if (!status) {
        for (uint32_t i = 0; i < n; i++)
            order[i] = s->order[order[i]];
        memcpy(s->order, order, n * sizeof *order);
        *n_validation = n - *n_train;
    }
    free(stratum);
    free(order);
    return status;
}

static void take_role(struct sl_run *run, uint64_t *list, uint64_t *n, uint64_t at, enum sl_role role)
{
    run->role[at] = (uint8_t)role;
    list[(*n)++] = run->kept[at];
}

/* The split's own records in its order, then those whose source says so. */
static int list_roles(struct sl_run *run, const struct splitting *s, uint32_t n_train, uint32_t n_validation,
                      uint32_t used, struct sl_error *err)
{
    struct sl_run_result *r = &run->result;
    size_t n = (size_t)r->kept + 1;
    uint64_t counts[3] = { 0 };
    run->train_records = malloc(n * sizeof *run->train_records);
    run->test_records = malloc(n * sizeof *run->test_records);
    run->validation_records = malloc(n * sizeof *run->validation_records);
    if (!run->train_records || !run->test_records || !run->validation_records)
        return sl_fail_memory(err, "the split");
    uint64_t *const lists[] = { run->train_records, run->test_records, run->validation_records };
    for (uint32_t i = 0; i < s->n; i++)
        run->role[s->place[i]] = UINT8_MAX;
    for (uint32_t i = 0; i < used; i++) {
        enum sl_role role = i < n_train ? SL_TRAIN : i < n_train + n_validation ? SL_VALIDATION : SL_TEST;
        take_role(run, lists[role], &counts[role], s->place[s->order[i]], role);
    }
    uint32_t next = 0; /* of the places, which rise */
    for (uint64_t at = 0; at < r->kept; at++) {
        if (next < s->n && s->place[next] == at) {
            next++;
            continue;
        }
        take_role(run, lists[run->role[at]], &counts[run->role[at]], at, run->role[at]);
    }
    r->n_train = counts[SL_TRAIN];
    r->n_test = counts[SL_TEST];
    r->n_validation = counts[SL_VALIDATION];
    return SL_OK;
}

static int divide(struct sl_run *run, struct splitting *s, const struct sl_stage *split, struct sl_error *err)
{
    uint32_t n_train = s->n, n_validation = 0, used = s->n;
    int status = list_kept(run, s, err);
    if (!status && split) {
        status = sl_stage_blame(split, split->class->assign(split, s->n, s->stratum, s->order, &n_train, err), err);
        /* train_size and test_size together may leave records out: order holds UINT32_MAX behind the last. */
        for (used = s->n; !status && used > n_train && s->order[used - 1] == UINT32_MAX;)
            used--;
        if (!status && split->class->validates && split->class->validates(split->params))
            status = validate(split, s, &n_train, &n_validation, err);
    }
    return status ? status : list_roles(run, s, n_train, n_validation, used, err);
}

static int none_to_train(const struct sl_run *run, struct sl_error *err)
{
    sl_fail(err, SL_EDATA, "no record is left for training: all %llu are of sources for validation or test",
            (unsigned long long)run->result.kept);
    return sl_fix(err, "read the training records without as=, before the others"), SL_EDATA;
}

static int split_kept(struct sl_run *run, struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    const struct sl_stage *split = p->split == NO_STAGE ? NULL : &p->stages[p->split];
    size_t n = (size_t)run->result.kept + 1;
    bool stratify = split && split->class->stratifies && split->class->stratifies(split->params);
    struct splitting s = { 0 };
    if (!sl_pipeline_divides(p))
        return list_kept(run, &s, err);
    if (split) {
        s.order = malloc(n * sizeof *s.order);
        s.place = malloc(n * sizeof *s.place);
        s.stratum = stratify ? malloc(n * sizeof *s.stratum) : NULL;
    }
    int status = split && (!s.order || !s.place || (stratify && !s.stratum)) ? sl_fail_memory(err, "the split") : SL_OK;
    if (!status)
        status = divide(run, &s, split, err);
    if (!status && !run->result.n_train)
        status = none_to_train(run, err);
    free(s.order);
    free(s.place);
    free(s.stratum);
    return status;
}

void sl_run_pass_through(struct sl_run *run, uint64_t n)
{
    for (size_t i = run->pipeline->n_sources; i < run->pipeline->n; i++) {
        struct sl_stage_stats *stats = sl_stage_maps(&run->pipeline->stages[i]) ? NULL : sl_run_stats(run, i);
        if (stats)
            stats->in = stats->out = n;
    }
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
    sl_run_pass_through(run, n);
    r->test_records = run->test_records;
    r->train_records = run->train_records;
    r->validation_records = run->validation_records;
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
