/* net_try.h: the networks and optimizers that tests/golden/make_nn.py describes in words, on any device. */
#ifndef SLUICE_TESTS_NET_TRY_H
#define SLUICE_TESTS_NET_TRY_H

#include "tests/unit/base/text_golden.h"

#include "sluice/optimizer.h"

struct net {
    struct sl_device *device;
    bool gpu;
    struct sl_graph *graph;
    uint32_t inputs; /* numbers, or ids, of a record */
    bool ids;
};

/* Where nets are opened from now on: "portable", "avx2", "avx512" of the processor, NULL the best of them, "gpu" the
 * GPU of tests/unit/device/gpu.h, emulated unless SLUICE_GPU_PLUGIN names a plug-in. */
extern const char *net_on;
/* Every such place that this machine has, one after the other, beginning with NULL; false at the end, which is NULL
 * again. */
bool net_next_device(void);

enum net_target { NET_LABELS, NET_SOFT, NET_VALUES };

/* "input 6 | dense 8 relu | dense 3 linear" with a loss for these targets, planned for `batch` records. weights: class
 * weights or NULL. Fails the test when the graph does not take it. */
struct net net_open(const char *stack, enum net_target target, uint32_t batch, double smoothing, const float *weights);
void net_close(struct net *net);

/* "adam learning_rate=0.02 epsilon=1e-12": the rule's defaults, and what is said otherwise. Without a rule: sgd. */
struct sl_optimizer_options options_of(const char *text);

/* The numbers of a field, at most n; fails the test unless there are exactly n. */
void numbers_of(struct sl_str field, size_t n, float *out);
/* A field as text; fails the test when it is longer than size. */
char *text_of(struct sl_str field, char *out, size_t size);
enum net_target target_of(struct sl_str field);

/* Rows first … first + n − 1 of a golden file's inputs and targets (numbers in order) into a slot's memory. */
void net_fill(struct net *net, int slot, enum net_target target, uint32_t first, uint32_t n, const float *x,
              const float *t);
/* n seeded random records with labels (or target values) into slot 0. */
void net_fill_random(struct net *net, enum net_target target, uint32_t n, uint64_t *random);

/* Greatest |a − b| over (|b| + floor), over all; the place in *at. */
double worst_difference(const float *a, const float *b, size_t n, double floor, size_t *at);

#endif
