/* metrics.c: final figures of a classifier. Definitions and edge cases are those of sklearn.metrics: precision, recall
 * and F1 are 0 where undefined; log loss clips probabilities to the smallest double spacing from 0 and 1; ROC AUC is
 * the Mann–Whitney statistic with ties counted half, for more than two classes the plain mean of one against the rest.
 */
#include "metrics_private.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* One class against the rest. */
static double roc_auc(struct sl_scored *rows, uint64_t n, const double *p, const uint32_t *y, uint64_t total,
                      uint32_t n_classes, uint32_t class)
{
    uint64_t at = 0;
    for (uint64_t i = 0; i < total; i++)
        if (y[i] < n_classes)
            rows[at++] = (struct sl_scored){ p[i * n_classes + class], y[i] == class };
    return sl_auc(rows, rows + n, at);
}

static void count(struct sl_metrics *m, const double *p, const uint32_t *y, uint64_t n)
{
    uint32_t k = m->n_classes;
    double loss = 0;
    uint64_t right = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (y[i] >= k)
            continue;
        const double *row = p + i * k;
        uint32_t best = 0;
        double sum = 0;
        for (uint32_t c = 0; c < k; c++) {
            best = row[c] > row[best] ? c : best;
            sum += row[c];
        }
        m->n++;
        m->confusion[(size_t)y[i] * k + best]++;
        right += best == y[i];
        loss -= log(fmin(fmax(row[y[i]] / (sum > 0 ? sum : 1), DBL_EPSILON), 1 - DBL_EPSILON));
    }
    m->accuracy = m->n ? (double)right / (double)m->n : NAN;
    m->log_loss = m->n ? loss / (double)m->n : NAN;
}

static void by_class(struct sl_metrics *m)
{
    uint32_t k = m->n_classes;
    for (uint32_t c = 0; c < k; c++) {
        uint64_t hit = m->confusion[(size_t)c * k + c], predicted = 0, actual = 0;
        for (uint32_t j = 0; j < k; j++) {
            predicted += m->confusion[(size_t)j * k + c];
            actual += m->confusion[(size_t)c * k + j];
        }
        m->precision[c] = predicted ? (double)hit / (double)predicted : 0;
        m->recall[c] = actual ? (double)hit / (double)actual : 0;
        m->f1[c] = predicted + actual ? 2 * (double)hit / (double)(predicted + actual) : 0;
    }
}

static double mean_auc(const struct sl_metrics *m, struct sl_scored *rows, const double *p, const uint32_t *y,
                       uint64_t n)
{
    double sum = 0;
    if (m->n_classes == 2)
        return roc_auc(rows, m->n, p, y, n, 2, 1);
    for (uint32_t c = 0; c < m->n_classes; c++)
        sum += roc_auc(rows, m->n, p, y, n, m->n_classes, c);
    return sum / m->n_classes;
}

int sl_metrics_compute(struct sl_metrics *out, const double *probabilities, const uint32_t *y, uint64_t n,
                       uint32_t n_classes, struct sl_error *err)
{
    size_t k = n_classes;
    struct sl_metrics m = { .n_classes = n_classes,
                            .confusion = calloc(k * k + 1, sizeof(uint64_t)),
                            .precision = calloc(k + 1, sizeof(double)),
                            .recall = calloc(k + 1, sizeof(double)),
                            .f1 = calloc(k + 1, sizeof(double)) };
    struct sl_scored *rows = malloc((2 * n + 1) * sizeof *rows);
    if (!m.confusion || !m.precision || !m.recall || !m.f1 || !rows) {
        free(rows);
        sl_metrics_release(&m);
        return sl_fail_memory(err, "metrics");
    }
    count(&m, probabilities, y, n);
    by_class(&m);
    m.roc_auc = m.n ? mean_auc(&m, rows, probabilities, y, n) : NAN;
    free(rows);
    *out = m;
    return SL_OK;
}

void sl_metrics_release(struct sl_metrics *metrics)
{
    free(metrics->confusion);
    free(metrics->precision);
    free(metrics->recall);
    free(metrics->f1);
    *metrics = (struct sl_metrics){ 0 };
}
