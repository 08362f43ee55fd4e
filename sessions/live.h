/* live.h: the inside of a live session, shared by the files of this folder.
 *
 * What is shown of the recipe is a fold over the journal: each edit makes a new state of the recipe out of the last,
 * `undo` and `redo` move between states. Statements never change once parsed, so states share them. */
#ifndef SL_SESSIONS_LIVE_H
#define SL_SESSIONS_LIVE_H

#include "book.h"
#include "events.h"

#include "sluice/session.h"

/* --- the recipe and its past (history.c, edit.c) --- */

struct recipe {
    struct sl_statement *at; /* their text and params live in the session's arena */
    size_t n;
};

struct history {
    struct recipe *states; /* states[0] is empty */
    size_t n, at, capacity;
};

int history_push(struct history *history, const struct sl_statement *statements, size_t n, struct sl_error *err);
void history_release(struct history *history);
/* Back to an earlier place, forgetting what came after. */
void history_cut(struct history *history, size_t n, size_t at);
const struct recipe *history_now(const struct history *history);

/* What a line would make of the recipe. */
struct change {
    struct recipe recipe; /* owned */
    long step;            /* -1 undo, 1 redo, 0 a new state */
    size_t touched;       /* the statement it is about; SIZE_MAX: none */
    bool gentle;          /* takes something away: what no longer fits then is shown as a problem, not refused */
    bool starts;          /* `train …`: a training is to begin, so all must stand */
    bool same;            /* … of the recipe as it is */
    struct sl_buf line;   /* for the journal: the same, so that it does not depend on the files around */
    const char *said;     /* for the reply; static */
};
void change_release(struct change *change);

/* --- the recipe bound to its data (bind.c) --- */

struct binding {
    struct sl_pipeline *shown; /* the longest beginning of the recipe that stands; NULL: not even a source */
    bool whole;                /* shown is the whole recipe */
    bool broken;               /* problem is set */
    bool incomplete;           /* the problem is only that something is still to come */
    struct sl_error problem;   /* line: stage number, unless it is about a file */
    size_t stage;              /* index of the stage the problem is about; SIZE_MAX: of none */
};
/* Never fails but for memory: what does not stand is in out->problem. */
int binding_make(struct binding *out, struct sl_session *session, const struct recipe *recipe, struct sl_error *err);
void binding_release(struct binding *binding);
/* Files of a source statement, as given; NULL: it names none. */
const struct sl_names *source_files(const struct sl_statement *statement);
/* base/path, or path when absolute; owned by the caller. */
char *path_join(const char *base, const char *path);

/* --- training (job.h) --- */

struct job;
struct replay;

/* A row of table run. */
struct run_row {
    int64_t id; /* 0: there is none */
    enum sl_job state;
    char *recipe;
    uint64_t fingerprint;
    bool has_fingerprint;
    uint64_t step;
    struct sl_error error;
    enum sl_job written; /* its state as the file has it: of a training that another process carries on */
};

/* Stages' figures of the last run: table stage. */
struct figure {
    char *text;
    uint64_t in, out, changed, dropped, missing, emptied, bytes;
    double seconds;
    uint64_t hits, misses;
};
struct figures {
    struct figure *at;
    size_t n;
};
void figures_release(struct figures *figures);

/* The last fitted model, brought back from the book: to look at its weights, and to predict. */
struct trained {
    int64_t run;
    struct sl_arena arena;
    struct sl_schema schema; /* of the source in training */
    struct sl_pipeline *pipeline;
    struct sl_dataset *shape;
    struct sl_learner *learner;
    uint32_t *order; /* features by falling weight, of class `class` */
    uint32_t class;
    bool ordered, failed;
};
void trained_release(struct trained *trained);
/* Of the last run that has one; the schema is put into the options. */
int trained_load(struct trained *out, struct book *book, const struct sl_pipeline_options *options,
                 struct sl_error *err);
int trained_find(struct book *book, int64_t *run, char **recipe, struct sl_error *err);
/* Into session->trained, when it is not there yet. False: there is none, or not while training. */
bool trained_ready(struct sl_session *session);

struct debugger; /* debugger.h */

/* Epochs of a run, as far as its events are read. */
struct epochs {
    struct sl_epoch *at;
    size_t n, capacity;
    int64_t run;
    const struct sl_event *from; /* the events' array */
    size_t read;
};

/* training_usage.c: as last looked at. */
struct usage {
    uint64_t at, spent; /* nanoseconds: when; processor time by then. at 0: never */
    double share;
    uint64_t memory;
};

struct said {
    char **lines;
    size_t n, capacity;
};

