/* cache_take.c: what a run knows at a cache point, taken down for the next one, and given back to it, so that its books
 * balance as if it had read everything itself. */
#include "run_cache.h"

#include <stdlib.h>

static size_t stages_before(const struct sl_pipeline *p, size_t at)
{
    size_t n = 0;
    for (size_t i = 0; i < at; i++)
        n += !sl_stage_is_cache(&p->stages[i]);
    return n;
}

bool sl_kept_belongs(const struct sl_kept *kept, const struct cache_point *point, const struct sl_run *run)
{
    return kept->late == point->late && kept->n_counts == stages_before(run->pipeline, point->at) &&
           (!kept->late || (kept->train != NULL) == sl_pipeline_divides(run->pipeline));
}

static void *copy_of(const void *p, uint64_t n, size_t size, bool *ok)
{
    size_t bytes = 0;
    void *copy = sl_mul((size_t)n, size, &bytes) ? malloc(bytes ? bytes : 1) : NULL;
    *ok = *ok && copy;
    return copy && bytes ? memcpy(copy, p, bytes) : copy;
}

static bool copy_quarantine(struct sl_quarantine *to, const struct sl_quarantine *from)
{
    bool ok = true;
    sl_quarantine_release(to);
    if (from->n)
        to->entries = copy_of(from->entries, from->n, sizeof *from->entries, &ok);
    to->n = to->capacity = ok ? from->n : 0;
    to->total = from->total;
    return ok;
}

static int save_models(const struct sl_pipeline *p, size_t at, struct sl_buf *to, struct sl_error *err)
{
    int status = SL_OK;
    uint32_t place = 0;
    for (size_t i = 0; i < at && !status; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (sl_stage_is_cache(stage))
            continue;
        if (stage->class->save && stage->model) {
            struct sl_buf model = { 0 };
            status = stage->class->save(stage, &model, err);
            sl_buf_u32(to, place);
            sl_buf_blob(to, model.n ? model.p : "", model.n);
            to->failed |= model.failed;
            sl_buf_release(&model);
        }
        place++;
    }
    return !status && to->failed ? sl_fail_memory(err, "keeping records") : status;
}

int sl_kept_models(const struct sl_kept *kept, const struct cache_point *point, struct sl_run *run,
                   struct sl_error *err)
{
    struct sl_pipeline *p = run->pipeline;
    size_t at = point->at;
    struct sl_blob from = { kept->models.p, kept->models.p + kept->models.n, false };
    int status = SL_OK;
    while (kept->models.n && from.p < from.end && !status) {
        uint32_t wanted = sl_blob_u32(&from), place = 0;
        struct sl_str model = sl_blob_bytes(&from);
        size_t i = 0;
        for (; i < at && (sl_stage_is_cache(&p->stages[i]) || place < wanted); i++)
            place += !sl_stage_is_cache(&p->stages[i]);
        if (from.failed || i >= at || !p->stages[i].class->load)
            return sl_fail(err, SL_EFORMAT, "the models in it are damaged");
        status = p->stages[i].class->load(&p->stages[i], model, err);
    }
    return status;
}

static void take_counts(struct sl_kept *kept, const struct sl_run *run, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct sl_stage_stats *s = &run->options.progress->stages[i];
        if (sl_stage_is_cache(&run->pipeline->stages[i]))
            continue;
        const uint64_t counts[KEPT_COUNTS] = {
            s->in, s->out, s->changed, s->dropped, s->missing, s->emptied, s->bytes
        };
        memcpy(kept->counts[kept->n_counts++], counts, sizeof counts);
    }
}

static void give_counts(const struct sl_kept *kept, struct sl_run *run, size_t at)
{
    size_t k = 0;
    uint64_t out = 0;
    for (size_t i = 0; i < at; i++) {
        struct sl_stage_stats *s = &run->options.progress->stages[i];
        if (sl_stage_is_cache(&run->pipeline->stages[i])) {
            s->in = s->out = out;
            continue;
        }
        const uint64_t *counts = kept->counts[k++];
        s->in = counts[KEPT_IN];
        s->out = out = counts[KEPT_OUT];
        s->changed = counts[KEPT_CHANGED];
        s->dropped = counts[KEPT_DROPPED];
        s->missing = counts[KEPT_MISSING];
        s->emptied = counts[KEPT_EMPTIED];
        s->bytes = counts[KEPT_BYTES];
    }
}

