/* flow.c: where the time of the training under way, or of the last one, went. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

#define KEPT_AS "bottleneck" /* key in meta: the verdict on the last training, fields separated by tabs */

static void judge(struct job *job, double train, struct sl_bottleneck *out)
{
    struct sl_flow flow;
    sl_flow_take(&flow, job->pipeline, &job->progress);
    flow.wall[SL_PHASE_TRAIN] = train;
    flow.steps = job->progress.done;
    sl_bottleneck_judge(&flow, out);
}

static void keep(struct sl_session *session)
{
    const struct sl_bottleneck *b = &session->bottleneck;
    char text[600];
    snprintf(text, sizeof text, "%d\t%d\t%zu\t%.17g\t%.17g\t%.17g\t%.17g\t%s\t%s", (int)b->kind, (int)b->level,
             b->stage, b->wait_share, b->total, b->saved, b->gain, b->name, b->todo);
    if (!session->options.read_only)
        (void)meta_set(session->book, KEPT_AS, text, NULL); /* only a remark: without it training is no less done */
}

void flow_end(struct sl_session *session, struct job *job)
{
    session->judged = job->train_began != 0;
    if (!session->judged)
        return;
    judge(job, (double)job->progress.phase_ns[SL_PHASE_TRAIN] * 1e-9, &session->bottleneck);
    keep(session);
}

/* Next field of a line of tabs. */
static char *field(char **at)
{
    char *begin = *at, *tab = strchr(begin, '\t');
    if (tab)
        *tab = 0;
    *at = tab ? tab + 1 : begin + strlen(begin);
    return begin;
}

void flow_load(struct sl_session *session)
{
    char *text = meta_get(session->book, KEPT_AS), *at = text;
    struct sl_bottleneck b = { 0 };
    if (!text)
        return;
    long kind = strtol(field(&at), NULL, 10), level = strtol(field(&at), NULL, 10);
    b.stage = strtoull(field(&at), NULL, 10);
    b.wait_share = strtod(field(&at), NULL);
    b.total = strtod(field(&at), NULL);
    b.saved = strtod(field(&at), NULL);
    b.gain = strtod(field(&at), NULL);
    snprintf(b.name, sizeof b.name, "%s", field(&at));
    snprintf(b.todo, sizeof b.todo, "%s", field(&at));
    free(text);
    session->judged = kind >= SL_FLOW_UNKNOWN && kind <= SL_FLOW_BALANCED && level >= SL_FLOW_FINE &&
                      level <= SL_FLOW_CRITICAL;
    b.kind = (enum sl_verdict_kind)(session->judged ? kind : 0);
    b.level = (enum sl_verdict_level)(session->judged ? level : 0);
    session->bottleneck = b;
}

bool sl_session_bottleneck(const struct sl_session *session, struct sl_bottleneck *out)
{
    struct job *job = session->job;
    uint64_t began = job ? (uint64_t)job->train_began : 0;
    if (began) {
        judge(job, (double)(sl_now() - began) * 1e-9, out);
        return true;
    }
    if (job || !session->judged || follow_busy(session))
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
