/* job.h: a training under way, on a thread of its own.
 *
 * The thread owns its pipeline, dataset and learner; the session sees only what is under `lock`, and the progress
 * figures, which are atomic. Points reach the session after the transaction that holds them. */
#ifndef SL_SESSIONS_JOB_H
#define SL_SESSIONS_JOB_H

#include "job_ask.h"
#include "live.h"
#include "points.h"
#include "tuning.h"

enum job_wish { JOB_GO, JOB_PAUSE, JOB_STOP, JOB_CLOSE };

/* The learner's state after a step, to be kept. */
struct job_saved {
    struct sl_buf state;
    uint64_t step, epoch; /* epoch 0: kept as time goes by */
    bool wanted;
};
/* A network's device and its loader, as last looked at. */
struct job_device {
    char device[96];
    bool whole; /* one batch an epoch */
    struct sl_device_usage usage;
    double began;           /* training seconds of earlier lives */
    double waited, seconds; /* of the epochs since: for batches; in all */
    double wait_share;      /* of the epoch under way; NaN unknown */
};
/* What is to be committed together. */
struct job_parcel {
    struct sl_point *points;
    size_t n, capacity;
    struct event_list notes;
    struct job_saved latest, best;
    uint64_t step;  /* the last one done */
    uint64_t began; /* saving; 0: nothing is saved */
};

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
    struct sl_point *points; /* committed, not yet taken over */
    size_t n_points, points_capacity;
    struct event_list events; /* committed, not yet taken over */
    struct sl_run *found;     /* for the browser to adopt */
    struct sl_result *result;
    struct sl_buf stages, weights; /* what was learned, as saved */
    struct sl_buf notices;         /* lines for the log */
    uint64_t fingerprint;
    bool prepared, ended;
    struct sl_inspection *inspection; /* not yet taken over */
    struct job_device look;

    /* Read by anyone. */
    struct sl_progress progress;
    uint64_t began;
    _Atomic uint64_t train_began;        /* 0: not yet */
    _Atomic uint64_t halt;               /* when to halt within an iteration; 0: never */
    _Atomic uint64_t last_rows, last_ns; /* of the last point */
    _Atomic bool inspect;                /* a look inside is wanted */
    _Atomic bool batched;                /* a step is a batch */

    /* The thread's own. */
    pthread_t thread;
    bool started;
    struct sl_pool *pool;
    struct sl_dataset *data;
    const struct sl_learner_class *class;
    struct sl_learner *learner;
    struct sl_result *counts; /* becomes the result */
    struct job_parcel parcel; /* being filled */
    struct sl_point last;
    bool have_last, converged, other_data;
    struct sl_digests *digests; /* NULL: the session has no file */
    uint64_t weights_digest;
    bool has_weights_digest;
    bool held, once; /* paused; to be paused after `once_until` iterations */
    uint64_t once_until;
    int64_t once_journal;   /* row of the `once` that started it */
    struct tunings tunings; /* of an earlier life, to be applied anew */
    int64_t stopping;       /* journal row of the stop */
    int64_t keep_epochs;    /* networks: checkpoints kept at the ends of epochs */
    uint64_t next_commit;
    _Atomic uint64_t paused_ns;  /* of the training */
    uint64_t epochs, best_epoch; /* networks: done; 0: none yet */
    uint64_t next_look, next_usage;
    bool looking; /* the step under way is looked into */

    /* Of whoever commits: the thread that writes, or the training's while the other has nothing to do. */
    struct event_list noted; /* in the transaction under way */
    struct point_writer writer;
    uint64_t next_checkpoint_event;
    _Atomic uint64_t next_checkpoint, next_halt;

    /* job_commit.c: a parcel for the thread that writes, under sent_lock. */
    pthread_t write_thread;
    pthread_mutex_t sent_lock;
    pthread_cond_t sent_moved;
    bool writes, writing; /* there are lock and condition; and a thread */
    bool sending, sent_all;
    struct job_parcel sent; /* the other thread's while `sending` */
    int sent_status;        /* what went wrong; told once */
    struct sl_error sent_error;
};

