/* verify_result.c: the curves and the final figures, bit by bit; times are not compared. */
#include "verify_inner.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { RATE = 5, FIELDS };
static const char *const field_names[FIELDS] = { "loss",          "gradient_norm", "train_accuracy",
                                                 "test_accuracy", "test_loss",     "learning_rate" };

static double field(const struct sl_point *p, int i)
{
    const double values[FIELDS] = { p->loss,          p->gradient_norm, p->train_accuracy,
                                    p->test_accuracy, p->test_loss,     p->learning_rate };
    return values[i];
}

/* The field that differs first, FIELDS: rows or step; -1: none does. `a` may be of a file that knew no learning rate.
 */
static int differing(const struct sl_point *a, const struct sl_point *b)
{
    for (int i = 0; i < FIELDS; i++)
        if (!verify_same(field(a, i), field(b, i)) && !(i == RATE && isnan(field(a, i))))
            return i;
    return a->step != b->step || a->rows != b->rows ? FIELDS : -1;
}

static int put_point(struct verifying *v, struct sl_verify_row *row, size_t at, struct sl_error *err)
{
    const struct sl_point *then = at < v->run->n_points ? &v->run->points[at] : NULL,
                          *now = at < v->n_points ? &v->points[at] : NULL;
    char a[40], b[40];
    int which = then && now ? differing(then, now) : FIELDS;
    unsigned long long step = (unsigned long long)(then ? then : now)->step;
    if (which < FIELDS) {
        int status = verify_first(row, err, "step %llu, %s", step, field_names[which]);
        return status ? status : verify_reals(row, field(then, which), field(now, which), err);
    }
    snprintf(a, sizeof a, then ? "%llu rows" : "none", (unsigned long long)(then ? then->rows : 0));
    snprintf(b, sizeof b, now ? "%llu rows" : "none", (unsigned long long)(now ? now->rows : 0));
    int status = verify_first(row, err, "step %llu", step);
    return status ? status : verify_values(row, a, b, err);
}

/* Where it came to an end of its own. */
static int put_end(struct verifying *v, struct sl_error *err)
{
    bool failed = v->run->job == SL_JOB_FAILED;
    if (!v->own_end)
        return SL_OK;
    struct sl_verify_row *row = verify_row(v, "end", failed ? v->failed : v->converged, 1, err);
    if (!row || row->agree)
        return row ? SL_OK : SL_ENOMEM;
    return verify_values(row, failed ? "the loss was not finite" : "it was over",
                         v->failed      ? "the loss is not finite"
                         : v->converged ? "it is over"
                                        : "it goes on",
                         err);
}

int verify_points(struct verifying *v, struct sl_error *err)
{
    size_t then = v->run->n_points, now = v->n_points, n = then > now ? then : now, same = 0, first = n;
    for (size_t i = n; i-- > 0;) {
        bool agrees = i < then && i < now && differing(&v->run->points[i], &v->points[i]) < 0;
        same += agrees;
        first = agrees ? first : i;
    }
    struct sl_verify_row *row = verify_row(v, "points", same, n, err);
    if (!row)
        return SL_ENOMEM;
    int status = first < n ? put_point(v, row, first, err) : SL_OK;
    return status ? status : put_end(v, err);
}

/* --- final figures --- */

struct counting {
    struct verifying *v;
    uint64_t same, n;
    char name[160];
    double then, now; /* of the first that differs; name[0] says there is one */
};

static void figure(struct counting *c, double then, double now, const char *name, const char *of)
{
    bool agrees = verify_same(then, now);
    c->n++;
    c->same += agrees;
    if (agrees || c->name[0])
        return;
    snprintf(c->name, sizeof c->name, "%s%s%.100s", name, of ? " of " : "", of ? of : "");
    c->then = then;
    c->now = now;
}

static void metrics(struct counting *c, const struct sl_metrics *then, const struct sl_metrics *now, const char *set)
{
    figure(c, then->accuracy, now->accuracy, "accuracy", set);
    figure(c, then->log_loss, now->log_loss, "log loss", set);
    figure(c, then->roc_auc, now->roc_auc, "ROC AUC", set);
    figure(c, then->n_classes, now->n_classes, "number of classes", set);
    if (then->n_classes != now->n_classes)
        return;
    for (size_t i = 0; i < (size_t)then->n_classes * then->n_classes; i++)
        figure(c, (double)then->confusion[i], (double)now->confusion[i], "confusion", set);
    for (uint32_t k = 0; k < then->n_classes; k++) {
        figure(c, then->precision[k], now->precision[k], "precision", set);
        figure(c, then->recall[k], now->recall[k], "recall", set);
        figure(c, then->f1[k], now->f1[k], "f1", set);
    }
}

static void fit(struct counting *c, const struct sl_fit_figures *then, const struct sl_fit_figures *now,
                const char *set)
{
    figure(c, (double)then->n, (double)now->n, "records with a target", set);
    figure(c, then->mse, now->mse, "mean squared error", set);
    figure(c, then->mae, now->mae, "mean absolute error", set);
    figure(c, then->r2, now->r2, "R²", set);
}

static void figures(struct counting *c, const struct sl_result *then, const struct sl_result *now)
{
    static const char *const sets[] = { "the training records", "the test records", "the validation records" };
    const struct sl_metrics *const m[][2] = { { &then->train, &now->train },
                                              { &then->test, &now->test },
                                              { &then->validation, &now->validation } };
    const struct sl_fit_figures *const f[][2] = { { &then->fit_train, &now->fit_train },
                                                  { &then->fit_test, &now->fit_test },
                                                  { &then->fit_validation, &now->fit_validation } };
    const bool have[] = { true, then->have_test && now->have_test, then->have_validation && now->have_validation };
    for (int i = 0; i < 3; i++)
        if (have[i] && then->regression)
            fit(c, f[i][0], f[i][1], sets[i]);
        else if (have[i])
            metrics(c, m[i][0], m[i][1], sets[i]);
}

static void counts(struct counting *c, const struct sl_result *then)
{
    const struct verifying *v = c->v;
    const struct sl_run_result *now = sl_run_result(v->found);
    figure(c, (double)then->records, (double)now->records, "records", NULL);
    figure(c, (double)then->quarantined, (double)now->quarantined, "records quarantined", NULL);
    figure(c, (double)then->dropped, (double)now->dropped, "records dropped", NULL);
    figure(c, (double)then->n_train, (double)now->n_train, "training records", NULL);
    figure(c, (double)then->n_test, (double)now->n_test, "test records", NULL);
    figure(c, then->n_features, v->data->train.width, "features", NULL);
    figure(c, (double)then->nonzeros, (double)v->data->train.nonzeros, "non-zero features", NULL);
    figure(c, (double)then->steps, v->n_points ? (double)v->points[v->n_points - 1].step : 0, "steps", NULL);
}

int verify_result(struct verifying *v, struct sl_error *err)
{
    const struct sl_result *then = v->run->result;
    struct counting c = { .v = v };
    if (!then)
        return verify_first(verify_row(v, "final figures", 0, 0, err), err, "the training came to none");
    counts(&c, then);
    figures(&c, then, v->result);
    struct sl_verify_row *row = verify_row(v, "final figures", c.same, c.n, err);
    if (!row || !c.name[0])
        return row ? SL_OK : SL_ENOMEM;
    int status = verify_first(row, err, "%s", c.name);
    return status ? status : verify_reals(row, c.then, c.now, err);
}
