/* onehot.h: what onehot.c and onehot_model.c share. */
#ifndef SLUICE_STAGES_ONEHOT_H
#define SLUICE_STAGES_ONEHOT_H

#include "engine/stages/label_values.h"

#define SL_ONEHOT_MAX 16777216u /* categories of a column */

enum { SL_UNKNOWN_ERROR, SL_UNKNOWN_IGNORE };
enum { SL_DROP_NONE, SL_DROP_FIRST, SL_DROP_IF_BINARY };

struct sl_onehot_params {
    struct sl_names columns;
    int handle_unknown, drop;
};
struct sl_onehot_state {
    size_t *columns;
    size_t n;
};

/* Of one column: its values in order, then "missing" if there was one. */
struct sl_onehot_categories {
    struct sl_values values;
    bool missing;
    uint32_t dropped; /* categories without a feature: 0, or 1 for the first */
};
void sl_onehot_categories_free(struct sl_onehot_categories *columns, size_t n);
/* Category of cell i, or SL_NO_TERM when no training record had it. */
uint32_t sl_onehot_category(const struct sl_onehot_categories *categories, const struct sl_column *column, uint32_t i);
/* Sorted values of each column become the stage's model, which takes them over; settles what is dropped, and widths. */
int sl_onehot_set_model(struct sl_stage *stage, struct sl_onehot_categories *columns, struct sl_error *err);
int sl_onehot_save(const struct sl_stage *stage, struct sl_buf *to, struct sl_error *err);
int sl_onehot_load(struct sl_stage *stage, struct sl_str from, struct sl_error *err);
void sl_onehot_feature_name(const struct sl_stage *stage, size_t column, uint32_t j, struct sl_buf *to);

#endif
