/* replay.c: a session that shows its past: standing at a moment, and the questions about moments.
 *
 * The session's fields are set to what they were; recipe, figures, points and result are borrowed from the past and
 * taken back before the session is closed. */
#include "replay.h"

#include <stdlib.h>

static void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    for (size_t i = 0; i < replay->n_runs; i++) {
        result_free(replay->runs[i].result);
        free(replay->runs[i].events.at);
    }
    free(replay->recipes);
    free(replay->past);
    free(replay->runs);
    free(replay->points);
    free(replay->stands);
    free(replay->moments);
    sl_arena_release(&replay->arena);
    free(replay);
}

size_t replay_points(const struct replay *replay, size_t moment)
{
    const struct moment *m = &replay->moments[moment];
    return m->kind == SL_MOMENT_POINT ? (size_t)m->index + 1 : replay->stands[m->stand].points;
}

const struct stand *replay_now(const struct sl_session *session)
{
    static const struct stand nothing = { 0 };
    const struct replay *r = session->replay;
    return r->n_moments ? &r->stands[r->moments[r->at].stand] : &nothing;
}

/* --- showing a moment --- */

/* One place of the history is filled: the one that is looked at. */
static int show_recipe(struct sl_session *session, const struct stand *stand, struct sl_error *err)
{
    struct history *h = &session->history;
    size_t n = stand->n > stand->at ? stand->n : (size_t)stand->at + 1;
    if (n > h->capacity) {
        struct recipe *states = realloc(h->states, n * sizeof *states);
        if (!states)
            return sl_fail_memory(err, "the replay");
        h->states = states;
        h->capacity = n;
    }
    h->n = n;
    h->at = stand->at;
    h->states[h->at] = session->replay->recipes[stand->recipe];
    return SL_OK;
}

static void show_run(struct sl_session *session, const struct stand *stand, size_t points)
{
    struct replay *r = session->replay;
    struct past_run *run = stand->run ? &r->runs[stand->run - 1] : NULL;
    session->run = run ? run->row : (struct run_row){ 0 };
    session->run.state = (enum sl_job)stand->job;
    session->run.has_fingerprint = session->run.has_fingerprint && stand->prepared;
    if (session->run.state != SL_JOB_FAILED)
        session->run.error = (struct sl_error)SL_ERROR_INIT;
    session->points = run ? r->points + run->first : NULL;
    session->n_points = session->points_capacity = points;
    session->run.step = points ? session->points[points - 1].step : 0;
    session->events = run ? run->events : (struct event_list){ 0 };
    session->events.n = stand->events;
    training_blame(session);
    session->figures = !run ? (struct figures){ 0 } : stand->prepared ? run->figures : run->blank;
    session->result = stand->result ? r->runs[stand->result - 1].result : NULL;
    bool over = stand->job == SL_JOB_DONE || stand->job == SL_JOB_STOPPED;
    session->judged = false;
    if (over)
        flow_load(session);
    int64_t model = stand->model ? r->runs[stand->model - 1].row.id : -1;
    if (model != session->book->newest_model) {
        session->book->newest_model = model;
        trained_release(&session->trained);
    }
}

static int show(struct sl_session *session, size_t moment, struct sl_error *err)
{
    struct replay *r = session->replay;
    r->at = moment;
    const struct stand *stand = replay_now(session);
    int status = show_recipe(session, stand, err);
    if (status)
        return status;
    show_run(session, stand, r->n_moments ? replay_points(r, moment) : 0);
    session->changed = true;
    if (r->recipe == stand->recipe && r->fitted == stand->fitted) {
        session_views(session);
        return SL_OK;
    }
    r->recipe = stand->recipe;
    r->fitted = stand->fitted;
    return session_rebind(session, err);
}

int replay_load_fitted(struct sl_session *session, struct sl_error *err)
{
    const struct stand *stand = replay_now(session);
    session->fitted = false;
    if (!stand->fitted || !session->binding.whole)
        return SL_OK;
    return record_read_stages(session, session->replay->runs[stand->fitted - 1].row.id, err);
}

