/* compare_judge.c: is one better than the other? Only when a paired test says so.
 *
 * Pairs are trainings with the same seeds: what a lucky split gives to the one it gives to the other. When the seeds
 * split the same data anew, the test sets overlap and differences hang together: an ordinary t-test would see
 * differences where there are none; the variance is corrected for it (Nadeau and Bengio 2003, "Inference for the
 * generalization error"). Without any spread there is no t-test, and Wilcoxon's signed-rank test is asked. */
#include "compare_inner.h"
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LEAST_PAIRS = 3 };

struct pairs {
    double *d;
    size_t n;
    double share; /* of test to training records, over which splits overlap; 0: they do not */
};

static double last_value(const struct sl_compared *run, enum sl_metric metric)
{
    struct sl_summary summary;
    sl_compared_summary(run, metric, &summary);
    return summary.last;
}

/* Do the splits of the pairs differ? Then the share of test to training records counts. */
static int note_split(struct pairs *pairs, char **split, const struct sl_compared *run, struct sl_error *err)
{
    char *mine = compare_split_seed(run);
    if (!mine)
        return sl_fail_memory(err, "a judgement");
    if (!*split) {
        *split = mine;
        return SL_OK;
    }
    if (strcmp(mine, *split) != 0 && run->result && run->result->n_train)
        pairs->share = (double)run->result->n_test / (double)run->result->n_train;
    free(mine);
    return SL_OK;
}

static int pair_up(const struct sl_comparison *comparison, const struct sl_group *first, const struct sl_group *second,
                   enum sl_metric metric, struct pairs *out, struct sl_error *err)
{
    char **seed = calloc(second->n + 1, sizeof *seed), *split = NULL;
    bool *used = calloc(second->n + 1, sizeof *used);
    int status = SL_OK;
    *out = (struct pairs){ .d = calloc(first->n + 1, sizeof(double)) };
    if (!seed || !used || !out->d)
        status = sl_fail_memory(err, "a judgement");
    for (size_t k = 0; k < second->n && !status; k++)
        if (!(seed[k] = sl_compared_seed(&comparison->runs[second->member[k]])))
            status = sl_fail_memory(err, "a judgement");
    for (size_t i = 0; i < first->n && !status; i++) {
        const struct sl_compared *a = &comparison->runs[first->member[i]];
        char *mine = sl_compared_seed(a);
        if (!mine) {
            status = sl_fail_memory(err, "a judgement");
            break;
        }
        for (size_t k = 0; k < second->n; k++) {
            const struct sl_compared *b = &comparison->runs[second->member[k]];
            double d = last_value(b, metric) - last_value(a, metric);
            if (used[k] || strcmp(mine, seed[k]) != 0 || !isfinite(d))
                continue;
            used[k] = true;
            out->d[out->n++] = d;
            status = note_split(out, &split, a, err);
            break;
        }
        free(mine);
    }
    for (size_t k = 0; seed && k < second->n; k++)
        free(seed[k]);
    free(seed);
    free(split);
    free(used);
    return status;
}

static void decide(struct sl_judgement *out, enum sl_metric metric)
{
    if (!(out->p < SL_SIGNIFICANT) || out->difference == 0)
        return;
    out->verdict = (out->difference > 0) == sl_metric_rises(metric) ? SL_SECOND_BETTER : SL_FIRST_BETTER;
}

static void judge(const struct pairs *pairs, enum sl_metric metric, struct sl_judgement *out)
{
    struct paired_test test;
    paired_t(pairs->d, pairs->n, pairs->share, &test);
    bool spread = !isnan(test.p);
    if (!spread)
        wilcoxon(pairs->d, pairs->n, &test);
    out->difference = test.mean;
    out->p = test.p;
    snprintf(out->test, sizeof out->test, "%s", spread ? "paired t-test" : "Wilcoxon signed-rank");
    snprintf(out->reason, sizeof out->reason, "%zu pairs of equal seeds%s%s", pairs->n,
             spread ? "" : ", all with the same difference",
             spread && pairs->share > 0 ? ", corrected for splits that overlap" : "");
    decide(out, metric);
}

int sl_compare_groups(const struct sl_comparison *comparison, const struct sl_group *first,
                      const struct sl_group *second, enum sl_metric metric, struct sl_judgement *out,
                      struct sl_error *err)
{
    struct pairs pairs;
    *out = (struct sl_judgement){ .p = (double)NAN, .difference = (double)NAN };
    int status = pair_up(comparison, first, second, metric, &pairs, err);
    out->pairs = status ? 0 : pairs.n;
    if (!status && pairs.n >= LEAST_PAIRS) {
        judge(&pairs, metric, out);
    } else if (!status && first->n == 1 && second->n == 1) {
        snprintf(out->reason, sizeof out->reason, "one training each: repeat both with the same seeds, at least %d",
                 LEAST_PAIRS);
    } else if (!status) {
        snprintf(out->reason, sizeof out->reason, "%zu pair%s of equal seeds, of at least %d", pairs.n,
                 pairs.n == 1 ? "" : "s", LEAST_PAIRS);
    }
    free(pairs.d);
    return status;
}
