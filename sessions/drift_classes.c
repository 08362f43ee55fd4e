/* drift_classes.c: how the classes' shares have changed: the chi-square test of homogeneity (Pearson 1900).
 *
 * The old counts are the rows of the result's confusion matrices; the new ones were counted by the names in the label's
 * column. */
#include "drift_inner.h"
#include "statistics.h"

#include <stdlib.h>

static uint64_t old_count(const struct sl_result *r, uint32_t k)
{
    uint64_t n = 0;
    for (uint32_t j = 0; j < r->train.n_classes; j++) {
        size_t at = (size_t)k * r->train.n_classes + j;
        n += r->train.confusion[at] + (r->have_test ? r->test.confusion[at] : 0);
    }
    return n;
}

int drift_classes(const struct sl_compared *run, const struct look *after, struct sl_drift *d, struct sl_error *err)
{
    const struct sl_result *r = run->result;
    uint32_t known = r ? r->train.n_classes : 0;
    if (!r || !after->cleaned)
        return SL_OK;
    size_t most = known + after->n_classes + 1;
    d->classes = calloc(most, sizeof *d->classes);
    double *counts = calloc(2 * most, sizeof *counts);
    bool whole = d->classes && counts;
    for (uint32_t k = 0; k < known && whole; k++) {
        uint32_t id = sl_vocab_find(after->classes, sl_str(r->classes[k]));
        d->classes[d->n_classes++] = (struct sl_drift_class){ strdup(r->classes[k]), old_count(r, k),
                                                              id == SL_NO_TERM ? 0 : after->class_count[id] };
    }
    for (uint32_t id = 0; id < after->n_classes && whole; id++) {
        struct sl_str name = sl_vocab_term(after->classes, id);
        bool old = false;
        for (uint32_t k = 0; k < known && !old; k++)
            old = sl_str_equal(name, sl_str(r->classes[k]));
        if (!old)
            d->classes[d->n_classes++] =
                (struct sl_drift_class){ strndup(name.n ? name.p : "", name.n), 0, after->class_count[id] };
    }
    for (size_t i = 0; i < d->n_classes && whole; i++) {
        whole = d->classes[i].name;
        counts[i] = (double)d->classes[i].before;
        counts[most + i] = (double)d->classes[i].after;
    }
    if (whole)
        d->p = homogeneity_p(counts, counts + most, d->n_classes, &d->chi_square, &d->df);
    free(counts);
    return whole ? SL_OK : sl_fail_memory(err, "a drift report");
}
