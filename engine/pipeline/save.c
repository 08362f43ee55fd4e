/* save.c: what a pipeline has learned, as one blob: for each fitted stage its name, version and model. */
#include "pipeline_private.h"

#include <stdio.h>
#include <stdlib.h>

#define MAGIC 0x314d4c53u /* "SLM1" */

static bool saves(const struct sl_stage *stage)
{
    return stage->class->save && stage->model && (sl_stage_fits(stage) || stage->class->kind == SL_TARGET);
}

int sl_pipeline_save(struct sl_pipeline *p, struct sl_buf *to, struct sl_error *err)
{
    sl_buf_u32(to, MAGIC);
    sl_buf_u32(to, (uint32_t)p->n);
    for (size_t i = 0; i < p->n; i++) {
        const struct sl_stage *stage = &p->stages[i];
        if (!saves(stage))
            continue;
        struct sl_buf model = { 0 };
        int status = stage->class->save(stage, &model, err);
        if (!status) {
            sl_buf_u32(to, (uint32_t)i);
            sl_buf_u32(to, (uint32_t)stage->class->version);
            sl_buf_blob(to, stage->class->name, strlen(stage->class->name));
            sl_buf_blob(to, model.p, model.n);
        }
        sl_buf_release(&model);
        if (status)
            return sl_stage_blame(stage, status, err);
    }
    return to->failed ? sl_fail_memory(err, "the fitted stages") : SL_OK;
}

static int damaged(struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "the saved stages are damaged or belong to another recipe");
    return sl_fix(err, "train again");
}

static int load_one(struct sl_pipeline *p, struct sl_blob *blob, struct sl_error *err)
{
    uint32_t i = sl_blob_u32(blob), version = sl_blob_u32(blob);
    struct sl_str name = sl_blob_bytes(blob), model = sl_blob_bytes(blob);
    if (blob->failed || i >= p->n)
        return damaged(err);
    struct sl_stage *stage = &p->stages[i];
    if (!sl_str_equal(name, sl_str(stage->class->name)) || !stage->class->load)
        return damaged(err);
    if (version != (uint32_t)stage->class->version) {
        sl_fail(err, SL_EFORMAT, "stage \"%s\" was fitted by version %u of its code, this is version %d",
                stage->class->name, version, stage->class->version);
        return sl_fix(err, "train again");
    }
    return sl_stage_blame(stage, stage->class->load(stage, model, err), err);
}

int sl_pipeline_load(struct sl_pipeline *p, struct sl_str from, struct sl_error *err)
{
    struct sl_blob blob = { from.p, from.p + from.n, false };
    if (sl_blob_u32(&blob) != MAGIC || sl_blob_u32(&blob) != (uint32_t)p->n)
        return damaged(err);
    while (blob.p < blob.end) {
        int status = load_one(p, &blob, err);
        if (status)
            return status;
    }
    sl_pipeline_settle(p);
    return SL_OK;
}
