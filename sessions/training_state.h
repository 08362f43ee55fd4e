/* training_state.h: how far a training is, from what is committed alone. */
#ifndef SL_SESSIONS_TRAINING_STATE_H
#define SL_SESSIONS_TRAINING_STATE_H

#include "sluice/session.h"

/* What is known at some moment of a run. */
struct train_facts {
    double prepared;      /* seconds of preparing: event prepared; 0 unknown */
    double max_iter, tol; /* the learner's, as tuned; NaN or 0: none */
    const struct sl_point *points;
    size_t n_points;
};

/* Fraction, pace and waiting of a training that is held or over. out->job is set; phase and error are left alone. */
void train_state_settled(const struct train_facts *facts, struct sl_train_state *out);

#endif
