/* verdict.c: what holds a run up, and what it would gain at most without it.
 *
 * Each phase is as long as its critical path: in READ the longest of what one worker at a time does (reading and
 * cutting, each stage that needs the input order) and of all work shared among the workers; in FIT and ENCODE the work
 * shared among them. A stage that cost nothing would shorten the path by the difference (Amdahl 1967): a stage beside
 * the path gains nothing, however busy it is. Where more was measured than the path explains (storing between phases,
 * the system), that rest is not credited to any stage. */
#include "sluice/bottleneck.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const char *sl_verdict_name(enum sl_verdict_kind kind)
{
    static const char *const names[] = { "UNKNOWN", "INPUT", "COMPUTE", "BALANCED" };
    return names[kind];
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static double workers(const struct sl_flow *flow)
{
    unsigned n = flow->threads;
    if (flow->cores && n > flow->cores)
        n = flow->cores;
    return n ? n : 1;
}

/* Critical path of a phase with stage `free` costing nothing (SIZE_MAX: as it is). */
static double path(const struct sl_flow *flow, enum sl_phase phase, size_t free)
{
    double shared = 0, serial = phase == SL_PHASE_READ && free != 0 ? flow->input : 0;
    for (size_t i = 0; i < flow->n; i++) {
        const struct sl_flow_stage *s = &flow->stages[i];
        double busy = phase == SL_PHASE_READ ? s->read : phase == SL_PHASE_FIT ? s->fit : s->encode;
        if (i == free)
            continue;
        shared += busy;
        if (phase == SL_PHASE_READ && s->serial)
            serial = larger(serial, busy);
    }
    if (phase == SL_PHASE_READ && free != 0)
        shared += flow->input;
    if (phase == SL_PHASE_ENCODE)
        shared += flow->sink;
    return larger(serial, shared / workers(flow));
}

static double saved_in(const struct sl_flow *flow, enum sl_phase phase, size_t stage)
{
    double now = path(flow, phase, SIZE_MAX), then = path(flow, phase, stage), wall = flow->wall[phase];
    /* More busy than there was time for: workers that had to share cores. */
    return now > 0 ? (now - then) * (now > wall ? wall / now : 1) : 0;
}

static double saved_by(const struct sl_flow *flow, size_t stage)
{
    if (stage == flow->learner)
        return flow->wall[SL_PHASE_TRAIN] - (flow->batched ? flow->trainer_wait : 0);
    return saved_in(flow, SL_PHASE_READ, stage) + saved_in(flow, SL_PHASE_FIT, stage) +
           saved_in(flow, SL_PHASE_ENCODE, stage);
}

static double preparing(const struct sl_flow *flow)
{
    return flow->wall[SL_PHASE_READ] + flow->wall[SL_PHASE_SPLIT] + flow->wall[SL_PHASE_FIT] +
           flow->wall[SL_PHASE_ENCODE];
}

static double wait_share(const struct sl_flow *flow)
{
    double train = flow->wall[SL_PHASE_TRAIN], prepare = preparing(flow);
    if (flow->learner == SIZE_MAX)
        return (double)NAN;
    if (flow->batched)
        return flow->steps >= SL_FLOW_STEPS && train > 0 ? flow->trainer_wait / train : (double)NAN;
    return prepare + train > 0 ? prepare / (prepare + train) : (double)NAN;
}

/* `batch`, where the recipe has it. */
static size_t batches(const struct sl_flow *flow)
{
    size_t i = 0;
    while (i < flow->n && strcmp(flow->stages[i].name, "batch") != 0)
        i++;
    return i < flow->n ? i : SIZE_MAX;
}

static size_t worst(const struct sl_flow *flow, double *saved)
{
    size_t stage = SIZE_MAX;
    *saved = 0;
    for (size_t i = 0; i < flow->n; i++) {
        double s = i == flow->learner || flow->stages[i].cache ? 0 : saved_by(flow, i);
        if (s > *saved) {
            *saved = s;
            stage = i;
        }
    }
    return stage;
}

/* One more thing to do, as far as there is room. */
static void add(struct sl_bottleneck *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct sl_bottleneck *b, const char *format, ...)
{
    size_t used = strlen(b->todo);
    char text[sizeof b->todo];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0 && used + (size_t)n + 3 < sizeof b->todo)
        memcpy(mempcpy(b->todo + used, "; ", used ? 2 : 0), text, (size_t)n + 1);
}

