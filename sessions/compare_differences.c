/* compare_differences.c: what differs between two trainings, and nothing else: data, environment, result. */
#include "compare_inner.h"
#include "live.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const char *const sl_difference_names[SL_DIFFERENT_KINDS] = { "data", "recipe", "parameter", "environment", "result" };

void sl_differences_release(struct sl_differences *d)
{
    for (size_t i = 0; i < d->n; i++) {
        free(d->at[i].name);
        free(d->at[i].first);
        free(d->at[i].second);
    }
    free(d->at);
    *d = (struct sl_differences){ 0 };
}

int difference_add(struct sl_differences *d, enum sl_difference_kind kind, struct sl_str name, const char *a,
                   const char *b, struct sl_error *err)
{
    if (d->n == d->capacity) {
        size_t capacity = d->capacity ? 2 * d->capacity : 16;
        struct sl_difference *more = realloc(d->at, capacity * sizeof *more);
        if (!more)
            return sl_fail_memory(err, "the differences");
        d->at = more;
        d->capacity = capacity;
    }
    struct sl_difference row = { kind, strndup(name.n ? name.p : "", name.n), a ? strdup(a) : NULL,
                                 b ? strdup(b) : NULL };
    d->at[d->n++] = row;
    return !row.name || (a && !row.first) || (b && !row.second) ? sl_fail_memory(err, "the differences") : SL_OK;
}

int difference_add_unless_same(struct sl_differences *d, enum sl_difference_kind kind, const char *name, const char *a,
                               const char *b, struct sl_error *err)
{
    return strcmp(a ? a : "", b ? b : "") == 0 ? SL_OK : difference_add(d, kind, sl_str(name), a, b, err);
}

/* --- data --- */

static void time_text(double when, char out[32])
{
    time_t seconds = (time_t)when;
    struct tm tm;
    if (isnan(when) || !gmtime_r(&seconds, &tm) || !strftime(out, 32, "%Y-%m-%d %H:%M:%S UTC", &tm))
        out[0] = '\0';
}

static int count_row(struct sl_differences *d, enum sl_difference_kind kind, const char *name, uint64_t a, uint64_t b,
                     struct sl_error *err)
{
    char x[32], y[32];
    snprintf(x, sizeof x, "%" PRIu64, a);
    snprintf(y, sizeof y, "%" PRIu64, b);
    return difference_add_unless_same(d, kind, name, x, y, err);
}

static int put_files(struct sl_differences *d, const struct sl_compared *a, const struct sl_compared *b,
                     struct sl_error *err)
{
    size_t n = a->n_files > b->n_files ? a->n_files : b->n_files;
    int status = SL_OK;
    for (size_t i = 0; i < n && !status; i++) {
        const struct sl_compared_file *x = i < a->n_files ? &a->files[i] : NULL,
                                      *y = i < b->n_files ? &b->files[i] : NULL;
        char size[2][32] = { "", "" }, modified[2][32] = { "", "" };
        if (x) {
            snprintf(size[0], sizeof size[0], "%" PRId64, x->size);
            time_text(x->modified, modified[0]);
        }
        if (y) {
            snprintf(size[1], sizeof size[1], "%" PRId64, y->size);
            time_text(y->modified, modified[1]);
        }
        status = difference_add_unless_same(d, SL_DIFFERENT_DATA, "path", x ? x->path : NULL, y ? y->path : NULL, err);
        if (!status)
            status =
                difference_add_unless_same(d, SL_DIFFERENT_DATA, "size", x ? size[0] : NULL, y ? size[1] : NULL, err);
        if (!status)
            status = difference_add_unless_same(d, SL_DIFFERENT_DATA, "modified", x ? modified[0] : NULL,
                                                y ? modified[1] : NULL, err);
    }
    return status;
}

static int put_data(struct sl_differences *d, const struct sl_compared *a, const struct sl_compared *b,
                    struct sl_error *err)
{
    char x[32] = "", y[32] = "";
    if (a->has_fingerprint)
        snprintf(x, sizeof x, "%016" PRIx64, a->fingerprint);
    if (b->has_fingerprint)
        snprintf(y, sizeof y, "%016" PRIx64, b->fingerprint);
    int status = difference_add_unless_same(d, SL_DIFFERENT_DATA, "fingerprint", x, y, err);
    if (!status)
        status = put_files(d, a, b, err);
    if (!status)
        status = count_row(d, SL_DIFFERENT_DATA, "records", a->records, b->records, err);
    if (!status)
        status = count_row(d, SL_DIFFERENT_DATA, "quarantined", a->quarantined, b->quarantined, err);
    return status ? status : count_row(d, SL_DIFFERENT_DATA, "dropped", a->dropped, b->dropped, err);
}

