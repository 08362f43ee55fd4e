/* job.c: the training thread: prepare the data, iterate, evaluate.
 *
 * Wishes (pause, stop, close) are looked at between iterations; while the data are prepared, stopping cancels the run.
 * Points and a checkpoint are committed every tenth of a second at most; a checkpoint that takes long is written
 * less often, so that recording costs about a fiftieth of the time. */
#include "job.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define COMMIT_NS     UINT64_C(100000000)
#define CHECKPOINT_BY 50u /* a checkpoint may take 1/50 of the time between two */

void job_set_state(struct job *job, enum sl_job state)
{
    pthread_mutex_lock(&job->lock);
    job->state = state;
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
}

static enum job_wish read_wish(struct job *job)
{
    pthread_mutex_lock(&job->lock);
    enum job_wish wish = job->wish;
    pthread_mutex_unlock(&job->lock);
    return wish;
}

void job_wish(struct job *job, enum job_wish wish)
{
    pthread_mutex_lock(&job->lock);
    job->wish = wish;
    if (wish == JOB_STOP || wish == JOB_CLOSE)
        job->progress.cancel = true;
    pthread_cond_broadcast(&job->moved);
    pthread_mutex_unlock(&job->lock);
}

/* --- preparing --- */

static int check_data(struct job *job, struct sl_error *err)
{
    if (!job->expects || job->counts->fingerprint == job->expected)
        return SL_OK;
    job->other_data = true;
    sl_fail(err, SL_ESTATE, "the data have changed since this training began (fingerprint %016llx, now %016llx)",
            (unsigned long long)job->expected, (unsigned long long)job->counts->fingerprint);
    return sl_fix(err, "begin anew with: train, or go on all the same with: resume force=true");
}

/* Marks and quarantine for the browser; what the run stored between its phases goes at once when nobody wants them. */
static void hand_over(struct job *job, struct sl_run *run)
{
    if (!job->want_run) {
        sl_run_free(run);
        return;
    }
    pthread_mutex_lock(&job->lock);
    job->found = run;
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
}

static int load_checkpoint(struct job *job, struct sl_error *err)
{
    struct sl_buf state = { 0 };
    int status = job_read_checkpoint(job, &state, err);
    if (!status && state.n)
        status = job->class->load(job->learner, (struct sl_str){ state.p, state.n }, err);
    sl_buf_release(&state);
    return status;
}

static int prepare(struct job *job, struct sl_error *err)
{
    struct sl_run *run = NULL;
    int status = sl_pool_new(&job->pool, job->threads, err);
    struct sl_run_options options = { .pool = job->pool,
                                      .memory = job->memory,
                                      .prefetch = job->prefetch,
                                      .progress = &job->progress,
                                      .cache = job->cache };
    if (!status)
        status = sl_dataset_new(&job->data, &run, job->pipeline, &options, err);
    if (!status && sl_run_result(run)->notices)
        sl_buf_puts(&job->notices, sl_run_result(run)->notices);
    if (!status)
        status = job_counts(job, sl_run_result(run), err);
    if (!status)
        status = check_data(job, err);
    if (!status)
        status = job_note_prepared(job, err);
    if (run)
        hand_over(job, run);
    struct sl_stage *stage = sl_pipeline_find(job->pipeline, SL_LEARNER);
    job->class = sl_learner_find(stage);
    if (!status)
        status = job->class->begin(&job->learner, stage, job->data, job->pool, err);
    if (!status && job->resume)
        status = load_checkpoint(job, err);
    return status;
}

/* --- iterating --- */

static int wait_while_paused(struct job *job, struct sl_error *err)
{
    uint64_t began = sl_now();
    int status = job_commit(job, SL_JOB_PAUSED, JOB_CHECKPOINT | JOB_FORCE, "paused", err);
    if (status)
        return status;
    pthread_mutex_lock(&job->lock);
    while (job->wish == JOB_PAUSE)
        pthread_cond_wait(&job->moved, &job->lock);
    bool go = job->wish == JOB_GO;
    pthread_mutex_unlock(&job->lock);
    job->paused_ns += sl_now() - began;
    return go ? job_commit(job, SL_JOB_TRAINING, JOB_FORCE, "resumed", err) : SL_OK;
}

