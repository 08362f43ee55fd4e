/* training_events.c: the current run's events, the settings they changed, and the records they blame. */
#include "job.h"

#include <math.h>
#include <stdlib.h>

size_t sl_session_events(const struct sl_session *session, const struct sl_event **events)
{
    *events = session->events.at;
    return session->events.n;
}

/* The pipeline of the run's own recipe: that of its job, or the one shown when it is the same. */
struct sl_pipeline *training_pipeline(const struct sl_session *session)
{
    struct sl_pipeline *shown = session->binding.shown;
    return session->job ? session->job->pipeline : shown && record_same_recipe(session) ? shown : NULL;
}

double training_fact(const struct sl_session *session, const char *name)
{
    for (size_t i = session->events.n; i-- > 0;) {
        const struct sl_event *e = &session->events.at[i];
        if (strcmp(e->kind, "training") == 0 || strcmp(e->kind, "resumed") == 0) {
            double x = event_number(e->json, name);
            if (!isnan(x))
                return x;
        }
    }
    return (double)NAN;
}

double sl_session_setting(const struct sl_session *session, const char *parameter, uint64_t step)
{
    struct sl_pipeline *pipeline = training_pipeline(session);
    uint64_t last = session->n_points ? session->points[session->n_points - 1].step : 0;
    double total = training_fact(session, "steps");
    return pipeline ? tuning_value(&session->events, pipeline, parameter, step, last, total > 0 ? (uint64_t)total : 0)
                    : (double)NAN;
}

/* The last event that says how the run fared. */
static const struct sl_event *nonfinite_end(const struct sl_session *session)
{
    for (size_t i = session->events.n; i-- > 0;) {
        const struct sl_event *e = &session->events.at[i];
        if (strcmp(e->kind, "nonfinite") == 0)
            return e;
        if (strcmp(e->kind, "resumed") == 0 || strcmp(e->kind, "training") == 0)
            return NULL;
    }
    return NULL;
}

size_t sl_session_guilty(const struct sl_session *session, const uint64_t **records, uint64_t *total)
{
    *records = session->guilty;
    *total = 0;
    const struct sl_event *e = session->n_guilty ? nonfinite_end(session) : NULL;
    double n = e ? event_number(e->json, "total") : (double)NAN;
    *total = n > 0 ? (uint64_t)n : 0;
    return *total ? session->n_guilty : 0;
}

void training_blame(struct sl_session *session)
{
    const struct sl_event *e = nonfinite_end(session);
    struct sl_str list;
    free(session->guilty);
    session->guilty = NULL;
    session->n_guilty = 0;
    if (!e || !event_value(e->json, "records", &list))
        return;
    size_t most = 1;
    for (size_t i = 0; i < list.n; i++)
        most += list.p[i] == ',';
    session->guilty = calloc(most, sizeof *session->guilty);
    if (!session->guilty)
        return;
    for (const char *at = list.p; at < list.p + list.n && session->n_guilty < most;) {
        char *end;
        uint64_t record = strtoull(at, &end, 10);
        if (end == at)
            break;
        session->guilty[session->n_guilty++] = record;
        at = end + (*end == ',');
    }
}
