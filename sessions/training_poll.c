/* training_poll.c: what the training thread has done, taken over by the session's thread. */
#include "debugger.h"
#include "job.h"

#include <math.h>
#include <stdlib.h>

static void take_points(struct sl_session *session, struct job *job, bool *changed)
{
    pthread_mutex_lock(&job->lock);
    if (job->n_points && points_add(session, job->points, job->n_points, NULL) == SL_OK) {
        job->n_points = 0;
        *changed = true;
    }
    pthread_mutex_unlock(&job->lock);
}

static void take_events(struct sl_session *session, struct job *job, bool *changed)
{
    pthread_mutex_lock(&job->lock);
    if (job->events.n && event_list_move(&session->events, &job->events, NULL) == SL_OK)
        *changed = true;
    pthread_mutex_unlock(&job->lock);
}

/* Lines for the log, as they come. */
static void take_notices(struct sl_session *session, struct job *job, bool *changed)
{
    pthread_mutex_lock(&job->lock);
    struct sl_buf notices = job->notices;
    job->notices = (struct sl_buf){ 0 };
    pthread_mutex_unlock(&job->lock);
    for (const char *line = notices.p; line && *line && !notices.failed;) {
        size_t n = strcspn(line, "\n");
        sl_session_say(session, "%.*s", (int)n, line);
        line += n + (line[n] == '\n');
        *changed = true;
    }
    sl_buf_release(&notices);
}

static void adopt_run(struct sl_session *session, struct job *job, bool *changed)
{
    pthread_mutex_lock(&job->lock);
    struct sl_run *found = job->found;
    job->found = NULL;
    pthread_mutex_unlock(&job->lock);
    if (!found)
        return;
    if (session->browser && session->live_same)
        sl_browser_adopt(session->browser, sl_run_result(found), NULL);
    debugger_learn(session, sl_run_result(found), job->recipe.p);
    sl_run_free(found);
    *changed = true;
}

void figures_from_progress(struct sl_session *session, const struct sl_progress *progress, const char *recipe)
{
    struct figures *figures = &session->figures;
    figures_release(figures);
    figures->at = calloc(SL_MAX_STAGES, sizeof *figures->at);
    for (const char *text = recipe; text && *text && figures->at && figures->n < SL_MAX_STAGES;) {
        size_t n = strcspn(text, "\n");
        const struct sl_stage_stats *s = &progress->stages[figures->n];
        char *copy = strndup(text, n);
        if (!copy)
            return;
        figures->at[figures->n++] = (struct figure){ copy,       s->in,      s->out,
                                                     s->changed, s->dropped, s->missing,
                                                     s->emptied, s->bytes,   (double)s->busy_ns * 1e-9,
                                                     s->hits,    s->misses };
        text += n + (text[n] == '\n');
    }
}

static void take_end(struct sl_session *session, struct job *job)
{
    session->run.state = job->state;
    session->run.error = job->error;
    if (job->prepared && !job->other_data) {
        session->run.has_fingerprint = true;
        session->run.fingerprint = job->fingerprint;
    }
    if (job->result) {
        result_free(session->result);
        session->result = job->result;
        job->result = NULL;
    }
    if (session->n_points)
        session->run.step = session->points[session->n_points - 1].step;
    if (job->state == SL_JOB_FAILED) {
        char text[900];
        sl_session_say(session, "training failed: %s", sl_error_format(&job->error, text, sizeof text));
    }
    if (job->prepared)
        figures_from_progress(session, &job->progress, job->recipe.p);
    training_blame(session);
    flow_end(session, job);
    session->job = NULL;
    session->progress = NULL;
    trained_release(&session->trained);
    job_free(job);
    record_load_fitted(session, NULL);
    session_views(session);
    session_scan(session);
}

bool training_poll(struct sl_session *session)
{
    struct job *job = session->job;
    bool changed = false;
    if (!job)
        return false;
    pthread_mutex_lock(&job->lock);
    bool ended = job->ended;
    enum sl_job state = job->state;
    pthread_mutex_unlock(&job->lock);
    changed = state != session->run.state;
    session->run.state = state;
    take_points(session, job, &changed);
    take_events(session, job, &changed);
    adopt_run(session, job, &changed);
    changed = training_take_inspection(session) || changed;
    take_notices(session, job, &changed);
    uint64_t seen = job->progress.records + job->progress.done;
    changed = changed || seen != session->seen;
    session->seen = seen;
    if (ended) {
        take_end(session, job);
        changed = true;
    }
    return changed;
}

void training_close(struct sl_session *session)
{
    if (!session->job)
        return;
    job_close(session->job);
    job_free(session->job);
    session->job = NULL;
    session->progress = NULL;
}

size_t sl_session_points(const struct sl_session *session, const struct sl_point **points)
{
    *points = session->points;
    return session->n_points;
}

const struct sl_result *sl_session_result(const struct sl_session *session)
{
    return session->result;
}
