/* training_poll.c: what the training thread has done, taken over by the session's thread; how far it is. */
#include "job.h"

#include <math.h>
#include <stdlib.h>

static void take_points(struct sl_session *session, struct job *job, bool *changed)
{
    pthread_mutex_lock(&job->lock);
    if (job->n_points > session->taken &&
        points_add(session, job->points + session->taken, job->n_points - session->taken, NULL) == SL_OK) {
        session->taken = job->n_points;
        *changed = true;
    }
    pthread_mutex_unlock(&job->lock);
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
    for (const char *line = job->notices.p; line && *line && !job->notices.failed;) {
        size_t n = strcspn(line, "\n");
        sl_session_say(session, "%.*s", (int)n, line);
        line += n + (line[n] == '\n');
    }
    flow_end(session, job);
    session->job = NULL;
    session->progress = NULL;
    session->taken = 0;
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
    adopt_run(session, job, &changed);
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
    job_wish(session->job, JOB_CLOSE);
    job_free(session->job);
    session->job = NULL;
    session->progress = NULL;
}

/* --- how far --- */

/* Shares of a whole job that its phases take, roughly. */
static const double phase_begin[] = { 0, 0, 0.55, 0.56, 0.65, 0.75, 1, 1 };

static double real_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Of the iterations: by their number, or by how far the gradient has come on its way down, whichever says more. */
static double train_fraction(const struct job *job)
{
    double steps = job->max_steps > 0 ? (double)job->progress.done / job->max_steps : 0;
    double first = real_of(job->first_norm), last = real_of(job->last_norm), way = 0;
    if (job->tolerance > 0 && job->tolerance < 1 && first > 0 && last > 0 && last < first)
        way = log(first / last) / log(1 / job->tolerance);
    double f = steps > way ? steps : way;
    return f < 0.99 ? f : 0.99;
}

static double fraction_of(const struct job *job, enum sl_phase phase)
{
    double begin = phase_begin[phase], length = phase_begin[phase + 1] - begin, within = 0;
    uint64_t done = job->progress.done, total = job->progress.total;
    if (phase == SL_PHASE_TRAIN)
        within = train_fraction(job);
    else if (total)
        within = (double)done / (double)total;
    return begin + length * (within < 1 ? within : 1);
}

/* Once steps are taken their own pace says what is left, and the share of the whole job follows from that. */
static void judge_by_pace(const struct job *job, double elapsed, double trained, struct sl_train_state *out)
{
    double f = train_fraction(job);
    if (f <= 0)
        return;
    out->eta = trained * (1 - f) / f;
    out->fraction = elapsed / (elapsed + out->eta);
}

static void live_state(struct job *job, struct sl_train_state *out)
{
    uint64_t now = sl_now(), train_began = job->train_began;
    double elapsed = (double)(now - job->began) * 1e-9;
    int phase = job->progress.phase;
    pthread_mutex_lock(&job->lock);
    out->job = job->state;
    pthread_mutex_unlock(&job->lock);
    out->phase = phase <= SL_PHASE_TRAIN ? (enum sl_phase)phase : SL_PHASE_TRAIN;
    out->fraction = out->phase == SL_PHASE_IDLE ? 0 : fraction_of(job, out->phase);
    out->eta = out->fraction > 0.01 ? elapsed * (1 - out->fraction) / out->fraction : (double)NAN;
    if (train_began && out->phase == SL_PHASE_TRAIN)
        judge_by_pace(job, elapsed, (double)(now - train_began) * 1e-9, out);
    if (out->job == SL_JOB_PAUSED)
        out->eta = (double)NAN;
    if (train_began) {
        out->rows_per_second = job->last_ns ? (double)job->last_rows / ((double)job->last_ns * 1e-9) : 0;
        out->wait_share = (double)(train_began - job->began) / (double)(now - job->began);
    } else {
        out->rows_per_second = elapsed > 0 ? (double)job->progress.records / elapsed : 0;
        out->wait_share = 1;
    }
}

void sl_session_train_state(struct sl_session *session, struct sl_train_state *out)
{
    *out = (struct sl_train_state){ .job = session->run.state, .eta = (double)NAN, .error = SL_ERROR_INIT };
    if (session->n_points)
        out->step = session->points[session->n_points - 1].step;
    if (session->job) {
        live_state(session->job, out);
        return;
    }
    out->phase = session->run.id ? SL_PHASE_DONE : SL_PHASE_IDLE;
    out->fraction = session->run.state == SL_JOB_DONE ? 1 : 0;
    if (session->run.state == SL_JOB_FAILED)
        out->error = session->run.error;
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
