/* draw.c: the stages from the first random one on, as training records go through them: each pass another draw.
 *
 * A run applies what every record gets; this is what a training record gets instead, made again at any time from the
 * record as it came to the first random stage. It depends on the draw and the record's number alone. */
#include "pipeline_private.h"

size_t sl_pipeline_random(const struct sl_pipeline *p)
{
    return p->random;
}

int sl_stage_draw(const struct sl_stage *stage, void *scratch, const struct sl_draw *draw, struct sl_chunk *chunk,
                  struct sl_error *err)
{
    struct sl_chunk after;
    int status = sl_chunk_share(&after, chunk, err);
    if (!status && stage->class->augment)
        status = stage->class->augment(stage, scratch, draw, &after, err);
    if (status)
        return sl_stage_blame(stage, status, err);
    after.schema = &stage->out;
    *chunk = after;
    return SL_OK;
}

int sl_pipeline_draw(struct sl_pipeline *p, struct sl_scratch *scratch, const struct sl_draw *draw,
                     const struct sl_chunk *in, struct sl_chunk *out, struct sl_error *err)
{
    struct sl_chunk chunk = *in;
    size_t end = sl_pipeline_end(p);
    int status = SL_OK;
    for (size_t i = p->random; i < end && !status; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (stage->class->kind == SL_AUGMENT)
            status = sl_stage_draw(stage, scratch->stage[i], draw, &chunk, err);
        else if (sl_stage_applies(stage, &chunk))
            status = sl_stage_apply(stage, scratch->stage[i], SL_APPLY_WHOLE, &chunk, NULL, err);
    }
    *out = chunk;
    return status;
}
