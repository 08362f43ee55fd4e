/* encoder.h: small things that the encoders, `label` and `split` share; private to the stages. */
#ifndef SLUICE_STAGES_ENCODER_H
#define SLUICE_STAGES_ENCODER_H

#include "sluice/stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Say which parameter an error is about. Returns the error's status (`status` when err is NULL). */
static inline int sl_blame(struct sl_error *err, int status, const char *param)
{
    if (err) {
        snprintf(err->param, sizeof err->param, "%s", param);
    }
    return status;
}

/* Is record i among the rows to learn from? */
static inline bool sl_row_taken(const uint64_t *rows, uint32_t i)
{
    return !rows || (rows[i >> 6] >> (i & 63) & 1);
}

/* Does the number cell have a value? */
static inline bool sl_number_there(const struct sl_column *column, uint32_t i)
{
    return sl_valid(column, i) && !isnan(column->number[i]);
}

/* n elements of `size` bytes on the heap, zeroed; never NULL for n == 0 unless out of memory. */
static inline void *sl_zalloc(size_t n, size_t size)
{
    return calloc(n ? n : 1, size);
}

/* The bytes of a double that stands for its value: -0 is 0. */
static inline double sl_plain_zero(double x)
{
    return x == 0 ? 0.0 : x;
}

#endif
