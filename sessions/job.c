/* job.c: the training thread: prepare the data, iterate, evaluate.
 *
 * What is asked for (job_ask.c) is done between iterations; pausing and stopping within long ones, too. While the data
 * are prepared, stopping cancels the run.
 * What has come of them is handed over to be committed every tenth of a second (job_commit.c). */
#include "job.h"

#include "sluice/digest.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define COMMIT_NS UINT64_C(100000000)
#define HALT_NS   UINT64_C(1000000000) /* iterations longer than this keep checkpoints within them */

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
        status = job_digests_begin(job, &options, err);
    if (!status)
        status = sl_dataset_new(&job->data, &run, job->pipeline, &options, err);
    if (!status && sl_run_result(run)->notices)
        job_say(job, sl_run_result(run)->notices);
    if (!status)
        status = job_counts(job, sl_run_result(run), err);
    if (!status)
        status = check_data(job, err);
    if (!status)
        status = job_note_prepared(job, err);
    if (!status)
        status = job_twins(job, sl_run_result(run), err);
    if (run)
        hand_over(job, run);
    struct sl_stage *stage = sl_pipeline_find(job->pipeline, SL_LEARNER);
    job->class = sl_learner_find(stage);
    if (!status)
        status = job->class->begin(&job->learner, job->pipeline, stage, job->data, job->pool, job->memory, err);
    double keep = tuning_setting(job->pipeline, "keep_checkpoints");
    job->keep_epochs = keep > 0 ? (int64_t)keep : 0;
    if (!status && job->resume)
        status = load_checkpoint(job, err);
    if (!status && job->resume)
        status = job_tunings_load(job, err);
    return status;
}

/* --- iterating --- */

static int record_step(struct job *job, const struct sl_point *point, struct sl_error *err)
{
    job->last = *point;
    if (!job->have_last)
        job_look_begin(job);
    job->have_last = true;
    job->last_rows = point->rows;
    job->last_ns = (uint64_t)(point->seconds * 1e9);
    job->progress.done = point->step;
    bool seen = point->step <= job->shown;
    uint64_t now = sl_now();
    int status = seen ? SL_OK : job_add_point(job, point, err);
    if (!status)
        status = job_epoch(job, seen, err);
    if (!status)
        status = job_look(job, now, err);
    if (status || now < job->next_commit)
        return status;
    job_look_at_device(job, now);
    return job->parcel.n || job->parcel.notes.n ? job_hand_over(job, now, err) : SL_OK;
}

/* Within an iteration that takes long: to obey, or to keep what there is. */
static bool due(void *ctx)
{
    const struct job *job = ctx;
    uint64_t halt = job->halt;
    return (halt && sl_now() >= halt) || (job->book->path && sl_now() >= job->next_halt);
}

static int keep_within(struct job *job, struct sl_error *err)
{
    uint64_t began = sl_now();
    if (began < job->next_halt) /* halted to obey, which keeps what it must */
        return SL_OK;
    return job_commit(job, SL_JOB_TRAINING, JOB_CHECKPOINT | JOB_FORCE, NULL, err);
}

static int begin_iterating(struct job *job, struct sl_error *err)
{
    bool before = job->resume && job_has_event(job, "training");
    struct sl_buf json = { 0 };
    sl_buf_printf(&json, "{\"step\":%llu", (unsigned long long)job->last.step);
    if (job->resume) /* how many points were seen before: those up to there are made again, but not shown */
        sl_buf_printf(&json, ",\"shown\":%llu", (unsigned long long)job->shown);
    job_facts(job, &json);
    sl_buf_putc(&json, '}');
    struct job_note note = { before || job->last.step ? "resumed" : "training", json.p, job->journal };
    struct job_note once = { NULL, NULL, job->once_journal };
    int status = json.failed ? sl_fail_memory(err, "an event") : SL_OK;
    if (!status)
        status = job_commit(job, SL_JOB_TRAINING, JOB_FORCE, &note, err);
    if (!status && once.journal)
        status = job_commit(job, SL_JOB_TRAINING, JOB_FORCE, &once, err);
    sl_buf_release(&json);
    job_notice(job);
    job->train_began = sl_now();
    job->next_commit = job->train_began + COMMIT_NS;
    job->next_halt = job->train_began + HALT_NS;
    job->progress.phase = SL_PHASE_TRAIN;
    job->progress.total = job_steps(job);
    job->batched = job->class->epoch != NULL;
    job->class->halt(job->learner, due, job);
    return status;
}

