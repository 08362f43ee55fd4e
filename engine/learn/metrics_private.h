/* metrics_private.h: the area under a curve, apart from the figures that are counts. */
#ifndef SL_METRICS_PRIVATE_H
#define SL_METRICS_PRIVATE_H

#include "sluice/learn.h"

struct sl_scored {
    double score;
    bool positive;
};

/* Area under the ROC curve of rows, which are used up, as is `spare` (n more); NaN when one side is empty. */
double sl_auc(struct sl_scored *rows, struct sl_scored *spare, uint64_t n);

#endif
