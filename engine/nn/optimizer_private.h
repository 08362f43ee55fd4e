/* optimizer_private.h: what an optimizer holds. Private to nn. */
#ifndef SLUICE_NN_OPTIMIZER_PRIVATE_H
#define SLUICE_NN_OPTIMIZER_PRIVATE_H

#include "sluice/optimizer.h"

/* Parameters one after the other that are all decayed, or all not. */
struct sl_decay_run {
    size_t first, n;
    bool decays;
};

struct sl_optimizer_state {
    struct sl_graph *graph;
    struct sl_device *device;
    struct sl_optimizer_options options;
    struct sl_decay_run *runs;
    size_t n_runs;
    size_t n;         /* floats of the graph's run */
    float *m, *v;     /* n each, in device memory; NULL where the rule has none */
    uint64_t steps;   /* done */
    uint32_t pending; /* batches in the graph's gradients that the weights have not seen yet */
    float scale;      /* 1/batches of the step that may be recorded; 0: none is */
};

/* Have m and v where the rule and its numbers ask for them. Errors: SL_ENOMEM. */
int sl_optimizer_memory(struct sl_optimizer_state *state, struct sl_error *err);

#endif
