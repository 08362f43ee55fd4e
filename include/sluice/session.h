/* session.h: the live session: commands in, state out; kept in an SQLite file.
 *
 * Every change of state is a command: a line of the recipe language, journaled (committed) before it takes effect. A
 * session may be used by one thread at a time; training and scanning run on threads of their own, and what they found
 * is seen after sl_session_poll(). Points of a curve are shown only once committed, so a killed process loses nothing
 * that was seen. */
#ifndef SLUICE_SESSION_H
#define SLUICE_SESSION_H

#include "sluice/bottleneck.h"
#include "sluice/browse.h"
#include "sluice/learn.h"

struct sl_session;

struct sl_session_options {
    const char *path; /* session file, created when absent; NULL: in memory only */
    const char
        *base;   /* folder that relative paths in commands are relative to; NULL: the current one. Kept in the file. */
    int threads; /* ≤ 0: all cores */
    uint64_t memory; /* bytes; 0: a quarter of RAM */
    size_t prefetch; /* blocks of the input to read ahead, by a thread of its own, or SL_PREFETCH_… (pipeline.h) */
    bool scan;       /* profile the data in the background (workbench) */
    bool read_only;  /* look, don't touch (runs, predict) */
    bool replay;     /* look, and go through its past: see replay.h */
    bool follow;     /* look at what another process makes of it, as it goes on; see sl_session_followed() */
    /* While a command takes long (export), called every 50 ms by the thread that gave it; false: cancel it
     * (SL_ECANCEL). The session is not to be used in it. NULL: nobody looks on. */
    bool (*busy)(void *ctx, const struct sl_progress *progress);
    void *busy_ctx;
};

/* Open or create. Opening brings back data, recipe, curves, result and fitted model; an unfinished training shows as
 * `interrupted` and goes on with the command `resume`. Errors: SL_EFORMAT not a session or of a newer version; SL_EIO;
 * SL_ESTATE another process is writing to it (names the process). A recipe whose data are missing still opens: see
 * sl_session_problem(). */
int sl_session_open(struct sl_session **out, const struct sl_session_options *options, struct sl_error *err);
/* Stops jobs at the next iteration, saves a checkpoint, closes. */
void sl_session_close(struct sl_session *session);
const char *sl_session_path(const struct sl_session *session); /* NULL in memory */

/* Carry out one line: a stage statement (put before the learner's place as order demands: appended), or a command:
 *   insert N STATEMENT · delete N · move N M · off N · on N · set STAGE.PARAMETER=VALUE (STAGE: name, name#2 or number)
 *   edit N STATEMENT · undo · redo · train · pause · resume · stop · once · tune PARAMETER=VALUE… · open FILE · export
 * PATH [what=…] · note TEXT · help [NAME] Stage numbers count from 1 as shown. What it has to say goes to reply (may be
 * NULL), as lines of text. Errors: nothing changed, nothing journaled; err has the column in the line. */
int sl_session_command(struct sl_session *session, const char *line, struct sl_buf *reply, struct sl_error *err);
/* Each line of a recipe file as a command; errors carry file and line. `commands` false: stages only, `train` and other
 * commands in it are left out (the workbench asks for them by key). Sets the base to the file's folder. */
int sl_session_recipe(struct sl_session *session, const char *path, bool commands, struct sl_error *err);
/* Recipe as text, one statement a line. */
void sl_session_recipe_text(const struct sl_session *session, struct sl_buf *out);

/* A command of the session, for help and completion; the table ends with a NULL name. */
struct sl_command {
    const char *name, *usage, *summary;
    const struct sl_param *params;
    size_t params_size;
    const void *defaults;
};
extern const struct sl_command sl_commands[];
/* Completions of the word that ends at byte `at` of line: stages, commands, columns, parameters, choices, file names.
 * Each as the whole word; *words is an array of n strings, owned by the caller (free each, then the array). */
int sl_session_complete(struct sl_session *session, const char *line, size_t at, char ***words, size_t *n);

/* Take over what the background did. True when anything visible changed. Never blocks for long (< 5 ms). */
bool sl_session_poll(struct sl_session *session);
/* Readable when a poll would find something. */
int sl_session_fd(const struct sl_session *session);
/* Wait until no job runs, polling; false when `cancel` became nonzero. For batch mode. */
bool sl_session_wait(struct sl_session *session, int timeout_ms);

