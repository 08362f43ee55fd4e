/* verify_learnt.c: what was learned, as the file has it, against what is learned again. */
#include "verify_inner.h"

#include <stdio.h>
#include <stdlib.h>

/* --- the stages' models --- */

static int models(struct verifying *v, struct sl_error *err)
{
    uint64_t then[SL_MAX_STAGES] = { 0 }, now[SL_MAX_STAGES] = { 0 }, n = 0, same = 0;
    bool had[SL_MAX_STAGES] = { false }, has[SL_MAX_STAGES] = { false };
    size_t first = SL_MAX_STAGES;
    bool whole = sl_digest_models((struct sl_str){ v->stages.p, v->stages.n }, then, had);
    sl_digest_models((struct sl_str){ v->stages_now.p, v->stages_now.n }, now, has);
    int status = SL_OK;
    for (size_t i = SL_MAX_STAGES; i-- > 0 && !status;) {
        const struct kept_digest *kept = kept_find(v, "model", i + 1);
        bool agrees = had[i] && has[i] && then[i] == now[i];
        n += had[i] || has[i];
        same += agrees;
        first = (had[i] || has[i]) && !agrees ? i : first;
        if (kept && (!whole || !had[i] || kept->hash != then[i]))
            status = verify_reason(v, SL_CAUSE_FILE, err,
                                   "the model of stage %zu in the file is not what the training put there", i + 1);
    }
    struct sl_verify_row *row = status ? NULL : verify_row(v, "models", same, n, err);
    if (!row)
        return SL_ENOMEM;
    if (first == SL_MAX_STAGES)
        return SL_OK;
    status = verify_first(row, err, "stage %zu, \"%.120s\"", first + 1, verify_statement(v, first + 1));
    return status ? status : verify_hashes(row, then[first], now[first], err);
}

/* --- the weights --- */

struct weighing {
    uint64_t n, same;
    bool differs;
    uint32_t class, feature; /* the first that differs; feature = width: the intercept */
    double then, now;
};

static void weigh(struct weighing *w, uint32_t class, uint32_t feature, double then, double now)
{
    bool agrees = verify_same(then, now);
    w->n++;
    w->same += agrees;
    if (agrees || w->differs)
        return;
    w->differs = true;
    w->class = class;
    w->feature = feature;
    w->then = then;
    w->now = now;
}

static void weigh_all(struct verifying *v, const struct sl_learner *then, struct weighing *w)
{
    uint32_t width = v->data->train.width;
    for (uint32_t k = 0; k < v->data->n_classes; k++) {
        double a0 = 0, b0 = 0;
        const double *a = then->class->weights(then, k, &a0), *b = v->model->class->weights(v->model, k, &b0);
        for (uint32_t j = 0; a && b && j < width; j++)
            weigh(w, k, j, a[j], b[j]);
        if (a && b)
            weigh(w, k, width, a0, b0);
    }
}

static int put_weights(struct verifying *v, const struct weighing *w, struct sl_error *err)
{
    struct sl_buf name = { 0 };
    struct sl_verify_row *row = verify_row(v, "weights", w->same, w->n, err);
    int status = row ? SL_OK : SL_ENOMEM;
    if (status || !w->differs)
        return status;
    sl_buf_puts(&name, w->feature < v->data->train.width ? "of \"" : "the intercept");
    if (w->feature < v->data->train.width) {
        sl_dataset_feature(v->data, v->pipeline, w->feature, &name);
        sl_buf_putc(&name, '"');
    }
    if (v->data->n_classes > 2 && w->class < v->data->n_classes)
        sl_buf_printf(&name, " (class %s)", v->data->classes[w->class]);
    status = name.failed ? sl_fail_memory(err, "verifying") : verify_first(row, err, "%.*s", (int)name.n, name.p);
    sl_buf_release(&name);
    return status ? status : verify_reals(row, w->then, w->now, err);
}

/* Of a network, in the order of its file of weights. */
static int all_weights(struct verifying *v, const struct sl_learner *then, const struct kept_digest *kept,
                       struct sl_error *err)
{
    float *a = NULL, *b = NULL;
    size_t n = 0, n_now = 0, same = 0, first = SIZE_MAX;
    int status = then->class->copy_weights(then, &a, &n, err);
    if (!status)
        status = v->model->class->copy_weights(v->model, &b, &n_now, err);
    for (size_t i = 0; !status && i < n && i < n_now; i++) {
        bool agrees = memcmp(&a[i], &b[i], sizeof *a) == 0;
        same += agrees;
        first = !agrees && first == SIZE_MAX ? i : first;
    }
    struct sl_verify_row *row = status ? NULL : verify_row(v, "weights", same, n > n_now ? n : n_now, err);
    if (!status && !row)
        status = SL_ENOMEM;
    if (!status && first != SIZE_MAX)
        status = verify_first(row, err, "weight %zu", first + 1);
    if (!status && first != SIZE_MAX)
        status = verify_reals(row, (double)a[first], (double)b[first], err);
    if (!status && kept && sl_digest_bytes(a, n * sizeof *a) != kept->hash)
        status =
            verify_reason(v, SL_CAUSE_FILE, err, "the weights in the file are not those that the training put there");
    free(a);
    free(b);
    return status;
}

/* The learner as the file has it. */
static int load_then(struct verifying *v, struct sl_dataset **shape, struct sl_learner **out, struct sl_error *err)
{
    const struct sl_stage *stage = sl_pipeline_find(v->pipeline, SL_LEARNER);
    int status = sl_dataset_shape(shape, v->pipeline, err);
    if (!status)
        status = v->model->class->begin(out, v->pipeline, stage, *shape, v->pool, 0, err);
    return status ? status : (*out)->class->load(*out, (struct sl_str){ v->learner.p, v->learner.n }, err);
}

static int weights(struct verifying *v, struct sl_error *err)
{
    struct sl_dataset *shape = NULL;
    struct sl_learner *then = NULL;
    struct weighing w = { 0 };
    struct sl_error own = SL_ERROR_INIT;
    const struct kept_digest *kept = kept_find(v, "weights", 0);
    uint64_t hash = 0;
    int status = load_then(v, &shape, &then, &own);
    if (status) {
        struct sl_verify_row *row = verify_row(v, "weights", 0, 1, err);
        status = status == SL_ENOMEM ? sl_fail_memory(err, "verifying") : verify_first(row, err, "%s", own.what);
    } else if (then->class->copy_weights) {
        status = all_weights(v, then, kept, err);
    } else if (then->class->weights) {
        weigh_all(v, then, &w);
        status = put_weights(v, &w, err);
        if (!status && kept && sl_digest_weights(then, v->data->n_classes, v->data->train.width, &hash) &&
            hash != kept->hash)
            status = verify_reason(v, SL_CAUSE_FILE, err,
                                   "the weights in the file are not those that the training put there");
    }
    if (then)
        then->class->free(then);
    sl_dataset_free(shape);
    return status;
}

int verify_learnt(struct verifying *v, struct sl_error *err)
{
    if (!v->learner.n)
        return verify_first(verify_row(v, "weights", 0, 0, err), err, "the training left no model");
    int status = models(v, err);
    return status ? status : weights(v, err);
}
