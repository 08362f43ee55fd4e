/* audit.c: an audit's course: one pass over the input, the workers' books added up, texts compared. */
#include "audit_private.h"

#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Behind the last stage of those that only clean. */
static size_t find_texts(const struct sl_pipeline *p)
{
    size_t s = 0;
    while (s + 1 < sl_pipeline_end(p) &&
           (p->stages[s + 1].class->kind == SL_RECORD || p->stages[s + 1].class->kind == SL_TARGET))
        s++;
    return s;
}

/* Room for the examples of every count, for every worker. */
static int make_room(struct sl_auditing *a, struct sl_error *err)
{
    size_t stages = sl_pipeline_end(a->pass.pipeline), lists = a->n_workers * (stages * AUDIT_COUNTS + 1), n;
    a->memory = sl_mul(lists, a->most, &n) ? calloc(n + 1, sizeof *a->memory) : NULL;
    uint64_t *next = a->memory;
    if (!next)
        return sl_fail_memory(err, "an audit");
    for (size_t w = 0; w < a->n_workers; w++) {
        for (size_t s = 0; s < stages; s++)
            for (int k = 0; k < AUDIT_COUNTS; k++, next += a->most)
                a->workers[w].counts[s][k] = (struct sl_first){ .record = next, .most = a->most };
        a->workers[w].untouched = (struct sl_first){ .record = next, .most = a->most };
        next += a->most;
    }
    return SL_OK;
}

static int begin(struct sl_auditing *a, struct sl_pipeline *pipeline, const struct sl_audit_options *options,
                 struct sl_error *err)
{
    a->pass = (struct sl_pass){ .pipeline = pipeline,
                                .pool = options->pool,
                                .last = sl_pipeline_end(pipeline),
                                .ordered = true,
                                .progress = options->progress,
                                .visit = sl_audit_look,
                                .ctx = a };
    a->n_workers = (size_t)(options->pool ? sl_pool_threads(options->pool) : 1);
    a->most = options->examples ? options->examples : 10;
    a->texts_at = find_texts(pipeline);
    int status = sl_pass_init(&a->pass, a->n_workers, err);
    a->maps = sl_maps_new(pipeline);
    a->workers = calloc(a->n_workers, sizeof *a->workers);
    if (!status && (!a->maps || !a->workers))
        status = sl_fail_memory(err, "an audit");
    return status ? status : make_room(a, err);
}

static void end(struct sl_auditing *a)
{
    for (size_t w = 0; a->workers && w < a->n_workers; w++) {
        free(a->workers[w].keys);
        for (size_t s = 0; s < SL_MAX_STAGES; s++)
            free(a->workers[w].dropped[s].record);
    }
    sl_maps_free(a->maps, a->pass.pipeline);
    sl_pass_release(&a->pass);
    free(a->workers);
    free(a->memory);
}

/* ---- Adding up ---- */

static int keep_first(struct sl_audit *out, const struct sl_first *first, struct sl_examples *to, struct sl_error *err)
{
    uint64_t *copy = sl_arena_array(&out->arena, first->kept, sizeof *copy);
    if (!copy)
        return sl_fail_memory(err, "an audit");
    if (first->kept)
        memcpy(copy, first->record, first->kept * sizeof *copy);
    *to = (struct sl_examples){ first->n, copy, first->kept };
    return SL_OK;
}

static int keep_stage(struct sl_audit *out, struct sl_auditing *a, size_t s, struct sl_error *err)
{
    struct sl_audit_stage *stage = &out->stage[s];
    struct sl_examples *to[AUDIT_COUNTS] = { &stage->changed, &stage->dropped,   &stage->emptied,
                                             &stage->missing, &stage->nonfinite, &stage->failed };
    int status = SL_OK;
    for (size_t w = 0; w < a->n_workers; w++)
        stage->in += a->workers[w].in[s];
    for (int k = 0; k < AUDIT_COUNTS && !status; k++) {
        for (size_t w = 1; w < a->n_workers; w++)
            sl_first_merge(&a->workers[0].counts[s][k], &a->workers[w].counts[s][k]);
        status = keep_first(out, &a->workers[0].counts[s][k], to[k], err);
    }
    return status;
}

