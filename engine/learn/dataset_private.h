/* dataset_private.h: the layout of a dataset, used when one is built and when only its shape is asked for. */
#ifndef SL_DATASET_PRIVATE_H
#define SL_DATASET_PRIVATE_H

#include "sluice/learn.h"

/* The columns its learner takes: those it names, else every encoded one, else every number but the target. */
int sl_dataset_choose(struct sl_dataset *dataset, struct sl_pipeline *pipeline, struct sl_error *err);
/* Where each column's features begin, and how they are kept; known once everything is fitted. */
int sl_dataset_lay_out(struct sl_dataset *dataset, struct sl_pipeline *pipeline, struct sl_error *err);
int sl_dataset_list_classes(struct sl_dataset *dataset, const struct sl_stage *label, struct sl_error *err);
/* Features of a column. */
static inline uint32_t sl_dataset_field_width(const struct sl_field *field)
{
    return field->type == SL_NUMBER ? 1 : field->width;
}
/* A number or vector that is missing is an error: it names record and fix. */
int sl_dataset_refuse_missing(const struct sl_dataset *shape, const struct sl_chunk *chunk, struct sl_error *err);

/* dataset_take.c: rows in one piece of memory. Its size; its arrays; the rows of a role, right-sized. */
size_t sl_dataset_bytes(const struct sl_matrix *layout, size_t n, size_t nonzeros);
void sl_dataset_lay(const struct sl_dataset *dataset, struct sl_rows *rows, char *memory, uint32_t n, size_t nonzeros);
int sl_dataset_take(const struct sl_dataset *dataset, const struct sl_rows *rows, const uint8_t *role,
                    enum sl_role wanted, struct sl_rows *to, struct sl_error *err);
/* The same without features: record numbers, and what is to be predicted. */
int sl_dataset_take_bare(const struct sl_dataset *dataset, const struct sl_rows *rows, const uint8_t *role,
                         enum sl_role wanted, struct sl_rows *to, struct sl_error *err);

#endif
