/* job.h: a training under way, on a thread of its own.
 *
 * The thread owns its pipeline, dataset and learner; the session sees only what is under `lock`, and the progress
 * figures, which are atomic. Points reach the session after the transaction that holds them. */
#ifndef SL_SESSIONS_JOB_H
#define SL_SESSIONS_JOB_H

#include "job_ask.h"
#include "live.h"
#include "tuning.h"

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
    uint64_t shown;  /* points up to this step are committed already */
    int64_t journal; /* row of the command that started it */

    /* Shared under lock. */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    enum job_wish wish; /* what it will be once all that was asked for is done */
    struct job_asks asks;
    enum sl_job state;
    struct sl_error error;
    struct sl_point *points; /* committed */
    size_t n_points, points_capacity;
    struct event_list events; /* committed, not yet taken over */
    struct sl_run *found;     /* for the browser to adopt */
    struct sl_result *result;
    struct sl_buf stages, weights; /* what was learned, as saved */
    struct sl_buf notices;         /* lines for the log; read once ended */
    uint64_t fingerprint;
    bool prepared, ended;

    /* Read by anyone. */
    struct sl_progress progress;
    uint64_t began;
    _Atomic uint64_t train_began;        /* 0: not yet */
    _Atomic uint64_t halt;               /* when to halt within an iteration; 0: never */
    _Atomic uint64_t last_rows, last_ns; /* of the last point */

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
    struct sl_digests *digests; /* NULL: the session has no file */
    uint64_t weights_digest;
    bool has_weights_digest;
    bool held, once; /* paused; to be paused after `once_until` iterations */
    uint64_t once_until;
    int64_t once_journal;    /* row of the `once` that started it */
    struct tunings tunings;  /* of an earlier life, to be applied anew */
    struct event_list noted; /* in the transaction under way */
    int64_t stopping;        /* journal row of the stop */
    uint64_t last_commit, next_checkpoint, next_halt, next_checkpoint_event, paused_ns;
};

/* Has any iteration been done, in this life or an earlier one? */
static inline bool job_stepped(const struct job *job)
{
    return job->train_began && job->last.step > 0;
}

int job_start(struct job *job, struct sl_error *err);
/* A number among the learner's parameters, whatever the learner; 0 when it has none of that name. */
double job_parameter(struct sl_pipeline *pipeline, const char *name);
void job_wish(struct job *job, enum job_wish wish);
/* Waits for the thread. */
void job_free(struct job *job);

/* job_record.c: what the thread writes into the book. */
enum { JOB_CHECKPOINT = 1, JOB_FORCE = 2 };
/* An event to be written: json NULL: the step alone. Journal rows have their step filled in; 0: none. */
struct job_note {
    const char *kind, *json;
    int64_t journal;
};
/* Points waiting, the state, a checkpoint when asked for, an event: one transaction; then they are shown. */
int job_commit(struct job *job, enum sl_job state, int flags, const struct job_note *note, struct sl_error *err);
/* The facts found by preparing. */
int job_note_prepared(struct job *job, struct sl_error *err);
/* The end: state, error, result and model, as far as there are. */
int job_note_end(struct job *job, enum sl_job state, struct sl_error *err);
int job_read_checkpoint(struct job *job, struct sl_buf *state, struct sl_error *err);
/* Figures of the stages. */
int job_note_stages(struct job *job, struct sl_error *err);
int job_note_event(struct job *job, const char *kind, const char *json, struct sl_error *err);
bool job_has_event(struct job *job, const char *kind);
int job_add_point(struct job *job, const struct sl_point *point, struct sl_error *err);

/* job_digest.c: for `sluice verify`. begin: before the data are prepared. weights: while there is a learner. note: the
 * data's, with the facts found by preparing; what was learned, at the end. */
int job_digests_begin(struct job *job, struct sl_run_options *options, struct sl_error *err);
void job_digest_weights(struct job *job);
int job_note_digests(struct job *job, struct sl_error *err);
int job_note_learnt(struct job *job, struct sl_error *err);
/* job_ask.c */
/* Ask for something; parameter and value are copied. Close goes before everything. */
int job_ask(struct job *job, enum job_asked what, int64_t journal, const char *parameter, const char *value,
            struct sl_error *err);
void job_close(struct job *job);
enum job_wish job_wished(struct job *job);
/* The training thread's: carry out what was asked for, holding as long as that says. SL_ECANCEL: to end. */
int job_obey(struct job *job, struct sl_error *err);
/* Once over: a stop asked for before iterating began took effect, too. */
void job_asks_end(struct job *job);
void job_asks_release(struct job_asks *asks);
/* Tunings of an earlier life that the checkpoint does not hold, and those asked for that never took effect. */
int job_tunings_load(struct job *job, struct sl_error *err);

/* job_nonfinite.c: the loss is no number: note the guilty records, say so in err, which has the solver's words. */
int job_nonfinite(struct job *job, struct sl_error *err);

/* job_result.c: the final figures. */
int job_counts(struct job *job, const struct sl_run_result *found, struct sl_error *err);
int job_evaluate(struct job *job, struct sl_error *err);

/* flow.c: judge a training that has ended. */
void flow_end(struct sl_session *session, struct job *job);
/* The verdict so far, as a fact of an event: ,"verdict":"…". For the job's thread. */
void flow_note(struct job *job, struct sl_buf *json);

#endif
