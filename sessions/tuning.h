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

/* What a parameter of the pipeline's learner stood at after `step` iterations (UINT64_MAX: now): as given, or
 * what it was tuned to, and where its schedule had brought it by then; the run has come to iteration `last` of `total`;
 * NaN: there is no such number, or no use for it. */
double tuning_value(const struct event_list *events, struct sl_pipeline *pipeline, const char *parameter, uint64_t step,
                    uint64_t last, uint64_t total);
/* A number among the learner's settings, as they are written; NaN: there is none of that name. */
double tuning_setting(struct sl_pipeline *pipeline, const char *parameter);

#endif