struct sl_session {
    struct book *book;
    struct sl_session_options options;
    char *base;
    struct sl_arena arena;
    struct history history;
    struct binding binding;
    struct sl_stage_view *views;
    size_t n_views;
    struct sl_browser *browser;
    char *browsed; /* the source statements the browser reads */
    int wake_fd;
    bool changed; /* the next poll has something to tell */
    struct said log;
    /* While a recipe is taken in: edits wait here, NUL-terminated, until they stand together. */
    bool gathering;
    struct sl_buf gathered;
    uint32_t file_line; /* of the statement being parsed */
    struct job *job;
    struct sl_cache *cache;          /* what `cache` statements keep while the session is open */
    struct sl_bottleneck bottleneck; /* of the last training; `judged`: there is one */
    bool judged;
    struct run_row run;
    struct figures figures;
    const struct sl_progress *progress; /* of the job under way */
    struct sl_point *points;
    size_t n_points, points_capacity;
    bool start_once;          /* the training being started is to hold behind its first iteration */
    struct event_list events; /* of the current run */
    struct epochs epochs;
    struct usage usage;
    bool inspecting;                  /* a look into the network is wanted */
    struct sl_inspection *inspection; /* the last one taken, of run `inspected` */
    int64_t inspected;
    uint64_t *guilty; /* records of its non-finite loss */
    size_t n_guilty;
    struct sl_result *result;
    struct trained trained;
    struct debugger *debugger; /* made when first asked for */
    bool fitted;               /* the pipeline shown holds what the last run learned */
    bool live_same;            /* the job under way has the recipe shown */
    uint64_t seen;             /* progress when last polled */
    uint64_t scan_seen;
    int64_t folded; /* id of the last line of the journal that was read */
    int poll_fd;    /* readable when a poll would find something: wake_fd, requests, the clock of one that follows */
    struct follow *follow;     /* NULL: it has the session for itself, or looks at it as it was */
    struct replay *replay;     /* NULL: the session is live */
    struct requests *requests; /* asked for by others; NULL: it is no owner */
};

/* --- parts of the session, by file --- */

/* edit.c: what line would make of the recipe. SL_EEND: it is no edit. */
int edit_read(struct sl_session *session, const struct sl_line *line, struct change *change, struct sl_error *err);
/* edit_place.c: "3", "tfidf", "tfidf#2" → index. */
int edit_find(const struct recipe *recipe, const char *name, size_t *place, struct sl_error *err);
/* edit.c: where a statement typed as such goes. */
size_t edit_append_place(const struct recipe *recipe, enum sl_stage_kind kind);
/* edit_set.c: `set …` applied to recipe (statements replaced). */
int edit_set(struct sl_session *session, struct recipe *recipe, const char *text, size_t *touched,
             struct sl_error *err);
int edit_parse(struct sl_session *session, struct sl_str text, struct sl_statement *out, struct sl_error *err);

/* apply.c: take a change: judge it, journal it, make it so. */
int session_take(struct sl_session *session, struct change *change, struct sl_error *err);
/* Bind what was gathered, or go back to how it was before. */
int session_gather_end(struct sl_session *session, size_t n, size_t at, struct sl_error *err);
/* Make the session show this binding (taken over). */
int session_show(struct sl_session *session, struct binding *binding, struct sl_error *err);
int session_rebind(struct sl_session *session, struct sl_error *err);
/* view.c */
void session_views(struct sl_session *session);
void session_wake(void *ctx);
/* Go on with the background scan, when there is one to go on with. */
void session_scan(struct sl_session *session);
/* Canonical text, one statement a line; all: those that are off too, as comments. */
void recipe_text(const struct recipe *recipe, bool all, struct sl_buf *out);
/* The `read` statements that a pipeline of the recipe reads, one a line; owned by the caller. NULL: none, or no memory.
 */
char *recipe_sources(const struct recipe *recipe, const struct sl_pipeline *pipeline);

/* journal.c */
int journal_add(struct sl_session *session, const char *line, struct sl_error *err);
/* For a command that takes effect at an iteration still to come: its step is filled in then. */
int journal_ask(struct sl_session *session, const char *line, int64_t *row, struct sl_error *err);
int journal_fold(struct sl_session *session, struct sl_error *err);
/* One line of it. */
int journal_fold_line(struct sl_session *session, const char *text, struct sl_error *err);
int meta_set(struct book *book, const char *key, const char *value, struct sl_error *err);
char *meta_get(struct book *book, const char *key);
/* flow.c: the verdict on the run at hand, as kept in the file. */
void flow_load(struct sl_session *session);
int base_choose(struct sl_session *session, const char *base, bool keep, struct sl_error *err);

/* command.c */
#define SL_COMMAND_PARAMS(name) ((name *)params)
int session_run_line(struct sl_session *session, const char *line, struct sl_buf *reply, struct sl_error *err);

