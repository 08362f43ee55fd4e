/* optimizer.h: how weights move: rule, learning-rate schedule, clipping, accumulation.
 *
 * Names, defaults and formulas are Keras's. The state (m, v, steps) is a run of floats beside the graph's parameters.
 */
#ifndef SLUICE_OPTIMIZER_H
#define SLUICE_OPTIMIZER_H

#include "sluice/graph.h"

enum sl_schedule {
    SL_CONSTANT,
    SL_STEP_DECAY,   /* × decay_rate every decay_steps (Keras ExponentialDecay, staircase) */
    SL_COSINE_DECAY, /* to alpha × rate over decay_steps (Keras CosineDecay; Loshchilov and Hutter 2016) */
};
struct sl_optimizer_options {
    struct sl_update update;
    double learning_rate;
    enum sl_schedule schedule;
    uint64_t decay_steps;  /* 0: all the steps there will be */
    double decay_rate;     /* SL_STEP_DECAY */
    double alpha;          /* SL_COSINE_DECAY: share of the rate it ends at */
    uint64_t warmup_steps; /* linear from 0 to the rate first; the schedule begins behind it */
    uint32_t accumulate;   /* batches a step; 0, 1: each */
    uint64_t total_steps;  /* there will be so many */
};
/* Keras's defaults of a rule (learning_rate included). */
void sl_optimizer_defaults(enum sl_optimizer rule, struct sl_optimizer_options *out);
/* The rate of step t (from 0: steps done before). A pure function. */
double sl_learning_rate(const struct sl_optimizer_options *options, uint64_t t);

struct sl_optimizer_state;
int sl_optimizer_new(struct sl_optimizer_state **out, struct sl_graph *graph,
                     const struct sl_optimizer_options *options, struct sl_error *err);
void sl_optimizer_free(struct sl_optimizer_state *state);
/* What may change between steps: the same rule with other numbers. */
void sl_optimizer_set(struct sl_optimizer_state *state, const struct sl_optimizer_options *options);
/* Forward, backward and update on a batch that lies in `slot`; does not wait for the device. With accumulation the
 * weights move on every k-th call. When Σ g² is not finite (sl_graph_figures tells) weights and state stay as they
 * were. batch: number of this batch in all (keys dropout). */
int sl_optimizer_step(struct sl_optimizer_state *state, int slot, uint32_t n, uint64_t batch, struct sl_error *err);
/* Steps taken: batches, or runs of `accumulate` batches. One that was not finite and left the weights as they were
 * counts too. */
uint64_t sl_optimizer_steps(const struct sl_optimizer_state *state);
/* Whole state: going on after load gives the same bits. load survives any bytes (SL_EFORMAT). */
int sl_optimizer_save(struct sl_optimizer_state *state, struct sl_buf *to, struct sl_error *err);
int sl_optimizer_load(struct sl_optimizer_state *state, struct sl_str from, struct sl_error *err);

#endif