/* --- the recipe as it stands --- */
struct sl_stage_view {
    const char *text; /* canonical statement */
    const struct sl_stage_class *class;
    const void *params;
    bool off, fitted;
    int bound;    /* index among the pipeline's stages, -1 when off or not bound */
    bool counted; /* the figures below are from the last or current run */
    uint64_t in, out, changed, dropped, missing, emptied, bytes;
    double seconds;        /* busy, over all workers */
    uint64_t hits, misses; /* `cache`: records brought back, records made anew and kept; not kept in the file */
};
size_t sl_session_stages(const struct sl_session *session);
/* Stage i from 0; borrowed until the next command or poll. */
const struct sl_stage_view *sl_session_stage(const struct sl_session *session, size_t i);
/* Why the recipe does not stand as a whole (a missing file, an order that leaks), or NULL. err->line is the stage
 * number. */
const struct sl_error *sl_session_problem(const struct sl_session *session);
bool sl_session_can_undo(const struct sl_session *session);
bool sl_session_can_redo(const struct sl_session *session);
/* Columns that come into stage i (i == number of stages: that come out of the last), or NULL. */
const struct sl_schema *sl_session_schema(const struct sl_session *session, size_t i);

/* --- data --- */
/* NULL without a source. Pages' `stages` argument counts the pipeline's bound stages. */
struct sl_browser *sl_session_browser(struct sl_session *session);
struct sl_pipeline *sl_session_pipeline(struct sl_session *session); /* NULL when the recipe does not stand */

/* --- training --- */
enum sl_job {
    SL_JOB_NONE,
    SL_JOB_PREPARING,
    SL_JOB_TRAINING,
    SL_JOB_PAUSED,
    SL_JOB_DONE,
    SL_JOB_STOPPED,
    SL_JOB_INTERRUPTED,
    SL_JOB_FAILED
};
const char *sl_job_name(enum sl_job job);

struct sl_train_state {
    enum sl_job job;
    enum sl_phase phase;    /* while preparing */
    double fraction;        /* of the whole job, 0..1 */
    double eta;             /* seconds; NaN unknown */
    double rows_per_second; /* records read, or training rows seen, a second */
    double wait_share;      /* share of the trainer's time spent waiting for data */
    uint64_t step;
    double learning_rate;  /* as given or as tuned, of the last step by its schedule; NaN: the solver has none */
    struct sl_error error; /* SL_JOB_FAILED */

    double gradient_norm;    /* of the last step; NaN: none yet, or it has none */
    uint64_t steps;          /* there will be at most; 0: not known */
    uint64_t epoch, epochs;  /* networks: done (the one under way is epoch + 1), and in all; both 0 for others */
    uint64_t batch, batches; /* of the epoch under way: done, and in all; batches 0: not known yet */
    uint64_t best_epoch;     /* by what early stopping watches, from 1; 0: none yet */
    char device[96];         /* "cpu, 2 threads, AVX-512"; "": not known. Kept: also of a training that is over */
    /* How busy the machine is with it, while it runs here; taken twice a second at most, NaN or 0 when not known. */
    double cpu_share;               /* of this process, of all cores: 0..1 */
    double gpu_share;               /* 0..1 */
    uint64_t memory;                /* bytes this process has resident */
    uint64_t gpu_memory, gpu_total; /* bytes in use, and there are */
};
void sl_session_train_state(struct sl_session *session, struct sl_train_state *out);
/* Something that happened in the current run, beside its points. Kinds and their facts, a JSON object each, all with
 * "step", the iterations done when it happened:
 *   prepared (records … seconds) · training · paused · resumed · tuned (parameter, before, value; counts for the
 * iterations after step) · checkpoint · epoch (as struct sl_epoch) · early_stop (epoch, best_epoch, monitor) ·
 * nonfinite (records: the first 64, total) · stopped · interrupted · done · failed */
struct sl_event {
    double time; /* seconds since 1970 */
    uint64_t step;
    const char *kind, *json;
};
/* Committed events of the current run, in order; borrowed until the next poll or command. */
size_t sl_session_events(const struct sl_session *session, const struct sl_event **events);
/* What a parameter of the current run's learner stood at after `step` iterations, as given or as tuned since; NaN: it
 * has no such number, or none that may be tuned (learning_rate of a solver without). */
double sl_session_setting(const struct sl_session *session, const char *parameter, uint64_t step);
/* Records of the batch that ended the current run with a loss that is no number; *total may be more than are kept. 0:
 * it did not end so. Borrowed until the next poll or command. */
size_t sl_session_guilty(const struct sl_session *session, const uint64_t **records, uint64_t *total);
/* Committed points of the current run, in order; borrowed until the next poll or command. */
size_t sl_session_points(const struct sl_session *session, const struct sl_point **points);
/* Committed epochs of the current run, in order (networks; none for others); borrowed until the next poll or command.
 */
size_t sl_session_epochs(const struct sl_session *session, const struct sl_epoch **epochs);
/* Look into the network while it trains: as long as it is wanted, its job takes what sl_session_inspection() shows
 * twice a second, and behind each single batch (`once`). Of a training that is over, or was only opened, asking for it
 * runs the first records through the fitted network. Errors: SL_ESTATE no network that could be looked into, or not
 * here (a session that is followed); what was wanted stays as it was. */
