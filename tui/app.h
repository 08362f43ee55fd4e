/* app.h: the workbench: from the command line's options to the user's last key. */
#ifndef SL_TUI_APP_H
#define SL_TUI_APP_H

#include "screen.h"

struct app_options {
    const char *const *files; /* as given: data files, or one recipe, or one session; may be none */
    size_t n_files;
    bool start_training; /* once it is open */
    bool replay;         /* the session is played, from its beginning */
    const char *speed;   /* of it; NULL: 1 */
    bool attach;         /* the session is another process's: watch it, and have it steered */
    int threads;         /* ≤ 0: all cores */
    uint64_t memory;     /* bytes; 0: a quarter of RAM */
    size_t prefetch;     /* blocks */
    const char *session; /* where to keep the session; NULL: beside nothing else, in the current folder */
    struct screen_options screen;
};

/* Take the terminal, work until the user leaves, give it back. Errors: no terminal, or a file that cannot be opened
 * (its message is for the user once the terminal is restored). SL_ECANCEL when ended by a signal (SIGTERM, SIGHUP). */
int app_run(const struct app_options *options, struct sl_error *err);

#endif