/* Does a stage behind this one leave records out? */
static bool drops_behind(const struct sl_flow *flow, size_t stage)
{
    for (size_t i = stage + 1; i < flow->n; i++)
        if (flow->stages[i].drops)
            return true;
    return false;
}

static void advise_cache(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    size_t last = flow->learner != SIZE_MAX && flow->learner ? flow->learner - 1 : flow->n ? flow->n - 1 : 0;
    if (flow->filling != SIZE_MAX)
        add(b, "train again: stage %zu (cache) now holds what comes to it", flow->filling + 1);
    else if (!flow->cached && last && !flow->stages[last].cache)
        add(b, "cache after stage %zu (%s), so that the next training need not do it again", last + 1,
            flow->stages[last].name);
}

static void advise_input(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    const struct sl_flow_stage *s = b->stage == SIZE_MAX ? NULL : &flow->stages[b->stage];
    if (s && s->cheaper[0])
        add(b, "a cheaper mode: set %s.%s", s->name, s->cheaper);
    if (flow->threads && flow->threads < flow->cores && !(s && s->serial))
        add(b, "more workers: --threads %u", flow->cores);
    advise_cache(flow, b);
    if (s && s->serial)
        add(b, "\"%s\" needs the records in order: %s", s->name,
            drops_behind(flow, b->stage) ? "put what drops records before it" : "more workers do not make it faster");
    if (!b->todo[0])
        add(b, "keep fewer records or columns, or leave \"%s\" out", s ? s->name : "a stage");
}

static void advise_compute(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    if (flow->host && flow->threads && flow->threads < flow->cores)
        add(b, "more workers: --threads %u", flow->cores);
    if (flow->host && flow->host_asked)
        add(b, "set train.device=auto, which takes a GPU where there is one");
    if (!flow->whole)
        add(b, "a larger batch (set batch.size) uses the machine better");
    add(b, "a smaller network%s takes less time", flow->host && !flow->host_asked ? " or a machine with a GPU" : "");
}

/* A learner that takes batches: what holds them up is not before it, but between. No change is named that is made
 * already, nor one that changes nothing: where the processor trains, no core is left that could make batches
 * meanwhile, and auto comes to the same as workers=0. */
static void advise_batches(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    bool none_spare = flow->host || flow->threads < 2;
    bool own = flow->workers == 0 || (flow->workers == SL_FLOW_AUTO && flow->prefetch == 0);
    if (flow->threads && flow->threads < flow->cores)
        add(b, "more workers: --threads %u", flow->cores);
    if (flow->mapped)
        add(b, "keep the rows in memory: set batch.cache=memory");
    if (!own || !none_spare) {
        const char *workers = flow->workers == SL_FLOW_AUTO ? "" : " batch.workers=auto";
        const char *prefetch = flow->prefetch == SL_FLOW_AUTO ? "" : " batch.prefetch=auto";
        if (*workers || *prefetch)
            add(b, "let it be found how batches are made ahead best: set%s%s", workers, prefetch);
    }
    if (b->todo[0])
        return;
    if (none_spare)
        add(b, "the trainer's own threads make the batches, as no core is left over for it: fewer or smaller columns "
               "make that less");
    else
        add(b, "as many threads make batches ahead as make the training faster: fewer or smaller columns make that "
               "less");
}

