/* job_commit.c: what the training thread hands to the session's file, and when it is shown.
 *
 * A network makes thousands of points a second, and a commit takes a millisecond or, where the disk is slow, many: so
 * points, epochs and checkpoints are put into a parcel, which a thread of its own writes while the training goes on.
 * There is one parcel at a time: while it is being written the next one fills, so nothing is lost and nothing waits.
 * What must be in the file before anything else happens (paused, tuned, the end) is written by the training thread
 * itself, after the parcel that is under way.
 * Points and events are shown once the transaction that holds them is committed, by whoever committed it. */
#include "job.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#define COMMIT_NS     UINT64_C(100000000)
#define HALT_NS       UINT64_C(1000000000) /* iterations longer than this keep checkpoints within them */
#define CHECKPOINT_BY 50u                  /* a checkpoint may take 1/50 of the time between two … */
#define BYTE_NS       500u                 /* … and two megabytes a second of the disk */

static bool grow(struct sl_point **points, size_t *capacity, size_t n)
{
    if (n <= *capacity)
        return true;
    size_t more = *capacity ? *capacity * 2 : 64;
    while (more < n)
        more *= 2;
    struct sl_point *p = realloc(*points, more * sizeof *p);
    if (!p)
        return false;
    *points = p;
    *capacity = more;
    return true;
}

int job_add_point(struct job *job, const struct sl_point *point, struct sl_error *err)
{
    struct job_parcel *parcel = &job->parcel;
    if (!grow(&parcel->points, &parcel->capacity, parcel->n + 1))
        return sl_fail_memory(err, "the curves");
    parcel->points[parcel->n++] = *point;
    return SL_OK;
}

int job_add_event(struct job *job, const char *kind, struct sl_buf *json, struct sl_error *err)
{
    int status = json->failed ? sl_fail_memory(err, "an event")
                              : event_list_add(&job->parcel.notes, book_time(), kind, json->p, err);
    sl_buf_release(json);
    return status;
}

static void saved_clear(struct job_saved *saved)
{
    saved->state.n = 0;
    saved->wanted = false;
    saved->epoch = 0;
}

static void parcel_clear(struct job_parcel *parcel)
{
    parcel->n = 0;
    parcel->began = 0;
    event_list_clear(&parcel->notes);
    saved_clear(&parcel->latest);
    saved_clear(&parcel->best);
}

void job_parcel_release(struct job_parcel *parcel)
{
    free(parcel->points);
    event_list_release(&parcel->notes);
    sl_buf_release(&parcel->latest.state);
    sl_buf_release(&parcel->best.state);
    *parcel = (struct job_parcel){ 0 };
}

int job_save(struct job *job, bool best, uint64_t epoch, struct sl_error *err)
{
    struct job_saved *to = best ? &job->parcel.best : &job->parcel.latest;
    if (!job->parcel.began)
        job->parcel.began = sl_now();
    to->state.n = 0;
    to->wanted = true;
    to->step = job->last.step;
    to->epoch = epoch;
    int status = job->class->save(job->learner, &to->state, err);
    return !status && to->state.failed ? sl_fail_memory(err, "a checkpoint") : status;
}

/* --- in a transaction --- */

/* By time the last two are kept: should the newest turn out damaged, there is one more. By epochs the last few. */
static int write_checkpoint(struct job *job, const struct job_saved *saved, struct sl_error *err)
{
    int64_t keep = saved->epoch ? job->keep_epochs : 2;
    int status = book_run(job->book, err,
                          "INSERT INTO checkpoint VALUES(?,?,?,nullif(?,0)) ON CONFLICT(run, step)"
                          " DO UPDATE SET state = excluded.state, epoch = coalesce(excluded.epoch, epoch)",
                          "iibi", job->run, (int64_t)saved->step, saved->state.p, saved->state.n,
                          (int64_t)saved->epoch);
    if (!status)
        status = book_run(job->book, err,
                          "DELETE FROM checkpoint WHERE run = ?1 AND (epoch IS NULL) = ?2 AND step NOT IN"
                          " (SELECT step FROM checkpoint WHERE run = ?1 AND (epoch IS NULL) = ?2"
                          " ORDER BY step DESC LIMIT ?3)",
                          "iii", job->run, (int64_t)!saved->epoch, keep);
    return status;
}

