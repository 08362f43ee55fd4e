/* job_result.c: the final figures of a training. */
#include "job.h"

#include <stdlib.h>

static int copy_classes(struct sl_result *r, const struct sl_dataset *data, struct sl_error *err)
{
    r->classes = calloc((size_t)data->n_classes + 1, sizeof *r->classes);
    if (!r->classes)
        return sl_fail_memory(err, "the result");
    for (uint32_t k = 0; k < data->n_classes; k++) {
        if (!(r->classes[k] = strdup(data->classes[k])))
            return sl_fail_memory(err, "the result");
        r->train.n_classes = k + 1; /* as many as result_free() is to free */
    }
    return SL_OK;
}

int job_counts(struct job *job, const struct sl_run_result *found, struct sl_error *err)
{
    struct sl_result *r = job->counts = calloc(1, sizeof *r);
    if (!r)
        return sl_fail_memory(err, "the result");
    r->records = found->records;
    r->quarantined = found->quarantined;
    r->dropped = found->dropped;
    r->n_train = found->n_train;
    r->n_test = found->n_test;
    r->fingerprint = found->fingerprint;
    r->cache_hits = found->cache_hits;
    r->cache_misses = found->cache_misses;
    r->n_features = job->data->train.width;
    r->nonzeros = job->data->train.nonzeros;
    r->n_test_head = found->n_test < 8 ? (size_t)found->n_test : 8;
    for (size_t i = 0; i < r->n_test_head; i++)
        r->test_head[i] = found->test_records[i];
    return copy_classes(r, job->data, err);
}

static int measure(struct job *job, const struct sl_matrix *matrix, struct sl_metrics *out, struct sl_error *err)
{
    double *probabilities = NULL;
    uint32_t *y = NULL;
    int status = sl_learner_evaluate(job->learner, matrix, job->data->n_classes, job->pool, &probabilities, &y, err);
    if (!status)
        status = sl_metrics_compute(out, probabilities, y, matrix->n, job->data->n_classes, err);
    free(probabilities);
    free(y);
    return status;
}

int job_evaluate(struct job *job, struct sl_error *err)
{
    struct sl_result *r = job->counts;
    struct sl_metrics train = { 0 };
    int status = measure(job, &job->data->train, &train, err);
    if (status)
        return status;
    r->train = train;
    r->have_test = job->data->test.n > 0;
    if (r->have_test)
        status = measure(job, &job->data->test, &r->test, err);
    r->converged = job->converged;
    r->steps = job->last.step;
    for (int phase = 0; phase <= SL_PHASE_DONE; phase++)
        r->seconds[phase] = (double)job->progress.phase_ns[phase] * 1e-9;
    r->total_seconds = (double)(sl_now() - job->began - job->paused_ns) * 1e-9;
    r->peak_rss = sl_memory_peak();
    return status;
}
