/* app_headless.c: a training outlives the terminal it was started in.
 *
 * When the terminal goes away (SIGHUP, or it reads as hung up) while a training runs that is kept in a file, the
 * workbench leaves its screen, lets go of the terminal and stays as a process without one, until the training has
 * ended; `sluice attach` shows and steers it meanwhile, SIGTERM stops it. Without a training, or with one that is held
 * and nobody could go on with from here, the session is saved and closed, as for any other end. */
#include "app_private.h"

#include "replay.h"

#include "batch.h"
#include "log.h"
#include "signals.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

enum { TICK_MS = 1000 };

static void let_go(int least, int most)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = least; nowhere >= 0 && fd <= most; fd++) {
        dup2(nowhere, fd);
    }
    if (nowhere > STDERR_FILENO) {
        close(nowhere);
    }
}

static bool trains(struct app *app)
{
    struct sl_train_state state;
    if (!app->session || !sl_session_path(app->session) || sl_session_followed(app->session, NULL)) {
        return false;
    }
    sl_session_train_state(app->session, &state);
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING;
}

void app_hang_up(struct app *app, bool terminal_gone)
{
    replay_close(app); /* what lies behind may train */
    struct termios settings;
    bool gone = terminal_gone || tcgetattr(STDIN_FILENO, &settings) != 0;
    if (app->headless) {
        return;
    }
    app->quit = true;
    if (!trains(app)) {
        sl_fail(&app->end, SL_ECANCEL,
                terminal_gone ? "the terminal went away; the session is saved"
                              : "ended by a signal; the session is saved");
        return;
    }
    app->headless = true;
    signals_outlive_terminal();
    if (gone) { /* what is sent to restore it goes nowhere */
        let_go(STDIN_FILENO, STDOUT_FILENO);
    }
}

static bool busy(struct app *app)
{
    struct sl_train_state state;
    sl_session_train_state(app->session, &state);
    return state.job == SL_JOB_PREPARING || state.job == SL_JOB_TRAINING || state.job == SL_JOB_PAUSED;
}

void app_headless(struct app *app)
{
    struct sl_error err = SL_ERROR_INIT;
    log_release();
    if (isatty(STDERR_FILENO)) { /* a signal sent by somebody: the terminal is there still */
        batch_note("the training goes on in process %ld; watch it with: sluice attach %s", (long)getpid(),
                   sl_session_path(app->session));
    }
    let_go(STDIN_FILENO, STDERR_FILENO);
    if (batch_signals_open(&err)) {
        return; /* closing saves it */
    }
    for (sl_session_poll(app->session); busy(app) && !batch_signal(); sl_session_poll(app->session)) {
        struct pollfd fds[] = { { .fd = sl_session_fd(app->session), .events = POLLIN },
                                { .fd = batch_signal_fd(), .events = POLLIN } };
        poll(fds, 2, TICK_MS);
    }
}
