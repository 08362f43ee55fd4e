/* follow.c: a session as another process goes on with it, seen through its file.
 *
 * A clock wakes the program ten times a second. Each time SQLite is asked whether anybody has committed (PRAGMA
 * data_version: a look at shared memory); only then the file is read, in one transaction, and only what is new: lines
 * of the journal behind the last, points behind the last, the run's row. That the last point is still what it was is
 * checked too, since `resume force=true` makes points anew. Figures, result and model are read when the run has come to
 * a new event.
 *
 * Not followed: how far the preparation of the data has come, which is in no file. */
#include "job.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOOK_NS UINT64_C(100000000)

struct follow {
    int timer;
    long owner;
    uint64_t looked;
    int64_t version; /* of the file's content, to this connection */
    int64_t events;  /* of the run, when last looked at */
    int64_t run;
    double max_steps, tolerance; /* of the learner; 0 or NaN: unknown */
};

static bool runs(enum sl_job state)
{
    return state == SL_JOB_PREPARING || state == SL_JOB_TRAINING || state == SL_JOB_PAUSED;
}

bool follow_busy(const struct sl_session *session)
{
    return session->follow && runs(session->run.state);
}

bool sl_session_followed(const struct sl_session *session, long *owner)
{
    if (owner)
        *owner = session->follow ? session->follow->owner : 0;
    return session->follow != NULL;
}

long sl_session_owner(const char *path)
{
    return book_owner(path);
}

static int ask_number(struct book *book, const char *sql, const char *types, int64_t argument, int64_t *out)
{
    sqlite3_stmt *query = NULL;
    int status = book_query(book, &query, NULL, sql, types, argument);
    if (!status)
        status = book_row(book, query, NULL);
    if (!status)
        *out = sqlite3_column_int64(query, 0);
    sqlite3_finalize(query);
    return status;
}

/* --- what is new --- */

/* A training that nobody carries on is interrupted. */
static void set_state(struct sl_session *session, enum sl_job written)
{
    bool alive = session->follow->owner != 0;
    session->run.state = runs(written) && !alive ? SL_JOB_INTERRUPTED : written;
}

static int take_run(struct sl_session *session, bool *changed)
{
    struct run_row row = { 0 };
    int status = record_load_row(session->book, &row, NULL);
    if (status || !row.id) {
        run_row_release(&row);
        return status;
    }
    *changed = *changed || row.id != session->run.id || row.written != session->run.written;
    if (row.id != session->run.id) {
        session->n_points = 0;
        event_list_clear(&session->events);
        session->judged = false;
    }
    run_row_release(&session->run);
    session->run = row;
    set_state(session, row.written);
    return SL_OK;
}

/* Is the last point that was taken over still there, to the bit? */
static bool last_point_stands(struct sl_session *session)
{
    sqlite3_stmt *query = NULL;
    const struct sl_point *last = &session->points[session->n_points - 1];
    bool same = false;
    if (book_query(session->book, &query, NULL, "SELECT loss, seconds FROM point WHERE run = ? AND step = ?", "ii",
                   session->run.id, (int64_t)last->step) == SL_OK &&
        book_row(session->book, query, NULL) == SL_OK) {
        double loss = book_real(query, 0), seconds = book_real(query, 1);
        same = (loss == last->loss || (isnan(loss) && isnan(last->loss))) && seconds == last->seconds;
    }
    sqlite3_finalize(query);
    return same;
}

static int take_points(struct sl_session *session, bool *changed)
{
    if (session->n_points && !last_point_stands(session)) {
        session->n_points = 0;
        *changed = true;
    }
    size_t before = session->n_points;
    uint64_t after = before ? session->points[before - 1].step : 0;
    int status = session->run.id ? record_load_points(session, after, NULL) : SL_OK;
    *changed = *changed || session->n_points != before;
    return status;
}

/* Figures are written with an event: prepared, done, stopped … */
static int take_figures(struct sl_session *session, bool *ended)
{
    struct follow *f = session->follow;
    int64_t events = 0;
    int status = ask_number(session->book, "SELECT coalesce(max(seq), 0) FROM event WHERE run = ?", "i",
                            session->run.id, &events);
    if (status || (events == f->events && session->run.id == f->run))
        return status;
    status = record_load_figures(session, NULL);
    if (!status)
        status = event_list_load(&session->events, session->book, session->run.id, session->events.n, NULL);
    training_blame(session);
    if (!status && !runs(session->run.written)) {
        status = record_load_result(session, NULL);
        *ended = true;
    }
    if (!status) {
        f->events = events;
        f->run = session->run.id;
    }
    return status;
}

static int read_news(struct sl_session *session, bool *edited, bool *ended, bool *changed)
{
    int64_t folded = session->folded;
    size_t states = session->history.n, at = session->history.at;
    int status = journal_fold(session, NULL);
    *edited = states != session->history.n || at != session->history.at;
    *changed = *changed || folded != session->folded;
    book_hold(session->book);
    if (!status)
        status = take_run(session, changed);
    if (!status)
        status = take_points(session, changed);
    if (!status)
        status = take_figures(session, ended);
    book_release(session->book);
    return status;
}

