/* redraw.c: the rows that random stages start from, kept beside those a learner would take.
 *
 * The rows are those of one column as it comes to the first SL_AUGMENT stage. Where the stages from there on leave its
 * cells alone as long as nothing is drawn (rescale only says what a byte stands for), they are the very rows of the
 * dataset and take no room of their own. */
#include "redraw.h"

#include "dataset_private.h"

#include <stdlib.h>

static int refuse(const struct sl_stage *stage, struct sl_error *err)
{
    sl_fail(err, SL_ESCHEMA,
            "\"%s\" changes records anew in each epoch, which needs a learner that takes one column of "
            "pictures or vectors and nothing else",
            stage->class->name);
    sl_fix(err, "name that column to the learner, or delete \"%s\"", stage->class->name);
    return SL_ESCHEMA;
}

int sl_redraw_new(struct sl_dataset *d, struct sl_pipeline *p, int workers, struct sl_error *err)
{
    size_t first = sl_pipeline_random(p);
    const struct sl_stage *learner = sl_pipeline_find(p, SL_LEARNER);
    if (first == SIZE_MAX || !learner)
        return SL_OK;
    const struct sl_stage *stage = sl_pipeline_stage(p, first);
    const struct sl_field *field = &learner->in->fields[d->columns[0]];
    long before = sl_schema_find(stage->in, sl_str(field->name));
    if (d->n_columns != 1 || field->type != SL_VECTOR || before < 0 || stage->in->fields[before].type != SL_VECTOR)
        return refuse(stage, err);
    struct sl_redraw *r = calloc(1, sizeof *r);
    d->redraw = r;
    if (!r || !(r->seen = calloc((size_t)workers, sizeof *r->seen)))
        return sl_fail_memory(err, "the training rows");
    r->pipeline = p;
    r->before = (size_t)before;
    r->behind = d->columns[0];
    r->shape.regression = d->regression;
    return SL_OK;
}

void sl_redraw_free(struct sl_dataset *d)
{
    struct sl_redraw *r = d->redraw;
    if (!r)
        return;
    for (size_t i = 0; i < r->rows.n_blocks; i++)
        if (!r->rows.blocks[i].mapped_bytes &&
            (i >= d->train.n_blocks || r->rows.blocks[i].record != d->train.blocks[i].record))
            free(r->rows.blocks[i].record);
    free(r->rows.blocks);
    free(r->seen);
    free(r);
    d->redraw = NULL;
}

void sl_redraw_see(struct sl_redraw *r, const struct sl_chunk *chunk, int worker)
{
    r->seen[worker] = *chunk;
}

void sl_redraw_lay_out(struct sl_redraw *r)
{
    const struct sl_field *field =
        &sl_pipeline_stage(r->pipeline, sl_pipeline_random(r->pipeline))->in->fields[r->before];
    r->rows.layout = field->bytes ? SL_LAYOUT_BYTES : SL_LAYOUT_DENSE;
    r->rows.width = field->width;
    r->rows.scale = field->bytes ? field->scale : 1;
    r->rows.offset = field->bytes ? field->offset : 0;
    r->shape.train = r->rows;
    r->shape.columns = &r->before;
    r->shape.n_columns = 1;
}

int sl_redraw_take(struct sl_redraw *r, const struct sl_rows *rows, const uint8_t *role, int worker, struct sl_rows *to,
                   struct sl_error *err)
{
    const struct sl_chunk *seen = &r->seen[worker];
    const struct sl_column *column = &seen->columns[r->before];
    bool bytes = r->rows.layout == SL_LAYOUT_BYTES;
    if (bytes ? rows->bytes == column->bytes : rows->dense == column->vector)
        return SL_OK;
    struct sl_rows mine = *rows;
    mine.start = mine.index = NULL;
    mine.value = NULL;
    mine.bytes = bytes ? column->bytes : NULL;
    mine.dense = bytes ? NULL : column->vector;
    int status = sl_dataset_refuse_missing(&r->shape, seen, err);
    return status ? status : sl_dataset_take(&r->shape, &mine, role, SL_TRAIN, to, err);
}
