/* optimizer.c: a step: the gradients of a batch, their norm, and how the weights move.
 *
 * The formulas are the device's (update in device.h); here is decided what changes from step to step: the rate, Adam's
 * bias corrections (Kingma and Ba 2015, section 3), when accumulated gradients are due. These few numbers are computed
 * in double and go to the device with the batch, so that the kernels of a step are always the same ones and a device
 * can record them. beta is taken as the float the kernels see: what the corrections undo is exactly what was done.
 *
 * Order of a step, as Keras has it (BaseOptimizer._backend_apply_gradients): mean over the accumulated batches,
 * clipping, weight decay, rule. Weight decay leaves biases and the gains of norms alone, which Keras asks its user to
 * name (exclude_from_weight_decay); then there is one kernel call for each stretch of parameters that are treated
 * alike.
 *
 * When Σ g² is not finite the device leaves weights and state as they are. Nobody waits to learn that, so such a step
 * counts all the same, in the schedule and in the bias corrections. */
#include "engine/nn/optimizer_private.h"

#include "engine/nn/graph_tail.h"

#include <math.h>
#include <stdlib.h>

enum { VARIANT_UPDATE = 1, VARIANT_GATHER = 2 };

static bool is_adam(enum sl_optimizer rule)
{
    return rule == SL_ADAM || rule == SL_ADAMW;
}

static bool needs_m(const struct sl_update *update)
{
    return is_adam(update->rule) || update->momentum > 0;
}

static bool needs_v(const struct sl_update *update)
{
    return update->rule != SL_SGD;
}

/* Zeroed device memory of n floats, at least one. */
static int take(struct sl_optimizer_state *state, float **out, struct sl_error *err)
{
    size_t bytes;
    void *p = NULL;
    if (!sl_mul(state->n ? state->n : 1, sizeof **out, &bytes)) {
        return sl_fail_memory(err, "making room for an optimizer's state");
    }
    int status = state->device->kernels->alloc(state->device, &p, bytes, err);
    if (status == SL_OK) {
        *out = p;
    }
    return status;
}

int sl_optimizer_memory(struct sl_optimizer_state *state, struct sl_error *err)
{
    int status = SL_OK;
    if (needs_m(&state->options.update) && !state->m) {
        status = take(state, &state->m, err);
    }
    if (status == SL_OK && needs_v(&state->options.update) && !state->v) {
        status = take(state, &state->v, err);
    }
    return status;
}

/* Join neighbouring parameters that are treated alike. */
static int find_runs(struct sl_optimizer_state *state, struct sl_error *err)
{
    const struct sl_parameter *list = NULL;
    size_t n = sl_graph_parameters(state->graph, &list);
    state->runs = calloc(n ? n : 1, sizeof *state->runs);
    if (!state->runs) {
        return sl_fail_memory(err, "making an optimizer");
    }
    for (size_t i = 0; i < n; i++) {
        struct sl_decay_run *last = state->n_runs ? &state->runs[state->n_runs - 1] : NULL;
        if (last && last->decays == list[i].decays) {
            last->n = list[i].first + list[i].n - last->first;
        } else {
            state->runs[state->n_runs++] =
                (struct sl_decay_run){ .first = list[i].first, .n = list[i].n, .decays = list[i].decays };
        }
    }
    return SL_OK;
}

int sl_optimizer_new(struct sl_optimizer_state **out, struct sl_graph *graph,
                     const struct sl_optimizer_options *options, struct sl_error *err)
{
    struct sl_optimizer_state *state = calloc(1, sizeof *state);
    if (!state) {
        return sl_fail_memory(err, "making an optimizer");
    }
    state->graph = graph;
    state->device = sl_graph_device(graph);
    state->options = *options;
    state->n = sl_graph_weights(graph);
    int status = find_runs(state, err);
    if (status == SL_OK) {
        status = sl_optimizer_memory(state, err);
    }
    if (status != SL_OK) {
        sl_optimizer_free(state);
        return status;
    }
    *out = state;
    return SL_OK;
}

