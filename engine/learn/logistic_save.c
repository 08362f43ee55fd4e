/* logistic_save.c: the whole state of a linear learner as bytes, and back: stepping on gives the same bits. */
#include "linear.h"

#include <string.h>

/* "LOG2"; "LOG1" had neither tuned parameters nor a place within an epoch. */
#define MAGIC_1 0x31474f4cu
#define MAGIC_2 0x32474f4cu

int logistic_save(const struct sl_learner *learner, struct sl_buf *to, struct sl_error *err)
{
    const struct linear *lin = (const struct linear *)learner;
    sl_buf_u32(to, MAGIC_2);
    sl_buf_u32(to, (uint32_t)lin->params->solver);
    sl_buf_u32(to, lin->outputs);
    sl_buf_u32(to, lin->width);
    sl_buf_u64(to, lin->step);
    sl_buf_u32(to, lin->converged);
    sl_buf_f64(to, lin->loss);
    sl_buf_f64(to, lin->gradient_norm);
    sl_buf_f64(to, lin->seconds);
    logistic_save_tuned(lin, to);
    sl_buf_blob(to, lin->w, (size_t)lin->outputs * lin->dim * sizeof *lin->w);
    lin->solver->save(lin, to);
    return to->failed ? sl_fail_memory(err, "a checkpoint") : SL_OK;
}

static int damaged(struct sl_error *err)
{
    sl_fail(err, SL_EFORMAT, "the saved weights are damaged");
    return sl_fix(err, "train again"), SL_EFORMAT;
}

static int other_model(const struct linear *lin, uint32_t solver, uint32_t outputs, uint32_t width,
                       struct sl_error *err)
{
    if (solver != (uint32_t)lin->params->solver)
        sl_fail(err, SL_EFORMAT, "the saved weights are of another solver");
    else if (width != lin->width)
        sl_fail(err, SL_EFORMAT, "the saved weights are for %u features, the data give %u now", width, lin->width);
    else
        sl_fail(err, SL_EFORMAT, "the saved weights are for other classes: %u outputs then, %u now", outputs,
                lin->outputs);
    return sl_fix(err, "train again"), SL_EFORMAT;
}

int logistic_load(struct sl_learner *learner, struct sl_str from, struct sl_error *err)
{
    struct linear *lin = (struct linear *)learner;
    struct sl_blob blob = { from.p, from.p + from.n, false };
    uint32_t magic = sl_blob_u32(&blob), solver = sl_blob_u32(&blob), outputs = sl_blob_u32(&blob),
             width = sl_blob_u32(&blob);
    if (blob.failed || (magic != MAGIC_1 && magic != MAGIC_2))
        return damaged(err);
    if (solver != (uint32_t)lin->params->solver || outputs != lin->outputs || width != lin->width)
        return other_model(lin, solver, outputs, width, err);
    uint64_t steps = sl_blob_u64(&blob);
    bool converged = sl_blob_u32(&blob) != 0;
    double loss = sl_blob_f64(&blob), norm = sl_blob_f64(&blob), seconds = sl_blob_f64(&blob);
    int tuned = magic != MAGIC_1 ? logistic_load_tuned(lin, &blob, err) : SL_OK;
    if (tuned)
        return tuned;
    struct sl_str w = sl_blob_bytes(&blob);
    if (blob.failed || w.n != (size_t)lin->outputs * lin->dim * sizeof *lin->w)
        return damaged(err);
    lin->step = steps;
    lin->converged = converged;
    lin->loss = loss;
    lin->gradient_norm = norm;
    lin->seconds = seconds;
    memcpy(lin->w, w.p, w.n);
    int status = lin->solver->load(lin, &blob, magic != MAGIC_1, err);
    if (!status && blob.failed)
        status = sl_fail(err, SL_EFORMAT, "the saved solver is damaged");
    for (uint32_t k = 0; k < lin->outputs && !status && lin->n; k++)
        linear_margins(lin, lin->w + (size_t)k * lin->dim, lin->z + k * lin->n);
    return status;
}