int sl_session_inspect(struct sl_session *session, bool wanted, struct sl_error *err);
/* The last one taken of the current run, or NULL; borrowed until the next poll or command. */
const struct sl_inspection *sl_session_inspection(const struct sl_session *session);
/* Where the time of the training under way, or of the last one since the session was opened, went. False: nothing to
 * say yet. */
bool sl_session_bottleneck(const struct sl_session *session, struct sl_bottleneck *out);
/* Bytes that `cache` statements keep in memory, and at how many points; and to forget them. */
uint64_t sl_session_cached(const struct sl_session *session, size_t *points);
void sl_session_forget_cached(struct sl_session *session);

struct sl_result {
    bool have_test;
    struct sl_metrics train, test; /* of a regression: nothing but n_classes 0 */
    bool have_validation;          /* records apart from test; in networks early stopping may have watched them */
    struct sl_metrics validation;
    bool regression; /* a number was predicted: these instead */
    struct sl_fit_figures fit_train, fit_test, fit_validation;
    uint64_t n_validation;
    uint64_t epochs; /* networks: done */
    char device[96]; /* where it was trained; "" not known */
    char **classes;  /* n_classes */
    uint64_t records, quarantined, dropped, n_train, n_test;
    double seconds[SL_PHASE_DONE + 1]; /* by phase */
    double total_seconds;
    uint64_t peak_rss;
    uint64_t fingerprint; /* of the data */
    bool converged;
    uint64_t steps;
    uint32_t n_features;
    uint64_t nonzeros;     /* of the training matrix */
    uint64_t test_head[8]; /* first test records */
    size_t n_test_head;
    uint64_t cache_hits, cache_misses; /* records; not kept in the file */
};
/* Of the last finished run, or NULL; borrowed until the next command or poll. */
const struct sl_result *sl_session_result(const struct sl_session *session);
/* One JSON object (no newline) of a result: event "result", as documented in the man page. */
void sl_result_json(const struct sl_result *result, struct sl_buf *out);
/* The k-th most positive (k < 0: most negative, from -1) feature of a class in the fitted linear model. False: none. */
bool sl_session_weight(const struct sl_session *session, uint32_t class, int k, struct sl_buf *name, double *weight);

/* Messages for the log pane: `help` output, notices, library output. Line i, or NULL past the end. */
const char *sl_session_log(const struct sl_session *session, size_t i);
size_t sl_session_log_lines(const struct sl_session *session);
void sl_session_say(struct sl_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- following a session that another process has open --- */
/* Was it opened with `follow`? A poll takes over what was committed since; pause, resume, stop, tune, once and note are
 * handed to the owner, which carries them out, and its answer is theirs; other changes are refused. *owner: the process
 * that has the session open for writing; 0: none has (nothing more will come); -1: one whose number is not known. */
bool sl_session_followed(const struct sl_session *session, long *owner);
/* The owner of a session file, as above; nothing is opened or changed. */
long sl_session_owner(const char *path);

/* --- without a live session --- */
struct sl_predict_options {
    const char *session, *out; /* out NULL or "-": standard output */
    const char *const *paths;  /* NULL-terminated */
    int threads;
    uint64_t memory;
    struct sl_progress *progress; /* may be NULL */
    bool features;                /* write the feature vector instead: "index:value …"; for tests */
};
/* CSV: record, label, one probability column a class (p_CLASS), note (why there is none). One line for every record
 * read, in order; a quarantined record too. The file appears whole or not at all. */
int sl_predict(const struct sl_predict_options *options, struct sl_quarantine *rejects, struct sl_error *err);

struct sl_run_info {
    char *path, *recipe_head; /* file; "reviews.csv → tfidf → logistic" */
    char *error;              /* could not be opened: why; else NULL */
    enum sl_job job;
    int64_t modified; /* unix time */
    uint64_t records, steps;
    double accuracy, train_accuracy, log_loss, roc_auc, seconds; /* NaN unknown */
    double r2, mean_absolute_error; /* where a number was predicted, of the test records if there are any; else NaN */
};
/* Sessions in a folder, newest first. */
int sl_runs_list(const char *folder, struct sl_run_info **out, size_t *n, struct sl_error *err);
void sl_runs_free(struct sl_run_info *runs, size_t n);

/* A name for a new session beside nothing else: "reviews.session", "reviews-2.session" … in folder. Owned by caller. */
char *sl_session_new_path(const char *folder, const char *data_path);
/* Is this file a session (SQLite with our mark)? */
bool sl_is_session(const char *path);

#endif
