/* flow.c: where the time of the training under way, or of the last one, went. */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

#define VERDICT_MOST 600
/* Key in meta: the verdict on a training, fields separated by tabs. */
#define KEPT_AS "bottleneck %lld"

static void judge(struct job *job, double train, struct sl_bottleneck *out)
{
    struct sl_flow flow;
    double of;
    sl_flow_take(&flow, job->pipeline, &job->progress);
    flow.wall[SL_PHASE_TRAIN] = train;
    flow.steps = job->progress.done;
    flow.batched = job->batched;
    flow.trainer_wait = job->batched ? job_waited(job, &of) : 0;
    flow.host = job_on_host(job, &flow.whole);
    sl_bottleneck_judge(&flow, out);
}

static void put(const struct sl_bottleneck *b, char text[VERDICT_MOST])
{
    snprintf(text, VERDICT_MOST, "%d\t%d\t%zu\t%.17g\t%.17g\t%.17g\t%.17g\t%s\t%s", (int)b->kind, (int)b->level,
             b->stage, b->wait_share, b->total, b->saved, b->gain, b->name, b->todo);
}

static void keep(struct sl_session *session)
{
    char text[VERDICT_MOST], key[40];
    put(&session->bottleneck, text);
    snprintf(key, sizeof key, KEPT_AS, (long long)session->run.id);
    if (!session->options.read_only)
        (void)meta_set(session->book, key, text, NULL); /* only a remark: without it training is no less done */
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

/* False: it makes no sense. text is cut into its fields. */
static bool get(char *text, struct sl_bottleneck *out)
{
    struct sl_bottleneck b = { 0 };
    char *at = text;
    long kind = strtol(field(&at), NULL, 10), level = strtol(field(&at), NULL, 10);
    b.stage = strtoull(field(&at), NULL, 10);
    b.wait_share = strtod(field(&at), NULL);
    b.total = strtod(field(&at), NULL);
    b.saved = strtod(field(&at), NULL);
    b.gain = strtod(field(&at), NULL);
    snprintf(b.name, sizeof b.name, "%s", field(&at));
    snprintf(b.todo, sizeof b.todo, "%s", field(&at));
    bool valid = kind >= SL_FLOW_UNKNOWN && kind <= SL_FLOW_BALANCED && level >= SL_FLOW_FINE &&
                 level <= SL_FLOW_CRITICAL;
    b.kind = (enum sl_verdict_kind)(valid ? kind : 0);
    b.level = (enum sl_verdict_level)(valid ? level : 0);
    *out = b;
    return valid;
}

void flow_load(struct sl_session *session)
{
    char key[40], *text;
    snprintf(key, sizeof key, KEPT_AS, (long long)session->run.id);
    text = meta_get(session->book, key);
    session->judged = text && get(text, &session->bottleneck);
    free(text);
}

/* --- of a training that is held: what was said then is kept with the event, so that it stands still, live or not ---
 */

void flow_note(struct job *job, struct sl_buf *json)
{
    struct sl_bottleneck b;
    char text[VERDICT_MOST];
    uint64_t began = job->train_began;
    if (!began)
        return;
    judge(job, (double)(sl_now() - began - job->paused_ns) * 1e-9, &b);
    put(&b, text);
    sl_buf_puts(json, ",\"verdict\":");
    sl_buf_json(json, sl_str(text));
}

/* The text behind "verdict": in an event's facts, its escapes undone. */
static bool verdict_text(const char *json, char text[VERDICT_MOST])
{
    static const char key[] = "\"verdict\":\"";
    const char *at = strstr(json, key);
    size_t n = 0;
    if (!at)
        return false;
    for (at += sizeof key - 1; *at && *at != '"' && n < VERDICT_MOST - 1; at++) {
        bool escaped = *at == '\\' && at[1];
        at += escaped;
        bool tab = escaped && (*at == 't' || *at == 'u'); /* no other control character is in it */
        at += escaped && *at == 'u' && strlen(at) > 4 ? 4 : 0;
        text[n++] = tab ? '\t' : *at;
    }
    text[n] = '\0';
    return *at == '"';
}

static bool held_verdict(const struct sl_session *session, struct sl_bottleneck *out)
{
    const struct sl_event *held = session->run.state == SL_JOB_PAUSED ? event_last(&session->events, "paused") : NULL;
    char text[VERDICT_MOST];
    return held && verdict_text(held->json, text) && get(text, out);
}

bool sl_session_bottleneck(const struct sl_session *session, struct sl_bottleneck *out)
{
    struct job *job = session->job;
    uint64_t began = job ? (uint64_t)job->train_began : 0;
    if (held_verdict(session, out))
        return true;
    if (began) {
        judge(job, (double)(sl_now() - began - job->paused_ns) * 1e-9, out);
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