/* --- begin and end --- */

int replay_begin(struct sl_session *session, struct sl_error *err)
{
    struct replay *r = calloc(1, sizeof *r);
    if (!r)
        return sl_fail_memory(err, "the replay");
    sl_arena_init(&r->arena);
    r->idle = 2;
    r->recipe = UINT32_MAX;
    int status = replay_load(session, r, err);
    if (!status)
        status = replay_fold(session, r, err);
    if (!status)
        status = base_choose(session, NULL, false, err);
    if (!status)
        status = replay_merge(r, err);
    if (status) {
        replay_free(r);
        return status;
    }
    history_release(&session->history);
    session->replay = r;
    return show(session, 0, err);
}

void replay_end(struct sl_session *session)
{
    if (!session->replay)
        return;
    free(session->history.states);
    session->history = (struct history){ 0 };
    session->run = (struct run_row){ 0 };
    session->figures = (struct figures){ 0 };
    session->points = NULL;
    session->events = (struct event_list){ 0 };
    session->result = NULL;
    replay_free(session->replay);
    session->replay = NULL;
}

/* --- questions --- */

size_t sl_replay_moments(const struct sl_session *session)
{
    return session->replay ? session->replay->n_moments : 0;
}

size_t sl_replay_at(const struct sl_session *session)
{
    return session->replay ? session->replay->at : 0;
}

int sl_replay_seek(struct sl_session *session, size_t moment, struct sl_error *err)
{
    size_t n = sl_replay_moments(session);
    if (!session->replay)
        return sl_fail(err, SL_ESTATE, "the session was not opened for replay");
    if (moment >= n)
        return sl_fail(err, SL_EPARAM, "there is no moment %zu; the session has %zu", moment, n);
    return moment == session->replay->at ? SL_OK : show(session, moment, err);
}

bool sl_replay_moment(const struct sl_session *session, size_t i, struct sl_moment *out)
{
    const struct replay *r = session->replay;
    if (i >= sl_replay_moments(session))
        return false;
    const struct moment *m = &r->moments[i];
    const struct stand *stand = &r->stands[m->stand];
    const struct past *past = &r->past[m->stand];
    size_t points = replay_points(r, i);
    bool point = m->kind == SL_MOMENT_POINT;
    *out = (struct sl_moment){
        .kind = (enum sl_moment_kind)m->kind,
        .time = m->time,
        .played = m->played,
        .run = stand->run ? r->runs[stand->run - 1].row.id : 0,
        .step = stand->run && points ? r->points[r->runs[stand->run - 1].first + points - 1].step : 0,
        .job = (enum sl_job)stand->job,
        .name = point ? "point" : past->name,
        .text = point || past->kind == SL_MOMENT_OPENED ? "" : past->text,
        .marker = m->marker,
        .best = m->best,
        .edits = !point && past->act == ACT_EDIT,
    };
    return true;
}

size_t sl_replay_marker(const struct sl_session *session, size_t from, bool forward)
{
    size_t n = sl_replay_moments(session);
    if (forward) {
        for (size_t i = from < n ? from + 1 : n; i < n; i++)
            if (session->replay->moments[i].marker)
                return i;
        return SIZE_MAX;
    }
    for (size_t i = from < n ? from : n; i-- > 0;)
        if (session->replay->moments[i].marker)
            return i;
    return SIZE_MAX;
}

double sl_replay_length(const struct sl_session *session)
{
    size_t n = sl_replay_moments(session);
    return n ? session->replay->moments[n - 1].played : 0;
}

size_t sl_replay_find(const struct sl_session *session, double played)
{
    size_t low = 0, high = sl_replay_moments(session);
    while (low < high) { /* first one behind */
        size_t middle = low + (high - low) / 2;
        if (session->replay->moments[middle].played <= played)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : 0;
}

void sl_replay_idle(struct sl_session *session, double most)
{
    if (!session->replay)
        return;
    session->replay->idle = most > 0 ? most : 0;
    replay_clock(session->replay);
}
