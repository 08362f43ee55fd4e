/* scale.h: what the stages on number columns share: moments of a column, and two figures a column to map it by. */
#ifndef SLUICE_STAGES_SCALE_H
#define SLUICE_STAGES_SCALE_H

#include "engine/stages/encoder.h"

struct sl_scale_state {
    size_t *columns;
    size_t n;
};

/* Of the values there were; the sum is sum + rest to twice the precision. */
struct sl_moments {
    uint64_t n;
    double sum, rest;
    double squares; /* of the deviations from the mean */
    double min, max;
};
struct sl_scale_partial {
    struct sl_moments *column;
    size_t n;
};
#define SL_MOMENTS_NONE ((struct sl_moments){ .min = INFINITY, .max = -INFINITY })
double sl_moments_mean(const struct sl_moments *moments);
void sl_moments_merge(struct sl_moments *into, const struct sl_moments *from);
/* Take in the taken rows of a number column. Errors: SL_EDATA for an infinite value, naming record and column. */
int sl_moments_add(struct sl_moments *moments, const struct sl_chunk *chunk, size_t column, const char *name,
                   const uint64_t *rows, struct sl_error *err);
/* SL_EDATA when the column had no value at all. */
int sl_moments_check(const struct sl_moments *moments, const char *name, struct sl_error *err);

int sl_scale_bind(struct sl_stage *stage, const struct sl_names *names, const struct sl_schema *in,
                  struct sl_schema *out, struct sl_error *err);
void sl_scale_unbind(struct sl_stage *stage);
int sl_scale_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err);
int sl_scale_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                       struct sl_error *err);
int sl_scale_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err);
void sl_scale_fit_drop(const struct sl_stage *stage, void *partial);

/* The figures of a column. */
struct sl_scale {
    double a, b;
};
/* Make stage->model of the moments, one column after the other. */
int sl_scale_fit_end(struct sl_stage *stage, const struct sl_scale_partial *partial,
                     struct sl_scale (*figures)(const void *params, const struct sl_moments *moments),
                     struct sl_error *err);
/* Map every column; `map` leaves NaN NaN. */
int sl_scale_apply(const struct sl_stage *stage, struct sl_chunk *chunk,
                   void (*map)(const void *params, struct sl_scale scale, const double *from, double *to, uint32_t n),
                   struct sl_error *err);
int sl_scale_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err);
int sl_scale_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err);

#endif
