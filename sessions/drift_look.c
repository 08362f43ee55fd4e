/* drift_look.c: what is in some data: a profile of each column as read, and their fingerprint. All cores, one pass; the
 * classes and words of the cleaned records (drift_words.c) take another. */
#include "drift_inner.h"
#include "live.h"

#include <stdlib.h>

struct profiling {
    struct sl_profile **profile; /* one a worker */
};

static int profile_chunk(void *ctx, const struct sl_chunk *chunk, const uint8_t *role, int worker, struct sl_error *err)
{
    struct profiling *p = ctx;
    (void)role;
    if (!p->profile[worker]) {
        int status = sl_profile_new(&p->profile[worker], chunk->schema, err);
        if (status)
            return status;
    }
    return sl_profile_chunk(p->profile[worker], chunk, err);
}

/* All workers' profiles as one, then a summary of each column. */
static int sum_up(struct profiling *p, int threads, struct look *out, struct sl_error *err)
{
    struct sl_profile *all = NULL;
    int status = sl_profile_new(&all, &out->schema, err);
    for (int i = 0; i < threads && !status; i++)
        if (p->profile[i])
            status = sl_profile_merge(all, p->profile[i], err);
    out->columns = status ? NULL : calloc(out->schema.n + 1, sizeof *out->columns);
    if (!status && !out->columns)
        status = sl_fail_memory(err, "a profile");
    for (size_t c = 0; c < out->schema.n && !status; c++)
        sl_profile_column(all, c, &out->columns[c]);
    sl_profile_free(all);
    return status;
}

static int profile_source(struct look *out, const struct looking *how, struct sl_error *err)
{
    const struct sl_pipeline_options options = { .base = how->base };
    int threads = sl_pool_threads(how->pool);
    struct profiling p = { calloc((size_t)threads, sizeof(struct sl_profile *)) };
    const struct sl_run_options run_options = {
        .pool = how->pool, .memory = how->memory, .progress = how->progress, .sink = profile_chunk, .ctx = &p
    };
    struct sl_pipeline *pipeline = NULL;
    struct sl_run *run = NULL;
    size_t source = 0, n = 0;
    while (source < how->n && how->statements[source].class->kind != SL_SOURCE)
        source++;
    while (source + n < how->n && how->statements[source + n].class->kind == SL_SOURCE)
        n++;
    int status = !p.profile         ? sl_fail_memory(err, "a profile")
                 : source == how->n ? sl_fail(err, SL_EFORMAT, "the recipe reads nothing")
                                    : SL_OK;
    if (!status)
        status = sl_pipeline_new(&pipeline, &how->statements[source], n, &options, err);
    if (!status)
        status = sl_schema_copy(&out->schema, &sl_pipeline_stage(pipeline, 0)->out, err);
    if (!status)
        status = sl_pipeline_run(&run, pipeline, &run_options, err);
    if (!status)
        status = sum_up(&p, threads, out, err);
    if (!status) {
        const struct sl_run_result *found = sl_run_result(run);
        out->records = found->records;
        out->quarantined = found->quarantined;
        out->fingerprint = found->fingerprint;
    }
    for (int i = 0; p.profile && i < threads; i++)
        sl_profile_free(p.profile[i]);
    free(p.profile);
    sl_run_free(run);
    sl_pipeline_free(pipeline);
    return status;
}

int look_at(struct look *out, const struct looking *how, struct sl_error *err)
{
    *out = (struct look){ .not_cleaned = SL_ERROR_INIT };
    int status = profile_source(out, how, err);
    if (status)
        return status;
    /* Columns that are gone break the recipe, not the report. */
    status = look_clean(out, how, &out->not_cleaned);
    out->cleaned = !status;
    if (status == SL_ENOMEM || status == SL_ECANCEL) {
        if (err)
            *err = out->not_cleaned;
        return status;
    }
    return SL_OK;
}

void look_release(struct look *look)
{
    sl_schema_release(&look->schema);
    sl_vocab_free(look->classes);
    free(look->columns);
    free(look->class_count);
    *look = (struct look){ 0 };
}
