/* signals.h: signals turned into something the main loop can wait for, and the terminal put right when all is lost.
 *
 * The signals are blocked everywhere but inside signals_poll(), so threads started by the program never see them. */
#ifndef SL_TUI_SIGNALS_H
#define SL_TUI_SIGNALS_H

#include "sluice/error.h"

#include <poll.h>

enum {
    SIGNAL_RESIZE = 1,    /* SIGWINCH */
    SIGNAL_STOP = 2,      /* SIGTSTP */
    SIGNAL_CONTINUE = 4,  /* SIGCONT */
    SIGNAL_INTERRUPT = 8, /* SIGINT */
    SIGNAL_END = 16,      /* SIGTERM, SIGQUIT */
    SIGNAL_HANGUP = 32,   /* SIGHUP */
};

/* Install the handlers. `rescue` is called in the handler of a fatal signal, before the process dies of it: it may call
 * async-signal-safe functions only. */
int signals_open(void (*rescue)(void), struct sl_error *err);
/* The handlers and mask from before. */
void signals_close(void);
/* From now on, also after signals_close(), SIGHUP means nothing to this process. */
void signals_outlive_terminal(void);
/* poll() during which signals arrive; one of them ends it early. */
int signals_poll(struct pollfd *fds, nfds_t n, int timeout_ms);
/* Bits of what arrived since the last call. */
unsigned signals_take(void);
/* Readable when signals_take() has something. */
int signals_fd(void);
/* Stop the process group as the terminal's ^Z would; returns when continued. */
void signals_stop(void);

#endif
