/* batch_work.h: something that blocks, done beside a loop that shows progress and answers signals. */
#ifndef SL_TUI_BATCH_WORK_H
#define SL_TUI_BATCH_WORK_H

#include "batch.h"

struct batch_work {
    int (*work)(void *ctx, struct sl_error *err); /* on a thread of its own */
    void *ctx;
    struct sl_progress *progress; /* its `cancel` is set by a signal; may be NULL */
    /* Called ten times a second by the caller's thread meanwhile; false: cancel. May be NULL. */
    bool (*tick)(void *ctx);
};

/* Returns what work returned. */
int batch_work(const struct batch_work *work, struct sl_error *err);

/* What a run does now, for the progress line: phase, share of the phase, records a second since `began` (sl_now()). */
void batch_progress_state(const struct sl_progress *progress, uint64_t began, struct sl_train_state *out);
/* The same, drawn. phase: NULL: as the progress says. */
struct progress_bar;
void batch_progress_draw(struct progress_bar *bar, const struct sl_progress *progress, uint64_t began,
                         const char *phase);

#endif
