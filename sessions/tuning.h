/* tuning.h: parameters of the learner that were changed while it trained, and the steps from which they counted. */
#ifndef SL_SESSIONS_TUNING_H
#define SL_SESSIONS_TUNING_H

#include "book.h"
#include "events.h"

#include "sluice/learn.h"

/* Counts for the iterations after `step`. */
struct tuning {
    uint64_t step;
    char *parameter, *value;
};
struct tunings {
    struct tuning *at; /* in the order in which they took effect; steps never fall */
    size_t n, capacity;
    size_t next; /* the first one not yet applied */
};

/* Those of a run from step `from` on. The book must not be held by the caller's thread. */
int tunings_read(struct tunings *out, struct book *book, int64_t run, uint64_t from, struct sl_error *err);
/* Apply the next ones up to `step` iterations done: to be called between two iterations, before each one. */
int tunings_apply(struct tunings *tunings, uint64_t step, struct sl_learner *learner, struct sl_error *err);
void tunings_release(struct tunings *tunings);

/* What a parameter of a learner stood at after `step` iterations: the stage's, or what it was tuned to; NaN: the stage
 * has no such number, or no use for it. */
double tuning_value(const struct event_list *events, const struct sl_stage *stage, const char *parameter,
                    uint64_t step);

#endif
