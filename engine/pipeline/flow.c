/* flow.c: the counters of a run, in seconds and by stage, as the verdict reads them. */
#include "cache_private.h"
#include "sluice/bottleneck.h"

#include <stdio.h>

static double seconds(uint64_t ns)
{
    return (double)ns * 1e-9;
}

/* The first parameter that is not set to the value its table calls cheaper. */
static void find_cheaper(const struct sl_stage *stage, char *out, size_t size)
{
    struct sl_buf value = { 0 };
    for (const struct sl_param *row = stage->class->params; row && row->kind; row++) {
        if (!row->cheaper)
            continue;
        value.n = 0;
        sl_param_format(row, stage->params, &value);
        if (!value.failed && !sl_str_equal((struct sl_str){ value.p, value.n }, sl_str(row->cheaper))) {
            snprintf(out, size, "%s=%s", row->name, row->cheaper);
            break;
        }
    }
    sl_buf_release(&value);
}

/* Is a parameter set to this word? */
static bool says(const struct sl_stage *stage, const char *name, const char *word)
{
    const struct sl_param *row = sl_param_find(stage->class->params, sl_str(name));
    struct sl_buf value = { 0 };
    if (row)
        sl_param_format(row, stage->params, &value);
    bool same = value.n && !value.failed && sl_str_equal((struct sl_str){ value.p, value.n }, sl_str(word));
    sl_buf_release(&value);
    return same;
}

/* 0, or a number: the difference is all that matters, besides auto. */
static int threads_of(const struct sl_stage *stage, const char *name)
{
    return says(stage, name, "auto") ? SL_FLOW_AUTO : !says(stage, name, "0");
}

static void take_settings(struct sl_flow *flow, const struct sl_stage *stage)
{
    if (strcmp(stage->class->name, "batch") == 0) {
        flow->workers = threads_of(stage, "workers");
        flow->prefetch = threads_of(stage, "prefetch");
        flow->mapped = says(stage, "cache", "disk");
    } else if (strcmp(stage->class->name, "train") == 0) {
        flow->host_asked = says(stage, "device", "cpu");
    }
}

static void take_stage(struct sl_flow_stage *out, const struct sl_stage *stage, const struct sl_stage_stats *s)
{
    uint64_t fit = s->fit_ns, encode = s->encode_ns, busy = s->busy_ns;
    snprintf(out->name, sizeof out->name, "%s", stage->class->name);
    find_cheaper(stage, out->cheaper, sizeof out->cheaper);
    out->cache = sl_stage_is_cache(stage);
    out->serial = stage->class->ordered != NULL;
    out->drops = s->dropped > 0;
    out->records = s->in;
    out->bytes = s->bytes;
    out->fit = seconds(fit);
    out->encode = seconds(encode);
    out->read = seconds(busy > fit + encode ? busy - fit - encode : 0);
}

void sl_flow_take(struct sl_flow *flow, struct sl_pipeline *pipeline, const struct sl_progress *progress)
{
    *flow = (struct sl_flow){
        .learner = SIZE_MAX, .filling = SIZE_MAX, .workers = SL_FLOW_AUTO, .prefetch = SL_FLOW_AUTO, .host = true
    };
    flow->n = sl_pipeline_stages(pipeline);
    flow->n = flow->n < SL_MAX_STAGES ? flow->n : SL_MAX_STAGES;
    for (size_t i = 0; i < flow->n; i++) {
        const struct sl_stage *stage = sl_pipeline_stage(pipeline, i);
        take_stage(&flow->stages[i], stage, &progress->stages[i]);
        take_settings(flow, stage);
        flow->cached |= progress->stages[i].hits > 0;
        if (progress->stages[i].misses)
            flow->filling = i;
        if (stage->class->kind == SL_LEARNER)
            flow->learner = i;
    }
    for (int phase = 0; phase <= SL_PHASE_DONE; phase++)
        flow->wall[phase] = seconds(progress->phase_ns[phase]);
    flow->input = seconds(progress->input_ns);
    flow->input_wait = seconds(progress->input_wait_ns);
    flow->turn_wait = seconds(progress->turn_wait_ns);
    flow->sink = seconds(progress->sink_ns);
    flow->threads = progress->threads;
    flow->cores = (unsigned)sl_cores();
}