static int keep_verdicts(struct sl_verdicts *out, struct sl_auditing *a, size_t s, struct sl_error *err)
{
    size_t n = 0;
    if (!a->pass.pipeline->stages[s].class->ordered)
        return SL_OK;
    for (size_t w = 0; w < a->n_workers; w++)
        n += a->workers[w].dropped[s].n;
    uint64_t *record = calloc(n + 1, sizeof *record);
    if (!record)
        return sl_fail_memory(err, "listing dropped records");
    size_t at = 0;
    for (size_t w = 0; w < a->n_workers; w++) {
        const struct sl_record_list *list = &a->workers[w].dropped[s];
        if (list->n)
            memcpy(record + at, list->record, list->n * sizeof *record);
        at += list->n;
    }
    qsort(record, n, sizeof *record, by_value);
    out->stage[s].record = record;
    out->stage[s].n = n;
    out->stage[s].known = true;
    return SL_OK;
}

static int add_up(struct sl_audit *out, struct sl_auditing *a, struct sl_error *err)
{
    size_t stages = sl_pipeline_end(a->pass.pipeline);
    out->stages = stages;
    out->stage = sl_arena_zero(&out->arena, stages, sizeof *out->stage);
    int status = out->stage ? SL_OK : sl_fail_memory(err, "an audit");
    for (size_t w = 0; w < a->n_workers; w++) {
        out->records += a->workers[w].records;
        out->rejected += a->workers[w].rejected;
        if (w)
            sl_first_merge(&a->workers[0].untouched, &a->workers[w].untouched);
    }
    for (size_t s = 0; s < stages && !status; s++) {
        status = keep_stage(out, a, s, err);
        if (!status)
            status = keep_verdicts(&out->verdicts, a, s, err);
    }
    if (!status) /* a block's rejects are counted all, though only so many are kept */
        out->stage[0].failed.n = out->rejected;
    return status ? status : keep_first(out, &a->workers[0].untouched, &out->untouched, err);
}

static int compare_texts(struct sl_audit *out, struct sl_auditing *a, const struct sl_audit_options *options,
                         struct sl_error *err)
{
    struct sl_pairing p = {
        .most = a->most, .distance = options->distance, .progress = options->progress, .arena = &out->arena
    };
    uint64_t *roles = NULL;
    for (size_t w = 0; w < a->n_workers; w++)
        p.n += a->workers[w].n_keys;
    p.keys = calloc(p.n + 1, sizeof *p.keys);
    int status = p.keys ? SL_OK : sl_fail_memory(err, "comparing texts");
    for (size_t w = 0, at = 0; w < a->n_workers && !status; w++) {
        const struct sl_audit_worker *worker = &a->workers[w];
        if (worker->n_keys)
            memcpy(p.keys + at, worker->keys, worker->n_keys * sizeof *p.keys);
        at += worker->n_keys;
    }
    out->has_label = a->pass.pipeline->stages[0].target != NULL;
    if (!status && out->has_label)
        status = sl_find_conflicts(&p, &out->conflicts, err);
    if (!status && options->run && options->run->test_records) {
        status = sl_roles_new(&roles, &p.n_roles, options->run, err);
        p.roles = roles;
        out->has_roles = !status;
        if (!status)
            status = sl_find_exact(&p, &out->exact, err);
        if (!status)
            status = sl_find_near(&p, &out->near, err);
    }
    free(roles);
    free(p.keys);
    return status;
}

int sl_audit_run(struct sl_audit *out, struct sl_pipeline *pipeline, const struct sl_audit_options *options,
                 struct sl_error *err)
{
    struct sl_auditing a = { 0 };
    *out = (struct sl_audit){ 0 };
    sl_arena_init(&out->arena);
    if (options->distance > 7) {
        sl_fail(err, SL_EPARAM, "near duplicates cannot differ in %u bits", options->distance);
        return sl_fix(err, "give 0 to 7; %u finds texts that differ in a few words", SL_AUDIT_DISTANCE);
    }
    int status = begin(&a, pipeline, options, err);
    if (!status)
        status = sl_pass_run(&a.pass, err);
    if (!status)
        status = add_up(out, &a, err);
    if (!status)
        status = compare_texts(out, &a, options, err);
    end(&a);
    if (status)
        sl_audit_release(out);
    return status;
}

void sl_audit_release(struct sl_audit *audit)
{
    sl_verdicts_release(&audit->verdicts);
    sl_arena_release(&audit->arena);
    *audit = (struct sl_audit){ 0 };
}