static int obey(struct job *job, struct sl_error *err)
{
    int status = SL_OK;
    enum job_wish wish;
    while (!status && (wish = read_wish(job)) == JOB_PAUSE)
        status = wait_while_paused(job, err);
    if (!status && (wish == JOB_STOP || wish == JOB_CLOSE))
        status = sl_fail(err, SL_ECANCEL, "the training was stopped");
    return status;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static int record_step(struct job *job, const struct sl_point *point, struct sl_error *err)
{
    job->last = *point;
    job->have_last = true;
    job->last_rows = point->rows;
    job->last_ns = (uint64_t)(point->seconds * 1e9);
    if (!job->first_norm)
        job->first_norm = bits_of(point->gradient_norm);
    job->last_norm = bits_of(point->gradient_norm);
    job->progress.done = point->step;
    if (point->step <= job->shown)
        return SL_OK;
    int status = job_add_point(job, point, err);
    if (status || sl_now() - job->last_commit < COMMIT_NS)
        return status;
    uint64_t now = sl_now();
    bool due = job->book->path && now >= job->next_checkpoint;
    status = job_commit(job, SL_JOB_TRAINING, due ? JOB_CHECKPOINT : 0, NULL, err);
    job->last_commit = sl_now();
    if (due) {
        uint64_t cost = job->last_commit - now;
        job->next_checkpoint = job->last_commit + (cost * CHECKPOINT_BY > COMMIT_NS ? cost * CHECKPOINT_BY : COMMIT_NS);
    }
    return status;
}

static int iterate(struct job *job, struct sl_error *err)
{
    int status = job_commit(job, SL_JOB_TRAINING, JOB_FORCE, job->resume ? "resumed" : NULL, err);
    job->train_began = job->last_commit = sl_now();
    job->progress.phase = SL_PHASE_TRAIN;
    job->progress.total = (uint64_t)job->max_steps;
    while (!status && !(status = obey(job, err))) {
        struct sl_point point = { 0 };
        status = job->class->step(job->learner, &point, err);
        if (status == SL_EEND) {
            job->converged = job->max_steps <= 0 || (double)point.step < job->max_steps;
            /* Its last point may not have been shown when this life began behind it. */
            return job->have_last ? SL_OK : record_step(job, &point, err);
        }
        if (!status)
            status = record_step(job, &point, err);
    }
    return status;
}

/* --- the end --- */

static enum sl_job end_state(struct job *job, int status)
{
    if (status == SL_OK)
        return SL_JOB_DONE;
    if (status != SL_ECANCEL)
        return SL_JOB_FAILED;
    return read_wish(job) == JOB_CLOSE ? SL_JOB_INTERRUPTED : SL_JOB_STOPPED;
}

static void free_data(struct job *job)
{
    if (job->learner)
        job->class->free(job->learner);
    sl_dataset_free(job->data);
    sl_pool_free(job->pool);
    job->learner = NULL;
    job->data = NULL;
    job->pool = NULL;
}

/* What the training leaves: points and a checkpoint in any case, model and figures unless it is to close quickly. */
static int conclude(struct job *job, enum sl_job state, struct sl_error *err)
{
    int status = SL_OK;
    if (job->train_began)
        job->progress.phase_ns[SL_PHASE_TRAIN] = sl_now() - job->train_began - job->paused_ns;
    if (job->learner && job->have_last)
        status = job_commit(job, SL_JOB_TRAINING, JOB_FORCE | (state == SL_JOB_DONE ? 0 : JOB_CHECKPOINT), NULL, err);
    if (!status && job->learner && job->have_last && state != SL_JOB_INTERRUPTED) {
        status = sl_pipeline_save(job->pipeline, &job->stages, err);
        if (!status)
            status = job->class->save(job->learner, &job->weights, err);
        if (!status && state != SL_JOB_FAILED)
            status = job_evaluate(job, err);
    }
    return status;
}

static void *job_main(void *ctx)
{
    struct job *job = ctx;
    struct sl_error err = SL_ERROR_INIT, late = SL_ERROR_INIT;
    int status = prepare(job, &err);
    if (!status)
        status = iterate(job, &err);
    enum sl_job state = end_state(job, status);
    int status_end = conclude(job, state, &late);
    if (status_end && state != SL_JOB_FAILED) {
        state = SL_JOB_FAILED;
        err = late;
    }
    if (state == SL_JOB_FAILED)
        job->error = err;
    free_data(job);
    if (job_note_end(job, state, &late) && state != SL_JOB_FAILED) {
        state = SL_JOB_FAILED;
        job->error = late;
    }
    pthread_mutex_lock(&job->lock);
    job->state = state;
    job->ended = true;
    if (state == SL_JOB_DONE || state == SL_JOB_STOPPED) {
        job->result = job->have_last ? job->counts : NULL;
        job->counts = job->have_last ? NULL : job->counts;
    }
    job->progress.phase = SL_PHASE_DONE;
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
    return NULL;
}

/* A number among the learner's parameters, whatever the learner; 0 when it has none of that name. */
static double parameter(struct sl_pipeline *pipeline, const char *name)
{
    const struct sl_stage *stage = sl_pipeline_find(pipeline, SL_LEARNER);
    const struct sl_param *row = stage ? sl_param_find(stage->class->params, sl_str(name)) : NULL;
    const char *at = row ? (const char *)stage->params + row->offset : NULL;
    if (row && row->kind == SL_PARAM_INT)
        return (double)*(const int64_t *)(const void *)at;
    return row && row->kind == SL_PARAM_REAL ? *(const double *)(const void *)at : 0;
}

int job_start(struct job *job, struct sl_error *err)
{
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->moved, NULL);
    job->state = SL_JOB_PREPARING;
    job->began = sl_now();
    job->max_steps = parameter(job->pipeline, "max_iter");
    job->tolerance = parameter(job->pipeline, "tol");
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&job->thread, NULL, job_main, job);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    job->started = code == 0;
    return code ? sl_fail(err, SL_EIO, "the system allows no further thread") : SL_OK;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    if (job->started)
        pthread_join(job->thread, NULL);
    if (job->began) {
        pthread_mutex_destroy(&job->lock);
        pthread_cond_destroy(&job->moved);
    }
    free_data(job);
    sl_run_free(job->found);
    sl_pipeline_free(job->pipeline);
    result_free(job->result);
    result_free(job->counts);
    sl_buf_release(&job->stages);
    sl_buf_release(&job->weights);
    sl_buf_release(&job->recipe);
    sl_buf_release(&job->notices);
    free(job->points);
    free(job->pending);
    free(job);
}
