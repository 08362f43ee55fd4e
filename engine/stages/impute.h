/* impute.h: what impute.c and impute_fit.c share. */
#ifndef SLUICE_STAGES_IMPUTE_H
#define SLUICE_STAGES_IMPUTE_H

#include "engine/stages/label_values.h"
#include "engine/stages/scale.h"

enum { SL_IMPUTE_MEAN, SL_IMPUTE_MEDIAN, SL_IMPUTE_MOST_FREQUENT, SL_IMPUTE_CONSTANT };

struct sl_impute_params {
    struct sl_names columns;
    int strategy;
    char *fill_value; /* NULL: 0, or "missing_value" */
};
struct sl_impute_state {
    size_t *columns;
    size_t n;
    struct sl_impute_fill *constant; /* per column, for that strategy; else NULL */
};
/* What a column's missing values become. */
struct sl_impute_fill {
    bool is_number;
    double number;
    char *text;
    size_t n; /* bytes of text */
};
void sl_impute_fills_free(struct sl_impute_fill *fills, size_t n);
/* A copy of the text; false when out of memory. */
bool sl_impute_set_text(struct sl_impute_fill *fill, struct sl_str text);

int sl_impute_fit_begin(const struct sl_stage *stage, void **partial, struct sl_error *err);
int sl_impute_fit_chunk(const struct sl_stage *stage, void *partial, const struct sl_chunk *chunk, const uint64_t *rows,
                        struct sl_error *err);
int sl_impute_fit_merge(const struct sl_stage *stage, void *into, void *from, struct sl_error *err);
int sl_impute_fit_end(struct sl_stage *stage, void *partial, struct sl_error *err);
void sl_impute_fit_drop(const struct sl_stage *stage, void *partial);

#endif
