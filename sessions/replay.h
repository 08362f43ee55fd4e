/* replay.h: the inside of a session's replay, shared by sessions/replay*.c and the hooks that ask whether there is one.
 */
#ifndef SL_SESSIONS_REPLAY_H
#define SL_SESSIONS_REPLAY_H

#include "live.h"

#include "sluice/replay.h"

/* What a line or an event does to the state. */
enum replay_act {
    ACT_NONE,
    ACT_EDIT,
    ACT_TRAIN,
    ACT_RESUME,
    ACT_PREPARED,
    ACT_TRAINING,
    ACT_RESUMED,
    ACT_PAUSED,
    ACT_END,
    ACT_OPENED
};

/* A row of journal, event or environment. */
struct past {
    double time;
    int64_t id;           /* of the journal or environment; seq of the event */
    uint64_t step, shown; /* shown: a training taken up again had come so far before; UINT64_MAX: not said */
    uint32_t run;         /* index + 1; 0: none */
    uint32_t recipe;      /* lines: the recipe behind it */
    uint32_t at, n;       /* lines: place in the history of edits, and its length */
    uint8_t kind;         /* enum sl_moment_kind */
    uint8_t act;          /* enum replay_act */
    uint8_t job;          /* ACT_END: enum sl_job */
    bool has_step, marker;
    const char *name, *text; /* in the arena */
};

struct past_run {
    struct run_row row;            /* as it ended; recipe in the arena */
    struct figures figures, blank; /* blank: before anything was read; texts in the arena */
    struct sl_result *result;      /* owned; NULL: none */
    struct event_list events;      /* kind and json in the arena; the array is owned */
    size_t first, n;               /* points */
    size_t best;                   /* counted from first; SIZE_MAX: none */
    int64_t last_end;              /* seq of its last end; 0: none */
    bool has_model;
    bool says_training; /* has an event `training` */
};

/* Everything a moment shows but the number of points. */
struct stand {
    uint32_t recipe, at, n; /* of the history of edits */
    uint32_t run;           /* index + 1 */
    uint32_t fitted;        /* whose models the pipeline shown holds: index + 1 */
    uint32_t result, model; /* the same: newest that has one */
    uint32_t past;          /* row it comes behind */
    int64_t lines, seq;     /* last id of the journal; last event of the run */
    size_t points, events;  /* of the run, so far */
    uint8_t job;            /* enum sl_job */
    bool prepared;
};

struct moment {
    double time, played;
    uint32_t stand, index; /* index: of a point in its run */
    uint8_t kind;
    bool marker, best;
};

struct replay {
    struct sl_arena arena;
    struct recipe *recipes; /* [0] is empty */
    size_t n_recipes, recipes_capacity;
    struct past *past; /* in order of time */
    size_t n_past, past_capacity;
    struct past_run *runs;
    size_t n_runs, runs_capacity;
    struct sl_point *points;
    size_t n_points, points_capacity;
    struct stand *stands; /* one a row of past */
    struct moment *moments;
    size_t n_moments, moments_capacity;
    double idle;
    size_t at;
    uint32_t recipe, fitted; /* as bound; recipe UINT32_MAX: nothing is */
};

/* replay_load.c: everything out of the book. */
int replay_load(struct sl_session *session, struct replay *replay, struct sl_error *err);
/* replay_runs.c */
int replay_load_runs(struct replay *replay, struct book *book, struct sl_error *err);
/* Index + 1 of a run by its id; 0: there is none. Runs are in order of their ids. */
uint32_t replay_find_run(const struct replay *replay, int64_t id);
char *replay_keep(struct replay *replay, const char *text);
int replay_end_query(sqlite3_stmt *query, int status);
/* At least `n` elements of `size` bytes, at *array. */
int replay_room(void *array, size_t *capacity, size_t n, size_t size, struct sl_error *err);
/* The number behind "key": in a flat JSON object; NaN when there is none. */
double replay_fact(const char *json, const char *key);

/* replay_fold.c: the recipes behind the lines, which are read here. */
int replay_fold(struct sl_session *session, struct replay *replay, struct sl_error *err);
/* replay_merge.c: stands and moments out of the rows and points. */
int replay_merge(struct replay *replay, struct sl_error *err);
void replay_clock(struct replay *replay);
/* replay_stand.c: what a row makes of the stand before it. */
int replay_stand(const struct replay *replay, struct stand *stand, size_t past, struct sl_error *err);

/* replay.c, for the hooks: */
/* When the session is otherwise open: load the past, stand at its beginning. */
int replay_begin(struct sl_session *session, struct sl_error *err);
/* Before it is closed: take back what the session only borrowed. */
void replay_end(struct sl_session *session);
/* The models of the moment into the pipeline shown. */
int replay_load_fitted(struct sl_session *session, struct sl_error *err);
const struct stand *replay_now(const struct sl_session *session);
/* Points shown. */
size_t replay_points(const struct replay *replay, size_t moment);

/* replay_state.c */
enum sl_phase replay_phase(const struct sl_session *session);
/* SL_OK: the line may be carried out in a replay. */
int replay_allows(const struct sl_line *line, struct sl_error *err);

#endif