/* --- environment and result --- */

static const char *fact(const struct sl_compared *run, const char *name)
{
    for (size_t i = 0; i < run->n_environment; i++)
        if (strcmp(run->environment[i].name, name) == 0)
            return run->environment[i].value;
    return NULL;
}

static int put_environment(struct sl_differences *d, const struct sl_compared *a, const struct sl_compared *b,
                           struct sl_error *err)
{
    int status = SL_OK;
    for (size_t i = 0; i < a->n_environment && !status; i++)
        status = difference_add_unless_same(d, SL_DIFFERENT_ENVIRONMENT, a->environment[i].name,
                                            a->environment[i].value, fact(b, a->environment[i].name), err);
    for (size_t i = 0; i < b->n_environment && !status; i++)
        if (!fact(a, b->environment[i].name))
            status = difference_add_unless_same(d, SL_DIFFERENT_ENVIRONMENT, b->environment[i].name, NULL,
                                                b->environment[i].value, err);
    return status;
}

static int put_real(struct sl_differences *d, const char *name, double a, double b, struct sl_error *err)
{
    struct sl_buf x = { 0 }, y = { 0 };
    if (isfinite(a))
        sl_buf_number(&x, a);
    if (isfinite(b))
        sl_buf_number(&y, b);
    int status = x.failed || y.failed ? sl_fail_memory(err, "the differences")
                                      : difference_add_unless_same(d, SL_DIFFERENT_RESULT, name, x.p, y.p, err);
    sl_buf_release(&x);
    sl_buf_release(&y);
    return status;
}

enum { FIGURES = 17 };
static const char *const figure_names[FIGURES] = { "accuracy",
                                                   "log_loss",
                                                   "roc_auc",
                                                   "train_accuracy",
                                                   "train_log_loss",
                                                   "n_train",
                                                   "n_test",
                                                   "classes",
                                                   "features",
                                                   "nonzeros",
                                                   "steps",
                                                   "converged",
                                                   "r2",
                                                   "mean_absolute_error",
                                                   "train_r2",
                                                   "train_mean_absolute_error",
                                                   "n_validation" };

/* What the training found; times and memory differ between any two. */
static void figures_of(const struct sl_result *r, double out[FIGURES])
{
    for (int i = 0; i < FIGURES; i++)
        out[i] = (double)NAN;
    if (!r)
        return;
    if (r->have_test) {
        out[0] = r->test.accuracy;
        out[1] = r->test.log_loss;
        out[2] = r->test.roc_auc;
    }
    out[3] = r->train.accuracy;
    out[4] = r->train.log_loss;
    out[5] = (double)r->n_train;
    out[6] = (double)r->n_test;
    out[7] = r->train.n_classes;
    out[8] = r->n_features;
    out[9] = (double)r->nonzeros;
    out[10] = (double)r->steps;
    out[11] = r->converged;
    if (r->regression) {
        out[12] = r->have_test ? r->fit_test.r2 : (double)NAN;
        out[13] = r->have_test ? r->fit_test.mae : (double)NAN;
        out[14] = r->fit_train.r2;
        out[15] = r->fit_train.mae;
    }
    out[16] = (double)r->n_validation;
}

static int put_result(struct sl_differences *d, const struct sl_compared *a, const struct sl_compared *b,
                      struct sl_error *err)
{
    double x[FIGURES], y[FIGURES];
    figures_of(a->result, x);
    figures_of(b->result, y);
    int status =
        difference_add_unless_same(d, SL_DIFFERENT_RESULT, "state", sl_job_name(a->job), sl_job_name(b->job), err);
    for (int i = 0; i < FIGURES && !status; i++)
        status = put_real(d, figure_names[i], x[i], y[i], err);
    return status;
}

int sl_compare_differences(const struct sl_compared *first, const struct sl_compared *second,
                           struct sl_differences *out, struct sl_error *err)
{
    struct sl_differences d = { 0 };
    int status = put_data(&d, first, second, err);
    if (!status)
        status = differences_recipe(&d, first, second, err);
    if (!status)
        status = put_environment(&d, first, second, err);
    if (!status)
        status = put_result(&d, first, second, err);
    if (status)
        sl_differences_release(&d);
    else
        *out = d;
    return status;
}
