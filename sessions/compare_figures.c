/* compare_figures.c: the figures of a training by metric, its curve in few values, and bands over repeated seeds. */
#include "sluice/compare.h"

#include <math.h>
#include <stdlib.h>

const char *const sl_metric_names[SL_METRICS + 1] = { "test_accuracy", "train_accuracy", "test_loss",
                                                      "loss",          "gradient_norm",  NULL };

enum sl_metric sl_metric_find(const char *name)
{
    int metric = 0;
    while (metric < SL_METRICS && strcmp(name, sl_metric_names[metric]) != 0)
        metric++;
    return (enum sl_metric)metric;
}

bool sl_metric_rises(enum sl_metric metric)
{
    return metric == SL_METRIC_TEST_ACCURACY || metric == SL_METRIC_TRAIN_ACCURACY;
}

double sl_metric_value(const struct sl_point *point, enum sl_metric metric)
{
    switch (metric) {
    case SL_METRIC_TEST_ACCURACY: return point->test_accuracy;
    case SL_METRIC_TRAIN_ACCURACY: return point->train_accuracy;
    case SL_METRIC_TEST_LOSS: return point->test_loss;
    case SL_METRIC_LOSS: return point->loss;
    case SL_METRIC_GRADIENT: return point->gradient_norm;
    default: return (double)NAN;
    }
}

void sl_compared_summary(const struct sl_compared *run, enum sl_metric metric, struct sl_summary *out)
{
    *out = (struct sl_summary){ .last = (double)NAN, .best = (double)NAN, .seconds = run->seconds };
    for (size_t i = 0; i < run->n_points; i++) {
        double value = sl_metric_value(&run->points[i], metric);
        out->steps = run->points[i].step;
        if (!isfinite(value))
            continue;
        out->last = value;
        if (isnan(out->best) || (sl_metric_rises(metric) ? value > out->best : value < out->best)) {
            out->best = value;
            out->best_step = run->points[i].step;
        }
    }
    if (isnan(out->seconds) && run->n_points)
        out->seconds = run->points[run->n_points - 1].seconds;
}

void sl_compared_sketch(const struct sl_compared *run, enum sl_metric metric, double *out, size_t width)
{
    for (size_t k = 0; k < width; k++) {
        size_t begin = run->n_points * k / width, end = run->n_points * (k + 1) / width, n = 0;
        double sum = 0;
        end = end > begin || begin >= run->n_points ? end : begin + 1;
        for (size_t i = begin; i < end; i++) {
            double value = sl_metric_value(&run->points[i], metric);
            sum += isfinite(value) ? value : 0;
            n += isfinite(value) ? 1 : 0;
        }
        out[k] = n ? sum / (double)n : (double)NAN;
    }
}

static int by_step(const void *a, const void *b)
{
    uint64_t x = ((const struct sl_band *)a)->step, y = ((const struct sl_band *)b)->step;
    return (x > y) - (x < y);
}

/* Every value the runs have, as bands of one, in rising steps; within a step in the order of the runs. */
static size_t gather(const struct sl_comparison *comparison, const struct sl_group *group, enum sl_metric metric,
                     struct sl_band *out)
{
    size_t n = 0;
    for (size_t m = 0; m < group->n; m++) {
        const struct sl_compared *run = &comparison->runs[group->member[m]];
        for (size_t i = 0; i < run->n_points; i++) {
            double value = sl_metric_value(&run->points[i], metric);
            if (isfinite(value))
                out[n++] = (struct sl_band){ .step = run->points[i].step, .n = 1, .mean = value };
        }
    }
    if (n)
        qsort(out, n, sizeof *out, by_step);
    return n;
}

int sl_group_band(const struct sl_comparison *comparison, const struct sl_group *group, enum sl_metric metric,
                  struct sl_band **out, size_t *n, struct sl_error *err)
{
    size_t most = 0, bands = 0;
    for (size_t m = 0; m < group->n; m++)
        most += comparison->runs[group->member[m]].n_points;
    struct sl_band *band = calloc(most + 1, sizeof *band);
    if (!band)
        return sl_fail_memory(err, "the band of a group");
    size_t values = gather(comparison, group, metric, band);
    for (size_t i = 0; i < values;) {
        size_t end = i + 1;
        double sum = band[i].mean, squares = 0;
        for (; end < values && band[end].step == band[i].step; end++)
            sum += band[end].mean;
        double mean = sum / (double)(end - i);
        for (size_t k = i; k < end; k++)
            squares += (band[k].mean - mean) * (band[k].mean - mean);
        band[bands++] = (struct sl_band){ .step = band[i].step,
                                          .n = (uint32_t)(end - i),
                                          .mean = mean,
                                          .sd = end - i > 1 ? sqrt(squares / (double)(end - i - 1)) : (double)NAN };
        i = end;
    }
    *out = band;
    *n = bands;
    return SL_OK;
}
