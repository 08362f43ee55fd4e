/* redraw.h: training rows as they come to the first random stage, from which each epoch makes its own. */
#ifndef SL_REDRAW_H
#define SL_REDRAW_H

#include "sluice/learn.h"

struct sl_redraw {
    struct sl_pipeline *pipeline; /* borrowed: it lives at least as long as the dataset */
    size_t before, behind;        /* the one column, in the schema of the stage, and in the learner's */
    struct sl_dataset shape;      /* of `rows`, for dataset_take.c: layout and kind of label alone */
    struct sl_matrix rows;        /* block by block those of train; a block that no stage changed is train's own */
    struct sl_chunk *seen;        /* per worker of the run: the chunk as it came there */
};

/* When the pipeline has such a stage. Errors: SL_ESCHEMA the learner does not take one picture or vector. */
int sl_redraw_new(struct sl_dataset *dataset, struct sl_pipeline *pipeline, int workers, struct sl_error *err);
void sl_redraw_free(struct sl_dataset *dataset);
/* What run's hook `before` shows. */
void sl_redraw_see(struct sl_redraw *redraw, const struct sl_chunk *chunk, int worker);
/* Once everything is fitted. */
void sl_redraw_lay_out(struct sl_redraw *redraw);
/* Training rows of what this worker saw last; none when `rows`, the chunk's as the learner takes them, are the same
 * cells. */
int sl_redraw_take(struct sl_redraw *redraw, const struct sl_rows *rows, const uint8_t *role, int worker,
                   struct sl_rows *to, struct sl_error *err);

#endif
