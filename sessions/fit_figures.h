/* fit_figures.h: the final figures of a regression. */
#ifndef SL_SESSIONS_FIT_FIGURES_H
#define SL_SESSIONS_FIT_FIGURES_H

#include "sluice/session.h"

/* Of a matrix with targets, by a learner that predicts one number a row. */
int fit_figures(const struct sl_learner *learner, const struct sl_matrix *matrix, struct sl_pool *pool,
                struct sl_fit_figures *out, struct sl_error *err);

#endif