static void advise(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    if (b->kind == SL_FLOW_UNKNOWN)
        add(b, flow->batched ? "wait for %d steps" : "train, and look again", SL_FLOW_STEPS);
    else if (flow->batched && b->kind == SL_FLOW_COMPUTE)
        advise_compute(flow, b);
    else if (flow->batched)
        advise_batches(flow, b);
    else if (b->kind == SL_FLOW_COMPUTE)
        add(b, "nothing is left to gain before the learner: fewer features, a larger tol= or another solver= shorten "
               "the training");
    else
        advise_input(flow, b);
}

void sl_bottleneck_judge(const struct sl_flow *flow, struct sl_bottleneck *b)
{
    *b = (struct sl_bottleneck){ .stage = SIZE_MAX, .wait_share = wait_share(flow), .gain = 1 };
    b->total = preparing(flow) + flow->wall[SL_PHASE_TRAIN];
    if (!isnan(b->wait_share)) {
        b->level = b->wait_share >= SL_FLOW_ALARMS  ? SL_FLOW_CRITICAL
                   : b->wait_share >= SL_FLOW_WARNS ? SL_FLOW_WARNING
                                                    : SL_FLOW_FINE;
        b->kind = b->level == SL_FLOW_CRITICAL  ? SL_FLOW_INPUT
                  : b->level == SL_FLOW_WARNING ? SL_FLOW_BALANCED
                                                : SL_FLOW_COMPUTE;
        b->stage = b->kind == SL_FLOW_COMPUTE ? flow->learner : worst(flow, &b->saved);
        if (b->kind == SL_FLOW_COMPUTE) {
            b->saved = saved_by(flow, flow->learner);
        } else if (flow->batched) {
            b->stage = batches(flow);
            b->saved = flow->trainer_wait;
        }
    }
    if (b->stage != SIZE_MAX) {
        snprintf(b->name, sizeof b->name, "%s", flow->stages[b->stage].name);
        b->gain = b->total > b->saved ? b->total / (b->total - b->saved) : (double)INFINITY;
    }
    advise(flow, b);
}

void sl_bottleneck_sentence(const struct sl_bottleneck *b, struct sl_buf *out)
{
    static const char *const levels[] = { "", " (warning)", " (critical)" };
    sl_buf_puts(out, sl_verdict_name(b->kind));
    if (b->kind == SL_FLOW_UNKNOWN) {
        sl_buf_puts(out, ": not enough was measured to say");
        return;
    }
    sl_buf_printf(out, ": %.0f %% of the time the trainer waits for data%s", b->wait_share * 100, levels[b->level]);
    if (b->stage == SIZE_MAX)
        return;
    sl_buf_printf(out, "; most is due to stage %zu (%s): ", b->stage + 1, b->name);
    if (isfinite(b->gain))
        sl_buf_printf(out, "if it were free, at most %.2f times as fast (%.3g s less)", b->gain, b->saved);
    else
        sl_buf_puts(out, "it is all there is");
}

void sl_bottleneck_json(const struct sl_bottleneck *b, struct sl_buf *out)
{
    static const char *const levels[] = { "fine", "warning", "critical" };
    sl_buf_printf(out, "{\"verdict\":\"%s\",\"level\":\"%s\",\"wait_share\":", sl_verdict_name(b->kind),
                  levels[b->level]);
    if (isnan(b->wait_share))
        sl_buf_puts(out, "null");
    else
        sl_buf_number(out, b->wait_share);
    if (b->stage != SIZE_MAX) {
        sl_buf_printf(out, ",\"stage\":%zu,\"name\":", b->stage + 1);
        sl_buf_json(out, sl_str(b->name));
        sl_buf_puts(out, ",\"seconds_saved_at_most\":");
        sl_buf_number(out, b->saved);
        if (isfinite(b->gain)) {
            sl_buf_puts(out, ",\"gain_at_most\":");
            sl_buf_number(out, b->gain);
        }
    }
    sl_buf_puts(out, ",\"todo\":");
    sl_buf_json(out, sl_str(b->todo));
    sl_buf_putc(out, '}');
}
