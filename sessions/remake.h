/* remake.h: a training's data and model made again from recipe, data and weights, to ask it about its test records. */
#ifndef SL_SESSIONS_REMAKE_H
#define SL_SESSIONS_REMAKE_H

#include "live.h"

struct remaking {
    /* Given. */
    const char *recipe, *base; /* statements, one a line; the folder its paths are relative to */
    const char *label;         /* of the session, for messages */
    struct sl_buf weights;     /* the learner's state; owned */
    /* Made. */
    struct sl_arena arena;
    struct sl_pipeline *pipeline;
    struct sl_dataset *data;
    struct sl_run *found;
    struct sl_learner *learner;
};
/* The learner's state of a run into r->weights. SL_ESTATE: it has none. */
int remake_weights(struct remaking *r, struct book *book, int64_t run, struct sl_error *err);
int remake(struct remaking *r, const struct sl_run_options *options, struct sl_error *err);
void remaking_release(struct remaking *r);
/* Statements of a recipe's text, in arena; their lines are their numbers. */
int remake_statements(const char *recipe, const char *base, struct sl_arena *arena, struct sl_statement **out,
                      size_t *n, struct sl_error *err);

#endif
