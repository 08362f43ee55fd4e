/* text_stage.h: what the stages share that rewrite text cells one by one. */
#ifndef SLUICE_STAGES_TEXT_STAGE_H
#define SLUICE_STAGES_TEXT_STAGE_H

#include "sluice/stage.h"

/* What a stage keeps that needs to know its columns only; stage->state. */
struct sl_bound_columns {
    size_t *column;
    size_t n;
};

/* bind() for a stage that keeps its columns' types; types 0: any. */
int sl_bind_columns(struct sl_stage *stage, const struct sl_names *names, unsigned types, const struct sl_schema *in,
                    struct sl_error *err);
/* The same for every column, the target too; types is what they may be. */
int sl_bind_all(struct sl_stage *stage, unsigned types, const struct sl_schema *in, struct sl_error *err);
/* unbind() for it. */
void sl_unbind_columns(struct sl_stage *stage);

/* A cell's new text in *cell, borrowed from the old one or in the arena. It is left alone when nothing changes. */
typedef int sl_text_function(const void *ctx, struct sl_arena *arena, struct sl_str *cell, struct sl_error *err);

/* Apply a function to every cell that has a value. A column without a change stays the very array it was. An error gets
 * the record it belongs to. */
int sl_map_text(struct sl_chunk *chunk, size_t column, sl_text_function *function, const void *ctx,
                struct sl_error *err);

/* For a stage whose only parameter is its text columns: struct, table and bind; and apply with the stage's function. */
struct sl_text_params {
    struct sl_names columns;
};
extern const struct sl_text_params sl_text_defaults;
extern const struct sl_param sl_text_params[];
int sl_bind_text(struct sl_stage *stage, const struct sl_schema *in, struct sl_schema *out, struct sl_error *err);
int sl_apply_text(const struct sl_stage *stage, struct sl_chunk *chunk, sl_text_function *function,
                  struct sl_error *err);

/* No byte above 127? */
bool sl_is_ascii(struct sl_str s);
/* Lengthen the message by where the record came from. Returns err->status, or `status` when err is NULL. */
int sl_error_record(struct sl_error *err, int status, const struct sl_origin *origin);

#endif
