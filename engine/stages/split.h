/* split.h: what split.c and split_stratified.c share. */
#ifndef SLUICE_STAGES_SPLIT_H
#define SLUICE_STAGES_SPLIT_H

#include "engine/stages/encoder.h"
#include "sluice/random.h"

/* Draw n_train and n_test of n records so that every class has its share in both: into order, training first. The first
 * two numbers add up to n at most. size: the parameter that n_test comes from, for errors. */
int sl_split_stratified(uint32_t n, const uint32_t *stratum, uint32_t n_train, uint32_t n_test, uint32_t seed,
                        const char *size, uint32_t *order, struct sl_error *err);

#endif