static void learn_about_learner(struct sl_session *session)
{
    struct follow *f = session->follow;
    struct sl_pipeline *pipeline = session->binding.shown;
    f->max_steps = pipeline ? tuning_setting(pipeline, "max_iter") : 0;
    f->tolerance = pipeline ? tuning_setting(pipeline, "tol") : 0;
}

/* Take over what was committed. What cannot be read now is tried again the next time. */
static bool look(struct sl_session *session)
{
    struct follow *f = session->follow;
    bool edited = false, ended = false, changed = false;
    int64_t version = 0;
    book_hold(session->book);
    int status = ask_number(session->book, "PRAGMA data_version", "", 0, &version);
    book_release(session->book);
    if (status || version == f->version || book_run(session->book, NULL, "BEGIN", ""))
        return false;
    status = read_news(session, &edited, &ended, &changed);
    book_run(session->book, NULL, "COMMIT", "");
    if (!status)
        f->version = version;
    if (ended)
        trained_release(&session->trained);
    if (edited) {
        session_rebind(session, NULL);
        learn_about_learner(session);
    } else if (ended) {
        record_load_fitted(session, NULL);
    }
    if (ended) {
        flow_load(session);
        session_scan(session);
    }
    if (changed || edited || ended)
        session_views(session);
    return changed || edited || ended;
}

/* --- the owner --- */

static void tell_owner(struct sl_session *session, long before)
{
    long owner = session->follow->owner;
    if (owner > 0)
        sl_session_say(session, "process %ld has the session open now", owner);
    else if (!owner && runs(session->run.written))
        sl_session_say(session,
                       "process %ld has ended, and nobody carries the training on; "
                       "sluice resume %s does",
                       before, session->book->path);
    else if (!owner)
        sl_session_say(session, "process %ld has closed the session", before);
}

/* The lock is asked first: what an owner that is gone now has written last is read after. */
static bool poll_owner(struct sl_session *session)
{
    struct follow *f = session->follow;
    long before = f->owner;
    f->owner = book_owner(session->book->path);
    return f->owner != before;
}

long follow_owner(struct sl_session *session)
{
    if (poll_owner(session))
        session->follow->looked = 0;
    return session->follow->owner;
}

bool follow_poll(struct sl_session *session)
{
    struct follow *f = session->follow;
    uint64_t ticks, now = sl_now();
    while (read(f->timer, &ticks, sizeof ticks) < 0 && errno == EINTR) {}
    if (now - f->looked < LOOK_NS / 2)
        return false;
    long before = f->owner;
    bool moved = poll_owner(session);
    f->looked = now;
    bool changed = look(session);
    if (moved) {
        set_state(session, session->run.written);
        tell_owner(session, before);
        session_views(session);
    }
    changed = request_answers(session, f->owner != 0) || changed;
    return changed || moved;
}

/* --- how far --- */

void follow_state(struct sl_session *session, struct sl_train_state *out)
{
    struct follow *f = session->follow;
    out->job = session->run.state;
    out->phase = out->job == SL_JOB_PREPARING ? SL_PHASE_IDLE : SL_PHASE_TRAIN;
    out->wait_share = (double)NAN;
    if (out->job == SL_JOB_PREPARING || !session->n_points)
        return;
    const struct sl_point *first = &session->points[0], *last = &session->points[session->n_points - 1];
    double most = training_fact(session, "steps");
    most = most > 0 ? most : f->max_steps;
    double steps = most > 0 ? (double)last->step / most : 0, way = 0;
    if (f->tolerance > 0 && f->tolerance < 1 && last->gradient_norm > 0 && last->gradient_norm < first->gradient_norm)
        way = log(first->gradient_norm / last->gradient_norm) / log(1 / f->tolerance);
    double share = steps > way ? steps : way;
    out->fraction = share < 0.99 ? share : 0.99;
    out->rows_per_second = last->seconds > 0 ? (double)last->rows / last->seconds : 0;
    if (share > 0 && out->job == SL_JOB_TRAINING)
        out->eta = last->seconds * (1 - out->fraction) / out->fraction;
}

/* --- opening and closing --- */

int follow_open(struct sl_session *session, struct sl_error *err)
{
    struct follow *f = session->follow = calloc(1, sizeof *f);
    if (!f)
        return sl_fail_memory(err, "following a session");
    const struct timespec tick = { 0, (long)LOOK_NS };
    struct epoll_event ready = { .events = EPOLLIN };
    f->version = -1;
    f->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (f->timer < 0 || timerfd_settime(f->timer, 0, &(struct itimerspec){ tick, tick }, NULL) != 0 ||
        epoll_ctl(session->poll_fd, EPOLL_CTL_ADD, f->timer, &ready) != 0)
        return sl_fail_errno(err, "follow a session", session->book->path);
    f->owner = book_owner(session->book->path);
    f->run = session->run.id;
    set_state(session, session->run.written);
    learn_about_learner(session);
    session_views(session);
    return SL_OK;
}

void follow_close(struct sl_session *session)
{
    if (session->follow && session->follow->timer > 0)
        close(session->follow->timer);
    free(session->follow);
    session->follow = NULL;
}
