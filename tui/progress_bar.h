/* progress_bar.h: one line at the foot of a terminal that says how far the work is. */
#ifndef SL_TUI_PROGRESS_BAR_H
#define SL_TUI_PROGRESS_BAR_H

#include "sluice/mem.h"

struct progress_view {
    const char *phase;
    double fraction;                            /* 0..1; NaN unknown */
    double rate;                                /* records a second; NaN or 0: not shown */
    double eta;                                 /* seconds; NaN unknown */
    uint64_t step;                              /* 0: none yet */
    double loss, train_accuracy, test_accuracy; /* NaN: not shown */
};

/* The line as text of at most `width` columns; what does not fit is left out, the rightmost first. */
void progress_text(const struct progress_view *view, int width, bool utf8, struct sl_buf *out);

struct progress_bar {
    int fd; /* -1: show nothing */
    bool utf8;
    int shown;    /* columns on the screen now */
    uint64_t due; /* sl_now() before which nothing is drawn */
};

/* On standard error when that is a terminal, else silent. */
void progress_bar_init(struct progress_bar *bar);
/* Draw over the last; at most ten times a second. */
void progress_bar_draw(struct progress_bar *bar, const struct progress_view *view);
/* Leave an empty line, for other text. */
void progress_bar_clear(struct progress_bar *bar);

#endif
