/* network_private.h: what the builders of networks share. */
#ifndef ENGINE_NN_NETWORK_PRIVATE_H
#define ENGINE_NN_NETWORK_PRIVATE_H

#include "sluice/network.h"

/* Layers added next are "dense_1" and the like. */
void network_name(struct sl_graph *graph, const char *kind, uint32_t number);
/* The same numbers in one dimension; x itself where they are. Named "flatten". */
int network_flatten(struct sl_graph *graph, int x);
int network_loss(struct sl_graph *graph, int x, const struct sl_ending *end);
/* (height, width, channels) becomes (channels): their means. The name stays. */
int network_global_mean(struct sl_graph *graph, int x);

#endif
