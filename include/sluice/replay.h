/* replay.h: a session's past, moment by moment.
 *
 * A session opened with `replay` in its options reads its whole past once: lines of the journal, what happened in each
 * training, points of the curves, and when it was opened. They make one row of moments. Standing at a moment, the
 * session answers every question of session.h as it did right after that moment: recipe, problem, training, curves,
 * result, model. Nothing is copied to get there, and the recipe is bound again only where it differs.
 *
 * Not brought back: what a later end of the same training has replaced (its result and model; the last are kept), how
 * far a preparation had come, and the figures of `cache`. */
#ifndef SLUICE_REPLAY_H
#define SLUICE_REPLAY_H

#include "sluice/session.h"

enum sl_moment_kind {
    SL_MOMENT_OPENED, /* the session was made, or opened again */
    SL_MOMENT_LINE,   /* a line of the journal */
    SL_MOMENT_EVENT,  /* something happened in the training */
    SL_MOMENT_POINT,  /* a point of its curves was seen */
};

struct sl_moment {
    enum sl_moment_kind kind;
    double time;      /* seconds since 1970; a point's is reckoned from the training's events */
    double played;    /* seconds since the first moment, idle time capped */
    int64_t run;      /* 0: none yet */
    uint64_t step;    /* of the last point seen; 0: none */
    enum sl_job job;  /* the training's state then */
    const char *name; /* "opened", "point", the event's kind, or the line's first word; borrowed */
    const char *text; /* the line; an event's facts as JSON; else ""; borrowed */
    bool marker;      /* worth a stop: lines, prepared, paused, resumed, tuned, checkpoint, nonfinite, ends; the run's
                       * best point */
    bool best;        /* the run's best point: by accuracy on test records, else by loss */
    bool edits;       /* a line that changed the recipe */
};

/* Number of moments; 0 when the session was not opened for replay, or has no past. */
size_t sl_replay_moments(const struct sl_session *session);
/* False: there is no such moment. */
bool sl_replay_moment(const struct sl_session *session, size_t i, struct sl_moment *out);
/* One line: "paused at step 120". */
void sl_replay_describe(const struct sl_session *session, size_t i, struct sl_buf *out);
/* The moment shown; 0 after opening. */
size_t sl_replay_at(const struct sl_session *session);
/* Show that moment. Errors: SL_ESTATE not opened for replay; SL_EPARAM no such moment; SL_ENOMEM. */
int sl_replay_seek(struct sl_session *session, size_t moment, struct sl_error *err);
/* Nearest marker behind (or before) moment `from`; SIZE_MAX: none. */
size_t sl_replay_marker(const struct sl_session *session, size_t from, bool forward);
/* Seconds from the first moment to the last; and the last moment at or before `played` seconds. */
double sl_replay_length(const struct sl_session *session);
size_t sl_replay_find(const struct sl_session *session, double played);
/* Time between two moments counts for at most this many seconds (2 at first). */
void sl_replay_idle(struct sl_session *session, double most);

/* Make a new session that stands where the moment shown stands: its recipe, curves and events so far, and its training,
 * if there was one under way, as interrupted: `resume` goes on to the same bits, from the nearest checkpoint kept, else
 * from the start, without showing a point twice. path NULL: a new name beside the session. *made (may be NULL) gets the
 * path, owned by the caller. Errors: SL_ESTATE not opened for replay, or the file exists; SL_EIO. */
int sl_replay_branch(struct sl_session *session, const char *path, char **made, struct sl_error *err);

#endif
