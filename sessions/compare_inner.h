/* compare_inner.h: what the files of the comparison share. */
#ifndef SL_SESSIONS_COMPARE_INNER_H
#define SL_SESSIONS_COMPARE_INNER_H

#include "sluice/compare.h"

/* The part of the seed that splits the data: "split 3", or "". To be freed; NULL: out of memory. */
char *compare_split_seed(const struct sl_compared *run);

/* compare_differences.c: a row; copies; a or b NULL: not there. */
int difference_add(struct sl_differences *d, enum sl_difference_kind kind, struct sl_str name, const char *a,
                   const char *b, struct sl_error *err);
/* The same when the two texts differ. */
int difference_add_unless_same(struct sl_differences *d, enum sl_difference_kind kind, const char *name, const char *a,
                               const char *b, struct sl_error *err);
/* compare_recipe.c: lines and parameters that differ. */
int differences_recipe(struct sl_differences *d, const struct sl_compared *first, const struct sl_compared *second,
                       struct sl_error *err);

#endif