static int write_best(struct job *job, const struct job_saved *saved, struct sl_error *err)
{
    return book_run(job->book, err, "INSERT OR REPLACE INTO best VALUES(?,?,?,?)", "iiib", job->run,
                    (int64_t)saved->step, (int64_t)saved->epoch, saved->state.p, saved->state.n);
}

/* Checkpoints come ten times a second, their events once at most. */
static int note_checkpoint(struct job *job, uint64_t step, struct sl_error *err)
{
    uint64_t now = sl_now();
    if (now < job->next_checkpoint_event)
        return SL_OK;
    job->next_checkpoint_event = now + UINT64_C(1000000000);
    return job_note_step(job, "checkpoint", step, err);
}

static int write_events(struct job *job, const struct job_parcel *parcel, struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < parcel->notes.n && !status; i++) {
        const struct sl_event *e = &parcel->notes.at[i];
        status = job_note_event(job, e->time, e->kind, e->json, err);
    }
    return status;
}

static int write_parcel(struct job *job, struct job_parcel *parcel, enum sl_job state, struct sl_error *err)
{
    int status = point_write(&job->writer, job->book, job->run, parcel->points, parcel->n, err);
    if (!status)
        status = write_events(job, parcel, err);
    if (!status && parcel->latest.wanted)
        status = write_checkpoint(job, &parcel->latest, err);
    if (!status && parcel->best.wanted)
        status = write_best(job, &parcel->best, err);
    if (!status && parcel->latest.wanted)
        status = note_checkpoint(job, parcel->latest.step, err);
    if (!status)
        status = book_run(job->book, err, "UPDATE run SET state = ?, step = max(step, ?) WHERE id = ?", "tii",
                          record_state(state), (int64_t)parcel->step, job->run);
    return status;
}

/* --- shown --- */

static int show_points(struct job *job, const struct job_parcel *parcel, enum sl_job state, struct sl_error *err)
{
    pthread_mutex_lock(&job->lock);
    bool room = grow(&job->points, &job->points_capacity, job->n_points + parcel->n);
    if (room && parcel->n) {
        memcpy(job->points + job->n_points, parcel->points, parcel->n * sizeof *job->points);
        job->n_points += parcel->n;
    }
    job->state = state;
    pthread_mutex_unlock(&job->lock);
    eventfd_write(job->wake_fd, 1);
    return room ? SL_OK : sl_fail_memory(err, "the curves");
}

/* When the next checkpoint is due, after one of so many bytes that was begun then. */
static void put_off(struct job *job, uint64_t began, size_t bytes)
{
    uint64_t now = sl_now(), cost = (now - began) * CHECKPOINT_BY, spread = (uint64_t)bytes * BYTE_NS;
    cost = spread > cost ? spread : cost;
    job->next_checkpoint = now + (cost > COMMIT_NS ? cost : COMMIT_NS);
    job->next_halt = now + (cost > HALT_NS ? cost : HALT_NS);
}

/* One transaction, and what it holds is shown; the parcel is empty then, unless it could not be written. */
static int commit_parcel(struct job *job, struct job_parcel *parcel, enum sl_job state, const struct job_note *note,
                         struct sl_error *err)
{
    struct sl_error own = SL_ERROR_INIT;
    err = err ? err : &own;
    int status = book_begin(job->book, err);
    if (status)
        return status;
    status = write_parcel(job, parcel, state, err);
    if (!status && note && note->kind)
        status = note->json ? job_note_event(job, book_time(), note->kind, note->json, err)
                            : job_note_step(job, note->kind, parcel->step, err);
    if (!status && note)
        status = job_stamp_journal(job, note->journal, parcel->step, err);
    status = job_end_noting(job, status, err);
    if (status)
        return status;
    status = show_points(job, parcel, state, err);
    if (parcel->latest.wanted)
        put_off(job, parcel->began, parcel->latest.state.n);
    parcel_clear(parcel);
    return status;
}

/* --- the thread that writes --- */