/* Has any iteration been done, in this life or an earlier one? */
static inline bool job_stepped(const struct job *job)
{
    return job->train_began && job->last.step > 0;
}

int job_start(struct job *job, struct sl_error *err);
void job_wish(struct job *job, enum job_wish wish);
/* Waits for the thread. */
void job_free(struct job *job);

/* job_commit.c: what goes into the book while it trains. The thread that writes ends with job_writer_end(), which
 * writes what it was given. */
int job_writer_begin(struct job *job, struct sl_error *err);
void job_writer_end(struct job *job);
void job_parcel_release(struct job_parcel *parcel);
int job_add_point(struct job *job, const struct sl_point *point, struct sl_error *err);
/* json is released. */
int job_add_event(struct job *job, const char *kind, struct sl_buf *json, struct sl_error *err);
/* The learner's state into the parcel. */
int job_save(struct job *job, bool best, uint64_t epoch, struct sl_error *err);
/* Have the parcel written, without waiting; while another one is, it keeps filling. */
int job_hand_over(struct job *job, uint64_t now, struct sl_error *err);
enum { JOB_CHECKPOINT = 1, JOB_FORCE = 2 };
/* An event to be written: json NULL: the step alone. Journal rows have their step filled in; 0: none. */
struct job_note {
    const char *kind, *json;
    int64_t journal;
};
/* The parcel, the state, a checkpoint when asked for, an event: one transaction; then they are shown. */
int job_commit(struct job *job, enum sl_job state, int flags, const struct job_note *note, struct sl_error *err);
/* job_record.c: the rest that the thread writes into the book.
 * The facts found by preparing. */
int job_note_prepared(struct job *job, struct sl_error *err);
/* The end: state, error, result and model, as far as there are. */
int job_note_end(struct job *job, enum sl_job state, struct sl_error *err);
int job_read_checkpoint(struct job *job, struct sl_buf *state, struct sl_error *err);
/* Figures of the stages. */
int job_note_stages(struct job *job, struct sl_error *err);
/* Within a transaction; end_noting ends it, and shows what was noted. */
int job_note_event(struct job *job, double time, const char *kind, const char *json, struct sl_error *err);
int job_note_step(struct job *job, const char *kind, uint64_t step, struct sl_error *err);
int job_stamp_journal(struct job *job, int64_t row, uint64_t step, struct sl_error *err);
int job_end_noting(struct job *job, int status, struct sl_error *err);
bool job_has_event(struct job *job, const char *kind);

/* job_network.c: what only networks have; nothing is done for other learners.
 * steps: iterations there will be at most. facts: device, epochs, batches as facts of an event. notice: what the
 * learner has to say, for the log. */
uint64_t job_steps(const struct job *job);
void job_facts(struct job *job, struct sl_buf *json);
void job_notice(struct job *job);
void job_say(struct job *job, const char *text);
/* Behind each step: did it end an epoch? seen: it was shown in an earlier life. */
int job_epoch(struct job *job, bool seen, struct sl_error *err);
int job_stopped_early(struct job *job, struct sl_error *err);
/* Before a step: is it to be looked into? Behind it: look, and at the device. */
int job_look_ahead(struct job *job, struct sl_error *err);
/* For any thread: does the processor train, and is a batch all there is? */
bool job_on_host(struct job *job, bool *whole);
int job_look(struct job *job, uint64_t now, struct sl_error *err);
void job_look_at_device(struct job *job, uint64_t now);
/* Seconds of this life's training, so far, in which it waited for batches; *of: in all. For any thread. */
double job_waited(struct job *job, double *of);
/* At the first step of this life. */
void job_look_begin(struct job *job);

/* job_digest.c: for `sluice verify`. begin: before the data are prepared. weights: while there is a learner. note: the
 * data's, with the facts found by preparing; what was learned, at the end. */
int job_digests_begin(struct job *job, struct sl_run_options *options, struct sl_error *err);
void job_digest_weights(struct job *job);
int job_note_digests(struct job *job, struct sl_error *err);
int job_note_learnt(struct job *job, struct sl_error *err);
/* job_twins.c: tell of pictures that lie on both sides of the split. */
int job_twins(struct job *job, const struct sl_run_result *found, struct sl_error *err);
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
