/* init.h: how parameters are drawn at first. Private to nn. */
#ifndef SLUICE_NN_INIT_H
#define SLUICE_NN_INIT_H

#include "sluice/graph.h"

/* Draw a whole parameter of this shape, row-major, into out[sl_shape_count(shape)]. number: which parameter it is of
 * the graph. Element i depends on (seed, number, i) and the shape's fans only. */
void sl_init_draw(enum sl_initializer how, const struct sl_shape *shape, uint64_t seed, uint32_t number, float *out);

#endif
