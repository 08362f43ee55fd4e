/* graph_try.h: graphs on the processor for tests: made, filled with made-up batches, checked against differences. */
#ifndef SLUICE_TESTS_GRAPH_TRY_H
#define SLUICE_TESTS_GRAPH_TRY_H

#include "sluice/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* A device by its kind: "plain" (plain_device.h), "far" (the same, away from the host), "portable" or NULL (the
 * processor's); with a pool of so many threads (0: none). */
struct try_device {
    struct sl_device *device;
    struct sl_pool *pool;
    bool plain;
};
struct try_device try_device_new(const char *kind, int threads);
void try_device_free(struct try_device *it);

struct sl_graph *try_graph(struct sl_device *device, uint32_t batch);
/* Fails the test with the error's text. */
void try_ok(int status, const struct sl_error *err);
#define TRY(call)                                \
    do {                                         \
        struct sl_error try_err = SL_ERROR_INIT; \
        struct sl_error *err = &try_err;         \
        int try_status = (call);                 \
        try_ok(try_status, err);                 \
    } while (0)

/* A number in [−1, 1) that depends on seed and i alone. */
float try_number(uint64_t seed, uint64_t i);

/* n records of made-up inputs and targets into a slot: x within ±1.5, ids a little beyond the vocabulary at times. */
void try_fill(struct sl_graph *graph, int slot, uint32_t n, uint32_t vocabulary, uint64_t seed);
/* All parameters anew, within ±size, gains around 1. */
void try_weights(struct sl_graph *graph, float size, uint64_t seed);

/* The mean loss of n records in a slot, from the losses of the rows added up in double. */
double try_loss(struct sl_graph *graph, int slot, uint32_t n);

/* Gradients of a step against central differences, steps h and h/2 with Richardson's extrapolation, for some elements
 * and a random direction of each parameter: |difference| ≤ 1e-3·(size of the parameter's gradients) + 2e-4 with h =
 * 1/64, where what float32 rounds off and the fourth derivative are both below that; else twice that with h = 1/1024.
 * In a graph with relu, up to a tenth may miss both: there a kink lies within the step. */
void try_gradients(struct sl_graph *graph, int slot, uint32_t n, uint32_t step);

/* Does it have a node whose kind has this word? */
bool try_has(const struct sl_graph *graph, const char *word);

/* A random graph of up to `nodes` operators, planned, with at most `batch` records a step; every shape small. */
struct sl_graph *try_random_graph(struct sl_device *device, uint32_t batch, unsigned nodes, uint64_t seed);
enum { TRY_VOCABULARY = 7 };

#endif
