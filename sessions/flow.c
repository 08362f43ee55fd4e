/* flow.c: where the time of the training under way, or of the last one, went. */
#include "job.h"

static void judge(struct job *job, double train, struct sl_bottleneck *out)
{
    struct sl_flow flow;
    sl_flow_take(&flow, job->pipeline, &job->progress);
    flow.wall[SL_PHASE_TRAIN] = train;
    flow.steps = job->progress.done;
    sl_bottleneck_judge(&flow, out);
}

void flow_end(struct sl_session *session, struct job *job)
{
    session->judged = job->train_began != 0;
    if (session->judged)
        judge(job, (double)job->progress.phase_ns[SL_PHASE_TRAIN] * 1e-9, &session->bottleneck);
}

bool sl_session_bottleneck(const struct sl_session *session, struct sl_bottleneck *out)
{
    struct job *job = session->job;
    uint64_t began = job ? (uint64_t)job->train_began : 0;
    if (began) {
        judge(job, (double)(sl_now() - began) * 1e-9, out);
        return true;
    }
    if (job || !session->judged)
        return false;
    *out = session->bottleneck;
    return true;
}

uint64_t sl_session_cached(const struct sl_session *session, size_t *points)
{
    return session->cache ? sl_cache_bytes(session->cache, points) : 0;
}

void sl_session_forget_cached(struct sl_session *session)
{
    if (session->cache)
        sl_cache_clear(session->cache);
}
