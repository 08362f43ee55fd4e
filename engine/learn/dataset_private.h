/* dataset_private.h: the layout of a dataset, used when one is built and when only its shape is asked for. */
#ifndef SL_DATASET_PRIVATE_H
#define SL_DATASET_PRIVATE_H

#include "sluice/learn.h"

/* The columns its learner takes: those it names, else every encoded one, else every number but the target. */
int sl_dataset_choose(struct sl_dataset *dataset, struct sl_pipeline *pipeline, struct sl_error *err);
/* Where each column's features begin; known once everything is fitted. */
int sl_dataset_lay_out(struct sl_dataset *dataset, struct sl_pipeline *pipeline, struct sl_error *err);
int sl_dataset_list_classes(struct sl_dataset *dataset, const struct sl_stage *label, struct sl_error *err);
/* A number that is missing is an error: it names record and fix. */
int sl_dataset_refuse_missing(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_error *err);

#endif
