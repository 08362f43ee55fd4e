/* job_result.c: the final figures of a training. */
#include "fit_figures.h"
#include "job.h"

#include <math.h>
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

/* --- figures --- */

struct measuring {
    const struct sl_learner *learner;
    const struct sl_dataset *data;
    struct sl_pool *pool;
};

static int measure(const struct measuring *m, const struct sl_matrix *matrix, struct sl_metrics *out,
                   struct sl_fit_figures *fit, struct sl_error *err)
{
    double *probabilities = NULL;
    uint32_t *y = NULL;
    if (m->data->regression) {
        *out = (struct sl_metrics){ .accuracy = (double)NAN, .log_loss = (double)NAN, .roc_auc = (double)NAN };
        return fit_figures(m->learner, matrix, m->pool, fit, err);
    }
    int status = sl_learner_evaluate(m->learner, matrix, m->data->n_classes, m->pool, &probabilities, &y, err);
    if (!status)
        status = sl_metrics_compute(out, probabilities, y, matrix->n, m->data->n_classes, err);
    free(probabilities);
    free(y);
    return status;
}

int result_measure(struct sl_result *r, const struct sl_learner *learner, const struct sl_dataset *data,
                   struct sl_pool *pool, struct sl_error *err)
{
    const struct measuring m = { learner, data, pool };
    struct sl_metrics train = { 0 };
    int status = measure(&m, &data->train, &train, &r->fit_train, err);
    if (status)
        return status;
    r->train = train;
    r->regression = data->regression;
    r->have_test = data->test.n > 0;
    r->have_validation = data->validation.n > 0;
    r->n_validation = data->validation.n;
    if (r->have_test)
        status = measure(&m, &data->test, &r->test, &r->fit_test, err);
    if (!status && r->have_validation)
        status = measure(&m, &data->validation, &r->validation, &r->fit_validation, err);
    return status;
}

int job_evaluate(struct job *job, struct sl_error *err)
{
    struct sl_result *r = job->counts;
    int status = result_measure(r, job->learner, job->data, job->pool, err);
    if (status)
        return status;
    r->converged = job->converged;
    r->steps = job->last.step;
    r->epochs = job->epochs;
    memcpy(r->device, job->look.device, sizeof r->device); /* written by this thread alone */
    for (int phase = 0; phase <= SL_PHASE_DONE; phase++)
        r->seconds[phase] = (double)job->progress.phase_ns[phase] * 1e-9;
    r->total_seconds = (double)(sl_now() - job->began - job->paused_ns) * 1e-9;
    r->peak_rss = sl_memory_peak();
    return status;
}
