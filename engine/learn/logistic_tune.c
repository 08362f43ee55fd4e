/* logistic_tune.c: which parameters of `logistic` may change while it trains, and their place in a saved state.
 *
 * Those that say how to look for the minimum may: learning_rate and batch_size of sgd and adam, tol, max_iter. Those
 * that say what is minimised may not: the losses before and after could not be compared, nor the result explained. */
#include "linear.h"

#include "sluice/text.h"

#include <math.h>
#include <stdio.h>

static int unknown(const struct sl_stage *stage, const char *parameter, struct sl_error *err)
{
    const char *names[32] = { NULL };
    size_t n = 0;
    for (const struct sl_param *row = stage->class->params; row->kind && n < 31; row++)
        if (logistic_tunable(stage, row->name, NULL, NULL) == SL_OK)
            names[n++] = row->name;
    const char *near = sl_nearest(sl_str(parameter), names);
    sl_fail(err, SL_EPARAM, "\"%s\" has no parameter \"%s\"", stage->class->name, parameter);
    if (near)
        return sl_fix(err, "did you mean \"%s\"?", near), SL_EPARAM;
    return sl_fix(err, "these may change while it trains: learning_rate, batch_size, tol, max_iter"), SL_EPARAM;
}

static int refused(const struct logistic_params *p, const char *name, struct sl_error *err)
{
    bool batches = p->solver == SOLVER_SGD || p->solver == SOLVER_ADAM;
    if (strcmp(name, "tol") == 0 || strcmp(name, "max_iter") == 0)
        return SL_OK;
    if (strcmp(name, "learning_rate") == 0 || strcmp(name, "batch_size") == 0) {
        if (batches)
            return SL_OK;
        sl_fail(err, SL_EPARAM, "solver=%s has no \"%s\"", p->solver == SOLVER_LBFGS ? "lbfgs" : "liblinear", name);
        return sl_fix(err, "tune tol or max_iter, or train anew with solver=sgd or solver=adam"), SL_EPARAM;
    }
    if (strcmp(name, "C") == 0 || strcmp(name, "class_weight") == 0 || strcmp(name, "fit_intercept") == 0)
        sl_fail(err, SL_EPARAM, "\"%s\" cannot change while it trains: losses before and after would not compare",
                name);
    else
        sl_fail(err, SL_EPARAM, "\"%s\" cannot change while it trains: it is settled when the training begins", name);
    return sl_fix(err, "stop, then: set logistic.%s=…, and train anew", name), SL_EPARAM;
}

/* Into params, when it may be. */
static int put(const struct sl_stage *stage, struct logistic_params *params, const char *parameter, const char *value,
               struct sl_error *err)
{
    const struct sl_param *row = sl_param_find(stage->class->params, sl_str(parameter));
    int status = row ? refused(params, row->name, err) : unknown(stage, parameter, err);
    if (status || !value)
        return status;
    struct sl_arena arena;
    sl_arena_init(&arena);
    status = sl_param_set(row, params, sl_str(value), &arena, err);
    sl_arena_release(&arena);
    if (status && err && !err->param[0])
        snprintf(err->param, sizeof err->param, "%s", row->name);
    return status;
}

int logistic_tunable(const struct sl_stage *stage, const char *parameter, const char *value, struct sl_error *err)
{
    struct logistic_params trial = *(const struct logistic_params *)stage->params;
    return put(stage, &trial, parameter, value, err);
}

int logistic_tune(struct sl_learner *learner, const char *parameter, const char *value, struct sl_error *err)
{
    struct linear *lin = (struct linear *)learner;
    const struct sl_stage stage = { .class = learner->class->stage, .params = &lin->own };
    struct logistic_params next = lin->own;
    int status = put(&stage, &next, parameter, value, err);
    if (!status && learner->class->within(learner))
        status = sl_fail(err, SL_ESTATE, "\"%s\" cannot change within an iteration", parameter);
    if (!status)
        lin->own = next;
    return status;
}

double logistic_setting(const struct sl_learner *learner, const char *parameter)
{
    const struct linear *lin = (const struct linear *)learner;
    const struct sl_param *row = sl_param_find(learner->class->stage->params, sl_str(parameter));
    const char *at = row ? (const char *)&lin->own + row->offset : NULL;
    bool own = strcmp(parameter, "learning_rate") == 0 || strcmp(parameter, "batch_size") == 0;
    if (!row || (own && refused(&lin->own, parameter, NULL)))
        return (double)NAN;
    if (row->kind == SL_PARAM_INT)
        return (double)*(const int64_t *)(const void *)at;
    return row->kind == SL_PARAM_REAL ? *(const double *)(const void *)at : (double)NAN;
}

void logistic_save_tuned(const struct linear *lin, struct sl_buf *to)
{
    sl_buf_f64(to, lin->own.learning_rate);
    sl_buf_f64(to, lin->own.tol);
    sl_buf_u64(to, (uint64_t)lin->own.max_iter);
    sl_buf_u64(to, (uint64_t)lin->own.batch_size);
}

int logistic_load_tuned(struct linear *lin, struct sl_blob *from, struct sl_error *err)
{
    double rate = sl_blob_f64(from), tol = sl_blob_f64(from);
    uint64_t steps = sl_blob_u64(from), batch = sl_blob_u64(from);
    if (from->failed || !(rate > 0 && rate <= 1e6) || !(tol > 0 && tol <= 1) || !steps || steps > 1000000000 ||
        !batch || batch > 1000000000)
        return sl_fail(err, SL_EFORMAT, "the saved parameters are damaged");
    lin->own.learning_rate = rate;
    lin->own.tol = tol;
    lin->own.max_iter = (int64_t)steps;
    lin->own.batch_size = (int64_t)batch;
    return SL_OK;
}