void sl_optimizer_free(struct sl_optimizer_state *state)
{
    if (!state) {
        return;
    }
    if (state->device) {
        state->device->kernels->free(state->device, state->m);
        state->device->kernels->free(state->device, state->v);
    }
    free(state->runs);
    free(state);
}

void sl_optimizer_set(struct sl_optimizer_state *state, const struct sl_optimizer_options *options)
{
    enum sl_optimizer rule = state->options.update.rule;
    bool had_m = needs_m(&state->options.update);
    state->options = *options;
    state->options.update.rule = rule;
    if (had_m && !needs_m(&state->options.update) && state->m) {
        state->device->kernels->zero(state->device, state->m, state->n * sizeof *state->m);
    }
    state->scale = 0;
}

uint64_t sl_optimizer_steps(const struct sl_optimizer_state *state)
{
    return state->steps;
}

/* 1 − beta^t, without cancellation when beta^t is near 1. */
static float correction(float beta, uint64_t t)
{
    return beta > 0 ? (float)-expm1((double)t * log((double)beta)) : 1;
}

static struct sl_hyper hyper_of(const struct sl_optimizer_state *state, uint64_t batch)
{
    const struct sl_update *update = &state->options.update;
    struct sl_hyper hyper = { .learning_rate = (float)sl_learning_rate(&state->options, state->steps),
                              .correct1 = 1,
                              .correct2 = 1,
                              .step = (uint32_t)batch };
    if (is_adam(update->rule)) {
        hyper.correct1 = correction(update->beta1, state->steps + 1);
        hyper.correct2 = correction(update->beta2, state->steps + 1);
    }
    return hyper;
}

/* Given behind the gradients of every batch: their norm, which also tells whether they are finite. */
static void gather(void *ctx, struct sl_device *device, const struct sl_hyper *hyper, float *square)
{
    struct sl_optimizer_state *state = ctx;
    (void)hyper;
    device->kernels->square_sum(device, state->n, sl_graph_g(state->graph), square);
}

static void update_run(struct sl_optimizer_state *state, const struct sl_update *how, const struct sl_decay_run *run,
                       const struct sl_hyper *hyper, const float *square)
{
    struct sl_device *device = state->device;
    float *m = needs_m(how) ? state->m + run->first : NULL;
    float *v = needs_v(how) ? state->v + run->first : NULL;
    device->kernels->update(device, run->n, how, hyper, square, sl_graph_w(state->graph) + run->first,
                            sl_graph_g(state->graph) + run->first, m, v);
}

static void gather_and_update(void *ctx, struct sl_device *device, const struct sl_hyper *hyper, float *square)
{
    struct sl_optimizer_state *state = ctx;
    gather(ctx, device, hyper, square);
    struct sl_update how = state->options.update;
    how.scale *= state->scale;
    if (how.weight_decay == 0) {
        update_run(state, &how, &(struct sl_decay_run){ .n = state->n }, hyper, square);
        return;
    }
    struct sl_update undecayed = how;
    undecayed.weight_decay = 0;
    for (size_t i = 0; i < state->n_runs; i++) {
        update_run(state, state->runs[i].decays ? &how : &undecayed, &state->runs[i], hyper, square);
    }
}

int sl_optimizer_step(struct sl_optimizer_state *state, int slot, uint32_t n, uint64_t batch, struct sl_error *err)
{
    uint32_t gathered = state->pending + 1;
    bool due = gathered >= state->options.accumulate;
    int status = sl_optimizer_memory(state, err);
    if (status != SL_OK) {
        return status;
    }
    float scale = 1 / (float)gathered;
    if (due && scale != state->scale) {
        state->device->kernels->forget(state->device);
        state->scale = scale;
    }
    struct sl_hyper hyper = hyper_of(state, batch);
    struct graph_tail tail = { .give = due ? gather_and_update : gather,
                               .ctx = state,
                               .variant = due ? VARIANT_UPDATE : VARIANT_GATHER };
    status = sl_graph_step_then(state->graph, slot, n, &hyper, state->pending > 0, &tail, err);
    if (status != SL_OK) {
        return status;
    }
    state->pending = due ? 0 : gathered;
    state->steps += due;
    return SL_OK;
}