static void *write_on(void *ctx)
{
    struct job *job = ctx;
    pthread_mutex_lock(&job->sent_lock);
    for (;;) {
        while (!job->sending && !job->sent_all)
            pthread_cond_wait(&job->sent_moved, &job->sent_lock);
        if (!job->sending)
            break;
        pthread_mutex_unlock(&job->sent_lock);
        struct sl_error err = SL_ERROR_INIT;
        int status = commit_parcel(job, &job->sent, SL_JOB_TRAINING, NULL, &err);
        pthread_mutex_lock(&job->sent_lock);
        if (status && !job->sent_status) {
            job->sent_status = status;
            job->sent_error = err;
        }
        job->sending = false;
        pthread_cond_broadcast(&job->sent_moved);
    }
    pthread_mutex_unlock(&job->sent_lock);
    return NULL;
}

int job_writer_begin(struct job *job, struct sl_error *err)
{
    pthread_mutex_init(&job->sent_lock, NULL);
    pthread_cond_init(&job->sent_moved, NULL);
    job->writes = true;
    int code = pthread_create(&job->write_thread, NULL, write_on, job);
    job->writing = code == 0;
    return code ? sl_fail(err, SL_EIO, "the system allows no further thread") : SL_OK;
}

void job_writer_end(struct job *job)
{
    if (!job->writes)
        return;
    if (job->writing) {
        pthread_mutex_lock(&job->sent_lock);
        job->sent_all = true;
        pthread_cond_broadcast(&job->sent_moved);
        pthread_mutex_unlock(&job->sent_lock);
        pthread_join(job->write_thread, NULL);
    }
    pthread_mutex_destroy(&job->sent_lock);
    pthread_cond_destroy(&job->sent_moved);
    job->writes = job->writing = false;
    job_parcel_release(&job->sent);
    book_hold(job->book);
    point_writer_release(&job->writer);
    book_release(job->book);
}

/* What went wrong in writing ends the training as if it had gone wrong here; it is told once. */
static int told(struct job *job, struct sl_error *err)
{
    int status = job->sent_status;
    if (status && err)
        *err = job->sent_error;
    job->sent_status = SL_OK;
    return status;
}

/* Wait for the parcel that is being written. */
static int drain(struct job *job, struct sl_error *err)
{
    if (!job->writing)
        return SL_OK;
    pthread_mutex_lock(&job->sent_lock);
    while (job->sending)
        pthread_cond_wait(&job->sent_moved, &job->sent_lock);
    int status = told(job, err);
    pthread_mutex_unlock(&job->sent_lock);
    return status;
}

int job_hand_over(struct job *job, uint64_t now, struct sl_error *err)
{
    pthread_mutex_lock(&job->sent_lock);
    bool busy = job->sending;
    int status = busy ? SL_OK : told(job, err);
    pthread_mutex_unlock(&job->sent_lock);
    if (busy || status) {
        job->next_commit = now + COMMIT_NS / 10;
        return status;
    }
    bool keep = job->book->path && now >= job->next_checkpoint;
    if (keep && !job->parcel.latest.wanted)
        status = job_save(job, false, 0, err);
    if (status)
        return status;
    job->parcel.step = job->last.step;
    pthread_mutex_lock(&job->sent_lock);
    struct job_parcel empty = job->sent;
    job->sent = job->parcel;
    job->parcel = empty;
    job->sending = true;
    pthread_cond_broadcast(&job->sent_moved);
    pthread_mutex_unlock(&job->sent_lock);
    job->next_commit = now + COMMIT_NS;
    return SL_OK;
}

int job_commit(struct job *job, enum sl_job state, int flags, const struct job_note *note, struct sl_error *err)
{
    int status = drain(job, err);
    if (!status && (job->sent.n || job->sent.notes.n)) /* it could not be written before */
        status = commit_parcel(job, &job->sent, state, NULL, err);
    if (!status && !job->parcel.n && !job->parcel.notes.n && !(flags & JOB_FORCE))
        return SL_OK;
    if (!status && (flags & JOB_CHECKPOINT))
        status = job_save(job, false, 0, err);
    job->parcel.step = job->last.step;
    return status ? status : commit_parcel(job, &job->parcel, state, note, err);
}
