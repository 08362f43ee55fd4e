/* graph_tail.h: how an optimizer's kernels join a graph's step.
 *
 * They belong to the same recording as the gradients (one launch on a device that records), and they read the slot's
 * settings, so they have to be given before the slot is let go. The tail may give any kernels, but the same ones, with
 * the same arguments, whenever `variant` is the same; else it takes another variant, or calls device->kernels->forget.
 */
#ifndef ENGINE_NN_GRAPH_TAIL_H
#define ENGINE_NN_GRAPH_TAIL_H

#include "sluice/graph.h"

struct graph_tail {
    /* hyper and square lie in device memory. square: where Σ g² goes, told by sl_graph_figures; the tail must fill it.
     */
    void (*give)(void *ctx, struct sl_device *device, const struct sl_hyper *hyper, float *square);
    void *ctx;
    uint8_t variant; /* from 1 on */
};

/* sl_graph_step, and then the tail's kernels. tail NULL: nothing more. */
int sl_graph_step_then(struct sl_graph *graph, int slot, uint32_t n, const struct sl_hyper *hyper, bool add,
                       const struct graph_tail *tail, struct sl_error *err);
struct sl_device *sl_graph_device(const struct sl_graph *graph);

#endif
