/* training_state.c: how far a training is.
 *
 * Of one that is held or over, every figure follows from what is committed (the seconds of preparing, the points, the
 * steps), so that a session says the same whether it is live, opened again or replayed. Of one under way the clock
 * counts as well. */
#include "training_state.h"

#include "job.h"
#include "replay.h"

#include <math.h>

/* Shares of a whole job that its phases take, roughly. */
static const double phase_begin[] = { 0, 0, 0.55, 0.56, 0.65, 0.75, 1, 1 };

/* Of the iterations: by their number, or by how far the gradient has come on its way down, whichever says more. */
static double train_fraction(const struct train_facts *facts)
{
    if (!facts->n_points)
        return 0;
    const struct sl_point *last = &facts->points[facts->n_points - 1];
    double first_norm = facts->points[0].gradient_norm, norm = last->gradient_norm, way = 0;
    double steps = facts->max_iter > 0 ? (double)last->step / facts->max_iter : 0;
    if (facts->tol > 0 && facts->tol < 1 && first_norm > 0 && norm > 0 && norm < first_norm)
        way = log(first_norm / norm) / log(1 / facts->tol);
    double f = steps > way ? steps : way;
    return f < 0.99 ? f : 0.99;
}

/* With steps taken their own pace says what is left, and the share of the whole job follows from that. */
static void judge_by_pace(double f, double elapsed, double trained, struct sl_train_state *out)
{
    if (f <= 0)
        return;
    out->eta = trained * (1 - f) / f;
    out->fraction = elapsed + out->eta > 0 ? elapsed / (elapsed + out->eta) : 0;
}

void train_state_settled(const struct train_facts *facts, struct sl_train_state *out)
{
    const struct sl_point *last = facts->n_points ? &facts->points[facts->n_points - 1] : NULL;
    double trained = last ? last->seconds : 0, elapsed = facts->prepared + trained;
    out->step = last ? last->step : 0;
    out->fraction = last ? phase_begin[SL_PHASE_TRAIN] : 0;
    judge_by_pace(train_fraction(facts), elapsed, trained, out);
    if (out->job == SL_JOB_DONE)
        out->fraction = 1;
    out->eta = (double)NAN; /* as long as it is held */
    out->rows_per_second = trained > 0 ? (double)last->rows / trained : 0;
    out->wait_share = elapsed > 0 ? facts->prepared / elapsed : 0;
}

static struct train_facts facts_of(const struct sl_session *session)
{
    struct train_facts facts = { .points = session->points, .n_points = session->n_points };
    const struct sl_event *prepared = event_last(&session->events, "prepared");
    double seconds = prepared ? event_number(prepared->json, "seconds") : 0;
    facts.prepared = seconds > 0 ? seconds : 0;
    double steps = training_fact(session, "steps");
    facts.max_iter = steps > 0 ? steps : sl_session_setting(session, "max_iter", UINT64_MAX);
    facts.tol = sl_session_setting(session, "tol", UINT64_MAX);
    return facts;
}

/* --- under way --- */

static double prepare_fraction(const struct job *job, enum sl_phase phase)
{
    double begin = phase_begin[phase], length = phase_begin[phase + 1] - begin;
    uint64_t done = job->progress.done, total = job->progress.total;
    double within = total ? (double)done / (double)total : 0;
    return begin + length * (within < 1 ? within : 1);
}

static void live_state(const struct sl_session *session, struct sl_train_state *out)
{
    struct job *job = session->job;
    uint64_t now = sl_now(), train_began = job->train_began;
    double elapsed = (double)(now - job->began) * 1e-9;
    int phase = job->progress.phase;
    out->phase = phase <= SL_PHASE_TRAIN ? (enum sl_phase)phase : SL_PHASE_TRAIN;
    struct train_facts facts = facts_of(session);
    if (out->phase == SL_PHASE_TRAIN)
        out->fraction = phase_begin[SL_PHASE_TRAIN] + (1 - phase_begin[SL_PHASE_TRAIN]) * train_fraction(&facts);
    else
        out->fraction = out->phase == SL_PHASE_IDLE ? 0 : prepare_fraction(job, out->phase);
    out->eta = out->fraction > 0.01 ? elapsed * (1 - out->fraction) / out->fraction : (double)NAN;
    if (!train_began) {
        out->rows_per_second = elapsed > 0 ? (double)job->progress.records / elapsed : 0;
        out->wait_share = 1;
        return;
    }
    if (out->phase == SL_PHASE_TRAIN)
        judge_by_pace(train_fraction(&facts), elapsed, (double)(now - train_began) * 1e-9, out);
    out->rows_per_second = job->last_ns ? (double)job->last_rows / ((double)job->last_ns * 1e-9) : 0;
    out->wait_share = (double)(train_began - job->began) / (double)(now - job->began);
}

static void state_of(struct sl_session *session, struct sl_train_state *out)
{
    if (session->job && session->run.state != SL_JOB_PAUSED) {
        live_state(session, out);
        return;
    }
    if (follow_busy(session) && session->run.state != SL_JOB_PAUSED) {
        follow_state(session, out);
        return;
    }
    struct train_facts facts = facts_of(session);
    if (session->run.id)
        train_state_settled(&facts, out);
    out->phase = session->replay                       ? replay_phase(session)
                 : session->run.state == SL_JOB_PAUSED ? SL_PHASE_TRAIN
                 : session->run.id                     ? SL_PHASE_DONE
                                                       : SL_PHASE_IDLE;
    if (session->run.state == SL_JOB_FAILED)
        out->error = session->run.error;
}

void sl_session_train_state(struct sl_session *session, struct sl_train_state *out)
{
    *out = (struct sl_train_state){ .job = session->run.state, .eta = (double)NAN, .error = SL_ERROR_INIT };
    if (session->n_points)
        out->step = session->points[session->n_points - 1].step;
    out->learning_rate = session->run.id ? sl_session_setting(session, "learning_rate", UINT64_MAX) : (double)NAN;
    state_of(session, out);
    training_network_state(session, out);
    training_usage(session, out);
}
