/* bottleneck.h: where the time of a run went, and what is left to gain.
 *
 * From counters to a verdict in two steps: sl_flow_take() reads the counters of a finished (or halted) run,
 * sl_bottleneck_judge() is a pure function of them. */
#ifndef SLUICE_BOTTLENECK_H
#define SLUICE_BOTTLENECK_H

#include "sluice/pipeline.h"

struct sl_flow_stage {
    char name[48];
    char cheaper[64]; /* "mode=tags": a setting of its table that costs less; "" none */
    bool cache;
    bool serial; /* one chunk at a time, in order */
    bool drops;  /* it left records out */
    uint64_t records, bytes;
    double read, fit, encode; /* seconds busy, over all workers */
};

/* Times in seconds; of workers: summed over them. */
struct sl_flow {
    struct sl_flow_stage stages[SL_MAX_STAGES]; /* [0] is the source: its `read` is parsing */
    size_t n, learner;                          /* learner: SIZE_MAX none */
    double wall[SL_PHASE_DONE + 1];             /* by phase */
    double input;                               /* reading and cutting, which one worker does at a time */
    double input_wait, turn_wait, sink;
    unsigned threads, cores;
    bool cached;    /* the features, or the records, came from a cache */
    size_t filling; /* the last cache that was filled in this run; SIZE_MAX: none */
    bool batched;
    uint64_t steps;
    double trainer_wait; /* batched: of wall[SL_PHASE_TRAIN], waiting for a batch, or making one */
    /* Of a batched learner, what its recipe says: */
    int workers, prefetch; /* batch.workers, batch.prefetch; SL_FLOW_AUTO */
    bool host;             /* it computes on the processor's own cores */
    bool host_asked;       /* train.device=cpu */
    bool mapped;           /* batch.cache=disk */
    bool whole;            /* a batch holds all there is */
};

/* Counters of a run of this pipeline. The training's share is the caller's to add: wall[SL_PHASE_TRAIN], batched,
 * trainer_wait, host … */
void sl_flow_take(struct sl_flow *flow, struct sl_pipeline *pipeline, const struct sl_progress *progress);

#define SL_FLOW_AUTO (-1)

enum sl_verdict_kind {
    SL_FLOW_UNKNOWN,  /* nothing ran, or too few steps to say */
    SL_FLOW_INPUT,    /* the trainer waits for data */
    SL_FLOW_COMPUTE,  /* the arithmetic is what takes the time */
    SL_FLOW_BALANCED, /* near enough */
};
enum sl_verdict_level { SL_FLOW_FINE, SL_FLOW_WARNING, SL_FLOW_CRITICAL };
#define SL_FLOW_WARNS  0.10 /* share of its time that the trainer waits */
#define SL_FLOW_ALARMS 0.20
#define SL_FLOW_STEPS  20 /* of a batch learner, before anything is said */

struct sl_bottleneck {
    enum sl_verdict_kind kind;
    enum sl_verdict_level level;
    double wait_share;  /* 0..1; NaN unknown */
    double total;       /* seconds */
    size_t stage;       /* to blame; SIZE_MAX: none */
    char name[48];      /* its name */
    double saved, gain; /* at most, if it were free: seconds, and how many times as fast the whole would be */
    char todo[256];     /* what to do */
};
void sl_bottleneck_judge(const struct sl_flow *flow, struct sl_bottleneck *out);
/* "INPUT" … */
const char *sl_verdict_name(enum sl_verdict_kind kind);
/* One sentence, without what to do. */
void sl_bottleneck_sentence(const struct sl_bottleneck *b, struct sl_buf *out);
/* A JSON object. */
void sl_bottleneck_json(const struct sl_bottleneck *b, struct sl_buf *out);

#endif
