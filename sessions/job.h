/* job.h: a training under way, on a thread of its own.
 *
 * The thread owns its pipeline, dataset and learner; the session sees only what is under `lock`, and the progress
 * figures, which are atomic. Points reach the session after the transaction that holds them. */
#ifndef SL_SESSIONS_JOB_H
#define SL_SESSIONS_JOB_H

#include "live.h"

enum job_wish { JOB_GO, JOB_PAUSE, JOB_STOP, JOB_CLOSE };

struct job {
    /* Given by the session before the start. */
    struct book *book;
    int64_t run;
    struct sl_pipeline *pipeline; /* owned; its statements live in the session's arena */
    struct sl_buf recipe;         /* the statements' canonical text */
    int threads;
    uint64_t memory;
    size_t prefetch;
    struct sl_cache *cache; /* the session's; may be NULL */
    int wake_fd;
    bool resume;   /* go on from the last checkpoint */
    bool expects;  /* the data must have fingerprint `expected` */
    bool want_run; /* the session has use for marks and quarantine */
    uint64_t expected;
    uint64_t shown; /* points up to this step are committed already */

    /* Shared under lock. */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    enum job_wish wish;
    enum sl_job state;
    struct sl_error error;
    struct sl_point *points; /* committed */
    size_t n_points, points_capacity;
    struct sl_run *found; /* for the browser to adopt */
    struct sl_result *result;
    struct sl_buf stages, weights; /* what was learned, as saved */
    struct sl_buf notices;         /* lines for the log; read once ended */
    uint64_t fingerprint;
    bool prepared, ended;

    /* Read by anyone. */
    struct sl_progress progress;
    uint64_t began;
    _Atomic uint64_t train_began;                               /* 0: not yet */
    double max_steps, tolerance;                                /* of the learner's parameters; 0 unknown */
    _Atomic uint64_t last_rows, last_ns, first_norm, last_norm; /* of the last point; the norms are bits of doubles */

    /* The thread's own. */
    pthread_t thread;
    bool started;
    struct sl_pool *pool;
    struct sl_dataset *data;
    const struct sl_learner_class *class;
    struct sl_learner *learner;
    struct sl_result *counts; /* becomes the result */
    struct sl_point *pending;
    size_t n_pending, pending_capacity;
    struct sl_point last;
    bool have_last, converged, other_data;
    uint64_t last_commit, next_checkpoint, paused_ns;
};

int job_start(struct job *job, struct sl_error *err);
void job_wish(struct job *job, enum job_wish wish);
/* Waits for the thread. */
void job_free(struct job *job);

/* job_record.c: what the thread writes into the book. */
enum { JOB_CHECKPOINT = 1, JOB_FORCE = 2 };
/* Points waiting, the state, a checkpoint when asked for: one transaction; then the points are shown. */
int job_commit(struct job *job, enum sl_job state, int flags, const char *event, struct sl_error *err);
/* The facts found by preparing. */
int job_note_prepared(struct job *job, struct sl_error *err);
/* The end: state, error, result and model, as far as there are. */
int job_note_end(struct job *job, enum sl_job state, struct sl_error *err);
int job_read_checkpoint(struct job *job, struct sl_buf *state, struct sl_error *err);
/* Figures of the stages. */
int job_note_stages(struct job *job, struct sl_error *err);
int job_note_event(struct job *job, const char *kind, const char *json, struct sl_error *err);
void job_set_state(struct job *job, enum sl_job state);
int job_add_point(struct job *job, const struct sl_point *point, struct sl_error *err);

/* job_result.c: the final figures. */
int job_counts(struct job *job, const struct sl_run_result *found, struct sl_error *err);
int job_evaluate(struct job *job, struct sl_error *err);

/* flow.c: judge a training that has ended. */
void flow_end(struct sl_session *session, struct job *job);

#endif