static bool take_split(struct sl_kept *kept, const struct sl_run *run)
{
    const struct sl_run_result *r = &run->result;
    bool ok = true;
    kept->late = true;
    kept->n = r->kept;
    kept->n_train = r->n_train;
    kept->n_test = r->n_test;
    kept->n_validation = r->n_validation;
    kept->record = copy_of(run->kept, kept->n, sizeof *run->kept, &ok);
    kept->role = copy_of(run->role, kept->n, 1, &ok);
    if (run->train_records) {
        kept->train = copy_of(run->train_records, kept->n_train, sizeof *kept->train, &ok);
        kept->test = copy_of(run->test_records, kept->n_test, sizeof *kept->test, &ok);
        kept->validation = copy_of(run->validation_records, kept->n_validation, sizeof *kept->validation, &ok);
    }
    return ok;
}

int sl_kept_take(struct sl_kept **out, struct sl_run *run, struct cache_point *point, struct sl_error *err)
{
    struct sl_kept *kept = calloc(1, sizeof *kept);
    bool ok = kept != NULL;
    if (!ok)
        return sl_fail_memory(err, "keeping records");
    kept->users = 1;
    kept->store = point->fill;
    point->fill = NULL;
    kept->key = point->key;
    point->key = (struct sl_buf){ 0 };
    kept->records = run->result.records;
    ok = copy_quarantine(&kept->quarantine, &run->quarantine);
    kept->marks = copy_of(run->marks, run->n_marks, sizeof *run->marks, &ok);
    kept->hashes = copy_of(run->hashes, run->n_marks, sizeof *run->hashes, &ok);
    kept->n_marks = ok ? run->n_marks : 0;
    take_counts(kept, run, point->at);
    ok = ok && (!point->late || take_split(kept, run));
    int status = ok ? sl_store_seal(kept->store, err) : sl_fail_memory(err, "keeping records");
    if (!status)
        status = save_models(run->pipeline, point->at, &kept->models, err);
    if (status)
        sl_kept_drop(kept);
    else
        *out = kept;
    return status;
}

static bool give_split(const struct sl_kept *kept, struct sl_run *run)
{
    struct sl_run_result *r = &run->result;
    bool ok = true;
    r->kept = kept->n;
    r->dropped = kept->records - kept->quarantine.total - kept->n;
    r->n_train = kept->n_train;
    r->n_test = kept->n_test;
    r->n_validation = kept->n_validation;
    run->kept = copy_of(kept->record, kept->n, sizeof *run->kept, &ok);
    run->role = copy_of(kept->role, kept->n, 1, &ok);
    if (kept->train) {
        run->train_records = copy_of(kept->train, kept->n_train, sizeof *kept->train, &ok);
        run->test_records = copy_of(kept->test, kept->n_test, sizeof *kept->test, &ok);
        run->validation_records = copy_of(kept->validation, kept->n_validation, sizeof *kept->validation, &ok);
    }
    r->test_records = run->test_records;
    r->train_records = run->train_records;
    r->validation_records = run->validation_records;
    return ok;
}

int sl_kept_give(const struct sl_kept *kept, const struct cache_point *point, struct sl_run *run, struct sl_error *err)
{
    struct sl_progress *progress = run->options.progress;
    struct sl_pipeline *p = run->pipeline;
    bool ok = copy_quarantine(&run->quarantine, &kept->quarantine);
    run->marks = copy_of(kept->marks, kept->n_marks, sizeof *kept->marks, &ok);
    run->hashes = copy_of(kept->hashes, kept->n_marks, sizeof *kept->hashes, &ok);
    run->n_marks = run->marks_capacity = ok ? kept->n_marks : 0;
    run->result.records = kept->records;
    ok = ok && (!kept->late || give_split(kept, run));
    if (!ok)
        return sl_fail_memory(err, "going on from kept records");
    if (kept->n_marks) {
        p->start = kept->marks[0];
        p->ran = true;
    }
    give_counts(kept, run, point->at);
    progress->records = kept->records;
    progress->quarantined = kept->quarantine.total;
    progress->dropped = kept->records - kept->quarantine.total - sl_store_records(kept->store);
    return SL_OK;
}
