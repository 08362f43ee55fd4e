/* scale.h: what the stages share that put columns on a scale: moments, and two figures to map a column by; for a vector
 * two for each of its places, or for each channel of its pictures. */
#ifndef SLUICE_STAGES_SCALE_H
#define SLUICE_STAGES_SCALE_H

#include "engine/stages/encoder.h"

struct sl_scale_state {
    size_t *columns;
    size_t n;
    size_t *first; /* n + 1: column c has the figures first[c]..first[c + 1] - 1; a number has one pair. Element j of a
                    * vector with g of them has figures j % g */
};

/* Of the values there were; the sum is sum + rest to twice the precision. */
struct sl_moments {
    uint64_t n;
    double sum, rest;
    double squares; /* of the deviations from the mean */
    double min, max;
};
struct sl_scale_partial {
    struct sl_moments *figure; /* state->first[state->n] */
    size_t n;
};
#define SL_MOMENTS_NONE ((struct sl_moments){ .min = INFINITY, .max = -INFINITY })
double sl_moments_mean(const struct sl_moments *moments);
void sl_moments_merge(struct sl_moments *into, const struct sl_moments *from);
/* Take in the taken rows of a number column. Errors: SL_EDATA for an infinite value, naming record and column. */
int sl_moments_add(struct sl_moments *moments, const struct sl_chunk *chunk, size_t column, const char *name,
                   const uint64_t *rows, struct sl_error *err);
/* The same for n moments, of a vector column's elements j % n. */
int sl_moments_add_vector(struct sl_moments *moments, size_t n, const struct sl_chunk *chunk, size_t column,
                          const struct sl_field *field, const uint64_t *rows, struct sl_error *err);
/* SL_EDATA when the column had no value at all. */
int sl_moments_check(const struct sl_moments *moments, const char *name, struct sl_error *err);

/* types: SL_NUMBER, or SL_NUMBER | SL_VECTOR. by_channel: pictures have figures for each channel, not for each place.
 * Vectors leave as floats. */
int sl_scale_bind(struct sl_stage *stage, const struct sl_names *names, unsigned types, bool by_channel,
                  const struct sl_schema *in, struct sl_schema *out, struct sl_error *err);
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
/* Map n numbers; NaN stays NaN. */
typedef void sl_scale_map(const void *params, struct sl_scale scale, const double *from, double *to, uint32_t n);
/* Map every column. */
int sl_scale_apply(const struct sl_stage *stage, struct sl_chunk *chunk, sl_scale_map *map, struct sl_error *err);
/* One vector column. */
int sl_scale_apply_vector(const struct sl_stage *stage, struct sl_chunk *chunk, size_t column,
                          const struct sl_scale *figures, size_t n, sl_scale_map *map, struct sl_error *err);
int sl_scale_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err);
int sl_scale_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err);

#endif