/* training.c: the commands, and what the job has done taken over */
int training_start(struct sl_session *session, bool resume, bool force, struct sl_error *err);
/* Could a training of this begin? */
int training_fits(const struct binding *binding, struct sl_error *err);
int training_refuse_two(const struct sl_session *session, struct sl_error *err);
int training_pause(struct sl_session *session, struct sl_error *err);
int training_resume(struct sl_session *session, bool force, struct sl_error *err);
int training_stop(struct sl_session *session, struct sl_error *err);
/* training_tune.c */
int training_tune(struct sl_session *session, const char *changes, const char *line, struct sl_error *err);
int training_once(struct sl_session *session, struct sl_error *err);
/* training_events.c: find the guilty records in the events. */
void training_blame(struct sl_session *session);
/* The pipeline that the current run is of, or NULL: another recipe is shown. */
struct sl_pipeline *training_pipeline(const struct sl_session *session);
/* A number among the facts a network's training began with (steps, epochs, batches); NaN: none. */
double training_fact(const struct sl_session *session, const char *name);
/* training_epochs.c: what a state has of a network. */
void training_network_state(struct sl_session *session, struct sl_train_state *out);
/* training_usage.c */
void training_usage(struct sl_session *session, struct sl_train_state *out);
/* training_inspect.c: what the job looked at, taken over; and forgotten. */
bool training_take_inspection(struct sl_session *session);
void training_forget_inspection(struct sl_session *session);
bool training_poll(struct sl_session *session);
bool training_running(const struct sl_session *session);
void training_close(struct sl_session *session);

/* records.c: runs, points, results in the book */
int record_load_run(struct sl_session *session, struct sl_error *err);
int record_load_fitted(struct sl_session *session, struct sl_error *err);
/* What the stages learned in this run, into the pipeline shown, which is whole; `fitted` says whether there was any. */
int record_read_stages(struct sl_session *session, int64_t run, struct sl_error *err);
const char *record_state(enum sl_job state);
enum sl_job record_state_read(const char *name);
/* As it was written: of a session that a process has open. */
enum sl_job record_state_written(const char *name);
/* The last row of table run, if any. */
int record_load_row(struct book *book, struct run_row *run, struct sl_error *err);
/* Points behind step `after`; the stages' figures; the last result, if there is one. */
int record_load_points(struct sl_session *session, uint64_t after, struct sl_error *err);
int record_load_figures(struct sl_session *session, struct sl_error *err);
int record_load_result(struct sl_session *session, struct sl_error *err);
bool record_same_recipe(const struct sl_session *session);
void run_row_release(struct run_row *run);
int points_add(struct sl_session *session, const struct sl_point *points, size_t n, struct sl_error *err);
/* training_poll.c */
void figures_from_progress(struct sl_session *session, const struct sl_progress *progress, const char *recipe);

/* follow.c: what another process makes of the session */
int follow_open(struct sl_session *session, struct sl_error *err);
void follow_close(struct sl_session *session);
bool follow_poll(struct sl_session *session);
/* Does the process followed prepare or train? */
bool follow_busy(const struct sl_session *session);
void follow_state(struct sl_session *session, struct sl_train_state *out);
/* Look now who the owner is. */
long follow_owner(struct sl_session *session);
/* request.c: commands left in the file by others */
int requests_open(struct sl_session *session, struct sl_error *err);
void requests_close(struct sl_session *session);
/* Carry out those that wait. True: there were some. */
bool requests_serve(struct sl_session *session);
/* Has the owner to carry out this line? */
bool request_is(const char *line);
int request_ask(struct sl_session *session, const char *line, struct sl_buf *reply, struct sl_error *err);
/* What became of one that took long. True: something was said. */
bool request_answers(struct sl_session *session, bool owned);

/* result.c */
int result_save(const struct sl_result *result, struct sl_buf *to);
/* job_result.c: the figures of a fitted learner on its data. */
int result_measure(struct sl_result *result, const struct sl_learner *learner, const struct sl_dataset *data,
                   struct sl_pool *pool, struct sl_error *err);
int result_load(struct sl_result **out, struct sl_str from, struct sl_error *err);
void result_free(struct sl_result *result);

/* predict.c: sl_predict() on an open book; options->session is not looked at. */
int predict_book(struct book *book, const struct sl_predict_options *options, struct sl_quarantine *rejects,
                 struct sl_error *err);

/* export.c */
int export_data(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err);
/* export_weights.c: checkpoint: best, last or a step; NULL: as the training ended. */
int export_weights(struct sl_session *session, const char *path, const char *checkpoint, struct sl_buf *reply,
                   struct sl_error *err);
int export_quarantine(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err);
int export_text(struct sl_session *session, const char *path, int what, struct sl_buf *reply, struct sl_error *err);
/* Into the folder `path`, made when it is not there. */
int export_all(struct sl_session *session, const char *path, struct sl_buf *reply, struct sl_error *err);
enum export_what {
    EXPORT_DATA,
    EXPORT_QUARANTINE,
    EXPORT_RECIPE,
    EXPORT_METRICS,
    EXPORT_POINTS,
    EXPORT_PREDICTIONS,
    EXPORT_ALL,
    EXPORT_WEIGHTS
};

/* busy.c: work(ctx) on a thread of its own when someone looks on, else here. */
int session_busy(struct sl_session *session, struct sl_progress *progress, int (*work)(void *ctx, struct sl_error *err),
                 void *ctx, struct sl_error *err);

/* log.c */
void said_add(struct sl_session *session, const char *text, size_t n);
void said_release(struct said *log);

#endif
