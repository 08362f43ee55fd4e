/* verify_run.c: a training carried out once more, with what was done to it at the iterations at which it was done.
 *
 * The same code as when it was trained (job.c) does the work; nothing is recorded, no cache is asked. Pauses change no
 * number; a stop ends it where it ended then. */
#include "points.h"
#include "verify_inner.h"

#include <stdlib.h>

void verify_run_release(struct verifying *v)
{
    if (v->model)
        v->model->class->free(v->model);
    sl_dataset_free(v->data);
    sl_run_free(v->found);
    sl_pipeline_free(v->pipeline);
    sl_digests_free(v->now);
    result_free(v->result);
    sl_buf_release(&v->stages_now);
    free(v->points);
    v->model = NULL;
    v->data = NULL;
    v->found = NULL;
    v->pipeline = NULL;
    v->now = NULL;
    v->points = NULL;
    v->result = NULL;
}

static int prepare(struct verifying *v, struct sl_error *err)
{
    struct sl_pipeline_options options = { .base = v->run->base, .paths = v->options->paths ? v->paths : NULL };
    int status = sl_digests_new(&v->now, err);
    const struct sl_run_options how = { .pool = v->pool,
                                        .memory = v->options->memory ? v->options->memory : sl_memory_total() / 4,
                                        .progress = v->options->progress,
                                        .anew = true,
                                        .digests = v->now };
    if (!status)
        status = sl_pipeline_new(&v->pipeline, v->statements, v->n_statements, &options, err);
    if (!status)
        status = sl_dataset_new(&v->data, &v->found, v->pipeline, &how, err);
    struct sl_stage *stage = status ? NULL : sl_pipeline_find(v->pipeline, SL_LEARNER);
    const struct sl_learner_class *class = stage ? sl_learner_find(stage) : NULL;
    if (!status && !class)
        status = sl_fail(err, SL_EFORMAT, "the recipe has no learner");
    return status ? status : class->begin(&v->model, v->pipeline, stage, v->data, v->pool, 0, err);
}

static int add_point(struct verifying *v, const struct sl_point *point, struct sl_error *err)
{
    if (v->n_points == v->points_capacity) {
        size_t capacity = v->points_capacity ? 2 * v->points_capacity : 64;
        struct sl_point *more = realloc(v->points, capacity * sizeof *more);
        if (!more)
            return sl_fail_memory(err, "verifying");
        v->points = more;
        v->points_capacity = capacity;
    }
    v->points[v->n_points++] = *point;
    return SL_OK;
}

/* Iterations done by the last point. */
static uint64_t step_of(const struct sl_point *points, size_t n)
{
    return n ? points[n - 1].step : 0;
}

/* One iteration. SL_EEND: it is over; a failure is an end like another. */
static int step(struct verifying *v, struct sl_error *err)
{
    struct sl_point point = { 0 };
    struct sl_error own = SL_ERROR_INIT;
    int status = tunings_apply(&v->tuned, step_of(v->points, v->n_points), v->model, err);
    if (status)
        return status;
    status = point_step(v->model, &point, &own);
    v->converged = status == SL_EEND;
    v->failed = status == SL_EDATA;
    if (v->converged || v->failed)
        return SL_EEND;
    if (status) {
        if (err)
            *err = own;
        return status;
    }
    return add_point(v, &point, err);
}

/* As far as it came then; where it came to an end of its own, one more, which is to be the end again. */
static int iterate(struct verifying *v, struct sl_error *err)
{
    struct sl_progress *progress = v->options->progress;
    uint64_t end = step_of(v->run->points, v->run->n_points) + v->own_end;
    int status = SL_OK;
    if (progress) {
        progress->phase = SL_PHASE_TRAIN;
        progress->done = 0;
        progress->total = v->run->n_points;
    }
    while (!status && step_of(v->points, v->n_points) < end) {
        if (progress && progress->cancel)
            return sl_fail(err, SL_ECANCEL, "cancelled");
        status = step(v, err);
        if (progress)
            progress->done = v->n_points;
    }
    return status == SL_EEND ? SL_OK : status;
}

int verify_run(struct verifying *v, struct sl_error *err)
{
    uint64_t began = sl_now();
    int status = prepare(v, err);
    v->result = calloc(1, sizeof *v->result);
    if (!status && !v->result)
        status = sl_fail_memory(err, "verifying");
    if (!status)
        status = iterate(v, err);
    if (!status)
        v->model->class->settle(v->model);
    if (!status)
        status = sl_pipeline_save(v->pipeline, &v->stages_now, err);
    if (!status && v->run->result)
        status = result_measure(v->result, v->model, v->data, v->pool, err);
    v->out->seconds = (double)(sl_now() - began) * 1e-9;
    return status;
}