/* The end: converged, or as many iterations as were wanted. */
static int finish(struct job *job, const struct sl_point *point, struct sl_error *err)
{
    bool before = point->step < job_steps(job);
    job->converged = before || job->class->epoch;
    if (job->class->epoch)
        return before ? job_stopped_early(job, err) : SL_OK;
    /* Its last point may not have been shown when this life began behind it. */
    return job->have_last ? SL_OK : record_step(job, point, err);
}

static int iterate(struct job *job, struct sl_error *err)
{
    int status = begin_iterating(job, err);
    while (!status && !(status = job_obey(job, err))) {
        struct sl_point point;
        status = job_look_ahead(job, err);
        if (!status)
            status = point_step(job->learner, &point, err);
        if (status == SL_EEND)
            return finish(job, &point, err);
        if (status == SL_EDATA)
            return job_nonfinite(job, err);
        if (status == SL_ECANCEL)
            status = keep_within(job, err);
        else if (!status)
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
    return job_wished(job) == JOB_CLOSE ? SL_JOB_INTERRUPTED : SL_JOB_STOPPED;
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
    if (job->learner && job->train_began)
        status = job_commit(job, SL_JOB_TRAINING, JOB_FORCE | (state == SL_JOB_DONE ? 0 : JOB_CHECKPOINT), NULL, err);
    if (!status && job_stepped(job) && state != SL_JOB_INTERRUPTED) {
        job->class->settle(job->learner);
        status = sl_pipeline_save(job->pipeline, &job->stages, err);
        if (!status)
            status = job->class->save(job->learner, &job->weights, err);
        job_digest_weights(job);
        if (!status && state != SL_JOB_FAILED)
            status = job_evaluate(job, err);
    }
    return status;
}

static void *job_main(void *ctx)
{
    struct job *job = ctx;
    struct sl_error err = SL_ERROR_INIT, late = SL_ERROR_INIT;
    int status = job_writer_begin(job, &err);
    if (!status)
        status = prepare(job, &err);
    if (!status)
        status = iterate(job, &err);
    enum sl_job state = end_state(job, status);
    if (state == SL_JOB_STOPPED)
        job_asks_end(job);
    int status_end = conclude(job, state, &late);
    if (status_end && state != SL_JOB_FAILED) {
        state = SL_JOB_FAILED;
        err = late;
    }
    job_writer_end(job);
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
        job->result = job_stepped(job) ? job->counts : NULL;
        job->counts = job->result ? NULL : job->counts;
    }
    job->progress.phase = SL_PHASE_DONE;
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
    return NULL;
}

int job_start(struct job *job, struct sl_error *err)
{
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->moved, NULL);
    job->state = SL_JOB_PREPARING;
    job->began = sl_now();
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
    sl_digests_free(job->digests);
    sl_pipeline_free(job->pipeline);
    result_free(job->result);
    result_free(job->counts);
    sl_buf_release(&job->stages);
    sl_buf_release(&job->weights);
    sl_buf_release(&job->recipe);
    sl_buf_release(&job->notices);
    job_asks_release(&job->asks);
    tunings_release(&job->tunings);
    event_list_release(&job->events);
    event_list_release(&job->noted);
    free(job->points);
    job_parcel_release(&job->parcel);
    sl_inspection_free(job->inspection);
    free(job);
}
