/* remake.h: rows that are not kept, made again from their records' numbers whenever they are looked at. */
#ifndef SL_REMAKE_H
#define SL_REMAKE_H

#include "sluice/learn.h"

struct sl_remake;

/* For the rows of this dataset, which is borrowed like the pipeline; once everything is fitted. */
int sl_remake_new(struct sl_remake **out, const struct sl_dataset *dataset, struct sl_pipeline *pipeline,
                  struct sl_error *err);
void sl_remake_free(struct sl_remake *remake);

/* Features of n records as the learner takes them, as floats, n × width: with a draw as training gets them, without as
 * everything else does. From any thread. Errors: SL_EIO a record cannot be read any more, or has become another. */
int sl_remake_floats(struct sl_remake *remake, const struct sl_draw *draw, const uint64_t *record, uint32_t n, float *x,
                     struct sl_error *err);

/* Does this learner's `batch` leave the rows to be made again? Of so many records, within this budget; needs the
 * layout. SL_EPARAM: that is wished, and not possible. */
int sl_remake_decide(const struct sl_dataset *dataset, struct sl_pipeline *pipeline, uint64_t records, uint64_t memory,
                     bool *remade, struct sl_error *err);

#endif
