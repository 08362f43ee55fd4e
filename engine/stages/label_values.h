/* label_values.h: the distinct values of a text or number column, numbered as they come and then sorted; for `label`,
 * `onehot` and `impute`. */
#ifndef SLUICE_STAGES_LABEL_VALUES_H
#define SLUICE_STAGES_LABEL_VALUES_H

#include "engine/stages/encoder.h"
#include "sluice/vocab.h"

struct sl_values {
    struct sl_vocab *seen; /* a number is a term of 8 bytes */
    bool number;
    uint32_t *rank; /* by id: place in sorted order; NULL before sl_values_sort */
    uint32_t *id;   /* by rank */
};

int sl_values_init(struct sl_values *values, bool number, struct sl_error *err);
void sl_values_release(struct sl_values *values);
static inline uint32_t sl_values_count(const struct sl_values *values)
{
    return values->seen ? sl_vocab_size(values->seen) : 0;
}
/* Does cell i have a value? Else it has neither id nor rank. */
bool sl_values_there(const struct sl_values *values, const struct sl_column *column, uint32_t i);
/* Id of cell i, new when never seen; SL_NO_TERM when out of memory. */
uint32_t sl_values_add(struct sl_values *values, const struct sl_column *column, uint32_t i);
/* Id in `into` of the value with this id in `from`; SL_NO_TERM when out of memory. */
uint32_t sl_values_carry(struct sl_values *into, const struct sl_values *from, uint32_t id);
/* Order them: numbers by value, text by code point. */
int sl_values_sort(struct sl_values *values, struct sl_error *err);
/* Rank of cell i, or SL_NO_TERM when it was never seen. */
uint32_t sl_values_rank(const struct sl_values *values, const struct sl_column *column, uint32_t i);
/* The value of a rank as people read it. */
void sl_values_format(const struct sl_values *values, uint32_t rank, struct sl_buf *to);
double sl_values_number(const struct sl_values *values, uint32_t rank);
struct sl_str sl_values_text(const struct sl_values *values, uint32_t rank);
/* In sorted order. Loading initialises `values` (released on failure) and checks kind, order and at most `limit`
 * values. */
void sl_values_save(const struct sl_values *values, struct sl_buf *to);
int sl_values_load(struct sl_values *values, bool number, uint32_t limit, struct sl_blob *blob, struct sl_error *err);

#endif
