/* profile.h: what is in each column, as a mergeable reduction.
 *
 * Numbers: count, missing, min, max, mean, deviation (Welford 1962; merged as Chan, Golub, LeVeque 1979), histogram.
 * Distinct values: exact up to a limit, then HyperLogLog (Flajolet et al. 2007, 2^12 registers, ±1.6 %).
 * Most frequent values: exact while distinct ones are few, else Misra–Gries (1982; the mergeable twin of space-saving),
 * marked approximate: lower bounds. */
#ifndef SLUICE_PROFILE_H
#define SLUICE_PROFILE_H

#include "sluice/chunk.h"

#define SL_PROFILE_TOP  12
#define SL_PROFILE_BINS 24

struct sl_column_profile {
    const char *name;
    enum sl_type type;
    const char *kind;           /* "number", "integer", "text", "category" (few distinct values), "constant", "empty" */
    uint64_t n, missing, empty; /* empty: present but "" */
    double distinct;
    bool distinct_exact;
    double min, max, mean, deviation;      /* of numbers, text lengths in code points, pictures' pixels */
    uint64_t histogram[SL_PROFILE_BINS];   /* of the same */
    double histogram_low, histogram_width; /* bin i is low + i*width … */
    struct {
        char value[64];
        uint64_t n;
    } top[SL_PROFILE_TOP]; /* most frequent, falling; ties by value */
    size_t n_top;
    bool top_exact;
};

struct sl_profile;
int sl_profile_new(struct sl_profile **out, const struct sl_schema *schema, struct sl_error *err);
void sl_profile_free(struct sl_profile *profile);
int sl_profile_chunk(struct sl_profile *profile, const struct sl_chunk *chunk, struct sl_error *err);
/* Add what another of the same schema saw. */
int sl_profile_merge(struct sl_profile *into, const struct sl_profile *from, struct sl_error *err);
/* A summary of column i as of now. */
void sl_profile_column(const struct sl_profile *profile, size_t i, struct sl_column_profile *out);
size_t sl_profile_columns(const struct sl_profile *profile);

#endif
