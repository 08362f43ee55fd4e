/* debug_look.c: the record at hand in the model: its features, what the model says of it and how wrong that is, and for
 * linear models what pushed it which way.
 *
 * The record's last chunk is joined and predicted by the code of training and prediction. For two classes the model has
 * one row of weights, which speak for the second; turned round they speak for the first. */
#include "debugger.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static bool same_columns(const struct sl_schema *a, const struct sl_schema *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->fields[i].name, b->fields[i].name) == 0 && a->fields[i].type == b->fields[i].type &&
               a->fields[i].width == b->fields[i].width;
    return same;
}

bool look_possible(struct debugger *d)
{
    struct sl_session *session = d->session;
    if (!session->fitted || !trained_ready(session))
        return false;
    const struct sl_stage *here = sl_pipeline_find(session->binding.shown, SL_LEARNER);
    const struct sl_stage *then = sl_pipeline_find(session->trained.pipeline, SL_LEARNER);
    return here && then && same_columns(here->in, then->in);
}

/* Log loss as in the metrics: probabilities are kept off 0 and 1 by the smallest spacing of doubles. */
double look_loss(double p)
{
    p = p < DBL_EPSILON ? DBL_EPSILON : p > 1 - DBL_EPSILON ? 1 - DBL_EPSILON : p;
    return -log(p);
}

static int by_push(const void *a, const void *b)
{
    const struct sl_push *x = a, *y = b;
    double p = fabs(x->push), q = fabs(y->push);
    if (p != q)
        return p < q ? 1 : -1;
    return (x->feature > y->feature) - (x->feature < y->feature);
}

static struct sl_str feature_name(const struct trained *t, uint32_t feature, struct sl_arena *arena)
{
    struct sl_buf name = { 0 };
    sl_dataset_feature(t->shape, t->pipeline, feature, &name);
    char *copy = name.failed ? NULL : sl_arena_strndup(arena, name.n ? name.p : "", name.n);
    struct sl_str out = { copy ? copy : "", copy ? name.n : 0 };
    sl_buf_release(&name);
    return out;
}

/* Weights that speak for the class predicted; *sign turns those of the other class round. */
static const double *find_weights(const struct trained *t, const struct sl_look *look, double *intercept, double *sign)
{
    const struct sl_learner_class *class = t->learner->class;
    *sign = 1;
    if (!class->weights || look->predicted == UINT32_MAX)
        return NULL;
    const double *w = class->weights(t->learner, look->predicted, intercept);
    if (!w && look->n_classes == 2 && look->predicted == 0) {
        w = class->weights(t->learner, 1, intercept);
        *sign = -1;
    }
    return w;
}

static int weigh(struct debugger *d, const struct sl_rows *rows, struct sl_error *err)
{
    const struct trained *t = &d->session->trained;
    struct sl_look *look = &d->look;
    double intercept = 0, sign;
    const double *w = find_weights(t, look, &intercept, &sign);
    struct sl_push *push = sl_arena_zero(&d->look_arena, (size_t)look->nonzeros + 1, sizeof *push);
    uint32_t *index = sl_arena_array(&d->look_arena, (size_t)look->nonzeros + 1, sizeof *index);
    float *values = sl_arena_array(&d->look_arena, (size_t)look->nonzeros + 1, sizeof *values);
    if (!push || !index || !values)
        return sl_fail_memory(err, "the record's features");
    sl_row_features(&t->shape->train, rows, 0, index, values);
    for (uint32_t k = 0; k < look->nonzeros; k++) {
        double value = (double)values[k], weight = w ? sign * w[index[k]] : (double)NAN;
        push[k] = (struct sl_push){ index[k], feature_name(t, index[k], &d->look_arena), value, weight,
                                    w ? value * weight : (double)NAN };
    }
    if (w)
        qsort(push, look->nonzeros, sizeof *push, by_push);
    look->linear = w != NULL;
    look->intercept = w ? sign * intercept : (double)NAN;
    look->push = push;
    look->n_push = look->nonzeros;
    return SL_OK;
}

/* A missing feature leaves nothing to predict from: all is NaN then. */
static int predict(struct debugger *d, const struct sl_rows *rows, struct sl_error *err)
{
    const struct trained *t = &d->session->trained;
    struct sl_look *look = &d->look;
    double *p = sl_arena_zero(&d->look_arena, (size_t)look->n_classes + 2, sizeof *p);
    bool whole;
    if (!p)
        return sl_fail_memory(err, "a prediction");
    whole = sl_row_complete(&t->shape->train, rows, 0);
    int status = whole ? t->learner->class->predict(t->learner, rows, p, err) : SL_OK;
    look->probability = p;
    look->predicted = whole && look->n_classes ? 0 : UINT32_MAX;
    for (uint32_t k = 0; k < look->n_classes; k++) {
        if (!whole)
            p[k] = (double)NAN;
        else if (p[k] > p[look->predicted])
            look->predicted = k;
    }
    look->loss = whole && look->truth < look->n_classes ? look_loss(p[look->truth]) : (double)NAN;
    return status;
}

int look_make(struct debugger *d, struct sl_error *err)
{
    const struct sl_step *here = sl_stepper_here(d->stepper);
    const struct trained *t = &d->session->trained;
    struct sl_rows rows;
    d->looked = false;
    if (!here->after || !look_possible(d))
        return sl_fail(err, SL_ESTATE, "the record does not get to a model");
    sl_arena_reset(&d->look_arena, 1u << 20);
    struct sl_chunk chunk = *here->after;
    chunk.arena = &d->look_arena;
    int status = sl_dataset_rows(t->shape, sl_pipeline_find(d->session->binding.shown, SL_TARGET), &chunk, &rows, err);
    if (status)
        return status;
    d->look = (struct sl_look){ .record = here->place.record,
                                .n_classes = t->shape->n_classes,
                                .truth = rows.y ? rows.y[0] : UINT32_MAX,
                                .classes = (const char *const *)t->shape->classes,
                                .nonzeros = sl_row_features(&t->shape->train, &rows, 0, NULL, NULL) };
    status = predict(d, &rows, err);
    if (!status)
        status = weigh(d, &rows, err);
    d->looked = !status;
    return status;
}
